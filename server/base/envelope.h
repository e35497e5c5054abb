/* Journal entries as bytes: [seq, user, srv_ms, body] (SPEC S8). A journal record and the array
 * in OPS are these, one after another; the board writes them, the store cuts ranges from them,
 * tools read them. */
#ifndef BASE_ENVELOPE_H
#define BASE_ENVELOPE_H
#include "proto/doc.h"
#include "proto/reader.h"

/* The next of a sequence (pl_envelope_write makes them); false at its end, and when the bytes are no envelope (reader->failed
 * tells which). */
bool envelope_read(struct pl_reader *reader, struct pl_envelope *ret_envelope);
/* The part of a sequence whose seqs lie in [from, to]; PL_CORRUPT when it is no sequence of
 * envelopes. */
PL_CHECKED enum pl_status envelope_cut(struct pl_slice envelopes, uint64_t from, uint64_t to,
                                       struct pl_slice *ret_part, uint32_t *ret_n);

#endif
