/* A talk-track as JSON, for plenum export and import: what is known of it, its timelines as events, its files by name.
 * README.md here documents the form. */
#ifndef EXCHANGE_TRACK_JSON_H
#define EXCHANGE_TRACK_JSON_H
#include "base/track.h"

/* Appends it. `timelines` are the bytes of each segment's timeline, empty where there is none; an event that is none is
 * left out with all behind it. PL_NO_MEMORY. */
PL_CHECKED enum pl_status track_json_write(const struct track *track, const struct pl_slice *timelines,
                                           struct pl_buf *buf);

/* Takes the track, without its board and with timelines of its segments that are borrowed for the call. */
typedef enum pl_status track_json_taken(void *user, struct track *track, const struct pl_buf *timelines);
/* Each talk-track of an export, for a board whose newest entry is `head`: segments that are done, all of them there.
 * PL_INVALID: one makes no sense; PL_NO_MEMORY, or what `each` returned. */
PL_CHECKED enum pl_status track_json_read(const struct pl_mem *mem, struct pl_slice json, uint64_t head,
                                          track_json_taken *each, void *user);

#endif
