/* plenum-sim --seeds A..B [--wasm-inputs DIR] [--only engine|session]: runs two worlds per seed, the engine's
 * (world.h) and the sessions' (meeting.h); first the seeds that once failed, from kept_seeds.txt. A failing seed prints
 * its configuration, and the first one is minimised.
 * --wasm-inputs writes each journal as SEED.ops and sSEED.ops, its state hash as .hash, for the WebAssembly engine. */
#include "meeting.h"
#include "world.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

struct options {
    uint64_t first, last;
    const char *dir_or_null; /* for the WebAssembly engine */
    const char *only_or_null;
};

struct kind {
    const char *name;
    const char *prefix; /* of its files */
    /* Runs a seed, with at most so many steps (0: its own), and adds up what it met; prints why it failed. */
    bool (*run)(uint64_t seed, uint32_t steps, const char *path_or_null, uint32_t *met);
    uint32_t (*steps)(uint64_t seed);
};

static bool write_file(const char *path, const char *suffix, const void *data, size_t len)
{
    char name[4096];
    snprintf(name, sizeof name, "%s.%s", path, suffix);
    FILE *file = fopen(name, "wb");
    if (file == NULL)
        return false;
    const bool ok = fwrite(data, 1, len, file) == len;
    return fclose(file) == 0 && ok;
}

static bool write_inputs(const char *path, struct pl_slice ops, uint64_t hash)
{
    char hex[17];
    snprintf(hex, sizeof hex, "%016" PRIx64, hash);
    return write_file(path, "ops", ops.data, ops.len) && write_file(path, "hash", hex, 16);
}

static bool run_engine(uint64_t seed, uint32_t steps, const char *path_or_null, uint32_t *met)
{
    (void)met; /* the sessions' events */
    struct world_config config = world_config_of(seed);
    const char *reason = "the inputs could not be written";
    uint64_t hash;
    if (steps > 0)
        config.steps = steps;
    struct world *world = world_new(&config);
    bool ok = world_run(world, &reason);
    if (ok && path_or_null != NULL) {
        const struct pl_slice ops = world_ops(world, &hash);
        ok = write_inputs(path_or_null, ops, hash);
    }
    world_free(world);
    if (!ok)
        printf("seed %" PRIu64 " failed: %s\n  engine world: clients %u, steps %u, drop %u%%, twice %u%%, "
               "swap %u%%, refuse %u%%\n",
               seed, reason, config.clients, config.steps, config.drop_percent, config.twice_percent,
               config.swap_percent, config.refuse_percent);
    return ok;
}

static bool run_session(uint64_t seed, uint32_t steps, const char *path_or_null, uint32_t *met)
{
    struct meeting_config config = meeting_config_of(seed);
    const char *reason = "the inputs could not be written";
    uint64_t hash;
    if (steps > 0)
        config.steps = steps;
    struct meeting *meeting = meeting_new(&config);
    bool ok = meeting_run(meeting, &reason);
    if (ok && path_or_null != NULL) {
        const struct pl_slice ops = meeting_ops(meeting, &hash);
        ok = write_inputs(path_or_null, ops, hash);
    }
    for (size_t i = 0; i < SIM_EVENT_N; i++)
        met[i] += meeting_met(meeting)[i];
    meeting_free(meeting);
    if (!ok) {
        printf("seed %" PRIu64 " failed: %s\n", seed, reason);
        meeting_config_print(&config);
    }
    return ok;
}

static uint32_t steps_engine(uint64_t seed)
{
    return world_config_of(seed).steps;
}

static uint32_t steps_session(uint64_t seed)
{
    return meeting_config_of(seed).steps;
}

static const struct kind kinds[] = {
    {.name = "engine", .prefix = "", .run = run_engine, .steps = steps_engine},
    {.name = "session", .prefix = "s", .run = run_session, .steps = steps_session},
};
#define KIND_N (sizeof kinds / sizeof *kinds)

/* The fewest steps with which a failing seed still fails. */
static void minimise(const struct kind *kind, uint64_t seed)
{
    for (uint32_t steps = 1; steps < kind->steps(seed); steps++) {
        uint32_t met[SIM_EVENT_N] = {0};
        if (!kind->run(seed, steps, NULL, met))
            return;
    }
}

/* The seeds that once failed: "engine|session SEED STEPS  what it showed" a line, 0 steps for its own. */
static uint64_t replay_kept(uint32_t *met)
{
    FILE *file = fopen(PLENUM_TESTS_DIR "/sim/kept_seeds.txt", "r");
    char line[512], name[16];
    uint64_t seed, failed = 0;
    uint32_t steps;
    if (file == NULL) {
        printf("kept_seeds.txt could not be read\n");
        return 1;
    }
    while (fgets(line, sizeof line, file) != NULL) {
        if (line[0] == '#' || line[0] == '\n')
            continue;
        bool known = false;
        const bool read = sscanf(line, "%15s %" SCNu64 " %" SCNu32, name, &seed, &steps) == 3;
        for (size_t i = 0; read && i < KIND_N; i++) {
            if (strcmp(kinds[i].name, name) != 0)
                continue;
            known = true;
            failed += !kinds[i].run(seed, steps, NULL, met);
        }
        if (!known) {
            printf("kept_seeds.txt: %s", line);
            failed++;
        }
    }
    fclose(file);
    return failed;
}

static bool run_seed(const struct options *options, uint64_t seed, bool minimises, uint32_t *met)
{
    bool all = true;
    for (size_t i = 0; i < KIND_N; i++) {
        const struct kind *kind = &kinds[i];
        char path[4000];
        if (options->only_or_null != NULL && strcmp(options->only_or_null, kind->name) != 0)
            continue;
        snprintf(path, sizeof path, "%s/%s%" PRIu64, options->dir_or_null == NULL ? "" : options->dir_or_null,
                 kind->prefix, seed);
        const bool ok = kind->run(seed, 0, options->dir_or_null == NULL ? NULL : path, met);
        if (!ok && minimises)
            minimise(kind, seed);
        all = all && ok;
    }
    return all;
}

static bool options_read(int argc, char **argv, struct options *ret_options)
{
    *ret_options = (struct options){.first = 1, .last = 1000};
    for (int i = 1; i < argc; i += 2) {
        const char *value = i + 1 < argc ? argv[i + 1] : "";
        if (strcmp(argv[i], "--wasm-inputs") == 0 && *value != '\0')
            ret_options->dir_or_null = value;
        else if (strcmp(argv[i], "--only") == 0 && *value != '\0')
            ret_options->only_or_null = value;
        else if (strcmp(argv[i], "--seeds") != 0 ||
                 sscanf(value, "%" SCNu64 "..%" SCNu64, &ret_options->first, &ret_options->last) != 2)
            return false;
    }
    return ret_options->first <= ret_options->last;
}

static void print_met(const uint32_t *met)
{
    static const char *const names[] = {
#define X(name, text) text,
        SIM_EVENTS(X)
#undef X
    };
    printf("met:");
    for (size_t i = 0; i < SIM_EVENT_N; i++)
        printf("%s %s %" PRIu32, i == 0 ? "" : ",", names[i], met[i]);
    printf("\n");
}

int main(int argc, char **argv)
{
    struct options options;
    if (!options_read(argc, argv, &options)) {
        fprintf(stderr, "usage: plenum-sim [--seeds A..B] [--wasm-inputs DIR] [--only engine|session]\n");
        return 2;
    }
    uint32_t met[SIM_EVENT_N] = {0};
    uint64_t failed = replay_kept(met);
    for (uint64_t seed = options.first; seed <= options.last; seed++)
        failed += !run_seed(&options, seed, failed == 0, met);
    print_met(met);
    printf("%" PRIu64 " seeds, %" PRIu64 " failed\n", options.last - options.first + 1, failed);
    return failed == 0 ? 0 : 1;
}
