/* plenum-sim --seeds A..B [--wasm-inputs DIR]: runs one world per seed; a failing seed prints its configuration.
 * --wasm-inputs writes each seed's journal as SEED.ops and its state hash as SEED.hash, for the WebAssembly engine. */
#include "world.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool write_file(const char *dir, uint64_t seed, const char *suffix, const void *data, size_t len)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%" PRIu64 ".%s", dir, seed, suffix);
    FILE *file = fopen(path, "wb");
    if (file == NULL)
        return false;
    const bool ok = fwrite(data, 1, len, file) == len;
    return fclose(file) == 0 && ok;
}

static bool write_inputs(const char *dir, uint64_t seed, struct world *world)
{
    char hex[17];
    uint64_t hash;
    const struct pl_slice ops = world_ops(world, &hash);
    snprintf(hex, sizeof hex, "%016" PRIx64, hash);
    return write_file(dir, seed, "ops", ops.data, ops.len) && write_file(dir, seed, "hash", hex, 16);
}

static void print_failure(const struct world_config *config, const char *reason)
{
    printf("seed %" PRIu64 " failed: %s\n  clients %u, steps %u, drop %u%%, twice %u%%, swap %u%%, refuse %u%%\n",
           config->seed, reason, config->clients, config->steps, config->drop_percent,
           config->twice_percent, config->swap_percent, config->refuse_percent);
}

/* The fewest steps with which a failing seed still fails. */
static void minimise(struct world_config config)
{
    const char *reason;
    for (uint32_t steps = 1; steps < config.steps; steps++) {
        struct world_config shorter = config;
        shorter.steps = steps;
        struct world *world = world_new(&shorter);
        const bool ok = world_run(world, &reason);
        world_free(world);
        if (!ok) {
            print_failure(&shorter, reason);
            return;
        }
    }
}

int main(int argc, char **argv)
{
    uint64_t first = 1, last = 1000, failed = 0;
    const char *dir = NULL;
    for (int i = 1; i + 1 < argc; i += 2) {
        if (strcmp(argv[i], "--wasm-inputs") == 0)
            dir = argv[i + 1];
        else if (strcmp(argv[i], "--seeds") != 0 ||
                 sscanf(argv[i + 1], "%" SCNu64 "..%" SCNu64, &first, &last) != 2)
            first = 1, last = 0;
    }
    if (last < first) {
        fprintf(stderr, "usage: plenum-sim [--seeds A..B] [--wasm-inputs DIR]\n");
        return 2;
    }
    for (uint64_t seed = first; seed <= last; seed++) {
        const struct world_config config = world_config_of(seed);
        const char *reason = NULL;
        struct world *world = world_new(&config);
        bool ok = world_run(world, &reason);
        if (ok && dir != NULL && !write_inputs(dir, seed, world)) {
            ok = false;
            reason = "the inputs could not be written";
        }
        world_free(world);
        if (!ok) {
            failed++;
            print_failure(&config, reason);
            if (failed == 1)
                minimise(config);
        }
    }
    printf("%" PRIu64 " seeds, %" PRIu64 " failed\n", last - first + 1, failed);
    return failed == 0 ? 0 : 1;
}
