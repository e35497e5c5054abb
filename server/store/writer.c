/* The writer's thread and its queue. See writer.h. Not here: what is written (journal.c,
 * snapshots.c). */
#include "store/writer.h"
#include "base/log.h"
#include <pthread.h>
#include <time.h>

#define PROBE_S 1 /* while the disk refuses and nobody wants to write */

struct list {
    struct write *first;
    struct write **last; /* where the next goes */
};

struct writer {
    struct env *env;
    const struct loop *loop;
    struct store_options options;
    pthread_t thread;
    bool refused;          /* the writer's own; the tally has a copy */
    pthread_mutex_t mutex; /* guards all below */
    pthread_cond_t filled;
    struct list queue;
    struct list finished;
    struct store_tally tally; /* since the loop was last told */
    bool ending;
};

static void list_init(struct list *list)
{
    list->first = NULL;
    list->last = &list->first;
}

static void list_append(struct list *list, struct write *write)
{
    write->next = NULL;
    *list->last = write;
    list->last = &write->next;
}

static struct write *list_shift(struct list *list)
{
    struct write *write = list->first;
    if (write != NULL && (list->first = write->next) == NULL)
        list->last = &list->first;
    return write;
}

/* The next transaction's writes: the queue up to the first that wants to be alone. Called with
 * the mutex. */
static void group_take(struct writer *writer, struct list *ret_group)
{
    list_init(ret_group);
    while (writer->queue.first != NULL) {
        bool alone = writer->queue.first->alone;
        if (alone && ret_group->first != NULL)
            break;
        list_append(ret_group, list_shift(&writer->queue));
        if (alone)
            break;
    }
}

static int group_put(struct writer *writer, const struct list *group)
{
    MDB_txn *txn;
    int code = mdb_txn_begin(writer->env->mdb, NULL, 0, &txn);
    if (code != 0)
        return code;
    for (struct write *write = group->first; write != NULL; write = write->next) {
        code = write->put(write, writer->env, txn);
        const bool refused = code == WRITE_REFUSED || code == MDB_KEYEXIST;
        write->status = refused ? PL_IO : PL_OK;
        if (code != 0 && !refused) {
            mdb_txn_abort(txn);
            return code;
        }
    }
    return mdb_txn_commit(txn);
}

/* Whether there is room for anything. */
static int probe(struct writer *writer)
{
    int code = env_mend(writer->env);
    if (code == 0 && (code = env_probe(writer->env)) != 0)
        (void)env_mend(writer->env); /* so that boards can be read at least */
    if ((code != 0) != writer->refused)
        log_event(code != 0 ? LOG_LEVEL_ERROR : LOG_LEVEL_INFO,
                  code != 0 ? "disk_refuses" : "disk_writes_again", "code=%d reason=\"%s\"", code,
                  code == 0 ? "" : mdb_strerror(code));
    writer->refused = code != 0;
    return code;
}

static uint64_t clock_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000u + (uint64_t)now.tv_nsec / 1000u;
}

/* Whether the transaction was committed. */
static bool group_write(struct writer *writer, struct list *group)
{
    int code = writer->refused ? probe(writer) : 0;
    if (code == 0) {
        const uint64_t began_us = clock_us();
        code = group_put(writer, group);
        if (code == 0 && writer->options.timed != NULL)
            writer->options.timed(writer->options.user, clock_us() - began_us);
        if (code == 0)
            return true;
        log_event(LOG_LEVEL_ERROR, "commit_failed", "code=%d reason=\"%s\"", code,
                  mdb_strerror(code));
        (void)probe(writer);
    }
    for (struct write *write = group->first; write != NULL; write = write->next)
        write->status = PL_IO;
    return false;
}

/* On the loop: completions in order. May be posted more often than there is something to do. */
static void finished_drain(void *user)
{
    struct writer *writer = user;
    struct list finished;
    list_init(&finished);
    pthread_mutex_lock(&writer->mutex);
    for (struct write *write; (write = list_shift(&writer->finished)) != NULL;)
        list_append(&finished, write);
    struct store_tally tally = writer->tally;
    writer->tally.commit_n = writer->tally.failure_n = 0;
    pthread_mutex_unlock(&writer->mutex);

    if (writer->options.committed != NULL)
        writer->options.committed(writer->options.user, &tally);
    for (struct write *write; (write = list_shift(&finished)) != NULL;)
        write->done(write, write->status);
}

/* Until there is something to write, or to end; while the disk refuses not for long. With the
 * mutex. */
static void work_wait(struct writer *writer)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += PROBE_S;
    int code = 0;
    while (writer->queue.first == NULL && !writer->ending && code == 0) {
        code = writer->refused ? pthread_cond_timedwait(&writer->filled, &writer->mutex, &until)
                               : pthread_cond_wait(&writer->filled, &writer->mutex);
    }
}

static void *writer_run(void *user)
{
    struct writer *writer = user;
    pthread_mutex_lock(&writer->mutex);
    for (;;) {
        work_wait(writer);
        if (writer->queue.first == NULL && writer->ending)
            break;
        struct list group;
        group_take(writer, &group);
        bool idle = group.first == NULL;
        pthread_mutex_unlock(&writer->mutex);
        bool committed = idle ? probe(writer) == 0 : group_write(writer, &group);
        pthread_mutex_lock(&writer->mutex);
        for (struct write *write; (write = list_shift(&group)) != NULL;)
            list_append(&writer->finished, write);
        writer->tally.commit_n += !idle && committed;
        writer->tally.failure_n += !idle && !committed;
        bool told = idle && writer->tally.refused == writer->refused;
        writer->tally.refused = writer->refused;
        if (!told)
            loop_post(writer->loop, finished_drain, writer);
    }
    pthread_mutex_unlock(&writer->mutex);
    return NULL;
}

enum pl_status writer_new(struct env *env, const struct loop *loop,
                          const struct store_options *options, struct writer **ret_writer)
{
    struct writer *writer = pl_mem_get(env->mem, sizeof *writer);
    if (writer == NULL)
        return PL_NO_MEMORY;
    *writer = (struct writer){.env = env, .loop = loop, .options = *options};
    list_init(&writer->queue);
    list_init(&writer->finished);
    pthread_mutex_init(&writer->mutex, NULL);
    pthread_condattr_t clock;
    pthread_condattr_init(&clock);
    pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
    pthread_cond_init(&writer->filled, &clock);
    pthread_condattr_destroy(&clock);
    if (pthread_create(&writer->thread, NULL, writer_run, writer) != 0) {
        pthread_cond_destroy(&writer->filled);
        pthread_mutex_destroy(&writer->mutex);
        pl_mem_put(env->mem, writer);
        return PL_IO;
    }
    *ret_writer = writer;
    return PL_OK;
}

void writer_push(struct writer *writer, struct write *write)
{
    pthread_mutex_lock(&writer->mutex);
    list_append(&writer->queue, write);
    pthread_cond_signal(&writer->filled);
    pthread_mutex_unlock(&writer->mutex);
}

void writer_free(struct writer *writer_or_null)
{
    if (writer_or_null == NULL)
        return;
    struct writer *writer = writer_or_null;
    pthread_mutex_lock(&writer->mutex);
    writer->ending = true;
    pthread_cond_signal(&writer->filled);
    pthread_mutex_unlock(&writer->mutex);
    pthread_join(writer->thread, NULL);
    finished_drain(writer);
    pthread_cond_destroy(&writer->filled);
    pthread_mutex_destroy(&writer->mutex);
    pl_mem_put(writer->env->mem, writer);
}
