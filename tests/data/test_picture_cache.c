/* SPDX-License-Identifier: MIT */
/* The cache of pictures by itself: memory first, then the file, then no more. */
#include "support/support.h"

#include "data/picture_cache.h"

#include <string.h>

enum { ROWS = 40, BYTES = 5000 };

static void fill(unsigned char *bytes, int64_t row) {
    for (int i = 0; i < BYTES; i++) {
        bytes[i] = (unsigned char)(row * 31 + i * 7 + i / 256);
    }
}

static mien_picture_cache *make(int memory, int file, const char *directory) {
    mien_picture_cache *c = NULL;
    mien_picture_cache_options o = {.rows = ROWS,
        .bytes = BYTES,
        .memory_max = (int64_t)memory * BYTES + 17,
        .directory = directory,
        .file_max = (int64_t)file * BYTES + 17};
    assert_good(mien_picture_cache_new(&o, &c));
    return c;
}

static mien_status put_twice(void *context, int64_t index, int worker) {
    unsigned char bytes[BYTES];
    (void)worker;
    fill(bytes, index % ROWS);
    return mien_picture_cache_put(context, index % ROWS, bytes);
}

static void pictures_come_back_from_memory_and_file(void **state) {
    (void)state;
    static const int sizes[][2] = {{40, 0}, {10, 100}, {10, 20}, {0, 7}, {0, 0}};
    for (int threads = 1; threads <= 8; threads += 7) {
        for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++) {
            mien_thread_pool *pool = NULL;
            mien_picture_cache *c = make(sizes[k][0], sizes[k][1], support_temp());
            int count[4] = {0};
            assert_good(mien_thread_pool_new(threads, &pool));
            assert_good(mien_thread_pool_run(pool, 2 * ROWS, put_twice, c));
            for (int64_t row = 0; row < ROWS; row++) {
                unsigned char want[BYTES];
                const void *bytes = NULL;
                mien_cached where = mien_picture_cache_get(c, row, &bytes);
                count[where]++;
                fill(want, row);
                assert_int_equal(bytes == NULL, where == MIEN_CACHED_NOT);
                if (bytes) {
                    assert_memory_equal(bytes, want, BYTES);
                }
            }
            int in_file = ROWS - sizes[k][0];
            in_file = in_file < sizes[k][1] ? in_file : sizes[k][1];
            assert_int_equal(count[MIEN_CACHED_MEMORY], sizes[k][0]);
            assert_int_equal(count[MIEN_CACHED_FILE], in_file);
            mien_thread_pool_free(&pool);
            mien_picture_cache_free(&c);
            assert_null(c);
        }
    }
}

static void a_bad_row_is_told_to_one_and_stays_bad(void **state) {
    (void)state;
    unsigned char bytes[BYTES] = {0};
    const void *got = NULL;
    mien_picture_cache *c = make(40, 0, NULL);
    assert_true(mien_picture_cache_bad(c, 3));
    assert_false(mien_picture_cache_bad(c, 3));
    assert_good(mien_picture_cache_put(c, 3, bytes));
    assert_int_equal(mien_picture_cache_get(c, 3, &got), MIEN_CACHED_BAD);
    assert_null(got);
    mien_picture_cache_free(&c);
}

static mien_status keep_two(void *context) {
    unsigned char bytes[BYTES] = {0};
    mien_picture_cache *c = NULL;
    mien_picture_cache_options o = {.rows = 2,
        .bytes = BYTES,
        .memory_max = BYTES,
        .directory = context,
        .file_max = BYTES};
    mien_status status = mien_picture_cache_new(&o, &c);
    status = status ? status : mien_picture_cache_put(c, 0, bytes);
    status = status ? status : mien_picture_cache_put(c, 1, bytes);
    mien_picture_cache_free(&c);
    return status;
}

static void each_failing_allocation_is_reported(void **state) {
    (void)state;
    char folder[4096];
    strncpy(folder, support_temp(), sizeof folder - 1);
    folder[sizeof folder - 1] = '\0';
    support_each_allocation_fails(keep_two, folder, 30);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pictures_come_back_from_memory_and_file),
        cmocka_unit_test(a_bad_row_is_told_to_one_and_stays_bad),
        cmocka_unit_test(each_failing_allocation_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
