/* See pace.h. */
#include "board/pace.h"

#define WINDOW_US    1000000u
#define BUSY_PERCENT 70u /* above, presence is eased: edits come first */
/* Below, it no longer is: told in full it costs some twice as much, for ticks are twice as many. */
#define FREE_PERCENT 30u

void pace_look(struct pace *pace, uint64_t now_us, uint64_t idle_us)
{
    const uint64_t passed_us = now_us - pace->at_us;
    if (pace->at_us != 0 && passed_us < WINDOW_US)
        return;
    const uint64_t idled_us = idle_us - pace->idle_us;
    const uint64_t busy_us = idled_us < passed_us ? passed_us - idled_us : 0;
    if (pace->at_us != 0)
        pace->eased = busy_us * 100 > passed_us * (pace->eased ? FREE_PERCENT : BUSY_PERCENT);
    pace->at_us = now_us;
    pace->idle_us = idle_us;
}
