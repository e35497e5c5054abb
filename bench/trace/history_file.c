/* A history's file, gzip'd or plain, into memory. What its bytes mean is history.c's. */
#include "bench/trace/history.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#define PIECE_BYTES (1024u * 1024u)

static enum pl_status refuse(struct complaint *ret_complaint, enum pl_status status, const char *why)
{
    snprintf(ret_complaint->text, sizeof ret_complaint->text, "%s", why);
    return status;
}

/* All of an open file; *ret_bytes is owned by the caller whatever the status. */
static enum pl_status read_all(gzFile file, char **ret_bytes, size_t *ret_len, struct complaint *ret_complaint)
{
    size_t len = 0, cap = 0;
    for (;;) {
        if (cap - len < PIECE_BYTES) {
            cap = cap * 2 + PIECE_BYTES;
            char *bigger = realloc(*ret_bytes, cap);
            if (bigger == NULL)
                return PL_NO_MEMORY;
            *ret_bytes = bigger;
        }
        const int n = gzread(file, *ret_bytes + len, PIECE_BYTES);
        if (n < 0) {
            int code;
            const char *why = gzerror(file, &code);
            return refuse(ret_complaint, code == Z_ERRNO ? PL_IO : PL_MALFORMED,
                          code == Z_ERRNO ? strerror(errno) : why);
        }
        if (n == 0)
            break;
        len += (size_t)n;
        if (len > HISTORY_BYTES_MAX)
            return refuse(ret_complaint, PL_TOO_BIG, "more than a gigabyte of JSON");
    }
    *ret_len = len;
    return PL_OK;
}

enum pl_status history_read(const char *path, struct history *ret_history, struct complaint *ret_complaint)
{
    char *json = NULL;
    size_t len = 0;
    gzFile file = gzopen(path, "rb"); /* reads plain files as they are */
    if (file == NULL)
        return refuse(ret_complaint, PL_IO, strerror(errno));
    enum pl_status status = read_all(file, &json, &len, ret_complaint);
    const int closed = gzclose(file);
    if (status == PL_OK && closed != Z_OK)
        status = refuse(ret_complaint, PL_MALFORMED, "the file ends in the middle of its gzip stream");
    if (status == PL_OK)
        status = history_parse(json, len, ret_history, ret_complaint);
    free(json);
    return status;
}
