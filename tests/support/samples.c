/* Builds the samples by hand, value by value: they must not change when the replica or the order
 * keys choose otherwise. */
#include "tests/support/samples.h"
#include "proto/limits.h"
#include "proto/op.h"
#include "proto/op_write.h"
#include <string.h>

#define SAMPLE_MS UINT64_C(1700000000000)
#define ANNA      UINT64_C(4242424242424242)
#define BEN       UINT64_C(77)

static struct pl_slice text(const char *utf8)
{
    return (struct pl_slice){(const uint8_t *)utf8, strlen(utf8)};
}

/* ---- bodies ---- */

static void write_set(struct pl_buf *buf, struct pl_id object, uint32_t field)
{
    pl_write_array(buf, 4);
    pl_write_uint(buf, PL_OP_SET);
    pl_write_id(buf, object);
    pl_write_uint(buf, field);
}

static void write_insert(struct pl_buf *buf, struct pl_id object, struct pl_id left,
                         struct pl_id right, const char *utf8)
{
    pl_write_array(buf, 6);
    pl_write_uint(buf, PL_OP_INSERT);
    pl_write_id(buf, object);
    pl_write_uint(buf, PL_FIELD_TEXT);
    pl_write_id_or_nil(buf, left);
    pl_write_id_or_nil(buf, right);
    pl_write_text(buf, utf8);
}

static void write_pair(struct pl_buf *buf, uint32_t field, double a, double b)
{
    pl_write_uint(buf, field);
    pl_write_array(buf, 2);
    pl_write_number(buf, a);
    pl_write_number(buf, b);
}

static void write_create(struct pl_buf *buf, uint32_t kind, size_t pairs)
{
    pl_write_array(buf, 3);
    pl_write_uint(buf, PL_OP_CREATE);
    pl_write_uint(buf, kind);
    pl_write_map(buf, pairs);
}

/* The server makes the board and knows Anna. */
static uint32_t write_board(struct pl_buf *ops)
{
    write_create(ops, PL_KIND_BOARD, 1);
    pl_write_uint(ops, PL_FIELD_TITLE);
    pl_write_text(ops, "Golden board");
    write_create(ops, PL_KIND_PERSON, 2);
    pl_write_uint(ops, PL_FIELD_USER);
    pl_write_uint(ops, ANNA);
    pl_write_uint(ops, PL_FIELD_NAME);
    pl_write_text(ops, "Anna");
    return 2;
}

/* Anna: a frame (3.1), a sticky in it (3.2) and its text (3.3 to 3.6). */
static uint32_t write_annas(struct pl_buf *ops)
{
    struct pl_id frame = {3, 1}, sticky = {3, 2}, none = {0, 0};
    write_create(ops, PL_KIND_FRAME, 2);
    write_pair(ops, PL_FIELD_POS, -100, -50.5);
    write_pair(ops, PL_FIELD_SIZE, 800, 600);
    write_create(ops, PL_KIND_STICKY, 4);
    write_pair(ops, PL_FIELD_POS, 10, 20);
    write_pair(ops, PL_FIELD_SIZE, 200, 200);
    pl_write_uint(ops, PL_FIELD_PLACE);
    pl_place_write(ops, frame, text("V"));
    pl_write_uint(ops, PL_FIELD_COLOR);
    pl_write_uint(ops, 2);
    write_insert(ops, sticky, none, none, "H\xc3\xa9!\xf0\x9f\x98\x80");
    return 3;
}

/* Ben types between Anna's letters, takes one out, moves the sticky, makes something of a newer
 * schema, and removes the frame. */
static uint32_t write_bens(struct pl_buf *ops)
{
    struct pl_id frame = {3, 1}, sticky = {3, 2}, left = {3, 4}, right = {3, 5};
    write_insert(ops, sticky, left, right, "\xe4\xbd\xa0\xe5\xa5\xbd"); /* 4.1, 4.2 */
    pl_write_array(ops, 4);
    pl_write_uint(ops, PL_OP_DELETE);
    pl_write_id(ops, sticky);
    pl_write_uint(ops, PL_FIELD_TEXT);
    pl_write_array(ops, 1);
    pl_range_write(ops, (struct pl_id_range){{3, 5}, 1});
    write_set(ops, sticky, PL_FIELD_POS);
    pl_write_array(ops, 2);
    pl_write_number(ops, 12.25);
    pl_write_number(ops, -7);
    write_create(ops, 900, 1);
    pl_write_uint(ops, 60000);
    pl_write_map(ops, 1);
    pl_write_text(ops, "later");
    pl_write_bool(ops, true);
    write_set(ops, frame, PL_FIELD_ALIVE);
    pl_write_bool(ops, false);
    return 5;
}

static uint32_t write_orphan(struct pl_buf *ops)
{
    write_set(ops, (struct pl_id){99, 1}, PL_FIELD_COLOR);
    pl_write_uint(ops, 1);
    return 1;
}

static const struct {
    uint32_t (*write)(struct pl_buf *ops);
    uint32_t replica;
    uint64_t ctr0, lam0, user;
    enum pl_role role;
    enum pl_status decided;
} bodies[] = {
    {write_board, PL_REPLICA_SERVER, 1, 1, 0, PL_ROLE_SERVER, PL_OK},
    {write_annas, 3, 1, 3, ANNA, PL_ROLE_OWNER, PL_OK},
    {write_bens, 4, 1, 6, BEN, PL_ROLE_EDITOR, PL_OK},
    {write_orphan, 3, 7, 12, ANNA, PL_ROLE_OWNER, PL_ORPHAN},
};

bool sample_body(size_t index, struct pl_buf *ret_body, enum pl_role *ret_role, uint64_t *ret_user)
{
    struct pl_buf ops;
    if (index >= sizeof bodies / sizeof bodies[0])
        return false;
    pl_buf_init(&ops, pl_mem_libc());
    uint32_t op_n = bodies[index].write(&ops);
    pl_batch_write(ret_body, bodies[index].replica, bodies[index].ctr0, bodies[index].lam0, op_n,
                   pl_buf_slice(&ops));
    pl_buf_done(&ops);
    *ret_role = bodies[index].role;
    *ret_user = bodies[index].user;
    return true;
}

static bool fold(struct pl_doc *doc, size_t index, struct pl_slice body, enum pl_role role,
                 uint64_t user)
{
    struct pl_batch batch;
    struct pl_buf voided;
    enum pl_status decided = pl_doc_decide(doc, body, user, role, &batch);
    if (decided != bodies[index].decided)
        return false;
    pl_buf_init(&voided, pl_mem_libc());
    if (decided != PL_OK)
        pl_void_write(&voided, &batch, decided);
    struct pl_envelope envelope = {.seq = index + 1,
                                   .user = user,
                                   .srv_ms = SAMPLE_MS + index,
                                   .body = decided == PL_OK ? body : pl_buf_slice(&voided)};
    bool folded = pl_doc_apply(doc, &envelope, NULL) == PL_OK;
    pl_buf_done(&voided);
    return folded;
}

struct pl_doc *sample_doc(void)
{
    struct pl_doc *doc = pl_doc_new(pl_mem_libc());
    struct pl_buf body;
    enum pl_role role;
    uint64_t user;
    bool sound = doc != NULL;
    pl_buf_init(&body, pl_mem_libc());
    for (size_t i = 0; sound && sample_body(i, &body, &role, &user); i++) {
        sound = fold(doc, i, pl_buf_slice(&body), role, user);
        pl_buf_clear(&body);
    }
    pl_buf_done(&body);
    if (sound)
        return doc;
    pl_doc_free(doc);
    return NULL;
}

/* ---- messages ---- */

static const uint8_t lineage[8] = {0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef};
static const struct pl_slice lineage_bytes = {lineage, sizeof lineage};

/* Raw fields are written into `raw` in one go; its bytes stay until the message is written. */
static void raw_pair_of_arrays(struct pl_buf *raw, uint64_t session, const char *name)
{
    pl_write_array(raw, 1);
    pl_write_array(raw, 3);
    pl_write_uint(raw, session);
    pl_write_uint(raw, ANNA);
    pl_write_text(raw, name);
}

static void raw_presence(struct pl_buf *raw)
{
    pl_write_map(raw, 2);
    pl_write_text(raw, "c");
    pl_write_array(raw, 2);
    pl_write_number(raw, 100.5);
    pl_write_number(raw, -20);
    pl_write_text(raw, "s");
    pl_write_array(raw, 1);
    pl_write_id(raw, (struct pl_id){3, 2});
}

static void raw_envelopes(struct pl_buf *raw)
{
    struct pl_buf body;
    enum pl_role role;
    uint64_t user;
    pl_buf_init(&body, pl_mem_libc());
    (void)sample_body(1, &body, &role, &user);
    pl_write_array(raw, 2);
    pl_write_array(raw, 4);
    pl_write_uint(raw, 2);
    pl_write_uint(raw, user);
    pl_write_uint(raw, SAMPLE_MS);
    pl_write_raw(raw, pl_buf_slice(&body));
    pl_write_array(raw, 4);
    pl_write_uint(raw, 3);
    pl_write_uint(raw, BEN);
    pl_write_uint(raw, SAMPLE_MS + 1);
    pl_write_array(raw, 4);
    pl_write_uint(raw, 9);
    pl_write_uint(raw, 1);
    pl_write_uint(raw, 5);
    pl_write_uint(raw, PL_ORPHAN);
    pl_buf_done(&body);
}

static void fill_session(struct pl_message *message, struct pl_buf *raw)
{
    switch (message->type) {
    case PL_MESSAGE_HELLO:
        message->as.hello = (struct pl_msg_hello){
            1, text("dGlja2V0"), {true, lineage_bytes}, {true, 3}, {true, 250}};
        break;
    case PL_MESSAGE_WELCOME:
        pl_write_map(raw, 1);
        pl_write_text(raw, "frame_bytes");
        pl_write_uint(raw, PL_FRAME_BYTES_MAX);
        message->as.welcome = (struct pl_msg_welcome){
            lineage_bytes, 3, 6, 250, PL_ROLE_OWNER, 12, ANNA, 1, pl_buf_slice(raw), SAMPLE_MS};
        break;
    case PL_MESSAGE_SNAPSHOT_BEGIN:
        message->as.snapshot_begin =
            (struct pl_msg_snapshot_begin){0, 250, 70000, 2, lineage_bytes};
        break;
    case PL_MESSAGE_SNAPSHOT_CHUNK:
        message->as.snapshot_chunk = (struct pl_msg_snapshot_chunk){0, 1, text("deflated")};
        break;
    case PL_MESSAGE_SNAPSHOT_END:
        message->as.snapshot_end = (struct pl_msg_snapshot_end){0};
        break;
    case PL_MESSAGE_PEOPLE:
        raw_pair_of_arrays(raw, 12, "Anna \xe5\xae\x89\xe5\xa8\x9c");
        message->as.people = (struct pl_msg_people){pl_buf_slice(raw), text("\x92\x05\xcc\xc8")};
        break;
    case PL_MESSAGE_PRESENCE:
        raw_presence(raw);
        message->as.presence = (struct pl_msg_presence){pl_buf_slice(raw)};
        break;
    case PL_MESSAGE_PING:
        message->as.ping = (struct pl_msg_ping){123456, 77};
        break;
    case PL_MESSAGE_PONG:
        message->as.pong = (struct pl_msg_pong){123456, SAMPLE_MS};
        break;
    case PL_MESSAGE_GOAWAY:
        message->as.goaway = (struct pl_msg_goaway){2500};
        break;
    case PL_MESSAGE_ERROR:
        message->as.error = (struct pl_msg_error){PL_TICKET, text("a text for people")};
        break;
    case PL_MESSAGE_STATE:
        message->as.state = (struct pl_msg_state){PL_ROLE_VIEWER, 2};
        break;
    case PL_MESSAGE_BATCH:
    case PL_MESSAGE_OPS:
    case PL_MESSAGE_ACK:
    case PL_MESSAGE_REJECT:
    case PL_MESSAGE_PAST_OPS:
        break; /* fill_journal's */
    case PL_MESSAGE_PAST_ASK:
    case PL_MESSAGE_PAST:
    case PL_MESSAGE_PAST_CHUNK:
    case PL_MESSAGE_PAST_END:
        break; /* fill_past's */
    }
}

static void fill_past(struct pl_message *message)
{
    if (message->type == PL_MESSAGE_PAST_ASK)
        message->as.past_ask = (struct pl_msg_past_ask){0, 120};
    else if (message->type == PL_MESSAGE_PAST)
        message->as.past = (struct pl_msg_past){0, 120, PL_OK, 100, 70000, 2, lineage_bytes};
    else if (message->type == PL_MESSAGE_PAST_CHUNK)
        message->as.past_chunk = (struct pl_msg_past_chunk){0, 1, text("deflated")};
    else if (message->type == PL_MESSAGE_PAST_END)
        message->as.past_end = (struct pl_msg_past_end){0, 120};
}

static void fill_journal(struct pl_message *message, struct pl_buf *raw)
{
    enum pl_role role;
    uint64_t user;
    if (message->type == PL_MESSAGE_BATCH) {
        (void)sample_body(2, raw, &role, &user);
        message->as.batch = (struct pl_msg_batch){0, pl_buf_slice(raw)};
    } else if (message->type == PL_MESSAGE_OPS) {
        raw_envelopes(raw);
        message->as.ops = (struct pl_msg_ops){0, pl_buf_slice(raw)};
    } else if (message->type == PL_MESSAGE_PAST_OPS) {
        raw_envelopes(raw);
        message->as.past_ops = (struct pl_msg_past_ops){0, pl_buf_slice(raw)};
    } else if (message->type == PL_MESSAGE_ACK) {
        message->as.ack = (struct pl_msg_ack){0, 6};
    } else if (message->type == PL_MESSAGE_REJECT) {
        message->as.reject = (struct pl_msg_reject){0, 7, 1, PL_ORPHAN, text("a text for people")};
    }
}

void sample_write(struct pl_buf *buf, const struct pl_message *message)
{
    switch (message->type) {
#define M(name, NAME, number)                          \
    case PL_MESSAGE_##NAME:                            \
        pl_msg_##name##_write(buf, &message->as.name); \
        break;
        PL_MESSAGES(M)
#undef M
    }
}

bool sample_message(size_t index, const char **ret_name, struct pl_buf *ret_frame)
{
    static const enum pl_message_type types[] = {
#define M(name, NAME, number) PL_MESSAGE_##NAME,
        PL_MESSAGES(M)
#undef M
    };
    struct pl_buf raw;
    struct pl_message message = {0};
    if (index > sizeof types / sizeof types[0])
        return false;
    pl_buf_init(&raw, pl_mem_libc());
    if (index == sizeof types / sizeof types[0]) { /* a first visit: every optional field absent */
        message.type = PL_MESSAGE_HELLO;
        message.as.hello = (struct pl_msg_hello){.schema = 1, .ticket = text("dGlja2V0")};
        *ret_name = "hello_first";
    } else {
        message.type = types[index];
        fill_session(&message, &raw);
        fill_journal(&message, &raw);
        fill_past(&message);
        *ret_name = pl_message_name(message.type);
    }
    sample_write(ret_frame, &message);
    pl_buf_done(&raw);
    return true;
}
