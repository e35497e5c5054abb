/* plenum-load: loads a server with people's gestures and tells what they felt, or checks a board
 * against a record of acknowledgements. Wires the parts and owns the order of a run. */
#include "bench/clock.h"
#include "bench/load/api.h"
#include "bench/load/check.h"
#include "bench/load/crowd.h"
#include "bench/load/report.h"
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

enum { EXIT_WRONG = 1, EXIT_COULD_NOT_RUN = 2, EXIT_SERVER_GONE = 3 };

#define LINK_BYTES 1024u

struct progress {
    const struct options *options;
    const struct stats *stats;
    uint64_t began_ns;
    uint64_t deliveries_before;
    bool shown; /* stderr is a terminal */
};

static void show_progress(void *user, uint32_t live)
{
    struct progress *progress = user;
    if (!progress->shown)
        return;
    uint64_t deliveries = progress->stats->deliveries;
    fprintf(stderr, "\r%3.0f of %u s  %u clients  %llu deliveries/s  p99 %.1f ms \033[K",
            (double)(clock_ns() - progress->began_ns) / (double)NS_PER_S,
            progress->options->seconds, live,
            (unsigned long long)(deliveries - progress->deliveries_before),
            (double)histogram_quantile(&progress->stats->latency, 0.99) / (double)NS_PER_MS);
    progress->deliveries_before = deliveries;
}

/* A socket per client, and a few for the rest. */
static void raise_descriptor_limit(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        (void)setrlimit(RLIMIT_NOFILE, &limit);
    }
}

static bool sample(const struct options *options, struct process_sample *ret_sample)
{
    return options->server_pid != 0 && process_sample(options->server_pid, ret_sample);
}

static enum pl_status find_board(const struct options *options, struct target *target,
                                 struct http *http, char link[LINK_BYTES])
{
    if (options->raw)
        return PL_OK;
    if (target->board[0] == '\0')
        return api_make_board(http, target, link, LINK_BYTES);
    snprintf(link, LINK_BYTES, "%s", options->url);
    return PL_OK;
}

/* Joins, edits, settles, compares. Fills the report; the exit status. */
static int run(const struct options *options, struct client_env *env, struct http *http,
               struct report *report)
{
    int result = EXIT_COULD_NOT_RUN;
    struct process_sample own_began = {0}, own_ended = {0};
    struct progress progress = {
        .options = options, .stats = env->stats, .shown = isatty(STDERR_FILENO) == 1};
    struct crowd *crowd = crowd_new(env, options);
    if (crowd == NULL)
        return EXIT_COULD_NOT_RUN;
    report->server_known = sample(options, &report->server_before);
    if (crowd_join(crowd, options->raw ? NULL : http) != PL_OK)
        goto done;
    enum pl_status prepared = options->raw ? PL_OK : crowd_prepare(crowd, http);
    if (prepared != PL_OK) {
        fprintf(stderr, "plenum-load: filling the board, or getting tickets: %s; first error: %s\n",
                pl_status_name(prepared), env->stats->first_error);
        goto done;
    }
    crowd_rest(crowd, options->server_pid == 0 ? 100 * NS_PER_MS : NS_PER_S);
    *env->stats = (struct stats){.errors = env->stats->errors}; /* joining and filling do not count */
    (void)sample(options, &report->server_joined);
    (void)sample(options, &report->server_began);
    (void)process_sample(getpid(), &own_began);
    progress.began_ns = clock_ns();
    enum pl_status status = crowd_run(crowd, options->raw ? NULL : http,
                                      options->seconds * NS_PER_S, show_progress, &progress);
    report->seconds = (double)(clock_ns() - progress.began_ns) / (double)NS_PER_S;
    report->deliveries_while_editing = env->stats->deliveries;
    (void)process_sample(getpid(), &own_ended);
    if (progress.shown)
        fprintf(stderr, "\r\033[K");
    report->load_cpu_s = own_ended.cpu_s - own_began.cpu_s;
    if (status != PL_OK) {
        result = EXIT_SERVER_GONE;
        fprintf(stderr, "plenum-load: the server went away after %.1f s: %s\n", report->seconds,
                pl_status_name(status));
    } else {
        crowd_rest(
            crowd,
            100 *
                NS_PER_MS); /* what is under way still counts, the comparison's own work does not */
        report->server_known = sample(options, &report->server_ended) && report->server_known;
        crowd_compare(crowd, options->raw ? NULL : http, &report->verdict);
        result = report->verdict.settled && report->verdict.equal && env->stats->errors == 0
                     ? 0
                     : EXIT_WRONG;
    }
    report->bytes_in = crowd_bytes_in(crowd);
    report->closed = crowd_closed(crowd);
    if (report->closed > 0 && result == 0)
        result = EXIT_WRONG;
    report_print(report, stdout);
done:
    crowd_free(crowd);
    return result;
}

static int load(const struct options *options)
{
    struct stats *stats = calloc(1, sizeof *stats);
    struct target target;
    char link[LINK_BYTES] = "";
    int result = EXIT_COULD_NOT_RUN;
    struct client_env env = {.mem = pl_mem_libc(),
                             .target = &target,
                             .stats = stats,
                             .random = options->seed * UINT64_C(0x9e3779b97f4a7c15) | 1,
                             .raw = options->raw};
    if (target_parse(options->url, &target) != PL_OK) {
        fprintf(stderr,
                "plenum-load: %s: not http://HOST:PORT or a board's link, or no such host\n",
                options->url);
        free(stats);
        return EXIT_COULD_NOT_RUN;
    }
    struct http *http = http_new(&target);
    env.sent = sent_new(env.mem);
    env.seen = seen_new(env.mem);
    env.seen_presence = seen_new(env.mem);
    if (http == NULL || env.sent == NULL || env.seen == NULL || env.seen_presence == NULL || stats == NULL)
        goto done;
    enum pl_status status = find_board(options, &target, http, link);
    if (status != PL_OK) {
        fprintf(stderr, "plenum-load: %s: %s\n", options->url, pl_status_text(status));
        goto done;
    }
    if (!options->json && link[0] != '\0')
        printf("board         %s\n", link);
    if (options->acks_path != NULL) {
        env.acks_or_null = acks_open(options->acks_path, link);
        if (env.acks_or_null == NULL)
            goto done;
    }
    struct report report = {.options = options, .stats = stats, .link = link};
    result = run(options, &env, http, &report);
done:
    acks_close(env.acks_or_null);
    sent_free(env.sent);
    seen_free(env.seen);
    seen_free(env.seen_presence);
    http_free(http);
    free(stats);
    return result;
}

int main(int argc, char **argv)
{
    struct options options;
    switch (options_parse(argc, argv, &options)) {
    case OPTIONS_HELP:
        return 0;
    case OPTIONS_WRONG:
        return EXIT_COULD_NOT_RUN;
    case OPTIONS_OK:
        break;
    }
    setvbuf(stdout, NULL, _IOLBF, 0);
    signal(SIGPIPE, SIG_IGN);
    raise_descriptor_limit();
    return options.check_path != NULL ? check_run(&options) : load(&options);
}
