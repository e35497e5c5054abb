/* A timeline's chunk, checked before it is stored: whole events in order (SPEC K4). What players would have to mistrust,
 * times, coordinates, ids, the sizes of lists, is settled here once. Nothing is kept of it. */
#ifndef TRACK_TIMELINE_H
#define TRACK_TIMELINE_H
#include "proto/mem.h"
#include "proto/status.h"

struct timeline_facts {
    double first_ms, last_ms; /* of its segment; never falling, at most PL_TRACK_MS_MAX */
    uint64_t seq;             /* the highest journal entry it names; 0: none */
    uint64_t stood_at;        /* the entry that its first event of type 6 names; 0: none */
    uint32_t events;          /* at least one */
    bool begins;              /* as a segment has to: a viewport at 0, and the first event of type 6, if any, at 0 */
};

/* `after_ms` is the last event's time of the chunk before, 0 for the first. An event of a known type has exactly the
 * members that K4 gives it; one of another type is well-formed and has a time.
 * PL_MALFORMED: no whole events, or none. PL_INVALID: a time that falls, a number or a member out of place. PL_TOO_BIG:
 * a time above PL_TRACK_MS_MAX, more anchors than PL_TRACK_ANCHORS_MAX, a caption above PL_TITLE_BYTES_MAX. */
PL_CHECKED enum pl_status timeline_check(struct pl_slice chunk, double after_ms, struct timeline_facts *ret_facts);

#endif
