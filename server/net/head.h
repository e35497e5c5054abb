/* The first lines of an HTTP/1.1 response, as text. */
#ifndef NET_HEAD_H
#define NET_HEAD_H
#include "api/request.h"

/* Status line, Date, Content-Length, Connection when it closes, the response's own lines, the empty
 * line. */
void head_write(const struct api_response *response, bool closes, struct pl_buf *buf);

#endif
