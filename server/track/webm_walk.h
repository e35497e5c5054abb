/* A WebM file element by element, through one window over its source: what lies one after another in a Segment, and in
 * a Cluster. Every element that is told lies whole within its parent and within the file, save Segments and Clusters,
 * whose sizes may be unknown or untrue. */
#ifndef TRACK_WEBM_WALK_H
#define TRACK_WEBM_WALK_H
#include "track/ebml.h"
#include "track/webm.h"

enum {
    WEBM_SEGMENT = 0x18538067,
    WEBM_SEEK_HEAD = 0x114d9b74,
    WEBM_INFO = 0x1549a966,
    WEBM_TRACKS = 0x1654ae6b,
    WEBM_CUES = 0x1c53bb6b,
    WEBM_CHAPTERS = 0x1043a770,
    WEBM_TAGS = 0x1254c367,
    WEBM_ATTACHMENTS = 0x1941a469,
    WEBM_CLUSTER = 0x1f43b675,
    WEBM_TIMESTAMP = 0xe7, /* in a Cluster, from here on */
    WEBM_POSITION = 0xa7,
    WEBM_PREV_SIZE = 0xab,
    WEBM_SIMPLE_BLOCK = 0xa3,
    WEBM_BLOCK_GROUP = 0xa0,
};

struct walk {
    const struct pl_mem *mem;
    const struct webm_source *source;
    uint8_t *window; /* owned */
    uint64_t at;     /* what of the source is in it */
    size_t len;
    bool failed; /* the source did: nothing is found from then on */
};

struct element {
    uint64_t at;      /* of its head */
    uint64_t payload; /* where that begins */
    uint64_t end;     /* of its payload */
    uint32_t id;
    bool open; /* its size is unknown, or more than its parent has: `end` is its parent's */
    bool cut;  /* the latter */
};

/* A row of elements: [at, end) of what is yet to come. */
struct row {
    uint64_t at;
    uint64_t end;
    bool broken; /* what comes at `at` is no whole element */
    bool another_file;
};

PL_CHECKED enum pl_status walk_init(struct walk *walk, const struct pl_mem *mem, const struct webm_source *source);
void walk_done(struct walk *walk);
/* `len` bytes, which are within the file and WALK_BYTES_MAX; valid until the next call. */
#define WALK_BYTES_MAX (64u * 1024u)
PL_CHECKED bool walk_bytes(struct walk *walk, uint64_t at, size_t len, struct pl_slice *ret_bytes);
/* Hands [at, end) to the sink. */
PL_CHECKED bool walk_copy(struct walk *walk, uint64_t at, uint64_t end, const struct webm_sink *sink);

/* The next element of any row, passed over; false at the end, or broken. */
PL_CHECKED bool row_next(struct walk *walk, struct row *row, struct element *ret_element);
/* The Segment of the first file there; false when that is no WebM. */
PL_CHECKED bool segment_find(struct walk *walk, struct element *ret_segment);
struct row row_of(const struct element *parent);
/* The next element of a Segment. A Cluster is not passed over: its row is (row_of), and then cluster_pass called. At
 * another file's header the row ends. */
PL_CHECKED bool segment_next(struct walk *walk, struct row *row, struct element *ret_element);
void cluster_pass(struct row *segment, const struct row *cluster);
/* The next element of a Cluster, which ends where something begins that belongs beside it. */
PL_CHECKED bool cluster_next(struct walk *walk, struct row *row, struct element *ret_element);
/* What is written again: not what says where things lay in the old file. */
bool cluster_keeps(uint32_t id);

#endif
