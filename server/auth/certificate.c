/* See certificate.h. Not here: when files are read again (tls.c). */
#include "auth/certificate.h"
#include <inttypes.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <time.h>

#define CHAIN_MAX 16 /* certificates in one file; public chains have two to four */

struct certificate {
    const struct pl_mem *mem;
    X509 *own;
    STACK_OF(X509) * others; /* towards the root */
    EVP_PKEY *key;
    uint64_t ends_s;
};

static enum pl_status refuse(char ret_why[CERTIFICATE_WHY_BYTES], const char *path,
                             const char *what)
{
    const char *reason = ERR_reason_error_string(ERR_peek_last_error());
    snprintf(ret_why, CERTIFICATE_WHY_BYTES, "%.300s %s%s%.100s", path, what,
             reason == NULL ? "" : ": ", reason == NULL ? "" : reason);
    ERR_clear_error();
    return PL_INVALID;
}

/* A key behind a passphrase is refused: nobody is there to type it. */
static int no_passphrase(char *buf, int size, int writing, void *user)
{
    (void)buf;
    (void)size;
    (void)writing;
    (void)user;
    return 0;
}

static enum pl_status chain_read(struct certificate *certificate, const char *path,
                                 char ret_why[CERTIFICATE_WHY_BYTES])
{
    enum pl_status status = PL_OK;
    BIO *file = BIO_new_file(path, "r");
    if (file == NULL)
        return refuse(ret_why, path, "cannot be read");
    certificate->others = sk_X509_new_null();
    certificate->own = PEM_read_bio_X509(file, NULL, no_passphrase, NULL);
    if (certificate->own == NULL || certificate->others == NULL) {
        status = refuse(ret_why, path, "has no certificate in PEM");
        goto out;
    }
    for (X509 *next; (next = PEM_read_bio_X509(file, NULL, no_passphrase, NULL)) != NULL;) {
        if (sk_X509_num(certificate->others) == CHAIN_MAX ||
            sk_X509_push(certificate->others, next) == 0) {
            X509_free(next);
            status = refuse(ret_why, path, "has too many certificates");
            goto out;
        }
    }
    /* The only good end is that of the file. */
    if (ERR_GET_REASON(ERR_peek_last_error()) != PEM_R_NO_START_LINE)
        status = refuse(ret_why, path, "has a damaged certificate");
    ERR_clear_error();
out:
    BIO_free(file);
    return status;
}

static enum pl_status key_read(struct certificate *certificate, const char *path,
                               char ret_why[CERTIFICATE_WHY_BYTES])
{
    BIO *file = BIO_new_file(path, "r");
    if (file == NULL)
        return refuse(ret_why, path, "cannot be read");
    certificate->key = PEM_read_bio_PrivateKey(file, NULL, no_passphrase, NULL);
    BIO_free(file);
    if (certificate->key == NULL)
        return refuse(ret_why, path, "has no key in PEM, or one behind a passphrase");
    if (X509_check_private_key(certificate->own, certificate->key) != 1)
        return refuse(ret_why, path, "is not the certificate's key");
    return PL_OK;
}

static bool follows(X509 *of, X509 *by)
{
    return X509_check_issued(by, of) == X509_V_OK && X509_verify(of, X509_get0_pubkey(by)) == 1;
}

static enum pl_status order_check(const struct certificate *certificate, const char *path,
                                  char ret_why[CERTIFICATE_WHY_BYTES])
{
    X509 *of = certificate->own;
    for (int i = 0; i < sk_X509_num(certificate->others); i++) {
        X509 *by = sk_X509_value(certificate->others, i);
        if (!follows(of, by))
            return refuse(ret_why, path, "has a certificate that the next one in it did not sign");
        of = by;
    }
    return PL_OK;
}

static enum pl_status dates_check(struct certificate *certificate, const char *path,
                                  uint64_t wall_s, char ret_why[CERTIFICATE_WHY_BYTES])
{
    time_t now = (time_t)wall_s;
    certificate->ends_s = UINT64_MAX;
    for (int i = -1; i < sk_X509_num(certificate->others); i++) {
        const X509 *one = i < 0 ? certificate->own : sk_X509_value(certificate->others, i);
        int days, seconds;
        if (X509_cmp_time(X509_get0_notBefore(one), &now) >= 0)
            return refuse(ret_why, path,
                          i < 0 ? "is not valid yet"
                                : "has a certificate in its chain that is not valid yet");
        if (X509_cmp_time(X509_get0_notAfter(one), &now) <= 0)
            return refuse(ret_why, path,
                          i < 0 ? "has expired"
                                : "has a certificate in its chain that has expired");
        ASN1_TIME *asn1_now = ASN1_TIME_set(NULL, now);
        bool known = asn1_now != NULL &&
                     ASN1_TIME_diff(&days, &seconds, asn1_now, X509_get0_notAfter(one)) == 1;
        ASN1_TIME_free(asn1_now);
        if (!known)
            return refuse(ret_why, path, "has a date that cannot be read");
        uint64_t ends_s = wall_s + (uint64_t)days * 86400u + (uint64_t)seconds;
        if (ends_s < certificate->ends_s)
            certificate->ends_s = ends_s;
    }
    return PL_OK;
}

enum pl_status certificate_read(const struct pl_mem *mem, const char *chain_path,
                                const char *key_path, uint64_t wall_s,
                                struct certificate **ret_certificate,
                                char ret_why[CERTIFICATE_WHY_BYTES])
{
    struct certificate *certificate = pl_mem_get(mem, sizeof *certificate);
    if (certificate == NULL) {
        snprintf(ret_why, CERTIFICATE_WHY_BYTES, "out of memory");
        return PL_NO_MEMORY;
    }
    *certificate = (struct certificate){.mem = mem};
    ERR_clear_error();
    enum pl_status status = chain_read(certificate, chain_path, ret_why);
    if (status == PL_OK)
        status = order_check(certificate, chain_path, ret_why);
    if (status == PL_OK)
        status = dates_check(certificate, chain_path, wall_s, ret_why);
    if (status == PL_OK)
        status = key_read(certificate, key_path, ret_why);
    if (status != PL_OK) {
        certificate_free(certificate);
        return status;
    }
    *ret_certificate = certificate;
    return PL_OK;
}

void certificate_free(struct certificate *certificate_or_null)
{
    if (certificate_or_null == NULL)
        return;
    X509_free(certificate_or_null->own);
    sk_X509_pop_free(certificate_or_null->others, X509_free);
    EVP_PKEY_free(certificate_or_null->key);
    pl_mem_put(certificate_or_null->mem, certificate_or_null);
}

uint64_t certificate_ends_s(const struct certificate *certificate)
{
    return certificate->ends_s;
}

enum pl_status certificate_install(const struct certificate *certificate, void *ssl_ctx,
                                   char ret_why[CERTIFICATE_WHY_BYTES])
{
    ERR_clear_error();
    if (SSL_CTX_use_cert_and_key(ssl_ctx, certificate->own, certificate->key, certificate->others,
                                 1) != 1)
        return refuse(ret_why, "the certificate", "is refused by OpenSSL");
    return PL_OK;
}
