/* Reading a whole media file piece by piece, each in a worker job, for whoever sends it on as fast as it is taken. Between
 * pieces it holds a descriptor and no memory; the kernel reads ahead. */
#ifndef TRACK_READING_H
#define TRACK_READING_H
#include "track/tracks.h"

#define READING_PIECE_BYTES (64u * 1024u)
#define READINGS_MAX        4096u /* at once: each holds a descriptor, and a process has sockets to keep, too */

struct track_reading;

typedef void track_reading_opened(void *user, enum pl_status status, struct track_reading *reading_or_null);
typedef void track_reading_came(void *user, const struct pl_slice *piece_or_null);

/* The bytes [from, from + len) of the file; opened in a worker. PL_OK: `opened` comes later, with the caller's reading,
 * or with PL_CORRUPT when the file is not as its row says, PL_IO. PL_LIMIT, PL_NO_MEMORY: it does not come. */
PL_CHECKED enum pl_status track_reading_open(struct tracks *tracks, const struct track_file *file, uint64_t from,
                                             uint64_t len, track_reading_opened *opened, void *user);
/* The next piece, once, later; valid until it is dropped. NULL: it cannot be read, or there are no more. */
void track_reading_next(struct track_reading *reading, track_reading_came *came, void *user);
/* The piece that came is not needed any more: a peer may take long to ask for another. */
void track_reading_drop(struct track_reading *reading);
/* Frees; what was asked for does not come any more. */
void track_reading_close(struct track_reading *reading_or_null);

#endif
