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

static void delivered(struct client_env *env, uint64_t sent_ns, uint64_t now_ns)
{
    if (!env->stats->pointing)
        return;
    env->stats->cursors++;
    histogram_add(&env->stats->cursor_latency, now_ns - sent_ns);
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
        delivered(env, sent_ns, now_ns);
        pl_buf_append(&sent, &sent_ns, sizeof sent_ns);
    }
    struct seen_frame frame = {.sent_ns = (const uint64_t *)sent.data,
                               .sent_n = sent.len / sizeof(uint64_t)};
    if (!sent.failed)
        seen_keep(env->seen_presence, message, &frame);
    pl_buf_done(&sent);
}

bool cursors_seen(struct client_env *env, struct pl_slice message)
{
    const struct seen_frame *frame = seen_find(env->seen_presence, message);
    if (frame == NULL)
        return false;
    uint64_t now_ns = clock_ns();
    env->stats->presence_received++;
    for (size_t i = 0; i < frame->sent_n; i++)
        delivered(env, frame->sent_ns[i], now_ns);
    return true;
}
