/* See control.h. By system calls alone: what is preloaded may wrap the functions. */
#include "control.h"
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define TEXT_BYTES 32u

static void text_read(const char *path, char ret_text[TEXT_BYTES])
{
    long file = syscall(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC, 0);
    ret_text[0] = '\0';
    if (file < 0)
        return;
    long n = syscall(SYS_read, file, ret_text, TEXT_BYTES - 1);
    ret_text[n > 0 ? n : 0] = '\0';
    syscall(SYS_close, file);
}

static int error_of(const char *name)
{
    static const struct {
        const char *name;
        int error;
    } errors[] = {{"ENOSPC", ENOSPC},         {"EIO", EIO},     {"ECONNRESET", ECONNRESET},
                  {"EPIPE", EPIPE},           {"EINTR", EINTR}, {"EAGAIN", EAGAIN},
                  {"ECONNABORTED", ECONNABORTED}, {"EMFILE", EMFILE}, {"HALF", FAULT_HALF}};
    for (size_t i = 0; i < sizeof errors / sizeof *errors; i++) {
        if (strcmp(errors[i].name, name) == 0)
            return errors[i].error;
    }
    abort(); /* a test's mistake */
}

/* Whether this call is the one of those since the text changed. With the mutex. */
static bool is_the_one(const char *text, unsigned long number)
{
    static char counted[TEXT_BYTES];
    static unsigned long n;
    if (strcmp(counted, text) != 0) {
        memcpy(counted, text, TEXT_BYTES);
        n = 0;
    }
    return ++n == number;
}

static int wanted(const char *path, const char *kind, const char *group)
{
    static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER; /* the journal and the loop have threads of their own */
    char text[TEXT_BYTES] = "", name[16], what[16];
    unsigned long number = 0;
    text_read(path, text);
    if (sscanf(text, "%15s %15s %lu", name, what, &number) < 2 ||
        (strcmp(what, kind) != 0 && strcmp(what, group) != 0))
        return 0;
    pthread_mutex_lock(&mutex);
    const bool fails = number == 0 || is_the_one(text, number);
    pthread_mutex_unlock(&mutex);
    if (fails && number != 0)
        syscall(SYS_truncate, path, 0);
    return fails ? error_of(name) : 0;
}

int fault_of(const char *kind, const char *group)
{
    const char *path = getenv("PLENUM_FAULT");
    const int before = errno;
    const int error = path == NULL ? 0 : wanted(path, kind, group);
    errno = before;
    return error;
}
