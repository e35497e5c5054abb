/* A text into its two snapshot columns: spans and UTF-8 (see text_pack.h). Equal texts pack to equal bytes however they
 * came to be, for runs go as far as they can and every run has one code. */
#include "proto/text_pack.h"
#include "proto/text_index.h"

void pl_pack_replicas_init(struct pack_replicas *replicas, struct pl_id home)
{
    replicas->current = (struct pack_replica){.replica = home.replica, .next = home.ctr + 1};
    replicas->known[0] = replicas->current;
    replicas->n = 1;
    replicas->at = 0;
}

uint32_t pl_pack_replica_at(const struct pack_replicas *replicas, uint32_t replica)
{
    uint32_t at = 0;
    while (at < replicas->n && replicas->known[at].replica != replica)
        at++;
    return at;
}

void pl_pack_replica_choose(struct pack_replicas *replicas, uint32_t replica)
{
    if (replicas->current.replica == replica)
        return;
    replicas->at = pl_pack_replica_at(replicas, replica);
    if (replicas->at == replicas->n && replicas->n < PACK_REPLICAS_MAX)
        replicas->known[replicas->n++] = (struct pack_replica){.replica = replica};
    replicas->current = replicas->at < replicas->n ? replicas->known[replicas->at]
                                                   : (struct pack_replica){.replica = replica};
}

void pl_pack_replica_ended(struct pack_replicas *replicas, uint64_t next)
{
    replicas->current.next = next;
    if (replicas->at < replicas->n)
        replicas->known[replicas->at].next = next;
}

/* A run as far as it goes, wherever spans begin. */
struct whole {
    const struct span *head;
    uint32_t n;
};

struct text_packing {
    const struct pl_text *text;
    struct whole *runs;
    uint32_t *run_of; /* each span's run */
    size_t run_n;
    struct pack_replicas replicas;
    struct pl_buf *buf;
};

static struct pl_id whole_end(const struct whole *run)
{
    return span_id(run->head, run->n - 1u);
}

static void find_wholes(struct text_packing *packing)
{
    const struct span *last = NULL;
    size_t at = 0;
    for (struct leaf *leaf = pl_text_first_leaf(packing->text); leaf != NULL; leaf = pl_leaf_beside(leaf, +1)) {
        for (unsigned i = 0; i < leaf->node.n; i++) {
            const struct span *span = &leaf->spans[i];
            if (last == NULL || !pl_span_joins(last, span))
                packing->runs[packing->run_n++] = (struct whole){.head = span};
            packing->runs[packing->run_n - 1].n += span->n;
            packing->run_of[at++] = (uint32_t)(packing->run_n - 1);
            last = span;
        }
    }
}

/* The number of the run an id is in. */
static size_t run_holding(const struct text_packing *packing, struct pl_id id)
{
    struct spot spot = {0};
    if (!pl_text_find(packing->text, id, &spot))
        return packing->run_n;
    size_t at = spot.i;
    for (const struct node *node = &spot.leaf->node; node->parent != NULL; node = &node->parent->node)
        for (unsigned slot = 0; slot < node->slot; slot++)
            at += node->parent->sums[slot].spans;
    return packing->run_of[at];
}

/* How a run's origins are told: the runs they are in are `back` and `ahead` of it. */
struct origins {
    enum pack_left left;
    enum pack_right right;
    size_t back, ahead;
    bool goes_on;
};

static void left_origin(const struct text_packing *packing, size_t run, struct origins *origins)
{
    const struct pl_id left = span_left(packing->runs[run].head);
    const struct pl_id prev = run == 0 ? (struct pl_id){0} : whole_end(&packing->runs[run - 1]);
    origins->back = 1;
    origins->left = pl_id_none(left) ? PACK_LEFT_NONE : PACK_LEFT_ID;
    if (pl_id_equal(left, prev)) {
        origins->left = PACK_LEFT_PREV;
    } else if (!pl_id_none(left)) {
        const size_t at = run_holding(packing, left);
        if (at < run && pl_id_equal(left, whole_end(&packing->runs[at]))) {
            origins->left = PACK_LEFT_BACK;
            origins->back = run - at;
        }
    }
}

static void right_origin(const struct text_packing *packing, size_t run, struct origins *origins)
{
    const struct pl_id right = span_right(packing->runs[run].head);
    const struct pl_id next = run + 1 == packing->run_n ? (struct pl_id){0} : span_id(packing->runs[run + 1].head, 0);
    origins->right = pl_id_none(right) ? PACK_RIGHT_NONE : PACK_RIGHT_ID;
    if (pl_id_equal(right, next)) {
        origins->right = PACK_RIGHT_NEXT;
    } else if (!pl_id_none(right)) {
        const size_t at = run_holding(packing, right);
        if (at > run && at < packing->run_n && pl_id_equal(right, span_id(packing->runs[at].head, 0))) {
            origins->right = PACK_RIGHT_AHEAD;
            origins->ahead = at - run;
        }
    }
}

static struct origins origins_of(const struct text_packing *packing, size_t run)
{
    struct origins origins = {0};
    const struct span *head = packing->runs[run].head;
    left_origin(packing, run, &origins);
    if ((origins.left == PACK_LEFT_PREV || origins.left == PACK_LEFT_BACK) && run > 0) {
        const struct whole *before = &packing->runs[run - origins.back];
        origins.goes_on = head->left_replica == head->replica && head->left_ctr + 1 == head->ctr &&
                          pl_id_equal(span_right(before->head), span_right(head));
    }
    if (!origins.goes_on)
        right_origin(packing, run, &origins);
    return origins;
}

static enum pack_mode mode_of(const struct origins *origins)
{
    static const uint8_t modes[2][3] = {
        [PACK_LEFT_PREV] = {PACK_PREV_NEXT, PACK_PREV_AHEAD, PACK_PREV_NONE},
        [PACK_LEFT_BACK] = {PACK_BACK_NEXT, PACK_BACK_AHEAD, PACK_OTHER},
    };
    if (origins->goes_on)
        return origins->left == PACK_LEFT_PREV ? PACK_GOES_ON : PACK_GOES_ON_AT;
    return origins->left > PACK_LEFT_BACK || origins->right > PACK_RIGHT_NONE
               ? PACK_OTHER
               : (enum pack_mode)modes[origins->left][origins->right];
}

static void origin_pack(struct pl_buf *buf, struct pl_id id)
{
    pl_pack_uint(buf, id.replica);
    pl_pack_uint(buf, id.ctr);
}

static void pack_origins(struct text_packing *packing, const struct span *head, const struct origins *origins)
{
    if (mode_of(origins) == PACK_OTHER)
        pl_pack_uint(packing->buf, (unsigned)origins->left | (unsigned)origins->right << 2);
    if (origins->left == PACK_LEFT_BACK)
        pl_pack_uint(packing->buf, origins->back - 2);
    if (origins->left == PACK_LEFT_ID)
        origin_pack(packing->buf, span_left(head));
    if (origins->goes_on)
        return;
    if (origins->right == PACK_RIGHT_AHEAD)
        pl_pack_uint(packing->buf, origins->ahead - 2);
    if (origins->right == PACK_RIGHT_ID)
        origin_pack(packing->buf, span_right(head));
}

static void pack_run(struct text_packing *packing, size_t run)
{
    const struct span *head = packing->runs[run].head;
    const uint32_t n = packing->runs[run].n;
    const struct origins origins = origins_of(packing, run);
    const bool named = !origins.goes_on && head->replica != packing->replicas.current.replica;
    pl_pack_byte(packing->buf, (uint8_t)((unsigned)mode_of(&origins) | (unsigned)head->state << PACK_STATE_SHIFT |
                                         (named ? PACK_REPLICA : 0) | (n < PACK_N_NAMED ? n : 0) << PACK_N_SHIFT));
    pack_origins(packing, head, &origins);
    if (named) {
        const uint32_t at = pl_pack_replica_at(&packing->replicas, head->replica);
        pl_pack_uint(packing->buf, at < packing->replicas.n ? at + 1 : 0);
        if (at == packing->replicas.n)
            pl_pack_uint(packing->buf, head->replica);
    }
    pl_pack_replica_choose(&packing->replicas, head->replica);
    if (!origins.goes_on)
        pl_pack_int(packing->buf, (int64_t)(head->ctr - packing->replicas.current.next));
    if (n >= PACK_N_NAMED)
        pl_pack_uint(packing->buf, n - PACK_N_NAMED);
    pl_pack_replica_ended(&packing->replicas, head->ctr + n);
}

/* Most texts: typed once, by who made the object, and right then. */
static bool pack_simple(const struct text_packing *packing, struct pl_id home)
{
    const struct span *head = packing->runs[0].head;
    if (packing->run_n != 1 || head->state != SPAN_VISIBLE || head->replica != home.replica ||
        (head->left_ctr | head->right_ctr) != 0)
        return false;
    if (head->ctr == home.ctr + 1) {
        pl_pack_uint(packing->buf, (uint64_t)packing->runs[0].n << PACK_AT_ONCE_SHIFT | PACK_AT_ONCE);
        return true;
    }
    pl_pack_uint(packing->buf, (uint64_t)packing->runs[0].n << PACK_FORM_SHIFT | PACK_LATER);
    pl_pack_int(packing->buf, (int64_t)(head->ctr - home.ctr - 1));
    return true;
}

static void pack_spans(const struct pl_text *text, struct pl_id home, struct pl_buf *spans)
{
    const size_t span_n = text->sum.spans;
    struct text_packing packing;
    if (span_n == 0) {
        pl_pack_uint(spans, 0);
        return;
    }
    packing.text = text;
    packing.buf = spans;
    packing.run_n = 0;
    pl_pack_replicas_init(&packing.replicas, home);
    packing.runs = pl_mem_get(text->mem, span_n * sizeof *packing.runs);
    packing.run_of = pl_mem_get(text->mem, span_n * sizeof *packing.run_of);
    if (packing.runs == NULL || packing.run_of == NULL) {
        spans->failed = true;
    } else {
        find_wholes(&packing);
        if (!pack_simple(&packing, home)) {
            pl_pack_uint(spans, (uint64_t)packing.run_n << PACK_FORM_SHIFT);
            for (size_t i = 0; i < packing.run_n; i++)
                pack_run(&packing, i);
        }
    }
    pl_mem_put(text->mem, packing.runs);
    pl_mem_put(text->mem, packing.run_of);
}

void pl_text_pack(const struct pl_text *text, struct pl_id home, struct pl_buf *spans, struct pl_buf *utf8)
{
    pack_spans(text, home, spans);
    pl_text_write(text, utf8);
}
