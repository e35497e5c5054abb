/* See replay.h. */
#include "cmd/replay.h"
#include "base/envelope.h"

void replay_drop(struct replay *replay)
{
    pl_doc_free(replay->doc);
    replay->doc = NULL;
}

enum pl_status replay_snapshot(void *user, uint64_t seq, struct pl_slice bytes)
{
    struct replay *replay = user;
    struct pl_doc *doc;
    enum pl_status status = pl_doc_load(replay->mem, bytes, &doc);
    if (status != PL_OK)
        return status == PL_NO_MEMORY || status == PL_VERSION ? status : PL_CORRUPT;
    replay_drop(replay);
    replay->doc = doc;
    return pl_doc_head(doc) == seq ? PL_OK : PL_CORRUPT;
}

enum pl_status replay_entries(void *user, uint64_t first_seq, uint64_t last_seq,
                              struct pl_slice envelopes)
{
    struct replay *replay = user;
    struct pl_reader reader = pl_reader_of(envelopes);
    struct pl_envelope envelope;
    enum pl_status status = PL_OK;
    uint64_t seq = first_seq;
    while (status == PL_OK && envelope_read(&reader, &envelope)) {
        status = envelope.seq != seq++ ? PL_CORRUPT
                 : replay->doc == NULL ? PL_OK
                                       : pl_doc_apply(replay->doc, &envelope, NULL);
    }
    if (status == PL_OK && (!pl_reader_done(&reader) || seq != last_seq + 1))
        status = PL_CORRUPT;
    replay->entry_n += seq - first_seq;
    return status == PL_OK || status == PL_NO_MEMORY ? status : PL_CORRUPT;
}
