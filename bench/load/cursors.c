/* See cursors.h. Sessions share the table of what was sent with replicas, which are below 2^31. */
#include "bench/load/cursors.h"
#include "bench/clock.h"
#include "proto/reader.h"
#include "proto/writer.h"

#define NUMBER_KEY "n"

static uint32_t sent_name(uint64_t session)
{
    return (uint32_t)session | UINT32_C(1) << 31;
}

enum pl_status cursors_write(struct client_env *env, uint64_t session, uint64_t number, double x,
                             double y, const double view[4], struct pl_buf *state)
{
    pl_write_map(state, 3);
    pl_write_text(state, "c");
    pl_write_array(state, 2);
    pl_write_number(state, x);
    pl_write_number(state, y);
    pl_write_text(state, "v");
    pl_write_array(state, 4);
    for (int i = 0; i < 4; i++)
        pl_write_number(state, view[i]);
    pl_write_text(state, NUMBER_KEY);
    pl_write_uint(state, number);
    env->stats->presence_sent++;
    return sent_note(env->sent, sent_name(session), number, clock_ns());
}

/* The states of one frame. */
static void delivered(struct client_env *env, const struct seen_frame *frame, uint64_t now_ns)
{
    struct stats *stats = env->stats;
    uint64_t youngest_ns = 0;
    if (!stats->pointing || frame->sent_n == 0)
        return;
    for (size_t i = 0; i < frame->sent_n; i++) {
        histogram_add(&stats->cursor_latency, now_ns - frame->sent_ns[i]);
        if (frame->sent_ns[i] > youngest_ns)
            youngest_ns = frame->sent_ns[i];
    }
    stats->cursors += frame->sent_n;
    histogram_add_n(&stats->cursor_beyond, now_ns - youngest_ns, frame->sent_n);
}

static bool read_number(struct pl_slice state, uint64_t *ret_number)
{
    struct pl_reader reader = pl_reader_of(state);
    struct pl_slice key, value;
    uint32_t pairs;
    if (!pl_read_map(&reader, &pairs))
        return false;
    for (; pairs > 0 && pl_read_str(&reader, &key) && pl_read_raw(&reader, &value); pairs--) {
        struct pl_reader number = pl_reader_of(value);
        if (key.len == 1 && key.data[0] == NUMBER_KEY[0])
            return pl_read_u53(&number, ret_number);
    }
    return false;
}

void cursors_read(struct client_env *env, struct pl_slice message, struct pl_slice states)
{
    struct pl_reader reader = pl_reader_of(states);
    struct pl_slice state;
    struct pl_buf sent; /* u64 */
    uint64_t session, number, sent_ns, now_ns = clock_ns();
    uint32_t count;
    env->stats->presence_received++;
    if (!pl_read_array(&reader, &count))
        return;
    pl_buf_init(&sent, env->mem);
    for (; count > 0 && pl_read_array_of(&reader, 2) && pl_read_u53(&reader, &session) &&
           pl_read_raw(&reader, &state);
         count--) {
        if (!read_number(state, &number) ||
            !sent_find(env->sent, sent_name(session), number, &sent_ns))
            continue;
        pl_buf_append(&sent, &sent_ns, sizeof sent_ns);
    }
    struct seen_frame frame = {.sent_ns = (const uint64_t *)sent.data,
                               .sent_n = sent.len / sizeof(uint64_t)};
    if (!sent.failed) {
        delivered(env, &frame, now_ns);
        seen_keep(env->seen_presence, message, &frame);
    }
    pl_buf_done(&sent);
}

bool cursors_seen(struct client_env *env, struct pl_slice message)
{
    const struct seen_frame *frame = seen_find(env->seen_presence, message);
    if (frame == NULL)
        return false;
    env->stats->presence_received++;
    delivered(env, frame, clock_ns());
    return true;
}
