/* What a client makes of PAST and what follows it (SPEC T1): the document as it was. Aborts the
 * test when the messages are not as the rules say. */
#ifndef SUPPORT_PAST_TAKER_H
#define SUPPORT_PAST_TAKER_H
#include "proto/doc.h"
#include "proto/message.h"

struct past_taker {        /* zeros: nothing came yet */
    struct pl_doc *doc;    /* the last that was told whole; NULL: none */
    struct pl_doc *coming; /* NULL: none */
    struct pl_buf deflated;
    struct pl_msg_past head; /* of the one coming; its hash is not kept */
    uint64_t hash;
    uint64_t chunk_n; /* came */
    uint32_t told_n, refused_n, chunk_sum, ops_frame_n;
    enum pl_status code; /* of the last PAST */
};

void past_taker_take(struct past_taker *taker, const struct pl_message *message);
void past_taker_abandon(struct past_taker *taker); /* the socket is gone: what was coming is not */
void past_taker_done(struct past_taker *taker);

#endif
