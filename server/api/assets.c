/* The web client's files: "/" and "/b/<board>" are the page, everything else goes by its own path.
 * Hashed names never change; the page and the service worker are asked about each time, and
 * answered 304 while they are the same. */
#include "api/routes.h"
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define POLICY                                                                                    \
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' " \
    "blob: data:; "                                                                               \
    "media-src 'self' blob:; connect-src 'self'; font-src 'self'; worker-src 'self'; "            \
    "manifest-src 'self'; "                                                                       \
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
#define BOARD_SEGMENT_MAX 64u

enum encoding {
    ENCODING_PLAIN,
    ENCODING_GZIP,
    ENCODING_BR,
};

static struct pl_slice slice_of(const char *text)
{
    return (struct pl_slice){(const uint8_t *)text, strlen(text)};
}

/* "/" and "/b/<one segment>": the page itself finds out whether the board exists. */
static bool is_page(struct pl_slice path)
{
    if (path.len == 1)
        return path.data[0] == '/';
    if (path.len < 4 || path.len > 3 + BOARD_SEGMENT_MAX || memcmp(path.data, "/b/", 3) != 0)
        return false;
    return memchr(path.data + 3, '/', path.len - 3) == NULL;
}

/* Whether an Accept-Encoding header names the coding and does not refuse it by q=0. */
static bool accepts(struct pl_slice header, const char *coding)
{
    const char *at = (const char *)header.data;
    const char *end = at + header.len;
    size_t coding_len = strlen(coding);
    while (at < end) {
        const char *stop = memchr(at, ',', (size_t)(end - at));
        if (stop == NULL)
            stop = end;
        while (at < stop && (*at == ' ' || *at == '\t'))
            at++;
        size_t len = (size_t)(stop - at);
        if (len >= coding_len && strncasecmp(at, coding, coding_len) == 0) {
            const char *rest = at + coding_len;
            while (rest < stop && (*rest == ' ' || *rest == ';'))
                rest++;
            if (rest == stop)
                return true;
            if (rest > at + coding_len) /* q=0, q=0.0, q=0.000 refuse; any other digit accepts */
                for (const char *c = rest; c < stop; c++)
                    if (*c >= '1' && *c <= '9')
                        return true;
        }
        at = stop < end ? stop + 1 : end;
    }
    return false;
}

bool assets_tag_matches(struct pl_slice if_none_match, const char *etag)
{
    size_t len = strlen(etag);
    if (if_none_match.len == 1 && if_none_match.data[0] == '*')
        return true;
    for (size_t i = 0; i + len + 1 < if_none_match.len; i++) {
        if (if_none_match.data[i] != '"' || memcmp(if_none_match.data + i + 1, etag, len) != 0)
            continue;
        uint8_t after = if_none_match.data[i + 1 + len];
        if (after == '"' || after == '-')
            return true;
    }
    return false;
}

void assets_headers(struct api_response *response, const char *type, bool immutable)
{
    api_response_header(response, "Content-Type", type);
    api_response_header(response, "Cache-Control",
                        immutable ? "public, max-age=31536000, immutable" : "no-cache");
    api_response_header(response, "Content-Security-Policy", POLICY);
    api_response_header(response, "X-Content-Type-Options", "nosniff");
    api_response_header(response, "Referrer-Policy", "no-referrer");
    api_response_header(response, "Cross-Origin-Opener-Policy", "same-origin");
}

static enum encoding encoding_choose(const struct asset *asset, struct pl_slice accept)
{
    if (accept.data == NULL)
        return ENCODING_PLAIN;
    if (asset->br != NULL && accepts(accept, "br"))
        return ENCODING_BR;
    if (asset->gzip != NULL && accepts(accept, "gzip"))
        return ENCODING_GZIP;
    return ENCODING_PLAIN;
}

static void asset_answer(const struct asset *asset, const struct api_request *request,
                         struct api_response *response)
{
    static const char *const suffixes[] = {"", "-gzip", "-br"};
    enum encoding encoding = encoding_choose(asset, request->accept_encoding);
    char tag[96];
    snprintf(tag, sizeof tag, "\"%s%s\"", asset->etag, suffixes[encoding]);
    assets_headers(response, asset->type, asset->immutable);
    api_response_header(response, "ETag", tag);
    api_response_header(response, "Vary", "Accept-Encoding");
    if (request->if_none_match.data != NULL &&
        assets_tag_matches(request->if_none_match, asset->etag)) {
        response->status = 304;
        return;
    }
    response->status = 200;
    response->body = (struct pl_slice){asset->plain, asset->plain_len};
    if (encoding == ENCODING_BR) {
        api_response_header(response, "Content-Encoding", "br");
        response->body = (struct pl_slice){asset->br, asset->br_len};
    } else if (encoding == ENCODING_GZIP) {
        api_response_header(response, "Content-Encoding", "gzip");
        response->body = (struct pl_slice){asset->gzip, asset->gzip_len};
    }
}

enum pl_status assets_serve(struct api *api, const struct api_request *request,
                            struct api_response *response)
{
    struct pl_slice path = is_page(request->path) ? slice_of("/index.html") : request->path;
    if (api->env.web_root_or_null != NULL)
        return web_root_serve(api->env.web_root_or_null, request, path, response);
    for (size_t i = 0; i < api->env.asset_n; i++) {
        const struct asset *asset = &api->env.assets[i];
        if (pl_slice_equal(path, slice_of(asset->path))) {
            asset_answer(asset, request, response);
            return PL_OK;
        }
    }
    return PL_NOT_FOUND;
}
