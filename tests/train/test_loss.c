/* SPDX-License-Identifier: MIT */
/* Losses against PyTorch (python/golden/losses.py, PyTorch 2.15.0), against values of
 * published projects, and at their edges. */
#include "support/support.h"

#include <float.h>
#include <math.h>

#include "train/goldens.h"
#include "train/losses/loss.h"

static const mien_option no_options[] = {{0}};

static mien_objective *make(
    const char *name, const char *options, const mien_objective_setup *setup) {
    mien_objective *objective = NULL;
    mien_options *given = NULL;
    const mien_loss *loss = mien_loss_find(name);
    assert_non_null(loss);
    golden_options(loss->options ? loss->options : no_options, options, &given);
    assert_good(mien_objective_new(loss, given, setup, &objective));
    mien_options_free(&given);
    return objective;
}

/* ---- PyTorch ------------------------------------------------------------------ */

static void every_case_equals_pytorch(void **state) {
    (void)state;
    static double z[GOLDEN_MOST], labels[GOLDEN_MOST], values[GOLDEN_MOST];
    static double rows[GOLDEN_MOST], weights[GOLDEN_MOST], counts[GOLDEN_MOST];
    static double want[GOLDEN_MOST], gradient[GOLDEN_MOST];
    static float values_f[GOLDEN_MOST], rows_f[GOLDEN_MOST];
    int32_t classes[GOLDEN_MOST];
    int64_t class_counts[GOLDEN_MOST];
    mien_table *table = NULL;
    assert_good(
        mien_table_read(support_source("tests/golden/losses.tsv"), NULL, &table));
    assert_true(mien_table_rows(table) > 100);
    for (int64_t i = 0; i < mien_table_rows(table); i++) {
        int64_t count = golden_numbers(table, i, "prediction", z);
        int64_t has_labels = golden_numbers(table, i, "labels", labels);
        int64_t has_values = golden_numbers(table, i, "values", values);
        int64_t has_rows = golden_numbers(table, i, "row_weights", rows);
        int64_t has_weights = golden_numbers(table, i, "class_weights", weights);
        int64_t has_counts = golden_numbers(table, i, "class_counts", counts);
        for (int k = 0; k < GOLDEN_MOST; k++) {
            values_f[k] = (float)values[k];
            rows_f[k] = (float)rows[k];
            classes[k] = (int32_t)labels[k];
            class_counts[k] = (int64_t)counts[k];
        }
        mien_objective_setup setup = {
            .classes = (int64_t)golden_number(table, i, "classes"),
            .class_weights = has_weights ? weights : NULL,
            .class_counts = has_counts ? class_counts : NULL};
        mien_objective *o = make(
            golden_cell(table, i, "loss"), golden_cell(table, i, "options"), &setup);
        mien_loss_batch batch = {.rows = (int64_t)golden_number(table, i, "rows"),
            .classes = has_labels ? classes : NULL,
            .values = has_values ? values_f : NULL,
            .row_weights = has_rows ? rows_f : NULL};
        mien_loss_result result;
        assert_int_equal(count, batch.rows * mien_objective_width(o));
        assert_good(mien_objective_compute_f64(o, &batch, z, &result, gradient));
        assert_near(result.value, golden_number(table, i, "loss_value"), 1e-11);
        assert_int_equal(golden_numbers(table, i, "gradient", want), count);
        for (int64_t k = 0; k < count; k++) {
            assert_near(gradient[k], want[k], 1e-12);
        }
        mien_objective_free(&o);
    }
    mien_table_free(&table);
}

/* ---- values of published projects, to every digit they were noted with --------- */

typedef struct vector {
    const char *loss, *options;
    int64_t rows, classes;
    const double *z, *weights;
    const int32_t *classes_of;
    double want;
} vector;

static double value_of(const vector *v) {
    mien_objective_setup setup = {.classes = v->classes, .class_weights = v->weights};
    mien_objective *o = make(v->loss, v->options, &setup);
    mien_loss_batch batch = {.rows = v->rows, .classes = v->classes_of};
    mien_loss_result result;
    assert_good(mien_objective_compute_f64(o, &batch, v->z, &result, NULL));
    mien_objective_free(&o);
    return result.value;
}

static const double w_arousal[7] = {.9557, .8687, .8383, .9036, 1.0094, 1.3458, 1.3004};

static void double_softmax_gives_the_published_values(void **state) {
    (void)state;
    static const double z[] = {2, -1, .5, .1, .2, .3};
    static const int32_t y[] = {0, 2};
    vector v[] = {{"cross_entropy", "", 2, 3, z, NULL, y, 0.621627072443},
        {"double_softmax", "", 2, 3, z, NULL, y, 0.883433688416}};
    assert_near(value_of(&v[0]), v[0].want, 5e-13);
    assert_near(value_of(&v[1]), v[1].want, 5e-13);
}

static void focal_gives_the_published_values(void **state) {
    (void)state;
    static const double z[] = {.5, -.2, .1, .9, -1, .3, 0, 1.5, .2, -.3, .4, 0, -.7, 2};
    static const int32_t y[] = {3, 6};
    const vector v[] = {
        {"focal", "gamma=0", 1, 7, z, w_arousal, y, 1.146713237140},
        {"focal", "gamma=0", 1, 7, z + 7, w_arousal, y + 1, 1.069774667886},
        {"focal", "gamma=3", 1, 7, z, w_arousal, y, 0.364267708590},
        {"focal", "gamma=3", 1, 7, z + 7, w_arousal, y + 1, 0.303262160974},
        {"focal", "gamma=3", 2, 7, z, w_arousal, y, 0.333764934782},
    };
    for (size_t i = 0; i < sizeof v / sizeof *v; i++) {
        assert_near(value_of(&v[i]), v[i].want, 5.1e-13);
    }
}

static void weighted_cross_entropy_gives_the_published_values(void **state) {
    (void)state;
    static const double z[] = {.2, 1, -.5, 0, .3, -1, .7, .1, 1, 0, .5, -.2, .1, .9,
        -.4, .6, 0, 2, .1, .2, .3, .4, .5, .6};
    static const double weights[] = {.1, .1, .5, .5, .8, .99, .5, .99};
    static const int32_t y[] = {1, 5, 7};
    vector v[] = {{"cross_entropy", "", 3, 8, z, weights, y, 1.892036379328},
        {"cross_entropy", "", 3, 8, z, NULL, y, 1.726658688734}};
    assert_near(value_of(&v[0]), v[0].want, 5.1e-13);
    assert_near(value_of(&v[1]), v[1].want, 5.1e-13);
}

/* ---- edges -------------------------------------------------------------------- */

static void rows_of_weight_0_are_not_read(void **state) {
    (void)state;
    mien_objective *o =
        make("cross_entropy", "", &(mien_objective_setup){.classes = 2});
    const float z[] = {NAN, INFINITY, 1, 2, NAN, NAN};
    const int32_t y[] = {-7, 1, 99};
    const float weights[] = {0, 1, 0};
    mien_loss_batch batch = {
        .rows = 3, .prediction = z, .classes = y, .row_weights = weights};
    mien_loss_result result;
    float gradient[6];
    assert_good(mien_objective_compute(o, &batch, &result, gradient));
    assert_near(result.value, log1p(exp(-1)), 1e-15);
    assert_near(result.weight, 1, 0);
    float p = (float)(1 / (1 + exp(1)));
    const float want[] = {0, 0, p, -p, 0, 0};
    assert_close(gradient, want, 6, 1e-7, 0);
    mien_objective_free(&o);
}

static void a_batch_without_any_weight_costs_nothing(void **state) {
    (void)state;
    for (int i = 0; i < mien_loss_count(); i++) {
        const int64_t counts[] = {5, 2, 9};
        mien_objective *o = make(mien_loss_at(i)->name, "",
            &(mien_objective_setup){.classes = 3, .class_counts = counts});
        const float z[9] = {1, 2, 3, 4, 5, 6, NAN, 8, 9}, none[3] = {0, 0, 0};
        const int32_t y[3] = {0, 1, 2};
        bool classes = mien_loss_at(i)->of_classes;
        mien_loss_batch batch = {.rows = 3,
            .prediction = z,
            .classes = classes ? y : NULL,
            .values = classes ? NULL : z,
            .row_weights = none};
        mien_loss_result result = {1, 1};
        float gradient[9];
        for (int k = 0; k < 9; k++) {
            gradient[k] = 7;
        }
        assert_good(mien_objective_compute(o, &batch, &result, gradient));
        assert_near(result.value, 0, 0);
        assert_near(result.weight, 0, 0);
        for (int64_t k = 0; k < 3 * mien_objective_width(o); k++) {
            assert_true(gradient[k] == 0);
        }
        mien_objective_free(&o);
    }
}

static void one_class_costs_nothing(void **state) {
    (void)state;
    const int64_t counts[] = {5};
    static const char *const names[] = {
        "cross_entropy", "focal", "double_softmax", "logit_adjustment"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        mien_objective *o = make(names[i], "",
            &(mien_objective_setup){.classes = 1, .class_counts = counts});
        const float z[] = {-3, 40};
        const int32_t y[] = {0, 0};
        mien_loss_result result;
        float gradient[2];
        mien_loss_batch batch = {.rows = 2, .prediction = z, .classes = y};
        assert_good(mien_objective_compute(o, &batch, &result, gradient));
        assert_near(result.value, 0, 0);
        assert_true(gradient[0] == 0 && gradient[1] == 0);
        mien_objective_free(&o);
    }
    mien_objective *o = NULL;
    assert_fails(mien_objective_new(mien_loss_find("ordinal"), NULL,
                     &(mien_objective_setup){.classes = 1}, &o),
        MIEN_EINVAL, "2 to");
}

static void ccc_of_one_row_has_no_slope(void **state) {
    (void)state;
    mien_objective *o = make("ccc", "", &(mien_objective_setup){.classes = 1});
    const float p[] = {0.5f, 0.5f}, t[] = {0.25f, 0.5f};
    mien_loss_result result;
    float gradient[1];
    for (int i = 0; i < 2; i++) { /* off the truth, and on it: 0 / 0 */
        mien_loss_batch batch = {.rows = 1, .prediction = p + i, .values = t + i};
        assert_good(mien_objective_compute(o, &batch, &result, gradient));
        assert_near(result.value, 1, 0);
        assert_true(gradient[0] == 0);
    }
    mien_objective_free(&o);
}

static void large_logits_do_not_overflow(void **state) {
    (void)state;
    mien_objective *o =
        make("cross_entropy", "", &(mien_objective_setup){.classes = 3});
    const float z[] = {3e38f, 0, -3e38f, 1000, 0, -1000};
    const int32_t y[] = {0, 2};
    const float weights[] = {1, 1};
    mien_loss_batch batch = {
        .rows = 2, .prediction = z, .classes = y, .row_weights = weights};
    mien_loss_result result;
    float gradient[6];
    assert_good(mien_objective_compute(o, &batch, &result, gradient));
    assert_near(result.value, 1000, 1e-9);
    const float want[] = {0, 0, 0, 0.5f, 0, -0.5f};
    assert_close(gradient, want, 6, 0, 1e-7);
    mien_objective_free(&o);
}

static void a_masked_class_is_fine_until_it_is_the_label(void **state) {
    (void)state;
    mien_objective *o =
        make("cross_entropy", "", &(mien_objective_setup){.classes = 3});
    const float z[] = {0, 0, 0, 1, -INFINITY, 1};
    int32_t y[] = {0, 2};
    mien_loss_batch batch = {.rows = 2, .prediction = z, .classes = y};
    mien_loss_result result = {7, 7};
    float gradient[6] = {7, 7, 7, 7, 7, 7}, shares[6];
    assert_good(mien_objective_compute(o, &batch, &result, gradient));
    assert_near(result.value, (log(3) + log(2)) / 2, 1e-15);
    assert_true(gradient[4] == 0);
    assert_int_equal(mien_objective_bad_row(o), -1);
    y[1] = 1;
    gradient[0] = 7;
    assert_fails(mien_objective_compute(o, &batch, &result, gradient), MIEN_ENUMBER,
        "row 1 of the batch");
    assert_int_equal(mien_objective_bad_row(o), 1);
    assert_true(gradient[0] == 7); /* nothing written */
    assert_good(mien_objective_predict(o, 2, z, shares, y));
    assert_true(shares[4] == 0 && shares[3] == 0.5f && y[1] == 0);
    mien_objective_free(&o);
}

static void no_number_is_told_with_its_row(void **state) {
    (void)state;
    const int64_t counts[] = {5, 2};
    for (int i = 0; i < mien_loss_count(); i++) {
        const mien_loss *loss = mien_loss_at(i);
        mien_objective *o = make(loss->name, "",
            &(mien_objective_setup){.classes = 2, .class_counts = counts});
        const float bad[] = {NAN, INFINITY};
        for (int k = 0; k < 2; k++) {
            float z[6] = {0}, gradient[6], outputs[6];
            const float t[6] = {0, 1, 2, 3, 4, 5};
            const int32_t y[3] = {1, 0, 1};
            z[2 * mien_objective_width(o)] = bad[k];
            mien_loss_batch batch = {.rows = 3,
                .prediction = z,
                .classes = loss->of_classes ? y : NULL,
                .values = loss->of_classes ? NULL : t};
            mien_loss_result result;
            assert_fails(mien_objective_compute(o, &batch, &result, gradient),
                MIEN_ENUMBER, "row 2 of the batch");
            assert_int_equal(mien_objective_bad_row(o), 2);
            assert_fails(
                mien_objective_predict(o, 3, z, outputs, NULL), MIEN_ENUMBER, "row 2");
        }
        mien_objective_free(&o);
    }
}

static void an_infinite_gradient_is_told(void **state) {
    (void)state;
    mien_objective *o = make("mse", "", &(mien_objective_setup){.classes = 1});
    const float p[] = {0, 3e38f}, t[] = {0, -3e38f};
    mien_loss_batch batch = {.rows = 2, .prediction = p, .values = t};
    mien_loss_result result;
    float gradient[2] = {7, 7};
    assert_fails(mien_objective_compute(o, &batch, &result, gradient), MIEN_ENUMBER,
        "row 1 of the batch: the gradient");
    assert_true(gradient[0] == 7);
    assert_good(mien_objective_compute_scaled(o, &batch, 0.01, &result, gradient));
    assert_true(gradient[1] > 1e36f);
    mien_objective_free(&o);
}

static void wrong_targets_are_refused(void **state) {
    (void)state;
    mien_objective *o =
        make("cross_entropy", "", &(mien_objective_setup){.classes = 2});
    mien_objective *v = make("mse", "", &(mien_objective_setup){.classes = 2});
    const float z[4] = {0}, short_of[] = {0.5f, 0.5f, 0.5f, 0.4f};
    const float negative[] = {0.5f, 0.5f, 1.5f, -0.5f}, nan_of[] = {1, 0, NAN, 0};
    const float minus[] = {1, -1}, good[] = {1, 0, 0, 1};
    const int32_t y[] = {0, 2};
    mien_loss_result result;
    mien_loss_batch b = {.rows = 2, .prediction = z, .classes = y};
    assert_fails(mien_objective_compute(o, &b, &result, NULL), MIEN_EINVAL,
        "row 1 of the batch: class 2 is none of 0 to 1");
    assert_int_equal(mien_objective_bad_row(o), 1);
    assert_fails(
        mien_objective_compute(v, &b, &result, NULL), MIEN_EINVAL, "give values");
    b.values = good;
    assert_fails(mien_objective_compute(o, &b, &result, NULL), MIEN_EINVAL, "either");
    b.classes = NULL;
    assert_good(mien_objective_compute(o, &b, &result, NULL));
    b.values = short_of;
    assert_fails(
        mien_objective_compute(o, &b, &result, NULL), MIEN_EINVAL, "sum to 0.9");
    b.values = negative;
    assert_fails(mien_objective_compute(o, &b, &result, NULL), MIEN_EINVAL, "-0.5");
    b.values = nan_of;
    assert_fails(mien_objective_compute(o, &b, &result, NULL), MIEN_EINVAL, "row 1");
    assert_fails(mien_objective_compute(v, &b, &result, NULL), MIEN_EINVAL, "row 1");
    b.values = good;
    b.row_weights = minus;
    assert_fails(mien_objective_compute(v, &b, &result, NULL), MIEN_EINVAL, "weight");
    b.values = NULL;
    assert_fails(mien_objective_compute(v, &b, &result, NULL), MIEN_EINVAL, "values");
    b.rows = 0;
    assert_fails(mien_objective_compute(v, &b, &result, NULL), MIEN_EINVAL, "0 rows");
    mien_objective_free(&v);
    mien_objective_free(&o);
}

static void wrong_setups_are_refused(void **state) {
    (void)state;
    mien_objective *o = NULL;
    const double weights[] = {1, -1}, nan_of[] = {NAN, 1};
    const int64_t counts[] = {3, 0};
    const mien_loss *ce = mien_loss_find("cross_entropy");
    const mien_loss *adjust = mien_loss_find("logit_adjustment");
    mien_objective_setup s = {.classes = 2, .class_weights = weights};
    assert_fails(mien_objective_new(ce, NULL, &s, &o), MIEN_EINVAL, "class 1 is -1");
    s.class_weights = nan_of;
    assert_fails(mien_objective_new(ce, NULL, &s, &o), MIEN_EINVAL, "class 0");
    assert_fails(mien_objective_new(mien_loss_find("mae"), NULL, &s, &o), MIEN_EINVAL,
        "weights");
    s = (mien_objective_setup){.classes = 2};
    assert_fails(mien_objective_new(adjust, NULL, &s, &o), MIEN_EINVAL, "counts");
    s.class_counts = counts;
    assert_fails(
        mien_objective_new(adjust, NULL, &s, &o), MIEN_EINVAL, "class 1 has no");
    s.classes = 0;
    assert_fails(mien_objective_new(ce, NULL, &s, &o), MIEN_EINVAL, "0 classes");
    assert_null(o);
    assert_null(mien_loss_find("crossentropy"));
    assert_non_null(strstr(mien_error(), "cross_entropy"));
}

static void corn_gives_ranks_and_their_probabilities(void **state) {
    (void)state;
    mien_objective *o = make("ordinal", "", &(mien_objective_setup){.classes = 3});
    /* P(y > 0) = 3/4, P(y > 1 | y > 0) = 3/5: P = 1/4, 3/10, 9/20, and P(y > 1) < 1/2
     */
    const float z[] = {(float)log(3), (float)log(1.5), 40, 40, -1, 40};
    float shares[9];
    int32_t rank[3];
    assert_int_equal(mien_objective_width(o), 2);
    assert_good(mien_objective_predict(o, 3, z, shares, rank));
    const float want[] = {0.25f, 0.3f, 0.45f};
    assert_close(shares, want, 3, 1e-6, 0);
    assert_int_equal(rank[0], 1);
    assert_int_equal(rank[1], 2);
    assert_int_equal(rank[2], 0);
    mien_objective_free(&o);
}

static void one_vote_is_a_label_to_corn(void **state) {
    (void)state;
    const double weights[] = {0.5, 2, 1};
    mien_objective *o = make(
        "ordinal", "", &(mien_objective_setup){.classes = 3, .class_weights = weights});
    const float z[] = {0.5f, -1, 2, 0.25f, -0.75f, 1};
    const float shares[] = {0, 1, 0, 0, 0, 1, 1, 0, 0};
    const int32_t y[] = {1, 2, 0};
    float g_label[6], g_share[6];
    mien_loss_result by_label, by_share;
    mien_loss_batch b = {.rows = 3, .prediction = z, .classes = y};
    assert_good(mien_objective_compute(o, &b, &by_label, g_label));
    b.classes = NULL;
    b.values = shares;
    assert_good(mien_objective_compute(o, &b, &by_share, g_share));
    assert_near(by_share.value, by_label.value, 1e-15);
    assert_near(by_share.weight, by_label.weight, 1e-15);
    assert_close(g_share, g_label, 6, 1e-7, 0);
    mien_objective_free(&o);
}

static void batches_average_to_the_whole(void **state) {
    (void)state;
    const double weights[] = {0.5, 2};
    mien_objective *o = make("cross_entropy", "",
        &(mien_objective_setup){.classes = 2, .class_weights = weights});
    const float z[] = {0.5f, -1, 2, 0.25f, -0.75f, 1};
    const int32_t y[] = {1, 0, 0};
    mien_loss_result whole, first, rest;
    mien_loss_batch b = {.rows = 3, .prediction = z, .classes = y};
    assert_good(mien_objective_compute(o, &b, &whole, NULL));
    b.rows = 1;
    assert_good(mien_objective_compute(o, &b, &first, NULL));
    b = (mien_loss_batch){.rows = 2, .prediction = z + 2, .classes = y + 1};
    assert_good(mien_objective_compute(o, &b, &rest, NULL));
    assert_near((first.value * first.weight + rest.value * rest.weight) /
                    (first.weight + rest.weight),
        whole.value, 1e-15);
    mien_objective_free(&o);
}

static void a_smaller_batch_allocates_nothing(void **state) {
    (void)state;
    mien_objective *o = make("huber", "", &(mien_objective_setup){.classes = 1});
    const float p[3] = {1, 2, 3}, t[3] = {0};
    float gradient[3];
    mien_loss_result result;
    mien_loss_batch b = {.rows = 3, .prediction = p, .values = t};
    assert_good(mien_objective_compute(o, &b, &result, gradient));
    uint64_t before = mien_alloc_count();
    b.rows = 2;
    assert_good(mien_objective_compute(o, &b, &result, gradient));
    b.rows = 3;
    assert_good(mien_objective_compute(o, &b, &result, gradient));
    assert_int_equal(mien_alloc_count(), before);
    mien_objective_free(&o);
}

static mien_status make_and_run(void *context) {
    (void)context;
    mien_objective *o = NULL;
    const float z[4] = {0};
    const int32_t y[] = {0, 1};
    const int64_t counts[] = {5, 2};
    mien_loss_result result;
    mien_loss_batch b = {.rows = 2, .prediction = z, .classes = y};
    mien_status status = mien_objective_new(mien_loss_find("logit_adjustment"), NULL,
        &(mien_objective_setup){.classes = 2, .class_counts = counts}, &o);
    if (status == MIEN_OK) {
        status = mien_objective_compute(o, &b, &result, NULL);
    }
    mien_objective_free(&o);
    return status;
}

static void survives_every_failed_allocation(void **state) {
    (void)state;
    support_each_allocation_fails(make_and_run, NULL, 100);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_case_equals_pytorch),
        cmocka_unit_test(double_softmax_gives_the_published_values),
        cmocka_unit_test(focal_gives_the_published_values),
        cmocka_unit_test(weighted_cross_entropy_gives_the_published_values),
        cmocka_unit_test(rows_of_weight_0_are_not_read),
        cmocka_unit_test(a_batch_without_any_weight_costs_nothing),
        cmocka_unit_test(one_class_costs_nothing),
        cmocka_unit_test(ccc_of_one_row_has_no_slope),
        cmocka_unit_test(large_logits_do_not_overflow),
        cmocka_unit_test(a_masked_class_is_fine_until_it_is_the_label),
        cmocka_unit_test(no_number_is_told_with_its_row),
        cmocka_unit_test(an_infinite_gradient_is_told),
        cmocka_unit_test(wrong_targets_are_refused),
        cmocka_unit_test(wrong_setups_are_refused),
        cmocka_unit_test(corn_gives_ranks_and_their_probabilities),
        cmocka_unit_test(one_vote_is_a_label_to_corn),
        cmocka_unit_test(batches_average_to_the_whole),
        cmocka_unit_test(a_smaller_batch_allocates_nothing),
        cmocka_unit_test(survives_every_failed_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
