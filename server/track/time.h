/* Recorded and played time of a track (SPEC K2, K3), how much there is of it, and until when (K10). Pure. */
#ifndef TRACK_TIME_H
#define TRACK_TIME_H
#include "base/track.h"

/* Through all segments that are done. */
uint32_t track_recorded_ms(const struct track *track);
/* The cuts it plays: its own, or all that is recorded as one. Returns how many; `ret_cuts` has room for
 * PL_TRACK_CUTS_MAX. */
uint32_t track_cuts(const struct track *track, struct track_cut *ret_cuts);
uint32_t track_played_ms(const struct track *track);
/* Bytes of all its files and uploads. */
uint64_t track_bytes(const struct track *track);
uint32_t track_chunks(const struct track *track); /* that were uploaded */
/* When it goes with all that is of it unless somebody does something; Unix time, 0: it stays. */
uint64_t track_ends_ms(const struct track *track);
uint64_t track_segment_bytes(const struct track_segment *segment);

#endif
