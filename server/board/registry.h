/* All boards of this process: loads them when first asked for, unloads them when idle, makes new
 * ones. */
#ifndef BOARD_REGISTRY_H
#define BOARD_REGISTRY_H
#include "base/journal.h"
#include "base/links.h"
#include "base/loop.h"
#include "board/member.h"
#include "board/past.h"
#include "proto/mem.h"

struct registry;
struct metrics;

/* All arguments are borrowed for the registry's life, but for the past_right, which is copied: without one nobody below
 * editor looks back. NULL when out of memory. */
struct registry *registry_new(const struct pl_mem *mem, const struct loop *loop,
                              const struct journal *journal, struct metrics *metrics,
                              const struct past_right *past_right_or_null);
void registry_free(struct registry *registry_or_null); /* boards must be drained */

/* Makes a board durable: the board object with `title`, and its links; guest `by` (0: not known) asked for it. `done`
 * comes on the loop. */
void registry_create(struct registry *registry, uint64_t board, struct pl_slice title,
                     const struct link_row *links, uint32_t link_n, uint64_t by, journal_done *done,
                     void *user);
/* Whether the board is stored: PL_OK, PL_NOT_FOUND, or PL_IO when that cannot be read. */
PL_CHECKED enum pl_status registry_find(struct registry *registry, uint64_t board);
/* Puts somebody on a board, loading it first when it is not in memory. The answer comes through
 * the request's port; member.h has the rest. PL_NOT_FOUND, PL_DRAINING, PL_CORRUPT, PL_IO,
 * PL_NO_MEMORY: no member was made. */
PL_CHECKED enum pl_status registry_join(struct registry *registry, uint64_t board,
                                        const struct member_request *request,
                                        struct member **ret_member);
/* What is told of a board before somebody joins: its title, and what it calls guest `user`; empty where it has none. Both
 * are borrowed until the loop goes on. It is loaded when it is not in memory: whoever asks is about to join. PL_NOT_FOUND,
 * PL_DRAINING, PL_CORRUPT, PL_IO, PL_NO_MEMORY. */
PL_CHECKED enum pl_status registry_names(struct registry *registry, uint64_t board, uint64_t user,
                                         struct pl_slice *ret_title, struct pl_slice *ret_name);
/* Stops admitting, tells members STATE draining and GOAWAY, waits for the journal, then calls
 * `done`. */
void registry_drain(struct registry *registry, void (*done)(void *user), void *user);

#endif
