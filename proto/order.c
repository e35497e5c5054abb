/* Fractional keys between two neighbours. A key is read as a fraction in base 62; a shorter key is the lesser of two
 * that agree as far as it goes, so a key never ends in the least digit: there would be no room before it. */
#include "proto/order.h"
#include <string.h>

#define BASE 62u
#define STEP_DIGITS 4u
#define STEP_NUMBERS (BASE * BASE * BASE * BASE)

static uint8_t digit_byte(unsigned digit)
{
    static const char digits[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    return (uint8_t)digits[digit];
}

/* The digit's value; bytes outside the alphabet round down, so that any key can be a neighbour. */
static unsigned byte_digit(uint8_t byte)
{
    if (byte >= 'a')
        return byte <= 'z' ? byte - 'a' + 36u : BASE - 1;
    if (byte >= 'A')
        return byte <= 'Z' ? byte - 'A' + 10u : 35u;
    if (byte >= '0')
        return byte <= '9' ? byte - '0' + 0u : 9u;
    return 0;
}

int pl_order_compare_keys(struct pl_slice a, struct pl_slice b)
{
    const size_t shared = a.len < b.len ? a.len : b.len;
    const int order = shared == 0 ? 0 : memcmp(a.data, b.data, shared);
    if (order != 0)
        return order;
    return a.len < b.len ? -1 : a.len > b.len;
}

int pl_order_compare(struct pl_slice a, struct pl_id a_id, struct pl_slice b, struct pl_id b_id)
{
    const int order = pl_order_compare_keys(a, b);
    return order != 0 ? order : pl_id_compare(a_id, b_id);
}

/* A fresh tail: two jittered digits, the last never the least one. */
static void append_tail(struct pl_order_key *key, uint32_t jitter)
{
    if (key->len < PL_ORDER_BYTES_MAX - 1)
        key->bytes[key->len++] = digit_byte(jitter / BASE % BASE);
    key->bytes[key->len++] = digit_byte(1 + jitter % (BASE - 1));
}

static void copy_key(struct pl_slice from, struct pl_order_key *ret_key)
{
    ret_key->len = from.len < PL_ORDER_BYTES_MAX ? from.len : PL_ORDER_BYTES_MAX;
    if (ret_key->len > 0)
        memcpy(ret_key->bytes, from.data, ret_key->len);
    if (ret_key->len == 0)
        ret_key->bytes[ret_key->len++] = digit_byte(BASE / 2);
}

/* At an open end the first digits count up or down like an integer, so that keys stay short however many come. False
 * when there is no number left on that side. */
static bool step_outward(struct pl_slice neighbour, bool up, uint32_t jitter, struct pl_order_key *ret_key)
{
    uint32_t number = 0;
    for (size_t i = 0; i < STEP_DIGITS; i++)
        number = number * BASE + (i < neighbour.len ? byte_digit(neighbour.data[i]) : 0);
    const uint32_t step = 1 + jitter / 4096 % 2;
    if (up ? number + step >= STEP_NUMBERS : number < step)
        return false;
    number = up ? number + step : number - step;
    for (size_t i = STEP_DIGITS; i-- > 0; number /= BASE)
        ret_key->bytes[i] = digit_byte(number % BASE);
    ret_key->len = STEP_DIGITS;
    append_tail(ret_key, jitter);
    return true;
}

void pl_order_between(struct pl_slice low, struct pl_slice high, uint32_t jitter,
                      struct pl_order_key *ret_key)
{
    struct pl_order_key key = {.len = 0};
    bool bounded = high.len > 0 && pl_order_compare_keys(low, high) < 0; /* still equal to high's prefix */
    const bool open = (low.len == 0) != !bounded;
    if (open && step_outward(bounded ? high : low, !bounded, jitter, &key)) {
        *ret_key = key;
        return;
    }
    /* Walk down while low and high leave no whole digit between them, then halve the gap. */
    for (size_t i = 0; i < PL_ORDER_BYTES_MAX - 2; i++) {
        const unsigned low_digit = i < low.len ? byte_digit(low.data[i]) : 0;
        const unsigned high_digit = bounded && i < high.len ? byte_digit(high.data[i]) : BASE;
        if (bounded && i >= high.len)
            break; /* high is malformed: it ends in the least digit */
        if (high_digit > low_digit + 1) {
            key.bytes[key.len++] = digit_byte(low_digit + (high_digit - low_digit) / 2);
            append_tail(&key, jitter);
            *ret_key = key;
            return;
        }
        key.bytes[key.len++] = digit_byte(low_digit);
        if (high_digit > low_digit)
            bounded = false;
    }
    copy_key(low, ret_key); /* exhausted: equal keys, and the id decides */
}

/* A jitter of its own for each key. */
static uint32_t jitter_at(uint32_t jitter, size_t i)
{
    return jitter + (uint32_t)i * 2654435761u;
}

void pl_order_spread(struct pl_slice low, struct pl_slice high, uint32_t jitter, struct pl_order_key *ret_keys,
                     size_t n)
{
    if (high.len == 0) {
        for (size_t i = 0; i < n; low = pl_order_slice(&ret_keys[i++]))
            pl_order_between(low, high, jitter_at(jitter, i), &ret_keys[i]);
        return;
    }
    if (low.len == 0) {
        for (size_t i = n; i-- > 0; high = pl_order_slice(&ret_keys[i]))
            pl_order_between(low, high, jitter_at(jitter, i), &ret_keys[i]);
        return;
    }
    if (n == 0)
        return;
    const size_t middle = n / 2;
    pl_order_between(low, high, jitter_at(jitter, middle), &ret_keys[middle]);
    const struct pl_slice key = pl_order_slice(&ret_keys[middle]);
    pl_order_spread(low, key, jitter_at(jitter, n), ret_keys, middle);
    pl_order_spread(key, high, jitter_at(jitter, n + 1), ret_keys + middle + 1, n - middle - 1);
}
