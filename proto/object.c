/* One object: registers and texts, each kept in field order in a small array. Rules O1 to O4. Reading is
 * object_read.c's, packing object_pack.c's. */
#include "proto/limits.h"
#include "proto/marks.h"
#include "proto/object_layout.h"
#include "proto/value.h"

#define REGISTERS_MORE 4u /* at a time, when those made with the object are not enough */

static struct pl_object *object_in(void *block_or_null, const struct pl_object *object, size_t cap)
{
    struct pl_object *made = block_or_null;
    if (made == NULL)
        return NULL;
    *made = *object;
    made->regs = made->inside;
    made->reg_cap = (uint8_t)cap;
    return made;
}

struct pl_object *pl_object_new(const struct pl_mem *mem, struct pl_id id, uint32_t kind, size_t register_n)
{
    const size_t cap = register_n < FIELDS_MAX ? register_n : FIELDS_MAX;
    const struct pl_object object = {.mem = mem, .id = id, .kind = kind};
    return object_in(pl_mem_get(mem, sizeof object + cap * sizeof *object.inside), &object, cap);
}

struct pl_object *pl_object_blank(struct pl_slabs *slabs, struct pl_id id, uint32_t kind, const uint32_t *fields,
                                  size_t register_n)
{
    struct pl_object made = {.mem = slabs->mem, .id = id, .kind = kind, .reg_n = (uint8_t)register_n};
    void *block = pl_slabs_take(slabs, sizeof made + register_n * sizeof *made.inside, &made.slab_or_null);
    struct pl_object *object = object_in(block, &made, register_n);
    for (size_t i = 0; object != NULL && i < register_n; i++)
        object->inside[i] = (struct reg){.field = fields[i]};
    return object;
}

static void reg_drop(const struct pl_mem *mem, struct reg *reg)
{
    if (reg->len > INLINE_BYTES)
        pl_mem_put(mem, pl_reg_block(reg));
}

/* Frees all it holds but the room for registers. */
static void object_empty(struct pl_object *object)
{
    for (size_t i = 0; i < object->reg_n; i++)
        reg_drop(object->mem, &object->regs[i]);
    for (size_t i = 0; i < object->text_n; i++)
        pl_text_free(pl_text_slot(object, i)->text);
    pl_mem_put(object->mem, object->more_texts);
    pl_mem_put(object->mem, object->tallies);
    object->reg_n = object->text_n = 0;
    object->more_texts = NULL;
    object->tallies = NULL;
}

void pl_object_free(struct pl_object *object_or_null)
{
    struct pl_object *object = object_or_null;
    if (object == NULL)
        return;
    object_empty(object);
    if (object->regs != object->inside)
        pl_mem_put(object->mem, object->regs);
    pl_slab_put(object->mem, object->slab_or_null, object);
}

/* Up to INLINE_BYTES. A call would take longer. */
static inline void copy_few(uint8_t *to, const uint8_t *from, size_t n)
{
    if (n < 8) {
        for (size_t i = 0; i < n; i++)
            to[i] = from[i];
        return;
    }
    memcpy(to, from, 8);
    if (n > 16)
        memcpy(to + 8, from + 8, 8);
    memcpy(to + n - 8, from + n - 8, 8);
}

static bool reg_assign(const struct pl_mem *mem, struct reg *reg, struct pl_slice value)
{
    uint8_t *block = NULL;
    if (value.len > INLINE_BYTES) {
        block = pl_mem_get(mem, value.len);
        if (block == NULL)
            return false;
        memcpy(block, value.data, value.len);
    }
    reg_drop(mem, reg);
    reg->len = (uint32_t)value.len;
    if (block != NULL)
        memcpy(reg->value, &block, sizeof block);
    else
        copy_few(reg->value, value.data, value.len);
    return true;
}

static enum pl_status regs_reserve(struct pl_object *object, size_t cap)
{
    struct reg *regs = object->regs == object->inside ? NULL : object->regs;
    if (cap > FIELDS_MAX)
        return PL_TOO_BIG;
    regs = pl_mem_resize(object->mem, regs, cap * sizeof *regs);
    if (regs == NULL)
        return PL_NO_MEMORY;
    if (object->regs == object->inside)
        memcpy(regs, object->inside, object->reg_n * sizeof *regs);
    object->regs = regs;
    object->reg_cap = (uint8_t)cap;
    return PL_OK;
}

static enum pl_status regs_grow(struct pl_object *object)
{
    const size_t cap = (size_t)object->reg_cap + REGISTERS_MORE;
    return regs_reserve(object, object->reg_cap < FIELDS_MAX && cap > FIELDS_MAX ? FIELDS_MAX : cap);
}

/* Makes an empty register, older than any write, at index `i`. */
static enum pl_status reg_make(struct pl_object *object, size_t i, uint32_t field)
{
    const enum pl_status status = object->reg_n == object->reg_cap ? regs_grow(object) : PL_OK;
    if (status != PL_OK)
        return status;
    memmove(object->regs + i + 1, object->regs + i, (object->reg_n - i) * sizeof *object->regs);
    object->regs[i] = (struct reg){.field = field};
    object->reg_n++;
    return PL_OK;
}

/* O2: the highest stamp wins. `ret_won_or_null` is written only when this one did. */
static enum pl_status reg_write(struct pl_object *object, uint32_t field, struct pl_stamp stamp,
                                struct pl_slice value, bool *ret_won_or_null)
{
    bool there;
    const size_t i = pl_object_register_index(object, field, &there);
    if (!there) {
        const enum pl_status status = reg_make(object, i, field);
        if (status != PL_OK)
            return status;
    }
    struct reg *reg = &object->regs[i];
    const struct pl_stamp old = {.lam = reg->lam, .replica = reg->replica};
    if (pl_stamp_compare(stamp, old) <= 0)
        return PL_OK;
    if (!reg_assign(object->mem, reg, value))
        return PL_NO_MEMORY;
    reg->lam = stamp.lam;
    reg->replica = stamp.replica;
    if (field == PL_FIELD_ALIVE)
        object->dying = 0;
    if (ret_won_or_null != NULL)
        *ret_won_or_null = true;
    return PL_OK;
}

/* Writes a value as it came: a clock is kept with its time. */
static enum pl_status reg_take(struct pl_object *object, uint32_t field, const struct pl_op *op,
                               struct pl_slice value, bool *ret_won_or_null)
{
    if (pl_field_type(field) != PL_VALUE_CLOCK)
        return reg_write(object, field, op->stamp, value, ret_won_or_null);
    struct pl_buf kept;
    pl_buf_init(&kept, object->mem);
    pl_clock_keep(&kept, value, op->srv_ms);
    const enum pl_status status =
        kept.failed ? PL_NO_MEMORY
                    : reg_write(object, field, op->stamp, pl_buf_slice(&kept), ret_won_or_null);
    pl_buf_done(&kept);
    return status;
}

static bool tallies_reserve(struct pl_object *object, size_t cap)
{
    struct tallies *tallies =
        pl_mem_resize(object->mem, object->tallies, sizeof *tallies + cap * sizeof *tallies->items);
    if (tallies == NULL)
        return false;
    if (object->tallies == NULL)
        tallies->n = 0;
    tallies->cap = (uint32_t)cap;
    object->tallies = tallies;
    return true;
}

static enum pl_status tally_write(struct pl_object *object, const struct pl_tally *tally, bool *ret_won)
{
    bool there;
    const size_t i = pl_object_tally_index(object, tally, &there), n = pl_object_tally_n(object);
    if (!there && (n == 0 || n == object->tallies->cap) && !tallies_reserve(object, n == 0 ? 4 : n * 2))
        return PL_NO_MEMORY;
    struct pl_tally *items = object->tallies->items;
    if (there && pl_stamp_compare(tally->stamp, items[i].stamp) <= 0)
        return PL_OK;
    if (!there) {
        memmove(items + i + 1, items + i, (n - i) * sizeof *items);
        object->tallies->n++;
    }
    items[i] = *tally;
    *ret_won = true;
    return PL_OK;
}

enum pl_status pl_object_add_text(struct pl_object *object, uint32_t field, struct pl_text *text)
{
    if (object->text_n == FIELDS_MAX)
        return PL_TOO_BIG;
    if (object->text_n > 0) {
        struct text_slot *more = pl_mem_resize(object->mem, object->more_texts, object->text_n * sizeof *more);
        if (more == NULL)
            return PL_NO_MEMORY;
        object->more_texts = more;
    }
    size_t i = object->text_n++;
    for (; i > 0 && pl_text_slot(object, i - 1)->field > field; i--)
        *pl_text_slot(object, i) = *pl_text_slot(object, i - 1);
    *pl_text_slot(object, i) = (struct text_slot){.field = field, .text = text};
    return PL_OK;
}

static enum pl_status text_make(struct pl_object *object, uint32_t field, struct pl_text **ret_text)
{
    struct pl_text *text = pl_text_of(object, field);
    if (text == NULL) {
        text = pl_text_new(object->mem);
        const enum pl_status status = text == NULL ? PL_NO_MEMORY : pl_object_add_text(object, field, text);
        if (status != PL_OK) {
            pl_text_free(text);
            return status;
        }
    }
    *ret_text = text;
    return PL_OK;
}

enum pl_status pl_object_add_register(struct pl_object *object, const struct pl_register *reg)
{
    const size_t i = object->reg_n;
    if (i > 0 && object->regs[i - 1].field >= reg->field)
        return PL_MALFORMED;
    const enum pl_status status = reg_make(object, i, reg->field);
    if (status != PL_OK)
        return status;
    if (!reg_assign(object->mem, &object->regs[i], reg->value))
        return PL_NO_MEMORY;
    object->regs[i].lam = reg->stamp.lam;
    object->regs[i].replica = reg->stamp.replica;
    return PL_OK;
}

bool pl_object_fill(struct pl_object *object, size_t i, struct pl_stamp stamp, struct pl_slice value)
{
    struct reg *reg = &object->regs[i];
    reg->lam = stamp.lam;
    reg->replica = stamp.replica;
    return reg_assign(object->mem, reg, value);
}

enum pl_status pl_object_add_tallies(struct pl_object *object, const struct pl_tally *tallies, size_t n)
{
    for (size_t i = 1; i < n; i++)
        if (pl_tally_compare(&tallies[i - 1], &tallies[i]) >= 0)
            return PL_MALFORMED;
    if (n == 0)
        return PL_OK;
    if (!tallies_reserve(object, n))
        return PL_NO_MEMORY;
    memcpy(object->tallies->items, tallies, n * sizeof *tallies);
    object->tallies->n = (uint32_t)n;
    return PL_OK;
}

struct pl_object *pl_object_clone(const struct pl_object *object)
{
    struct pl_object *clone = pl_object_new(object->mem, object->id, object->kind, object->reg_n);
    struct pl_register reg;
    if (clone == NULL)
        return NULL;
    for (size_t i = 0; pl_object_register_at(object, i, &reg); i++)
        if (pl_object_add_register(clone, &reg) != PL_OK)
            goto fail;
    if (object->tallies != NULL &&
        pl_object_add_tallies(clone, object->tallies->items, object->tallies->n) != PL_OK)
        goto fail;
    clone->dying = object->dying;
    for (size_t i = 0; i < object->text_n; i++) {
        struct pl_text *text = pl_text_clone(pl_text_slot(object, i)->text);
        if (text == NULL || pl_object_add_text(clone, pl_text_slot(object, i)->field, text) != PL_OK) {
            pl_text_free(text);
            goto fail;
        }
    }
    return clone;
fail:
    pl_object_free(clone);
    return NULL;
}

static enum pl_status apply_create(struct pl_object *object, const struct pl_op *op)
{
    static const uint8_t yes = 0xc3;
    struct pl_reader reader = pl_reader_of(op->value);
    enum pl_status status = reg_write(object, PL_FIELD_ALIVE, op->stamp, (struct pl_slice){&yes, 1}, NULL);
    for (uint32_t i = 0; i < op->value_n && status == PL_OK; i++) {
        uint32_t field;
        struct pl_slice value;
        if (!pl_read_u32(&reader, &field) || !pl_read_raw(&reader, &value))
            return PL_MALFORMED;
        status = reg_take(object, field, op, value, NULL);
    }
    return status;
}

/* A text's splices as changes of the object. */
struct splicing {
    const struct pl_observer *observer;
    struct pl_id object;
    uint32_t field;
};

static void tell_splice(void *user, size_t utf16, size_t removed, struct pl_slice inserted)
{
    const struct splicing *splicing = user;
    const struct pl_change change = {.kind = PL_CHANGE_TEXT, .object = splicing->object, .field = splicing->field,
                                     .at = utf16, .removed = removed, .inserted = inserted};
    pl_observe(splicing->observer, &change);
}

static enum pl_status apply_delete(struct pl_object *object, const struct pl_op *op,
                                   const struct pl_text_watch *watch_or_null)
{
    struct pl_reader reader = pl_reader_of(op->value);
    struct pl_text *text = pl_text_of(object, op->field);
    for (uint32_t i = 0; text != NULL && i < op->value_n; i++) {
        struct pl_id_range range;
        if (!pl_read_range(&reader, &range))
            return PL_MALFORMED;
        const enum pl_status status = pl_text_delete(text, range, watch_or_null);
        if (status != PL_OK)
            return status;
    }
    return PL_OK;
}

static void tell(const struct pl_observer *observer_or_null, enum pl_change_kind kind, const struct pl_op *op)
{
    const struct pl_change change = {.kind = kind, .object = op->object, .field = op->field};
    pl_observe(observer_or_null, &change);
}

enum pl_status pl_object_apply(struct pl_object *object, const struct pl_op *op,
                               const struct pl_observer *observer_or_null)
{
    struct pl_text *text;
    enum pl_status status = PL_INVALID;
    enum pl_change_kind kind = PL_CHANGE_FIELD;
    bool changed = false;
    struct splicing splicing = {.observer = observer_or_null, .object = op->object, .field = op->field};
    const struct pl_text_watch watch = {.spliced = tell_splice, .user = &splicing};
    const struct pl_text_watch *watch_or_null = observer_or_null == NULL ? NULL : &watch;
    switch (op->code) {
    case PL_OP_CREATE:
        status = apply_create(object, op);
        kind = PL_CHANGE_MADE;
        changed = true;
        break;
    case PL_OP_SET:
        status = reg_take(object, op->field, op, op->value, &changed);
        break;
    case PL_OP_INSERT:
        status = text_make(object, op->field, &text);
        if (status == PL_OK)
            status = pl_text_insert(text, op->id, op->left, op->right, op->text, watch_or_null);
        break;
    case PL_OP_DELETE:
        status = apply_delete(object, op, watch_or_null);
        break;
    case PL_OP_TALLY: {
        const struct pl_tally tally = {.field = op->field, .sub = op->sub, .user = op->user,
                                       .value = op->value_n, .stamp = op->stamp};
        status = tally_write(object, &tally, &changed);
        kind = PL_CHANGE_TALLY;
        break;
    }
    case PL_OP_MARK:
    case PL_OP_TURN:
        text = pl_text_of(object, op->field);
        status = text == NULL && op->code == PL_OP_MARK ? text_make(object, op->field, &text) : PL_OK;
        if (status == PL_OK && text != NULL)
            status = pl_text_mark(text, op, &changed);
        kind = PL_CHANGE_MARKS;
        break;
    case PL_OP_SKIP:
    case PL_OP_COLLECT:
    case PL_OP_ADOPT:
        break; /* of no object */
    }
    if (status == PL_OK && changed)
        tell(observer_or_null, kind, op);
    return status;
}

enum pl_status pl_object_amend(struct pl_object *object, const struct pl_op *op,
                               const struct pl_observer *observer_or_null)
{
    bool there;
    const size_t i = pl_object_register_index(object, op->field, &there);
    if (there && object->regs[i].lam == op->stamp.lam && object->regs[i].replica == op->stamp.replica)
        object->regs[i].lam = 0; /* it gives way */
    return pl_object_apply(object, op, observer_or_null);
}

enum pl_status pl_object_take(struct pl_object *object, struct pl_object *from)
{
    const bool inside = from->regs == from->inside;
    if (inside && object->reg_cap < from->reg_n) {
        const enum pl_status status = regs_reserve(object, from->reg_n);
        if (status != PL_OK)
            return status;
    }
    object_empty(object);
    if (inside) {
        memcpy(object->regs, from->inside, from->reg_n * sizeof *object->regs);
    } else {
        if (object->regs != object->inside)
            pl_mem_put(object->mem, object->regs);
        object->regs = from->regs;
        object->reg_cap = from->reg_cap;
        from->regs = from->inside;
    }
    object->reg_n = from->reg_n;
    object->text = from->text;
    object->more_texts = from->more_texts;
    object->text_n = from->text_n;
    object->tallies = from->tallies;
    object->dying = from->dying;
    from->reg_n = from->text_n = 0;
    from->more_texts = NULL;
    from->tallies = NULL;
    pl_object_free(from);
    return PL_OK;
}

enum pl_status pl_object_collect(struct pl_object *object, bool *ret_drop)
{
    enum pl_status status = PL_OK;
    *ret_drop = object->dying == PL_DYING_MAX;
    object->dying = (uint8_t)(pl_object_alive(object) || *ret_drop ? 0 : object->dying + 1);
    for (size_t i = 0; i < object->text_n && status == PL_OK && !*ret_drop; i++)
        status = pl_text_collect(pl_text_slot(object, i)->text);
    return status;
}

