/* How a client sees one object: see report.h. Private to the report. */
#ifndef PL_REPORT_VIEW_H
#define PL_REPORT_VIEW_H
#include "proto/report.h"

void report_view_write(struct pl_report *report, const struct pl_sight *sight, const struct pl_object *object,
                       struct pl_buf *buf);
/* One field as key and value; nil when the object does not have it. */
void report_field_write(struct pl_report *report, const struct pl_sight *sight, const struct pl_object *object,
                        uint32_t field, struct pl_buf *buf);
/* The marks of a text that show, as key and value. Without memory the buffer has failed. */
bool report_has_marks(const struct pl_object *object, uint32_t field);
void report_marks_write(const struct pl_object *object, uint32_t field, struct pl_buf *buf);

#endif
