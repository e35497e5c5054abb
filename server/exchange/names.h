/* Kinds, fields and marks by the names of proto/schema.def in lower case; unknown ones are their
 * number. */
#ifndef EXCHANGE_NAMES_H
#define EXCHANGE_NAMES_H
#include <stdbool.h>
#include <stdint.h>

#define NAME_BYTES 24u

enum name_of { NAME_KIND, NAME_FIELD, NAME_MARK };

void name_write(enum name_of of, uint32_t number, char ret_text[NAME_BYTES]);
/* false for a name there is none of. */
bool name_read(enum name_of of, const char *text, uint32_t *ret_number);

#endif
