/* plenum-trace: replays editing histories by the real engine and tells whether the texts come out as recorded, and
 * what it cost. Wires the parts and owns the command line. */
#include "bench/trace/node.h"
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { EXIT_MISMATCH = 1, EXIT_COULD_NOT_RUN = 2 };

/* As many edits are made here while a server syncs its journal once: an echo cannot come sooner. */
#define SETTLE_EVERY 1000u

struct options {
    bool wasm;
    bool json;
    uint32_t settle_every;
    uint32_t repeat;
};

static const char usage[] =
    "usage: plenum-trace [options] FILE.json.gz...\n"
    "  --wasm       by the engine as WebAssembly, in Node, as well as natively; figures are WebAssembly's\n"
    "  --settle N   the journal's echo comes after N edits of a sequential history (1000)\n"
    "  --repeat N   measure N times, 1 to 99 (3)\n"
    "  --json       one line of JSON per file\n"
    "Status: 0 all match; 1 a mismatch; 2 a file that is no history, or could not run.\n";

static bool parse_count(const char *text, uint32_t max, uint32_t *ret_count)
{
    char *end = NULL;
    const unsigned long long value = strtoull(text, &end, 10);
    if (end == text || *end != '\0' || value == 0 || value > max || text[0] == '-') {
        fprintf(stderr, "plenum-trace: \"%s\" is not a number from 1 to %u\n", text, max);
        return false;
    }
    *ret_count = (uint32_t)value;
    return true;
}

static bool parse_options(int argc, char **argv, struct options *options)
{
    static const struct option words[] = {
        {"wasm", no_argument, NULL, 'w'},         {"json", no_argument, NULL, 'j'},
        {"settle", required_argument, NULL, 's'}, {"repeat", required_argument, NULL, 'r'},
        {"help", no_argument, NULL, 'h'},         {NULL, 0, NULL, 0},
    };
    int option;
    *options = (struct options){.settle_every = SETTLE_EVERY, .repeat = 3};
    while ((option = getopt_long(argc, argv, "", words, NULL)) != -1) {
        bool ok = true;
        switch (option) {
        case 'w':
            options->wasm = true;
            break;
        case 'j':
            options->json = true;
            break;
        case 's':
            ok = parse_count(optarg, UINT32_MAX, &options->settle_every);
            break;
        case 'r':
            ok = parse_count(optarg, REPEAT_MAX, &options->repeat);
            break;
        case 'h':
            fputs(usage, stdout);
            exit(EXIT_SUCCESS);
        default:
            ok = false;
        }
        if (!ok)
            return false;
    }
    if (optind == argc)
        fputs(usage, stderr);
    return optind < argc;
}

/* All measurements of one history. False when it could not be carried out at all. */
static bool measure(const struct options *options, const struct history *history, const struct plan *plan,
                    struct figures *figures)
{
    const uint32_t repeat = options->wasm ? 1 : options->repeat; /* natively it is then only what to compare with */
    struct replay replay;
    bool ok = true;
    replay_init(&replay);
    for (uint32_t i = 0; ok && i < repeat; i++)
        ok = replay_run(&replay, history, plan, figures);
    for (uint32_t i = 0; figures->replay.n > 0 && i < repeat; i++) {
        replay_measure(&replay, history, REPLAY_ENCODED, figures);
        replay_measure(&replay, history, REPLAY_JOURNAL, figures);
    }
    if (ok && options->wasm && figures->matches) {
        *figures = (struct figures){.matches = true, .wasm = true};
        ok = node_run(history, plan, &replay, options->repeat, figures);
    }
    replay_done(&replay);
    return ok;
}

static int run_file(const struct options *options, const char *path)
{
    struct history history = {0};
    struct plan plan = {0};
    struct complaint complaint = {.text = "out of memory"};
    struct figures *figures = calloc(1, sizeof *figures);
    const char *slash = strrchr(path, '/'), *name = slash == NULL ? path : slash + 1;
    int result = EXIT_COULD_NOT_RUN;
    if (figures == NULL)
        goto done;
    figures->matches = true;
    if (history_read(path, &history, &complaint) != PL_OK)
        goto done;
    snprintf(complaint.text, sizeof complaint.text, "it could not be replayed");
    if (plan_make(&history, options->settle_every, &plan) != PL_OK ||
        !measure(options, &history, &plan, figures))
        goto done;
    figures_print(figures, name, &history, &plan, options->json);
    result = figures->matches ? EXIT_SUCCESS : EXIT_MISMATCH;
done:
    if (result == EXIT_COULD_NOT_RUN)
        fprintf(stderr, "plenum-trace: %s: %s\n", path, complaint.text);
    free(figures);
    plan_done(&plan);
    history_done(&history);
    return result;
}

int main(int argc, char **argv)
{
    struct options options;
    bool mismatch = false, failed = false;
    if (!parse_options(argc, argv, &options))
        return EXIT_COULD_NOT_RUN;
    for (int i = optind; i < argc; i++) {
        const int result = run_file(&options, argv[i]);
        mismatch = mismatch || result == EXIT_MISMATCH;
        failed = failed || result == EXIT_COULD_NOT_RUN;
    }
    return mismatch ? EXIT_MISMATCH : failed ? EXIT_COULD_NOT_RUN : EXIT_SUCCESS;
}
