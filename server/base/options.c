/* See options.h. Not here: who may set an option when. */
#include "base/options.h"
#include <ctype.h>
#include <string.h>

struct kind_of {
    enum {
        KIND_FILE_NAME,
        KIND_SWITCH,
        KIND_ADDRESS,
        KIND_TEXT,
        KIND_ORIGINS,
        KIND_NETWORKS,
        KIND_LEVEL,
        KIND_FORMAT,
        KIND_NUMBER,
    } kind;
    uint32_t min, max; /* of a number */
    const char *wants; /* by a number that is none */
};

#define FILE_NAME        {.kind = KIND_FILE_NAME}
#define SWITCH           {.kind = KIND_SWITCH}
#define ADDRESS          {.kind = KIND_ADDRESS}
#define TEXT             {.kind = KIND_TEXT}
#define ORIGINS          {.kind = KIND_ORIGINS}
#define NETWORKS         {.kind = KIND_NETWORKS}
#define LEVEL            {.kind = KIND_LEVEL}
#define FORMAT           {.kind = KIND_FORMAT}
#define NUMBER(min, max) {KIND_NUMBER, min, max, "wants a whole number from " #min " to " #max}

static const struct {
    const char *name;
    const char *argument;
    const char *fallback;
    const char *help;
    size_t offset; /* of its field in struct config */
} table[OPTION_COUNT] = {
#define X(id, field, name, kind, argument, fallback, help) {name, argument, fallback, help, offsetof(struct config, field)},
#include "base/options.def"
#undef X
};

static const struct kind_of kinds[OPTION_COUNT] = {
#define X(id, field, name, kind, argument, fallback, help) kind,
#include "base/options.def"
#undef X
};

static const char *const levels[] = {"debug", "info", "warn", "error", "silent"};
static const char *const formats[] = {"plain", "json"};

enum pl_status option_find(const char *name, size_t len, enum option_id *ret_id)
{
    for (unsigned id = 0; id < OPTION_COUNT; id++)
        if (strlen(table[id].name) == len && memcmp(table[id].name, name, len) == 0) {
            *ret_id = (enum option_id)id;
            return PL_OK;
        }
    return PL_NOT_FOUND;
}

void option_variable(enum option_id id, char ret_name[64])
{
    size_t n = (size_t)snprintf(ret_name, 64, "PLENUM_%s", table[id].name);
    for (size_t i = 7; i < n; i++)
        ret_name[i] = ret_name[i] == '-' ? '_' : (char)toupper((unsigned char)ret_name[i]);
}

enum pl_status option_find_variable(const char *name, size_t len, enum option_id *ret_id)
{
    for (unsigned id = 0; id < OPTION_COUNT; id++) {
        char variable[64];
        option_variable((enum option_id)id, variable);
        if (strlen(variable) == len && memcmp(variable, name, len) == 0) {
            *ret_id = (enum option_id)id;
            return PL_OK;
        }
    }
    return PL_NOT_FOUND;
}

const char *option_name(enum option_id id)
{
    return table[id].name;
}

bool option_is_switch(enum option_id id)
{
    return kinds[id].kind == KIND_SWITCH;
}

bool option_is_list(enum option_id id)
{
    return kinds[id].kind == KIND_ORIGINS || kinds[id].kind == KIND_NETWORKS;
}

bool option_is_filed(enum option_id id)
{
    return kinds[id].kind != KIND_SWITCH && kinds[id].kind != KIND_FILE_NAME;
}

/* Values. */

static bool choice_read(const char *text, const char *const *names, size_t n, unsigned *ret_choice)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(text, names[i]) == 0) {
            *ret_choice = (unsigned)i;
            return true;
        }
    return false;
}

static bool number_read(const char *text, uint32_t min, uint32_t max, uint32_t *ret_number)
{
    uint64_t value = 0;
    for (const char *c = text; *c != '\0'; c++) {
        if (*c < '0' || *c > '9')
            return false;
        value = value * 10 + (uint64_t)(*c - '0');
        if (value > max)
            return false;
    }
    if (value < min)
        return false;
    *ret_number = (uint32_t)value;
    return true;
}

/* Scheme and authority, and nothing after: what a browser writes into Origin. */
static bool origin_valid(const char *text)
{
    const char *rest = strncmp(text, "https://", 8) == 0  ? text + 8
                       : strncmp(text, "http://", 7) == 0 ? text + 7
                                                          : "";
    return *rest != '\0' && strchr(rest, '/') == NULL;
}

static const char *networks_add(struct config_networks *list, const char *value)
{
    if (list->n == CONFIG_LIST_MAX)
        return "was given more than 16 times";
    if (network_parse(value, &list->at[list->n]) != PL_OK)
        return "wants a numeric address, or a network like 10.0.0.0/8 or fd00::/8";
    list->n++;
    return NULL;
}

static const char *origins_add(struct config_texts *list, const char *value)
{
    if (list->n == CONFIG_LIST_MAX)
        return "was given more than 16 times";
    if (!origin_valid(value))
        return "wants an origin like https://board.example.org, without a path";
    list->at[list->n++] = value;
    return NULL;
}

const char *option_set(enum option_id id, struct config *config, const char *value)
{
    void *field = (char *)config + table[id].offset;
    unsigned choice;
    if (*value == '\0') {
        option_reset(id, config);
        return table[id].fallback[0] == '\0' ? NULL : "wants a value";
    }
    switch (kinds[id].kind) {
    case KIND_FILE_NAME:
    case KIND_TEXT:
        *(const char **)field = value;
        return NULL;
    case KIND_SWITCH:
        *(bool *)field = true;
        return NULL;
    case KIND_ADDRESS:
        return address_parse(value, field) == PL_OK
                   ? NULL
                   : "wants a numeric ADDR:PORT, like 127.0.0.1:8080 or [::1]:8080";
    case KIND_ORIGINS:
        return origins_add(field, value);
    case KIND_NETWORKS:
        return networks_add(field, value);
    case KIND_LEVEL:
        if (!choice_read(value, levels, sizeof levels / sizeof *levels, &choice))
            return "wants debug, info, warn, error or silent";
        *(enum log_level *)field = (enum log_level)choice;
        return NULL;
    case KIND_FORMAT:
        if (!choice_read(value, formats, sizeof formats / sizeof *formats, &choice))
            return "wants plain or json";
        *(enum log_format *)field = (enum log_format)choice;
        return NULL;
    case KIND_NUMBER:
        return number_read(value, kinds[id].min, kinds[id].max, field) ? NULL : kinds[id].wants;
    }
    return "is of no known kind";
}

void option_reset(enum option_id id, struct config *config)
{
    void *field = (char *)config + table[id].offset;
    switch (kinds[id].kind) {
    case KIND_FILE_NAME:
    case KIND_TEXT:
        *(const char **)field = NULL;
        break;
    case KIND_SWITCH:
        *(bool *)field = false;
        break;
    case KIND_ADDRESS:
        *(struct address *)field = (struct address){0};
        break;
    case KIND_ORIGINS:
        ((struct config_texts *)field)->n = 0;
        break;
    case KIND_NETWORKS:
        ((struct config_networks *)field)->n = 0;
        break;
    case KIND_LEVEL:
    case KIND_FORMAT:
    case KIND_NUMBER:
        break;
    }
    if (table[id].fallback[0] != '\0')
        (void)option_set(id, config, table[id].fallback);
}

static void network_write(const struct network *network, char ret_text[1024])
{
    char host[ADDRESS_TEXT_BYTES];
    address_write_host(&network->address, host);
    snprintf(ret_text, 1024, "%s/%u", host, network->bits);
}

bool option_value(enum option_id id, const struct config *config, size_t index, char ret_text[1024])
{
    const void *field = (const char *)config + table[id].offset;
    const char *text = NULL;
    if (index > 0 && !option_is_list(id))
        return false;
    switch (kinds[id].kind) {
    case KIND_SWITCH:
        return false;
    case KIND_FILE_NAME:
    case KIND_TEXT:
        text = *(const char *const *)field;
        break;
    case KIND_ADDRESS:
        if (((const struct address *)field)->len == 0)
            return false;
        address_write(field, ret_text);
        return true;
    case KIND_ORIGINS:
        if (index < ((const struct config_texts *)field)->n)
            text = ((const struct config_texts *)field)->at[index];
        break;
    case KIND_NETWORKS:
        if (index >= ((const struct config_networks *)field)->n)
            return false;
        network_write(&((const struct config_networks *)field)->at[index], ret_text);
        return true;
    case KIND_LEVEL:
        text = levels[*(const enum log_level *)field];
        break;
    case KIND_FORMAT:
        text = formats[*(const enum log_format *)field];
        break;
    case KIND_NUMBER:
        snprintf(ret_text, 1024, "%u", *(const uint32_t *)field);
        return true;
    }
    if (text != NULL)
        snprintf(ret_text, 1024, "%s", text);
    return text != NULL;
}

/* Printing. */

/* The text in lines of at most `width` columns, each behind `prefix`. */
static void wrapped_print(FILE *out, const char *text, const char *prefix, size_t width)
{
    while (*text != '\0') {
        size_t len = strlen(text);
        if (len > width) {
            len = width;
            while (len > 0 && text[len] != ' ')
                len--;
            if (len == 0)
                len = width;
        }
        fprintf(out, "%s%.*s\n", prefix, (int)len, text);
        text += len;
        text += strspn(text, " ");
    }
}

/* What one may want to know besides: the default, and whether it may be repeated. */
static void notes_write(enum option_id id, char ret_text[1024])
{
    snprintf(ret_text, 1024, "%s%s%s%s%s", table[id].help, option_is_list(id) ? " May be repeated." : "",
             table[id].fallback[0] != '\0' ? " Default " : "", table[id].fallback,
             table[id].fallback[0] != '\0' ? "." : "");
}

void options_print_help(FILE *out)
{
    for (unsigned id = 0; id < OPTION_COUNT; id++) {
        char text[1024];
        fprintf(out, "    --%s%s%s\n", table[id].name, table[id].argument[0] != '\0' ? " " : "", table[id].argument);
        notes_write((enum option_id)id, text);
        wrapped_print(out, text, "        ", 88);
    }
}

/* Text for troff: hyphens are written \-, and a line must not begin with a dot or an apostrophe. */
static void troff_print(FILE *out, const char *text)
{
    for (const char *c = text; *c != '\0'; c++) {
        if (*c == '-')
            fputs("\\-", out);
        else if (*c == '\\')
            fputs("\\e", out);
        else if (c == text && (*c == '.' || *c == '\''))
            fprintf(out, "\\&%c", *c);
        else
            fputc(*c, out);
    }
}

void options_print_manual(FILE *out)
{
    for (unsigned id = 0; id < OPTION_COUNT; id++) {
        char text[1024], variable[64];
        fputs(".TP\n.B \\-\\-", out);
        troff_print(out, table[id].name);
        if (table[id].argument[0] != '\0')
            fprintf(out, " \\fI%s\\fR", table[id].argument);
        fputc('\n', out);
        notes_write((enum option_id)id, text);
        troff_print(out, text);
        option_variable((enum option_id)id, variable);
        if (!option_is_switch((enum option_id)id))
            fprintf(out, "\nVariable\n.BR %s .", variable);
        fputc('\n', out);
    }
}

void options_print_sample(FILE *out)
{
    for (unsigned id = 0; id < OPTION_COUNT; id++) {
        char text[1024];
        if (!option_is_filed((enum option_id)id))
            continue;
        notes_write((enum option_id)id, text);
        fputc('\n', out);
        wrapped_print(out, text, "# ", 96);
        fprintf(out, "#%s = %s\n", table[id].name,
                table[id].fallback[0] != '\0' ? table[id].fallback : table[id].argument);
    }
}
