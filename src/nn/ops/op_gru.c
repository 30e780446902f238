/* SPDX-License-Identifier: MIT */
/* Gated recurrent units (Cho et al. 2014) over [N, T, F], one layer, the first state
 * zero or a second input [N, directions, hidden], with PyTorch's parameters:
 * weight_ih_l0 [3 hidden, F], weight_hh_l0, bias_ih_l0, bias_hh_l0, gates r, z, n;
 * _reverse for the other direction. In the formulas below g is what the input gives a
 * gate, u what the state before gives it: r = σ(g_r + u_r), z = σ(g_z + u_z), h' = (1 −
 * z) n + z h reset=after (PyTorch):  n = tanh(g_n + r u_n(h)) reset=before (the paper):
 * n = tanh(g_n + u_n(r h)) */
#include <math.h>
#include <string.h>

#include "nn/kernel.h"

typedef enum gru_direction { BOTH, FORWARD, REVERSE } gru_direction;
static const char *const ways[] = {"both", "forward", "reverse", NULL};
static const char *const resets[] = {"after", "before", NULL};

typedef struct gru {
    int64_t hidden;
    gru_direction direction;
    bool before, bias;
} gru;

static const mien_option options[] = {
    {.name = "hidden",
        .type = MIEN_OPTION_INT,
        .initial = "1",
        .minimum = 1,
        .maximum = 65536,
        .help = "values of the state"},
    {.name = "direction",
        .type = MIEN_OPTION_CHOICE,
        .initial = "forward",
        .choices = ways,
        .help = "reverse: from the end; both: side by side in the result"},
    {.name = "reset",
        .type = MIEN_OPTION_CHOICE,
        .initial = "after",
        .choices = resets,
        .help =
            "whether the reset gate acts after or before the product with the state"},
    {.name = "bias",
        .type = MIEN_OPTION_FLAG,
        .initial = "yes",
        .help = "it has biases"},
    {0},
};

static mien_status parse(const mien_options *given, void *settings) {
    gru *s = settings;
    const char *way = mien_options_text(given, "direction");
    s->hidden = mien_options_int(given, "hidden");
    for (int i = 0; ways[i]; i++) {
        s->direction = strcmp(ways[i], way) == 0 ? (gru_direction)i : s->direction;
    }
    s->before = strcmp(mien_options_text(given, "reset"), "before") == 0;
    s->bias = mien_options_flag(given, "bias");
    return MIEN_OK;
}

static int directions(const gru *s) {
    return s->direction == BOTH ? 2 : 1;
}

/* Parameters of a direction, in this order. */
enum { INPUT, STATE, INPUT_BIAS, STATE_BIAS };

static mien_status shape(mien_op_node *node, const mien_op_node *const *inputs) {
    static const char *const names[2][4] = {
        {"weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0"},
        {"weight_ih_l0_reverse", "weight_hh_l0_reverse", "bias_ih_l0_reverse",
            "bias_hh_l0_reverse"}};
    const gru *s = node->settings;
    const mien_op_node *x = inputs[0];
    if (x->rank != 3) {
        return mien_fail(MIEN_ESHAPE, "it takes [N, T, F]");
    }
    for (int k = 1; k < node->inputs_count; k++) {
        const mien_op_node *state = inputs[k];
        if (state->rank != 3 || state->shape[0] != x->shape[0] ||
            state->shape[1] != directions(s) || state->shape[2] != s->hidden) {
            return mien_fail(MIEN_ESHAPE,
                "a first state is [N, %d, %lld]: one for each direction", directions(s),
                (long long)s->hidden);
        }
    }
    int64_t gates = 3 * s->hidden;
    for (int d = 0; d < directions(s); d++) {
        for (int i = 0; i < (s->bias ? 4 : 2); i++) {
            int64_t own[2] = {gates, i == INPUT ? x->shape[2] : s->hidden};
            mien_op_node_own(node, names[d][i], true, MIEN_INITIAL_ZERO, s->hidden,
                i < 2 ? 2 : 1, own);
        }
    }
    mien_op_same_shape(node, inputs);
    node->shape[2] = s->hidden * directions(s);
    return MIEN_OK;
}

static double flops(
    const mien_op_node *node, const mien_op_node *const *inputs, int64_t batch) {
    const gru *s = node->settings;
    int64_t x[MIEN_RANK_MAX];
    mien_shape_of(inputs[0], batch, x);
    return 6.0 * directions(s) * (double)(x[0] * x[1] * s->hidden) *
           (double)(x[2] + s->hidden);
}

static double sigmoid(double x) {
    return 1 / (1 + exp(-x));
}

/* ---- reference ------------------------------------------------------------------- */

/* The product of row `row` of a weight with a vector, with its bias. */
static double reference_gate(const mien_reference *r, int d, int which, int64_t row,
    int64_t width, const double *x, const double *factor) {
    const gru *s = r->node->settings;
    const float *const *p = r->parameters + d * (s->bias ? 4 : 2);
    double sum = s->bias ? (double)p[which + 2][row] : 0;
    for (int64_t i = 0; i < width; i++) {
        sum += (double)p[which][row * width + i] * x[i] * (factor ? factor[i] : 1);
    }
    return sum;
}

static void reference_step(const mien_reference *r, int d, const double *x,
    const double *h, double *reset, double *to) {
    const gru *s = r->node->settings;
    int64_t hidden = s->hidden, width = r->x_shape[0][2];
    for (int64_t j = 0; j < hidden; j++) {
        reset[j] = sigmoid(reference_gate(r, d, INPUT, j, width, x, NULL) +
                           reference_gate(r, d, STATE, j, hidden, h, NULL));
    }
    for (int64_t j = 0; j < hidden; j++) {
        int64_t zj = hidden + j, nj = 2 * hidden + j;
        double z = sigmoid(reference_gate(r, d, INPUT, zj, width, x, NULL) +
                           reference_gate(r, d, STATE, zj, hidden, h, NULL));
        double u = reference_gate(r, d, STATE, nj, hidden, h, s->before ? reset : NULL);
        double n = tanh(reference_gate(r, d, INPUT, nj, width, x, NULL) +
                        (s->before ? u : reset[j] * u));
        to[j] = (1 - z) * n + z * h[j];
    }
}

static bool runs_back(const gru *s, int d) {
    return d == 1 || s->direction == REVERSE;
}

static void reference(const mien_reference *r) {
    const gru *s = r->node->settings;
    int64_t items = r->y_shape[0], steps = r->y_shape[1], wide = r->y_shape[2];
    double *room = mien_alloc((size_t)(2 * s->hidden), sizeof *room);
    for (int d = 0; room && d < directions(s); d++) {
        for (int64_t n = 0; n < items; n++) {
            memset(room, 0, (size_t)(2 * s->hidden) * sizeof *room);
            if (r->node->inputs_count > 1) {
                memcpy(room, r->x[1] + (n * directions(s) + d) * s->hidden,
                    (size_t)s->hidden * sizeof *room);
            }
            for (int64_t k = 0; k < steps; k++) {
                int64_t t = runs_back(s, d) ? steps - 1 - k : k;
                double *to = r->y + (n * steps + t) * wide + d * s->hidden;
                reference_step(r, d, r->x[0] + (n * steps + t) * r->x_shape[0][2], room,
                    room + s->hidden, to);
                memcpy(room, to, (size_t)s->hidden * sizeof *room);
            }
        }
    }
    mien_free(room);
}

/* ---- kernels: one direction after the other ---------------------------------------
 */

typedef struct way {
    int64_t items, steps, features, hidden, wide;
    const float *first; /* first states, `apart` from item to item; NULL: zeros */
    int64_t apart;
    int d;
    bool back, before;
    const float *input, *state, *input_bias, *state_bias; /* biases may be NULL */
    float *kept; /* [steps, items, 4 hidden]: r, z, n and u_n (before: r h) */
} way;

static int64_t kept_of(const mien_kernel_call *c) {
    const gru *s = c->node->settings;
    return 4 * s->hidden * c->y_shape[0] * c->y_shape[1];
}

static int64_t kept(const mien_kernel_call *c) {
    return directions(c->node->settings) * kept_of(c);
}

static way way_of(const mien_kernel_call *c, int d) {
    const gru *s = c->node->settings;
    const float *const *p = c->parameters + d * (s->bias ? 4 : 2);
    return (way){.items = c->y_shape[0],
        .steps = c->y_shape[1],
        .features = c->x_shape[0][2],
        .hidden = s->hidden,
        .wide = c->y_shape[2],
        .first = c->count > 1 ? c->x[1] + d * s->hidden : NULL,
        .apart = directions(s) * s->hidden,
        .d = d,
        .back = runs_back(s, d),
        .before = s->before,
        .input = p[INPUT],
        .state = p[STATE],
        .input_bias = s->bias ? p[INPUT_BIAS] : NULL,
        .state_bias = s->bias ? p[STATE_BIAS] : NULL,
        .kept = c->kept ? c->kept + d * kept_of(c) : NULL};
}

/* Forward: gates of the input for all steps, gates of one state, the state, r h. Back:
 * gradients of the first two, of the state, the state before, r h, and one more. */
static int64_t scratch(const mien_kernel_call *c, bool back, bool trains) {
    const gru *s = c->node->settings;
    int64_t items = c->y_shape[0], steps = c->y_shape[1];
    (void)trains;
    return items * s->hidden * (3 * steps + 3 + (back ? 4 : 2));
}

static float squash(float x) {
    return 1 / (1 + expf(-x));
}

/* The state after step t of one item; g, u: its gates. */
static void finish(const way *w, const float *g, const float *u, const float *h,
    const float *rh, float *to, float *kept_here) {
    int64_t n = w->hidden;
    for (int64_t j = 0; j < n; j++) {
        float r = squash(g[j] + u[j]), z = squash(g[n + j] + u[n + j]);
        float new = tanhf(g[2 * n + j] + (w->before ? u[2 * n + j] : r * u[2 * n + j]));
        to[j] = (1 - z) * new + z *h[j];
        if (kept_here) {
            kept_here[j] = r;
            kept_here[n + j] = z;
            kept_here[2 * n + j] = new;
            kept_here[3 * n + j] = w->before ? rh[j] : u[2 * n + j];
        }
    }
}

static const float *behind(const float *bias, int64_t count) {
    return bias ? bias + count : NULL;
}

static void step(const mien_kernel_call *c, const way *w, int64_t t) {
    int64_t n = w->hidden, m = w->items;
    float *g = c->scratch, *u = g + m * w->steps * 3 * n, *h = u + m * 3 * n,
          *rh = h + m * n;
    mien_product_linear(m, 3 * n, n, h, w->state, w->state_bias, u);
    for (int64_t i = 0; w->before && i < m; i++) {
        for (int64_t j = 0; j < n; j++) {
            rh[i * n + j] =
                squash(g[(i * w->steps + t) * 3 * n + j] + u[i * 3 * n + j]) *
                h[i * n + j];
        }
    }
    if (w->before) {
        mien_product(
            false, true, m, n, n, rh, n, w->state + 2 * n * n, n, 0, u + 2 * n, 3 * n);
        const float *bias = behind(w->state_bias, 2 * n);
        for (int64_t i = 0; bias && i < m; i++) {
            for (int64_t j = 0; j < n; j++) {
                u[i * 3 * n + 2 * n + j] += bias[j];
            }
        }
    }
    for (int64_t i = 0; i < m; i++) {
        float *to = c->y + (i * w->steps + t) * w->wide + w->d * n;
        finish(w, g + (i * w->steps + t) * 3 * n, u + i * 3 * n, h + i * n, rh + i * n,
            to, w->kept ? w->kept + (t * m + i) * 4 * n : NULL);
        memcpy(h + i * n, to, (size_t)n * sizeof *h);
    }
}

/* States of all items before the first step. */
static void first_states(const way *w, float *h) {
    for (int64_t i = 0; i < w->items; i++) {
        float *to = h + i * w->hidden;
        if (w->first) {
            memcpy(to, w->first + i * w->apart, (size_t)w->hidden * sizeof *h);
        } else {
            memset(to, 0, (size_t)w->hidden * sizeof *h);
        }
    }
}

static void forward(const mien_kernel_call *c) {
    for (int d = 0; d < directions(c->node->settings); d++) {
        way w = way_of(c, d);
        int64_t rows = w.items * w.steps, n = w.hidden;
        mien_product_linear(
            rows, 3 * n, w.features, c->x[0], w.input, w.input_bias, c->scratch);
        first_states(&w, c->scratch + rows * 3 * n + w.items * 3 * n);
        for (int64_t k = 0; k < w.steps; k++) {
            step(c, &w, w.back ? w.steps - 1 - k : k);
        }
    }
}

/* ---- gradients --------------------------------------------------------------------
 */

typedef struct rooms {
    float *g;                  /* [items, steps, 3 hidden] of the input's gates */
    float *u;                  /* [items, 3 hidden] of the state's gates */
    float *dh, *h, *rh, *more; /* [items, hidden] */
} rooms;

static rooms rooms_of(const mien_kernel_call *c, const way *w) {
    int64_t one = w->items * w->hidden;
    rooms r = {.g = c->scratch, .u = c->scratch + 3 * w->steps * one};
    r.dh = r.u + 3 * one;
    r.h = r.dh + one;
    r.rh = r.h + one;
    r.more = r.rh + one;
    return r;
}

/* States of all items before step t. */
static void state_before(const mien_kernel_call *c, const way *w, int64_t t, float *h) {
    int64_t before = w->back ? t + 1 : t - 1;
    if (before < 0 || before == w->steps) {
        first_states(w, h);
        return;
    }
    for (int64_t i = 0; i < w->items; i++) {
        memcpy(h + i * w->hidden,
            c->y + (i * w->steps + before) * w->wide + w->d * w->hidden,
            (size_t)w->hidden * sizeof *h);
    }
}

/* Gradients of z and n before their functions, of all items; dh becomes what goes
 * straight on to the state before. */
static void gates_back(
    const mien_kernel_call *c, const way *w, const rooms *o, int64_t t) {
    int64_t n = w->hidden;
    for (int64_t i = 0; i < w->items; i++) {
        const float *k = w->kept + (t * w->items + i) * 4 * n;
        const float *dy = c->dy + (i * w->steps + t) * w->wide + w->d * n;
        float *g = o->g + (i * w->steps + t) * 3 * n, *u = o->u + i * 3 * n;
        for (int64_t j = 0; j < n; j++) {
            float r = k[j], z = k[n + j], new = k[2 * n + j], last = k[3 * n + j];
            float *dh = o->dh + i * n + j, all = *dh + dy[j];
            float dn = all * (1 - z) * (1 - new *new);
            g[n + j] = u[n + j] = all * (o->h[i * n + j] - new) * z * (1 - z);
            g[2 * n + j] = dn;
            u[2 * n + j] = w->before ? dn : dn * r;
            g[j] = u[j] = w->before ? 0 : dn * last * r * (1 - r);
            o->rh[i * n + j] = w->before ? last : o->h[i * n + j];
            *dh = all * z;
        }
    }
}

/* reset=before: the gradient of r h gives those of r and of the state. */
static void reset_back(const way *w, const rooms *o, int64_t t) {
    int64_t n = w->hidden, m = w->items;
    mien_product(false, false, m, n, n, o->u + 2 * n, 3 * n, w->state + 2 * n * n, n, 0,
        o->more, n);
    for (int64_t i = 0; i < m; i++) {
        for (int64_t j = 0; j < n; j++) {
            float r = w->kept[(t * m + i) * 4 * n + j], d = o->more[i * n + j];
            float dr = d * o->h[i * n + j] * r * (1 - r);
            o->g[(i * w->steps + t) * 3 * n + j] = o->u[i * 3 * n + j] = dr;
            o->dh[i * n + j] += d * r;
        }
    }
}

static void step_back(
    const mien_kernel_call *c, const way *w, const rooms *o, int64_t t) {
    const gru *s = c->node->settings;
    float *const *to = c->gradients + w->d * (s->bias ? 4 : 2);
    int64_t n = w->hidden, m = w->items, after = w->before ? 2 * n : 3 * n;
    state_before(c, w, t, o->h);
    gates_back(c, w, o, t);
    if (w->before) {
        reset_back(w, o, t);
    }
    mien_product(false, false, m, n, after, o->u, 3 * n, w->state, n, 1, o->dh, n);
    if (to[STATE]) {
        mien_product(true, false, 2 * n, n, m, o->u, 3 * n, o->h, n, 1, to[STATE], n);
        mien_product(true, false, n, n, m, o->u + 2 * n, 3 * n, o->rh, n, 1,
            to[STATE] + 2 * n * n, n);
    }
    for (int64_t i = 0; s->bias && to[STATE_BIAS] && i < m; i++) {
        for (int64_t j = 0; j < 3 * n; j++) {
            to[STATE_BIAS][j] += o->u[i * 3 * n + j];
        }
    }
}

static void input_back(const mien_kernel_call *c, const way *w, const rooms *o) {
    const gru *s = c->node->settings;
    float *const *to = c->gradients + w->d * (s->bias ? 4 : 2);
    int64_t rows = w->items * w->steps, n = w->hidden, f = w->features;
    if (to[INPUT]) {
        mien_product(
            true, false, 3 * n, f, rows, o->g, 3 * n, c->x[0], f, 0, to[INPUT], f);
    }
    if (s->bias && to[INPUT_BIAS]) {
        mien_column_sums(o->g, rows, 3 * n, c->threads, to[INPUT_BIAS]);
    }
    if (c->dx[0]) {
        mien_product(false, false, rows, f, 3 * n, o->g, 3 * n, w->input, f,
            w->d ? 1 : 0, c->dx[0], f);
    }
}

static void backward(const mien_kernel_call *c) {
    const gru *s = c->node->settings;
    for (int d = 0; d < directions(s); d++) {
        way w = way_of(c, d);
        rooms o = rooms_of(c, &w);
        float *const *to = c->gradients + d * (s->bias ? 4 : 2);
        int64_t n = w.hidden;
        memset(o.dh, 0, (size_t)(w.items * n) * sizeof *o.dh);
        if (to[STATE]) {
            memset(to[STATE], 0, (size_t)(3 * n * n) * sizeof(float));
        }
        if (s->bias && to[STATE_BIAS]) {
            memset(to[STATE_BIAS], 0, (size_t)(3 * n) * sizeof(float));
        }
        for (int64_t k = w.steps; k-- > 0;) {
            step_back(c, &w, &o, w.back ? w.steps - 1 - k : k);
        }
        for (int64_t i = 0; c->count > 1 && c->dx[1] && i < w.items; i++) {
            memcpy(c->dx[1] + i * w.apart + d * n, o.dh + i * n,
                (size_t)n * sizeof(float));
        }
        input_back(c, &w, &o);
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

const mien_op mien_op_gru = {
    .name = "gru",
    .summary = "Gated recurrent units",
    .options = options,
    .inputs_min = 1,
    .inputs_max = 2,
    .parts = MIEN_PART_NEEDS_X | MIEN_PART_NEEDS_Y,
    .settings_size = sizeof(gru),
    .parse = parse,
    .shape = shape,
    .flops = flops,
    .prepare = prepare,
    .backward = prepare_backward,
    .reference = reference,
};
