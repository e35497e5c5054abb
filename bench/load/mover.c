/* Writes batches by hand. Stamps count up from 1: nobody else touches the sticky, so that they need
 * not follow the board's. */
#include "bench/load/mover.h"
#include "proto/op.h"
#include "proto/order.h"

#define BOARD_EXTENT 4000u

struct mover {
    const struct pl_mem *mem;
    struct client *client;
    struct pl_id sticky; /* ctr 0: not made yet */
    uint64_t ctr, lam;
    struct pl_buf body;
};

struct mover *mover_new(const struct pl_mem *mem, struct client *client)
{
    struct mover *mover = pl_mem_get(mem, sizeof *mover);
    if (mover == NULL)
        return NULL;
    *mover = (struct mover){.mem = mem, .client = client};
    pl_buf_init(&mover->body, mem);
    return mover;
}

void mover_free(struct mover *mover_or_null)
{
    if (mover_or_null == NULL)
        return;
    pl_buf_done(&mover_or_null->body);
    pl_mem_put(mover_or_null->mem, mover_or_null);
}

static void put_place(struct pl_buf *buf, uint64_t step)
{
    pl_write_array(buf, 2);
    pl_write_number(buf, (double)(step * 7 % BOARD_EXTENT) + 0.5);
    pl_write_number(buf, (double)(step * 3 % BOARD_EXTENT) + 0.25);
}

static void write_create(struct mover *mover)
{
    struct pl_buf *body = &mover->body;
    struct pl_order_key key;
    pl_order_between((struct pl_slice){0}, (struct pl_slice){0}, mover->sticky.replica, &key);
    pl_write_array(body, 3);
    pl_write_uint(body, PL_OP_CREATE);
    pl_write_uint(body, PL_KIND_STICKY);
    pl_write_map(body, 3);
    pl_write_uint(body, PL_FIELD_POS);
    put_place(body, mover->sticky.replica);
    pl_write_uint(body, PL_FIELD_SIZE);
    pl_write_array(body, 2);
    pl_write_number(body, 200);
    pl_write_number(body, 200);
    pl_write_uint(body, PL_FIELD_PLACE);
    pl_write_array(body, 2);
    pl_write_nil(body);
    pl_write_str(body, (struct pl_slice){key.bytes, key.len});
}

static void write_move(struct mover *mover)
{
    pl_write_array(&mover->body, 4);
    pl_write_uint(&mover->body, PL_OP_SET);
    pl_write_id(&mover->body, mover->sticky);
    pl_write_uint(&mover->body, PL_FIELD_POS);
    put_place(&mover->body, mover->ctr);
}

enum pl_status mover_move(struct mover *mover)
{
    bool first = mover->sticky.ctr == 0;
    if (first) {
        mover->sticky.replica = client_replica_id(mover->client);
        mover->ctr = mover->sticky.ctr = client_hwm(mover->client) + 1;
    }
    pl_buf_clear(&mover->body);
    pl_write_array(&mover->body, 4);
    pl_write_uint(&mover->body, mover->sticky.replica);
    pl_write_uint(&mover->body, mover->ctr);
    pl_write_uint(&mover->body, ++mover->lam);
    pl_write_array(&mover->body, 1);
    if (first)
        write_create(mover);
    else
        write_move(mover);
    if (mover->body.failed)
        return PL_NO_MEMORY;
    return client_batch(mover->client, mover->ctr++, pl_buf_slice(&mover->body));
}
