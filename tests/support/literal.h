/* MessagePack from a readable literal, for tests: [1, 'text', {5: nil, 6: true}, 1.5, -3]. */
#ifndef TESTS_LITERAL_H
#define TESTS_LITERAL_H
#include "proto/writer.h"

/* Appends the value; aborts on a literal that is not well-formed. Strings stand in single quotes, without escapes. */
void literal_write(struct pl_buf *buf, const char *literal);

#endif
