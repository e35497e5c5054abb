/* See ledger.h. */
#include "track/ledger.h"
#include "base/map.h"
#include "track/time.h"

#define ACCOUNTS_MAX 4096u /* boards known at once: beyond, one at rest is forgotten for each that comes */

struct account {
    uint64_t board;
    uint64_t used, promised, left; /* bytes */
    uint32_t track_n;
    uint32_t pending; /* promises and writes under way: it is not forgotten */
    bool stale;       /* the rows may say something else */
};

struct ledger {
    const struct pl_mem *mem;
    struct store *store;
    struct map accounts;
    uint64_t left; /* of all of them */
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

static bool at_rest(const struct account *account)
{
    return account->pending == 0 && account->left == 0;
}

/* One that is at rest, or any. */
static bool account_drop(struct ledger *ledger, bool any)
{
    size_t cursor = 0;
    struct account *account;
    while ((account = map_next(&ledger->accounts, &cursor)) != NULL && !at_rest(account) && !any)
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
    enum pl_status status = store_tracks_each(ledger->store, account->board, row_count, account);
    account->stale = status == PL_NO_MEMORY || status == PL_IO;
    return account->stale ? status : PL_OK; /* one that is spoiled takes no room */
}

static enum pl_status account_of(struct ledger *ledger, uint64_t board, struct account **ret_account)
{
    struct account *account = map_get(&ledger->accounts, board);
    if (account != NULL) {
        enum pl_status status = account->stale && account->pending == 0 ? account_read(ledger, account) : PL_OK;
        if (status == PL_OK)
            *ret_account = account;
        return status;
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
    const uint64_t taken = account->used + account->promised + account->left;
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

enum pl_status ledger_settle(struct ledger *ledger, uint64_t board, const struct ledger_change *change)
{
    struct account *account;
    enum pl_status status = account_of(ledger, board, &account);
    if (status != PL_OK)
        return status;
    const uint64_t used = account->used + change->is;
    account->used = used < change->was ? 0 : used - change->was;
    account->left += change->leaves;
    ledger->left += change->leaves;
    account->track_n += change->fresh;
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

uint64_t ledger_left(const struct ledger *ledger)
{
    return ledger->left;
}

void ledger_swept(struct ledger *ledger)
{
    size_t cursor = 0;
    for (struct account *account; (account = map_next(&ledger->accounts, &cursor)) != NULL;)
        account->left = 0;
    ledger->left = 0;
}
