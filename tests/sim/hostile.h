/* A client that means harm: it gets in with a ticket of its own, then sends what no client should. Whatever becomes of
 * its session, nobody else may notice. */
#ifndef SIM_HOSTILE_H
#define SIM_HOSTILE_H
#include "tab.h"

struct hostile {
    struct tab_env *env;
    uint64_t user;
    struct socket *socket;
    uint32_t replica;
    uint64_t next; /* the counter it would be asked for */
};

void hostile_init(struct hostile *hostile, struct tab_env *env, uint64_t user);
/* Connects, or sends something; it may take a batch of `victim`'s for a pattern. */
void hostile_act(struct hostile *hostile, const struct tab *victim, struct rng *rng);
void hostile_receive(struct hostile *hostile, struct socket *socket, struct pl_slice frame);
void hostile_gone(struct hostile *hostile, struct socket *socket);

#endif
