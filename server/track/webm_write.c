/* Writing a scanned WebM anew: what lies in front of the Clusters, then they. See webm.h. */
#include "track/webm_inner.h"

enum {
    SEEK = 0x4dbb,
    SEEK_ID = 0x53ab,
    SEEK_POSITION = 0x53ac,
    INFO_SCALE = 0x2ad7b1,
    INFO_DURATION = 0x4489,
    CUE_POINT = 0xbb,
    CUE_TIME = 0xb3,
    CUE_PLACES = 0xb7,
    CUE_TRACK = 0xf7,
    CUE_CLUSTER = 0xf1,
};

#define SEEK_BYTES 21u /* one entry: two heads, an id of 4 bytes, a position of 8 */
#define SEEK_HEAD_BYTES(entries) (EBML_LONG_HEAD_BYTES + (entries) * SEEK_BYTES)
#define CUE_BYTES_MAX 34u
#define DOCTYPE_VERSION 4u /* as Chromium writes it: Opus' padding, alpha */

static void write_header(struct pl_buf *buf)
{
    struct pl_buf header;
    pl_buf_init(&header, buf->mem);
    ebml_write_uint(&header, EBML_VERSION, 1, 1);
    ebml_write_uint(&header, EBML_READ_VERSION, 1, 1);
    ebml_write_uint(&header, EBML_MAX_ID_LENGTH, 4, 1);
    ebml_write_uint(&header, EBML_MAX_SIZE_LENGTH, 8, 1);
    ebml_write_text(&header, EBML_DOCTYPE, "webm");
    ebml_write_uint(&header, EBML_DOCTYPE_VERSION, DOCTYPE_VERSION, 1);
    ebml_write_uint(&header, EBML_DOCTYPE_READ_VERSION, 2, 1);
    ebml_write_short_head(buf, EBML_HEADER, (uint8_t)header.len);
    pl_buf_append(buf, header.data, header.len);
    buf->failed = buf->failed || header.failed;
    pl_buf_done(&header);
}

static void write_info(struct pl_buf *buf, const struct webm *webm)
{
    const size_t times_bytes = 3 + 1 + 4 + 2 + 1 + 8;
    ebml_write_long_head(buf, WEBM_INFO, times_bytes + webm->info.len);
    ebml_write_uint(buf, INFO_SCALE, webm->scale_ns, 4);
    ebml_write_float(buf, INFO_DURATION, (double)webm->length);
    pl_buf_append(buf, webm->info.data, webm->info.len);
}

static void write_seek(struct pl_buf *buf, uint32_t id, uint64_t position)
{
    ebml_write_short_head(buf, SEEK, SEEK_BYTES - 3);
    ebml_write_uint(buf, SEEK_ID, id, 4);
    ebml_write_uint(buf, SEEK_POSITION, position, 8);
}

/* Numbers of equal length, so that the whole is known before a position in it is. */
struct cue_lengths {
    uint8_t time, track, cluster, places, point;
};

static struct cue_lengths cue_lengths(const struct webm *webm, uint64_t position_max)
{
    struct cue_lengths lengths = {
        .time = ebml_uint_bytes(webm->cue[webm->facts.cues - 1].time),
        .track = ebml_uint_bytes(webm->cue_track),
        .cluster = ebml_uint_bytes(position_max),
    };
    lengths.places = (uint8_t)(2 + lengths.track + 2 + lengths.cluster);
    lengths.point = (uint8_t)(2 + lengths.time + 2 + lengths.places);
    return lengths;
}

static void write_cues(struct pl_buf *buf, const struct webm *webm, const struct cue_lengths *lengths,
                       uint64_t clusters_at)
{
    ebml_write_long_head(buf, WEBM_CUES, (uint64_t)webm->facts.cues * (2u + lengths->point));
    for (uint32_t i = 0; i < webm->facts.cues; i++) {
        ebml_write_short_head(buf, CUE_POINT, lengths->point);
        ebml_write_uint(buf, CUE_TIME, webm->cue[i].time, lengths->time);
        ebml_write_short_head(buf, CUE_PLACES, lengths->places);
        ebml_write_uint(buf, CUE_TRACK, webm->cue_track, lengths->track);
        ebml_write_uint(buf, CUE_CLUSTER, clusters_at + webm->cue[i].cluster, lengths->cluster);
    }
}

enum pl_status webm_head(const struct webm *webm, struct pl_buf *head)
{
    struct pl_buf info;
    struct cue_lengths lengths = {0};
    uint64_t cues_bytes = 0;
    const bool cues = webm->facts.cues > 0;
    pl_buf_init(&info, webm->mem);
    write_info(&info, webm);
    /* positions count from the Segment's payload */
    const uint64_t info_at = SEEK_HEAD_BYTES(cues ? 3u : 2u);
    const uint64_t tracks_at = info_at + info.len;
    const uint64_t cues_at = tracks_at + EBML_LONG_HEAD_BYTES + webm->tracks.len;
    if (cues) {
        const uint64_t cues_bytes_max = EBML_LONG_HEAD_BYTES + (uint64_t)webm->facts.cues * CUE_BYTES_MAX;
        lengths = cue_lengths(webm, cues_at + cues_bytes_max + webm->clusters_bytes);
        cues_bytes = EBML_LONG_HEAD_BYTES + (uint64_t)webm->facts.cues * (2u + lengths.point);
    }
    write_header(head);
    ebml_write_long_head(head, WEBM_SEGMENT, cues_at + cues_bytes + webm->clusters_bytes);
    ebml_write_long_head(head, WEBM_SEEK_HEAD, info_at - EBML_LONG_HEAD_BYTES);
    write_seek(head, WEBM_INFO, info_at);
    write_seek(head, WEBM_TRACKS, tracks_at);
    if (cues)
        write_seek(head, WEBM_CUES, cues_at);
    pl_buf_append(head, info.data, info.len);
    ebml_write_long_head(head, WEBM_TRACKS, webm->tracks.len);
    pl_buf_append(head, webm->tracks.data, webm->tracks.len);
    if (cues)
        write_cues(head, webm, &lengths, cues_at + cues_bytes);
    const bool whole = !head->failed && !info.failed;
    pl_buf_done(&info);
    return whole ? PL_OK : PL_NO_MEMORY;
}

/* One sink that counts, between us and the caller's. */
struct counted {
    const struct webm_sink *sink;
    uint64_t bytes;
    uint64_t bytes_max;
};

static bool count_write(void *user, struct pl_slice bytes)
{
    struct counted *counted = user;
    if (bytes.len > counted->bytes_max - counted->bytes)
        return false;
    counted->bytes += bytes.len;
    return bytes.len == 0 || counted->sink->write(counted->sink->user, bytes);
}

/* How many bytes of a Cluster are kept; 0 when it has no block. */
static uint64_t kept_bytes(struct walk *walk, struct row row)
{
    struct element element;
    uint64_t bytes = 0;
    bool blocks = false;
    while (cluster_next(walk, &row, &element)) {
        if (cluster_keeps(element.id))
            bytes += element.end - element.at;
        blocks = blocks || element.id == WEBM_SIMPLE_BLOCK || element.id == WEBM_BLOCK_GROUP;
    }
    return blocks ? bytes : 0;
}

/* What lies together is copied together. Leaves `row` where the Cluster ends. */
static bool write_cluster(struct walk *walk, struct row *row, struct pl_buf *head, const struct webm_sink *sink)
{
    struct element element;
    const uint64_t bytes = kept_bytes(walk, *row);
    uint64_t from = row->at;
    pl_buf_clear(head);
    ebml_write_long_head(head, WEBM_CLUSTER, bytes);
    bool sound = bytes == 0 || sink->write(sink->user, pl_buf_slice(head));
    while (cluster_next(walk, row, &element)) {
        if (cluster_keeps(element.id))
            continue;
        sound = sound && (bytes == 0 || walk_copy(walk, from, element.at, sink));
        from = element.end;
    }
    return sound && (bytes == 0 || walk_copy(walk, from, row->at, sink));
}

/* `head`'s room is used again: it is large enough. */
static bool write_clusters(struct walk *walk, struct pl_buf *head, const struct webm_sink *sink)
{
    struct element element;
    if (!segment_find(walk, &element))
        return false;
    struct row row = row_of(&element);
    while (segment_next(walk, &row, &element)) {
        if (element.id != WEBM_CLUSTER)
            continue;
        struct row cluster = row_of(&element);
        if (!write_cluster(walk, &cluster, head, sink))
            return false;
        cluster_pass(&row, &cluster);
    }
    return !walk->failed;
}

enum pl_status webm_write(const struct webm *webm, const struct webm_source *source, const struct webm_sink *sink)
{
    struct walk walk;
    struct pl_buf head;
    struct counted counted = {.sink = sink, .bytes_max = webm->facts.bytes};
    const struct webm_sink through = {.write = count_write, .user = &counted};
    pl_buf_init(&head, webm->mem);
    enum pl_status status = walk_init(&walk, webm->mem, source);
    if (status == PL_OK)
        status = webm_head(webm, &head);
    if (status == PL_OK && (!count_write(&counted, pl_buf_slice(&head)) || !write_clusters(&walk, &head, &through) ||
                            counted.bytes != counted.bytes_max))
        status = PL_IO;
    walk_done(&walk);
    pl_buf_done(&head);
    return status;
}
