/* plenum links, audit and rotate-keys: who may open what, and who did what about it. */
#include "auth/grant.h"
#include "auth/token.h"
#include "base/ident.h"
#include "base/role.h"
#include "cmd/cmd_inner.h"
#include "store/secrets.h"
#include "store/view.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define DAY_MS UINT64_C(86400000)

static uint64_t wall_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (uint64_t)now.tv_sec * 1000u + (uint64_t)now.tv_nsec / 1000000u;
}

/* "2026-11-22T10:00:00.123Z" */
static void time_write(uint64_t ms, char ret_text[32])
{
    const time_t seconds = (time_t)(ms / 1000);
    struct tm utc;
    char text[24] = "?";
    if (gmtime_r(&seconds, &utc) != NULL)
        strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &utc);
    snprintf(ret_text, 32, "%s.%03uZ", text, (unsigned)(ms % 1000));
}

/* The board a command line names, there in the view. */
static enum cmd_exit board_find(const struct cmd_args *args, struct store_view *view,
                                uint64_t *ret_board)
{
    struct store_view_board row;
    const struct pl_slice name = {(const uint8_t *)args->positional, strlen(args->positional)};
    if (!ident_read(name, ret_board)) {
        cmd_complain("'%s' is no board's id: it is the part of the address behind /b/, 11 letters",
                     args->positional);
        return CMD_USAGE;
    }
    if (*ret_board == 0 || !store_view_board(view, *ret_board - 1, &row) ||
        row.board != *ret_board) {
        cmd_complain("there is no board %s in %s", args->positional, args->data);
        return CMD_FAILED;
    }
    return CMD_DONE;
}

static void link_say(const struct cmd_args *args, const struct keys *keys,
                     const struct link_row *link)
{
    char text[TOKEN_TEXT_LEN + 1], ends[32] = "never ends";
    const struct token token = {.link = link->link,
                                .board = link->board,
                                .role = link->role,
                                .expires_ms = link->expires_ms};
    token_write(keys, &token, text);
    if (link->expires_ms != 0)
        time_write(link->expires_ms, ends);
    printf("%-11s %-24s %s/b/%s#k=%s\n", role_name(link->role), ends,
           args->url == NULL ? "" : args->url, args->positional, text);
}

enum cmd_exit cmd_links(const struct cmd_args *args)
{
    struct store_view *view;
    struct secrets secrets;
    struct keys keys;
    struct link_row link = {0};
    uint64_t board;
    enum pl_status status = store_view_open(args->mem, args->data, &view);
    if (status != PL_OK)
        return cmd_folder_failed(args->data, status);
    enum cmd_exit result = board_find(args, view, &board);
    if (result == CMD_DONE && (status = store_view_secrets(view, &secrets)) != PL_OK)
        result = cmd_folder_failed(args->data, status);
    if (result != CMD_DONE)
        goto out;
    keys_load(&keys, &secrets);
    link.board = board;
    while (store_view_link(view, link.board, link.link, &link) && link.board == board)
        if (!link.revoked && !grant_expired(&link, wall_ms()))
            link_say(args, &keys, &link);
    keys_done(&keys);
out:
    store_view_close(view);
    return result;
}

/* Where the reading of one of a board's two records stands. */
struct lane {
    bool lasts, over;
    uint64_t n, at_ms;
    struct audit_entry entry;
};

static void lane_next(struct store_view *view, uint64_t board, struct lane *lane)
{
    lane->over = !store_view_audit(view, board, lane->lasts, lane->n + 1, &lane->n, &lane->at_ms,
                                   &lane->entry);
}

static void ident_say(const char *name, uint64_t id)
{
    char text[IDENT_TEXT_LEN + 1];
    ident_write(id, text);
    if (id != 0)
        printf(" %s=%s", name, text);
}

static bool is_of_track(enum audit_act act)
{
    return act == AUDIT_TRACK_MADE || act == AUDIT_TRACK_FINISHED || act == AUDIT_TRACK_CHANGED ||
           act == AUDIT_TRACK_DELETED;
}

static void entry_say(const struct lane *lane)
{
    const struct audit_entry *entry = &lane->entry;
    char at[32];
    time_write(lane->at_ms, at);
    printf("%s %s outcome=%s", at, audit_act_name(entry->act), pl_status_name(entry->outcome));
    if (entry->user != 0)
        printf(" user=%" PRIu64, entry->user);
    if (entry->role != PL_ROLE_NONE)
        printf(" role=%s", role_name(entry->role));
    ident_say(is_of_track(entry->act) ? "track" : "link", entry->link);
    ident_say("by", entry->by_link);
    if (entry->n > 1)
        printf(" times=%" PRIu32, entry->n);
    putchar('\n');
}

enum cmd_exit cmd_audit(const struct cmd_args *args)
{
    struct store_view *view;
    struct lane lasting = {.lasts = true}, passing = {.lasts = false};
    uint64_t board = 0; /* the server's own */
    enum cmd_exit result = CMD_DONE;
    enum pl_status status = store_view_open(args->mem, args->data, &view);
    if (status != PL_OK)
        return cmd_folder_failed(args->data, status);
    if (strcmp(args->positional, "server") != 0)
        result = board_find(args, view, &board);
    if (result == CMD_DONE) {
        lane_next(view, board, &lasting);
        lane_next(view, board, &passing);
    }
    while (result == CMD_DONE && !(lasting.over && passing.over)) {
        struct lane *next =
            passing.over || (!lasting.over && lasting.at_ms <= passing.at_ms) ? &lasting : &passing;
        entry_say(next);
        lane_next(view, board, next);
    }
    store_view_close(view);
    return result;
}

enum cmd_exit cmd_rotate(const struct cmd_args *args)
{
    enum pl_status status = store_secrets_rotate(args->mem, args->data, random_system(), wall_ms(),
                                                 args->keep_days * DAY_MS);
    if (status != PL_OK)
        return cmd_folder_failed(args->data, status);
    if (args->keep_days == 0)
        printf("a new key signs; no link handed out before opens anything: plenum links prints the "
               "new ones\n");
    else
        printf("a new key signs; links handed out before open for %" PRIu64 " days more\n",
               args->keep_days);
    return CMD_DONE;
}
