/* --web-root: the client from a folder, for developing it. Reads whole files on the loop, which a
 * developer's own machine can bear. A path may only name what lies below the folder: segments are
 * plain names, no dot in front. */
#include "api/routes.h"
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_BYTES_MAX (64u * 1024u * 1024u)
#define PATH_BYTES_MAX 1024u

static bool path_safe(struct pl_slice path)
{
    if (path.len < 2 || path.len >= PATH_BYTES_MAX || path.data[0] != '/')
        return false;
    for (size_t i = 0; i < path.len; i++) {
        uint8_t c = path.data[i];
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                     c == '-' || c == '_';
        bool dot = c == '.' && path.data[i - 1] != '/'; /* i > 0: the first byte is a slash */
        bool slash = c == '/' && i + 1 < path.len && path.data[i + 1] != '/';
        if (!plain && !dot && !slash)
            return false;
    }
    return true;
}

static const char *type_of(const char *path)
{
    static const char *const types[][2] = {
        {".html", "text/html; charset=utf-8"},
        {".js", "text/javascript; charset=utf-8"},
        {".css", "text/css; charset=utf-8"},
        {".json", "application/json"},
        {".webmanifest", "application/manifest+json"},
        {".wasm", "application/wasm"},
        {".svg", "image/svg+xml"},
        {".png", "image/png"},
        {".ico", "image/x-icon"},
        {".woff2", "font/woff2"},
        {".map", "application/json"},
    };
    const char *dot = strrchr(path, '.');
    for (size_t i = 0; dot != NULL && i < sizeof types / sizeof types[0]; i++)
        if (strcmp(dot, types[i][0]) == 0)
            return types[i][1];
    return "application/octet-stream";
}

static enum pl_status file_read(int fd, size_t len, struct pl_buf *buf)
{
    if (!pl_buf_reserve(buf, len))
        return PL_NO_MEMORY;
    while (buf->len < len) {
        ssize_t n = read(fd, buf->data + buf->len, len - buf->len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return PL_IO;
        buf->len += (size_t)n;
    }
    return PL_OK;
}

enum pl_status web_root_serve(const char *folder, const struct api_request *request,
                              struct pl_slice path, struct api_response *response)
{
    char name[PATH_BYTES_MAX];
    char tag[64];
    struct stat info;
    enum pl_status status = PL_NOT_FOUND;
    int fd = -1;
    int root = -1;
    if (!path_safe(path))
        return PL_NOT_FOUND;
    memcpy(name, path.data + 1, path.len - 1);
    name[path.len - 1] = '\0';
    root = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (root < 0)
        goto out;
    fd = openat(root, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0 || fstat(fd, &info) != 0 || !S_ISREG(info.st_mode) || info.st_size > FILE_BYTES_MAX)
        goto out;
    snprintf(tag, sizeof tag, "%" PRIx64 "x%" PRIx64,
             (uint64_t)info.st_mtim.tv_sec * 1000000000u + (uint64_t)info.st_mtim.tv_nsec,
             (uint64_t)info.st_size);
    assets_headers(response, type_of(name), false);
    char quoted[sizeof tag + 2];
    snprintf(quoted, sizeof quoted, "\"%s\"", tag);
    api_response_header(response, "ETag", quoted);
    status = PL_OK;
    if (request->if_none_match.data != NULL && assets_tag_matches(request->if_none_match, tag)) {
        response->status = 304;
        goto out;
    }
    response->status = 200;
    status = file_read(fd, (size_t)info.st_size, &response->owned);
    if (status == PL_OK)
        response->body = pl_buf_slice(&response->owned);
    else
        pl_buf_clear(&response->head);
out:
    if (fd >= 0)
        close(fd);
    if (root >= 0)
        close(root);
    return status;
}
