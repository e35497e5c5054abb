/* The store's writer, kept from going on: a test that looks at what waits for the disk would otherwise depend on how fast
 * the disk is. And rows as nobody would write them. */
#ifndef SUPPORT_HELD_WRITER_H
#define SUPPORT_HELD_WRITER_H
#include "proto/status.h"
#include <stdint.h>

struct core_world;
struct held_writer;

/* From now on nothing that is written becomes durable, until it is let go. One at a time. */
struct held_writer *writer_hold(struct core_world *world);
void writer_let_go(struct held_writer *held);

/* Puts one byte in the place of a talk-track's own row. */
void writer_spoil_track(struct core_world *world, uint64_t board, uint64_t track);

#endif
