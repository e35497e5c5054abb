/* plenum check: everything in a data folder is read and compared. Of each board: every record's and
 * snapshot's checksum; that the journal has no holes but those that thinning history leaves; that
 * each snapshot equals the replay of what was journaled before it, where that is kept; the
 * document's invariants; that what replicas are said to have written is what they wrote, and no
 * replica id is above those that were issued. Talk-tracks are check_tracks.c's. */
#include "base/ident.h"
#include "cmd/check_tracks.h"
#include "cmd/cmd_inner.h"
#include "cmd/replay.h"
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct checking {
    const struct cmd_args *args;
    struct store_view *view;
    struct store_view_board board;
    char name[IDENT_TEXT_LEN + 1];
    struct replay replay;
    uint64_t snapshot_n, board_n, wrong_n;
    uint64_t foreign_n; /* snapshots that another Plenum packed */
};

__attribute__((format(printf, 2, 3))) static void wrong(struct checking *checking,
                                                        const char *format, ...)
{
    char text[256];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    cmd_progress_end();
    printf("board %s: %s\n", checking->name, text);
    checking->wrong_n++;
}

/* A stretch of journal between two snapshots, or behind the newest. Thinning takes whole stretches,
 * but for a record at either end that belongs to the neighbour too: a hole in a stretch of which
 * something else is there is a loss. */
struct stretch {
    uint64_t from, to;           /* to: UINT64_MAX behind the newest */
    uint64_t hole_from, hole_to; /* the first hole; 0: none */
    bool inside;                 /* a record lies whole in it */
};

/* From `from` on as far as there is no hole; one behind the last entry that could be read. */
static uint64_t run_check(struct checking *checking, const struct stretch *stretch, uint64_t from)
{
    struct replay *replay = &checking->replay;
    struct journal_reader reader = replay_reader(replay);
    uint64_t next;
    enum pl_status status = store_view_entries(checking->view, checking->board.board, 0, from,
                                               stretch->to, &reader, &next);
    if (status == PL_OK || status == PL_NOT_FOUND)
        return next;
    wrong(checking, "seq %" PRIu64 " cannot be read or folded: %s", next, pl_status_text(status));
    replay_drop(replay);
    uint64_t first, last = next; /* of the record that holds it: on behind that */
    return store_view_record(checking->view, checking->board.board, 0, next, &first, &last) == PL_OK
               ? last + 1
               : next + 1;
}

static void stretch_check(struct checking *checking, uint64_t stretch_from, uint64_t stretch_to)
{
    struct stretch stretch = {.from = stretch_from, .to = stretch_to};
    uint64_t at = stretch.from, first, last;
    while (at <= stretch.to) {
        enum pl_status status =
            store_view_record(checking->view, checking->board.board, 0, at, &first, &last);
        const bool none = status != PL_OK || first > stretch.to;
        if (none && stretch.to == UINT64_MAX)
            break; /* the journal's end */
        if (none || first > at) {
            if (stretch.hole_to == 0) {
                stretch.hole_from = at;
                stretch.hole_to = none ? stretch.to : first - 1;
            }
            replay_drop(&checking->replay);
        }
        if (none)
            break;
        at = first > at ? first : at;
        stretch.inside = stretch.inside || stretch.to == UINT64_MAX ||
                         (first >= stretch.from && last <= stretch.to);
        at = run_check(checking, &stretch, at);
    }
    if (stretch.hole_to != 0 && stretch.inside)
        wrong(checking, "entries from seq %" PRIu64 " to %" PRIu64 " are missing",
              stretch.hole_from, stretch.hole_to);
}

/* Whether the snapshot is what was folded up to there. */
static bool is_folded(struct replay *replay, struct pl_slice stored)
{
    struct pl_buf folded;
    pl_buf_init(&folded, replay->mem);
    pl_doc_snapshot(replay->doc, &folded);
    bool same = folded.len == stored.len && memcmp(folded.data, stored.data, stored.len) == 0;
    pl_buf_done(&folded);
    return same;
}

/* The snapshot at seq, against the document that was folded up to there, if there is one; otherwise
 * it is where folding begins. */
static void snapshot_check(struct checking *checking, uint64_t seq)
{
    struct replay *replay = &checking->replay;
    struct replay loaded = {.mem = replay->mem};
    struct pl_buf stored;
    pl_buf_init(&stored, replay->mem);
    enum pl_status status =
        store_view_snapshot_read(checking->view, checking->board.board, 0, seq, &stored);
    const struct pl_slice bytes = pl_buf_slice(&stored);
    const bool folded = replay->doc != NULL && pl_doc_head(replay->doc) == seq;
    checking->snapshot_n++;
    if (status != PL_OK)
        wrong(checking, "the snapshot at seq %" PRIu64 " cannot be read: %s", seq,
              pl_status_text(status));
    else if ((status = replay_snapshot(&loaded, seq, bytes)) == PL_VERSION && folded)
        checking->foreign_n++; /* loading passes over it, to the journal */
    else if (folded && !is_folded(replay, bytes))
        wrong(checking, "the snapshot at seq %" PRIu64 " is not what was journaled", seq);
    else if (status != PL_OK)
        wrong(checking, "the snapshot at seq %" PRIu64 " is none: %s", seq, pl_status_text(status));
    if (status == PL_OK && !folded) {
        replay_drop(replay);
        replay->doc = loaded.doc;
        loaded.doc = NULL;
    }
    replay_drop(&loaded);
    pl_buf_done(&stored);
}

static void marks_check(struct checking *checking)
{
    struct journal_mark mark;
    uint32_t from = 0;
    size_t n = 0;
    const struct pl_doc *doc = checking->replay.doc;
    while (store_view_mark(checking->view, checking->board.board, from, &mark)) {
        struct pl_replica_row row;
        n++;
        if (!pl_doc_replica(doc, mark.replica, &row) || row.hwm != mark.hwm ||
            row.user != mark.user)
            wrong(checking, "replica %" PRIu32 " wrote something else than is noted of it",
                  mark.replica);
        if (mark.replica != 0 && mark.replica >= checking->board.next_replica)
            wrong(checking, "replica %" PRIu32 " was never issued", mark.replica);
        if (mark.replica == UINT32_MAX)
            break;
        from = mark.replica + 1;
    }
    if (n > pl_doc_replica_n(doc))
        wrong(checking, "more replicas are noted than ever wrote");
}

static void board_check(struct checking *checking)
{
    struct replay *replay = &checking->replay;
    const uint64_t board = checking->board.board;
    uint64_t at = 0, seq, first, last;
    const char *reason;
    ident_write(board, checking->name);
    const bool whole =
        store_view_record(checking->view, board, 0, 1, &first, &last) == PL_OK && first == 1;
    replay->doc = whole ? pl_doc_new(replay->mem) : NULL; /* its beginning may be thinned away */
    while (store_view_snapshot(checking->view, board, 0, at + 1, &seq) == PL_OK) {
        stretch_check(checking, at + 1, seq);
        snapshot_check(checking, seq);
        at = seq;
    }
    stretch_check(checking, at + 1, UINT64_MAX);
    if (replay->doc == NULL) {
        wrong(checking, "its newest state cannot be told");
        return;
    }
    if (!pl_doc_check(replay->doc, &reason))
        wrong(checking, "the document is inconsistent: %s", reason);
    marks_check(checking);
    replay_drop(replay);
}

static void links_check(struct checking *checking, uint64_t *ret_n)
{
    struct link_row link = {0};
    *ret_n = 0;
    while (store_view_link(checking->view, link.board, link.link, &link)) {
        struct store_view_board board;
        ++*ret_n;
        if (link.board == 0 || !store_view_board(checking->view, link.board - 1, &board) ||
            board.board != link.board) {
            ident_write(link.board, checking->name);
            wrong(checking, "there is a link to it, but no such board");
        }
    }
}

enum cmd_exit cmd_check(const struct cmd_args *args)
{
    struct checking checking = {.args = args, .replay = {.mem = args->mem}};
    struct cmd_tracks_checked tracks;
    uint64_t link_n;
    enum pl_status status = store_view_open(args->mem, args->data, &checking.view);
    if (status != PL_OK)
        return cmd_folder_failed(args->data, status);
    while (store_view_board(checking.view, checking.board.board, &checking.board)) {
        checking.board_n++;
        board_check(&checking);
        cmd_progress("%" PRIu64 " boards, %" PRIu64 " entries", checking.board_n,
                     checking.replay.entry_n);
    }
    links_check(&checking, &link_n);
    cmd_check_tracks(args, checking.view, &tracks);
    checking.wrong_n += tracks.wrong_n;
    cmd_progress_end();
    printf("%s: %" PRIu64 " boards, %" PRIu64 " entries, %" PRIu64 " snapshots, %" PRIu64
           " links: ",
           args->data, checking.board_n, checking.replay.entry_n, checking.snapshot_n, link_n);
    if (tracks.track_n > 0)
        printf("%" PRIu64 " talk-tracks, %" PRIu64 " media files: ", tracks.track_n, tracks.file_n);
    if (checking.foreign_n > 0)
        printf("%" PRIu64 " snapshots of another version not compared: ", checking.foreign_n);
    if (checking.wrong_n == 0)
        printf("all is well\n");
    else
        printf("%" PRIu64 " things are wrong\n", checking.wrong_n);
    store_view_close(checking.view);
    return checking.wrong_n == 0 ? CMD_DONE : CMD_FAILED;
}
