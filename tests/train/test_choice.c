/* SPDX-License-Identifier: MIT */
/* Choosing among candidates, and judging by folds without a look at the held-out rows.
 */
#include "support/support.h"

#include <math.h>
#include <stdio.h>

#include "train/made.h"

static void choose_all(const made *m, mien_choice *choice) {
    int64_t rows[MADE_ROWS];
    for (int i = 0; i < MADE_ROWS; i++) {
        rows[i] = i;
    }
    assert_good(mien_choose(choice, &m->feature_set, m->feature_set.candidates,
        m->feature_set.candidates_count, rows, MADE_ROWS, &m->study, NULL));
}

static double weight_of(const mien_choice *c, int candidate, int target) {
    return c->weight[candidate * c->targets + target];
}

static double error_of(const mien_choice *c, int candidate, int target) {
    return c->ridge[candidate * c->targets + target].error;
}

static void best_takes_the_candidate_with_the_smallest_inner_error(void **state) {
    (void)state;
    made m;
    mien_choice c;
    made_init(&m, "best", 0);
    choose_all(&m, &c);
    /* valence needs both layers, arousal the second alone */
    const int want[MADE_TARGETS] = {MADE_BLOCKS, MADE_SECOND};
    for (int t = 0; t < MADE_TARGETS; t++) {
        for (int k = 0; k < c.candidates; k++) {
            assert_near(weight_of(&c, k, t), k == want[t], 0);
            assert_true(error_of(&c, k, t) >= error_of(&c, want[t], t));
        }
        assert_near(c.error[t], error_of(&c, want[t], t), 0);
    }
    mien_choice_clear(&c);
    made_clear(&m);
}

static void stacking_gives_a_noise_layer_next_to_nothing(void **state) {
    (void)state;
    made m;
    mien_choice c;
    made_init(&m, "stack", 0);
    m.feature_set.candidates_count = MADE_BLOCKS; /* each layer alone */
    choose_all(&m, &c);
    assert_true(weight_of(&c, MADE_SIGNAL, 0) > 0.5);
    assert_true(weight_of(&c, MADE_SECOND, 0) > 0.5);
    assert_true(weight_of(&c, MADE_NOISE, 0) < 0.05);
    assert_true(weight_of(&c, MADE_SECOND, 1) > 0.7);
    assert_true(weight_of(&c, MADE_SIGNAL, 1) < 0.2);
    for (int t = 0; t < MADE_TARGETS; t++) {
        for (int k = 0; k < c.candidates; k++) {
            assert_true(weight_of(&c, k, t) >= 0);
            assert_true(c.error[t] <= error_of(&c, k, t) + 1e-12);
        }
    }
    mien_choice_clear(&c);
    made_clear(&m);
}

/* At the minimum over w ≥ 0 no single weight can be moved to a smaller error. */
static void stack_weights_are_the_least_squares_ones(void **state) {
    (void)state;
    made m;
    mien_choice c;
    made_init(&m, "stack", 2);
    choose_all(&m, &c);
    for (int t = 0; t < MADE_TARGETS; t++) {
        double found = 0, mean = c.ridge[t].mean;
        for (int k = -1; k < c.candidates; k++) {
            for (int sign = -1; sign <= 1; sign += 2) {
                double error = 0;
                for (int i = 0; i < MADE_ROWS; i++) {
                    double e = m.rated[t * MADE_ROWS + i] - mean;
                    for (int a = 0; a < c.candidates; a++) {
                        double w = weight_of(&c, a, t) + (a == k ? sign * 1e-4 : 0);
                        e -= fmax(w, 0) *
                             (c.ridge[a * c.targets + t].left_out[i] - mean);
                    }
                    error += e * e / MADE_ROWS;
                }
                found = k < 0 ? error : found;
                assert_true(error >= found - 1e-15);
            }
        }
        assert_near(found, c.error[t], 1e-12);
    }
    mien_choice_clear(&c);
    made_clear(&m);
}

static void groups_are_left_out_whole_inside_the_choice(void **state) {
    (void)state;
    made m;
    mien_choice c;
    made_init(&m, "best", 0);
    /* the layer only names the group: it foretells nothing once the group is left out
     */
    for (int i = 0; i < MADE_ROWS; i++) {
        for (int f = 0; f < MADE_WIDTH; f++) {
            m.values[MADE_NOISE][i * MADE_WIDTH + f] =
                (float)((m.group[i] * (2 * f + 3)) % 11);
        }
        m.rated[i] = (double)((m.group[i] * 7) % MADE_GROUPS);
    }
    choose_all(&m, &c);
    double variance = 0, mean = c.ridge[0].mean;
    for (int i = 0; i < MADE_ROWS; i++) {
        variance += (m.rated[i] - mean) * (m.rated[i] - mean) / MADE_ROWS;
    }
    assert_true(error_of(&c, MADE_NOISE, 0) > 0.8 * variance);
    mien_choice_clear(&c);
    made_clear(&m);
}

static void judge(const made *m, mien_thread_pool *pool, made_judgement *j) {
    assert_good(made_judge(m, pool, j));
}

static double squares(const made *m, const double *prediction, int t) {
    double sum = 0;
    for (int i = 0; i < MADE_ROWS; i++) {
        double e = prediction[t * MADE_ROWS + i] - m->rated[t * MADE_ROWS + i];
        sum += e * e;
    }
    return sum;
}

static void held_out_rows_are_predicted_better_than_by_their_mean(void **state) {
    (void)state;
    made m;
    made_judgement j;
    made_init(&m, "stack", 0);
    judge(&m, NULL, &j);
    for (int t = 0; t < MADE_TARGETS; t++) {
        assert_true(squares(&m, j.prediction, t) < 0.3 * squares(&m, j.mean, t));
        assert_true(squares(&m, j.prediction, t) < squares(&m, j.plain, t));
        for (int i = 0; i < MADE_ROWS; i++) {
            double sum = 0;
            int count = 0;
            for (int k = 0; k < MADE_ROWS; k++) {
                if (m.fold[k] != m.fold[i]) {
                    sum += m.rated[t * MADE_ROWS + k];
                    count++;
                }
            }
            assert_near(j.mean[t * MADE_ROWS + i], sum / count, 1e-12);
        }
    }
    made_judgement_clear(&j);
    made_clear(&m);
}

/* Everything known of a held-out row but its own features may change: the predictions
 * of its fold, and what the fold chose, stay the same bits. */
static void held_out_rows_have_no_say(void **state) {
    (void)state;
    static const char *const combines[] = {"best", "stack"};
    for (int way = 0; way < 2; way++) {
        made m, other;
        made_judgement a, b;
        made_init(&m, combines[way], 2);
        made_init(&other, combines[way], 2);
        for (int i = 0; i < MADE_ROWS; i++) {
            if (other.fold[i] == 1) {
                other.rated[i] += 1000 * (i + 1);
                other.rated[MADE_ROWS + i] = -1e6;
            }
        }
        judge(&m, NULL, &a);
        judge(&other, NULL, &b);
        bool elsewhere = false;
        for (int t = 0; t < MADE_TARGETS; t++) {
            for (int i = 0; i < MADE_ROWS; i++) {
                int at = t * MADE_ROWS + i;
                if (m.fold[i] == 1) {
                    assert_memory_equal(&a.prediction[at], &b.prediction[at], 8);
                    assert_memory_equal(&a.plain[at], &b.plain[at], 8);
                    assert_memory_equal(&a.mean[at], &b.mean[at], 8);
                } else {
                    elsewhere = elsewhere || a.prediction[at] != b.prediction[at];
                }
            }
            for (int k = 0; k < m.feature_set.candidates_count; k++) {
                int at = k * MADE_TARGETS + t;
                assert_memory_equal(
                    &a.choice[1].weight[at], &b.choice[1].weight[at], 8);
                assert_memory_equal(
                    &a.choice[1].ridge[at].lambda, &b.choice[1].ridge[at].lambda, 8);
            }
        }
        assert_true(elsewhere); /* the change was large enough to be seen */
        made_judgement_clear(&a);
        made_judgement_clear(&b);
        made_clear(&m);
        made_clear(&other);
    }
}

static void features_of_one_held_out_row_do_not_touch_another(void **state) {
    (void)state;
    made m, other;
    made_judgement a, b;
    made_init(&m, "stack", 2);
    made_init(&other, "stack", 2);
    int changed = 1; /* a row of fold 1 */
    assert_int_equal(m.fold[changed], 1);
    for (int block = 0; block < MADE_BLOCKS; block++) {
        other.values[block][changed * MADE_WIDTH] += 100;
    }
    judge(&m, NULL, &a);
    judge(&other, NULL, &b);
    for (int i = 0; i < MADE_ROWS; i++) {
        if (m.fold[i] == 1) {
            assert_int_equal(
                memcmp(&a.prediction[i], &b.prediction[i], 8) == 0, i != changed);
        }
    }
    made_judgement_clear(&a);
    made_judgement_clear(&b);
    made_clear(&m);
    made_clear(&other);
}

static void threads_do_not_change_a_bit(void **state) {
    (void)state;
    made m;
    made_judgement a, b;
    mien_thread_pool *pool = NULL;
    made_init(&m, "stack", 2);
    assert_good(mien_thread_pool_new(2, &pool));
    judge(&m, NULL, &a);
    judge(&m, pool, &b);
    assert_memory_equal(
        a.prediction, b.prediction, MADE_TARGETS * MADE_ROWS * sizeof *a.prediction);
    made_judgement_clear(&a);
    made_judgement_clear(&b);
    mien_thread_pool_free(&pool);
    made_clear(&m);
}

static void plain_is_missing_where_the_layer_pool_is(void **state) {
    (void)state;
    made m;
    made_judgement j;
    made_init(&m, "best", 0);
    m.feature_set.blocks.name[MADE_SIGNAL] = "features.17";
    judge(&m, NULL, &j);
    for (int i = 0; i < MADE_TARGETS * MADE_ROWS; i++) {
        assert_true(isnan(j.plain[i]));
        assert_true(isfinite(j.prediction[i]));
    }
    made_judgement_clear(&j);
    made_clear(&m);
}

static void an_interrupt_stops_the_folds(void **state) {
    (void)state;
    made m;
    made_judgement j;
    made_init(&m, "best", 0);
    mien_interrupt();
    mien_status status = made_judge(&m, NULL, &j);
    mien_interrupt_clear();
    assert_int_equal(status, MIEN_EINTERRUPTED);
    made_judgement_clear(&j);
    made_clear(&m);
}

static mien_status judge_once(void *context) {
    made *m = context;
    made_judgement j = {0};
    mien_status status = made_judge(m, NULL, &j);
    made_judgement_clear(&j);
    return status;
}

static void running_out_of_memory_is_told(void **state) {
    (void)state;
    made m;
    made_init(&m, "stack", 2);
    m.feature_set.candidates_count = 2;
    m.folds = 1;
    for (int i = 0; i < MADE_ROWS; i++) {
        m.fold[i] = i < 3 ? 0 : 1; /* fold 0 is judged, the rest only learnt from */
    }
    support_each_allocation_fails(judge_once, &m, 2000);
    made_clear(&m);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(best_takes_the_candidate_with_the_smallest_inner_error),
        cmocka_unit_test(stacking_gives_a_noise_layer_next_to_nothing),
        cmocka_unit_test(stack_weights_are_the_least_squares_ones),
        cmocka_unit_test(groups_are_left_out_whole_inside_the_choice),
        cmocka_unit_test(held_out_rows_are_predicted_better_than_by_their_mean),
        cmocka_unit_test(held_out_rows_have_no_say),
        cmocka_unit_test(features_of_one_held_out_row_do_not_touch_another),
        cmocka_unit_test(threads_do_not_change_a_bit),
        cmocka_unit_test(plain_is_missing_where_the_layer_pool_is),
        cmocka_unit_test(an_interrupt_stops_the_folds),
        cmocka_unit_test(running_out_of_memory_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
