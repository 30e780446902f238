/* SPDX-License-Identifier: MIT */
/* Arenas whose blocks wait in a file. */
#include "base/aside.h"

#include "support/support.h"

enum { VALUES = 5000, EACH = 700 };

static void fill(mien_arena *arena, int **values) {
    for (int k = 0; k < VALUES; k++) {
        values[k] = mien_arena_alloc(arena, EACH, sizeof(int));
        assert_non_null(values[k]);
        values[k][0] = k;
        values[k][EACH - 1] = -k;
    }
}

static void check(int *const *values) {
    for (int k = 0; k < VALUES; k++) {
        assert_int_equal(values[k][0], k);
        assert_int_equal(values[k][EACH - 1], -k);
        assert_int_equal(values[k][1], 0);
    }
}

static void what_was_sealed_is_there_after_each_rest(void **state) {
    (void)state;
    mien_arena *arena = NULL;
    int **values = mien_alloc(VALUES, sizeof *values);
    assert_non_null(values);
    assert_good(mien_arena_new_maps(1 << 20, &arena));
    fill(arena, values);
    assert_good(mien_arena_seal(arena, "."));
    for (int i = 0; i < 3; i++) {
        mien_arena_rest(arena);
        check(values);
    }
    /* what comes later lies elsewhere, and is kept through a rest */
    int *later = mien_arena_alloc(arena, 1, sizeof *later);
    assert_non_null(later);
    *later = 7;
    mien_arena_rest(arena);
    assert_int_equal(*later, 7);
    check(values);
    mien_arena_free(&arena);
    mien_free(values);
}

static void without_a_folder_it_stays_in_memory(void **state) {
    (void)state;
    mien_arena *arena = NULL;
    int **values = mien_alloc(VALUES, sizeof *values);
    assert_non_null(values);
    assert_good(mien_arena_new_maps(1 << 20, &arena));
    fill(arena, values);
    assert_int_equal(mien_arena_seal(arena, "no/such/folder"), MIEN_EIO);
    mien_arena_rest(arena);
    check(values);
    mien_arena_free(&arena);
    mien_free(values);
}

static void an_arena_of_blocks_is_never_sealed(void **state) {
    (void)state;
    mien_arena *arena = NULL;
    assert_good(mien_arena_new(1 << 16, &arena));
    assert_int_equal(mien_arena_seal(arena, "."), MIEN_EIO);
    mien_arena_free(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_sealed_is_there_after_each_rest),
        cmocka_unit_test(without_a_folder_it_stays_in_memory),
        cmocka_unit_test(an_arena_of_blocks_is_never_sealed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
