/* Whether presence has to be eased, by how much time the loop has left: a kernel on two clocks. Eased
 * while the loop is busy, until it would have time for all of it again. */
#ifndef BOARD_PACE_H
#define BOARD_PACE_H
#include <stdbool.h>
#include <stdint.h>

/* Zeroed: not eased, and nothing measured yet. */
struct pace {
    uint64_t at_us, idle_us; /* both clocks when last looked at */
    bool eased;
};

/* Before each telling: the loop's clock, and how long it has waited for work since it began. */
void pace_look(struct pace *pace, uint64_t now_us, uint64_t idle_us);

#endif
