/* What comes over a whole meeting at once, in the middle of its steps. */
#ifndef SIM_SPELLS_H
#define SIM_SPELLS_H
#include "meeting.h"

/* Everybody closes the lid for longer than a board is kept. */
void spell_everybody_leaves(struct meeting *meeting);
/* One reads nothing while another says more than may wait. */
void spell_flood(struct meeting *meeting);
/* One makes and deletes so much that the server collects, twice, while the last one is away. */
void spell_churn(struct meeting *meeting);

#endif
