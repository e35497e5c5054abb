/* The plan goes to Node as a file of 32-bit numbers in this machine's order, the texts behind them, on its standard
 * input; a line of JSON and the encoded state come back. Nothing is decided there: trace.mjs has no JSON to read, no
 * parents to walk and no characters to count. */
#include "bench/trace/node.h"
#include <errno.h>
#include <jansson.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void write_words(FILE *file, const uint32_t *words, size_t n)
{
    fwrite(words, sizeof *words, n, file);
}

static void write_patches(FILE *file, const struct history *history, const struct replay *native)
{
    for (size_t i = 0; i < history->patch_n; i++) {
        const struct patch *patch = &history->patches[i];
        uint32_t at = patch->at, removed = patch->removed;
        if (native->utf16_or_null != NULL) {
            at = native->utf16_or_null[i][0];
            removed = native->utf16_or_null[i][1];
        }
        write_words(file, (uint32_t[]){at, removed, (uint32_t)patch->inserted_at, patch->inserted_bytes}, 4);
    }
}

static FILE *write_plan(const struct history *history, const struct plan *plan, const struct replay *native,
                        uint32_t repeat)
{
    FILE *file = tmpfile();
    if (file == NULL)
        return NULL;
    write_words(file,
                (uint32_t[]){repeat, plan->peer_n, (uint32_t)plan->setup_n, (uint32_t)plan->step_n,
                             (uint32_t)history->patch_n, (uint32_t)history->text_bytes},
                6);
    for (size_t i = 0; i < plan->step_n; i++) {
        const struct step *step = &plan->steps[i];
        write_words(file, (uint32_t[]){step->kind, step->peer, step->a, step->b}, 4);
    }
    write_patches(file, history, native);
    if (history->text_bytes > 0)
        fwrite(history->text, 1, history->text_bytes, file);
    if (fflush(file) != 0 || fseek(file, 0, SEEK_SET) != 0 || ferror(file)) {
        fclose(file);
        return NULL;
    }
    return file;
}

/* The script and the engine stand in the build directory, one above this program's. */
static bool find_files(char script[PATH_MAX], char wasm[PATH_MAX])
{
    char self[PATH_MAX];
    const ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
    if (n < 0)
        return false;
    self[n] = '\0';
    const char *build = dirname(dirname(self));
    return snprintf(script, PATH_MAX, "%s/bench/trace.mjs", build) < PATH_MAX &&
           snprintf(wasm, PATH_MAX, "%s/proto.wasm", build) < PATH_MAX;
}

/* Starts Node; ret_out is where its answer comes. */
static pid_t start(FILE *plan, FILE **ret_out)
{
    char script[PATH_MAX], wasm[PATH_MAX];
    int ends[2];
    if (!find_files(script, wasm) || pipe(ends) != 0)
        return -1;
    const pid_t pid = fork();
    if (pid == 0) {
        dup2(fileno(plan), STDIN_FILENO);
        dup2(ends[1], STDOUT_FILENO);
        close(ends[0]);
        close(ends[1]);
        execlp("node", "node", "--expose-gc", script, wasm, (char *)NULL);
        fprintf(stderr, "plenum-trace: node: %s\n", strerror(errno));
        _exit(127);
    }
    close(ends[1]);
    *ret_out = pid < 0 ? NULL : fdopen(ends[0], "rb");
    if (*ret_out == NULL)
        close(ends[0]);
    return pid;
}

static void read_times(const json_t *list, struct timings *timings)
{
    timings->n = json_array_size(list) < REPEAT_MAX ? (uint32_t)json_array_size(list) : REPEAT_MAX;
    for (uint32_t i = 0; i < timings->n; i++)
        timings->ms[i] = json_number_value(json_array_get(list, i));
}

static size_t size_in(const json_t *answer, const char *key)
{
    return (size_t)json_integer_value(json_object_get(answer, key));
}

static bool read_answer(FILE *out, const struct replay *native, struct figures *figures)
{
    json_error_t error;
    json_t *answer = json_loadf(out, JSON_DISABLE_EOF_CHECK, &error);
    struct pl_buf encoded;
    uint8_t piece[4096];
    size_t n;
    if (answer == NULL)
        return false;
    read_times(json_object_get(answer, "replay_ms"), &figures->replay);
    read_times(json_object_get(answer, "load_ms"), &figures->load);
    read_times(json_object_get(answer, "merge_ms"), &figures->merge);
    figures->live_bytes = size_in(answer, "linear_bytes");
    figures->rss_bytes = json_number_value(json_object_get(answer, "rss_bytes"));
    figures->batch_n = size_in(answer, "batches");
    figures->journal_bytes = size_in(answer, "journal_bytes");
    const json_t *wrong = json_object_get(answer, "wrong");
    if (json_is_string(wrong))
        figures_fail(figures, "WebAssembly: %s", json_string_value(wrong));
    json_decref(answer);
    pl_buf_init(&encoded, pl_mem_libc());
    while ((n = fread(piece, 1, sizeof piece, out)) > 0)
        pl_buf_append(&encoded, piece, n);
    figures->encoded_bytes = encoded.len;
    if (encoded.failed || !pl_slice_equal(pl_buf_slice(&encoded), pl_buf_slice(&native->encoded)))
        figures_fail(figures, "WebAssembly has another state than the native engine");
    pl_buf_done(&encoded);
    return true;
}

bool node_run(const struct history *history, const struct plan *plan, const struct replay *native, uint32_t repeat,
              struct figures *figures)
{
    FILE *file = write_plan(history, plan, native, repeat), *out = NULL;
    bool answered = false;
    int ended = 1;
    if (file == NULL) {
        fprintf(stderr, "plenum-trace: no room for the plan\n");
        return false;
    }
    const pid_t pid = start(file, &out);
    if (out != NULL) {
        answered = read_answer(out, native, figures);
        fclose(out);
    }
    fclose(file);
    if (pid > 0)
        waitpid(pid, &ended, 0);
    if (!answered || ended != 0)
        fprintf(stderr, "plenum-trace: node could not carry out the plan\n");
    return answered && ended == 0;
}
