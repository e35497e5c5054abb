/* Recording: a track is made, segments are opened, chunks come. See op.h for the steps.
 *
 * A chunk is in its file, synced, before its row is written, and its row before it is answered (SPEC K6). The file is
 * written where the rows end, so what a crash left beyond them is written over. */
#include "store/media.h"
#include "track/op.h"
#include "track/sniff.h"
#include "track/time.h"
#include "track/timeline.h"
#include <string.h>

/* Making. */

static enum pl_status make_begin(struct track_op *op)
{
    uint64_t room;
    uint32_t track_n;
    enum pl_status status = ledger_room(op->tracks->ledger, op->asker.board, &room, &track_n);
    op->fresh = true;
    return status == PL_OK && track_n >= PL_TRACKS_MAX ? PL_QUOTA : status;
}

static enum pl_status make_settle(struct track_op *op, struct track_change *change)
{
    struct track *track = op->track;
    track->author = op->asker.user;
    track->made_ms = op->now_ms;
    change->about = true;
    op_audit(op, change, AUDIT_TRACK_MADE);
    return PL_OK;
}

static const struct track_act make = {.begin = make_begin, .settle = make_settle};

enum pl_status tracks_make(struct tracks *tracks, const struct track_asker *asker, struct pl_slice title,
                           tracks_done *done, void *user)
{
    enum pl_status status;
    if (asker->role < PL_ROLE_EDITOR)
        return PL_PERM;
    if (asker->user == 0)
        return PL_TICKET;
    const uint64_t id = random_u64(tracks->env.random);
    struct track_op *op = op_new(tracks, asker, id, &make, done, user, &status);
    if (op == NULL)
        return status;
    op->track = track_new(tracks->env.mem, asker->board, id);
    status = op->track == NULL                                        ? PL_NO_MEMORY
             : text_keep(title, op->track->title, PL_TITLE_BYTES_MAX) ? PL_OK
                                                                      : PL_TOO_BIG;
    if (status != PL_OK) {
        op_free(op);
        return status;
    }
    return op_push(op);
}

/* Opening. */

static enum pl_status open_begin(struct track_op *op)
{
    struct track *track = op->track;
    if (track->deleted_ms != 0)
        return PL_STATE;
    if (track->segment_n == PL_TRACK_SEGMENTS_MAX)
        return PL_QUOTA;
    op->segment = track->segment_n - 1; /* the one that may be open */
    if (track->segment_n > 0 && !track->segments[op->segment].done)
        return segment_close_check(op);
    return PL_OK;
}

static bool one_is_open(const struct track_op *op)
{
    return op->track->segment_n > 0 && !op->track->segments[op->track->segment_n - 1].done;
}

static void open_work(struct track_op *op)
{
    if (one_is_open(op))
        segment_close_work(op);
}

static enum pl_status open_settle(struct track_op *op, struct track_change *change)
{
    struct track *track = op->track;
    uint64_t head = 0;
    change->segment_i = track->segment_n;
    if (one_is_open(op)) {
        segment_close(op);
        change->segment_i--;
        change->segment_n++;
    }
    if (track_recorded_ms(track) >= PL_TRACK_MS_MAX) {
        op->outcome = PL_QUOTA; /* what was open is done all the same */
        return change->segment_n > 0 ? PL_OK : PL_QUOTA;
    }
    struct track_segment *segment = &track->segments[track->segment_n];
    memset(segment, 0, sizeof *segment);
    memcpy(segment->type, op->type, sizeof op->type);
    segment->from_ms = track_recorded_ms(track);
    enum pl_status status = store_head(op->tracks->env.store, track->board, &head);
    segment->first_seq = segment->last_seq = head;
    track->segment_n++;
    change->segment_n++;
    return status;
}

static void open_clean(struct track_op *op)
{
    if (op->files[TRACK_MEDIA].bytes + op->files[TRACK_TIMELINE].bytes > 0)
        segment_close_clean(op);
}

static const struct track_act open_segment = {.may_or_null = track_recorded,
                                              .begin = open_begin,
                                              .work_or_null = open_work,
                                              .settle = open_settle,
                                              .clean_or_null = open_clean};

/* Printable, for it is told again to everybody. */
static bool type_valid(struct pl_slice type)
{
    for (size_t i = 0; i < type.len; i++)
        if (type.data[i] < 0x20 || type.data[i] > 0x7e)
            return false;
    return true;
}

enum pl_status tracks_segment_open(struct tracks *tracks, const struct track_asker *asker, uint64_t track,
                                   struct pl_slice type, tracks_done *done, void *user)
{
    enum pl_status status;
    if (type.len > TRACK_TYPE_BYTES_MAX)
        return PL_TOO_BIG;
    if (!type_valid(type))
        return PL_INVALID;
    struct track_op *op = op_new(tracks, asker, track, &open_segment, done, user, &status);
    if (op == NULL)
        return status;
    (void)text_keep(type, op->type, TRACK_TYPE_BYTES_MAX);
    return op_push(op);
}

/* Chunks. */

/* One that is there already: the same, or another? */
static enum pl_status again(struct track_op *op)
{
    const struct track_upload *upload = &op->upload;
    struct track_chunk chunk;
    enum pl_status status = store_track_chunk(op->tracks->env.store, op->track, upload->segment, upload->stream,
                                              upload->chunk, &chunk);
    if (status != PL_OK)
        return status == PL_NOT_FOUND ? PL_CORRUPT : status;
    op->skip = true;
    op->next_chunk = upload->chunk + 1;
    return memcmp(chunk.hash, upload->hash, DIGEST_BYTES) == 0 ? PL_OK : PL_DIVERGED;
}

static enum pl_status room_check(struct track_op *op, const struct track_segment *segment)
{
    const size_t len = op->bytes.len;
    if (op->upload.stream == TRACK_TIMELINE &&
        segment->flows[TRACK_TIMELINE].bytes + len > PL_TRACK_TIMELINE_BYTES_MAX)
        return PL_QUOTA;
    if (track_bytes(op->track) + len > PL_TRACK_BYTES_MAX || track_chunks(op->track) >= PL_TRACK_CHUNKS_MAX)
        return PL_QUOTA;
    return op_promise(op, len);
}

/* What media are, as far as this chunk alone tells. */
static enum pl_status media_check(const struct track_op *op, const struct track_segment *segment)
{
    if (segment->type[0] == '\0')
        return PL_TYPE;
    if (op->upload.chunk > 0)
        return PL_OK;
    const enum media_kind kind = media_sniff(pl_buf_slice(&op->bytes));
    return kind == MEDIA_WEBM || kind == MEDIA_MP4 || kind == MEDIA_OGG ? PL_OK : PL_TYPE;
}

/* In a worker: a chunk may hold a quarter of a million events. */
static enum pl_status timeline_look(struct track_op *op, const struct track_segment *segment)
{
    struct timeline_facts facts;
    enum pl_status status = timeline_check(pl_buf_slice(&op->bytes), segment->said_ms, &facts);
    if (status != PL_OK)
        return status;
    if (op->upload.chunk == 0 && !facts.begins) {
        op->why_or_null = "a segment's timeline begins with a viewport at 0, and entries with one at 0";
        return PL_INVALID;
    }
    op->said_ms = facts.last_ms;
    op->said_seq = facts.seq;
    op->stood_at = facts.stood_at;
    return segment->from_ms + facts.last_ms > PL_TRACK_MS_MAX ? PL_QUOTA : PL_OK;
}

static enum pl_status chunk_begin(struct track_op *op)
{
    const struct track_upload *upload = &op->upload;
    if (upload->segment >= op->track->segment_n)
        return PL_NOT_FOUND;
    const struct track_segment *segment = &op->track->segments[upload->segment];
    const struct track_flow *flow = &segment->flows[upload->stream];
    op->stream = upload->stream;
    op->next_chunk = flow->chunk_n;
    if (upload->chunk < flow->chunk_n)
        return again(op);
    if (segment->done || op->track->deleted_ms != 0)
        return PL_STATE;
    if (upload->chunk > flow->chunk_n)
        return PL_GAP;
    if (op->bytes.len == 0)
        return PL_INVALID;
    enum pl_status status = upload->stream == TRACK_MEDIA ? media_check(op, segment) : PL_OK;
    return status == PL_OK ? room_check(op, segment) : status;
}

static void chunk_work(struct track_op *op)
{
    const struct tracks *tracks = op->tracks;
    const struct track_upload *upload = &op->upload;
    uint8_t hash[DIGEST_BYTES];
    char name[MEDIA_NAME_BYTES];
    if (!digest_of(tracks->env.digest, op->bytes.data, op->bytes.len, hash)) {
        op->status = PL_NO_MEMORY;
        return;
    }
    if (memcmp(hash, upload->hash, sizeof hash) != 0) {
        op->status = PL_DIGEST;
        return;
    }
    const struct track_segment *segment = &op->track->segments[upload->segment];
    if (upload->stream == TRACK_TIMELINE && (op->status = timeline_look(op, segment)) != PL_OK)
        return;
    media_part_name(op->asker.board, op->id, upload->segment, stream_name(upload->stream), name);
    op->status = media_part_write(tracks->dir, name, segment->flows[upload->stream].bytes, pl_buf_slice(&op->bytes));
    if (op->status == PL_CORRUPT)
        part_measure(op, upload->segment, upload->stream);
}

/* Whether an entry was written so soon after the segment's first that it can have been shown. One that is not kept any more
 * is not: nobody could see it. */
static enum pl_status span_reaches(const struct track_op *op, const struct track_segment *segment, uint64_t seq,
                                   bool *ret_reaches)
{
    uint64_t ms = 0;
    enum pl_status status = store_span_ms(op->tracks->env.store, op->asker.board, segment->first_seq, seq, &ms);
    *ret_reaches = status == PL_OK && ms <= (uint64_t)segment->said_ms + PL_TRACK_PAUSES_MS_MAX;
    return status == PL_NOT_FOUND ? PL_OK : status;
}

/* What the segment spans is what its timeline says of it (K8): from where the board stood when it began, to the newest entry
 * named since. A recorder may have been behind when it opened the segment, or it sends what it recorded days ago: then what
 * happened in between is none of it. */
static enum pl_status span_extend(struct track_op *op, struct track_segment *segment)
{
    const uint64_t began = op->upload.chunk == 0 ? op->stood_at : 0;
    uint64_t head;
    bool reaches = false;
    enum pl_status status = store_head(op->tracks->env.store, op->asker.board, &head);
    if (status != PL_OK)
        return status;
    if (began != 0 && began < segment->first_seq)
        segment->first_seq = segment->last_seq = began;
    const uint64_t newest = op->said_seq < head ? op->said_seq : head; /* what is not durable yet comes again */
    if (newest > segment->last_seq)
        status = span_reaches(op, segment, newest, &reaches);
    if (reaches)
        segment->last_seq = newest;
    return status;
}

static enum pl_status chunk_settle(struct track_op *op, struct track_change *change)
{
    const struct track_upload *upload = &op->upload;
    struct track_segment *segment = &op->track->segments[upload->segment];
    struct track_flow *flow = &segment->flows[upload->stream];
    op->written = (struct track_chunk){.at = flow->bytes, .bytes = (uint32_t)op->bytes.len};
    memcpy(op->written.hash, upload->hash, DIGEST_BYTES);
    flow->bytes += op->bytes.len;
    op->next_chunk = ++flow->chunk_n;
    *change = (struct track_change){.segment_n = 1,
                                    .segment_i = upload->segment,
                                    .chunk_or_null = &op->written,
                                    .stream = upload->stream,
                                    .chunk_i = upload->chunk};
    if (upload->stream != TRACK_TIMELINE)
        return PL_OK;
    segment->said_ms = op->said_ms;
    if (segment->length_ms < op->said_ms)
        segment->length_ms = (uint32_t)op->said_ms; /* so far */
    return span_extend(op, segment);
}

static const struct track_act put_chunk = {
    .may_or_null = track_recorded, .begin = chunk_begin, .work_or_null = chunk_work, .settle = chunk_settle};

enum pl_status tracks_chunk(struct tracks *tracks, const struct track_asker *asker, const struct track_upload *upload,
                            tracks_done *done, void *user)
{
    enum pl_status status;
    if (upload->bytes.len > PL_TRACK_CHUNK_BYTES_MAX)
        return PL_TOO_BIG;
    struct track_op *op = op_new(tracks, asker, upload->track, &put_chunk, done, user, &status);
    if (op == NULL)
        return status;
    op->upload = *upload;
    pl_buf_append(&op->bytes, upload->bytes.data, upload->bytes.len);
    op->upload.bytes = (struct pl_slice){0};
    return op_push(op);
}
