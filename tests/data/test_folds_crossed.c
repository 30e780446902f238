/* SPDX-License-Identifier: MIT */
/* Crossed folds: every row once where both are unseen, cores without what is left out,
 * and the counts of the golden file (6 persons × 8 stimuli, 3 × 4). */
#include "support/support.h"

#include "data/folds/folds.h"

#include <stdio.h>
#include <string.h>

enum { PERSONS = 6, STIMULI = 8, ROWS = PERSONS * STIMULI, A = 3, B = 4 };

typedef struct design {
    char person_name[PERSONS][8], stimulus_name[STIMULI][8];
    const char *person[ROWS], *stimulus[ROWS];
    double value[ROWS];
    mien_fold_options options;
    int fold[ROWS], folds;
    int8_t cell[A * B * ROWS];
} design;

static void make(design *d, uint32_t seed) {
    *d = (design){.options = mien_fold_options_default()};
    for (int i = 0; i < ROWS; i++) {
        int p = i / STIMULI, s = i % STIMULI;
        snprintf(d->person_name[p], 8, "p%d", p);
        snprintf(d->stimulus_name[s], 8, "s%d", s);
        d->person[i] = d->person_name[p];
        d->stimulus[i] = d->stimulus_name[s];
        d->value[i] = 10 * p + s;
    }
    d->options.rule = MIEN_FOLDS_CROSSED;
    d->options.k = A;
    d->options.k_across = B;
    d->options.group = d->person;
    d->options.across = d->stimulus;
    d->options.value = d->value;
    d->options.seed = seed;
}

static int count(const design *d, int fit, mien_cell cell) {
    int n = 0;
    for (int i = 0; i < ROWS; i++) {
        n += d->cell[fit * ROWS + i] == (int8_t)cell;
    }
    return n;
}

/* Of golden/gaze/trials/crossed_counts.csv: 24, 8, 12, 4 in every fit. */
static void counts_are_those_of_the_golden_file(void **state) {
    (void)state;
    for (uint32_t seed = 0; seed < 5; seed++) {
        design d;
        make(&d, seed);
        assert_good(mien_folds_deal(ROWS, &d.options, d.fold, &d.folds));
        assert_int_equal(d.folds, A * B);
        assert_good(mien_folds_cells(ROWS, &d.options, 0, d.fold, d.cell));
        for (int fit = 0; fit < A * B; fit++) {
            assert_int_equal(count(&d, fit, MIEN_CELL_CORE), 24);
            assert_int_equal(count(&d, fit, MIEN_CELL_PERSON_SEEN), 8);
            assert_int_equal(count(&d, fit, MIEN_CELL_STIMULUS_SEEN), 12);
            assert_int_equal(count(&d, fit, MIEN_CELL_BOTH_UNSEEN), 4);
        }
    }
}

static void each_row_is_in_its_cells_as_often_as_it_must(void **state) {
    (void)state;
    design d;
    make(&d, 7);
    assert_good(mien_folds_deal(ROWS, &d.options, d.fold, &d.folds));
    assert_good(mien_folds_cells(ROWS, &d.options, 0.25, d.fold, d.cell));
    int both = 0;
    for (int i = 0; i < ROWS; i++) {
        int times[MIEN_CELL_NONE + 1] = {0};
        for (int fit = 0; fit < A * B; fit++) {
            times[d.cell[fit * ROWS + i]]++;
        }
        assert_int_equal(times[MIEN_CELL_BOTH_UNSEEN], 1);
        assert_int_equal(times[MIEN_CELL_PERSON_SEEN], A - 1);
        assert_int_equal(times[MIEN_CELL_STIMULUS_SEEN], B - 1);
        assert_int_equal(
            times[MIEN_CELL_BOTH_SEEN] + times[MIEN_CELL_CORE], (A - 1) * (B - 1));
        both += times[MIEN_CELL_BOTH_SEEN];
    }
    /* a quarter of 24 rows, in 12 fits: 72, but for the drawing of parts of a row */
    assert_true(both >= 66 && both <= 78);
}

/* No row of the core shares a person or a stimulus with those that are both unseen. */
static void a_core_knows_nothing_of_what_is_left_out(void **state) {
    (void)state;
    design d;
    make(&d, 3);
    assert_good(mien_folds_deal(ROWS, &d.options, d.fold, &d.folds));
    assert_good(mien_folds_cells(ROWS, &d.options, 0.1, d.fold, d.cell));
    for (int fit = 0; fit < A * B; fit++) {
        const int8_t *cell = d.cell + fit * ROWS;
        for (int i = 0; i < ROWS; i++) {
            for (int k = 0; k < ROWS && cell[i] == MIEN_CELL_CORE; k++) {
                assert_true(
                    cell[k] != MIEN_CELL_BOTH_UNSEEN ||
                    (d.person[i] != d.person[k] && d.stimulus[i] != d.stimulus[k]));
            }
        }
    }
}

/* Sorted by their means, each block of three persons has one in every fold. */
static void means_are_spread_over_the_folds(void **state) {
    (void)state;
    design d;
    make(&d, 11);
    assert_good(mien_folds_deal(ROWS, &d.options, d.fold, &d.folds));
    for (int block = 0; block < PERSONS / A; block++) {
        int seen = 0;
        for (int p = block * A; p < block * A + A; p++) {
            seen |= 1 << d.fold[p * STIMULI] / B;
        }
        assert_int_equal(seen, (1 << A) - 1);
    }
    for (int block = 0; block < STIMULI / B; block++) {
        int seen = 0;
        for (int s = block * B; s < block * B + B; s++) {
            seen |= 1 << d.fold[s] % B;
        }
        assert_int_equal(seen, (1 << B) - 1);
    }
}

/* Each stimulus is shown to one person: where that one is left out nobody has seen it.
 */
static void stimuli_of_one_person_are_not_seen_by_others(void **state) {
    (void)state;
    design d;
    make(&d, 1);
    static char names[ROWS][8];
    for (int i = 0; i < ROWS; i++) {
        snprintf(names[i], sizeof names[i], "n%d", i);
        d.stimulus[i] = names[i];
    }
    assert_good(mien_folds_deal(ROWS, &d.options, d.fold, &d.folds));
    assert_good(mien_folds_cells(ROWS, &d.options, 0.1, d.fold, d.cell));
    for (int fit = 0; fit < A * B; fit++) {
        assert_int_equal(count(&d, fit, MIEN_CELL_STIMULUS_SEEN), 0);
        assert_true(count(&d, fit, MIEN_CELL_NONE) > 0);
    }
}

static void what_cannot_be_is_refused(void **state) {
    (void)state;
    design d;
    make(&d, 1);
    d.options.k = PERSONS + 1;
    assert_int_equal(mien_folds_deal(ROWS, &d.options, d.fold, &d.folds), MIEN_EINVAL);
    assert_non_null(strstr(mien_error(), "6 persons"));
    make(&d, 1);
    d.options.across = NULL;
    assert_int_equal(mien_folds_deal(ROWS, &d.options, d.fold, &d.folds), MIEN_EINVAL);
    make(&d, 1);
    d.stimulus[5] = NULL;
    assert_int_equal(mien_folds_deal(ROWS, &d.options, d.fold, &d.folds), MIEN_EINVAL);
    assert_non_null(strstr(mien_error(), "row 5 has no stimulus"));
    make(&d, 1);
    assert_good(mien_folds_deal(ROWS, &d.options, d.fold, &d.folds));
    assert_int_equal(
        mien_folds_cells(ROWS, &d.options, 1, d.fold, d.cell), MIEN_EINVAL);
}

static mien_status deal(void *context) {
    design *d = context;
    mien_status status = mien_folds_deal(ROWS, &d->options, d->fold, &d->folds);
    return status ? status : mien_folds_cells(ROWS, &d->options, 0.1, d->fold, d->cell);
}

static void running_out_of_memory_is_reported(void **state) {
    (void)state;
    design d;
    make(&d, 1);
    support_each_allocation_fails(deal, &d, 100);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_are_those_of_the_golden_file),
        cmocka_unit_test(each_row_is_in_its_cells_as_often_as_it_must),
        cmocka_unit_test(a_core_knows_nothing_of_what_is_left_out),
        cmocka_unit_test(means_are_spread_over_the_folds),
        cmocka_unit_test(stimuli_of_one_person_are_not_seen_by_others),
        cmocka_unit_test(what_cannot_be_is_refused),
        cmocka_unit_test(running_out_of_memory_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
