/* plenum-board: a board of stickies, what it weighs, how fast it loads, and how fast batches are applied to it. Each
 * measurement is a run of its own, so that memory is a fresh process'. bench/board/measure.mjs makes a table of all. */
#include "bench/board/board_json.h"
#include "bench/board/team.h"
#include "bench/clock.h"
#include "bench/trace/counted.h"
#include "proto/limits.h"
#include "proto/object.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

enum { EXIT_COULD_NOT_RUN = 2 };

#define REPEAT       15u
#define APPLY_BATCHES 1000000u
#define APPLY_REPEAT 5u
#define APPLY_REPLICA 1000u /* the first of the writers', none of the team's */

static const char usage[] =
    "usage: plenum-board make FILE STICKIES [HABIT...]        builds a board, writes its snapshot, prints sizes\n"
    "       plenum-board load FILE                            loads it; milliseconds and memory\n"
    "       plenum-board apply FILE                           applies single-field batches to it; how many a second\n"
    "Prints one line of JSON. Habits: exact, positions are not rounded to quarters; terse, a few words on a sticky;\n"
    "neat, numbered stickies in rows by one person.\n";

/* ---- make ---- */

/* As gzip at its usual level writes it. 0 without memory. */
static size_t compressed_bytes(const struct pl_buf *buf, int window_bits)
{
    z_stream stream = {0};
    if (deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, window_bits, 8, Z_DEFAULT_STRATEGY) != Z_OK)
        return 0;
    const size_t cap = deflateBound(&stream, (uLong)buf->len);
    uint8_t *out = malloc(cap);
    size_t n = 0;
    if (out != NULL) {
        stream.next_in = buf->data;
        stream.avail_in = (uInt)buf->len;
        stream.next_out = out;
        stream.avail_out = (uInt)cap;
        n = deflate(&stream, Z_FINISH) == Z_STREAM_END ? stream.total_out : 0;
    }
    deflateEnd(&stream);
    free(out);
    return n;
}

static size_t text_bytes(struct pl_doc *doc)
{
    const struct pl_object *object;
    size_t bytes = 0;
    for (size_t i = 0; (object = pl_doc_object_at(doc, i)) != NULL; i++) {
        const struct pl_text *text = pl_object_text(object, PL_FIELD_TEXT);
        if (text != NULL)
            bytes += pl_text_bytes(text);
    }
    return bytes;
}

static bool write_file(const char *path, const struct pl_buf *buf)
{
    FILE *file = fopen(path, "wb");
    if (file == NULL)
        return false;
    const bool written = fwrite(buf->data, 1, buf->len, file) == buf->len;
    return fclose(file) == 0 && written;
}

static int make(const char *path, uint32_t sticky_n, struct team_habits habits)
{
    struct pl_buf snapshot, seen, whole;
    struct team *team = team_new(sticky_n, habits, 20261122);
    if (team == NULL)
        return EXIT_COULD_NOT_RUN;
    pl_buf_init(&snapshot, pl_mem_libc());
    pl_buf_init(&seen, pl_mem_libc());
    pl_buf_init(&whole, pl_mem_libc());
    pl_doc_snapshot(team_doc(team), &snapshot);
    board_json_seen(team_doc(team), &seen);
    board_json_whole(team_doc(team), team_journal(team), &whole);
    const bool ok = !snapshot.failed && !seen.failed && !whole.failed && write_file(path, &snapshot);
    if (ok)
        printf("{\"stickies\":%" PRIu32 ",\"batches\":%zu,\"text\":%zu,\"snapshot\":%zu,"
               "\"snapshot_deflated\":%zu,\"seen\":%zu,\"seen_gz\":%zu,\"whole\":%zu,\"whole_gz\":%zu}\n",
               sticky_n, team_journal(team)->entry_n, text_bytes(team_doc(team)), snapshot.len,
               compressed_bytes(&snapshot, -15), seen.len, compressed_bytes(&seen, 31), whole.len,
               compressed_bytes(&whole, 31));
    pl_buf_done(&snapshot);
    pl_buf_done(&seen);
    pl_buf_done(&whole);
    team_free(team);
    return ok ? EXIT_SUCCESS : EXIT_COULD_NOT_RUN;
}

/* ---- load ---- */

static bool read_file(const char *path, struct pl_buf *buf)
{
    uint8_t piece[65536];
    size_t n;
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        return false;
    while ((n = fread(piece, 1, sizeof piece, file)) > 0)
        pl_buf_append(buf, piece, n);
    return fclose(file) == 0 && !buf->failed;
}

static double ms_since(uint64_t began_ns)
{
    return (double)(clock_ns() - began_ns) / (double)NS_PER_MS;
}

static int load(const struct pl_buf *snapshot)
{
    double rss = 0;
    size_t live = 0, objects = 1;
    printf("{\"load_ms\":[");
    for (uint32_t i = 0; i < REPEAT; i++) {
        struct counted counted;
        struct pl_doc *doc = NULL;
        counted_init(&counted);
        const size_t before = rss_bytes();
        const uint64_t began_ns = clock_ns();
        const enum pl_status status = pl_doc_load(&counted.mem, pl_buf_slice(snapshot), &doc);
        printf("%s%.4f", i == 0 ? "" : ",", ms_since(began_ns));
        if (status != PL_OK) {
            fprintf(stderr, "plenum-board: the engine says \"%s\"\n", pl_status_name(status));
            return EXIT_COULD_NOT_RUN;
        }
        if (i == 0) {
            rss = (double)rss_bytes() - (double)before;
            live = counted.live_bytes;
            objects = pl_doc_object_n(doc);
        }
        pl_doc_free(doc);
    }
    printf("],\"rss_per_object\":%.1f,\"live_per_object\":%.1f}\n", rss / (double)objects,
           (double)live / (double)objects);
    return EXIT_SUCCESS;
}

/* ---- apply ---- */

/* A drop, a resize or a colour, by one of eight writers, on any sticky. */
static void write_batch(struct pl_buf *buf, uint64_t *random, struct pl_doc *doc, uint32_t writer, uint64_t ctr,
                        uint64_t lam)
{
    const size_t object_n = pl_doc_object_n(doc);
    const struct pl_object *object = pl_doc_object_at(doc, (size_t)(random_next(random) >> 11) % object_n);
    const uint32_t dice = (uint32_t)(random_next(random) >> 62);
    pl_write_array(buf, 4);
    pl_write_uint(buf, APPLY_REPLICA + writer);
    pl_write_uint(buf, ctr);
    pl_write_uint(buf, lam);
    pl_write_array(buf, 1);
    pl_write_array(buf, 4);
    pl_write_uint(buf, PL_OP_SET);
    pl_write_id(buf, pl_object_id(object));
    pl_write_uint(buf, dice < 2 ? PL_FIELD_POS : dice == 2 ? PL_FIELD_SIZE : PL_FIELD_COLOR);
    if (dice == 3) {
        pl_write_uint(buf, (random_next(random) >> 11) % 11);
        return;
    }
    pl_write_array(buf, 2);
    pl_write_number(buf, (double)(random_next(random) >> 48) / 4);
    pl_write_number(buf, (double)(random_next(random) >> 48) / 4);
}

static bool write_journal(struct journal *journal, struct pl_doc *doc)
{
    uint64_t random = 7;
    struct pl_buf body;
    bool ok = true;
    pl_buf_init(&body, pl_mem_libc());
    for (uint32_t i = 0; i < APPLY_BATCHES && ok; i++) {
        pl_buf_clear(&body);
        write_batch(&body, &random, doc, i % 8, i / 8 + 1, pl_doc_lam(doc) + 1 + i);
        ok = !body.failed && journal_add(journal, i % 8 + 1, pl_buf_slice(&body)) == PL_OK;
    }
    pl_buf_done(&body);
    return ok;
}

/* Applies all batches to a freshly loaded board; a negative time is a failure. */
static double apply_all(const struct pl_buf *snapshot, struct journal *journal)
{
    struct pl_doc *doc = NULL;
    enum pl_status status = pl_doc_load(pl_mem_libc(), pl_buf_slice(snapshot), &doc);
    if (status == PL_OK && journal->entry_n == 0 && !write_journal(journal, doc))
        status = PL_NO_MEMORY;
    const uint64_t head = status == PL_OK ? pl_doc_head(doc) : 0;
    const uint64_t began_ns = clock_ns();
    for (size_t i = 0; i < journal->entry_n && status == PL_OK; i++) {
        const struct pl_envelope envelope = journal_envelope(journal, i, head + 1 + i);
        status = pl_doc_apply(doc, &envelope, NULL);
    }
    const double seconds = (double)(clock_ns() - began_ns) / (double)NS_PER_S;
    pl_doc_free(doc);
    if (status != PL_OK)
        fprintf(stderr, "plenum-board: the engine says \"%s\"\n", pl_status_name(status));
    return status == PL_OK ? seconds : -1;
}

static int apply(const struct pl_buf *snapshot)
{
    struct journal journal;
    bool ok = true;
    journal_init(&journal);
    printf("{\"batches_per_s\":[");
    for (uint32_t i = 0; i < APPLY_REPEAT && ok; i++) {
        const double seconds = apply_all(snapshot, &journal);
        ok = seconds > 0;
        printf("%s%.0f", i == 0 ? "" : ",", APPLY_BATCHES / seconds);
    }
    printf("]}\n");
    journal_done(&journal);
    return ok ? EXIT_SUCCESS : EXIT_COULD_NOT_RUN;
}

static int make_as_asked(int argc, char **argv)
{
    const unsigned long sticky_n = argc > 3 ? strtoul(argv[3], NULL, 10) : 0;
    struct team_habits habits = {0};
    for (int i = 4; i < argc; i++) {
        habits.exact = habits.exact || strcmp(argv[i], "exact") == 0;
        habits.terse = habits.terse || strcmp(argv[i], "terse") == 0;
        habits.neat = habits.neat || strcmp(argv[i], "neat") == 0;
    }
    if (sticky_n == 0 || sticky_n > PL_OBJECTS_MAX) {
        fputs(usage, stderr);
        return EXIT_COULD_NOT_RUN;
    }
    return make(argv[2], (uint32_t)sticky_n, habits);
}

int main(int argc, char **argv)
{
    struct pl_buf snapshot;
    int result = EXIT_COULD_NOT_RUN;
    const char *what = argc > 2 ? argv[1] : "";
    if (strcmp(what, "make") == 0)
        return make_as_asked(argc, argv);
    pl_buf_init(&snapshot, pl_mem_libc());
    if (strcmp(what, "load") != 0 && strcmp(what, "apply") != 0)
        fputs(usage, stderr);
    else if (!read_file(argv[2], &snapshot))
        fprintf(stderr, "plenum-board: cannot read %s\n", argv[2]);
    else
        result = (strcmp(what, "load") == 0 ? load : apply)(&snapshot);
    pl_buf_done(&snapshot);
    return result;
}
