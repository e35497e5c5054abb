/* Talk-tracks of all boards: recording them, changing them, deleting them (SPEC section 12). Decides who may, keeps what
 * is decided in the store. On the loop's thread; files are read and written in worker jobs, so every answer may come
 * later, and for one track answers come in the order of the calls.
 *
 * Whoever asks was let onto the board already: by which link, as whom and in which role stands in track_asker. What
 * somebody must not see is absent to them: PL_NOT_FOUND. */
#ifndef TRACK_TRACKS_H
#define TRACK_TRACKS_H
#include "base/digest.h"
#include "base/loop.h"
#include "board/past.h"
#include "store/tracks.h"

struct tracks;

struct tracks_env { /* borrowed for the life of the tracks */
    const struct pl_mem *mem;
    const struct loop *loop;
    struct store *store;
    const struct digest *digest;
    const struct random *random;
};

/* NULL: out of memory, or the media folder cannot be made. Begins to sweep: once now, then hourly. */
struct tracks *tracks_new(const struct tracks_env *env);
/* Nothing may be under way: see tracks_drain. */
void tracks_free(struct tracks *tracks_or_null);
/* Begins nothing more (PL_DRAINING); `done` when nothing is under way. Once. */
void tracks_drain(struct tracks *tracks, void (*done)(void *user), void *user);

struct track_asker {
    uint64_t board;
    uint64_t link; /* they came by it */
    uint64_t user; /* a guest's number; 0: not known, so author of nothing */
    enum pl_role role;
};

/* Whether they may know of it; see and hear it; change and delete it; add to it. Each implies the first. */
bool track_known(const struct track *track, const struct track_asker *asker);
bool track_watched(const struct track *track, const struct track_asker *asker);
bool track_edited(const struct track *track, const struct track_asker *asker);
bool track_recorded(const struct track *track, const struct track_asker *asker);
/* Deleted before it was ever finished: in no list, and gone with the next sweep. */
bool track_thrown_away(const struct track *track);

/* What can be told of a board's tracks. The caller frees the track. PL_NOT_FOUND: none, or none to them. */
PL_CHECKED enum pl_status tracks_find(struct tracks *tracks, const struct track_asker *asker, uint64_t track,
                                      struct track **ret_track);
/* For boards: who may watch a track may see what it spans of the board's past. Valid as long as the tracks are. */
struct past_right tracks_past_right(struct tracks *tracks);
/* The viewers of a track that was found. PL_IO. */
PL_CHECKED enum pl_status tracks_viewers(struct tracks *tracks, const struct track *track,
                                         struct track_viewers *ret_viewers);
/* Each that they may know of. PL_IO, PL_NO_MEMORY. */
PL_CHECKED enum pl_status tracks_each(struct tracks *tracks, const struct track_asker *asker,
                                      void (*row)(void *user, const struct track *track), void *user);
/* How many bytes of media the board may still take. */
PL_CHECKED enum pl_status tracks_room(struct tracks *tracks, uint64_t board, uint64_t *ret_bytes);

struct tracks_answer {
    enum pl_status status;
    const char *why_or_null;   /* why not, static, when that says more than the status */
    const struct track *track; /* as it is now, during the call; NULL unless PL_OK */
    /* With PL_OK of a chunk, and with PL_GAP: the chunk that is wanted next, and of which stream. */
    uint32_t next;
    enum track_stream stream;
};
typedef void tracks_done(void *user, const struct tracks_answer *answer);

/* Everything that is borrowed is copied. PL_OK: the answer comes later, never before the call returns. Otherwise it does
 * not come: PL_LIMIT (too much at once), PL_DRAINING, PL_NO_MEMORY, or what the track's row says of the asker: PL_NOT_FOUND,
 * PL_PERM, PL_CORRUPT, PL_IO. An answer's status is, besides what is named, one of these, or PL_READ_ONLY: the rows could
 * not be written. */

/* PL_QUOTA: PL_TRACKS_MAX; PL_TICKET: nobody known asks. */
PL_CHECKED enum pl_status tracks_make(struct tracks *tracks, const struct track_asker *asker, struct pl_slice title,
                                      tracks_done *done, void *user);
/* A segment that is open is finished as it stands. `type` is what the recorder calls its media, "" for none.
 * PL_QUOTA: PL_TRACK_SEGMENTS_MAX, or no time left. */
PL_CHECKED enum pl_status tracks_segment_open(struct tracks *tracks, const struct track_asker *asker, uint64_t track,
                                              struct pl_slice type, tracks_done *done, void *user);

struct track_upload {
    uint64_t track;
    uint32_t segment, chunk;
    enum track_stream stream;
    struct pl_slice bytes;
    uint8_t hash[DIGEST_BYTES]; /* as the sender says */
};
/* SPEC K6. PL_GAP, PL_DIVERGED, PL_STATE: the segment is done; PL_TOO_BIG; PL_TYPE: media of no known kind; PL_DIGEST;
 * PL_MALFORMED, PL_INVALID: a timeline that is none; PL_QUOTA: the track, the board or the disk is full. */
PL_CHECKED enum pl_status tracks_chunk(struct tracks *tracks, const struct track_asker *asker,
                                       const struct track_upload *upload, tracks_done *done, void *user);
/* The chunks there must be, of each stream, or NULL: as it stands. PL_GAP. */
PL_CHECKED enum pl_status tracks_segment_finish(struct tracks *tracks, const struct track_asker *asker, uint64_t track,
                                                uint32_t segment, uint32_t length_ms, const uint32_t *chunks_or_null,
                                                tracks_done *done, void *user);

enum track_wish {
    TRACK_WISH_TITLE = 1,
    TRACK_WISH_WATCH = 2,
    TRACK_WISH_CUTS = 4,
    TRACK_WISH_CHAPTERS = 8,
    TRACK_WISH_FINISHED = 16, /* also takes back a deletion */
};
/* What `wished` names becomes as in `wish`, a track that is taken over; PL_STATE: no segment is done; PL_INVALID: a cut or
 * a chapter that is not in what was recorded. */
PL_CHECKED enum pl_status tracks_change(struct tracks *tracks, const struct track_asker *asker, uint64_t track,
                                        unsigned wished, struct track *wish, tracks_done *done, void *user);
PL_CHECKED enum pl_status tracks_delete(struct tracks *tracks, const struct track_asker *asker, uint64_t track,
                                        tracks_done *done, void *user);

enum track_beside { TRACK_CAPTIONS, TRACK_COVER };
/* PL_TYPE: not what it should be; PL_TOO_BIG, PL_QUOTA. */
PL_CHECKED enum pl_status tracks_attach(struct tracks *tracks, const struct track_asker *asker, uint64_t track,
                                        enum track_beside which, struct pl_slice bytes, tracks_done *done, void *user);
/* How far they got, in played time. */
PL_CHECKED enum pl_status tracks_progress(struct tracks *tracks, const struct track_asker *asker, uint64_t track,
                                          uint32_t played_ms, tracks_done *done, void *user);

#endif
