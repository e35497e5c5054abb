/* Whoever may watch a track may see the board's states that it spans (SPEC K8, T3): all of them, one after another, as
 * the author let them. However many ask at once, the tracks are read once. */
#include "track/op.h"

static void segments_look(const struct track *track, struct past_ask *ask)
{
    for (uint32_t i = 0; i < track->segment_n; i++) {
        const struct track_segment *segment = &track->segments[i];
        const bool spans = segment->first_seq <= ask->seq && ask->seq <= segment->last_seq;
        if (spans && (ask->from == 0 || segment->first_seq < ask->from))
            ask->from = segment->first_seq;
    }
}

static void look(void *user, const struct track *track)
{
    if (track_thrown_away(track))
        return;
    for (struct past_ask *ask = user; ask != NULL; ask = ask->next) {
        const struct past_asker *asker = &ask->asker;
        const struct track_asker who = {
            .board = asker->board, .link = asker->link, .user = asker->user, .role = asker->role};
        if (track_watched(track, &who))
            segments_look(track, ask);
    }
}

static void right_answer(void *self, uint64_t board, struct past_ask *asks)
{
    const struct tracks *tracks = self;
    const enum pl_status status = store_tracks_each(tracks->env.store, board, look, asks);
    for (struct past_ask *ask = asks; ask != NULL && (status == PL_NO_MEMORY || status == PL_IO); ask = ask->next)
        ask->from = 0; /* one that is spoiled hides no others */
}

struct past_right tracks_past_right(struct tracks *tracks)
{
    return (struct past_right){.answer = right_answer, .self = tracks};
}
