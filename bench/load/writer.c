/* Chooses gestures and writes them as edits (SPEC R4). A writer touches only objects it made:
 * merging under contention is the simulation's subject, here the bytes and rates should be those of
 * people. */
#include "bench/load/writer.h"
#include "bench/clock.h"
#include "proto/object.h"
#include "proto/order.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define OBJECTS_FEW        6u   /* below it a writer creates */
#define OBJECTS_MAX        48u  /* at it a writer no longer creates */
#define TEXT_UTF16_MAX     200u /* a fuller sticky is rewritten */
#define MOVED_TOGETHER_MAX 3u
#define ID_TEXT_BYTES      40u
#define BOARD_EXTENT       4000u

struct writer {
    const struct pl_mem *mem;
    struct client *client; /* borrowed */
    uint64_t random;
    uint64_t mark;
    struct pl_id objects[OBJECTS_MAX];
    uint32_t object_n;
    struct pl_order_key top; /* the key of the newest object */
    struct pl_buf edits;
    struct pl_buf created;
};

struct writer *writer_new(const struct pl_mem *mem, struct client *client, uint64_t seed)
{
    struct writer *writer = pl_mem_get(mem, sizeof *writer);
    if (writer == NULL)
        return NULL;
    *writer = (struct writer){.mem = mem, .client = client, .random = seed | 1};
    for (int i = 0; i < 4; i++)
        random_next(&writer->random);
    writer->mark = random_next(&writer->random) >> 20;
    pl_buf_init(&writer->edits, mem);
    pl_buf_init(&writer->created, mem);
    return writer;
}

void writer_free(struct writer *writer_or_null)
{
    if (writer_or_null == NULL)
        return;
    pl_buf_done(&writer_or_null->edits);
    pl_buf_done(&writer_or_null->created);
    pl_mem_put(writer_or_null->mem, writer_or_null);
}

static uint32_t below(struct writer *writer, uint32_t bound)
{
    return (uint32_t)((random_next(&writer->random) >> 32) * bound >> 32);
}

/* ---- edits ---- */

static void put_id(struct pl_buf *buf, struct pl_id id)
{
    char text[ID_TEXT_BYTES];
    snprintf(text, sizeof text, "%" PRIu32 ".%" PRIu64, id.replica, id.ctr);
    pl_write_text(buf, text);
}

static void put_pair(struct pl_buf *buf, double a, double b)
{
    pl_write_array(buf, 2);
    pl_write_number(buf, a);
    pl_write_number(buf, b);
}

/* The board's own plane, above everything this writer made. */
static void put_place_on_top(struct writer *writer)
{
    struct pl_order_key key;
    struct pl_slice low = {writer->top.bytes, writer->top.len};
    pl_order_between(low, (struct pl_slice){0}, below(writer, UINT32_MAX), &key);
    writer->top = key;
    pl_write_array(&writer->edits, 2);
    pl_write_nil(&writer->edits);
    pl_write_str(&writer->edits, (struct pl_slice){key.bytes, key.len});
}

static void put_set(struct pl_buf *buf, struct pl_id id, uint32_t field)
{
    pl_write_array(buf, 4);
    pl_write_uint(buf, 2);
    put_id(buf, id);
    pl_write_uint(buf, field);
}

static void put_text(struct pl_buf *buf, uint64_t at, uint64_t removed, const char *text)
{
    pl_write_uint(buf, PL_FIELD_TEXT);
    pl_write_uint(buf, at);
    pl_write_uint(buf, removed);
    pl_write_text(buf, text);
}

/* Two edits of a gesture, from number `edit` on: a sticky, and its words. */
static void put_sticky(struct writer *writer, uint32_t edit, const char *words)
{
    struct pl_buf *edits = &writer->edits;
    pl_write_array(edits, 3);
    pl_write_uint(edits, 1);
    pl_write_uint(edits, PL_KIND_STICKY);
    pl_write_map(edits, 5);
    pl_write_uint(edits, PL_FIELD_POS);
    put_pair(edits, below(writer, BOARD_EXTENT), below(writer, BOARD_EXTENT));
    pl_write_uint(edits, PL_FIELD_SIZE);
    put_pair(edits, 200, 200);
    pl_write_uint(edits, PL_FIELD_PLACE);
    put_place_on_top(writer);
    pl_write_uint(edits, PL_FIELD_COLOR);
    pl_write_uint(edits, below(writer, 6));
    pl_write_uint(edits, WRITER_MARK_FIELD);
    pl_write_uint(edits, ++writer->mark);
    pl_write_array(edits, 6);
    pl_write_uint(edits, 4);
    pl_write_uint(edits, edit); /* the object it made */
    put_text(edits, 0, 0, words);
}

/* A sticky and its first words: two operations that belong together, so half of it would be seen.
 */
static void write_create(struct writer *writer)
{
    char words[64];
    snprintf(words, sizeof words, "note %" PRIu64, (writer->mark + 1) % 100000);
    pl_write_array(&writer->edits, 2);
    put_sticky(writer, 0, words);
}

/* A few of the writer's stickies dragged together; a drop commits them in one batch. */
static void write_move(struct writer *writer)
{
    uint32_t count = 1 + below(writer, MOVED_TOGETHER_MAX);
    uint32_t first = below(writer, writer->object_n);
    if (count > writer->object_n)
        count = writer->object_n;
    pl_write_array(&writer->edits, count);
    for (uint32_t i = 0; i < count; i++) {
        put_set(&writer->edits, writer->objects[(first + i) % writer->object_n], PL_FIELD_POS);
        put_pair(&writer->edits, below(writer, BOARD_EXTENT) + 0.5,
                 below(writer, BOARD_EXTENT) + 0.25);
    }
}

static const char *const words[] = {"and ", "so ", "then ", "we ", "agree ", "到了", "明天 "};

static const char *some_word(struct writer *writer)
{
    return words[below(writer, sizeof words / sizeof words[0])];
}

/* A few keystrokes at some place, or a full sticky begun anew. */
static void write_typing(struct writer *writer)
{
    struct pl_id id = writer->objects[below(writer, writer->object_n)];
    const struct pl_object *object = pl_replica_object(client_replica(writer->client), id);
    const struct pl_text *text = object == NULL ? NULL : pl_object_text(object, PL_FIELD_TEXT);
    size_t len = text == NULL ? 0 : pl_text_utf16(text);
    pl_write_array(&writer->edits, 1);
    pl_write_array(&writer->edits, 6);
    pl_write_uint(&writer->edits, 4);
    put_id(&writer->edits, id);
    if (len > TEXT_UTF16_MAX)
        put_text(&writer->edits, 0, len, "again: ");
    else
        put_text(&writer->edits, below(writer, (uint32_t)len + 1), 0, some_word(writer));
}

static void write_color(struct writer *writer)
{
    pl_write_array(&writer->edits, 1);
    put_set(&writer->edits, writer->objects[below(writer, writer->object_n)], PL_FIELD_COLOR);
    pl_write_uint(&writer->edits, below(writer, 6));
}

static void write_to_front(struct writer *writer)
{
    pl_write_array(&writer->edits, 1);
    put_set(&writer->edits, writer->objects[below(writer, writer->object_n)], PL_FIELD_PLACE);
    put_place_on_top(writer);
}

static void write_delete(struct writer *writer)
{
    uint32_t at = below(writer, writer->object_n);
    pl_write_array(&writer->edits, 1);
    pl_write_array(&writer->edits, 2);
    pl_write_uint(&writer->edits, 3);
    put_id(&writer->edits, writer->objects[at]);
    writer->objects[at] = writer->objects[--writer->object_n];
}

/* ---- choosing ---- */

static void write_some_gesture(struct writer *writer)
{
    uint32_t dice = below(writer, 100);
    if (writer->object_n < OBJECTS_FEW || (dice < 6 && writer->object_n < OBJECTS_MAX))
        write_create(writer);
    else if (dice < 32)
        write_typing(writer);
    else if (dice < 37)
        write_color(writer);
    else if (dice < 40)
        write_to_front(writer);
    else if (dice < 42)
        write_delete(writer);
    else
        write_move(writer);
}

enum pl_status writer_fill(struct writer *writer, uint32_t sticky_n)
{
    pl_buf_clear(&writer->edits);
    pl_buf_clear(&writer->created);
    pl_write_array(&writer->edits, 2 * sticky_n);
    for (uint32_t i = 0; i < sticky_n; i++) {
        char text[128] = "";
        for (uint32_t left = 3 + below(writer, 10); left > 0; left--)
            strcat(text, some_word(writer));
        put_sticky(writer, 2 * i, text);
    }
    if (writer->edits.failed)
        return PL_NO_MEMORY;
    return client_edit(writer->client, pl_buf_slice(&writer->edits), &writer->created);
}

enum pl_status writer_gesture(struct writer *writer)
{
    pl_buf_clear(&writer->edits);
    pl_buf_clear(&writer->created);
    write_some_gesture(writer);
    if (writer->edits.failed)
        return PL_NO_MEMORY;
    enum pl_status status =
        client_edit(writer->client, pl_buf_slice(&writer->edits), &writer->created);
    if (status != PL_OK)
        return status;
    struct pl_reader reader = pl_reader_of(pl_buf_slice(&writer->created));
    struct pl_id id;
    while (writer->object_n < OBJECTS_MAX && pl_read_id(&reader, &id))
        writer->objects[writer->object_n++] = id;
    return PL_OK;
}
