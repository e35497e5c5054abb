/* A board's day in short, for tests in which something fails once in the middle of it: people join, edit, point, look
 * back and leave; a link is made and found; the board is checkpointed, unloaded and loaded again; somebody comes fresh.
 * Between `arm` and `disarm` sessions may end, boards may be read-only or not open. Nothing may crash; and after `disarm`
 * everybody's edits must be there, the same for all, now and after a restart. */
#ifndef SUPPORT_CORE_STORY_H
#define SUPPORT_CORE_STORY_H
#include "tests/support/core_world.h"

struct core_story {
    const struct pl_mem *mem; /* of the whole server: boards, sessions and store; from several threads */
    void (*arm)(void *user);
    void (*disarm)(void *user);
    void *user;
    unsigned number; /* what a failure names */
};

/* Fails the test when all is not well in the end. */
void core_story_tell(const struct core_story *story);

#endif
