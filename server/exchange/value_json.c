/* See value_json.h. */
#include "exchange/value_json.h"
#include "proto/limits.h"
#include "proto/reader.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RAW_KEY "$msgpack"

static void text_write(struct pl_buf *buf, const char *text)
{
    pl_buf_append(buf, text, strlen(text));
}

void json_text_write(struct pl_buf *buf, struct pl_slice utf8)
{
    text_write(buf, "\"");
    size_t from = 0;
    for (size_t i = 0; i < utf8.len; i++) {
        char escape[8];
        uint8_t c = utf8.data[i];
        if (c >= 0x20 && c != '"' && c != '\\' && c != 0x7f)
            continue;
        pl_buf_append(buf, utf8.data + from, i - from);
        from = i + 1;
        if (c == '"' || c == '\\')
            snprintf(escape, sizeof escape, "\\%c", c);
        else
            snprintf(escape, sizeof escape, "\\u%04x", c);
        text_write(buf, escape);
    }
    if (utf8.len > from)
        pl_buf_append(buf, utf8.data + from, utf8.len - from);
    text_write(buf, "\"");
}

/* The shortest that reads back as the same number. */
static void number_write(struct pl_buf *buf, double value)
{
    char text[40];
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(text, sizeof text, "%.*g", digits, value);
        if (strtod(text, NULL) == value)
            break;
    }
    text_write(buf, text);
}

/* One value as JSON, and as this engine would write it, into `again`; false when JSON has no such
 * thing. */
static bool plain_write(struct pl_reader *reader, struct pl_buf *buf, struct pl_buf *again)
{
    struct pl_slice text;
    double number;
    bool truth;
    uint32_t n;
    switch (pl_peek(reader)) {
    case PL_TYPE_NIL:
        pl_write_nil(again);
        text_write(buf, "null");
        return pl_read_nil(reader);
    case PL_TYPE_BOOL:
        if (!pl_read_bool(reader, &truth))
            return false;
        pl_write_bool(again, truth);
        text_write(buf, truth ? "true" : "false");
        return true;
    case PL_TYPE_INT:
    case PL_TYPE_FLOAT:
        if (!pl_read_number(reader, &number))
            return false;
        pl_write_number(again, number);
        number_write(buf, number);
        return true;
    case PL_TYPE_STR:
        if (!pl_read_str(reader, &text))
            return false;
        pl_write_str(again, text);
        json_text_write(buf, text);
        return true;
    case PL_TYPE_ARRAY:
        if (!pl_read_array(reader, &n))
            return false;
        pl_write_array(again, n);
        text_write(buf, "[");
        for (uint32_t i = 0; i < n; i++) {
            if (i > 0)
                text_write(buf, ",");
            if (!plain_write(reader, buf, again))
                return false;
        }
        text_write(buf, "]");
        return true;
    case PL_TYPE_END:
    case PL_TYPE_BIN:
    case PL_TYPE_MAP:
    case PL_TYPE_EXT:
        break;
    }
    return false;
}

static const char digits64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static void base64_write(struct pl_buf *buf, struct pl_slice bytes)
{
    for (size_t i = 0; i < bytes.len; i += 3) {
        size_t n = bytes.len - i < 3 ? bytes.len - i : 3;
        uint32_t bits = (uint32_t)bytes.data[i] << 16 |
                        (n > 1 ? (uint32_t)bytes.data[i + 1] << 8 : 0) |
                        (n > 2 ? bytes.data[i + 2] : 0u);
        char text[4] = {digits64[bits >> 18], digits64[bits >> 12 & 63], digits64[bits >> 6 & 63],
                        digits64[bits & 63]};
        memset(text + n + 1, '=', 3 - n);
        pl_buf_append(buf, text, sizeof text);
    }
}

static bool base64_read(const char *text, size_t len, struct pl_buf *buf)
{
    if (len % 4 != 0)
        return false;
    for (size_t i = 0; i < len; i += 4) {
        uint32_t bits = 0;
        size_t n = 0;
        for (size_t k = 0; k < 4; k++) {
            const char *at = text[i + k] == '\0' ? NULL : strchr(digits64, text[i + k]);
            bool padding = text[i + k] == '=' && i + 4 == len && k >= 2;
            if ((at == NULL && !padding) || (at != NULL && n < k)) /* nothing after padding */
                return false;
            bits = bits << 6 | (padding ? 0u : (uint32_t)(at - digits64));
            n += !padding;
        }
        const uint8_t bytes[3] = {(uint8_t)(bits >> 16), (uint8_t)(bits >> 8), (uint8_t)bits};
        pl_buf_append(buf, bytes, n - 1);
    }
    return true;
}

void value_json_write(struct pl_buf *buf, struct pl_slice value, struct pl_buf *scratch)
{
    const size_t start = buf->len;
    struct pl_reader reader = pl_reader_of(value);
    pl_buf_clear(scratch);
    if (plain_write(&reader, buf, scratch) && scratch->len == value.len &&
        memcmp(scratch->data, value.data, value.len) == 0)
        return;
    buf->len = start;
    text_write(buf, "{\"" RAW_KEY "\":\"");
    base64_write(buf, value);
    text_write(buf, "\"}");
}

static bool raw_read(const json_t *json, struct pl_buf *buf)
{
    const json_t *text = json_object_get(json, RAW_KEY);
    const size_t start = buf->len;
    struct pl_slice value;
    if (json_object_size(json) != 1 || !json_is_string(text) ||
        !base64_read(json_string_value(text), json_string_length(text), buf))
        return false;
    if (buf->failed)
        return true; /* the caller sees it */
    struct pl_reader reader = pl_reader_of((struct pl_slice){buf->data + start, buf->len - start});
    return pl_read_raw(&reader, &value) && pl_reader_done(&reader);
}

static bool plain_read(const json_t *json, struct pl_buf *buf, unsigned depth)
{
    if (depth > PL_DEPTH_MAX)
        return false;
    switch (json_typeof(json)) {
    case JSON_NULL:
        pl_write_nil(buf);
        return true;
    case JSON_TRUE:
    case JSON_FALSE:
        pl_write_bool(buf, json_is_true(json));
        return true;
    case JSON_INTEGER:
    case JSON_REAL:
        pl_write_number(buf, json_number_value(json));
        return isfinite(json_number_value(json));
    case JSON_STRING:
        pl_write_str(buf, (struct pl_slice){(const uint8_t *)json_string_value(json),
                                            json_string_length(json)});
        return true;
    case JSON_ARRAY:
        pl_write_array(buf, json_array_size(json));
        for (size_t i = 0; i < json_array_size(json); i++) {
            if (!plain_read(json_array_get(json, i), buf, depth + 1))
                return false;
        }
        return true;
    case JSON_OBJECT:
        break;
    }
    return false;
}

bool value_json_read(const json_t *json, struct pl_buf *buf)
{
    return json_is_object(json) ? raw_read(json, buf) : json != NULL && plain_read(json, buf, 0);
}
