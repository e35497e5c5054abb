/* What people made, each create under a number of its own: at rest each stands in the journal once, unless somebody
 * was told otherwise. */
#ifndef SIM_LEDGER_H
#define SIM_LEDGER_H
#include "disk.h"

enum ledger_excuse {
    LEDGER_MAY_MISS = 1,  /* its author was told that it was refused, or it was lost with a restored backup */
    LEDGER_MAY_TWICE = 2, /* a tab was cloned while it waited */
    LEDGER_KEPT = 4,      /* no excuse: it was acknowledged, and whatever was said before, it must be there */
};

struct ledger;
struct ledger *ledger_new(void);
void ledger_free(struct ledger *ledger);
uint64_t *ledger_mark(struct ledger *ledger); /* the next number, for edits_random */
void ledger_excuse(struct ledger *ledger, struct pl_slice body, unsigned excuse); /* all that a batch made */
void ledger_excuse_since(struct ledger *ledger, uint64_t first, unsigned excuse); /* numbers from `first` on */
/* A backup was gone back to: nothing that was acknowledged need be there. */
void ledger_restored(struct ledger *ledger);
/* Counts what the journal holds. */
bool ledger_holds(struct ledger *ledger, const struct disk *disk, struct verdict *verdict);

#endif
