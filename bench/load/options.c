/* Parses and checks the command line. Numbers are whole, bounded, and an unknown word is an error.
 */
#include "bench/load/options.h"
#include "bench/clock.h"
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const char usage[] =
    "usage: plenum-load --url LINK-OR-SERVER [options]\n"
    "  --url URL         a board link, or the server's address to make a board\n"
    "  --clients N       sockets to open (50)\n"
    "  --writers K       of them, how many edit (5)\n"
    "  --rate R          gestures per second of each writer (5)\n"
    "  --moves           gestures only move stickies, made without an engine to saturate "
    "the server; not with --stickies, --acks\n"
    "  --seconds S       how long they edit (10)\n"
    "  --presence HZ     cursor messages per second of each client (0)\n"
    "  --spread UNITS    side of the square over which their viewports stand (4000)\n"
    "  --stickies N      make so many first (0)\n"
    "  --joiners N       in the middle of the run so many more come at once (0)\n"
    "  --back            who loses the connection comes back, as a tab does\n"
    "  --guests N        distinct people behind the sockets (one each)\n"
    "  --server-pid PID  also measure the server's CPU and memory\n"
    "  --acks FILE       append every acknowledged batch to FILE as it is acknowledged\n"
    "  --check FILE      no load: join the recorded boards, report lost and doubled batches\n"
    "  --seed X          of the gestures (from the clock)\n"
    "  --raw             the server is plenum-raw: the same bytes, no protocol\n"
    "  --json            one JSON object instead of text\n"
    "Status: 0 good; 1 lost, doubled, diverged or refused; 2 could not run; 3 the server went "
    "away.\n";

enum {
    OPT_URL = 1,
    OPT_CLIENTS,
    OPT_WRITERS,
    OPT_RATE,
    OPT_MOVES,
    OPT_SECONDS,
    OPT_PRESENCE,
    OPT_SPREAD,
    OPT_BACK,
    OPT_STICKIES,
    OPT_JOINERS,
    OPT_GUESTS,
    OPT_PID,
    OPT_ACKS,
    OPT_CHECK,
    OPT_SEED,
    OPT_RAW,
    OPT_JSON,
    OPT_HELP
};

static const struct option words[] = {
    {"url", required_argument, NULL, OPT_URL},
    {"clients", required_argument, NULL, OPT_CLIENTS},
    {"writers", required_argument, NULL, OPT_WRITERS},
    {"rate", required_argument, NULL, OPT_RATE},
    {"moves", no_argument, NULL, OPT_MOVES},
    {"seconds", required_argument, NULL, OPT_SECONDS},
    {"presence", required_argument, NULL, OPT_PRESENCE},
    {"spread", required_argument, NULL, OPT_SPREAD},
    {"stickies", required_argument, NULL, OPT_STICKIES},
    {"joiners", required_argument, NULL, OPT_JOINERS},
    {"back", no_argument, NULL, OPT_BACK},
    {"guests", required_argument, NULL, OPT_GUESTS},
    {"server-pid", required_argument, NULL, OPT_PID},
    {"acks", required_argument, NULL, OPT_ACKS},
    {"check", required_argument, NULL, OPT_CHECK},
    {"seed", required_argument, NULL, OPT_SEED},
    {"raw", no_argument, NULL, OPT_RAW},
    {"json", no_argument, NULL, OPT_JSON},
    {"help", no_argument, NULL, OPT_HELP},
    {NULL, 0, NULL, 0},
};

static bool parse_number(const char *text, double min, double max, double *ret_value)
{
    char *end = NULL;
    double value = strtod(text, &end);
    if (end == text || *end != '\0' || !(value >= min && value <= max)) {
        fprintf(stderr, "plenum-load: \"%s\" is not a number from %g to %g\n", text, min, max);
        return false;
    }
    *ret_value = value;
    return true;
}

static bool parse_count(const char *text, double min, double max, uint32_t *ret_value)
{
    double value;
    if (!parse_number(text, min, max, &value))
        return false;
    *ret_value = (uint32_t)value;
    return true;
}

static bool take(int word, const char *value, struct options *options)
{
    uint32_t count;
    switch (word) {
    case OPT_URL:
        options->url = value;
        return true;
    case OPT_CLIENTS:
        return parse_count(value, 1, 60000, &options->clients);
    case OPT_WRITERS:
        return parse_count(value, 0, 60000, &options->writers);
    case OPT_RATE:
        return parse_number(value, 0.01, 10000, &options->rate);
    case OPT_MOVES:
        options->moves = true;
        return true;
    case OPT_SECONDS:
        return parse_count(value, 0, 86400, &options->seconds);
    case OPT_PRESENCE:
        return parse_number(value, 0, 60, &options->presence_hz);
    case OPT_SPREAD:
        return parse_number(value, 0, 1e6, &options->spread);
    case OPT_STICKIES:
        return parse_count(value, 0, 49000, &options->stickies);
    case OPT_JOINERS:
        return parse_count(value, 0, 10000, &options->joiners);
    case OPT_BACK:
        options->back = true;
        return true;
    case OPT_GUESTS:
        return parse_count(value, 1, 60000, &options->guests);
    case OPT_PID:
        if (!parse_count(value, 1, 1 << 30, &count))
            return false;
        options->server_pid = (int)count;
        return true;
    case OPT_ACKS:
        options->acks_path = value;
        return true;
    case OPT_CHECK:
        options->check_path = value;
        return true;
    case OPT_SEED:
        if (!parse_count(value, 1, UINT32_MAX, &count))
            return false;
        options->seed = count;
        return true;
    case OPT_RAW:
        options->raw = true;
        return true;
    case OPT_JSON:
        options->json = true;
        return true;
    default:
        return false;
    }
}

enum options_result options_parse(int argc, char **argv, struct options *ret_options)
{
    *ret_options = (struct options){
        .clients = 50, .writers = 5, .rate = 5, 
        .seconds = 10, .spread = 4000, .seed = clock_ns() | 1};
    for (;;) {
        int word = getopt_long(argc, argv, "", words, NULL);
        if (word == -1)
            break;
        if (word == OPT_HELP) {
            fputs(usage, stdout);
            return OPTIONS_HELP;
        }
        if (!take(word, optarg, ret_options)) {
            fputs(usage, stderr);
            return OPTIONS_WRONG;
        }
    }
    if (optind < argc) {
        fprintf(stderr, "plenum-load: what is \"%s\"?\n%s", argv[optind], usage);
        return OPTIONS_WRONG;
    }
    if (ret_options->url == NULL && ret_options->check_path == NULL) {
        fputs(usage, stderr);
        return OPTIONS_WRONG;
    }
    if (ret_options->moves && (ret_options->acks_path != NULL || ret_options->stickies > 0)) {
        fprintf(stderr, "plenum-load: --moves writes without an engine: it can neither fill a board (--stickies) nor "
                        "record what it wrote (--acks)\n");
        return OPTIONS_WRONG;
    }
    if (ret_options->writers > ret_options->clients)
        ret_options->writers = ret_options->clients;
    return OPTIONS_OK;
}
