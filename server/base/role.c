/* See role.h. */
#include "base/role.h"
#include <string.h>

const char *role_name(enum pl_role role)
{
    static const char *const names[] = {
        [PL_ROLE_NONE] = "none",
        [PL_ROLE_VIEWER] = "viewer",
        [PL_ROLE_COMMENTER] = "commenter",
        [PL_ROLE_EDITOR] = "editor",
        [PL_ROLE_FACILITATOR] = "facilitator",
        [PL_ROLE_OWNER] = "owner",
    };
    return (size_t)role < sizeof names / sizeof names[0] ? names[role] : "none";
}

bool role_named(struct pl_slice name, enum pl_role *ret_role)
{
    for (enum pl_role role = PL_ROLE_VIEWER; role <= PL_ROLE_OWNER; role++) {
        const char *text = role_name(role);
        if (name.len == strlen(text) && memcmp(name.data, text, name.len) == 0) {
            *ret_role = role;
            return true;
        }
    }
    return false;
}
