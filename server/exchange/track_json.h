/* A talk-track as JSON, for plenum export: what is known of it, its timelines as events, its files by name. README.md here
 * documents the form. Import leaves it out: links, guests and journal positions are of the server it was recorded on. */
#ifndef EXCHANGE_TRACK_JSON_H
#define EXCHANGE_TRACK_JSON_H
#include "base/track.h"

/* Appends it. `timelines` are the bytes of each segment's timeline, empty where there is none; an event that is none is
 * left out with all behind it. PL_NO_MEMORY. */
PL_CHECKED enum pl_status track_json_write(const struct track *track, const struct pl_slice *timelines,
                                           struct pl_buf *buf);

#endif
