/* A token bucket on the loop's clock. bucket_take may overdraw it: what came is taken, and the
 * owner waits until it is above zero again. bucket_try takes only what is there. */
#ifndef SESSION_BUCKET_H
#define SESSION_BUCKET_H
#include <stdbool.h>
#include <stdint.h>

struct bucket {
    int64_t tokens_milli;
    uint64_t filled_ms;
};

struct bucket_rate {
    uint64_t per_s;
    uint64_t burst;
};

static inline struct bucket bucket_full(const struct bucket_rate *rate, uint64_t now_ms)
{
    return (struct bucket){.tokens_milli = (int64_t)rate->burst * 1000, .filled_ms = now_ms};
}

static inline void bucket_fill(struct bucket *bucket, const struct bucket_rate *rate,
                               uint64_t now_ms)
{
    int64_t burst = (int64_t)rate->burst * 1000;
    uint64_t passed_ms = now_ms - bucket->filled_ms;
    bucket->filled_ms = now_ms;
    if (passed_ms > 3600000 || bucket->tokens_milli + (int64_t)(passed_ms * rate->per_s) > burst)
        bucket->tokens_milli = burst;
    else
        bucket->tokens_milli += (int64_t)(passed_ms * rate->per_s);
}

/* Takes n; false when it is now overdrawn. */
static inline bool bucket_take(struct bucket *bucket, const struct bucket_rate *rate, uint64_t n,
                               uint64_t now_ms)
{
    bucket_fill(bucket, rate, now_ms);
    bucket->tokens_milli -= (int64_t)n * 1000;
    return bucket->tokens_milli >= 0;
}

/* Takes one if there is one. */
static inline bool bucket_try(struct bucket *bucket, const struct bucket_rate *rate,
                              uint64_t now_ms)
{
    bucket_fill(bucket, rate, now_ms);
    bool there = bucket->tokens_milli >= 1000;
    bucket->tokens_milli -= there ? 1000 : 0;
    return there;
}

#endif
