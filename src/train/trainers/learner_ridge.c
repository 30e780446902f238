/* SPDX-License-Identifier: MIT */
/* Ridge regression on rows of values, of one input or of several side by side. Of
 * classes each is a number of its own, 1 where a row is of it and -1 elsewhere (a
 * linear classifier by least squares); the largest wins, and z taken as logits says to
 * first order what p = (1 + z) / 2 says of two classes.
 *
 * It minimises Σ s_i (y_i - b - w·x_i)² + λ n ‖w‖², after each input's columns are
 * scaled so that inputs have the same say, whatever their number of columns: the sum of
 * variances of each is 1 / inputs. That is kernel ridge on the mean of one linear
 * kernel an input, each of mean diagonal 1, so that λ means what readout.lambda means.
 * Solved by whichever system is smaller, that of columns or that of rows. */
#include <math.h>
#include <string.h>

#include "train/document.h"
#include "train/trainers/learner.h"
#include "train/solve.h"

typedef struct solving {
    const mien_lesson *l;
    double lambda, total; /* total: of the rows' weights */
    double *mean, *scale; /* [width] */
    double *value;        /* [rows] the target */
    double centre;        /* its weighted mean */
    double *x;            /* [rows, width] centred, scaled, times √weight */
    double *y;            /* [rows] likewise */
} solving;

static void centre_columns(solving *s) {
    const mien_lesson *l = s->l;
    for (int64_t i = 0; i < l->rows; i++) {
        s->total += l->weight[i];
        for (int64_t f = 0; f < l->width; f++) {
            s->mean[f] += l->weight[i] * (double)l->x[i * l->width + f];
        }
    }
    for (int64_t f = 0; f < l->width; f++) {
        s->mean[f] /= s->total;
    }
}

/* One scale for all columns of an input. */
static void scale_blocks(solving *s) {
    const mien_lesson *l = s->l;
    for (int64_t b = 0, first = 0; b < l->blocks; first += l->block[b++]) {
        double sum = 0;
        for (int64_t i = 0; i < l->rows; i++) {
            for (int64_t f = first; f < first + l->block[b]; f++) {
                double d = (double)l->x[i * l->width + f] - s->mean[f];
                sum += l->weight[i] * d * d;
            }
        }
        double scale = sum > 0 ? sqrt(s->total / sum / (double)l->blocks) : 0;
        for (int64_t f = first; f < first + l->block[b]; f++) {
            s->scale[f] = scale;
        }
    }
    for (int64_t i = 0; i < l->rows; i++) {
        double root = sqrt(l->weight[i]);
        for (int64_t f = 0; f < l->width; f++) {
            double d = (double)l->x[i * l->width + f] - s->mean[f];
            s->x[i * l->width + f] = root * s->scale[f] * d;
        }
    }
}

/* The target, or one class of it. */
static void take_target(solving *s, int class) {
    const mien_lesson *l = s->l;
    s->centre = 0;
    for (int64_t i = 0; i < l->rows; i++) {
        s->value[i] = !l->classes ? l->value[i] : l->label[i] == class ? 1 : -1;
        s->centre += l->weight[i] * s->value[i];
    }
    s->centre /= s->total;
    for (int64_t i = 0; i < l->rows; i++) {
        s->y[i] = sqrt(l->weight[i]) * (s->value[i] - s->centre);
    }
}

/* (XᵀX + λ n) w = Xᵀ y */
static mien_status solve_columns(const solving *s, double *a, double *w) {
    const mien_lesson *l = s->l;
    int64_t n = l->width;
    for (int64_t i = 0; i < l->rows; i++) {
        const double *x = s->x + i * n;
        for (int64_t f = 0; f < n; f++) {
            w[f] += s->y[i] * x[f];
            for (int64_t g = 0; g <= f; g++) {
                a[f * n + g] += x[f] * x[g];
            }
        }
    }
    for (int64_t f = 0; f < n; f++) {
        a[f * n + f] += s->lambda * s->total;
        for (int64_t g = 0; g < f; g++) {
            a[g * n + f] = a[f * n + g];
        }
    }
    return mien_solve_linear(n, a, 1, w);
}

/* w = Xᵀ (XXᵀ + λ n)⁻¹ y */
static mien_status solve_rows(const solving *s, double *a, double *w) {
    const mien_lesson *l = s->l;
    int64_t n = l->rows;
    double *b = mien_alloc((size_t)n, sizeof *b);
    if (!b) {
        return MIEN_ENOMEM;
    }
    for (int64_t i = 0; i < n; i++) {
        b[i] = s->y[i];
        for (int64_t k = 0; k <= i; k++) {
            a[i * n + k] = a[k * n + i] =
                mien_dot(s->x + i * l->width, s->x + k * l->width, l->width);
        }
        a[i * n + i] += s->lambda * s->total;
    }
    mien_status status = mien_solve_linear(n, a, 1, b);
    for (int64_t i = 0; status == MIEN_OK && i < n; i++) {
        for (int64_t f = 0; f < l->width; f++) {
            w[f] += b[i] * s->x[i * l->width + f];
        }
    }
    mien_free(b);
    return status;
}

static mien_status solve(solving *s, int output, mien_learned *out) {
    const mien_lesson *l = s->l;
    int64_t least = l->width < l->rows ? l->width : l->rows;
    double *a = mien_alloc((size_t)(least * least), sizeof *a);
    if (!a) {
        return MIEN_ENOMEM;
    }
    double *w = out->weight + output * l->width;
    mien_status status =
        l->width <= l->rows ? solve_columns(s, a, w) : solve_rows(s, a, w);
    out->bias[output] = s->centre;
    for (int64_t f = 0; status == MIEN_OK && f < l->width; f++) {
        w[f] *= s->scale[f];
        out->bias[output] -= w[f] * s->mean[f];
    }
    mien_free(a);
    return status;
}

static mien_status fit(const mien_lesson *lesson, const mien_study *study,
    int candidate, mien_learned *learned) {
    size_t width = (size_t)lesson->width, rows = (size_t)lesson->rows;
    solving s = {.l = lesson,
        .lambda = study->lambdas[candidate],
        .mean = mien_alloc(width, sizeof(double)),
        .scale = mien_alloc(width, sizeof(double)),
        .value = mien_alloc(rows, sizeof(double)),
        .x = mien_alloc(width * rows, sizeof(double)),
        .y = mien_alloc(rows, sizeof(double))};
    int outputs = lesson->classes ? lesson->classes : 1;
    mien_status status = mien_learned_init(learned, lesson->width, outputs);
    if (status == MIEN_OK && !(s.mean && s.scale && s.value && s.x && s.y)) {
        status = MIEN_ENOMEM;
    }
    if (status == MIEN_OK) {
        centre_columns(&s);
        scale_blocks(&s);
    }
    for (int k = 0; status == MIEN_OK && k < outputs; k++) {
        take_target(&s, k);
        status = solve(&s, k, learned);
    }
    mien_free(s.mean);
    mien_free(s.scale);
    mien_free(s.value);
    mien_free(s.x);
    mien_free(s.y);
    return status;
}

static int candidates(const mien_study *study) {
    return study->lambdas_count;
}

static void tell(
    const mien_study *study, int candidate, mien_value *map, mien_status *status) {
    mien_document_put(
        map, "lambda", mien_value_new_number(study->lambdas[candidate]), status);
}

const mien_learner mien_learner_ridge = {
    .head = "linear",
    .stand_in = "linear",
    .scales = true,
    .candidates = candidates,
    .fit = fit,
    .tell = tell,
};
