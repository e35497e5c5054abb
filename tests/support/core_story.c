/* See core_story.h. */
#include "tests/support/core_story.h"
#include "tests/support/core_check.h"
#include "tests/support/core_peer.h"
#include <unistd.h>

#define BOARD   0x1111000011110000ULL
#define PEOPLE  3u
#define ROUNDS  3
#define EDITS   "[[1, 3, {1: [1, 1]}], [4, 0, 5, 0, 0, 'text']]"
#define GONE_MS 65000u /* until an empty board is unloaded, and its checkpoint before that */

struct day {
    const struct core_story *story;
    struct core_world *world;
    struct core_peer *people[PEOPLE];
    bool named[PEOPLE]; /* was once let in whole: what it makes has a name, also while it is away */
    size_t edit_n;
    bool link_made, link_put;
};

static void settle(struct day *day)
{
    core_peers_settle(day->world, day->people, PEOPLE);
    for (size_t i = 0; i < PEOPLE; i++)
        day->named[i] = day->named[i] || day->people[i]->identified;
}

/* Lets time pass for clocks until `done`, and for the writer's thread, whose disk may be busy: real seconds. */
static bool pass(struct day *day, bool (*done)(struct day *day))
{
    for (int i = 0; i < 13000; i++) {
        core_loop_advance(day->world->loop, 100);
        settle(day);
        if (done(day))
            return true;
        usleep(i < 1000 ? 200 : 5000);
    }
    return false;
}

/* Whoever is on the way in is in, or was sent away. */
static bool answered(struct day *day)
{
    for (size_t i = 0; i < PEOPLE; i++) {
        const struct core_peer *peer = day->people[i];
        if (peer->session != NULL && !peer->identified && !peer->closed)
            return false;
    }
    return true;
}

static bool well(struct day *day)
{
    for (size_t i = 0; i < PEOPLE; i++) {
        struct core_peer *peer = day->people[i];
        if (peer->session == NULL || peer->closed)
            core_peer_hello(peer, BOARD);
        core_peer_send(peer, "[13, 1, 0]");
        if (!peer->identified || peer->board_state != BOARD_READY ||
            pl_replica_pending_n(peer->replica) > 0 ||
            core_peer_hash(peer) != core_peer_hash(day->people[0]))
            return false;
    }
    return true;
}

static bool unloaded(struct day *day)
{
    return metrics_get(day->world->metrics, METRIC_BOARDS) == 0;
}

static void edit(struct day *day, size_t i)
{
    if (!day->named[i])
        return;
    core_peer_edit(day->people[i], EDITS);
    day->edit_n++;
}

static void link_was_put(void *user, enum pl_status status)
{
    struct day *day = user;
    day->link_put = true;
    day->link_made = status == PL_OK;
}

static void link_make(struct day *day)
{
    const struct links links = store_links(day->world->store);
    const struct link_row row = {.link = 77, .board = BOARD, .role = PL_ROLE_EDITOR};
    const struct audit_entry entry = {.board = BOARD, .act = AUDIT_LINK_MADE, .link = row.link};
    links.put(links.self, &row, &entry, link_was_put, day);
}

static bool link_answered(struct day *day)
{
    return day->link_put;
}

/* A link that stands is never said to be absent, whatever fails. */
static void link_find(struct day *day)
{
    const struct links links = store_links(day->world->store);
    struct link_row row;
    enum pl_status status = links.find(links.self, BOARD, 77, &row);
    CORE_CHECK(status == PL_OK || status == PL_IO || (status == PL_NOT_FOUND && !day->link_made));
}

/* Nobody is told that the board is not there, for it is. */
static void arrive(struct day *day, size_t i)
{
    CORE_CHECK(registry_find(day->world->registry, BOARD) != PL_NOT_FOUND);
    core_peer_hello(day->people[i], BOARD);
    CORE_CHECK(pass(day, answered));
    CORE_CHECK(day->people[i]->error != PL_NOT_FOUND);
    CORE_CHECK(day->people[i]->error != PL_CORRUPT);
}

static void work(struct day *day)
{
    link_make(day);
    arrive(day, 0);
    arrive(day, 1);
    for (int round = 0; round < ROUNDS; round++) {
        settle(day);
        edit(day, 0);
        edit(day, 1);
        core_peer_send(day->people[0], "[12, {'c': [1, 2]}]");
        core_peer_send(day->people[0], "[17, 0, 2]"); /* looks back */
        settle(day);
        core_loop_advance(day->world->loop, 60);
    }
    settle(day);
    CORE_CHECK(pass(day, link_answered));
    link_find(day);
}

/* Everybody leaves; the board goes, and comes back of its checkpoint. */
static void rest(struct day *day)
{
    core_peer_drop(day->people[0]);
    core_peer_drop(day->people[1]);
    core_loop_advance(day->world->loop, GONE_MS);
    for (int i = 0; i < 200 && !unloaded(day); i++) { /* it stays when its checkpoint failed */
        core_loop_advance(day->world->loop, 1000);
        settle(day);
        usleep(200);
    }
    arrive(day, 2);
    edit(day, 2);
    arrive(day, 0);
    core_peer_send(day->people[0], "[17, 0, 3]");
    core_loop_turn(day->world->loop);
    settle(day);
}

static void fail_of(const struct day *day, const char *what)
{
    fprintf(stderr, "failure %u: %s\n", day->story->number, what);
    abort();
}

static void judge(struct day *day)
{
    if (!pass(day, well))
        fail_of(day, "not well afterwards");
    /* the board, its people, and each edit once */
    const size_t n = pl_doc_object_n(pl_replica_doc(day->people[0]->replica));
    if (n != 1 + PEOPLE + day->edit_n)
        fail_of(day, "an edit is lost or doubled");
    const uint64_t hash = core_peer_hash(day->people[0]);
    for (size_t i = 0; i < PEOPLE; i++)
        core_peer_drop(day->people[i]);
    core_world_restart(day->world);
    struct core_peer *fresh = core_peer_new(day->world, 7, "Ann", PL_ROLE_VIEWER);
    core_peer_connect(fresh, BOARD);
    if (core_peer_hash(fresh) != hash)
        fail_of(day, "another board after a restart");
    link_find(day);
    core_peer_free(fresh);
}

void core_story_tell(const struct core_story *story)
{
    static const char *const names[PEOPLE] = {"Ann", "Bo", "Cy"};
    struct day day = {.story = story, .world = core_world_new_mem(story->mem)};
    for (size_t i = 0; i < PEOPLE; i++)
        day.people[i] = core_peer_new(day.world, 7 + i, names[i], PL_ROLE_EDITOR);
    core_world_board(day.world, BOARD, "Plans");
    story->arm(story->user);
    work(&day);
    rest(&day);
    story->disarm(story->user);
    judge(&day);
    for (size_t i = 0; i < PEOPLE; i++)
        core_peer_free(day.people[i]);
    core_world_free(day.world);
}
