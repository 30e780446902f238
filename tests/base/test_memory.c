/* SPDX-License-Identifier: MIT */
/* Allocation: aligned, zeroed, checked, counted; arenas. */
#include "support/support.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define LARGE ((size_t)64 << 20)

static bool all_zero(const void *memory, size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (((const char *)memory)[i]) {
            return false;
        }
    }
    return true;
}

static void memory_is_zeroed_and_aligned(void **state) {
    (void)state;
    for (size_t n = 1; n < 5000; n = n * 3 + 1) {
        char *memory = mien_alloc(n, 1);
        assert_non_null(memory);
        assert_int_equal((uintptr_t)memory % 64, 0);
        assert_true(all_zero(memory, n));
        memset(memory, 1, n);
        mien_free(memory);
    }
}

/* Bytes of [memory, memory + count) that take up real memory. */
static size_t resident(const char *memory, size_t count) {
    static unsigned char pages[LARGE / 4096 + 1];
    size_t page = (size_t)sysconf(_SC_PAGESIZE), used = 0;
    char *first = (char *)((uintptr_t)memory / page * page);
    size_t span = (size_t)(memory + count - first);
    assert_true(span / page < sizeof pages);
    assert_int_equal(mincore(first, span, pages), 0);
    for (size_t i = 0; i < (span + page - 1) / page; i++) {
        used += pages[i] & 1 ? page : 0;
    }
    return used;
}

static void large_memory_takes_room_only_where_it_is_touched(void **state) {
    (void)state;
    char *memory = mien_alloc(LARGE, 1);
    assert_non_null(memory);
    assert_int_equal((uintptr_t)memory % 64, 0);
    assert_true(resident(memory, LARGE) <= LARGE / 16);
    memory[LARGE / 2] = 1;
    assert_true(resident(memory, LARGE) <= LARGE / 16); /* a huge page at most */
    memory[LARGE / 2] = 0;
    assert_true(all_zero(memory, LARGE));
    mien_free(memory);
}

static void large_memory_used_before_is_zero_again(void **state) {
    (void)state;
    for (size_t n = (size_t)2 << 20; n < LARGE / 4; n = n * 2 + 777) {
        for (int round = 0; round < 3; round++) {
            char *memory = mien_alloc(n, 1);
            assert_non_null(memory);
            assert_true(all_zero(memory, n));
            memset(memory, 1, n);
            mien_free(memory);
        }
    }
}

/* Blocks that no page begins with, filled before and freed: still zero, edge to edge.
 */
static void blocks_between_pages_are_zero_and_take_no_room(void **state) {
    (void)state;
    for (size_t n = (size_t)255 << 10; n < (size_t)2 << 20; n += 100003) {
        for (int round = 0; round < 3; round++) {
            char *memory = mien_alloc(n, 1);
            assert_non_null(memory);
            if (n >= (size_t)512 << 10) {
                assert_true(resident(memory, n) <= n / 8);
            }
            assert_true(all_zero(memory, n));
            memset(memory, 1, n);
            mien_free(memory);
        }
    }
}

static void a_large_realloc_keeps_what_was_and_touches_no_more(void **state) {
    (void)state;
    size_t few = ((size_t)3 << 20) + 5;
    char *memory = mien_alloc(few, 1);
    assert_non_null(memory);
    memset(memory, 1, few);
    memory = mien_realloc(memory, few, LARGE, 1);
    assert_non_null(memory);
    assert_true(resident(memory, LARGE) <= LARGE / 8);
    for (size_t i = 0; i < few; i++) {
        assert_int_equal(memory[i], 1);
    }
    assert_true(all_zero(memory + few, LARGE - few));
    memory = mien_realloc(memory, LARGE, few - 1, 1);
    assert_non_null(memory);
    assert_int_equal(memory[few - 2], 1);
    mien_free(memory);
}

static void nothing_has_an_address_of_its_own(void **state) {
    (void)state;
    void *a = mien_alloc(0, 8), *b = mien_alloc(8, 0);
    assert_non_null(a);
    assert_non_null(b);
    assert_ptr_not_equal(a, b);
    mien_free(a);
    mien_free(b);
    mien_free(NULL);
}

static void overflow_is_out_of_memory(void **state) {
    (void)state;
    assert_null(mien_alloc(SIZE_MAX / 2, 3));
    assert_non_null(strstr(mien_error(), "out of memory"));
    assert_null(mien_alloc(SIZE_MAX, 1));
}

static void realloc_keeps_the_common_part_and_zeroes_the_rest(void **state) {
    (void)state;
    int *a = mien_alloc(3, sizeof *a);
    a[0] = 1, a[1] = 2, a[2] = 3;
    a = mien_realloc(a, 3, 100, sizeof *a);
    assert_non_null(a);
    assert_int_equal(a[2], 3);
    assert_true(all_zero(a + 3, 97 * sizeof *a));
    a = mien_realloc(a, 100, 2, sizeof *a);
    assert_int_equal(a[1], 2);
    assert_int_equal((uintptr_t)a % 64, 0);
    int *same = a;
    assert_null(mien_realloc(a, 2, SIZE_MAX / 2, sizeof *a));
    assert_int_equal(same[1], 2);
    mien_free(same);
    a = mien_realloc(NULL, 0, 4, sizeof *a);
    assert_true(all_zero(a, 4 * sizeof *a));
    mien_free(a);
}

static void allocations_are_counted_and_fail_when_told(void **state) {
    (void)state;
    uint64_t before = mien_alloc_count();
    mien_alloc_fail_at(2);
    void *a = mien_alloc(1, 1), *b = mien_alloc(1, 1), *c = mien_alloc(1, 1);
    assert_non_null(a);
    assert_null(b);
    assert_non_null(c);
    assert_int_equal(mien_alloc_count() - before, 3);
    mien_alloc_fail_at(1);
    mien_alloc_fail_at(0);
    void *d = mien_alloc(1, 1);
    assert_non_null(d);
    mien_free(a);
    mien_free(c);
    mien_free(d);
}

static void an_arena_gives_separate_zeroed_aligned_room(void **state) {
    (void)state;
    mien_arena *arena = NULL;
    assert_good(mien_arena_new(4096, &arena));
    char *given[200];
    for (size_t i = 0; i < 200; i++) {
        given[i] = mien_arena_alloc(arena, i * 17, 1);
        assert_non_null(given[i]);
        assert_int_equal((uintptr_t)given[i] % 64, 0);
        assert_true(all_zero(given[i], i * 17));
        memset(given[i], (int)i, i * 17);
    }
    for (size_t i = 1; i < 200; i++) {
        assert_int_equal(given[i][0], (char)i);
        assert_int_equal(given[i][i * 17 - 1], (char)i);
    }
    char *large = mien_arena_alloc(arena, 100000, 1);
    assert_true(all_zero(large, 100000));
    assert_string_equal(mien_arena_strdup(arena, "name"), "name");
    assert_null(mien_arena_alloc(arena, SIZE_MAX / 2, 4));
    mien_arena_free(&arena);
    assert_null(arena);
    mien_arena_free(&arena);
}

static mien_status use_arena(void *context) {
    (void)context;
    mien_arena *arena;
    mien_status status = mien_arena_new(64, &arena);
    for (int i = 0; status == MIEN_OK && i < 3; i++) {
        status = mien_arena_alloc(arena, 5000, 1) ? MIEN_OK : MIEN_ENOMEM;
        if (i == 2 || status != MIEN_OK) {
            mien_arena_free(&arena);
        }
    }
    return status;
}

static void an_arena_survives_each_failing_allocation(void **state) {
    (void)state;
    support_each_allocation_fails(use_arena, NULL, 20);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memory_is_zeroed_and_aligned),
        cmocka_unit_test(large_memory_takes_room_only_where_it_is_touched),
        cmocka_unit_test(large_memory_used_before_is_zero_again),
        cmocka_unit_test(blocks_between_pages_are_zero_and_take_no_room),
        cmocka_unit_test(a_large_realloc_keeps_what_was_and_touches_no_more),
        cmocka_unit_test(nothing_has_an_address_of_its_own),
        cmocka_unit_test(overflow_is_out_of_memory),
        cmocka_unit_test(realloc_keeps_the_common_part_and_zeroes_the_rest),
        cmocka_unit_test(allocations_are_counted_and_fail_when_told),
        cmocka_unit_test(an_arena_gives_separate_zeroed_aligned_room),
        cmocka_unit_test(an_arena_survives_each_failing_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
