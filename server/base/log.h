/* Diagnostics: one line per event, logfmt or JSON, with ids. Owns the one mutable global of the server,
 * the sink. Leaf code never logs: it returns a status, and the edge (a board's life, the writer,
 * the sockets) says it once. Callable from any thread; a line is written whole. */
#ifndef BASE_LOG_H
#define BASE_LOG_H
#include <stddef.h>

enum log_level {
    LOG_LEVEL_DEBUG,
    LOG_LEVEL_INFO,
    LOG_LEVEL_WARN,
    LOG_LEVEL_ERROR,
    LOG_LEVEL_SILENT, /* as a threshold only */
};

enum log_format {
    LOG_FORMAT_PLAIN, /* ts=... level=info event=board_loaded board=... */
    LOG_FORMAT_JSON,  /* {"ts":"...","level":"info","event":"board_loaded","board":"..."} */
};

#define LOG_LINE_BYTES_MAX 1024u /* longer lines are cut: a JSON line after a whole pair */

/* Called with a whole line, newline included. */
typedef void log_sink(void *user, const char *line, size_t len);

/* Before other threads start. NULL: standard error. Lines are plain until log_set_format. */
void log_set(enum log_level least, log_sink *sink_or_null, void *user);
void log_set_format(enum log_format format);
/* `fields` formats the pairs after the event, or is "": name=value, or name="..." when a value may have blanks, which
 * the last of a line may only. What peers chose goes into that one: it may hold anything, and forges no pair in JSON. */
void log_event(enum log_level level, const char *event, const char *fields, ...)
    __attribute__((format(printf, 3, 4)));

#endif
