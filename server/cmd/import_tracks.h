/* The part of plenum import that is about talk-tracks. Not for others. */
#ifndef CMD_IMPORT_TRACKS_H
#define CMD_IMPORT_TRACKS_H
#include "cmd/cmd_inner.h"

/* Puts those of an export that have their files in the data folder's `media` onto the board, whose newest entry is
 * `head`; what cannot be brought is complained about. `now_ms`: Unix time. false: the folder could not be written. */
bool cmd_import_tracks(const struct cmd_args *args, struct pl_slice json, uint64_t board, uint64_t head, uint64_t now_ms);

#endif
