/* See time.h. */
#include "track/time.h"
#include <string.h>

uint32_t track_recorded_ms(const struct track *track)
{
    uint32_t ms = 0;
    for (uint32_t i = 0; i < track->segment_n; i++)
        if (track->segments[i].done)
            ms = track->segments[i].from_ms + track->segments[i].length_ms;
    return ms;
}

uint32_t track_cuts(const struct track *track, struct track_cut *ret_cuts)
{
    const uint32_t recorded_ms = track_recorded_ms(track);
    if (track->cut_n > 0) {
        memcpy(ret_cuts, track->cuts, track->cut_n * sizeof *ret_cuts);
        return track->cut_n;
    }
    ret_cuts[0] = (struct track_cut){0, recorded_ms};
    return recorded_ms > 0;
}

uint32_t track_played_ms(const struct track *track)
{
    struct track_cut cuts[PL_TRACK_CUTS_MAX];
    const uint32_t n = track_cuts(track, cuts);
    uint32_t ms = 0;
    for (uint32_t i = 0; i < n; i++)
        ms += cuts[i].to_ms - cuts[i].from_ms;
    return ms;
}

uint64_t track_segment_bytes(const struct track_segment *segment)
{
    uint64_t bytes = 0;
    for (size_t i = 0; i < TRACK_STREAM_N; i++)
        bytes += segment->done ? segment->flows[i].file.bytes : segment->flows[i].bytes;
    return bytes;
}

uint64_t track_bytes(const struct track *track)
{
    uint64_t bytes = track->captions.bytes + track->cover.bytes;
    for (uint32_t i = 0; i < track->segment_n; i++)
        bytes += track_segment_bytes(&track->segments[i]);
    return bytes;
}

/* Of one whose rows do not tell when something last came, nobody knows. */
uint64_t track_ends_ms(const struct track *track)
{
    uint64_t touched_ms = track->touched_ms;
    if (track->deleted_ms != 0)
        return track->deleted_ms + (track->state == TRACK_FINISHED ? PL_TRACK_GRACE_MS : 0);
    if (track->state == TRACK_FINISHED || touched_ms == 0)
        return 0;
    for (uint32_t i = 0; i < track->segment_n; i++)
        if (touched_ms < track->segments[i].touched_ms)
            touched_ms = track->segments[i].touched_ms;
    return touched_ms + PL_TRACK_UNFINISHED_MS;
}

uint32_t track_chunks(const struct track *track)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < track->segment_n; i++)
        for (size_t k = 0; k < TRACK_STREAM_N; k++)
            n += track->segments[i].flows[k].chunk_n;
    return n;
}
