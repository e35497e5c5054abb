/* The record of what was sent and acknowledged: a text file that survives this process, for --check
 * to compare a board with. Each line goes out in a write of its own before the next thing happens.
 *
 *   sent REPLICA CTR0 N CHECKSUM BODY           before the batch goes to a socket; BODY in hex
 *   ack LINK REPLICA CTR0 N CHECKSUM SEQ        when its echo came
 *
 * CHECKSUM is FNV-1a 64 of the body. A file may hold the lines of several runs on one board. */
#ifndef LOAD_ACKS_H
#define LOAD_ACKS_H
#include "proto/mem.h"
#include "proto/status.h"

struct acks;

/* Appends to the file. The link is borrowed. NULL when it cannot be opened (said on stderr). */
struct acks *acks_open(const char *path, const char *link);
void acks_close(struct acks *acks_or_null);
/* PL_IO. */
PL_CHECKED enum pl_status acks_sent(struct acks *acks, uint32_t replica, uint64_t ctr0, uint64_t n,
                                    struct pl_slice body);
PL_CHECKED enum pl_status acks_acknowledged(struct acks *acks, uint32_t replica, uint64_t ctr0,
                                            uint64_t n, uint64_t seq, struct pl_slice body);

#endif
