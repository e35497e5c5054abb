/* A timeline's chunk, checked. See timeline.h. */
#include "track/timeline.h"
#include "proto/limits.h"
#include "proto/reader.h"

enum event_type {
    EVENT_VIEW,
    EVENT_POINTER,
    EVENT_LASER,
    EVENT_CLICK,
    EVENT_SELECT,
    EVENT_SLIDE,
    EVENT_ENTRY,
    EVENT_CAPTION,
};

#define HASH_BYTES 8u

/* Checks read on where the last one stopped: false is PL_INVALID, or PL_TOO_BIG when `too_big` is set. */
struct check {
    struct pl_reader reader;
    struct timeline_facts facts;
    uint32_t entries; /* of type 6, so far */
    bool too_big;
};

static bool read_coord(struct pl_reader *reader)
{
    double value;
    return pl_read_number(reader, &value) && value >= -PL_COORD_MAX && value <= PL_COORD_MAX;
}

static bool read_size(struct pl_reader *reader)
{
    double value;
    return pl_read_number(reader, &value) && value >= 0 && value <= PL_COORD_MAX;
}

static bool read_point(struct pl_reader *reader)
{
    return read_coord(reader) && read_coord(reader);
}

static bool read_rect(struct pl_reader *reader)
{
    return read_point(reader) && read_size(reader) && read_size(reader);
}

static bool check_view(struct check *check)
{
    struct pl_id id;
    uint32_t anchors;
    if (!pl_read_array_of(&check->reader, 4) || !read_rect(&check->reader) ||
        !pl_read_array(&check->reader, &anchors))
        return false;
    if (anchors > PL_TRACK_ANCHORS_MAX) {
        check->too_big = true;
        return false;
    }
    for (; anchors > 0; anchors--) {
        if (!pl_read_array_of(&check->reader, 5) || !pl_read_id(&check->reader, &id) || !read_rect(&check->reader))
            return false;
    }
    return true;
}

static bool check_ids(struct check *check)
{
    struct pl_id id;
    uint32_t n;
    if (!pl_read_array(&check->reader, &n))
        return false;
    while (n > 0 && pl_read_id(&check->reader, &id))
        n--;
    return n == 0;
}

static bool check_entry(struct check *check)
{
    struct pl_slice hash;
    uint64_t seq;
    if (!pl_read_u53(&check->reader, &seq))
        return false;
    if (check->entries == 0)
        check->facts.stood_at = seq;
    check->entries++;
    if (check->facts.seq < seq)
        check->facts.seq = seq;
    if (pl_peek(&check->reader) == PL_TYPE_NIL)
        return pl_read_nil(&check->reader);
    return pl_read_bin(&check->reader, &hash) && hash.len == HASH_BYTES;
}

static bool check_caption(struct check *check)
{
    struct pl_slice text;
    if (!pl_read_str(&check->reader, &text))
        return false;
    check->too_big = text.len > PL_TITLE_BYTES_MAX;
    return !check->too_big;
}

static bool pass_values(struct check *check, uint32_t n)
{
    struct pl_slice value;
    while (n > 0 && pl_read_raw(&check->reader, &value))
        n--;
    return n == 0;
}

/* The members behind time and type, of which there are `n`. */
static bool check_members(struct check *check, uint64_t type, uint32_t n)
{
    struct pl_id id;
    switch (type) {
    case EVENT_VIEW:
        return n == 2 && check_view(check);
    case EVENT_POINTER:
    case EVENT_LASER:
        return n == 0 || (n == 2 && read_point(&check->reader));
    case EVENT_CLICK:
        return n == 2 && read_point(&check->reader);
    case EVENT_SELECT:
        return n == 1 && check_ids(check);
    case EVENT_SLIDE:
        return n == 1 && pl_read_id_or_nil(&check->reader, &id);
    case EVENT_ENTRY:
        return n == 2 && check_entry(check);
    case EVENT_CAPTION:
        return n == 1 && check_caption(check);
    default:
        return pass_values(check, n);
    }
}

static bool check_event(struct check *check)
{
    uint32_t n;
    double ms;
    uint64_t type;
    if (!pl_read_array(&check->reader, &n) || n < 2 || !pl_read_number(&check->reader, &ms) ||
        ms < check->facts.last_ms)
        return false;
    if (ms > PL_TRACK_MS_MAX) {
        check->too_big = true;
        return false;
    }
    if (!pl_read_u53(&check->reader, &type) || !check_members(check, type, n - 2))
        return false;
    if (check->facts.events == 0) {
        check->facts.first_ms = ms;
        check->facts.begins = type == EVENT_VIEW && ms == 0;
    } else if (type == EVENT_ENTRY && check->entries == 1 && ms > 0) {
        check->facts.begins = false;
    }
    check->facts.last_ms = ms;
    check->facts.events++;
    return true;
}

enum pl_status timeline_check(struct pl_slice chunk, double after_ms, struct timeline_facts *ret_facts)
{
    if (chunk.len == 0)
        return PL_MALFORMED;
    struct check check = {.reader = pl_reader_of(chunk), .facts = {.last_ms = after_ms}};
    struct pl_reader whole = check.reader;
    struct pl_slice value;
    while (!pl_reader_done(&whole)) {
        if (!pl_read_raw(&whole, &value))
            return PL_MALFORMED;
    }
    while (!pl_reader_done(&check.reader)) {
        if (!check_event(&check))
            return check.too_big ? PL_TOO_BIG : PL_INVALID;
    }
    *ret_facts = check.facts;
    return PL_OK;
}
