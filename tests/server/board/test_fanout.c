/* The ring and its outlets: order, barriers, lossy frames, falling behind, and memory given
 * back. */
#include "board/fanout.h"
#include "proto/limits.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Counts live blocks, so that a test sees what is kept. */
static long live;

static void *resize(void *user, void *block_or_null, size_t bytes)
{
    (void)user;
    if (bytes == 0) {
        live -= block_or_null != NULL;
        free(block_or_null);
        return NULL;
    }
    live += block_or_null == NULL;
    return realloc(block_or_null, bytes);
}

static const struct pl_mem mem = {.resize = resize};

struct ear {
    struct outlet *outlet;
    uint32_t wake_n, drained_n;
};

static void wake(void *user)
{
    ((struct ear *)user)->wake_n++;
}

static void drained(void *user)
{
    ((struct ear *)user)->drained_n++;
}

static void ear_open(struct ear *ear, struct fanout *fanout)
{
    struct outlet_port port = {.wake = wake, .user = ear};
    *ear = (struct ear){.outlet = outlet_new(&mem, &port)};
    outlet_on_drained(ear->outlet, drained, ear);
    assert_int_equal(outlet_attach(ear->outlet, fanout), PL_OK);
}

static struct frame *frame(const char *text)
{
    return frame_new(&mem, (struct pl_slice){(const uint8_t *)text, strlen(text)});
}

/* Everything the outlet would send, as text; at most `max` per call, so that borders are
 * exercised. */
static const char *hear(struct ear *ear, size_t max)
{
    static char text[4096];
    struct frame *frames[16];
    size_t n, len = 0;
    while ((n = outlet_output(ear->outlet, frames, max)) > 0) {
        for (size_t i = 0; i < n; i++) {
            struct pl_slice payload = frame_payload(frames[i]);
            memcpy(text + len, payload.data, payload.len > 9 ? 1 : payload.len);
            len += payload.len > 9 ? 1 : payload.len;
        }
        outlet_sent(ear->outlet, n);
    }
    text[len] = '\0';
    return text;
}

static void all_hear_the_same_in_order(void **state)
{
    struct fanout *fanout = fanout_new(&mem);
    struct ear a, b;
    (void)state;
    ear_open(&a, fanout);
    fanout_push(fanout, frame("1"), false);
    ear_open(&b, fanout); /* from here on */
    fanout_push(fanout, frame("2"), false);
    fanout_push(fanout, frame("3"), false);
    fanout_wake(fanout);
    assert_int_equal(a.wake_n, 1);
    assert_int_equal(b.wake_n, 1);
    assert_string_equal(hear(&a, 2), "123");
    assert_string_equal(hear(&b, 1), "23");
    fanout_wake(fanout);
    assert_int_equal(a.wake_n, 1); /* nothing new */
    outlet_free(a.outlet);
    outlet_free(b.outlet);
    fanout_free(fanout);
    assert_int_equal(live, 0);
}

static void own_frames_keep_their_place_in_the_ring(void **state)
{
    struct fanout *fanout = fanout_new(&mem);
    struct ear a;
    (void)state;
    ear_open(&a, fanout);
    fanout_push(fanout, frame("1"), false);
    outlet_push(a.outlet, frame("n"), OUTLET_NEXT, false);
    outlet_push(a.outlet, frame("l"), OUTLET_LAST, false);
    fanout_push(fanout, frame("2"), false);
    outlet_push(a.outlet, frame("m"), OUTLET_LAST, false);
    fanout_push(fanout, frame("3"), false);
    assert_string_equal(hear(&a, 2), "n1l2m3");
    outlet_free(a.outlet);
    fanout_free(fanout);
    assert_int_equal(live, 0);
}

static void frames_are_let_go_when_all_have_sent_them(void **state)
{
    struct fanout *fanout = fanout_new(&mem);
    struct ear a, b;
    (void)state;
    ear_open(&a, fanout);
    ear_open(&b, fanout);
    fanout_push(fanout, frame("1"), false);
    hear(&a, 4);
    hear(&b, 4);
    long before = live;
    for (int i = 0; i < 1000; i++) {
        fanout_push(fanout, frame("x"), false);
        hear(&a, 4);
        hear(&b, 4);
    }
    assert_int_equal(live, before);
    fanout_push(fanout, frame("y"), false);
    hear(&a, 4);
    assert_int_equal(live, before + 1); /* b has not */
    outlet_free(b.outlet);
    assert_int_equal(live, before - 1);
    outlet_free(a.outlet);
    fanout_free(fanout);
    assert_int_equal(live, 0);
}

static void a_reader_that_lags_skips_lossy_frames_and_says_so(void **state)
{
    struct fanout *fanout = fanout_new(&mem);
    struct ear a, b;
    (void)state;
    ear_open(&a, fanout);
    ear_open(&b, fanout);
    fanout_push(fanout, frame("1"), false);
    for (int i = 0; i < 10; i++)
        fanout_push(fanout, frame("p"), true);
    fanout_push(fanout, frame("2"), false);
    assert_string_equal(hear(&a, 3), "1pppp2"); /* the latest few only */
    assert_true(outlet_skipped(a.outlet));
    assert_true(a.drained_n > 0);
    outlet_forgive(a.outlet);
    assert_false(outlet_skipped(a.outlet));
    hear(&b, 3);
    for (int i = 0; i < 10; i++) { /* nobody who keeps up skips */
        fanout_push(fanout, frame("p"), true);
        assert_string_equal(hear(&a, 3), "p");
        assert_string_equal(hear(&b, 3), "p");
    }
    assert_false(outlet_skipped(a.outlet));
    outlet_free(a.outlet);
    outlet_free(b.outlet);
    fanout_free(fanout);
    assert_int_equal(live, 0);
}

static void a_reader_that_lags_is_offered_no_more_lossy_frames_of_its_own(void **state)
{
    struct fanout *fanout = fanout_new(&mem);
    struct ear a;
    (void)state;
    ear_open(&a, fanout);
    fanout_push(fanout, frame("1"), false);
    for (int i = 0; i < 100; i++)
        outlet_offer(a.outlet, frame("p"));
    assert_true(outlet_skipped(a.outlet));
    size_t heard = strlen(hear(&a, 16));
    assert_in_range(heard, 20, 90);
    assert_true(a.drained_n > 0);
    outlet_forgive(a.outlet);
    outlet_offer(a.outlet, frame("q"));
    assert_string_equal(hear(&a, 3), "q");
    assert_false(outlet_skipped(a.outlet));
    outlet_offer(a.outlet, frame("r"));
    outlet_free(a.outlet);
    fanout_free(fanout);
    assert_int_equal(live, 0);
}

static struct frame *big_frame(void)
{
    static const uint8_t bytes[100000] = {'B'};
    return frame_new(&mem, (struct pl_slice){bytes, sizeof bytes});
}

/* A disk that took its time gives back in one turn what all wrote meanwhile. */
static void what_comes_in_one_turn_puts_nobody_behind(void **state)
{
    struct fanout *fanout = fanout_new(&mem);
    struct ear a, b;
    (void)state;
    ear_open(&a, fanout);
    ear_open(&b, fanout);
    for (unsigned turn = 0; turn < 2; turn++) {
        for (unsigned i = 0; i < 2 * PL_WAITING_BYTES_MAX / 100000; i++)
            fanout_push(fanout, big_frame(), false);
        fanout_wake(fanout);
        assert_false(outlet_behind(a.outlet));
        assert_int_equal(strlen(hear(&a, 3)), 2 * PL_WAITING_BYTES_MAX / 100000);
        assert_int_equal(outlet_behind(b.outlet), turn == 1); /* which took nothing of the first */
    }
    outlet_free(a.outlet);
    outlet_free(b.outlet);
    fanout_free(fanout);
    assert_int_equal(live, 0);
}

static void a_stalled_reader_is_cut_off_and_costs_no_memory(void **state)
{
    struct fanout *fanout = fanout_new(&mem);
    struct ear a, b;
    (void)state;
    ear_open(&a, fanout);
    ear_open(&b, fanout);
    for (unsigned i = 0; i < PL_WAITING_BYTES_MAX / 100000; i++) {
        fanout_push(fanout, big_frame(), false);
        fanout_wake(fanout);
        assert_string_equal(hear(&a, 3), "B");
    }
    for (unsigned i = 0; i < 2; i++) { /* the first passes the limit, and it is woken for it */
        assert_false(outlet_behind(b.outlet));
        fanout_push(fanout, big_frame(), false);
        fanout_wake(fanout);
        assert_false(outlet_behind(a.outlet));
        hear(&a, 3);
    }
    assert_true(outlet_behind(b.outlet));
    long before = live;
    for (int i = 0; i < 100; i++) {
        fanout_push(fanout, big_frame(), false);
        fanout_wake(fanout);
        hear(&a, 3);
    }
    assert_int_equal(live, before);
    outlet_push(b.outlet, frame("o"), OUTLET_NEXT, false); /* its own still go out */
    assert_int_equal(b.drained_n, 0);
    assert_string_equal(hear(&b, 3), "o");
    assert_true(b.drained_n > 0); /* now is the time for a snapshot */
    outlet_push(b.outlet, frame("s"), OUTLET_NEXT, true);
    outlet_rejoin(b.outlet);
    fanout_push(fanout, frame("9"), false);
    assert_string_equal(hear(&b, 3), "s9");
    outlet_free(a.outlet);
    outlet_free(b.outlet);
    fanout_free(fanout);
    assert_int_equal(live, 0);
}

static void a_detached_outlet_still_sends_what_it_was_owed(void **state)
{
    struct fanout *fanout = fanout_new(&mem);
    struct ear a;
    (void)state;
    ear_open(&a, fanout);
    fanout_push(fanout, frame("1"), false);
    outlet_push(a.outlet, frame("l"), OUTLET_LAST, false);
    fanout_push(fanout, frame("p"), true);
    fanout_push(fanout, frame("2"), false);
    outlet_detach(a.outlet);
    outlet_push(a.outlet, frame("e"), OUTLET_LAST, false);
    fanout_free(fanout);
    assert_string_equal(hear(&a, 3), "1lp2e");
    outlet_free(a.outlet);
    assert_int_equal(live, 0);
}

static void an_outlet_nobody_reads_breaks_instead_of_growing(void **state)
{
    struct fanout *fanout = fanout_new(&mem);
    struct ear a;
    (void)state;
    ear_open(&a, fanout);
    for (int i = 0; i < 20; i++)
        outlet_push(a.outlet, big_frame(), OUTLET_NEXT, false);
    assert_true(outlet_broken(a.outlet));
    assert_string_equal(hear(&a, 3), "BBBBBBBBBB");
    outlet_free(a.outlet);
    fanout_free(fanout);
    assert_int_equal(live, 0);
}

static void a_lost_reliable_frame_leaves_everyone_behind(void **state)
{
    struct fanout *fanout = fanout_new(&mem);
    struct ear a;
    (void)state;
    ear_open(&a, fanout);
    fanout_push(fanout, NULL, true);
    assert_false(outlet_behind(a.outlet));
    fanout_push(fanout, NULL, false);
    assert_true(outlet_behind(a.outlet));
    outlet_free(a.outlet);
    fanout_free(fanout);
    assert_int_equal(live, 0);
}

/* Random pushes and reads against a plain list of what each must hear. */
static void any_order_of_pushes_and_reads_is_heard_right(void **state)
{
    (void)state;
    for (unsigned seed = 1; seed <= 200; seed++) {
        struct fanout *fanout = fanout_new(&mem);
        struct ear ears[3];
        unsigned random = seed * 2654435761u, pushed = 0, heard[3] = {0};
        for (int i = 0; i < 3; i++)
            ear_open(&ears[i], fanout);
        for (int step = 0; step < 300; step++) {
            random = random * 1103515245u + 12345u;
            unsigned choice = random >> 16;
            if (choice % 2 == 0) {
                char text[2] = {(char)('a' + pushed++ % 26), 0};
                fanout_push(fanout, frame(text), false);
                continue;
            }
            struct ear *ear = &ears[choice / 2 % 3];
            struct frame *frames[4];
            size_t n = outlet_output(ear->outlet, frames, 1 + choice / 8 % 4);
            if (n > 0)
                n = choice / 64 % (n + 1); /* a short write */
            for (size_t i = 0; i < n; i++)
                assert_int_equal(frame_payload(frames[i]).data[0], 'a' + heard[ear - ears]++ % 26);
            outlet_sent(ear->outlet, n);
        }
        for (int i = 0; i < 3; i++) {
            const char *rest = hear(&ears[i], 4);
            for (; *rest != '\0'; rest++)
                assert_int_equal(*rest, 'a' + heard[i]++ % 26);
            assert_int_equal(heard[i], pushed);
            outlet_free(ears[i].outlet);
        }
        fanout_free(fanout);
        assert_int_equal(live, 0);
    }
}

/* Otherwise a joiner for whose tail there was no memory would be told what came after it. */
static void nothing_goes_out_behind_a_frame_that_was_lost(void **state)
{
    struct fanout *fanout = fanout_new(&mem);
    struct ear a, b;
    (void)state;
    ear_open(&a, fanout);
    outlet_push(a.outlet, frame("n"), OUTLET_LAST, false);
    outlet_push(a.outlet, NULL, OUTLET_LAST, true);
    outlet_push(a.outlet, frame("t"), OUTLET_LAST, true);
    fanout_push(fanout, frame("1"), false);
    fanout_wake(fanout);
    assert_true(outlet_broken(a.outlet));
    assert_string_equal(hear(&a, 16), "n");

    struct outlet_port port = {.wake = wake, .user = &b};
    b = (struct ear){.outlet = outlet_new(&mem, &port)};
    outlet_on_drained(b.outlet, drained, &b);
    outlet_push(b.outlet, frame("w"), OUTLET_NEXT, false);
    outlet_push(b.outlet, NULL, OUTLET_NEXT, true);
    outlet_push(b.outlet, frame("t"), OUTLET_NEXT, true);
    assert_int_equal(outlet_attach(b.outlet, fanout), PL_OK);
    fanout_push(fanout, frame("2"), false);
    fanout_wake(fanout);
    assert_string_equal(hear(&b, 16), "w");
    assert_int_equal(a.drained_n + b.drained_n, 0); /* no snapshot helps */

    outlet_detach(b.outlet);
    outlet_push(b.outlet, frame("e"), OUTLET_LAST, false); /* why it is closed */
    assert_string_equal(hear(&b, 16), "e");
    outlet_free(a.outlet);
    outlet_free(b.outlet);
    fanout_free(fanout);
    assert_int_equal(live, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_hear_the_same_in_order),
        cmocka_unit_test(own_frames_keep_their_place_in_the_ring),
        cmocka_unit_test(frames_are_let_go_when_all_have_sent_them),
        cmocka_unit_test(a_reader_that_lags_skips_lossy_frames_and_says_so),
        cmocka_unit_test(a_reader_that_lags_is_offered_no_more_lossy_frames_of_its_own),
        cmocka_unit_test(nothing_goes_out_behind_a_frame_that_was_lost),
        cmocka_unit_test(what_comes_in_one_turn_puts_nobody_behind),
        cmocka_unit_test(a_stalled_reader_is_cut_off_and_costs_no_memory),
        cmocka_unit_test(a_detached_outlet_still_sends_what_it_was_owed),
        cmocka_unit_test(an_outlet_nobody_reads_breaks_instead_of_growing),
        cmocka_unit_test(a_lost_reliable_frame_leaves_everyone_behind),
        cmocka_unit_test(any_order_of_pushes_and_reads_is_heard_right),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
