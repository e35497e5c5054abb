/* A talk-track as JSON, and what a body wishes of one. See track_call.h. */
#include "api/track_call.h"
#include "base/role.h"
#include "track/time.h"
#include <string.h>

static void put(json_t *object, const char *name, uint64_t number)
{
    json_object_set_new(object, name, json_integer((json_int_t)number));
}

static json_t *watch_json(const struct track *track)
{
    if (track->watch_role != PL_ROLE_NONE)
        return json_pack("{s:s}", "role", role_name(track->watch_role));
    json_t *links = json_array();
    for (uint32_t i = 0; i < track->link_n; i++) {
        char id[IDENT_TEXT_LEN + 1];
        ident_write(track->links[i], id);
        json_array_append_new(links, json_string(id));
    }
    return json_pack("{s:o}", "links", links);
}

static json_t *cuts_json(const struct track *track)
{
    struct track_cut cuts[PL_TRACK_CUTS_MAX];
    const uint32_t n = track_cuts(track, cuts);
    json_t *list = json_array();
    for (uint32_t i = 0; i < n; i++)
        json_array_append_new(list, json_pack("[I, I]", (json_int_t)cuts[i].from_ms, (json_int_t)cuts[i].to_ms));
    return list;
}

static json_t *chapters_json(const struct track *track)
{
    json_t *list = json_array();
    for (uint32_t i = 0; i < track->chapter_n; i++) {
        const struct track_chapter *chapter = &track->chapters[i];
        const struct pl_slice title = track_chapter_title(track, chapter);
        json_array_append_new(list, json_pack("{s:I, s:s%}", "at_ms", (json_int_t)chapter->at_ms, "title",
                                              (const char *)title.data, title.len));
    }
    return list;
}

static json_t *segment_json(const struct track_segment *segment, uint32_t number)
{
    json_t *json = json_pack("{s:I, s:s, s:s}", "segment", (json_int_t)number, "type", segment->type, "state",
                             segment->done ? "done" : "open");
    if (json == NULL)
        return NULL;
    put(json, "from_ms", segment->from_ms);
    put(json, "length_ms", segment->length_ms);
    put(json, "bytes", track_segment_bytes(segment));
    put(json, "first_seq", segment->first_seq);
    put(json, "last_seq", segment->last_seq);
    json_object_set_new(json, "chunks",
                        json_pack("{s:I, s:I}", "media", (json_int_t)segment->flows[TRACK_MEDIA].chunk_n, "timeline",
                                  (json_int_t)segment->flows[TRACK_TIMELINE].chunk_n));
    return json;
}

static json_t *segments_json(const struct track *track)
{
    json_t *list = json_array();
    for (uint32_t i = 0; i < track->segment_n; i++)
        json_array_append_new(list, segment_json(&track->segments[i], i));
    return list;
}

static const char *state_name(const struct track *track)
{
    return track->deleted_ms != 0 ? "deleted" : track->state == TRACK_FINISHED ? "finished" : "recording";
}

static void viewers_put(struct api *api, const struct track *track, bool edited, json_t *json)
{
    struct track_viewers viewers = {0};
    json_t *reach = edited ? json_array() : json_null();
    if (tracks_viewers(api->env.tracks, track, &viewers) != PL_OK)
        viewers = (struct track_viewers){0}; /* told as none: the track is worth more than its counts */
    for (size_t i = 0; edited && i < 11; i++)
        json_array_append_new(reach, json_integer((json_int_t)viewers.reach[i]));
    put(json, "views", viewers.n);
    json_object_set_new(json, "reach", reach);
}

json_t *track_json(struct api *api, const struct track *track, const struct track_asker *asker)
{
    const bool edited = track_edited(track, asker);
    char id[IDENT_TEXT_LEN + 1];
    ident_write(track->track, id);
    json_t *json =
        json_pack("{s:s, s:s, s:I, s:I, s:s, s:b, s:b, s:b}", "track", id, "title", track->title, "author",
                  (json_int_t)track->author, "made_ms", (json_int_t)track->made_ms, "state", state_name(track),
                  "captions", track->captions.bytes > 0, "cover", track->cover.bytes > 0, "may_edit", edited);
    if (json == NULL)
        return NULL;
    json_object_set_new(json, "watch", watch_json(track));
    json_object_set_new(json, "cuts", cuts_json(track));
    put(json, "played_ms", track_played_ms(track));
    json_object_set_new(json, "chapters", chapters_json(track));
    json_object_set_new(json, "segments", segments_json(track));
    if (track_ends_ms(track) != 0)
        put(json, "ends_ms", track_ends_ms(track));
    viewers_put(api, track, edited, json);
    return json;
}

/* Wishes. */

static enum pl_status watch_read(const json_t *watch, struct track *wish)
{
    const json_t *links = json_object_get(watch, "links"), *link;
    struct pl_slice role;
    size_t i;
    if (!json_is_object(watch) || json_object_size(watch) != 1)
        return PL_INVALID;
    if (links == NULL) {
        enum pl_status status = json_text(watch, "role", 32, &role);
        return status == PL_OK && !role_named(role, &wish->watch_role) ? PL_INVALID : status;
    }
    if (!json_is_array(links) || json_array_size(links) > TRACK_LINKS_MAX)
        return json_is_array(links) ? PL_TOO_BIG : PL_INVALID;
    wish->watch_role = PL_ROLE_NONE;
    json_array_foreach(links, i, link) {
        const char *text = json_string_value(link);
        if (text == NULL ||
            !ident_read((struct pl_slice){(const uint8_t *)text, json_string_length(link)}, &wish->links[i]))
            return PL_INVALID;
        wish->link_n++;
    }
    return PL_OK;
}

static bool ms_read(const json_t *value, uint32_t *ret_ms)
{
    if (!json_is_integer(value) || json_integer_value(value) < 0 || json_integer_value(value) > PL_TRACK_MS_MAX)
        return false;
    *ret_ms = (uint32_t)json_integer_value(value);
    return true;
}

static enum pl_status cuts_read(const json_t *cuts, struct track *wish)
{
    const json_t *cut;
    size_t i;
    if (!json_is_array(cuts))
        return PL_INVALID;
    if (json_array_size(cuts) > PL_TRACK_CUTS_MAX)
        return PL_TOO_BIG;
    json_array_foreach(cuts, i, cut) {
        if (json_array_size(cut) != 2 || !ms_read(json_array_get(cut, 0), &wish->cuts[i].from_ms) ||
            !ms_read(json_array_get(cut, 1), &wish->cuts[i].to_ms))
            return PL_INVALID;
        wish->cut_n++;
    }
    return PL_OK;
}

static enum pl_status chapters_read(const json_t *chapters, struct track *wish)
{
    const json_t *chapter;
    size_t i;
    if (!json_is_array(chapters))
        return PL_INVALID;
    if (json_array_size(chapters) > PL_TRACK_CHAPTERS_MAX)
        return PL_TOO_BIG;
    json_array_foreach(chapters, i, chapter) {
        struct track_chapter *row = &wish->chapters[i];
        struct pl_slice title;
        if (!json_is_object(chapter) || !ms_read(json_object_get(chapter, "at_ms"), &row->at_ms))
            return PL_INVALID;
        enum pl_status status = json_text(chapter, "title", PL_TITLE_BYTES_MAX, &title);
        if (status != PL_OK)
            return status;
        row->text_at = (uint32_t)wish->texts.len;
        row->text_len = (uint32_t)title.len;
        pl_buf_append(&wish->texts, title.data, title.len);
        wish->chapter_n++;
    }
    return wish->texts.failed ? PL_NO_MEMORY : PL_OK;
}

enum pl_status track_wish_read(const json_t *body, struct track *wish, unsigned *ret_wished)
{
    const json_t *watch = json_object_get(body, "watch"), *cuts = json_object_get(body, "cuts"),
                 *chapters = json_object_get(body, "chapters");
    struct pl_slice title, state;
    unsigned wished = 0;
    enum pl_status status = json_text(body, "title", PL_TITLE_BYTES_MAX, &title);
    if (status == PL_OK && json_object_get(body, "title") != NULL) {
        memcpy(wish->title, title.data, title.len);
        wished |= TRACK_WISH_TITLE;
    }
    if (status == PL_OK && watch != NULL) {
        status = watch_read(watch, wish);
        wished |= TRACK_WISH_WATCH;
    }
    if (status == PL_OK && cuts != NULL) {
        status = cuts_read(cuts, wish);
        wished |= TRACK_WISH_CUTS;
    }
    if (status == PL_OK && chapters != NULL) {
        status = chapters_read(chapters, wish);
        wished |= TRACK_WISH_CHAPTERS;
    }
    if (status == PL_OK)
        status = json_text(body, "state", 16, &state);
    if (status == PL_OK && state.len > 0) {
        if (state.len != 8 || memcmp(state.data, "finished", 8) != 0)
            return PL_INVALID;
        wished |= TRACK_WISH_FINISHED;
    }
    if (status == PL_OK)
        *ret_wished = wished;
    return status;
}
