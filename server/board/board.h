/* One board: its document in memory, who is on it, and the way of an edit: decided and applied
 * at once, appended at the end of the turn, released to all when durable. Used by the registry
 * alone; members speak through member.h. */
#ifndef BOARD_BOARD_H
#define BOARD_BOARD_H
#include "base/journal.h"
#include "base/loop.h"
#include "board/member.h"
#include "board/past.h"

struct board;
struct metrics;

/* What a board borrows for its life. */
struct board_env {
    const struct pl_mem *mem;
    const struct loop *loop;
    const struct journal *journal;
    struct metrics *metrics;
    struct past_right past_right; /* of nobody: `answer` is NULL */
    uint64_t *next_session; /* shared by all boards */
};

/* Loads: PL_NOT_FOUND, PL_CORRUPT, PL_IO, PL_NO_MEMORY. */
PL_CHECKED enum pl_status board_open(const struct board_env *env, uint64_t id,
                                     struct board **ret_board);
/* Nobody is on it and board_quiet. */
void board_free(struct board *board_or_null);

PL_CHECKED enum pl_status board_join(struct board *board, const struct member_request *request,
                                     struct member **ret_member);
/* Once a second: slow readers, and how long nobody was here. */
void board_sweep(struct board *board);
/* No work of this board is under way: nothing will call back. */
bool board_quiet(const struct board *board);
/* Nobody came for BOARD_IDLE_MS, and it is quiet or FAILED: may be unloaded after a checkpoint. */
bool board_idle(const struct board *board);
/* Stores a snapshot if the journal grew since the last one. false: nothing to do, or not now. */
bool board_checkpoint(struct board *board);
/* READY or READ_ONLY to DRAINING: admits nothing, tells members. */
void board_drain(struct board *board);
/* Draining is over: all is durable or given up, members were dismissed. */
bool board_drained(const struct board *board);
uint64_t board_id(const struct board *board);
/* Its title, and the name of guest `user`, as they stand: borrowed until the document changes; empty where it has none. */
void board_names(const struct board *board, uint64_t user, struct pl_slice *ret_title, struct pl_slice *ret_name);
enum board_state board_state(const struct board *board);

/* The first entry of a new board: (0, 1), the board object with its title. */
void board_first_envelope(struct pl_buf *buf, struct pl_slice title, uint64_t srv_ms);

#endif
