/* A certificate chain and its key, as an operator's files give them: read whole and checked before a server shows them.
 * OpenSSL's contexts are passed as void, so that its headers stay in this folder. */
#ifndef AUTH_CERTIFICATE_H
#define AUTH_CERTIFICATE_H
#include "proto/mem.h"
#include "proto/status.h"
#include <stdint.h>

#define CERTIFICATE_WHY_BYTES 512u

struct certificate;

/* Reads PEM files: the server's certificate, then those that lead to its root, in order; and the key, without a
 * passphrase. PL_INVALID when a file cannot be read or parsed, when the certificates do not follow one another, when one
 * of them is not valid at that time, or when the key is not the first one's: ret_why says which, in one line. */
PL_CHECKED enum pl_status certificate_read(const struct pl_mem *mem, const char *chain_path,
                                           const char *key_path, uint64_t wall_s,
                                           struct certificate **ret_certificate,
                                           char ret_why[CERTIFICATE_WHY_BYTES]);
void certificate_free(struct certificate *certificate_or_null);
/* Unix time at which the first of the chain ends. */
uint64_t certificate_ends_s(const struct certificate *certificate);
/* Makes an SSL_CTX show it from the next handshake on: connections that stand keep theirs. All of it, or PL_INVALID and
 * nothing changed: OpenSSL finds it too weak (ret_why). The context takes its own references. */
PL_CHECKED enum pl_status certificate_install(const struct certificate *certificate, void *ssl_ctx,
                                              char ret_why[CERTIFICATE_WHY_BYTES]);

#endif
