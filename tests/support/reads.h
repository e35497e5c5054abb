/* What a text says, for assertions. */
#ifndef SUPPORT_READS_H
#define SUPPORT_READS_H
#include "proto/text.h"

/* Whether the visible text is `want`; no text at all reads "". */
bool text_reads(const struct pl_text *text_or_null, const char *want);
bool texts_read_the_same(const struct pl_text *a, const struct pl_text *b);

#endif
