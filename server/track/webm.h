/* WebM as browsers record it, made fit for seeking. A recorder writes for a stream that never ends: a Segment and
 * Clusters of unknown size, no Duration, no Cues. Scanning finds out what is there; writing makes a file of the same
 * blocks, with sizes, a Duration, and in front of the Clusters an index (SeekHead and Cues), so that one ranged
 * request finds every moment.
 *
 * A length is believed only as far as its bytes are there: a recording that was cut anywhere is good up to its last
 * whole block. Blocks, their lacing, and elements nobody knows are kept as they are; beside the Clusters only Info and
 * Tracks are kept, and no second recorder run. Memory is bounded whatever the file says: a window over it, the Info,
 * the Tracks and at most WEBM_CUES_MAX places, less than 512 KiB together.
 *
 * Not here: MP4 and Ogg, which are served as recorders write them. Source: RFC 9559 and webmproject.org's guidelines. */
#ifndef TRACK_WEBM_H
#define TRACK_WEBM_H
#include "proto/mem.h"
#include "proto/status.h"

#define WEBM_CUES_MAX 4096u                 /* beyond, the index becomes coarser */
#define WEBM_LOADED_BYTES_MAX (64u * 1024u) /* of an Info and of Tracks: codecs' own headers are a few KiB */

/* A file that does not change meanwhile. */
struct webm_source {
    /* Exactly `len` bytes from offset `at`, which are within `bytes`; false: the storage failed. */
    bool (*read)(void *user, uint64_t at, uint8_t *ret_bytes, size_t len);
    void *user;
    uint64_t bytes;
};

/* Takes what is written, in order; false: it cannot, and is not asked again. */
struct webm_sink {
    bool (*write)(void *user, struct pl_slice bytes);
    void *user;
};

struct webm_facts {
    uint64_t length_ms; /* up to the last block's end */
    uint64_t bytes;     /* of the file that webm_write makes */
    uint32_t cues;      /* places in its index */
    bool video;
    bool seekable;    /* it has a Duration and Cues already and is whole: it need not be written anew */
    bool cut;         /* it ends, or breaks, in the middle of something: that and what follows is left out */
    bool another_run; /* a second file follows in it, as when a recorder was started again: that is left out */
};

struct webm;

/* PL_INVALID: no WebM, or no track and block in it. PL_TOO_BIG: more Info or Tracks than WEBM_LOADED_BYTES_MAX.
 * PL_IO: the source failed. PL_NO_MEMORY. `mem` is borrowed for the result's life, the source for the call. */
PL_CHECKED enum pl_status webm_scan(const struct pl_mem *mem, const struct webm_source *source, struct webm **ret_webm);
void webm_free(struct webm *webm_or_null);
struct webm_facts webm_facts(const struct webm *webm);
/* Writes `facts.bytes` bytes. PL_IO: source or sink failed, or the source is not what was scanned. PL_NO_MEMORY. */
PL_CHECKED enum pl_status webm_write(const struct webm *webm, const struct webm_source *source,
                                     const struct webm_sink *sink);

#endif
