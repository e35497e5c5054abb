/* plenum-golden GOLDEN-DIR CORPUS-DIR: writes the golden files of this version and the fuzzers'
 * seeds from the samples. For a new version only: files of a released version are never written
 * again. */
#include "tests/support/samples.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>

static bool write_file(const char *folder, const char *name, struct pl_slice bytes)
{
    char path[1024];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "wb");
    bool written = file != NULL && fwrite(bytes.data, 1, bytes.len, file) == bytes.len;
    if (file != NULL && fclose(file) != 0)
        written = false;
    if (!written)
        fprintf(stderr, "%s: %s\n", path, strerror(errno));
    return written;
}

static bool write_into(const char *folder, const char *sub, const char *name, struct pl_slice bytes)
{
    char path[512];
    snprintf(path, sizeof path, "%s/%s", folder, sub);
    return write_file(path, name, bytes);
}

static bool write_messages(const char *golden, const char *corpus)
{
    struct pl_buf frame;
    const char *name;
    bool written = true;
    pl_buf_init(&frame, pl_mem_libc());
    for (size_t i = 0; sample_message(i, &name, &frame) && written; i++) {
        char file[64];
        snprintf(file, sizeof file, "%s.msgpack", name);
        written = write_file(golden, file, pl_buf_slice(&frame)) &&
                  write_into(corpus, "fuzz_message", name, pl_buf_slice(&frame)) &&
                  write_into(corpus, "fuzz_reader", name, pl_buf_slice(&frame));
        pl_buf_clear(&frame);
    }
    pl_buf_done(&frame);
    return written;
}

/* The sample journal in fuzz_batch's framing, as a whole and without its second entry, whose
 * dependants are orphans. */
static bool write_batches(const char *corpus)
{
    struct pl_buf whole, holed, body;
    enum pl_role role;
    uint64_t user;
    pl_buf_init(&whole, pl_mem_libc());
    pl_buf_init(&holed, pl_mem_libc());
    pl_buf_init(&body, pl_mem_libc());
    for (size_t i = 0; sample_body(i, &body, &role, &user); i++) {
        uint8_t head[3] = {role == PL_ROLE_SERVER  ? 3
                           : role == PL_ROLE_OWNER ? 2
                                                   : 0,
                           (uint8_t)(body.len >> 8), (uint8_t)body.len};
        pl_buf_append(&whole, head, sizeof head);
        pl_buf_append(&whole, body.data, body.len);
        if (i != 1) {
            pl_buf_append(&holed, head, sizeof head);
            pl_buf_append(&holed, body.data, body.len);
        }
        pl_buf_clear(&body);
    }
    bool written = write_into(corpus, "fuzz_batch", "journal", pl_buf_slice(&whole)) &&
                   write_into(corpus, "fuzz_batch", "orphans", pl_buf_slice(&holed));
    pl_buf_done(&whole);
    pl_buf_done(&holed);
    pl_buf_done(&body);
    return written;
}

/* The named sample as a step of fuzz_session's. */
static void append_said(struct pl_buf *steps, const char *wanted)
{
    struct pl_buf frame;
    const char *name;
    pl_buf_init(&frame, pl_mem_libc());
    for (size_t i = 0; sample_message(i, &name, &frame); i++) {
        if (strcmp(name, wanted) == 0) {
            uint8_t head[3] = {3, (uint8_t)(frame.len >> 8), (uint8_t)frame.len};
            pl_buf_append(steps, head, sizeof head);
            pl_buf_append(steps, frame.data, frame.len);
        }
        pl_buf_clear(&frame);
    }
    pl_buf_done(&frame);
}

/* Somebody who says what a client may say, before HELLO and after a good one. */
static bool write_sessions(const char *corpus)
{
    static const char *const files[] = {"stranger", "guest"};
    bool written = true;
    for (uint8_t begun = 0; begun < 2 && written; begun++) {
        struct pl_buf steps;
        pl_buf_init(&steps, pl_mem_libc());
        pl_buf_append(&steps, &begun, 1);
        append_said(&steps, "ping");
        append_said(&steps, "presence");
        append_said(&steps, "batch");
        append_said(&steps, "hello");
        written = write_into(corpus, "fuzz_session", files[begun], pl_buf_slice(&steps));
        pl_buf_done(&steps);
    }
    return written;
}

static bool write_snapshots(const char *golden, const char *corpus)
{
    struct pl_doc *doc = sample_doc(), *empty = pl_doc_new(pl_mem_libc());
    struct pl_buf full, none;
    bool written = doc != NULL && empty != NULL;
    pl_buf_init(&full, pl_mem_libc());
    pl_buf_init(&none, pl_mem_libc());
    if (written) {
        pl_doc_snapshot(doc, &full);
        pl_doc_snapshot(empty, &none);
        written = write_file(golden, "board.snapshot", pl_buf_slice(&full)) &&
                  write_into(corpus, "fuzz_snapshot", "board", pl_buf_slice(&full)) &&
                  write_into(corpus, "fuzz_snapshot", "empty", pl_buf_slice(&none));
    }
    pl_buf_done(&full);
    pl_buf_done(&none);
    pl_doc_free(doc);
    pl_doc_free(empty);
    return written;
}

int main(int argc, char **argv)
{
    if (argc != 3) {
        fprintf(stderr, "usage: plenum-golden GOLDEN-DIR CORPUS-DIR\n");
        return 2;
    }
    bool written = write_messages(argv[1], argv[2]) && write_batches(argv[2]) &&
                   write_sessions(argv[2]) && write_snapshots(argv[1], argv[2]);
    return written ? 0 : 1;
}
