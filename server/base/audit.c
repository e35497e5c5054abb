/* What audit.def says of each act. */
#include "base/audit.h"

#define X(id, number, text, stays) [number] = {.name = text, .lasts = stays},
static const struct {
    const char *name; /* NULL: no such act */
    bool lasts;
} acts[] = {
#include "base/audit.def"
};
#undef X

bool audit_act_known(unsigned act)
{
    return act < sizeof acts / sizeof *acts && acts[act].name != NULL;
}

bool audit_act_lasts(enum audit_act act)
{
    return audit_act_known(act) && acts[act].lasts;
}

const char *audit_act_name(enum audit_act act)
{
    return audit_act_known(act) ? acts[act].name : "unknown";
}
