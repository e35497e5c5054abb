/* See company.h. */
#include "company.h"
#include "proto/reader.h"

static uint32_t find(const struct company *company, uint64_t session)
{
    uint32_t i = 0;
    while (i < company->n && company->sessions[i] != session)
        i++;
    return i;
}

void company_reset(struct company *company)
{
    company->n = 0;
}

static bool join(struct company *company, struct pl_reader *reader)
{
    uint64_t session, user;
    struct pl_slice name;
    if (!pl_read_array_of(reader, 3) || !pl_read_u53(reader, &session) || !pl_read_u53(reader, &user) ||
        !pl_read_str(reader, &name))
        return false;
    if (find(company, session) < company->n)
        return true;
    if (company->n == COMPANY_MAX)
        return false;
    company->sessions[company->n] = session;
    company->states[company->n++] = 0;
    return true;
}

static void leave(struct company *company, uint64_t session)
{
    const uint32_t i = find(company, session);
    if (i == company->n)
        return;
    company->n--;
    company->sessions[i] = company->sessions[company->n];
    company->states[i] = company->states[company->n];
}

bool company_people(struct company *company, const struct pl_msg_people *people)
{
    struct pl_reader joined = pl_reader_of(people->joined), left = pl_reader_of(people->left);
    uint32_t joined_n, left_n;
    if (!pl_read_array(&joined, &joined_n) || !pl_read_array(&left, &left_n))
        return false;
    for (; joined_n > 0; joined_n--) {
        if (!join(company, &joined))
            return false;
    }
    for (uint64_t session; left_n > 0; left_n--) {
        if (!pl_read_u53(&left, &session))
            return false;
        leave(company, session);
    }
    return true;
}

bool company_presence(struct company *company, struct pl_slice body)
{
    struct pl_reader reader = pl_reader_of(body);
    uint64_t session;
    struct pl_slice state;
    uint32_t n;
    if (!pl_read_array(&reader, &n))
        return false;
    for (; n > 0; n--) {
        if (!pl_read_array_of(&reader, 2) || !pl_read_u53(&reader, &session) ||
            !pl_read_raw(&reader, &state))
            return false;
        const uint32_t i = find(company, session);
        if (i == company->n)
            continue; /* PEOPLE comes first, and says no word of it: gone already */
        const bool nil = state.len == 1 && state.data[0] == 0xc0;
        company->states[i] = nil ? 0 : pl_hash(PL_HASH_START, state.data, state.len);
    }
    return true;
}

static bool within(const struct company *a, const struct company *b, bool states)
{
    for (uint32_t i = 0; i < a->n; i++) {
        const uint32_t k = find(b, a->sessions[i]);
        if (k == b->n || (states && a->states[i] != b->states[k]))
            return false;
    }
    return true;
}

bool company_same_people(const struct company *a, const struct company *b)
{
    return within(a, b, false) && within(b, a, false);
}

bool company_same_states(const struct company *a, const struct company *b)
{
    return within(a, b, true) && within(b, a, true);
}
