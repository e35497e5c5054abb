/* See hostile_ops.h. */
#include "hostile_ops.h"
#include "proto/limits.h"
#include "proto/object.h"
#include "proto/op_write.h"
#include "proto/value.h"

#define OPS_MAX      6u
#define REPLICAS     4u
#define OBJECTS_NEAR 32u

struct making {
    struct draw *draw;
    const struct pl_doc *doc;
    uint32_t replica;
    bool server;
    uint64_t ctr; /* of the next op */
    struct pl_buf *buf;
};

/* A counter of somebody's, issued already or not. */
static struct pl_id draw_id(struct making *making)
{
    const uint32_t replica =
        draw_chance(making->draw, 200) ? making->replica : draw_below(making->draw, REPLICAS);
    struct pl_replica_row row = {.hwm = 0};
    (void)pl_doc_replica(making->doc, replica, &row);
    const uint64_t last = replica == making->replica ? making->ctr : row.hwm;
    return (struct pl_id){replica, 1 + draw_number(making->draw) % (last + 2)};
}

static struct pl_id draw_object(struct making *making)
{
    static const uint32_t of_32 = OBJECTS_NEAR;
    const size_t n = pl_doc_object_n(making->doc);
    if (n == 0 || draw_chance(making->draw, 40))
        return draw_id(making);
    /* pl_doc_object_at may sort, which is no change */
    struct pl_doc *doc = (struct pl_doc *)(uintptr_t)making->doc;
    return pl_object_id(pl_doc_object_at(doc, draw_below(making->draw, of_32) % n));
}

static void put_ref(struct making *making)
{
    pl_write_id_or_nil(making->buf, draw_chance(making->draw, 60) ? (struct pl_id){0} : draw_object(making));
}

static void put_numbers(struct making *making, uint32_t n)
{
    pl_write_array(making->buf, n);
    for (uint32_t i = 0; i < n; i++)
        pl_write_number(making->buf, (double)draw_number(making->draw) / (1 + draw_below(making->draw, 4)));
}

static void put_text(struct making *making)
{
    static const char *const pieces[] = {"a", "bc", "é", "\n", "漢", "🙂", "x", "yz "};
    struct pl_buf text;
    pl_buf_init(&text, pl_mem_libc());
    for (uint32_t n = 1 + draw_below(making->draw, 6); n > 0; n--)
        for (const char *at = pieces[draw_below(making->draw, 8)]; *at != '\0'; at++)
            pl_buf_append(&text, at, 1);
    pl_write_str(making->buf, pl_buf_slice(&text));
    pl_buf_done(&text);
}

/* A few of what stands behind a reference. */
static void put_list(struct making *making, bool counts)
{
    const uint32_t n = draw_below(making->draw, 4);
    pl_write_array(making->buf, n);
    for (uint32_t i = 0; i < n; i++) {
        if (counts)
            pl_write_array(making->buf, 2);
        put_ref(making);
        if (counts)
            pl_write_uint(making->buf, draw_number(making->draw));
    }
}

static void put_of_type(struct making *making, enum pl_value_type type)
{
    struct pl_buf *buf = making->buf;
    switch (type) {
    case PL_VALUE_BOOL:
        pl_write_bool(buf, draw_byte(making->draw) & 1);
        break;
    case PL_VALUE_STR:
    case PL_VALUE_URL:
        put_text(making);
        break;
    case PL_VALUE_BIN:
        pl_write_bin(buf, draw_bytes(making->draw, 40));
        break;
    case PL_VALUE_POINT:
    case PL_VALUE_SIZE:
        put_numbers(making, 2);
        break;
    case PL_VALUE_RECT:
        put_numbers(making, 4);
        break;
    case PL_VALUE_PLACE:
        pl_write_array(buf, 2);
        put_ref(making);
        put_text(making);
        break;
    case PL_VALUE_END:
        pl_write_array(buf, 4);
        put_ref(making);
        for (uint32_t i = 0; i < 3; i++)
            pl_write_uint(buf, draw_below(making->draw, 20));
        break;
    case PL_VALUE_MOMENT:
        pl_write_array(buf, 2);
        put_ref(making);
        pl_write_uint(buf, draw_number(making->draw));
        break;
    case PL_VALUE_CLOCK:
        put_numbers(making, 3);
        break;
    case PL_VALUE_REF:
        put_ref(making);
        break;
    case PL_VALUE_IDS:
    case PL_VALUE_COUNTS:
        put_list(making, type == PL_VALUE_COUNTS);
        break;
    default:
        pl_write_uint(buf, draw_number(making->draw));
    }
}

/* A value of the field's type, or of another, or any bytes. */
static void put_value(struct making *making, uint32_t field)
{
    const uint32_t dice = draw_byte(making->draw);
    if (dice < 8)
        pl_write_raw(making->buf, draw_bytes(making->draw, 24));
    else if (dice < 24)
        put_of_type(making, (enum pl_value_type)draw_below(making->draw, PL_VALUE_UNKNOWN));
    else
        put_of_type(making, pl_field_type(field));
}

static uint32_t draw_field(struct making *making)
{
    return draw_chance(making->draw, 16) ? 60 + draw_below(making->draw, 100) : draw_below(making->draw, 44);
}

static uint32_t draw_text_field(struct making *making)
{
    return draw_chance(making->draw, 24) ? draw_field(making) : PL_FIELD_TEXT;
}

static void put_create(struct making *making)
{
    const uint32_t n = draw_below(making->draw, 4);
    pl_write_array(making->buf, 3);
    pl_write_uint(making->buf, PL_OP_CREATE);
    pl_write_uint(making->buf, 1 + draw_below(making->draw, 24));
    pl_write_map(making->buf, n);
    for (uint32_t i = 0; i < n; i++) {
        const uint32_t field = draw_field(making);
        pl_write_uint(making->buf, field);
        put_value(making, field);
    }
}

static void put_set(struct making *making)
{
    const uint32_t field = draw_chance(making->draw, 60) ? PL_FIELD_ALIVE : draw_field(making);
    pl_write_array(making->buf, 4);
    pl_write_uint(making->buf, PL_OP_SET);
    pl_write_id(making->buf, draw_object(making));
    pl_write_uint(making->buf, field);
    put_value(making, field);
}

static void put_insert(struct making *making)
{
    pl_write_array(making->buf, 6);
    pl_write_uint(making->buf, PL_OP_INSERT);
    pl_write_id(making->buf, draw_object(making));
    pl_write_uint(making->buf, draw_text_field(making));
    for (uint32_t side = 0; side < 2; side++)
        pl_write_id_or_nil(making->buf, draw_chance(making->draw, 90) ? (struct pl_id){0} : draw_id(making));
    put_text(making);
}

static void put_delete(struct making *making)
{
    const uint32_t n = 1 + draw_below(making->draw, 3);
    pl_write_array(making->buf, 4);
    pl_write_uint(making->buf, PL_OP_DELETE);
    pl_write_id(making->buf, draw_object(making));
    pl_write_uint(making->buf, draw_text_field(making));
    pl_write_array(making->buf, n);
    for (uint32_t i = 0; i < n; i++)
        pl_range_write(making->buf, (struct pl_id_range){draw_id(making), 1 + draw_number(making->draw) % 20});
}

static void put_tally(struct making *making)
{
    pl_write_array(making->buf, 5);
    pl_write_uint(making->buf, PL_OP_TALLY);
    pl_write_id(making->buf, draw_object(making));
    pl_write_uint(making->buf, draw_chance(making->draw, 200) ? PL_FIELD_REACTION : draw_field(making));
    pl_write_uint(making->buf, draw_number(making->draw));
    pl_write_uint(making->buf, draw_number(making->draw));
}

static void put_mark(struct making *making)
{
    const uint32_t kind = draw_below(making->draw, 7);
    const uint32_t dice = draw_byte(making->draw);
    pl_write_array(making->buf, 9);
    pl_write_uint(making->buf, PL_OP_MARK);
    pl_write_id(making->buf, draw_object(making));
    pl_write_uint(making->buf, draw_text_field(making));
    pl_write_uint(making->buf, kind);
    if (dice < 60)
        pl_write_nil(making->buf);
    else if (dice < 200)
        put_of_type(making, kind == PL_MARK_LINK ? PL_VALUE_URL : kind < PL_MARK_LINK ? PL_VALUE_BOOL : PL_VALUE_UINT);
    else
        put_value(making, draw_field(making));
    for (uint32_t end = 0; end < 2; end++) {
        pl_write_id_or_nil(making->buf, draw_chance(making->draw, 60) ? (struct pl_id){0} : draw_id(making));
        pl_write_bool(making->buf, draw_byte(making->draw) & 1);
    }
}

static void put_turn(struct making *making)
{
    pl_write_array(making->buf, 5);
    pl_write_uint(making->buf, PL_OP_TURN);
    pl_write_id(making->buf, draw_object(making));
    pl_write_uint(making->buf, draw_text_field(making));
    pl_write_id(making->buf, draw_id(making));
    pl_write_bool(making->buf, draw_byte(making->draw) & 1);
}

/* A snapshot of this very board, or of none, or what may be none. */
static void put_adopt(struct making *making)
{
    struct pl_buf snapshot;
    pl_buf_init(&snapshot, pl_mem_libc());
    if (draw_chance(making->draw, 200)) {
        pl_doc_snapshot((struct pl_doc *)(uintptr_t)making->doc, &snapshot);
        if (draw_chance(making->draw, 100) && snapshot.len > 0)
            snapshot.data[draw_number(making->draw) % snapshot.len] ^= draw_byte(making->draw);
    } else {
        const struct pl_slice bytes = draw_bytes(making->draw, 400);
        pl_buf_append(&snapshot, bytes.data, bytes.len);
    }
    pl_write_array(making->buf, 2);
    pl_write_uint(making->buf, PL_OP_ADOPT);
    pl_write_bin(making->buf, pl_buf_slice(&snapshot));
    pl_buf_done(&snapshot);
}

/* What the server writes, each in a batch of its own; among others it is refused. */
static void put_sweep(struct making *making, bool collects)
{
    if (!collects) {
        put_adopt(making);
        return;
    }
    pl_write_array(making->buf, 1);
    pl_write_uint(making->buf, PL_OP_COLLECT);
}

static void put_op(struct making *making)
{
    const uint32_t dice = draw_byte(making->draw);
    if (dice < 2 && making->server) {
        put_sweep(making, dice == 0);
    } else if (dice < 8) {
        pl_write_array(making->buf, 2);
        pl_write_uint(making->buf, PL_OP_SKIP);
        pl_write_uint(making->buf, draw_number(making->draw));
    } else if (dice < 50) {
        put_create(making);
    } else if (dice < 100) {
        put_set(making);
    } else if (dice < 180) {
        put_insert(making);
    } else if (dice < 206) {
        put_delete(making);
    } else if (dice < 222) {
        put_mark(making);
    } else if (dice < 232) {
        put_turn(making);
    } else {
        put_tally(making);
    }
}

/* What the op that was just written takes, so that the next may name it. */
static uint64_t counters_of(struct pl_slice bytes)
{
    struct pl_buf body;
    struct pl_batch batch;
    pl_buf_init(&body, pl_mem_libc());
    pl_batch_write(&body, 1, 1, 1, 1, bytes);
    const bool read = pl_batch_read(pl_buf_slice(&body), false, &batch) != PL_MALFORMED;
    pl_buf_done(&body);
    return read ? batch.ctr_n : 1;
}

void hostile_body(struct draw *draw, const struct pl_doc *doc, uint32_t replica, bool server,
                  struct pl_buf *ret_body)
{
    struct pl_replica_row row = {.hwm = 0};
    struct pl_buf ops;
    (void)pl_doc_replica(doc, replica, &row);
    pl_buf_init(&ops, pl_mem_libc());
    const uint64_t ctr0 = draw_chance(draw, 8) ? draw_number(draw) : row.hwm + 1;
    const uint64_t lam0 = draw_chance(draw, 60) ? draw_number(draw) : pl_doc_lam(doc) + 1;
    const uint32_t sweep = server ? draw_below(draw, 6) : 5; /* 0 to 2: a COLLECT, 3: an ADOPT */
    const uint32_t n = sweep < 4 ? 1 : 1 + draw_below(draw, OPS_MAX);
    struct making making = {
        .draw = draw, .doc = doc, .replica = replica, .server = server, .ctr = ctr0, .buf = &ops};
    for (uint32_t i = 0; i < n; i++) {
        const size_t start = ops.len;
        if (sweep < 4)
            put_sweep(&making, sweep < 3);
        else
            put_op(&making);
        making.ctr += counters_of((struct pl_slice){ops.data + start, ops.len - start});
    }
    pl_batch_write(ret_body, replica, ctr0, lam0, n, pl_buf_slice(&ops));
    pl_buf_done(&ops);
}
