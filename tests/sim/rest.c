/* What must hold when everything was delivered, whatever happened before. */
#include "base/envelope.h"
#include "meeting.h"
#include "tests/support/naive_doc.h"

#define ROUNDS_MAX     2000u
#define ROUND_MS       100u
#define HOP_MS         61000u        /* longer than a board that nobody visits is kept */
#define EMPTY_BYTES    (128u * 1024u) /* a server without boards */
#define SNAPSHOT_FACTOR 40u           /* a board at rest against its canonical snapshot, which packs much alike well */
#define OBJECT_BYTES   1024u

/* Coming to rest. */

static bool sockets_idle(const struct meeting *meeting)
{
    for (const struct socket *socket = meeting->network.sockets; socket != NULL; socket = socket->next) {
        if (!socket_idle(socket) || socket->left)
            return false;
    }
    return true;
}

static bool quiet(const struct meeting *meeting)
{
    if (!meeting->server->up || disk_busy(meeting->disk) || server_busy(meeting->server) ||
        !sockets_idle(meeting))
        return false;
    for (uint32_t i = 0; i < meeting->tab_n; i++) {
        const struct tab *tab = &meeting->tabs[i];
        if (tab->phase != TAB_LIVE || tab->held || pl_replica_pending_n(tab->replica) > 0 ||
            pl_doc_head(pl_replica_doc(tab->replica)) != disk_head(meeting->disk))
            return false;
    }
    return true;
}

void rest_round(struct meeting *meeting)
{
    for (struct socket *socket = meeting->network.sockets; socket != NULL; socket = socket->next) {
        for (uint32_t k = 0; k < 8; k++) {
            socket_step_up(socket);
            socket_step_down(socket);
        }
    }
    network_sweep(&meeting->network, true);
    if (meeting->server->up) {
        while (disk_busy(meeting->disk)) {
            disk_step(meeting->disk);
            server_turn(meeting->server);
        }
        while (server_busy(meeting->server))
            server_work(meeting->server);
        meeting_stop_drained(meeting);
    }
    meeting_pass(meeting, ROUND_MS);
}

/* A few rounds more after the first quiet one: presence has its ticks. */
bool rest_reach(struct meeting *meeting)
{
    uint32_t still = 0;
    disk_heal(meeting->disk);
    meeting->knobs[MEETING_CRASH] = 0;
    meeting->down_until_ms = 0;
    if (meeting->hostile.socket != NULL)
        socket_leave(meeting->hostile.socket);
    meeting->hostile.socket = NULL;
    for (uint32_t i = 0; i < ROUNDS_MAX && meeting->verdict.reason == NULL; i++) {
        rest_round(meeting);
        still = quiet(meeting) ? still + 1 : 0;
        if (still == 4)
            return true;
    }
    return verdict_fail(&meeting->verdict, "they never came to rest");
}

/* At rest. */

/* The journal folded anew, by the naive engine too: the state that all must have. */
static struct pl_doc *replay(struct meeting *meeting)
{
    struct pl_doc *doc = pl_doc_new(pl_mem_libc());
    struct naive_doc *naive = naive_doc_new(meeting->knobs[MEETING_HOSTILE] == 0);
    struct pl_reader reader = pl_reader_of(disk_all(meeting->disk));
    struct pl_envelope envelope;
    const char *reason;
    sim_must(doc != NULL, "no memory");
    while (envelope_read(&reader, &envelope)) {
        if (pl_doc_apply(doc, &envelope, NULL) != PL_OK)
            verdict_fail(&meeting->verdict, "the journal cannot be replayed");
        if (!naive_doc_apply(naive, &envelope, NULL, &reason))
            verdict_fail(&meeting->verdict, reason);
    }
    if (!pl_doc_check(doc, &reason) || !naive_doc_agrees(naive, doc, &reason))
        verdict_fail(&meeting->verdict, reason);
    verdict_met(&meeting->verdict, SIM_COMPARED);
    if (pl_doc_collect_seq(doc) > 0)
        verdict_met(&meeting->verdict, SIM_COLLECTED);
    naive_doc_free(naive);
    return doc;
}

static bool everyone_agrees(struct meeting *meeting, struct pl_doc *doc)
{
    const uint64_t state = meeting->state_hash, view = pl_doc_view_hash(doc);
    for (uint32_t i = 0; i < meeting->tab_n; i++) {
        struct pl_replica *replica = meeting->tabs[i].replica;
        const char *reason;
        if (pl_doc_state_hash(pl_replica_doc(replica)) != state)
            return verdict_fail(&meeting->verdict, "a client's committed state differs from the journal's");
        if (pl_replica_view_hash(replica) != view)
            return verdict_fail(&meeting->verdict, "a client at rest sees something else than is committed");
        if (!pl_replica_check(replica, &reason))
            return verdict_fail(&meeting->verdict, reason);
    }
    return true;
}

static bool company_agrees(struct meeting *meeting)
{
    const struct company *first = &meeting->tabs[0].company;
    for (uint32_t i = 0; i < meeting->tab_n; i++) {
        const struct company *company = &meeting->tabs[i].company;
        if (company->n != meeting->network.socket_n || !company_same_people(first, company))
            return verdict_fail(&meeting->verdict, "they do not agree on who is here");
        if (!company_same_states(first, company))
            return verdict_fail(&meeting->verdict, "they do not agree on what somebody is doing");
    }
    return true;
}

/* Rings, queues, shares: what a board keeps at rest is its document. */
static bool memory_bounded(struct meeting *meeting, struct pl_doc *doc)
{
    struct pl_buf snapshot;
    pl_buf_init(&snapshot, pl_mem_libc());
    pl_doc_snapshot(doc, &snapshot);
    const size_t most = EMPTY_BYTES + SNAPSHOT_FACTOR * snapshot.len + OBJECT_BYTES * pl_doc_object_n(doc);
    pl_buf_done(&snapshot);
    return arena_bytes(meeting->server->arena) <= most ||
           verdict_fail(&meeting->verdict, "a server at rest holds too much memory");
}

/* Somebody new, who gets a snapshot, has what those have who got every entry. */
static bool newcomer_agrees(struct meeting *meeting)
{
    struct tab *tab = &meeting->tabs[0];
    const uint32_t before = tab->snapshots_n;
    tab->want_snapshot = true;
    tab_lost(tab);
    return rest_reach(meeting) &&
           (tab->snapshots_n > before ||
            verdict_fail(&meeting->verdict, "a snapshot was asked for, and none came")) &&
           (pl_doc_state_hash(pl_replica_doc(tab->replica)) ==
                pl_doc_state_hash(pl_replica_doc(meeting->tabs[1].replica)) ||
            verdict_fail(&meeting->verdict, "a snapshot is not what resuming leads to"));
}

/* All leave; the board goes to the disk and out of memory; they come back to what they left. */
static bool unloading_agrees(struct meeting *meeting)
{
    for (uint32_t i = 0; i < meeting->tab_n; i++)
        tab_rest(&meeting->tabs[i], HOP_MS * 2);
    for (uint32_t ms = 0; ms < HOP_MS * 2 - 4000; ms += 2000) {
        rest_round(meeting);
        meeting_pass(meeting, 2000 - ROUND_MS);
    }
    if (metrics_get(meeting->server->metrics, METRIC_BOARDS) != 0)
        return verdict_fail(&meeting->verdict, "a board that nobody visits stays in memory");
    if (arena_bytes(meeting->server->arena) > EMPTY_BYTES)
        return verdict_fail(&meeting->verdict, "a board that was unloaded left memory behind");
    const uint64_t head = disk_head(meeting->disk);
    meeting_pass(meeting, 6000);
    if (!rest_reach(meeting))
        return false;
    return (disk_head(meeting->disk) >= head) ||
           verdict_fail(&meeting->verdict, "a board came back with less than it went");
}

bool rest_check(struct meeting *meeting)
{
    bool ok = true;
    for (uint32_t pass = 0; pass < 2 && ok; pass++) {
        struct pl_doc *doc = replay(meeting);
        meeting->state_hash = pl_doc_state_hash(doc);
        ok = everyone_agrees(meeting, doc) && company_agrees(meeting) && memory_bounded(meeting, doc) &&
             ledger_holds(meeting->ledger, meeting->disk, &meeting->verdict);
        pl_doc_free(doc);
        ok = ok && (pass == 0 ? newcomer_agrees(meeting) && unloading_agrees(meeting) : true);
    }
    return ok && meeting->verdict.reason == NULL;
}
