/* One object: a kind and its fields, each a register with its own stamp or a text. SPEC section 3. */
#ifndef PL_OBJECT_H
#define PL_OBJECT_H
#include "proto/id.h"
#include "proto/mem.h"
#include "proto/op.h"
#include "proto/status.h"
#include "proto/text.h"

struct pl_object;

/* One field's register. `value` is the encoded MessagePack value as it came. */
struct pl_register {
    uint32_t field;
    struct pl_stamp stamp;
    struct pl_slice value;
};

/* One person's register in a tally: reactions, dots. `sub` is which of theirs. */
struct pl_tally {
    uint32_t field;
    uint32_t sub;
    uint64_t user;
    uint32_t value;
    struct pl_stamp stamp;
};

struct pl_id pl_object_id(const struct pl_object *object);
uint32_t pl_object_kind(const struct pl_object *object);
bool pl_object_alive(const struct pl_object *object);
/* How many collections found it dead since `alive` was last written, PL_DYING_MAX at most: one that finds it so drops it
 * (G1). A tab that sees it so treats it as gone: what it made of it now could come too late. */
#define PL_DYING_MAX 2u
uint8_t pl_object_dying(const struct pl_object *object);
/* Registers in field order: at(0)...; false beyond the last. */
bool pl_object_register_at(const struct pl_object *object, size_t index, struct pl_register *ret_register);
/* false when the field was never set. */
bool pl_object_register(const struct pl_object *object, uint32_t field, struct pl_register *ret_register);
/* Tallies by (field, user, sub): at(0)...; false beyond the last. */
size_t pl_object_tally_n(const struct pl_object *object);
bool pl_object_tally_at(const struct pl_object *object, size_t index, struct pl_tally *ret_tally);
/* false when this person never wrote it. */
bool pl_object_tally(const struct pl_object *object, uint32_t field, uint64_t user, uint32_t sub,
                     struct pl_tally *ret_tally);
/* Texts in field order; NULL beyond. */
const struct pl_text *pl_object_text_at(const struct pl_object *object, size_t index, uint32_t *ret_field);
const struct pl_text *pl_object_text(const struct pl_object *object, uint32_t field);

/* Typed reads of known fields; false when unset or of another shape. */
bool pl_object_point(const struct pl_object *object, uint32_t field, double *ret_a, double *ret_b);
bool pl_object_uint(const struct pl_object *object, uint32_t field, uint64_t *ret_value);
bool pl_object_str(const struct pl_object *object, uint32_t field, struct pl_slice *ret_utf8);
bool pl_object_place(const struct pl_object *object, struct pl_id *ret_parent, struct pl_slice *ret_order);

#endif
