/* See core_company.h. */
#include "core_company.h"
#include "base/log.h"

void core_company_begin(struct core_company *company, uint64_t board, enum pl_role cy)
{
    *company = (struct core_company){.world = core_world_new(), .n = cy == PL_ROLE_NONE ? 2 : 3};
    log_set(LOG_LEVEL_SILENT, NULL, NULL);
    company->all[0] = company->ann = core_peer_new(company->world, 7, "Ann", PL_ROLE_EDITOR);
    company->all[1] = company->bo = core_peer_new(company->world, 8, "Bo", PL_ROLE_EDITOR);
    if (cy != PL_ROLE_NONE)
        company->all[2] = company->cy = core_peer_new(company->world, 9, "Cy", cy);
    core_world_board(company->world, board, "Plans");
}

void core_company_end(struct core_company *company)
{
    for (size_t i = 0; i < company->n; i++)
        core_peer_free(company->all[i]);
    core_world_free(company->world);
}

void core_company_connect(struct core_company *company, uint64_t board)
{
    for (size_t i = 0; i < company->n; i++)
        core_peer_connect(company->all[i], board);
}

void core_company_settle(struct core_company *company)
{
    core_peers_settle(company->world, company->all, company->n);
}
