/* Words and their codes (see words.h). Rule N7. What is in the dictionary follows from the texts alone: a word finds no
 * place in the table for being one too many or for a crowd of equal hashes, never for what came to be how. */
#include "proto/words.h"
#include "proto/id.h"
#include "proto/reader.h"
#include <stdlib.h>
#include <string.h>

#define WORD_BYTES 24u    /* at most, in one: what a code of one byte may stand for */
#define WORD_LEAST 3u     /* bytes of ASCII that a code of two can be shorter than */
#define WORDS_KEPT 8192u  /* in a dictionary */
#define SLOTS_MAX 65536u  /* in the table, half of it used */
#define PROBES_MAX 32u    /* somebody may look for words of equal hashes; theirs are spelled */
#define SPELLING 2u       /* bytes it takes to say that others than ASCII follow */
#define LETTERS 128u      /* bytes that may stand for themselves */
#define LETTER_BYTES (LETTERS / 8)
#define WIDE_LEAD 0xe0u   /* the first byte of a scalar of three or more is at least this */

struct word {
    size_t at;
    uint32_t n;    /* how often it comes */
    uint16_t code; /* its place in the dictionary, plus one; 0 is spelled */
    uint8_t len;
    bool ascii;
};

struct frequent {
    uint32_t n, word;
};

struct vocabulary {
    const uint8_t *texts;
    struct word *words; /* in the order they first come in */
    size_t word_n;
    uint32_t *slots; /* open addressing: words by hash, plus one; 0 is free */
    size_t slot_n;
    struct frequent *kept; /* the dictionary */
    size_t kept_n;
    uint8_t letters[LETTER_BYTES]; /* a bit for each byte that stands for itself */
};

/* The bytes that are no letters, in order: one that says what follows is spelled, the first bytes of codes of two, and
 * codes of one. */
struct codes {
    uint8_t bytes[256];
    unsigned n, pair_n;
};

/* Without letters named, all that there may be. */
static struct codes codes_of(const uint8_t *letters_or_null, size_t kept_n)
{
    struct codes codes = {.n = 0};
    for (unsigned byte = 0; byte < 256; byte++)
        if (byte >= LETTERS || (letters_or_null != NULL && (letters_or_null[byte / 8] >> byte % 8 & 1) == 0))
            codes.bytes[codes.n++] = (uint8_t)byte;
    while (codes.n - 1 + 255 * codes.pair_n < kept_n)
        codes.pair_n++;
    return codes;
}

/* The next word, whose length is 0 at the end of a text. */
static struct word word_at(const uint8_t *texts, size_t at)
{
    struct word word = {.at = at, .ascii = true};
    size_t len = 0;
    while (texts[at + len] != PL_WORDS_TEXT_END) {
        const uint8_t byte = texts[at + len];
        const unsigned wide = byte < 0x80 ? 1 : byte < WIDE_LEAD ? 2 : byte < 0xf0 ? 3 : 4;
        if ((wide > 2 && len > 0) || len + wide > WORD_BYTES)
            break;
        word.ascii = word.ascii && wide == 1;
        len += wide;
        if (wide > 2 || byte <= ' ')
            break;
    }
    word.len = (uint8_t)len;
    return word;
}

/* The word's number among those known; a new one's if there is room for it. word_n when there is none. */
static size_t word_number(struct vocabulary *vocabulary, const struct word *word, bool add)
{
    const struct pl_slice own = {vocabulary->texts + word->at, word->len};
    size_t slot = (size_t)pl_hash(PL_HASH_START, own.data, own.len);
    if (word->ascii && word->len < WORD_LEAST)
        return vocabulary->word_n;
    for (unsigned probe = 0; probe < PROBES_MAX; probe++, slot++) {
        uint32_t *held = &vocabulary->slots[slot & (vocabulary->slot_n - 1)];
        if (*held == 0) {
            if (!add || vocabulary->word_n == vocabulary->slot_n / 2)
                break;
            vocabulary->words[vocabulary->word_n] = *word;
            *held = (uint32_t)++vocabulary->word_n;
        }
        const struct word *known = &vocabulary->words[*held - 1];
        if (pl_slice_equal((struct pl_slice){vocabulary->texts + known->at, known->len}, own))
            return *held - 1;
    }
    return vocabulary->word_n;
}

static void add_letters(struct vocabulary *vocabulary, const struct word *word)
{
    for (size_t i = 0; word->ascii && i < word->len; i++) {
        const uint8_t byte = vocabulary->texts[word->at + i];
        vocabulary->letters[byte / 8] |= (uint8_t)(1u << byte % 8);
    }
}

static void count_words(struct vocabulary *vocabulary, size_t len)
{
    for (size_t at = 0; at < len;) {
        const struct word word = word_at(vocabulary->texts, at);
        const size_t i = word_number(vocabulary, &word, true);
        if (i < vocabulary->word_n)
            vocabulary->words[i].n++;
        else
            add_letters(vocabulary, &word);
        at += word.len > 0 ? word.len : 1;
    }
}

static bool worth_keeping(const struct word *word)
{
    const uint64_t spelled = word->len + (word->ascii ? 0 : SPELLING);
    return word->n * (spelled - 2) > word->len + 1u;
}

static int compare_frequent(const void *a, const void *b)
{
    const struct frequent *left = a, *right = b;
    if (left->n != right->n)
        return left->n > right->n ? -1 : 1;
    return left->word < right->word ? -1 : left->word > right->word;
}

/* Which words the dictionary has, and in what order. */
static void choose_words(struct vocabulary *vocabulary)
{
    struct frequent *frequent = vocabulary->kept;
    size_t n = 0;
    for (size_t i = 0; i < vocabulary->word_n; i++)
        if (worth_keeping(&vocabulary->words[i]))
            frequent[n++] = (struct frequent){.n = vocabulary->words[i].n, .word = (uint32_t)i};
    if (n > 0)
        qsort(frequent, n, sizeof *frequent, compare_frequent);
    vocabulary->kept_n = n < WORDS_KEPT ? n : WORDS_KEPT;
    for (size_t i = 0; i < vocabulary->kept_n; i++)
        vocabulary->words[frequent[i].word].code = (uint16_t)(i + 1);
    for (size_t i = 0; i < vocabulary->word_n; i++)
        if (vocabulary->words[i].code == 0)
            add_letters(vocabulary, &vocabulary->words[i]);
}

static void write_code(struct pl_buf *buf, const struct codes *codes, unsigned code)
{
    const unsigned short_n = codes->n - 1 - codes->pair_n;
    if (code < short_n) {
        pl_pack_byte(buf, codes->bytes[1 + codes->pair_n + code]);
        return;
    }
    pl_pack_byte(buf, codes->bytes[1 + (code - short_n) / 256]);
    pl_pack_byte(buf, (uint8_t)((code - short_n) % 256));
}

static void write_words(struct pl_buf *buf, struct vocabulary *vocabulary, const struct codes *codes, size_t len)
{
    size_t spelled = 0; /* bytes before `at` that are no ASCII and to be told yet */
    for (size_t at = 0; at < len;) {
        const struct word word = word_at(vocabulary->texts, at);
        const size_t i = word_number(vocabulary, &word, false);
        const unsigned code = i < vocabulary->word_n ? vocabulary->words[i].code : 0;
        if (spelled > 0 && (code > 0 || word.ascii)) {
            pl_pack_byte(buf, codes->bytes[0]);
            pl_pack_bytes(buf, (struct pl_slice){vocabulary->texts + at - spelled, spelled});
            spelled = 0;
        }
        if (code > 0)
            write_code(buf, codes, code - 1);
        else if (word.ascii)
            pl_buf_append(buf, vocabulary->texts + at, word.len);
        else
            spelled += word.len;
        at += word.len > 0 ? word.len : 1; /* the end of a text is an empty word */
    }
}

static void write_vocabulary(struct pl_buf *buf, struct vocabulary *vocabulary, size_t len)
{
    struct pl_buf coded;
    const struct codes codes = codes_of(vocabulary->kept_n > 0 ? vocabulary->letters : NULL, vocabulary->kept_n);
    pl_buf_init(&coded, buf->mem);
    write_words(&coded, vocabulary, &codes, len);
    pl_pack_uint(buf, vocabulary->kept_n);
    for (size_t i = 0; i < vocabulary->kept_n; i++) {
        const struct word *word = &vocabulary->words[vocabulary->kept[i].word];
        pl_pack_bytes(buf, (struct pl_slice){vocabulary->texts + word->at, word->len});
    }
    if (vocabulary->kept_n > 0)
        pl_buf_append(buf, vocabulary->letters, LETTER_BYTES);
    pl_pack_bytes(buf, pl_buf_slice(&coded));
    buf->failed = buf->failed || coded.failed;
    pl_buf_done(&coded);
}

void pl_words_pack(struct pl_buf *buf, struct pl_slice texts)
{
    const struct pl_mem *mem = buf->mem;
    struct vocabulary vocabulary = {.texts = texts.data, .slot_n = 16};
    size_t bytes = texts.len;
    for (size_t i = 0; i < texts.len; i++)
        bytes -= texts.data[i] == PL_WORDS_TEXT_END;
    pl_pack_uint(buf, bytes);
    if (bytes == 0)
        return;
    while (vocabulary.slot_n < bytes && vocabulary.slot_n < SLOTS_MAX)
        vocabulary.slot_n *= 2;
    vocabulary.slots = pl_mem_get(mem, vocabulary.slot_n * sizeof *vocabulary.slots);
    vocabulary.words = pl_mem_get(mem, vocabulary.slot_n / 2 * sizeof *vocabulary.words);
    vocabulary.kept = pl_mem_get(mem, vocabulary.slot_n / 2 * sizeof *vocabulary.kept);
    if (vocabulary.slots != NULL && vocabulary.words != NULL && vocabulary.kept != NULL) {
        memset(vocabulary.slots, 0, vocabulary.slot_n * sizeof *vocabulary.slots);
        count_words(&vocabulary, texts.len);
        choose_words(&vocabulary);
        write_vocabulary(buf, &vocabulary, texts.len);
    } else {
        buf->failed = true;
    }
    pl_mem_put(mem, vocabulary.slots);
    pl_mem_put(mem, vocabulary.words);
    pl_mem_put(mem, vocabulary.kept);
}

/* ---- back ---- */

/* A word of a dictionary: one is copied whole, whatever its length, for that takes no call. */
struct gloss {
    uint8_t utf8[WORD_BYTES];
    size_t len;
};

/* A dictionary, and what each byte means. */
struct glossary {
    struct gloss *words;
    size_t word_n;
    struct codes codes;
    uint16_t places[256]; /* each byte's among the codes; LETTER_PLACE for a letter */
};
#define LETTER_PLACE UINT16_MAX

/* Whole scalars make a word, so texts are checked word by word. */
static bool read_glossary(struct pl_packed *packed, struct glossary *glossary)
{
    struct pl_slice word, letters = {0};
    for (size_t i = 0; i < glossary->word_n; i++) {
        struct gloss *gloss = &glossary->words[i];
        if (!pl_unpack_bytes(packed, &word) || word.len == 0 || word.len > WORD_BYTES || !pl_utf8_valid(word))
            return false;
        *gloss = (struct gloss){.len = word.len};
        memcpy(gloss->utf8, word.data, word.len);
    }
    if (glossary->word_n > 0 && !pl_unpack_raw(packed, LETTER_BYTES, &letters))
        return false;
    glossary->codes = codes_of(letters.data, glossary->word_n);
    for (size_t i = 0; i < 256; i++)
        glossary->places[i] = LETTER_PLACE;
    for (unsigned i = 0; i < glossary->codes.n; i++)
        glossary->places[glossary->codes.bytes[i]] = (uint16_t)i;
    return true;
}

/* The word whose code begins with the byte at this place; NULL when there is none. */
static const struct gloss *read_word(struct pl_packed *coded, const struct glossary *glossary, unsigned place)
{
    const unsigned pair_n = glossary->codes.pair_n;
    size_t i = place - 1 - pair_n;
    if (place <= pair_n) {
        if (coded->at == coded->end)
            return NULL;
        i = glossary->codes.n - 1 - pair_n + (place - 1) * 256 + *coded->at++;
    }
    return i < glossary->word_n ? &glossary->words[i] : NULL;
}

/* `utf8` has room for `len` bytes, and for one more word. */
static bool read_words(struct pl_packed *coded, const struct glossary *glossary, uint8_t *utf8, size_t len)
{
    while (coded->at < coded->end) {
        const uint8_t byte = *coded->at++;
        const unsigned place = glossary->places[byte];
        struct pl_slice piece = {.len = 1};
        if (place == LETTER_PLACE) {
            *utf8 = byte; /* of ASCII */
        } else if (place == 0) {
            if (!pl_unpack_bytes(coded, &piece) || piece.len > len || !pl_utf8_valid(piece))
                return false;
            memcpy(utf8, piece.data, piece.len);
        } else {
            const struct gloss *gloss = read_word(coded, glossary, place);
            if (gloss == NULL)
                return false;
            memcpy(utf8, gloss->utf8, WORD_BYTES);
            piece.len = gloss->len;
        }
        if (piece.len > len)
            return false;
        utf8 += piece.len;
        len -= piece.len;
    }
    return len == 0;
}

static enum pl_status unpack_glossary(struct pl_packed *packed, struct glossary *glossary, const struct pl_mem *mem,
                                      size_t len, uint8_t **ret_utf8)
{
    struct pl_slice bytes;
    if (!read_glossary(packed, glossary) || !pl_unpack_bytes(packed, &bytes) || len / WORD_BYTES > bytes.len)
        return PL_MALFORMED;
    struct pl_packed coded = pl_packed_of(bytes);
    uint8_t *utf8 = pl_mem_get(mem, len + WORD_BYTES);
    if (utf8 == NULL)
        return PL_NO_MEMORY;
    if (!read_words(&coded, glossary, utf8, len)) {
        pl_mem_put(mem, utf8);
        return PL_MALFORMED;
    }
    *ret_utf8 = utf8;
    return PL_OK;
}

enum pl_status pl_words_unpack(const struct pl_mem *mem, struct pl_packed *packed, uint8_t **ret_utf8, size_t *ret_len)
{
    uint64_t len, word_n;
    struct glossary glossary = {0};
    if (!pl_unpack_uint(packed, (uint64_t)(packed->end - packed->at) * WORD_BYTES, &len))
        return PL_MALFORMED;
    if (len == 0) {
        *ret_utf8 = NULL;
        *ret_len = 0;
        return PL_OK;
    }
    if (!pl_unpack_uint(packed, WORDS_KEPT, &word_n) || word_n > (uint64_t)(packed->end - packed->at))
        return PL_MALFORMED;
    glossary.word_n = (size_t)word_n;
    glossary.words = pl_mem_get(mem, ((size_t)word_n + 1) * sizeof *glossary.words);
    enum pl_status status = PL_NO_MEMORY;
    if (glossary.words != NULL)
        status = unpack_glossary(packed, &glossary, mem, (size_t)len, ret_utf8);
    if (status == PL_OK)
        *ret_len = (size_t)len;
    pl_mem_put(mem, glossary.words);
    return status;
}
