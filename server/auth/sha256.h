/* SHA-256 by OpenSSL, which takes the processor's instructions for it: half a gigabyte is a second or less. */
#ifndef AUTH_SHA256_H
#define AUTH_SHA256_H
#include "base/digest.h"

extern const struct digest digest_sha256;

#endif
