/* SPDX-License-Identifier: MIT */
/* Variances of crossed persons and stimuli: the ANOVA of a balanced design, planted
 * ones of an unbalanced design, and rows that do not tell. */
#include "eval/variance.h"
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
static void draw_of(design *d, int persons, int stimuli, double share, uint64_t seed) {
    double of_person[P], of_stimulus[S];
    mien_stream s;
    mien_stream_init(&s, seed, 0, 0);
    d->n = 0;
    for (int p = 0; p < persons; p++) {
        of_person[p] = 2 * normal(&s);
    }
    for (int k = 0; k < stimuli; k++) {
        of_stimulus[k] = normal(&s);
    }
    for (int p = 0; p < persons; p++) {
        for (int k = 0; k < stimuli; k++) {
            if (mien_stream_uniform(&s) < share) {
                d->person[d->n] = p;
                d->stimulus[d->n] = k;
                d->y[d->n++] = 1e4 + of_person[p] + of_stimulus[k] + 0.5 * normal(&s);
            }
        }
    }
}

static void draw(design *d, double share, uint64_t seed) {
    draw_of(d, P, S, share, seed);
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

/* The share of draws whose 95 % interval holds each of three variances. */
static void hold(int persons, int stimuli, double share) {
    static const double truth[3] = {4, 1, 0.25};
    enum { DRAWS = 300 };
    int held[3] = {0};
    for (int k = 0; k < DRAWS; k++) {
        design d;
        mien_interval v[3];
        draw_of(&d, persons, stimuli, share, 1000 + (uint64_t)k);
        assert_good(mien_variance_intervals(
            d.y, d.person, d.stimulus, d.n, persons, stimuli, 0.95, v));
        for (int w = 0; w < 3; w++) {
            held[w] += v[w].low <= truth[w] && truth[w] <= v[w].high;
        }
    }
    for (int w = 0; w < 3; w++) {
        print_message("%d x %d, share %g, component %d: %.3f\n", persons, stimuli,
            share, w, (double)held[w] / DRAWS);
        assert_true(held[w] >= 0.92 * DRAWS && held[w] <= 0.995 * DRAWS);
    }
}

static void intervals_hold_planted_variances(void **state) {
    (void)state;
    hold(12, 15, 2);
    hold(30, 40, 2);
    hold(30, 40, 0.3);
}

/* The interval of persons by estimates of rows copied without each. */
static void leaving_out_is_as_if_the_rows_were_not_there(void **state) {
    (void)state;
    design d;
    mien_interval v[3];
    double variance[2] = {0};
    draw(&d, 0.3, 7);
    assert_good(mien_variance_intervals(d.y, d.person, d.stimulus, d.n, P, S, 0.9, v));
    for (int side = 0; side < 2; side++) {
        int units = side ? S : P;
        double log_of[S], mean = 0;
        for (int u = 0; u < units; u++) {
            design e = {.n = 0};
            mien_variance without;
            for (int64_t i = 0; i < d.n; i++) {
                if ((side ? d.stimulus[i] : d.person[i]) != u) {
                    e.y[e.n] = d.y[i];
                    e.person[e.n] = d.person[i];
                    e.stimulus[e.n++] = d.stimulus[i];
                }
            }
            assert_good(
                mien_variance_of(e.y, e.person, e.stimulus, e.n, P, S, &without));
            log_of[u] = log(without.person);
            mean += log_of[u] / units;
        }
        for (int u = 0; u < units; u++) {
            variance[side] +=
                (units - 1.0) / units * (log_of[u] - mean) * (log_of[u] - mean);
        }
    }
    double half =
        mien_student_two_sided(0.1, P - 1) * sqrt(fmax(variance[0], variance[1]));
    assert_near(log(v[0].high / v[0].value), half, 1e-8);
    assert_near(log(v[0].value / v[0].low), half, 1e-8);
}

static void one_person_has_no_interval(void **state) {
    (void)state;
    const double y[4] = {1, 2, 4, 3};
    const int64_t person[4] = {0}, stimulus[4] = {0, 1, 0, 1};
    mien_interval v[3];
    assert_good(mien_variance_intervals(y, person, stimulus, 4, 1, 2, 0.95, v));
    for (int w = 0; w < 3; w++) {
        assert_true(isnan(v[w].low) && isnan(v[w].high));
    }
    assert_int_equal(
        mien_variance_intervals(y, person, stimulus, 4, 0, 2, 0.95, v), MIEN_EINVAL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_balanced_design_has_the_estimates_of_its_anova),
        cmocka_unit_test(planted_variances_are_found_in_a_third_of_the_cells),
        cmocka_unit_test(rows_of_one_person_do_not_tell),
        cmocka_unit_test(intervals_hold_planted_variances),
        cmocka_unit_test(leaving_out_is_as_if_the_rows_were_not_there),
        cmocka_unit_test(one_person_has_no_interval),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
