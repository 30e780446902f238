/* SPDX-License-Identifier: MIT */
/* Random numbers against NumPy's (values: numpy 2.4, RandomState). */
#include "support/support.h"

#include <string.h>

static void words_are_those_of_numpy(void **state) {
    (void)state;
    mien_random r;
    mien_random_init(&r, 42);
    assert_int_equal(mien_random_word(&r), 1608637542);
    assert_int_equal(mien_random_word(&r), 3421126067);
    assert_int_equal(mien_random_word(&r), 4083286876);
    mien_random_init(&r, 5);
    assert_int_equal(mien_random_word(&r), 953453411);
    assert_int_equal(mien_random_word(&r), 236996814);
    assert_int_equal(mien_random_word(&r), 3739766767);
}

static void uniform_and_normal_draws_are_those_of_numpy(void **state) {
    (void)state;
    mien_random r;
    mien_random_init(&r, 42);
    assert_near(mien_random_uniform(&r), 0.3745401188473625, 0);
    assert_near(mien_random_uniform(&r), 0.9507143064099162, 0);
    assert_near(mien_random_uniform(&r), 0.7319939418114051, 0);
    static const double normals[] = {1.690525703800356, -0.4659373705408328,
        0.0328201636785844, 0.40751628299650783, -0.7889230286257386};
    mien_random_init(&r, 7);
    for (int i = 0; i < 5; i++) {
        assert_near(mien_random_normal(&r), normals[i], 1e-15);
    }
}

static void check_permutation(
    uint32_t seed, int64_t n, const int64_t *want, int count) {
    int64_t order[1000];
    mien_random r;
    mien_random_init(&r, seed);
    mien_random_permutation(&r, order, n);
    for (int i = 0; i < count; i++) {
        assert_int_equal(order[i], want[i]);
    }
}

static void permutations_are_those_of_numpy(void **state) {
    (void)state;
    check_permutation(
        5, 250, (int64_t[]){93, 153, 199, 88, 185, 98, 163, 134, 75, 168, 48, 117}, 12);
    check_permutation(42, 799,
        (int64_t[]){695, 666, 63, 533, 66, 621, 346, 490, 750, 456, 65, 286}, 12);
    check_permutation(42, 20,
        (int64_t[]){
            0, 17, 15, 1, 8, 5, 11, 3, 18, 16, 13, 2, 9, 19, 4, 12, 7, 10, 14, 6},
        20);
}

/* python/golden/sampling.py */
static void choices_are_those_of_numpy(void **state) {
    (void)state;
    static const int64_t again[] = {6, 3, 7, 4, 6, 9, 2, 6, 7, 4, 3, 7};
    static const int64_t once[] = {8, 1, 5, 0};
    static const int64_t range[] = {15, 8, 13, 5, 24, 15, 16, 14};
    int64_t got[12];
    mien_random r;
    mien_random_init(&r, 42);
    assert_good(mien_random_choice(&r, 10, 12, true, got));
    assert_memory_equal(got, again, sizeof again);
    mien_random_init(&r, 42);
    assert_good(mien_random_choice(&r, 10, 4, false, got));
    assert_memory_equal(got, once, sizeof once);
    mien_random_init(&r, 3);
    for (int i = 0; i < 8; i++) { /* randint(5, 25) */
        assert_int_equal(5 + (int64_t)mien_random_interval(&r, 19), range[i]);
    }
}

static void what_is_not_there_cannot_be_chosen(void **state) {
    (void)state;
    int64_t got[4] = {7, 7, 7, 7};
    mien_random r;
    mien_random_init(&r, 1);
    assert_fails(mien_random_choice(&r, 3, 4, false, got), MIEN_EINVAL, "4 of 3");
    assert_fails(mien_random_choice(&r, 0, 1, true, got), MIEN_EINVAL, "1 of 0");
    assert_fails(mien_random_choice(&r, 3, -1, true, got), MIEN_EINVAL, "-1 of 3");
    assert_int_equal(got[0], 7);
    assert_good(mien_random_choice(&r, 0, 0, false, got));
    mien_alloc_fail_at(1);
    assert_int_equal(mien_random_choice(&r, 3, 2, false, got), MIEN_ENOMEM);
    mien_alloc_fail_at(0);
}

static void an_interval_keeps_its_ends(void **state) {
    (void)state;
    mien_random r;
    mien_random_init(&r, 1);
    assert_int_equal(mien_random_interval(&r, 0), 0);
    bool seen[3] = {false};
    for (int i = 0; i < 100; i++) {
        uint64_t drawn = mien_random_interval(&r, 2);
        assert_true(drawn <= 2);
        seen[drawn] = true;
    }
    assert_true(seen[0] && seen[1] && seen[2]);
    uint64_t above = 0;
    for (int i = 0; i < 50; i++) {
        uint64_t drawn = mien_random_interval(&r, (uint64_t)5 << 32);
        assert_true(drawn <= (uint64_t)5 << 32);
        above += drawn > UINT32_MAX;
    }
    assert_true(above > 0);
    mien_random_interval(&r, UINT64_MAX);
}

static void a_copied_generator_goes_on_alike(void **state) {
    (void)state;
    mien_random a, b;
    mien_random_init(&a, 3);
    mien_random_normal(&a);
    b = a;
    for (int i = 0; i < 700; i++) {
        assert_true(mien_random_normal(&a) == mien_random_normal(&b));
    }
}

static void streams_differ_in_each_of_their_keys(void **state) {
    (void)state;
    static const uint64_t keys[][3] = {
        {0, 0, 0}, {1, 0, 0}, {0, 1, 0}, {0, 0, 1}, {1, 2, 3}, {1, 3, 2}, {2, 1, 3}};
    enum { N = sizeof keys / sizeof *keys };
    uint64_t first[N];
    for (int i = 0; i < N; i++) {
        mien_stream s, again;
        mien_stream_init(&s, keys[i][0], keys[i][1], keys[i][2]);
        mien_stream_init(&again, keys[i][0], keys[i][1], keys[i][2]);
        first[i] = mien_stream_word(&s);
        assert_true(first[i] == mien_stream_word(&again));
        for (int j = 0; j < i; j++) {
            assert_true(first[i] != first[j]);
        }
    }
}

static void a_stream_is_uniform(void **state) {
    (void)state;
    mien_stream s;
    mien_stream_init(&s, 9, 8, 7);
    double sum = 0, squares = 0;
    enum { N = 100000 };
    for (int i = 0; i < N; i++) {
        double x = mien_stream_uniform(&s);
        assert_true(x >= 0 && x < 1);
        sum += x;
        squares += x * x;
    }
    assert_near(sum / N, 0.5, 0.005);
    assert_near(squares / N, 1.0 / 3, 0.005);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_are_those_of_numpy),
        cmocka_unit_test(uniform_and_normal_draws_are_those_of_numpy),
        cmocka_unit_test(permutations_are_those_of_numpy),
        cmocka_unit_test(choices_are_those_of_numpy),
        cmocka_unit_test(what_is_not_there_cannot_be_chosen),
        cmocka_unit_test(an_interval_keeps_its_ends),
        cmocka_unit_test(a_copied_generator_goes_on_alike),
        cmocka_unit_test(streams_differ_in_each_of_their_keys),
        cmocka_unit_test(a_stream_is_uniform),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
