/* plenum export BOARD: one board as JSON, at its newest seq or an earlier one that is kept, with its talk-tracks as they are
 * now. */
#include "base/ident.h"
#include "cmd/cmd_inner.h"
#include "cmd/export_tracks.h"
#include "cmd/replay.h"
#include "exchange/board_json.h"
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* Whole, or not under its name. */
static bool bytes_out(const char *path_or_null, const struct pl_buf *buf)
{
    FILE *file = path_or_null == NULL ? stdout : fopen(path_or_null, "wx");
    if (file == NULL)
        return false;
    bool good = fwrite(buf->data, 1, buf->len, file) == buf->len;
    if (path_or_null == NULL)
        return fflush(file) == 0 && good;
    good = fclose(file) == 0 && good;
    if (!good)
        (void)remove(path_or_null);
    return good;
}

static enum cmd_exit write_out(const struct cmd_args *args, struct store_view *view, uint64_t board, struct pl_doc *doc)
{
    struct pl_buf json, tracks;
    enum cmd_exit result = CMD_FAILED;
    pl_buf_init(&json, args->mem);
    pl_buf_init(&tracks, args->mem);
    enum pl_status status = cmd_export_tracks(args, view, board, &tracks);
    if (status == PL_OK)
        status = board_json_write(args->mem, doc, pl_buf_slice(&tracks), &json);
    if (status != PL_OK)
        cmd_complain("cannot write the board as JSON: %s", pl_status_text(status));
    else if (!bytes_out(args->out, &json))
        cmd_complain("cannot write %s: %s", args->out == NULL ? "to standard output" : args->out,
                     strerror(errno));
    else
        result = CMD_DONE;
    pl_buf_done(&json);
    pl_buf_done(&tracks);
    return result;
}

enum cmd_exit cmd_export(const struct cmd_args *args)
{
    struct store_view *view;
    struct store_view_board row;
    struct replay replay = {.mem = args->mem};
    struct journal_reader reader = replay_reader(&replay);
    uint64_t board;
    enum cmd_exit result = CMD_FAILED;
    if (!ident_read((struct pl_slice){(const uint8_t *)args->positional, strlen(args->positional)},
                    &board)) {
        cmd_complain("'%s' is no board's id: it is the part of the address behind /b/, 11 letters",
                     args->positional);
        return CMD_USAGE;
    }
    enum pl_status status = store_view_open(args->mem, args->data, &view);
    if (status != PL_OK)
        return cmd_folder_failed(args->data, status);
    if (board == 0 || !store_view_board(view, board - 1, &row) || row.board != board) {
        cmd_complain("there is no board %s in %s", args->positional, args->data);
        goto out;
    }
    replay.doc = pl_doc_new(args->mem);
    status = replay.doc == NULL ? PL_NO_MEMORY : store_view_load(view, board, 0, args->at, &reader);
    if (status == PL_NOT_FOUND ||
        (status == PL_OK && args->at != UINT64_MAX && pl_doc_head(replay.doc) != args->at))
        cmd_complain("seq %" PRIu64 " is not kept, or not there yet", args->at);
    else if (status != PL_OK)
        cmd_complain("cannot read the board: %s", pl_status_text(status));
    else
        result = write_out(args, view, board, replay.doc);
out:
    replay_drop(&replay);
    store_view_close(view);
    return result;
}
