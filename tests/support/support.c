/* SPDX-License-Identifier: MIT */
/* Helpers that all tests share. */
#define _XOPEN_SOURCE 700 /* nftw */
#include "support/support.h"

#include <ftw.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define RING 8

static char temp_directory[64];

void support_good(mien_status status, const char *call, const char *file, int line) {
    if (status != MIEN_OK) {
        print_error("%s:%d: %s: %s: %s\n", file, line, call, mien_status_name(status),
            mien_error());
        _fail(file, line);
    }
}

void support_fails(mien_status status, mien_status want, const char *part,
    const char *call, const char *file, int line) {
    if (status != want) {
        print_error("%s:%d: %s: got %s, want %s; text: %s\n", file, line, call,
            mien_status_name(status), mien_status_name(want), mien_error());
        _fail(file, line);
    }
    if (part && !strstr(mien_error(), part)) {
        print_error("%s:%d: %s: \"%s\" is not in \"%s\"\n", file, line, call, part,
            mien_error());
        _fail(file, line);
    }
}

void support_close(const float *got, const float *want, int64_t n, double rtol,
    double atol, const char *file, int line) {
    for (int64_t i = 0; i < n; i++) {
        double g = (double)got[i], w = (double)want[i];
        if (!(fabs(g - w) <= atol + rtol * fabs(w))) {
            print_error(
                "%s:%d: [%lld] of %lld: got %.9g, want %.9g (difference %.3g)\n", file,
                line, (long long)i, (long long)n, g, w, g - w);
            _fail(file, line);
        }
    }
}

void support_near(double got, double want, double atol, const char *file, int line) {
    if (!(fabs(got - want) <= atol)) {
        print_error("%s:%d: got %.17g, want %.17g (difference %.3g)\n", file, line, got,
            want, got - want);
        _fail(file, line);
    }
}

static int remove_entry(
    const char *path, const struct stat *status, int kind, struct FTW *where) {
    (void)status;
    (void)kind;
    (void)where;
    return remove(path);
}

static void remove_temp(void) {
    nftw(temp_directory, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

const char *support_temp(void) {
    if (!temp_directory[0]) {
        strcpy(temp_directory, "/tmp/mien-test-XXXXXX");
        if (!mkdtemp(temp_directory)) {
            perror("mkdtemp");
            abort();
        }
        atexit(remove_temp);
    }
    return temp_directory;
}

static char *ring(void) {
    static char buffers[RING][4096];
    static int next;
    return buffers[next++ % RING];
}

const char *support_temp_path(const char *name) {
    char *path = ring();
    snprintf(path, 4096, "%s/%s", support_temp(), name);
    return path;
}

const char *support_write(const char *name, const void *bytes, size_t count) {
    const char *path = support_temp_path(name);
    FILE *file = fopen(path, "wb");
    if (!file || fwrite(bytes, 1, count, file) != count || fclose(file) != 0) {
        perror(path);
        abort();
    }
    return path;
}

const char *support_source(const char *name) {
    char *path = ring();
    snprintf(path, 4096, "%s/%s", MIEN_TEST_SOURCE, name);
    return path;
}

const char *support_shared(const char *name) {
    char *path = ring();
    snprintf(path, 4096, "%s/%s", MIEN_TEST_SHARED, name);
    if (access(path, R_OK) != 0) {
        print_message("SKIPPED: real data %s is not here\n", name);
        skip();
    }
    return path;
}

/* Under sanitizers, which are ten times slower, of long ways every fourth allocation
 * fails after the first hundred; the release build has them all. */
static int step_after(int n) {
#ifdef __SANITIZE_ADDRESS__
    return n < 100 ? 1 : 4;
#else
    (void)n;
    return 1;
#endif
}

void support_each_allocation_fails(
    mien_status (*run)(void *context), void *context, int most) {
    for (int n = 1; n <= most; n += step_after(n)) {
        mien_alloc_fail_at((uint64_t)n);
        mien_status status = run(context);
        mien_alloc_fail_at(0);
        if (status == MIEN_OK) {
            assert_true(n > 1);
            return;
        }
        if (status != MIEN_ENOMEM) {
            fail_msg("allocation %d failed: got %s (%s), want out of memory", n,
                mien_status_name(status), mien_error());
        }
    }
    fail_msg("still failing after %d allocations", most);
}
