/* An open segment becomes a done one: what was uploaded becomes whole files, named by their hashes. WebM gets its length
 * and an index on the way; everything else is taken as it is.
 *
 * The parts stay until the rows that name the whole files are durable: a crash in between leaves an open segment, as it
 * was, and files that the next sweep finds nobody refers to. */
#include "store/media.h"
#include "track/op.h"
#include "track/sniff.h"
#include "track/time.h"
#include <string.h>
#include <unistd.h>

#define COPY_BYTES (256u * 1024u)
#define HEAD_BYTES 64u

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
    if (segment->from_ms + (uint64_t)op->length_ms > PL_TRACK_MS_MAX)
        return PL_QUOTA;
    return PL_OK;
}

static bool as_it_is(int fd, uint64_t bytes, uint8_t *block, struct media_maker *maker)
{
    for (uint64_t at = 0; at < bytes;) {
        const size_t n = bytes - at < COPY_BYTES ? (size_t)(bytes - at) : COPY_BYTES;
        if (!media_read(fd, at, block, n)) {
            maker->status = PL_IO;
            return false;
        }
        if (!media_make_add(maker, block, n))
            return false;
        at += n;
    }
    return true;
}

/* One stream's part becomes a whole file. */
static enum pl_status whole_make(struct track_op *op, enum track_stream stream, const struct track_flow *flow, int fd,
                                 uint8_t *block)
{
    const struct tracks *tracks = op->tracks;
    struct track_file *file = &op->files[stream];
    struct media_maker maker;
    char name[MEDIA_NAME_BYTES], type[MEDIA_TYPE_BYTES_MAX];
    uint8_t head[HEAD_BYTES];
    const size_t head_len = flow->bytes < HEAD_BYTES ? (size_t)flow->bytes : HEAD_BYTES;
    media_part_name(op->id, op->segment, whole_names[stream], name);
    if (!media_read(fd, 0, head, head_len))
        return PL_IO;
    enum pl_status status = media_make(&maker, tracks->dir, name, tracks->env.digest);
    if (status != PL_OK)
        return status;
    const struct pl_slice told = {(const uint8_t *)op->track->segments[op->segment].type,
                                  strlen(op->track->segments[op->segment].type)};
    const enum media_kind kind = media_sniff((struct pl_slice){head, head_len});
    bool good;
    if (stream == TRACK_TIMELINE) {
        strcpy(file->type, "application/vnd.msgpack");
        good = as_it_is(fd, flow->bytes, block, &maker);
    } else {
        media_content_type(kind, told, type);
        memcpy(file->type, type, strlen(type) + 1);
        good = as_it_is(fd, flow->bytes, block, &maker);
    }
    file->bytes = maker.bytes;
    return media_make_end(&maker, good, file->hash);
}

void segment_close_work(struct track_op *op)
{
    const struct track_segment *segment = &op->track->segments[op->segment];
    uint8_t *block = pl_mem_get(op->tracks->env.mem, COPY_BYTES);
    op->status = block == NULL ? PL_NO_MEMORY : PL_OK;
    for (enum track_stream i = 0; op->status == PL_OK && i < TRACK_STREAM_N; i++) {
        const struct track_flow *flow = &segment->flows[i];
        char name[MEDIA_NAME_BYTES];
        int fd;
        if (flow->bytes == 0)
            continue;
        media_part_name(op->id, op->segment, stream_name(i), name);
        op->status = media_part_open(op->tracks->dir, name, flow->bytes, &fd);
        if (op->status != PL_OK)
            break;
        op->status = whole_make(op, i, flow, fd, block);
        close(fd);
    }
    pl_mem_put(op->tracks->env.mem, block);
}

/* Its media's clock is the truth, if that can be told; then the recorder's; an event told is never beyond the end. */
void segment_close(struct track_op *op)
{
    struct track_segment *segment = &op->track->segments[op->segment];
    segment->done = true;
    segment->length_ms = op->media_ms > 0 ? op->media_ms : op->length_ms;
    if (segment->length_ms < segment->said_ms)
        segment->length_ms = segment->said_ms;
    if (segment->length_ms > PL_TRACK_MS_MAX - segment->from_ms)
        segment->length_ms = PL_TRACK_MS_MAX - segment->from_ms;
    for (size_t i = 0; i < TRACK_STREAM_N; i++)
        segment->flows[i].file = op->files[i];
}

void segment_close_clean(struct track_op *op)
{
    for (enum track_stream i = 0; i < TRACK_STREAM_N; i++) {
        char name[MEDIA_NAME_BYTES];
        media_part_name(op->id, op->segment, stream_name(i), name);
        media_remove(op->tracks->dir, name);
    }
}

static enum pl_status finish_begin(struct track_op *op)
{
    const struct track *track = op->track;
    if (!track_recorded(track, &op->asker))
        return PL_PERM;
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

static const struct track_act finish = {.begin = finish_begin,
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
