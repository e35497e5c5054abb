/* Somebody who records and watches talk-tracks on a live server, over raw sockets. */
#ifndef SUPPORT_LIVE_TRACK_H
#define SUPPORT_LIVE_TRACK_H
#include "proto/writer.h"
#include "tests/support/live_peer.h"

struct live_author {
    const struct live_server *server;
    struct live_board board; /* one of their own */
    char token[128];         /* an editor's */
    char cookie[160], pass[192];
};

void live_author_come(struct live_author *ret_author, const struct live_server *server);
/* One request below the board's tracks by a connection of its own. `headers` are lines, each with its end. The status,
 * 0 when the server hung up; the body is appended, and without it up to where it broke off. */
unsigned live_author_ask(const struct live_author *author, const char *method, const char *below, const char *headers,
                         struct pl_slice body, struct pl_buf *body_or_null);
/* The head of such a request, for those who read the answer themselves; by the grant cookie. */
void live_author_get(const struct live_author *author, struct raw_client *client, const char *below,
                     const char *headers);
/* A track with a segment that is open. */
void live_author_begin(const struct live_author *author, char ret_track[16]);
unsigned live_author_chunk(const struct live_author *author, const char *track, unsigned chunk, struct pl_slice bytes,
                           struct pl_buf *body_or_null);
/* The segment ends. The status. */
unsigned live_author_finish(const struct live_author *author, const char *track);
/* How many chunks of media the server says there are. */
unsigned live_author_chunks(const struct live_author *author, const char *track);

#endif
