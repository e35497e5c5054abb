/* One tab's replica as a test sees it: edits from literals (literal.h), a server that commits what it is given, and
 * looks at what a person sees. */
#ifndef SUPPORT_DESK_H
#define SUPPORT_DESK_H
#include "proto/object.h"
#include "proto/replica.h"

#define DESK_ME 5u     /* the tab's replica */
#define DESK_USER 77u  /* whose tab it is */

/* The object a desk begins with: a sticky at [0, 0], 100 by 100, colour 0. */
extern const struct pl_id desk_sticky;

/* cmocka's setup and teardown of a desk with its sticky, pending; teardown checks the replica's invariants. */
int desk_new(void **state);
int desk_free(void **state);

enum pl_status desk_try(struct pl_replica *replica, uint64_t gesture, const char *edits);
void desk_edit(struct pl_replica *replica, const char *edits); /* a gesture of its own; must succeed */
/* The same for an edit that may become part of the newest pending batch. */
enum pl_status desk_try_join(struct pl_replica *replica, uint64_t gesture, const char *edits);
void desk_join(struct pl_replica *replica, uint64_t gesture, const char *edits); /* must succeed */
/* Commits a body as the server would, as of `user`. */
enum pl_status desk_commit(struct pl_replica *replica, uint64_t user, struct pl_slice body);
/* A colleague's batch, a literal, is committed. */
void desk_colleague(struct pl_replica *replica, const char *body);
void desk_echo(struct pl_replica *replica);      /* the oldest pending batch comes back */
void desk_echo_all(struct pl_replica *replica);  /* all do */

uint64_t desk_color(struct pl_replica *replica, struct pl_id id);
bool desk_alive(struct pl_replica *replica, struct pl_id id);
void desk_text_is(struct pl_replica *replica, struct pl_id id, const char *want);
/* The field's register holds the literal's bytes. */
void desk_value_is(struct pl_replica *replica, struct pl_id id, uint32_t field, const char *literal);

#endif
