/* The command line of plenum-load. */
#ifndef LOAD_OPTIONS_H
#define LOAD_OPTIONS_H
#include <stdbool.h>
#include <stdint.h>

struct options {
    const char *url;        /* a board link, or the server's address */
    uint32_t clients;       /* sockets */
    uint32_t writers;       /* of them, how many edit */
    uint32_t guests;        /* distinct people behind the sockets; 0: one each */
    uint32_t stickies;      /* that stand on the board before */
    uint32_t joiners;       /* more sockets, all at once in the middle of the run */
    uint32_t seconds;       /* how long they edit */
    double rate;            /* gestures per second of each writer */
    double presence_hz;     /* cursor messages per second of each client */
    double spread;          /* side of the square that people stand in */
    uint64_t seed;          /* of the gestures */
    int server_pid;         /* 0: CPU and memory of the server are not measured */
    const char *acks_path;  /* record every acknowledged batch here; NULL: do not */
    const char *check_path; /* instead of load: compare a board with such a record */
    bool moves; /* writers only move stickies, without an engine */
    bool back; /* who loses the connection comes back */
    bool json;
    bool raw; /* the server is plenum-raw */
};

enum options_result {
    OPTIONS_OK,
    OPTIONS_HELP,  /* asked for and printed */
    OPTIONS_WRONG, /* explained on stderr */
};

/* Slices of argv are borrowed. ret_options is written in every case. */
enum options_result options_parse(int argc, char **argv, struct options *ret_options);

#endif
