/* Which of a document's past is kept: the plan alone, of numbers. thinning.h carries it out.
 *
 * The past is a row of bases, each a snapshot (or the empty document before seq 1), and between two
 * of them a stretch of journal. Whatever is kept, the two newest snapshots and all journal from the
 * older of them on are: the board is loaded from there. */
#ifndef STORE_THIN_H
#define STORE_THIN_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct thin_limits {
    uint64_t whole_ms; /* younger than this every seq can be told */
    uint64_t
        hourly_ms; /* younger than this one snapshot of each hour is kept, older one of each day */
    uint64_t bytes_max; /* of a document's snapshots and journal: above, the oldest go first */
    /* A snapshot that spares folding no more journal than this, or than itself, goes; the journal
     * stays. 0: none goes. */
    uint64_t fold_bytes;
};

struct thin_base {
    uint64_t seq; /* 0: the empty document, which costs nothing */
    uint64_t srv_ms;
    uint64_t bytes;         /* of the snapshot, inflated */
    uint64_t stored_bytes;  /* and as it is stored */
    uint64_t journal_bytes; /* kept, from here to the next base */
    /* the plan */
    bool keep_snapshot;
    bool keep_journal;
};

/* States from..to, both included, shall stay reachable, whatever their age. */
struct thin_pin {
    uint64_t from, to;
};

/* Bases in order of seq. Fills in the plan. */
void thin_plan(struct thin_base *bases, size_t n, const struct thin_pin *pins, size_t pin_n,
               uint64_t now_ms, const struct thin_limits *limits);

#endif
