/* Owns the batches of a record file, found by (replica, ctr0). */
#include "bench/load/record.h"
#include "base/map.h"
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct record {
    struct record_batch **batches;
    size_t n, cap;
    struct map by_name;
    char *link;
};

/* Counters of one run stay far below 2^32, so the pair fits one key. */
static uint64_t key_of(uint32_t replica, uint64_t ctr0)
{
    return (uint64_t)replica << 32 | (uint32_t)ctr0;
}

struct record_batch *record_find(struct record *record, uint32_t replica, uint64_t ctr0)
{
    return map_get(&record->by_name, key_of(replica, ctr0));
}

const char *record_link(const struct record *record)
{
    return record->link;
}
size_t record_n(const struct record *record)
{
    return record->n;
}
struct record_batch *record_at(struct record *record, size_t index)
{
    return record->batches[index];
}

void record_free(struct record *record_or_null)
{
    if (record_or_null == NULL)
        return;
    for (size_t i = 0; i < record_or_null->n; i++)
        free(record_or_null->batches[i]);
    free(record_or_null->batches);
    map_done(&record_or_null->by_name);
    free(record_or_null->link);
    free(record_or_null);
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Adds the batch, its body decoded into the same block. */
static enum pl_status take_sent(struct record *record, const char *line)
{
    uint32_t replica;
    uint64_t ctr0, n, checksum;
    int at = 0;
    if (sscanf(line, "sent %" SCNu32 " %" SCNu64 " %" SCNu64 " %" SCNx64 " %n", &replica, &ctr0, &n,
               &checksum, &at) != 4 ||
        at == 0)
        return PL_CORRUPT;
    size_t len = strlen(line + at) / 2;
    struct record_batch *batch = calloc(1, sizeof *batch + len);
    if (batch == NULL)
        return PL_NO_MEMORY;
    uint8_t *body = (uint8_t *)(batch + 1);
    for (size_t i = 0; i < len; i++) {
        int high = hex_digit(line[(size_t)at + 2 * i]),
            low = hex_digit(line[(size_t)at + 2 * i + 1]);
        body[i] = (uint8_t)(high << 4 | low);
    }
    *batch = (struct record_batch){.replica = replica, .ctr0 = ctr0, .n = n, .body = {body, len}};
    const struct record_batch *known = record_find(record, replica, ctr0);
    bool again = known != NULL && pl_slice_equal(known->body, batch->body); /* on a new connection */
    if (again || known != NULL || pl_hash(PL_HASH_START, body, len) != checksum) {
        free(batch);
        return again ? PL_OK : PL_CORRUPT;
    }
    if (record->n == record->cap) {
        size_t cap = record->cap == 0 ? 1024 : record->cap * 2;
        struct record_batch **grown = realloc(record->batches, cap * sizeof(struct record_batch *));
        if (grown == NULL) {
            free(batch);
            return PL_NO_MEMORY;
        }
        record->batches = grown;
        record->cap = cap;
    }
    record->batches[record->n++] = batch;
    return map_put(&record->by_name, key_of(replica, ctr0), batch);
}

static enum pl_status take_ack(struct record *record, const char *line)
{
    char link[2048];
    uint32_t replica;
    uint64_t ctr0, n, checksum, seq;
    if (sscanf(line, "ack %2047s %" SCNu32 " %" SCNu64 " %" SCNu64 " %" SCNx64 " %" SCNu64, link,
               &replica, &ctr0, &n, &checksum, &seq) != 6)
        return PL_CORRUPT;
    struct record_batch *batch = record_find(record, replica, ctr0);
    if (batch == NULL || batch->n != n ||
        pl_hash(PL_HASH_START, batch->body.data, batch->body.len) != checksum)
        return PL_CORRUPT;
    if (record->link == NULL)
        record->link = strdup(link);
    else if (strcmp(record->link, link) != 0)
        return PL_INVALID; /* a record is of one board */
    batch->seq = seq;
    return PL_OK;
}

static enum pl_status take_lines(struct record *record, FILE *file, const char *path)
{
    char *line = NULL;
    size_t cap = 0, number = 0;
    enum pl_status status = PL_OK;
    ssize_t len;
    while (status == PL_OK && (len = getline(&line, &cap, file)) > 0) {
        number++;
        if (line[len - 1] != '\n')
            break; /* killed while writing it: neither sent nor acknowledged */
        line[len - 1] = '\0';
        status = line[0] == 's' ? take_sent(record, line) : take_ack(record, line);
    }
    if (status != PL_OK)
        fprintf(stderr, "plenum-load: %s:%zu: %s\n", path, number, pl_status_text(status));
    free(line);
    return status;
}

enum pl_status record_read(const char *path, struct record **ret_record)
{
    struct record *record = calloc(1, sizeof *record);
    if (record == NULL)
        return PL_NO_MEMORY;
    map_init(&record->by_name, pl_mem_libc());
    FILE *file = fopen(path, "r");
    enum pl_status status = PL_IO;
    if (file == NULL)
        fprintf(stderr, "plenum-load: %s: %s\n", path, strerror(errno));
    else
        status = take_lines(record, file, path);
    if (file != NULL)
        fclose(file);
    if (status != PL_OK) {
        record_free(record);
        return status;
    }
    *ret_record = record;
    return PL_OK;
}
