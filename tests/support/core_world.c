/* See core_world.h. */
#include "tests/support/core_world.h"
#include "tests/support/core_check.h"
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* An append's answer on its way through. */
struct held {
    struct held *next;
    struct core_fault *fault;
    journal_done *done;
    void *user;
    enum pl_status status;
};

static void held_fire(void *user)
{
    struct held *held = user;
    held->done(held->user, held->status);
    free(held);
}

static struct held *held_new(struct core_fault *fault, journal_done *done, void *user)
{
    struct held *held = calloc(1, sizeof *held);
    CORE_CHECK(held != NULL);
    *held = (struct held){.fault = fault, .done = done, .user = user, .status = PL_IO};
    return held;
}

static void held_done(void *user, enum pl_status status)
{
    struct held *held = user;
    held->status = status;
    if (!held->fault->hold) {
        held_fire(held);
        return;
    }
    struct held **at = &held->fault->held;
    while (*at != NULL)
        at = &(*at)->next;
    *at = held;
}

static void fault_append(void *self, uint64_t board, uint32_t doc, uint64_t first_seq,
                         uint32_t entry_n, struct pl_slice envelopes,
                         const struct journal_mark *marks, uint32_t mark_n, journal_done *done,
                         void *user)
{
    struct core_fault *fault = self;
    struct held *held = held_new(fault, done, user);
    fault->append_n++;
    if (fault->fail_n > 0 || fault->fail_writes) {
        fault->fail_n -= fault->fail_n > 0;
        loop_defer(fault->loop, held_fire, held);
        return;
    }
    fault->inner.vtable->append(fault->inner.self, board, doc, first_seq, entry_n, envelopes, marks,
                                mark_n, held_done, held);
}

static void fault_snapshot(void *self, uint64_t board, uint32_t doc, uint64_t seq,
                           struct pl_slice bytes, journal_done *done, void *user)
{
    struct core_fault *fault = self;
    fault->snapshot_n++;
    if (fault->fail_writes || fault->fail_snapshots > 0) {
        fault->fail_snapshots -= fault->fail_snapshots > 0;
        loop_defer(fault->loop, held_fire, held_new(fault, done, user));
    } else
        fault->inner.vtable->snapshot(fault->inner.self, board, doc, seq, bytes, done, user);
}

static enum pl_status fault_load(void *self, uint64_t board, uint32_t doc,
                                 const struct journal_reader *reader)
{
    struct core_fault *fault = self;
    if (fault->load_status != PL_OK)
        return fault->load_status;
    return fault->inner.vtable->load(fault->inner.self, board, doc, reader);
}

static enum pl_status fault_range(void *self, uint64_t board, uint32_t doc, uint64_t from_seq,
                                  uint64_t to_seq, const struct journal_reader *reader)
{
    struct core_fault *fault = self;
    return fault->inner.vtable->range(fault->inner.self, board, doc, from_seq, to_seq, reader);
}

static void fault_reserve(void *self, uint64_t board, uint32_t count, uint32_t *ret_first,
                          journal_done *done, void *user)
{
    struct core_fault *fault = self;
    if (fault->fail_writes)
        loop_defer(fault->loop, held_fire, held_new(fault, done, user));
    else
        fault->inner.vtable->reserve_replicas(fault->inner.self, board, count, ret_first, done,
                                              user);
}

static void fault_create(void *self, uint64_t board, struct pl_slice envelope,
                         const struct link_row *links, uint32_t link_n, uint64_t by, journal_done *done,
                         void *user)
{
    struct core_fault *fault = self;
    fault->inner.vtable->create(fault->inner.self, board, envelope, links, link_n, by, done, user);
}

static enum pl_status fault_find(void *self, uint64_t board)
{
    struct core_fault *fault = self;
    return fault->inner.vtable->find(fault->inner.self, board);
}

static void fault_past(void *self, uint64_t board, uint32_t doc, uint64_t seq,
                       journal_past_done *done, void *user)
{
    struct core_fault *fault = self;
    fault->past_n++;
    if (fault->past_status != PL_OK)
        done(user, fault->past_status, NULL);
    else
        fault->inner.vtable->past(fault->inner.self, board, doc, seq, done, user);
}

static uint64_t fault_lineage(void *self)
{
    struct core_fault *fault = self;
    return fault->inner.vtable->lineage(fault->inner.self);
}

static const struct journal_vtable fault_vtable = {
    .append = fault_append,
    .snapshot = fault_snapshot,
    .load = fault_load,
    .range = fault_range,
    .past = fault_past,
    .reserve_replicas = fault_reserve,
    .create = fault_create,
    .find = fault_find,
    .lineage = fault_lineage,
};

void core_fault_release(struct core_world *world)
{
    world->fault.hold = false;
    while (world->fault.held != NULL) {
        struct held *held = world->fault.held;
        world->fault.held = held->next;
        held_fire(held);
    }
}

static void right_answer(void *self, uint64_t board, struct past_ask *asks)
{
    const struct core_world *world = self;
    const struct past_right *right = &world->past_right;
    if (right->answer != NULL)
        right->answer(right->self, board, asks);
}

static void world_start(struct core_world *world)
{
    const struct pl_mem *mem = pl_mem_libc();
    struct store_options store_options = {.map_bytes = (size_t)256 << 20};
    struct session_options session_options = {.audit_or_null = &world->audit};
    world->loop = core_loop_new();
    world->port = core_loop_port(world->loop);
    CORE_CHECK(store_open(world->mem, world->dir, world->port, &store_options, &world->store) == PL_OK);
    world->audit = store_audit(world->store);
    world->fault = (struct core_fault){.inner = store_journal(world->store), .loop = world->port};
    world->journal = (struct journal){.vtable = &fault_vtable, .self = &world->fault};
    world->metrics = metrics_new(mem);
    world->tickets = tickets_new(mem);
    const struct past_right past_right = {.answer = right_answer, .self = world};
    world->registry =
        registry_new(world->mem, world->port, &world->journal, world->metrics, &past_right);
    CORE_CHECK(world->metrics != NULL && world->tickets != NULL && world->registry != NULL);
    world->sessions = session_env_new(world->mem, world->port, world->registry, world->tickets,
                                      world->metrics, &session_options);
    CORE_CHECK(world->sessions != NULL);
}

static void drained(void *user)
{
    ((struct core_world *)user)->drained = true;
}

void core_world_drain(struct core_world *world)
{
    if (!world->draining)
        registry_drain(world->registry, drained, world);
    world->draining = true;
}

static void world_stop(struct core_world *world)
{
    core_fault_release(world);
    core_world_drain(world);
    for (int i = 0; i < 60000 && !world->drained; i++) {
        core_loop_advance(world->loop, 10);
        usleep(1000); /* the writer's thread is real */
    }
    CORE_CHECK(world->drained);
    world->draining = world->drained = false;
    session_env_free(world->sessions);
    registry_free(world->registry);
    tickets_free(world->tickets);
    store_close(world->store);
    metrics_free(world->metrics);
    core_loop_free(world->loop);
}

struct core_world *core_world_new(void)
{
    return core_world_new_mem(pl_mem_libc());
}

struct core_world *core_world_new_mem(const struct pl_mem *mem)
{
    struct core_world *world = calloc(1, sizeof *world);
    CORE_CHECK(world != NULL);
    world->mem = mem;
    core_dir_make(world->dir);
    world_start(world);
    return world;
}

void core_world_restart(struct core_world *world)
{
    world_stop(world);
    world_start(world);
}

void core_world_free(struct core_world *world)
{
    world_stop(world);
    core_dir_remove(world->dir);
    free(world);
}

static bool quiet(void *user)
{
    struct core_world *world = user;
    return metrics_get(world->metrics, METRIC_JOURNAL_WAITING) == 0;
}

void core_world_settle(struct core_world *world)
{
    CORE_CHECK(core_loop_until(world->loop, quiet, world));
    core_loop_turn(world->loop);
}

struct creation {
    bool done;
    enum pl_status status;
};

static void created(void *user, enum pl_status status)
{
    *(struct creation *)user = (struct creation){.done = true, .status = status};
}

static bool creation_over(void *user)
{
    return ((struct creation *)user)->done;
}

void core_world_board(struct core_world *world, uint64_t board, const char *title)
{
    struct creation creation = {0};
    struct link_row link = {.link = board ^ 1, .board = board, .role = PL_ROLE_EDITOR};
    registry_create(world->registry, board,
                    (struct pl_slice){(const uint8_t *)title, strlen(title)}, &link, 1, 0, created,
                    &creation);
    CORE_CHECK(core_loop_until(world->loop, creation_over, &creation));
    CORE_CHECK(creation.status == PL_OK);
}

void core_dir_make(char ret_dir[64])
{
    strcpy(ret_dir, "/tmp/plenum-core-XXXXXX");
    CORE_CHECK(mkdtemp(ret_dir) != NULL);
}

void core_dir_remove(const char *dir)
{
    char path[512];
    struct dirent *entry;
    DIR *open = opendir(dir);
    CORE_CHECK(open != NULL);
    while ((entry = readdir(open)) != NULL) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        snprintf(path, sizeof path, "%s/%s", dir, entry->d_name);
        if (unlink(path) != 0)
            core_dir_remove(path);
    }
    closedir(open);
    rmdir(dir);
}
