/* See live_server.h. */
#include "tests/support/live_server.h"
#include "tests/support/certificates.h"
#include "tests/support/core_check.h"
#include "tests/support/core_world.h"
#include "tests/support/raw_client.h"
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static const char *program(void)
{
    static char beside[512];
    const char *named = getenv("PLENUM_BIN");
    if (named != NULL)
        return named;
    ssize_t n = readlink("/proc/self/exe", beside, sizeof beside - 16);
    CORE_CHECK(n > 0);
    beside[n] = '\0';
    strcpy(strrchr(beside, '/'), "/plenum");
    return beside;
}

static pid_t spawn(const char *const *options, const struct live_how *how, int out, int err)
{
    const char *argv[32] = {program(), "serve"};
    size_t n = 2;
    for (size_t i = 0; options[i] != NULL; i++)
        argv[n++] = options[i];
    for (size_t i = 0; how->options[i] != NULL; i++)
        argv[n++] = how->options[i];
    pid_t pid = fork();
    CORE_CHECK(pid >= 0);
    if (pid > 0)
        return pid;
    prctl(PR_SET_PDEATHSIG, SIGKILL); /* a test that aborts leaves no server behind */
    if (out >= 0)
        dup2(out, STDOUT_FILENO);
    if (err >= 0)
        dup2(err, STDERR_FILENO);
    if (how->errors != NULL)
        CORE_CHECK(freopen(how->errors, "a", stderr) != NULL);
    if (how->notify != NULL) {
        setenv("NOTIFY_SOCKET", how->notify, 1);
        setenv("WATCHDOG_USEC", "400000", 1);
    }
    if (how->fault != NULL)
        setenv("PLENUM_FAULT", how->fault, 1);
    if (how->preload != NULL) {
        char asan[512];
        const char *before = getenv("ASAN_OPTIONS");
        snprintf(asan, sizeof asan, "%s:verify_asan_link_order=0", before == NULL ? "" : before);
        setenv("ASAN_OPTIONS", asan, 1);
        setenv("LD_PRELOAD", how->preload, 1);
    }
    execv(argv[0], (char *const *)(uintptr_t)argv);
    _exit(127);
}

static void line_read(int fd, char *ret_line, size_t cap)
{
    size_t n = 0;
    while (n + 1 < cap && read(fd, ret_line + n, 1) == 1 && ret_line[n] != '\n')
        n++;
    ret_line[n] = '\0';
}

static void web_write(struct live_server *server)
{
    char path[128];
    snprintf(server->web, sizeof server->web, "%s/web", server->dir);
    CORE_CHECK(mkdir(server->web, 0700) == 0);
    snprintf(path, sizeof path, "%s/index.html", server->web);
    FILE *page = fopen(path, "w");
    CORE_CHECK(page != NULL && fputs("<!doctype html>page", page) >= 0 && fclose(page) == 0);
    snprintf(path, sizeof path, "%s/big.js", server->web);
    FILE *big = fopen(path, "w");
    CORE_CHECK(big != NULL);
    for (uint32_t i = 0; i < LIVE_BIG_BYTES / 4; i++)
        CORE_CHECK(fwrite(&i, 4, 1, big) == 1);
    CORE_CHECK(fclose(big) == 0);
}

static void start(struct live_server *ret_server, const struct live_how *how)
{
    char data[80];
    char line[256];
    int out[2];
    snprintf(data, sizeof data, "%s/data", ret_server->dir);
    CORE_CHECK(pipe2(out, O_CLOEXEC) == 0);
    const char *options[24] = {"--listen",   "127.0.0.1:0",   "--metrics-listen", "127.0.0.1:0",
                               "--data",     data,            "--web-root",       ret_server->web,
                               "--origin",   "http://welcome.example",
                               "--log",      "error"};
    size_t n = 12;
    if (ret_server->secure) {
        options[n++] = "--tls-cert";
        options[n++] = ret_server->chain;
        options[n++] = "--tls-key";
        options[n++] = ret_server->key;
    }
    ret_server->pid = spawn(options, how, out[1], -1);
    close(out[1]);
    ret_server->out = out[0];
    line_read(out[0], line, sizeof line);
    const char *at = strstr(line, "://127.0.0.1:");
    CORE_CHECK(at != NULL);
    ret_server->port = (uint16_t)strtoul(at + 13, NULL, 10);
    line_read(out[0], line, sizeof line);
    at = strstr(line, "http://127.0.0.1:");
    CORE_CHECK(at != NULL);
    ret_server->metrics_port = (uint16_t)strtoul(at + 17, NULL, 10);
}

void live_server_start_so(struct live_server *ret_server, const struct live_how *how)
{
    core_dir_make(ret_server->dir);
    web_write(ret_server);
    ret_server->secure = how->secure;
    snprintf(ret_server->chain, sizeof ret_server->chain, "%s/chain.pem", ret_server->dir);
    snprintf(ret_server->key, sizeof ret_server->key, "%s/key.pem", ret_server->dir);
    if (how->secure)
        certificate_make_good("first", ret_server->chain, ret_server->key);
    start(ret_server, how);
}

void live_server_start(struct live_server *ret_server)
{
    live_server_start_so(ret_server, &(struct live_how){0});
}

void live_server_again(struct live_server *server, const struct live_how *how)
{
    if (server->pid != 0)
        (void)live_server_stop(server, SIGKILL);
    start(server, how);
}

bool live_server_stop(struct live_server *server, int with)
{
    int status = 0;
    kill(server->pid, with);
    CORE_CHECK(waitpid(server->pid, &status, 0) == server->pid);
    close(server->out);
    server->pid = 0;
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

bool live_server_end(struct live_server *server)
{
    bool well = live_server_stop(server, SIGTERM);
    char data[80];
    snprintf(data, sizeof data, "%s/data", server->dir);
    core_dir_remove(data);
    core_dir_remove(server->web);
    core_dir_remove(server->dir);
    return well;
}

int live_server_refusal(const char *const *options, char ret_text[512])
{
    int err[2];
    int status = 0;
    CORE_CHECK(pipe2(err, O_CLOEXEC) == 0);
    pid_t pid = spawn(options, &(struct live_how){0}, -1, err[1]);
    close(err[1]);
    line_read(err[0], ret_text, 512);
    CORE_CHECK(waitpid(pid, &status, 0) == pid);
    close(err[0]);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

int live_run(const char *const *arguments, char *ret_text, size_t cap)
{
    const char *argv[16] = {program()};
    int out[2], status = 0;
    size_t len = 0;
    for (size_t i = 0; arguments[i] != NULL; i++)
        argv[i + 1] = arguments[i];
    CORE_CHECK(pipe2(out, O_CLOEXEC) == 0);
    pid_t pid = fork();
    CORE_CHECK(pid >= 0);
    if (pid == 0) {
        dup2(out[1], STDOUT_FILENO);
        dup2(out[1], STDERR_FILENO);
        execv(argv[0], (char *const *)(uintptr_t)argv);
        _exit(127);
    }
    close(out[1]);
    for (ssize_t n; len + 1 < cap && (n = read(out[0], ret_text + len, cap - 1 - len)) > 0;)
        len += (size_t)n;
    ret_text[len] = '\0';
    char rest[4096];
    while (read(out[0], rest, sizeof rest) > 0) {
    }
    close(out[0]);
    CORE_CHECK(waitpid(pid, &status, 0) == pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

bool live_open_try(struct raw_client *ret_client, const struct live_server *server)
{
    if (!raw_open_try(ret_client, server->port))
        return false;
    if (!server->secure || raw_secure(ret_client))
        return true;
    raw_close(ret_client);
    return false;
}

void live_open(struct raw_client *ret_client, const struct live_server *server)
{
    CORE_CHECK(live_open_try(ret_client, server));
}

/* Takes the connection over. */
static unsigned get(struct raw_client *client, const char *path, char *ret_text, size_t cap)
{
    char request[256];
    snprintf(request, sizeof request, "GET %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
             path);
    raw_send_text(client, request);
    raw_read_all(client, ret_text, cap);
    raw_close(client);
    return (unsigned)strtoul(ret_text + 9, NULL, 10);
}

unsigned live_server_get(const struct live_server *server, const char *path, char *ret_text,
                         size_t cap)
{
    struct raw_client client;
    live_open(&client, server);
    return get(&client, path, ret_text, cap);
}

unsigned live_server_get_operator(const struct live_server *server, const char *path, char *ret_text,
                                  size_t cap)
{
    struct raw_client client;
    raw_open(&client, server->metrics_port);
    return get(&client, path, ret_text, cap);
}

uint64_t live_server_metric(const struct live_server *server, const char *name)
{
    char text[65536];
    char line[128];
    CORE_CHECK(live_server_get_operator(server, "/metrics", text, sizeof text) == 200);
    snprintf(line, sizeof line, "\n%s ", name);
    const char *at = strstr(text, line);
    CORE_CHECK(at != NULL);
    return strtoull(at + strlen(line), NULL, 10);
}

bool live_server_metric_is(const struct live_server *server, const char *name, uint64_t value)
{
    for (unsigned i = 0; i < 1200; i++) {
        if (live_server_metric(server, name) == value)
            return true;
        nanosleep(&(struct timespec){.tv_nsec = 50000000}, NULL);
    }
    return false;
}

bool live_server_metric_is_above(const struct live_server *server, const char *name, uint64_t than)
{
    for (unsigned i = 0; i < 1200; i++) {
        if (live_server_metric(server, name) > than)
            return true;
        nanosleep(&(struct timespec){.tv_nsec = 50000000}, NULL);
    }
    return false;
}
