/* Roles by their names, as interfaces, links, exports and tools write them. */
#ifndef BASE_ROLE_H
#define BASE_ROLE_H
#include "proto/id.h"
#include "proto/mem.h"

/* "owner" and so on; "none" for what is granted to nobody. Static. */
const char *role_name(enum pl_role role);
/* VIEWER to OWNER by that name; false for any other text. */
bool role_named(struct pl_slice name, enum pl_role *ret_role);

#endif
