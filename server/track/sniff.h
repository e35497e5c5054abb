/* What uploaded bytes are, judged by themselves, and the Content-Type they may be sent with. What nobody knows here is
 * not stored: a browser must not find a page or a script where it asked for a film. */
#ifndef TRACK_SNIFF_H
#define TRACK_SNIFF_H
#include "proto/mem.h"

enum media_kind {
    MEDIA_NONE, /* none of these */
    MEDIA_WEBM,
    MEDIA_MP4,
    MEDIA_OGG,
    MEDIA_VTT,
    MEDIA_JPEG,
    MEDIA_PNG,
    MEDIA_WEBP,
};

/* By the first bytes of a stream, at most so many; 64 are enough for what recorders write. */
#define MEDIA_HEAD_BYTES 1024u
enum media_kind media_sniff(struct pl_slice head);

#define MEDIA_TYPE_BYTES_MAX 96u /* a Content-Type with its NUL */

/* `told` is what its recorder called the stream, such as `audio/webm;codecs=opus`: whether it is audio or video, and
 * the codecs, are believed when it names the container that the bytes are, and the codecs are 1 to 64 characters out of
 * A-Z a-z 0-9 . , + -. Otherwise, and for what is no recording, the kind alone counts. Empty for MEDIA_NONE. */
void media_content_type(enum media_kind kind, struct pl_slice told, char ret_type[MEDIA_TYPE_BYTES_MAX]);

#endif
