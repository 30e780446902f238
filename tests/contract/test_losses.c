/* SPDX-License-Identifier: MIT */
/* Every row of train/losses/losses.def: its gradient is that of its value, it leads to
 * the truth, and the row describes and checks itself. */
#include "support/support.h"

#include <math.h>
#include <string.h>

#include "train/losses/loss.h"

enum { ROWS = 6, CLASSES = 4, VARIANTS = 3 };

static const double class_weights[CLASSES] = {0.5, 2, 1, 0.25};
static const int64_t class_counts[CLASSES] = {90, 4, 30, 11};
static const float row_weights[ROWS] = {1, 0.5f, 0, 2, 1, 0.25f};
static const int32_t labels[ROWS] = {0, 3, 1, 2, 2, 1};
static const float shares[ROWS * CLASSES] = {0.5f, 0.25f, 0.25f, 0, 0, 0, 0, 1, 1, 0, 0,
    0, 0.25f, 0.25f, 0.25f, 0.25f, 0, 0.5f, 0.5f, 0, 0.125f, 0.875f, 0, 0};
static const float values[ROWS * CLASSES] = {0.5f, -1, 0.25f, 2, -0.75f, 0, 1, 0.5f, 9,
    9, 9, 9, 1.5f, 0.125f, -0.5f, -2, 0, 1, 0.75f, -1, -1.25f, 0.5f, 0, 0.375f};

/* Options that make a row different from its default. */
static const char *const variants[][VARIANTS] = {
    {"cross_entropy", "smoothing", "0.2"},
    {"double_softmax", "smoothing", "0.2"},
    {"focal", "gamma", "0.5"},
    {"logit_adjustment", "tau", "2.5"},
    {"huber", "delta", "0.3"},
    {"mixed", "mae", "0.7"},
};

static mien_objective *make(const mien_loss *loss, int variant, bool weighted) {
    mien_options *given = NULL;
    mien_objective *o = NULL;
    if (variant >= 0) {
        assert_good(mien_options_new(loss->options, &given));
        assert_good(
            mien_options_set(given, NULL, variants[variant][1], variants[variant][2]));
    }
    mien_objective_setup setup = {.classes = CLASSES,
        .class_weights = weighted && loss->of_classes ? class_weights : NULL,
        .class_counts = class_counts};
    assert_good(mien_objective_new(loss, given, &setup, &o));
    mien_options_free(&given);
    return o;
}

static void predictions(double *z, int64_t count) {
    mien_stream s;
    mien_stream_init(&s, 3, 1, 4);
    for (int64_t i = 0; i < count; i++) {
        z[i] = 4 * mien_stream_uniform(&s) - 2;
    }
}

static double value_at(mien_objective *o, const mien_loss_batch *b, const double *z) {
    mien_loss_result result;
    assert_good(mien_objective_compute_f64(o, b, z, &result, NULL));
    return result.value;
}

static void check_gradient(mien_objective *o, const mien_loss_batch *b) {
    double z[ROWS * CLASSES], gradient[ROWS * CLASSES];
    float z_f[ROWS * CLASSES], gradient_f[ROWS * CLASSES];
    int64_t count = ROWS * mien_objective_width(o);
    mien_loss_result result, result_f;
    predictions(z, count);
    for (int64_t i = 0; i < count; i++) {
        z_f[i] = (float)z[i];
        z[i] = (double)z_f[i];
    }
    assert_good(mien_objective_compute_f64(o, b, z, &result, gradient));
    for (int64_t i = 0; i < count; i++) {
        const double step = 1e-5, kept = z[i];
        z[i] = kept + step;
        double above = value_at(o, b, z);
        z[i] = kept - step;
        double below = value_at(o, b, z);
        z[i] = kept;
        assert_near(gradient[i], (above - below) / (2 * step), 2e-9);
    }
    mien_loss_batch floats = *b;
    floats.prediction = z_f;
    assert_good(mien_objective_compute(o, &floats, &result_f, gradient_f));
    assert_true(result_f.value == result.value && result_f.weight == result.weight);
    for (int64_t i = 0; i < count; i++) {
        assert_true(gradient_f[i] == (float)gradient[i]);
    }
}

static void check_targets(mien_objective *o) {
    bool of_classes = mien_objective_loss(o)->of_classes;
    for (int weighted = 0; weighted < 2; weighted++) {
        mien_loss_batch b = {
            .rows = ROWS, .row_weights = weighted ? row_weights : NULL};
        b.values = of_classes ? shares : values;
        check_gradient(o, &b);
        if (of_classes) {
            b.values = NULL;
            b.classes = labels;
            check_gradient(o, &b);
        }
    }
}

static void every_gradient_is_that_of_the_value(void **state) {
    (void)state;
    assert_true(mien_loss_count() > 0);
    for (int i = 0; i < mien_loss_count(); i++) {
        for (int weighted = 0; weighted < 2; weighted++) {
            mien_objective *o = make(mien_loss_at(i), -1, weighted);
            check_targets(o);
            mien_objective_free(&o);
        }
    }
    for (int i = 0; i < (int)(sizeof variants / sizeof *variants); i++) {
        mien_objective *o = make(mien_loss_find(variants[i][0]), i, true);
        check_targets(o);
        mien_objective_free(&o);
    }
}

/* Goes downhill on the predictions themselves, as a network that can say anything. */
static double descend(mien_objective *o, const mien_loss_batch *b, double *z) {
    double gradient[ROWS * CLASSES];
    int64_t count = ROWS * mien_objective_width(o);
    mien_loss_result result = {0};
    predictions(z, count);
    double first = value_at(o, b, z);
    for (int n = 0; n < 4000; n++) {
        assert_good(mien_objective_compute_f64(o, b, z, &result, gradient));
        for (int64_t i = 0; i < count; i++) {
            /* the mean divides by the rows, and mae's slope never gets smaller */
            z[i] -= ROWS * gradient[i] / (1 + n / 100.0);
        }
    }
    assert_true(result.value < first);
    return result.value;
}

static void every_loss_leads_to_the_truth(void **state) {
    (void)state;
    for (int i = 0; i < mien_loss_count(); i++) {
        const mien_loss *loss = mien_loss_at(i);
        mien_objective *o = make(loss, -1, false);
        double z[ROWS * CLASSES];
        float z_f[ROWS * CLASSES], outputs[ROWS * CLASSES];
        int32_t chosen[ROWS];
        mien_loss_batch b = {.rows = ROWS,
            .classes = loss->of_classes ? labels : NULL,
            .values = loss->of_classes ? NULL : values};
        descend(o, &b, z);
        for (int64_t k = 0; k < ROWS * mien_objective_width(o); k++) {
            z_f[k] = (float)z[k];
        }
        assert_good(mien_objective_predict(o, ROWS, z_f, outputs, chosen));
        if (loss->of_classes) {
            assert_memory_equal(chosen, labels, sizeof labels);
        } else {
            assert_close(outputs, values, ROWS * CLASSES, 0, 0.02);
        }
        mien_objective_free(&o);
    }
}

static void every_loss_of_values_is_0_at_the_truth(void **state) {
    (void)state;
    for (int i = 0; i < mien_loss_count(); i++) {
        const mien_loss *loss = mien_loss_at(i);
        if (loss->of_classes) {
            continue;
        }
        mien_objective *o = make(loss, -1, false);
        mien_loss_batch b = {.rows = ROWS, .prediction = values, .values = values};
        mien_loss_result result;
        float gradient[ROWS * CLASSES];
        assert_good(mien_objective_compute(o, &b, &result, gradient));
        assert_near(result.value, 0, 1e-15);
        const float zero[ROWS * CLASSES] = {0};
        assert_close(gradient, zero, ROWS * CLASSES, 0, 1e-15);
        mien_objective_free(&o);
    }
}

static void every_probability_is_one(void **state) {
    (void)state;
    for (int i = 0; i < mien_loss_count(); i++) {
        const mien_loss *loss = mien_loss_at(i);
        if (!loss->of_classes) {
            continue;
        }
        mien_objective *o = make(loss, -1, false);
        float outputs[ROWS * CLASSES];
        assert_good(mien_objective_predict(o, ROWS, values, outputs, NULL));
        for (int r = 0; r < ROWS; r++) {
            double sum = 0;
            for (int c = 0; c < CLASSES; c++) {
                double p = (double)outputs[r * CLASSES + c];
                assert_true(p >= 0 && p <= 1);
                sum += p;
            }
            assert_near(sum, 1, 1e-6);
        }
        mien_objective_free(&o);
    }
}

static void every_loss_describes_and_checks_itself(void **state) {
    (void)state;
    for (int i = 0; i < mien_loss_count(); i++) {
        const mien_loss *loss = mien_loss_at(i);
        assert_ptr_equal(mien_loss_find(loss->name), loss);
        assert_true(strlen(loss->summary) > 10 && loss->classes_min >= 1);
        assert_true(!loss->options == !loss->parse);
        assert_true(loss->of_classes == (loss->predict != NULL));
        for (const mien_option *o = loss->options; o && o->name; o++) {
            mien_options *given = NULL;
            assert_true(o->initial && strlen(o->help) > 10);
            assert_good(mien_options_new(loss->options, &given));
            assert_fails(
                mien_options_set(given, NULL, o->name, "-1"), MIEN_EINVAL, o->name);
            mien_options_free(&given);
        }
    }
    assert_null(mien_loss_at(-1));
    assert_null(mien_loss_at(mien_loss_count()));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_gradient_is_that_of_the_value),
        cmocka_unit_test(every_loss_leads_to_the_truth),
        cmocka_unit_test(every_loss_of_values_is_0_at_the_truth),
        cmocka_unit_test(every_probability_is_one),
        cmocka_unit_test(every_loss_describes_and_checks_itself),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
