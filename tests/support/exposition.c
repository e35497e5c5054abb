/* See exposition.h. */
#include "tests/support/exposition.h"
#include "tests/support/core_check.h"
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAME_BYTES   128u
#define SAMPLES_MAX  1024u
#define FAMILIES_MAX 256u

struct reader {
    char families[FAMILIES_MAX][NAME_BYTES];
    size_t family_n;
    char type[16]; /* of the last family; "" before its TYPE */
    char samples[SAMPLES_MAX][NAME_BYTES];
    size_t sample_n;
    double bucket_border, bucket_value; /* the last bucket's */
    bool bucket_ended;                  /* by +Inf */
};

static void insist(bool rule, const char *what, const char *line)
{
    if (rule)
        return;
    fprintf(stderr, "exposition: %s: %.*s\n", what, (int)strcspn(line, "\n"), line);
    abort();
}

static size_t name_len(const char *text, bool metric)
{
    const char *letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789:";
    size_t len = strspn(text, letters);
    insist(len > 0 && (text[0] < '0' || text[0] > '9'), "a name is wanted", text);
    insist(metric || memchr(text, ':', len) == NULL, "a colon in a label", text);
    return len;
}

static const char *family(const struct reader *reader)
{
    return reader->families[reader->family_n - 1];
}

static void family_end(struct reader *reader, const char *line)
{
    if (reader->family_n == 0)
        return;
    insist(reader->type[0] != '\0', "the family before has no TYPE", line);
    if (strcmp(reader->type, "histogram") == 0)
        insist(reader->bucket_ended, "the histogram before has no +Inf", line);
}

static void help_read(struct reader *reader, const char *line)
{
    const char *name = line + 7;
    size_t len = name_len(name, true);
    insist(name[len] == ' ' && name[len + 1] != '\n', "a help text is wanted", line);
    insist(len < NAME_BYTES && reader->family_n < FAMILIES_MAX, "too much for this reader", line);
    family_end(reader, line);
    char *kept = reader->families[reader->family_n];
    memcpy(kept, name, len);
    kept[len] = '\0';
    for (size_t i = 0; i < reader->family_n; i++)
        insist(strcmp(reader->families[i], kept) != 0, "a family comes twice", line);
    reader->family_n++;
    reader->type[0] = '\0';
    reader->bucket_ended = false;
    reader->bucket_border = -INFINITY;
    reader->bucket_value = 0;
}

static void type_read(struct reader *reader, const char *line)
{
    char name[NAME_BYTES], type[16];
    char end;
    insist(sscanf(line, "# TYPE %127s %15s%c", name, type, &end) == 3 && end == '\n', "no TYPE", line);
    insist(reader->family_n > 0 && reader->type[0] == '\0' && strcmp(name, family(reader)) == 0,
           "TYPE does not follow its HELP", line);
    insist(strcmp(type, "counter") == 0 || strcmp(type, "gauge") == 0 || strcmp(type, "histogram") == 0,
           "an unknown type", line);
    size_t len = strlen(name);
    bool total = len > 6 && strcmp(name + len - 6, "_total") == 0;
    insist(total == (strcmp(type, "counter") == 0), "counters, and they alone, end in _total", line);
    strcpy(reader->type, type);
}

static const char *labels_pass(const char *at, const char *line)
{
    if (*at != '{')
        return at;
    do {
        at++;
        at += name_len(at, false);
        insist(at[0] == '=' && at[1] == '"', "a label wants a value in quotes", line);
        for (at += 2; *at != '"'; at++) {
            insist(*at != '\n' && *at != '\0', "a label's value does not end", line);
            if (*at == '\\') {
                at++;
                insist(*at == '\\' || *at == '"' || *at == 'n', "an unknown escape", line);
            }
        }
        at++;
    } while (*at == ',');
    insist(*at == '}', "labels do not end", line);
    return at + 1;
}

static void histogram_sample(struct reader *reader, const char *suffix, const char *labels, double value,
                             const char *line)
{
    if (strncmp(suffix, "_bucket{le=\"", 12) == 0) {
        double border = strtod(labels + 5, NULL);
        insist(!reader->bucket_ended && border > reader->bucket_border, "borders do not ascend", line);
        insist(value >= reader->bucket_value, "a bucket has less than the one before", line);
        reader->bucket_border = border;
        reader->bucket_value = value;
        reader->bucket_ended = isinf(border);
    } else if (strncmp(suffix, "_count ", 7) == 0) {
        insist(value == reader->bucket_value, "the count is not the last bucket", line);
    } else {
        insist(strncmp(suffix, "_sum ", 5) == 0, "no sample of a histogram", line);
    }
}

static void sample_read(struct reader *reader, const char *line)
{
    size_t len = name_len(line, true);
    insist(reader->family_n > 0 && reader->type[0] != '\0', "a sample before HELP and TYPE", line);
    const char *labels = line + len;
    const char *at = labels_pass(labels, line);
    size_t whole = (size_t)(at - line);
    insist(*at == ' ', "a value is wanted after one space", line);
    char *end;
    double value = strtod(at + 1, &end);
    insist(end > at + 1 && *end == '\n' && !isnan(value), "no number", line);
    insist(whole < NAME_BYTES && reader->sample_n < SAMPLES_MAX, "too much for this reader", line);
    char *kept = reader->samples[reader->sample_n];
    memcpy(kept, line, whole);
    kept[whole] = '\0';
    for (size_t i = 0; i < reader->sample_n; i++)
        insist(strcmp(reader->samples[i], kept) != 0, "a sample comes twice", line);
    reader->sample_n++;

    size_t family_len = strlen(family(reader));
    insist(len >= family_len && memcmp(line, family(reader), family_len) == 0, "a sample of another family", line);
    if (strcmp(reader->type, "histogram") == 0)
        histogram_sample(reader, line + family_len, labels, value, line);
    else
        insist(len == family_len && value >= 0, "a sample of another family, or below 0", line);
}

size_t exposition_check(const char *text)
{
    struct reader *reader = calloc(1, sizeof *reader);
    CORE_CHECK(reader != NULL);
    for (const char *line = text; *line != '\0'; line = strchr(line, '\n') + 1) {
        insist(strchr(line, '\n') != NULL, "the last line does not end", line);
        if (strncmp(line, "# HELP ", 7) == 0)
            help_read(reader, line);
        else if (strncmp(line, "# TYPE ", 7) == 0)
            type_read(reader, line);
        else
            sample_read(reader, line);
    }
    family_end(reader, "");
    size_t n = reader->sample_n;
    free(reader);
    return n;
}

double exposition_value(const char *text, const char *sample)
{
    size_t len = strlen(sample);
    for (const char *line = text; line != NULL && *line != '\0';) {
        if (strncmp(line, sample, len) == 0 && line[len] == ' ')
            return strtod(line + len + 1, NULL);
        line = strchr(line, '\n');
        line = line != NULL ? line + 1 : NULL;
    }
    insist(false, "no such sample", sample);
    return 0;
}
