/* Presence when too many are here, or the loop has too little time, for all to be told of all: what
 * changed is encoded once per area cell and tick, and each member gets the cells it sees. Whoever
 * sees too much, or told no viewport, gets the wide round instead; everybody else gets the far
 * round, a few of those who changed anywhere, so that in some seconds all is known to all: whoever
 * begins to follow somebody far away finds them.
 *
 * A state goes to the cell it is in and to the one it left. Frames are offered, never pushed: they
 * are lossy. Nothing here outlives the tick but what the members note. */
#include "base/map.h"
#include "board/board_inner.h"

/* So many are told of everybody, by one frame for all: 320 people pointing at 20 Hz are two million
 * states a second, for a quarter of a core. A busy loop has no time for that. */
#define EVERYONE_MAX      320u
#define EVERYONE_MAX_BUSY 150u
#define GONE_MIN          20u /* fewer must be here by so many before a crowd is none any more */
#define STATES_MAX        200u /* per frame: the others wait for the next tick */
#define FAR_STATES        20u  /* per tick: a thousand in five seconds */
#define SHOWN_MS          300u /* who pans is told of what comes into view so often at most */

struct cell {
    struct cell *next;
    int32_t x, y;
    struct pl_buf changed; /* entries */
    uint32_t changed_n;
    struct frame *frame; /* of them */
    struct frame *whole; /* of all who are there; made when asked for */
    bool whole_made;
};

/* One tick's frames. */
struct telling {
    struct board *board;
    struct map cells; /* by area_key */
    struct cell *first;
    struct frame *rounds[CROWD_ROUNDS];
};

void crowd_notice(struct board *board)
{
    size_t everyone_max = board->pace.eased ? EVERYONE_MAX_BUSY : EVERYONE_MAX;
    bool crowded = board->member_n > everyone_max - (board->crowded ? GONE_MIN : 0);
    if (crowded == board->crowded)
        return;
    board->crowded = crowded;
    for (size_t i = 0; i < board->member_n; i++) {
        struct member *member = board->members[i];
        member->shown = member->view; /* all were told of all */
        if (member->due[ROUND_WIDE] || member->due[ROUND_FAR])
            presence_queue(member);
        member->due[ROUND_WIDE] = member->due[ROUND_FAR] = false;
    }
}

/* NULL: no memory; the far round makes up for it. */
static struct cell *cell_get(struct telling *telling, int32_t x, int32_t y)
{
    const struct pl_mem *mem = telling->board->env.mem;
    struct cell *cell = map_get(&telling->cells, area_key(x, y));
    if (cell != NULL)
        return cell;
    cell = pl_mem_get(mem, sizeof *cell);
    if (cell == NULL)
        return NULL;
    *cell = (struct cell){.next = telling->first, .x = x, .y = y};
    if (map_put(&telling->cells, area_key(x, y), cell) != PL_OK) {
        pl_mem_put(mem, cell);
        return NULL;
    }
    pl_buf_init(&cell->changed, mem);
    telling->first = cell;
    return cell;
}

static bool cell_full(const struct cell *cell)
{
    return cell->changed_n >= STATES_MAX || cell->changed.len >= PRESENCE_BYTES_SOFT;
}

static void cell_tell(struct cell *cell_or_null, const struct member *member)
{
    if (cell_or_null == NULL || cell_full(cell_or_null))
        return;
    presence_entry(&cell_or_null->changed, member);
    cell_or_null->changed_n++;
}

/* Into its cells; false when the one it is in has enough for this tick. */
static bool member_tell(struct telling *telling, struct member *member)
{
    struct cell *cell = NULL;
    if (member->at.set) {
        cell = cell_get(telling, member->at.x, member->at.y);
        if (cell != NULL && cell_full(cell))
            return false;
        cell_tell(cell, member);
    }
    if (member->told.set && !area_cell_same(&member->at, &member->told))
        cell_tell(cell_get(telling, member->told.x, member->told.y), member);
    member->told = member->at;
    member->due[ROUND_WIDE] = member->due[ROUND_FAR] = true;
    return true;
}

static void changes_take(struct telling *telling)
{
    struct board *board = telling->board;
    struct member *member = board->dirty;
    board->dirty = board->dirty_last = NULL;
    while (member != NULL) {
        struct member *next = member->next_dirty;
        member->next_dirty = NULL;
        member->dirty = false;
        if (!member_tell(telling, member))
            presence_queue(member); /* the crowd takes turns */
        member = next;
    }
    for (struct cell *cell = telling->first; cell != NULL; cell = cell->next) {
        if (cell->changed_n > 0)
            cell->frame = presence_frame(board, &cell->changed, cell->changed_n);
    }
}

/* The next of those due, at most n. true: some are left. */
static bool round_take(struct telling *telling, enum crowd_round round, uint32_t n_max)
{
    struct board *board = telling->board;
    struct pl_buf entries;
    uint32_t n = 0;
    bool left = false;
    pl_buf_init(&entries, board->env.mem);
    size_t start = board->round_at[round] < board->member_n ? board->round_at[round] : 0;
    for (size_t i = 0; i < board->member_n && !left; i++) {
        size_t at = (start + i) % board->member_n;
        struct member *member = board->members[at];
        if (!member->due[round])
            continue;
        left = n == n_max || entries.len >= PRESENCE_BYTES_SOFT;
        board->round_at[round] = at;
        if (left)
            break;
        presence_entry(&entries, member);
        member->due[round] = false;
        n++;
    }
    if (n > 0)
        telling->rounds[round] = presence_frame(board, &entries, n);
    else
        pl_buf_done(&entries);
    return left;
}

static void offer(struct member *member, struct frame *frame_or_null)
{
    if (frame_or_null == NULL)
        return;
    outlet_offer(member->outlet, frame_ref(frame_or_null));
    metrics_add(member->board->env.metrics, METRIC_PRESENCE_OUT, 1);
}

/* All who are in a cell, for those into whose view it came. */
static struct frame *cell_whole(struct telling *telling, struct cell *cell)
{
    struct board *board = telling->board;
    struct pl_buf entries;
    uint32_t n = 0;
    if (cell->whole_made)
        return cell->whole;
    cell->whole_made = true;
    pl_buf_init(&entries, board->env.mem);
    for (size_t i = 0; i < board->member_n; i++) {
        const struct member *member = board->members[i];
        if (member->state == NULL || !member->at.set || member->at.x != cell->x ||
            member->at.y != cell->y)
            continue;
        if (n == STATES_MAX || entries.len >= PRESENCE_BYTES_SOFT)
            break;
        presence_entry(&entries, member);
        n++;
    }
    if (n > 0)
        cell->whole = presence_frame(board, &entries, n);
    else
        pl_buf_done(&entries);
    return cell->whole;
}

static bool view_same(const struct area_view *a, const struct area_view *b)
{
    return area_view_has(a, b->x0, b->y0) && area_view_has(a, b->x1, b->y1) &&
           area_view_has(b, a->x0, a->y0) && area_view_has(b, a->x1, a->y1);
}

/* true: what came into view has to wait, for the last such is not long ago. */
static bool bounded_serve(struct telling *telling, struct member *member)
{
    const struct area_view *view = &member->view;
    uint64_t now_ms = loop_now_ms(telling->board->env.loop);
    bool panned = member->shown.bounded && !view_same(&member->shown, view);
    bool pans = panned && now_ms - member->shown_ms >= SHOWN_MS, came = false;
    for (int32_t y = view->y0; y <= view->y1; y++) {
        for (int32_t x = view->x0; x <= view->x1; x++) {
            bool fresh = pans && !area_view_has(&member->shown, x, y);
            struct cell *cell = fresh ? cell_get(telling, x, y)
                                      : map_get(&telling->cells, area_key(x, y));
            came = came || fresh;
            if (cell != NULL)
                offer(member, fresh ? cell_whole(telling, cell) : cell->frame);
        }
    }
    if (came)
        member->shown_ms = now_ms;
    if (pans || !member->shown.bounded)
        member->shown = *view;
    offer(member, telling->rounds[ROUND_FAR]);
    return panned && !pans;
}

bool crowd_tell(struct board *board)
{
    struct telling telling = {.board = board};
    map_init(&telling.cells, board->env.mem);
    changes_take(&telling);
    bool left = round_take(&telling, ROUND_WIDE, STATES_MAX);
    left = round_take(&telling, ROUND_FAR, FAR_STATES) || left;
    for (size_t i = 0; i < board->member_n; i++) {
        struct member *member = board->members[i];
        if (member->view.bounded) {
            left = bounded_serve(&telling, member) || left;
        } else {
            member->shown = member->view;
            offer(member, telling.rounds[ROUND_WIDE]);
        }
    }
    for (struct cell *cell = telling.first, *next; cell != NULL; cell = next) {
        next = cell->next;
        frame_unref(cell->frame);
        frame_unref(cell->whole);
        pl_buf_done(&cell->changed);
        pl_mem_put(board->env.mem, cell);
    }
    frame_unref(telling.rounds[ROUND_WIDE]);
    frame_unref(telling.rounds[ROUND_FAR]);
    map_done(&telling.cells);
    return left;
}
