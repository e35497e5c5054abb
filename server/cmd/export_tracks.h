/* The part of plenum export that is about talk-tracks. Not for others. */
#ifndef CMD_EXPORT_TRACKS_H
#define CMD_EXPORT_TRACKS_H
#include "cmd/cmd_inner.h"
#include "proto/writer.h"
#include "store/view.h"

/* Appends the board's talk-tracks as JSON, with commas between; those that are deleted are left out. What of a timeline
 * is not there or not as it was is complained about, and left out; so is a track that cannot be read. PL_IO, PL_NO_MEMORY. */
PL_CHECKED enum pl_status cmd_export_tracks(const struct cmd_args *args, struct store_view *view, uint64_t board,
                                            struct pl_buf *buf);

#endif
