/* Diagnostics: one logfmt line per event, with ids. Owns the one mutable global of the server,
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

#define LOG_LINE_BYTES_MAX 1024u /* longer lines are cut */

/* Called with a whole line, newline included. */
typedef void log_sink(void *user, const char *line, size_t len);

/* Before other threads start. NULL: standard error. */
void log_set(enum log_level least, log_sink *sink_or_null, void *user);
/* ts=... level=info event=board_loaded board=... ; `fields` formats the pairs after the event,
 * or is "". */
void log_event(enum log_level level, const char *event, const char *fields, ...)
    __attribute__((format(printf, 3, 4)));

#endif
