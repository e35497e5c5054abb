/* A board as a JSON document for other programs, and back: `plenum export` and `plenum import`.
 * exchange/README.md documents the form. What a person sees is kept whole (the same view_hash);
 * histories, tombstones and stamps are not part of it. */
#ifndef EXCHANGE_BOARD_JSON_H
#define EXCHANGE_BOARD_JSON_H
#include "proto/doc.h"

#define BOARD_JSON_ERROR_BYTES 200u

/* Appends the document. `tracks`: its talk-tracks, each as track_json.h writes it, with commas between; empty: none. Equal views by equal makers in equal order of creation give equal bytes.
 * PL_NO_MEMORY. */
PL_CHECKED enum pl_status board_json_write(const struct pl_mem *mem, struct pl_doc *doc, struct pl_slice tracks,
                                           struct pl_buf *buf);

/* A board made of JSON: the journal that folds into it. */
struct board_import {
    struct pl_doc *doc;      /* owned by whoever got it */
    struct pl_buf envelopes; /* one after another, from seq 1 on; likewise */
    uint64_t entry_n;
    uint32_t replica_n; /* ids below it are taken */
};

/* `now_ms`: Unix time. PL_INVALID: ret_error says what is wrong, in one line; PL_NO_MEMORY. */
PL_CHECKED enum pl_status board_json_read(const struct pl_mem *mem, struct pl_slice json,
                                          uint64_t now_ms, struct board_import *ret_import,
                                          char ret_error[BOARD_JSON_ERROR_BYTES]);
void board_import_done(struct board_import *import);

#endif
