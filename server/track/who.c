/* Who may do what with a track. An unfinished track is its author's alone; a finished one is for whom its author names;
 * a deleted one is known to those who could take it back, and plays for its author only; one that was thrown away before it
 * was ever finished nobody else hears of. Pure. */
#include "track/tracks.h"

static bool is_author(const struct track *track, const struct track_asker *asker)
{
    return asker->user != 0 && asker->user == track->author;
}

static bool rules(const struct track_asker *asker)
{
    return asker->role >= PL_ROLE_FACILITATOR;
}

static bool named(const struct track *track, const struct track_asker *asker)
{
    bool listed = false;
    if (track->watch_role != PL_ROLE_NONE)
        return asker->role >= track->watch_role;
    for (uint32_t i = 0; i < track->link_n; i++)
        listed = listed || track->links[i] == asker->link;
    return listed;
}

bool track_thrown_away(const struct track *track)
{
    return track->deleted_ms != 0 && track->state != TRACK_FINISHED;
}

bool track_watched(const struct track *track, const struct track_asker *asker)
{
    if (track->board != asker->board || asker->role == PL_ROLE_NONE)
        return false;
    return is_author(track, asker) || (track->state == TRACK_FINISHED && track->deleted_ms == 0 &&
                                       (rules(asker) || named(track, asker)));
}

bool track_known(const struct track *track, const struct track_asker *asker)
{
    return track_watched(track, asker) ||
           (track->board == asker->board && track->deleted_ms != 0 && !track_thrown_away(track) && rules(asker));
}

bool track_edited(const struct track *track, const struct track_asker *asker)
{
    return track_known(track, asker) && (is_author(track, asker) || rules(asker));
}

bool track_recorded(const struct track *track, const struct track_asker *asker)
{
    return is_author(track, asker) && track_known(track, asker) && asker->role >= PL_ROLE_EDITOR;
}
