/* The program: wires the layers, starts them in order and ends them in order. It decides nothing.
 *
 *   start   options, descriptors, loop, data folder, keys, boards, sessions, routes, sockets
 *   live    SIGHUP: the certificate is read again
 *   end     SIGTERM or SIGINT: health says draining; boards admit nothing more and wait for the
 *           journal; sockets get what is left and close with 1012; then all is freed from the top
 *           down. A second signal, or a journal that does not answer, ends the process at once:
 *           what was acknowledged is durable anyway. */
#include "api/api.h"
#include "auth/keys.h"
#include "auth/sha256.h"
#include "auth/ticket.h"
#include "auth/tls.h"
#include "base/config.h"
#include "base/log.h"
#include "base/options.h"
#include "board/registry.h"
#include "cmd/cmd.h"
#include "net/loop.h"
#include "net/server.h"
#include "obs/health.h"
#include "obs/metrics.h"
#include "obs/notify.h"
#include "session/session_env.h"
#include "store/secrets.h"
#include "store/usage.h"
#include <errno.h>
#include <inttypes.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#ifndef PLENUM_VERSION
#define PLENUM_VERSION "0.0.0"
#endif
#define END_MS_MAX      25000u
#define DESCRIPTORS_MAX 16384u /* libwebsockets keeps a table of this size, and as Debian builds it looks through it */
                               /* whenever a socket ends: 9 us; with 65,536 it would be 36 */

struct app {
    const struct pl_mem *mem;
    const struct config *config;
    struct health health;
    struct uv_port *port;
    const struct loop *loop;
    struct metrics *metrics;
    struct store *store;
    struct journal journal;
    struct links links;
    struct audit audit;
    struct keys keys;
    struct registry *registry;
    struct tickets *tickets;
    struct tracks *tracks;
    struct session_env *sessions;
    struct api *api;
    struct tls *tls; /* NULL: no TLS */
    struct server_secure secure;
    struct server *server;
    struct loop_timer *deadline;
    struct loop_timer *watchdog;
    struct notify notify;
};

static void say(const char *text, const char *what)
{
    fprintf(stderr, "plenum: %s%s%s\n", text, what[0] == '\0' ? "" : ": ", what);
}

static void committed(void *user, const struct store_tally *tally)
{
    struct app *app = user;
    metrics_add(app->metrics, METRIC_JOURNAL_COMMITS, tally->commit_n);
    metrics_add(app->metrics, METRIC_JOURNAL_FAILURES, tally->failure_n);
    metrics_set(app->metrics, METRIC_JOURNAL_REFUSED, tally->refused);
    health_disk(&app->health, tally->refused);
}

static void timed(void *user, uint64_t us)
{
    struct app *app = user;
    metrics_observe(app->metrics, HISTOGRAM_COMMIT, us);
}

/* What is looked up when somebody asks for metrics. */
static void sample(void *user)
{
    struct app *app = user;
    struct store_usage usage;
    if (store_usage(app->store, &usage) != PL_OK)
        return;
    metrics_set(app->metrics, METRIC_STORE_MAP, usage.map_bytes);
    metrics_set(app->metrics, METRIC_STORE_FILE, usage.file_bytes);
    metrics_set(app->metrics, METRIC_STORE_READERS, usage.reader_n);
    metrics_set(app->metrics, METRIC_STORE_OLDEST_READER, usage.oldest_reader_commits);
}

static bool data_open(struct app *app)
{
    struct secrets secrets;
    struct store_options options = {.map_bytes = (size_t)app->config->map_mib << 20,
                                    .timed = timed,
                                    .committed = committed,
                                    .user = app};
    enum pl_status status =
        store_open(app->mem, app->config->data, app->loop, &options, &app->store);
    switch (status) {
    case PL_OK:
        break;
    case PL_LIMIT:
        say("another process uses the data folder", app->config->data);
        return false;
    case PL_VERSION:
        say("the data folder was written by a newer Plenum", app->config->data);
        return false;
    case PL_STATE:
        say("this is a backup; plenum restore makes a data folder of it", app->config->data);
        return false;
    case PL_IO:
        fprintf(stderr, "plenum: cannot use the data folder: %s (%s)\n", app->config->data,
                errno != 0 ? strerror(errno) : "unreadable");
        return false;
    default:
        say("cannot use the data folder", pl_status_text(status));
        return false;
    }
    app->journal = store_journal(app->store);
    app->links = store_links(app->store);
    app->audit = store_audit(app->store);
    status = store_secrets(app->store, &secrets);
    if (status != PL_OK) {
        say("cannot keep a key in the data folder", pl_status_text(status));
        return false;
    }
    keys_load(&app->keys, &secrets);
    return true;
}

static uint64_t wall_s(const struct app *app)
{
    return loop_wall_ms(app->loop) / 1000;
}

static bool tls_open(struct app *app)
{
    char why[CERTIFICATE_WHY_BYTES];
    if (app->config->tls_cert_or_null == NULL)
        return true;
    if (tls_new(app->mem, app->config->tls_cert_or_null, app->config->tls_key_or_null, wall_s(app),
                &app->tls, why) != PL_OK) {
        say("cannot use the certificate", why);
        return false;
    }
    metrics_set(app->metrics, METRIC_CERTIFICATE_ENDS, tls_ends_s(app->tls));
    return true;
}

static bool secure_attach(void *user, void *ssl_ctx)
{
    struct app *app = user;
    char why[CERTIFICATE_WHY_BYTES];
    if (tls_attach(app->tls, ssl_ctx, why) == PL_OK)
        return true;
    say("cannot use the certificate", why);
    return false;
}

/* What was shown before stays when the files do not pass: a typing error at night ends nothing. */
static void reload_asked(void *user)
{
    struct app *app = user;
    char why[CERTIFICATE_WHY_BYTES];
    if (app->tls == NULL) {
        log_event(LOG_LEVEL_INFO, "nothing_to_reload", "%s", "");
    } else if (tls_reload(app->tls, wall_s(app), why) == PL_OK) {
        metrics_set(app->metrics, METRIC_CERTIFICATE_ENDS, tls_ends_s(app->tls));
        log_event(LOG_LEVEL_INFO, "certificate_reloaded", "ends_s=%" PRIu64, tls_ends_s(app->tls));
    } else {
        metrics_add(app->metrics, METRIC_CERTIFICATES_REFUSED, 1);
        log_event(LOG_LEVEL_ERROR, "certificate_refused", "text=\"%s; the one before stays\"", why);
    }
}

/* Whoever came by the link, or is about to. */
static void link_changed(void *user, const struct link_row *row)
{
    struct app *app = user;
    tickets_link_changed(app->tickets, row);
    session_env_link_changed(app->sessions, row);
}

static bool layers_open(struct app *app)
{
    app->tickets = tickets_new(app->mem);
    app->tracks = tracks_new(&(struct tracks_env){.mem = app->mem,
                                                  .loop = app->loop,
                                                  .store = app->store,
                                                  .digest = &digest_sha256,
                                                  .random = random_system()});
    if (app->tickets == NULL || app->tracks == NULL)
        return false;
    const struct past_right past_right = tracks_past_right(app->tracks);
    app->registry =
        registry_new(app->mem, app->loop, &app->journal, app->metrics, &past_right);
    if (app->registry == NULL)
        return false;
    struct session_options options = {.rate_factor = app->config->rate_factor,
                                      .audit_or_null = &app->audit};
    app->sessions =
        session_env_new(app->mem, app->loop, app->registry, app->tickets, app->metrics, &options);
    struct api_env env = {
        .mem = app->mem,
        .loop = app->loop,
        .random = random_system(),
        .keys = &app->keys,
        .links = &app->links,
        .audit_or_null = &app->audit,
        .link_changed = link_changed,
        .link_user = app,
        .registry = app->registry,
        .tickets = app->tickets,
        .tracks = app->tracks,
        .metrics_or_null = app->metrics,
        .health = &app->health,
        .sample_or_null = sample,
        .sample_user = app,
        .origins = {.allowed = app->config->origins.at, .allowed_n = app->config->origins.n},
        .assets = plenum_assets,
        .asset_n = plenum_asset_n,
        .web_root_or_null = app->config->web_root_or_null,
    };
    app->api = api_new(&env);
    if (app->sessions == NULL || app->api == NULL)
        return false;
    app->secure = (struct server_secure){.attach = secure_attach, .user = app};
    app->server = server_new(&(struct server_env){
        .mem = app->mem,
        .port = app->port,
        .sessions = app->sessions,
        .api = app->api,
        .metrics_or_null = app->metrics,
        .health = &app->health,
        .secure_or_null = app->tls != NULL ? &app->secure : NULL,
        .proxies = {.trusted = app->config->trusted_proxies.at, .trusted_n = app->config->trusted_proxies.n},
    });
    return app->server != NULL;
}

static bool listen_on(struct app *app, const struct address *wanted, enum server_side side, const char *option,
                      char ret_text[ADDRESS_TEXT_BYTES])
{
    struct address bound;
    address_write(wanted, ret_text);
    if (server_listen(app->server, wanted, side, &bound) == PL_OK) {
        address_write(&bound, ret_text);
        return true;
    }
    if (errno == EADDRINUSE)
        fprintf(stderr, "plenum: another process listens on %s already; choose another with --%s\n", ret_text, option);
    else
        fprintf(stderr, "plenum: cannot listen on %s: %s\n", ret_text, strerror(errno));
    return false;
}

static bool listen_and_say(struct app *app)
{
    char text[ADDRESS_TEXT_BYTES], metrics_text[ADDRESS_TEXT_BYTES];
    const bool metrics = app->config->metrics_listen.len > 0;
    if (metrics && !listen_on(app, &app->config->metrics_listen, SERVER_OPERATOR, "metrics-listen", metrics_text))
        return false;
    if (!listen_on(app, &app->config->listen, SERVER_PUBLIC, "listen", text))
        return false;
    health_move(&app->health, HEALTH_READY);
    printf("Plenum listens on %s://%s (data in %s)\n", app->tls != NULL ? "https" : "http", text, app->config->data);
    if (metrics)
        printf("Metrics are on http://%s/metrics\n", metrics_text);
    fflush(stdout);
    return true;
}

static void sockets_closed(void *user)
{
    struct app *app = user;
    uv_port_stop(app->port);
}

static void api_drained(void *user)
{
    struct app *app = user;
    server_close(app->server, sockets_closed, app);
}

static void tracks_drained(void *user)
{
    struct app *app = user;
    log_event(LOG_LEVEL_INFO, "tracks_drained", "%s", "");
    api_drain(app->api, api_drained, app);
}

static void boards_drained(void *user)
{
    struct app *app = user;
    log_event(LOG_LEVEL_INFO, "boards_drained", "%s", "");
    tracks_drain(app->tracks, tracks_drained, app);
}

static void end_overdue(void *user)
{
    (void)user;
    log_event(LOG_LEVEL_ERROR, "end_overdue", "after_ms=%u", END_MS_MAX);
    _exit(EXIT_FAILURE);
}

static void end_asked(void *user)
{
    struct app *app = user;
    if (app->health.state == HEALTH_DRAINING)
        _exit(EXIT_FAILURE); /* asked twice: somebody is in a hurry */
    health_move(&app->health, HEALTH_DRAINING);
    log_event(LOG_LEVEL_INFO, "draining", "%s", "");
    notify_send(&app->notify, "STOPPING=1\nSTATUS=Draining");
    app->deadline = loop_timer_start(app->loop, END_MS_MAX, 0, end_overdue, app);
    registry_drain(app->registry, boards_drained, app);
}

/* From the loop, so that the manager learns when it no longer turns. */
static void alive(void *user)
{
    struct app *app = user;
    notify_send(&app->notify, "WATCHDOG=1");
}

static void ready_tell(struct app *app)
{
    if (app->notify.watchdog_ms > 0)
        app->watchdog =
            loop_timer_start(app->loop, app->notify.watchdog_ms, app->notify.watchdog_ms, alive, app);
    notify_send(&app->notify, "READY=1\nSTATUS=Serving");
}

static void app_close(struct app *app)
{
    server_free(app->server);
    if (app->loop != NULL) {
        loop_timer_stop(app->loop, app->deadline);
        loop_timer_stop(app->loop, app->watchdog);
    }
    tls_free(app->tls);
    api_free(app->api);
    session_env_free(app->sessions);
    registry_free(app->registry);
    tracks_free(app->tracks);
    tickets_free(app->tickets);
    store_close(app->store);
    keys_done(&app->keys);
    uv_port_free(app->port);
    metrics_free(app->metrics);
}

static int serve(struct app *app)
{
    int result = EXIT_FAILURE;
    app->mem = pl_mem_libc();
    app->metrics = metrics_new(app->mem);
    app->port = uv_port_new(app->mem);
    if (app->metrics == NULL || app->port == NULL) {
        say("cannot start", strerror(errno));
        goto out;
    }
    app->loop = uv_port_loop(app->port);
    if (!tls_open(app) || !data_open(app))
        goto out;
    if (!layers_open(app)) {
        say("cannot start", "out of memory, or a library is missing (see above)");
        goto out;
    }
    if (!uv_port_on_end(app->port, end_asked, app) ||
        !uv_port_on_hangup(app->port, reload_asked, app) || !listen_and_say(app))
        goto out;
    ready_tell(app);
    uv_port_run(app->port);
    result = EXIT_SUCCESS;
out:
    app_close(app);
    if (result == EXIT_SUCCESS)
        log_event(LOG_LEVEL_INFO, "ended", "%s", "");
    return result;
}

static void process_prepare(void)
{
    struct rlimit limit;
    signal(SIGPIPE, SIG_IGN);
    /* libuv's workers: twice as many as it takes by itself, for a few long recordings that are finished at once must not
     * keep everybody's media and snapshots waiting. */
    setenv("UV_THREADPOOL_SIZE", "8", 0);
    /* Headers of many requests at once must not leave holes in the heap, see server.h: blocks of
     * their size are mapped, and the heap's top is kept too small to serve one. 5,000 people
     * arriving in one moment cost 2.1 KB each then instead of 4.2, before what a session adds. */
    mallopt(M_MMAP_THRESHOLD, SERVER_HEADER_BYTES);
    mallopt(M_TOP_PAD, SERVER_HEADER_BYTES / 2);
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max < DESCRIPTORS_MAX ? limit.rlim_max : DESCRIPTORS_MAX;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

static void help_print(void)
{
    puts("Plenum: a shared whiteboard, served from one data folder.\n\n"
         "  plenum serve [options]");
    options_print_help(stdout);
    fputs(cmd_usage(), stdout);
    puts("  plenum --version\n"
         "  plenum --help\n\n"
         "An option's variable is PLENUM_ and its name in capitals: PLENUM_MAP_MIB. Flags go before variables,\n"
         "variables before the file of --config.");
}

static int serve_so(const struct config *config)
{
    struct app app = {.config = config};
    if (config->check) {
        const char *unknown = config_unknown_variable(environ);
        if (unknown != NULL)
            fprintf(stderr, "plenum: %.*s is no option's variable\n", (int)strcspn(unknown, "="), unknown);
        config_print(config, stdout);
        return EXIT_SUCCESS;
    }
    log_set(config->log, NULL, NULL);
    log_set_format(config->log_format);
    process_prepare();
    notify_init(&app.notify);
    int result = serve(&app);
    notify_done(&app.notify);
    return result;
}

int main(int argc, char **argv)
{
    struct config *config;
    char error[CONFIG_ERROR_BYTES];
    int result = EXIT_SUCCESS;
    umask(077); /* a data folder holds secrets, and so does every copy of it */
    if (argc > 1 && cmd_known(argv[1]))
        return (int)cmd_run(argc, argv);
    if (config_read(pl_mem_libc(), argc, argv, environ, &config, error) != PL_OK) {
        say(error, "");
        return 2;
    }
    switch (config->command) {
    case CONFIG_HELP:
        help_print();
        break;
    case CONFIG_VERSION:
        puts("plenum " PLENUM_VERSION);
        break;
    case CONFIG_SERVE:
        result = serve_so(config);
        break;
    }
    config_free(config);
    return result;
}
