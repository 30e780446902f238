/* SPDX-License-Identifier: MIT */
/* For the first lines of public calls: an argument that must not be NULL. */
#ifndef MIEN_BASE_NEED_H
#define MIEN_BASE_NEED_H

#include "mien/base.h"

#define MIEN_NEED(argument)                                                            \
    do {                                                                               \
        if (!(argument)) {                                                             \
            return mien_fail(MIEN_EINVAL, "%s(): " #argument " is NULL", __func__);    \
        }                                                                              \
    } while (0)

#endif
