/* CRC-32C (Castagnoli), the checksum of stored bytes. */
#ifndef BASE_CRC32C_H
#define BASE_CRC32C_H
#include "proto/mem.h"

/* Continued from `crc` (start with 0). */
uint32_t crc32c(uint32_t crc, struct pl_slice bytes);

#endif
