/* A board's links through the routes: who may list, make, change and withdraw them, and what it does to those who are on
 * the board by them. */
#include "auth/base64url.h"
#include "base/log.h"
#include "base/role.h"
#include "tests/support/api_board.h"
#include "tests/support/core_check.h"
#include "tests/support/held_writer.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

struct fixture {
    struct api_world *world;
    struct api_board board;
};

static int set_up(void **state)
{
    static struct fixture fixture;
    log_set(LOG_LEVEL_SILENT, NULL, NULL);
    fixture.world = api_world_new(NULL, 0, NULL);
    api_board_make(fixture.world, &fixture.board);
    *state = &fixture;
    return 0;
}

static int tear_down(void **state)
{
    api_world_free(((struct fixture *)*state)->world);
    return 0;
}

static unsigned ask(struct fixture *fixture, enum api_method method, const char *below,
                    const char *token, const char *body)
{
    return api_board_ask(fixture->world, method, &fixture->board, below, token, body);
}

static void expect_code(const struct fixture *fixture, const char *code)
{
    char said[512];
    api_world_cut(fixture->world, "\"code\":\"", "\"", said);
    assert_string_equal(said, code);
}

static size_t count(const char *text, const char *what)
{
    size_t n = 0;
    for (const char *at = text; (at = strstr(at, what)) != NULL; at++)
        n++;
    return n;
}

static void an_owner_makes_a_link_that_opens_the_board_in_its_role(void **state)
{
    static const char *const roles[] = {"owner", "facilitator", "editor", "commenter", "viewer"};
    struct fixture *fixture = *state;
    for (size_t i = 0; i < 5; i++) {
        struct api_link link;
        enum pl_role role;
        api_board_link(fixture->world, &fixture->board, roles[i], 0, &link);
        struct core_peer *peer = api_board_visit(fixture->world, &fixture->board, link.token);
        assert_true(role_named(api_text(roles[i]), &role));
        assert_int_equal(peer->told_role, role);
        core_peer_free(peer);
    }
}

static void a_facilitator_sees_and_gives_no_more_than_they_have(void **state)
{
    struct fixture *fixture = *state;
    struct api_link facilitator;
    api_board_link(fixture->world, &fixture->board, "facilitator", 0, &facilitator);
    assert_int_equal(ask(fixture, API_GET, "", fixture->board.owner.token, ""), 200);
    assert_int_equal(count(fixture->world->body, "\"link\":"), 4);
    assert_int_equal(ask(fixture, API_GET, "", facilitator.token, ""), 200);
    assert_int_equal(count(fixture->world->body, "\"link\":"), 3);
    assert_null(strstr(fixture->world->body, "\"role\":\"owner\""));
    assert_int_equal(ask(fixture, API_POST, "", facilitator.token, "{\"role\":\"owner\"}"), 403);
    assert_int_equal(ask(fixture, API_POST, "", facilitator.token, "{\"role\":\"facilitator\"}"),
                     201);
    assert_int_equal(
        ask(fixture, API_PUT, facilitator.id, facilitator.token, "{\"role\":\"owner\"}"), 403);
    /* an owner's link is absent to them: the same answer as for one that never was */
    char absent[sizeof fixture->world->body];
    assert_int_equal(ask(fixture, API_DELETE, "AAAAAAAAAAE", facilitator.token, ""), 404);
    strcpy(absent, fixture->world->body);
    assert_int_equal(ask(fixture, API_DELETE, fixture->board.owner.id, facilitator.token, ""), 404);
    assert_string_equal(fixture->world->body, absent);
}

static void whoever_rules_nothing_is_refused_and_recorded(void **state)
{
    static const char *const roles[] = {"editor", "commenter", "viewer"};
    struct fixture *fixture = *state;
    char record[4096];
    for (size_t i = 0; i < 3; i++) {
        struct api_link link;
        api_board_link(fixture->world, &fixture->board, roles[i], 0, &link);
        assert_int_equal(ask(fixture, API_GET, "", link.token, ""), 403);
        expect_code(fixture, "perm");
        assert_int_equal(ask(fixture, API_POST, "", link.token, "{\"role\":\"viewer\"}"), 403);
        assert_int_equal(ask(fixture, API_DELETE, link.id, link.token, ""), 403);
    }
    api_board_record(fixture->world, fixture->board.board, false, record, sizeof record);
    assert_int_equal(count(record, "refused editor perm 1\n"), 3);
    assert_int_equal(count(record, "refused "), 9);
}

static void a_guessed_board_answers_like_one_that_is_absent(void **state)
{
    struct fixture *fixture = *state;
    struct api_board absent = {.id = "AAAAAAAAAAE"}, nonsense = {.id = "not-an-id"};
    struct api_board foreign;
    char here[sizeof fixture->world->body], ticket[TICKET_TEXT_BYTES];
    api_board_make(fixture->world, &foreign);
    const char *tokens[] = {"forged", "", foreign.owner.token};
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(ask(fixture, API_GET, "", tokens[i], ""), 401);
        strcpy(here, fixture->world->body);
        assert_int_equal(api_board_ask(fixture->world, API_GET, &absent, "", tokens[i], ""), 401);
        assert_string_equal(fixture->world->body, here);
        assert_int_equal(api_board_ask(fixture->world, API_GET, &nonsense, "", tokens[i], ""), 401);
        assert_string_equal(fixture->world->body, here);
        assert_int_equal(api_board_ticket(fixture->world, &fixture->board, tokens[i], ticket), 401);
        assert_string_equal(fixture->world->body, here);
        assert_int_equal(api_board_ticket(fixture->world, &absent, tokens[i], ticket), 401);
        assert_string_equal(fixture->world->body, here);
    }
}

static void a_withdrawn_link_sends_its_people_away_and_nobody_else(void **state)
{
    struct fixture *fixture = *state;
    struct api_link link, other;
    char ticket[TICKET_TEXT_BYTES];
    api_board_link(fixture->world, &fixture->board, "editor", 0, &link);
    api_board_link(fixture->world, &fixture->board, "editor", 0, &other);
    struct core_peer *gone = api_board_visit(fixture->world, &fixture->board, link.token);
    struct core_peer *stays = api_board_visit(fixture->world, &fixture->board, other.token);
    struct core_peer *late = core_peer_new(fixture->world->core, 9, "Late", PL_ROLE_EDITOR);
    assert_int_equal(api_board_ticket(fixture->world, &fixture->board, link.token, ticket), 200);

    assert_int_equal(ask(fixture, API_DELETE, link.id, fixture->board.owner.token, ""), 200);
    assert_null(strstr(fixture->world->body, "\"url\""));
    struct core_peer *all[] = {gone, stays};
    core_peers_settle(fixture->world->core, all, 2);
    assert_true(gone->closed);
    assert_int_equal(gone->error, PL_REVOKED);
    assert_int_equal(gone->ws_status, 1008);
    assert_false(stays->closed);

    core_peer_hello_with(late, ticket); /* got before, used after */
    core_peers_settle(fixture->world->core, &late, 1);
    assert_true(late->closed);
    assert_int_equal(late->error, PL_TICKET);
    assert_int_equal(api_board_ticket(fixture->world, &fixture->board, link.token, ticket), 403);
    expect_code(fixture, "revoked");
    assert_int_equal(ask(fixture, API_DELETE, link.id, fixture->board.owner.token, ""),
                     200); /* again */
    assert_int_equal(
        ask(fixture, API_PUT, link.id, fixture->board.owner.token, "{\"role\":\"viewer\"}"), 403);
    core_peer_free(late);
    core_peer_free(gone);
    core_peer_free(stays);
}

static void a_changed_role_holds_at_once_for_those_who_are_here(void **state)
{
    struct fixture *fixture = *state;
    struct api_link link;
    api_board_link(fixture->world, &fixture->board, "editor", 0, &link);
    struct core_peer *peer = api_board_visit(fixture->world, &fixture->board, link.token);
    core_peer_edit(peer, "[[1, 3, {1: [5, 6]}]]");
    core_peers_settle(fixture->world->core, &peer, 1);
    assert_int_equal(peer->rejects, 0);

    assert_int_equal(
        ask(fixture, API_PUT, link.id, fixture->board.owner.token, "{\"role\":\"viewer\"}"), 200);
    core_peer_edit(peer, "[[1, 3, {1: [7, 8]}]]"); /* in the same moment, not yet told */
    core_peers_settle(fixture->world->core, &peer, 1);
    assert_int_equal(peer->told_role, PL_ROLE_VIEWER);
    assert_int_equal(peer->reject_code, PL_PERM);
    assert_false(peer->closed);

    assert_int_equal(
        ask(fixture, API_PUT, link.id, fixture->board.owner.token, "{\"role\":\"facilitator\"}"),
        200);
    core_peers_settle(fixture->world->core, &peer, 1);
    assert_int_equal(peer->told_role, PL_ROLE_FACILITATOR);
    core_peer_free(peer);
}

static void a_link_ends_with_its_time_and_can_be_prolonged(void **state)
{
    struct fixture *fixture = *state;
    struct api_link link;
    char ticket[TICKET_TEXT_BYTES];
    api_board_link(fixture->world, &fixture->board, "viewer", 10000, &link);
    struct core_peer *peer = api_board_visit(fixture->world, &fixture->board, link.token);
    core_loop_advance(fixture->world->core->loop, 11000);
    core_peers_settle(fixture->world->core, &peer, 1);
    assert_true(peer->closed);
    assert_int_equal(peer->error, PL_EXPIRED);
    assert_int_equal(api_board_ticket(fixture->world, &fixture->board, link.token, ticket), 403);
    expect_code(fixture, "expired");
    assert_int_equal(ask(fixture, API_PUT, link.id, fixture->board.owner.token, "{\"lasts_ms\":0}"),
                     200);
    assert_int_equal(api_board_ticket(fixture->world, &fixture->board, link.token, ticket), 200);
    core_peer_free(peer);
}

static void a_board_always_keeps_an_owner(void **state)
{
    struct fixture *fixture = *state;
    const char *own = fixture->board.owner.id;
    struct api_link second;
    assert_int_equal(ask(fixture, API_DELETE, own, fixture->board.owner.token, ""), 400);
    expect_code(fixture, "state");
    assert_int_equal(
        ask(fixture, API_PUT, own, fixture->board.owner.token, "{\"role\":\"editor\"}"), 400);
    assert_int_equal(ask(fixture, API_PUT, own, fixture->board.owner.token, "{\"lasts_ms\":5000}"),
                     400);
    api_board_link(fixture->world, &fixture->board, "owner", 5000,
                   &second); /* one that ends is not enough */
    assert_int_equal(ask(fixture, API_DELETE, own, fixture->board.owner.token, ""), 400);
    api_board_link(fixture->world, &fixture->board, "owner", 0, &second);
    assert_int_equal(ask(fixture, API_DELETE, own, fixture->board.owner.token, ""), 200);
    assert_int_equal(ask(fixture, API_GET, "", fixture->board.owner.token, ""), 403);
    assert_int_equal(ask(fixture, API_GET, "", second.token, ""), 200);
}

struct answers {
    unsigned made, full, n;
};

static void answered(void *user, struct api_response *response)
{
    struct answers *answers = user;
    answers->made += response->status == 201;
    answers->full += response->status == 507;
    answers->n++;
    api_response_done(response);
}

static void ask_for_another(struct fixture *fixture, struct answers *answers)
{
    char path[64], header[160];
    snprintf(path, sizeof path, "/api/boards/%s/links", fixture->board.id);
    snprintf(header, sizeof header, "Bearer %s", fixture->board.owner.token);
    struct api_request request = api_world_request(API_POST, path);
    request.authorization = api_text(header);
    request.body = api_text("{\"role\":\"viewer\"}");
    (void)api_begin(fixture->world->api, &request, answered, answers);
}

static void row_put(void *user, enum pl_status status)
{
    CORE_CHECK(status == PL_OK);
    ++*(unsigned *)user;
}

static bool rows_are_put(void *user)
{
    return *(const unsigned *)user == LINKS_MAX - 5;
}

static bool two_are_answered(void *user)
{
    return ((const struct answers *)user)->n == 2;
}

static void a_board_has_so_many_links_and_no_more_however_fast_they_are_asked_for(void **state)
{
    struct fixture *fixture = *state;
    const struct links *links = &fixture->world->links;
    struct answers answers = {0};
    unsigned n = 0;
    for (uint64_t i = 1; i <= LINKS_MAX - 5; i++) { /* beside the board's own three: one more may be */
        const struct link_row row = {.link = i, .board = fixture->board.board, .role = PL_ROLE_VIEWER};
        const struct audit_entry entry = {.board = row.board, .act = AUDIT_LINK_MADE, .link = i};
        links->put(links->self, &row, &entry, row_put, &n);
    }
    CORE_CHECK(core_loop_until(fixture->world->core->loop, rows_are_put, &n));
    assert_int_equal(ask(fixture, API_POST, "", fixture->board.owner.token, "{\"role\":\"viewer\"}"), 201);
    ask_for_another(fixture, &answers);
    ask_for_another(fixture, &answers);
    CORE_CHECK(core_loop_until(fixture->world->core->loop, two_are_answered, &answers));
    assert_int_equal(answers.made, 1);
    assert_int_equal(answers.full, 1);
}

static void drained(void *user)
{
    *(bool *)user = true;
}

static bool is_true(void *user)
{
    return *(const bool *)user;
}

/* Or it would come back to what is not there any more when the server ends. */
static void draining_waits_for_what_is_on_its_way_to_the_disk(void **state)
{
    struct fixture *fixture = *state;
    struct core_loop *loop = fixture->world->core->loop;
    struct answers answers = {0};
    bool over = false;
    struct held_writer *held = writer_hold(fixture->world->core);
    ask_for_another(fixture, &answers);
    api_drain(fixture->world->api, drained, &over);
    core_loop_turn(loop);
    assert_false(over);
    writer_let_go(held);
    CORE_CHECK(core_loop_until(loop, is_true, &over));
    assert_int_equal(answers.made, 1);
}

static void nonsense_changes_nothing(void **state)
{
    static const char *const bodies[] = {"{",
                                         "[]",
                                         "{}",
                                         "{\"role\":\"none\"}",
                                         "{\"role\":\"king\"}",
                                         "{\"role\":5}",
                                         "{\"role\":\"viewer\",\"lasts_ms\":-1}",
                                         "{\"role\":\"viewer\",\"lasts_ms\":1.5}",
                                         "{\"role\":\"viewer\",\"lasts_ms\":\"1\"}",
                                         "{\"role\":\"viewer\",\"lasts_ms\":9007199254740991}"};
    struct fixture *fixture = *state;
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++)
        assert_int_equal(ask(fixture, API_POST, "", fixture->board.owner.token, bodies[i]), 400);
    assert_int_equal(ask(fixture, API_GET, "", fixture->board.owner.token, ""), 200);
    assert_int_equal(count(fixture->world->body, "\"link\":"), 3);
}

static void what_was_done_to_links_is_on_record_without_any_token(void **state)
{
    struct fixture *fixture = *state;
    struct api_link link;
    char record[4096];
    api_board_link(fixture->world, &fixture->board, "commenter", 0, &link);
    assert_int_equal(
        ask(fixture, API_PUT, link.id, fixture->board.owner.token, "{\"role\":\"viewer\"}"), 200);
    struct core_peer *peer = api_board_visit(fixture->world, &fixture->board, link.token);
    for (unsigned i = 0; i < 5; i++)
        core_peer_edit(peer, "[[1, 3, {}]]");
    core_peers_settle(fixture->world->core, &peer, 1);
    assert_int_equal(ask(fixture, API_DELETE, link.id, fixture->board.owner.token, ""), 200);
    api_board_record(fixture->world, fixture->board.board, true, record, sizeof record);
    assert_string_equal(record, "board_made none ok 1\n"
                                "link_made commenter ok 1\n"
                                "link_changed viewer ok 1\n"
                                "link_revoked viewer ok 1\n");
    api_board_record(fixture->world, fixture->board.board, false, record, sizeof record);
    assert_string_equal(record, "joined viewer ok 1\nrefused viewer perm 1\n"); /* five are one */
    core_peer_free(peer);

    /* neither token stands anywhere in the data folder, whole or in part, in text or in bytes */
    char path[128];
    uint8_t bytes[62];
    static uint8_t file[8u << 20];
    const char *tokens[] = {link.token, fixture->board.owner.token};
    snprintf(path, sizeof path, "%s/plenum.mdb", fixture->world->core->dir);
    FILE *in = fopen(path, "rb");
    assert_non_null(in);
    size_t n = fread(file, 1, sizeof file, in);
    fclose(in);
    assert_true(n > 4096 && n < sizeof file);
    for (size_t i = 0; i < 2; i++) {
        assert_true(base64url_read(api_text(tokens[i]), bytes, sizeof bytes));
        assert_null(memmem(file, n, tokens[i] + 43, 16));
        assert_null(memmem(file, n, bytes + 30, 8)); /* the signature */
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_owner_makes_a_link_that_opens_the_board_in_its_role),
        TEST(a_facilitator_sees_and_gives_no_more_than_they_have),
        TEST(whoever_rules_nothing_is_refused_and_recorded),
        TEST(a_guessed_board_answers_like_one_that_is_absent),
        TEST(a_withdrawn_link_sends_its_people_away_and_nobody_else),
        TEST(a_changed_role_holds_at_once_for_those_who_are_here),
        TEST(a_link_ends_with_its_time_and_can_be_prolonged),
        TEST(a_board_always_keeps_an_owner),
        TEST(a_board_has_so_many_links_and_no_more_however_fast_they_are_asked_for),
        TEST(draining_waits_for_what_is_on_its_way_to_the_disk),
        TEST(nonsense_changes_nothing),
        TEST(what_was_done_to_links_is_on_record_without_any_token),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
