/* What a store that is open in this process has committed, as a view. store_view_open would open the file a second
 * time: LMDB allows that in another process only, and in this one makes the writer's lock anew under its feet. */
#ifndef SUPPORT_COMMITTED_H
#define SUPPORT_COMMITTED_H
#include "store/view_inner.h"

struct store;

/* Fills `view`, as of now. Nothing that it shows goes away until committed_close: keep it short. */
void committed_open(struct store *store, struct store_view *view);
void committed_close(struct store_view *view);

#endif
