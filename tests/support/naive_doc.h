/* The naive reference engine: the fold of a journal by flat lists, written for clarity. Of the library it uses what
 * reads a batch's bytes, and nothing of what merges. It does not decide: it is shown journals that were.
 *
 * A broken promise of the journal (an id nobody made, counters that do not follow) is reported, not survived. */
#ifndef SUPPORT_NAIVE_DOC_H
#define SUPPORT_NAIVE_DOC_H
#include "proto/doc.h"

struct naive_doc;

struct naive_doc *naive_doc_new(bool honest); /* see naive_text_new */
struct naive_doc *naive_doc_clone(const struct naive_doc *doc);
void naive_doc_free(struct naive_doc *doc_or_null);
/* Folds one entry, whatever its seq. False, and why (static), when no journal can hold it here. `adopted_or_null` is
 * the document an ADOPT in it brings in: a snapshot is not the naive engine's to read. */
bool naive_doc_apply(struct naive_doc *doc, const struct pl_envelope *envelope,
                     const struct naive_doc *adopted_or_null, const char **ret_reason);
/* Folds this user's batch that is only pending: what names an object or a text's id that is gone is passed over. */
void naive_doc_pend(struct naive_doc *doc, uint64_t user, struct pl_slice body);
/* Whether the engine's document holds the same objects, registers, tallies, texts and replica rows; else why (static).
 * Its seq and time are not looked at. */
bool naive_doc_agrees(struct naive_doc *doc, struct pl_doc *engine, const char **ret_reason);
/* The same for one object, and for whether there is one. */
bool naive_doc_object_agrees(struct naive_doc *doc, struct pl_id id, const struct pl_object *engine_or_null,
                             const char **ret_reason);

#endif
