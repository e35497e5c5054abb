/* See certificates.h. */
#include "tests/support/certificates.h"
#include "tests/support/core_check.h"
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <string.h>

#define DAY_S 86400

struct signer {
    X509 *certificate;
    EVP_PKEY *key;
};

static struct signer signed_by(const struct signer *by_or_null, const char *name, long from_s,
                               long until_s)
{
    static long serial = 1;
    struct signer made = {.certificate = X509_new(), .key = EVP_EC_gen("P-256")};
    CORE_CHECK(made.certificate != NULL && made.key != NULL);
    X509 *one = made.certificate;
    const struct signer *by = by_or_null != NULL ? by_or_null : &made;
    X509_set_version(one, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(one), serial++);
    X509_gmtime_adj(X509_getm_notBefore(one), from_s);
    X509_gmtime_adj(X509_getm_notAfter(one), until_s);
    X509_set_pubkey(one, made.key);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(one), "CN", MBSTRING_UTF8,
                               (const unsigned char *)name, -1, -1, 0);
    X509_set_issuer_name(one, X509_get_subject_name(by->certificate));
    X509_EXTENSION *names =
        X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, "DNS:localhost,IP:127.0.0.1");
    CORE_CHECK(names != NULL && X509_add_ext(one, names, -1) == 1);
    X509_EXTENSION_free(names);
    CORE_CHECK(X509_sign(one, by->key, EVP_sha256()) > 0);
    return made;
}

static void signer_free(struct signer *signer)
{
    X509_free(signer->certificate);
    EVP_PKEY_free(signer->key);
}

void certificate_make(const struct certificate_wish *wish, const char *chain_path,
                      const char *key_path)
{
    struct signer authority = {0};
    if (wish->by_authority)
        authority = signed_by(NULL, "Authority", -2 * DAY_S, wish->authority_until_s);
    struct signer own =
        signed_by(wish->by_authority ? &authority : NULL, wish->name, wish->from_s, wish->until_s);
    FILE *chain = fopen(chain_path, "w");
    FILE *key = fopen(key_path, "w");
    CORE_CHECK(chain != NULL && key != NULL);
    if (wish->disordered)
        CORE_CHECK(PEM_write_X509(chain, authority.certificate) == 1);
    CORE_CHECK(PEM_write_X509(chain, own.certificate) == 1);
    if (wish->by_authority && !wish->disordered)
        CORE_CHECK(PEM_write_X509(chain, authority.certificate) == 1);
    const char *phrase = wish->passphrase_or_null;
    CORE_CHECK(PEM_write_PKCS8PrivateKey(key, own.key, phrase != NULL ? EVP_aes_256_cbc() : NULL,
                                         phrase, phrase != NULL ? (int)strlen(phrase) : 0, NULL,
                                         NULL) == 1);
    CORE_CHECK(fclose(chain) == 0 && fclose(key) == 0);
    signer_free(&own);
    signer_free(&authority);
}

void certificate_make_good(const char *name, const char *chain_path, const char *key_path)
{
    certificate_make(
        &(struct certificate_wish){.name = name, .from_s = -DAY_S, .until_s = 30 * DAY_S},
        chain_path, key_path);
}
