/* Names and texts of results, from status.def. */
#include "proto/status.h"

const char *pl_status_name(enum pl_status status)
{
    switch (status) {
#define X(name, number, wire, text)                                                                \
    case PL_##name:                                                                                \
        return wire;
#include "proto/status.def"
#undef X
    }
    return "unknown";
}

const char *pl_status_text(enum pl_status status)
{
    switch (status) {
#define X(name, number, wire, text)                                                                \
    case PL_##name:                                                                                \
        return text;
#include "proto/status.def"
#undef X
    }
    return "unknown";
}
