/* See track.h. What is read was written here, but a disk may have turned it: lengths and counts are checked all the
 * same. */
#include "base/track.h"
#include "proto/reader.h"
#include <string.h>

#define ROW_VERSION 1u
/* Rows of before touched_ms was noted have so many members, and it is 0 then. */
#define ABOUT_MEMBERS_MIN   12u
#define SEGMENT_MEMBERS_MIN (8u + TRACK_STREAM_N)

struct track *track_new(const struct pl_mem *mem, uint64_t board, uint64_t track)
{
    struct track *fresh = pl_mem_get(mem, sizeof *fresh);
    if (fresh == NULL)
        return NULL;
    memset(fresh, 0, sizeof *fresh);
    fresh->mem = mem;
    pl_buf_init(&fresh->texts, mem);
    track_renew(fresh, board, track);
    return fresh;
}

/* Lists are as long as they say, so what stands behind their ends means nothing. */
void track_renew(struct track *track, uint64_t board, uint64_t id)
{
    track->board = board;
    track->track = id;
    track->author = track->made_ms = track->deleted_ms = track->touched_ms = 0;
    track->state = TRACK_RECORDING;
    track->title[0] = '\0';
    track->watch_role = PL_ROLE_VIEWER;
    track->link_n = track->cut_n = track->chapter_n = track->segment_n = 0;
    track->captions = track->cover = (struct track_file){0};
    pl_buf_clear(&track->texts);
}

void track_free(struct track *track_or_null)
{
    if (track_or_null == NULL)
        return;
    pl_buf_done(&track_or_null->texts);
    pl_mem_put(track_or_null->mem, track_or_null);
}

struct pl_slice track_chapter_title(const struct track *track, const struct track_chapter *chapter)
{
    if (chapter->text_len == 0)
        return (struct pl_slice){(const uint8_t *)"", 0}; /* there may be no texts at all */
    return (struct pl_slice){track->texts.data + chapter->text_at, chapter->text_len};
}

static void file_write(const struct track_file *file, struct pl_buf *buf)
{
    if (file->bytes == 0) {
        pl_write_nil(buf);
        return;
    }
    pl_write_array(buf, 3);
    pl_write_bin(buf, (struct pl_slice){file->hash, sizeof file->hash});
    pl_write_uint(buf, file->bytes);
    pl_write_text(buf, file->type);
}

static bool text_read(struct pl_reader *reader, char *ret_text, size_t bytes_max)
{
    struct pl_slice text;
    if (!pl_read_str(reader, &text) || text.len > bytes_max)
        return false;
    memcpy(ret_text, text.data, text.len);
    ret_text[text.len] = '\0';
    return true;
}

static bool file_read(struct pl_reader *reader, struct track_file *ret_file)
{
    struct pl_slice hash;
    if (pl_peek(reader) == PL_TYPE_NIL)
        return pl_read_nil(reader);
    if (!pl_read_array_of(reader, 3) || !pl_read_bin(reader, &hash) || hash.len != DIGEST_BYTES ||
        !pl_read_u53(reader, &ret_file->bytes))
        return false;
    memcpy(ret_file->hash, hash.data, hash.len);
    return text_read(reader, ret_file->type, TRACK_TYPE_BYTES_MAX);
}

void track_about_write(const struct track *track, struct pl_buf *buf)
{
    pl_write_array(buf, ABOUT_MEMBERS_MIN + 1);
    pl_write_uint(buf, ROW_VERSION);
    pl_write_uint(buf, track->author);
    pl_write_uint(buf, track->made_ms);
    pl_write_uint(buf, track->deleted_ms);
    pl_write_uint(buf, track->state);
    pl_write_text(buf, track->title);
    pl_write_uint(buf, track->watch_role);
    pl_write_array(buf, track->link_n);
    for (uint32_t i = 0; i < track->link_n; i++) {
        uint8_t id[8];
        pl_u64_to_bytes(track->links[i], id);
        pl_write_bin(buf, (struct pl_slice){id, sizeof id});
    }
    pl_write_array(buf, track->cut_n);
    for (uint32_t i = 0; i < track->cut_n; i++) {
        pl_write_array(buf, 2);
        pl_write_uint(buf, track->cuts[i].from_ms);
        pl_write_uint(buf, track->cuts[i].to_ms);
    }
    pl_write_array(buf, track->chapter_n);
    for (uint32_t i = 0; i < track->chapter_n; i++) {
        const struct track_chapter *chapter = &track->chapters[i];
        pl_write_array(buf, 2);
        pl_write_uint(buf, chapter->at_ms);
        pl_write_str(buf, track_chapter_title(track, chapter));
    }
    file_write(&track->captions, buf);
    file_write(&track->cover, buf);
    pl_write_uint(buf, track->touched_ms);
}

void track_segment_write(const struct track_segment *segment, struct pl_buf *buf)
{
    pl_write_array(buf, SEGMENT_MEMBERS_MIN + 1);
    pl_write_uint(buf, ROW_VERSION);
    pl_write_text(buf, segment->type);
    pl_write_bool(buf, segment->done);
    pl_write_uint(buf, segment->from_ms);
    pl_write_uint(buf, segment->length_ms);
    pl_write_number(buf, segment->said_ms);
    pl_write_uint(buf, segment->first_seq);
    pl_write_uint(buf, segment->last_seq);
    for (size_t i = 0; i < TRACK_STREAM_N; i++) {
        pl_write_array(buf, 3);
        pl_write_uint(buf, segment->flows[i].chunk_n);
        pl_write_uint(buf, segment->flows[i].bytes);
        file_write(&segment->flows[i].file, buf);
    }
    pl_write_uint(buf, segment->touched_ms);
}

/* An array of at most `max`. */
static bool count_read(struct pl_reader *reader, uint32_t max, uint32_t *ret_n)
{
    uint32_t n;
    if (!pl_read_array(reader, &n) || n > max)
        return false;
    *ret_n = n;
    return true;
}

static bool links_read(struct pl_reader *reader, struct track *track)
{
    uint32_t n;
    if (!count_read(reader, TRACK_LINKS_MAX, &n))
        return false;
    for (uint32_t i = 0; i < n; i++) {
        struct pl_slice id;
        if (!pl_read_bin(reader, &id) || id.len != 8)
            return false;
        track->links[i] = pl_u64_from_bytes(id.data);
    }
    track->link_n = n;
    return true;
}

static bool cuts_read(struct pl_reader *reader, struct track *track)
{
    uint32_t n;
    if (!count_read(reader, PL_TRACK_CUTS_MAX, &n))
        return false;
    for (uint32_t i = 0; i < n; i++)
        if (!pl_read_array_of(reader, 2) || !pl_read_u32(reader, &track->cuts[i].from_ms) ||
            !pl_read_u32(reader, &track->cuts[i].to_ms))
            return false;
    track->cut_n = n;
    return true;
}

static bool chapters_read(struct pl_reader *reader, struct track *track)
{
    uint32_t n;
    if (!count_read(reader, PL_TRACK_CHAPTERS_MAX, &n))
        return false;
    for (uint32_t i = 0; i < n; i++) {
        struct track_chapter *chapter = &track->chapters[i];
        struct pl_slice title;
        if (!pl_read_array_of(reader, 2) || !pl_read_u32(reader, &chapter->at_ms) || !pl_read_str(reader, &title))
            return false;
        chapter->text_at = (uint32_t)track->texts.len;
        chapter->text_len = (uint32_t)title.len;
        pl_buf_append(&track->texts, title.data, title.len);
    }
    track->chapter_n = n;
    return true;
}

/* The version; how many members the row has, which is at least so many. */
static enum pl_status head_read(struct pl_reader *reader, uint32_t member_n, uint32_t *ret_n)
{
    uint64_t version;
    if (!pl_read_array(reader, ret_n) || *ret_n == 0 || !pl_read_u53(reader, &version))
        return PL_CORRUPT;
    if (version != ROW_VERSION)
        return PL_VERSION;
    return *ret_n >= member_n ? PL_OK : PL_CORRUPT;
}

enum pl_status track_about_read(struct pl_slice bytes, struct track *track)
{
    struct pl_reader reader = pl_reader_of(bytes);
    uint32_t n = 0;
    uint64_t state, role;
    enum pl_status status = head_read(&reader, ABOUT_MEMBERS_MIN, &n);
    if (status != PL_OK)
        return status;
    if (!pl_read_u53(&reader, &track->author) || !pl_read_u53(&reader, &track->made_ms) ||
        !pl_read_u53(&reader, &track->deleted_ms) || !pl_read_u53(&reader, &state) || state > TRACK_FINISHED ||
        !text_read(&reader, track->title, PL_TITLE_BYTES_MAX) || !pl_read_u53(&reader, &role) || role > PL_ROLE_OWNER ||
        !links_read(&reader, track) || !cuts_read(&reader, track) || !chapters_read(&reader, track) ||
        !file_read(&reader, &track->captions) || !file_read(&reader, &track->cover) ||
        (n > ABOUT_MEMBERS_MIN && !pl_read_u53(&reader, &track->touched_ms)))
        return PL_CORRUPT;
    track->state = (enum track_state)state;
    track->watch_role = (enum pl_role)role;
    return track->texts.failed ? PL_NO_MEMORY : PL_OK;
}

enum pl_status track_segment_read(struct pl_slice bytes, struct track_segment *ret_segment)
{
    struct pl_reader reader = pl_reader_of(bytes);
    struct track_segment segment = {0};
    uint32_t n = 0;
    enum pl_status status = head_read(&reader, SEGMENT_MEMBERS_MIN, &n);
    if (status != PL_OK)
        return status;
    if (!text_read(&reader, segment.type, TRACK_TYPE_BYTES_MAX) || !pl_read_bool(&reader, &segment.done) ||
        !pl_read_u32(&reader, &segment.from_ms) || !pl_read_u32(&reader, &segment.length_ms) ||
        !pl_read_number(&reader, &segment.said_ms) || !pl_read_u53(&reader, &segment.first_seq) ||
        !pl_read_u53(&reader, &segment.last_seq))
        return PL_CORRUPT;
    for (size_t i = 0; i < TRACK_STREAM_N; i++) {
        struct track_flow *flow = &segment.flows[i];
        if (!pl_read_array_of(&reader, 3) || !pl_read_u32(&reader, &flow->chunk_n) ||
            !pl_read_u53(&reader, &flow->bytes) || !file_read(&reader, &flow->file))
            return PL_CORRUPT;
    }
    if (n > SEGMENT_MEMBERS_MIN && !pl_read_u53(&reader, &segment.touched_ms))
        return PL_CORRUPT;
    *ret_segment = segment;
    return PL_OK;
}

void track_chunk_write(const struct track_chunk *chunk, uint8_t ret_bytes[ROW_CHUNK_BYTES])
{
    pl_u64_to_bytes(chunk->at, ret_bytes);
    for (unsigned i = 0; i < 4; i++)
        ret_bytes[8 + i] = (uint8_t)(chunk->bytes >> (24 - 8 * i));
    memcpy(ret_bytes + 12, chunk->hash, DIGEST_BYTES);
}

bool track_chunk_read(struct pl_slice bytes, struct track_chunk *ret_chunk)
{
    if (bytes.len < ROW_CHUNK_BYTES)
        return false;
    const uint8_t *at = bytes.data + 8;
    ret_chunk->at = pl_u64_from_bytes(bytes.data);
    ret_chunk->bytes = (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
    memcpy(ret_chunk->hash, at + 4, DIGEST_BYTES);
    return true;
}
