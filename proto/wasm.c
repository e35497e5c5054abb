/* The engine as WebAssembly: pl_replica and pl_history behind six exports and a table of methods.
 *
 * A request is n bytes at pl_wasm_input, a reply pl_wasm_output_len bytes at pl_wasm_output until the next call.
 * pl_wasm_call returns a pl_status number; on anything but 0 there is no reply and nothing changed.
 *
 *   1 LOAD      snapshot bytes (none: empty board) -> changes     7 UNDO      -> changes
 *   2 RESTORE   batch body bytes -> changes                       8 REDO      -> changes
 *   3 IDENTIFY  [replica, hwm, user] -> changes                   9 PENDING   -> [[ctr0, n, body], ...]
 *   4 OPS       a whole OPS message -> changes                   11 SNAPSHOT  -> [seq, bytes]
 *   5 REFUSE    [ctr0] -> changes                                12 HASHES    -> [state, view], 8 bytes each
 *   6 EDIT      [gesture, edits, joins] -> [changes, [id, ...]]
 *               joins: the newest pending batch was never handed to a socket, so this may become part of it
 *  13 TEXT_MAX  [scalars] -> no reply: what pl_replica_set_text_max says
 *  14 ANCHORS, 15 PLACES, 16 AUTHORS: see ask.h
 *
 * And of a board's past (history.h), which has nothing to do with the replica:
 *  17 PAST_OPEN    snapshot bytes (none: empty board) -> extent, [first seq, last seq, when it was, when it was]
 *  18 PAST_OPS     a whole OPS message of entries that follow -> extent; those it has are passed over
 *  19 PAST_MOVE    [seq] -> [changes, when it was]; the changes since the last move, the first time a reset
 *  20 PAST_WHEN    [ms] -> the last seq at or before that time, or the first one
 *  21 PAST_AUTHORS see AUTHORS
 *  22 PAST_HASH    -> the state's hash, 8 bytes
 * "corrupt": an entry on the way is none that a journal can hold; then the past is of no use until it is opened anew.
 *
 * What changes are says report.h. */
#include "proto/ask.h"
#include "proto/history.h"
#include "proto/message.h"
#include "proto/reader.h"
#include "proto/replica.h"
#include "proto/report.h"
#include "proto/writer.h"

#ifdef __wasm__
#define PL_EXPORT(name) __attribute__((export_name(#name)))
#else
#define PL_EXPORT(name)
#endif

enum method {
    METHOD_LOAD = 1,
    METHOD_RESTORE,
    METHOD_IDENTIFY,
    METHOD_OPS,
    METHOD_REFUSE,
    METHOD_EDIT,
    METHOD_UNDO,
    METHOD_REDO,
    METHOD_PENDING,
    METHOD_SNAPSHOT = 11,
    METHOD_HASHES,
    METHOD_TEXT_MAX,
    METHOD_ANCHORS,
    METHOD_PLACES,
    METHOD_AUTHORS,
    METHOD_PAST_OPEN,
    METHOD_PAST_OPS,
    METHOD_PAST_MOVE,
    METHOD_PAST_WHEN,
    METHOD_PAST_AUTHORS,
    METHOD_PAST_HASH,
};

struct pl_wasm {
    const struct pl_mem *mem;
    struct pl_replica *replica;
    struct pl_buf input;
    struct pl_buf output;
    struct pl_report report; /* of the call under way */
    struct pl_history *past_or_null;
    bool past_told; /* how it looks: only changes are left to tell */
};

struct pl_wasm *pl_wasm_new(void);
void pl_wasm_free(struct pl_wasm *wasm);
uint8_t *pl_wasm_input(struct pl_wasm *wasm, uint32_t n);
uint32_t pl_wasm_call(struct pl_wasm *wasm, uint32_t method, uint32_t n);
const uint8_t *pl_wasm_output(const struct pl_wasm *wasm);
uint32_t pl_wasm_output_len(const struct pl_wasm *wasm);

PL_EXPORT(pl_wasm_new) struct pl_wasm *pl_wasm_new(void)
{
    const struct pl_mem *mem = pl_mem_libc();
    struct pl_wasm *wasm = pl_mem_get(mem, sizeof *wasm);
    if (wasm == NULL)
        return NULL;
    *wasm = (struct pl_wasm){.mem = mem, .replica = pl_replica_new(mem)};
    pl_buf_init(&wasm->input, mem);
    pl_buf_init(&wasm->output, mem);
    pl_report_init(&wasm->report, mem);
    if (wasm->replica == NULL) {
        pl_mem_put(mem, wasm);
        return NULL;
    }
    const struct pl_observer observer = pl_report_observer(&wasm->report);
    pl_replica_observe(wasm->replica, &observer);
    return wasm;
}

PL_EXPORT(pl_wasm_free) void pl_wasm_free(struct pl_wasm *wasm)
{
    pl_replica_free(wasm->replica);
    pl_buf_done(&wasm->input);
    pl_buf_done(&wasm->output);
    pl_report_done(&wasm->report);
    pl_history_free(wasm->past_or_null);
    pl_mem_put(wasm->mem, wasm);
}

PL_EXPORT(pl_wasm_input) uint8_t *pl_wasm_input(struct pl_wasm *wasm, uint32_t n)
{
    pl_buf_clear(&wasm->input);
    return pl_buf_reserve(&wasm->input, n + 1u) ? wasm->input.data : NULL;
}

PL_EXPORT(pl_wasm_output) const uint8_t *pl_wasm_output(const struct pl_wasm *wasm)
{
    return wasm->output.data;
}

PL_EXPORT(pl_wasm_output_len) uint32_t pl_wasm_output_len(const struct pl_wasm *wasm)
{
    return (uint32_t)wasm->output.len;
}

static struct pl_sight sight_of(const struct pl_wasm *wasm)
{
    return (struct pl_sight){.replica_or_null = wasm->replica};
}

static struct pl_sight past_sight(const struct pl_wasm *wasm)
{
    return (struct pl_sight){.doc = pl_history_doc(wasm->past_or_null)};
}

static enum pl_status write_changes(struct pl_wasm *wasm, struct pl_sight sight)
{
    return pl_report_write(&wasm->report, &sight, &wasm->output) ? PL_OK : PL_NO_MEMORY;
}

static enum pl_status call_load(struct pl_wasm *wasm, struct pl_slice request)
{
    const struct pl_sight sight = sight_of(wasm);
    const enum pl_status status = pl_replica_load(wasm->replica, request);
    if (status == PL_OK)
        pl_report_all(&wasm->report, &sight);
    return status;
}

static enum pl_status call_identify(struct pl_wasm *wasm, struct pl_slice request)
{
    struct pl_reader reader = pl_reader_of(request);
    uint32_t replica;
    uint64_t hwm, user;
    if (!pl_read_array_of(&reader, 3) || !pl_read_u32(&reader, &replica) ||
        !pl_read_u53(&reader, &hwm) || !pl_read_u53(&reader, &user))
        return PL_MALFORMED;
    return pl_replica_identify(wasm->replica, replica, hwm, user);
}

/* Each entry of an OPS message, to the replica or to the past. */
static enum pl_status take_ops(struct pl_wasm *wasm, struct pl_slice request, struct pl_history *past_or_null)
{
    struct pl_message message;
    uint32_t n;
    enum pl_status status = pl_message_read(request, &message);
    if (status != PL_OK || message.type != PL_MESSAGE_OPS)
        return PL_MALFORMED;
    struct pl_reader reader = pl_reader_of(message.as.ops.envelopes);
    if (!pl_read_array(&reader, &n))
        return PL_MALFORMED;
    for (uint32_t i = 0; i < n; i++) {
        struct pl_envelope envelope;
        if (!pl_envelope_read(&reader, &envelope))
            return PL_MALFORMED;
        status = past_or_null != NULL ? pl_history_append(past_or_null, &envelope)
                                      : pl_replica_apply(wasm->replica, &envelope);
        if (status != PL_OK && status != PL_DUPLICATE)
            return status;
    }
    return PL_OK;
}

static enum pl_status call_refuse(struct pl_wasm *wasm, struct pl_slice request)
{
    struct pl_reader reader = pl_reader_of(request);
    uint64_t ctr0;
    if (!pl_read_array_of(&reader, 1) || !pl_read_u53(&reader, &ctr0))
        return PL_MALFORMED;
    return pl_replica_refuse(wasm->replica, ctr0);
}

/* The created ids follow the changes, which can only be written afterwards: they wait in a buffer. */
static enum pl_status call_edit(struct pl_wasm *wasm, struct pl_slice request)
{
    struct pl_reader reader = pl_reader_of(request);
    struct pl_buf created;
    struct pl_slice edits;
    uint64_t gesture;
    size_t created_n = 0;
    bool joins;
    if (!pl_read_array_of(&reader, 3) || !pl_read_u53(&reader, &gesture) ||
        !pl_read_raw(&reader, &edits) || !pl_read_bool(&reader, &joins))
        return PL_MALFORMED;
    pl_buf_init(&created, wasm->mem);
    enum pl_status status = pl_replica_edit(wasm->replica, gesture, joins, edits, &created, &created_n);
    if (status == PL_OK) {
        pl_write_array(&wasm->output, 2);
        status = write_changes(wasm, sight_of(wasm));
        pl_write_array(&wasm->output, created_n);
        pl_write_raw(&wasm->output, pl_buf_slice(&created));
    }
    pl_buf_done(&created);
    return status;
}

static enum pl_status call_pending(struct pl_wasm *wasm)
{
    struct pl_pending pending;
    pl_write_array(&wasm->output, pl_replica_pending_n(wasm->replica));
    for (size_t i = 0; pl_replica_pending_at(wasm->replica, i, &pending); i++) {
        pl_write_array(&wasm->output, 3);
        pl_write_uint(&wasm->output, pending.ctr0);
        pl_write_uint(&wasm->output, pending.ctr_n);
        pl_write_bin(&wasm->output, pending.body);
    }
    return PL_OK;
}

static enum pl_status call_snapshot(struct pl_wasm *wasm)
{
    struct pl_doc *doc = pl_replica_doc(wasm->replica);
    struct pl_buf bytes;
    pl_buf_init(&bytes, wasm->mem);
    pl_doc_snapshot(doc, &bytes);
    const bool failed = bytes.failed;
    pl_write_array(&wasm->output, 2);
    pl_write_uint(&wasm->output, pl_doc_head(doc));
    pl_write_bin(&wasm->output, pl_buf_slice(&bytes));
    pl_buf_done(&bytes);
    return failed ? PL_NO_MEMORY : PL_OK;
}

static void write_hash(struct pl_buf *buf, uint64_t hash)
{
    uint8_t bytes[8];
    pl_u64_to_bytes(hash, bytes);
    pl_write_bin(buf, (struct pl_slice){.data = bytes, .len = sizeof bytes});
}

static enum pl_status call_hashes(struct pl_wasm *wasm)
{
    pl_write_array(&wasm->output, 2);
    write_hash(&wasm->output, pl_doc_state_hash(pl_replica_doc(wasm->replica)));
    write_hash(&wasm->output, pl_replica_view_hash(wasm->replica));
    return PL_OK;
}

static enum pl_status call_text_max(struct pl_wasm *wasm, struct pl_slice request)
{
    struct pl_reader reader = pl_reader_of(request);
    uint32_t scalars;
    if (!pl_read_array_of(&reader, 1) || !pl_read_u32(&reader, &scalars))
        return PL_MALFORMED;
    pl_replica_set_text_max(wasm->replica, scalars);
    return PL_OK;
}

static uint64_t past_ms(const struct pl_wasm *wasm, uint64_t seq)
{
    return pl_history_srv_ms(wasm->past_or_null, seq);
}

static enum pl_status write_extent(struct pl_wasm *wasm)
{
    const uint64_t first = pl_history_first(wasm->past_or_null), last = pl_history_last(wasm->past_or_null);
    pl_write_array(&wasm->output, 4);
    pl_write_uint(&wasm->output, first);
    pl_write_uint(&wasm->output, last);
    pl_write_uint(&wasm->output, past_ms(wasm, first));
    pl_write_uint(&wasm->output, past_ms(wasm, last));
    return PL_OK;
}

static enum pl_status past_open(struct pl_wasm *wasm, struct pl_slice snapshot)
{
    struct pl_history *past;
    const enum pl_status status = pl_history_open(wasm->mem, snapshot, PL_HISTORY_LIMITS, &past);
    if (status != PL_OK)
        return status;
    pl_history_free(wasm->past_or_null);
    wasm->past_or_null = past;
    wasm->past_told = false;
    return write_extent(wasm);
}

static enum pl_status past_ops(struct pl_wasm *wasm, struct pl_slice request)
{
    const enum pl_status status = take_ops(wasm, request, wasm->past_or_null);
    return status == PL_OK ? write_extent(wasm) : status;
}

static enum pl_status past_move(struct pl_wasm *wasm, uint64_t seq)
{
    const struct pl_observer observer = pl_report_observer(&wasm->report);
    bool anew;
    enum pl_status status = pl_history_move(wasm->past_or_null, seq, &observer, &anew);
    if (status != PL_OK)
        return status;
    const struct pl_sight sight = past_sight(wasm);
    if (anew || !wasm->past_told)
        pl_report_all(&wasm->report, &sight);
    pl_write_array(&wasm->output, 2);
    status = write_changes(wasm, sight);
    wasm->past_told = status == PL_OK;
    pl_write_uint(&wasm->output, past_ms(wasm, seq));
    return status;
}

/* PAST_MOVE and PAST_WHEN: [number]. */
static enum pl_status past_at(struct pl_wasm *wasm, enum method method, struct pl_slice request)
{
    struct pl_reader reader = pl_reader_of(request);
    uint64_t at;
    if (!pl_read_array_of(&reader, 1) || !pl_read_u53(&reader, &at))
        return PL_MALFORMED;
    if (method == METHOD_PAST_MOVE)
        return past_move(wasm, at);
    pl_write_uint(&wasm->output, pl_history_seq(wasm->past_or_null, at));
    return PL_OK;
}

static enum pl_status ask_authors(struct pl_wasm *wasm, struct pl_sight sight, struct pl_slice request)
{
    return pl_ask_authors(&sight, request, &wasm->output);
}

/* Methods of the past. */
static enum pl_status query_past(struct pl_wasm *wasm, enum method method, struct pl_slice request)
{
    if (wasm->past_or_null == NULL && method != METHOD_PAST_OPEN)
        return PL_STATE;
    switch (method) {
    case METHOD_PAST_OPEN:
        return past_open(wasm, request);
    case METHOD_PAST_OPS:
        return past_ops(wasm, request);
    case METHOD_PAST_MOVE:
    case METHOD_PAST_WHEN:
        return past_at(wasm, method, request);
    case METHOD_PAST_AUTHORS:
        return ask_authors(wasm, past_sight(wasm), request);
    case METHOD_PAST_HASH:
        write_hash(&wasm->output, pl_doc_state_hash(pl_history_doc(wasm->past_or_null)));
        return PL_OK;
    default:
        return PL_METHOD;
    }
}

/* Methods that write their own reply. */
static enum pl_status query(struct pl_wasm *wasm, enum method method, struct pl_slice request)
{
    switch (method) {
    case METHOD_EDIT:
        return call_edit(wasm, request);
    case METHOD_PENDING:
        return call_pending(wasm);
    case METHOD_SNAPSHOT:
        return call_snapshot(wasm);
    case METHOD_HASHES:
        return call_hashes(wasm);
    case METHOD_TEXT_MAX:
        return call_text_max(wasm, request);
    case METHOD_ANCHORS:
        return pl_ask_anchors(wasm->replica, request, &wasm->output);
    case METHOD_PLACES:
        return pl_ask_places(wasm->replica, request, &wasm->output);
    case METHOD_AUTHORS:
        return ask_authors(wasm, sight_of(wasm), request);
    case METHOD_PAST_OPEN:
    case METHOD_PAST_OPS:
    case METHOD_PAST_MOVE:
    case METHOD_PAST_WHEN:
    case METHOD_PAST_AUTHORS:
    case METHOD_PAST_HASH:
        return query_past(wasm, method, request);
    default:
        return PL_METHOD;
    }
}

/* Methods that reply with what they changed. `ret_handled` false: not one of them. */
static enum pl_status change(struct pl_wasm *wasm, enum method method, struct pl_slice request,
                             bool *ret_handled)
{
    *ret_handled = true;
    switch (method) {
    case METHOD_LOAD:
        return call_load(wasm, request);
    case METHOD_RESTORE:
        return pl_replica_restore(wasm->replica, request);
    case METHOD_IDENTIFY:
        return call_identify(wasm, request);
    case METHOD_OPS:
        return take_ops(wasm, request, NULL);
    case METHOD_REFUSE:
        return call_refuse(wasm, request);
    case METHOD_UNDO:
        return pl_replica_undo(wasm->replica);
    case METHOD_REDO:
        return pl_replica_redo(wasm->replica);
    default:
        *ret_handled = false;
        return PL_OK;
    }
}

PL_EXPORT(pl_wasm_call) uint32_t pl_wasm_call(struct pl_wasm *wasm, uint32_t method, uint32_t n)
{
    const struct pl_slice request = {.data = wasm->input.data, .len = n};
    bool handled;
    pl_buf_clear(&wasm->output);
    pl_report_begin(&wasm->report);
    enum pl_status status = change(wasm, (enum method)method, request, &handled);
    /* Nothing to undo, nothing to refuse, already there: the reply says that nothing changed. */
    if (handled && (status == PL_NOT_FOUND || status == PL_DUPLICATE))
        status = PL_OK;
    if (status == PL_OK && handled)
        status = write_changes(wasm, sight_of(wasm));
    else if (status == PL_OK)
        status = query(wasm, (enum method)method, request);
    if (status == PL_OK && wasm->output.failed)
        status = PL_NO_MEMORY;
    return status;
}
