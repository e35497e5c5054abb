/* Tickets: once, for half a minute, and bounded in number. */
#include "auth/ticket.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static struct pl_slice slice_of(const char *text)
{
    return (struct pl_slice){(const uint8_t *)text, strlen(text)};
}

static const struct grant sample = {
    .board = 1, .link = 2, .user = 3, .expires_ms = 4, .role = PL_ROLE_EDITOR, .name = "Ana"};

static void a_ticket_is_good_once(void **state)
{
    struct tickets *tickets = tickets_new(pl_mem_libc());
    char text[TICKET_TEXT_BYTES];
    struct grant grant;
    (void)state;
    assert_int_equal(tickets_issue(tickets, &sample, 1000, text), PL_OK);
    assert_int_equal(tickets_take(tickets, slice_of(text), 1001, &grant), PL_OK);
    assert_int_equal(grant.board, 1);
    assert_int_equal(grant.link, 2);
    assert_int_equal(grant.user, 3);
    assert_int_equal(grant.expires_ms, 4);
    assert_int_equal(grant.role, PL_ROLE_EDITOR);
    assert_string_equal(grant.name, "Ana");
    assert_int_equal(tickets_take(tickets, slice_of(text), 1001, &grant), PL_TICKET);
    tickets_free(tickets);
}

static void a_ticket_is_good_for_half_a_minute(void **state)
{
    struct tickets *tickets = tickets_new(pl_mem_libc());
    char first[TICKET_TEXT_BYTES];
    char second[TICKET_TEXT_BYTES];
    struct grant grant;
    (void)state;
    assert_int_equal(tickets_issue(tickets, &sample, 1000, first), PL_OK);
    assert_int_equal(tickets_issue(tickets, &sample, 2000, second), PL_OK);
    assert_int_equal(tickets_take(tickets, slice_of(first), 1000 + PL_TICKET_MS, &grant),
                     PL_TICKET);
    assert_int_equal(tickets_take(tickets, slice_of(second), 1999 + PL_TICKET_MS, &grant), PL_OK);
    tickets_free(tickets);
}

static void a_guessed_ticket_is_refused_and_spoils_nothing(void **state)
{
    struct tickets *tickets = tickets_new(pl_mem_libc());
    char text[TICKET_TEXT_BYTES];
    char guess[TICKET_TEXT_BYTES];
    struct grant grant;
    (void)state;
    assert_int_equal(tickets_issue(tickets, &sample, 0, text), PL_OK);
    memcpy(guess, text, sizeof guess);
    guess[30] = guess[30] == 'A' ? 'B' : 'A'; /* the map's key is right, the rest is not */
    assert_int_equal(tickets_take(tickets, slice_of(guess), 0, &grant), PL_TICKET);
    assert_int_equal(tickets_take(tickets, slice_of(""), 0, &grant), PL_TICKET);
    assert_int_equal(tickets_take(tickets, slice_of("short"), 0, &grant), PL_TICKET);
    assert_int_equal(tickets_take(tickets, slice_of(text), 0, &grant), PL_OK);
    tickets_free(tickets);
}

/* Whoever asks for tickets without end must not keep others from theirs. */
static void waiting_tickets_are_bounded_and_the_newest_are_good(void **state)
{
    struct tickets *tickets = tickets_new(pl_mem_libc());
    char first[TICKET_TEXT_BYTES];
    char text[TICKET_TEXT_BYTES];
    struct grant grant;
    (void)state;
    assert_int_equal(tickets_issue(tickets, &sample, 0, first), PL_OK);
    for (uint32_t i = 0; i < 1u << 17; i++)
        assert_int_equal(tickets_issue(tickets, &sample, 0, text), PL_OK);
    assert_int_equal(tickets_take(tickets, slice_of(first), 0, &grant), PL_TICKET);
    assert_int_equal(tickets_take(tickets, slice_of(text), 0, &grant), PL_OK);
    tickets_free(tickets);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_ticket_is_good_once),
        cmocka_unit_test(a_ticket_is_good_for_half_a_minute),
        cmocka_unit_test(a_guessed_ticket_is_refused_and_spoils_nothing),
        cmocka_unit_test(waiting_tickets_are_bounded_and_the_newest_are_good),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
