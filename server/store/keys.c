/* Big-endian writing and reading of keys and rows. See keys.h for the layouts. */
#include "store/keys.h"
#include "base/crc32c.h"
#include <assert.h>
#include <string.h>

static uint8_t *put_u32(uint8_t *at, uint32_t value)
{
    at[0] = (uint8_t)(value >> 24);
    at[1] = (uint8_t)(value >> 16);
    at[2] = (uint8_t)(value >> 8);
    at[3] = (uint8_t)value;
    return at + 4;
}

static uint8_t *put_u64(uint8_t *at, uint64_t value)
{
    return put_u32(put_u32(at, (uint32_t)(value >> 32)), (uint32_t)value);
}

static uint32_t get_u32(const uint8_t *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static uint64_t get_u64(const uint8_t *at)
{
    return (uint64_t)get_u32(at) << 32 | get_u32(at + 4);
}

struct key key_global(const char *name)
{
    struct key key = {.bytes = {'g'}, .len = 1 + strlen(name)};
    assert(key.len <= KEY_BYTES_MAX);
    memcpy(key.bytes + 1, name, key.len - 1);
    return key;
}

struct key key_board(uint64_t board)
{
    struct key key = {.bytes = {'b'}, .len = 9};
    put_u64(key.bytes + 1, board);
    return key;
}

struct key key_entry(uint64_t board, uint32_t doc, uint64_t last_seq)
{
    struct key key = {.len = KEY_ENTRY_BYTES};
    put_u64(put_u32(put_u64(key.bytes, board), doc), last_seq);
    return key;
}

struct key key_chunk(uint64_t board, uint32_t doc, uint64_t seq, uint32_t chunk)
{
    struct key key = key_entry(board, doc, seq);
    put_u32(key.bytes + key.len, chunk);
    key.len = KEY_CHUNK_BYTES;
    return key;
}

static struct key key_of_doc(char room, uint64_t board, uint32_t doc, uint64_t last)
{
    struct key key = {.bytes = {(uint8_t)room}, .len = KEY_PIN_PREFIX + 8};
    put_u64(put_u32(put_u64(key.bytes + 1, board), doc), last);
    return key;
}

struct key key_stretch(uint64_t board, uint32_t doc, uint64_t seq)
{
    return key_of_doc('h', board, doc, seq);
}

struct key key_pin(uint64_t board, uint32_t doc, uint64_t pin)
{
    return key_of_doc('p', board, doc, pin);
}

struct key key_replica(uint64_t board, uint32_t replica)
{
    struct key key = {.len = 12};
    put_u32(put_u64(key.bytes, board), replica);
    return key;
}

struct key key_link(uint64_t board, uint64_t link)
{
    struct key key = {.len = 16};
    put_u64(put_u64(key.bytes, board), link);
    return key;
}

struct key key_audit(uint64_t board, bool lasts, uint64_t n)
{
    struct key key = {.len = KEY_AUDIT_BYTES};
    uint8_t *at = put_u64(key.bytes, board);
    *at = lasts ? 0 : 1;
    put_u64(at + 1, n);
    return key;
}

struct key key_track(uint64_t board, uint64_t track, enum key_track_kind kind)
{
    struct key key = {.len = KEY_TRACK_BYTES};
    *put_u64(put_u64(key.bytes, board), track) = (uint8_t)kind;
    return key;
}

struct key key_track_segment(uint64_t board, uint64_t track, uint32_t segment)
{
    struct key key = key_track(board, track, KEY_TRACK_SEGMENT);
    put_u32(key.bytes + key.len, segment);
    key.len += 4;
    return key;
}

struct key key_track_chunk(uint64_t board, uint64_t track, uint32_t segment, unsigned stream, uint32_t n)
{
    struct key key = key_track(board, track, KEY_TRACK_CHUNK);
    uint8_t *at = put_u32(key.bytes + key.len, segment);
    *at = (uint8_t)stream;
    put_u32(at + 1, n);
    key.len += 9;
    return key;
}

struct key key_track_view(uint64_t board, uint64_t track, uint64_t user)
{
    struct key key = key_track(board, track, KEY_TRACK_VIEW);
    put_u64(key.bytes + key.len, user);
    key.len += 8;
    return key;
}

uint64_t key_track_of(const uint8_t *key)
{
    return get_u64(key + 8);
}

uint64_t key_audit_n(const uint8_t *key)
{
    return get_u64(key + KEY_LANE_BYTES);
}

uint64_t key_link_of(const uint8_t *key)
{
    return get_u64(key + 8);
}

uint64_t key_seq(const uint8_t *key)
{
    return get_u64(key + KEY_DOC_BYTES);
}

uint64_t key_board_of(const uint8_t *key)
{
    return get_u64(key);
}

uint32_t key_doc_of(const uint8_t *key)
{
    return get_u32(key + 8);
}

uint32_t key_chunk_index(const uint8_t *key)
{
    return get_u32(key + KEY_ENTRY_BYTES);
}

void row_board_write(const struct row_board *row, uint8_t ret_bytes[ROW_BOARD_BYTES])
{
    put_u32(put_u64(ret_bytes, row->created_ms), row->next_replica);
}

void row_entry_write(const struct row_entry *row, uint8_t ret_bytes[ROW_ENTRY_BYTES])
{
    put_u32(put_u32(put_u64(ret_bytes, row->first_seq), row->entry_n), row->crc);
}

void row_snapshot_write(const struct row_snapshot *row, uint8_t ret_bytes[ROW_SNAPSHOT_BYTES])
{
    uint8_t *at =
        put_u64(put_u64(put_u64(ret_bytes, row->bytes), row->deflated_bytes), row->srv_ms);
    put_u32(put_u32(at, row->chunk_n), row->crc);
}

void row_replica_write(const struct row_replica *row, uint8_t ret_bytes[ROW_REPLICA_BYTES])
{
    put_u64(put_u64(put_u64(ret_bytes, row->user), row->hwm), row->seen_ms);
}

void row_link_write(const struct link_row *row, uint8_t ret_bytes[ROW_LINK_BYTES])
{
    uint8_t *at = put_u64(put_u64(ret_bytes, row->expires_ms), row->made_ms);
    at[0] = (uint8_t)row->role;
    at[1] = row->revoked;
}

void row_audit_write(const struct row_audit *row, uint8_t ret_bytes[ROW_AUDIT_BYTES])
{
    const struct audit_entry *entry = &row->entry;
    uint8_t *at = put_u64(put_u64(put_u64(put_u64(ret_bytes, row->at_ms), entry->user), entry->by_link), entry->link);
    at[0] = (uint8_t)entry->act;
    at[1] = (uint8_t)entry->role;
    at[2] = (uint8_t)((unsigned)entry->outcome >> 8);
    at[3] = (uint8_t)entry->outcome;
    put_u32(at + 4, entry->n == 0 ? 1 : entry->n);
}

bool row_board_read(struct pl_slice bytes, struct row_board *ret_row)
{
    if (bytes.len < ROW_BOARD_BYTES)
        return false;
    *ret_row = (struct row_board){.created_ms = get_u64(bytes.data),
                                  .next_replica = get_u32(bytes.data + 8)};
    return true;
}

bool row_entry_read(struct pl_slice bytes, struct row_entry *ret_row,
                    struct pl_slice *ret_envelopes)
{
    if (bytes.len < ROW_ENTRY_BYTES)
        return false;
    *ret_row = (struct row_entry){.first_seq = get_u64(bytes.data),
                                  .entry_n = get_u32(bytes.data + 8),
                                  .crc = get_u32(bytes.data + 12)};
    *ret_envelopes = (struct pl_slice){bytes.data + ROW_ENTRY_BYTES, bytes.len - ROW_ENTRY_BYTES};
    return true;
}

bool row_snapshot_read(struct pl_slice bytes, struct row_snapshot *ret_row)
{
    if (bytes.len < ROW_SNAPSHOT_BYTES)
        return false;
    *ret_row = (struct row_snapshot){.bytes = get_u64(bytes.data),
                                     .deflated_bytes = get_u64(bytes.data + 8),
                                     .srv_ms = get_u64(bytes.data + 16),
                                     .chunk_n = get_u32(bytes.data + 24),
                                     .crc = get_u32(bytes.data + 28)};
    return true;
}

bool row_replica_read(struct pl_slice bytes, struct row_replica *ret_row)
{
    if (bytes.len < ROW_REPLICA_BYTES)
        return false;
    *ret_row = (struct row_replica){.user = get_u64(bytes.data),
                                    .hwm = get_u64(bytes.data + 8),
                                    .seen_ms = get_u64(bytes.data + 16)};
    return true;
}

bool row_link_read(const uint8_t *key, struct pl_slice bytes, struct link_row *ret_row)
{
    if (bytes.len < ROW_LINK_BYTES || bytes.data[16] > PL_ROLE_OWNER)
        return false;
    *ret_row = (struct link_row){.link = key_link_of(key),
                                 .board = get_u64(key),
                                 .expires_ms = get_u64(bytes.data),
                                 .made_ms = get_u64(bytes.data + 8),
                                 .role = (enum pl_role)bytes.data[16],
                                 .revoked = bytes.data[17] != 0};
    return true;
}

bool row_audit_read(const uint8_t *key, struct pl_slice bytes, struct row_audit *ret_row)
{
    if (bytes.len < ROW_AUDIT_BYTES || bytes.data[33] > PL_ROLE_OWNER)
        return false;
    *ret_row = (struct row_audit){
        .at_ms = get_u64(bytes.data),
        .entry = {.board = get_u64(key),
                  .user = get_u64(bytes.data + 8),
                  .by_link = get_u64(bytes.data + 16),
                  .link = get_u64(bytes.data + 24),
                  .act = (enum audit_act)bytes.data[32],
                  .role = (enum pl_role)bytes.data[33],
                  .outcome = (enum pl_status)((unsigned)bytes.data[34] << 8 | bytes.data[35]),
                  .n = get_u32(bytes.data + 36)},
    };
    return true;
}

uint32_t row_entry_crc(const uint8_t *key, const struct row_entry *row, struct pl_slice envelopes)
{
    uint8_t header[ROW_ENTRY_BYTES];
    row_entry_write(row, header);
    uint32_t crc = crc32c(0, (struct pl_slice){key, KEY_ENTRY_BYTES});
    crc = crc32c(crc, (struct pl_slice){header, ROW_ENTRY_BYTES - 4});
    return crc32c(crc, envelopes);
}

uint32_t row_snapshot_crc(const uint8_t *key, const struct row_snapshot *row,
                          struct pl_slice deflated)
{
    uint8_t header[ROW_SNAPSHOT_BYTES];
    row_snapshot_write(row, header);
    uint32_t crc = crc32c(0, (struct pl_slice){key, KEY_ENTRY_BYTES});
    crc = crc32c(crc, (struct pl_slice){header, ROW_SNAPSHOT_BYTES - 4});
    return crc32c(crc, deflated);
}
