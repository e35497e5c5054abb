/* See track_json.h. */
#include "exchange/track_json.h"
#include "base/ident.h"
#include "base/role.h"
#include "exchange/value_json.h"
#include "proto/reader.h"
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Links are another server's there, so whom only links brought is nobody but those who lead. */
static const char *watch_word(const struct track *track)
{
    return role_name(track->watch_role == PL_ROLE_NONE ? PL_ROLE_FACILITATOR : track->watch_role);
}

__attribute__((format(printf, 2, 3))) static void put(struct pl_buf *buf, const char *format, ...)
{
    char text[160];
    va_list args;
    va_start(args, format);
    int len = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    pl_buf_append(buf, text, (size_t)len);
}

static void put_text(struct pl_buf *buf, const char *name, const char *text)
{
    put(buf, "\"%s\":", name);
    json_text_write(buf, (struct pl_slice){(const uint8_t *)text, strlen(text)});
}

static void file_put(struct pl_buf *buf, const char *name, const struct track_file *file)
{
    if (file->bytes == 0)
        return;
    put(buf, ",\"%s\":{\"file\":\"media/", name);
    for (size_t i = 0; i < DIGEST_BYTES; i++)
        put(buf, "%02x", file->hash[i]);
    put(buf, "\",\"bytes\":%" PRIu64 ",", file->bytes);
    put_text(buf, "type", file->type);
    put(buf, "}");
}

static void events_put(struct pl_buf *buf, struct pl_slice timeline, struct pl_buf *scratch)
{
    struct pl_reader reader = pl_reader_of(timeline);
    struct pl_slice event;
    const char *before = "";
    put(buf, ",\"timeline\":[");
    while (pl_peek(&reader) == PL_TYPE_ARRAY && pl_read_raw(&reader, &event)) {
        put(buf, "%s", before);
        value_json_write(buf, event, scratch);
        before = ",";
    }
    put(buf, "]");
}

static void segment_put(struct pl_buf *buf, const struct track_segment *segment, struct pl_slice timeline,
                        struct pl_buf *scratch)
{
    put(buf, "{");
    put_text(buf, "type", segment->type);
    put(buf,
        ",\"state\":\"%s\",\"from_ms\":%" PRIu32 ",\"length_ms\":%" PRIu32 ",\"first_seq\":%" PRIu64
        ",\"last_seq\":%" PRIu64,
        segment->done ? "done" : "open", segment->from_ms, segment->length_ms, segment->first_seq, segment->last_seq);
    file_put(buf, "media", &segment->flows[TRACK_MEDIA].file);
    if (timeline.len > 0)
        events_put(buf, timeline, scratch);
    put(buf, "}");
}

static void chapters_put(struct pl_buf *buf, const struct track *track)
{
    put(buf, ",\"chapters\":[");
    for (uint32_t i = 0; i < track->chapter_n; i++) {
        put(buf, "%s{\"at_ms\":%" PRIu32 ",\"title\":", i == 0 ? "" : ",", track->chapters[i].at_ms);
        json_text_write(buf, track_chapter_title(track, &track->chapters[i]));
        put(buf, "}");
    }
    put(buf, "]");
}

enum pl_status track_json_write(const struct track *track, const struct pl_slice *timelines, struct pl_buf *buf)
{
    char id[IDENT_TEXT_LEN + 1];
    struct pl_buf scratch;
    pl_buf_init(&scratch, track->mem);
    ident_write(track->track, id);
    put(buf, "{\"track\":\"%s\",", id);
    put_text(buf, "title", track->title);
    put(buf, ",\"author\":%" PRIu64 ",\"made_ms\":%" PRIu64 ",\"state\":\"%s\",\"watch\":\"%s\",\"cuts\":[",
        track->author, track->made_ms,
        track->deleted_ms != 0             ? "deleted"
        : track->state == TRACK_FINISHED ? "finished"
                                         : "recording",
        watch_word(track));
    for (uint32_t i = 0; i < track->cut_n; i++)
        put(buf, "%s[%" PRIu32 ",%" PRIu32 "]", i == 0 ? "" : ",", track->cuts[i].from_ms, track->cuts[i].to_ms);
    put(buf, "]");
    chapters_put(buf, track);
    put(buf, ",\"segments\":[");
    for (uint32_t i = 0; i < track->segment_n; i++) {
        put(buf, "%s\n  ", i == 0 ? "" : ",");
        segment_put(buf, &track->segments[i], timelines[i], &scratch);
    }
    put(buf, "]");
    file_put(buf, "captions", &track->captions);
    file_put(buf, "cover", &track->cover);
    put(buf, "}");
    const bool failed = buf->failed || scratch.failed;
    pl_buf_done(&scratch);
    return failed ? PL_NO_MEMORY : PL_OK;
}
