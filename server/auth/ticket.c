/* Waiting tickets: a map from the first 8 of 32 random bytes to the whole, and a list in order of
 * issue, so that expiry is looked at from the oldest. The text is 256 random bits; it needs no MAC,
 * for only memory knows it. */
#include "auth/ticket.h"
#include "auth/base64url.h"
#include "base/ident.h"
#include "base/map.h"
#include <string.h>

#define TICKET_BYTES 32u
#define TICKETS_MAX  65536u /* issued within PL_TICKET_MS and not yet used: 26 MB at most */

struct ticket {
    struct ticket *older;
    struct ticket *newer;
    uint64_t expires_ms;
    uint8_t bytes[TICKET_BYTES];
    struct grant grant;
};

struct tickets {
    const struct pl_mem *mem;
    struct map by_key;
    struct ticket *oldest;
    struct ticket *newest;
};

static uint64_t key_of(const uint8_t bytes[TICKET_BYTES])
{
    return pl_u64_from_bytes(bytes);
}

static void drop(struct tickets *tickets, struct ticket *ticket)
{
    map_remove(&tickets->by_key, key_of(ticket->bytes));
    if (ticket->older != NULL)
        ticket->older->newer = ticket->newer;
    else
        tickets->oldest = ticket->newer;
    if (ticket->newer != NULL)
        ticket->newer->older = ticket->older;
    else
        tickets->newest = ticket->older;
    pl_mem_put(tickets->mem, ticket);
}

static void drop_expired(struct tickets *tickets, uint64_t now_ms)
{
    while (tickets->oldest != NULL && now_ms >= tickets->oldest->expires_ms)
        drop(tickets, tickets->oldest);
}

struct tickets *tickets_new(const struct pl_mem *mem)
{
    struct tickets *tickets = pl_mem_get(mem, sizeof *tickets);
    if (tickets == NULL)
        return NULL;
    *tickets = (struct tickets){.mem = mem};
    map_init(&tickets->by_key, mem);
    return tickets;
}

void tickets_free(struct tickets *tickets_or_null)
{
    if (tickets_or_null == NULL)
        return;
    while (tickets_or_null->oldest != NULL)
        drop(tickets_or_null, tickets_or_null->oldest);
    map_done(&tickets_or_null->by_key);
    pl_mem_put(tickets_or_null->mem, tickets_or_null);
}

enum pl_status tickets_issue(struct tickets *tickets, const struct grant *grant, uint64_t now_ms,
                             char ret_text[TICKET_TEXT_BYTES])
{
    _Static_assert(TICKET_TEXT_BYTES == BASE64URL_LEN(TICKET_BYTES) + 1, "the text and its NUL");
    drop_expired(tickets, now_ms);
    if (map_len(&tickets->by_key) >= TICKETS_MAX)
        drop(tickets, tickets->oldest); /* a flood spoils its own: people use theirs at once */
    struct ticket *ticket = pl_mem_get(tickets->mem, sizeof *ticket);
    if (ticket == NULL)
        return PL_NO_MEMORY;
    *ticket = (struct ticket){.expires_ms = now_ms + PL_TICKET_MS, .grant = *grant};
    const struct random *random = random_system();
    do
        random->fill(random->user, ticket->bytes, TICKET_BYTES);
    while (map_get(&tickets->by_key, key_of(ticket->bytes)) != NULL);
    if (map_put(&tickets->by_key, key_of(ticket->bytes), ticket) != PL_OK) {
        pl_mem_put(tickets->mem, ticket);
        return PL_NO_MEMORY;
    }
    ticket->older = tickets->newest;
    if (tickets->newest != NULL)
        tickets->newest->newer = ticket;
    else
        tickets->oldest = ticket;
    tickets->newest = ticket;
    base64url_write(ticket->bytes, TICKET_BYTES, ret_text);
    ret_text[TICKET_TEXT_BYTES - 1] = '\0';
    return PL_OK;
}

void tickets_link_changed(struct tickets *tickets, const struct link_row *row)
{
    for (struct ticket *ticket = tickets->oldest, *next; ticket != NULL; ticket = next) {
        next = ticket->newer;
        if (ticket->grant.board != row->board || ticket->grant.link != row->link)
            continue;
        ticket->grant.role = row->role;
        ticket->grant.expires_ms = row->expires_ms;
        if (row->revoked)
            drop(tickets, ticket);
    }
}

enum pl_status tickets_take(struct tickets *tickets, struct pl_slice text, uint64_t now_ms,
                            struct grant *ret_grant)
{
    uint8_t bytes[TICKET_BYTES];
    drop_expired(tickets, now_ms);
    if (!base64url_read(text, bytes, TICKET_BYTES))
        return PL_TICKET;
    struct ticket *ticket = map_get(&tickets->by_key, key_of(bytes));
    /* An early exit tells a guesser nothing: the map already told whether the first 64 random bits
     * were right. */
    if (ticket == NULL || memcmp(ticket->bytes, bytes, TICKET_BYTES) != 0)
        return PL_TICKET;
    *ret_grant = ticket->grant;
    drop(tickets, ticket);
    return PL_OK;
}
