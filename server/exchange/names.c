/* See names.h. */
#include "exchange/names.h"
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

struct name {
    uint32_t number;
    const char *text; /* upper case, as in the schema */
};

#define PL_KIND(name, number, writer) {number, #name},
static const struct name kinds[] = {
#include "proto/schema.def"
};
#undef PL_KIND
#define PL_FIELD(name, number, type) {number, #name},
static const struct name fields[] = {
#include "proto/schema.def"
};
#undef PL_FIELD
#define PL_MARK(name, number, type, grows) {number, #name},
static const struct name marks[] = {
#include "proto/schema.def"
};
#undef PL_MARK

static const struct name *table_of(enum name_of of, size_t *ret_n)
{
    switch (of) {
    case NAME_KIND:
        *ret_n = sizeof kinds / sizeof *kinds;
        return kinds;
    case NAME_FIELD:
        *ret_n = sizeof fields / sizeof *fields;
        return fields;
    case NAME_MARK:
        break;
    }
    *ret_n = sizeof marks / sizeof *marks;
    return marks;
}

void name_write(enum name_of of, uint32_t number, char ret_text[NAME_BYTES])
{
    size_t n;
    const struct name *names = table_of(of, &n);
    for (size_t i = 0; i < n; i++) {
        if (names[i].number != number)
            continue;
        size_t len = 0;
        for (const char *c = names[i].text; *c != '\0' && len + 1 < NAME_BYTES; c++)
            ret_text[len++] = (char)tolower((unsigned char)*c);
        ret_text[len] = '\0';
        return;
    }
    snprintf(ret_text, NAME_BYTES, "%u", number);
}

bool name_read(enum name_of of, const char *text, uint32_t *ret_number)
{
    size_t n;
    const struct name *names = table_of(of, &n);
    for (size_t i = 0; i < n; i++) {
        if (strcasecmp(names[i].text, text) == 0) {
            *ret_number = names[i].number;
            return true;
        }
    }
    uint64_t number = 0;
    for (const char *c = text; *c != '\0'; c++) {
        if (*c < '0' || *c > '9' || (number = number * 10 + (uint64_t)(*c - '0')) > UINT32_MAX)
            return false;
    }
    *ret_number = (uint32_t)number;
    return *text != '\0';
}
