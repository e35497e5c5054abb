/* Links as text: the address a link is handed out as. */
#include "api/routes.h"
#include "auth/token.h"
#include <stdio.h>
#include <string.h>

bool base_write(const struct api_request *request, const struct pl_mem *mem,
                char ret_base[BASE_BYTES_MAX])
{
    struct pl_buf buf;
    if (!origin_host_valid(request->host))
        return false;
    pl_buf_init(&buf, mem);
    origin_base(request->channel == API_SECURE, request->origin, request->host, &buf);
    bool fits = !buf.failed && buf.len < BASE_BYTES_MAX;
    if (fits) {
        memcpy(ret_base, buf.data, buf.len);
        ret_base[buf.len] = '\0';
    }
    pl_buf_done(&buf);
    return fits;
}

void link_url_write(const struct api *api, const char *base, const struct link_row *row,
                    char ret_url[LINK_URL_BYTES_MAX])
{
    char board[IDENT_TEXT_LEN + 1], token[TOKEN_TEXT_LEN + 1];
    const struct token named = {
        .link = row->link, .board = row->board, .role = row->role, .expires_ms = row->expires_ms};
    ident_write(row->board, board);
    token_write(api->env.keys, &named, token);
    snprintf(ret_url, LINK_URL_BYTES_MAX, "%s/b/%s#k=%s", base, board, token);
}
