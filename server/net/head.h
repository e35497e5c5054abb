/* The first lines of an HTTP/1.1 response, as text. */
#ifndef NET_HEAD_H
#define NET_HEAD_H
#include "api/request.h"

/* Status line, Date, Content-Length, Connection when it closes, Strict-Transport-Security when it
 * goes over TLS of ours, the response's own lines, the empty line. */
void head_write(const struct api_response *response, bool closes, bool secure, struct pl_buf *buf);

#endif
