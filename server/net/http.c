/* HTTP between libwebsockets and api: one exchange per request, from its headers to the last byte
 * of the answer.
 *
 * Invariants: an exchange belongs to its socket's slot and is freed when libwebsockets unbinds the
 * protocol (the end of a transaction, an upgrade, the end of the socket), and a waiting api call is
 * then cancelled. Headers are copied when they arrive, for libwebsockets drops them before an
 * answer may be ready. Bodies need a Content-Length: libwebsockets 4.1.6 does not decode chunked
 * ones and would take them for content. */
#include "net/conn.h"
#include "net/head.h"
#include <errno.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#define HEADER_BYTES_MAX 4096u
#define PROGRESS_SECONDS_MAX 20 /* for the peer to take the next piece of an answer */
/* For us to have one: a long recording that is finished on a slow disk, behind others. A peer that gives up is noticed by
 * its socket's end. */
#define ANSWER_SECONDS_MAX 300
#define SOURCE_SECONDS_MAX 120 /* the same for media: a player that has enough stops taking, and holds no memory of ours */
#define BODY_BYTES_PER_MS  32u /* a long body may take as much longer */

enum field {
    FIELD_PATH,
    FIELD_HOST,
    FIELD_ORIGIN,
    FIELD_COOKIE,
    FIELD_AUTHORIZATION,
    FIELD_IF_NONE_MATCH,
    FIELD_ACCEPT_ENCODING,
    FIELD_RANGE,
    FIELD_IF_RANGE,
    FIELD_CONTENT_DIGEST, /* libwebsockets knows no such header: copied by its name */
    FIELD_COUNT,
};

struct span {
    bool set;
    size_t at;
    size_t len;
};

struct exchange {
    struct server *server;
    struct lws *wsi;
    struct api_call *call_or_null;
    struct pl_buf text; /* the fields' bytes, one after another */
    struct span fields[FIELD_COUNT];
    struct pl_buf body;
    enum api_method method;
    bool head;
    enum api_channel channel;
    bool operated; /* came on the operator's address */
    bool closes;   /* the connection ends with the answer */
    bool begun;    /* given to api */
    bool answered; /* response is set */
    bool started;  /* its head is written */
    struct api_response response;
    uint64_t sent; /* of the response's body */
    size_t body_bytes;      /* as announced */
    enum pl_status refusal; /* PL_OK, or why the body is dropped as it comes: answered at its end, lest the peer miss it */
    struct pl_slice piece;  /* of the response's source, to be sent */
    bool asked, broken;     /* it was asked for the next; it has no more */
};

bool http_header(struct lws *wsi, enum lws_token_indexes token, char *ret_text, size_t bytes_max)
{
    int len = lws_hdr_total_length(wsi, token);
    if (len <= 0 || (size_t)len >= bytes_max)
        return false;
    return lws_hdr_copy(wsi, ret_text, (int)bytes_max, token) >= 0;
}

static void body_drop(struct exchange *exchange)
{
    exchange->server->body_bytes -= exchange->body.len;
    pl_buf_done(&exchange->body);
}

static void exchange_free(struct exchange *exchange)
{
    if (exchange == NULL)
        return;
    if (exchange->call_or_null != NULL)
        api_cancel(exchange->call_or_null);
    if (exchange->answered)
        api_response_done(&exchange->response);
    pl_buf_done(&exchange->text);
    body_drop(exchange);
    pl_mem_put(exchange->server->env.mem, exchange);
}

/* Takes what is already there off the socket, so that closing it does not reset away the answer. */
static void input_discard(struct lws *wsi)
{
    char waste[4096];
    for (unsigned i = 0; i < 64; i++)
        if (recv(lws_get_socket_fd(wsi), waste, sizeof waste, MSG_DONTWAIT) <= 0)
            return;
}

/* Writes the head and as much of the body as fits behind it. */
static int answer_start(struct server *server, struct lws *wsi, const struct api_response *response,
                        bool head, bool closes, uint64_t *ret_body_bytes)
{
    struct pl_buf text;
    int result = -1;
    pl_buf_init(&text, server->env.mem);
    pl_buf_reserve(&text, LWS_PRE + 1024);
    if (text.failed)
        goto out;
    memset(text.data, 0, LWS_PRE);
    text.len = LWS_PRE;
    head_write(response, closes, server_secured(wsi), &text);
    size_t n = head ? 0 : response->body.len; /* none of a source's */
    if (n > SERVER_SCRATCH_BYTES)
        n = SERVER_SCRATCH_BYTES;
    pl_buf_append(&text, response->body.data, n);
    if (text.failed)
        goto out;
    if (lws_write(wsi, text.data + LWS_PRE, text.len - LWS_PRE, LWS_WRITE_HTTP) < 0)
        goto out;
    *ret_body_bytes = n;
    result = 0;
out:
    pl_buf_done(&text);
    return result;
}

struct refusal {
    struct server *server;
    struct lws *wsi;
    uint16_t http_status;
};

static void refuse_answered(void *user, struct api_response *response)
{
    const struct refusal *refusal = user;
    uint64_t sent;
    if (refusal->http_status != 0)
        response->status = refusal->http_status;
    if (!api_response_failed(response) &&
        answer_start(refusal->server, refusal->wsi, response, false, true, &sent) == 0)
        input_discard(refusal->wsi);
    api_response_done(response);
}

void http_refuse(struct server *server, struct lws *wsi, enum pl_status code, uint16_t http_status)
{
    struct refusal refusal = {.server = server, .wsi = wsi, .http_status = http_status};
    api_refuse(server->env.api, code, refuse_answered, &refusal);
}

static void answered(void *user, struct api_response *response)
{
    struct exchange *exchange = user;
    exchange->call_or_null = NULL;
    exchange->response = *response;
    exchange->answered = true;
    lws_set_timeout(exchange->wsi, PENDING_TIMEOUT_HTTP_CONTENT, PROGRESS_SECONDS_MAX);
    lws_callback_on_writable(exchange->wsi);
}

static struct pl_slice field(const struct exchange *exchange, enum field name)
{
    const struct span *span = &exchange->fields[name];
    if (!span->set)
        return (struct pl_slice){0};
    return (struct pl_slice){exchange->text.data + span->at, span->len};
}

static struct api_request request_of(const struct exchange *exchange)
{
    return (struct api_request){
        .method = exchange->method,
        .channel = exchange->channel,
        .path = field(exchange, FIELD_PATH),
        .host = field(exchange, FIELD_HOST),
        .origin = field(exchange, FIELD_ORIGIN),
        .cookie = field(exchange, FIELD_COOKIE),
        .authorization = field(exchange, FIELD_AUTHORIZATION),
        .if_none_match = field(exchange, FIELD_IF_NONE_MATCH),
        .accept_encoding = field(exchange, FIELD_ACCEPT_ENCODING),
        .range = field(exchange, FIELD_RANGE),
        .if_range = field(exchange, FIELD_IF_RANGE),
        .content_digest = field(exchange, FIELD_CONTENT_DIGEST),
        .body = pl_buf_slice(&exchange->body),
        .operated = exchange->operated,
    };
}

static void begin(struct exchange *exchange)
{
    if (exchange->begun)
        return; /* libwebsockets tells a body's end again when more input follows it */
    exchange->begun = true;
    lws_set_timer_usecs(exchange->wsi, LWS_SET_TIMER_USEC_CANCEL);
    lws_set_timeout(exchange->wsi, PENDING_TIMEOUT_HTTP_CONTENT, ANSWER_SECONDS_MAX);
    if (exchange->refusal != PL_OK) {
        api_refuse(exchange->server->env.api, exchange->refusal, answered, exchange);
        return;
    }
    const struct api_request request = request_of(exchange);
    struct api_call *call = api_begin(exchange->server->env.api, &request, answered, exchange);
    if (call != NULL)
        exchange->call_or_null = call;
    body_drop(exchange); /* api copied what it needs of it, and the answer may take long */
}

static void field_set(struct exchange *exchange, enum field name, const void *text, size_t len)
{
    exchange->fields[name] = (struct span){.set = true, .at = exchange->text.len, .len = len};
    pl_buf_append(&exchange->text, text, len);
    pl_buf_append(&exchange->text, "", 1); /* a header may be empty, a slice's data never NULL */
}

/* Copies the headers api reads; false when one is too long. */
static bool fields_copy(struct exchange *exchange, const char *path, size_t path_len)
{
    static const enum lws_token_indexes tokens[FIELD_COUNT] = {
        [FIELD_HOST] = WSI_TOKEN_HOST,
        [FIELD_ORIGIN] = WSI_TOKEN_ORIGIN,
        [FIELD_COOKIE] = WSI_TOKEN_HTTP_COOKIE,
        [FIELD_AUTHORIZATION] = WSI_TOKEN_HTTP_AUTHORIZATION,
        [FIELD_IF_NONE_MATCH] = WSI_TOKEN_HTTP_IF_NONE_MATCH,
        [FIELD_ACCEPT_ENCODING] = WSI_TOKEN_HTTP_ACCEPT_ENCODING,
        [FIELD_RANGE] = WSI_TOKEN_HTTP_RANGE,
        [FIELD_IF_RANGE] = WSI_TOKEN_HTTP_IF_RANGE,
    };
    static const char digest[] = "content-digest:";
    char value[HEADER_BYTES_MAX];
    field_set(exchange, FIELD_PATH, path, path_len);
    for (enum field name = FIELD_HOST; name < FIELD_CONTENT_DIGEST; name++) {
        if (lws_hdr_total_length(exchange->wsi, tokens[name]) <= 0)
            continue;
        if (!http_header(exchange->wsi, tokens[name], value, sizeof value))
            return false;
        field_set(exchange, name, value, strlen(value));
    }
    if (lws_hdr_custom_copy(exchange->wsi, value, sizeof value, digest, sizeof digest - 1) > 0)
        field_set(exchange, FIELD_CONTENT_DIGEST, value, strlen(value));
    return !exchange->text.failed;
}

static enum api_method method_of(struct lws *wsi, bool *ret_head)
{
    *ret_head = lws_hdr_total_length(wsi, WSI_TOKEN_HEAD_URI) > 0;
    if (*ret_head || lws_hdr_total_length(wsi, WSI_TOKEN_GET_URI) > 0)
        return API_GET;
    if (lws_hdr_total_length(wsi, WSI_TOKEN_POST_URI) > 0)
        return API_POST;
    if (lws_hdr_total_length(wsi, WSI_TOKEN_PUT_URI) > 0)
        return API_PUT;
    if (lws_hdr_total_length(wsi, WSI_TOKEN_DELETE_URI) > 0)
        return API_DELETE;
    return API_OTHER;
}

/* PL_OK and how long the body is; otherwise why the request is refused. */
static enum pl_status body_length(struct lws *wsi, enum api_method method, size_t *ret_len)
{
    char text[24];
    size_t len = 0;
    bool wants_body = method == API_POST || method == API_PUT;
    if (lws_hdr_total_length(wsi, WSI_TOKEN_HTTP_TRANSFER_ENCODING) > 0)
        return PL_LENGTH;
    if (lws_hdr_total_length(wsi, WSI_TOKEN_HTTP_CONTENT_LENGTH) <= 0) {
        *ret_len = 0; /* neither header: there is no body (RFC 9112, 6.3) */
        return PL_OK;
    }
    if (!http_header(wsi, WSI_TOKEN_HTTP_CONTENT_LENGTH, text, sizeof text))
        return PL_INVALID;
    for (const char *c = text; *c != '\0'; c++) {
        if (*c < '0' || *c > '9')
            return PL_INVALID;
        if (len <= PL_UPLOAD_BYTES_MAX)
            len = len * 10 + (size_t)(*c - '0');
    }
    if (len > PL_UPLOAD_BYTES_MAX)
        return PL_TOO_BIG;
    if (len > 0 && !wants_body)
        return PL_INVALID;
    *ret_len = len;
    return PL_OK;
}

static bool peer_of(struct lws *wsi, struct address *ret_peer)
{
    struct address peer = {.len = sizeof peer.storage};
    if (getpeername(lws_get_socket_fd(wsi), (struct sockaddr *)&peer.storage, &peer.len) != 0)
        return false;
    *ret_peer = peer;
    return true;
}

bool http_client(struct lws *wsi, struct address *ret_client)
{
    char list[HEADER_BYTES_MAX];
    struct address peer;
    if (!peer_of(wsi, &peer))
        return false;
    bool listed = http_header(wsi, WSI_TOKEN_X_FORWARDED_FOR, list, sizeof list);
    *ret_client = forwarded_client(&server_of(wsi)->env.proxies, &peer, listed ? list : NULL);
    return true;
}

/* A server with TLS gets plain requests too, from who forgot the "s". */
enum api_channel http_channel(struct lws *wsi)
{
    static const char proto[] = "x-forwarded-proto:";
    const struct server_env *env = &server_of(wsi)->env;
    struct address peer;
    char scheme[8];
    if (env->secure_or_null != NULL && !server_operated(wsi))
        return server_secured(wsi) ? API_SECURE : API_ASTRAY;
    if (env->proxies.trusted_n == 0 || !peer_of(wsi, &peer) || !forwarded_trusted(&env->proxies, &peer) ||
        lws_hdr_custom_copy(wsi, scheme, sizeof scheme, proto, sizeof proto - 1) <= 0)
        return API_CLEAR;
    return strcasecmp(scheme, "https") == 0 ? API_SECURE : API_CLEAR;
}

static int request_arrived(struct server *server, struct lws *wsi, struct exchange **slot,
                           const char *path, size_t path_len)
{
    bool head;
    size_t body_len;
    enum api_method method = method_of(wsi, &head);
    enum pl_status status = body_length(wsi, method, &body_len);
    if (status != PL_OK) {
        http_refuse(server, wsi, status, 0);
        return -1;
    }
    struct exchange *exchange = pl_mem_get(server->env.mem, sizeof *exchange);
    if (exchange == NULL)
        return -1;
    *exchange = (struct exchange){
        .server = server, .wsi = wsi, .method = method, .head = head, .channel = http_channel(wsi), .operated = server_operated(wsi)};
    pl_buf_init(&exchange->text, server->env.mem);
    pl_buf_init(&exchange->body, server->env.mem);
    exchange_free(*slot);
    *slot = exchange;
    if (!fields_copy(exchange, path, path_len)) {
        http_refuse(server, wsi, PL_TOO_BIG, 431);
        return -1;
    }
    const struct api_request request = request_of(exchange);
    exchange->body_bytes = body_len;
    exchange->refusal = api_admit(server->env.api, &request, body_len);
    if (exchange->refusal == PL_TOO_BIG) {
        http_refuse(server, wsi, PL_TOO_BIG, 0);
        return -1;
    }
    /* A POST's end is told by BODY_COMPLETION when it has a length, be it 0; an empty PUT's is not. */
    bool told = method == API_POST && lws_hdr_total_length(wsi, WSI_TOKEN_HTTP_CONTENT_LENGTH) > 0;
    /* libwebsockets would go on to wait for a body of unknown length, so that socket takes no second request. */
    exchange->closes = !told && method == API_POST;
    if (!told && body_len == 0)
        begin(exchange);
    else
        lws_set_timer_usecs(wsi, (lws_usec_t)(PL_BODY_MS_MAX + body_len / BODY_BYTES_PER_MS) * LWS_US_PER_MS);
    return 0;
}

static int body_arrived(struct exchange *exchange, const void *bytes, size_t len)
{
    if (exchange->begun)
        return 0;
    if (exchange->refusal != PL_OK)
        return 0;
    if (exchange->body.len + len > exchange->body_bytes)
        return -1;
    struct server *server = exchange->server;
    if (len > PL_BODIES_BYTES_MAX - server->body_bytes) {
        exchange->refusal = PL_LIMIT;
        body_drop(exchange);
        return 0;
    }
    const size_t before = exchange->body.len;
    if (len > 0)
        pl_buf_append(&exchange->body, bytes, len);
    server->body_bytes += exchange->body.len - before;
    return exchange->body.failed ? -1 : 0;
}

static void piece_came(void *user, const struct pl_slice *piece_or_null)
{
    struct exchange *exchange = user;
    exchange->broken = piece_or_null == NULL;
    exchange->piece = exchange->broken ? (struct pl_slice){0} : *piece_or_null;
    lws_callback_on_writable(exchange->wsi);
}

static int bytes_send(struct exchange *exchange, const uint8_t *bytes, size_t n)
{
    uint8_t *at = exchange->server->scratch + LWS_PRE;
    memcpy(at, bytes, n);
    if (lws_write(exchange->wsi, at, n, LWS_WRITE_HTTP) < 0)
        return -1;
    exchange->sent += n;
    return 0;
}

/* A piece is sent, and only when the socket wants more the next one is asked for: who does not take costs nothing. */
static int source_send(struct exchange *exchange)
{
    struct api_source *source = exchange->response.source_or_null;
    const struct pl_slice piece = exchange->piece;
    if (exchange->broken || piece.len > SERVER_SCRATCH_BYTES || piece.len > source->bytes - exchange->sent)
        return -1;
    if (piece.len == 0 && !exchange->asked) {
        exchange->asked = true;
        source->read(source, piece_came, exchange);
    }
    if (piece.len == 0)
        return 0;
    int result = bytes_send(exchange, piece.data, piece.len);
    source->drop(source);
    exchange->piece = (struct pl_slice){0};
    exchange->asked = false;
    if (exchange->sent < source->bytes)
        lws_callback_on_writable(exchange->wsi);
    return result;
}

/* One piece per writable callback. libwebsockets keeps what the socket does not take and calls
 * again when it has. */
static int writable(struct exchange *exchange)
{
    struct server *server = exchange->server;
    struct lws *wsi = exchange->wsi;
    const struct api_response *response = &exchange->response;
    if (!exchange->answered)
        return 0;
    if (api_response_failed(response))
        return -1;
    const struct api_source *source = response->source_or_null;
    lws_set_timeout(wsi, PENDING_TIMEOUT_HTTP_CONTENT, source != NULL ? SOURCE_SECONDS_MAX : PROGRESS_SECONDS_MAX);
    if (!exchange->started) {
        exchange->started = true;
        if (answer_start(server, wsi, response, exchange->head, exchange->closes,
                         &exchange->sent) != 0)
            return -1;
        if (!exchange->head && exchange->sent < api_response_bytes(response)) {
            lws_callback_on_writable(wsi);
            return 0;
        }
    } else if (!exchange->head && source != NULL) {
        if (source_send(exchange) != 0)
            return -1;
        if (exchange->sent < source->bytes)
            return 0; /* more when the piece came, or when the socket wants it */
    } else if (!exchange->head && exchange->sent < response->body.len) {
        const uint64_t left = response->body.len - exchange->sent;
        if (bytes_send(exchange, response->body.data + exchange->sent,
                       left < SERVER_SCRATCH_BYTES ? (size_t)left : SERVER_SCRATCH_BYTES) != 0)
            return -1;
        if (exchange->sent < response->body.len) {
            lws_callback_on_writable(wsi);
            return 0;
        }
    }
    if (exchange->closes)
        return -1;
    /* Frees the exchange, at once or when the last bytes have gone. */
    return lws_http_transaction_completed(wsi) != 0 ? -1 : 0;
}

/* Headers or a body did not come in time. libwebsockets' own timeouts would hang up without a word,
 * and those for bodies begin anew with each byte. */
static int overdue(struct server *server, struct lws *wsi, const struct exchange *exchange_or_null)
{
    if (exchange_or_null != NULL && exchange_or_null->begun)
        return 0;
    metrics_add(server->env.metrics_or_null, METRIC_REFUSED_SLOW, 1);
    /* Before the first headers came, TLS may still be in its handshake: nothing can be said. */
    if (exchange_or_null != NULL || !server_secured(wsi))
        http_refuse(server, wsi, PL_TIMEOUT, 0);
    return -1;
}

int http_callback(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
                  size_t len)
{
    struct exchange **slot = user;
    switch ((int)reason) {
    case LWS_CALLBACK_FILTER_NETWORK_CONNECTION:
    case LWS_CALLBACK_SERVER_NEW_CLIENT_INSTANTIATED:
        return 0;
    case LWS_CALLBACK_OPENSSL_LOAD_EXTRA_SERVER_VERIFY_CERTS: {
        const struct server_secure *secure = server_of(wsi)->env.secure_or_null;
        return secure->attach(secure->user, user) ? 0 : -1; /* an SSL_CTX here, no slot */
    }
    case LWS_CALLBACK_TIMER:
        return overdue(server_of(wsi), wsi, slot != NULL ? *slot : NULL);
    case LWS_CALLBACK_RAW_ADOPT:
    case LWS_CALLBACK_RAW_RX:
        /* CONNECT made libwebsockets take the socket for a raw one, which nothing would ever time
         * out. */
        metrics_add(server_of(wsi)->env.metrics_or_null, METRIC_REFUSED_UPGRADE, 1);
        return -1;
    case LWS_CALLBACK_HTTP_CONFIRM_UPGRADE:
        return ws_upgrade_check(server_of(wsi), wsi);
    case LWS_CALLBACK_HTTP:
        return request_arrived(server_of(wsi), wsi, slot, in, len);
    case LWS_CALLBACK_HTTP_BODY:
        return *slot != NULL ? body_arrived(*slot, in, len) : -1;
    case LWS_CALLBACK_HTTP_BODY_COMPLETION:
        if (*slot == NULL)
            return -1;
        begin(*slot);
        return 0;
    case LWS_CALLBACK_HTTP_WRITEABLE:
        return slot != NULL && *slot != NULL ? writable(*slot) : 0;
    case LWS_CALLBACK_HTTP_DROP_PROTOCOL:
    case LWS_CALLBACK_CLOSED_HTTP:
        if (slot != NULL) {
            exchange_free(*slot);
            *slot = NULL;
        }
        return 0;
    default:
        return 0;
    }
}
