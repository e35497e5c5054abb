/* zlib, one stream per call. Not here: chunking and framing of what comes out. See deflate.h. */
#include "base/deflate.h"
#define ZLIB_CONST
#include <limits.h>
#include <zlib.h>

#define STEP_BYTES (64u * 1024u) /* output grows by so much at a time */
#define LEVEL      6 /* 1 saves a third of the time and costs a quarter more bytes on every join */

static uInt piece(size_t len)
{
    return len > UINT_MAX / 2 ? UINT_MAX / 2 : (uInt)len;
}

enum pl_status deflate_raw(struct pl_slice bytes, struct pl_buf *buf)
{
    z_stream stream = {0};
    if (deflateInit2(&stream, LEVEL, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY) != Z_OK)
        return PL_NO_MEMORY;
    enum pl_status status = PL_OK;
    size_t at = 0;
    int result = Z_OK;
    while (result != Z_STREAM_END) {
        if (!pl_buf_reserve(buf, STEP_BYTES)) {
            status = PL_NO_MEMORY;
            break;
        }
        uInt in = piece(bytes.len - at);
        stream.next_in = bytes.data + at;
        stream.avail_in = in;
        stream.next_out = buf->data + buf->len;
        stream.avail_out = STEP_BYTES;
        result = deflate(&stream, at + in == bytes.len ? Z_FINISH : Z_NO_FLUSH);
        at += in - stream.avail_in;
        buf->len += STEP_BYTES - stream.avail_out;
    }
    deflateEnd(&stream);
    return status;
}

enum pl_status inflate_raw(struct pl_slice bytes, size_t bytes_max, struct pl_buf *buf)
{
    z_stream stream = {0};
    if (inflateInit2(&stream, -MAX_WBITS) != Z_OK)
        return PL_NO_MEMORY;
    enum pl_status status = PL_OK;
    size_t at = 0, start = buf->len;
    int result = Z_OK;
    while (result != Z_STREAM_END) {
        if (!pl_buf_reserve(buf, STEP_BYTES)) {
            status = PL_NO_MEMORY;
            break;
        }
        uInt in = piece(bytes.len - at);
        stream.next_in = bytes.data + at;
        stream.avail_in = in;
        stream.next_out = buf->data + buf->len;
        stream.avail_out = STEP_BYTES;
        result = inflate(&stream, Z_NO_FLUSH);
        at += in - stream.avail_in;
        buf->len += STEP_BYTES - stream.avail_out;
        bool stuck = stream.avail_out == STEP_BYTES && stream.avail_in == in;
        if ((result != Z_OK && result != Z_STREAM_END) || (stuck && result != Z_STREAM_END))
            status = result == Z_MEM_ERROR ? PL_NO_MEMORY : PL_CORRUPT;
        else if (buf->len - start > bytes_max)
            status = PL_TOO_BIG;
        if (status != PL_OK)
            break;
    }
    if (status == PL_OK && at != bytes.len)
        status = PL_CORRUPT;
    inflateEnd(&stream);
    return status;
}
