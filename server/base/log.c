/* The log's sink and its line format. See log.h. Not here: what is worth a line. */
#include "base/log.h"
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static void sink_stderr(void *user, const char *line, size_t len)
{
    (void)user;
    ssize_t written = write(STDERR_FILENO, line, len);
    (void)written; /* nowhere left to complain */
}

static struct {
    enum log_level least;
    enum log_format format;
    log_sink *sink;
    void *user;
} log_state = {.least = LOG_LEVEL_INFO, .sink = sink_stderr};

void log_set(enum log_level least, log_sink *sink_or_null, void *user)
{
    log_state.least = least;
    log_state.sink = sink_or_null != NULL ? sink_or_null : sink_stderr;
    log_state.user = user;
}

void log_set_format(enum log_format format)
{
    log_state.format = format;
}

static const char *level_name(enum log_level level)
{
    switch (level) {
    case LOG_LEVEL_DEBUG:
        return "debug";
    case LOG_LEVEL_INFO:
        return "info";
    case LOG_LEVEL_WARN:
        return "warn";
    case LOG_LEVEL_ERROR:
    case LOG_LEVEL_SILENT:
        break;
    }
    return "error";
}

/* What did not fit is cut, so that a line stays one line. */
static size_t clamp(size_t at, int printed)
{
    size_t end = at + (printed > 0 ? (size_t)printed : 0);
    return end < LOG_LINE_BYTES_MAX - 1 ? end : LOG_LINE_BYTES_MAX - 1;
}

/* One line as it grows. */
struct line {
    char text[LOG_LINE_BYTES_MAX];
    size_t len;
};

static bool line_add(struct line *line, const char *text, size_t len)
{
    if (line->len + len > sizeof line->text - 3) /* for the end: "}\n" */
        return false;
    memcpy(line->text + line->len, text, len);
    line->len += len;
    return true;
}

/* A peer's bytes must not forge lines. */
static void line_add_plain(struct line *line, const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++)
        line->text[line->len++] = (unsigned char)text[i] < 0x20 ? ' ' : text[i];
    while (line->len > 0 && line->text[line->len - 1] == ' ')
        line->len--;
}

static bool line_add_json(struct line *line, const char *text, size_t len)
{
    bool fits = line_add(line, "\"", 1);
    for (size_t i = 0; fits && i < len; i++) {
        unsigned char c = (unsigned char)text[i];
        char escape[8];
        if (c == '"' || c == '\\')
            fits = line_add(line, (char[]){'\\', (char)c}, 2);
        else if (c < 0x20 || c >= 0x7f) /* bytes of no known encoding */
            fits = line_add(line, escape, (size_t)snprintf(escape, sizeof escape, "\\u%04x", c));
        else
            fits = line_add(line, text + i, 1);
    }
    return fits && line_add(line, "\"", 1);
}

/* Counts and codes. An id has 16 digits, and is a text even when all of them are decimal. */
static bool is_number(const char *text, size_t len)
{
    if (len == 0 || len > 15 || (len > 1 && text[0] == '0'))
        return false;
    for (size_t i = 0; i < len; i++)
        if (text[i] < '0' || text[i] > '9')
            return false;
    return true;
}

/* The pairs of a logfmt text as members; a pair that does not fit is left out with all behind it. */
static void pairs_add_json(struct line *line, const char *text, size_t len)
{
    const char *end = text + len;
    for (bool fits = true; fits && text < end; text++) {
        const char *equals = memchr(text, '=', (size_t)(end - text));
        if (equals == NULL)
            return;
        const char *value = equals + 1, *stop;
        const bool quoted = value < end && *value == '"';
        if (quoted) { /* it is the last one: up to the last quote */
            value++;
            for (stop = end; stop > value && stop[-1] == ' ';)
                stop--;
            if (stop > value && stop[-1] == '"')
                stop--;
        } else {
            stop = memchr(value, ' ', (size_t)(end - value));
            if (stop == NULL)
                stop = end;
        }
        const size_t before = line->len, value_len = (size_t)(stop - value);
        fits = line_add(line, ",", 1) && line_add_json(line, text, (size_t)(equals - text)) && line_add(line, ":", 1);
        if (fits && !quoted && is_number(value, value_len))
            fits = line_add(line, value, value_len);
        else if (fits)
            fits = line_add_json(line, value, value_len);
        if (!fits)
            line->len = before;
        text = quoted ? end : stop;
    }
}

void log_event(enum log_level level, const char *event, const char *fields, ...)
{
    if (level < log_state.least)
        return;
    struct timespec now;
    struct tm utc;
    char when[32], pairs[LOG_LINE_BYTES_MAX];
    struct line line = {.len = 0};
    va_list args;
    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &utc);
    strftime(when, sizeof when, "%Y-%m-%dT%H:%M:%S", &utc);
    va_start(args, fields);
    size_t pairs_len = clamp(0, vsnprintf(pairs, sizeof pairs, fields, args));
    va_end(args);
    while (pairs_len > 0 && pairs[pairs_len - 1] == ' ')
        pairs_len--;

    const bool json = log_state.format == LOG_FORMAT_JSON;
    const char *shape = json ? "{\"ts\":\"%s.%03ldZ\",\"level\":\"%s\",\"event\":\"%s\"" : "ts=%s.%03ldZ level=%s event=%s ";
    line.len = clamp(0, snprintf(line.text, sizeof line.text, shape, when, now.tv_nsec / 1000000, level_name(level), event));
    if (json) {
        pairs_add_json(&line, pairs, pairs_len);
        line.text[line.len++] = '}';
    } else {
        const size_t room = sizeof line.text - 1 - line.len;
        line_add_plain(&line, pairs, pairs_len < room ? pairs_len : room);
    }
    line.text[line.len++] = '\n';
    log_state.sink(log_state.user, line.text, line.len);
}
