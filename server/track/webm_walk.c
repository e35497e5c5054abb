/* A WebM file element by element. See webm_walk.h. */
#include "track/webm_walk.h"
#include "track/sniff.h"

#define HEADER_BYTES_MAX 1024u /* of the header before a Segment: about 40 */

enum pl_status walk_init(struct walk *walk, const struct pl_mem *mem, const struct webm_source *source)
{
    *walk = (struct walk){.mem = mem, .source = source, .window = pl_mem_get(mem, WALK_BYTES_MAX)};
    return walk->window == NULL ? PL_NO_MEMORY : PL_OK;
}

void walk_done(struct walk *walk)
{
    pl_mem_put(walk->mem, walk->window);
    walk->window = NULL;
}

static bool fill(struct walk *walk, uint64_t at)
{
    const uint64_t left = walk->source->bytes - at;
    const size_t len = left < WALK_BYTES_MAX ? (size_t)left : WALK_BYTES_MAX;
    walk->len = 0;
    if (walk->failed || (len > 0 && !walk->source->read(walk->source->user, at, walk->window, len))) {
        walk->failed = true;
        return false;
    }
    walk->at = at;
    walk->len = len;
    return true;
}

bool walk_bytes(struct walk *walk, uint64_t at, size_t len, struct pl_slice *ret_bytes)
{
    const bool there = at >= walk->at && at - walk->at <= walk->len && len <= walk->len - (at - walk->at);
    if (!there && !fill(walk, at))
        return false;
    *ret_bytes = (struct pl_slice){walk->window + (at - walk->at), len};
    return true;
}

bool walk_copy(struct walk *walk, uint64_t at, uint64_t end, const struct webm_sink *sink)
{
    struct pl_slice bytes;
    for (; at < end; at += bytes.len) {
        const size_t len = end - at < WALK_BYTES_MAX ? (size_t)(end - at) : WALK_BYTES_MAX;
        if (!walk_bytes(walk, at, len, &bytes) || !sink->write(sink->user, bytes))
            return false;
    }
    return true;
}

/* The element at the row's place, not passed over. */
static bool look(struct walk *walk, struct row *row, struct element *ret_element)
{
    struct ebml_head head;
    struct pl_slice bytes;
    const uint64_t left = row->end - row->at;
    if (left == 0 || row->broken)
        return false;
    if (!walk_bytes(walk, row->at, left < EBML_HEAD_BYTES_MAX ? (size_t)left : EBML_HEAD_BYTES_MAX, &bytes) ||
        !ebml_head_read(bytes, &head)) {
        row->broken = true;
        return false;
    }
    const bool open = head.size > left - head.len;
    *ret_element = (struct element){
        .at = row->at,
        .payload = row->at + head.len,
        .end = open ? row->end : row->at + head.len + head.size,
        .id = head.id,
        .open = open,
        .cut = open && head.size != EBML_UNKNOWN,
    };
    return true;
}

static bool pass(struct row *row, const struct element *element)
{
    if (element->open)
        row->broken = true;
    else
        row->at = element->end;
    return !element->open;
}

bool row_next(struct walk *walk, struct row *row, struct element *ret_element)
{
    struct element element;
    if (!look(walk, row, &element) || !pass(row, &element))
        return false;
    *ret_element = element;
    return true;
}

struct row row_of(const struct element *parent)
{
    return (struct row){.at = parent->payload, .end = parent->end};
}

bool segment_find(struct walk *walk, struct element *ret_segment)
{
    struct row file = {.at = 0, .end = walk->source->bytes};
    struct element element;
    struct pl_slice header;
    if (!row_next(walk, &file, &element) || element.end > HEADER_BYTES_MAX ||
        !walk_bytes(walk, 0, (size_t)element.end, &header) || media_sniff(header) != MEDIA_WEBM)
        return false;
    while (look(walk, &file, &element)) {
        if (element.id == WEBM_SEGMENT) {
            *ret_segment = element;
            return true;
        }
        if (!pass(&file, &element))
            return false;
    }
    return false;
}

/* What may lie in a Segment beside its Clusters, and so ends one of unknown size. */
static bool is_beside_clusters(uint32_t id)
{
    switch (id) {
    case EBML_HEADER:
    case WEBM_SEGMENT:
    case WEBM_SEEK_HEAD:
    case WEBM_INFO:
    case WEBM_TRACKS:
    case WEBM_CUES:
    case WEBM_CHAPTERS:
    case WEBM_TAGS:
    case WEBM_ATTACHMENTS:
    case WEBM_CLUSTER:
        return true;
    default:
        return false;
    }
}

bool segment_next(struct walk *walk, struct row *row, struct element *ret_element)
{
    struct element element;
    if (!look(walk, row, &element))
        return false;
    if (element.id == EBML_HEADER || element.id == WEBM_SEGMENT) {
        row->another_file = true;
        row->end = row->at;
        return false;
    }
    if (element.id != WEBM_CLUSTER && !pass(row, &element))
        return false;
    *ret_element = element;
    return true;
}

void cluster_pass(struct row *segment, const struct row *cluster)
{
    segment->at = cluster->at;
    segment->broken = cluster->broken;
}

bool cluster_next(struct walk *walk, struct row *row, struct element *ret_element)
{
    struct element element;
    if (!look(walk, row, &element))
        return false;
    if (is_beside_clusters(element.id)) {
        row->end = row->at;
        return false;
    }
    if (!pass(row, &element))
        return false;
    *ret_element = element;
    return true;
}

bool cluster_keeps(uint32_t id)
{
    return id != WEBM_POSITION && id != WEBM_PREV_SIZE && id != EBML_CRC32;
}
