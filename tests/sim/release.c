/* The oracle at the server's door: entries, acknowledgements, refusals, snapshots and WELCOMEs speak of what the disk
 * holds durably, in the journal's own bytes. */
#include "network.h"
#include "proto/message.h"
#include "proto/reader.h"

static void fail(struct socket *socket, const char *reason)
{
    verdict_fail(socket->network->verdict, reason);
}

static void check_ops(struct socket *socket, struct pl_slice envelopes)
{
    const struct disk *disk = socket->network->server->disk;
    struct pl_reader reader = pl_reader_of(envelopes);
    struct pl_slice envelope;
    uint32_t n;
    if (!pl_read_array(&reader, &n)) {
        fail(socket, "OPS is no array");
        return;
    }
    while (n-- > 0 && pl_read_raw(&reader, &envelope)) {
        struct pl_reader inside = pl_reader_of(envelope);
        uint64_t seq;
        if (!pl_read_array_of(&inside, 4) || !pl_read_u53(&inside, &seq) || seq == 0)
            fail(socket, "OPS holds no envelope");
        else if (seq > disk_head(disk))
            fail(socket, "an entry was sent before it was durable");
        else if (!pl_slice_equal(envelope, disk_entry(disk, seq)))
            fail(socket, "an entry was sent that is not the journal's");
    }
    if (!pl_reader_done(&reader))
        fail(socket, "OPS is malformed");
}

static void check_welcome(struct socket *socket, const struct pl_msg_welcome *welcome)
{
    const struct disk *disk = socket->network->server->disk;
    socket->replica = (uint32_t)welcome->replica;
    if (welcome->head_seq > disk_head(disk) || welcome->hwm > disk_hwm(disk, socket->replica))
        fail(socket, "WELCOME speaks of what is not durable");
    if (socket->closing)
        return; /* it was ended before this left: another may have the replica by now */
    for (const struct socket *other = socket->network->sockets; other != NULL; other = other->next) {
        if (other != socket && other->session != NULL && !other->closing &&
            other->replica == socket->replica)
            fail(socket, "two sessions were given one replica");
    }
}

void release_check(struct socket *socket, struct pl_slice frame)
{
    const struct disk *disk = socket->network->server->disk;
    struct pl_message message;
    if (pl_message_read(frame, &message) != PL_OK) {
        fail(socket, "the server sent what cannot be read");
        return;
    }
    switch (message.type) {
    case PL_MESSAGE_WELCOME:
        check_welcome(socket, &message.as.welcome);
        break;
    case PL_MESSAGE_SNAPSHOT_BEGIN:
        if (message.as.snapshot_begin.as_of > disk_head(disk))
            fail(socket, "a snapshot was sent before it was durable");
        break;
    case PL_MESSAGE_OPS:
        check_ops(socket, message.as.ops.envelopes);
        break;
    case PL_MESSAGE_ACK:
        if (message.as.ack.hwm > disk_hwm(disk, socket->replica))
            fail(socket, "a batch was acknowledged before it was durable");
        break;
    case PL_MESSAGE_REJECT:
        if (message.as.reject.n > 0 &&
            message.as.reject.ctr0 + message.as.reject.n - 1 > disk_hwm(disk, socket->replica))
            fail(socket, "a refusal was told before it was durable");
        break;
    default:
        break;
    }
}
