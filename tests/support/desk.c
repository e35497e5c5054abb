/* See desk.h. */
#include "tests/support/desk.h"
#include "tests/support/literal.h"
#include "tests/support/reads.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

const struct pl_id desk_sticky = {DESK_ME, 1};

static struct pl_buf bytes_of(const char *literal)
{
    struct pl_buf buf;
    pl_buf_init(&buf, pl_mem_libc());
    literal_write(&buf, literal);
    return buf;
}

static enum pl_status try_edit(struct pl_replica *replica, uint64_t gesture, bool joins, const char *edits)
{
    struct pl_buf buf = bytes_of(edits);
    const enum pl_status status = pl_replica_edit(replica, gesture, joins, pl_buf_slice(&buf), NULL, NULL);
    pl_buf_done(&buf);
    return status;
}

enum pl_status desk_try(struct pl_replica *replica, uint64_t gesture, const char *edits)
{
    return try_edit(replica, gesture, false, edits);
}

enum pl_status desk_try_join(struct pl_replica *replica, uint64_t gesture, const char *edits)
{
    return try_edit(replica, gesture, true, edits);
}

void desk_join(struct pl_replica *replica, uint64_t gesture, const char *edits)
{
    assert_int_equal(desk_try_join(replica, gesture, edits), PL_OK);
}

void desk_edit(struct pl_replica *replica, const char *edits)
{
    assert_int_equal(desk_try(replica, 0, edits), PL_OK);
}

enum pl_status desk_commit(struct pl_replica *replica, uint64_t user, struct pl_slice body)
{
    const struct pl_envelope envelope = {
        .seq = pl_doc_head(pl_replica_doc(replica)) + 1, .user = user, .srv_ms = 1, .body = body};
    return pl_replica_apply(replica, &envelope);
}

void desk_colleague(struct pl_replica *replica, const char *body)
{
    struct pl_buf buf = bytes_of(body);
    assert_int_equal(desk_commit(replica, DESK_USER + 1, pl_buf_slice(&buf)), PL_OK);
    pl_buf_done(&buf);
}

void desk_echo(struct pl_replica *replica)
{
    struct pl_pending pending;
    struct pl_buf body;
    assert_true(pl_replica_pending_at(replica, 0, &pending));
    pl_buf_init(&body, pl_mem_libc()); /* the echo comes from elsewhere */
    pl_buf_append(&body, pending.body.data, pending.body.len);
    assert_int_equal(desk_commit(replica, DESK_USER, pl_buf_slice(&body)), PL_OK);
    pl_buf_done(&body);
}

void desk_echo_all(struct pl_replica *replica)
{
    while (pl_replica_pending_n(replica) > 0)
        desk_echo(replica);
}

uint64_t desk_color(struct pl_replica *replica, struct pl_id id)
{
    uint64_t value = UINT64_MAX;
    (void)pl_object_uint(pl_replica_object(replica, id), PL_FIELD_COLOR, &value);
    return value;
}

bool desk_alive(struct pl_replica *replica, struct pl_id id)
{
    const struct pl_object *object = pl_replica_object(replica, id);
    return object != NULL && pl_object_alive(object);
}

void desk_text_is(struct pl_replica *replica, struct pl_id id, const char *want)
{
    const struct pl_text *text = pl_object_text(pl_replica_object(replica, id), PL_FIELD_TEXT);
    assert_true(text_reads(text, want));
}

void desk_value_is(struct pl_replica *replica, struct pl_id id, uint32_t field, const char *literal)
{
    struct pl_register reg;
    struct pl_buf want = bytes_of(literal);
    assert_true(pl_object_register(pl_replica_object(replica, id), field, &reg));
    assert_int_equal(reg.value.len, want.len);
    assert_memory_equal(reg.value.data, want.data, want.len);
    pl_buf_done(&want);
}

int desk_new(void **state)
{
    struct pl_replica *replica = pl_replica_new(pl_mem_libc());
    assert_int_equal(pl_replica_identify(replica, DESK_ME, 0, DESK_USER), PL_OK);
    desk_edit(replica, "[[1, 3, {1: [0, 0], 2: [100, 100], 4: 0, 3: [nil, 'V']}]]");
    *state = replica;
    return 0;
}

int desk_free(void **state)
{
    const char *reason = "";
    const bool sound = pl_replica_check(*state, &reason);
    if (!sound)
        print_error("%s\n", reason);
    pl_replica_free(*state);
    return sound ? 0 : -1;
}
