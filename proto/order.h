/* Fractional order keys: base-62 bytes (0-9 A-Z a-z in ASCII order), compared as bytes, then by object id.
 * Total: equal, malformed or exhausted neighbours never fail. Rule V1. */
#ifndef PL_ORDER_H
#define PL_ORDER_H
#include "proto/id.h"
#include "proto/limits.h"
#include "proto/mem.h"

struct pl_order_key {
    uint8_t bytes[PL_ORDER_BYTES_MAX];
    size_t len;
};

/* Compares (key, id) pairs; keys are any bytes. */
int pl_order_compare(struct pl_slice a, struct pl_id a_id, struct pl_slice b, struct pl_id b_id);
int pl_order_compare_keys(struct pl_slice a, struct pl_slice b);
/* A key after `low` and before `high`; an empty slice stands for the end on that side. `jitter` is any random
 * number: it keeps two people's keys for the same gap apart. When nothing fits (equal or reversed neighbours, or
 * PL_ORDER_BYTES_MAX reached) a key at or after `low`, so the id decides. */
void pl_order_between(struct pl_slice low, struct pl_slice high, uint32_t jitter,
                      struct pl_order_key *ret_key);
/* n keys in a row between two neighbours, as short as they come: the gap is halved again and again. */
void pl_order_spread(struct pl_slice low, struct pl_slice high, uint32_t jitter, struct pl_order_key *ret_keys,
                     size_t n);
static inline struct pl_slice pl_order_slice(const struct pl_order_key *key)
{
    return (struct pl_slice){.data = key->bytes, .len = key->len};
}

#endif
