/* A talk-track's life in short, for tests in which something fails once in the middle of it: it is recorded, changed,
 * watched, deleted and swept. Between `arm` and `disarm` each request is answered somehow; after `disarm` what was answered
 * must be there, and everything must work. */
#ifndef SUPPORT_TRACK_STORY_H
#define SUPPORT_TRACK_STORY_H
#include "proto/mem.h"

struct track_story {
    const struct pl_mem *mem; /* of the whole server; from several threads */
    void (*arm)(void *user);
    void (*disarm)(void *user);
    void *user;
};

/* Aborts the test when all is not well in the end. */
void track_story_tell(const struct track_story *story);

#endif
