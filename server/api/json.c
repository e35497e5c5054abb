/* JSON bodies, by jansson: strict UTF-8, no duplicate names, no NUL in strings, nesting bounded by
 * the library and size by the caller's cap on bodies. */
#include "api/routes.h"
#include <stdlib.h>
#include <string.h>

enum pl_status json_body_read(struct pl_slice body, json_t **ret_object)
{
    json_t *json =
        body.len == 0 ? json_object()
                      : json_loadb((const char *)body.data, body.len, JSON_REJECT_DUPLICATES, NULL);
    if (json == NULL)
        return PL_MALFORMED;
    if (!json_is_object(json)) {
        json_decref(json);
        return PL_INVALID;
    }
    *ret_object = json;
    return PL_OK;
}

enum pl_status json_text(const json_t *object, const char *name, size_t bytes_max,
                         struct pl_slice *ret_text)
{
    const json_t *value = json_object_get(object, name);
    if (value == NULL) {
        *ret_text = (struct pl_slice){(const uint8_t *)"", 0};
        return PL_OK;
    }
    if (!json_is_string(value))
        return PL_INVALID;
    if (json_string_length(value) > bytes_max)
        return PL_TOO_BIG;
    *ret_text =
        (struct pl_slice){(const uint8_t *)json_string_value(value), json_string_length(value)};
    return PL_OK;
}

enum pl_status json_number(const json_t *object, const char *name, uint64_t max, uint64_t *ret_number)
{
    const json_t *value = json_object_get(object, name);
    if (value == NULL || json_is_null(value))
        return PL_NOT_FOUND;
    if (!json_is_integer(value) || json_integer_value(value) < 0 || (uint64_t)json_integer_value(value) > max)
        return PL_INVALID;
    *ret_number = (uint64_t)json_integer_value(value);
    return PL_OK;
}

void json_answer(struct api_response *response, uint16_t status, json_t *json_or_null)
{
    char *text = json_or_null != NULL ? json_dumps(json_or_null, JSON_COMPACT) : NULL;
    json_decref(json_or_null);
    if (text == NULL) {
        api_response_error(response, PL_NO_MEMORY);
        return;
    }
    api_response_text(response, status, "application/json",
                      (struct pl_slice){(const uint8_t *)text, strlen(text)});
    free(text);
}
