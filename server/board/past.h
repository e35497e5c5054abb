/* Who below editor may look back, and how far (SPEC T3): what a board asks of those who know what refers to its past.
 * Talk-tracks answer (track/tracks.h). */
#ifndef BOARD_PAST_H
#define BOARD_PAST_H
#include "proto/id.h"
#include <stdint.h>

struct past_asker {
    uint64_t board;
    uint64_t link; /* they came by it */
    uint64_t user; /* a guest's number; 0: not known */
    enum pl_role role;
};

/* One question, and those of the same board behind it. */
struct past_ask {
    struct past_ask *next;
    struct past_asker asker;
    uint64_t seq;
    uint64_t from; /* the answer: where the stretch around `seq` begins that they may see every state of, the longest, of
                    * several; 0 as it comes, and when there is none */
};

struct past_right {
    /* Answers all of them. Asked in a worker, which it may keep for a while. */
    void (*answer)(void *self, uint64_t board, struct past_ask *asks);
    void *self;
};

#endif
