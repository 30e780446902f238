/* SPDX-License-Identifier: MIT */
/* Layer normalisation over the last dimensions, in two forms that differ in what they
 * divide by. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "nn/kernel.h"
#include "base/need.h"
#include "nn/kernels/narrow.h"
#include "nn/kernels/tokens.h"

typedef struct layer_norm {
    double epsilon;
    int dims;
    bool outside; /* unbiased deviation, epsilon added to it */
} layer_norm;

static const char *const forms[] = {"root", "deviation", NULL};
static const mien_option options[] = {
    {.name = "epsilon",
        .type = MIEN_OPTION_NUMBER,
        .initial = "1e-5",
        .minimum = 0,
        .maximum = 1,
        .help = "keeps the divisor from 0"},
    {.name = "dims",
        .type = MIEN_OPTION_INT,
        .initial = "1",
        .minimum = 1,
        .maximum = MIEN_RANK_MAX - 1,
        .help = "how many last dimensions are normalised together"},
    {.name = "form",
        .type = MIEN_OPTION_CHOICE,
        .initial = "root",
        .choices = forms,
        .help =
            "root: divides by sqrt(variance + epsilon), parameters weight and bias, "
            "as PyTorch; deviation: by the unbiased standard deviation + epsilon, "
            "parameters a_2 and b_2, as the Annotated Transformer"},
    {0},
};

static mien_status parse(const mien_options *given, void *settings) {
    layer_norm *s = settings;
    s->epsilon = mien_options_number(given, "epsilon");
    s->dims = (int)mien_options_int(given, "dims");
    s->outside = !strcmp(mien_options_text(given, "form"), "deviation");
    return MIEN_OK;
}

static mien_status shape(mien_op_node *node, const mien_op_node *const *inputs) {
    const layer_norm *s = node->settings;
    const mien_op_node *x = inputs[0];
    if (x->rank <= s->dims) {
        return mien_fail(
            MIEN_ESHAPE, "%d last dimensions cannot be normalised", s->dims);
    }
    const int64_t *last = &x->shape[x->rank - s->dims];
    if (s->outside && mien_shape_count(s->dims, last) < 2) {
        return mien_fail(MIEN_ESHAPE, "one value has no unbiased deviation");
    }
    mien_op_node_own(
        node, s->outside ? "a_2" : "weight", true, MIEN_INITIAL_ONE, 0, s->dims, last);
    mien_op_node_own(
        node, s->outside ? "b_2" : "bias", true, MIEN_INITIAL_ZERO, 0, s->dims, last);
    return mien_op_same_shape(node, inputs);
}

/* The factor of (x − mean), from the sum of squares of count differences. */
static double scale_of(const layer_norm *s, double squares, int64_t count) {
    return s->outside ? 1 / (sqrt(squares / (double)(count - 1)) + s->epsilon)
                      : 1 / sqrt(squares / (double)count + s->epsilon);
}

static void reference(const mien_reference *r) {
    const layer_norm *s = r->node->settings;
    const mien_op_parameter *weight = &r->node->parameters[0];
    int64_t n = mien_shape_count(weight->rank, weight->shape);
    for (int64_t row = 0; row < r->y_count / n; row++) {
        const double *x = r->x[0] + row * n;
        double mean = 0, squares = 0;
        for (int64_t i = 0; i < n; i++) {
            mean += x[i] / (double)n;
        }
        for (int64_t i = 0; i < n; i++) {
            squares += (x[i] - mean) * (x[i] - mean);
        }
        for (int64_t i = 0; i < n; i++) {
            r->y[row * n + i] =
                (x[i] - mean) * scale_of(s, squares, n) * (double)r->parameters[0][i] +
                (double)r->parameters[1][i];
        }
    }
}

/* ---- plan ---------------------------------------------------------------------------
 */

static int64_t width_of(const mien_kernel_call *c) {
    const mien_op_parameter *weight = &c->node->parameters[0];
    return mien_shape_count(weight->rank, weight->shape);
}

/* Mean and scale of each row; narrow rows in whole vectors. */
static int64_t kept(const mien_kernel_call *c) {
    int64_t rows = c->y_count / width_of(c), lanes = MIEN_NARROW_LANES;
    return 2 * ((rows + lanes - 1) / lanes * lanes);
}

/* Many rows of few values, more of them at once; on one thread, for that is enough. */
static bool is_narrow(const mien_kernel_call *c) {
    return width_of(c) <= MIEN_NARROW_NORM && mien_kernel_threads(c, c->y_count) == 1;
}

static mien_narrow_norm narrow_of(const mien_kernel_call *c) {
    const layer_norm *s = c->node->settings;
    int64_t n = width_of(c);
    return (mien_narrow_norm){.rows = c->y_count / n,
        .width = n,
        .x = c->x[0],
        .weight = c->parameters[0],
        .bias = c->parameters[1],
        .kept = c->kept,
        .outside = s->outside,
        .epsilon = (float)s->epsilon,
        .y = c->y,
        .dy = c->dy,
        .dx = c->dx[0],
        .dweight = c->gradients[0],
        .dbias = c->gradients[1]};
}

static void infer_rows(const void *context, int64_t first, int64_t last) {
    mien_tokens_norm part = *(const mien_tokens_norm *)context;
    part.x += first * part.width;
    part.y += first * part.width;
    part.rows = last - first;
    mien_tokens_best()->norm(&part);
}

/* Where nothing is kept for the way back. */
static void infer(const mien_kernel_call *c, int64_t n, int64_t rows) {
    const layer_norm *s = c->node->settings;
    const mien_tokens_norm whole = {.rows = rows,
        .width = n,
        .epsilon = (float)s->epsilon,
        .x = c->x[0],
        .weight = c->parameters[0],
        .bias = c->parameters[1],
        .y = c->y};
    mien_in_parts(mien_kernel_threads(c, c->y_count), rows, infer_rows, &whole);
}

static void forward(const mien_kernel_call *c) {
    const layer_norm *s = c->node->settings;
    int64_t n = width_of(c), rows = c->y_count / n;
    if (is_narrow(c)) {
        mien_narrow_norm work = narrow_of(c);
        mien_narrow_best()->norm_forward(&work);
        return;
    }
    if (!c->kept && !s->outside && mien_tokens_best()) {
        infer(c, n, rows);
        return;
    }
    const float *weight = c->parameters[0], *bias = c->parameters[1];
#pragma omp parallel for num_threads(mien_kernel_threads(c, 4 * c->y_count))
    for (int64_t row = 0; row < rows; row++) {
        const float *x = c->x[0] + row * n;
        float *y = c->y + row * n;
        double sum = 0, squares = 0;
        for (int64_t i = 0; i < n; i++) {
            sum += (double)x[i];
        }
        float mean = (float)(sum / (double)n);
        for (int64_t i = 0; i < n; i++) {
            double d = (double)(x[i] - mean);
            squares += d * d;
        }
        float scale = (float)scale_of(s, squares, n);
        for (int64_t i = 0; i < n; i++) {
            y[i] = (x[i] - mean) * scale * weight[i] + bias[i];
        }
        if (c->kept) {
            c->kept[2 * row] = mean;
            c->kept[2 * row + 1] = scale;
        }
    }
}

/* With g = dy weight and z = x − mean: dx = scale (g − mean of g − z Σ g z f), where f
 * comes from how the scale hangs on Σ z²: −d log scale / d Σ z² times 2. */
static double factor_of(const layer_norm *s, double scale, int64_t n) {
    if (!s->outside) {
        return scale * scale / (double)n;
    }
    double deviation = 1 / scale - s->epsilon;
    return deviation > 0 ? scale / (deviation * (double)(n - 1)) : 0;
}

static void backward_input(const mien_kernel_call *c, int64_t n, int64_t rows) {
    const layer_norm *s = c->node->settings;
    const float *weight = c->parameters[0];
#pragma omp parallel for num_threads(mien_kernel_threads(c, 6 * c->y_count))
    for (int64_t row = 0; row < rows; row++) {
        const float *x = c->x[0] + row * n, *dy = c->dy + row * n;
        float *dx = c->dx[0] + row * n;
        float mean = c->kept[2 * row], scale = c->kept[2 * row + 1];
        double sum = 0, along = 0;
        for (int64_t i = 0; i < n; i++) {
            double g = (double)(dy[i] * weight[i]);
            sum += g;
            along += g * (double)(x[i] - mean);
        }
        float shift = (float)(sum / (double)n);
        float slope = (float)(along * factor_of(s, (double)scale, n));
        for (int64_t i = 0; i < n; i++) {
            dx[i] = scale * (dy[i] * weight[i] - shift - (x[i] - mean) * slope);
        }
    }
}

/* By blocks of columns: each sum runs in the order of rows, whatever the threads. */
static void backward_parameters(const mien_kernel_call *c, int64_t n, int64_t rows) {
    float *weight = c->gradients[0], *bias = c->gradients[1];
#pragma omp parallel for num_threads(mien_kernel_threads(c, 2 * c->y_count))
    for (int64_t first = 0; first < n; first += 32) {
        int64_t count = n - first < 32 ? n - first : 32;
        double scales[32] = {0}, shifts[32] = {0};
        for (int64_t row = 0; row < rows; row++) {
            const float *x = c->x[0] + row * n + first, *dy = c->dy + row * n + first;
            float mean = c->kept[2 * row], scale = c->kept[2 * row + 1];
            for (int64_t i = 0; i < count; i++) {
                scales[i] += (double)(dy[i] * (x[i] - mean) * scale);
                shifts[i] += (double)dy[i];
            }
        }
        for (int64_t i = 0; i < count; i++) {
            if (weight) {
                weight[first + i] = (float)scales[i];
            }
            if (bias) {
                bias[first + i] = (float)shifts[i];
            }
        }
    }
}

static void backward(const mien_kernel_call *c) {
    int64_t n = width_of(c), rows = c->y_count / n;
    if (is_narrow(c)) {
        mien_narrow_norm work = narrow_of(c);
        mien_narrow_best()->norm_backward(&work);
        return;
    }
    if (c->gradients[0] || c->gradients[1]) {
        backward_parameters(c, n, rows);
    }
    if (c->dx[0]) {
        backward_input(c, n, rows);
    }
}

static const mien_kernel kernel = {
    .forward = forward, .backward = backward, .kept = kept};

static mien_status prepare(mien_builder *b, const mien_group *group) {
    return mien_kernel_prepare(b, group, &kernel);
}

static mien_status prepare_backward(mien_builder *b, const mien_group *group) {
    return mien_kernel_backward(b, group, &kernel);
}

const mien_op mien_op_layer_norm = {
    .name = "layer_norm",
    .summary = "Layer normalisation",
    .options = options,
    .inputs_min = 1,
    .inputs_max = 1,
    .parts = MIEN_PART_NEEDS_X,
    .settings_size = sizeof(layer_norm),
    .parse = parse,
    .shape = shape,
    .prepare = prepare,
    .backward = prepare_backward,
    .reference = reference,
};

mien_status mien_layer_norm(mien_graph *graph, const char *name, mien_node x,
    double epsilon, mien_layer_norm_form form, mien_node *y) {
    MIEN_NEED(graph, name, y);
    char text[96], e[32];
    snprintf(text, sizeof text, "epsilon=%s form=%s", mien_format_double(epsilon, e),
        forms[form == MIEN_LAYER_NORM_DEVIATION]);
    return mien_graph_add(graph, "layer_norm", name, &x, 1, text, y);
}
