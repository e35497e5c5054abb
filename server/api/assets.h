/* The web client as embedded files: what the build generates into the library plenum_assets, and
 * what the asset route serves. Everything is static and lives as long as the process. */
#ifndef API_ASSETS_H
#define API_ASSETS_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct asset {
    const char *path; /* absolute: "/index.html", "/sw.js", "/assets/main-3f2a.js" */
    const char *type; /* the whole Content-Type, charset included */
    const char *etag; /* of the plain bytes; letters and digits, no quotes */
    bool immutable;   /* the name contains a hash of the content */
    const uint8_t *plain, *gzip, *br; /* gzip and br may be NULL: not worth it */
    size_t plain_len, gzip_len, br_len;
};

extern const struct asset plenum_assets[];
extern const size_t plenum_asset_n;

#endif
