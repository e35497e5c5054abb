/* Messages to and from bytes, generated field by field from messages.def. Rules S1, E1 to E4. */
#include "proto/message.h"
#include "proto/reader.h"

/* One reader and one writer per field type of messages.def. */
static bool read_u53(struct pl_reader *reader, uint64_t *ret)
{
    return pl_read_u53(reader, ret);
}
static bool read_opt_u53(struct pl_reader *reader, struct pl_opt_u53 *ret)
{
    ret->set = pl_peek(reader) != PL_TYPE_NIL;
    ret->value = 0;
    return ret->set ? pl_read_u53(reader, &ret->value) : pl_read_nil(reader);
}
static bool read_str(struct pl_reader *reader, struct pl_slice *ret)
{
    return pl_read_str(reader, ret);
}
static bool read_bin(struct pl_reader *reader, struct pl_slice *ret)
{
    return pl_read_bin(reader, ret);
}
static bool read_opt_bin(struct pl_reader *reader, struct pl_opt_slice *ret)
{
    ret->set = pl_peek(reader) != PL_TYPE_NIL;
    ret->value = (struct pl_slice){0};
    return ret->set ? pl_read_bin(reader, &ret->value) : pl_read_nil(reader);
}
static bool read_raw(struct pl_reader *reader, struct pl_slice *ret)
{
    return pl_read_raw(reader, ret);
}

static void write_u53(struct pl_buf *buf, const uint64_t *value)
{
    pl_write_uint(buf, *value);
}
static void write_opt_u53(struct pl_buf *buf, const struct pl_opt_u53 *value)
{
    if (value->set)
        pl_write_uint(buf, value->value);
    else
        pl_write_nil(buf);
}
static void write_str(struct pl_buf *buf, const struct pl_slice *value)
{
    pl_write_str(buf, *value);
}
static void write_bin(struct pl_buf *buf, const struct pl_slice *value)
{
    pl_write_bin(buf, *value);
}
static void write_opt_bin(struct pl_buf *buf, const struct pl_opt_slice *value)
{
    if (value->set)
        pl_write_bin(buf, value->value);
    else
        pl_write_nil(buf);
}
static void write_raw(struct pl_buf *buf, const struct pl_slice *value)
{
    pl_write_raw(buf, *value);
}

#define COUNT(type, field) +1
#define READ(type, field) &&read_##type(reader, &msg.field)
#define WRITE(type, field) write_##type(buf, &msg->field);
#define M(name, NAME, number)                                                                      \
    static bool read_msg_##name(struct pl_reader *reader, uint32_t fields,                         \
                                struct pl_msg_##name *ret_msg)                                     \
    {                                                                                              \
        struct pl_msg_##name msg = {0};                                                            \
        if (fields < (0 PL_FIELDS_##name(COUNT)) || !(true PL_FIELDS_##name(READ)))                \
            return false;                                                                          \
        *ret_msg = msg;                                                                            \
        return true;                                                                               \
    }                                                                                              \
    void pl_msg_##name##_write(struct pl_buf *buf, const struct pl_msg_##name *msg)                \
    {                                                                                              \
        pl_write_array(buf, 1 PL_FIELDS_##name(COUNT));                                            \
        pl_write_uint(buf, number);                                                                \
        PL_FIELDS_##name(WRITE)                                                                    \
    }
PL_MESSAGES(M)
#undef M

/* How many fields this version knows of a message; the rest is a newer peer's. */
static uint32_t known_fields(uint64_t type)
{
    switch (type) {
#define M(name, NAME, number)                                                                      \
    case number:                                                                                   \
        return 0 PL_FIELDS_##name(COUNT);
        PL_MESSAGES(M)
#undef M
    default:
        return 0;
    }
}

enum pl_status pl_message_read(struct pl_slice frame, struct pl_message *ret_message)
{
    struct pl_reader cursor = pl_reader_of(frame), *reader = &cursor;
    struct pl_message message;
    uint32_t count;
    uint64_t type;
    if (!pl_read_array(reader, &count) || count == 0 || !pl_read_u53(reader, &type))
        return PL_MALFORMED;
    const uint32_t fields = count - 1;
    bool ok = false;
    switch (type) {
#define M(name, NAME, number)                                                                      \
    case number:                                                                                   \
        message.type = PL_MESSAGE_##NAME;                                                          \
        ok = read_msg_##name(reader, fields, &message.as.name);                                    \
        break;
        PL_MESSAGES(M)
#undef M
    default:
        return PL_MALFORMED;
    }
    struct pl_slice surplus;
    for (uint32_t i = known_fields(type); ok && i < fields; i++)
        ok = pl_read_raw(reader, &surplus);
    if (!ok || !pl_reader_done(reader))
        return PL_MALFORMED;
    *ret_message = message;
    return PL_OK;
}

const char *pl_message_name(uint64_t type)
{
    switch (type) {
#define M(name, NAME, number)                                                                      \
    case number:                                                                                   \
        return #name;
        PL_MESSAGES(M)
#undef M
    default:
        return "unknown";
    }
}
