/* Whoever may watch a track may see the board's states that it spans (SPEC K8, T3): all of them, one after another, as
 * the author let them. */
#include "track/tracks.h"

struct looking {
    const struct track_asker *asker;
    uint64_t seq;
    uint64_t from; /* 0: no right was found yet */
};

static void look(void *user, const struct track *track)
{
    struct looking *looking = user;
    if (!track_watched(track, looking->asker))
        return;
    for (uint32_t i = 0; i < track->segment_n; i++) {
        const struct track_segment *segment = &track->segments[i];
        const bool spans = segment->first_seq <= looking->seq && looking->seq <= segment->last_seq;
        if (spans && (looking->from == 0 || segment->first_seq < looking->from))
            looking->from = segment->first_seq;
    }
}

static uint64_t right_from(void *self, const struct past_asker *asker, uint64_t seq)
{
    const struct track_asker who = {
        .board = asker->board, .link = asker->link, .user = asker->user, .role = asker->role};
    struct looking looking = {.asker = &who, .seq = seq};
    const enum pl_status status = tracks_each(self, &who, look, &looking);
    return status == PL_OK ? looking.from : 0;
}

struct past_right tracks_past_right(struct tracks *tracks)
{
    return (struct past_right){.from = right_from, .self = tracks};
}
