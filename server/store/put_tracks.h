/* Whole talk-tracks put into a data folder at rest, in one transaction: what an import brings. Their files are there. */
#ifndef STORE_PUT_TRACKS_H
#define STORE_PUT_TRACKS_H
#include "base/track.h"

/* PL_LIMIT: a server has the folder; PL_STATE: it is a backup; PL_VERSION, PL_CORRUPT, PL_IO, PL_NO_MEMORY. Nothing is
 * changed then. */
PL_CHECKED enum pl_status store_put_tracks(const struct pl_mem *mem, const char *dir, struct track *const *tracks,
                                           size_t n);

#endif
