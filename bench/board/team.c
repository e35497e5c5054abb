#include "bench/board/team.h"
#include "bench/board/words.h"
#include "bench/clock.h"
#include "proto/id_text.h"
#include "proto/object.h"
#include "proto/order.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define STICKY_SIDE  132.0 /* as the web client makes them */
#define STICKY_GAP   15.0
#define ROW          100u
#define BOARD_EXTENT 20000.0
#define COLORS       11u

struct team {
    struct pl_replica *members[TEAM_MEMBERS];
    struct journal journal;
    struct pl_buf request;
    struct pl_id *stickies;
    uint32_t sticky_n;
    struct pl_order_key top;
    uint64_t random;
    uint64_t gesture;
    struct team_habits habits;
    enum pl_status status; /* the first thing that went wrong */
};

static uint32_t below(struct team *team, uint32_t bound)
{
    return (uint32_t)((random_next(&team->random) >> 32) * bound >> 32);
}

/* True for so many in a hundred. */
static bool chance(struct team *team, uint32_t percent)
{
    return below(team, 100) < percent;
}

/* Where a pointer lets go, on a board that is zoomed by some amount. */
static double dragged(struct team *team, double extent)
{
    const double at = extent * (double)below(team, 1u << 30) / (double)(1u << 30) / 1.37;
    return team->habits.exact ? at : round(at * 4) / 4;
}

/* ---- gestures: edits as they are written, then everybody's journal ---- */

static struct pl_buf *request(struct team *team, uint32_t edit_n)
{
    pl_buf_clear(&team->request);
    pl_write_array(&team->request, edit_n);
    return &team->request;
}

static void note(struct team *team, enum pl_status status)
{
    if (team->status == PL_OK)
        team->status = status;
}

/* One more edit of the gesture under way. */
static void edit(struct team *team, uint32_t who)
{
    note(team, pl_replica_edit(team->members[who], team->gesture, true, pl_buf_slice(&team->request), NULL, NULL));
}

static void commit(struct team *team, uint32_t who)
{
    struct pl_pending pending;
    while (team->status == PL_OK && pl_replica_pending_at(team->members[who], 0, &pending)) {
        note(team, journal_add(&team->journal, who + 1, pending.body));
        if (team->status != PL_OK)
            return;
        const struct pl_envelope envelope =
            journal_envelope(&team->journal, team->journal.entry_n - 1, team->journal.entry_n);
        for (uint32_t i = 0; i < TEAM_MEMBERS; i++)
            note(team, pl_replica_apply(team->members[i], &envelope));
    }
    team->gesture++;
}

static void write_pair(struct pl_buf *buf, double a, double b)
{
    pl_write_array(buf, 2);
    pl_write_number(buf, a);
    pl_write_number(buf, b);
}

static void write_set(struct pl_buf *buf, struct pl_id id, uint32_t field)
{
    pl_write_array(buf, 4);
    pl_write_uint(buf, 2);
    pl_write_id_text(buf, id);
    pl_write_uint(buf, field);
}

static void create(struct team *team, uint32_t who, double x, double y, uint32_t color)
{
    struct pl_buf *buf = request(team, 1);
    struct pl_order_key key;
    pl_order_between((struct pl_slice){team->top.bytes, team->top.len}, (struct pl_slice){0},
                     below(team, UINT32_MAX), &key);
    team->top = key;
    pl_write_array(buf, 3);
    pl_write_uint(buf, 1);
    pl_write_uint(buf, PL_KIND_STICKY);
    pl_write_map(buf, 4);
    pl_write_uint(buf, PL_FIELD_POS);
    write_pair(buf, x, y);
    pl_write_uint(buf, PL_FIELD_SIZE);
    write_pair(buf, STICKY_SIDE, STICKY_SIDE);
    pl_write_uint(buf, PL_FIELD_PLACE);
    pl_write_array(buf, 2);
    pl_write_nil(buf);
    pl_write_str(buf, (struct pl_slice){key.bytes, key.len});
    pl_write_uint(buf, PL_FIELD_COLOR);
    pl_write_uint(buf, color);
    edit(team, who);
    commit(team, who);
}

static size_t length_utf16(const struct team *team, uint32_t who, struct pl_id id)
{
    const struct pl_text *text = pl_object_text(pl_replica_object(team->members[who], id), PL_FIELD_TEXT);
    return text == NULL ? 0 : pl_text_utf16(text);
}

static void splice(struct team *team, uint32_t who, struct pl_id id, size_t at, size_t removed, const char *inserted)
{
    struct pl_buf *buf = request(team, 1);
    pl_write_array(buf, 6);
    pl_write_uint(buf, 4);
    pl_write_id_text(buf, id);
    pl_write_uint(buf, PL_FIELD_TEXT);
    pl_write_uint(buf, at);
    pl_write_uint(buf, removed);
    pl_write_text(buf, inserted);
    edit(team, who);
}

/* Word by word at the end of the text. After one in twenty the last letter is put right. */
static void type(struct team *team, uint32_t who, struct pl_id id, uint32_t word_n)
{
    const uint32_t language = who + (chance(team, 15) ? 1 : 0);
    const size_t settled = length_utf16(team, who, id);
    for (uint32_t i = 0; i < word_n; i++) {
        char word[WORD_BYTES_MAX];
        word_write(language, random_next(&team->random), i == 0 && settled == 0, word);
        splice(team, who, id, SIZE_MAX >> 12, 0, word);
        if (chance(team, 5)) {
            splice(team, who, id, length_utf16(team, who, id) - 1, 1, "");
            splice(team, who, id, SIZE_MAX >> 12, 0, "!");
        }
    }
    commit(team, who);
}

static void set_pair(struct team *team, uint32_t who, struct pl_id id, uint32_t field, double a, double b)
{
    struct pl_buf *buf = request(team, 1);
    write_set(buf, id, field);
    write_pair(buf, a, b);
    edit(team, who);
    commit(team, who);
}

static void recolour(struct team *team, uint32_t who, struct pl_id id)
{
    struct pl_buf *buf = request(team, 1);
    write_set(buf, id, PL_FIELD_COLOR);
    pl_write_uint(buf, below(team, COLORS));
    edit(team, who);
    commit(team, who);
}

/* The id of the next thing somebody makes. */
static struct pl_id next_id(struct team *team, uint32_t who)
{
    struct pl_replica_row row = {0};
    (void)pl_doc_replica(pl_replica_doc(team->members[who]), who + 1, &row);
    return (struct pl_id){.replica = who + 1, .ctr = row.hwm + 1};
}

static void one_from_a_list(struct team *team, uint32_t index)
{
    char text[32];
    team->stickies[index] = next_id(team, 0);
    create(team, 0, (index % ROW) * (STICKY_SIDE + STICKY_GAP), (index / ROW) * (STICKY_SIDE + STICKY_GAP),
           index % COLORS);
    snprintf(text, sizeof text, "Sticky %u", index + 1);
    splice(team, 0, team->stickies[index], 0, 0, text);
    commit(team, 0);
}

/* What happens on a board while one more sticky appears. */
static void one_more(struct team *team, uint32_t index)
{
    const uint32_t who = below(team, TEAM_MEMBERS);
    team->stickies[index] = next_id(team, who);
    create(team, who, dragged(team, BOARD_EXTENT), dragged(team, BOARD_EXTENT), below(team, COLORS));
    type(team, who, team->stickies[index], team->habits.terse ? 1 + below(team, 3) : 3 + below(team, 10));

    const struct pl_id id = team->stickies[below(team, index + 1)];
    const uint32_t other = below(team, TEAM_MEMBERS);
    if (chance(team, 60))
        set_pair(team, other, id, PL_FIELD_POS, dragged(team, BOARD_EXTENT), dragged(team, BOARD_EXTENT));
    if (chance(team, 15))
        recolour(team, other, id);
    if (chance(team, 10))
        set_pair(team, other, id, PL_FIELD_SIZE, 100 + dragged(team, 300), 100 + dragged(team, 200));
    if (chance(team, 8))
        type(team, other, id, 1 + below(team, 3));
    if (chance(team, 6)) {
        char word[WORD_BYTES_MAX];
        word_write(other, random_next(&team->random), true, word);
        splice(team, other, id, below(team, 12), 1 + below(team, 5), word);
        commit(team, other);
    }
}

static bool team_open(struct team *team)
{
    for (uint32_t i = 0; i < TEAM_MEMBERS; i++) {
        team->members[i] = pl_replica_new(pl_mem_libc());
        if (team->members[i] == NULL)
            return false;
        note(team, pl_replica_identify(team->members[i], i + 1, 0, 41803 + i * 7919));
    }
    return team->status == PL_OK;
}

struct team *team_new(uint32_t sticky_n, struct team_habits habits, uint64_t seed)
{
    struct team *team = calloc(1, sizeof *team);
    if (team == NULL)
        return NULL;
    *team = (struct team){.sticky_n = sticky_n, .habits = habits, .random = seed, .gesture = 1};
    journal_init(&team->journal);
    pl_buf_init(&team->request, pl_mem_libc());
    team->stickies = calloc(sticky_n, sizeof *team->stickies);
    if (team->stickies != NULL && team_open(team))
        for (uint32_t i = 0; i < sticky_n && team->status == PL_OK; i++)
            (habits.neat ? one_from_a_list : one_more)(team, i);
    if (team->stickies != NULL && team->status == PL_OK)
        return team;
    fprintf(stderr, "plenum-board: the engine says \"%s\"\n", pl_status_name(team->status));
    team_free(team);
    return NULL;
}

void team_free(struct team *team_or_null)
{
    if (team_or_null == NULL)
        return;
    for (uint32_t i = 0; i < TEAM_MEMBERS; i++)
        pl_replica_free(team_or_null->members[i]);
    journal_done(&team_or_null->journal);
    pl_buf_done(&team_or_null->request);
    free(team_or_null->stickies);
    free(team_or_null);
}

struct pl_doc *team_doc(struct team *team)
{
    return pl_replica_doc(team->members[0]);
}

const struct journal *team_journal(const struct team *team)
{
    return &team->journal;
}
