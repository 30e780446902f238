/* SPDX-License-Identifier: MIT */
/* Every row of data/samplers/samplers.def: indices are rows, an epoch is always the
 * same and never that of another, nothing comes sorted by class, and no epoch
 * allocates. */
#include "support/support.h"

#include "mien/data.h"

#include <stdlib.h>
#include <string.h>

enum { ROWS = 700, CLASSES = 7 };

typedef struct trials {
    int label[2][ROWS]; /* arousal and valence, rows sorted by arousal */
} trials;

/* Mostly in the middle, as ratings are; every class occurs. */
static void make(trials *t) {
    mien_random r;
    mien_random_init(&r, 5);
    for (int i = 0; i < ROWS; i++) {
        t->label[0][i] = i * i / ROWS * CLASSES / ROWS;
        double v = 3.5 + 1.3 * mien_random_normal(&r);
        t->label[1][i] = v < 0 ? 0 : v > 6 ? 6 : (int)v;
    }
}

static mien_sampler_options options_of(const trials *t) {
    mien_sampler_options o = mien_sampler_options_default();
    o.batch = 14;
    o.factors = 2;
    o.label[0] = t->label[0];
    o.label[1] = t->label[1];
    o.classes[0] = o.classes[1] = CLASSES;
    return o;
}

static mien_sampling *new_sampling(int index, const mien_sampler_options *o) {
    mien_sampling *s = NULL;
    assert_good(mien_sampling_new(mien_sampler_at(index), o, ROWS, &s));
    return s;
}

static void every_sampler_describes_itself(void **state) {
    (void)state;
    assert_true(mien_sampler_count() > 0);
    for (int i = 0; i < mien_sampler_count(); i++) {
        const mien_sampler *sampler = mien_sampler_at(i), *found = NULL;
        assert_true(strlen(mien_sampler_summary(sampler)) > 10);
        assert_good(mien_sampler_find(mien_sampler_name(sampler), &found));
        assert_ptr_equal(found, sampler);
    }
    const mien_sampler *none;
    assert_null(mien_sampler_at(-1));
    assert_fails(mien_sampler_find("fair", &none), MIEN_EINVAL, "known: shuffled");
}

static void an_epoch_is_the_same_whenever_it_is_drawn(void **state) {
    (void)state;
    trials t;
    make(&t);
    mien_sampler_options o = options_of(&t);
    o.seed = 9;
    for (int i = 0; i < mien_sampler_count(); i++) {
        mien_sampling *one = new_sampling(i, &o), *resumed = new_sampling(i, &o);
        size_t bytes = (size_t)mien_sampling_count(one) * sizeof(int64_t);
        int64_t *kept = mien_alloc(bytes, 1);
        memcpy(kept, mien_sampling_draw(one, 0), bytes);
        assert_memory_not_equal(mien_sampling_draw(one, 1), kept, bytes);
        for (int e = 2; e < 5; e++) {
            memcpy(kept, mien_sampling_draw(one, e), bytes);
        }
        assert_memory_equal(mien_sampling_draw(resumed, 4), kept, bytes);
        assert_int_equal(mien_sampling_count(resumed), mien_sampling_count(one));
        mien_free(kept);
        mien_sampling_free(&one);
        mien_sampling_free(&resumed);
    }
}

static void every_index_is_a_row(void **state) {
    (void)state;
    trials t;
    make(&t);
    mien_sampler_options o = options_of(&t);
    for (int i = 0; i < mien_sampler_count(); i++) {
        mien_sampling *s = new_sampling(i, &o);
        for (int e = 0; e < 3; e++) {
            const int64_t *order = mien_sampling_draw(s, e);
            for (int64_t k = 0; k < mien_sampling_count(s); k++) {
                assert_true(order[k] >= 0 && order[k] < ROWS);
            }
        }
        mien_sampling_free(&s);
    }
}

/* The rows stand sorted by class. In a good order neighbours are of one class no more
 * often than chance says. */
static void no_epoch_is_in_the_order_of_classes(void **state) {
    (void)state;
    trials t;
    make(&t);
    mien_sampler_options o = options_of(&t);
    for (int i = 0; i < mien_sampler_count(); i++) {
        mien_sampling *s = new_sampling(i, &o);
        int64_t n = mien_sampling_count(s);
        const int64_t *order = mien_sampling_draw(s, 0);
        double alike = 0, chance = 0, size[CLASSES] = {0};
        for (int64_t k = 0; k < n; k++) {
            alike += k > 0 && t.label[0][order[k]] == t.label[0][order[k - 1]];
            size[t.label[0][order[k]]]++;
        }
        for (int c = 0; c < CLASSES; c++) {
            chance += size[c] / (double)n * size[c];
        }
        assert_true(alike < 1.3 * chance);
        mien_sampling_free(&s);
    }
}

static int ascending(const void *a, const void *b) {
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static void without_redraw_the_rows_stay_and_their_order_changes(void **state) {
    (void)state;
    trials t;
    make(&t);
    mien_sampler_options o = options_of(&t);
    o.redraw = false;
    for (int i = 0; i < mien_sampler_count(); i++) {
        if (strcmp(mien_sampler_name(mien_sampler_at(i)), "batches") == 0) {
            continue; /* its order is its draw */
        }
        mien_sampling *s = new_sampling(i, &o);
        size_t n = (size_t)mien_sampling_count(s), bytes = n * sizeof(int64_t);
        int64_t *one = mien_alloc(bytes, 1), *two = mien_alloc(bytes, 1);
        memcpy(one, mien_sampling_draw(s, 0), bytes);
        memcpy(two, mien_sampling_draw(s, 1), bytes);
        assert_memory_not_equal(one, two, bytes);
        qsort(one, n, sizeof *one, ascending);
        qsort(two, n, sizeof *two, ascending);
        assert_memory_equal(one, two, bytes);
        mien_free(one);
        mien_free(two);
        mien_sampling_free(&s);
    }
}

static void no_epoch_allocates(void **state) {
    (void)state;
    trials t;
    make(&t);
    mien_sampler_options o = options_of(&t);
    for (int i = 0; i < mien_sampler_count(); i++) {
        mien_sampling *s = new_sampling(i, &o);
        uint64_t before = mien_alloc_count();
        mien_sampling_draw(s, 0);
        mien_sampling_draw(s, 1);
        assert_int_equal(mien_alloc_count(), before);
        mien_sampling_free(&s);
    }
}

static void classes_that_are_missing_are_told(void **state) {
    (void)state;
    trials t;
    make(&t);
    t.label[0][3] = -1;
    mien_sampler_options o = options_of(&t);
    for (int i = 0; i < mien_sampler_count(); i++) {
        mien_sampling *s = NULL;
        const mien_sampler *sampler = mien_sampler_at(i);
        assert_fails(mien_sampling_new(sampler, &o, ROWS, &s), MIEN_EINVAL, "row 3");
        assert_fails(mien_sampling_new(sampler, &o, 0, &s), MIEN_EINVAL, "0 rows");
        if (mien_sampler_factors(sampler) > 0) {
            assert_fails(mien_sampling_new(sampler, NULL, ROWS, &s), MIEN_EINVAL,
                "0 class columns");
        }
        assert_null(s);
    }
}

typedef struct making {
    int index;
    mien_sampler_options options;
} making;

static mien_status make_again(void *context) {
    making *m = context;
    mien_sampling *s = NULL;
    mien_status status =
        mien_sampling_new(mien_sampler_at(m->index), &m->options, ROWS, &s);
    mien_sampling_free(&s);
    return status;
}

static void each_failing_allocation_is_reported(void **state) {
    (void)state;
    trials t;
    make(&t);
    making m = {.options = options_of(&t)};
    for (; m.index < mien_sampler_count(); m.index++) {
        support_each_allocation_fails(make_again, &m, 50);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_sampler_describes_itself),
        cmocka_unit_test(an_epoch_is_the_same_whenever_it_is_drawn),
        cmocka_unit_test(every_index_is_a_row),
        cmocka_unit_test(no_epoch_is_in_the_order_of_classes),
        cmocka_unit_test(without_redraw_the_rows_stay_and_their_order_changes),
        cmocka_unit_test(no_epoch_allocates),
        cmocka_unit_test(classes_that_are_missing_are_told),
        cmocka_unit_test(each_failing_allocation_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
