/* The part of plenum check that is about talk-tracks. Not for others. */
#ifndef CMD_CHECK_TRACKS_H
#define CMD_CHECK_TRACKS_H
#include "cmd/cmd_inner.h"
#include "store/view.h"

struct cmd_tracks_checked {
    uint64_t track_n, file_n, wrong_n;
};
/* Says what is wrong, a line for each. */
void cmd_check_tracks(const struct cmd_args *args, struct store_view *view, struct cmd_tracks_checked *ret_checked);

#endif
