/* A fuzzer's input as a source of decisions: bytes are drawn one after another, zeros when there are no more. */
#ifndef FUZZ_DRAW_H
#define FUZZ_DRAW_H
#include "proto/mem.h"
#include <stdio.h>
#include <stdlib.h>

struct draw {
    const uint8_t *at;
    const uint8_t *end;
};

static inline bool draw_more(const struct draw *draw)
{
    return draw->at < draw->end;
}
static inline uint8_t draw_byte(struct draw *draw)
{
    return draw_more(draw) ? *draw->at++ : 0;
}
/* 0 to n-1; n is 1 to 256. */
static inline uint32_t draw_below(struct draw *draw, uint32_t n)
{
    return draw_byte(draw) % n;
}
/* True for about so many of 256 bytes, never when there are no more. */
static inline bool draw_chance(struct draw *draw, uint32_t of_256)
{
    return draw_more(draw) && draw_byte(draw) < of_256;
}
/* Small mostly, now and then any. */
static inline uint64_t draw_number(struct draw *draw)
{
    uint64_t number = draw_byte(draw);
    if (number < 224)
        return number % 64;
    for (number &= 7; number > 0 && draw_more(draw); number--)
        number = number << 8 | draw_byte(draw);
    return number;
}
/* Up to `max` bytes: a length, then they. */
static inline struct pl_slice draw_bytes(struct draw *draw, size_t max)
{
    size_t len = (size_t)draw_byte(draw) << 8;
    len = (len | draw_byte(draw)) % (max + 1);
    if (len > (size_t)(draw->end - draw->at))
        len = (size_t)(draw->end - draw->at);
    const struct pl_slice bytes = {draw->at, len};
    draw->at += len;
    return bytes;
}

/* Ends the process, and says why; `reason` is what a check said, or "". */
#define REQUIRE_BECAUSE(condition, reason)                                                        \
    do {                                                                                          \
        if (!(condition)) {                                                                       \
            fprintf(stderr, "%s:%d: %s: %s\n", __FILE__, __LINE__, #condition, (reason));         \
            abort();                                                                              \
        }                                                                                         \
    } while (0)
#define REQUIRE(condition) REQUIRE_BECAUSE(condition, "")

#endif
