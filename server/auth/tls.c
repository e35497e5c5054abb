/* See tls.h. */
#include "auth/tls.h"
#include <openssl/ssl.h>
#include <stdio.h>

/* For TLS 1.2; all of 1.3's are as good. Browsers of ten years ago have them. */
#define CIPHERS "ECDHE+AESGCM:ECDHE+CHACHA20"

struct tls {
    const struct pl_mem *mem;
    const char *chain_path;
    const char *key_path;
    SSL_CTX *ctx; /* libwebsockets'; NULL before tls_attach */
    struct certificate *certificate;
};

enum pl_status tls_new(const struct pl_mem *mem, const char *chain_path, const char *key_path,
                       uint64_t wall_s, struct tls **ret_tls, char ret_why[CERTIFICATE_WHY_BYTES])
{
    struct tls *tls = pl_mem_get(mem, sizeof *tls);
    if (tls == NULL) {
        snprintf(ret_why, CERTIFICATE_WHY_BYTES, "out of memory");
        return PL_NO_MEMORY;
    }
    *tls = (struct tls){.mem = mem, .chain_path = chain_path, .key_path = key_path};
    enum pl_status status =
        certificate_read(mem, chain_path, key_path, wall_s, &tls->certificate, ret_why);
    if (status != PL_OK) {
        tls_free(tls);
        return status;
    }
    *ret_tls = tls;
    return PL_OK;
}

void tls_free(struct tls *tls_or_null)
{
    if (tls_or_null == NULL)
        return;
    certificate_free(tls_or_null->certificate);
    pl_mem_put(tls_or_null->mem, tls_or_null);
}

enum pl_status tls_attach(struct tls *tls, void *ssl_ctx, char ret_why[CERTIFICATE_WHY_BYTES])
{
    SSL_CTX *ctx = ssl_ctx;
    if (SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION) != 1 ||
        SSL_CTX_set_cipher_list(ctx, CIPHERS) != 1) {
        snprintf(ret_why, CERTIFICATE_WHY_BYTES, "OpenSSL has no TLS 1.2");
        return PL_INVALID;
    }
    /* A renegotiation is a handshake's work for a peer's asking. */
    SSL_CTX_set_options(ctx, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                                 SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_IGNORE_UNEXPECTED_EOF);
    /* An idle connection keeps no record buffers: two of 17 KB. */
    SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS);
    /* Who comes back brings its session as a ticket; none is kept here. One, for a browser resumes once at a time. */
    SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_num_tickets(ctx, 1);
    enum pl_status status = certificate_install(tls->certificate, ctx, ret_why);
    if (status == PL_OK)
        tls->ctx = ctx;
    return status;
}

enum pl_status tls_reload(struct tls *tls, uint64_t wall_s, char ret_why[CERTIFICATE_WHY_BYTES])
{
    struct certificate *fresh = NULL;
    enum pl_status status =
        certificate_read(tls->mem, tls->chain_path, tls->key_path, wall_s, &fresh, ret_why);
    if (status == PL_OK)
        status = certificate_install(fresh, tls->ctx, ret_why);
    if (status != PL_OK) {
        certificate_free(fresh);
        return status;
    }
    certificate_free(tls->certificate);
    tls->certificate = fresh;
    return PL_OK;
}

uint64_t tls_ends_s(const struct tls *tls)
{
    return certificate_ends_s(tls->certificate);
}
