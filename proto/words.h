/* The visible text of a whole document, for snapshots: a board's words repeat, so that each stands once in a dictionary
 * and a code of one or two bytes stands for it wherever it comes.
 *
 * A word is a scalar of three or more bytes of UTF-8 (scripts that put no spaces between words have such), or else as
 * many others as follow one another, up to and with a space or control character; 24 bytes at most. A word is in the
 * dictionary if codes of two bytes make the whole shorter, the most frequent ones first; the others are spelled: a byte
 * of ASCII stands for itself, and what has other bytes is told behind its length. Bytes that spell nothing are codes,
 * so that a board in one language has up to two hundred of one byte. */
#ifndef PL_WORDS_H
#define PL_WORDS_H
#include "proto/packed.h"
#include "proto/status.h"

#define PL_WORDS_TEXT_END 0xffu /* behind each text that is packed: no byte of UTF-8 */

/* `texts`: valid UTF-8 of all of them, each before a PL_WORDS_TEXT_END. Equal texts pack to equal bytes. */
void pl_words_pack(struct pl_buf *buf, struct pl_slice texts);
/* All texts, one after another without ends, in a block the caller frees (NULL when there is nothing): valid UTF-8, at
 * most 24 bytes for a byte that was packed. PL_MALFORMED, PL_NO_MEMORY. */
PL_CHECKED enum pl_status pl_words_unpack(const struct pl_mem *mem, struct pl_packed *packed, uint8_t **ret_utf8,
                                          size_t *ret_len);

#endif
