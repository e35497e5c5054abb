/* plenum-watch: many people watch one talk-track together, over lines and with clocks that are no two alike. Tells how
 * far apart they play, and how soon a change of the one who leads has reached them all.
 *
 * Measured is what the protocol gives a player to go by: a PLAYBACK's CLOCK and the server's time as each viewer knows
 * it. A browser's media element adds what its tempo has not yet made up, 15 ms (web/src/talk/step.ts). */
#include "bench/clock.h"
#include "bench/load/api.h"
#include "bench/load/stats.h"
#include "bench/watch/viewer.h"
#include <getopt.h>
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <unistd.h>

#define SCRATCH_BYTES (256u * 1024u)
#define EVENTS_MAX    256
#define LINK_BYTES    1024u
#define JOIN_NS_MAX   (60 * NS_PER_S)
#define SAMPLE_NS     (50 * NS_PER_MS)
#define SKEW_MS       300000.0 /* clocks are wrong by up to five minutes */
#define PPM           50.0     /* and run so wrong */

struct options {
    const char *url;
    uint32_t viewers, seconds;
    uint32_t change_s; /* the one who leads does something so often */
    double line_ms;    /* one way, at most: from nothing up to this, each way by itself */
    double jitter_ms;
    uint64_t seed;
    int server_pid;
};

struct watch {
    const struct options *options;
    struct viewer **viewers;
    double *positions;
    uint32_t n;
    int epoll;
    uint8_t *scratch;
    uint64_t random;
    struct histogram apart;  /* of each viewer from the middle one, while all have the same clock */
    struct histogram spread; /* of the two furthest apart */
    struct histogram reach;  /* from the first who had a change to the last */
    uint64_t parted_ns;      /* since when they have not all the same clock; 0: they have */
    uint32_t changes;
};

static const struct option long_options[] = {
    {"url", required_argument, NULL, 'u'},     {"viewers", required_argument, NULL, 'n'},
    {"seconds", required_argument, NULL, 's'}, {"change", required_argument, NULL, 'c'},
    {"line", required_argument, NULL, 'l'},    {"jitter", required_argument, NULL, 'j'},
    {"seed", required_argument, NULL, 'r'},    {"server-pid", required_argument, NULL, 'p'},
    {0},
};

static bool parse(int argc, char **argv, struct options *ret_options)
{
    *ret_options = (struct options){
        .url = "http://127.0.0.1:8080", .viewers = 300, .seconds = 60, .change_s = 5, .line_ms = 60, .jitter_ms = 5,
        .seed = 1};
    for (int option; (option = getopt_long(argc, argv, "", long_options, NULL)) != -1;) {
        switch (option) {
        case 'u': ret_options->url = optarg; break;
        case 'n': ret_options->viewers = (uint32_t)atoi(optarg); break;
        case 's': ret_options->seconds = (uint32_t)atoi(optarg); break;
        case 'c': ret_options->change_s = (uint32_t)atoi(optarg); break;
        case 'l': ret_options->line_ms = atof(optarg); break;
        case 'j': ret_options->jitter_ms = atof(optarg); break;
        case 'r': ret_options->seed = (uint64_t)atoll(optarg); break;
        case 'p': ret_options->server_pid = atoi(optarg); break;
        default: return false;
        }
    }
    return optind == argc && ret_options->viewers > 1 && ret_options->seconds > 0 && ret_options->change_s > 0 &&
           ret_options->line_ms >= 0 && ret_options->jitter_ms >= 0;
}

static void turn(struct watch *watch)
{
    struct epoll_event events[EVENTS_MAX];
    const int count = epoll_wait(watch->epoll, events, EVENTS_MAX, 1);
    for (int i = 0; i < count; i++)
        viewer_pump(watch->viewers[events[i].data.u32], watch->scratch, SCRATCH_BYTES);
    for (uint32_t i = 0; i < watch->n; i++)
        viewer_turn(watch->viewers[i], clock_ns());
}

static double drawn(struct watch *watch, double from, double to)
{
    return from + (to - from) * (double)(random_next(&watch->random) >> 11) / 9007199254740992.0;
}

static enum pl_status add_viewer(struct watch *watch, struct http *http, const struct target *target)
{
    const struct options *options = watch->options;
    char ticket[API_TICKET_BYTES], cookie[HTTP_COOKIE_BYTES] = "", name[32];
    enum pl_status status;
    snprintf(name, sizeof name, "Viewer %u", watch->n);
    while ((status = api_ticket(http, target, name, cookie, ticket)) == PL_LIMIT)
        turn(watch);
    if (status != PL_OK)
        return status;
    const struct viewer_line line = {.up_ms = drawn(watch, 0, options->line_ms),
                                     .down_ms = drawn(watch, 0, options->line_ms),
                                     .jitter_ms = options->jitter_ms,
                                     .skew_ms = drawn(watch, 0, SKEW_MS),
                                     .ppm = drawn(watch, -PPM, PPM)};
    struct viewer *viewer = viewer_new(pl_mem_libc(), target, &watch->random, &line, ticket);
    if (viewer == NULL)
        return PL_NO_MEMORY;
    struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, .data.u32 = watch->n};
    watch->viewers[watch->n++] = viewer;
    return epoll_ctl(watch->epoll, EPOLL_CTL_ADD, viewer_fd(viewer), &event) == 0 ? PL_OK : PL_IO;
}

static uint32_t count_live(const struct watch *watch)
{
    uint32_t live = 0;
    for (uint32_t i = 0; i < watch->n; i++)
        live += viewer_live(watch->viewers[i]);
    return live;
}

static enum pl_status join(struct watch *watch, struct http *http, const struct target *target)
{
    const uint64_t late_ns = clock_ns() + JOIN_NS_MAX;
    while (watch->n < watch->options->viewers) {
        enum pl_status status = add_viewer(watch, http, target);
        if (status != PL_OK)
            return status;
        turn(watch);
    }
    while (count_live(watch) < watch->n) {
        if (clock_ns() > late_ns)
            return PL_TIMEOUT;
        turn(watch);
    }
    return PL_OK;
}

static int by_value(const void *a, const void *b)
{
    const double left = *(const double *)a, right = *(const double *)b;
    return (left > right) - (left < right);
}

static bool all_have_the_same(const struct watch *watch, bool *ret_any)
{
    const uint64_t srv_ms = viewer_clock(watch->viewers[0]).srv_ms;
    bool same = true;
    *ret_any = srv_ms != 0;
    for (uint32_t i = 1; i < watch->n; i++) {
        const uint64_t theirs = viewer_clock(watch->viewers[i]).srv_ms;
        same = same && theirs == srv_ms;
        *ret_any = *ret_any || theirs != 0;
    }
    return same;
}

static void sample(struct watch *watch, uint64_t now_ns)
{
    for (uint32_t i = 0; i < watch->n; i++)
        watch->positions[i] = viewer_position(watch->viewers[i], now_ns);
    qsort(watch->positions, watch->n, sizeof(double), by_value);
    const double middle = watch->positions[watch->n / 2];
    for (uint32_t i = 0; i < watch->n; i++)
        histogram_add(&watch->apart, (uint64_t)(fabs(watch->positions[i] - middle) * 1e6));
    histogram_add(&watch->spread, (uint64_t)((watch->positions[watch->n - 1] - watch->positions[0]) * 1e6));
}

/* Plays, jumps, changes pace, pauses, over and over. */
static enum pl_status lead(struct watch *watch)
{
    const uint32_t step = watch->changes++;
    const uint64_t ms = random_next(&watch->random) % 600000;
    static const double rates[] = {1, 1, 1.5, 0.75};
    return viewer_lead(watch->viewers[0], step % 4 != 3, ms, rates[step % 4]);
}

static enum pl_status run(struct watch *watch)
{
    const uint64_t began_ns = clock_ns(), end_ns = began_ns + watch->options->seconds * NS_PER_S;
    uint64_t change_ns = began_ns, sample_ns = began_ns, now_ns = began_ns;
    bool any;
    for (; now_ns < end_ns; now_ns = clock_ns()) {
        if (now_ns >= change_ns) {
            enum pl_status status = lead(watch);
            if (status != PL_OK)
                return status;
            change_ns += watch->options->change_s * NS_PER_S;
        }
        turn(watch);
        const bool same = all_have_the_same(watch, &any);
        now_ns = clock_ns();
        if (!same && watch->parted_ns == 0)
            watch->parted_ns = now_ns;
        if (same && watch->parted_ns != 0) {
            histogram_add(&watch->reach, now_ns - watch->parted_ns);
            watch->parted_ns = 0;
        }
        if (now_ns >= sample_ns) {
            if (same && any)
                sample(watch, now_ns);
            sample_ns = now_ns + SAMPLE_NS;
        }
    }
    return count_live(watch) == watch->n ? PL_OK : PL_SLOW;
}

static double quantile_ms(const struct histogram *histogram, double q)
{
    return (double)histogram_quantile(histogram, q) / 1e6;
}

static void print_row(const char *what, const struct histogram *histogram)
{
    printf("%-38s p50 %6.1f  p95 %6.1f  p99 %6.1f  max %6.1f ms\n", what, quantile_ms(histogram, 0.5),
           quantile_ms(histogram, 0.95), quantile_ms(histogram, 0.99), (double)histogram->max_ns / 1e6);
}

static int watch_together(struct watch *watch, struct http *http, struct target *target)
{
    char link[LINK_BYTES];
    struct process_sample before = {0}, after = {0};
    const struct options *options = watch->options;
    enum pl_status status = PL_OK;
    if (target->board[0] == '\0')
        status = api_make_board(http, target, link, sizeof link);
    if (status == PL_OK)
        status = join(watch, http, target);
    const bool measured = options->server_pid != 0 && process_sample(options->server_pid, &before);
    if (status == PL_OK)
        status = run(watch);
    for (uint32_t i = 0; i < watch->n && status != PL_OK; i++) {
        if (viewer_closed(watch->viewers[i])) {
            fprintf(stderr, "plenum-watch: viewer %u: %s\n", i, viewer_close_reason(watch->viewers[i]));
            break;
        }
    }
    if (status != PL_OK) {
        fprintf(stderr, "plenum-watch: %s\n", pl_status_text(status));
        return 1;
    }
    printf("viewers       %u for %u s, lines of 0 to %.0f ms each way and %.0f ms of jitter, clocks wrong by up to 5 "
           "minutes\n", watch->n, options->seconds, options->line_ms, options->jitter_ms);
    print_row("from the middle one", &watch->apart);
    print_row("between the two furthest apart", &watch->spread);
    print_row("a change, from the first to the last", &watch->reach);
    printf("changes       %u, %llu of them on their way long enough to be seen\n", watch->changes,
           (unsigned long long)watch->reach.n);
    if (measured && process_sample(options->server_pid, &after))
        printf("server        %.2f s of CPU\n", after.cpu_s - before.cpu_s);
    return watch->spread.n > 0 ? 0 : 1;
}

int main(int argc, char **argv)
{
    struct options options;
    struct target target;
    struct rlimit limit;
    if (!parse(argc, argv, &options)) {
        fprintf(stderr, "usage: plenum-watch [--url URL] [--viewers N] [--seconds N] [--change S] [--line MS] "
                        "[--jitter MS] [--seed N] [--server-pid PID]\n");
        return 2;
    }
    if (target_parse(options.url, &target) != PL_OK) {
        fprintf(stderr, "plenum-watch: %s: not http://HOST:PORT or a board's link, or no such host\n", options.url);
        return 2;
    }
    signal(SIGPIPE, SIG_IGN);
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        (void)setrlimit(RLIMIT_NOFILE, &limit);
    }
    int result = 1;
    struct http *http = http_new(&target);
    struct watch *watch = calloc(1, sizeof *watch);
    if (watch == NULL || http == NULL)
        goto done;
    watch->options = &options;
    watch->random = options.seed * UINT64_C(0x9e3779b97f4a7c15) | 1;
    watch->epoll = epoll_create1(EPOLL_CLOEXEC);
    watch->viewers = calloc(options.viewers, sizeof(struct viewer *));
    watch->positions = calloc(options.viewers, sizeof(double));
    watch->scratch = malloc(SCRATCH_BYTES);
    if (watch->epoll >= 0 && watch->viewers != NULL && watch->positions != NULL && watch->scratch != NULL)
        result = watch_together(watch, http, &target);
    for (uint32_t i = 0; i < watch->n; i++)
        viewer_free(watch->viewers[i]);
    close(watch->epoll);
    free(watch->viewers);
    free(watch->positions);
    free(watch->scratch);
done:
    free(watch);
    http_free(http);
    return result;
}
