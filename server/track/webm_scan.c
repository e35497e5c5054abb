/* Scanning a WebM: its tracks, how long it is, where to seek to. See webm.h. */
#include "proto/limits.h"
#include "track/webm_inner.h"
#include <string.h>

enum {
    INFO_SCALE = 0x2ad7b1,
    INFO_DURATION = 0x4489,
    TRACK_ENTRY = 0xae,
    TRACK_NUMBER = 0xd7,
    TRACK_TYPE = 0x83,
    TRACK_FRAME_NS = 0x23e383,
    GROUP_BLOCK = 0xa1,
    GROUP_DURATION = 0x9b,
    GROUP_REFERENCE = 0xfb,
    TYPE_VIDEO = 1,
    TYPE_AUDIO = 2,
};

#define AUDIO_CUE_NS UINT64_C(2000000000) /* every block of sound is a place to begin: one in so long is named */
#define STEP_NS_MAX UINT64_C(250000000)   /* a last block is not taken to last as long as a pause before it */
#define BLOCK_HEAD_BYTES_MAX 12u          /* track (8), time (2), flags, number of laced frames */

struct block {
    uint64_t track;
    int16_t time; /* in ticks from its Cluster's */
    bool key;
    uint32_t frames;
    uint64_t ticks; /* how long it says it lasts; 0 unknown */
};

static enum pl_status load(struct walk *walk, const struct element *element, struct pl_slice *ret_payload)
{
    const uint64_t len = element->end - element->payload;
    if (len > WEBM_LOADED_BYTES_MAX)
        return PL_TOO_BIG;
    return walk_bytes(walk, element->payload, (size_t)len, ret_payload) ? PL_OK : PL_IO;
}

/* A Duration of 4 or 8 bytes that is above 0; the sign and the exponent tell. */
static bool is_duration(struct pl_slice payload)
{
    if ((payload.len != 4 && payload.len != 8) || (payload.data[0] & 0x80) != 0)
        return false;
    for (size_t i = 0; i < payload.len; i++) {
        if (payload.data[i] != 0)
            return true;
    }
    return false;
}

static enum pl_status read_info(struct webm *webm, struct pl_slice rest)
{
    struct pl_slice from = rest, payload;
    uint32_t id;
    while (ebml_next(&rest, &id, &payload)) {
        if (id == INFO_SCALE) {
            if (!ebml_uint_read(payload, &webm->scale_ns) || webm->scale_ns == 0 || webm->scale_ns > WEBM_SCALE_MAX)
                return PL_INVALID;
        } else if (id == INFO_DURATION) {
            webm->has_duration = is_duration(payload);
        } else if (id != EBML_CRC32 && id != EBML_VOID) {
            pl_buf_append(&webm->info, from.data, (size_t)(rest.data - from.data));
        }
        from = rest;
    }
    webm->has_info = true;
    return webm->info.failed ? PL_NO_MEMORY : PL_OK;
}

static bool read_entry(struct pl_slice rest, struct webm_track *ret_track)
{
    struct webm_track track = {0};
    struct pl_slice payload;
    uint32_t id;
    bool sane = true;
    while (ebml_next(&rest, &id, &payload)) {
        if (id == TRACK_NUMBER)
            sane = sane && ebml_uint_read(payload, &track.number);
        else if (id == TRACK_TYPE)
            sane = sane && ebml_uint_read(payload, &track.type);
        else if (id == TRACK_FRAME_NS)
            sane = sane && ebml_uint_read(payload, &track.frame_ns);
    }
    *ret_track = track;
    return sane && track.number != 0;
}

static enum pl_status read_tracks(struct webm *webm, struct pl_slice rest)
{
    struct pl_slice payload;
    struct webm_track track;
    uint32_t id;
    pl_buf_append(&webm->tracks, rest.data, rest.len);
    while (webm->track_n < WEBM_TRACKS_MAX && ebml_next(&rest, &id, &payload)) {
        if (id != TRACK_ENTRY || !read_entry(payload, &track))
            continue;
        webm->track[webm->track_n++] = track;
        if (track.type == TYPE_VIDEO && !webm->facts.video) {
            webm->facts.video = true;
            webm->cue_track = track.number;
        } else if (track.type == TYPE_AUDIO && webm->cue_track == 0) {
            webm->cue_track = track.number;
        }
    }
    webm->has_tracks = true;
    return webm->tracks.failed ? PL_NO_MEMORY : PL_OK;
}

/* A Block or SimpleBlock's own head: track, time, flags. */
static bool read_block(struct walk *walk, const struct element *element, struct block *ret_block)
{
    const uint64_t len = element->end - element->payload;
    struct pl_slice head;
    struct block block = {.frames = 1};
    uint8_t at;
    if (!walk_bytes(walk, element->payload, len < BLOCK_HEAD_BYTES_MAX ? (size_t)len : BLOCK_HEAD_BYTES_MAX, &head) ||
        !ebml_vint_read(head, &block.track, &at) || head.len < at + 3u)
        return false;
    const uint8_t flags = head.data[at + 2];
    block.time = (int16_t)(head.data[at] << 8 | head.data[at + 1]);
    block.key = (flags & 0x80) != 0;
    if ((flags & 0x06) != 0 && head.len > at + 3u)
        block.frames = head.data[at + 3] + 1u;
    *ret_block = block;
    return true;
}

static bool read_group(struct walk *walk, const struct element *group, struct block *ret_block)
{
    struct row row = row_of(group);
    struct element element;
    struct pl_slice payload;
    struct block block = {0};
    uint64_t ticks = 0;
    bool found = false, key = true;
    while (row_next(walk, &row, &element)) {
        if (element.id == GROUP_BLOCK)
            found = read_block(walk, &element, &block);
        else if (element.id == GROUP_REFERENCE)
            key = false;
        else if (element.id == GROUP_DURATION && element.end - element.payload <= 8 &&
                 walk_bytes(walk, element.payload, (size_t)(element.end - element.payload), &payload) &&
                 !ebml_uint_read(payload, &ticks))
            ticks = 0;
    }
    block.key = key;
    block.ticks = ticks > PL_U53_MAX ? 0 : ticks;
    *ret_block = block;
    return found;
}

static struct webm_track *find_track(struct webm *webm, uint64_t number)
{
    for (uint32_t i = 0; i < webm->track_n; i++) {
        if (webm->track[i].number == number)
            return &webm->track[i];
    }
    return NULL;
}

/* Room for more: every second one stays, and those to come keep that distance. */
static void thin_cues(struct webm *webm)
{
    webm->facts.cues = WEBM_CUES_MAX / 2;
    for (uint32_t i = 0; i < webm->facts.cues; i++)
        webm->cue[i] = webm->cue[2 * (size_t)i];
    const uint64_t step = (webm->cue[webm->facts.cues - 1].time - webm->cue[0].time) / webm->facts.cues;
    if (webm->cue_step_min < step)
        webm->cue_step_min = step;
}

static void add_cue(struct webm *webm, uint64_t time)
{
    if (webm->facts.cues > 0) {
        const uint64_t last = webm->cue[webm->facts.cues - 1].time;
        if (time < last || time - last < webm->cue_step_min)
            return;
    }
    if (webm->facts.cues == WEBM_CUES_MAX)
        thin_cues(webm);
    webm->cue[webm->facts.cues++] = (struct webm_cue){time, webm->clusters_bytes};
}

static void note_block(struct webm *webm, const struct block *block, uint64_t cluster_time)
{
    struct webm_track *track = find_track(webm, block->track);
    if (track == NULL)
        return;
    const bool before = block->time < 0 && (uint64_t)-block->time > cluster_time;
    const uint64_t time = before ? 0 : cluster_time + (uint64_t)(int64_t)block->time;
    const double frame_ticks = (double)track->frame_ns / (double)webm->scale_ns * block->frames;
    if (!track->begun || time > track->last) {
        track->step = track->begun ? time - track->last : 0;
        track->last = time;
        track->last_long = block->ticks;
        if (block->ticks == 0 && frame_ticks < (double)PL_U53_MAX)
            track->last_long = (uint64_t)(frame_ticks + 0.5);
        track->begun = true;
    }
    if (block->key && track->number == webm->cue_track)
        add_cue(webm, time);
}

static bool scan_cluster(struct webm *webm, struct walk *walk, struct row *row)
{
    struct element element;
    struct block block;
    uint64_t time = 0, kept_bytes = 0;
    bool blocks = false;
    while (cluster_next(walk, row, &element)) {
        struct pl_slice payload;
        const uint64_t len = element.end - element.payload;
        if (element.id == WEBM_TIMESTAMP &&
            (len > 8 || !walk_bytes(walk, element.payload, (size_t)len, &payload) ||
             !ebml_uint_read(payload, &time) || time > PL_U53_MAX))
            time = 0;
        if (cluster_keeps(element.id))
            kept_bytes += element.end - element.at;
        const bool simple = element.id == WEBM_SIMPLE_BLOCK;
        if (!simple && element.id != WEBM_BLOCK_GROUP)
            continue;
        blocks = true;
        if (simple ? read_block(walk, &element, &block) : read_group(walk, &element, &block))
            note_block(webm, &block, time);
    }
    if (blocks)
        webm->clusters_bytes += EBML_LONG_HEAD_BYTES + kept_bytes;
    return !walk->failed;
}

static enum pl_status scan_segment(struct webm *webm, struct walk *walk)
{
    struct element segment, element;
    struct pl_slice payload;
    if (!segment_find(walk, &segment))
        return walk->failed ? PL_IO : PL_INVALID;
    webm->facts.cut = segment.cut;
    struct row row = row_of(&segment);
    enum pl_status status = PL_OK;
    while (status == PL_OK && segment_next(walk, &row, &element)) {
        if (element.id == WEBM_CLUSTER) {
            struct row cluster = row_of(&element);
            if (!webm->has_tracks)
                return PL_INVALID;
            if (webm->cue_step_min == 0)
                webm->cue_step_min = webm->facts.video ? 1 : AUDIO_CUE_NS / webm->scale_ns;
            webm->facts.cut = webm->facts.cut || element.cut;
            status = scan_cluster(webm, walk, &cluster) ? PL_OK : PL_IO;
            cluster_pass(&row, &cluster);
        } else if (element.id == WEBM_INFO && !webm->has_info) {
            status = load(walk, &element, &payload);
            status = status == PL_OK ? read_info(webm, payload) : status;
        } else if (element.id == WEBM_TRACKS && !webm->has_tracks) {
            status = load(walk, &element, &payload);
            status = status == PL_OK ? read_tracks(webm, payload) : status;
        } else if (element.id == WEBM_CUES) {
            webm->has_cues = element.end > element.payload;
        }
    }
    if (status == PL_OK && walk->failed)
        return PL_IO;
    webm->facts.cut = webm->facts.cut || row.broken;
    webm->facts.another_run = row.another_file;
    if (!segment.open) { /* what follows a Segment that told its end */
        struct row behind = {.at = segment.end, .end = walk->source->bytes};
        if (!segment_next(walk, &behind, &element))
            webm->facts.another_run = webm->facts.another_run || behind.another_file;
    }
    return status;
}

/* How long it all is, when every track is over. */
static bool measure(struct webm *webm)
{
    bool begun = false;
    for (uint32_t i = 0; i < webm->track_n; i++) {
        const struct webm_track *track = &webm->track[i];
        if (!track->begun)
            continue;
        const uint64_t step_max = STEP_NS_MAX / webm->scale_ns;
        const uint64_t step = track->step < step_max ? track->step : step_max;
        const uint64_t end = track->last + (track->last_long > 0 ? track->last_long : step);
        webm->length = webm->length < end ? end : webm->length;
        begun = true;
    }
    if (webm->length == 0)
        webm->length = 1; /* a Duration is above 0 */
    webm->facts.length_ms = (uint64_t)((double)webm->length * (double)webm->scale_ns / 1e6 + 0.5);
    return begun;
}

enum pl_status webm_scan(const struct pl_mem *mem, const struct webm_source *source, struct webm **ret_webm)
{
    struct walk walk;
    struct pl_buf head;
    struct webm *webm = pl_mem_get(mem, sizeof *webm);
    if (webm == NULL)
        return PL_NO_MEMORY;
    memset(webm, 0, sizeof *webm);
    webm->mem = mem;
    webm->scale_ns = WEBM_SCALE_DEFAULT;
    pl_buf_init(&webm->info, mem);
    pl_buf_init(&webm->tracks, mem);
    pl_buf_init(&head, mem);
    enum pl_status status = walk_init(&walk, mem, source);
    if (status == PL_OK)
        status = scan_segment(webm, &walk);
    if (status == PL_OK && !measure(webm))
        status = PL_INVALID;
    if (status == PL_OK)
        status = webm_head(webm, &head);
    walk_done(&walk);
    webm->facts.bytes = head.len + webm->clusters_bytes;
    webm->facts.seekable =
        webm->has_duration && webm->has_cues && !webm->facts.cut && !webm->facts.another_run;
    pl_buf_done(&head);
    if (status == PL_OK)
        *ret_webm = webm;
    else
        webm_free(webm);
    return status;
}

void webm_free(struct webm *webm_or_null)
{
    if (webm_or_null == NULL)
        return;
    pl_buf_done(&webm_or_null->info);
    pl_buf_done(&webm_or_null->tracks);
    pl_mem_put(webm_or_null->mem, webm_or_null);
}

struct webm_facts webm_facts(const struct webm *webm)
{
    return webm->facts;
}
