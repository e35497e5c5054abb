/* See envelope.h. */
#include "base/envelope.h"

void envelope_write(struct pl_buf *buf, const struct pl_envelope *envelope)
{
    pl_write_array(buf, 4);
    pl_write_uint(buf, envelope->seq);
    pl_write_uint(buf, envelope->user);
    pl_write_uint(buf, envelope->srv_ms);
    pl_write_raw(buf, envelope->body);
}

bool envelope_read(struct pl_reader *reader, struct pl_envelope *ret_envelope)
{
    struct pl_envelope envelope = {0};
    if (pl_peek(reader) == PL_TYPE_END || !pl_read_array_of(reader, 4) ||
        !pl_read_u53(reader, &envelope.seq) || !pl_read_u53(reader, &envelope.user) ||
        !pl_read_u53(reader, &envelope.srv_ms) || !pl_read_raw(reader, &envelope.body))
        return false;
    *ret_envelope = envelope;
    return true;
}

enum pl_status envelope_cut(struct pl_slice envelopes, uint64_t from, uint64_t to,
                            struct pl_slice *ret_part, uint32_t *ret_n)
{
    struct pl_reader reader = pl_reader_of(envelopes);
    struct pl_envelope envelope;
    const uint8_t *start = NULL, *end = NULL;
    uint32_t n = 0;
    for (const uint8_t *at = reader.at; envelope_read(&reader, &envelope); at = reader.at) {
        if (envelope.seq < from || envelope.seq > to)
            continue;
        if (n++ == 0)
            start = at;
        end = reader.at;
    }
    if (!pl_reader_done(&reader))
        return PL_CORRUPT;
    *ret_part = n == 0 ? (struct pl_slice){0} : (struct pl_slice){start, (size_t)(end - start)};
    *ret_n = n;
    return PL_OK;
}
