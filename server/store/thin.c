/* See thin.h. Where a stretch of journal that is kept ends there is a snapshot: no stretch ends in
 * a hole. */
#include "store/thin.h"

#define KEPT_WHOLE 2u /* the newest */
#define HOUR_MS    3600000u
#define DAY_MS     86400000u

static uint64_t age(uint64_t now_ms, uint64_t srv_ms)
{
    return now_ms > srv_ms ? now_ms - srv_ms : 0;
}

/* Whether a pin needs the base, or the journal from there to the next. */
static bool pinned(const struct thin_base *bases, size_t i, const struct thin_pin *pins,
                   size_t pin_n)
{
    for (size_t k = 0; k < pin_n; k++) {
        if (pins[k].from < bases[i + 1].seq && pins[k].to >= bases[i].seq)
            return true;
    }
    return false;
}

/* The last of its hour, or day. */
static bool last_of_its_time(const struct thin_base *base, uint64_t now_ms,
                             const struct thin_limits *limits)
{
    const uint64_t span = age(now_ms, base->srv_ms) <= limits->hourly_ms ? HOUR_MS : DAY_MS;
    return base[0].srv_ms / span != base[1].srv_ms / span;
}

/* Of stretches that are kept whole, snapshots that spare next to no folding go. */
static void plan_dense(struct thin_base *bases, size_t n, const struct thin_pin *pins, size_t pin_n,
                       uint64_t fold_bytes)
{
    uint64_t folded = bases[0].journal_bytes; /* since the last snapshot that is kept */
    for (size_t i = 1; i + KEPT_WHOLE < n; i++) {
        const uint64_t worth = bases[i].bytes > fold_bytes ? bases[i].bytes : fold_bytes;
        folded += bases[i].journal_bytes;
        if (bases[i - 1].keep_journal && bases[i].keep_journal && folded <= worth &&
            !pinned(bases, i, pins, pin_n))
            bases[i].keep_snapshot = false;
        else
            folded = bases[i].journal_bytes;
    }
}

static uint64_t kept_bytes(const struct thin_base *base)
{
    return (base->keep_snapshot ? base->stored_bytes : 0) +
           (base->keep_journal ? base->journal_bytes : 0);
}

/* Oldest first, until the rest fits. What goes on from a base that goes cannot be told either: it
 * goes too. */
static void plan_bytes(struct thin_base *bases, size_t n, const struct thin_pin *pins, size_t pin_n,
                       uint64_t bytes_max)
{
    uint64_t sum = 0;
    bool going = false; /* the base before went, and its journal */
    for (size_t i = 0; i < n; i++)
        sum += kept_bytes(&bases[i]);
    for (size_t i = 0;
         i + KEPT_WHOLE < n && (sum > bytes_max || (going && !bases[i].keep_snapshot)); i++) {
        going = !pinned(bases, i, pins, pin_n);
        if (!going)
            continue;
        sum -= kept_bytes(&bases[i]);
        bases[i].keep_journal = false;
        bases[i].keep_snapshot = i > 0 && bases[i - 1].keep_journal;
    }
}

void thin_plan(struct thin_base *bases, size_t n, const struct thin_pin *pins, size_t pin_n,
               uint64_t now_ms, const struct thin_limits *limits)
{
    for (size_t i = 0; i < n; i++) {
        struct thin_base *base = &bases[i];
        base->keep_snapshot = base->keep_journal = true;
        if (i + KEPT_WHOLE >= n || age(now_ms, bases[i + 1].srv_ms) <= limits->whole_ms ||
            pinned(bases, i, pins, pin_n))
            continue;
        base->keep_journal = false;
        base->keep_snapshot =
            (i > 0 && base[-1].keep_journal) || last_of_its_time(base, now_ms, limits);
    }
    if (n > 0 && limits->fold_bytes > 0)
        plan_dense(bases, n, pins, pin_n, limits->fold_bytes);
    plan_bytes(bases, n, pins, pin_n, limits->bytes_max);
}
