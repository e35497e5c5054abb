/* Who is here and what they are doing (SPEC S11, S12). A state is kept per member, the latest
 * only; once per tick what changed goes out as one PRESENCE for all, who came and went as one
 * PEOPLE. The tick runs only while something is to be said. Never stored. Not here: how a crowd is
 * told by area (crowd.c). */
#include "board/board_inner.h"
#include "proto/limits.h"
#include <string.h>

#define TICK_MS         50u  /* 20 Hz */
#define TICK_CROWDED_MS 100u /* 10 Hz */
#define TICK_SOON_MS    2u   /* after a pause: long enough for those who come together */

static uint64_t period(const struct board *board)
{
    return board->crowded ? TICK_CROWDED_MS : TICK_MS;
}

static void person_entry(struct pl_buf *buf, const struct member *member)
{
    pl_write_array(buf, 3);
    pl_write_uint(buf, member->session);
    pl_write_uint(buf, member->user);
    pl_write_str(buf, (struct pl_slice){(const uint8_t *)member->name, member->name_len});
}

void presence_entry(struct pl_buf *entries, const struct member *member)
{
    pl_write_array(entries, 2);
    pl_write_uint(entries, member->session);
    if (member->state == NULL)
        pl_write_nil(entries);
    else
        pl_write_raw(entries, (struct pl_slice){member->state, member->state_len});
}

static void message_start(struct board *board, struct pl_buf *buf, unsigned fields,
                          enum pl_message_type type)
{
    pl_buf_init(buf, board->env.mem);
    pl_write_array(buf, fields + 1);
    pl_write_uint(buf, type);
}

struct frame *presence_frame(struct board *board, struct pl_buf *entries, uint32_t n)
{
    struct pl_buf message;
    message_start(board, &message, 1, PL_MESSAGE_PRESENCE);
    pl_write_array(&message, n);
    pl_write_raw(&message, pl_buf_slice(entries));
    message.failed = message.failed || entries->failed;
    pl_buf_done(entries);
    return board_frame(board, &message);
}

/* To all: who came and who went since the last tick. */
static void people_changes(struct board *board)
{
    size_t left_n = board->left.len / sizeof(uint64_t);
    const uint64_t *left = (const uint64_t *)board->left.data;
    struct pl_buf message;
    if (board->joined_n == 0 && left_n == 0)
        return;
    message_start(board, &message, 2, PL_MESSAGE_PEOPLE);
    pl_write_array(&message, board->joined_n);
    for (size_t i = 0; i < board->member_n; i++) {
        if (!board->members[i]->announced)
            person_entry(&message, board->members[i]);
        board->members[i]->announced = true;
    }
    pl_write_array(&message, left_n);
    for (size_t i = 0; i < left_n; i++)
        pl_write_uint(&message, left[i]);
    board->joined_n = 0;
    pl_buf_done(&board->left);
    board_broadcast(board, &message, false);
}

static struct frame *everyone_frame(struct board *board)
{
    struct pl_buf message;
    message_start(board, &message, 2, PL_MESSAGE_PEOPLE);
    pl_write_array(&message, board->member_n);
    for (size_t i = 0; i < board->member_n; i++)
        person_entry(&message, board->members[i]);
    pl_write_array(&message, 0);
    return board_frame(board, &message);
}

/* `idle_too`: with a nil for those who do nothing: whoever skipped some may have missed that they stopped. */
static struct frame *all_states_frame(struct board *board, bool idle_too)
{
    size_t n = 0;
    struct pl_buf message;
    for (size_t i = 0; i < board->member_n; i++)
        n += idle_too || board->members[i]->state != NULL;
    message_start(board, &message, 1, PL_MESSAGE_PRESENCE);
    pl_write_array(&message, n);
    for (size_t i = 0; i < board->member_n; i++) {
        if (idle_too || board->members[i]->state != NULL)
            presence_entry(&message, board->members[i]);
    }
    return board_frame(board, &message);
}

/* Whoever is new, or skipped some presence, gets the whole: made once, shared. */
static void newcomers_serve(struct board *board)
{
    if (board->newcomer_n == 0)
        return;
    struct frame *people = everyone_frame(board);
    struct frame *fresh = all_states_frame(board, false), *again = all_states_frame(board, true);
    for (size_t i = 0; i < board->member_n; i++) {
        struct member *member = board->members[i];
        if (!member->newcomer)
            continue;
        struct frame *states = outlet_skipped(member->outlet) ? again : fresh;
        member->newcomer = false;
        member->shown = member->view;
        outlet_push(member->outlet, people == NULL ? NULL : frame_ref(people), OUTLET_NEXT, true);
        outlet_push(member->outlet, states == NULL ? NULL : frame_ref(states), OUTLET_NEXT, true);
        outlet_forgive(member->outlet);
    }
    board->newcomer_n = 0;
    frame_unref(people);
    frame_unref(fresh);
    frame_unref(again);
}

/* To all: the states that changed. */
static void states_changes(struct board *board)
{
    struct pl_buf message;
    uint32_t n = 0;
    size_t bytes = 0;
    for (struct member *member = board->dirty;
         member != NULL && bytes < PRESENCE_BYTES_SOFT;
         member = member->next_dirty) {
        bytes += member->state_len;
        n++;
    }
    if (n == 0)
        return;
    message_start(board, &message, 1, PL_MESSAGE_PRESENCE);
    pl_write_array(&message, n);
    for (uint32_t i = 0; i < n; i++) {
        struct member *member = board->dirty;
        board->dirty = member->next_dirty;
        member->next_dirty = NULL;
        member->dirty = false;
        member->told = member->at;
        presence_entry(&message, member);
    }
    metrics_add(board->env.metrics, METRIC_PRESENCE_OUT, fanout_outlet_n(board->fanout));
    board_broadcast(board, &message, true);
}

static void tick(void *user)
{
    struct board *board = user;
    loop_timer_stop(board->env.loop, board->tick);
    board->tick = NULL;
    board->tick_ms = board->due_ms;
    pace_look(&board->pace, loop_clock_us(board->env.loop), loop_idle_us(board->env.loop));
    crowd_notice(board);
    newcomers_serve(board);
    people_changes(board);
    bool left = board->crowded && crowd_tell(board);
    if (!board->crowded)
        states_changes(board);
    if (left || board->dirty != NULL)
        presence_schedule(board);
}

void presence_schedule(struct board *board)
{
    if (board->tick != NULL)
        return;
    uint64_t now_ms = loop_now_ms(board->env.loop), due_ms = board->tick_ms + period(board);
    if (due_ms < now_ms + TICK_SOON_MS)
        due_ms = now_ms + TICK_SOON_MS;
    board->due_ms = due_ms; /* the next counts from there, not from when the loop came to it */
    board->tick = loop_timer_start(board->env.loop, due_ms - now_ms, 0, tick, board);
}

void presence_owed(struct member *member)
{
    if (member->newcomer)
        return;
    member->newcomer = true;
    member->board->newcomer_n++;
    presence_schedule(member->board);
}

void presence_joined(struct member *member)
{
    member->board->joined_n++;
    presence_owed(member);
}

static void dirty_remove(struct member *member)
{
    struct board *board = member->board;
    struct member *before = NULL;
    for (struct member *at = board->dirty; at != member; at = at->next_dirty)
        before = at;
    *(before == NULL ? &board->dirty : &before->next_dirty) = member->next_dirty;
    if (board->dirty_last == member)
        board->dirty_last = before;
    member->next_dirty = NULL;
    member->dirty = false;
}

void presence_left(struct member *member)
{
    struct board *board = member->board;
    if (member->dirty)
        dirty_remove(member);
    if (member->newcomer)
        board->newcomer_n--;
    if (member->announced)
        pl_buf_append(&board->left, &member->session, sizeof member->session);
    else
        board->joined_n--;
    presence_schedule(board);
}

void presence_queue(struct member *member)
{
    struct board *board = member->board;
    if (!member->dirty) { /* first come, first told: the crowd takes turns */
        member->dirty = true;
        *(board->dirty == NULL ? &board->dirty : &board->dirty_last->next_dirty) = member;
        board->dirty_last = member;
    }
}

void member_presence(struct member *member, struct pl_slice state)
{
    struct board *board = member->board;
    if (member->stage != MEMBER_OPEN || state.len > PL_PRESENCE_BYTES_MAX)
        return;
    bool clears = state.len == 1 && state.data[0] == 0xc0; /* nil */
    uint8_t *copy = pl_mem_resize(board->env.mem, member->state, clears ? 0 : state.len);
    if (copy == NULL && !clears)
        return; /* no memory: the older state stays, lossy as it is */
    member->state = copy;
    member->state_len = clears ? 0 : (uint32_t)state.len;
    if (!clears)
        memcpy(copy, state.data, state.len);
    area_read(state, &member->at, &member->view);
    presence_queue(member);
    presence_schedule(board);
}

void presence_done(struct board *board)
{
    loop_timer_stop(board->env.loop, board->tick);
    board->tick = NULL;
    pl_buf_done(&board->left);
}
