/* SPDX-License-Identifier: MIT */
/* Logistic regression with an L2 penalty, to its optimum.
 *
 * Minimises C Σ s_i (-log p_i) + ‖W‖² / 2 over weights W and intercepts, which are not
 * penalised: scikit-learn's LogisticRegression (penalty l2). Of two classes one logit
 * is learnt, the other is 0; of more, one for each. Newton's method, each step solved
 * by conjugate gradients on products with the Hessian (which is never made), with a
 * line search: the problem is convex, so that the optimum does not depend on the way
 * there. All in double on one thread, in a fixed order of sums. */
#include <float.h>
#include <math.h>
#include <string.h>

#include "train/document.h"
#include "train/trainers/learner.h"
#include "train/solve.h"

enum { STEPS_MAX = 200, HALVINGS_MAX = 60 };

/* The gradient's length at which a step has nothing left to do, absolute and as a share
 * of the terms it is a sum of, below which it is rounding. */
#define GRADIENT_LEAST 1e-9
#define GRADIENT_ROUNDING 1e-14
/* The share of the descent that the slope promises which a step must keep. */
#define DESCENT_LEAST 1e-4
/* Logit of a class that no row shows, below that of the others: a probability that is
 * 0 for every purpose but a logarithm. */
#define LOGIT_ABSENT (-40.0)

/* One fit. Parameters are [logits, columns], the last column the intercept. */
typedef struct descent {
    int64_t rows, columns, logits, count; /* count = logits × columns */
    int anchored; /* 1: of two classes, whose first has the logit 0 */
    double c;
    double *x;     /* [rows, columns], the last of ones */
    const int *at; /* [rows] the logit of the row's class; -1: the anchored one */
    double *s;     /* [rows] weights × C */
    double *p;     /* [rows, logits] probabilities */
    double *theta, *trial, *gradient, *step;                 /* [count] */
    double *residual, *direction, *product, *scale, *solved; /* of the inner solver */
    double terms; /* the gradient is a sum of terms of about this size */
} descent;

static mien_status descent_init(descent *d) {
    size_t n = (size_t)d->count;
    double **const vectors[] = {&d->theta, &d->trial, &d->gradient, &d->step,
        &d->residual, &d->direction, &d->product, &d->scale, &d->solved};
    mien_status status = MIEN_OK;
    for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++) {
        *vectors[i] = mien_alloc(n, sizeof(double));
        status = *vectors[i] ? status : MIEN_ENOMEM;
    }
    d->x = mien_alloc((size_t)(d->rows * d->columns), sizeof(double));
    d->p = mien_alloc((size_t)(d->rows * d->logits), sizeof(double));
    d->s = mien_alloc((size_t)d->rows, sizeof(double));
    return d->x && d->p && d->s ? status : MIEN_ENOMEM;
}

static void descent_clear(descent *d) {
    double *const vectors[] = {d->theta, d->trial, d->gradient, d->step, d->residual,
        d->direction, d->product, d->scale, d->solved, d->x, d->p, d->s};
    for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++) {
        mien_free(vectors[i]);
    }
}

static void load_rows(descent *d, const mien_lesson *l) {
    for (int64_t i = 0; i < d->rows; i++) {
        double *x = d->x + i * d->columns, size = 0;
        for (int64_t f = 0; f < l->width; f++) {
            x[f] = (double)l->x[i * l->width + f];
            size += fabs(x[f]);
        }
        x[l->width] = 1;
        d->s[i] = d->c * l->weight[i];
        d->terms += d->s[i] * (size + 1);
    }
}

/* Loss at theta, and the probabilities there. */
static double loss_at(descent *d, const double *theta) {
    double loss = 0, penalty = 0;
    for (int64_t i = 0; i < d->rows; i++) {
        const double *x = d->x + i * d->columns;
        double *p = d->p + i * d->logits, top = d->anchored ? 0 : -DBL_MAX, sum = 0;
        for (int64_t k = 0; k < d->logits; k++) {
            p[k] = mien_dot(x, theta + k * d->columns, d->columns);
            top = p[k] > top ? p[k] : top;
        }
        double own = d->at[i] >= 0 ? p[d->at[i]] : 0;
        for (int64_t k = 0; k < d->logits; k++) {
            p[k] = exp(p[k] - top);
            sum += p[k];
        }
        sum += d->anchored ? exp(-top) : 0;
        for (int64_t k = 0; k < d->logits; k++) {
            p[k] /= sum;
        }
        loss += d->s[i] * (top + log(sum) - own);
    }
    for (int64_t k = 0; k < d->logits; k++) {
        const double *w = theta + k * d->columns;
        penalty += mien_dot(w, w, d->columns - 1);
    }
    return loss + penalty / 2;
}

/* y += a x */
static void add(double *restrict y, double a, const double *restrict x, int64_t n) {
    for (int64_t i = 0; i < n; i++) {
        y[i] += a * x[i];
    }
}

/* The penalty's share of a gradient or product: weights, not intercepts. */
static void begin_with_weights(const descent *d, const double *from, double *to) {
    memcpy(to, from, (size_t)d->count * sizeof *to);
    for (int64_t k = 0; k < d->logits; k++) {
        to[(k + 1) * d->columns - 1] = 0;
    }
}

/* At the probabilities that loss_at() left; scale becomes the Hessian's diagonal. */
static void find_gradient(descent *d) {
    begin_with_weights(d, d->theta, d->gradient);
    for (int64_t j = 0; j < d->count; j++) {
        d->scale[j] = j % d->columns < d->columns - 1;
    }
    for (int64_t i = 0; i < d->rows; i++) {
        const double *x = d->x + i * d->columns, *p = d->p + i * d->logits;
        for (int64_t k = 0; k < d->logits; k++) {
            double *g = d->gradient + k * d->columns, *h = d->scale + k * d->columns;
            double curve = d->s[i] * p[k] * (1 - p[k]);
            add(g, d->s[i] * (p[k] - (d->at[i] == k)), x, d->columns);
            for (int64_t j = 0; j < d->columns; j++) {
                h[j] += curve * x[j] * x[j];
            }
        }
    }
    for (int64_t j = 0; j < d->count; j++) {
        d->scale[j] = d->scale[j] > DBL_MIN ? 1 / d->scale[j] : 1;
    }
}

/* product = Hessian × v */
static void multiply(descent *d, const double *v) {
    double *u = d->trial; /* free while a step is solved */
    begin_with_weights(d, v, d->product);
    for (int64_t i = 0; i < d->rows; i++) {
        const double *x = d->x + i * d->columns, *p = d->p + i * d->logits;
        double mean = 0;
        for (int64_t k = 0; k < d->logits; k++) {
            u[k] = mien_dot(x, v + k * d->columns, d->columns);
            mean += p[k] * u[k];
        }
        for (int64_t k = 0; k < d->logits; k++) {
            add(d->product + k * d->columns, d->s[i] * p[k] * (u[k] - mean), x,
                d->columns);
        }
    }
}

/* step = -Hessian⁻¹ gradient, as closely as it pays this far from the optimum. */
static void solve_step(descent *d, double length) {
    int64_t n = d->count;
    double tolerance = length * (length < 1e-2 ? length : 1e-2);
    tolerance = tolerance > GRADIENT_LEAST / 10 ? tolerance : GRADIENT_LEAST / 10;
    memset(d->step, 0, (size_t)n * sizeof *d->step);
    double slope = 0;
    for (int64_t j = 0; j < n; j++) {
        d->residual[j] = -d->gradient[j];
        d->solved[j] = d->scale[j] * d->residual[j];
        d->direction[j] = d->solved[j];
        slope += d->residual[j] * d->solved[j];
    }
    for (int64_t i = 0; i < 10 * n && slope > 0; i++) {
        multiply(d, d->direction);
        double curve = mien_dot(d->direction, d->product, n);
        if (!(curve > 0)) {
            break;
        }
        add(d->step, slope / curve, d->direction, n);
        add(d->residual, -slope / curve, d->product, n);
        if (sqrt(mien_dot(d->residual, d->residual, n)) <= tolerance) {
            break;
        }
        double before = slope;
        slope = 0;
        for (int64_t j = 0; j < n; j++) {
            d->solved[j] = d->scale[j] * d->residual[j];
            slope += d->residual[j] * d->solved[j];
        }
        for (int64_t j = 0; j < n; j++) {
            d->direction[j] = d->solved[j] + slope / before * d->direction[j];
        }
    }
}

/* Goes as far along the step as the loss falls. False: rounding alone is left. */
static bool go_along(descent *d, double *loss) {
    double slope = mien_dot(d->gradient, d->step, d->count), length = 1;
    double rounding = 1e-13 * (1 + fabs(*loss));
    for (int i = 0; i < HALVINGS_MAX; i++, length /= 2) {
        memcpy(d->trial, d->theta, (size_t)d->count * sizeof *d->trial);
        add(d->trial, length, d->step, d->count);
        double next = loss_at(d, d->trial);
        if (next <= *loss + DESCENT_LEAST * length * slope + rounding) {
            memcpy(d->theta, d->trial, (size_t)d->count * sizeof *d->theta);
            *loss = next;
            return true;
        }
    }
    *loss = loss_at(d, d->theta);
    return false;
}

static mien_status descend(descent *d) {
    double loss = loss_at(d, d->theta);
    double least = GRADIENT_LEAST + GRADIENT_ROUNDING * d->terms;
    bool moves = true;
    for (int i = 0; moves && i < STEPS_MAX; i++) {
        if (mien_interrupted()) {
            return mien_fail(MIEN_EINTERRUPTED, "interrupted");
        }
        find_gradient(d);
        double length = sqrt(mien_dot(d->gradient, d->gradient, d->count));
        if (!isfinite(length)) {
            return mien_fail(MIEN_ENUMBER, "logistic regression: the loss is not "
                                           "finite: standardise the features");
        }
        moves = length > least;
        if (moves) {
            solve_step(d, length);
            moves = go_along(d, &loss);
        }
    }
    return MIEN_OK;
}

/* Finds the logit of each class; -1: it has none of its own, for no row shows it or
 * it is anchored. Returns how many classes rows show. */
static int number_classes(const mien_lesson *l, int *logit) {
    int shown = 0;
    for (int k = 0; k < l->classes; k++) {
        logit[k] = -1;
    }
    for (int64_t i = 0; i < l->rows; i++) {
        logit[l->label[i]] = 0;
    }
    for (int k = 0; k < l->classes; k++) {
        shown += logit[k] == 0;
    }
    int next = shown == 2 ? -1 : 0;
    for (int k = 0; k < l->classes; k++) {
        logit[k] = logit[k] == 0 ? next++ : -2;
    }
    return shown;
}

static void keep(const descent *d, const int *logit, int classes, mien_learned *out) {
    double mean = 0;
    for (int64_t k = 0; !d->anchored && k < d->logits; k++) {
        mean += d->theta[(k + 1) * d->columns - 1] / (double)d->logits;
    }
    for (int k = 0; k < classes; k++) {
        out->bias[k] = logit[k] == -2 ? LOGIT_ABSENT : 0;
        if (logit[k] >= 0) {
            const double *w = d->theta + logit[k] * d->columns;
            memcpy(out->weight + k * out->width, w, (size_t)out->width * sizeof *w);
            out->bias[k] = w[out->width] - mean;
        }
    }
}

static mien_status fit_logits(
    const mien_lesson *l, double c, const int *logit, int shown, mien_learned *out) {
    descent d = {.rows = l->rows,
        .columns = l->width + 1,
        .logits = shown == 2 ? 1 : shown,
        .anchored = shown == 2,
        .c = c};
    int *at = mien_alloc((size_t)l->rows, sizeof *at);
    d.count = d.logits * d.columns;
    d.at = at;
    mien_status status = at ? descent_init(&d) : MIEN_ENOMEM;
    for (int64_t i = 0; status == MIEN_OK && i < l->rows; i++) {
        at[i] = logit[l->label[i]];
    }
    if (status == MIEN_OK) {
        load_rows(&d, l);
        status = descend(&d);
    }
    if (status == MIEN_OK) {
        keep(&d, logit, l->classes, out);
    }
    descent_clear(&d);
    mien_free(at);
    return status;
}

static mien_status fit(const mien_lesson *lesson, const mien_study *study,
    int candidate, mien_learned *learned) {
    int logit[MIEN_CLASSES_MAX], shown = number_classes(lesson, logit);
    if (shown < 2) {
        return mien_fail(MIEN_EFORMAT,
            "logistic regression tells classes apart, and all %lld rows that it learns "
            "from are of one",
            (long long)lesson->rows);
    }
    mien_status status = mien_learned_init(learned, lesson->width, lesson->classes);
    return status == MIEN_OK
               ? fit_logits(lesson, study->heads.c[candidate], logit, shown, learned)
               : status;
}

static bool suits(const mien_study *study, int candidate, bool classes) {
    (void)study;
    (void)candidate;
    return classes;
}

static int candidates(const mien_study *study) {
    return study->heads.c_count;
}

static void tell(
    const mien_study *study, int candidate, mien_value *map, mien_status *status) {
    mien_document_put(
        map, "c", mien_value_new_number(study->heads.c[candidate]), status);
}

const mien_learner mien_learner_logistic = {
    .head = "logistic",
    .stand_in = "logistic",
    .scales = true,
    .suits = suits,
    .candidates = candidates,
    .fit = fit,
    .tell = tell,
};
