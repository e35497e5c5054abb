/* Who a client thinks is there, and doing what: PEOPLE and PRESENCE put together. */
#ifndef SIM_COMPANY_H
#define SIM_COMPANY_H
#include "proto/message.h"

#define COMPANY_MAX 64u

struct company {
    uint64_t sessions[COMPANY_MAX];
    uint64_t states[COMPANY_MAX]; /* a hash; 0: none */
    uint32_t n;
};

void company_reset(struct company *company);
/* false: malformed, or more than can be. */
bool company_people(struct company *company, const struct pl_msg_people *people);
bool company_presence(struct company *company, struct pl_slice body);
/* Whether both think the same: of who is there, and of what they do. */
bool company_same_people(const struct company *a, const struct company *b);
bool company_same_states(const struct company *a, const struct company *b);

#endif
