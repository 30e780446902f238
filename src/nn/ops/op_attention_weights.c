/* SPDX-License-Identifier: MIT */
/* How much each query looks at each key: softmax(q kᵀ / sqrt(features a head)), per
 * head, with what a mask hides left out. A dimension between the batch and the queries
 * counts groups: each looks at itself alone. */
#include <math.h>
#include <string.h>

#include "nn/kernels/exponential.h"
#include "nn/kernel.h"
#include "nn/kernels/narrow.h"

typedef struct attention_weights {
    int heads;
    bool causal;
    mien_mask_rule rule;
    bool masked;
    int64_t mask_n, mask_h, mask_t; /* steps in the mask; 0: the same for all */
} attention_weights;

static const char *const no_yes[] = {"no", "yes", NULL};
static const char *const rules[] = {"add", "keep", "hide", NULL};
static const mien_option options[] = {
    {.name = "heads",
        .type = MIEN_OPTION_INT,
        .initial = "1",
        .minimum = 1,
        .maximum = 1 << 16,
        .help = "equal parts of the features, each compared by itself"},
    {.name = "causal",
        .type = MIEN_OPTION_CHOICE,
        .initial = "no",
        .choices = no_yes,
        .help = "query t sees keys 0 to t only"},
    {.name = "mask",
        .type = MIEN_OPTION_CHOICE,
        .initial = "add",
        .choices = rules,
        .help = "what the third input does: add: is added to the scores; keep: keys "
                "where it is not 0 are seen; hide: keys where it is 0 are seen"},
    {0},
};

static mien_status parse(const mien_options *given, void *settings) {
    attention_weights *s = settings;
    const char *rule = mien_options_text(given, "mask");
    s->heads = (int)mien_options_int(given, "heads");
    s->causal = !strcmp(mien_options_text(given, "causal"), "yes");
    s->rule = !strcmp(rule, "add")    ? MIEN_MASK_ADD
              : !strcmp(rule, "keep") ? MIEN_MASK_KEEP
                                      : MIEN_MASK_HIDE;
    return MIEN_OK;
}

/* Whether a mask is one of groups: [N, G, S] of keys. */
static bool group_mask_fits(
    attention_weights *s, const mien_op_node *m, const mien_op_node *y) {
    s->masked = true;
    s->mask_n = y->shape[4];
    return m->rank == 3 && m->shape[0] == y->shape[0] && m->shape[1] == y->shape[1] &&
           m->shape[2] == y->shape[4];
}

/* [T, S] for all; [N, S] of keys; [N, T, S]; [N, heads or 1, T, S]. */
static bool mask_fits(
    attention_weights *s, const mien_op_node *m, const mien_op_node *node) {
    const int64_t *x = m->shape, *y = node->shape;
    if (node->rank > 4) {
        return group_mask_fits(s, m, node);
    }
    if (m->rank < 2 || m->rank > 4 || x[m->rank - 1] != y[3]) {
        return false;
    }
    bool keys = m->rank == 2 && x[0] < 0;
    int64_t heads = m->rank == 4 ? x[1] : 1;
    s->masked = true;
    s->mask_t = keys ? 0 : y[3];
    s->mask_h = heads > 1 ? y[2] * y[3] : 0;
    s->mask_n = keys ? y[3] : m->rank > 2 ? heads * y[2] * y[3] : 0;
    return (keys || x[m->rank - 2] == y[2]) && (heads == 1 || heads == y[1]) &&
           ((m->rank == 2 && !keys) || x[0] == y[0]);
}

static mien_status shape(mien_op_node *node, const mien_op_node *const *inputs) {
    attention_weights *s = node->settings;
    const mien_op_node *q = inputs[0], *k = inputs[1];
    int last = q->rank - 1;
    bool good = (q->rank == 3 || q->rank == 4) && k->rank == q->rank &&
                q->shape[last] == k->shape[last] && q->shape[0] == k->shape[0];
    if (!good || (q->rank == 4 && q->shape[1] != k->shape[1])) {
        return mien_fail(MIEN_ESHAPE,
            "it takes query [N, T, D] and key [N, S, D], or [N, G, T, D] and "
            "[N, G, S, D] of G groups");
    }
    if (q->shape[last] % s->heads) {
        return mien_fail(MIEN_ESHAPE, "%d heads do not divide %lld features", s->heads,
            (long long)q->shape[last]);
    }
    for (int i = 0; i < last - 1; i++) {
        node->shape[node->rank++] = q->shape[i];
    }
    node->shape[node->rank++] = s->heads;
    node->shape[node->rank++] = q->shape[last - 1];
    node->shape[node->rank++] = k->shape[last - 1];
    if (node->inputs_count > 2 && !mask_fits(s, inputs[2], node)) {
        char text[96];
        return mien_fail(MIEN_ESHAPE,
            "a mask %s is none of [T, S], [N, S], [N, T, S], [N, heads or 1, T, S], "
            "or, "
            "of groups, [N, G, S]",
            mien_node_shape_text(inputs[2], text, sizeof text));
    }
    return MIEN_OK;
}

/* Sizes of a run, groups counted as items of the batch. */
typedef struct sizes {
    int64_t length, keys, d; /* queries, keys, features of all heads */
} sizes;

static sizes sizes_of(int rank, const int64_t *y, const int64_t *query) {
    return (sizes){y[rank - 2], y[rank - 1], query[rank - 2]};
}

static bool sees(const attention_weights *s, double mask, int64_t t, int64_t key) {
    return !(s->causal && key > t) &&
           !(s->masked && s->rule == MIEN_MASK_KEEP && mask == 0) &&
           !(s->masked && s->rule == MIEN_MASK_HIDE && mask != 0);
}

static void reference(const mien_reference *r) {
    const attention_weights *s = r->node->settings;
    const sizes z = sizes_of(r->node->rank, r->y_shape, r->x_shape[0]);
    int64_t length = z.length, keys = z.keys, d = z.d, each = d / s->heads;
    for (int64_t row = 0; row < r->y_count / keys; row++) {
        int64_t t = row % length, h = row / length % s->heads;
        int64_t n = row / length / s->heads;
        double *y = r->y + row * keys, most = -INFINITY, sum = 0;
        for (int64_t k = 0; k < keys; k++) {
            const double *a = r->x[0] + (n * length + t) * d + h * each;
            const double *b = r->x[1] + (n * keys + k) * d + h * each;
            double mask =
                s->masked ? r->x[2][n * s->mask_n + h * s->mask_h + t * s->mask_t + k]
                          : 0;
            double score = 0;
            for (int64_t i = 0; i < each; i++) {
                score += a[i] * b[i] / sqrt((double)each);
            }
            y[k] = !sees(s, mask, t, k)       ? -INFINITY
                   : s->rule == MIEN_MASK_ADD ? score + mask
                                              : score;
            most = y[k] > most ? y[k] : most;
        }
        for (int64_t k = 0; k < keys; k++) {
            sum += y[k] = y[k] > -INFINITY ? exp(y[k] - most) : 0;
        }
        for (int64_t k = 0; k < keys; k++) {
            y[k] /= sum > 0 ? sum : 1;
        }
    }
}

/* ---- plan ---------------------------------------------------------------------------
 */

#define HIDDEN (-200.0f) /* far below what a float's exponential can be */
#define NOTHING 2e-38f   /* above what mien_exp_of() gives for that */

/* Scores of one query: scaled, masked, less the largest. */
static void row_scores(const attention_weights *s, const float *mask, float scale,
    int64_t t, int64_t keys, float *y) {
    float most = -INFINITY;
    for (int64_t k = 0; k < keys; k++) {
        y[k] *= scale;
    }
    for (int64_t k = 0; (mask || s->causal) && k < keys; k++) {
        float added = mask && s->rule == MIEN_MASK_ADD ? mask[k] : 0;
        y[k] = sees(s, mask ? (double)mask[k] : 0, t, k) ? y[k] + added : -INFINITY;
    }
    for (int64_t k = 0; k < keys; k++) {
        most = y[k] > most ? y[k] : most;
    }
    most = most == -INFINITY ? 0 : most;
    for (int64_t k = 0; k < keys; k++) {
        float below = y[k] - most;
        y[k] = below < HIDDEN ? HIDDEN : below; /* keeps a NaN */
    }
}

/* Softmax of rows of scores. A query that sees nothing looks at nothing: its row is 0.
 */
static void rows_softmax(int64_t rows, int64_t keys, float *y) {
    for (int64_t i = 0; i < rows * keys; i++) {
        float e = mien_exp_of(y[i]);
        y[i] = e < NOTHING ? 0 : e;
    }
    for (int64_t row = 0; row < rows; row++, y += keys) {
        float sum = 0;
        for (int64_t k = 0; k < keys; k++) {
            sum += y[k];
        }
        float share = sum == 0 ? 0 : 1 / sum;
        for (int64_t k = 0; k < keys; k++) {
            y[k] *= share;
        }
    }
}

/* Short sequences without a mask or groups run many at once. */
static bool is_narrow(const mien_kernel_call *c) {
    const attention_weights *s = c->node->settings;
    return c->node->rank == 4 && !s->masked && !s->causal &&
           mien_narrow_attends(
               s->heads, c->y_shape[2], c->y_shape[3], c->x_shape[0][2]);
}

static mien_narrow_attention narrow_of(const mien_kernel_call *c) {
    const attention_weights *s = c->node->settings;
    int64_t width = c->x_shape[0][2];
    return (mien_narrow_attention){.heads = s->heads,
        .queries = c->y_shape[2],
        .keys = c->y_shape[3],
        .width = width,
        .scale = (float)(1 / sqrt((double)(width / s->heads))),
        .q = c->x[0],
        .k = c->x[1]};
}

static void narrow_forward(const void *context, int64_t first, int64_t last) {
    mien_narrow_best()->weights_forward(context, first, last);
}

static void narrow_backward(const void *context, int64_t first, int64_t last) {
    mien_narrow_best()->weights_backward(context, first, last);
}

static void forward(const mien_kernel_call *c) {
    const attention_weights *s = c->node->settings;
    if (is_narrow(c)) {
        mien_narrow_attention work = narrow_of(c);
        work.to[0] = c->y;
        mien_in_parts(mien_kernel_threads(c, c->y_count * 20), c->y_shape[0],
            narrow_forward, &work);
        return;
    }
    const sizes z = sizes_of(c->node->rank, c->y_shape, c->x_shape[0]);
    int64_t length = z.length, keys = z.keys, d = z.d, each = d / s->heads;
    float scale = (float)(1 / sqrt((double)each));
#pragma omp parallel for num_threads(mien_kernel_threads(c, c->y_count *(each + 20)))
    for (int64_t i = 0; i < c->y_count / (length * keys); i++) {
        int64_t n = i / s->heads, h = i % s->heads;
        float *y = c->y + i * length * keys;
        mien_product(false, true, length, keys, each,
            c->x[0] + n * length * d + h * each, d, c->x[1] + n * keys * d + h * each,
            d, 0, y, keys);
        for (int64_t t = 0; t < length; t++) {
            const float *mask =
                s->masked ? c->x[2] + n * s->mask_n + h * s->mask_h + t * s->mask_t
                          : NULL;
            row_scores(s, mask, scale, t, keys, y + t * keys);
        }
        rows_softmax(length, keys, y);
    }
}

/* Gradients of the scores. */
static int64_t scratch(const mien_kernel_call *c, bool back, bool trains) {
    (void)trains;
    return back ? c->y_count : 0;
}

/* ds = y (dy − Σ dy y), before the scale. */
static void softmax_back(const mien_kernel_call *c) {
    int64_t keys = c->y_shape[c->node->rank - 1];
#pragma omp parallel for num_threads(mien_kernel_threads(c, 3 * c->y_count))
    for (int64_t row = 0; row < c->y_count / keys; row++) {
        const float *y = c->y + row * keys, *dy = c->dy + row * keys;
        float *ds = c->scratch + row * keys;
        double sum = 0;
        for (int64_t k = 0; k < keys; k++) {
            sum += (double)(y[k] * dy[k]);
        }
        for (int64_t k = 0; k < keys; k++) {
            ds[k] = y[k] * (dy[k] - (float)sum);
        }
    }
}

/* Only what is added has a gradient: that of the scores, summed where it is shared. */
static void mask_back(const mien_kernel_call *c) {
    const attention_weights *s = c->node->settings;
    const sizes z = sizes_of(c->node->rank, c->y_shape, c->x_shape[0]);
    int64_t length = z.length, keys = z.keys;
    memset(c->dx[2], 0, (size_t)c->x_count[2] * sizeof *c->dx[2]);
    for (int64_t row = 0; s->rule == MIEN_MASK_ADD && row < c->y_count / keys; row++) {
        int64_t t = row % length, h = row / length % s->heads;
        int64_t n = row / length / s->heads;
        float *to = c->dx[2] + n * s->mask_n + h * s->mask_h + t * s->mask_t;
        for (int64_t k = 0; k < keys; k++) {
            to[k] += c->scratch[row * keys + k];
        }
    }
}

static void scores_back(const mien_kernel_call *c) {
    const attention_weights *s = c->node->settings;
    const sizes z = sizes_of(c->node->rank, c->y_shape, c->x_shape[0]);
    int64_t length = z.length, keys = z.keys, d = z.d, each = d / s->heads;
#pragma omp parallel for num_threads(mien_kernel_threads(c, c->y_count * 2 * each))
    for (int64_t i = 0; i < c->y_count / (length * keys); i++) {
        int64_t q = i / s->heads * length * d + i % s->heads * each;
        int64_t k = i / s->heads * keys * d + i % s->heads * each;
        const float *ds = c->scratch + i * length * keys;
        if (c->dx[0]) {
            mien_product(false, false, length, each, keys, ds, keys, c->x[1] + k, d, 0,
                c->dx[0] + q, d);
        }
        if (c->dx[1]) {
            mien_product(true, false, keys, each, length, ds, keys, c->x[0] + q, d, 0,
                c->dx[1] + k, d);
        }
    }
}

static void backward(const mien_kernel_call *c) {
    const attention_weights *s = c->node->settings;
    const sizes z = sizes_of(c->node->rank, c->y_shape, c->x_shape[0]);
    float scale = (float)(1 / sqrt((double)(z.d / s->heads)));
    if (is_narrow(c)) {
        mien_narrow_attention work = narrow_of(c);
        work.p = c->y;
        work.dp = c->dy;
        work.to[0] = c->dx[0];
        work.to[1] = c->dx[1];
        mien_in_parts(mien_kernel_threads(c, c->y_count * 20), c->y_shape[0],
            narrow_backward, &work);
        return;
    }
    softmax_back(c);
    if (s->masked && c->dx[2]) {
        mask_back(c);
    }
    for (int64_t i = 0; i < c->y_count; i++) {
        c->scratch[i] *= scale;
    }
    scores_back(c);
}

static const mien_kernel kernel = {
    .forward = forward, .backward = backward, .scratch = scratch};

static mien_status prepare(mien_builder *b, const mien_group *group) {
    return mien_kernel_prepare(b, group, &kernel);
}

static mien_status prepare_backward(mien_builder *b, const mien_group *group) {
    return mien_kernel_backward(b, group, &kernel);
}

const mien_op mien_op_attention_weights = {
    .name = "attention_weights",
    .summary = "How much each query looks at each key",
    .options = options,
    .inputs_min = 2,
    .inputs_max = 3,
    .parts = MIEN_PART_NEEDS_X | MIEN_PART_NEEDS_Y,
    .settings_size = sizeof(attention_weights),
    .parse = parse,
    .shape = shape,
    .prepare = prepare,
    .backward = prepare_backward,
    .reference = reference,
};
