/* Clocks keep when they were set, so each is set in an entry of that time. See reading.h. */
#include "exchange/reading.h"
#include "exchange/value_json.h"
#include "proto/value.h"
#include <stdlib.h>

#define DAY_MS 86400000u /* another server's clock may be ahead, within reason */

struct clock {
    struct pl_id object;
    uint32_t field;
    uint64_t srv_ms;
    size_t at;
    const json_t *json;
};

static int compare_clocks(const void *a, const void *b)
{
    const struct clock *left = a, *right = b;
    if (left->srv_ms != right->srv_ms)
        return left->srv_ms < right->srv_ms ? -1 : 1;
    return pl_id_compare(left->object, right->object);
}

bool clocks_find(struct reading *reading, struct pl_buf *ret_clocks)
{
    for (size_t i = 0; i < json_array_size(reading->objects); i++) {
        struct clock clock = {.at = i};
        const json_t *object = reading_object(reading, i, &clock.object);
        json_t *fields = json_object_get(object, "fields"), *json;
        const char *name;
        json_object_foreach(fields, name, json)
        {
            if (!reading_field(reading, name, &clock.field))
                return false;
            if (pl_field_type(clock.field) != PL_VALUE_CLOCK)
                continue;
            const json_int_t srv_ms = json_integer_value(json_array_get(json, 3));
            if (json_array_size(json) != 4 || srv_ms < 0 ||
                (uint64_t)srv_ms > reading->now_ms + DAY_MS)
                return reading_complain(reading,
                                        "a clock is not [state, ms, rate, when it was set]");
            clock.srv_ms = (uint64_t)srv_ms;
            clock.json = json;
            pl_buf_append(ret_clocks, &clock, sizeof clock);
        }
    }
    if (ret_clocks->failed)
        return reading_fail(reading, PL_NO_MEMORY);
    if (ret_clocks->len > 0)
        qsort(ret_clocks->data, ret_clocks->len / sizeof(struct clock), sizeof(struct clock),
              compare_clocks);
    reading->srv_ms =
        ret_clocks->len == 0 ? reading->now_ms : ((const struct clock *)ret_clocks->data)->srv_ms;
    reading->srv_ms =
        ret_clocks->len == 0 ? reading->now_ms : ((const struct clock *)ret_clocks->data)->srv_ms;
    return true;
}

bool clocks_set(struct reading *reading, const struct pl_buf *clocks)
{
    const struct clock *all = (const struct clock *)clocks->data;
    for (size_t i = 0; i < clocks->len / sizeof *all; i++) {
        struct pl_op op = {.code = PL_OP_SET, .object = all[i].object, .field = all[i].field};
        reading->at = all[i].at;
        pl_buf_clear(&reading->value);
        pl_write_array(&reading->value, 3);
        for (size_t k = 0; k < 3; k++) {
            if (!value_json_read(json_array_get(all[i].json, k), &reading->value))
                return reading_complain(reading,
                                        "a clock is not [state, ms, rate, when it was set]");
        }
        op.value = pl_buf_slice(&reading->value);
        if (!reading_flush(reading))
            return false;
        reading->srv_ms = all[i].srv_ms;
        if (!reading_op(reading, op.object.replica, &op))
            return false;
    }
    return true;
}
