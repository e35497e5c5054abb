/* The journal port on a disk of the simulation's own: writes wait in a queue, become durable in groups when a step
 * says so, and are answered later still, in order. A crash keeps some first part of what waited; a sick disk refuses.
 *
 * It also watches what is written: seqs and each replica's counters without gaps, never twice, times that never go
 * back, marks that say what the entries say. */
#ifndef SIM_DISK_H
#define SIM_DISK_H
#include "base/journal.h"
#include "rng.h"
#include "verdict.h"

struct disk_config {
    uint64_t board;
    uint32_t fail_percent; /* of the groups of writes; and a sick spell now and then */
    bool forgets;          /* entries before the newest snapshot are not kept for those who resume */
};

struct disk;

/* Verdict and rng are borrowed. */
struct disk *disk_new(const struct disk_config *config, struct rng *rng, struct verdict *verdict);
void disk_free(struct disk *disk);
const struct journal *disk_journal(struct disk *disk);

/* Some writes become durable, or fail, or an answer comes; on the loop's thread. */
void disk_step(struct disk *disk);
/* From now on nothing fails. */
void disk_heal(struct disk *disk);
bool disk_busy(const struct disk *disk); /* something waits */
/* The server is gone: nobody hears an answer any more, and of what waited only a first part was written. */
void disk_crash(struct disk *disk);

/* What is durable. */
uint64_t disk_head(const struct disk *disk);
struct pl_slice disk_entry(const struct disk *disk, uint64_t seq); /* an envelope; valid until the next step */
uint64_t disk_hwm(const struct disk *disk, uint32_t replica);
struct pl_slice disk_all(const struct disk *disk);
uint64_t disk_lineage(const struct disk *disk);

/* A backup, and going back to it while no server runs: older entries, another lineage, no replica id twice. */
void disk_backup(struct disk *disk);
void disk_restore(struct disk *disk);

#endif
