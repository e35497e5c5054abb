/* An open segment becomes a done one: what was uploaded becomes whole files, named by their hashes. WebM gets its length
 * and an index on the way; everything else is taken as it is.
 *
 * The parts stay until the rows that name the whole files are durable: a crash in between leaves an open segment, as it
 * was, and files that the next sweep finds nobody refers to. */
#include "store/media.h"
#include "track/op.h"
#include "track/sniff.h"
#include "track/time.h"
#include "track/webm.h"
#include <string.h>
#include <unistd.h>

#define COPY_BYTES       (256u * 1024u)
#define GROWTH_BYTES_MAX (512u * 1024u) /* of the index, and of longer heads: an hour's recording takes about 150 KiB */

static const char *const whole_names[TRACK_STREAM_N] = {[TRACK_MEDIA] = "media-whole",
                                                        [TRACK_TIMELINE] = "timeline-whole"};

enum pl_status segment_close_check(struct track_op *op)
{
    const struct track_segment *segment = &op->track->segments[op->segment];
    for (enum track_stream i = 0; op->counted && i < TRACK_STREAM_N; i++) {
        op->stream = i;
        op->next_chunk = segment->flows[i].chunk_n;
        if (op->counts[i] != segment->flows[i].chunk_n)
            return op->counts[i] > segment->flows[i].chunk_n ? PL_GAP : PL_DIVERGED;
    }
    op->copies = track_segment_bytes(segment);
    return segment->from_ms + (uint64_t)op->length_ms > PL_TRACK_MS_MAX ? PL_QUOTA : PL_OK;
}

/* A stream's part, and the whole file that comes of it. */
struct closing {
    struct media_maker maker;
    uint8_t *block; /* of COPY_BYTES */
    int fd;
    uint64_t bytes;
};

static void as_it_is(struct closing *closing)
{
    for (uint64_t at = 0; at < closing->bytes;) {
        const uint64_t left = closing->bytes - at;
        const size_t n = left < COPY_BYTES ? (size_t)left : COPY_BYTES;
        if (!media_read(closing->fd, at, closing->block, n))
            closing->maker.status = PL_IO;
        if (!media_make_add(&closing->maker, closing->block, n))
            return;
        at += n;
    }
}

static bool source_read(void *user, uint64_t at, uint8_t *ret_bytes, size_t len)
{
    return media_read(((const struct closing *)user)->fd, at, ret_bytes, len);
}

static bool sink_write(void *user, struct pl_slice bytes)
{
    return media_make_add(&((struct closing *)user)->maker, bytes.data, bytes.len);
}

/* What cannot be indexed is kept as it is: a browser may still play what we do not understand. So is what would grow
 * by more than an index: many tiny Clusters, whose heads we write longer, would take more than was uploaded. */
static void indexed(struct track_op *op, struct closing *closing)
{
    const struct webm_source source = {.read = source_read, .user = closing, .bytes = closing->bytes};
    const struct webm_sink sink = {.write = sink_write, .user = closing};
    struct webm *webm = NULL;
    enum pl_status status = webm_scan(op->tracks->env.mem, &source, &webm);
    if (status == PL_OK)
        op->media_ms = webm_facts(webm).length_ms;
    const bool grows = status == PL_OK && webm_facts(webm).bytes > closing->bytes + GROWTH_BYTES_MAX;
    if (status == PL_OK && !webm_facts(webm).seekable && !grows) {
        status = webm_write(webm, &source, &sink);
        if (status != PL_OK && closing->maker.status == PL_OK)
            closing->maker.status = status;
    } else if (status == PL_OK || status == PL_INVALID || status == PL_TOO_BIG) {
        as_it_is(closing);
    } else {
        closing->maker.status = status;
    }
    webm_free(webm);
}

/* One stream's part becomes a whole file. */
static enum pl_status whole_make(struct track_op *op, enum track_stream stream, struct closing *closing)
{
    const struct tracks *tracks = op->tracks;
    const char *told = op->track->segments[op->segment].type;
    struct track_file *file = &op->files[stream];
    char name[MEDIA_NAME_BYTES];
    const size_t head_len = closing->bytes < MEDIA_HEAD_BYTES ? (size_t)closing->bytes : MEDIA_HEAD_BYTES;
    if (!media_read(closing->fd, 0, closing->block, head_len))
        return PL_IO;
    const enum media_kind kind =
        stream == TRACK_MEDIA ? media_sniff((struct pl_slice){closing->block, head_len}) : MEDIA_NONE;
    if (media_room(tracks->dir) < closing->bytes)
        return PL_QUOTA; /* for a while both are there */
    media_part_name(op->asker.board, op->id, op->segment, whole_names[stream], name);
    enum pl_status status = media_make(&closing->maker, tracks->dir, name, tracks->env.digest);
    if (status != PL_OK)
        return status;
    if (stream == TRACK_MEDIA)
        media_content_type(kind, (struct pl_slice){(const uint8_t *)told, strlen(told)}, file->type);
    else
        strcpy(file->type, "application/vnd.msgpack");
    if (kind == MEDIA_WEBM)
        indexed(op, closing);
    else
        as_it_is(closing);
    file->bytes = closing->maker.bytes;
    return media_make_end(&closing->maker, file->hash);
}

void segment_close_work(struct track_op *op)
{
    const struct track_segment *segment = &op->track->segments[op->segment];
    struct closing closing = {.block = pl_mem_get(op->tracks->env.mem, COPY_BYTES)};
    op->status = closing.block == NULL ? PL_NO_MEMORY : PL_OK;
    for (enum track_stream i = 0; op->status == PL_OK && i < TRACK_STREAM_N; i++) {
        char name[MEDIA_NAME_BYTES];
        closing.bytes = segment->flows[i].bytes;
        if (closing.bytes == 0)
            continue;
        media_part_name(op->asker.board, op->id, op->segment, stream_name(i), name);
        op->status = media_part_open(op->tracks->dir, name, closing.bytes, &closing.fd);
        if (op->status == PL_CORRUPT)
            part_measure(op, op->segment, i);
        if (op->status != PL_OK)
            break;
        op->status = whole_make(op, i, &closing);
        close(closing.fd);
    }
    pl_mem_put(op->tracks->env.mem, closing.block);
}

/* Its media's clock is the truth, if that can be told; then the recorder's; an event told is never beyond the end. */
void segment_close(struct track_op *op)
{
    struct track_segment *segment = &op->track->segments[op->segment];
    segment->done = true;
    const uint32_t left_ms = PL_TRACK_MS_MAX - segment->from_ms;
    uint64_t ms = op->media_ms > 0 ? op->media_ms : op->length_ms;
    if (ms < (uint64_t)segment->said_ms)
        ms = (uint64_t)segment->said_ms;
    segment->length_ms = ms < left_ms ? (uint32_t)ms : left_ms;
    for (size_t i = 0; i < TRACK_STREAM_N; i++)
        segment->flows[i].file = op->files[i];
}

/* Held, they are the next sweep's. */
void segment_close_clean(struct track_op *op)
{
    if (media_held(op->tracks->dir))
        return;
    for (enum track_stream i = 0; i < TRACK_STREAM_N; i++) {
        char name[MEDIA_NAME_BYTES];
        media_part_name(op->asker.board, op->id, op->segment, stream_name(i), name);
        media_remove(op->tracks->dir, name);
    }
}

/* Of a deleted track too: only with a segment that is done can it be taken back. */
static enum pl_status finish_begin(struct track_op *op)
{
    const struct track *track = op->track;
    if (op->segment >= track->segment_n)
        return PL_NOT_FOUND;
    op->skip = track->segments[op->segment].done; /* asked twice */
    return op->skip && !op->counted ? PL_OK : segment_close_check(op);
}

static enum pl_status finish_settle(struct track_op *op, struct track_change *change)
{
    segment_close(op);
    change->segment_i = op->segment;
    change->segment_n = 1;
    return PL_OK;
}

static const struct track_act finish = {.may_or_null = track_recorded,
                                        .begin = finish_begin,
                                        .work_or_null = segment_close_work,
                                        .settle = finish_settle,
                                        .clean_or_null = segment_close_clean};

enum pl_status tracks_segment_finish(struct tracks *tracks, const struct track_asker *asker, uint64_t track,
                                     uint32_t segment, uint32_t length_ms, const uint32_t *chunks_or_null,
                                     tracks_done *done, void *user)
{
    enum pl_status status;
    if (length_ms > PL_TRACK_MS_MAX)
        return PL_INVALID;
    struct track_op *op = op_new(tracks, asker, track, &finish, done, user, &status);
    if (op == NULL)
        return status;
    op->segment = segment;
    op->length_ms = length_ms;
    op->counted = chunks_or_null != NULL;
    if (op->counted)
        memcpy(op->counts, chunks_or_null, sizeof op->counts);
    return op_push(op);
}
