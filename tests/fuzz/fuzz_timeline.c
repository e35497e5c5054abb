/* A timeline's chunk as any bytes. What passes is events in order, passes also in two chunks wherever an event ends, and
 * these are summed up alike. */
#include "draw.h"
#include "proto/limits.h"
#include "proto/reader.h"
#include "track/timeline.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_split(struct pl_slice chunk, size_t at, double after_ms, const struct timeline_facts *whole)
{
    struct timeline_facts first, second;
    const struct pl_slice head = {chunk.data, at}, tail = {chunk.data + at, chunk.len - at};
    REQUIRE(timeline_check(head, after_ms, &first) == PL_OK);
    REQUIRE(timeline_check(tail, first.last_ms, &second) == PL_OK);
    REQUIRE(first.events + second.events == whole->events);
    REQUIRE(first.first_ms == whole->first_ms && second.last_ms == whole->last_ms);
    REQUIRE((first.seq > second.seq ? first.seq : second.seq) == whole->seq);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct draw draw = {data, data + size};
    struct timeline_facts facts;
    const double after_ms = draw_byte(&draw);
    const struct pl_slice chunk = {draw.at, (size_t)(draw.end - draw.at)};
    if (timeline_check(chunk, after_ms, &facts) != PL_OK)
        return 0;
    struct pl_reader reader = pl_reader_of(chunk);
    struct pl_slice value;
    uint32_t n = 0;
    for (; !pl_reader_done(&reader); n++) {
        if (n > 0)
            check_split(chunk, (size_t)(reader.at - chunk.data), after_ms, &facts);
        REQUIRE(pl_read_raw(&reader, &value));
    }
    REQUIRE(n == facts.events && n > 0);
    REQUIRE(facts.first_ms >= after_ms && facts.last_ms >= facts.first_ms && facts.last_ms <= PL_TRACK_MS_MAX);
    REQUIRE(facts.seq <= PL_U53_MAX);
    return 0;
}
