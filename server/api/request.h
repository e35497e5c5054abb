/* An HTTP request and its response as values, without a socket: net makes the one and writes the
 * other. */
#ifndef API_REQUEST_H
#define API_REQUEST_H
#include "proto/mem.h"
#include "proto/status.h"
#include "proto/writer.h"

enum api_method {
    API_GET, /* HEAD too: net leaves the body out */
    API_POST,
    API_PUT,
    API_DELETE,
    API_OTHER,
};

/* How a request came. */
enum api_channel {
    API_CLEAR,  /* plain HTTP, as this server is spoken to; a proxy before it may end TLS */
    API_SECURE, /* over TLS that ends here, or at a trusted proxy */
    API_ASTRAY, /* plain HTTP where TLS is spoken */
};

/* Everything is borrowed for the call. Absent headers have data NULL. */
struct api_request {
    enum api_method method;
    enum api_channel channel;
    struct pl_slice path; /* percent-decoded, without the query */
    struct pl_slice host;
    struct pl_slice origin;
    struct pl_slice cookie;
    struct pl_slice authorization;
    struct pl_slice if_none_match;
    struct pl_slice accept_encoding;
    struct pl_slice range;
    struct pl_slice if_range;
    struct pl_slice content_digest;
    struct pl_slice body; /* at most what api_admit allows */
    bool operated;        /* came on the operator's address (--metrics-listen) */
};

/* A body that is read while it is sent, piece by piece, so that a long one takes no memory. */
struct api_source {
    uint64_t bytes; /* of all pieces together */
    /* Asks for the next piece: `came` is called once, later, on the loop; the piece is valid until it is
     * dropped. NULL: it cannot be read any more, or must not be; the answer breaks off. One at a time. */
    void (*read)(struct api_source *source, void (*came)(void *user, const struct pl_slice *piece_or_null), void *user);
    void (*drop)(struct api_source *source);
    /* Frees; a piece that was asked for does not come any more. */
    void (*close)(struct api_source *source);
};

struct api_response {
    uint16_t status;
    struct pl_buf
        head; /* header lines, each "name: value\r\n"; without Content-Length and Connection */
    struct pl_slice body; /* static, or inside owned */
    struct pl_buf owned;
    struct api_source *source_or_null; /* the body instead; closed by api_response_done */
};

void api_response_init(struct api_response *response, const struct pl_mem *mem);
void api_response_done(struct api_response *response);
/* Some allocation failed: answer nothing, close. */
bool api_response_failed(const struct api_response *response);
/* Values are written as they are: never a peer's text. */
void api_response_header(struct api_response *response, const char *name, const char *value);
/* The body becomes `text` (copied), with its type; not to be cached. */
void api_response_text(struct api_response *response, uint16_t status, const char *type,
                       struct pl_slice text);
/* {"code": ..., "text": ...} with the status that fits the code. */
void api_response_error(struct api_response *response, enum pl_status code);
/* The same with a text of one's own: static, no quotes in it. */
void api_response_error_text(struct api_response *response, enum pl_status code,
                             const char *static_text);
/* Of the body, whatever it is. */
uint64_t api_response_bytes(const struct api_response *response);
/* The HTTP status for a code. */
uint16_t api_http_status(enum pl_status code);

#endif
