/* The session protocol's messages as structs, generated from messages.def. SPEC section 2. */
#ifndef PL_MESSAGE_H
#define PL_MESSAGE_H
#include "proto/mem.h"
#include "proto/messages.def"
#include "proto/status.h"
#include "proto/writer.h"

struct pl_opt_u53 {
    bool set;
    uint64_t value;
};
struct pl_opt_slice {
    bool set;
    struct pl_slice value;
};

#define PL_C_u53 uint64_t
#define PL_C_opt_u53 struct pl_opt_u53
#define PL_C_str struct pl_slice
#define PL_C_bin struct pl_slice
#define PL_C_opt_bin struct pl_opt_slice
#define PL_C_raw struct pl_slice

enum pl_message_type {
#define M(name, NAME, number) PL_MESSAGE_##NAME = number,
    PL_MESSAGES(M)
#undef M
};

/* struct pl_msg_hello, pl_msg_welcome, ...: slices borrow from the decoded frame. */
#define F(type, field) PL_C_##type field;
#define M(name, NAME, number)                                                                      \
    struct pl_msg_##name {                                                                         \
        PL_FIELDS_##name(F)                                                                        \
    };
PL_MESSAGES(M)
#undef M
#undef F

struct pl_message {
    enum pl_message_type type;
    union {
#define M(name, NAME, number) struct pl_msg_##name name;
        PL_MESSAGES(M)
#undef M
    } as;
};

/* Decodes one whole frame. PL_MALFORMED for anything else than exactly one known message with its fields.
 * Extra trailing fields of a newer peer are skipped. The frame must outlive the message. */
PL_CHECKED enum pl_status pl_message_read(struct pl_slice frame, struct pl_message *ret_message);

/* pl_msg_hello_write(buf, &msg), ...: appends one message. */
#define M(name, NAME, number)                                                                      \
    void pl_msg_##name##_write(struct pl_buf *buf, const struct pl_msg_##name *msg);
PL_MESSAGES(M)
#undef M

/* "hello", "welcome", ...; "unknown" outside the table. Static. */
const char *pl_message_name(uint64_t type);

#endif
