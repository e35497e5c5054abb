#include "bench/trace/peer.h"
#include "proto/id_text.h"
#include "proto/object.h"

static const struct pl_id text_id = {.replica = 1, .ctr = 1};

static enum pl_status replica_open(struct peer *peer)
{
    peer->replica = pl_replica_new(&peer->counted.mem);
    if (peer->replica == NULL)
        return PL_NO_MEMORY;
    pl_replica_set_text_max(peer->replica, UINT32_MAX);
    return PL_OK;
}

enum pl_status peer_open(struct peer *peer, uint32_t id)
{
    *peer = (struct peer){.id = id, .gesture = 1};
    counted_init(&peer->counted);
    pl_buf_init(&peer->parked, pl_mem_libc());
    pl_buf_init(&peer->request, pl_mem_libc());
    const enum pl_status status = replica_open(peer);
    return status == PL_OK ? pl_replica_identify(peer->replica, id, 0, id) : status;
}

void peer_done(struct peer *peer)
{
    pl_replica_free(peer->replica);
    if (peer->id != 0) {
        pl_buf_done(&peer->parked);
        pl_buf_done(&peer->request);
    }
}

/* Sends the request, as one more edit of the gesture under way. */
static enum pl_status edit(struct peer *peer)
{
    if (peer->request.failed)
        return PL_NO_MEMORY;
    /* Nothing pending was handed to a socket yet. */
    return pl_replica_edit(peer->replica, peer->gesture, true, pl_buf_slice(&peer->request), NULL, NULL);
}

enum pl_status peer_create(struct peer *peer)
{
    struct pl_buf *request = &peer->request;
    pl_buf_clear(request);
    pl_write_array(request, 1);
    pl_write_array(request, 3);
    pl_write_uint(request, 1);
    pl_write_uint(request, PL_KIND_TEXT);
    pl_write_map(request, 0);
    return edit(peer);
}

enum pl_status peer_edit(struct peer *peer, uint64_t at, uint64_t removed, struct pl_slice inserted)
{
    struct pl_buf *request = &peer->request;
    pl_buf_clear(request);
    pl_write_array(request, 1);
    pl_write_array(request, 6);
    pl_write_uint(request, 4);
    pl_write_id_text(request, text_id);
    pl_write_uint(request, PL_FIELD_TEXT);
    pl_write_uint(request, at);
    pl_write_uint(request, removed);
    pl_write_str(request, inserted);
    return edit(peer);
}

static uint64_t next_seq(const struct peer *peer)
{
    return pl_doc_head(pl_replica_doc(peer->replica)) + 1;
}

enum pl_status peer_settle(struct peer *peer, struct journal *journal)
{
    struct pl_pending pending;
    enum pl_status status = PL_OK;
    while (status == PL_OK && pl_replica_pending_at(peer->replica, 0, &pending)) {
        status = journal_add(journal, peer->id, pending.body);
        if (status != PL_OK)
            return status;
        const struct pl_envelope envelope = journal_envelope(journal, journal->entry_n - 1, next_seq(peer));
        status = pl_replica_apply(peer->replica, &envelope);
    }
    peer->gesture++;
    return status;
}

enum pl_status peer_take(struct peer *peer, const struct journal *journal, size_t first, size_t end)
{
    enum pl_status status = PL_OK;
    for (size_t i = first; i < end && status == PL_OK; i++) {
        const struct pl_envelope envelope = journal_envelope(journal, i, next_seq(peer));
        status = pl_replica_apply(peer->replica, &envelope);
    }
    return status;
}

enum pl_status peer_park(struct peer *peer)
{
    pl_doc_snapshot(pl_replica_doc(peer->replica), &peer->parked);
    pl_replica_free(peer->replica);
    peer->replica = NULL;
    return peer->parked.failed ? PL_NO_MEMORY : PL_OK;
}

enum pl_status peer_wake(struct peer *peer)
{
    enum pl_status status = replica_open(peer);
    if (status == PL_OK)
        status = pl_replica_load(peer->replica, pl_buf_slice(&peer->parked));
    if (status == PL_OK)
        status = pl_replica_identify(peer->replica, peer->id, 0, peer->id);
    pl_buf_done(&peer->parked);
    pl_buf_init(&peer->parked, pl_mem_libc());
    return status;
}

static const struct pl_text *text_of(const struct pl_replica *replica)
{
    const struct pl_object *object = pl_replica_object(replica, text_id);
    return object == NULL ? NULL : pl_object_text(object, PL_FIELD_TEXT);
}

size_t peer_utf16_at(struct peer *peer, size_t scalar)
{
    const struct pl_text *text = text_of(peer->replica);
    return text == NULL ? 0 : pl_text_utf16_at(text, scalar);
}

void replica_text_write(const struct pl_replica *replica, struct pl_buf *buf)
{
    const struct pl_text *text = text_of(replica);
    if (text != NULL)
        pl_text_write(text, buf);
}
