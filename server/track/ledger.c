/* See ledger.h. */
#include "track/ledger.h"
#include "base/map.h"
#include "track/time.h"

#define ACCOUNTS_MAX 4096u /* boards known at once: beyond, one at rest is forgotten for each that comes */

struct account {
    uint64_t board;
    uint64_t used, promised; /* bytes */
    uint32_t track_n;
    uint32_t pending; /* promises and writes under way: it is not forgotten */
    bool stale;       /* the rows may say something else */
};

struct ledger {
    const struct pl_mem *mem;
    struct store *store;
    struct map accounts;
};

struct ledger *ledger_new(const struct pl_mem *mem, struct store *store)
{
    struct ledger *ledger = pl_mem_get(mem, sizeof *ledger);
    if (ledger == NULL)
        return NULL;
    *ledger = (struct ledger){.mem = mem, .store = store};
    map_init(&ledger->accounts, mem);
    return ledger;
}

static void account_close(struct ledger *ledger, struct account *account)
{
    map_remove(&ledger->accounts, account->board);
    pl_mem_put(ledger->mem, account);
}

/* One that is at rest, or any. */
static bool account_drop(struct ledger *ledger, bool any)
{
    size_t cursor = 0;
    struct account *account;
    while ((account = map_next(&ledger->accounts, &cursor)) != NULL && account->pending > 0 && !any)
        continue;
    if (account != NULL)
        account_close(ledger, account);
    return account != NULL;
}

void ledger_free(struct ledger *ledger_or_null)
{
    if (ledger_or_null == NULL)
        return;
    while (account_drop(ledger_or_null, true))
        continue;
    map_done(&ledger_or_null->accounts);
    pl_mem_put(ledger_or_null->mem, ledger_or_null);
}

static void row_count(void *user, const struct track *track)
{
    struct account *account = user;
    account->used += track_bytes(track);
    account->track_n++;
}

static enum pl_status account_read(struct ledger *ledger, struct account *account)
{
    account->used = 0;
    account->track_n = 0;
    account->stale = false;
    enum pl_status status = store_tracks_each(ledger->store, account->board, row_count, account);
    return status == PL_NO_MEMORY || status == PL_IO ? status : PL_OK; /* one that is spoiled takes no room */
}

static enum pl_status account_of(struct ledger *ledger, uint64_t board, struct account **ret_account)
{
    struct account *account = map_get(&ledger->accounts, board);
    if (account != NULL && account->stale && account->pending == 0) {
        account_close(ledger, account);
        account = NULL;
    }
    if (account != NULL) {
        *ret_account = account;
        return PL_OK;
    }
    if (map_len(&ledger->accounts) >= ACCOUNTS_MAX)
        (void)account_drop(ledger, false);
    account = pl_mem_get(ledger->mem, sizeof *account);
    if (account == NULL)
        return PL_NO_MEMORY;
    *account = (struct account){.board = board};
    enum pl_status status = account_read(ledger, account);
    if (status == PL_OK)
        status = map_put(&ledger->accounts, board, account);
    if (status == PL_OK)
        *ret_account = account;
    else
        pl_mem_put(ledger->mem, account);
    return status;
}

static uint64_t room_of(const struct account *account)
{
    const uint64_t taken = account->used + account->promised;
    return taken < PL_BOARD_MEDIA_BYTES_MAX ? PL_BOARD_MEDIA_BYTES_MAX - taken : 0;
}

enum pl_status ledger_room(struct ledger *ledger, uint64_t board, uint64_t *ret_bytes, uint32_t *ret_tracks)
{
    struct account *account;
    enum pl_status status = account_of(ledger, board, &account);
    if (status != PL_OK)
        return status;
    *ret_bytes = room_of(account);
    *ret_tracks = account->track_n;
    return PL_OK;
}

enum pl_status ledger_promise(struct ledger *ledger, uint64_t board, uint64_t bytes)
{
    struct account *account;
    enum pl_status status = account_of(ledger, board, &account);
    if (status == PL_OK && room_of(account) < bytes)
        status = PL_QUOTA;
    if (status != PL_OK)
        return status;
    account->promised += bytes;
    account->pending++;
    return PL_OK;
}

/* What was promised or settled is there until it is released or written. */
void ledger_release(struct ledger *ledger, uint64_t board, uint64_t bytes)
{
    struct account *account = map_get(&ledger->accounts, board);
    account->promised -= bytes;
    account->pending--;
}

enum pl_status ledger_settle(struct ledger *ledger, uint64_t board, uint64_t was, uint64_t is, bool fresh)
{
    struct account *account;
    enum pl_status status = account_of(ledger, board, &account);
    if (status != PL_OK)
        return status;
    account->used = account->used + is < was ? 0 : account->used + is - was;
    account->track_n += fresh;
    account->pending++;
    return PL_OK;
}

void ledger_written(struct ledger *ledger, uint64_t board, bool kept)
{
    struct account *account = map_get(&ledger->accounts, board);
    account->stale = account->stale || !kept;
    account->pending--;
}

void ledger_forget(struct ledger *ledger, uint64_t board)
{
    struct account *account = map_get(&ledger->accounts, board);
    if (account != NULL)
        account->stale = true;
}
