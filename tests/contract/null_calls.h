/* SPDX-License-Identifier: MIT */
/* What null_calls.py writes and test_null.c runs. */
#ifndef MIEN_TESTS_NULL_CALLS_H
#define MIEN_TESTS_NULL_CALLS_H

#include "mien/mien.h"

typedef struct null_call {
    const char *name; /* FUNCTION: all of its pointers; FUNCTION.PARAMETER: that one */
    bool fails;       /* it must return MIEN_EINVAL and say what is NULL */
    mien_status (*call)(void);
} null_call;

extern const null_call null_calls[];
extern const int null_calls_count;

extern char null_zeros[1 << 16]; /* what the other pointers point to */
mien_status null_callback(void); /* what the other functions are */

#endif
