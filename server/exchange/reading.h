/* What the reading of a JSON document shares: the document so far, and the batch being built. Not for
 * others. After a complaint nothing is added any more: everything answers false. */
#ifndef EXCHANGE_READING_H
#define EXCHANGE_READING_H
#include "exchange/board_json.h"
#include "proto/op.h"
#include <jansson.h>

struct reading {
    const struct pl_mem *mem;
    struct board_import *import;
    const json_t *objects;
    uint64_t *makers; /* users, by replica */
    uint32_t maker_n, maker_cap;
    uint32_t *made;    /* objects of each maker */
    struct pl_id gone; /* issued, and no object: what a reference to something deleted names */
    uint64_t now_ms, srv_ms;
    struct pl_buf ops; /* of the batch being built */
    uint32_t op_n;
    uint32_t replica;
    struct pl_buf body, value;
    size_t at;         /* the object in hand, for complaints */
    const char *wrong; /* NULL: nothing */
    enum pl_status status;
};

/* reading.c */
/* Notes what is wrong, if it is the first that is; false. */
bool reading_complain(struct reading *reading, const char *wrong);
bool reading_fail(struct reading *reading, enum pl_status status); /* the same, by status */
/* The batch becomes the next entry. */
bool reading_flush(struct reading *reading);
/* One more op of the replica's, in its batch or a new one. */
bool reading_op(struct reading *reading, uint32_t replica, const struct pl_op *op);
/* The value of a field, into reading->value, names of objects replaced by their ids. */
bool reading_value(struct reading *reading, uint32_t field, const json_t *json);
bool reading_field(struct reading *reading, const char *name, uint32_t *ret_field);
/* An object of the document and its id; NULL when that is none. It is the one in hand from now on. */
const json_t *reading_object(struct reading *reading, size_t at, struct pl_id *ret_id);

/* parts.c: one object's, in this order for all of them; see read.c */
bool part_create(struct reading *reading, const json_t *object, struct pl_id id);
bool part_gone(struct reading *reading); /* what a reference to something deleted names */
bool part_names(struct reading *reading, const json_t *object, struct pl_id id);
bool part_texts(struct reading *reading, const json_t *object, struct pl_id id);
bool part_tallies(struct reading *reading, const json_t *object, struct pl_id id);
bool part_locks(struct reading *reading, const json_t *object, struct pl_id id); /* after the clocks */

/* clocks.c: of all objects, in the order in which they were set. clocks_find also sets the time at
 * which the journal begins. */
bool clocks_find(struct reading *reading, struct pl_buf *ret_clocks);
bool clocks_set(struct reading *reading, const struct pl_buf *clocks);

#endif
