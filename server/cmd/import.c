/* plenum import FILE: a new board of what export wrote, with links of its own, and its talk-tracks. */
#include "auth/token.h"
#include "base/ident.h"
#include "base/role.h"
#include "cmd/cmd_inner.h"
#include "cmd/import_tracks.h"
#include "exchange/board_json.h"
#include "store/put_board.h"
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static const enum pl_role roles[] = {PL_ROLE_OWNER, PL_ROLE_EDITOR, PL_ROLE_VIEWER};
#define LINK_N (sizeof roles / sizeof *roles)

static bool file_read(const char *path, struct pl_buf *buf)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        return false;
    size_t n = 0;
    while (pl_buf_reserve(buf, 1u << 16) &&
           (n = fread(buf->data + buf->len, 1, 1u << 16, file)) > 0)
        buf->len += n;
    bool good = ferror(file) == 0 && !buf->failed;
    fclose(file);
    return good;
}

static void links_say(const struct cmd_args *args, const struct store_new_board *board,
                      const uint8_t secret[SECRET_BYTES])
{
    struct keys keys;
    char id[IDENT_TEXT_LEN + 1], text[TOKEN_TEXT_LEN + 1];
    ident_write(board->board, id);
    keys_init(&keys, secret);
    printf("board %s\n", id);
    for (size_t i = 0; i < board->link_n; i++) {
        const struct link_row *link = &board->links[i];
        token_write(&keys,
                    &(struct token){.link = link->link, .board = link->board, .role = link->role},
                    text);
        printf("%-7s %s/b/%s#k=%s\n", role_name(link->role),
               args->url == NULL ? "" : args->url, id, text);
    }
    keys_done(&keys);
}

/* What each replica of the new document has written. */
static bool marks_of(const struct board_import *import, struct pl_buf *ret_marks)
{
    for (uint32_t replica = 0; replica < import->replica_n; replica++) {
        struct pl_replica_row row;
        if (!pl_doc_replica(import->doc, replica, &row))
            continue;
        const struct journal_mark mark = {.replica = replica, .user = row.user, .hwm = row.hwm};
        pl_buf_append(ret_marks, &mark, sizeof mark);
    }
    return !ret_marks->failed;
}

static enum cmd_exit put(const struct cmd_args *args, const struct board_import *import,
                         struct pl_slice json, uint64_t now_ms)
{
    struct link_row links[LINK_N];
    struct pl_buf marks;
    uint8_t secret[SECRET_BYTES];
    struct store_new_board board = {.board = random_u64(random_system()),
                                    .created_ms = now_ms,
                                    .next_replica = import->replica_n,
                                    .envelopes = pl_buf_slice(&import->envelopes),
                                    .links = links,
                                    .link_n = LINK_N};
    for (size_t i = 0; i < LINK_N; i++)
        links[i] = (struct link_row){
            .link = random_u64(random_system()), .board = board.board, .role = roles[i]};
    pl_buf_init(&marks, args->mem);
    enum pl_status status = marks_of(import, &marks) ? PL_OK : PL_NO_MEMORY;
    board.marks = (const struct journal_mark *)marks.data;
    board.mark_n = marks.len / sizeof *board.marks;
    if (status == PL_OK)
        status = store_put_board(args->mem, args->data, &board, secret);
    pl_buf_done(&marks);
    if (status != PL_OK)
        return cmd_folder_failed(args->data, status);
    links_say(args, &board, secret);
    return cmd_import_tracks(args, json, board.board, import->entry_n, now_ms) ? CMD_DONE : CMD_FAILED;
}

enum cmd_exit cmd_import(const struct cmd_args *args)
{
    struct pl_buf json;
    struct board_import import;
    struct timespec now;
    char error[BOARD_JSON_ERROR_BYTES];
    enum cmd_exit result = CMD_FAILED;
    clock_gettime(CLOCK_REALTIME, &now);
    const uint64_t now_ms = (uint64_t)now.tv_sec * 1000u;
    pl_buf_init(&json, args->mem);
    if (!file_read(args->positional, &json)) {
        cmd_complain("cannot read %s: %s", args->positional, strerror(errno));
        goto out;
    }
    enum pl_status status = board_json_read(args->mem, pl_buf_slice(&json), now_ms, &import, error);
    if (status == PL_INVALID) {
        cmd_complain("%s: %s", args->positional, error);
    } else if (status != PL_OK) {
        cmd_complain("%s: %s", args->positional, pl_status_text(status));
    } else {
        result = put(args, &import, pl_buf_slice(&json), now_ms);
        board_import_done(&import);
    }
out:
    pl_buf_done(&json);
    return result;
}
