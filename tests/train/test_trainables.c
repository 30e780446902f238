/* SPDX-License-Identifier: MIT */
/* Chunks cover every value once, and the norm is the same on any number of threads. */
#include "support/support.h"

#include <math.h>

#include "train/fit/trainables.h"

enum { LARGE = 100003, SMALL = 5 };

typedef struct arrays {
    float *values, *gradient;
    mien_trainable rows[3];
} arrays;

static void arrays_init(arrays *a) {
    mien_stream s;
    mien_stream_init(&s, 1, 2, 3);
    a->values = mien_alloc(LARGE + SMALL, sizeof(float));
    a->gradient = mien_alloc(LARGE + SMALL, sizeof(float));
    for (int i = 0; i < LARGE + SMALL; i++) {
        a->values[i] = (float)(mien_stream_uniform(&s) - 0.5);
        a->gradient[i] = (float)(mien_stream_uniform(&s) - 0.5);
    }
    a->rows[0] = (mien_trainable){"large", a->values, a->gradient, LARGE, 1, 1};
    a->rows[1] = (mien_trainable){"none", a->values, a->gradient, 0, 1, 1};
    a->rows[2] =
        (mien_trainable){"small", a->values + LARGE, a->gradient + LARGE, SMALL, 1, 1};
}

static void arrays_clear(arrays *a) {
    mien_free(a->gradient);
    mien_free(a->values);
}

static void add_one(void *context, const mien_trainable *row, const mien_chunk *chunk) {
    (void)context;
    for (int64_t i = 0; i < chunk->count; i++) {
        row->values[chunk->first + i] += 1;
    }
}

static void every_value_is_in_one_chunk(void **state) {
    (void)state;
    arrays a;
    mien_trainables *l = NULL;
    mien_thread_pool *pool = NULL;
    arrays_init(&a);
    assert_good(mien_thread_pool_new(3, &pool));
    assert_good(mien_trainables_new(a.rows, 3, pool, &l));
    assert_int_equal(l->total, LARGE + SMALL);
    for (int i = 0; i < LARGE + SMALL; i++) {
        a.values[i] = 0;
    }
    mien_trainables_run(l, add_one, NULL);
    for (int i = 0; i < LARGE + SMALL; i++) {
        assert_true(a.values[i] == 1);
    }
    mien_trainables_free(&l);
    mien_thread_pool_free(&pool);
    arrays_clear(&a);
}

static double norm_on(const arrays *a, int threads, mien_norm_options options) {
    mien_trainables *l = NULL;
    mien_thread_pool *pool = NULL;
    double norm;
    assert_good(mien_thread_pool_new(threads, &pool));
    assert_good(mien_trainables_new(a->rows, 3, pool, &l));
    assert_good(mien_trainables_norm(l, &options, &norm));
    mien_trainables_free(&l);
    mien_thread_pool_free(&pool);
    return norm;
}

static void the_norm_is_right_on_any_threads(void **state) {
    (void)state;
    arrays a;
    double plain = 0, cut = 0, by_values = 0;
    arrays_init(&a);
    for (int i = 0; i < LARGE + SMALL; i++) {
        double g = (double)a.gradient[i], c = fmax(-0.25, fmin(0.25, g));
        plain += g * g;
        cut += c * c;
        by_values += g * g * (double)a.values[i] * (double)a.values[i];
    }
    const mien_norm_options options[] = {
        {(float)INFINITY, false}, {0.25f, false}, {(float)INFINITY, true}};
    const double want[] = {sqrt(plain), sqrt(cut), sqrt(by_values)};
    for (int k = 0; k < 3; k++) {
        double one = norm_on(&a, 1, options[k]);
        assert_near(one, want[k], 1e-10);
        assert_true(norm_on(&a, 2, options[k]) == one);
        assert_true(norm_on(&a, 5, options[k]) == one);
    }
    arrays_clear(&a);
}

static void a_gradient_that_is_no_number_is_named(void **state) {
    (void)state;
    arrays a;
    mien_trainables *l = NULL;
    double norm;
    arrays_init(&a);
    assert_good(mien_trainables_new(a.rows, 3, NULL, &l));
    a.gradient[LARGE + 2] = INFINITY;
    mien_norm_options cut = {0.25f, false};
    assert_fails(mien_trainables_norm(l, &cut, &norm), MIEN_ENUMBER, "of small is");
    a.gradient[77] = NAN;
    assert_fails(mien_trainables_norm(l, &cut, &norm), MIEN_ENUMBER, "of large is");
    mien_trainables_free(&l);
    arrays_clear(&a);
}

static void wrong_rows_are_refused(void **state) {
    (void)state;
    float x[2] = {0};
    mien_trainables *l = NULL;
    mien_trainable row = {"x", x, x, 2, 1, 1};
    assert_fails(mien_trainables_new(&row, 0, NULL, &l), MIEN_EINVAL, "frozen");
    row.gradient = NULL;
    assert_fails(mien_trainables_new(&row, 1, NULL, &l), MIEN_EINVAL, "(x)");
    row.gradient = x;
    row.rate = NAN;
    assert_fails(mien_trainables_new(&row, 1, NULL, &l), MIEN_EINVAL, "rate");
    row.rate = 1;
    row.decay = -1;
    assert_fails(mien_trainables_new(&row, 1, NULL, &l), MIEN_EINVAL, "decay");
    assert_null(l);
}

static mien_status make_one(void *context) {
    (void)context;
    float x[2] = {0};
    mien_trainables *l = NULL;
    mien_trainable row = {"x", x, x, 2, 1, 1};
    mien_status status = mien_trainables_new(&row, 1, NULL, &l);
    mien_trainables_free(&l);
    return status;
}

static void survives_every_failed_allocation(void **state) {
    (void)state;
    support_each_allocation_fails(make_one, NULL, 10);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_value_is_in_one_chunk),
        cmocka_unit_test(the_norm_is_right_on_any_threads),
        cmocka_unit_test(a_gradient_that_is_no_number_is_named),
        cmocka_unit_test(wrong_rows_are_refused),
        cmocka_unit_test(survives_every_failed_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
