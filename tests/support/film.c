#include "tests/support/film.h"
#include "tests/sim/rng.h"
#include "track/ebml.h"
#include "track/webm_walk.h"
#include <string.h>

#define STEP_MS_MAX 250u /* what a last block's length is guessed as at most */

struct shape {
    struct rng rng;
    bool sized_clusters;
    bool strange; /* Voids and elements nobody knows in between */
    bool groups;
    bool laced;
    bool places; /* Positions and PrevSizes */
};

static void write_open_head(struct pl_buf *buf, uint32_t id)
{
    const uint8_t bytes[] = {(uint8_t)(id >> 24), (uint8_t)(id >> 16), (uint8_t)(id >> 8), (uint8_t)id,
                             1, 255, 255, 255, 255, 255, 255, 255};
    pl_buf_append(buf, bytes, sizeof bytes);
}

static void set_size(struct pl_buf *buf, size_t head_at)
{
    pl_u64_to_bytes(UINT64_C(1) << 56 | (buf->len - head_at - EBML_LONG_HEAD_BYTES), buf->data + head_at + 4);
}

static void write_filler(struct pl_buf *buf, struct rng *rng)
{
    static const uint32_t ids[] = {EBML_VOID, 0x6fab, 0x2fabcd, 0x1fabcdef};
    uint8_t bytes[100];
    const uint8_t len = (uint8_t)rng_below(rng, sizeof bytes);
    memset(bytes, (int)rng_below(rng, 256), sizeof bytes);
    ebml_write_short_head(buf, ids[rng_below(rng, 4)], len);
    pl_buf_append(buf, bytes, len);
}

static void write_track(struct pl_buf *buf, uint32_t number, uint64_t type)
{
    ebml_write_short_head(buf, 0xae, 6);
    ebml_write_uint(buf, 0xd7, number, 1);
    ebml_write_uint(buf, 0x83, type, 1);
}

/* The block's head, and bytes that no other block has. */
static void write_payload(struct pl_buf *buf, const struct film_block *block, uint32_t cluster_time,
                          uint32_t number, bool laced, bool simple, uint8_t len)
{
    const int32_t relative = (int32_t)block->time - (int32_t)cluster_time;
    const uint8_t flags = (uint8_t)((simple && block->key ? 0x80 : 0) | (laced ? 0x04 : 0));
    const uint8_t head[] = {(uint8_t)(0x80 | block->track), (uint8_t)((uint32_t)relative >> 8), (uint8_t)relative,
                            flags, laced ? 1 : 0, (uint8_t)number};
    pl_buf_append(buf, head, sizeof head);
    for (uint8_t i = (uint8_t)sizeof head; i < len; i++) {
        const uint8_t byte = (uint8_t)(number * 31 + i);
        pl_buf_append(buf, &byte, 1);
    }
}

static void write_block(struct film *film, struct shape *shape, struct film_block *block, uint32_t cluster_time)
{
    struct pl_buf *buf = &film->bytes;
    const uint8_t len = (uint8_t)(6 + rng_below(&shape->rng, 60));
    const uint32_t number = (uint32_t)film->block_n;
    const bool laced = shape->laced && block->track == FILM_SOUND && rng_chance(&shape->rng, 40);
    block->at = buf->len;
    if (shape->groups && rng_chance(&shape->rng, 40)) {
        block->lasts = rng_chance(&shape->rng, 50) ? 1 + rng_below(&shape->rng, 400) : 0;
        ebml_write_short_head(buf, WEBM_BLOCK_GROUP,
                              (uint8_t)(2 + len + (block->lasts > 0 ? 4 : 0) + (block->key ? 0 : 3)));
        if (block->lasts > 0)
            ebml_write_uint(buf, 0x9b, block->lasts, 2);
        ebml_write_short_head(buf, 0xa1, len);
        write_payload(buf, block, cluster_time, number, laced, false, len);
        if (!block->key)
            ebml_write_uint(buf, 0xfb, 40, 1);
    } else {
        ebml_write_short_head(buf, WEBM_SIMPLE_BLOCK, len);
        write_payload(buf, block, cluster_time, number, laced, true, len);
    }
    block->end = buf->len;
    film->block[film->block_n++] = *block;
}

static void write_cluster(struct film *film, struct shape *shape, uint32_t *times)
{
    struct pl_buf *buf = &film->bytes;
    const size_t head_at = buf->len;
    const uint32_t first = times[FILM_SOUND] < times[FILM_PICTURE] ? times[FILM_SOUND] : times[FILM_PICTURE];
    const uint32_t cluster_time = first + rng_below(&shape->rng, 3); /* so that some blocks lie before it */
    write_open_head(buf, WEBM_CLUSTER);
    if (shape->places)
        ebml_write_uint(buf, WEBM_PREV_SIZE, 77, 2);
    ebml_write_uint(buf, WEBM_TIMESTAMP, cluster_time, 4);
    if (shape->places)
        ebml_write_uint(buf, WEBM_POSITION, 1234, 8);
    for (uint32_t left = 1 + rng_below(&shape->rng, 6); left > 0 && film->block_n < FILM_BLOCKS_MAX; left--) {
        const uint32_t track = film->picture && rng_chance(&shape->rng, 50) ? FILM_PICTURE : FILM_SOUND;
        struct film_block block = {.track = track, .time = times[track]};
        block.key = track == FILM_SOUND || times[track] == 0 || rng_chance(&shape->rng, 30);
        times[track] += 1 + rng_below(&shape->rng, track == FILM_SOUND ? 900 : 400);
        if (shape->strange && rng_chance(&shape->rng, 30))
            write_filler(buf, &shape->rng);
        write_block(film, shape, &block, cluster_time);
    }
    if (shape->sized_clusters)
        set_size(buf, head_at);
}

void film_make(struct film *film, uint64_t seed)
{
    struct shape shape = {.rng = rng_of(seed, 0)};
    uint32_t times[3] = {0, 0, 0};
    struct pl_buf *buf = &film->bytes;
    *film = (struct film){.picture = rng_chance(&shape.rng, 60), .tells_end = rng_chance(&shape.rng, 30)};
    shape.sized_clusters = rng_chance(&shape.rng, 40);
    shape.strange = rng_chance(&shape.rng, 50);
    shape.groups = rng_chance(&shape.rng, 50);
    shape.laced = rng_chance(&shape.rng, 30);
    shape.places = rng_chance(&shape.rng, 30);
    pl_buf_init(buf, pl_mem_libc());
    ebml_write_short_head(buf, EBML_HEADER, 7 + 4);
    ebml_write_text(buf, EBML_DOCTYPE, "webm");
    ebml_write_uint(buf, EBML_MAX_SIZE_LENGTH, 1, 1); /* a lie */
    const size_t segment_at = buf->len;
    write_open_head(buf, WEBM_SEGMENT);
    if (shape.strange)
        write_filler(buf, &shape.rng);
    if (rng_chance(&shape.rng, 80)) {
        ebml_write_short_head(buf, WEBM_INFO, 7 + 8);
        ebml_write_uint(buf, 0x2ad7b1, 1000000, 3);
        ebml_write_text(buf, 0x4d80, "Maker");
    }
    ebml_write_short_head(buf, WEBM_TRACKS, film->picture ? 16 : 8);
    write_track(buf, FILM_SOUND, 2);
    if (film->picture)
        write_track(buf, FILM_PICTURE, 1);
    for (uint32_t left = 1 + rng_below(&shape.rng, 8); left > 0 && film->block_n < FILM_BLOCKS_MAX; left--) {
        write_cluster(film, &shape, times);
        if (shape.strange && rng_chance(&shape.rng, 20)) {
            ebml_write_short_head(buf, WEBM_TAGS, 0);
            write_filler(buf, &shape.rng);
        }
    }
    if (film->tells_end)
        set_size(buf, segment_at);
}

void film_done(struct film *film)
{
    pl_buf_done(&film->bytes);
}

size_t film_blocks(const struct film *film, size_t bytes)
{
    size_t n = 0;
    while (n < film->block_n && film->block[n].end <= bytes)
        n++;
    return n;
}

uint64_t film_length_ms(const struct film *film, size_t bytes)
{
    uint64_t length = 0;
    for (uint32_t track = FILM_SOUND; track <= FILM_PICTURE; track++) {
        const struct film_block *last = NULL, *before = NULL;
        for (size_t i = 0; i < film_blocks(film, bytes); i++) {
            if (film->block[i].track != track)
                continue;
            before = last;
            last = &film->block[i];
        }
        if (last == NULL)
            continue;
        const uint64_t step = before == NULL ? 0 : last->time - before->time;
        const uint64_t lasts = last->lasts > 0 ? last->lasts : step < STEP_MS_MAX ? step : STEP_MS_MAX;
        if (length < last->time + lasts)
            length = last->time + lasts;
    }
    return length;
}

static bool memory_fails(struct memory_file *file)
{
    return ++file->calls == file->fails_at;
}

static bool memory_read(void *user, uint64_t at, uint8_t *ret_bytes, size_t len)
{
    struct memory_file *file = user;
    if (memory_fails(file) || at > file->bytes.len || len > file->bytes.len - at)
        return false;
    memcpy(ret_bytes, file->bytes.data + at, len);
    return true;
}

static bool memory_write(void *user, struct pl_slice bytes)
{
    struct memory_file *file = user;
    pl_buf_append(&file->written, bytes.data, bytes.len);
    return !memory_fails(file);
}

void memory_file_init(struct memory_file *file, struct pl_slice bytes)
{
    *file = (struct memory_file){.bytes = bytes};
    pl_buf_init(&file->written, pl_mem_libc());
}

void memory_file_done(struct memory_file *file)
{
    pl_buf_done(&file->written);
}

struct webm_source memory_source(struct memory_file *file)
{
    return (struct webm_source){.read = memory_read, .user = file, .bytes = file->bytes.len};
}

struct webm_sink memory_sink(struct memory_file *file)
{
    return (struct webm_sink){.write = memory_write, .user = file};
}

enum pl_status film_index(struct pl_slice bytes, struct webm_facts *ret_facts, struct pl_buf *ret_written)
{
    struct memory_file file;
    struct webm *webm = NULL;
    memory_file_init(&file, bytes);
    const struct webm_source source = memory_source(&file);
    const struct webm_sink sink = memory_sink(&file);
    enum pl_status status = webm_scan(pl_mem_libc(), &source, &webm);
    if (status == PL_OK) {
        *ret_facts = webm_facts(webm);
        status = webm_write(webm, &source, &sink);
        pl_buf_clear(ret_written);
        pl_buf_append(ret_written, file.written.data, file.written.len);
    }
    webm_free(webm);
    memory_file_done(&file);
    return status;
}
