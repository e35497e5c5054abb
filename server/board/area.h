/* Where people are and what they see, in cells of the board: what their presence states say (SPEC
 * S11), read and nothing more. Pure. */
#ifndef BOARD_AREA_H
#define BOARD_AREA_H
#include "proto/mem.h"
#include <stdbool.h>
#include <stdint.h>

#define AREA_UNITS     2048.0 /* a cell's side: a usual viewport touches four */
#define AREA_CELLS_MAX 16     /* whoever sees more sees everything: the cells' frames would be many */

/* Zeroed: nowhere. */
struct area_cell {
    int32_t x, y;
    bool set;
};

/* The cells of a viewport, borders included. Zeroed: everything, as for those who told none. */
struct area_view {
    int32_t x0, y0, x1, y1;
    bool bounded;
};

/* The cursor's cell, or without a cursor that of the viewport's middle. States are any value: what
 * says neither is nowhere and sees everything. */
void area_read(struct pl_slice state, struct area_cell *ret_at, struct area_view *ret_view);
bool area_cell_same(const struct area_cell *a, const struct area_cell *b);
bool area_view_has(const struct area_view *view, int32_t x, int32_t y);

static inline uint64_t area_key(int32_t x, int32_t y)
{
    return (uint64_t)(uint32_t)x << 32 | (uint32_t)y;
}

#endif
