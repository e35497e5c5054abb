/* One viewer's socket, line and clocks. See viewer.h. */
#include "bench/watch/viewer.h"
#include "base/envelope.h"
#include "bench/clock.h"
#include "bench/load/ws.h"
#include "proto/message.h"
#include "proto/op.h"
#include <math.h>
#include <string.h>

#define TICKET_BYTES 128u
#define PONGS_KEPT   8u /* of the client's clock.ts: how many are remembered, */
#define PINGS_ASKED  4u /* how many are sent when the connection is new, */
#define ASK_NS       (120 * NS_PER_MS)
#define COMING_MAX   16u /* messages on the line at once: a few PONGs and clocks */

struct coming {
    uint64_t due_ns;
    bool pong;
    uint64_t echo, srv_ms; /* PONG */
    struct viewer_clock clock;
};

struct sample {
    double ahead_ms; /* the server's time less its own */
    double trip_ms;
};

struct viewer {
    const struct pl_mem *mem;
    struct ws *ws;
    uint64_t *random;
    struct viewer_line line;
    char ticket[TICKET_BYTES];
    bool welcome;
    const char *failed_or_null; /* why it went no further */
    uint32_t replica;
    uint64_t ctr, lam;
    struct pl_id playback; /* ctr 0: not made by this one */
    struct pl_buf out;  /* a message being written */
    struct pl_buf body; /* of a batch */
    struct coming coming[COMING_MAX]; /* in order, which a line keeps */
    uint32_t coming_n;
    struct sample samples[PONGS_KEPT];
    uint32_t sample_n;
    double ahead_ms;
    uint32_t asked;
    uint64_t ping_ns;        /* when the next is due */
    uint64_t leaves_ns;      /* when the one that was sent is at the line's other end; 0: none is on the way */
    uint64_t echo;           /* what that one says */
    struct viewer_clock clock;
};

/* ---- its clock and its line ---- */

/* What its own clock shows, in ms: as performance.now(), of no use to anybody else. */
static double own_ms(const struct viewer *viewer, uint64_t now_ns)
{
    return (double)now_ns / 1e6 * (1 + viewer->line.ppm / 1e6) + viewer->line.skew_ms;
}

static uint64_t line_ns(struct viewer *viewer, double least_ms)
{
    const double even = ((double)(random_next(viewer->random) >> 11) + 1) / 9007199254740993.0; /* above 0 */
    return (uint64_t)((least_ms - log(even) * viewer->line.jitter_ms) * 1e6);
}

static void set_off(struct viewer *viewer, struct coming coming)
{
    if (viewer->coming_n == COMING_MAX) {
        viewer->failed_or_null = "more on its line than a viewer gets";
        return;
    }
    coming.due_ns = clock_ns() + line_ns(viewer, viewer->line.down_ms);
    if (viewer->coming_n > 0 && viewer->coming[viewer->coming_n - 1].due_ns > coming.due_ns)
        coming.due_ns = viewer->coming[viewer->coming_n - 1].due_ns;
    viewer->coming[viewer->coming_n++] = coming;
}

static void take_pong(struct viewer *viewer, const struct coming *pong)
{
    const double trip_ms = own_ms(viewer, pong->due_ns) - (double)pong->echo;
    if (viewer->sample_n == PONGS_KEPT) {
        memmove(viewer->samples, viewer->samples + 1, (PONGS_KEPT - 1) * sizeof *viewer->samples);
        viewer->sample_n--;
    }
    viewer->samples[viewer->sample_n++] =
        (struct sample){.ahead_ms = (double)pong->srv_ms - ((double)pong->echo + trip_ms / 2), .trip_ms = trip_ms};
    const struct sample *best = viewer->samples;
    for (uint32_t i = 1; i < viewer->sample_n; i++) {
        if (viewer->samples[i].trip_ms < best->trip_ms)
            best = &viewer->samples[i];
    }
    viewer->ahead_ms = best->ahead_ms;
}

static void ping(struct viewer *viewer, uint64_t now_ns)
{
    viewer->echo = (uint64_t)own_ms(viewer, now_ns);
    viewer->leaves_ns = now_ns + line_ns(viewer, viewer->line.up_ms);
    viewer->asked++;
    viewer->ping_ns = now_ns + (viewer->asked < PINGS_ASKED ? ASK_NS : PL_PING_MS * NS_PER_MS);
}

static void send_out(struct viewer *viewer)
{
    if (viewer->out.failed || ws_send(viewer->ws, pl_buf_slice(&viewer->out)) != PL_OK)
        viewer->failed_or_null = "nothing can be sent";
    pl_buf_clear(&viewer->out);
}

void viewer_turn(struct viewer *viewer, uint64_t now_ns)
{
    if (!viewer->welcome || viewer_closed(viewer))
        return;
    uint32_t taken = 0;
    for (; taken < viewer->coming_n && viewer->coming[taken].due_ns <= now_ns; taken++) {
        if (viewer->coming[taken].pong)
            take_pong(viewer, &viewer->coming[taken]);
        else
            viewer->clock = viewer->coming[taken].clock;
    }
    viewer->coming_n -= taken;
    memmove(viewer->coming, viewer->coming + taken, viewer->coming_n * sizeof *viewer->coming);
    if (viewer->leaves_ns == 0 && viewer->ping_ns <= now_ns)
        ping(viewer, now_ns);
    if (viewer->leaves_ns != 0 && viewer->leaves_ns <= now_ns) {
        viewer->leaves_ns = 0;
        pl_msg_ping_write(&viewer->out, &(struct pl_msg_ping){.echo = viewer->echo});
        send_out(viewer);
    }
}

double viewer_position(const struct viewer *viewer, uint64_t now_ns)
{
    const struct viewer_clock *clock = &viewer->clock;
    const double server_ms = own_ms(viewer, now_ns) + viewer->ahead_ms;
    return clock->ms + (clock->runs ? clock->rate * (server_ms - (double)clock->srv_ms) : 0);
}

/* ---- messages ---- */

static void on_opened(void *user)
{
    struct viewer *viewer = user;
    const struct pl_msg_hello hello = {
        .schema = PL_SCHEMA_VERSION,
        .ticket = {(const uint8_t *)viewer->ticket, strlen(viewer->ticket)},
    };
    pl_msg_hello_write(&viewer->out, &hello);
    send_out(viewer);
}

static bool read_clock(struct pl_slice value, uint64_t srv_ms, struct viewer_clock *ret_clock)
{
    struct pl_reader reader = pl_reader_of(value);
    struct viewer_clock clock = {.srv_ms = srv_ms};
    uint64_t state;
    if (!pl_read_array_of(&reader, 3) || !pl_read_u53(&reader, &state) || !pl_read_number(&reader, &clock.ms) ||
        !pl_read_number(&reader, &clock.rate))
        return false;
    clock.runs = state == 1;
    *ret_clock = clock;
    return true;
}

/* The CLOCK that an op sets, by itself or as a field of what it makes. */
static bool op_clock(const struct pl_op *op, uint64_t srv_ms, struct viewer_clock *ret_clock)
{
    struct pl_reader reader = pl_reader_of(op->value);
    struct pl_slice value;
    uint64_t field;
    if (op->code == PL_OP_SET)
        return op->field == PL_FIELD_CLOCK && read_clock(op->value, srv_ms, ret_clock);
    if (op->code != PL_OP_CREATE || op->kind != PL_KIND_PLAYBACK)
        return false;
    for (uint32_t i = 0; i < op->value_n; i++) {
        if (!pl_read_u53(&reader, &field) || !pl_read_raw(&reader, &value))
            return false;
        if (field == PL_FIELD_CLOCK)
            return read_clock(value, srv_ms, ret_clock);
    }
    return false;
}

static void on_ops(struct viewer *viewer, const struct pl_msg_ops *ops)
{
    struct pl_reader reader = pl_reader_of(ops->envelopes);
    struct pl_envelope envelope;
    struct pl_batch batch;
    struct pl_op op;
    uint32_t n;
    if (!pl_read_array(&reader, &n)) {
        viewer->failed_or_null = "OPS without entries";
        return;
    }
    while (envelope_read(&reader, &envelope)) {
        if (pl_batch_read(envelope.body, true, &batch) != PL_OK || batch.refusal != PL_OK)
            continue;
        struct coming coming = {.pong = false};
        struct pl_op_iter iter = pl_batch_ops(&batch);
        while (pl_op_next(&iter, &op)) {
            if (op_clock(&op, envelope.srv_ms, &coming.clock))
                set_off(viewer, coming);
        }
    }
}

static void on_message(void *user, struct pl_slice frame)
{
    struct viewer *viewer = user;
    struct pl_message message;
    if (pl_message_read(frame, &message) != PL_OK) {
        viewer->failed_or_null = "not a message";
        return;
    }
    switch (message.type) {
    case PL_MESSAGE_WELCOME:
        viewer->welcome = true;
        viewer->replica = (uint32_t)message.as.welcome.replica;
        viewer->ctr = message.as.welcome.hwm;
        viewer->ping_ns = clock_ns();
        break;
    case PL_MESSAGE_PONG:
        set_off(viewer, (struct coming){.pong = true, .echo = message.as.pong.echo, .srv_ms = message.as.pong.srv_ms});
        break;
    case PL_MESSAGE_OPS:
        on_ops(viewer, &message.as.ops);
        break;
    case PL_MESSAGE_ERROR:
        viewer->failed_or_null = pl_status_name((enum pl_status)message.as.error.code);
        break;
    case PL_MESSAGE_REJECT:
        viewer->failed_or_null = pl_status_name((enum pl_status)message.as.reject.code);
        break;
    default: /* snapshots, presence, people: nothing of it plays */
        break;
    }
}

void viewer_pump(struct viewer *viewer, uint8_t *scratch, size_t scratch_bytes)
{
    const struct ws_handler handler = {.opened = on_opened, .message = on_message, .user = viewer};
    ws_pump(viewer->ws, scratch, scratch_bytes, &handler);
}

static void write_clock(struct pl_buf *buf, bool runs, uint64_t ms, double rate)
{
    pl_write_array(buf, 3);
    pl_write_uint(buf, runs);
    pl_write_uint(buf, ms);
    pl_write_number(buf, rate);
}

enum pl_status viewer_lead(struct viewer *viewer, bool runs, uint64_t ms, double rate)
{
    struct pl_buf *body = &viewer->body;
    const bool first = viewer->playback.ctr == 0;
    const uint64_t ctr = ++viewer->ctr;
    pl_buf_clear(body);
    pl_write_array(body, 4);
    pl_write_uint(body, viewer->replica);
    pl_write_uint(body, ctr);
    pl_write_uint(body, ++viewer->lam);
    pl_write_array(body, 1);
    pl_write_array(body, first ? 3 : 4);
    if (first) {
        viewer->playback = (struct pl_id){.replica = viewer->replica, .ctr = ctr};
        pl_write_uint(body, PL_OP_CREATE);
        pl_write_uint(body, PL_KIND_PLAYBACK);
        pl_write_map(body, 1);
    } else {
        pl_write_uint(body, PL_OP_SET);
        pl_write_id(body, viewer->playback);
    }
    pl_write_uint(body, PL_FIELD_CLOCK);
    write_clock(body, runs, ms, rate);
    if (body->failed)
        return PL_NO_MEMORY;
    pl_msg_batch_write(&viewer->out, &(struct pl_msg_batch){.doc = 0, .body = pl_buf_slice(body)});
    send_out(viewer);
    return viewer->failed_or_null != NULL ? PL_IO : PL_OK;
}

/* ---- life ---- */

struct viewer *viewer_new(const struct pl_mem *mem, const struct target *target, uint64_t *random,
                          const struct viewer_line *line, const char *ticket)
{
    struct viewer *viewer = pl_mem_get(mem, sizeof *viewer);
    if (viewer == NULL)
        return NULL;
    *viewer = (struct viewer){.mem = mem, .random = random, .line = *line};
    pl_buf_init(&viewer->out, mem);
    pl_buf_init(&viewer->body, mem);
    strncpy(viewer->ticket, ticket, TICKET_BYTES - 1);
    viewer->ws = ws_new(mem, target, random);
    if (viewer->ws != NULL)
        return viewer;
    viewer_free(viewer);
    return NULL;
}

void viewer_free(struct viewer *viewer_or_null)
{
    if (viewer_or_null == NULL)
        return;
    ws_free(viewer_or_null->ws);
    pl_buf_done(&viewer_or_null->out);
    pl_buf_done(&viewer_or_null->body);
    pl_mem_put(viewer_or_null->mem, viewer_or_null);
}

int viewer_fd(const struct viewer *viewer)
{
    return ws_fd(viewer->ws);
}

bool viewer_live(const struct viewer *viewer)
{
    return viewer->welcome && viewer->sample_n >= PINGS_ASKED && !viewer_closed(viewer);
}

bool viewer_closed(const struct viewer *viewer)
{
    return viewer->failed_or_null != NULL || ws_state(viewer->ws) == WS_CLOSED;
}

const char *viewer_close_reason(const struct viewer *viewer)
{
    return viewer->failed_or_null != NULL ? viewer->failed_or_null : ws_close_reason(viewer->ws);
}

struct viewer_clock viewer_clock(const struct viewer *viewer)
{
    return viewer->clock;
}
