/* See minimise.h. Delta debugging (Zeller and Hildebrandt 2002) over the steps, each of which has dice of its own, and
 * a plain descent over the knobs. */
#include "minimise.h"
#include "verdict.h"
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define RUNS_MAX    1500u
#define RUN_SECONDS 30u

bool apart(bool (*work)(void *user), void *user, unsigned seconds, bool quiet)
{
    int status = 0;
    fflush(stdout);
    const pid_t child = fork();
    sim_must(child >= 0, "cannot fork");
    if (child == 0) {
        if (quiet && (freopen("/dev/null", "w", stdout) == NULL || freopen("/dev/null", "w", stderr) == NULL))
            _exit(2);
        alarm(seconds);
        const bool ok = work(user);
        if (quiet)
            _exit(ok ? 0 : 1); /* nobody waits for the leak check */
        exit(ok ? 0 : 1);
    }
    while (waitpid(child, &status, 0) < 0)
        continue;
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

struct trial {
    struct plan *plan; /* the smallest so far */
    char reason[REASON_BYTES];
    uint32_t runs;
    const struct plan *tried;
    char *found; /* shared with the child: why it failed, or empty */
};

static bool run_tried(void *user)
{
    struct trial *trial = user;
    uint32_t met[SIM_EVENT_N] = {0};
    const char *reason = trial->tried->kind->run(trial->tried, NULL, met);
    if (reason != NULL)
        snprintf(trial->found, REASON_BYTES, "%s", reason);
    return reason == NULL;
}

/* Keeps the plan when it fails as the first one did. */
static bool try(struct trial *trial, const struct plan *plan)
{
    if (trial->runs == RUNS_MAX)
        return false;
    trial->runs++;
    trial->tried = plan;
    snprintf(trial->found, REASON_BYTES, "%s", SIM_CRASH_REASON);
    if (apart(run_tried, trial, RUN_SECONDS, true) || strcmp(trial->found, trial->reason) != 0)
        return false;
    *trial->plan = *plan;
    return true;
}

/* The steps that are still taken. */
static uint32_t taken(const struct plan *plan, uint32_t *ret_steps)
{
    uint32_t n = 0;
    for (uint32_t step = 0; step < plan->knobs[PLAN_STEPS] && step < PLAN_STEPS_MAX; step++) {
        if (!plan_skips(plan, step))
            ret_steps[n++] = step;
    }
    return n;
}

static bool fewer_steps(struct trial *trial)
{
    uint32_t steps[PLAN_STEPS_MAX], n = taken(trial->plan, steps);
    bool any = false;
    for (uint32_t chunk = n / 2; chunk > 0; chunk = chunk == 1 ? 0 : (chunk + 1) / 2) {
        for (uint32_t end = n; end > 0; end = end > chunk ? end - chunk : 0) {
            struct plan plan = *trial->plan;
            for (uint32_t i = end > chunk ? end - chunk : 0; i < end; i++)
                plan_skip(&plan, steps[i], true);
            any = try(trial, &plan) || any;
        }
        n = taken(trial->plan, steps);
        if (chunk > n)
            chunk = n;
    }
    if (n > 0 && steps[n - 1] + 1 < trial->plan->knobs[PLAN_STEPS]) {
        struct plan plan = *trial->plan; /* nothing comes after the last one that is taken */
        plan.knobs[PLAN_STEPS] = steps[n - 1] + 1;
        any = try(trial, &plan) || any;
    }
    return any;
}

static bool lower_knobs(struct trial *trial)
{
    bool any = false;
    for (uint32_t i = PLAN_STEPS + 1; i < trial->plan->kind->knob_n; i++) {
        const uint32_t least = trial->plan->kind->knobs[i].least;
        uint32_t high = trial->plan->knobs[i];
        for (uint32_t value = least; value < high; value = value + (high - value + 1) / 2) {
            struct plan plan = *trial->plan;
            plan.knobs[i] = value;
            if (try(trial, &plan)) {
                any = true;
                break;
            }
            if (value + 1 == high)
                break;
        }
    }
    return any;
}

uint32_t minimise(struct plan *plan, const char *reason)
{
    struct trial trial = {.plan = plan};
    snprintf(trial.reason, sizeof trial.reason, "%s", reason);
    trial.found = mmap(NULL, REASON_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    sim_must(trial.found != MAP_FAILED, "no memory");
    for (bool smaller = true; smaller;) {
        smaller = lower_knobs(&trial);
        smaller = fewer_steps(&trial) || smaller;
    }
    munmap(trial.found, REASON_BYTES);
    return trial.runs;
}
