/* What uploaded bytes are. See sniff.h. */
#include "track/sniff.h"
#include "track/ebml.h"
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define CODECS_CHARS_MAX 64u

static bool begins(struct pl_slice bytes, size_t at, const char *magic, size_t len)
{
    return bytes.len >= at + len && memcmp(bytes.data + at, magic, len) == 0;
}

static bool is_webm(struct pl_slice bytes)
{
    struct ebml_head head;
    struct pl_slice child;
    uint32_t id;
    if (!ebml_head_read(bytes, &head) || head.id != EBML_HEADER || head.size == EBML_UNKNOWN)
        return false;
    struct pl_slice rest = {bytes.data + head.len, bytes.len - head.len};
    if (rest.len > head.size)
        rest.len = (size_t)head.size;
    while (ebml_next(&rest, &id, &child)) {
        if (id == EBML_DOCTYPE)
            return child.len == 4 && memcmp(child.data, "webm", 4) == 0;
    }
    return false;
}

/* The signature must stand alone on its line, or be followed by a note. */
static bool is_vtt(struct pl_slice bytes)
{
    const size_t at = begins(bytes, 0, "\xef\xbb\xbf", 3) ? 3 : 0;
    if (!begins(bytes, at, "WEBVTT", 6))
        return false;
    return bytes.len == at + 6 || memchr(" \t\r\n", bytes.data[at + 6], 4) != NULL;
}

enum media_kind media_sniff(struct pl_slice head)
{
    if (head.len > MEDIA_HEAD_BYTES)
        head.len = MEDIA_HEAD_BYTES; /* whoever has more must not know better than whoever has these */
    if (is_webm(head))
        return MEDIA_WEBM;
    if (begins(head, 4, "ftyp", 4))
        return MEDIA_MP4;
    if (begins(head, 0, "OggS", 4))
        return MEDIA_OGG;
    if (is_vtt(head))
        return MEDIA_VTT;
    if (begins(head, 0, "\xff\xd8\xff", 3))
        return MEDIA_JPEG;
    if (begins(head, 0, "\x89PNG\r\n\x1a\n", 8))
        return MEDIA_PNG;
    if (begins(head, 0, "RIFF", 4) && begins(head, 8, "WEBP", 4))
        return MEDIA_WEBP;
    return MEDIA_NONE;
}

struct kind_type {
    const char *container; /* of a recording, NULL for others */
    const char *type;      /* when nothing better is told */
};

static const struct kind_type types[] = {
    [MEDIA_NONE] = {NULL, ""},
    [MEDIA_WEBM] = {"webm", "video/webm"},
    [MEDIA_MP4] = {"mp4", "video/mp4"},
    [MEDIA_OGG] = {"ogg", "audio/ogg"},
    [MEDIA_VTT] = {NULL, "text/vtt; charset=utf-8"},
    [MEDIA_JPEG] = {NULL, "image/jpeg"},
    [MEDIA_PNG] = {NULL, "image/png"},
    [MEDIA_WEBP] = {NULL, "image/webp"},
};

static void pass(struct pl_slice *text, size_t n)
{
    text->data += n;
    text->len -= n;
}

static void pass_spaces(struct pl_slice *text)
{
    while (text->len > 0 && (*text->data == ' ' || *text->data == '\t'))
        pass(text, 1);
}

/* Takes `word` off the text, in whatever case it is written. */
static bool take(struct pl_slice *text, const char *word)
{
    const size_t len = strlen(word);
    if (text->len < len || strncasecmp((const char *)text->data, word, len) != 0)
        return false;
    pass(text, len);
    return true;
}

static size_t codec_chars(struct pl_slice text)
{
    size_t n = 0;
    while (n < text.len && text.data[n] != 0 &&
           strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.,+-",
                  (char)text.data[n]) != NULL)
        n++;
    return n;
}

/* `; codecs=VALUE` and nothing else: the value without its quotes; empty when it is anything else. */
static struct pl_slice told_codecs(struct pl_slice text)
{
    const struct pl_slice none = {NULL, 0};
    pass_spaces(&text);
    if (!take(&text, ";"))
        return none;
    pass_spaces(&text);
    if (!take(&text, "codecs="))
        return none;
    const bool quoted = take(&text, "\"");
    const struct pl_slice codecs = {text.data, codec_chars(text)};
    pass(&text, codecs.len);
    if (quoted && !take(&text, "\""))
        return none;
    pass_spaces(&text);
    return text.len == 0 && codecs.len <= CODECS_CHARS_MAX ? codecs : none;
}

void media_content_type(enum media_kind kind, struct pl_slice told, char ret_type[MEDIA_TYPE_BYTES_MAX])
{
    const struct kind_type *known = &types[kind];
    snprintf(ret_type, MEDIA_TYPE_BYTES_MAX, "%s", known->type);
    if (known->container == NULL)
        return;
    pass_spaces(&told);
    const char *medium = take(&told, "audio/") ? "audio" : take(&told, "video/") ? "video" : NULL;
    if (medium == NULL || !take(&told, known->container))
        return;
    if (told.len > 0 && memchr("; \t", *told.data, 3) == NULL)
        return; /* a longer name that begins alike */
    const struct pl_slice codecs = told_codecs(told);
    if (codecs.len == 0)
        snprintf(ret_type, MEDIA_TYPE_BYTES_MAX, "%s/%s", medium, known->container);
    else
        snprintf(ret_type, MEDIA_TYPE_BYTES_MAX, "%s/%s; codecs=\"%.*s\"", medium, known->container,
                 (int)codecs.len, (const char *)codecs.data);
}
