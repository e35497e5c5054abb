/* Ops are written blindly and decided like a stranger's; what is refused is thrown away and another one is made up. */
#include "tests/support/random_doc.h"
#include "proto/limits.h"
#include "proto/object.h"
#include "proto/op_write.h"
#include "proto/value.h"
#include "tests/support/core_check.h"
#include <string.h>

#define STRANGE_FIELD 70000u
#define START_MS UINT64_C(1700000000000)

struct author {
    struct pl_doc *doc;
    struct rng *rng;
    uint32_t replica;
    uint64_t ctr; /* the next */
};

static struct pl_id any_object(struct author *author)
{
    const size_t n = pl_doc_object_n(author->doc);
    if (n == 0)
        return (struct pl_id){1, 1};
    return pl_object_id(pl_doc_object_at(author->doc, rng_below(author->rng, (uint32_t)n)));
}

static double any_real(struct rng *rng)
{
    const double whole = (double)rng_below(rng, 4000);
    switch (rng_below(rng, 4)) {
    case 0:
        return whole + 0.25;
    case 1:
        return whole / 7;
    default:
        return whole;
    }
}

static void write_ref(struct author *author, struct pl_buf *buf)
{
    if (rng_chance(author->rng, 40))
        pl_write_nil(buf);
    else
        pl_write_id(buf, any_object(author));
}

static void write_reals(struct rng *rng, struct pl_buf *buf, size_t n)
{
    pl_write_array(buf, n);
    for (size_t i = 0; i < n; i++)
        pl_write_number(buf, any_real(rng));
}

static void write_string(struct rng *rng, struct pl_buf *buf)
{
    static const char *const strings[] = {"", "V", "a0V3", "two words", "\xe4\xbd\xa0\xe5\xa5\xbd",
                                          "0123456789012345678901234567890123456789"};
    pl_write_text(buf, strings[rng_below(rng, sizeof strings / sizeof strings[0])]);
}

static void write_list(struct author *author, struct pl_buf *buf, bool counts)
{
    const size_t n = rng_below(author->rng, 5);
    pl_write_array(buf, n);
    for (size_t i = 0; i < n; i++) {
        if (counts)
            pl_write_array(buf, 2);
        pl_write_id(buf, any_object(author));
        if (counts)
            pl_write_uint(buf, rng_below(author->rng, 300));
    }
}

static void write_strange(struct author *author, struct pl_buf *buf)
{
    static const uint8_t wide[] = {0xcd, 0, 7}; /* a longer form of 7 */
    if (rng_chance(author->rng, 20)) {
        pl_buf_append(buf, wide, sizeof wide);
        return;
    }
    pl_write_map(buf, 1);
    write_string(author->rng, buf);
    write_reals(author->rng, buf, rng_below(author->rng, 20));
}

/* A value of the field, as it comes on the wire. */
static void write_value(struct author *author, struct pl_buf *buf, uint32_t field)
{
    struct rng *rng = author->rng;
    switch (pl_field_type(field)) {
    case PL_VALUE_BOOL:
        pl_write_bool(buf, rng_chance(rng, 50));
        break;
    case PL_VALUE_UINT:
        pl_write_uint(buf, rng_chance(rng, 80) ? rng_below(rng, 12) : rng_next(rng) >> 11);
        break;
    case PL_VALUE_NUMBER:
        pl_write_number(buf, any_real(rng));
        break;
    case PL_VALUE_STR:
    case PL_VALUE_URL:
        write_string(rng, buf);
        break;
    case PL_VALUE_BIN:
        pl_write_bin(buf, (struct pl_slice){(const uint8_t *)"stroke of a pen, twenty-one", rng_below(rng, 28)});
        break;
    case PL_VALUE_POINT:
    case PL_VALUE_SIZE:
        write_reals(rng, buf, 2);
        break;
    case PL_VALUE_RECT:
        write_reals(rng, buf, 4);
        break;
    case PL_VALUE_REF:
        write_ref(author, buf);
        break;
    case PL_VALUE_PLACE:
        pl_write_array(buf, 2);
        write_ref(author, buf);
        write_string(rng, buf);
        break;
    case PL_VALUE_MOMENT:
        pl_write_array(buf, 2);
        write_ref(author, buf);
        pl_write_uint(buf, rng_below(rng, 100000));
        break;
    case PL_VALUE_END:
        pl_write_array(buf, 4);
        write_ref(author, buf);
        pl_write_uint(buf, rng_below(rng, 5));
        pl_write_number(buf, any_real(rng));
        pl_write_number(buf, -any_real(rng));
        break;
    case PL_VALUE_IDS:
    case PL_VALUE_COUNTS:
        write_list(author, buf, pl_field_type(field) == PL_VALUE_COUNTS);
        break;
    case PL_VALUE_CLOCK:
        pl_write_array(buf, 3);
        pl_write_uint(buf, rng_below(rng, 3));
        pl_write_uint(buf, rng_below(rng, 90000));
        pl_write_number(buf, 1);
        break;
    default:
        write_strange(author, buf);
        break;
    }
}

/* A field with a register of its own. */
static uint32_t any_field(struct rng *rng)
{
    for (;;) {
        const uint32_t field = rng_chance(rng, 10) ? STRANGE_FIELD + rng_below(rng, 6) : 1 + rng_below(rng, 42);
        const enum pl_value_type type = pl_field_type(field);
        if (type != PL_VALUE_TEXT && type != PL_VALUE_TALLY)
            return field;
    }
}

static void make_create(struct author *author, struct pl_op *op, struct pl_buf *scratch)
{
    uint64_t had = 0;
    op->code = PL_OP_CREATE;
    op->kind = rng_chance(author->rng, 70) ? PL_KIND_STICKY : 3 + rng_below(author->rng, 20);
    for (unsigned i = rng_below(author->rng, 6); i > 0; i--) {
        const uint32_t field = any_field(author->rng);
        if (field < 64 && (had >> field & 1) != 0)
            continue;
        had |= field < 64 ? UINT64_C(1) << field : 0;
        pl_write_uint(scratch, field);
        write_value(author, scratch, field);
        op->value_n++;
    }
}

struct any_scalar {
    struct rng *rng;
    struct pl_id id;
    unsigned seen;
};

static bool see_run(void *user, struct pl_id_range range, struct pl_slice utf8)
{
    struct any_scalar *any = user;
    (void)utf8;
    if (rng_below(any->rng, ++any->seen) == 0)
        any->id = (struct pl_id){range.id.replica, range.id.ctr + rng_below(any->rng, (uint32_t)range.n)};
    return true;
}

static struct pl_id any_id(struct author *author, const struct pl_text *text)
{
    struct any_scalar any = {.rng = author->rng};
    if (text != NULL)
        pl_text_visible(text, 0, SIZE_MAX, see_run, &any);
    return any.id;
}

static void make_text_op(struct author *author, struct pl_op *op, struct pl_buf *scratch)
{
    static const char *const words[] = {"a", "hello ", "\xc3\xa9", "\xf0\x9f\x98\x80!", "several words at once"};
    op->field = rng_chance(author->rng, 90) ? PL_FIELD_TEXT : STRANGE_FIELD + rng_below(author->rng, 3);
    const struct pl_object *object = pl_doc_object(author->doc, op->object);
    const struct pl_text *text = object == NULL ? NULL : pl_object_text(object, op->field);
    const struct pl_id id = any_id(author, text);
    if (!pl_id_none(id) && rng_chance(author->rng, 35)) {
        op->code = PL_OP_DELETE;
        op->value_n = 1;
        pl_range_write(scratch, (struct pl_id_range){.id = id, .n = 1 + rng_below(author->rng, 3)});
        return;
    }
    op->code = PL_OP_INSERT;
    pl_write_text(scratch, words[rng_below(author->rng, sizeof words / sizeof words[0])]);
    struct pl_reader reader = pl_reader_of(pl_buf_slice(scratch));
    CORE_CHECK(pl_read_str(&reader, &op->text));
    if (text != NULL && !pl_id_none(id))
        (void)pl_text_after(text, id, &op->left, &op->right);
}

static void make_op(struct author *author, struct pl_op *op, struct pl_buf *scratch)
{
    const uint32_t dice = rng_below(author->rng, 100);
    op->object = any_object(author);
    if (dice < 20) {
        make_create(author, op, scratch);
    } else if (dice < 50) {
        op->code = PL_OP_SET;
        op->field = any_field(author->rng);
        write_value(author, scratch, op->field);
    } else if (dice < 60) {
        op->code = PL_OP_SET;
        op->field = PL_FIELD_ALIVE;
        pl_write_bool(scratch, rng_chance(author->rng, 40));
    } else if (dice < 85) {
        make_text_op(author, op, scratch);
    } else if (dice < 96) {
        op->code = PL_OP_TALLY;
        op->field = PL_FIELD_REACTION;
        op->sub = rng_below(author->rng, 4);
        op->value_n = rng_below(author->rng, 2);
    } else if (author->replica == PL_REPLICA_SERVER) {
        op->code = PL_OP_COLLECT;
    } else {
        op->code = PL_OP_SKIP;
        op->value_n = 1 + rng_below(author->rng, 9);
    }
    op->value = pl_buf_slice(scratch);
}

static void write_body(struct author *author, struct pl_buf *body)
{
    struct pl_buf ops, scratch;
    const uint32_t op_max = 1 + rng_below(author->rng, 4);
    uint32_t op_n = 0;
    bool collects = false; /* nothing comes after: it could name what is gone */
    pl_buf_init(&ops, pl_mem_libc());
    pl_buf_init(&scratch, pl_mem_libc());
    for (; op_n < op_max && !collects; op_n++) {
        struct pl_op op = {0};
        pl_buf_clear(&scratch);
        make_op(author, &op, &scratch);
        pl_op_write(&ops, &op);
        collects = op.code == PL_OP_COLLECT;
    }
    const uint64_t lam0 = pl_doc_lam(author->doc) + 1 - (pl_doc_lam(author->doc) > 9 ? rng_below(author->rng, 9) : 0);
    pl_batch_write(body, author->replica, author->ctr, lam0, op_n, pl_buf_slice(&ops));
    pl_buf_done(&ops);
    pl_buf_done(&scratch);
}

void random_body(struct pl_doc *doc, struct rng *rng, struct pl_buf *body, uint64_t *ret_user)
{
    const size_t start = body->len;
    for (;;) {
        struct author author = {.doc = doc, .rng = rng, .replica = rng_below(rng, RANDOM_REPLICAS)};
        struct pl_replica_row row = {0};
        struct pl_batch batch;
        (void)pl_doc_replica(doc, author.replica, &row);
        author.ctr = row.hwm + 1;
        *ret_user = 10 + author.replica / 2; /* some people have two tabs */
        body->len = start;
        write_body(&author, body);
        const enum pl_role role = author.replica == PL_REPLICA_SERVER ? PL_ROLE_SERVER : PL_ROLE_OWNER;
        const struct pl_slice bytes = {body->data + start, body->len - start};
        if (pl_doc_decide(doc, bytes, *ret_user, role, &batch) == PL_OK)
            return;
    }
}

void random_fold(struct pl_doc *doc, struct rng *rng, unsigned n)
{
    struct pl_buf body;
    pl_buf_init(&body, pl_mem_libc());
    for (unsigned i = 0; i < n; i++) {
        uint64_t user;
        pl_buf_clear(&body);
        random_body(doc, rng, &body, &user);
        const struct pl_envelope envelope = {.seq = pl_doc_head(doc) + 1, .user = user,
                                             .srv_ms = START_MS + pl_doc_head(doc) * 250,
                                             .body = pl_buf_slice(&body)};
        CORE_CHECK(pl_doc_apply(doc, &envelope, NULL) == PL_OK);
    }
    pl_buf_done(&body);
}
