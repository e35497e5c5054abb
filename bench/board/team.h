/* A team that fills a board with stickies: several people, each with a replica, every batch in everybody's journal.
 * They make, type, drag, recolour, resize and correct as people do, so that a snapshot holds what a real board's does:
 * many authors' ids, stamps younger than their objects, texts in several runs, deleted letters. */
#ifndef BOARD_TEAM_H
#define BOARD_TEAM_H
#include "bench/trace/journal.h"
#include "proto/replica.h"

#define TEAM_MEMBERS 8u

struct team;

struct team_habits {
    bool exact; /* positions are full doubles, as the pointer gave them; else quarters of a unit, as tabs write them */
    bool terse; /* one to three words on a sticky; else three to twelve */
    bool neat;  /* one person makes numbered stickies in rows, and nobody touches them: as if pasted from a list */
};

/* NULL when out of memory, or when the engine refused something (said on stderr). */
struct team *team_new(uint32_t sticky_n, struct team_habits habits, uint64_t seed);
void team_free(struct team *team_or_null);
/* A member's document; all are equal. */
struct pl_doc *team_doc(struct team *team);
const struct journal *team_journal(const struct team *team);

#endif
