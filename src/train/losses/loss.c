/* SPDX-License-Identifier: MIT */
/* The registry of losses; checks a batch, runs a row on it, checks what comes out. */
#include "train/losses/loss.h"

#include <float.h>
#include <math.h>
#include <string.h>

enum { CLASSES_MAX = 1 << 20, SCRATCH_ROWS = 5 };
/* votes are divided in float, and a table of them is rounded */
static const double shares_tolerance = 1e-3;

static const mien_loss *const losses[] = {
#define X(name) &mien_loss_##name,
#include "train/losses/losses.def"
#undef X
};

int mien_loss_count(void) {
    return (int)(sizeof losses / sizeof losses[0]);
}

const mien_loss *mien_loss_at(int index) {
    return index >= 0 && index < mien_loss_count() ? losses[index] : NULL;
}

const mien_loss *mien_loss_find(const char *name) {
    const char *nearest = "";
    int distance = INT32_MAX;
    for (int i = 0; i < mien_loss_count(); i++) {
        int d = mien_edit_distance(losses[i]->name, name);
        if (d == 0) {
            return losses[i];
        }
        if (d < distance) {
            distance = d;
            nearest = losses[i]->name;
        }
    }
    mien_fail(MIEN_ENOTFOUND, "no loss \"%s\"; the nearest is %s", name, nearest);
    return NULL;
}

struct mien_objective {
    const mien_loss *loss;
    void *settings;
    int64_t classes, width;
    double *class_weights, *log_prior, *scratch;
    int64_t rows_max;
    double *rows_memory; /* the four below */
    double *prediction, *gradient, *values, *row_weights;
    int64_t bad_row;
};

const mien_loss *mien_objective_loss(const mien_objective *objective) {
    return objective->loss;
}

int64_t mien_objective_classes(const mien_objective *objective) {
    return objective->classes;
}

int64_t mien_objective_width(const mien_objective *objective) {
    return objective->width;
}

int64_t mien_objective_bad_row(const mien_objective *objective) {
    return objective->bad_row;
}

/* ---- making one --------------------------------------------------------------- */

static mien_status check_setup(
    const mien_loss *loss, const mien_objective_setup *setup) {
    if (setup->classes < loss->classes_min || setup->classes > CLASSES_MAX) {
        return mien_fail(MIEN_EINVAL, "loss %s: %lld %s; %lld to %d allowed",
            loss->name, (long long)setup->classes,
            loss->of_classes ? "classes" : "values a row", (long long)loss->classes_min,
            CLASSES_MAX);
    }
    if (setup->class_weights && !loss->of_classes) {
        return mien_fail(
            MIEN_EINVAL, "loss %s: class weights, but it has no classes", loss->name);
    }
    for (int64_t c = 0; setup->class_weights && c < setup->classes; c++) {
        double w = setup->class_weights[c];
        if (!isfinite(w) || w < 0) {
            return mien_fail(MIEN_EINVAL,
                "loss %s: the weight of class %lld is %g; it must be 0 or more",
                loss->name, (long long)c, w);
        }
    }
    if (!loss->wants_counts) {
        return MIEN_OK;
    }
    if (!setup->class_counts) {
        return mien_fail(MIEN_EINVAL, "loss %s: needs the class counts", loss->name);
    }
    for (int64_t c = 0; c < setup->classes; c++) {
        if (setup->class_counts[c] <= 0) {
            return mien_fail(MIEN_EINVAL,
                "loss %s: class %lld has no rows in the training part; leave the class "
                "out or take another loss",
                loss->name, (long long)c);
        }
    }
    return MIEN_OK;
}

static mien_status parse_settings(mien_objective *o, const mien_options *given) {
    mien_options *defaults = NULL;
    mien_status status = MIEN_OK;
    if (!o->loss->parse) {
        return MIEN_OK;
    }
    if (!given) {
        status = mien_options_new(o->loss->options, &defaults);
        given = defaults;
    }
    if (status == MIEN_OK) {
        status = o->loss->parse(given, o->settings);
    }
    mien_options_free(&defaults);
    return status;
}

static void fill_classes(mien_objective *o, const mien_objective_setup *setup) {
    double total = 0;
    for (int64_t c = 0; c < o->classes; c++) {
        o->class_weights[c] = setup->class_weights ? setup->class_weights[c] : 1;
        total += o->loss->wants_counts ? (double)setup->class_counts[c] : 0;
    }
    for (int64_t c = 0; o->loss->wants_counts && c < o->classes; c++) {
        o->log_prior[c] = log((double)setup->class_counts[c] / total);
    }
}

mien_status mien_objective_new(const mien_loss *loss, const mien_options *given,
    const mien_objective_setup *setup, mien_objective **objective) {
    mien_status status = check_setup(loss, setup);
    if (status != MIEN_OK) {
        return status;
    }
    mien_objective *o = mien_alloc(1, sizeof *o);
    if (!o) {
        return MIEN_ENOMEM;
    }
    size_t classes = (size_t)setup->classes;
    o->loss = loss;
    o->classes = setup->classes;
    o->width = loss->width ? loss->width(o->classes) : o->classes;
    o->bad_row = -1;
    o->settings = mien_alloc(1, loss->settings_size);
    o->class_weights = mien_alloc(classes, sizeof(double));
    o->log_prior = mien_alloc(classes, sizeof(double));
    o->scratch = mien_alloc(SCRATCH_ROWS * classes, sizeof(double));
    status = o->settings && o->class_weights && o->log_prior && o->scratch
                 ? parse_settings(o, given)
                 : MIEN_ENOMEM;
    if (status != MIEN_OK) {
        mien_objective_free(&o);
        return status;
    }
    fill_classes(o, setup);
    *objective = o;
    return MIEN_OK;
}

void mien_objective_free(mien_objective **objective) {
    if (!objective || !*objective) {
        return;
    }
    mien_objective *o = *objective;
    mien_free(o->rows_memory);
    mien_free(o->scratch);
    mien_free(o->log_prior);
    mien_free(o->class_weights);
    mien_free(o->settings);
    mien_free(o);
    *objective = NULL;
}

/* ---- checking a batch --------------------------------------------------------- */

static mien_status reserve(mien_objective *o, int64_t rows) {
    if (rows < 1) {
        return mien_fail(MIEN_EINVAL, "loss %s: a batch of %lld rows", o->loss->name,
            (long long)rows);
    }
    if (rows <= o->rows_max) {
        return MIEN_OK;
    }
    size_t a_row = (size_t)(2 * o->width + o->classes + 1);
    double *memory = mien_alloc((size_t)rows, a_row * sizeof *memory);
    if (!memory) {
        return MIEN_ENOMEM;
    }
    mien_free(o->rows_memory);
    o->rows_memory = memory;
    o->prediction = memory;
    o->gradient = o->prediction + rows * o->width;
    o->values = o->gradient + rows * o->width;
    o->row_weights = o->values + rows * o->classes;
    o->rows_max = rows;
    return MIEN_OK;
}

static mien_status fail_row(
    mien_objective *o, mien_status status, int64_t row, const char *what, double x) {
    o->bad_row = row;
    return mien_fail(status, "loss %s: row %lld of the batch: %s %g", o->loss->name,
        (long long)row, what, x);
}

static mien_status load_shares(mien_objective *o, int64_t row, const float *shares) {
    double sum = 0;
    for (int64_t c = 0; c < o->classes; c++) {
        double x = (double)shares[c];
        if (!isfinite(x) || x < 0) {
            return fail_row(o, MIEN_EINVAL, row, "the share of a class is", x);
        }
        o->values[row * o->classes + c] = x;
        sum += x;
    }
    return fabs(sum - 1) <= shares_tolerance
               ? MIEN_OK
               : fail_row(o, MIEN_EINVAL, row, "the shares of its classes sum to", sum);
}

static mien_status load_values(mien_objective *o, int64_t row, const float *values) {
    for (int64_t c = 0; c < o->classes; c++) {
        double x = (double)values[c];
        if (!isfinite(x)) {
            return fail_row(o, MIEN_EINVAL, row, "the target is", x);
        }
        o->values[row * o->classes + c] = x;
    }
    return MIEN_OK;
}

static mien_status check_prediction(mien_objective *o, int64_t row, const double *x) {
    for (int64_t k = 0; k < o->width; k++) {
        bool masked = o->loss->of_classes && x[k] == -(double)INFINITY;
        if (!isfinite(x[k]) && !masked) {
            return fail_row(o, MIEN_ENUMBER, row, "the prediction is", x[k]);
        }
    }
    return MIEN_OK;
}

static mien_status load_row(
    mien_objective *o, const mien_loss_batch *b, const double *prediction, int64_t i) {
    double weight = b->row_weights ? (double)b->row_weights[i] : 1;
    if (!isfinite(weight) || weight < 0) {
        return fail_row(o, MIEN_EINVAL, i, "its weight is", weight);
    }
    o->row_weights[i] = weight;
    if (weight == 0) {
        return MIEN_OK;
    }
    mien_status status = MIEN_OK;
    if (b->classes && (b->classes[i] < 0 || b->classes[i] >= o->classes)) {
        o->bad_row = i;
        return mien_fail(MIEN_EINVAL,
            "loss %s: row %lld of the batch: class %d is none of 0 to %lld",
            o->loss->name, (long long)i, (int)b->classes[i],
            (long long)(o->classes - 1));
    }
    if (b->values) {
        const float *values = b->values + i * o->classes;
        status =
            o->loss->of_classes ? load_shares(o, i, values) : load_values(o, i, values);
    }
    return status == MIEN_OK ? check_prediction(o, i, prediction + i * o->width)
                             : status;
}

static mien_status load(
    mien_objective *o, const mien_loss_batch *b, const double *prediction) {
    if (!b->classes == !b->values || (b->classes && !o->loss->of_classes)) {
        return mien_fail(MIEN_EINVAL, "loss %s: give %s", o->loss->name,
            o->loss->of_classes ? "either classes or their shares"
                                : "values, not classes");
    }
    mien_status status = MIEN_OK;
    for (int64_t i = 0; status == MIEN_OK && i < b->rows; i++) {
        status = load_row(o, b, prediction, i);
    }
    return status;
}

/* ---- computing ---------------------------------------------------------------- */

/* Divides by the weight, and makes sure that nothing but numbers is passed on. */
static mien_status finish(
    mien_objective *o, mien_loss_work *w, mien_loss_result *result) {
    double scale = w->weight > 0 ? 1 / w->weight : 0;
    double value = w->weight > 0 ? w->sum / w->weight : 0;
    if (w->bad_row >= 0) {
        return fail_row(o, MIEN_ENUMBER, w->bad_row,
            "the loss is infinite or not a number; the sum is", w->sum);
    }
    if (!isfinite(value)) {
        return mien_fail(
            MIEN_ENUMBER, "loss %s: the loss of the batch is %g", o->loss->name, value);
    }
    for (int64_t i = 0; i < w->rows * w->width; i++) {
        w->gradient[i] *= scale;
        if (!isfinite(w->gradient[i])) {
            return fail_row(
                o, MIEN_ENUMBER, i / w->width, "the gradient is", w->gradient[i]);
        }
    }
    *result = (mien_loss_result){value, w->weight};
    return MIEN_OK;
}

/* Leaves the gradient in o->gradient; prediction may be o->prediction. */
static mien_status run(mien_objective *o, const mien_loss_batch *batch,
    const double *prediction, mien_loss_result *result) {
    mien_status status = load(o, batch, prediction);
    if (status != MIEN_OK) {
        return status;
    }
    memset(o->gradient, 0, (size_t)(batch->rows * o->width) * sizeof *o->gradient);
    mien_loss_work work = {.rows = batch->rows,
        .width = o->width,
        .classes = o->classes,
        .prediction = prediction,
        .labels = batch->classes,
        .values = o->values,
        .row_weights = o->row_weights,
        .class_weights = o->class_weights,
        .log_prior = o->loss->wants_counts ? o->log_prior : NULL,
        .scratch = o->scratch,
        .gradient = o->gradient,
        .bad_row = -1};
    o->loss->compute(o->settings, &work);
    return finish(o, &work, result);
}

mien_status mien_objective_compute_f64(mien_objective *objective,
    const mien_loss_batch *batch, const double *prediction, mien_loss_result *result,
    double *gradient) {
    mien_objective *o = objective;
    o->bad_row = -1;
    mien_status status = reserve(o, batch->rows);
    if (status == MIEN_OK) {
        status = run(o, batch, prediction, result);
    }
    if (status == MIEN_OK && gradient) {
        memcpy(
            gradient, o->gradient, (size_t)(batch->rows * o->width) * sizeof *gradient);
    }
    return status;
}

/* Gradients go into floats: none may overflow there. Looks before it writes. */
static mien_status give(
    mien_objective *o, int64_t count, double scale, float *gradient) {
    for (int64_t i = 0; i < count; i++) {
        double x = o->gradient[i] * scale;
        if (!(fabs(x) <= (double)FLT_MAX)) {
            return fail_row(o, MIEN_ENUMBER, i / o->width, "the gradient is", x);
        }
    }
    for (int64_t i = 0; i < count; i++) {
        gradient[i] = (float)(o->gradient[i] * scale);
    }
    return MIEN_OK;
}

mien_status mien_objective_compute_scaled(mien_objective *objective,
    const mien_loss_batch *batch, double scale, mien_loss_result *result,
    float *gradient) {
    mien_objective *o = objective;
    mien_loss_result computed;
    o->bad_row = -1;
    mien_status status = reserve(o, batch->rows);
    if (status != MIEN_OK) {
        return status;
    }
    int64_t count = batch->rows * o->width;
    for (int64_t i = 0; i < count; i++) {
        o->prediction[i] = (double)batch->prediction[i];
    }
    status = run(o, batch, o->prediction, &computed);
    if (status == MIEN_OK && gradient) {
        status = give(o, count, scale, gradient);
    }
    if (status == MIEN_OK) {
        *result = computed;
    }
    return status;
}

mien_status mien_objective_compute(mien_objective *objective,
    const mien_loss_batch *batch, mien_loss_result *result, float *gradient) {
    return mien_objective_compute_scaled(objective, batch, 1, result, gradient);
}

/* ---- predicting --------------------------------------------------------------- */

static mien_status predict_row(const mien_objective *o, int64_t row, const float *from,
    float *outputs, int32_t *chosen) {
    double *x = o->scratch, *shares = o->scratch + o->classes;
    for (int64_t k = 0; k < o->width; k++) {
        x[k] = (double)from[k];
        if (!(x[k] < (double)INFINITY)) {
            return mien_fail(
                MIEN_ENUMBER, "row %lld: the prediction is %g", (long long)row, x[k]);
        }
    }
    int32_t choice = 0;
    if (o->loss->of_classes) {
        choice = o->loss->predict(o->classes, x, shares);
    } else {
        memcpy(shares, x, (size_t)o->classes * sizeof *x);
    }
    for (int64_t c = 0; c < o->classes; c++) {
        if (!isfinite(shares[c])) {
            return mien_fail(MIEN_ENUMBER, "row %lld: the prediction comes to %g",
                (long long)row, shares[c]);
        }
        if (outputs) {
            outputs[c] = (float)shares[c];
        }
    }
    if (chosen && o->loss->of_classes) {
        *chosen = choice;
    }
    return MIEN_OK;
}

mien_status mien_objective_predict(const mien_objective *objective, int64_t rows,
    const float *prediction, float *outputs, int32_t *classes) {
    mien_status status = MIEN_OK;
    for (int64_t i = 0; status == MIEN_OK && i < rows; i++) {
        status = predict_row(objective, i, prediction + i * objective->width,
            outputs ? outputs + i * objective->classes : NULL,
            classes ? classes + i : NULL);
    }
    return status;
}
