/* The values of fields: their types, what fits each, and the ids inside them. SPEC O7.
 *
 *   BOOL    true, false                            UINT    0 to 2^53-1
 *   NUMBER  finite, at most PL_COORD_MAX           STR     at most PL_TITLE_BYTES_MAX bytes
 *   URL     a STR of at most PL_URL_BYTES_MAX      BIN     bytes
 *   POINT   [x, y]                                 SIZE    [w, h], not negative
 *   RECT    [x, y, w, h], w and h not negative     PLACE   [ref, order key]
 *   REF     ref                                    END     [ref, side, dx, dy]
 *   IDS     [ref, ...]                             COUNTS  [[ref, n], ...]
 *   MOMENT  [ref, ms]                              CLOCK   [state, ms, rate]
 *   TEXT and TALLY are no registers: they have ops of their own.
 * A ref is an id or nil. Any value is at most PL_VALUE_BYTES_MAX bytes. */
#ifndef PL_VALUE_H
#define PL_VALUE_H
#include "proto/reader.h"
#include "proto/status.h"
#include "proto/writer.h"

enum pl_value_type {
    PL_VALUE_BOOL,
    PL_VALUE_UINT,
    PL_VALUE_NUMBER,
    PL_VALUE_STR,
    PL_VALUE_URL,
    PL_VALUE_BIN,
    PL_VALUE_POINT,
    PL_VALUE_SIZE,
    PL_VALUE_RECT,
    PL_VALUE_PLACE,
    PL_VALUE_REF,
    PL_VALUE_END,
    PL_VALUE_IDS,
    PL_VALUE_COUNTS,
    PL_VALUE_MOMENT,
    PL_VALUE_CLOCK,
    PL_VALUE_TEXT,
    PL_VALUE_TALLY,
    PL_VALUE_UNKNOWN, /* of a newer schema */
};

enum pl_value_type pl_field_type(uint32_t field);

/* Checks one encoded value, as it comes on the wire, against the field's type; anything goes for an unknown field.
 * PL_INVALID, PL_TOO_BIG. */
PL_CHECKED enum pl_status pl_value_check(uint32_t field, struct pl_slice value);
PL_CHECKED enum pl_status pl_value_check_type(enum pl_value_type type, struct pl_slice value);
/* Reads one value, whatever it is, and whether it fits the field; false when the bytes hold no value. */
bool pl_value_read(uint32_t field, struct pl_reader *reader, struct pl_slice *ret_value, enum pl_status *ret_fits);
/* The same for a value as objects keep it: a CLOCK has its time. */
PL_CHECKED enum pl_status pl_value_check_kept(uint32_t field, struct pl_slice value);

/* Reads what stands for one id (never nil) at the reader, and appends what shall stand there. False: not acceptable. */
typedef bool pl_ref_filter(void *user, struct pl_reader *reader, struct pl_buf *buf);
/* Copies the next value of the field with every id passed through `filter`; false when it is not of the type, or the
 * filter said so (the reader has then failed). Values without ids are copied as they are. */
bool pl_value_filter(uint32_t field, struct pl_reader *reader, pl_ref_filter *filter, void *user,
                     struct pl_buf *buf);
/* Whether values of the field name objects. */
bool pl_value_names(uint32_t field);

/* A CLOCK as it is kept, with the time `srv_ms` it was written, from one as it comes; and back. */
void pl_clock_keep(struct pl_buf *buf, struct pl_slice value, uint64_t srv_ms);
void pl_clock_wire(struct pl_buf *buf, struct pl_slice kept);

#endif
