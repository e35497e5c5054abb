/* Owns one participant's socket, its replica if it has one, and the snapshot while it is coming. */
#include "bench/load/client.h"
#include "base/deflate.h"
#include "base/envelope.h"
#include "bench/clock.h"
#include "bench/load/cursors.h"
#include "bench/load/ws.h"
#include "proto/message.h"
#include <stdio.h>
#include <string.h>

#define TICKET_BYTES       128u
#define SNAPSHOT_BYTES_MAX (256u * 1024u * 1024u)

struct client {
    struct client_env *env;
    struct ws *ws;
    struct pl_replica *replica; /* NULL: envelopes only */
    enum client_state state;
    struct client_wish wish;
    char ticket[TICKET_BYTES];
    uint64_t lineage, head_seq, seq, user, hwm, session, presence_n;
    uint32_t id;  /* the replica WELCOME named */
    size_t out_n; /* pending batches already handed to the socket */
    bool had_snapshot;
    struct pl_buf packed;               /* SNAPSHOT_CHUNKs so far */
    struct pl_msg_snapshot_begin begin; /* its hash is copied below: the frame is gone by then */
    uint64_t begin_hash;
    uint64_t began_ns; /* to connect */
    struct pl_buf out;  /* a message being written */
    struct pl_buf sent; /* u64: when the batches in the OPS being read were sent */
};

static void fail(struct client *client, const char *what, const char *detail)
{
    stats_error(client->env->stats, what, detail);
    client->state = CLIENT_CLOSED;
}

static void send_out(struct client *client)
{
    if (client->out.failed || ws_send(client->ws, pl_buf_slice(&client->out)) != PL_OK)
        client->state = CLIENT_CLOSED;
    pl_buf_clear(&client->out);
}

/* ---- joining ---- */

/* Hands the pending batches that no socket has yet to this one. */
static void send_pending(struct client *client)
{
    struct pl_pending pending;
    while (client->state == CLIENT_LIVE &&
           pl_replica_pending_at(client->replica, client->out_n, &pending)) {
        if (client->env->acks_or_null != NULL &&
            acks_sent(client->env->acks_or_null, client->id, pending.ctr0, pending.ctr_n,
                      pending.body) != PL_OK) {
            fail(client, "acks", "the record cannot be written");
            return;
        }
        if (sent_note(client->env->sent, client->id, pending.ctr0, clock_ns()) != PL_OK) {
            fail(client, "send", "out of memory");
            return;
        }
        pl_msg_batch_write(&client->out, &(struct pl_msg_batch){.doc = 0, .body = pending.body});
        client->out_n++;
        client->env->stats->sent++;
        send_out(client);
    }
}

static void on_opened(void *user)
{
    struct client *client = user;
    if (client->env->raw) {
        client->state = CLIENT_LIVE;
        return;
    }
    struct pl_msg_hello hello = {
        .schema = PL_SCHEMA_VERSION,
        .ticket = {(const uint8_t *)client->ticket, strlen(client->ticket)},
    };
    uint8_t lineage[8];
    if (client->wish.resume) {
        pl_u64_to_bytes(client->wish.lineage, lineage);
        hello.lineage = (struct pl_opt_slice){true, {lineage, sizeof lineage}};
        hello.resume_seq = (struct pl_opt_u53){true, client->seq};
        hello.replica = (struct pl_opt_u53){client->id != 0, client->id};
    }
    pl_msg_hello_write(&client->out, &hello);
    send_out(client);
}

/* Caught up with WELCOME's head: from now on the replica may write. */
static void join_when_caught_up(struct client *client)
{
    if (client->state != CLIENT_JOINING || client->seq < client->head_seq)
        return;
    if (client->replica != NULL) {
        enum pl_status status =
            pl_replica_identify(client->replica, client->id, client->hwm, client->user);
        if (status != PL_OK) {
            fail(client, "identify", pl_status_name(status));
            return;
        }
    }
    client->state = CLIENT_LIVE;
    if (client->wish.timed)
        histogram_add(&client->env->stats->joins, clock_ns() - client->began_ns);
    if (client->replica != NULL)
        send_pending(client); /* what an earlier connection left open */
}

static void on_welcome(struct client *client, const struct pl_msg_welcome *welcome)
{
    if (client->state != CLIENT_CONNECTING || welcome->lineage.len != 8) {
        fail(client, "WELCOME", "unexpected");
        return;
    }
    client->state = CLIENT_JOINING;
    client->lineage = pl_u64_from_bytes(welcome->lineage.data);
    client->head_seq = welcome->head_seq;
    client->id = (uint32_t)welcome->replica;
    client->user = welcome->user;
    client->session = welcome->session;
    client->hwm = welcome->hwm;
    join_when_caught_up(client); /* who missed nothing gets nothing */
}

static void on_snapshot_end(struct client *client)
{
    client->had_snapshot = true;
    client->seq = client->begin.as_of;
    if (client->replica != NULL) {
        struct pl_buf bytes;
        pl_buf_init(&bytes, client->env->mem);
        enum pl_status status =
            inflate_raw(pl_buf_slice(&client->packed), SNAPSHOT_BYTES_MAX, &bytes);
        if (status == PL_OK &&
            (bytes.len != client->begin.bytes ||
             pl_hash(PL_HASH_START, bytes.data, bytes.len) != client->begin_hash))
            status = PL_CORRUPT;
        if (status == PL_OK)
            status = pl_replica_load(client->replica, pl_buf_slice(&bytes));
        pl_buf_done(&bytes);
        if (status != PL_OK) {
            fail(client, "snapshot", pl_status_name(status));
            return;
        }
    }
    pl_buf_done(&client->packed);
    pl_buf_init(&client->packed, client->env->mem);
    join_when_caught_up(client);
}

/* ---- committed entries ---- */

/* Who made an entry, without reading its operations. */
static bool read_author(struct pl_slice body, uint32_t *ret_replica, uint64_t *ret_ctr0)
{
    struct pl_reader reader = pl_reader_of(body);
    return pl_read_array_of(&reader, 4) && pl_read_u32(&reader, ret_replica) &&
           pl_read_u53(&reader, ret_ctr0);
}

/* An own entry came back: the acknowledgement. */
static void on_echo(struct client *client, const struct pl_envelope *envelope)
{
    struct stats *stats = client->env->stats;
    struct pl_batch batch;
    if (pl_batch_read(envelope->body, true, &batch) != PL_OK) {
        fail(client, "echo", "malformed");
        return;
    }
    if (batch.refusal != PL_OK) {
        stats->refused++;
        stats_error(stats, "refused", pl_status_name(batch.refusal));
        return;
    }
    stats->acknowledged++;
    stats->acknowledged_ops += batch.op_n;
    if (client->env->acks_or_null != NULL &&
        acks_acknowledged(client->env->acks_or_null, batch.replica, batch.ctr0, batch.ctr_n,
                          envelope->seq, envelope->body) != PL_OK)
        fail(client, "acks", "the record cannot be written");
}

static void apply(struct client *client, const struct pl_envelope *envelope)
{
    size_t pending = pl_replica_pending_n(client->replica);
    enum pl_status status = pl_replica_apply(client->replica, envelope);
    if (status != PL_OK) {
        fail(client, "apply", pl_status_name(status));
        return;
    }
    size_t settled = pending - pl_replica_pending_n(client->replica);
    client->out_n -= settled < client->out_n ? settled : client->out_n;
}

/* One delivery, of this process' own batch. */
static void delivered(struct client *client, uint64_t sent_ns, uint64_t now_ns)
{
    client->env->stats->deliveries++;
    histogram_add(&client->env->stats->latency, now_ns - sent_ns);
}

static void on_envelope(struct client *client, const struct pl_envelope *envelope, uint64_t now_ns)
{
    uint32_t replica;
    uint64_t ctr0, sent_ns;
    if (!read_author(envelope->body, &replica, &ctr0)) {
        fail(client, "OPS", "a body without an author");
        return;
    }
    if (client->state == CLIENT_LIVE && sent_find(client->env->sent, replica, ctr0, &sent_ns)) {
        delivered(client, sent_ns, now_ns);
        pl_buf_append(&client->sent, &sent_ns, sizeof sent_ns);
    }
    if (client->env->raw) {
        if (replica == client->id) {
            client->env->stats->acknowledged++;
            client->env->stats->acknowledged_ops++;
        }
        return;
    }
    if (envelope->seq != client->seq + 1) {
        fail(client, "OPS", "a gap in seq");
        return;
    }
    client->seq = envelope->seq;
    if (client->wish.envelope != NULL)
        client->wish.envelope(client->wish.user, envelope);
    if (client->replica != NULL)
        apply(client, envelope);
    if (replica == client->id && client->state == CLIENT_LIVE)
        on_echo(client, envelope);
}

static void on_ops(struct client *client, const struct pl_msg_ops *ops)
{
    struct pl_reader reader = pl_reader_of(ops->envelopes);
    struct pl_envelope envelope;
    uint32_t count;
    if (!pl_read_array(&reader, &count)) {
        fail(client, "OPS", "not an array");
        return;
    }
    uint64_t now_ns = clock_ns();
    pl_buf_clear(&client->sent);
    for (uint32_t i = 0; i < count && client->state != CLIENT_CLOSED; i++) {
        if (!envelope_read(&reader, &envelope)) {
            fail(client, "OPS", "not an envelope");
            return;
        }
        on_envelope(client, &envelope, now_ns);
    }
    client->env->stats->delivery_frames += client->sent.len > 0;
    join_when_caught_up(client);
}

/* ---- what others have read ---- */

/* Whether all it does with a message is counting, so that it may be known from another client. */
static bool counts_only(const struct client *client)
{
    return client->replica == NULL && !client->wish.writes && client->wish.envelope == NULL &&
           client->state == CLIENT_LIVE && !client->env->raw;
}

/* An OPS message that some other client has read. false: this one has to. */
static bool take_seen(struct client *client, struct pl_slice message)
{
    const struct seen_frame *frame = seen_find(client->env->seen, message);
    if (frame == NULL || frame->first_seq != client->seq + 1)
        return false;
    uint64_t now_ns = clock_ns();
    client->env->stats->delivery_frames += frame->sent_n > 0;
    for (size_t i = 0; i < frame->sent_n; i++)
        delivered(client, frame->sent_ns[i], now_ns);
    client->seq = frame->last_seq;
    return true;
}

static void keep_seen(struct client *client, struct pl_slice message, uint64_t seq_before)
{
    struct seen_frame frame = {.first_seq = seq_before + 1,
                               .last_seq = client->seq,
                               .sent_ns = (const uint64_t *)client->sent.data,
                               .sent_n = client->sent.len / sizeof(uint64_t)};
    if (client->state == CLIENT_LIVE && !client->sent.failed)
        seen_keep(client->env->seen, message, &frame);
}

/* ---- own batches ---- */

/* Against plenum-raw: the batch as the OPS that Plenum would send of it, and folded at home at
 * once. */
static void send_raw(struct client *client)
{
    struct pl_pending pending;
    while (client->state == CLIENT_LIVE && pl_replica_pending_at(client->replica, 0, &pending)) {
        struct pl_envelope envelope = {
            .seq = client->seq + 1, .user = PL_U53_MAX, .srv_ms = PL_U53_MAX, .body = pending.body};
        struct pl_buf envelopes;
        pl_buf_init(&envelopes, client->env->mem);
        pl_write_array(&envelopes, 1);
        pl_envelope_write(&envelopes, &envelope);
        pl_msg_ops_write(&client->out,
                         &(struct pl_msg_ops){.doc = 0, .envelopes = pl_buf_slice(&envelopes)});
        pl_buf_done(&envelopes);
        if (sent_note(client->env->sent, client->id, pending.ctr0, clock_ns()) != PL_OK) {
            fail(client, "send", "out of memory");
            return;
        }
        client->env->stats->sent++;
        client->seq++;
        send_out(client);
        envelope.user = client->user;
        apply(client, &envelope);
    }
}

enum pl_status client_batch(struct client *client, uint64_t ctr0, struct pl_slice body)
{
    struct client_env *env = client->env;
    if (sent_note(env->sent, client->id, ctr0, clock_ns()) != PL_OK)
        return PL_NO_MEMORY;
    if (env->raw) {
        struct pl_envelope envelope = {
            .seq = ++client->seq, .user = PL_U53_MAX, .srv_ms = PL_U53_MAX, .body = body};
        pl_write_array(&client->out, 3);
        pl_write_uint(&client->out, PL_MESSAGE_OPS);
        pl_write_uint(&client->out, 0);
        pl_write_array(&client->out, 1);
        pl_envelope_write(&client->out, &envelope);
    } else {
        pl_msg_batch_write(&client->out, &(struct pl_msg_batch){.doc = 0, .body = body});
    }
    env->stats->sent++;
    send_out(client);
    return client->state == CLIENT_CLOSED ? PL_IO : PL_OK;
}

enum pl_status client_edit(struct client *client, struct pl_slice edits, struct pl_buf *ret_created)
{
    size_t created_n;
    enum pl_status status = pl_replica_edit(client->replica, 0, false, edits, ret_created, &created_n);
    if (status != PL_OK)
        return status;
    if (client->env->raw)
        send_raw(client);
    else
        send_pending(client);
    return PL_OK;
}

static void on_reject(struct client *client, const struct pl_msg_reject *reject)
{
    struct pl_pending pending;
    if (client->replica == NULL)
        return;
    if (reject->code == PL_GAP) { /* S7: again from there */
        client->out_n = 0;
        while (pl_replica_pending_at(client->replica, client->out_n, &pending) &&
               pending.ctr0 < reject->ctr0)
            client->out_n++;
        send_pending(client);
        return;
    }
    client->env->stats->refused++;
    stats_error(client->env->stats, "REJECT", pl_status_name((enum pl_status)reject->code));
    if (pl_replica_pending_at(client->replica, 0, &pending) && pending.ctr0 <= reject->ctr0) {
        enum pl_status status = pl_replica_refuse(client->replica, reject->ctr0);
        if (status != PL_OK && status != PL_NOT_FOUND)
            fail(client, "refuse", pl_status_name(status));
        client->out_n = 0;
    }
}

void client_presence(struct client *client, double x, double y, const double view[4])
{
    struct pl_buf state;
    if (client->state != CLIENT_LIVE || client->env->raw)
        return;
    pl_buf_init(&state, client->env->mem);
    enum pl_status status = cursors_write(client->env, client->session, ++client->presence_n, x, y,
                                          view, &state);
    if (status != PL_OK)
        fail(client, "presence", pl_status_name(status));
    pl_msg_presence_write(&client->out, &(struct pl_msg_presence){.body = pl_buf_slice(&state)});
    pl_buf_done(&state);
    send_out(client);
}

void client_ping(struct client *client)
{
    if (client->env->raw || client->state == CLIENT_CLOSED || client->state == CLIENT_CONNECTING)
        return;
    pl_msg_ping_write(&client->out, &(struct pl_msg_ping){.echo = clock_ns() / NS_PER_MS});
    send_out(client);
}

/* ---- messages ---- */

static void on_error(struct client *client, const struct pl_msg_error *error)
{
    char text[160];
    snprintf(text, sizeof text, "%s: %.*s", pl_status_name((enum pl_status)error->code),
             (int)error->text.len, (const char *)error->text.data);
    fail(client, "ERROR", text);
}

static void on_message(void *user, struct pl_slice frame)
{
    struct client *client = user;
    struct pl_message message;
    if (client->state == CLIENT_CLOSED || (counts_only(client) && take_seen(client, frame)) ||
        cursors_seen(client->env, frame))
        return;
    if (pl_message_read(frame, &message) != PL_OK) {
        fail(client, "message", "malformed");
        return;
    }
    switch (message.type) {
    case PL_MESSAGE_WELCOME:
        on_welcome(client, &message.as.welcome);
        break;
    case PL_MESSAGE_SNAPSHOT_BEGIN:
        client->begin = message.as.snapshot_begin;
        if (client->begin.hash.len == 8)
            client->begin_hash = pl_u64_from_bytes(client->begin.hash.data);
        pl_buf_clear(&client->packed);
        break;
    case PL_MESSAGE_SNAPSHOT_CHUNK:
        if (client->replica != NULL)
            pl_buf_append(&client->packed, message.as.snapshot_chunk.data.data,
                          message.as.snapshot_chunk.data.len);
        break;
    case PL_MESSAGE_SNAPSHOT_END:
        on_snapshot_end(client);
        break;
    case PL_MESSAGE_OPS: {
        uint64_t seq_before = client->seq;
        on_ops(client, &message.as.ops);
        if (counts_only(client))
            keep_seen(client, frame, seq_before);
        break;
    }
    case PL_MESSAGE_REJECT:
        on_reject(client, &message.as.reject);
        break;
    case PL_MESSAGE_PRESENCE:
        cursors_read(client->env, frame, message.as.presence.body);
        break;
    case PL_MESSAGE_ERROR:
        on_error(client, &message.as.error);
        break;
    case PL_MESSAGE_GOAWAY:
        fail(client, "GOAWAY", "the server sends us away");
        break;
    case PL_MESSAGE_ACK:
    case PL_MESSAGE_STATE:
    case PL_MESSAGE_PEOPLE:
    case PL_MESSAGE_PONG:
        break;
    case PL_MESSAGE_HELLO:
    case PL_MESSAGE_BATCH:
    case PL_MESSAGE_PING:
    case PL_MESSAGE_PAST_ASK:
    case PL_MESSAGE_PAST: /* nobody here asks for it */
    case PL_MESSAGE_PAST_CHUNK:
    case PL_MESSAGE_PAST_OPS:
    case PL_MESSAGE_PAST_END:
        fail(client, "message", "a server does not send this");
    }
}

/* ---- life ---- */

struct client *client_new(struct client_env *env, const struct client_wish *wish)
{
    struct client *client = pl_mem_get(env->mem, sizeof *client);
    if (client == NULL)
        return NULL;
    *client = (struct client){.env = env, .wish = *wish, .began_ns = clock_ns()};
    pl_buf_init(&client->packed, env->mem);
    pl_buf_init(&client->out, env->mem);
    pl_buf_init(&client->sent, env->mem);
    snprintf(client->ticket, sizeof client->ticket, "%s", wish->ticket == NULL ? "" : wish->ticket);
    client->wish.ticket = NULL;
    client->ws = ws_new(env->mem, env->target, &env->random);
    if (client->ws == NULL)
        goto fail;
    if (wish->replica) {
        client->replica = pl_replica_new(env->mem);
        if (client->replica == NULL)
            goto fail;
    }
    if (env->raw) {
        /* ids of our own choosing: nobody there issues any */
        client->id = (uint32_t)client_fd(client) + 1;
        client->user = 1;
        if (wish->replica &&
            pl_replica_identify(client->replica, client->id, 0, client->user) != PL_OK)
            goto fail;
    }
    return client;
fail:
    client_free(client);
    return NULL;
}

void client_free(struct client *client_or_null)
{
    if (client_or_null == NULL)
        return;
    ws_free(client_or_null->ws);
    pl_replica_free(client_or_null->replica);
    pl_buf_done(&client_or_null->packed);
    pl_buf_done(&client_or_null->out);
    pl_buf_done(&client_or_null->sent);
    pl_mem_put(client_or_null->env->mem, client_or_null);
}

enum pl_status client_again(struct client *client, const char *ticket)
{
    struct ws *ws = ws_new(client->env->mem, client->env->target, &client->env->random);
    if (ws == NULL)
        return PL_IO;
    ws_free(client->ws);
    client->ws = ws;
    client->state = CLIENT_CONNECTING;
    client->out_n = 0;
    client->wish.resume = true;
    client->wish.lineage = client->lineage;
    pl_buf_clear(&client->out);
    pl_buf_clear(&client->packed);
    snprintf(client->ticket, sizeof client->ticket, "%s", ticket);
    return PL_OK;
}

void client_pump(struct client *client, uint8_t *scratch, size_t scratch_bytes)
{
    struct ws_handler handler = {.opened = on_opened, .message = on_message, .user = client};
    if (client->state == CLIENT_CLOSED)
        return;
    ws_pump(client->ws, scratch, scratch_bytes, &handler);
    if (ws_state(client->ws) == WS_CLOSED)
        client->state = CLIENT_CLOSED;
}

int client_fd(const struct client *client)
{
    return ws_fd(client->ws);
}
enum client_state client_state(const struct client *client)
{
    return client->state;
}
uint64_t client_seq(const struct client *client)
{
    return client->seq;
}
uint64_t client_lineage(const struct client *client)
{
    return client->lineage;
}
bool client_had_snapshot(const struct client *client)
{
    return client->had_snapshot;
}
uint32_t client_replica_id(const struct client *client)
{
    return client->id;
}
uint64_t client_hwm(const struct client *client)
{
    return client->hwm;
}
const char *client_close_reason(const struct client *client)
{
    return ws_close_reason(client->ws);
}
uint64_t client_bytes_in(const struct client *client)
{
    return ws_bytes_in(client->ws);
}
struct pl_replica *client_replica(struct client *client)
{
    return client->replica;
}
