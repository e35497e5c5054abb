/* Talk-tracks out of an export. See track_json.h. What a timeline says of journal positions is of the journal it was
 * recorded beside: in its stead stands once that the board was as it was imported. */
#include "base/ident.h"
#include "base/role.h"
#include "exchange/track_json.h"
#include "exchange/value_json.h"
#include "proto/reader.h"
#include <string.h>

#define EVENT_STOOD_AT 6 /* SPEC K4 */

static bool text_read(const json_t *object, const char *name, char *ret_text, size_t bytes_max)
{
    const json_t *value = json_object_get(object, name);
    const size_t len = json_string_length(value);
    if (!json_is_string(value) || len > bytes_max)
        return false;
    memcpy(ret_text, json_string_value(value), len + 1);
    return true;
}

static bool number_read(const json_t *object, const char *name, uint64_t max, uint64_t *ret_number)
{
    const json_t *value = json_object_get(object, name);
    if (!json_is_integer(value) || json_integer_value(value) < 0 || (uint64_t)json_integer_value(value) > max)
        return false;
    *ret_number = (uint64_t)json_integer_value(value);
    return true;
}

static bool ms_read(const json_t *value, uint32_t *ret_ms)
{
    if (!json_is_integer(value) || json_integer_value(value) < 0 || json_integer_value(value) > PL_TRACK_MS_MAX)
        return false;
    *ret_ms = (uint32_t)json_integer_value(value);
    return true;
}

static bool printable(const char *text)
{
    for (; *text != '\0'; text++)
        if (*text < 0x20 || *text > 0x7e)
            return false;
    return true;
}

/* A file's type is told to browsers as it stands: one of those that the server itself gives. */
static bool type_valid(const char *type)
{
    static const char *const known[] = {"video/webm", "audio/webm", "video/mp4", "audio/mp4", "video/ogg", "audio/ogg",
                                        "text/vtt",   "image/jpeg", "image/png", "image/webp"};
    const size_t len = strcspn(type, ";");
    bool found = false;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        found = found || (len == strlen(known[i]) && memcmp(type, known[i], len) == 0);
    return found && printable(type);
}

/* "media/" and 64 hex digits; absent: none. */
static bool file_read(const json_t *object, const char *name, struct track_file *ret_file)
{
    const json_t *file = json_object_get(object, name);
    char path[6 + 2 * DIGEST_BYTES + 1];
    if (file == NULL)
        return true;
    if (!text_read(file, "file", path, sizeof path - 1) || strlen(path) != sizeof path - 1 ||
        memcmp(path, "media/", 6) != 0 || strspn(path + 6, "0123456789abcdef") != 2 * DIGEST_BYTES ||
        !number_read(file, "bytes", PL_TRACK_BYTES_MAX, &ret_file->bytes) ||
        !text_read(file, "type", ret_file->type, TRACK_TYPE_BYTES_MAX) || !type_valid(ret_file->type))
        return false;
    for (size_t i = 0; i < 2 * DIGEST_BYTES; i++) {
        const char c = path[6 + i];
        const unsigned digit = c <= '9' ? (unsigned)(c - '0') : (unsigned)(c - 'a') + 10;
        ret_file->hash[i / 2] = (uint8_t)((unsigned)ret_file->hash[i / 2] << 4 | digit);
    }
    return true;
}

/* An event's time, as it is written, and type. */
static bool event_head(struct pl_slice event, struct pl_slice *ret_time, uint64_t *ret_type)
{
    struct pl_reader reader = pl_reader_of(event);
    uint32_t n;
    return pl_read_array(&reader, &n) && n >= 2 && pl_read_raw(&reader, ret_time) && pl_read_u53(&reader, ret_type);
}

/* Behind the first event, at its time. */
static void stood_at_write(struct pl_slice time, uint64_t head, struct pl_buf *timeline)
{
    pl_write_array(timeline, 4);
    pl_buf_append(timeline, time.data, time.len);
    pl_write_uint(timeline, EVENT_STOOD_AT);
    pl_write_uint(timeline, head);
    pl_write_nil(timeline);
}

/* Events may be in plain JSON, or as the bytes they are: those with a hash of a state always are. */
static bool timeline_read(const struct pl_mem *mem, const json_t *events, uint64_t head, struct pl_buf *ret_timeline)
{
    const json_t *value;
    struct pl_buf event;
    bool told = false, good = true;
    size_t i;
    pl_buf_init(&event, mem);
    json_array_foreach(events, i, value) {
        struct pl_slice time;
        uint64_t type;
        pl_buf_clear(&event);
        good = good && value_json_read(value, &event) && !event.failed &&
               event_head(pl_buf_slice(&event), &time, &type);
        if (!good || type == EVENT_STOOD_AT)
            continue;
        pl_buf_append(ret_timeline, event.data, event.len);
        if (!told)
            stood_at_write(time, head, ret_timeline);
        told = true;
    }
    pl_buf_done(&event);
    return good && !ret_timeline->failed;
}

/* Only what was done: of a segment under way no file is whole. Each begins where the one before ends (SPEC K2). */
static bool segments_read(const json_t *segments, uint64_t head, struct track *track, struct pl_buf *timelines,
                          uint32_t *ret_recorded_ms)
{
    const json_t *row;
    uint32_t recorded_ms = 0;
    size_t i;
    json_array_foreach(segments, i, row) {
        struct track_segment *segment = &track->segments[track->segment_n];
        char state[16];
        if (!text_read(row, "state", state, sizeof state - 1))
            return false;
        if (strcmp(state, "done") != 0)
            continue;
        if (track->segment_n == PL_TRACK_SEGMENTS_MAX)
            return false;
        *segment = (struct track_segment){.done = true, .first_seq = head, .last_seq = head};
        if (!text_read(row, "type", segment->type, TRACK_TYPE_BYTES_MAX) || !printable(segment->type) ||
            !ms_read(json_object_get(row, "from_ms"), &segment->from_ms) || segment->from_ms != recorded_ms ||
            !ms_read(json_object_get(row, "length_ms"), &segment->length_ms) ||
            segment->length_ms > PL_TRACK_MS_MAX - recorded_ms ||
            !file_read(row, "media", &segment->flows[TRACK_MEDIA].file) ||
            !timeline_read(track->mem, json_object_get(row, "timeline"), head, &timelines[track->segment_n]))
            return false;
        recorded_ms += segment->length_ms;
        track->segment_n++;
    }
    *ret_recorded_ms = recorded_ms;
    return true;
}

static bool cuts_read(const json_t *cuts, uint32_t recorded_ms, struct track *track)
{
    const json_t *cut;
    size_t i;
    if (json_array_size(cuts) > PL_TRACK_CUTS_MAX)
        return false;
    json_array_foreach(cuts, i, cut) {
        struct track_cut *row = &track->cuts[track->cut_n++];
        if (!ms_read(json_array_get(cut, 0), &row->from_ms) || !ms_read(json_array_get(cut, 1), &row->to_ms) ||
            row->from_ms >= row->to_ms || row->to_ms > recorded_ms)
            return false;
    }
    return true;
}

static bool chapters_read(const json_t *chapters, struct track *track)
{
    const json_t *chapter;
    size_t i;
    if (json_array_size(chapters) > PL_TRACK_CHAPTERS_MAX)
        return false;
    json_array_foreach(chapters, i, chapter) {
        struct track_chapter *row = &track->chapters[track->chapter_n++];
        char title[PL_TITLE_BYTES_MAX + 1];
        if (!ms_read(json_object_get(chapter, "at_ms"), &row->at_ms) ||
            !text_read(chapter, "title", title, PL_TITLE_BYTES_MAX))
            return false;
        row->text_at = (uint32_t)track->texts.len;
        row->text_len = (uint32_t)strlen(title);
        pl_buf_append(&track->texts, title, row->text_len);
    }
    return !track->texts.failed;
}

static bool track_read(const json_t *row, uint64_t head, struct track *track, struct pl_buf *timelines)
{
    char id[16], state[16], watch[16];
    uint32_t recorded_ms;
    if (!text_read(row, "track", id, sizeof id - 1) ||
        !ident_read((struct pl_slice){(const uint8_t *)id, strlen(id)}, &track->track) || track->track == 0 ||
        !text_read(row, "title", track->title, PL_TITLE_BYTES_MAX) ||
        !number_read(row, "author", PL_U53_MAX, &track->author) ||
        !number_read(row, "made_ms", PL_U53_MAX, &track->made_ms) || !text_read(row, "state", state, sizeof state - 1) ||
        !text_read(row, "watch", watch, sizeof watch - 1) ||
        !role_named((struct pl_slice){(const uint8_t *)watch, strlen(watch)}, &track->watch_role))
        return false;
    track->state = strcmp(state, "finished") == 0 ? TRACK_FINISHED : TRACK_RECORDING;
    return segments_read(json_object_get(row, "segments"), head, track, timelines, &recorded_ms) &&
           cuts_read(json_object_get(row, "cuts"), recorded_ms, track) &&
           chapters_read(json_object_get(row, "chapters"), track) && file_read(row, "captions", &track->captions) &&
           file_read(row, "cover", &track->cover);
}

static enum pl_status row_take(const struct pl_mem *mem, const json_t *row, uint64_t head, track_json_taken *each,
                               void *user)
{
    struct pl_buf timelines[PL_TRACK_SEGMENTS_MAX];
    struct track *track = track_new(mem, 0, 0);
    if (track == NULL)
        return PL_NO_MEMORY;
    for (size_t i = 0; i < PL_TRACK_SEGMENTS_MAX; i++)
        pl_buf_init(&timelines[i], mem);
    enum pl_status status = track_read(row, head, track, timelines) ? PL_OK : PL_INVALID;
    if (status == PL_OK)
        status = each(user, track, timelines); /* which takes it */
    else
        track_free(track);
    for (size_t i = 0; i < PL_TRACK_SEGMENTS_MAX; i++)
        pl_buf_done(&timelines[i]);
    return status;
}

enum pl_status track_json_read(const struct pl_mem *mem, struct pl_slice json, uint64_t head, track_json_taken *each,
                               void *user)
{
    json_t *root = json_loadb((const char *)json.data, json.len, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, NULL);
    const json_t *row;
    enum pl_status status = root == NULL ? PL_INVALID : PL_OK;
    size_t i;
    if (status == PL_OK && json_array_size(json_object_get(root, "tracks")) > PL_TRACKS_MAX)
        status = PL_INVALID;
    json_array_foreach(json_object_get(root, "tracks"), i, row) {
        if (status == PL_OK)
            status = row_take(mem, row, head, each, user);
    }
    json_decref(root);
    return status;
}
