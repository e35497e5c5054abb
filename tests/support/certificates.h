/* Certificates made on the spot, so that tests need no program and no files that expire. Elliptic
 * keys: quick to make. */
#ifndef SUPPORT_CERTIFICATES_H
#define SUPPORT_CERTIFICATES_H
#include <stdbool.h>

/* What one is to be like. Times are seconds from now. */
struct certificate_wish {
    const char *name; /* its common name; "localhost" and 127.0.0.1 are its other names */
    long from_s;
    long until_s;      /* of the server's own */
    bool by_authority; /* signed by another certificate, which follows in the file */
    long authority_until_s;
    bool disordered;                /* the two the wrong way around */
    const char *passphrase_or_null; /* of the key */
};

/* Writes a certificate and its key as PEM files. Aborts when it cannot. */
void certificate_make(const struct certificate_wish *wish, const char *chain_path,
                      const char *key_path);
/* One called `name`, good from yesterday for thirty days. */
void certificate_make_good(const char *name, const char *chain_path, const char *key_path);

#endif
