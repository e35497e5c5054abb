/* The marks of one text as rules M1 to M5 say them, painted unit by unit. */
#ifndef SUPPORT_NAIVE_MARKS_H
#define SUPPORT_NAIVE_MARKS_H
#include "naive_scalar.h"
#include "proto/op.h"
#include "proto/text.h"

struct naive_marks;

struct naive_marks *naive_marks_new(void);
void naive_marks_free(struct naive_marks *marks_or_null);
struct naive_marks *naive_marks_clone(const struct naive_marks *marks);
void naive_marks_add(struct naive_marks *marks, const struct pl_op *op);
void naive_marks_turn(struct naive_marks *marks, const struct pl_op *op);
/* Before the text is. */
void naive_marks_collect(struct naive_marks *marks, struct naive_scalars scalars);
/* Whether the engine's text has the same marks, and shows the same; else why. */
bool naive_marks_agree(const struct naive_marks *marks, struct naive_scalars scalars, const struct pl_text *engine,
                       const char **ret_reason);

#endif
