/* See core_peer.h. */
#include "tests/support/core_peer.h"
#include "base/deflate.h"
#include "base/envelope.h"
#include "tests/support/core_check.h"
#include "tests/support/literal.h"
#include <stdlib.h>
#include <string.h>

static void on_wake(void *conn)
{
    (void)conn; /* tests pump */
}

static void on_close(void *conn, uint16_t ws_status, const char *reason)
{
    struct core_peer *peer = conn;
    (void)reason;
    peer->closed = true;
    peer->ws_status = ws_status;
}

static void on_pause(void *conn, bool paused)
{
    ((struct core_peer *)conn)->paused = paused;
}

struct core_peer *core_peer_new(struct core_world *world, uint64_t user, const char *name,
                                enum pl_role role)
{
    struct core_peer *peer = calloc(1, sizeof *peer);
    CORE_CHECK(peer != NULL && strlen(name) < sizeof peer->name);
    peer->world = world;
    peer->user = user;
    peer->role = role;
    strcpy(peer->name, name);
    peer->replica = pl_replica_new(pl_mem_libc());
    CORE_CHECK(peer->replica != NULL);
    pl_buf_init(&peer->people, pl_mem_libc());
    pl_buf_init(&peer->presence, pl_mem_libc());
    pl_buf_init(&peer->snapshot, pl_mem_libc());
    return peer;
}

void core_peer_drop(struct core_peer *peer)
{
    session_free(peer->session);
    peer->session = NULL;
    peer->sent_ctr = 0;
    past_taker_abandon(&peer->past);
}

void core_peer_free(struct core_peer *peer)
{
    core_peer_drop(peer);
    pl_replica_free(peer->replica);
    pl_buf_done(&peer->people);
    pl_buf_done(&peer->presence);
    pl_buf_done(&peer->snapshot);
    past_taker_done(&peer->past);
    free(peer);
}

void core_peer_send_bytes(struct core_peer *peer, struct pl_slice bytes)
{
    if (peer->session != NULL)
        session_message(peer->session, bytes);
}

void core_peer_send(struct core_peer *peer, const char *literal)
{
    struct pl_buf message;
    pl_buf_init(&message, pl_mem_libc());
    literal_write(&message, literal);
    core_peer_send_bytes(peer, pl_buf_slice(&message));
    pl_buf_done(&message);
}

void core_peer_socket(struct core_peer *peer)
{
    struct session_port port = {
        .wake = on_wake, .close = on_close, .pause = on_pause, .conn = peer};
    core_peer_drop(peer);
    peer->welcomed = peer->identified = peer->closed = false;
    peer->error = PL_OK;
    peer->session = session_new(peer->world->sessions, &port);
    peer->closed = peer->session == NULL; /* out of memory, in a test of that */
}

void core_peer_hello(struct core_peer *peer, uint64_t board)
{
    struct grant grant = {.board = board, .link = peer->link, .user = peer->user, .role = peer->role};
    char ticket[TICKET_TEXT_BYTES];
    strcpy(grant.name, peer->name);
    CORE_CHECK(tickets_issue(peer->world->tickets, &grant, loop_now_ms(peer->world->port),
                             ticket) == PL_OK);
    core_peer_hello_with(peer, ticket);
}

void core_peer_hello_with(struct core_peer *peer, const char *ticket)
{
    uint8_t lineage[8];
    struct pl_buf message;
    core_peer_socket(peer);
    struct pl_msg_hello hello = {.schema = 1, .ticket = {(const uint8_t *)ticket, strlen(ticket)}};
    uint64_t head = pl_doc_head(pl_replica_doc(peer->replica));
    if (peer->lineage != 0) {
        pl_u64_to_bytes(peer->lineage, lineage);
        hello.lineage = (struct pl_opt_slice){true, {lineage, sizeof lineage}};
        hello.resume_seq = (struct pl_opt_u53){true, head};
        hello.replica = (struct pl_opt_u53){peer->id != 0, peer->id};
    }
    pl_buf_init(&message, pl_mem_libc());
    pl_msg_hello_write(&message, &hello);
    core_peer_send_bytes(peer, pl_buf_slice(&message));
    pl_buf_done(&message);
}

static void identify(struct core_peer *peer)
{
    if (!peer->welcomed || peer->identified ||
        pl_doc_head(pl_replica_doc(peer->replica)) < peer->head_seq)
        return;
    if (!peer->raw)
        CORE_CHECK(pl_replica_identify(peer->replica, peer->id, peer->hwm, peer->user) == PL_OK);
    peer->identified = true;
    core_peer_send_pending(peer);
}

static void take_ops(struct core_peer *peer, struct pl_slice envelopes)
{
    struct pl_reader reader = pl_reader_of(envelopes);
    struct pl_envelope envelope;
    uint32_t n;
    peer->ops_frames++;
    CORE_CHECK(pl_read_array(&reader, &n));
    for (; n > 0; n--) {
        CORE_CHECK(envelope_read(&reader, &envelope));
        uint64_t head = pl_doc_head(pl_replica_doc(peer->replica));
        CORE_CHECK(envelope.seq == head + 1); /* SPEC S8: in order, without gaps, once */
        enum pl_status status = pl_replica_apply(peer->replica, &envelope);
        if (status == PL_DIVERGED)
            peer->diverged++;
        else
            CORE_CHECK(status == PL_OK);
        peer->ops++;
        peer->last_seq = envelope.seq;
    }
    CORE_CHECK(pl_reader_done(&reader));
}

static void take_snapshot(struct core_peer *peer)
{
    struct pl_buf bytes;
    pl_buf_init(&bytes, pl_mem_libc());
    CORE_CHECK(peer->chunk_n == 0);
    CORE_CHECK(inflate_raw(pl_buf_slice(&peer->snapshot), peer->snapshot_bytes, &bytes) == PL_OK);
    CORE_CHECK(bytes.len == peer->snapshot_bytes);
    CORE_CHECK(pl_replica_load(peer->replica, pl_buf_slice(&bytes)) == PL_OK);
    CORE_CHECK(core_peer_hash(peer) == peer->snapshot_hash); /* SPEC S4 */
    pl_buf_done(&bytes);
    peer->snapshots++;
}

static void take_reject(struct core_peer *peer, const struct pl_msg_reject *reject)
{
    struct pl_pending pending;
    peer->reject_code = (enum pl_status)reject->code;
    peer->reject_ctr0 = reject->ctr0;
    peer->reject_n = reject->n;
    if (reject->code == PL_GAP) {
        peer->gaps++;
        peer->sent_ctr = reject->ctr0 - 1;
        core_peer_send_pending(peer);
        return;
    }
    peer->rejects++;
    if (pl_replica_pending_at(peer->replica, 0, &pending) && pending.ctr0 <= reject->ctr0) {
        enum pl_status status = pl_replica_refuse(peer->replica, reject->ctr0);
        /* Not found: one that was sent before an earlier refusal moved it down; it is sent again. */
        CORE_CHECK(status == PL_OK || status == PL_NOT_FOUND);
        if (status == PL_OK)
            peer->sent_ctr = reject->ctr0 - 1;
    }
}

static void take_people(struct core_peer *peer, const struct pl_msg_people *people)
{
    struct pl_reader joined = pl_reader_of(people->joined), left = pl_reader_of(people->left);
    CORE_CHECK(pl_read_array(&joined, &peer->joined) && pl_read_array(&left, &peer->left));
    peer->people_frames++;
    pl_buf_clear(&peer->people);
    pl_buf_append(&peer->people, people->joined.data, people->joined.len);
}

static void take_presence(struct core_peer *peer, struct pl_slice states)
{
    struct pl_reader reader = pl_reader_of(states);
    uint32_t n = 0;
    if (!pl_read_array(&reader, &n))
        abort();
    peer->presence_frames++;
    peer->presence_states += n;
    pl_buf_clear(&peer->presence);
    pl_buf_append(&peer->presence, states.data, states.len);
}

static void take_welcome(struct core_peer *peer, const struct pl_msg_welcome *welcome)
{
    peer->welcomed = true;
    peer->lineage = pl_u64_from_bytes(welcome->lineage.data);
    peer->id = (uint32_t)welcome->replica;
    peer->hwm = welcome->hwm;
    peer->head_seq = welcome->head_seq;
    peer->session_number = welcome->session;
    peer->board_state = welcome->board_state;
    peer->told_role = (enum pl_role)welcome->role;
    CORE_CHECK(welcome->user == peer->user && welcome->role == peer->role);
}

static void take(struct core_peer *peer, const struct pl_message *message)
{
    switch (message->type) {
    case PL_MESSAGE_WELCOME:
        take_welcome(peer, &message->as.welcome);
        break;
    case PL_MESSAGE_SNAPSHOT_BEGIN:
        pl_buf_clear(&peer->snapshot);
        peer->snapshot_bytes = message->as.snapshot_begin.bytes;
        peer->chunk_n = message->as.snapshot_begin.chunks;
        peer->snapshot_hash = pl_u64_from_bytes(message->as.snapshot_begin.hash.data);
        break;
    case PL_MESSAGE_SNAPSHOT_CHUNK:
        peer->chunk_n--;
        pl_buf_append(&peer->snapshot, message->as.snapshot_chunk.data.data,
                      message->as.snapshot_chunk.data.len);
        break;
    case PL_MESSAGE_SNAPSHOT_END:
        take_snapshot(peer);
        break;
    case PL_MESSAGE_OPS:
        take_ops(peer, message->as.ops.envelopes);
        break;
    case PL_MESSAGE_ACK:
        peer->acks++;
        peer->ack_hwm = message->as.ack.hwm;
        break;
    case PL_MESSAGE_REJECT:
        take_reject(peer, &message->as.reject);
        break;
    case PL_MESSAGE_STATE:
        peer->board_state = message->as.state.board_state;
        peer->told_role = (enum pl_role)message->as.state.role;
        break;
    case PL_MESSAGE_PEOPLE:
        take_people(peer, &message->as.people);
        break;
    case PL_MESSAGE_PRESENCE:
        take_presence(peer, message->as.presence.body);
        break;
    case PL_MESSAGE_PONG:
        peer->pongs++;
        break;
    case PL_MESSAGE_GOAWAY:
        peer->goaways++;
        break;
    case PL_MESSAGE_PAST:
    case PL_MESSAGE_PAST_CHUNK:
    case PL_MESSAGE_PAST_OPS:
    case PL_MESSAGE_PAST_END:
        past_taker_take(&peer->past, message);
        break;
    case PL_MESSAGE_ERROR:
        peer->error = (enum pl_status)message->as.error.code;
        break;
    default:
        CORE_CHECK(message->type == 0); /* a server says nothing else */
    }
    identify(peer);
}

void core_peer_pump(struct core_peer *peer)
{
    struct frame *frames[16];
    size_t n;
    if (peer->session == NULL || peer->stalled)
        return;
    while ((n = session_output(peer->session, frames, 16)) > 0) {
        for (size_t i = 0; i < n; i++)
            frame_ref(frames[i]);
        session_sent(peer->session, n); /* handling may make the session push more */
        for (size_t i = 0; i < n; i++) {
            struct pl_message message;
            CORE_CHECK(pl_message_read(frame_payload(frames[i]), &message) == PL_OK);
            peer->frames++;
            take(peer, &message);
            frame_unref(frames[i]);
        }
    }
}

void core_peers_settle(struct core_world *world, struct core_peer *const *peers, size_t n)
{
    uint32_t before, after = 0;
    do {
        before = after;
        if (!world->fault.hold)
            core_world_settle(world);
        core_loop_turn(world->loop);
        after = world->fault.append_n;
        for (size_t i = 0; i < n; i++) {
            core_peer_pump(peers[i]);
            after += peers[i]->frames;
        }
    } while (after != before);
}

struct connect_wait {
    struct core_peer *peer;
};

static bool connected(void *user)
{
    struct core_peer *peer = ((struct connect_wait *)user)->peer;
    core_peer_pump(peer);
    return peer->identified || peer->closed;
}

void core_peer_await(struct core_peer *peer)
{
    struct connect_wait wait = {.peer = peer};
    CORE_CHECK(core_loop_until(peer->world->loop, connected, &wait));
}

void core_peer_connect(struct core_peer *peer, uint64_t board)
{
    core_peer_hello(peer, board);
    core_peer_await(peer);
}

void core_peer_send_pending(struct core_peer *peer)
{
    struct pl_pending pending;
    if (!peer->identified)
        return;
    for (size_t i = 0; pl_replica_pending_at(peer->replica, i, &pending); i++) {
        if (pending.ctr0 <= peer->sent_ctr)
            continue;
        struct pl_buf message;
        pl_buf_init(&message, pl_mem_libc());
        struct pl_msg_batch batch = {.body = pending.body};
        pl_msg_batch_write(&message, &batch);
        peer->sent_ctr = pending.ctr0 + pending.ctr_n - 1;
        core_peer_send_bytes(peer, pl_buf_slice(&message));
        pl_buf_done(&message);
    }
}

uint64_t core_peer_edit_quietly(struct core_peer *peer, const char *edits)
{
    struct pl_buf bytes, created;
    size_t created_n = 0;
    uint64_t ctr = 0;
    pl_buf_init(&bytes, pl_mem_libc());
    pl_buf_init(&created, pl_mem_libc());
    literal_write(&bytes, edits);
    CORE_CHECK(pl_replica_edit(peer->replica, 0, false, pl_buf_slice(&bytes), &created, &created_n) ==
               PL_OK);
    if (created_n > 0) {
        struct pl_reader reader = pl_reader_of(pl_buf_slice(&created));
        struct pl_slice id;
        char text[48] = {0};
        CORE_CHECK(pl_read_str(&reader, &id) && id.len < sizeof text);
        memcpy(text, id.data, id.len);
        ctr = strtoull(strchr(text, '.') + 1, NULL, 10);
    }
    pl_buf_done(&bytes);
    pl_buf_done(&created);
    return ctr;
}

uint64_t core_peer_edit(struct core_peer *peer, const char *edits)
{
    uint64_t ctr = core_peer_edit_quietly(peer, edits);
    core_peer_send_pending(peer);
    return ctr;
}

uint64_t core_peer_hash(struct core_peer *peer)
{
    return pl_doc_state_hash(pl_replica_doc(peer->replica));
}
