/* A text from its two snapshot columns (see text_pack.h). Nothing is believed: origins must be in the text, left ones
 * further left, no id may come twice; and each run must be told in the one way text_pack.c
 * would tell it. A run is some dozens of bytes in memory and may be one packed; what its n claims takes no room. */
#include "proto/limits.h"
#include "proto/reader.h"
#include "proto/text_index.h"
#include "proto/text_order.h"
#include "proto/text_pack.h"

#define FEW_RUNS 16u
#define BY_ID UINT32_MAX /* in place of a run's number: the origin is named, or none */

struct unpacked_run {
    uint64_t ctr, left_ctr, right_ctr;
    uint32_t replica, left_replica, right_replica;
    uint32_t n, depth;
    uint32_t left_run, right_run;
    uint32_t utf16;       /* code units of `utf8` */
    struct pl_slice utf8; /* when visible */
    uint8_t state;
    bool goes_on; /* told as going on with left_run */
};

struct text_unpacking {
    struct pl_slabs *slabs;
    struct pl_text *text;
    struct pl_packed *spans, *utf8;
    struct unpacked_run *runs;
    uint32_t run_n;
    struct pack_replicas replicas;
};

static bool origin_unpack(struct pl_packed *packed, uint32_t *ret_replica, uint64_t *ret_ctr)
{
    return pl_unpack_u32(packed, ret_replica) && pl_unpack_uint(packed, PL_U53_MAX, ret_ctr) && *ret_ctr > 0;
}

/* A run's number, so many back or ahead of this one; two at least. */
static bool unpack_back(struct text_unpacking *unpacking, uint32_t run, uint32_t *ret_run)
{
    uint64_t back;
    if (run < 2 || !pl_unpack_uint(unpacking->spans, run - 2, &back))
        return false;
    *ret_run = run - 2 - (uint32_t)back;
    return true;
}

static bool unpack_ahead(struct text_unpacking *unpacking, uint32_t run, uint32_t *ret_run)
{
    uint64_t ahead;
    const uint32_t most = unpacking->run_n - run;
    if (most < 3 || !pl_unpack_uint(unpacking->spans, most - 3, &ahead))
        return false;
    *ret_run = run + 2 + (uint32_t)ahead;
    return true;
}

static bool unpack_left(struct text_unpacking *unpacking, uint32_t run, enum pack_left left)
{
    struct unpacked_run *fresh = &unpacking->runs[run];
    fresh->left_run = BY_ID;
    switch (left) {
    case PACK_LEFT_PREV:
        if (run > 0)
            fresh->left_run = run - 1;
        return true;
    case PACK_LEFT_BACK:
        return unpack_back(unpacking, run, &fresh->left_run);
    case PACK_LEFT_NONE:
        return run > 0; /* the first one's would be that of the run before it */
    case PACK_LEFT_ID:
        return origin_unpack(unpacking->spans, &fresh->left_replica, &fresh->left_ctr);
    }
    return false;
}

static bool unpack_right(struct text_unpacking *unpacking, uint32_t run, enum pack_right right)
{
    struct unpacked_run *fresh = &unpacking->runs[run];
    fresh->right_run = BY_ID;
    switch (right) {
    case PACK_RIGHT_NEXT:
        if (run + 1 < unpacking->run_n)
            fresh->right_run = run + 1;
        return true;
    case PACK_RIGHT_AHEAD:
        return unpack_ahead(unpacking, run, &fresh->right_run);
    case PACK_RIGHT_NONE:
        return run + 1 < unpacking->run_n; /* the last one's would be the next */
    case PACK_RIGHT_ID:
        return origin_unpack(unpacking->spans, &fresh->right_replica, &fresh->right_ctr);
    }
    return false;
}

/* The run goes on with one before it: everything but its n is that one's. */
static bool unpack_goes_on(struct text_unpacking *unpacking, uint32_t run, bool at)
{
    struct unpacked_run *fresh = &unpacking->runs[run];
    if (run == 0 || !unpack_left(unpacking, run, at ? PACK_LEFT_BACK : PACK_LEFT_PREV))
        return false;
    const struct unpacked_run *before = &unpacking->runs[fresh->left_run];
    if (!at && fresh->state == before->state)
        return false; /* it would be the same run */
    fresh->goes_on = true;
    fresh->replica = before->replica;
    fresh->ctr = before->ctr + before->n;
    fresh->right_run = before->right_run;
    fresh->right_replica = before->right_replica;
    fresh->right_ctr = before->right_ctr;
    return true;
}

static bool unpack_origins(struct text_unpacking *unpacking, uint32_t run, enum pack_mode mode)
{
    static const struct {
        uint8_t left, right;
    } plain[] = {
        [PACK_PREV_NEXT] = {PACK_LEFT_PREV, PACK_RIGHT_NEXT},   [PACK_PREV_AHEAD] = {PACK_LEFT_PREV, PACK_RIGHT_AHEAD},
        [PACK_BACK_NEXT] = {PACK_LEFT_BACK, PACK_RIGHT_NEXT},   [PACK_BACK_AHEAD] = {PACK_LEFT_BACK, PACK_RIGHT_AHEAD},
        [PACK_PREV_NONE] = {PACK_LEFT_PREV, PACK_RIGHT_NONE},
    };
    uint64_t both;
    if (mode == PACK_GOES_ON || mode == PACK_GOES_ON_AT)
        return unpack_goes_on(unpacking, run, mode == PACK_GOES_ON_AT);
    if (mode != PACK_OTHER) {
        both = plain[mode].left | (unsigned)plain[mode].right << 2;
    } else {
        if (!pl_unpack_uint(unpacking->spans, 15, &both))
            return false;
        for (size_t i = 0; i < sizeof plain / sizeof *plain; i++)
            if (i != PACK_GOES_ON && i != PACK_GOES_ON_AT && both == (plain[i].left | (unsigned)plain[i].right << 2))
                return false;
    }
    return unpack_left(unpacking, run, (enum pack_left)(both & 3)) &&
           unpack_right(unpacking, run, (enum pack_right)(both >> 2));
}

static bool unpack_start(struct text_unpacking *unpacking, struct unpacked_run *fresh, bool named)
{
    struct pack_replicas *replicas = &unpacking->replicas;
    uint32_t replica = replicas->current.replica;
    uint64_t number;
    int64_t by;
    if (named) {
        if (!pl_unpack_uint(unpacking->spans, replicas->n, &number))
            return false;
        if (number > 0)
            replica = replicas->known[number - 1].replica;
        else if (!pl_unpack_u32(unpacking->spans, &replica) || pl_pack_replica_at(replicas, replica) < replicas->n)
            return false;
        if (replica == replicas->current.replica)
            return false;
        pl_pack_replica_choose(replicas, replica);
    }
    if (!pl_unpack_int(unpacking->spans, &by))
        return false;
    fresh->replica = replica;
    fresh->ctr = replicas->current.next + (uint64_t)by;
    return fresh->ctr > 0 && fresh->ctr <= PL_U53_MAX;
}

static bool unpack_run(struct text_unpacking *unpacking, uint32_t run)
{
    struct unpacked_run *fresh = &unpacking->runs[run];
    struct pl_slice head;
    uint64_t n;
    if (!pl_unpack_raw(unpacking->spans, 1, &head))
        return false;
    const uint8_t bits = head.data[0];
    const enum pack_mode mode = (enum pack_mode)(bits & 7);
    *fresh = (struct unpacked_run){.state = bits >> PACK_STATE_SHIFT & 3};
    const bool goes_on = mode == PACK_GOES_ON || mode == PACK_GOES_ON_AT, named = (bits & PACK_REPLICA) != 0;
    if (fresh->state > SPAN_MARKED || (goes_on && named) || !unpack_origins(unpacking, run, mode))
        return false;
    if (goes_on)
        pl_pack_replica_choose(&unpacking->replicas, fresh->replica);
    else if (!unpack_start(unpacking, fresh, named))
        return false;
    n = bits >> PACK_N_SHIFT;
    if (n == 0) {
        if (!pl_unpack_uint(unpacking->spans, UINT32_MAX - PACK_N_NAMED, &n))
            return false;
        n += PACK_N_NAMED;
    }
    if (fresh->ctr > PL_U53_MAX - n)
        return false;
    fresh->n = (uint32_t)n;
    pl_pack_replica_ended(&unpacking->replicas, fresh->ctr + n);
    return true;
}

/* A visible run's scalars, from the UTF-8 column. */
static bool take_scalars(struct pl_packed *utf8, struct unpacked_run *run)
{
    size_t n = run->n, utf16;
    const size_t bytes = pl_utf8_pass((struct pl_slice){utf8->at, (size_t)(utf8->end - utf8->at)}, &n, &utf16);
    run->utf16 = (uint32_t)utf16;
    return n == 0 && bytes <= UINT32_MAX / 2 && pl_unpack_raw(utf8, bytes, &run->utf8);
}

static struct pl_id origin_of(const struct text_unpacking *unpacking, uint32_t run, bool end, struct pl_id named)
{
    if (run == BY_ID)
        return named;
    const struct unpacked_run *other = &unpacking->runs[run];
    return (struct pl_id){.replica = other->replica, .ctr = end ? other->ctr + other->n - 1 : other->ctr};
}

static struct pl_id left_of(const struct text_unpacking *unpacking, const struct unpacked_run *run)
{
    return origin_of(unpacking, run->left_run, true, (struct pl_id){run->left_replica, run->left_ctr});
}

static struct pl_id right_of(const struct text_unpacking *unpacking, const struct unpacked_run *run)
{
    return origin_of(unpacking, run->right_run, false, (struct pl_id){run->right_replica, run->right_ctr});
}

/* Whether a scalar is the first (-1) or the last (+1) of its run as far as the text goes. */
static bool at_run_end(struct spot spot, int side)
{
    static const struct wanted any = {.depth = UINT32_MAX};
    const struct span *span = spot_span(&spot);
    if (spot.at != (side < 0 ? 0 : span->n - 1))
        return false;
    return !pl_text_step(&spot, side, any) ||
           !(side < 0 ? pl_span_joins(spot_span(&spot), span) : pl_span_joins(span, spot_span(&spot)));
}

/* How deep a run hangs. False when the text, which has all before it, lacks its left origin, or need not be told it. */
static bool hang(const struct text_unpacking *unpacking, struct unpacked_run *run)
{
    struct spot left;
    if (run->left_run != BY_ID) {
        run->depth = unpacking->runs[run->left_run].depth + unpacking->runs[run->left_run].n;
    } else if (run->left_ctr != 0) {
        if (!pl_text_find(unpacking->text, left_of(unpacking, run), &left) || at_run_end(left, +1))
            return false;
        run->depth = spot_span(&left)->depth + left.at + 1;
    }
    return true;
}

/* Whether a right origin that is named is there, and must be named. */
static bool right_named_well(const struct text_unpacking *unpacking, const struct unpacked_run *run)
{
    struct spot right, self;
    if (run->right_run != BY_ID || run->right_ctr == 0 || run->goes_on)
        return true;
    return pl_text_find(unpacking->text, right_of(unpacking, run), &right) &&
           pl_text_find(unpacking->text, (struct pl_id){run->replica, run->ctr}, &self) &&
           !(pl_spot_compare(&right, &self) > 0 && at_run_end(right, -1));
}

static enum pl_status append(struct text_unpacking *unpacking, const struct unpacked_run *fresh)
{
    const struct run run = {.id = {fresh->replica, fresh->ctr},
                            .n = fresh->n,
                            .left = left_of(unpacking, fresh),
                            .right = right_of(unpacking, fresh),
                            .depth = fresh->depth,
                            .state = fresh->state,
                            .utf8 = fresh->utf8};
    return pl_text_append(unpacking->text, &run, fresh->utf16) ? PL_OK : PL_NO_MEMORY;
}

/* Appends a run to the text, which has all before it. */
static enum pl_status put_run(struct text_unpacking *unpacking, struct unpacked_run *fresh)
{
    struct pl_text *text = unpacking->text;
    if (!hang(unpacking, fresh))
        return PL_MALFORMED;
    const struct pl_id id = {fresh->replica, fresh->ctr}, left = left_of(unpacking, fresh);
    const bool next = left.replica == id.replica && left.ctr + 1 == id.ctr;
    if (next && fresh->left_run != BY_ID && !fresh->goes_on &&
        pl_id_equal(right_of(unpacking, &unpacking->runs[fresh->left_run]), right_of(unpacking, fresh)))
        return PL_MALFORMED; /* it does go on */
    if (fresh->n > UINT32_MAX - text->ids || !pl_text_lacks(text, (struct pl_id_range){.id = id, .n = fresh->n}))
        return PL_MALFORMED;
    if (fresh->utf8.len > UINT32_MAX - text->sum.utf16)
        return PL_MALFORMED;
    return append(unpacking, fresh);
}

/* Makes an empty text that has room for all the runs there are. */
static enum pl_status make_text(struct text_unpacking *unpacking)
{
    size_t bytes = 0;
    bool whole = unpacking->run_n <= LEAF_SPANS_MAX; /* each run is a span of one leaf */
    for (uint32_t i = 0; i < unpacking->run_n; i++) {
        struct unpacked_run *run = &unpacking->runs[i];
        if (run->state != SPAN_VISIBLE)
            continue;
        if (!take_scalars(unpacking->utf8, run))
            return PL_MALFORMED;
        whole = whole && run->n <= SPAN_SCALARS_MAX;
        bytes += run->utf8.len;
    }
    unpacking->text = pl_text_make(unpacking->slabs, unpacking->run_n, whole ? bytes : 0);
    return unpacking->text == NULL ? PL_NO_MEMORY : PL_OK;
}

static enum pl_status put_runs(struct text_unpacking *unpacking)
{
    enum pl_status status = make_text(unpacking);
    for (uint32_t i = 0; i < unpacking->run_n && status == PL_OK; i++)
        status = put_run(unpacking, &unpacking->runs[i]);
    for (uint32_t i = 0; i < unpacking->run_n && status == PL_OK; i++)
        status = right_named_well(unpacking, &unpacking->runs[i]) ? PL_OK : PL_MALFORMED;
    return status;
}

/* Whether it is a text that has a shorter form. */
static bool is_simple(const struct text_unpacking *unpacking, struct pl_id home)
{
    const struct unpacked_run *run = &unpacking->runs[0];
    return unpacking->run_n == 1 && run->state == SPAN_VISIBLE && run->replica == home.replica &&
           (run->left_ctr | run->right_ctr) == 0;
}

static enum pl_status read_runs(struct text_unpacking *unpacking, struct pl_id home)
{
    pl_pack_replicas_init(&unpacking->replicas, home);
    for (uint32_t i = 0; i < unpacking->run_n; i++)
        if (!unpack_run(unpacking, i))
            return PL_MALFORMED;
    return unpacking->run_n > 0 && is_simple(unpacking, home) ? PL_MALFORMED : put_runs(unpacking);
}

/* Most texts have few runs. */
static enum pl_status unpack_runs(struct text_unpacking *unpacking, struct pl_id home)
{
    const struct pl_mem *mem = unpacking->slabs->mem;
    struct unpacked_run few[FEW_RUNS];
    unpacking->runs = few;
    if (unpacking->run_n <= FEW_RUNS)
        return read_runs(unpacking, home);
    unpacking->runs = pl_mem_get(mem, unpacking->run_n * sizeof *unpacking->runs);
    const enum pl_status status = unpacking->runs == NULL ? PL_NO_MEMORY : read_runs(unpacking, home);
    pl_mem_put(mem, unpacking->runs);
    return status;
}

static enum pl_status unpack_simple(struct text_unpacking *unpacking, struct pl_id home, uint64_t n, bool later)
{
    int64_t by = 0;
    if (n == 0 || n > UINT32_MAX || (later && (!pl_unpack_int(unpacking->spans, &by) || by == 0)))
        return PL_MALFORMED;
    struct unpacked_run run = {.replica = home.replica,
                               .ctr = home.ctr + 1 + (uint64_t)by,
                               .n = (uint32_t)n,
                               .left_run = BY_ID,
                               .right_run = BY_ID};
    if (run.ctr == 0 || run.ctr > PL_U53_MAX - n)
        return PL_MALFORMED;
    unpacking->runs = &run;
    unpacking->run_n = 1;
    const enum pl_status status = make_text(unpacking);
    return status == PL_OK ? append(unpacking, &run) : status;
}

enum pl_status pl_text_unpack(struct pl_slabs *slabs, struct pl_id home, struct pl_packed *spans,
                              struct pl_packed *utf8, struct pl_text **ret_text)
{
    struct text_unpacking unpacking;
    uint64_t head;
    if (!pl_unpack_uint(spans, (uint64_t)UINT32_MAX << PACK_FORM_SHIFT | PACK_LATER, &head))
        return PL_MALFORMED;
    const bool at_once = (head & PACK_AT_ONCE) != 0, later = !at_once && (head & PACK_LATER) != 0;
    const uint64_t n = head >> (at_once ? PACK_AT_ONCE_SHIFT : PACK_FORM_SHIFT);
    if (!at_once && !later && n > (uint64_t)(spans->end - spans->at)) /* each run takes a byte */
        return PL_MALFORMED;
    unpacking.text = NULL; /* most texts need no room for replicas: it is left as it is */
    unpacking.slabs = slabs;
    unpacking.spans = spans;
    unpacking.utf8 = utf8;
    unpacking.run_n = (uint32_t)n;
    const enum pl_status status =
        at_once || later ? unpack_simple(&unpacking, home, n, later) : unpack_runs(&unpacking, home);
    if (status != PL_OK)
        pl_text_free(unpacking.text);
    else
        *ret_text = unpacking.text;
    return status;
}
