/* What stickies say, in several scripts: words of one language, now and then a figure. */
#ifndef BOARD_WORDS_H
#define BOARD_WORDS_H
#include <stdbool.h>
#include <stdint.h>

#define WORD_BYTES_MAX 64u

/* Writes a word with what parts it from the one before, if there is one, NUL-terminated. `random` is any number. */
void word_write(uint32_t language, uint64_t random, bool first, char ret_word[WORD_BYTES_MAX]);

#endif
