#include "bench/trace/replay.h"
#include "bench/clock.h"
#include "bench/trace/peer.h"
#include <stdlib.h>

/* A replica that wrote nothing: to it all batches are others'. */
#define NOBODY (UINT32_MAX / 2)

struct running {
    struct replay *replay;
    const struct history *history;
    struct figures *figures;
    struct peer *peers;
    uint64_t aside_ns; /* spent on comparing, which is no part of a replay */
};

void replay_init(struct replay *replay)
{
    *replay = (struct replay){0};
    journal_init(&replay->journal);
    pl_buf_init(&replay->encoded, pl_mem_libc());
}

void replay_done(struct replay *replay)
{
    journal_done(&replay->journal);
    pl_buf_done(&replay->encoded);
    free(replay->utf16_or_null);
}

static double ms_since(uint64_t began_ns)
{
    return (double)(clock_ns() - began_ns) / (double)NS_PER_MS;
}

static void time_add(struct timings *timings, double ms)
{
    if (timings->n < REPEAT_MAX)
        timings->ms[timings->n++] = ms;
}

void replay_compare_text(const struct history *history, struct pl_slice text, struct figures *figures)
{
    const struct pl_slice want = history->end;
    size_t i = 0;
    if (pl_slice_equal(text, want))
        return;
    while (i < text.len && i < want.len && text.data[i] == want.data[i])
        i++;
    figures_fail(figures, "the text is not endContent: %zu bytes instead of %zu, the same up to byte %zu", text.len,
                 want.len, i);
}

static enum pl_status run_edit(struct running *running, struct peer *peer, uint32_t index)
{
    const struct patch *patch = &running->history->patches[index];
    uint32_t(*utf16)[2] = running->replay->utf16_or_null;
    size_t at = patch->at, removed = patch->removed;
    if (utf16 != NULL) {
        at = peer_utf16_at(peer, patch->at);
        removed = peer_utf16_at(peer, (size_t)patch->at + patch->removed) - at;
        utf16[index][0] = (uint32_t)at;
        utf16[index][1] = (uint32_t)removed;
    }
    return peer_edit(peer, at, removed, history_inserted(running->history, index));
}

static enum pl_status run_settle(struct running *running, struct peer *peer)
{
    const enum pl_status status = journal_chapter(&running->replay->journal);
    return status == PL_OK ? peer_settle(peer, &running->replay->journal) : status;
}

/* The first peer's state is what the others' are compared with, to the byte. */
static enum pl_status run_agree(struct running *running, struct peer *peer, uint32_t index)
{
    const uint64_t began_ns = clock_ns();
    struct pl_buf *encoded = &running->replay->encoded;
    struct figures *figures = running->figures;
    struct pl_buf text, state;
    if (peer->counted.live_bytes > figures->live_bytes)
        figures->live_bytes = peer->counted.live_bytes;
    pl_buf_init(&text, pl_mem_libc());
    pl_buf_init(&state, pl_mem_libc());
    replica_text_write(peer->replica, &text);
    pl_doc_snapshot(pl_replica_doc(peer->replica), &state);
    const bool failed = text.failed || state.failed;
    if (!failed)
        replay_compare_text(running->history, pl_buf_slice(&text), figures);
    if (encoded->len == 0) {
        pl_buf_append(encoded, state.data, state.len);
    } else if (!failed && !pl_slice_equal(pl_buf_slice(&state), pl_buf_slice(encoded))) {
        figures_fail(figures, "replica %u has another state than the first", index + 1);
    }
    pl_buf_done(&text);
    pl_buf_done(&state);
    running->aside_ns += clock_ns() - began_ns;
    return failed || encoded->failed ? PL_NO_MEMORY : PL_OK;
}

static enum pl_status run_step(struct running *running, const struct step *step)
{
    struct peer *peer = &running->peers[step->peer];
    const struct journal *journal = &running->replay->journal;
    switch ((enum step_kind)step->kind) {
    case STEP_OPEN:
        return peer_open(peer, step->peer + 1);
    case STEP_CREATE:
        return peer_create(peer);
    case STEP_EDIT:
        return run_edit(running, peer, step->a);
    case STEP_SETTLE:
        return run_settle(running, peer);
    case STEP_TAKE:
        return peer_take(peer, journal, journal->chapters[step->a],
                         journal_chapter_end(journal, step->a + step->b - 1));
    case STEP_PARK:
        return peer_park(peer);
    case STEP_WAKE:
        return peer_wake(peer);
    case STEP_AGREE:
        return run_agree(running, peer, step->peer);
    }
    return PL_INVALID;
}

static enum pl_status run_steps(struct running *running, const struct step *steps, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const enum pl_status status = run_step(running, &steps[i]);
        if (status == PL_OK)
            continue;
        figures_fail(running->figures, "replica %u, step %zu: the engine says \"%s\"", steps[i].peer + 1, i,
                     pl_status_name(status));
        return status;
    }
    return PL_OK;
}

static bool replay_empty(struct replay *replay, const struct history *history)
{
    replay_done(replay);
    replay_init(replay);
    if (!history->astral)
        return true;
    replay->utf16_or_null = calloc(history->patch_n, sizeof *replay->utf16_or_null);
    return replay->utf16_or_null != NULL;
}

bool replay_run(struct replay *replay, const struct history *history, const struct plan *plan,
                struct figures *figures)
{
    struct running running = {.replay = replay, .history = history, .figures = figures};
    running.peers = calloc(plan->peer_n, sizeof *running.peers);
    if (running.peers == NULL || !replay_empty(replay, history)) {
        free(running.peers);
        return false;
    }
    const size_t rss_before = rss_bytes();
    enum pl_status status = run_steps(&running, plan->steps, plan->setup_n);
    const uint64_t began_ns = clock_ns();
    if (status == PL_OK)
        status = run_steps(&running, plan->steps + plan->setup_n, plan->step_n - plan->setup_n);
    if (status == PL_OK) {
        time_add(&figures->replay, ms_since(began_ns) - (double)running.aside_ns / (double)NS_PER_MS);
        const size_t kept = journal_footprint(&replay->journal) + replay->encoded.len;
        if (figures->replay.n == 1) /* later replays find freed pages */
            figures->rss_bytes = (double)rss_bytes() - (double)(rss_before + kept);
    }
    figures->encoded_bytes = replay->encoded.len;
    figures->batch_n = replay->journal.entry_n;
    figures->journal_bytes = replay->journal.bytes.len;
    for (uint32_t i = 0; i < plan->peer_n; i++)
        peer_done(&running.peers[i]);
    free(running.peers);
    return status != PL_NO_MEMORY;
}

/* Whether an empty replica that came to the whole history has its text and the replay's state. */
static void compare(const struct replay *replay, const struct history *history, struct peer *peer,
                    const struct pl_buf *text, const char *what, struct figures *figures)
{
    struct pl_buf state;
    pl_buf_init(&state, pl_mem_libc());
    pl_doc_snapshot(pl_replica_doc(peer->replica), &state);
    if (state.failed || !pl_slice_equal(pl_buf_slice(&state), pl_buf_slice(&replay->encoded)))
        figures_fail(figures, "%s gives another state", what);
    replay_compare_text(history, pl_buf_slice(text), figures);
    pl_buf_done(&state);
}

void replay_measure(const struct replay *replay, const struct history *history, enum replay_source source,
                    struct figures *figures)
{
    struct timings *timings = source == REPLAY_ENCODED ? &figures->load : &figures->merge;
    const char *what = source == REPLAY_ENCODED ? "loading" : "merging the journal";
    struct peer peer = {0};
    struct pl_buf text;
    pl_buf_init(&text, pl_mem_libc());
    const uint64_t began_ns = clock_ns();
    enum pl_status status = peer_open(&peer, NOBODY);
    if (status == PL_OK && source == REPLAY_ENCODED)
        status = pl_replica_load(peer.replica, pl_buf_slice(&replay->encoded));
    else if (status == PL_OK)
        status = peer_take(&peer, &replay->journal, 0, replay->journal.entry_n);
    if (status == PL_OK)
        replica_text_write(peer.replica, &text);
    time_add(timings, ms_since(began_ns));
    if (status != PL_OK)
        figures_fail(figures, "%s: the engine says \"%s\"", what, pl_status_name(status));
    else
        compare(replay, history, &peer, &text, what, figures);
    if (source == REPLAY_ENCODED)
        figures->loaded_bytes = peer.counted.live_bytes;
    pl_buf_done(&text);
    peer_done(&peer);
}
