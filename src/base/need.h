/* SPDX-License-Identifier: MIT */
/* For the first line of public calls: arguments that must not be NULL. An array that
 * may be NULL where nothing is in it stands as `x || n < 1`.
 *
 *     MIEN_NEED(table, cells || count < 1); returns MIEN_EINVAL and names it
 *     MIEN_NEED_OR(-1, table, name);        returns -1, with the same text
 *     MIEN_NEED_OR(, table);                just returns
 */
#ifndef MIEN_BASE_NEED_H
#define MIEN_BASE_NEED_H

#include "mien/base.h"

/* Says that the argument at `index` of the list `names` is NULL; returns MIEN_EINVAL.
 */
mien_status mien_need_failed(const char *function, const char *names, int index);

/* The first that is false, or -1. */
static inline int mien_need_missing(const bool *given, size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (!given[i]) {
            return (int)i;
        }
    }
    return -1;
}

#define MIEN_NEED_OR(otherwise, ...)                                                   \
    do {                                                                               \
        const bool given_[] = {__VA_ARGS__};                                           \
        int missing_ = mien_need_missing(given_, sizeof given_);                       \
        if (missing_ >= 0) {                                                           \
            mien_need_failed(__func__, #__VA_ARGS__, missing_);                        \
            return otherwise;                                                          \
        }                                                                              \
    } while (0)

#define MIEN_NEED(...) MIEN_NEED_OR(MIEN_EINVAL, __VA_ARGS__)

#endif
