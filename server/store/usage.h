/* How full the data file is, and who holds old pages in it. */
#ifndef STORE_USAGE_H
#define STORE_USAGE_H
#include "store/store.h"

struct store_usage {
    uint64_t map_bytes;  /* the most the file may grow to */
    uint64_t file_bytes; /* up to the last page ever used; free pages below it are used again */
    uint64_t reader_n;   /* open read transactions, of this process and of others beside it */
    uint64_t oldest_reader_commits; /* commits since the state that the oldest of them reads: what they freed waits */
};

/* On the loop's thread. PL_IO while the files are closed. */
PL_CHECKED enum pl_status store_usage(struct store *store, struct store_usage *ret_usage);

#endif
