/* One message of every kind and one small board with every kind of operation, always the same: what
 * the golden files hold and the fuzzers begin from. */
#ifndef SUPPORT_SAMPLES_H
#define SUPPORT_SAMPLES_H
#include "proto/doc.h"
#include "proto/message.h"

/* Messages by index; false beyond the last. ret_name is static; the frame is appended. */
bool sample_message(size_t index, const char **ret_name, struct pl_buf *ret_frame);
/* Journal bodies in order; false beyond the last. ret_role and ret_user sent it. */
bool sample_body(size_t index, struct pl_buf *ret_body, enum pl_role *ret_role, uint64_t *ret_user);
/* The fold of the bodies, each decided and applied. NULL when one of them was not admitted as it
 * should be. */
struct pl_doc *sample_doc(void);

/* Writes any message. */
void sample_write(struct pl_buf *buf, const struct pl_message *message);

#endif
