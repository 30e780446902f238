/* SPDX-License-Identifier: MIT */
/* Long short-term memory with PyTorch's weights: batch first, gates in the order i, f,
 * g, o, two biases. In comes x [N, T, F], and with it both first states h and c, [N,
 * layers × directions, hidden], or neither: they are zero then. Out goes [N, T,
 * directions × hidden], with cells=yes [N, T, 2 × directions × hidden]. Callers:
 * mien_lstm(), ONNX's LSTM. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "nn/kernel.h"
#include "base/need.h"
#include "nn/kernels/lstm_cells.h"
#include "nn/kernels/lstm_turned.h"

#define LAYERS_MAX 4

typedef struct lstm {
    int64_t hidden;
    int layers, directions; /* directions a layer: 1 or 2 */
    bool reverse;           /* the only direction runs from the end */
    bool bias;
    bool cells; /* they stand behind the states in the result */
} lstm;

static const char *const no_yes[] = {"no", "yes", NULL};
static const char *const ways[] = {"forward", "reverse", "both", NULL};
static const mien_option options[] = {
    {.name = "hidden",
        .type = MIEN_OPTION_INT,
        .minimum = 1,
        .maximum = 1 << 16,
        .help = "features of the state"},
    {.name = "layers",
        .type = MIEN_OPTION_INT,
        .initial = "1",
        .minimum = 1,
        .maximum = LAYERS_MAX,
        .help = "one upon the other; with direction=both at most 2"},
    {.name = "direction",
        .type = MIEN_OPTION_CHOICE,
        .initial = "forward",
        .choices = ways,
        .help = "through time; both: side by side in the result"},
    {.name = "bias",
        .type = MIEN_OPTION_CHOICE,
        .initial = "yes",
        .choices = no_yes,
        .help = "adds two numbers per gate"},
    {.name = "cells",
        .type = MIEN_OPTION_CHOICE,
        .initial = "no",
        .choices = no_yes,
        .help = "cells stand behind the states in the result; of one layer"},
    {0},
};

static mien_status parse(const mien_options *given, void *settings) {
    lstm *s = settings;
    const char *way = mien_options_text(given, "direction");
    if (!mien_options_given(given, "hidden")) {
        return mien_fail(MIEN_EINVAL, "option hidden must be given");
    }
    s->hidden = mien_options_int(given, "hidden");
    s->layers = (int)mien_options_int(given, "layers");
    s->directions = !strcmp(way, "both") ? 2 : 1;
    s->reverse = !strcmp(way, "reverse");
    s->bias = !strcmp(mien_options_text(given, "bias"), "yes");
    s->cells = !strcmp(mien_options_text(given, "cells"), "yes");
    if (s->cells && s->layers > 1) {
        return mien_fail(MIEN_EINVAL, "cells: of one layer alone");
    }
    return s->layers * s->directions <= LAYERS_MAX
               ? MIEN_OK
               : mien_fail(MIEN_EINVAL, "layers: at most %d with direction=both",
                     LAYERS_MAX / 2);
}

/* Parameters of each layer and direction, in PyTorch's order. A lone reverse direction
 * has the names of a forward one. */
static const char *const suffixes[LAYERS_MAX][2][4] = {
#define LAYER(l)                                                                       \
    {                                                                                  \
        {"weight_ih_l" #l, "weight_hh_l" #l, "bias_ih_l" #l, "bias_hh_l" #l}, {        \
            "weight_ih_l" #l "_reverse", "weight_hh_l" #l "_reverse",                  \
                "bias_ih_l" #l "_reverse", "bias_hh_l" #l "_reverse"                   \
        }                                                                              \
    }
    LAYER(0), LAYER(1), LAYER(2), LAYER(3)
#undef LAYER
};

static mien_status shape(mien_op_node *node, const mien_op_node *const *inputs) {
    const lstm *s = node->settings;
    const mien_op_node *x = inputs[0];
    if (x->rank != 3) {
        return mien_fail(MIEN_ESHAPE, "it takes [N, T, F]");
    }
    if (node->inputs_count == 2) {
        return mien_fail(MIEN_EINVAL, "it takes both first states or neither");
    }
    for (int k = 1; k < node->inputs_count; k++) {
        const mien_op_node *state = inputs[k];
        if (state->rank != 3 || state->shape[0] != x->shape[0] ||
            state->shape[1] != s->layers * s->directions ||
            state->shape[2] != s->hidden) {
            return mien_fail(MIEN_ESHAPE,
                "a first state is [N, %d, %lld]: one for each layer and direction",
                s->layers * s->directions, (long long)s->hidden);
        }
    }
    node->rank = 3;
    node->shape[0] = x->shape[0];
    node->shape[1] = x->shape[1];
    node->shape[2] = s->hidden * s->directions * (1 + s->cells);
    for (int l = 0; l < s->layers; l++) {
        int64_t ih[2] = {4 * s->hidden, l ? node->shape[2] : x->shape[2]};
        int64_t hh[2] = {4 * s->hidden, s->hidden};
        for (int d = 0; d < s->directions; d++) {
            const char *const *names = suffixes[l][d];
            int64_t fan = s->hidden; /* of all, as PyTorch draws them */
            mien_op_node_own(node, names[0], true, MIEN_INITIAL_ZERO, fan, 2, ih);
            mien_op_node_own(node, names[1], true, MIEN_INITIAL_ZERO, fan, 2, hh);
            for (int k = 2; s->bias && k < 4; k++) {
                mien_op_node_own(node, names[k], true, MIEN_INITIAL_ZERO, fan, 1, ih);
            }
        }
    }
    return MIEN_OK;
}

static double flops(
    const mien_op_node *node, const mien_op_node *const *inputs, int64_t batch) {
    const lstm *s = node->settings;
    int64_t x[MIEN_RANK_MAX];
    double sum = 0;
    mien_shape_of(inputs[0], batch, x);
    for (int l = 0; l < s->layers; l++) {
        double in = (double)(l ? node->shape[2] : x[2]);
        sum += (in + (double)s->hidden) * 8 * (double)s->hidden * s->directions;
    }
    return sum * (double)x[0] * (double)x[1];
}

/* First of the parameters of a layer and direction. */
static int parameter_of(const lstm *s, int layer, int direction) {
    return (layer * s->directions + direction) * (s->bias ? 4 : 2);
}

/* The place in time of step i. */
static int64_t time_of(const lstm *s, int direction, int64_t length, int64_t i) {
    return direction || s->reverse ? length - 1 - i : i;
}

/* Where the first state of an item stands among those of all, [N, layers × directions,
 * hidden]. */
static int64_t first_state(const lstm *s, int layer, int direction, int64_t item) {
    return ((item * s->layers + layer) * s->directions + direction) * s->hidden;
}

/* ---- reference ----------------------------------------------------------------------
 */

static double sigmoid(double x) {
    return 1 / (1 + exp(-x));
}

/* One step of one item: state [hidden] of h and c moves on by x. */
static void reference_step(const mien_reference *r, int layer, int direction,
    const double *x, int64_t in, const double *before, double *h, double *c) {
    const lstm *s = r->node->settings;
    const float *const *p = r->parameters + parameter_of(s, layer, direction);
    for (int64_t j = 0; j < s->hidden; j++) {
        double gates[4];
        for (int g = 0; g < 4; g++) {
            int64_t o = g * s->hidden + j;
            gates[g] = s->bias ? (double)p[2][o] + (double)p[3][o] : 0;
            for (int64_t i = 0; i < in; i++) {
                gates[g] += (double)p[0][o * in + i] * x[i];
            }
            for (int64_t i = 0; before && i < s->hidden; i++) {
                gates[g] += (double)p[1][o * s->hidden + i] * before[i];
            }
        }
        c[j] = sigmoid(gates[1]) * c[j] + sigmoid(gates[0]) * tanh(gates[2]);
        h[j] = sigmoid(gates[3]) * tanh(c[j]);
    }
}

static void reference(const mien_reference *r) {
    const lstm *s = r->node->settings;
    int64_t length = r->y_shape[1], width = r->y_shape[2];
    bool first = r->node->inputs_count > 1;
    double *from = mien_alloc((size_t)(length * width), sizeof *from);
    double *c = mien_alloc((size_t)s->hidden, sizeof *c);
    for (int64_t n = 0; from && c && n < r->y_shape[0]; n++) {
        double *y = r->y + n * length * width;
        for (int l = 0; l < s->layers; l++) {
            int64_t in = l ? width : r->x_shape[0][2];
            const double *x = l ? from : r->x[0] + n * length * in;
            for (int d = 0; d < s->directions; d++) {
                int64_t at = first_state(s, l, d, n);
                const double *before = first ? r->x[1] + at : NULL;
                for (int64_t j = 0; j < s->hidden; j++) {
                    c[j] = first ? r->x[2][at + j] : 0;
                }
                for (int64_t i = 0; i < length; i++) {
                    int64_t t = time_of(s, d, length, i);
                    double *h = y + t * width + d * s->hidden;
                    reference_step(r, l, d, x + t * in, in, before, h, c);
                    for (int64_t j = 0; s->cells && j < s->hidden; j++) {
                        h[s->directions * s->hidden + j] = c[j];
                    }
                    before = h;
                }
            }
            memcpy(from, y, (size_t)(length * width) * sizeof *from);
        }
    }
    mien_free(c);
    mien_free(from);
}

/* ---- plan ---------------------------------------------------------------------------
 * Of each layer and direction are kept: gates after their functions [N, T, 4 H] and
 * cells [N, T, H]; of each layer but the last its result [N, T, directions H]. Before
 * them a cell of zeros [H]. */

static int64_t points(const mien_kernel_call *c) {
    return c->y_shape[0] * c->y_shape[1];
}

static int64_t kept(const mien_kernel_call *c) {
    const lstm *s = c->node->settings;
    return s->hidden + points(c) * s->hidden * s->directions * (6 * s->layers - 1);
}

/* Input features of the widest layer. */
static int64_t widest(const mien_kernel_call *c) {
    const lstm *s = c->node->settings;
    int64_t x = c->x_shape[0][2], width = s->hidden * s->directions;
    return s->layers > 1 && width > x ? width : x;
}

static int64_t turned_count(const mien_kernel_call *c) {
    return mien_lstm_turned_count(((const lstm *)c->node->settings)->hidden, widest(c));
}

typedef struct layer {
    int index;
    mien_lstm_cells run;
    mien_lstm_turned turned[2];
    float *gates[2], *cells[2];
    const float *zeros;
    const float *x;
    float *y;
    int64_t in;
} layer;

static layer layer_of(const mien_kernel_call *c, float *memory, int index) {
    const lstm *s = c->node->settings;
    int64_t each = points(c) * s->hidden, all = 6 * each * s->directions;
    layer l = {.index = index,
        .run = mien_lstm_cells_best(),
        .zeros = memory,
        .in = index ? s->hidden * s->directions : c->x_shape[0][2]};
    float *at = memory + s->hidden + index * all;
    for (int d = 0; d < s->directions; d++) {
        l.gates[d] = at + 5 * each * d;
        l.cells[d] = l.gates[d] + 4 * each;
    }
    float *result = at + 5 * each * s->directions;
    l.y = index == s->layers - 1 ? c->y : result;
    l.x = index ? at - each * s->directions : c->x[0];
    return l;
}

static void turn_weights(const mien_kernel_call *c, layer *l, int index) {
    const lstm *s = c->node->settings;
    int64_t count = turned_count(c);
    float *room = c->scratch + (c->kept ? 0 : kept(c));
    for (int d = 0; count && d < s->directions; d++) {
        l->turned[d] = mien_lstm_turn(s->hidden, l->in,
            c->parameters + parameter_of(s, index, d), s->bias, room + d * count);
    }
}

/* Adds the input's part of the gates, and the biases, for `rows` steps. */
static void run_input(const lstm *s, const layer *l, int d, const float *const *p,
    const float *x, int64_t rows, float *gates) {
    int64_t width = 4 * s->hidden;
    if (l->turned[d].in) {
        mien_lstm_turned_input(&l->turned[d], s->hidden, l->in, x, rows, gates);
        return;
    }
    for (int64_t i = 0; i < rows; i++) {
        for (int64_t j = 0; j < width; j++) {
            gates[i * width + j] = s->bias ? p[2][j] + p[3][j] : 0;
        }
    }
    mien_product(
        false, true, rows, width, l->in, x, l->in, p[0], l->in, 1, gates, width);
}

/* The cell before an item's first step: zeros, or the caller's. */
static const float *first_cell(
    const mien_kernel_call *c, const layer *l, int d, int64_t item) {
    const lstm *s = c->node->settings;
    return c->count > 1 ? c->x[2] + first_state(s, l->index, d, item) : l->zeros;
}

/* Adds to the gates of one step what the state before gives them; rows of the states
 * are `apart`. */
static void run_state(const mien_kernel_call *c, const layer *l, int d,
    const float *const *p, const float *states, int64_t apart, int64_t count,
    float *gates) {
    int64_t hidden = ((const lstm *)c->node->settings)->hidden;
    const float *w = l->turned[d].recurrent;
    mien_product(false, !w, count, 4 * hidden, hidden, states, apart, w ? w : p[1],
        w ? 4 * hidden : hidden, 1, gates, c->y_shape[1] * 4 * hidden);
}

/* Cells of a step to the result, behind the states of both directions. */
static void give_cell(const lstm *s, const float *cell, float *y) {
    if (s->cells) {
        memcpy(y + s->directions * s->hidden, cell, (size_t)s->hidden * sizeof *y);
    }
}

/* Items [first, first + count) of one layer and direction through time. */
static void run_items(const mien_kernel_call *c, const layer *l, int d,
    const float *const *p, int64_t first, int64_t count) {
    const lstm *s = c->node->settings;
    int64_t hidden = s->hidden, length = c->y_shape[1], width = c->y_shape[2];
    float *gates = l->gates[d] + first * length * 4 * hidden;
    float *cells = l->cells[d] + first * length * hidden;
    float *y = l->y + first * length * width + d * hidden;
    run_input(s, l, d, p, l->x + first * length * l->in, count * length, gates);
    for (int64_t i = 0; i < length; i++) {
        int64_t t = time_of(s, d, length, i),
                before = i ? time_of(s, d, length, i - 1) : 0;
        if (i) {
            run_state(c, l, d, p, y + before * width, length * width, count,
                gates + t * 4 * hidden);
        } else if (c->count > 1) {
            run_state(c, l, d, p, c->x[1] + first_state(s, l->index, d, first),
                first_state(s, 0, 0, 1), count, gates + t * 4 * hidden);
        }
        for (int64_t n = 0; n < count; n++) {
            l->run.forward(hidden, gates + (n * length + t) * 4 * hidden,
                i ? cells + (n * length + before) * hidden
                  : first_cell(c, l, d, first + n),
                cells + (n * length + t) * hidden, y + (n * length + t) * width);
            give_cell(
                s, cells + (n * length + t) * hidden, y + (n * length + t) * width);
        }
    }
}

/* The batch is cut among threads, which then need not meet at each step. */
static int shares_of(const mien_kernel_call *c) {
    const lstm *s = c->node->settings;
    int64_t work = points(c) * 4 * s->hidden * (s->hidden + 10);
    int threads = mien_kernel_threads(c, work);
    return c->y_shape[0] < threads ? (int)c->y_shape[0] : threads;
}

static void forward(const mien_kernel_call *c) {
    const lstm *s = c->node->settings;
    float *memory = c->kept ? c->kept : c->scratch;
    int64_t n = c->y_shape[0];
    int shares = shares_of(c);
    memset(memory, 0, (size_t)s->hidden * sizeof *memory);
    for (int i = 0; i < s->layers; i++) {
        layer l = layer_of(c, memory, i);
        turn_weights(c, &l, i);
#pragma omp parallel for collapse(2) num_threads(shares)
        for (int d = 0; d < s->directions; d++) {
            for (int k = 0; k < shares; k++) {
                int64_t first = n * k / shares, end = n * (k + 1) / shares;
                run_items(c, &l, d, c->parameters + parameter_of(s, i, d), first,
                    end - first);
            }
        }
    }
}

/* ---- gradients: those of the gates' sums, from the end to the begin of time
 * ------------- */

/* Scratch when going back: gradients of the gates' sums of one direction [N, T, 4 H],
 * its states one step before [N, T, H], states on the way [2, N, H], and gradients of
 * the results of two layers [2, N, T, directions H]. */
typedef struct desk {
    float *dgates, *shifted, *dh, *dcell, *dy[2];
} desk;

static int64_t scratch(const mien_kernel_call *c, bool back, bool trains) {
    const lstm *s = c->node->settings;
    int64_t each = points(c) * s->hidden;
    return back ? 5 * each + 2 * c->y_shape[0] * s->hidden + 2 * each * s->directions
                : (trains ? 0 : kept(c)) + s->directions * turned_count(c);
}

static desk desk_of(const mien_kernel_call *c) {
    const lstm *s = c->node->settings;
    int64_t each = points(c) * s->hidden, states = c->y_shape[0] * s->hidden;
    desk k = {.dgates = c->scratch, .shifted = c->scratch + 4 * each};
    k.dh = k.shifted + each;
    k.dcell = k.dh + states;
    k.dy[0] = k.dcell + states;
    k.dy[1] = k.dy[0] + each * s->directions;
    return k;
}

/* Gradients of the first states, of those items whose steps have gone back. */
static void first_back(const mien_kernel_call *c, const layer *l, int d,
    const float *recurrent, const desk *k, int64_t first, int64_t count) {
    const lstm *s = c->node->settings;
    int64_t hidden = s->hidden, length = c->y_shape[1];
    int64_t at = first_state(s, l->index, d, first), apart = first_state(s, 0, 0, 1);
    if (c->count > 1 && c->dx[1]) {
        mien_product(false, false, count, hidden, 4 * hidden,
            k->dgates + (first * length + time_of(s, d, length, 0)) * 4 * hidden,
            length * 4 * hidden, recurrent, hidden, 0, c->dx[1] + at, apart);
    }
    for (int64_t n = 0; c->count > 1 && c->dx[2] && n < count; n++) {
        memcpy(c->dx[2] + at + n * apart, k->dcell + (first + n) * hidden,
            (size_t)hidden * sizeof(float));
    }
}

static void items_back(const mien_kernel_call *c, const layer *l, int d,
    const float *recurrent, const float *dy, const desk *k, int64_t first,
    int64_t count) {
    const lstm *s = c->node->settings;
    int64_t hidden = s->hidden, length = c->y_shape[1], width = c->y_shape[2];
    float *dh = k->dh + first * hidden, *dcell = k->dcell + first * hidden;
    float *dgates = k->dgates + first * length * 4 * hidden;
    memset(dcell, 0, (size_t)(count * hidden) * sizeof *dcell);
    for (int64_t i = length - 1; i >= 0; i--) {
        int64_t t = time_of(s, d, length, i);
        int64_t before = i ? time_of(s, d, length, i - 1) : 0;
        int64_t after = i < length - 1 ? time_of(s, d, length, i + 1) : 0;
        if (i == length - 1) {
            memset(dh, 0, (size_t)(count * hidden) * sizeof *dh);
        } else {
            mien_product(false, false, count, hidden, 4 * hidden,
                dgates + after * 4 * hidden, length * 4 * hidden, recurrent, hidden, 0,
                dh, hidden);
        }
        for (int64_t n = 0; n < count; n++) {
            int64_t at = (first + n) * length;
            const float *from = dy + (at + t) * width + d * hidden;
            for (int64_t j = 0; j < hidden; j++) {
                dh[n * hidden + j] += from[j];
            }
            for (int64_t j = 0; s->cells && j < hidden; j++) {
                dcell[n * hidden + j] += from[s->directions * hidden + j];
            }
            l->run.backward(hidden, l->gates[d] + (at + t) * 4 * hidden,
                i ? l->cells[d] + (at + before) * hidden
                  : first_cell(c, l, d, first + n),
                l->cells[d] + (at + t) * hidden, dh + n * hidden, dcell + n * hidden,
                dgates + (n * length + t) * 4 * hidden);
        }
    }
    first_back(c, l, d, recurrent, k, first, count);
}

/* States one step before, [N, T, H]; before the first zeros, or the caller's. */
static void shift(const mien_kernel_call *c, const layer *l, int d, float *shifted) {
    const lstm *s = c->node->settings;
    int64_t hidden = s->hidden, length = c->y_shape[1], width = c->y_shape[2];
    for (int64_t n = 0; n < c->y_shape[0]; n++) {
        for (int64_t i = 0; i < length; i++) {
            float *to = shifted + (n * length + time_of(s, d, length, i)) * hidden;
            if (i == 0 && c->count > 1) {
                memcpy(to, c->x[1] + first_state(s, l->index, d, n),
                    (size_t)hidden * sizeof *to);
                continue;
            }
            if (i == 0) {
                memset(to, 0, (size_t)hidden * sizeof *to);
                continue;
            }
            int64_t before = time_of(s, d, length, i - 1);
            memcpy(to, l->y + (n * length + before) * width + d * hidden,
                (size_t)hidden * sizeof *to);
        }
    }
}

static void parameters_back(
    const mien_kernel_call *c, const layer *l, int d, int first, const desk *k) {
    const lstm *s = c->node->settings;
    int64_t hidden = s->hidden, n = points(c);
    float *const *g = c->gradients + first;
    if (g[0]) {
        mien_product(true, false, 4 * hidden, l->in, n, k->dgates, 4 * hidden, l->x,
            l->in, 0, g[0], l->in);
    }
    if (g[1]) {
        shift(c, l, d, k->shifted);
        mien_product(true, false, 4 * hidden, hidden, n, k->dgates, 4 * hidden,
            k->shifted, hidden, 0, g[1], hidden);
    }
    float *bias = !s->bias ? NULL : g[2] ? g[2] : g[3];
    if (bias) {
        mien_column_sums(
            k->dgates, n, 4 * hidden, mien_kernel_threads(c, n * 4 * hidden), bias);
    }
    if (bias && g[3] && bias != g[3]) { /* both are added to the same sums */
        memcpy(g[3], bias, (size_t)(4 * hidden) * sizeof *bias);
    }
}

static void backward(const mien_kernel_call *c) {
    const lstm *s = c->node->settings;
    desk k = desk_of(c);
    const float *dy = c->dy;
    int shares = shares_of(c);
    for (int i = s->layers - 1; i >= 0; i--) {
        layer l = layer_of(c, c->kept, i);
        float *dx = i ? k.dy[i % 2] : c->dx[0];
        for (int d = 0; d < s->directions; d++) {
            int first = parameter_of(s, i, d);
#pragma omp parallel for num_threads(shares)
            for (int part = 0; part < shares; part++) {
                int64_t from = c->y_shape[0] * part / shares;
                int64_t end = c->y_shape[0] * (part + 1) / shares;
                items_back(
                    c, &l, d, c->parameters[first + 1], dy, &k, from, end - from);
            }
            parameters_back(c, &l, d, first, &k);
            if (dx) {
                mien_product(false, false, points(c), l.in, 4 * s->hidden, k.dgates,
                    4 * s->hidden, c->parameters[first], l.in, d ? 1 : 0, dx, l.in);
            }
        }
        dy = dx;
    }
}

static const mien_kernel kernel = {
    .forward = forward, .backward = backward, .kept = kept, .scratch = scratch};

static mien_status prepare(mien_builder *b, const mien_group *group) {
    return mien_kernel_prepare(b, group, &kernel);
}

static mien_status prepare_backward(mien_builder *b, const mien_group *group) {
    return mien_kernel_backward(b, group, &kernel);
}

const mien_op mien_op_lstm = {
    .name = "lstm",
    .summary = "Long short-term memory over time",
    .options = options,
    .inputs_min = 1,
    .inputs_max = 3,
    .parts = MIEN_PART_NEEDS_X | MIEN_PART_NEEDS_Y,
    .settings_size = sizeof(lstm),
    .parse = parse,
    .shape = shape,
    .flops = flops,
    .prepare = prepare,
    .backward = prepare_backward,
    .reference = reference,
};

mien_status mien_lstm(mien_graph *graph, const char *name, mien_node x, int64_t hidden,
    int layers, mien_lstm_direction direction, mien_node *y) {
    MIEN_NEED(graph, name, y);
    char text[128];
    if ((unsigned)direction > MIEN_LSTM_BOTH) {
        return mien_fail(MIEN_EINVAL, "%s: there is no direction %d", name ? name : "",
            (int)direction);
    }
    snprintf(text, sizeof text, "hidden=%lld layers=%d direction=%s", (long long)hidden,
        layers, ways[direction]);
    return mien_graph_add(graph, "lstm", name, &x, 1, text, y);
}
