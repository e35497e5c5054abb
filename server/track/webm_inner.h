/* What scanning a WebM found and writing needs. */
#ifndef TRACK_WEBM_INNER_H
#define TRACK_WEBM_INNER_H
#include "track/webm.h"
#include "track/webm_walk.h"

#define WEBM_SCALE_DEFAULT UINT64_C(1000000) /* ns of a tick: a millisecond, as everybody writes */
#define WEBM_SCALE_MAX UINT64_C(1000000000)
#define WEBM_TRACKS_MAX 8u /* those beyond count for nothing, their blocks are kept */

/* Times are in ticks, from the Segment's beginning. */
struct webm_track {
    uint64_t number; /* never 0 */
    uint64_t type;
    uint64_t frame_ns; /* DefaultDuration; 0 unknown */
    bool begun;
    uint64_t last;      /* the latest block's time */
    uint64_t last_long; /* how long that one says it lasts; 0 unknown */
    uint64_t step;      /* since the one before it */
};

struct webm_cue {
    uint64_t time;
    uint64_t cluster; /* where it begins in the new file, counted from the first Cluster */
};

struct webm {
    const struct pl_mem *mem;
    struct webm_facts facts;
    uint64_t scale_ns;
    uint64_t length; /* in ticks */
    struct pl_buf info;   /* the children that are kept */
    struct pl_buf tracks; /* the payload, as it came */
    bool has_info, has_tracks, has_duration, has_cues;
    struct webm_track track[WEBM_TRACKS_MAX];
    uint32_t track_n;
    struct webm_cue cue[WEBM_CUES_MAX];
    uint64_t cue_track;    /* whose blocks the cues name */
    uint64_t cue_step_min; /* between two cues */
    uint64_t clusters_bytes;
};

/* Everything in front of the Clusters. PL_NO_MEMORY. */
PL_CHECKED enum pl_status webm_head(const struct webm *webm, struct pl_buf *head);

#endif
