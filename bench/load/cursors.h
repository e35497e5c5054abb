/* Where people point: writing one's own presence, and timing what comes of others'. Each state bears a
 * number under a key no schema has, by which others look up when it was sent. */
#ifndef LOAD_CURSORS_H
#define LOAD_CURSORS_H
#include "bench/load/client.h"

/* The state of a session: cursor, viewport `[x, y, w, h]`, its number; noted as sent now.
 * PL_NO_MEMORY. */
PL_CHECKED enum pl_status cursors_write(struct client_env *env, uint64_t session, uint64_t number,
                                        double x, double y, const double view[4],
                                        struct pl_buf *state);
/* A PRESENCE message: each state in it is a delivery. */
void cursors_read(struct client_env *env, struct pl_slice message, struct pl_slice states);
/* The same when its very bytes were read before. false: they were not. */
bool cursors_seen(struct client_env *env, struct pl_slice message);

#endif
