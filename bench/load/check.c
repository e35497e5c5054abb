/* Joins once by snapshot for the state, once by the journal for what it holds how often, and judges
 * each batch by the effects of its operations. */
#include "bench/load/check.h"
#include "base/map.h"
#include "bench/clock.h"
#include "bench/load/api.h"
#include "bench/load/client.h"
#include "bench/load/record.h"
#include "bench/load/writer.h"
#include "proto/object.h"
#include <inttypes.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#define SCRATCH_BYTES (256u * 1024u)
#define JOIN_NS_MAX   (60 * NS_PER_S)

/* An operation's trace in the document. */
enum trace {
    TRACE_THERE,
    TRACE_ABSENT,
    TRACE_COVERED, /* a later write hides whether it was ever there */
};

struct tally {
    size_t acknowledged, unacknowledged_there, lost, halved, doubled;
    bool journal_seen;
};

/* ---- one batch ---- */

static enum trace trace_register(const struct pl_object *object, uint32_t field,
                                 struct pl_stamp stamp)
{
    struct pl_register found;
    if (object == NULL || !pl_object_register(object, field, &found))
        return TRACE_ABSENT;
    int order = pl_stamp_compare(found.stamp, stamp);
    return order == 0 ? TRACE_THERE : order > 0 ? TRACE_COVERED : TRACE_ABSENT;
}

static enum trace trace_insert(const struct pl_object *object, const struct pl_op *op)
{
    const struct pl_text *text = object == NULL ? NULL : pl_object_text(object, op->field);
    if (text == NULL)
        return TRACE_ABSENT;
    for (uint32_t i = 0; i < op->value_n; i++) {
        if (!pl_text_has(text, (struct pl_id){op->id.replica, op->id.ctr + i}))
            return TRACE_ABSENT;
    }
    return TRACE_THERE;
}

static bool any_visible(void *user, struct pl_id_range range, struct pl_slice utf8)
{
    (void)range;
    (void)utf8;
    *(bool *)user = true;
    return false;
}

/* Deleted text stays deleted, so what is visible was never deleted; nothing tells who deleted it.
 */
static enum trace trace_delete(const struct pl_object *object, const struct pl_op *op)
{
    const struct pl_text *text = object == NULL ? NULL : pl_object_text(object, op->field);
    struct pl_reader reader = pl_reader_of(op->value);
    bool visible = false;
    for (uint32_t i = 0; text != NULL && i < op->value_n; i++) {
        struct pl_id_range range;
        if (!pl_read_array_of(&reader, 3) || !pl_read_u32(&reader, &range.id.replica) ||
            !pl_read_u53(&reader, &range.id.ctr) || !pl_read_u53(&reader, &range.n))
            return TRACE_ABSENT;
        pl_text_range(text, range, any_visible, &visible);
    }
    return text == NULL || visible ? TRACE_ABSENT : TRACE_COVERED;
}

static enum trace trace_op(const struct pl_doc *doc, const struct pl_op *op)
{
    const struct pl_object *object = pl_doc_object(doc, op->object);
    switch (op->code) {
    case PL_OP_CREATE:
        return object != NULL && pl_object_kind(object) == op->kind ? TRACE_THERE : TRACE_ABSENT;
    case PL_OP_SET:
        return trace_register(object, op->field, op->stamp);
    case PL_OP_INSERT:
        return trace_insert(object, op);
    case PL_OP_DELETE:
        return trace_delete(object, op);
    default: /* the load generator sends no others */
        return TRACE_ABSENT;
    }
}

static void complain(const char *what, const struct record_batch *batch)
{
    printf("%s: batch %" PRIu32 ".%" PRIu64 " of %" PRIu64 " counters%s\n", what, batch->replica,
           batch->ctr0, batch->n, batch->seq == 0 ? ", never acknowledged" : ", acknowledged");
}

static void judge_batch(const struct pl_doc *doc, struct record_batch *batch, struct tally *tally)
{
    struct pl_replica_row row = {0};
    struct pl_batch read;
    struct pl_op op;
    uint32_t there = 0, absent = 0;
    (void)pl_doc_replica(doc, batch->replica, &row);
    if (pl_batch_read(batch->body, false, &read) != PL_OK) {
        complain("unreadable", batch);
        tally->halved++;
        return;
    }
    struct pl_op_iter ops = pl_batch_ops(&read);
    while (pl_op_next(&ops, &op)) {
        enum trace trace = trace_op(doc, &op);
        there += trace == TRACE_THERE;
        absent += trace == TRACE_ABSENT;
    }
    bool counted = row.hwm >= batch->ctr0 + batch->n - 1;
    if (batch->seq != 0) {
        tally->acknowledged++;
        if (!counted || absent > 0) {
            complain("lost", batch);
            batch->lost = true;
            tally->lost++;
        }
        return;
    }
    tally->unacknowledged_there += counted && there > 0;
    bool partly_counted = row.hwm >= batch->ctr0 && !counted;
    if (partly_counted || (there > 0 && (absent > 0 || !counted))) {
        complain("half applied", batch);
        tally->halved++;
    }
}

/* ---- what is there twice ---- */

/* Every creation carries a mark of its own (writer.h): two objects with one mark are one creation
 * made twice. */
static bool judge_marks(struct pl_doc *doc, struct tally *tally)
{
    struct map marks;
    bool told = true;
    map_init(&marks, pl_mem_libc());
    for (size_t i = 0; i < pl_doc_object_n(doc) && told; i++) {
        const struct pl_object *object = pl_doc_object_at(doc, i);
        struct pl_register mark;
        uint64_t value;
        if (!pl_object_register(object, WRITER_MARK_FIELD, &mark))
            continue;
        struct pl_reader reader = pl_reader_of(mark.value);
        if (!pl_read_u53(&reader, &value))
            continue;
        if (map_get(&marks, value) != NULL) {
            struct pl_id id = pl_object_id(object);
            printf("doubled: object %" PRIu32 ".%" PRIu64 " carries another's mark\n", id.replica,
                   id.ctr);
            tally->doubled++;
        }
        told = map_put(&marks, value, (void *)doc) == PL_OK;
    }
    map_done(&marks);
    return told;
}

static void count_entry(void *user, const struct pl_envelope *envelope)
{
    struct pl_batch batch;
    if (pl_batch_read(envelope->body, true, &batch) != PL_OK)
        return;
    struct record_batch *recorded = record_find(user, batch.replica, batch.ctr0);
    if (recorded != NULL && pl_slice_equal(recorded->body, envelope->body))
        recorded->journal_n++;
}

static void judge_journal(struct record *record, struct tally *tally)
{
    for (size_t i = 0; i < record_n(record); i++) {
        struct record_batch *batch = record_at(record, i);
        if (batch->journal_n > 1) {
            complain("doubled in the journal", batch);
            tally->doubled++;
        }
        if (batch->seq != 0 && batch->journal_n == 0 && !batch->lost) {
            complain("lost from the journal", batch);
            batch->lost = true;
            tally->lost++;
        }
    }
}

/* ---- joining ---- */

/* Joins and pumps until live; NULL when that fails (said on stderr). */
static struct client *join(struct client_env *env, struct http *http, struct client_wish wish,
                           uint8_t *scratch)
{
    char cookie[HTTP_COOKIE_BYTES] = "", ticket[API_TICKET_BYTES];
    enum pl_status status = api_ticket(http, env->target, "Load check", cookie, ticket);
    wish.ticket = ticket;
    struct client *client = status == PL_OK ? client_new(env, &wish) : NULL;
    uint64_t began = clock_ns();
    while (client != NULL && client_state(client) != CLIENT_LIVE) {
        struct pollfd wait = {.fd = client_fd(client), .events = POLLIN};
        client_pump(client, scratch, SCRATCH_BYTES);
        if (client_state(client) == CLIENT_CLOSED || clock_ns() - began > JOIN_NS_MAX) {
            fprintf(stderr, "plenum-load: joining: %s %s\n", client_close_reason(client),
                    env->stats->first_error);
            client_free(client);
            return NULL;
        }
        poll(&wait, 1, client_state(client) == CLIENT_CONNECTING ? 10 : 100);
    }
    return client;
}

static bool judge(struct client_env *env, struct http *http, struct record *record,
                  struct tally *tally)
{
    uint8_t *scratch = malloc(SCRATCH_BYTES);
    bool told = false;
    struct client *whole = NULL, *journal = NULL;
    if (scratch == NULL)
        goto done;
    whole = join(env, http, (struct client_wish){.replica = true}, scratch);
    if (whole == NULL)
        goto done;
    struct pl_doc *doc = pl_replica_doc(client_replica(whole));
    for (size_t i = 0; i < record_n(record); i++)
        judge_batch(doc, record_at(record, i), tally);
    if (!judge_marks(doc, tally))
        goto done;
    struct client_wish wish = {
        .resume = true, .lineage = client_lineage(whole), .envelope = count_entry, .user = record};
    journal = join(env, http, wish, scratch);
    if (journal == NULL)
        goto done;
    tally->journal_seen = !client_had_snapshot(journal);
    if (tally->journal_seen)
        judge_journal(record, tally);
    told = true;
done:
    client_free(whole);
    client_free(journal);
    free(scratch);
    return told;
}

static bool find_target(const struct options *options, const struct record *record,
                        struct target *ret_target)
{
    const char *link = record_link(record);
    const char *url = options->url == NULL ? link : options->url;
    if (url == NULL || target_parse(url, ret_target) != PL_OK)
        return false;
    /* the server may listen elsewhere by now; the board and its token stay */
    return ret_target->board[0] != '\0' ||
           (link != NULL && target_take_link(ret_target, link) == PL_OK);
}

int check_run(const struct options *options)
{
    struct record *record = NULL;
    struct target target;
    struct stats stats = {0};
    struct tally tally = {0};
    struct http *http = NULL;
    int result = 2;
    if (record_read(options->check_path, &record) != PL_OK)
        return 2;
    struct client_env env = {
        .mem = pl_mem_libc(), .target = &target, .stats = &stats, .random = clock_ns() | 1};
    if (!find_target(options, record, &target)) {
        fprintf(stderr,
                "plenum-load: %s names no board that can be reached; give its link with --url\n",
                options->check_path);
        goto done;
    }
    env.sent = sent_new(env.mem);
    env.seen = seen_new(env.mem);
    env.seen_presence = seen_new(env.mem);
    http = http_new(&target);
    if (env.sent == NULL || env.seen == NULL || env.seen_presence == NULL || http == NULL || !judge(&env, http, record, &tally))
        goto done;
    printf("%zu acknowledged batches: %zu lost, %zu half applied, %zu doubled; %zu more were "
           "applied before their "
           "acknowledgement was seen; journal %s\n",
           tally.acknowledged, tally.lost, tally.halved, tally.doubled, tally.unacknowledged_there,
           tally.journal_seen ? "compared" : "no longer kept from its beginning");
    result = tally.lost + tally.halved + tally.doubled == 0 ? 0 : 1;
done:
    http_free(http);
    sent_free(env.sent);
    seen_free(env.seen);
    seen_free(env.seen_presence);
    record_free(record);
    return result;
}
