/* A hostile session on a board where somebody works: the real session, board, store and clock below
 * the sockets. The input's first byte says how the stranger begins (bit 0: with a good HELLO; bits
 * 1 and 2: the role), then come steps of [what, length (2 bytes, big-endian), bytes]: a message,
 * time passing, or the socket cut and made anew.
 *
 * Whatever comes: the other person stays connected, their next edit is acknowledged, their board's
 * invariants hold and equal what a newcomer is given. Frames the server sends are checked by the
 * peers themselves. */
#include "draw.h"
#include "proto/doc.h"
#include "proto/limits.h"
#include "tests/support/core_peer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define BOARD     0xb0a4d
#define STEPS_MAX 64u

struct scene {
    struct core_world *world;
    struct core_peer *peers[2]; /* somebody who works, the stranger */
};

static void settle(struct scene *scene)
{
    core_peers_settle(scene->world, scene->peers, 2);
}

/* Bytes as the stranger's next message, if there still is a socket to send it through. */
static void say(struct scene *scene, struct pl_slice bytes)
{
    struct core_peer *stranger = scene->peers[1];
    if (stranger->session != NULL && !stranger->closed && !stranger->paused)
        core_peer_send_bytes(stranger, bytes);
}

static void step(struct scene *scene, uint8_t what, struct pl_slice bytes)
{
    switch (what & 7) {
    case 0: /* at most 65 s, in which the one who works sends heartbeats */
        for (size_t left_ms = bytes.len; left_ms > 0;) {
            size_t ms = left_ms < PL_PING_MS ? left_ms : PL_PING_MS;
            settle(scene);
            core_peer_send(scene->peers[0], "[13, 1, 0]");
            core_loop_advance(scene->world->loop, ms);
            left_ms -= ms;
        }
        break;
    case 1:
        core_peer_drop(scene->peers[1]);
        core_peer_socket(scene->peers[1]);
        break;
    case 2:
        core_peer_drop(scene->peers[1]);
        core_peer_hello(scene->peers[1], BOARD);
        settle(scene);
        break;
    case 3:
        say(scene, bytes);
        settle(scene);
        break;
    default:
        say(scene, bytes);
    }
}

static void somebody_is_unharmed(struct scene *scene)
{
    struct core_peer *somebody = scene->peers[0];
    const char *reason = "";
    settle(scene);
    core_peer_edit(somebody, "[[1, 3, {1: [5, 6]}]]");
    settle(scene);
    REQUIRE(!somebody->closed && somebody->error == PL_OK && somebody->diverged == 0);
    REQUIRE(pl_replica_pending_n(somebody->replica) == 0);
    REQUIRE_BECAUSE(pl_doc_check(pl_replica_doc(somebody->replica), &reason), reason);

    struct core_peer *newcomer = core_peer_new(scene->world, 3, "Newcomer", PL_ROLE_VIEWER);
    core_peer_connect(newcomer, BOARD);
    struct core_peer *all[] = {scene->peers[0], scene->peers[1], newcomer};
    core_peers_settle(scene->world, all, 3);
    REQUIRE(!newcomer->closed && core_peer_hash(newcomer) == core_peer_hash(somebody));
    core_peer_free(newcomer);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const enum pl_role roles[] = {PL_ROLE_EDITOR, PL_ROLE_VIEWER, PL_ROLE_OWNER,
                                         PL_ROLE_COMMENTER};
    if (size == 0)
        return 0;
    struct scene scene = {.world = core_world_new()};
    core_world_board(scene.world, BOARD, "Fuzzed");
    scene.peers[0] = core_peer_new(scene.world, 1, "Somebody", PL_ROLE_EDITOR);
    scene.peers[1] = core_peer_new(scene.world, 2, "Stranger", roles[data[0] >> 1 & 3]);
    scene.peers[1]->raw = true;
    core_peer_connect(scene.peers[0], BOARD);
    if ((data[0] & 1) != 0)
        core_peer_connect(scene.peers[1], BOARD);
    else
        core_peer_socket(scene.peers[1]);

    size_t at = 1;
    for (unsigned steps = 0; at + 3 <= size && steps < STEPS_MAX; steps++) {
        size_t len = (size_t)data[at + 1] << 8 | data[at + 2];
        uint8_t what = data[at];
        at += 3;
        struct pl_slice bytes = {data + at, len < size - at ? len : size - at};
        if ((what & 7) == 0)
            bytes.len = len; /* milliseconds */
        else
            at += bytes.len;
        step(&scene, what, bytes);
    }

    somebody_is_unharmed(&scene);
    core_peer_free(scene.peers[1]);
    core_peer_free(scene.peers[0]);
    core_world_free(scene.world);
    return 0;
}
