/* Prints SCHEMA.md, the reference page of schema.def: every kind with its fields, every field with its type. */
#include "proto/op.h"
#include "proto/value.h"
#include <stdio.h>

static const char *role_word(enum pl_role role)
{
    switch (role) {
    case PL_ROLE_COMMENTER:
        return "commenter";
    case PL_ROLE_FACILITATOR:
        return "facilitator";
    case PL_ROLE_SERVER:
        return "the server";
    default:
        return "editor";
    }
}

static const char *nest_word(uint32_t kind)
{
#define PL_NEST(child, parent)                                                                     \
    if (kind == PL_KIND_##child)                                                                   \
        return #parent;
#include "proto/schema.def"
#undef PL_NEST
    return "";
}

static void print_fields(uint32_t kind)
{
#define PL_HAS(owner, field)                                                                       \
    if (kind == PL_KIND_##owner)                                                                   \
        printf(" %s", #field);
#include "proto/schema.def"
#undef PL_HAS
}

static void print_kind(const char *name, uint32_t kind)
{
    printf("| %s | %u | %s%s | %s |", name, kind, role_word(pl_kind_writer(kind)),
           pl_kind_own(kind) ? ", its own" : "", nest_word(kind));
    print_fields(kind);
    printf(" |\n");
}

static void print_field(const char *name, uint32_t field, const char *type)
{
    printf("| %s | %u | %s |", name, field, type);
#define PL_HAS(owner, has)                                                                         \
    if (field == PL_FIELD_##has)                                                                   \
        printf(" %s", #owner);
#include "proto/schema.def"
#undef PL_HAS
    printf("%s |\n", field == PL_FIELD_ALIVE ? " all" : "");
}

int main(void)
{
    printf("# Kinds and fields\n\n"
           "Printed by `gen_schema` from `schema.def`, where each has a comment. Types: `value.h`.\n\n"
           "| kind | number | written by | lies in a | fields, beside ALIVE |\n|---|---:|---|---|---|\n");
#define PL_KIND(name, number, writer) print_kind(#name, number);
#include "proto/schema.def"
#undef PL_KIND
    printf("\n| field | number | type | of |\n|---|---:|---|---|\n");
#define PL_FIELD(name, number, type) print_field(#name, number, #type);
#include "proto/schema.def"
#undef PL_FIELD
    printf("\n| mark | number | value | grows at its end |\n|---|---:|---|---|\n");
#define PL_MARK(name, number, type, grows)                                                         \
    printf("| %s | %d | %s | %s |\n", #name, number, #type, grows ? "yes" : "no");
#include "proto/schema.def"
#undef PL_MARK
    return 0;
}
