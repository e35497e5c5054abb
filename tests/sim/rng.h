/* The simulation's only source of chance: SplitMix64 (Steele, Lea, Flood 2014), so that a seed is a whole run. */
#ifndef SIM_RNG_H
#define SIM_RNG_H
#include <stdbool.h>
#include <stdint.h>

struct rng {
    uint64_t state;
};

/* A stream of its own for each step of a seed: a step that is left out changes no other's dice. */
static inline struct rng rng_of(uint64_t seed, uint64_t stream)
{
    return (struct rng){.state = seed * UINT64_C(0xd1342543de82ef95) + stream * UINT64_C(0x2545f4914f6cdd1d)};
}
static inline uint64_t rng_next(struct rng *rng)
{
    uint64_t z = rng->state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}
/* 0 to n-1; n above 0. */
static inline uint32_t rng_below(struct rng *rng, uint32_t n)
{
    return (uint32_t)(rng_next(rng) % n);
}
static inline bool rng_chance(struct rng *rng, uint32_t percent)
{
    return rng_below(rng, 100) < percent;
}

#endif
