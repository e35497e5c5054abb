/* Values of registers between MessagePack and JSON. Plain ones (nil, booleans, numbers, text,
 * arrays of these) are the same in JSON; what is not plain, or was not written the one way this
 * engine writes it, is {"$msgpack": base64}: so every value keeps its bytes. */
#ifndef EXCHANGE_VALUE_JSON_H
#define EXCHANGE_VALUE_JSON_H
#include "proto/status.h"
#include "proto/writer.h"
#include <jansson.h>

void json_text_write(struct pl_buf *buf, struct pl_slice utf8); /* quoted and escaped */
/* `scratch` is the caller's, to spare allocations. */
void value_json_write(struct pl_buf *buf, struct pl_slice value, struct pl_buf *scratch);
/* Appends the MessagePack; false when it is no such value. */
bool value_json_read(const json_t *json, struct pl_buf *buf);

#endif
