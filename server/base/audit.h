/* The audit record: who did what, to which board, when, and what came of it. Append-only; store keeps it, whoever sees
 * something worth recording notes it through this port.
 *
 * An entry is numbers and nothing else: no token, no name, nothing a person typed can get in.
 *
 * It is bounded: a board keeps its newest AUDIT_ENTRIES_MAX lasting entries and as many passing ones, these for
 * AUDIT_PASSING_MS_MAX. They are counted apart, so that nobody can push out who made a link by joining often. */
#ifndef BASE_AUDIT_H
#define BASE_AUDIT_H
#include "proto/id.h"
#include "proto/status.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define AUDIT_ENTRIES_MAX    10000u
#define AUDIT_PASSING_MS_MAX (90ull * 86400000u)

#define X(name, number, text, lasts) AUDIT_##name = number,
enum audit_act {
#include "base/audit.def"
};
#undef X

struct audit_entry {
    uint64_t board;   /* 0: the whole server */
    uint64_t user;    /* a guest's number; 0: the operator, or not known */
    uint64_t by_link; /* the link they came by; 0: none */
    uint64_t link;    /* the link, or the talk-track, it is about; 0: none */
    enum audit_act act;
    enum pl_role role;      /* of the link or the join; PL_ROLE_NONE: does not apply */
    enum pl_status outcome; /* PL_OK, or why it was refused */
    uint32_t n;             /* how many times; 0 is 1 */
};

struct audit {
    /* Copied, and written soon; a disk that refuses loses it. On the loop's thread. */
    void (*note)(void *self, const struct audit_entry *entry);
    void *self;
};

static inline void audit_note(const struct audit *audit_or_null, const struct audit_entry *entry)
{
    if (audit_or_null != NULL)
        audit_or_null->note(audit_or_null->self, entry);
}

bool audit_act_known(unsigned act);
bool audit_act_lasts(enum audit_act act);
/* "link_made" and so on. Static; "unknown" for none of ours. */
const char *audit_act_name(enum audit_act act);

#endif
