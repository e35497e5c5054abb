/* Every op on every kind, and every message, by every role, against the table in expected.def: through real sessions on a
 * real board, which the server decides about whatever a client believes. */
#include "base/log.h"
#include "proto/doc.h"
#include "proto/op.h"
#include "tests/support/core_peer.h"
#include "tests/support/literal.h"
#include "tests/support/samples.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define BOARD  0x0a11u
#define ROLE_N 5u
#define OTHER  5u
#define SELF   6u

static const struct {
    const char *name;
    uint32_t number;
    const char *create, *others, *own;
} kinds[] = {
#define KIND(name, make, others, own) {#name, PL_KIND_##name, make, others, own},
#include "expected.def"
#undef KIND
};
#define KIND_N (sizeof kinds / sizeof *kinds)

/* Each kind of the schema stands in the table, once. */
enum {
#define PL_KIND(name, number, writer) SCHEMA_##name,
#include "proto/schema.def"
#undef PL_KIND
    SCHEMA_KIND_N
};
enum {
#define KIND(name, make, others, own) EXPECTED_##name = SCHEMA_##name,
#include "expected.def"
#undef KIND
};
_Static_assert(KIND_N == SCHEMA_KIND_N, "a kind is missing in expected.def");

static const struct {
    const char *name;
    const char *op; /* with room for the object */
} changes[] = {
    {"set", "[1, %s, 4, 2]"},
    {"insert", "[2, %s, 5, nil, nil, 'x']"},
    {"delete", "[3, %s, 5, [[1, 1, 1]]]"},
    {"mark", "[5, %s, 5, 1, true, nil, true, nil, false]"},
    {"turn", "[9, %s, 5, [1, 1], true]"},
};

struct fixture {
    struct core_world *world;
    struct core_peer *other, *self; /* owners: they make what the roles then try to change */
    char others[KIND_N][32], own[KIND_N][32];
};

static const char adopt[] = "an ADOPT";

/* Sends one op as a batch by hand: PL_OK when it was committed, else why it was refused. */
static enum pl_status try(struct core_peer *peer, const char *op)
{
    struct pl_replica_row row = {0};
    const struct pl_doc *doc = pl_replica_doc(peer->replica);
    (void)pl_doc_replica(doc, peer->id, &row);
    peer->rejects = peer->gaps = 0;
    struct pl_buf batch;
    pl_buf_init(&batch, pl_mem_libc());
    pl_write_array(&batch, 3);
    pl_write_uint(&batch, PL_MESSAGE_BATCH);
    pl_write_uint(&batch, 0);
    pl_write_array(&batch, 4);
    pl_write_uint(&batch, peer->id);
    pl_write_uint(&batch, row.hwm + 1);
    pl_write_uint(&batch, pl_doc_lam(doc) + 1);
    pl_write_array(&batch, 1);
    if (op == adopt) { /* bytes, which no literal has */
        pl_write_array(&batch, 2);
        pl_write_uint(&batch, PL_OP_ADOPT);
        pl_write_bin(&batch, (struct pl_slice){(const uint8_t *)"x", 1});
    } else {
        literal_write(&batch, op);
    }
    core_peer_send_bytes(peer, pl_buf_slice(&batch));
    pl_buf_done(&batch);
    core_peers_settle(peer->world, &peer, 1);
    if (peer->closed)
        return peer->error;
    if (peer->rejects > 0)
        return peer->reject_code;
    assert_int_equal(peer->gaps, 0);
    const uint64_t hwm = row.hwm;
    assert_true(pl_doc_replica(doc, peer->id, &row) && row.hwm > hwm);
    return PL_OK;
}

/* The id an op would get, as a literal. */
static void next_id(const struct core_peer *peer, char ret_id[32])
{
    struct pl_replica_row row = {0};
    (void)pl_doc_replica(pl_replica_doc(peer->replica), peer->id, &row);
    snprintf(ret_id, 32, "[%u, %llu]", peer->id, (unsigned long long)row.hwm + 1);
}

static struct core_peer *join(struct fixture *fixture, uint64_t user, enum pl_role role)
{
    struct core_peer *peer = core_peer_new(fixture->world, user, "Ana", role);
    peer->raw = true;
    core_peer_connect(peer, BOARD);
    assert_false(peer->closed);
    return peer;
}

static void make(struct core_peer *peer, const char *fields, uint32_t kind, char ret_id[32])
{
    char op[96];
    next_id(peer, ret_id);
    snprintf(op, sizeof op, "[0, %u, {%s}]", kind, fields);
    assert_int_equal(try(peer, op), PL_OK);
}

static int set_up(void **state)
{
    static struct fixture fixture;
    log_set(LOG_LEVEL_SILENT, NULL, NULL);
    fixture.world = core_world_new();
    core_world_board(fixture.world, BOARD, "Plans");
    fixture.other = join(&fixture, OTHER, PL_ROLE_OWNER);
    fixture.self = join(&fixture, SELF, PL_ROLE_OWNER);
    for (size_t i = 0; i < KIND_N; i++) {
        bool servers = kinds[i].number == PL_KIND_BOARD || kinds[i].number == PL_KIND_PERSON;
        /* what the server alone makes is there already: the board is its 1, whoever joined first its 2 */
        snprintf(fixture.others[i], 32, "[0, %u]", kinds[i].number == PL_KIND_BOARD ? 1 : 2);
        snprintf(fixture.own[i], 32, "[0, %u]", kinds[i].number == PL_KIND_BOARD ? 1 : 3);
        if (!servers) {
            make(fixture.other, "", kinds[i].number, fixture.others[i]);
            make(fixture.self, "", kinds[i].number, fixture.own[i]);
        }
    }
    *state = &fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    core_peer_free(fixture->other);
    core_peer_free(fixture->self);
    core_world_free(fixture->world);
    return 0;
}

static void expect(struct core_peer *peer, const char *op, const char *signs, const char *what,
                   const char *which)
{
    const enum pl_status wanted = signs[peer->role - PL_ROLE_VIEWER] == '+' ? PL_OK : PL_PERM;
    const enum pl_status got = try(peer, op);
    if (got != wanted)
        fail_msg("role %d, %s %s: %s, not %s", (int)peer->role, what, which, pl_status_name(got),
                 pl_status_name(wanted));
}

static void every_role_does_to_every_kind_what_the_table_says(void **state)
{
    struct fixture *fixture = *state;
    for (enum pl_role role = PL_ROLE_VIEWER; role <= PL_ROLE_OWNER; role++) {
        struct core_peer *peer = join(fixture, SELF, role); /* the same person, by another link */
        for (size_t i = 0; i < KIND_N; i++) {
            char op[160];
            snprintf(op, sizeof op, "[0, %u, {}]", kinds[i].number);
            expect(peer, op, kinds[i].create, "create", kinds[i].name);
            for (size_t k = 0; k < sizeof changes / sizeof *changes; k++) {
                snprintf(op, sizeof op, changes[k].op, fixture->others[i]);
                expect(peer, op, kinds[i].others, changes[k].name, kinds[i].name);
                snprintf(op, sizeof op, changes[k].op, fixture->own[i]);
                expect(peer, op, kinds[i].own, changes[k].name, kinds[i].name);
            }
        }
        core_peer_free(peer);
    }
}

static void ops_that_no_kind_decides_about_are_as_the_table_says(void **state)
{
    static const struct {
        enum pl_op_code code;
        const char *signs, *name;
    } ops[] = {
#define OP(name, signs) {PL_OP_##name, signs, #name},
#include "expected.def"
#undef OP
    };
    struct fixture *fixture = *state;
    for (enum pl_role role = PL_ROLE_VIEWER; role <= PL_ROLE_OWNER; role++) {
        struct core_peer *peer = join(fixture, SELF, role);
        for (size_t i = 0; i < sizeof ops / sizeof *ops; i++) {
            for (size_t k = 0; k < KIND_N; k++) {
                char op[96] = "[6, 3]";
                if (ops[i].code == PL_OP_TALLY)
                    snprintf(op, sizeof op, "[4, %s, 30, 1, 1]", fixture->others[k]);
                else if (ops[i].code == PL_OP_COLLECT)
                    strcpy(op, "[7]");
                expect(peer, ops[i].code == PL_OP_ADOPT ? adopt : op, ops[i].signs, ops[i].name,
                       kinds[k].name);
            }
        }
        core_peer_free(peer);
    }
}

static void a_locked_object_is_as_the_table_says(void **state)
{
    static const struct {
        const char *name, *op, *others, *own;
    } tries[] = {
#define LOCK(name, op, others, own) {#name, op, others, own},
#include "expected.def"
#undef LOCK
    };
    struct fixture *fixture = *state;
    for (enum pl_role role = PL_ROLE_VIEWER; role <= PL_ROLE_OWNER; role++) {
        struct core_peer *peer = join(fixture, SELF, role);
        for (size_t i = 0; i < sizeof tries / sizeof *tries; i++) {
            char others[32], own[32], op[160];
            make(fixture->other, "11: true", PL_KIND_STICKY, others);
            make(fixture->self, "11: true", PL_KIND_STICKY, own);
            core_peers_settle(fixture->world, &peer, 1);
            snprintf(op, sizeof op, tries[i].op, others);
            expect(peer, op, tries[i].others, tries[i].name, "another locked");
            snprintf(op, sizeof op, tries[i].op, own);
            expect(peer, op, tries[i].own, tries[i].name, "one locked oneself");
        }
        core_peer_free(peer);
    }
}

static void nobody_writes_as_another_replica(void **state)
{
    struct fixture *fixture = *state;
    for (enum pl_role role = PL_ROLE_VIEWER; role <= PL_ROLE_OWNER; role++) {
        const uint32_t strangers[] = {0, fixture->other->id, 4000};
        for (size_t i = 0; i < 3; i++) {
            struct core_peer *peer = join(fixture, SELF, role);
            peer->id = strangers[i];
            assert_int_equal(try(peer, "[0, 3, {}]"), PL_PERM);
            core_peer_free(peer);
        }
    }
}

/* Messages. */

static const struct {
    const char *name;
    enum pl_message_type type;
    enum pl_status before, joined;
} messages[] = {
#define MESSAGE(name, before, joined) {#name, PL_MESSAGE_##name, PL_##before, PL_##joined},
#include "expected.def"
#undef MESSAGE
};
#define MESSAGE_N (sizeof messages / sizeof *messages)

enum {
#define M(name, NAME, number) SENT_##NAME,
    PL_MESSAGES(M)
#undef M
        SENT_N
};
_Static_assert(MESSAGE_N == SENT_N, "a message is missing in expected.def");

/* A well-formed one of this type, as the samples have it. */
static void message_write(enum pl_message_type type, const struct core_peer *peer,
                          struct pl_buf *ret_frame)
{
    struct pl_message message;
    const char *name;
    char batch[96];
    if (type == PL_MESSAGE_BATCH) {
        snprintf(batch, sizeof batch, "[6, 0, [%u, 1, 1000, [[6, 1]]]]", peer->id);
        literal_write(ret_frame, batch);
        return;
    }
    for (size_t i = 0; sample_message(i, &name, ret_frame); i++) {
        if (pl_message_read(pl_buf_slice(ret_frame), &message) == PL_OK && message.type == type)
            return;
        pl_buf_clear(ret_frame);
    }
    fail_msg("no sample of message %d", (int)type);
}

static void every_message_is_taken_or_ends_the_session_as_the_table_says(void **state)
{
    struct fixture *fixture = *state;
    for (size_t i = 0; i < MESSAGE_N; i++) {
        for (enum pl_role role = PL_ROLE_NONE; role <= PL_ROLE_OWNER; role++) {
            struct core_peer *peer = core_peer_new(fixture->world, SELF, "Ana", role);
            const enum pl_status wanted =
                role == PL_ROLE_NONE ? messages[i].before : messages[i].joined;
            struct pl_buf frame;
            peer->raw = true;
            if (role == PL_ROLE_NONE)
                core_peer_socket(peer);
            else
                core_peer_connect(peer, BOARD);
            pl_buf_init(&frame, pl_mem_libc());
            message_write(messages[i].type, peer, &frame);
            core_peer_send_bytes(peer, pl_buf_slice(&frame));
            core_peers_settle(fixture->world, &peer, 1);
            pl_buf_done(&frame);
            if (peer->closed != (wanted != PL_OK) || peer->error != wanted)
                fail_msg("role %d, %s: closed %d with %s, not %s", (int)role, messages[i].name,
                         peer->closed, pl_status_name(peer->error), pl_status_name(wanted));
            core_peer_free(peer);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_role_does_to_every_kind_what_the_table_says, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(ops_that_no_kind_decides_about_are_as_the_table_says,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_locked_object_is_as_the_table_says, set_up, tear_down),
        cmocka_unit_test_setup_teardown(nobody_writes_as_another_replica, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            every_message_is_taken_or_ends_the_session_as_the_table_says, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
