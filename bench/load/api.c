/* Knows the routes and the JSON of DESIGN section 7. The answers are our own server's: their
 * strings hold no escapes, so a search for the key is enough of a JSON reader. */
#include "bench/load/api.h"
#include "base/ident.h"
#include <stdbool.h>
#include <string.h>

/* The string value of "key" in a JSON text; false when there is none. */
static bool json_string(const char *json, const char *key, char *ret_value, size_t value_bytes)
{
    char quoted[64];
    snprintf(quoted, sizeof quoted, "\"%s\"", key);
    const char *at = strstr(json, quoted);
    if (at == NULL)
        return false;
    at += strlen(quoted);
    at += strspn(at, " \t\r\n:");
    if (*at != '"')
        return false;
    at++;
    size_t len = strcspn(at, "\"");
    if (at[len] != '"' || len >= value_bytes)
        return false;
    memcpy(ret_value, at, len);
    ret_value[len] = '\0';
    return true;
}

static enum pl_status refused(const char *what, const struct http_answer *answer)
{
    if (answer->status == 429 || answer->status == 503)
        return PL_LIMIT;
    fprintf(stderr, "plenum-load: %s: status %d: %.200s\n", what, answer->status, answer->body);
    return PL_PERM;
}

enum pl_status api_make_board(struct http *http, struct target *target, char *ret_link,
                              size_t link_bytes)
{
    char id[IDENT_TEXT_LEN + 1], path[64];
    struct http_answer answer;
    ident_write(random_u64(random_system()), id);
    snprintf(path, sizeof path, "/api/boards/%s", id);
    enum pl_status status = http_send(http, "PUT", path, NULL, "{}", &answer);
    if (status != PL_OK)
        return status;
    if (answer.status != 201)
        return refused("making a board", &answer);
    if (!json_string(answer.body, "editor", ret_link, link_bytes))
        return PL_MALFORMED;
    return target_take_link(target, ret_link);
}

enum pl_status api_ticket(struct http *http, const struct target *target, const char *name,
                          char cookie[HTTP_COOKIE_BYTES], char ret_ticket[API_TICKET_BYTES])
{
    char path[128], json[512];
    struct http_answer answer;
    snprintf(path, sizeof path, "/api/boards/%s/ticket", target->board);
    snprintf(json, sizeof json, "{\"token\":\"%s\",\"name\":\"%s\"}", target->token, name);
    enum pl_status status = http_send(http, "POST", path, cookie[0] == '\0' ? NULL : cookie, json, &answer);
    if (status != PL_OK)
        return status;
    if (answer.status / 100 != 2)
        return refused("asking for a ticket", &answer);
    if (answer.set_cookie[0] != '\0')
        memcpy(cookie, answer.set_cookie, sizeof answer.set_cookie);
    return json_string(answer.body, "ticket", ret_ticket, API_TICKET_BYTES) ? PL_OK : PL_MALFORMED;
}
