/* Keys and fixed rows on disk: big-endian, fixed width, so that memcmp is the order. Pinned by a
 * golden test; a change here is a new STORE_FORMAT.
 *
 *   meta      'g' name                     format u32 | lineage u64 | "secret/NAME" 32 bytes | probe |
 *                                          backup u64 (when it was made: the folder is one) |
 *                                          "former/links" (secret 32 bytes, until_ms u64)...
 *   meta      'b' board                    created_ms u64, next_replica u32
 *   meta      'h' board doc seq            u64: bytes of journal kept between the snapshot before
 * and that at seq
 *   meta      'p' board doc pin            from u64, to u64: states that stay reachable
 *   journal   board doc last_seq           first_seq u64, entry_n u32, crc u32, envelopes
 *   snapshot  board doc seq 0              bytes u64, deflated_bytes u64, srv_ms u64, chunk_n u32,
 * crc u32
 *   snapshot  board doc seq 1..chunk_n     up to 64 KiB of the deflated snapshot
 *   replica   board replica                user u64, hwm u64, seen_ms u64
 *   link      board link                   expires_ms u64, made_ms u64, role u8, revoked u8
 *   audit     board lane n                 at_ms u64, user u64, by_link u64, link u64, act u8, role u8, outcome u16,
 *                                          n u32; lane u8 is 0 for what lasts, 1 for what passes; n u64 counts from 1
 *   track     board track 0                a talk-track (base/track.h)
 *   track     board track 1 segment        one of its segments (base/track.h)
 *   track     board track 2 segment stream n   at u64, bytes u32, SHA-256: a chunk; segment u32, stream u8, n u32
 *   track     board track 3 user           ms u32: how far a guest got, in played time
 *
 * A crc is CRC-32C over the key (board doc seq), the header without the crc, and the payload. */
#ifndef STORE_KEYS_H
#define STORE_KEYS_H
#include "base/audit.h"
#include "base/links.h"
#include "proto/mem.h"

#define KEY_BYTES_MAX      64u
#define KEY_DOC_BYTES      12u /* board doc: the prefix of one document's rows */
#define KEY_ENTRY_BYTES    20u /* board doc seq */
#define KEY_CHUNK_BYTES    24u /* board doc seq chunk */
#define KEY_PIN_PREFIX     13u /* 'p' board doc */
#define ROW_BOARD_BYTES    12u
#define ROW_PIN_BYTES      16u
#define ROW_ENTRY_BYTES    16u /* in front of the envelopes */
#define ROW_SNAPSHOT_BYTES 32u
#define ROW_REPLICA_BYTES  24u
#define ROW_LINK_BYTES     18u
#define KEY_AUDIT_BYTES    17u /* board lane n */
#define KEY_LANE_BYTES     9u  /* board lane: the prefix of one record */
#define ROW_AUDIT_BYTES    40u
#define KEY_TRACK_BYTES    17u /* board track kind */
#define ROW_VIEW_BYTES     4u

struct key {
    uint8_t bytes[KEY_BYTES_MAX];
    size_t len;
};

struct key key_global(const char *name); /* the name is short enough */
struct key key_board(uint64_t board);
struct key key_entry(uint64_t board, uint32_t doc, uint64_t last_seq);
struct key key_chunk(uint64_t board, uint32_t doc, uint64_t seq, uint32_t chunk);
struct key key_stretch(uint64_t board, uint32_t doc, uint64_t seq);
struct key key_pin(uint64_t board, uint32_t doc, uint64_t pin);
struct key key_replica(uint64_t board, uint32_t replica);
struct key key_link(uint64_t board, uint64_t link);
struct key key_audit(uint64_t board, bool lasts, uint64_t n);
/* Of what a track's rows begin with, and of each kind. */
enum key_track_kind { KEY_TRACK_ABOUT, KEY_TRACK_SEGMENT, KEY_TRACK_CHUNK, KEY_TRACK_VIEW };
struct key key_track(uint64_t board, uint64_t track, enum key_track_kind kind);
struct key key_track_segment(uint64_t board, uint64_t track, uint32_t segment);
struct key key_track_chunk(uint64_t board, uint64_t track, uint32_t segment, unsigned stream, uint32_t n);
struct key key_track_view(uint64_t board, uint64_t track, uint64_t user);
uint64_t key_track_of(const uint8_t *key);
uint64_t key_audit_n(const uint8_t *key);
uint64_t key_link_of(const uint8_t *key); /* of a link's key */
uint64_t key_seq(const uint8_t *key); /* of an entry's or a chunk's key */
uint32_t key_chunk_index(const uint8_t *key);
uint64_t key_board_of(const uint8_t *key); /* of any key that begins with board doc */
uint32_t key_doc_of(const uint8_t *key);

struct row_board {
    uint64_t created_ms;
    uint32_t next_replica;
};
struct row_entry {
    uint64_t first_seq;
    uint32_t entry_n;
    uint32_t crc;
};
struct row_snapshot {
    uint64_t bytes;
    uint64_t deflated_bytes;
    uint64_t srv_ms; /* of its last entry */
    uint32_t chunk_n;
    uint32_t crc;
};
struct row_replica {
    uint64_t user;
    uint64_t hwm;
    uint64_t seen_ms;
};

struct row_audit {
    uint64_t at_ms;
    struct audit_entry entry; /* without the board, which the key names */
};

void row_board_write(const struct row_board *row, uint8_t ret_bytes[ROW_BOARD_BYTES]);
void row_entry_write(const struct row_entry *row, uint8_t ret_bytes[ROW_ENTRY_BYTES]);
void row_snapshot_write(const struct row_snapshot *row, uint8_t ret_bytes[ROW_SNAPSHOT_BYTES]);
void row_replica_write(const struct row_replica *row, uint8_t ret_bytes[ROW_REPLICA_BYTES]);
void row_link_write(const struct link_row *row, uint8_t ret_bytes[ROW_LINK_BYTES]);
void row_audit_write(const struct row_audit *row, uint8_t ret_bytes[ROW_AUDIT_BYTES]);
/* false when the stored row is too short to be one. */
bool row_board_read(struct pl_slice bytes, struct row_board *ret_row);
bool row_entry_read(struct pl_slice bytes, struct row_entry *ret_row,
                    struct pl_slice *ret_envelopes);
bool row_snapshot_read(struct pl_slice bytes, struct row_snapshot *ret_row);
bool row_replica_read(struct pl_slice bytes, struct row_replica *ret_row);
bool row_link_read(const uint8_t *key, struct pl_slice bytes, struct link_row *ret_row);
bool row_audit_read(const uint8_t *key, struct pl_slice bytes, struct row_audit *ret_row);

/* The checksums that belong into the rows; `key` is an entry's or a chunk's. */
uint32_t row_entry_crc(const uint8_t *key, const struct row_entry *row, struct pl_slice envelopes);
uint32_t row_snapshot_crc(const uint8_t *key, const struct row_snapshot *row,
                          struct pl_slice deflated);

#endif
