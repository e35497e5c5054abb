/* A client before a hostile server, or a broken device: entries that are its own echo, or nearly, or somebody else's,
 * or any bytes; voids, refusals, snapshots and identities that do not fit; between them a person edits. Whatever comes,
 * the committed document stays sound and nothing leaks; what the server broke is mended by a snapshot. */
#include "board.h"
#include "hostile_ops.h"
#include "proto/limits.h"
#include "proto/replica.h"
#include "tests/sim/edits.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define STEPS_MAX 96u

struct scene {
    struct draw draw;
    struct count_mem count;
    struct pl_replica *replica;
    bool broken; /* an entry could be applied in part only: a snapshot is due */
};

/* The client's own oldest batch, as it is or with one byte changed; false when there is none. */
static bool own_body(struct scene *scene, bool changed, struct pl_buf *ret_body)
{
    struct pl_pending pending;
    if (!pl_replica_pending_at(scene->replica, 0, &pending))
        return false;
    pl_buf_append(ret_body, pending.body.data, pending.body.len);
    if (changed)
        ret_body->data[draw_number(&scene->draw) % ret_body->len] ^= draw_byte(&scene->draw);
    return true;
}

static void own_void(struct scene *scene, struct pl_buf *ret_body)
{
    struct pl_pending pending = {.ctr0 = 1, .ctr_n = 1};
    (void)pl_replica_pending_at(scene->replica, 0, &pending);
    const struct pl_batch batch = {.replica = pl_replica_id(scene->replica),
                                   .ctr0 = pending.ctr0 + draw_below(&scene->draw, 8) / 7,
                                   .ctr_n = pending.ctr_n + draw_below(&scene->draw, 8) / 7};
    pl_void_write(ret_body, &batch, PL_ORPHAN);
}

static void deliver(struct scene *scene)
{
    struct pl_buf body;
    struct pl_doc *doc = pl_replica_doc(scene->replica);
    const uint32_t who = draw_below(&scene->draw, 5);
    const uint8_t what = draw_byte(&scene->draw);
    pl_buf_init(&body, pl_mem_libc());
    if (what < 90 && own_body(scene, what < 12, &body)) {
        /* its own */
    } else if (what < 110) {
        own_void(scene, &body);
    } else if (what < 120) {
        const struct pl_slice bytes = draw_bytes(&scene->draw, 300);
        pl_buf_append(&body, bytes.data, bytes.len);
    } else {
        hostile_body(&scene->draw, doc, who, who == 0, &body);
    }
    const struct pl_envelope envelope = {
        .seq = pl_doc_head(doc) + (draw_chance(&scene->draw, 10) ? draw_below(&scene->draw, 3) : 1),
        .user = 1 + who,
        .srv_ms = draw_number(&scene->draw) & PL_U53_MAX,
        .body = pl_buf_slice(&body)};
    const size_t live = scene->count.peak = scene->count.live;
    const enum pl_status status = pl_replica_apply(scene->replica, &envelope);
    memory_check(&scene->count, live, body.len);
    scene->broken = scene->broken || status == PL_CORRUPT;
    pl_buf_done(&body);
}

static void edit(struct scene *scene)
{
    struct rng rng = rng_of(draw_byte(&scene->draw), draw_byte(&scene->draw));
    const struct edits_wish wish = {.role = PL_ROLE_OWNER, .focus_percent = 60, .tally_percent = 10, .rich_percent = 15};
    struct pl_buf edits;
    pl_buf_init(&edits, pl_mem_libc());
    edits_random(&rng, scene->replica, &wish, &edits);
    const enum pl_status status = pl_replica_edit(scene->replica, draw_below(&scene->draw, 3),
                                                  draw_chance(&scene->draw, 100), pl_buf_slice(&edits), NULL, NULL);
    REQUIRE_BECAUSE(status == PL_OK, pl_status_text(status));
    pl_buf_done(&edits);
}

/* Bytes that are no edits, or edits of what is not there. */
static void edit_anything(struct scene *scene)
{
    const size_t pending_n = pl_replica_pending_n(scene->replica);
    const uint64_t view = pl_replica_view_hash(scene->replica);
    if (pl_replica_edit(scene->replica, 0, false, draw_bytes(&scene->draw, 60), NULL, NULL) != PL_OK)
        REQUIRE(pl_replica_pending_n(scene->replica) == pending_n &&
                pl_replica_view_hash(scene->replica) == view);
}

/* A snapshot of what the client has, or of nothing, or a broken one. */
static void load(struct scene *scene)
{
    struct pl_buf snapshot;
    const uint8_t what = draw_byte(&scene->draw);
    pl_buf_init(&snapshot, pl_mem_libc());
    if (what < 160)
        pl_doc_snapshot(pl_replica_doc(scene->replica), &snapshot);
    if (what >= 80 && what < 160 && snapshot.len > 0)
        snapshot.data[draw_number(&scene->draw) % snapshot.len] ^= draw_byte(&scene->draw);
    const enum pl_status status = pl_replica_load(scene->replica, pl_buf_slice(&snapshot));
    scene->broken = scene->broken && status != PL_OK;
    pl_buf_done(&snapshot);
}

static void identify(struct scene *scene)
{
    const uint32_t id = 1 + draw_below(&scene->draw, 4);
    const enum pl_status status =
        pl_replica_identify(scene->replica, id, draw_number(&scene->draw) & PL_U53_MAX, 1);
    REQUIRE_BECAUSE(status == PL_OK, pl_status_text(status));
}

/* From an outbox that may be broken; an identity follows, as it must. */
static void restore(struct scene *scene)
{
    struct pl_buf body;
    pl_buf_init(&body, pl_mem_libc());
    if (!own_body(scene, draw_chance(&scene->draw, 60), &body))
        hostile_body(&scene->draw, pl_replica_doc(scene->replica), 1 + draw_below(&scene->draw, 4), false, &body);
    const enum pl_status status = pl_replica_restore(scene->replica, pl_buf_slice(&body));
    REQUIRE(status != PL_NO_MEMORY);
    pl_buf_done(&body);
    identify(scene);
}

static void step(struct scene *scene)
{
    struct pl_replica *replica = scene->replica;
    enum pl_status status = PL_OK;
    switch (draw_below(&scene->draw, 16)) {
    case 0:
        status = pl_replica_undo(replica);
        break;
    case 1:
        status = pl_replica_redo(replica);
        break;
    case 3:
        identify(scene);
        break;
    case 4:
        status = pl_replica_refuse(replica, draw_number(&scene->draw));
        break;
    case 5:
        load(scene);
        break;
    case 6:
        restore(scene);
        break;
    case 7:
        edit_anything(scene);
        break;
    case 8:
    case 9:
    case 10:
        edit(scene);
        break;
    default:
        deliver(scene);
    }
    REQUIRE(status != PL_NO_MEMORY);
}

/* Whatever the server did, the truth again from a snapshot: everything holds. */
static void mend(struct scene *scene)
{
    struct pl_buf snapshot;
    const char *reason = "";
    pl_buf_init(&snapshot, pl_mem_libc());
    pl_doc_snapshot(pl_replica_doc(scene->replica), &snapshot);
    REQUIRE(pl_replica_load(scene->replica, scene->broken ? (struct pl_slice){0} : pl_buf_slice(&snapshot)) ==
            PL_OK);
    REQUIRE(pl_replica_identify(scene->replica, 9, 0, 1) == PL_OK);
    REQUIRE_BECAUSE(pl_replica_check(scene->replica, &reason), reason);
    pl_buf_done(&snapshot);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct scene scene = {.draw = {data, data + size}};
    const char *reason = "";
    count_mem_init(&scene.count);
    scene.replica = pl_replica_new(&scene.count.mem);
    REQUIRE(scene.replica != NULL && pl_replica_identify(scene.replica, 1, 0, 1) == PL_OK);
    for (uint32_t i = 0; i < STEPS_MAX && draw_more(&scene.draw); i++) {
        step(&scene);
        REQUIRE_BECAUSE(scene.broken || pl_doc_check(pl_replica_doc(scene.replica), &reason), reason);
        if (scene.broken)
            load(&scene);
    }
    mend(&scene);
    pl_replica_free(scene.replica);
    REQUIRE(scene.count.live == 0);
    return 0;
}
