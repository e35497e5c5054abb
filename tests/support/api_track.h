/* Talk-tracks through the routes alone: somebody who came by a link, and what they record, change and watch. */
#ifndef SUPPORT_API_TRACK_H
#define SUPPORT_API_TRACK_H
#include "tests/support/api_board.h"

/* A browser that asked for a ticket. */
struct api_guest {
    const struct api_board *board;
    char token[128];
    char cookie[160]; /* who they are */
    char pass[192];   /* the grant cookie */
};

void api_guest_come(struct api_world *world, const struct api_board *board, const char *token,
                    struct api_guest *ret_guest);
/* Below the board's tracks, as the guest, with the token: "" is the list, else "/<track>...". The status. */
unsigned api_track_ask(struct api_world *world, const struct api_guest *guest, enum api_method method,
                       const char *below, struct pl_slice body);
unsigned api_track_json(struct api_world *world, const struct api_guest *guest, enum api_method method,
                        const char *below, const char *body);
/* The same by the grant cookie alone, as a media element asks; `range_or_null` is a header. */
unsigned api_track_watch(struct api_world *world, const struct api_guest *guest, const char *below,
                         const char *range_or_null);
/* A Content-Digest header for these bytes. */
void api_digest_write(struct pl_slice bytes, char ret_header[80]);
/* Uploads a chunk: "media" or "timeline". */
unsigned api_track_chunk(struct api_world *world, const struct api_guest *guest, const char *track, unsigned segment,
                         const char *stream, unsigned chunk, struct pl_slice bytes);
/* A track that was made, and its first segment opened, with media of this type. */
void api_track_begin(struct api_world *world, const struct api_guest *guest, const char *type, char ret_track[16]);
/* One that is finished: a segment of 5 s with media and timeline, captions and a cover. */
void api_track_whole(struct api_world *world, const struct api_guest *guest, char ret_track[16]);
/* Whether the error in the world has this code. */
bool api_code_is(const struct api_world *world, const char *code);

/* What begins like WebM, an empty timeline but for its first view, captions, a picture. */
extern const struct pl_slice api_webm, api_timeline, api_captions, api_cover;

#endif
