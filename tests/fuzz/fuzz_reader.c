/* The decoder against libmsgpackc. Whatever pl_read_raw accepts, the oracle must decode too, to the
 * same length and the same values; what it refuses stays refused however often it is asked. The
 * oracle never sees bytes our decoder refused: it allocates what a header claims. */
#include "draw.h"
#include "proto/limits.h"
#include "proto/reader.h"
#include <math.h>
#include <msgpack.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void compare(struct pl_reader *reader, const msgpack_object *object);

static void compare_number(struct pl_reader *reader, const msgpack_object *object)
{
    struct pl_reader again = *reader;
    double value = object->type == MSGPACK_OBJECT_POSITIVE_INTEGER   ? (double)object->via.u64
                   : object->type == MSGPACK_OBJECT_NEGATIVE_INTEGER ? (double)object->via.i64
                                                                     : object->via.f64;
    double number;
    uint64_t u53;
    REQUIRE(isfinite(value));
    if (pl_read_number(&again, &number)) /* may refuse integers a double does not hold */
        REQUIRE(number == value);
    again = *reader;
    bool whole = object->type == MSGPACK_OBJECT_POSITIVE_INTEGER && object->via.u64 <= PL_U53_MAX;
    REQUIRE(pl_read_u53(&again, &u53) == whole);
    if (whole)
        REQUIRE(u53 == object->via.u64);
    struct pl_slice raw;
    REQUIRE(pl_read_raw(reader, &raw));
}

static void compare_bytes(struct pl_reader *reader, const msgpack_object *object)
{
    struct pl_slice bytes;
    if (object->type == MSGPACK_OBJECT_STR) {
        REQUIRE(pl_read_str(reader, &bytes) && bytes.len == object->via.str.size);
        REQUIRE(bytes.len == 0 || memcmp(bytes.data, object->via.str.ptr, bytes.len) == 0);
        REQUIRE(pl_utf8_valid(bytes));
    } else {
        REQUIRE(pl_read_bin(reader, &bytes) && bytes.len == object->via.bin.size);
        REQUIRE(bytes.len == 0 || memcmp(bytes.data, object->via.bin.ptr, bytes.len) == 0);
    }
}

static void compare_many(struct pl_reader *reader, const msgpack_object *object)
{
    uint32_t count;
    if (object->type == MSGPACK_OBJECT_ARRAY) {
        REQUIRE(pl_read_array(reader, &count) && count == object->via.array.size);
        for (uint32_t i = 0; i < count; i++)
            compare(reader, &object->via.array.ptr[i]);
        return;
    }
    REQUIRE(pl_read_map(reader, &count) && count == object->via.map.size);
    for (uint32_t i = 0; i < count; i++) {
        compare(reader, &object->via.map.ptr[i].key);
        compare(reader, &object->via.map.ptr[i].val);
    }
}

static void compare(struct pl_reader *reader, const msgpack_object *object)
{
    bool flag;
    struct pl_slice raw;
    switch (object->type) {
    case MSGPACK_OBJECT_NIL:
        REQUIRE(pl_peek(reader) == PL_TYPE_NIL && pl_read_nil(reader));
        break;
    case MSGPACK_OBJECT_BOOLEAN:
        REQUIRE(pl_read_bool(reader, &flag) && flag == object->via.boolean);
        break;
    case MSGPACK_OBJECT_POSITIVE_INTEGER:
    case MSGPACK_OBJECT_NEGATIVE_INTEGER:
    case MSGPACK_OBJECT_FLOAT32:
    case MSGPACK_OBJECT_FLOAT64:
        compare_number(reader, object);
        break;
    case MSGPACK_OBJECT_STR:
    case MSGPACK_OBJECT_BIN:
        compare_bytes(reader, object);
        break;
    case MSGPACK_OBJECT_ARRAY:
    case MSGPACK_OBJECT_MAP:
        compare_many(reader, object);
        break;
    case MSGPACK_OBJECT_EXT:
        REQUIRE(pl_peek(reader) == PL_TYPE_EXT && pl_read_raw(reader, &raw));
        break;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct pl_reader reader = pl_reader_of((struct pl_slice){data, size});
    struct pl_slice value;
    if (!pl_read_raw(&reader, &value)) {
        REQUIRE(reader.failed && !pl_read_raw(&reader, &value) && pl_peek(&reader) == PL_TYPE_END);
        return 0;
    }
    REQUIRE(value.data == data && value.len > 0 && value.len <= size);
    msgpack_unpacked oracle;
    size_t consumed = 0;
    msgpack_unpacked_init(&oracle);
    msgpack_unpack_return result =
        msgpack_unpack_next(&oracle, (const char *)data, size, &consumed);
    REQUIRE(result == MSGPACK_UNPACK_SUCCESS && consumed == value.len);
    reader = pl_reader_of(value);
    compare(&reader, &oracle.data);
    REQUIRE(pl_reader_done(&reader));
    msgpack_unpacked_destroy(&oracle);
    return 0;
}
