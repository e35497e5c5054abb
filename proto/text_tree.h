/* The inside of a text: spans in the leaves of a counted B+tree. Private to the text_*.c files.
 *
 * A span is a run of ids of one replica whose scalars follow one another in the text: scalar k > 0 has its neighbour in
 * the run as left origin and all share the right origin, so that a run is placed as one. Leaves hold spans in document
 * order and the UTF-8 of the visible ones. Every branch keeps, for each child, the sums a lookup needs.
 * Where spans begin and end is the tree's own affair and never seen in an order or an encoding: within a leaf a run is
 * in one span unless that would be too long, and leaves do not care for each other.
 * A text of one leaf is flat: the leaf is part of struct pl_text, and there is no index (text_index.h). That first leaf
 * stays the leftmost for ever: neighbours are always merged into the left one. */
#ifndef PL_TEXT_TREE_H
#define PL_TEXT_TREE_H
#include "proto/slab.h"
#include "proto/text.h"

#ifndef PL_TEXT_SMALL
#define SPAN_SCALARS_MAX 1024u /* finding a place within a visible span walks its UTF-8 */
#define LEAF_SPANS_MAX 32u
#define BRANCH_CHILDREN_MAX 16u
#define CHUNK_ENTRIES_MAX 64u
#else /* for tests: a few edits make a tall tree */
#define SPAN_SCALARS_MAX 5u
#define LEAF_SPANS_MAX 4u
#define BRANCH_CHILDREN_MAX 4u
#define CHUNK_ENTRIES_MAX 4u
#endif

enum span_state {
    SPAN_VISIBLE,
    SPAN_DELETED,
    SPAN_MARKED, /* deleted, and dropped by the next collection */
};

struct span {
    uint64_t ctr; /* ids are kept as their halves: padding would make a third more of a span */
    uint64_t left_ctr, right_ctr;
    uint32_t replica;
    uint32_t left_replica, right_replica; /* left: of the first scalar; right: of all */
    uint32_t depth; /* of the first scalar: how many left origins are above it; each next one is one deeper */
    uint32_t n;     /* of scalars: at most SPAN_SCALARS_MAX when visible */
    unsigned bytes : 14, utf16 : 14; /* of their UTF-8, and code units; 0 unless visible */
    unsigned state : 4;
};

/* What a part of the text holds. Unsigned arithmetic wraps, so that a sum to add may be negative. */
struct sum {
    uint32_t utf16, scalars; /* visible */
    uint32_t kept;           /* scalars not marked */
    uint32_t spans;
    uint32_t depth; /* the least of its spans; UINT32_MAX for none */
};

struct node {
    struct branch *parent; /* NULL for the root */
    uint8_t slot;          /* its place among the parent's children */
    uint8_t level;         /* 0 for a leaf */
    uint8_t n;             /* a leaf's spans, a branch's children: 1 at least, save for the leaf of an empty text */
    uint8_t cap;           /* of a leaf, in spans */
    bool inside;           /* a text's first leaf's block lies behind the text */
};

/* One block holds `cap` spans and behind them `byte_cap` bytes. */
struct leaf {
    struct node node;
    struct span *spans;
    uint32_t byte_n, byte_cap;
};

struct branch {
    struct node node;
    struct sum sums[BRANCH_CHILDREN_MAX];
    struct node *children[BRANCH_CHILDREN_MAX];
};

struct pl_text {
    const struct pl_mem *mem;
    struct node *root;           /* &first.node as long as the text is flat */
    struct pl_text_index *index; /* NULL when flat */
    struct sum sum;
    uint32_t ids; /* scalars in all spans */
    struct pl_marks *marks; /* NULL: none ever */
    struct pl_slab *slab_or_null; /* that the text lies in */
    struct leaf first;
};

/* A scalar, or the border in front of it: number `at` of span `i`. Behind a leaf's last span it is {leaf, n, 0}. */
struct spot {
    struct leaf *leaf;
    uint32_t i, at;
};

/* Scalars to put into a text: any number of them. `utf8` is empty unless they are visible. */
struct run {
    struct pl_id id, left, right;
    uint32_t n;
    uint32_t depth;
    uint8_t state;
    struct pl_slice utf8;
};

static inline struct pl_id span_id(const struct span *span, uint64_t scalar)
{
    return (struct pl_id){.replica = span->replica, .ctr = span->ctr + scalar};
}
static inline struct pl_id span_left(const struct span *span)
{
    return (struct pl_id){.replica = span->left_replica, .ctr = span->left_ctr};
}
static inline struct pl_id span_right(const struct span *span)
{
    return (struct pl_id){.replica = span->right_replica, .ctr = span->right_ctr};
}
static inline bool span_holds(const struct span *span, struct pl_id id)
{
    return span->replica == id.replica && id.ctr - span->ctr < span->n;
}
static inline void span_measured(struct span *span, size_t bytes, size_t utf16)
{
    span->bytes = bytes & 0x3fffu;
    span->utf16 = utf16 & 0x3fffu;
}
/* Whether `b`, standing right of `a`, goes on with its run, */
bool pl_span_joins(const struct span *a, const struct span *b);
/* and whether both may be one span. */
bool pl_span_fits(const struct span *a, const struct span *b);

/* NULL for a leaf that never held anything. */
static inline const uint8_t *leaf_utf8(const struct leaf *leaf)
{
    return leaf->spans == NULL ? NULL : (const uint8_t *)(leaf->spans + leaf->node.cap);
}
static inline struct leaf *leaf_of(struct node *node)
{
    return (struct leaf *)node;
}
static inline struct branch *branch_of(struct node *node)
{
    return (struct branch *)node;
}
static inline struct span *spot_span(const struct spot *spot)
{
    return &spot->leaf->spans[spot->i];
}

/* Bytes of the scalar that starts with `lead`, in valid UTF-8. */
static inline size_t utf8_wide(uint8_t lead)
{
    return lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
}
/* The bytes of a visible span's first `n` scalars, whose UTF-8 begins at `utf8`; and their code units. */
size_t pl_span_measure(const struct span *span, const uint8_t *utf8, uint32_t n, size_t *ret_utf16);
/* Where the span's UTF-8 begins in its leaf. */
size_t pl_leaf_offset(const struct leaf *leaf, uint32_t i);
/* The visible code units before a scalar or border. */
size_t pl_spot_utf16(const struct spot *spot);
/* The leaf left (-1) or right (+1) of this one, or NULL. */
struct leaf *pl_leaf_beside(const struct leaf *leaf, int by);
struct leaf *pl_text_first_leaf(const struct pl_text *text);
struct leaf *pl_text_last_leaf(const struct pl_text *text);
struct sum pl_leaf_sum(const struct leaf *leaf);
struct sum pl_branch_sum(const struct branch *branch);

/* Puts a run at a border, joined to the run it goes on with. False when out of memory. */
PL_CHECKED bool pl_text_put(struct pl_text *text, struct spot at, const struct run *run);
/* An empty text with room for so many spans and bytes, or for a leaf full of spans, behind it. NULL: no memory. */
struct pl_text *pl_text_make(struct pl_slabs *slabs, uint32_t spans, size_t bytes);
/* Puts a run, which does not go on with what is there, behind all; `utf16` are its code units. False when out of
 * memory. */
PL_CHECKED bool pl_text_append(struct pl_text *text, const struct run *run, uint32_t utf16);
/* Takes the payload of `n` scalars of one visible span from `spot` on. Spots into the text are void after it. False
 * when out of memory. */
PL_CHECKED bool pl_text_hide(struct pl_text *text, struct spot spot, uint32_t n);
/* Frees all but the struct itself, which is then an empty text. */
void pl_text_clear(struct pl_text *text);
/* Gives a text all that another of the same memory has, which nobody loaded, and leaves that empty. */
void pl_text_take(struct pl_text *text, struct pl_text *from);
/* Gives an empty text the tree and index of another, copied; false when out of memory, with a part of it. */
PL_CHECKED bool pl_text_copy(struct pl_text *text, const struct pl_text *from);

#endif
