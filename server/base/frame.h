/* An immutable, reference-counted WebSocket frame, ready for any socket: header and payload in
 * one block. Not thread-safe: frames live on the loop's thread. */
#ifndef BASE_FRAME_H
#define BASE_FRAME_H
#include "proto/mem.h"

struct frame;

/* A binary message of one frame, payload copied. One reference for the caller. NULL when out of
 * memory. */
struct frame *frame_new(const struct pl_mem *mem, struct pl_slice payload);
struct frame *frame_ref(struct frame *frame);
void frame_unref(struct frame *frame_or_null);
bool frame_only(const struct frame *frame);            /* there is no reference but the caller's */
struct pl_slice frame_wire(const struct frame *frame); /* header and payload, for the socket */
struct pl_slice frame_payload(const struct frame *frame); /* the message alone */

#endif
