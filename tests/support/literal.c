/* A recursive-descent reader of literals that writes MessagePack. Elements are counted after they are written. */
#include "tests/support/literal.h"
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *value(struct pl_buf *buf, const char *at);

static const char *blank(const char *at)
{
    while (isspace((unsigned char)*at) || *at == ',' || *at == ':')
        at++;
    return at;
}

static const char *expect(const char *at, const char *word)
{
    if (strncmp(at, word, strlen(word)) != 0) {
        fprintf(stderr, "literal: expected %s at: %s\n", word, at);
        abort();
    }
    return at + strlen(word);
}

/* Elements up to `close`, written into a buffer of their own so that the count can go first. */
static const char *container(struct pl_buf *buf, const char *at, char close)
{
    struct pl_buf inner;
    size_t n = 0;
    pl_buf_init(&inner, buf->mem);
    for (at = blank(at + 1); *at != close; at = blank(at), n++)
        at = value(&inner, at);
    if (close == ']')
        pl_write_array(buf, n);
    else
        pl_write_map(buf, n / 2);
    pl_write_raw(buf, pl_buf_slice(&inner));
    pl_buf_done(&inner);
    return at + 1;
}

static const char *string(struct pl_buf *buf, const char *at)
{
    const char *end = strchr(at + 1, '\'');
    if (end == NULL)
        expect(at, "a closing quote");
    pl_write_str(buf, (struct pl_slice){(const uint8_t *)at + 1, (size_t)(end - at - 1)});
    return end + 1;
}

static const char *value(struct pl_buf *buf, const char *at)
{
    char *end;
    switch (*at) {
    case '[':
        return container(buf, at, ']');
    case '{':
        return container(buf, at, '}');
    case '\'':
        return string(buf, at);
    case 'n':
        pl_write_nil(buf);
        return expect(at, "nil");
    case 't':
        pl_write_bool(buf, true);
        return expect(at, "true");
    case 'f':
        pl_write_bool(buf, false);
        return expect(at, "false");
    default:
        pl_write_number(buf, strtod(at, &end));
        if (end == at)
            expect(at, "a value");
        return end;
    }
}

void literal_write(struct pl_buf *buf, const char *literal)
{
    const char *end = blank(value(buf, blank(literal)));
    if (*end != '\0')
        expect(end, "the end");
}
