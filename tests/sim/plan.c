/* See plan.h. */
#include "plan.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct plan plan_of(const struct sim_kind *kind, uint64_t seed)
{
    struct plan plan = {.kind = kind, .seed = seed};
    kind->configure(seed, plan.knobs);
    return plan;
}

bool plan_skips(const struct plan *plan, uint32_t step)
{
    return step < PLAN_STEPS_MAX && (plan->skipped[step / 8] >> step % 8 & 1) != 0;
}

void plan_skip(struct plan *plan, uint32_t step, bool skips)
{
    const uint8_t bit = (uint8_t)(1u << step % 8);
    if (skips)
        plan->skipped[step / 8] |= bit;
    else
        plan->skipped[step / 8] &= (uint8_t)~bit;
}

static bool change_one(struct plan *plan, const char *name, size_t name_len, uint32_t value)
{
    for (uint32_t i = 0; i < plan->kind->knob_n; i++) {
        const struct sim_knob *knob = &plan->kind->knobs[i];
        if (strlen(knob->name) != name_len || memcmp(knob->name, name, name_len) != 0)
            continue;
        if (value < knob->least || (i == PLAN_STEPS && value > PLAN_STEPS_MAX))
            return false;
        plan->knobs[i] = value;
        return true;
    }
    return false;
}

bool plan_change(struct plan *plan, const char *changes)
{
    while (*changes != '\0') {
        char *end;
        const size_t name_len = strcspn(changes, "=");
        const char *number = changes + name_len + 1;
        if (changes[name_len] != '=')
            return false;
        const unsigned long value = strtoul(number, &end, 10);
        if (end == number || value > UINT32_MAX || !change_one(plan, changes, name_len, (uint32_t)value))
            return false;
        changes = end + (*end == ',');
    }
    return true;
}

bool plan_keep(struct plan *plan, const char *steps)
{
    memset(plan->skipped, 0xff, sizeof plan->skipped);
    while (*steps != '\0') {
        char *end;
        const unsigned long first = strtoul(steps, &end, 10);
        unsigned long last = first;
        if (end == steps)
            return false;
        if (*end == '-')
            last = strtoul(end + 1, &end, 10);
        if (last < first || last >= PLAN_STEPS_MAX || (*end != ',' && *end != '\0'))
            return false;
        for (unsigned long step = first; step <= last; step++)
            plan_skip(plan, (uint32_t)step, false);
        steps = end + (*end == ',');
    }
    return true;
}

struct text {
    char *at;
    size_t room;
};

static void add(struct text *text, const char *before, const char *name, uint32_t number)
{
    const int n = snprintf(text->at, text->room, "%s%s%" PRIu32, before, name, number);
    const size_t used = n < 0 ? 0 : (size_t)n < text->room ? (size_t)n : text->room - 1;
    text->at += used;
    text->room -= used;
}

void plan_write(const struct plan *plan, char *ret_knobs, char *ret_kept)
{
    struct text text = {ret_knobs, PLAN_TEXT_BYTES};
    bool skips = false;
    *ret_knobs = *ret_kept = '\0';
    for (uint32_t i = 0; i < plan->kind->knob_n; i++) {
        char name[64];
        snprintf(name, sizeof name, "%s=", plan->kind->knobs[i].name);
        add(&text, i == 0 ? "" : ",", name, plan->knobs[i]);
    }
    text = (struct text){ret_kept, PLAN_TEXT_BYTES};
    for (uint32_t step = 0, next; step < plan->knobs[PLAN_STEPS]; step = next) {
        next = step + 1;
        if (plan_skips(plan, step)) {
            skips = true;
            continue;
        }
        while (next < plan->knobs[PLAN_STEPS] && !plan_skips(plan, next))
            next++;
        add(&text, *ret_kept == '\0' ? "" : ",", "", step);
        if (next > step + 1)
            add(&text, "-", "", next - 1);
    }
    if (!skips)
        *ret_kept = '\0';
}

static bool write_file(const char *path, const char *suffix, const void *data, size_t len)
{
    char name[4096];
    snprintf(name, sizeof name, "%s.%s", path, suffix);
    FILE *file = fopen(name, "wb");
    if (file == NULL)
        return false;
    const bool ok = fwrite(data, 1, len, file) == len;
    return fclose(file) == 0 && ok;
}

bool plan_leave(const char *path, struct pl_slice ops, uint64_t hash)
{
    char hex[17];
    snprintf(hex, sizeof hex, "%016" PRIx64, hash);
    return write_file(path, "ops", ops.data, ops.len) && write_file(path, "hash", hex, 16);
}
