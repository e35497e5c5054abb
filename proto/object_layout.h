/* The layout of an object, for object.c and object_read.c alone. */
#ifndef PL_OBJECT_LAYOUT_H
#define PL_OBJECT_LAYOUT_H
#include "proto/object_write.h"
#include <string.h>

#define FIELDS_MAX UINT8_MAX
#define INLINE_BYTES 20u /* [x, y] as two float64 and smaller values need no block of their own */

struct reg {
    uint64_t lam;
    uint32_t replica;
    uint32_t field;
    uint32_t len;
    uint8_t value[INLINE_BYTES]; /* the bytes, or above INLINE_BYTES the address of their own block */
};

struct text_slot {
    struct pl_text *text;
    uint32_t field;
};

struct tallies {
    uint32_t n, cap;
    struct pl_tally items[]; /* by (field, user, sub) */
};

/* Boards are objects by the ten thousand: what most have lies in one block. */
struct pl_object {
    const struct pl_mem *mem;
    struct pl_slab *slab_or_null; /* that it lies in */
    struct reg *regs; /* `inside`, or when that was too small a block of their own */
    struct text_slot *more_texts;
    struct tallies *tallies;  /* NULL: none */
    struct text_slot text;    /* the first, when text_n is not 0 */
    struct pl_id id;
    uint32_t kind;
    uint8_t reg_n, reg_cap, text_n; /* PL_OBJECT_FIELDS_MAX and all a schema names are well below */
    uint8_t dying; /* see pl_object_dying */
    struct reg inside[];
};

/* Where a register's or a tally's place in its array is, or would be. */
size_t pl_object_register_index(const struct pl_object *object, uint32_t field, bool *ret_there);
size_t pl_object_tally_index(const struct pl_object *object, const struct pl_tally *tally, bool *ret_there);
int pl_tally_compare(const struct pl_tally *a, const struct pl_tally *b);

static inline uint8_t *pl_reg_block(const struct reg *reg)
{
    uint8_t *block;
    memcpy(&block, reg->value, sizeof block);
    return block;
}

static inline struct pl_slice pl_reg_value(const struct reg *reg)
{
    const uint8_t *data = reg->len > INLINE_BYTES ? pl_reg_block(reg) : reg->value;
    return (struct pl_slice){.data = data, .len = reg->len};
}

/* The text at `i`, for reading or writing the slot. */
static inline struct text_slot *pl_text_slot(const struct pl_object *object, size_t i)
{
    return i == 0 ? (struct text_slot *)&object->text : &object->more_texts[i - 1];
}

static inline struct pl_text *pl_text_of(const struct pl_object *object, uint32_t field)
{
    for (size_t i = 0; i < object->text_n; i++)
        if (pl_text_slot(object, i)->field == field)
            return pl_text_slot(object, i)->text;
    return NULL;
}

#endif
