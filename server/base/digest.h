/* SHA-256 as a port: what names media files and proves uploaded chunks. auth implements it (auth/sha256.h), main wires it.
 * Any thread. */
#ifndef BASE_DIGEST_H
#define BASE_DIGEST_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DIGEST_BYTES 32u

struct digest_run; /* a hash under way */

struct digest {
    struct digest_run *(*begin)(void); /* NULL: out of memory */
    void (*add)(struct digest_run *run, const void *data, size_t len);
    void (*end)(struct digest_run *run, uint8_t ret_hash[DIGEST_BYTES]); /* frees */
};

/* Of one piece; false when out of memory. */
static inline bool digest_of(const struct digest *digest, const void *data, size_t len, uint8_t ret_hash[DIGEST_BYTES])
{
    struct digest_run *run = digest->begin();
    if (run == NULL)
        return false;
    digest->add(run, data, len);
    digest->end(run, ret_hash);
    return true;
}

#endif
