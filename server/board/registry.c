/* All boards of this process. One timer, once a second, sweeps them: slow readers, idle boards
 * to store and unload. See registry.h. */
#include "board/registry.h"
#include "base/log.h"
#include "base/map.h"
#include "board/board.h"
#include "obs/metrics.h"
#include <inttypes.h>

#define SWEEP_MS      1000u
#define DRAIN_POLL_MS 10u
#define IDLE_SAVES_MAX 4u /* in one sweep: hundreds of boards left together are not to delay those at work */

struct registry {
    struct board_env env;
    struct map boards;
    struct loop_timer *sweep;
    uint64_t next_session;
    void (*drained)(void *user); /* NULL: not draining */
    void *user;
};

static void unload(struct registry *registry, struct board *board)
{
    log_event(LOG_LEVEL_INFO, "board_unloaded", "board=%016" PRIx64, board_id(board));
    map_remove(&registry->boards, board_id(board));
    board_free(board);
    metrics_set(registry->env.metrics, METRIC_BOARDS, map_len(&registry->boards));
}

static void sweep_fire(void *user)
{
    struct registry *registry = user;
    struct board *board;
    unsigned saves = 0;
    for (size_t cursor = 0; (board = map_next(&registry->boards, &cursor)) != NULL;)
        board_sweep(board);
    for (size_t cursor = 0; (board = map_next(&registry->boards, &cursor)) != NULL;) {
        if (!board_idle(board) || saves == IDLE_SAVES_MAX)
            continue;
        /* quiet still: a checkpoint for which there was no memory failed at once, and the board has that to see to */
        if (board_checkpoint(board)) {
            saves++;
        } else if (board_quiet(board)) {
            unload(registry, board);
            cursor = 0; /* removal shifts what follows */
        }
    }
}

struct registry *registry_new(const struct pl_mem *mem, const struct loop *loop,
                              const struct journal *journal, struct metrics *metrics,
                              const struct past_right *past_right_or_null)
{
    struct registry *registry = pl_mem_get(mem, sizeof *registry);
    if (registry == NULL)
        return NULL;
    *registry = (struct registry){.next_session = 1};
    registry->env = (struct board_env){.mem = mem,
                                       .loop = loop,
                                       .journal = journal,
                                       .metrics = metrics,
                                       .next_session = &registry->next_session};
    if (past_right_or_null != NULL)
        registry->env.past_right = *past_right_or_null;
    map_init(&registry->boards, mem);
    registry->sweep = loop_timer_start(loop, SWEEP_MS, SWEEP_MS, sweep_fire, registry);
    if (registry->sweep == NULL) {
        pl_mem_put(mem, registry);
        return NULL;
    }
    return registry;
}

void registry_free(struct registry *registry_or_null)
{
    struct registry *registry = registry_or_null;
    if (registry == NULL)
        return;
    struct board *board;
    for (size_t cursor = 0; (board = map_next(&registry->boards, &cursor)) != NULL;)
        board_free(board);
    map_done(&registry->boards);
    loop_timer_stop(registry->env.loop, registry->sweep);
    pl_mem_put(registry->env.mem, registry);
}

/* A board on its way to the disk. */
struct creation {
    struct registry *registry;
    journal_done *done;
    void *user;
    enum pl_status failure; /* when it never got there */
};

static void created(void *user, enum pl_status status)
{
    struct creation creation = *(struct creation *)user;
    pl_mem_put(creation.registry->env.mem, user);
    metrics_add(creation.registry->env.metrics, METRIC_BOARDS_CREATED, status == PL_OK);
    creation.done(creation.user, status);
}

static void not_created(void *user)
{
    created(user, ((struct creation *)user)->failure);
}

void registry_create(struct registry *registry, uint64_t board, struct pl_slice title,
                     const struct link_row *links, uint32_t link_n, uint64_t by, journal_done *done,
                     void *user)
{
    const struct journal *journal = registry->env.journal;
    struct creation *creation = pl_mem_get(registry->env.mem, sizeof *creation);
    struct pl_buf envelope;
    if (creation == NULL) {
        done(user, PL_NO_MEMORY); /* not even room to say so later */
        return;
    }
    *creation = (struct creation){.registry = registry, .done = done, .user = user};
    pl_buf_init(&envelope, registry->env.mem);
    board_first_envelope(&envelope, title, loop_wall_ms(registry->env.loop));
    if (envelope.failed || registry->drained != NULL) {
        creation->failure = envelope.failed ? PL_NO_MEMORY : PL_DRAINING;
        loop_defer(registry->env.loop, not_created, creation);
    } else {
        journal->vtable->create(journal->self, board, pl_buf_slice(&envelope), links, link_n, by,
                                created, creation);
    }
    pl_buf_done(&envelope);
}

enum pl_status registry_find(struct registry *registry, uint64_t board)
{
    const struct journal *journal = registry->env.journal;
    return map_get(&registry->boards, board) != NULL ? PL_OK
                                                     : journal->vtable->find(journal->self, board);
}

/* In memory, loaded when it was not; a board that failed is given another chance once it is
 * quiet. */
static enum pl_status board_get(struct registry *registry, uint64_t id, struct board **ret_board)
{
    struct board *board = map_get(&registry->boards, id);
    if (board != NULL && board_state(board) == BOARD_FAILED && board_idle(board)) {
        unload(registry, board);
        board = NULL;
    }
    if (board == NULL) {
        enum pl_status status = board_open(&registry->env, id, &board);
        if (status != PL_OK)
            return status;
        status = map_put(&registry->boards, id, board);
        if (status != PL_OK) {
            board_free(board);
            return status;
        }
        metrics_set(registry->env.metrics, METRIC_BOARDS, map_len(&registry->boards));
    }
    *ret_board = board;
    return PL_OK;
}

enum pl_status registry_join(struct registry *registry, uint64_t board,
                             const struct member_request *request, struct member **ret_member)
{
    struct board *found;
    if (registry->drained != NULL)
        return PL_DRAINING;
    enum pl_status status = board_get(registry, board, &found);
    return status == PL_OK ? board_join(found, request, ret_member) : status;
}

enum pl_status registry_names(struct registry *registry, uint64_t board, uint64_t user, struct pl_slice *ret_title,
                              struct pl_slice *ret_name)
{
    struct board *found;
    if (registry->drained != NULL)
        return PL_DRAINING;
    enum pl_status status = board_get(registry, board, &found);
    if (status == PL_OK)
        board_names(found, user, ret_title, ret_name);
    return status;
}

static void drain_poll(void *user)
{
    struct registry *registry = user;
    struct board *board;
    for (size_t cursor = 0; (board = map_next(&registry->boards, &cursor)) != NULL;) {
        if (!board_drained(board))
            return;
    }
    loop_timer_stop(registry->env.loop, registry->sweep);
    registry->sweep = NULL;
    registry->drained(registry->user);
}

void registry_drain(struct registry *registry, void (*done)(void *user), void *user)
{
    struct board *board;
    if (registry->drained != NULL)
        return;
    registry->drained = done;
    registry->user = user;
    for (size_t cursor = 0; (board = map_next(&registry->boards, &cursor)) != NULL;)
        board_drain(board);
    loop_timer_stop(registry->env.loop, registry->sweep);
    registry->sweep =
        loop_timer_start(registry->env.loop, DRAIN_POLL_MS, DRAIN_POLL_MS, drain_poll, registry);
}
