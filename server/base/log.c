/* The log's sink and its line format. See log.h. Not here: what is worth a line. */
#include "base/log.h"
#include <stdarg.h>
#include <stdio.h>
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
    log_sink *sink;
    void *user;
} log_state = {.least = LOG_LEVEL_INFO, .sink = sink_stderr};

void log_set(enum log_level least, log_sink *sink_or_null, void *user)
{
    log_state.least = least;
    log_state.sink = sink_or_null != NULL ? sink_or_null : sink_stderr;
    log_state.user = user;
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

void log_event(enum log_level level, const char *event, const char *fields, ...)
{
    if (level < log_state.least)
        return;
    struct timespec now;
    struct tm utc;
    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &utc);

    char line[LOG_LINE_BYTES_MAX];
    size_t len = strftime(line, sizeof line, "ts=%Y-%m-%dT%H:%M:%S", &utc);
    len = clamp(len, snprintf(line + len, sizeof line - len, ".%03ldZ level=%s event=%s ",
                              now.tv_nsec / 1000000, level_name(level), event));
    va_list args;
    va_start(args, fields);
    len = clamp(len, vsnprintf(line + len, sizeof line - len, fields, args));
    va_end(args);

    for (size_t i = 0; i < len; i++) {
        if ((unsigned char)line[i] < 0x20)
            line[i] = ' '; /* a peer's bytes must not forge lines */
    }
    while (len > 0 && line[len - 1] == ' ')
        len--;
    line[len++] = '\n';
    log_state.sink(log_state.user, line, len);
}
