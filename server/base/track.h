/* A talk-track as the data folder has it (SPEC K1 to K3): its own row, one for each segment, one for each uploaded chunk,
 * one for each guest who watched. The first two are MessagePack arrays that begin with their version; members that a
 * newer Plenum appends are passed over. Keys and fixed rows: keys.h.
 *
 * Not here: what is allowed (server/track), and the bytes of streams, which are files (media.h). */
#ifndef BASE_TRACK_H
#define BASE_TRACK_H
#include "base/digest.h"
#include "proto/id.h"
#include "proto/limits.h"
#include "proto/status.h"
#include "proto/writer.h"

#define TRACK_TYPE_BYTES_MAX 128u /* of a Content-Type, without its NUL */
#define TRACK_LINKS_MAX      64u  /* links that may watch */

enum track_stream {
    TRACK_MEDIA,
    TRACK_TIMELINE,
    TRACK_STREAM_N,
};

enum track_state {
    TRACK_RECORDING,
    TRACK_FINISHED,
};

/* A file that is whole, named by its hash; none: bytes is 0. */
struct track_file {
    uint64_t bytes;
    uint8_t hash[DIGEST_BYTES];
    char type[TRACK_TYPE_BYTES_MAX + 1]; /* Content-Type */
};

/* What came of one stream of a segment. */
struct track_flow {
    uint32_t chunk_n;
    uint64_t bytes;         /* of all chunks, as uploaded */
    struct track_file file; /* when the segment is done */
};

struct track_segment {
    char type[TRACK_TYPE_BYTES_MAX + 1]; /* as the recorder says; "": no media */
    bool done;
    uint32_t from_ms, length_ms; /* recorded time */
    uint64_t touched_ms;         /* Unix time of what last came of it; 0: not known */
    double said_ms;              /* of the timeline's last event; in its own time */
    uint64_t first_seq, last_seq;
    struct track_flow flows[TRACK_STREAM_N];
};

struct track_cut {
    uint32_t from_ms, to_ms;
};

struct track_chapter {
    uint32_t at_ms;
    uint32_t text_at, text_len; /* in the track's `texts` */
};

struct track {
    const struct pl_mem *mem;
    uint64_t board, track;
    uint64_t author; /* a guest's number */
    uint64_t made_ms, deleted_ms; /* Unix time; 0: not deleted */
    uint64_t touched_ms; /* when its own row was last changed; 0: not known, of a row of before that was noted */
    enum track_state state;
    char title[PL_TITLE_BYTES_MAX + 1];
    enum pl_role watch_role; /* this role and above; PL_ROLE_NONE: whoever came by one of the links */
    uint32_t link_n, cut_n, chapter_n, segment_n;
    uint64_t links[TRACK_LINKS_MAX];
    struct track_cut cuts[PL_TRACK_CUTS_MAX]; /* none: whole segments */
    struct track_chapter chapters[PL_TRACK_CHAPTERS_MAX];
    struct pl_buf texts; /* of the chapters */
    struct track_file captions, cover;
    struct track_segment segments[PL_TRACK_SEGMENTS_MAX];
};

/* One uploaded chunk. */
struct track_chunk {
    uint64_t at; /* in the stream */
    uint32_t bytes;
    uint8_t hash[DIGEST_BYTES];
};

/* An empty one that many people may watch; NULL when out of memory. */
struct track *track_new(const struct pl_mem *mem, uint64_t board, uint64_t track);
void track_free(struct track *track_or_null);
/* The same block for another track, empty as a new one: whoever reads many spares what a large block costs each time. */
void track_renew(struct track *track, uint64_t board, uint64_t id);
struct pl_slice track_chapter_title(const struct track *track, const struct track_chapter *chapter);

void track_about_write(const struct track *track, struct pl_buf *buf);
void track_segment_write(const struct track_segment *segment, struct pl_buf *buf);
/* PL_CORRUPT for bytes that are no such row, PL_VERSION, PL_NO_MEMORY. */
PL_CHECKED enum pl_status track_about_read(struct pl_slice bytes, struct track *track);
PL_CHECKED enum pl_status track_segment_read(struct pl_slice bytes, struct track_segment *ret_segment);

#define ROW_CHUNK_BYTES (12u + DIGEST_BYTES)
void track_chunk_write(const struct track_chunk *chunk, uint8_t ret_bytes[ROW_CHUNK_BYTES]);
bool track_chunk_read(struct pl_slice bytes, struct track_chunk *ret_chunk);

#endif
