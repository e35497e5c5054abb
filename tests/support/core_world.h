/* A server below the sockets: the real store in a temporary folder, the real boards and
 * sessions, a clock that tests move, and a journal between boards and store that can be told to
 * fail or to hold its answers. */
#ifndef SUPPORT_CORE_WORLD_H
#define SUPPORT_CORE_WORLD_H
#include "auth/ticket.h"
#include "board/registry.h"
#include "obs/metrics.h"
#include "session/session_env.h"
#include "store/store.h"
#include "tests/support/core_loop.h"

/* Stands before the store's journal. */
struct core_fault {
    struct journal inner;
    const struct loop *loop;
    uint32_t fail_n;   /* appends to fail before the store sees them */
    bool fail_writes;  /* everything that writes fails */
    uint32_t fail_snapshots;    /* snapshots to fail */
    enum pl_status load_status; /* what loading answers; PL_OK: the truth */
    enum pl_status past_status; /* the same of looking back */
    bool hold;         /* answers to appends wait for core_fault_release */
    struct held *held; /* private */
    uint32_t append_n, snapshot_n, past_n; /* seen */
};

struct core_world {
    const struct pl_mem *mem;
    char dir[64];
    struct core_loop *loop;
    const struct loop *port;
    struct store *store;
    struct audit audit;
    struct core_fault fault;
    struct journal journal; /* the one boards see */
    struct metrics *metrics;
    struct past_right past_right; /* asked by boards; of nobody at first. Tests set it */
    struct registry *registry;
    struct tickets *tickets;
    struct session_env *sessions;
    bool draining, drained;
};

/* Aborts the test when anything fails. */
struct core_world *core_world_new(void);
/* Boards, sessions and the store allocate from `mem`, the store from threads of its own too; what tests hold is of
 * libc. */
struct core_world *core_world_new_mem(const struct pl_mem *mem);
/* Drains the server and starts it anew on the same folder. Peers were freed, or are freed after. */
void core_world_restart(struct core_world *world);
void core_world_free(struct core_world *world); /* every peer was freed */

/* SIGTERM: time must pass and peers must read until `drained`. */
void core_world_drain(struct core_world *world);

/* Makes a board and waits for it. */
void core_world_board(struct core_world *world, uint64_t board, const char *title);
void core_fault_release(struct core_world *world);
/* Turns until no append waits and nothing is left to do. */
void core_world_settle(struct core_world *world);

/* Makes a folder below /tmp; core_dir_remove takes it away with all it holds. */
void core_dir_make(char ret_dir[64]);
void core_dir_remove(const char *dir);

#endif
