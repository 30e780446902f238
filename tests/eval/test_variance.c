/* SPDX-License-Identifier: MIT */
/* Variances of crossed persons and stimuli: the ANOVA of a balanced design, planted
 * ones of an unbalanced design, and rows that do not tell. */
#include "support/support.h"

#include <math.h>

#include "mien/base.h"
#include "mien/eval.h"

enum { P = 30, S = 40 };

typedef struct design {
    double y[P * S];
    int64_t person[P * S], stimulus[P * S], n;
} design;

/* Box and Muller's. */
static double normal(mien_stream *s) {
    double u = 1 - mien_stream_uniform(s),
           turn = 6.283185307179586 * mien_stream_uniform(s);
    return sqrt(-2 * log(u)) * cos(turn);
}

/* SDs 2, 1 and 0.5; a share of the cells is there. */
static void draw(design *d, double share, uint64_t seed) {
    double of_person[P], of_stimulus[S];
    mien_stream s;
    mien_stream_init(&s, seed, 0, 0);
    d->n = 0;
    for (int p = 0; p < P; p++) {
        of_person[p] = 2 * normal(&s);
    }
    for (int k = 0; k < S; k++) {
        of_stimulus[k] = normal(&s);
    }
    for (int p = 0; p < P; p++) {
        for (int k = 0; k < S; k++) {
            if (mien_stream_uniform(&s) < share) {
                d->person[d->n] = p;
                d->stimulus[d->n] = k;
                d->y[d->n++] = 1e4 + of_person[p] + of_stimulus[k] + 0.5 * normal(&s);
            }
        }
    }
}

static void a_balanced_design_has_the_estimates_of_its_anova(void **state) {
    (void)state;
    design d;
    double mean = 0, of_person[P] = {0}, of_stimulus[S] = {0}, a = 0, b = 0, e = 0;
    mien_variance v;
    draw(&d, 2, 1);
    assert_int_equal(d.n, P * S);
    for (int64_t i = 0; i < d.n; i++) {
        mean += d.y[i] / (P * S);
        of_person[d.person[i]] += d.y[i] / S;
        of_stimulus[d.stimulus[i]] += d.y[i] / P;
    }
    for (int p = 0; p < P; p++) {
        a += S * (of_person[p] - mean) * (of_person[p] - mean) / (P - 1);
    }
    for (int k = 0; k < S; k++) {
        b += P * (of_stimulus[k] - mean) * (of_stimulus[k] - mean) / (S - 1);
    }
    for (int64_t i = 0; i < d.n; i++) {
        double rest =
            d.y[i] - of_person[d.person[i]] - of_stimulus[d.stimulus[i]] + mean;
        e += rest * rest / ((P - 1) * (S - 1));
    }
    assert_good(mien_variance_of(d.y, d.person, d.stimulus, d.n, P, S, &v));
    assert_near(v.rest, e, 1e-8);
    assert_near(v.person, (a - e) / S, 1e-8);
    assert_near(v.stimulus, (b - e) / P, 1e-8);
}

static void planted_variances_are_found_in_a_third_of_the_cells(void **state) {
    (void)state;
    enum { DRAWS = 60 };
    double person = 0, stimulus = 0, rest = 0;
    for (int k = 0; k < DRAWS; k++) {
        design d;
        mien_variance v;
        draw(&d, 0.3, 100 + (uint64_t)k);
        assert_good(mien_variance_of(d.y, d.person, d.stimulus, d.n, P, S, &v));
        person += v.person / DRAWS;
        stimulus += v.stimulus / DRAWS;
        rest += v.rest / DRAWS;
    }
    assert_near(
        person, 4, 0.4); /* its SD over draws is 4 √(2/29) = 1.05: over 60, 0.14 */
    assert_near(stimulus, 1, 0.12);
    assert_near(rest, 0.25, 0.08);
}

static void rows_of_one_person_do_not_tell(void **state) {
    (void)state;
    const double y[4] = {1, 2, 3, 4};
    const int64_t person[4] = {0, 0, 0, 0}, stimulus[4] = {0, 1, 2, 3};
    mien_variance v;
    assert_good(mien_variance_of(y, person, stimulus, 4, 1, 4, &v));
    assert_true(isnan(v.person) && isnan(v.rest) && v.persons == 1 && v.stimuli == 4);
    assert_fails(
        mien_variance_of(y, person, stimulus, 4, 1, 3, &v), MIEN_EINVAL, "row 3");
    assert_fails(
        mien_variance_of(y, person, stimulus, 0, 1, 4, &v), MIEN_EINVAL, "rows");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_balanced_design_has_the_estimates_of_its_anova),
        cmocka_unit_test(planted_variances_are_found_in_a_third_of_the_cells),
        cmocka_unit_test(rows_of_one_person_do_not_tell),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
