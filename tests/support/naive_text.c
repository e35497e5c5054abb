/* See naive_text.h. */
#include "naive_text.h"
#include "naive_list.h"
#include "naive_marks.h"
#include "naive_scalar.h"
#include "naive_tree.h"

struct naive_text {
    struct naive_scalar *scalars; /* in document order */
    size_t n;
    struct naive_tree *tree; /* NULL: none, or something was dropped */
    struct naive_marks *marks;
};

struct naive_text *naive_text_new(bool honest)
{
    struct naive_text *text = naive_grow(NULL, 0, sizeof *text);
    *text = (struct naive_text){.tree = honest ? naive_tree_new() : NULL, .marks = naive_marks_new()};
    return text;
}

void naive_text_free(struct naive_text *text_or_null)
{
    if (text_or_null == NULL)
        return;
    naive_tree_free(text_or_null->tree);
    naive_marks_free(text_or_null->marks);
    free(text_or_null->scalars);
    free(text_or_null);
}

/* Where an id stands; n for none, and for one that is not there. */
static size_t place_of(const struct naive_text *text, struct pl_id id)
{
    size_t i = 0;
    while (i < text->n && !pl_id_equal(text->scalars[i].id, id))
        i++;
    return i;
}

static bool is_there(const struct naive_text *text, struct pl_id id)
{
    return pl_id_none(id) || place_of(text, id) < text->n;
}

/* B6: the index before which a new scalar belongs. `start` is right of its left origin. */
static size_t integrate(const struct naive_text *text, const struct naive_scalar *fresh, size_t start)
{
    size_t end = start;
    for (; end < text->n && !pl_id_equal(text->scalars[end].id, fresh->right); end++) {
        const struct naive_scalar *other = &text->scalars[end];
        if (other->depth < fresh->depth)
            break;
        if (pl_id_equal(other->left, fresh->left) && pl_id_equal(other->right, fresh->right) &&
            pl_id_compare(other->id, fresh->id) > 0)
            break;
    }
    size_t at = end;
    for (size_t i = end; i > start; i--) {
        const struct naive_scalar *other = &text->scalars[i - 1];
        if (!pl_id_equal(other->left, fresh->left))
            continue;
        if (place_of(text, other->right) >= place_of(text, fresh->right))
            break;
        at = i - 1;
    }
    return at;
}

/* B6: what the right origin hangs on right below the left one, where there is such a scalar; else the origin. */
static struct pl_id right_for(const struct naive_text *text, const struct naive_scalar *fresh)
{
    size_t up = place_of(text, fresh->right);
    while (up < text->n && !pl_id_equal(text->scalars[up].left, fresh->left))
        up = place_of(text, text->scalars[up].left);
    return up < text->n ? text->scalars[up].id : fresh->right;
}

static bool insert_one(struct naive_text *text, struct naive_scalar fresh)
{
    const size_t left = place_of(text, fresh.left);
    if ((left == text->n && !pl_id_none(fresh.left)) || !is_there(text, fresh.right))
        return false;
    fresh.depth = pl_id_none(fresh.left) ? 0 : text->scalars[left].depth + 1;
    fresh.right = right_for(text, &fresh);
    const size_t at = integrate(text, &fresh, pl_id_none(fresh.left) ? 0 : left + 1);
    NAIVE_INSERT(text->scalars, text->n, at);
    text->scalars[at] = fresh;
    return text->tree == NULL || naive_tree_insert(text->tree, fresh.id, fresh.left, fresh.right);
}

static size_t utf8_wide(uint8_t lead)
{
    return lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
}

bool naive_text_insert(struct naive_text *text, struct pl_id id, struct pl_id left, struct pl_id right,
                       struct pl_slice utf8)
{
    struct naive_scalar fresh = {.id = id, .left = left, .right = right};
    for (size_t at = 0; at < utf8.len; at += fresh.utf8_n) {
        fresh.utf8_n = utf8_wide(utf8.data[at]);
        memcpy(fresh.utf8, utf8.data + at, fresh.utf8_n);
        if (!insert_one(text, fresh))
            return false;
        fresh.left = fresh.id;
        fresh.id.ctr++;
    }
    return true;
}

void naive_text_delete(struct naive_text *text, struct pl_id_range range)
{
    for (size_t i = 0; i < text->n; i++) {
        struct naive_scalar *scalar = &text->scalars[i];
        if (scalar->id.replica == range.id.replica && scalar->id.ctr >= range.id.ctr &&
            scalar->id.ctr - range.id.ctr < range.n)
            scalar->deleted = true;
    }
}

bool naive_text_mark(struct naive_text *text, const struct pl_op *op)
{
    if (!is_there(text, op->left) || !is_there(text, op->right))
        return false;
    naive_marks_add(text->marks, op);
    return true;
}

void naive_text_turn(struct naive_text *text, const struct pl_op *op)
{
    naive_marks_turn(text->marks, op);
}

/* The nearest scalar that stays, from `at` on in the direction given; no id beyond an end. */
static struct pl_id staying(const struct naive_text *text, size_t at, bool leftwards)
{
    for (; at < text->n; at = leftwards ? at - 1 : at + 1) /* left of the first it wraps to beyond the last */
        if (!text->scalars[at].marked)
            return text->scalars[at].id;
    return (struct pl_id){0};
}

static void drop_marked(struct naive_text *text)
{
    size_t kept = 0;
    for (size_t i = 0; i < text->n; i++) {
        struct naive_scalar *scalar = &text->scalars[i];
        if (scalar->marked)
            continue;
        scalar->left = staying(text, place_of(text, scalar->left), true);
        scalar->right = staying(text, place_of(text, scalar->right), false);
    }
    for (size_t i = 0; i < text->n; i++)
        if (!text->scalars[i].marked)
            text->scalars[kept++] = text->scalars[i];
    if (kept == text->n)
        return;
    text->n = kept;
    naive_tree_free(text->tree);
    text->tree = NULL;
}

static struct naive_scalars scalars_of(const struct naive_text *text)
{
    return (struct naive_scalars){text->scalars, text->n};
}

void naive_text_collect(struct naive_text *text)
{
    naive_marks_collect(text->marks, scalars_of(text));
    drop_marked(text);
    for (size_t i = 0; i < text->n; i++) {
        struct naive_scalar *scalar = &text->scalars[i];
        scalar->marked = scalar->deleted;
        scalar->depth = 0;
        for (struct pl_id up = scalar->left; !pl_id_none(up); up = text->scalars[place_of(text, up)].left)
            scalar->depth++;
    }
}

struct naive_text *naive_text_clone(const struct naive_text *text)
{
    struct naive_text *clone = naive_text_new(false); /* the one it was cloned from has the tree */
    for (size_t i = 0; i < text->n; i++) {
        NAIVE_INSERT(clone->scalars, clone->n, i);
        clone->scalars[i] = text->scalars[i];
    }
    naive_marks_free(clone->marks);
    clone->marks = naive_marks_clone(text->marks);
    return clone;
}

/* Comparing. */

struct walk {
    const struct naive_text *text;
    size_t at;
    bool same;
};

static void skip_deleted(struct walk *walk)
{
    while (walk->at < walk->text->n && walk->text->scalars[walk->at].deleted)
        walk->at++;
}

static bool same_run(void *user, struct pl_id_range range, struct pl_slice utf8)
{
    struct walk *walk = user;
    size_t used = 0;
    for (uint64_t k = 0; k < range.n && walk->same; k++) {
        skip_deleted(walk);
        const struct naive_scalar *want = &walk->text->scalars[walk->at];
        const struct pl_id id = {range.id.replica, range.id.ctr + k};
        walk->same = walk->at < walk->text->n && pl_id_equal(want->id, id) &&
                     utf8.len - used >= want->utf8_n &&
                     memcmp(utf8.data + used, want->utf8, want->utf8_n) == 0;
        if (walk->same)
            used += want->utf8_n;
        walk->at++;
    }
    walk->same = walk->same && used == utf8.len;
    return walk->same;
}

static bool same_ids(void *user, struct pl_id_range range, struct pl_slice utf8)
{
    struct walk *walk = user;
    for (uint64_t k = 0; k < range.n && walk->same; k++, walk->at++) {
        const struct pl_id id = {range.id.replica, range.id.ctr + k};
        walk->same = walk->at < walk->text->n && pl_id_equal(walk->text->scalars[walk->at].id, id) &&
                     walk->text->scalars[walk->at].deleted == (utf8.len == 0);
    }
    return walk->same;
}

/* Every id, the tombstones' too, one after another. */
static bool same_order(const struct naive_text *text, const struct pl_text *engine)
{
    struct walk walk = {.text = text, .same = true};
    pl_text_all(engine, same_ids, &walk);
    return walk.same && walk.at == text->n;
}

static bool same_as_tree(const struct naive_text *text)
{
    size_t n;
    if (text->tree == NULL)
        return true;
    const struct pl_id *order = naive_tree_order(text->tree, &n);
    bool same = n == text->n;
    for (size_t i = 0; same && i < n; i++)
        same = pl_id_equal(order[i], text->scalars[i].id);
    return same;
}

bool naive_text_agrees(struct naive_text *text, const struct pl_text *engine, const char **ret_reason)
{
    struct walk walk = {.text = text, .same = true};
    pl_text_visible(engine, 0, pl_text_utf16(engine), same_run, &walk);
    skip_deleted(&walk);
    if (!walk.same || walk.at != text->n)
        *ret_reason = "a visible text differs from the naive one";
    else if (pl_text_ids(engine) != text->n || !same_order(text, engine))
        *ret_reason = "a text's tombstones differ from the naive one's";
    else if (!same_as_tree(text))
        *ret_reason = "the tree of a text reads in another order";
    else
        return naive_marks_agree(text->marks, scalars_of(text), engine, ret_reason);
    return false;
}
