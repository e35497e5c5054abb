/* Who most tests of boards are about: Ann and Bo, editors, and Cy where a third is wanted, in a world with one board.
 * Nobody is connected at first, and nothing is logged. */
#ifndef SUPPORT_CORE_COMPANY_H
#define SUPPORT_CORE_COMPANY_H
#include "tests/support/core_peer.h"

struct core_company {
    struct core_world *world;
    struct core_peer *ann, *bo, *cy; /* cy: NULL for two */
    struct core_peer *all[3];
    size_t n;
};

/* PL_ROLE_NONE: without Cy. */
void core_company_begin(struct core_company *company, uint64_t board, enum pl_role cy);
void core_company_end(struct core_company *company);
void core_company_connect(struct core_company *company, uint64_t board); /* all of them, one after another */
void core_company_settle(struct core_company *company);

#endif
