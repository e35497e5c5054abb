/* See envelope.h. */
#include "base/envelope.h"

bool envelope_read(struct pl_reader *reader, struct pl_envelope *ret_envelope)
{
    return pl_peek(reader) != PL_TYPE_END && pl_envelope_read(reader, ret_envelope);
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
