/* SPDX-License-Identifier: MIT */
/* What each sampler promises: draws equal to NumPy's and pandas'
 * (python/golden/samplers.py), sizes of classes, batches and cells. */
#include "support/support.h"

#include "mien/data.h"

#include <string.h>

static mien_sampling *new_sampling(
    const char *name, const mien_sampler_options *o, int64_t rows) {
    const mien_sampler *sampler = NULL;
    mien_sampling *s = NULL;
    assert_good(mien_sampler_find(name, &sampler));
    assert_good(mien_sampling_new(sampler, o, rows, &s));
    return s;
}

static void refuse(
    const char *name, const mien_sampler_options *o, int64_t rows, const char *words) {
    const mien_sampler *sampler = NULL;
    mien_sampling *s = NULL;
    assert_good(mien_sampler_find(name, &sampler));
    assert_fails(mien_sampling_new(sampler, o, rows, &s), MIEN_EINVAL, words);
    assert_null(s);
}

/* Options of one class column. */
static mien_sampler_options options_of(const int *label, int classes) {
    mien_sampler_options o = mien_sampler_options_default();
    o.factors = 1;
    o.label[0] = label;
    o.classes[0] = classes;
    return o;
}

static void epochs_are_permutations_of_numpy(void **state) {
    (void)state;
    static const int64_t zero[] = {7, 10, 2, 5, 0, 1, 11, 8, 3, 6, 9, 4};
    static const int64_t one[] = {7, 9, 10, 8, 6, 11, 0, 2, 5, 1, 4, 3};
    mien_sampler_options o = mien_sampler_options_default();
    o.seed = 7;
    mien_sampling *s = new_sampling("shuffled", &o, 12);
    assert_int_equal(mien_sampling_count(s), 12);
    assert_memory_equal(mien_sampling_draw(s, 0), zero, sizeof zero);
    assert_memory_equal(mien_sampling_draw(s, 1), one, sizeof one);
    mien_sampling_free(&s);
    assert_null(s);
}

static void a_subset_has_no_row_twice(void **state) {
    (void)state;
    mien_sampler_options o = mien_sampler_options_default();
    o.count = 300;
    mien_sampling *s = new_sampling("subset", &o, 1000);
    int seen[1000] = {0}, both = 0;
    for (int e = 0; e < 2; e++) {
        const int64_t *order = mien_sampling_draw(s, e);
        for (int i = 0; i < 300; i++) {
            seen[order[i]]++;
        }
        for (int i = 0; i < 1000; i++) {
            assert_true(seen[i] <= e + 1);
        }
    }
    for (int i = 0; i < 1000; i++) {
        both += seen[i] == 2;
    }
    assert_in_range(both, 60, 120); /* 90 expected: another subset each epoch */
    mien_sampling_free(&s);
    o.count = 1001;
    refuse("subset", &o, 1000, "1001 rows asked for, 1000 are there");
}

/* ---- cap ---------------------------------------------------------------------- */

enum { CAP_ROWS = 100 };
static const int sizes[4] = {60, 25, 10, 5};

static void fill(int label[CAP_ROWS]) {
    for (int c = 0, i = 0; c < 4; c++) {
        for (int k = 0; k < sizes[c]; k++) {
            label[i++] = c;
        }
    }
}

/* How often each class, and each row, comes in epoch 0. */
static void count(mien_sampling *s, const int *label, int class[4], int row[CAP_ROWS]) {
    const int64_t *order = mien_sampling_draw(s, 0);
    memset(class, 0, 4 * sizeof *class);
    memset(row, 0, CAP_ROWS * sizeof *row);
    for (int64_t i = 0; i < mien_sampling_count(s); i++) {
        class[label[order[i]]]++;
        row[order[i]]++;
    }
}

static void small_classes_are_topped_up_to_the_cap(void **state) {
    (void)state;
    int label[CAP_ROWS], class[4], row[CAP_ROWS];
    fill(label);
    mien_sampler_options o = options_of(label, 4);
    o.cap = 20;
    mien_sampling *s = new_sampling("cap", &o, CAP_ROWS);
    count(s, label, class, row);
    assert_int_equal(class[0], 60);
    assert_int_equal(class[1], 25);
    assert_int_equal(class[2], 20);
    assert_int_equal(class[3], 20);
    for (int i = 0; i < CAP_ROWS; i++) {
        assert_true(label[i] < 2 ? row[i] == 1 : row[i] >= 1);
    }
    mien_sampling_free(&s);
}

static void large_classes_are_cut_to_the_cap(void **state) {
    (void)state;
    int label[CAP_ROWS], class[4], row[CAP_ROWS];
    fill(label);
    mien_sampler_options o = options_of(label, 4);
    o.cap = 20;
    o.up = false;
    o.down = true;
    mien_sampling *s = new_sampling("cap", &o, CAP_ROWS);
    count(s, label, class, row);
    assert_int_equal(class[0], 20);
    assert_int_equal(class[1], 20);
    assert_int_equal(class[2], 10);
    assert_int_equal(class[3], 5);
    for (int i = 0; i < CAP_ROWS; i++) {
        assert_true(row[i] <= 1);
    }
    mien_sampling_free(&s);
}

static void without_a_cap_the_largest_class_is_it(void **state) {
    (void)state;
    int label[CAP_ROWS], class[4], row[CAP_ROWS];
    fill(label);
    mien_sampler_options o = options_of(label, 4);
    mien_sampling *s = new_sampling("cap", &o, CAP_ROWS);
    count(s, label, class, row);
    for (int c = 0; c < 4; c++) {
        assert_int_equal(class[c], 60);
    }
    mien_sampling_free(&s);
    o.classes[0] = 5;
    refuse("cap", &o, CAP_ROWS, "class 4 of factor 0 has no rows");
}

/* AffectNet's counts, cap 20,000: 339,630 rows. */
static void affectnet_topped_up_has_339630_rows(void **state) {
    (void)state;
    static const int faces[8] = {74874, 134415, 25459, 14090, 6378, 3803, 24882, 3750};
    int64_t rows = 0;
    int *label = mien_alloc(287651, sizeof *label);
    for (int c = 0; c < 8; c++) {
        for (int k = 0; k < faces[c]; k++) {
            label[rows++] = c;
        }
    }
    mien_sampler_options o = options_of(label, 8);
    o.cap = 20000;
    mien_sampling *s = new_sampling("cap", &o, rows);
    assert_int_equal(mien_sampling_count(s), 339630);
    const int64_t *order = mien_sampling_draw(s, 0);
    int last[8] = {0};
    for (int i = 339630 - 16250; i < 339630; i++) {
        last[label[order[i]]]++;
    }
    for (int c = 0; c < 8; c++) { /* unshuffled, all of these were Contempt */
        assert_true(last[c] > 700);
    }
    mien_sampling_free(&s);
    mien_free(label);
}

/* ---- batches and cells -------------------------------------------------------- */

static void every_batch_has_as_many_of_each_class(void **state) {
    (void)state;
    int label[CAP_ROWS], row[CAP_ROWS] = {0};
    fill(label);
    mien_sampler_options o = options_of(label, 4);
    o.batch = 12;
    mien_sampling *s = new_sampling("batches", &o, CAP_ROWS);
    assert_int_equal(mien_sampling_count(s), 96);
    const int64_t *order = mien_sampling_draw(s, 3);
    for (int b = 0; b < 8; b++) {
        int class[4] = {0};
        for (int i = 0; i < 12; i++) {
            class[label[order[12 * b + i]]]++;
            row[order[12 * b + i]]++;
        }
        for (int c = 0; c < 4; c++) {
            assert_int_equal(class[c], 3);
        }
    }
    for (int i = 0; i < CAP_ROWS; i++) { /* 24 draws of each class, in whole passes */
        int least = 24 / sizes[label[i]];
        assert_in_range(row[i], least, least + 1);
    }
    mien_sampling_free(&s);
    o.batch = 10;
    refuse("batches", &o, CAP_ROWS, "a batch of 10 is not as many rows of each of 4");
    o.batch = 104;
    refuse("batches", &o, CAP_ROWS, "a batch of 104 is larger");
}

static void every_cell_comes_as_often(void **state) {
    (void)state;
    enum { N = 500 };
    int valence[N], arousal[N], person[N], found[3][3][4] = {{{0}}},
                                           there[3][3][4] = {{{0}}};
    mien_random r;
    mien_random_init(&r, 2);
    for (int i = 0; i < N; i++) {
        valence[i] = (int)mien_random_interval(&r, 2);
        arousal[i] = mien_random_uniform(&r) < 0.8 ? valence[i] : 2;
        person[i] = (int)mien_random_interval(&r, 3);
        there[valence[i]][arousal[i]][person[i]]++;
    }
    mien_sampler_options o = mien_sampler_options_default();
    o.factors = 3;
    o.label[0] = valence;
    o.label[1] = arousal;
    o.label[2] = person;
    o.classes[0] = o.classes[1] = 3;
    o.classes[2] = 4;
    mien_sampling *s = new_sampling("cells", &o, N);
    assert_int_equal(mien_sampling_count(s), N);
    const int64_t *order = mien_sampling_draw(s, 0);
    for (int i = 0; i < N; i++) {
        found[valence[order[i]]][arousal[order[i]]][person[order[i]]]++;
    }
    int cells = 0;
    for (int c = 0; c < 36; c++) {
        cells += (&there[0][0][0])[c] > 0;
    }
    assert_int_equal(cells, 20); /* arousal is valence or 2 */
    for (int c = 0; c < 36; c++) {
        int got = (&found[0][0][0])[c];
        assert_true((&there[0][0][0])[c] ? got == N / cells : got == 0);
    }
    mien_sampling_free(&s);
    o.count = 19;
    refuse("cells", &o, N, "an epoch of 19 rows, and 20 combinations");
    o.count = 50; /* 2 of each cell, and 10 more */
    s = new_sampling("cells", &o, N);
    order = mien_sampling_draw(s, 1);
    memset(found, 0, sizeof found);
    for (int i = 0; i < 50; i++) {
        found[valence[order[i]]][arousal[order[i]]][person[order[i]]]++;
    }
    for (int c = 0; c < 36; c++) {
        int got = (&found[0][0][0])[c];
        assert_true((&there[0][0][0])[c] ? got == 2 || got == 3 : got == 0);
    }
    mien_sampling_free(&s);
}

/* ---- EmoEye ------------------------------------------------------------------- */

enum { RATED = 400 };

static mien_sampler_options options_of_emoeye(const int *arousal, const int *valence) {
    mien_sampler_options o = mien_sampler_options_default();
    o.seed = 42;
    o.factors = 2;
    o.label[0] = arousal;
    o.label[1] = valence;
    o.classes[0] = o.classes[1] = 7;
    return o;
}

/* The golden file's checksum, which depends on the order. */
static void check_order(
    const int64_t *order, int64_t n, int64_t sum, const int64_t first[10]) {
    int64_t got = 0;
    for (int64_t i = 0; i < n; i++) {
        got += (i + 1) * order[i];
    }
    assert_int_equal(got, sum);
    assert_memory_equal(order, first, 10 * sizeof *first);
}

static void the_balanced_draw_is_that_of_pandas(void **state) {
    (void)state;
    static const int64_t first[] = {109, 368, 29, 388, 195, 88, 50, 355, 46, 344};
    int arousal[RATED], valence[RATED];
    for (int i = 0; i < RATED; i++) {
        arousal[i] = i * i % 23 % 7;
        valence[i] = (i * 5 + i / 7) % 29 % 7;
    }
    mien_sampler_options o = options_of_emoeye(arousal, valence);
    mien_sampling *s = new_sampling("over", &o, RATED);
    assert_int_equal(mien_sampling_count(s), 14 * 18);
    const int64_t *order = mien_sampling_draw(s, 0);
    check_order(order, 252, 5740299, first);
    int of_arousal[7] = {0}, of_valence[7] = {0}, row[RATED] = {0}, twice = 0;
    for (int i = 0; i < 252; i++) {
        of_arousal[arousal[order[i]]]++;
        of_valence[valence[order[i]]]++;
        row[order[i]]++;
    }
    for (int c = 0; c < 7; c++) { /* 18 for its own sake, others by the other scale */
        assert_true(of_arousal[c] >= 18 && of_valence[c] >= 18);
    }
    for (int i = 0; i < RATED; i++) {
        assert_true(row[i] <= 2);
        twice += row[i] == 2;
    }
    assert_true(twice > 0);
    mien_sampling_free(&s);
}

/* A rarest class of 539 rows gives EmoEye's 7546. */
static void five_hundred_thirty_nine_rows_become_7546(void **state) {
    (void)state;
    enum { N = 8000 };
    static int arousal[N], valence[N];
    for (int i = 0; i < N; i++) {
        arousal[i] = i < 539 ? 6 : i % 6;
        valence[i] = i % 7;
    }
    mien_sampler_options o = options_of_emoeye(arousal, valence);
    mien_sampling *s = new_sampling("over", &o, N);
    assert_int_equal(mien_sampling_count(s), 7546);
    mien_sampling_free(&s);
}

static void the_neutral_draw_is_that_of_pandas(void **state) {
    (void)state;
    static const int64_t first[] = {386, 253, 61, 68, 239, 225, 27, 135, 221, 42};
    int arousal[RATED], valence[RATED];
    for (int i = 0; i < RATED; i++) {
        arousal[i] = i % 5 + (i % 31 == 0);
        valence[i] = 2 + i % 3 + (i % 17 == 0) * 2 - (i % 19 == 0) * 2;
    }
    mien_sampler_options o = options_of_emoeye(arousal, valence);
    mien_sampling *s = new_sampling("neutral", &o, RATED);
    assert_int_equal(mien_sampling_count(s), 111);
    check_order(mien_sampling_draw(s, 0), 111, 1204187, first);
    mien_sampling_free(&s);
    o.classes[0] = 8;
    refuse("neutral", &o, RATED, "8 and 7 classes");
    o.classes[0] = 7;
    for (int i = 0; i < RATED; i++) {
        arousal[i] = 6;
    }
    refuse("neutral", &o, RATED, "400 neutral rows to keep, 0 are there");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(epochs_are_permutations_of_numpy),
        cmocka_unit_test(a_subset_has_no_row_twice),
        cmocka_unit_test(small_classes_are_topped_up_to_the_cap),
        cmocka_unit_test(large_classes_are_cut_to_the_cap),
        cmocka_unit_test(without_a_cap_the_largest_class_is_it),
        cmocka_unit_test(affectnet_topped_up_has_339630_rows),
        cmocka_unit_test(every_batch_has_as_many_of_each_class),
        cmocka_unit_test(every_cell_comes_as_often),
        cmocka_unit_test(the_balanced_draw_is_that_of_pandas),
        cmocka_unit_test(five_hundred_thirty_nine_rows_become_7546),
        cmocka_unit_test(the_neutral_draw_is_that_of_pandas),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
