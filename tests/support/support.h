/* SPDX-License-Identifier: MIT */
/* What every test includes first: cmocka, closeness of floats, temporary folders, real
 * data. */
#ifndef MIEN_TESTS_SUPPORT_H
#define MIEN_TESTS_SUPPORT_H

/* cmocka wants these four before it, in this order */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "mien/base.h"

/** Fails with mien_error() unless the call returned MIEN_OK. */
#define assert_good(call) support_good((call), #call, __FILE__, __LINE__)
/** Fails unless the call returned `status` with an error text that contains `part`. */
#define assert_fails(call, status, part)                                               \
    support_fails((call), (status), (part), #call, __FILE__, __LINE__)
/** |got − want| ≤ atol + rtol·|want| for each of n floats; prints the first difference.
 */
#define assert_close(got, want, n, rtol, atol)                                         \
    support_close((got), (want), (n), (rtol), (atol), __FILE__, __LINE__)
#define assert_near(got, want, atol)                                                   \
    support_near((got), (want), (atol), __FILE__, __LINE__)

void support_good(mien_status status, const char *call, const char *file, int line);
void support_fails(mien_status status, mien_status want, const char *part,
    const char *call, const char *file, int line);
void support_close(const float *got, const float *want, int64_t n, double rtol,
    double atol, const char *file, int line);
void support_near(double got, double want, double atol, const char *file, int line);

/** A new empty folder, removed with everything in it when the program ends. Lent. */
const char *support_temp(void);
/** support_temp()/name in a buffer of its own (ring of 8). */
const char *support_temp_path(const char *name);
/** Writes bytes to support_temp()/name; returns its path. */
const char *support_write(const char *name, const void *bytes, size_t count);
/** Path of a file of the checkout ("tests/golden/x.csv"). Ring of 8. */
const char *support_source(const char *name);
/** Path of real data, or skips the running test with a message where it is absent. */
const char *support_shared(const char *name);
/** Calls run(context) with the 1st, 2nd, … allocation failing until it returns MIEN_OK;
 * every other answer must be MIEN_ENOMEM. Fails if run is still failing after `most`.
 */
void support_each_allocation_fails(
    mien_status (*run)(void *context), void *context, int most);

#endif
