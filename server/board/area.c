/* See area.h. */
#include "board/area.h"
#include "proto/limits.h"
#include "proto/reader.h"
#include <math.h>

static bool read_numbers(struct pl_slice value, double *ret_numbers, uint32_t n)
{
    struct pl_reader reader = pl_reader_of(value);
    if (!pl_read_array_of(&reader, n))
        return false;
    for (uint32_t i = 0; i < n; i++) {
        if (!pl_read_number(&reader, &ret_numbers[i]) || fabs(ret_numbers[i]) > PL_COORD_MAX)
            return false;
    }
    return true;
}

static int32_t cell_of(double coord)
{
    return (int32_t)floor(coord / AREA_UNITS); /* at most 2e9 / 2048: fits */
}

static struct area_cell cell_at(double x, double y)
{
    return (struct area_cell){.x = cell_of(x), .y = cell_of(y), .set = true};
}

static struct area_view view_of(const double rect[4])
{
    if (rect[2] < 0 || rect[3] < 0)
        return (struct area_view){0};
    struct area_view view = {.x0 = cell_of(rect[0]),
                             .y0 = cell_of(rect[1]),
                             .x1 = cell_of(rect[0] + rect[2]),
                             .y1 = cell_of(rect[1] + rect[3])};
    int64_t cells = ((int64_t)view.x1 - view.x0 + 1) * ((int64_t)view.y1 - view.y0 + 1);
    view.bounded = cells <= AREA_CELLS_MAX;
    return view.bounded ? view : (struct area_view){0};
}

void area_read(struct pl_slice state, struct area_cell *ret_at, struct area_view *ret_view)
{
    struct pl_reader reader = pl_reader_of(state);
    struct pl_slice key, value;
    uint32_t pairs;
    double point[2], rect[4];
    bool pointed = false, seen = false;
    *ret_at = (struct area_cell){0};
    *ret_view = (struct area_view){0};
    if (!pl_read_map(&reader, &pairs))
        return;
    for (; pairs > 0 && pl_read_str(&reader, &key) && pl_read_raw(&reader, &value); pairs--) {
        if (key.len == 1 && key.data[0] == 'c')
            pointed = read_numbers(value, point, 2);
        else if (key.len == 1 && key.data[0] == 'v')
            seen = read_numbers(value, rect, 4);
    }
    if (seen)
        *ret_view = view_of(rect);
    if (pointed)
        *ret_at = cell_at(point[0], point[1]);
    else if (seen)
        *ret_at = cell_at(rect[0] + rect[2] / 2, rect[1] + rect[3] / 2);
}

bool area_cell_same(const struct area_cell *a, const struct area_cell *b)
{
    return a->set == b->set && (!a->set || (a->x == b->x && a->y == b->y));
}

bool area_view_has(const struct area_view *view, int32_t x, int32_t y)
{
    return view->bounded && x >= view->x0 && x <= view->x1 && y >= view->y0 && y <= view->y1;
}
