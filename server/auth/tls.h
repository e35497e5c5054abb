/* How this server speaks TLS: versions, ciphers and the certificate it shows, which can be read anew while sockets live
 * on. libwebsockets makes the context and moves the bytes. Loop thread only. */
#ifndef AUTH_TLS_H
#define AUTH_TLS_H
#include "auth/certificate.h"

struct tls;

/* Paths are borrowed for its life. As certificate_read. */
PL_CHECKED enum pl_status tls_new(const struct pl_mem *mem, const char *chain_path,
                                  const char *key_path, uint64_t wall_s, struct tls **ret_tls,
                                  char ret_why[CERTIFICATE_WHY_BYTES]);
void tls_free(struct tls *tls_or_null);
/* Sets a new SSL_CTX up and keeps it for tls_reload: it must live until the last of those. Once. */
PL_CHECKED enum pl_status tls_attach(struct tls *tls, void *ssl_ctx,
                                     char ret_why[CERTIFICATE_WHY_BYTES]);
/* Reads the files again. When they do not pass, the certificate shown stays as it is. */
PL_CHECKED enum pl_status tls_reload(struct tls *tls, uint64_t wall_s,
                                     char ret_why[CERTIFICATE_WHY_BYTES]);
/* Unix time. */
uint64_t tls_ends_s(const struct tls *tls);

#endif
