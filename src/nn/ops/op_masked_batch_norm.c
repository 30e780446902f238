/* SPDX-License-Identifier: MIT */
/* Batch normalisation that counts only what a mask leaves: rows (or steps) that are
 * missing, or only fill a plan's batch, take no part in the batch's statistics, which
 * the others are normalised by. All are normalised alike; where the mask is 0 the
 * result means nothing. When inferring it is a batch-norm, and folds into the
 * convolution before it. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "nn/ops/batch_norm.h"
#include "base/need.h"
#include "nn/ops/gradient.h"
#include "nn/kernel.h"

static mien_status shape(mien_op_node *node, const mien_op_node *const *inputs) {
    const mien_op_node *x = inputs[0], *mask = inputs[1];
    bool each_row = mask->rank == 1 || (mask->rank == 2 && mask->shape[1] == 1);
    bool good = each_row ? mask->shape[0] == x->shape[0] : mask->rank == x->rank - 1;
    for (int i = 0; good && !each_row && i < mask->rank; i++) {
        good = mask->shape[i] == x->shape[i ? i + 1 : 0];
    }
    return good ? mien_batch_norm_shape(node, inputs)
                : mien_fail(MIEN_ESHAPE,
                      "of [N, C, …] it takes a mask [N], [N, 1], or [N, …] "
                      "without the channels");
}

/* Places of a channel: x[(n channels + c) area + p], mask[n area + p] or mask[n]. */
typedef struct layout {
    int64_t rows, channels, area;
    bool each; /* the mask has a value for each place */
} layout;

static layout layout_of(const int64_t *x, int64_t x_count, int64_t mask_count) {
    layout l = {.rows = x[0], .channels = x[1], .area = x_count / x[0] / x[1]};
    l.each = mask_count == l.rows * l.area && l.area > 1;
    return l;
}

#define FOR_CHANNEL(l, c, at, seen)                                                    \
    for (int64_t n_ = 0; n_ < (l).rows; n_++)                                          \
        for (int64_t p_ = 0, at = (n_ * (l).channels + (c)) * (l).area,                \
                     seen = (l).each ? n_ * (l).area : n_;                             \
             p_ < (l).area; p_++, at++, seen += (l).each)

static void reference_moments(
    const mien_reference *r, layout l, int64_t c, double *mean, double *variance) {
    double sum = 0, squares = 0, count = 0;
    FOR_CHANNEL(l, c, at, seen) {
        sum += r->x[1][seen] != 0 ? r->x[0][at] : 0;
        count += r->x[1][seen] != 0;
    }
    if (count == 0) {
        return; /* the running ones stay */
    }
    *mean = sum / count;
    FOR_CHANNEL(l, c, at, seen) {
        double d = r->x[1][seen] != 0 ? r->x[0][at] - *mean : 0;
        squares += d * d;
    }
    *variance = squares / count;
}

static void reference(const mien_reference *r) {
    const mien_batch_norm_settings *s = r->node->settings;
    layout l = layout_of(r->x_shape[0], r->x_count[0], r->x_count[1]);
    for (int64_t c = 0; c < l.channels; c++) {
        double mean = (double)r->parameters[2][c];
        double variance = (double)r->parameters[3][c];
        if (r->mode == MIEN_TRAIN) {
            reference_moments(r, l, c, &mean, &variance);
        }
        double scale = (double)r->parameters[0][c] / sqrt(variance + s->epsilon);
        FOR_CHANNEL(l, c, at, seen) {
            r->y[at] = (r->x[0][at] - mean) * scale + (double)r->parameters[1][c];
        }
    }
}

/* ---- forward -------------------------------------------------------------------- */

static layout layout_here(const mien_kernel_call *k) {
    return layout_of(k->x_shape[0], k->x_count[0], k->x_count[1]);
}

/* The moments of a channel: how many places count, their mean and (biased) variance. */
typedef struct moments {
    double count, mean, variance;
} moments;

static moments moments_of(const mien_kernel_call *k, layout l, int64_t c) {
    moments m = {0};
    double squares = 0;
    FOR_CHANNEL(l, c, at, seen) {
        m.mean += k->x[1][seen] != 0 ? (double)k->x[0][at] : 0;
        m.count += k->x[1][seen] != 0;
    }
    if (m.count == 0) {
        m.mean = (double)k->parameters[2][c];
        m.variance = (double)k->parameters[3][c];
        return m;
    }
    m.mean /= m.count;
    FOR_CHANNEL(l, c, at, seen) {
        double d = k->x[1][seen] != 0 ? (double)k->x[0][at] - m.mean : 0;
        squares += d * d;
    }
    m.variance = squares / m.count;
    return m;
}

static void normalise(
    const mien_kernel_call *k, layout l, int64_t c, const moments *m) {
    const mien_batch_norm_settings *s = k->node->settings;
    float scale = (float)((double)k->parameters[0][c] / sqrt(m->variance + s->epsilon));
    float mean = (float)m->mean, shift = k->parameters[1][c];
    FOR_CHANNEL(l, c, at, seen) {
        k->y[at] = (k->x[0][at] - mean) * scale + shift;
    }
}

/* running ← (1 − momentum) running + momentum (the batch's; unbiased variance), unless
 * nothing counts. */
static void follow(const mien_kernel_call *k, int64_t c, const moments *m) {
    const mien_batch_norm_settings *s = k->node->settings;
    float *mean = k->statistics[2] + c, *variance = k->statistics[3] + c;
    double unbiased = m->count > 1 ? m->count / (m->count - 1) : 1;
    if (m->count > 0) {
        *mean = (float)((1 - s->momentum) * (double)*mean + s->momentum * m->mean);
        *variance = (float)((1 - s->momentum) * (double)*variance +
                            s->momentum * unbiased * m->variance);
    }
}

/* Kept: the mean, 1 / deviation and number of places of each channel. */
static int64_t kept(const mien_kernel_call *k) {
    return 3 * k->y_shape[1];
}

static void channels_by_batch(const void *context, int64_t first, int64_t last) {
    const mien_kernel_call *k = context;
    const mien_batch_norm_settings *s = k->node->settings;
    layout l = layout_here(k);
    for (int64_t c = first; c < last; c++) {
        moments m = moments_of(k, l, c);
        normalise(k, l, c, &m);
        follow(k, c, &m);
        if (k->kept) {
            k->kept[3 * c] = (float)m.mean;
            k->kept[3 * c + 1] = (float)(1 / sqrt(m.variance + s->epsilon));
            k->kept[3 * c + 2] = (float)m.count;
        }
    }
}

static void channels_by_running(const void *context, int64_t first, int64_t last) {
    const mien_kernel_call *k = context;
    const mien_batch_norm_settings *s = k->node->settings;
    layout l = layout_here(k);
    for (int64_t c = first; c < last; c++) {
        moments m = {0, (double)k->parameters[2][c], (double)k->parameters[3][c]};
        normalise(k, l, c, &m);
        if (k->kept) {
            k->kept[3 * c] = (float)m.mean;
            k->kept[3 * c + 1] = (float)(1 / sqrt(m.variance + s->epsilon));
            k->kept[3 * c + 2] = 0;
        }
    }
}

static void forward_by_batch(const mien_kernel_call *k) {
    mien_in_parts(
        mien_kernel_threads(k, 4 * k->y_count), k->y_shape[1], channels_by_batch, k);
}

static void forward_by_running(const mien_kernel_call *k) {
    mien_in_parts(
        mien_kernel_threads(k, k->y_count), k->y_shape[1], channels_by_running, k);
}

/* ---- gradients ------------------------------------------------------------------ */

/* dx = w/σ (dy − seen/count (Σ dy + x̂ Σ dy x̂)): every place leans on the statistics,
 * only those that count made them. A count of 0: nothing here did. */
static void channels_back(const void *context, int64_t first, int64_t last) {
    const mien_kernel_call *k = context;
    layout l = layout_here(k);
    for (int64_t c = first; c < last; c++) {
        float mean = k->kept[3 * c], inverse = k->kept[3 * c + 1];
        double sum = 0, along = 0;
        FOR_CHANNEL(l, c, at, seen) {
            sum += (double)k->dy[at];
            along += (double)k->dy[at] * (double)((k->x[0][at] - mean) * inverse);
        }
        if (k->gradients[0]) {
            k->gradients[0][c] = (float)along;
        }
        if (k->gradients[1]) {
            k->gradients[1][c] = (float)sum;
        }
        if (!k->dx[0]) {
            continue;
        }
        double share = k->kept[3 * c + 2] > 0 ? 1 / (double)k->kept[3 * c + 2] : 0;
        float scale = k->parameters[0][c] * inverse, base = (float)(sum * share),
              slope = (float)(along * share);
        FOR_CHANNEL(l, c, at, seen) {
            float part = base + (k->x[0][at] - mean) * inverse * slope;
            k->dx[0][at] = scale * (k->dy[at] - (k->x[1][seen] != 0 ? part : 0));
        }
    }
}

static void backward(const mien_kernel_call *k) {
    if (k->dx[1]) {
        memset(k->dx[1], 0, (size_t)k->x_count[1] * sizeof *k->dx[1]);
    }
    mien_in_parts(
        mien_kernel_threads(k, 4 * k->y_count), k->y_shape[1], channels_back, k);
}

static const mien_kernel by_batch = {
    .forward = forward_by_batch, .backward = backward, .kept = kept};
static const mien_kernel by_running = {
    .forward = forward_by_running, .backward = backward, .kept = kept};

static const mien_kernel *kernel_of(const mien_builder *b, const mien_group *group) {
    return mien_batch_norm_learns(b, mien_builder_node(b, group->main)) ? &by_batch
                                                                        : &by_running;
}

static mien_status prepare(mien_builder *b, const mien_group *group) {
    return mien_kernel_prepare(b, group, kernel_of(b, group));
}

static mien_status prepare_backward(mien_builder *b, const mien_group *group) {
    return mien_kernel_backward(b, group, kernel_of(b, group));
}

const mien_op mien_op_masked_batch_norm = {
    .name = "masked_batch_norm",
    .summary = "Batch normalisation by what a mask leaves",
    .options = mien_batch_norm_options,
    .inputs_min = 2,
    .inputs_max = 2,
    .parts = MIEN_PART_SCALE | MIEN_PART_NEEDS_X,
    .settings_size = sizeof(mien_batch_norm_settings),
    .parse = mien_batch_norm_parse,
    .shape = shape,
    .prepare = prepare,
    .backward = prepare_backward,
    .reference = reference,
};

mien_status mien_masked_batch_norm(mien_graph *graph, const char *name, mien_node x,
    mien_node mask, double epsilon, double momentum, mien_node *y) {
    MIEN_NEED(graph, name, y);
    char text[96], e[32], m[32];
    mien_node inputs[2] = {x, mask};
    snprintf(text, sizeof text, "epsilon=%s momentum=%s",
        mien_format_double(epsilon, e), mien_format_double(momentum, m));
    return mien_graph_add(graph, "masked_batch_norm", name, inputs, 2, text, y);
}
