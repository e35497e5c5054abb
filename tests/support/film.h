/* Small WebM files in memory: of every shape the format allows, made from a seed, with what is in them told beside; and
 * files in memory as webm.h's sources and sinks. */
#ifndef SUPPORT_FILM_H
#define SUPPORT_FILM_H
#include "proto/writer.h"
#include "track/webm.h"

#define FILM_BLOCKS_MAX 64u

struct film_block {
    size_t at, end; /* in the file */
    uint32_t track; /* FILM_SOUND or FILM_PICTURE */
    uint32_t time;  /* ms; none is below the one before on its track */
    uint32_t lasts; /* ms, as the block says; 0: it does not */
    bool key;
};

enum { FILM_SOUND = 1, FILM_PICTURE = 2 };

struct film {
    struct pl_buf bytes;
    struct film_block block[FILM_BLOCKS_MAX];
    size_t block_n;
    bool picture;
    bool tells_end; /* its Segment says where it ends */
};

void film_make(struct film *film, uint64_t seed);
void film_done(struct film *film);
/* The length in ms of what is whole when the file is cut to so many bytes; 0: no block is. */
uint64_t film_length_ms(const struct film *film, size_t bytes);
/* The blocks that are whole then. */
size_t film_blocks(const struct film *film, size_t bytes);

/* A file in memory. It fails at the given call, counted from 1; 0: never. */
struct memory_file {
    struct pl_slice bytes; /* what is read */
    struct pl_buf written;
    uint64_t calls;
    uint64_t fails_at;
};

void memory_file_init(struct memory_file *file, struct pl_slice bytes);
void memory_file_done(struct memory_file *file);
struct webm_source memory_source(struct memory_file *file);
struct webm_sink memory_sink(struct memory_file *file);
/* Scans `bytes`, and writes what came of it to `ret_written`, an initialised buffer. */
enum pl_status film_index(struct pl_slice bytes, struct webm_facts *ret_facts, struct pl_buf *ret_written);

#endif
