/* For support code: a condition that ends the test program with its place when it does not hold. */
#ifndef SUPPORT_CORE_CHECK_H
#define SUPPORT_CORE_CHECK_H
#include <stdio.h>
#include <stdlib.h>

#define CORE_CHECK(condition)                                               \
    do {                                                                    \
        if (!(condition)) {                                                 \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition); \
            abort();                                                        \
        }                                                                   \
    } while (0)

#endif
