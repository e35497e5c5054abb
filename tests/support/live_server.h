/* A real server process on loopback and a free port, with a data folder of its own, for tests of
 * what only a whole program can show. Takes the program from the environment's PLENUM_BIN, or the
 * tests' own build folder. */
#ifndef SUPPORT_LIVE_SERVER_H
#define SUPPORT_LIVE_SERVER_H
#include "tests/support/raw_client.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* What a start may differ in. */
struct live_how {
    const char *options[6]; /* more of them, NULL-terminated */
    bool secure;            /* over TLS, with a certificate called "first" */
    const char *preload;    /* a library preloaded into it, or NULL */
    const char *fault;      /* its PLENUM_FAULT (tests/fault), or NULL */
    const char *notify;     /* its NOTIFY_SOCKET, with a watchdog of 400 ms, or NULL */
    const char *errors;     /* a file for its standard error, or NULL */
};

struct live_server {
    pid_t pid;
    int out; /* its standard output */
    uint16_t port;
    uint16_t metrics_port; /* the operator's */
    char dir[64]; /* holds the data folder */
    bool secure;
    char chain[80]; /* the certificate's files, when it is secure */
    char key[80];
    char web[80]; /* a folder served as the web client: index.html and big.js of LIVE_BIG_BYTES */
};

#define LIVE_BIG_BYTES 3000000u

/* Starts it and waits until it listens. Aborts the test program when it does not. */
void live_server_start(struct live_server *ret_server);
/* The same, its way. */
void live_server_start_so(struct live_server *ret_server, const struct live_how *how);
/* Ends it with this signal and keeps its folders: true when it ended by itself with status 0. */
bool live_server_stop(struct live_server *server, int with);
/* A new one on the same folders, after SIGKILL if there is one. */
void live_server_again(struct live_server *server, const struct live_how *how);
/* SIGTERM, and waits: true when it ended by itself with status 0. */
bool live_server_end(struct live_server *server);
/* A connection to it, secure when it is; false when the server, or the socket, refuses. */
bool live_open_try(struct raw_client *ret_client, const struct live_server *server);
/* The same; aborts when that fails. */
void live_open(struct raw_client *ret_client, const struct live_server *server);
/* Runs the program with these options (NULL-terminated) to its end: its exit status and its first
 * line of complaint. */
int live_server_refusal(const char *const *options, char ret_text[512]);
/* Runs the program with these arguments (NULL-terminated) to its end: its exit status, and all it said on both outputs,
 * NUL-terminated and cut at cap. */
int live_run(const char *const *arguments, char *ret_text, size_t cap);
/* The status of a GET, and what came (NUL-terminated, cut at cap). */
unsigned live_server_get(const struct live_server *server, const char *path, char *ret_text,
                         size_t cap);
/* The same from the operator's address. */
unsigned live_server_get_operator(const struct live_server *server, const char *path, char *ret_text,
                                  size_t cap);
/* A counter or gauge as /metrics tells it. */
uint64_t live_server_metric(const struct live_server *server, const char *name);
/* Waits until the metric is `value` (a minute at most); false when it never was. */
bool live_server_metric_is(const struct live_server *server, const char *name, uint64_t value);
bool live_server_metric_is_above(const struct live_server *server, const char *name, uint64_t than);

#endif
