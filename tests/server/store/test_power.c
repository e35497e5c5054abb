/* Power loss: LMDB's own writes are recorded between the library and the kernel; then the file is
 * put together as a disk could have it after each of them, the writes since the last sync in any
 * subset, cut at any sector. Whatever it is, the folder opens, every record passes its checksum, and
 * every entry that was acknowledged by then is there. */
#include "base/envelope.h"
#include "base/log.h"
#include "proto/writer.h"
#include "store/store.h"
#include "store/view.h"
#include "tests/sim/rng.h"
#include "tests/support/core_check.h"
#include "tests/support/core_loop.h"
#include "tests/support/core_world.h"
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cmocka.h>

#define BOARD       0x0123456789abcdefULL
#define SECTOR      512u
#define ROUNDS      40u
#define IMAGE_BYTES (8u << 20)

enum what {
    WRITTEN, /* in the page cache */
    FORCED,  /* through a descriptor with O_DSYNC: on the disk when it returned */
    SYNCED,  /* all that was written before */
    ACKED,   /* somebody was told that `at` is durable */
};

struct event {
    enum what what;
    uint64_t at; /* offset, or seq */
    size_t len;
    uint8_t *bytes;
};

/* What LMDB did, in order; from two threads. The one global that interposing needs. */
static struct {
    pthread_mutex_t mutex;
    bool on;
    struct event *events;
    size_t n, cap;
} record = {.mutex = PTHREAD_MUTEX_INITIALIZER};

static void note(enum what what, uint64_t at, const void *bytes, size_t len)
{
    pthread_mutex_lock(&record.mutex);
    if (record.on) {
        if (record.n == record.cap) {
            record.cap = record.cap == 0 ? 256 : record.cap * 2;
            record.events = realloc(record.events, record.cap * sizeof *record.events);
            CORE_CHECK(record.events != NULL);
        }
        struct event *event = &record.events[record.n++];
        *event = (struct event){.what = what, .at = at, .len = len, .bytes = malloc(len + 1)};
        CORE_CHECK(event->bytes != NULL);
        if (len > 0)
            memcpy(event->bytes, bytes, len);
    }
    pthread_mutex_unlock(&record.mutex);
}

static bool is_journal(int fd)
{
    char link[64], path[512];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t n = readlink(link, path, sizeof path - 1);
    return n > 10 && memcmp(path + n - 10, "plenum.mdb", 10) == 0;
}

static void note_write(int fd, const void *bytes, size_t len, off_t at)
{
    if (is_journal(fd))
        note((fcntl(fd, F_GETFL) & O_DSYNC) != 0 ? FORCED : WRITTEN, (uint64_t)at, bytes, len);
}

/* What LMDB 0.9 writes with. */

ssize_t pwrite64(int fd, const void *bytes, size_t len, off64_t at);
ssize_t pwrite64(int fd, const void *bytes, size_t len, off64_t at)
{
    ssize_t n = syscall(SYS_pwrite64, fd, bytes, len, at);
    if (n > 0)
        note_write(fd, bytes, (size_t)n, at);
    return n;
}

ssize_t pwrite(int fd, const void *bytes, size_t len, off_t at)
{
    return pwrite64(fd, bytes, len, at);
}

ssize_t writev(int fd, const struct iovec *parts, int n)
{
    off_t at = lseek(fd, 0, SEEK_CUR);
    ssize_t sum = syscall(SYS_writev, fd, parts, n);
    ssize_t left = sum;
    for (int i = 0; i < n && left > 0; i++) {
        size_t len = (size_t)left < parts[i].iov_len ? (size_t)left : parts[i].iov_len;
        note_write(fd, parts[i].iov_base, len, at);
        at += (off_t)len;
        left -= (ssize_t)len;
    }
    return sum;
}

int fdatasync(int fd)
{
    int code = (int)syscall(SYS_fdatasync, fd);
    if (code == 0 && is_journal(fd))
        note(SYNCED, 0, NULL, 0);
    return code;
}

/* Work for the disk. */

struct work {
    struct core_loop *loop;
    struct store *store;
    struct journal journal;
    uint32_t under_way;
    uint64_t head;
};

struct ack {
    struct work *work;
    uint64_t seq;
};

static void acked(void *user, enum pl_status status)
{
    struct ack *ack = user;
    assert_int_equal(status, PL_OK);
    if (ack->seq > 0)
        note(ACKED, ack->seq, NULL, 0);
    ack->work->under_way--;
    free(ack);
}

static struct ack *ack_new(struct work *work, uint64_t seq)
{
    struct ack *ack = malloc(sizeof *ack);
    CORE_CHECK(ack != NULL);
    *ack = (struct ack){work, seq};
    work->under_way++;
    return ack;
}

static bool is_quiet(void *user)
{
    return ((struct work *)user)->under_way == 0;
}

static void settle(struct work *work)
{
    CORE_CHECK(core_loop_until(work->loop, is_quiet, work));
}

static void envelopes_write(struct pl_buf *buf, uint64_t first, uint32_t n, size_t bytes)
{
    struct pl_buf body;
    uint8_t *noise = malloc(bytes + 1);
    for (size_t i = 0; i < bytes; i++)
        noise[i] = (uint8_t)((first * 31 + i * 2654435761u) >> 9);
    pl_buf_init(&body, pl_mem_libc());
    pl_write_bin(&body, (struct pl_slice){noise, bytes});
    for (uint32_t i = 0; i < n; i++) {
        const struct pl_envelope envelope = {
            .seq = first + i, .user = 1, .srv_ms = UINT64_C(1) << 42, .body = pl_buf_slice(&body)};
        pl_envelope_write(buf, &envelope);
    }
    pl_buf_done(&body);
    free(noise);
}

static void append(struct work *work, uint32_t n, size_t bytes)
{
    struct journal_mark mark = {.replica = 4, .user = 1, .hwm = work->head + n};
    struct pl_buf buf;
    pl_buf_init(&buf, pl_mem_libc());
    envelopes_write(&buf, work->head + 1, n, bytes);
    struct journal *journal = &work->journal;
    if (work->head == 0)
        journal->vtable->create(journal->self, BOARD, pl_buf_slice(&buf), NULL, 0, 0, acked,
                                ack_new(work, n));
    else
        journal->vtable->append(journal->self, BOARD, 0, work->head + 1, n, pl_buf_slice(&buf),
                                &mark, 1, acked, ack_new(work, work->head + n));
    work->head += n;
    pl_buf_done(&buf);
}

static void snapshot(struct work *work)
{
    struct pl_buf bytes;
    pl_buf_init(&bytes, pl_mem_libc());
    envelopes_write(&bytes, work->head, 1, 30000);
    work->journal.vtable->snapshot(work->journal.self, BOARD, 0, work->head, pl_buf_slice(&bytes),
                                   acked, ack_new(work, 0));
    pl_buf_done(&bytes);
}

static size_t file_read(const char *path, uint8_t *ret_bytes)
{
    FILE *file = fopen(path, "rb");
    CORE_CHECK(file != NULL);
    size_t n = fread(ret_bytes, 1, IMAGE_BYTES, file);
    CORE_CHECK(n < IMAGE_BYTES && fclose(file) == 0);
    return n;
}

/* Records some rounds of what servers do; ret_image: the file before them. */
static size_t work_record(const char *dir, struct rng *rng, uint8_t *ret_image)
{
    struct work work = {.loop = core_loop_new()};
    const struct store_options options = {.map_bytes = IMAGE_BYTES};
    char path[128];
    snprintf(path, sizeof path, "%s/plenum.mdb", dir);
    CORE_CHECK(store_open(pl_mem_libc(), dir, core_loop_port(work.loop), &options, &work.store) ==
               PL_OK);
    work.journal = store_journal(work.store);
    append(&work, 1, 10);
    settle(&work);
    size_t len = file_read(path, ret_image);
    record.on = true;
    for (unsigned round = 0; round < ROUNDS; round++) {
        for (uint32_t i = rng_below(rng, 4); i > 0; i--)
            append(&work, 1 + rng_below(rng, 5), rng_below(rng, 9000));
        if (round % 5 == 4)
            snapshot(&work);
        if (rng_chance(rng, 60))
            settle(&work);
    }
    settle(&work);
    record.on = false;
    store_close(work.store);
    core_loop_free(work.loop);
    return len;
}

/* The disk. */

struct disk {
    uint8_t *synced, *crashed;
    size_t synced_len, crashed_len;
    size_t from; /* the first event that is not synced */
    char dir[64];
};

static void put(uint8_t *image, size_t *len, const struct event *event, size_t from, size_t n)
{
    CORE_CHECK(event->at + event->len <= IMAGE_BYTES);
    if (event->at + from > *len)
        memset(image + *len, 0, event->at + from - *len);
    memcpy(image + event->at + from, event->bytes + from, n);
    if (event->at + from + n > *len)
        *len = event->at + from + n;
}

static void put_some(struct disk *disk, const struct event *event, struct rng *rng)
{
    for (size_t at = 0; at < event->len; at += SECTOR) {
        if (rng_chance(rng, 50))
            put(disk->crashed, &disk->crashed_len, event, at,
                event->len - at < SECTOR ? event->len - at : SECTOR);
    }
}

struct reading {
    uint64_t last;
};

static enum pl_status read_snapshot(void *user, uint64_t seq, struct pl_slice bytes)
{
    (void)bytes;
    ((struct reading *)user)->last = seq;
    return PL_OK;
}

static enum pl_status read_entries(void *user, uint64_t first_seq, uint64_t last_seq,
                                   struct pl_slice envelopes)
{
    struct reading *reading = user;
    (void)envelopes;
    CORE_CHECK(first_seq == reading->last + 1);
    reading->last = last_seq;
    return PL_OK;
}

/* What a server would find. */
static void opens_and_holds(struct disk *disk, uint64_t acked_seq, uint64_t mark)
{
    char path[128];
    struct store_view *view;
    struct reading reading = {0};
    struct journal_mark found = {0};
    const struct journal_reader reader = {
        .snapshot = read_snapshot, .entries = read_entries, .user = &reading};
    snprintf(path, sizeof path, "%s/plenum.mdb-lock", disk->dir);
    (void)unlink(path);
    snprintf(path, sizeof path, "%s/plenum.mdb", disk->dir);
    FILE *file = fopen(path, "wb");
    CORE_CHECK(file != NULL &&
               fwrite(disk->crashed, 1, disk->crashed_len, file) == disk->crashed_len);
    CORE_CHECK(fclose(file) == 0);
    assert_int_equal(store_view_open(pl_mem_libc(), disk->dir, &view), PL_OK);
    assert_int_equal(store_view_load(view, BOARD, 0, UINT64_MAX, &reader), PL_OK);
    assert_true(reading.last >= acked_seq);
    if (mark > 0) { /* counters come with their entries, whole */
        assert_true(store_view_mark(view, BOARD, 0, &found));
        assert_true(found.hwm == reading.last);
    }
    store_view_close(view);
}

/* Power fails right after event number n - 1. */
static void crash(struct disk *disk, size_t n, uint64_t acked_seq, struct rng *rng)
{
    for (unsigned way = 0; way < 4; way++) {
        memcpy(disk->crashed, disk->synced, disk->synced_len);
        disk->crashed_len = disk->synced_len;
        for (size_t i = disk->from; i < n; i++) {
            const struct event *event = &record.events[i];
            if (event->what == FORCED || (event->what == WRITTEN && way == 1))
                put(disk->crashed, &disk->crashed_len, event, 0, event->len);
            else if (event->what == WRITTEN && way > 1)
                put_some(disk, event, rng);
        }
        opens_and_holds(disk, acked_seq, acked_seq);
    }
}

static void whatever_a_disk_kept_holds_all_that_was_acknowledged(void **state)
{
    char dir[64];
    struct rng rng = rng_of(11, 0);
    struct disk disk = {.synced = malloc(IMAGE_BYTES), .crashed = malloc(IMAGE_BYTES)};
    uint64_t acked_seq = 0;
    size_t crash_n = 0;
    (void)state;
    log_set(LOG_LEVEL_SILENT, NULL, NULL);
    core_dir_make(dir);
    core_dir_make(disk.dir);
    disk.synced_len = work_record(dir, &rng, disk.synced);
    for (size_t n = 1; n <= record.n; n++) {
        const struct event *event = &record.events[n - 1];
        if (event->what == ACKED) {
            acked_seq = event->at;
        } else if (event->what == SYNCED) {
            for (; disk.from < n; disk.from++) {
                const struct event *kept = &record.events[disk.from];
                if (kept->what == WRITTEN || kept->what == FORCED)
                    put(disk.synced, &disk.synced_len, kept, 0, kept->len);
            }
        } else {
            crash(&disk, n, acked_seq, &rng);
            crash_n++;
        }
    }
    assert_true(crash_n > 100 && acked_seq > ROUNDS);
    print_message("%zu writes, %zu states of the disk\n", crash_n, crash_n * 4);
    for (size_t i = 0; i < record.n; i++)
        free(record.events[i].bytes);
    free(record.events);
    free(disk.synced);
    free(disk.crashed);
    core_dir_remove(dir);
    core_dir_remove(disk.dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whatever_a_disk_kept_holds_all_that_was_acknowledged),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
