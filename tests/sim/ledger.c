/* See ledger.h. */
#include "ledger.h"
#include "base/envelope.h"
#include "edits.h"
#include "proto/op.h"
#include <string.h>

struct line {
    uint32_t seen;
    unsigned excuse;
};

struct ledger {
    uint64_t next;
    struct line *lines;
    size_t cap;
};

struct ledger *ledger_new(void)
{
    return sim_get(sizeof(struct ledger));
}

void ledger_free(struct ledger *ledger)
{
    free(ledger->lines);
    free(ledger);
}

uint64_t *ledger_mark(struct ledger *ledger)
{
    return &ledger->next;
}

static struct line *line_of(struct ledger *ledger, uint64_t mark)
{
    if (ledger->next > ledger->cap) {
        const size_t cap = (size_t)ledger->next * 2;
        ledger->lines = realloc(ledger->lines, cap * sizeof *ledger->lines);
        sim_must(ledger->lines != NULL, "no memory");
        memset(ledger->lines + ledger->cap, 0, (cap - ledger->cap) * sizeof *ledger->lines);
        ledger->cap = cap;
    }
    return mark < ledger->next ? &ledger->lines[mark] : NULL; /* a hostile client writes any number */
}

static struct line *made_by(struct ledger *ledger, const struct pl_op *op)
{
    struct pl_reader reader = pl_reader_of(op->value);
    for (uint32_t i = 0; op->code == PL_OP_CREATE && i < op->value_n; i++) {
        uint32_t field;
        uint64_t mark;
        struct pl_slice value;
        if (!pl_read_u32(&reader, &field) || !pl_read_raw(&reader, &value))
            break;
        struct pl_reader number = pl_reader_of(value);
        if (field == EDITS_FIELD_MARK && pl_read_u53(&number, &mark))
            return line_of(ledger, mark);
    }
    return NULL;
}

static void each(struct ledger *ledger, struct pl_slice body, uint32_t seen, unsigned excuse)
{
    struct pl_batch batch;
    struct pl_op op;
    if (pl_batch_read(body, true, &batch) != PL_OK || batch.refusal != PL_OK)
        return;
    for (struct pl_op_iter iter = pl_batch_ops(&batch); pl_op_next(&iter, &op);) {
        struct line *line = made_by(ledger, &op);
        if (line != NULL) {
            line->seen += seen;
            line->excuse |= excuse;
        }
    }
}

void ledger_excuse(struct ledger *ledger, struct pl_slice body, unsigned excuse)
{
    each(ledger, body, 0, excuse);
}

void ledger_excuse_since(struct ledger *ledger, uint64_t first, unsigned excuse)
{
    for (uint64_t mark = first; mark < ledger->next; mark++)
        line_of(ledger, mark)->excuse |= excuse;
}

void ledger_restored(struct ledger *ledger)
{
    for (uint64_t mark = 0; mark < ledger->next; mark++) {
        struct line *line = line_of(ledger, mark);
        line->excuse = (line->excuse & ~(unsigned)LEDGER_KEPT) | LEDGER_MAY_MISS;
    }
}

bool ledger_holds(struct ledger *ledger, const struct disk *disk, struct verdict *verdict)
{
    struct pl_reader reader = pl_reader_of(disk_all(disk));
    struct pl_envelope envelope;
    for (uint64_t mark = 0; mark < ledger->next; mark++)
        line_of(ledger, mark)->seen = 0;
    while (envelope_read(&reader, &envelope))
        each(ledger, envelope.body, 1, 0);
    for (uint64_t mark = 0; mark < ledger->next; mark++) {
        const struct line *line = line_of(ledger, mark);
        if (line->seen == 0 && (line->excuse & LEDGER_KEPT) != 0)
            return verdict_fail(verdict, "an acknowledged edit is not in the journal");
        if (line->seen == 0 && (line->excuse & LEDGER_MAY_MISS) == 0)
            return verdict_fail(verdict, "an edit was lost, and nobody was told");
        if (line->seen > 1 && (line->excuse & LEDGER_MAY_TWICE) == 0)
            return verdict_fail(verdict, "an edit was committed twice");
    }
    return true;
}
