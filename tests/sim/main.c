/* plenum-sim: runs each seed's worlds, the engine's (world.h), the sessions' (meeting.h) and that of endless churn
 * (churn.h), in a process of their own, after the seeds that once failed (kept_seeds.txt). A failing seed prints its
 * whole configuration; the first one is made smaller and printed as the command that replays it.
 *
 *   --seeds A..B        1..1000 when absent
 *   --only WORLD        engine, session or churn
 *   --with NAME=N,...   knobs, instead of what the seed has
 *   --keep N,N-N,...    the steps to take; no others
 *   --wasm-inputs DIR   leaves each journal as SEED.ops (sSEED.ops), its state hash as .hash
 *
 * Exit status 0: all held. 1: some did not. 2: wrong arguments. */
#include "churn.h"
#include "meeting.h"
#include "minimise.h"
#include "world.h"
#include <inttypes.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define SEED_SECONDS 120u /* one takes some milliseconds */
#define KEPT_MAX     64u
#define FAILED_MAX   20u /* then it is plain that something is broken */

static const struct sim_kind *const kinds[] = {&engine_kind, &session_kind, &churn_kind};
#define KIND_N (sizeof kinds / sizeof *kinds)

struct options {
    uint64_t first, last;
    const char *dir_or_null; /* for the WebAssembly engine */
    const char *only_or_null, *with_or_null, *keep_or_null;
};

/* What the worker tells, and leaves behind when it crashes. */
struct report {
    uint64_t at; /* the job under way */
    char reason[REASON_BYTES];
    uint32_t met[SIM_EVENT_N];
};

/* The jobs of a run, by number: the kept ones, then each seed in each world. */
struct jobs {
    struct options options;
    struct plan kept[KEPT_MAX];
    uint64_t kept_n, n;
    const struct sim_kind *run[KIND_N];
    uint64_t run_n;
    struct report *report; /* shared with the worker */
};

static const struct sim_kind *kind_of(const char *name)
{
    for (size_t i = 0; i < KIND_N; i++)
        if (strcmp(kinds[i]->name, name) == 0)
            return kinds[i];
    return NULL;
}

/* "WORLD SEED KNOBS|- STEPS|-  what it showed" */
static bool kept_read(struct plan *ret_plan, char *line)
{
    const char *parts[4];
    for (size_t i = 0; i < 4; i++) {
        parts[i] = strtok(i == 0 ? line : NULL, " \n");
        if (parts[i] == NULL)
            return false;
    }
    const struct sim_kind *kind = kind_of(parts[0]);
    if (kind == NULL)
        return false;
    *ret_plan = plan_of(kind, strtoull(parts[1], NULL, 10));
    return (strcmp(parts[2], "-") == 0 || plan_change(ret_plan, parts[2])) &&
           (strcmp(parts[3], "-") == 0 || plan_keep(ret_plan, parts[3]));
}

static bool runs(const struct jobs *jobs, const struct sim_kind *kind)
{
    for (uint64_t i = 0; i < jobs->run_n; i++)
        if (jobs->run[i] == kind)
            return true;
    return false;
}

static bool kept_load(struct jobs *jobs)
{
    FILE *file = fopen(PLENUM_TESTS_DIR "/sim/kept_seeds.txt", "r");
    char line[PLAN_TEXT_BYTES];
    bool ok = file != NULL;
    while (ok && fgets(line, sizeof line, file) != NULL) {
        if (line[0] == '#' || line[0] == '\n')
            continue;
        struct plan plan;
        ok = jobs->kept_n < KEPT_MAX && kept_read(&plan, line);
        if (ok && runs(jobs, plan.kind))
            jobs->kept[jobs->kept_n++] = plan;
    }
    if (file != NULL)
        fclose(file);
    if (!ok)
        fprintf(stderr, "kept_seeds.txt could not be read\n");
    return ok;
}

static struct plan job_plan(const struct jobs *jobs, uint64_t job)
{
    if (job < jobs->kept_n)
        return jobs->kept[job];
    job -= jobs->kept_n;
    struct plan plan = plan_of(jobs->run[job % jobs->run_n], jobs->options.first + job / jobs->run_n);
    if (jobs->options.with_or_null != NULL)
        sim_must(plan_change(&plan, jobs->options.with_or_null), "--with does not fit this world");
    if (jobs->options.keep_or_null != NULL)
        sim_must(plan_keep(&plan, jobs->options.keep_or_null), "--keep is no list of steps");
    return plan;
}

static bool work(void *user)
{
    struct jobs *jobs = user;
    struct report *report = jobs->report;
    for (; report->at < jobs->n; report->at++) {
        const struct plan plan = job_plan(jobs, report->at);
        if (plan.seed % plan.kind->one_in != 0 && jobs->run_n > 1 && report->at >= jobs->kept_n)
            continue;
        const bool leaves = jobs->options.dir_or_null != NULL && report->at >= jobs->kept_n;
        char path[4000];
        alarm(SEED_SECONDS);
        snprintf(path, sizeof path, "%s/%s%" PRIu64, leaves ? jobs->options.dir_or_null : "",
                 plan.kind->prefix, plan.seed);
        snprintf(report->reason, sizeof report->reason, "%s", SIM_CRASH_REASON);
        const char *reason = plan.kind->run(&plan, leaves ? path : NULL, report->met);
        snprintf(report->reason, sizeof report->reason, "%s", reason == NULL ? "" : reason);
        if (reason != NULL)
            return false;
    }
    return true;
}

static void tell(const char *what, const struct plan *plan, const char *reason)
{
    char knobs[PLAN_TEXT_BYTES], kept[PLAN_TEXT_BYTES];
    plan_write(plan, knobs, kept);
    printf("seed %" PRIu64 " %s: %s\n", plan->seed, what, reason);
    printf("  plenum-sim --only %s --seeds %" PRIu64 "..%" PRIu64 " --with %s%s%s\n", plan->kind->name,
           plan->seed, plan->seed, knobs, *kept == '\0' ? "" : " --keep ", kept);
    fflush(stdout);
}

/* Runs all jobs, going on after one that fails; how many failed. */
static uint64_t run_all(struct jobs *jobs)
{
    uint64_t failed = 0;
    struct report *report = jobs->report;
    while (failed < FAILED_MAX && report->at < jobs->n && !apart(work, jobs, SEED_SECONDS, false)) {
        if (report->at == jobs->n) {
            printf("the last seeds leaked, or the worker could not end\n");
            return failed + 1;
        }
        struct plan plan = job_plan(jobs, report->at);
        char reason[REASON_BYTES];
        snprintf(reason, sizeof reason, "%s", report->reason);
        tell("failed", &plan, reason);
        if (failed++ == 0) {
            const uint32_t runs = minimise(&plan, reason);
            char what[64];
            snprintf(what, sizeof what, "made smaller in %" PRIu32 " runs", runs);
            tell(what, &plan, reason);
        }
        report->at++;
    }
    return failed;
}

static bool options_read(int argc, char **argv, struct options *ret_options)
{
    *ret_options = (struct options){.first = 1, .last = 1000};
    for (int i = 1; i < argc; i += 2) {
        const char *value = i + 1 < argc ? argv[i + 1] : "";
        if (strcmp(argv[i], "--wasm-inputs") == 0 && *value != '\0')
            ret_options->dir_or_null = value;
        else if (strcmp(argv[i], "--only") == 0 && kind_of(value) != NULL)
            ret_options->only_or_null = value;
        else if (strcmp(argv[i], "--with") == 0 && *value != '\0')
            ret_options->with_or_null = value;
        else if (strcmp(argv[i], "--keep") == 0 && *value != '\0')
            ret_options->keep_or_null = value;
        else if (strcmp(argv[i], "--seeds") != 0 ||
                 sscanf(value, "%" SCNu64 "..%" SCNu64, &ret_options->first, &ret_options->last) != 2)
            return false;
    }
    return ret_options->first <= ret_options->last;
}

/* A smaller plan is of one world, and runs alone. */
static bool jobs_make(struct jobs *jobs)
{
    const struct options *options = &jobs->options;
    const bool alone = options->with_or_null != NULL || options->keep_or_null != NULL;
    if (alone && options->only_or_null == NULL)
        return false;
    for (size_t i = 0; i < KIND_N; i++)
        if (options->only_or_null == NULL || strcmp(kinds[i]->name, options->only_or_null) == 0)
            jobs->run[jobs->run_n++] = kinds[i];
    if (!alone && !kept_load(jobs))
        return false;
    jobs->n = jobs->kept_n + (options->last - options->first + 1) * jobs->run_n;
    return true;
}

static void print_met(const uint32_t *met)
{
    static const char *const names[] = {
#define X(name, text) text,
        SIM_EVENTS(X)
#undef X
    };
    printf("met");
    for (size_t i = 0; i < SIM_EVENT_N; i++)
        if (met[i] > 0)
            printf(", %s %" PRIu32, names[i], met[i]);
    printf("\n");
}

int main(int argc, char **argv)
{
    struct jobs jobs = {0};
    if (!options_read(argc, argv, &jobs.options) || !jobs_make(&jobs)) {
        fprintf(stderr, "usage: plenum-sim [--seeds A..B] [--wasm-inputs DIR]\n"
                        "                  [--only engine|session|churn [--with NAME=N,...] [--keep N,N-N,...]]\n");
        return 2;
    }
    jobs.report = mmap(NULL, sizeof *jobs.report, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    sim_must(jobs.report != MAP_FAILED, "no memory");
    const uint64_t failed = run_all(&jobs);
    print_met(jobs.report->met);
    printf("%" PRIu64 " seeds, %" PRIu64 " failed\n", jobs.options.last - jobs.options.first + 1, failed);
    return failed == 0 ? 0 : 1;
}
