/* The two HTTP calls a participant needs: make a board, and turn its link into a ticket. */
#ifndef LOAD_API_H
#define LOAD_API_H
#include "bench/load/http.h"
#include <stdio.h>

#define API_TICKET_BYTES 128u

/* Makes a board and puts its editor link into the target; ret_link is the link as printed for
 * people. PL_IO, PL_MALFORMED, or PL_PERM when the server refused (said on stderr). */
PL_CHECKED enum pl_status api_make_board(struct http *http, struct target *target, char *ret_link,
                                         size_t link_bytes);
/* A ticket for one socket. `cookie` holds the guest's cookie and is filled when it was empty.
 * PL_LIMIT: ask again later. Otherwise as above. */
PL_CHECKED enum pl_status api_ticket(struct http *http, const struct target *target,
                                     const char *name, char cookie[HTTP_COOKIE_BYTES],
                                     char ret_ticket[API_TICKET_BYTES]);

#endif
