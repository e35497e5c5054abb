/* What the server's messages do to a tab, as web/src/sync/session.ts and outgoing.ts have it. */
#include "base/deflate.h"
#include "base/envelope.h"
#include "tab.h"
#include <string.h>

static uint64_t head(const struct tab *tab)
{
    return pl_doc_head(pl_replica_doc(tab->replica));
}

static void caught_up(struct tab *tab)
{
    if (tab->phase != TAB_TAIL || head(tab) < tab->welcome.head_seq)
        return;
    tab_identify(tab, (uint32_t)tab->welcome.replica, tab->welcome.hwm);
    tab->want_replica = false;
    tab->phase = TAB_LIVE;
    tab->from = 0;
    tab_flush(tab);
}

/* Whether the replica's high-water mark is one this tab can have caused. */
static bool is_ours(const struct tab *tab, uint64_t hwm)
{
    struct pl_pending oldest;
    const uint64_t first =
        pl_replica_pending_at(tab->replica, 0, &oldest) ? oldest.ctr0 : tab->next;
    return tab->id == 0 || (hwm < tab->next && hwm + 1 >= first);
}

static void take_welcome(struct tab *tab, const struct pl_msg_welcome *welcome)
{
    if (tab->phase != TAB_GREETING || welcome->lineage.len != 8) {
        tab_fail(tab, "WELCOME came unasked");
        return;
    }
    if (welcome->user != tab->user || welcome->role != (uint64_t)tab->role)
        tab_fail(tab, "WELCOME is for somebody else");
    tab->welcome = *welcome;
    tab->welcome_lineage = pl_u64_from_bytes(welcome->lineage.data);
    if (tab->hello_replica.set && tab->hello_replica.value == welcome->replica &&
        !is_ours(tab, welcome->hwm)) {
        tab_doubt(tab);
        return;
    }
    tab->held = welcome->board_state != 1;
    company_reset(&tab->company);
    const bool resumes = tab->hello_resume.set && tab->hello_lineage == tab->welcome_lineage &&
                         tab->hello_resume.value <= welcome->head_seq;
    tab->phase = resumes ? TAB_TAIL : TAB_SNAPSHOT;
    tab_met(tab, resumes ? SIM_RESUMED : SIM_SNAPSHOT);
    tab->chunk_n = UINT64_MAX;
    caught_up(tab);
}

static void take_begin(struct tab *tab, const struct pl_msg_snapshot_begin *begin)
{
    if (tab->phase < TAB_SNAPSHOT || begin->hash.len != 8) {
        tab_fail(tab, "a snapshot came unasked");
        return;
    }
    if (tab->phase == TAB_LIVE && !tab->patient) {
        tab_start_over(tab, true, false);
        return;
    }
    tab->midway = tab->phase == TAB_LIVE;
    if (tab->midway) {
        tab_met(tab, SIM_MIDWAY);
        company_reset(&tab->company); /* who went meanwhile is not told: all who are here come again */
    }
    tab->phase = TAB_SNAPSHOT;
    pl_buf_clear(&tab->snapshot);
    tab->snapshot_bytes = begin->bytes;
    tab->snapshot_hash = pl_u64_from_bytes(begin->hash.data);
    tab->chunk_n = begin->chunks;
    tab->chunk_i = 0;
}

static void take_chunk(struct tab *tab, const struct pl_msg_snapshot_chunk *chunk)
{
    if (tab->phase != TAB_SNAPSHOT || chunk->index != tab->chunk_i++ || tab->chunk_i > tab->chunk_n)
        tab_fail(tab, "a snapshot's chunks are out of order");
    pl_buf_append(&tab->snapshot, chunk->data.data, chunk->data.len);
}

/* A void takes the pending batch it is for with it: its author is told, unless the page was loaded anew meanwhile and
 * gets the void within a snapshot, which names no refusals. */
static void excuse_refused(struct tab *tab, const struct pl_envelope *envelope)
{
    struct pl_batch void_batch, batch;
    struct pl_pending pending;
    if (pl_batch_read(envelope->body, true, &void_batch) != PL_OK || void_batch.refusal == PL_OK ||
        !tab_pending_at(tab, void_batch.ctr0, &pending) ||
        pl_batch_read(pending.body, false, &batch) != PL_OK || batch.replica != void_batch.replica)
        return;
    ledger_excuse(tab->env->ledger, pending.body, LEDGER_MAY_MISS);
    tab_met(tab, SIM_VOID);
}

static void excuse_refused_in_snapshot(struct tab *tab)
{
    struct pl_reader reader = pl_reader_of(disk_all(tab->env->network->server->disk));
    struct pl_envelope envelope;
    while (pl_replica_pending_n(tab->replica) > 0 && envelope_read(&reader, &envelope))
        excuse_refused(tab, &envelope);
}

static void take_end(struct tab *tab)
{
    struct pl_buf bytes;
    if (tab->phase != TAB_SNAPSHOT || tab->chunk_i != tab->chunk_n) {
        tab_fail(tab, "a snapshot ended too soon");
        return;
    }
    excuse_refused_in_snapshot(tab);
    pl_buf_init(&bytes, pl_mem_libc());
    if (inflate_raw(pl_buf_slice(&tab->snapshot), tab->snapshot_bytes, &bytes) != PL_OK ||
        bytes.len != tab->snapshot_bytes || pl_replica_load(tab->replica, pl_buf_slice(&bytes)) != PL_OK)
        tab_fail(tab, "a snapshot could not be loaded");
    else if (pl_doc_state_hash(pl_replica_doc(tab->replica)) != tab->snapshot_hash)
        tab_fail(tab, "a snapshot does not match its hash");
    pl_buf_done(&bytes);
    tab_numbered(tab);
    tab->lineage = tab->welcome_lineage;
    tab->want_snapshot = false;
    tab->snapshots_n++;
    tab->phase = tab->midway ? TAB_LIVE : TAB_TAIL;
    caught_up(tab);
    tab_flush(tab);
}

static void take_ops(struct tab *tab, struct pl_slice envelopes)
{
    struct pl_reader reader = pl_reader_of(envelopes);
    struct pl_envelope envelope;
    uint32_t n;
    if (tab->phase < TAB_TAIL || !pl_read_array(&reader, &n)) {
        tab_fail(tab, "OPS came unasked");
        return;
    }
    for (; n > 0 && envelope_read(&reader, &envelope); n--) {
        const size_t pending_n = pl_replica_pending_n(tab->replica);
        excuse_refused(tab, &envelope);
        const enum pl_status status = pl_replica_apply(tab->replica, &envelope);
        /* A void names nothing; an entry may come late from before a restore. */
        if (status == PL_OK && pl_replica_pending_n(tab->replica) < pending_n &&
            tab->lineage == disk_lineage(tab->env->network->server->disk))
            ledger_excuse(tab->env->ledger, envelope.body, LEDGER_KEPT);
        if (status == PL_DIVERGED) {
            if (!tab->cloned)
                tab_fail(tab, "a client that nobody cloned met another's echo in its name");
            tab_doubt(tab);
            return;
        }
        if (status != PL_OK) /* S8: in order, without gaps, once */
            tab_fail(tab, pl_status_text(status));
    }
    tab_numbered(tab);
    caught_up(tab);
}

static void take_gap(struct tab *tab, uint64_t ctr0)
{
    struct pl_pending pending;
    if (pl_replica_pending_n(tab->replica) == 0)
        return;
    if (!tab_pending_at(tab, ctr0, &pending)) {
        tab_start_over(tab, false, true);
        return;
    }
    tab->from = ctr0;
    tab_met(tab, SIM_RESENT);
    tab_flush(tab);
}

static void take_reject(struct tab *tab, const struct pl_msg_reject *reject)
{
    struct pl_pending pending;
    if (tab->phase != TAB_LIVE)
        return;
    if (reject->code == PL_GAP) {
        take_gap(tab, reject->ctr0);
        return;
    }
    if (reject->n > 0 || !tab_pending_at(tab, reject->ctr0, &pending))
        return;
    if (tab->role >= PL_ROLE_EDITOR)
        tab_fail(tab, "an editor's batch was refused as nobody's");
    ledger_excuse(tab->env->ledger, pending.body, LEDGER_MAY_MISS);
    tab_met(tab, SIM_REFUSED);
    if (reject->ctr0 < tab->from)
        tab->from = reject->ctr0;
    if (pl_replica_refuse(tab->replica, reject->ctr0) != PL_OK)
        tab_fail(tab, "a refused batch could not be taken back");
    tab->next = reject->ctr0;
    tab_numbered(tab);
    tab_flush(tab);
}

static void take_error(struct tab *tab, uint64_t code)
{
    if (code == PL_TIMEOUT || code == PL_SLOW)
        tab_met(tab, SIM_TIMED_OUT);
    switch (code) {
    case PL_DRAINING:
    case PL_READ_ONLY:
    case PL_IO:
    case PL_SLOW:
    case PL_TIMEOUT:
    case PL_LIMIT: /* another socket of the same user claims its replica: a clone's */
        tab_start_over(tab, false, false);
        return;
    case PL_TICKET: /* its HELLO was long under way */
        tab_start_over(tab, false, false);
        return;
    default:
        tab_fail(tab, "an honest client was sent away for good");
    }
}

static void take(struct tab *tab, const struct pl_message *message)
{
    switch (message->type) {
    case PL_MESSAGE_WELCOME:
        take_welcome(tab, &message->as.welcome);
        break;
    case PL_MESSAGE_SNAPSHOT_BEGIN:
        take_begin(tab, &message->as.snapshot_begin);
        break;
    case PL_MESSAGE_SNAPSHOT_CHUNK:
        take_chunk(tab, &message->as.snapshot_chunk);
        break;
    case PL_MESSAGE_SNAPSHOT_END:
        take_end(tab);
        break;
    case PL_MESSAGE_OPS:
        take_ops(tab, message->as.ops.envelopes);
        break;
    case PL_MESSAGE_REJECT:
        take_reject(tab, &message->as.reject);
        break;
    case PL_MESSAGE_STATE:
        tab->held = message->as.state.board_state != 1;
        tab_flush(tab);
        break;
    case PL_MESSAGE_PEOPLE:
        if (!company_people(&tab->company, &message->as.people))
            tab_fail(tab, "PEOPLE is malformed");
        break;
    case PL_MESSAGE_PRESENCE:
        if (!company_presence(&tab->company, message->as.presence.body))
            tab_fail(tab, "PRESENCE is malformed");
        break;
    case PL_MESSAGE_GOAWAY:
        tab_rest(tab, message->as.goaway.retry_after_ms);
        break;
    case PL_MESSAGE_ERROR:
        take_error(tab, message->as.error.code);
        break;
    case PL_MESSAGE_ACK:
    case PL_MESSAGE_PONG:
        break;
    default:
        tab_fail(tab, "a server said what only clients say");
    }
}

void tab_receive(void *user, struct socket *socket, struct pl_slice frame)
{
    struct tab *tab = user;
    struct pl_message message;
    if (socket != tab->socket) {
        tab_met(tab, SIM_STALE);
        return; /* changes nothing */
    }
    tab->heard_ms = tab->env->now_ms;
    if (pl_message_read(frame, &message) != PL_OK)
        tab_fail(tab, "the server sent what cannot be read");
    else
        take(tab, &message);
}
