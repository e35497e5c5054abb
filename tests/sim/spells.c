/* See spells.h. */
#include "spells.h"

#define BULK_EDITS   24u /* more than a member may fall behind */
#define CHURN_EDITS  260u /* fewer, and the server does not weigh */
#define CHURN_ROUNDS 2u
#define COLLECT_MS   640000u /* more than the least time between two collections */
#define PAUSE_MS     5000u

void spell_everybody_leaves(struct meeting *meeting)
{
    for (uint32_t i = 0; i < meeting->tab_n; i++)
        tab_rest(&meeting->tabs[i], 125000);
    for (uint32_t i = 0; i < 130; i++) { /* lost sockets are given up first */
        meeting_pass(meeting, 1000);
        for (uint32_t k = 0; k < 4; k++)
            disk_step(meeting->disk);
        if (meeting->server->up)
            server_turn(meeting->server);
    }
    if (meeting->server->up && metrics_get(meeting->server->metrics, METRIC_BOARDS) == 0)
        verdict_met(&meeting->verdict, SIM_UNLOADED);
}

/* False: a sick disk. */
static bool both_live(struct meeting *meeting, const struct tab *one, const struct tab *other)
{
    for (uint32_t i = 0; i < 60 && (one->phase != TAB_LIVE || other->phase != TAB_LIVE); i++)
        rest_round(meeting);
    return one->phase == TAB_LIVE && other->phase == TAB_LIVE;
}

void spell_flood(struct meeting *meeting)
{
    struct tab *loud = &meeting->tabs[0], *slow = &meeting->tabs[1];
    if (!both_live(meeting, loud, slow))
        return;
    slow->socket->stalled = true;
    for (uint32_t i = 0; i < BULK_EDITS; i++) {
        if (i == BULK_EDITS / 2 && meeting->tab_n > 2)
            tab_lost(&meeting->tabs[2]); /* somebody goes, and the slow one is not told */
        meeting_pass(meeting, 5);
        tab_bulk(loud, &meeting->rng);
        for (uint32_t k = 0; k < 12 && loud->socket != NULL; k++) {
            socket_step_up(loud->socket);
            if (loud->socket != NULL)
                socket_step_down(loud->socket);
            disk_step(meeting->disk);
            server_turn(meeting->server);
        }
    }
    if (slow->socket != NULL)
        slow->socket->stalled = false;
}

/* Time in which nobody does anything, and everything is delivered. */
static void idle(struct meeting *meeting, uint32_t ms)
{
    for (uint32_t at = 0; at < ms; at += PAUSE_MS) {
        rest_round(meeting);
        meeting_pass(meeting, PAUSE_MS);
    }
}

void spell_churn(struct meeting *meeting)
{
    struct tab *busy = &meeting->tabs[0], *gone = &meeting->tabs[meeting->tab_n - 1];
    for (uint32_t round = 0; round < CHURN_ROUNDS; round++) {
        if (!both_live(meeting, busy, &meeting->tabs[1]))
            return;
        if (meeting->tab_n > 2)
            tab_rest(gone, (CHURN_ROUNDS - round) * COLLECT_MS); /* it may come back between the two */
        for (uint32_t i = 0; i < CHURN_EDITS; i++) {
            tab_churn(busy);
            rest_round(meeting);
            rest_round(meeting);
        }
        idle(meeting, COLLECT_MS);
    }
}
