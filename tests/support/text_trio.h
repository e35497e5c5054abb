/* One text three times, edited together: the engine's, the naive one (naive_text.h), and what somebody who only hears
 * of its splices has, in UTF-16. Ids are handed out here. Out of memory ends the test. */
#ifndef SUPPORT_TEXT_TRIO_H
#define SUPPORT_TEXT_TRIO_H
#include "tests/support/naive_text.h"

#define TRIO_REPLICAS 8u

struct text_trio {
    struct pl_text *text;
    struct naive_text *naive_or_null; /* NULL when the histories are too long for it */
    uint16_t *heard;
    size_t heard_n, heard_cap;
    uint64_t next[TRIO_REPLICAS + 1]; /* the ctr each replica, from 1 on, is at */
};

void trio_init(struct text_trio *trio, bool naive);
void trio_done(struct text_trio *trio);
/* At first: for origins nobody honest names. The naive text has no tree then, which cannot say what they mean. */
void trio_hostile(struct text_trio *trio);
/* An insert with these origins, which must be there. */
void trio_insert(struct text_trio *trio, uint32_t replica, struct pl_id left, struct pl_id right, struct pl_slice utf8);
void trio_delete(struct text_trio *trio, struct pl_id_range range);
/* As somebody does who sees the text: at a position, and so many units from there. */
void trio_type(struct text_trio *trio, uint32_t replica, size_t utf16, struct pl_slice utf8);
void trio_erase(struct text_trio *trio, size_t utf16, size_t n);
void trio_collect(struct text_trio *trio);
/* Whether the three are one, and the engine's invariants hold; else why. */
bool trio_agrees(const struct text_trio *trio, const char **ret_reason);

/* `n` scalars of one to four bytes chosen by `seed`, all ASCII when it is even; `bytes` has room for 4 n. */
struct pl_slice trio_words(uint8_t *bytes, size_t n, uint64_t seed);

#endif
