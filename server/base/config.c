/* The three sources, and which goes before which. See config.h. */
#include "base/config.h"
#include "base/options.h"
#include <errno.h>
#include <string.h>

#define PREFIX "PLENUM_"

static const char *const blanks = " \t\r\n";

/* A value kept for as long as the config; NULL when there are too many. */
static char *keep(struct config *config, const char *value, size_t len)
{
    if (len >= CONFIG_VALUE_BYTES_MAX - config->text_len)
        return NULL;
    char *kept = config->text + config->text_len;
    memcpy(kept, value, len);
    kept[len] = '\0';
    config->text_len += len + 1;
    return kept;
}

/* One value from a source. A list begins anew when a higher source names it. */
static const char *put(struct config *config, enum option_id id, struct config_source source, const char *value,
                       size_t len)
{
    const char *kept = keep(config, value, len);
    if (kept == NULL)
        return "is too long, with all the others";
    if (memchr(value, '\0', len) != NULL)
        return "has a zero byte";
    if (option_is_list(id) && config->sources[id].kind != source.kind)
        option_reset(id, config);
    config->sources[id] = source;
    return option_set(id, config, kept);
}

/* Flags. */

static const char *flag_name(const char *word)
{
    return strncmp(word, "--", 2) == 0 ? word + 2 : "";
}

/* The options behind `serve`; only --config when `file_only`, for the file is read before the rest is set. */
static enum pl_status flags_read(struct config *config, int argc, char *const *argv, bool file_only,
                                 char *error)
{
    for (int i = 2; i < argc; i++) {
        const char *name = flag_name(argv[i]);
        size_t len = strcspn(name, "=");
        enum option_id id;
        const char *value = "", *wrong = NULL;
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
            config->command = CONFIG_HELP;
            return PL_OK;
        }
        if (option_find(name, len, &id) != PL_OK) {
            snprintf(error, CONFIG_ERROR_BYTES, "'%.100s' is not an option of plenum serve; try plenum --help", argv[i]);
            return PL_INVALID;
        }
        if (option_is_switch(id))
            value = name[len] == '=' ? NULL : "yes";
        else if (name[len] == '=')
            value = name + len + 1;
        else if (++i < argc)
            value = argv[i];
        else
            wrong = "wants a value";
        if (value == NULL)
            wrong = "takes no value";
        else if (wrong == NULL && (!file_only || id == OPTION_CONFIG))
            wrong = put(config, id, (struct config_source){.kind = SOURCE_FLAG}, value, strlen(value));
        if (wrong != NULL) {
            snprintf(error, CONFIG_ERROR_BYTES, "--%s %s%s%.100s%s", option_name(id), wrong,
                     value != NULL && *value != '\0' ? ", not '" : "", value != NULL ? value : "",
                     value != NULL && *value != '\0' ? "'" : "");
            return PL_INVALID;
        }
    }
    return PL_OK;
}

/* Variables. */

/* A list's variable holds values with blanks between them. */
static const char *variable_put(struct config *config, enum option_id id, const char *value)
{
    const struct config_source source = {.kind = SOURCE_VARIABLE};
    if (!option_is_list(id))
        return put(config, id, source, value, strlen(value));
    const char *wrong = NULL;
    while (wrong == NULL && *(value += strspn(value, blanks)) != '\0') {
        size_t len = strcspn(value, blanks);
        wrong = put(config, id, source, value, len);
        value += len;
    }
    return wrong;
}

static enum pl_status variables_read(struct config *config, char *const *variables, bool file_only, char *error)
{
    for (size_t i = 0; variables != NULL && variables[i] != NULL; i++) {
        size_t len = strcspn(variables[i], "=");
        enum option_id id;
        if (variables[i][len] != '=' || variables[i][len + 1] == '\0' || /* empty is as good as unset */
            option_find_variable(variables[i], len, &id) != PL_OK || option_is_switch(id) ||
            (file_only && id != OPTION_CONFIG))
            continue;
        const char *value = variables[i] + len + 1;
        const char *wrong = variable_put(config, id, value);
        if (wrong != NULL) {
            snprintf(error, CONFIG_ERROR_BYTES, "%.*s %s, not '%.100s'", (int)len, variables[i], wrong, value);
            return PL_INVALID;
        }
    }
    return PL_OK;
}

const char *config_unknown_variable(char *const *variables)
{
    enum option_id id;
    for (size_t i = 0; variables != NULL && variables[i] != NULL; i++) {
        size_t len = strcspn(variables[i], "=");
        if (strncmp(variables[i], PREFIX, strlen(PREFIX)) == 0 &&
            (option_find_variable(variables[i], len, &id) != PL_OK || option_is_switch(id)))
            return variables[i];
    }
    return NULL;
}

/* The file. */

static const char *line_read(struct config *config, const char *line, size_t len, unsigned number)
{
    while (len > 0 && strchr(blanks, line[len - 1]) != NULL)
        len--;
    while (len > 0 && strchr(blanks, *line) != NULL)
        line++, len--;
    if (len == 0 || *line == '#')
        return NULL;
    const char *equals = memchr(line, '=', len);
    if (equals == NULL)
        return "wants to be name = value";
    size_t name_len = (size_t)(equals - line);
    while (name_len > 0 && strchr(blanks, line[name_len - 1]) != NULL)
        name_len--;
    const char *value = equals + 1;
    while (value < line + len && strchr(blanks, *value) != NULL)
        value++;
    enum option_id id;
    if (option_find(line, name_len, &id) != PL_OK)
        return "names no option of plenum serve";
    if (!option_is_filed(id))
        return "names an option of the command line";
    return put(config, id, (struct config_source){SOURCE_FILE, number}, value, (size_t)(line + len - value));
}

static enum pl_status lines_read(struct config *config, const char *text, size_t len, char *error)
{
    unsigned number = 0;
    for (size_t at = 0; at < len;) {
        const char *line = text + at;
        const char *end = memchr(line, '\n', len - at);
        size_t line_len = end != NULL ? (size_t)(end - line) : len - at;
        const char *wrong = line_read(config, line, line_len, ++number);
        if (wrong != NULL) {
            snprintf(error, CONFIG_ERROR_BYTES, "%.200s:%u: '%.*s' %s", config->file, number,
                     (int)(line_len < 100 ? line_len : 100), line, wrong);
            return PL_INVALID;
        }
        at += line_len + 1;
    }
    return PL_OK;
}

static enum pl_status file_read(struct config *config, char *error)
{
    enum pl_status status = PL_IO;
    errno = 0;
    char *text = pl_mem_get(config->mem, CONFIG_FILE_BYTES_MAX);
    FILE *file = fopen(config->file, "re");
    if (text == NULL) {
        status = PL_NO_MEMORY;
    } else if (file != NULL) {
        size_t len = fread(text, 1, CONFIG_FILE_BYTES_MAX, file);
        if (ferror(file) == 0 && len < CONFIG_FILE_BYTES_MAX)
            status = lines_read(config, text, len, error);
        else if (len == CONFIG_FILE_BYTES_MAX)
            errno = EFBIG;
    }
    if (status == PL_IO)
        snprintf(error, CONFIG_ERROR_BYTES, "cannot read the configuration file %.200s: %s", config->file,
                 strerror(errno));
    if (file != NULL)
        fclose(file);
    pl_mem_put(config->mem, text);
    return status;
}

static enum pl_status command_read(struct config *config, int argc, char *const *argv, char *error)
{
    if (argc < 2 || strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
        config->command = CONFIG_HELP;
    } else if (strcmp(argv[1], "--version") == 0) {
        config->command = CONFIG_VERSION;
    } else if (strcmp(argv[1], "serve") != 0) {
        snprintf(error, CONFIG_ERROR_BYTES, "'%.100s' is not a command; try plenum --help", argv[1]);
        return PL_INVALID;
    }
    return PL_OK;
}

static enum pl_status together_check(const struct config *config, char *error)
{
    if ((config->tls_cert_or_null == NULL) == (config->tls_key_or_null == NULL))
        return PL_OK;
    snprintf(error, CONFIG_ERROR_BYTES, "--tls-cert and --tls-key go together");
    return PL_INVALID;
}

enum pl_status config_read(const struct pl_mem *mem, int argc, char *const *argv, char *const *variables,
                           struct config **ret_config, char ret_error[CONFIG_ERROR_BYTES])
{
    struct config *config = pl_mem_get(mem, sizeof *config);
    if (config == NULL) {
        snprintf(ret_error, CONFIG_ERROR_BYTES, "out of memory");
        return PL_NO_MEMORY;
    }
    *config = (struct config){.mem = mem, .command = CONFIG_SERVE};
    for (unsigned id = 0; id < OPTION_COUNT; id++)
        option_reset((enum option_id)id, config);
    enum pl_status status = command_read(config, argc, argv, ret_error);
    const bool serve = config->command == CONFIG_SERVE;
    /* Which file, by the higher source; then the three from the lowest up. */
    if (status == PL_OK && serve)
        status = variables_read(config, variables, true, ret_error);
    if (status == PL_OK && serve)
        status = flags_read(config, argc, argv, true, ret_error);
    if (status == PL_OK && config->command == CONFIG_SERVE && config->file != NULL)
        status = file_read(config, ret_error);
    if (status == PL_OK && config->command == CONFIG_SERVE)
        status = variables_read(config, variables, false, ret_error);
    if (status == PL_OK && config->command == CONFIG_SERVE)
        status = flags_read(config, argc, argv, false, ret_error);
    if (status == PL_OK && config->command == CONFIG_SERVE)
        status = together_check(config, ret_error);
    if (status != PL_OK) {
        config_free(config);
        return status;
    }
    *ret_config = config;
    return PL_OK;
}

void config_free(struct config *config_or_null)
{
    if (config_or_null != NULL)
        pl_mem_put(config_or_null->mem, config_or_null);
}

static void source_write(const struct config *config, enum option_id id, char ret_text[512])
{
    char variable[64];
    switch (config->sources[id].kind) {
    case SOURCE_DEFAULT:
        snprintf(ret_text, 512, "the default");
        break;
    case SOURCE_FILE:
        snprintf(ret_text, 512, "%.400s:%u", config->file, config->sources[id].line);
        break;
    case SOURCE_VARIABLE:
        option_variable(id, variable);
        snprintf(ret_text, 512, "%s", variable);
        break;
    case SOURCE_FLAG:
        snprintf(ret_text, 512, "--%s", option_name(id));
        break;
    }
}

void config_print(const struct config *config, FILE *out)
{
    for (unsigned i = 0; i < OPTION_COUNT; i++) {
        const enum option_id id = (enum option_id)i;
        char text[1024], source[512];
        if (!option_is_filed(id))
            continue;
        source_write(config, id, source);
        fprintf(out, "# %s\n", source);
        if (!option_value(id, config, 0, text))
            fprintf(out, "#%s =\n", option_name(id));
        for (size_t n = 0; option_value(id, config, n, text); n++)
            fprintf(out, "%s = %s\n", option_name(id), text);
    }
}
