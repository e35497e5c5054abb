/* Writes the record; check.c reads it. */
#include "bench/load/acks.h"
#include "proto/writer.h"
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct acks {
    int fd;
    const char *link;
    struct pl_buf line;
};

struct acks *acks_open(const char *path, const char *link)
{
    struct acks *acks = malloc(sizeof *acks);
    int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    if (acks == NULL || fd < 0) {
        fprintf(stderr, "plenum-load: %s: %s\n", path, strerror(errno));
        free(acks);
        if (fd >= 0)
            close(fd);
        return NULL;
    }
    acks->fd = fd;
    acks->link = link;
    pl_buf_init(&acks->line, pl_mem_libc());
    return acks;
}

void acks_close(struct acks *acks_or_null)
{
    if (acks_or_null == NULL)
        return;
    close(acks_or_null->fd);
    pl_buf_done(&acks_or_null->line);
    free(acks_or_null);
}

/* The line built so far, in one write: a line is there whole or not at all. */
static enum pl_status write_line(struct acks *acks)
{
    pl_buf_append(&acks->line, "\n", 1);
    if (acks->line.failed)
        return PL_IO;
    return write(acks->fd, acks->line.data, acks->line.len) == (ssize_t)acks->line.len ? PL_OK
                                                                                       : PL_IO;
}

enum pl_status acks_sent(struct acks *acks, uint32_t replica, uint64_t ctr0, uint64_t n,
                         struct pl_slice body)
{
    static const char digits[] = "0123456789abcdef";
    char head[128];
    int len =
        snprintf(head, sizeof head, "sent %" PRIu32 " %" PRIu64 " %" PRIu64 " %016" PRIx64 " ",
                 replica, ctr0, n, pl_hash(PL_HASH_START, body.data, body.len));
    pl_buf_clear(&acks->line);
    pl_buf_append(&acks->line, head, (size_t)len);
    if (!pl_buf_reserve(&acks->line, body.len * 2))
        return PL_IO;
    for (size_t i = 0; i < body.len; i++) {
        acks->line.data[acks->line.len++] = (uint8_t)digits[body.data[i] >> 4];
        acks->line.data[acks->line.len++] = (uint8_t)digits[body.data[i] & 15];
    }
    return write_line(acks);
}

enum pl_status acks_acknowledged(struct acks *acks, uint32_t replica, uint64_t ctr0, uint64_t n,
                                 uint64_t seq, struct pl_slice body)
{
    char tail[160];
    int len =
        snprintf(tail, sizeof tail, " %" PRIu32 " %" PRIu64 " %" PRIu64 " %016" PRIx64 " %" PRIu64,
                 replica, ctr0, n, pl_hash(PL_HASH_START, body.data, body.len), seq);
    pl_buf_clear(&acks->line);
    pl_buf_append(&acks->line, "ack ", 4);
    pl_buf_append(&acks->line, acks->link, strlen(acks->link));
    pl_buf_append(&acks->line, tail, (size_t)len);
    return write_line(acks);
}
