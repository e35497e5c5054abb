/* A part that is shorter than its rows say: of a folder that was put together by hand, of a backup of which somebody took
 * the database alone, of a disk that lied about a sync. What is not there any more is asked for again, as a gap (K6). */
#include "store/media.h"
#include "track/op.h"

void part_measure(struct track_op *op, uint32_t segment, enum track_stream stream)
{
    char name[MEDIA_NAME_BYTES];
    media_part_name(op->asker.board, op->id, segment, stream_name(stream), name);
    op->segment = segment;
    op->stream = stream;
    op->part_bytes = media_part_bytes(op->tracks->dir, name);
    op->part_short = true;
}

/* Chunks of which a part is missing count no more; their rows are written over. */
enum pl_status part_mend(struct track_op *op, struct track_change *change)
{
    struct track_segment *segment = &op->track->segments[op->segment];
    struct track_flow *flow = &segment->flows[op->stream];
    while (flow->chunk_n > 0 && flow->bytes > op->part_bytes) {
        struct track_chunk chunk;
        enum pl_status status = store_track_chunk(op->tracks->env.store, op->track, op->segment, op->stream,
                                                  flow->chunk_n - 1, &chunk);
        if (status != PL_OK)
            return status == PL_NOT_FOUND ? PL_CORRUPT : status;
        flow->bytes = chunk.at;
        flow->chunk_n--;
    }
    if (op->stream == TRACK_TIMELINE)
        segment->said_ms = 0; /* whatever comes again is not before it */
    op->next_chunk = flow->chunk_n;
    op->outcome = PL_GAP;
    *change = (struct track_change){.segment_i = op->segment, .segment_n = 1};
    return PL_OK;
}
