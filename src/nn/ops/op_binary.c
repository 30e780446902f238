/* SPDX-License-Identifier: MIT */
/* One function of two values, by name, either of which is broadcast: what imported
 * graphs have beside the rows add and multiply, which join the operator before them. */
#include <math.h>
#include <string.h>

#include "nn/ops/broadcast.h"
#include "nn/plan/plan.h"

typedef enum binary_form {
    ADD,
    DIV,
    EQUAL,
    GREATER,
    GREATER_EQUAL,
    LESS,
    LESS_EQUAL,
    MAX,
    MIN,
    MUL,
    POW,
    SUB
} binary_form;

static const char *const names[] = {"add", "div", "equal", "greater", "greater_equal",
    "less", "less_equal", "max", "min", "mul", "pow", "sub", NULL};

typedef struct binary {
    binary_form form;
} binary;

static const mien_option options[] = {
    {.name = "function",
        .type = MIEN_OPTION_CHOICE,
        .initial = "add",
        .choices = names,
        .help = "of the first and the second value; comparisons give 1 or 0"},
    {0},
};

static mien_status parse(const mien_options *given, void *settings) {
    const char *name = mien_options_text(given, "function");
    for (int i = 0; names[i]; i++) {
        if (strcmp(names[i], name) == 0) {
            ((binary *)settings)->form = (binary_form)i;
        }
    }
    return MIEN_OK;
}

static mien_status shape(mien_op_node *node, const mien_op_node *const *inputs) {
    return mien_broadcast_shape(node, inputs, 2, 0);
}

static double value_of(binary_form form, double a, double b) {
    switch (form) {
    case ADD:
        return a + b;
    case DIV:
        return a / b;
    case EQUAL:
        return a == b;
    case GREATER:
        return a > b;
    case GREATER_EQUAL:
        return a >= b;
    case LESS:
        return a < b;
    case LESS_EQUAL:
        return a <= b;
    case MAX:
        return a > b || isnan(a) ? a : b;
    case MIN:
        return a < b || isnan(a) ? a : b;
    case MUL:
        return a * b;
    case POW:
        return pow(a, b);
    case SUB:
    default:
        return a - b;
    }
}

static void reference(const mien_reference *r) {
    const binary *s = r->node->settings;
    for (int64_t i = 0; i < r->y_count; i++) {
        r->y[i] = value_of(s->form, r->x[0][mien_broadcast_index(r, 0, i)],
            r->x[1][mien_broadcast_index(r, 1, i)]);
    }
}

/* One run: each operand goes on by its step, which is 1 or 0. A constant in the place
 * of a step lets compilers use vectors. */
#define STEPS(expression, da, db)                                                      \
    for (int64_t i = 0; i < n; i++) {                                                  \
        float p = a[i * (da)], q = b[i * (db)];                                        \
        y[i] = expression;                                                             \
    }
#define RUN(expression)                                                                \
    if (da == 1 && db == 1) {                                                          \
        STEPS(expression, 1, 1)                                                        \
    } else if (da == 1 && db == 0) {                                                   \
        STEPS(expression, 1, 0)                                                        \
    } else if (da == 0 && db == 1) {                                                   \
        STEPS(expression, 0, 1)                                                        \
    } else {                                                                           \
        STEPS(expression, da, db)                                                      \
    }                                                                                  \
    break

static void run(binary_form form, const float *restrict a, int64_t da,
    const float *restrict b, int64_t db, float *restrict y, int64_t n) {
    switch (form) {
    case ADD:
        RUN(p + q);
    case SUB:
        RUN(p - q);
    case MUL:
        RUN(p * q);
    case DIV:
        RUN(p / q);
    case MAX:
        RUN(p > q || p != p ? p : q);
    case MIN:
        RUN(p < q || p != p ? p : q);
    default:
        RUN((float)value_of(form, (double)p, (double)q));
    }
}

static void forward(const mien_kernel_call *c) {
    const binary *s = c->node->settings;
    mien_broadcast b = mien_broadcast_here(c);
    int64_t n = b.size[b.rank - 1], da = b.stride[0][b.rank - 1],
            db = b.stride[1][b.rank - 1];
#pragma omp parallel for num_threads(mien_kernel_threads(c, c->y_count))
    for (int64_t r = 0; r < b.runs; r++) {
        int64_t at[2];
        mien_broadcast_at(&b, 2, r, at);
        run(s->form, c->x[0] + at[0], da, c->x[1] + at[1], db, c->y + r * n, n);
    }
}

/* ---- gradients: equal values of max and min share theirs ------------------------- */

static double slope_of(binary_form form, int k, double a, double b) {
    switch (form) {
    case ADD:
        return 1;
    case SUB:
        return k ? -1 : 1;
    case MUL:
        return k ? a : b;
    case DIV:
        return k ? -a / (b * b) : 1 / b;
    case MAX:
        return a == b ? 0.5 : (a > b) == !k;
    case MIN:
        return a == b ? 0.5 : (a < b) == !k;
    case POW:
        return k ? (a > 0 ? pow(a, b) * log(a) : 0) : b == 0 ? 0 : b * pow(a, b - 1);
    default:
        return 0;
    }
}

/* An operand that is broadcast gathers its gradient in double precision, run after run.
 */
static void gather(const mien_kernel_call *c, const mien_broadcast *b, int k) {
    const binary *s = c->node->settings;
    int last = b->rank - 1;
    int64_t n = b->size[last], da = b->stride[0][last], db = b->stride[1][last];
    bool whole = c->x_count[k] == c->y_count;
    double *sums = (double *)(void *)c->scratch;
    if (!whole) {
        memset(sums, 0, (size_t)c->x_count[k] * sizeof *sums);
    }
    for (int64_t r = 0; r < b->runs; r++) {
        int64_t at[2];
        mien_broadcast_at(b, 2, r, at);
        const float *x0 = c->x[0] + at[0], *x1 = c->x[1] + at[1], *dy = c->dy + r * n;
        for (int64_t i = 0; i < n; i++) {
            double d = (double)dy[i] *
                       slope_of(s->form, k, (double)x0[i * da], (double)x1[i * db]);
            if (whole) {
                c->dx[k][at[k] + i] = (float)d;
            } else {
                sums[at[k] + i * (k ? db : da)] += d;
            }
        }
    }
    for (int64_t i = 0; !whole && i < c->x_count[k]; i++) {
        c->dx[k][i] = (float)sums[i];
    }
}

static int64_t scratch(const mien_kernel_call *c, bool back, bool trains) {
    int64_t most = 0;
    (void)trains;
    for (int k = 0; back && k < 2; k++) {
        most =
            c->x_count[k] < c->y_count && c->x_count[k] > most ? c->x_count[k] : most;
    }
    return 2 * most;
}

static void backward(const mien_kernel_call *c) {
    mien_broadcast b = mien_broadcast_here(c);
    for (int k = 0; k < 2; k++) {
        if (c->dx[k]) {
            gather(c, &b, k);
        }
    }
}

static const mien_kernel kernel = {
    .forward = forward, .backward = backward, .scratch = scratch};

/* ---- a picture and a number for each of its channels: in the picture's layout -----
 */

/* The library's number of the function; 0: it has none, or not this way round. */
static int algorithm_of(binary_form form, int picture) {
    switch (form) {
    case ADD:
        return dnnl_binary_add;
    case MUL:
        return dnnl_binary_mul;
    case SUB:
        return picture == 0 ? dnnl_binary_sub : 0;
    case DIV:
        return picture == 0 ? dnnl_binary_div : 0;
    default:
        return 0;
    }
}

/* Which operand is a picture whose channels lie last, the other being [C, 1, 1] or
 * [1, C, 1, 1]; -1: neither. */
static int picture_of(const mien_builder *b, const mien_op_node *n) {
    for (int i = 0; n->rank == 4 && i < 2; i++) {
        const mien_op_node *x = mien_builder_node(b, n->inputs[i]);
        const mien_op_node *c = mien_builder_node(b, n->inputs[1 - i]);
        const int64_t *last = c->shape + c->rank - 3;
        bool good = x->rank == 4 && !memcmp(x->shape, n->shape, 4 * sizeof *x->shape) &&
                    (c->rank == 3 || (c->rank == 4 && c->shape[0] == 1)) &&
                    last[0] == n->shape[1] && last[1] == 1 && last[2] == 1;
        if (good && mien_md_is_channels_last(mien_builder_value(b, n->inputs[i]).md)) {
            return i;
        }
    }
    return -1;
}

static mien_status prepare_picture(
    mien_builder *b, const mien_group *group, int picture, dnnl_alg_kind_t algorithm) {
    const mien_op_node *n = mien_builder_node(b, group->main);
    const mien_node other = n->inputs[1 - picture];
    const int64_t shape[4] = {1, n->shape[1], 1, 1};
    mien_value_ref x = mien_builder_value(b, n->inputs[picture]), y = x, c;
    dnnl_memory_desc_t md = NULL;
    mien_status status = mien_builder_plain(b, other, &c);
    if (status == MIEN_OK) {
        status = mien_md_plain(&md, 4, shape);
    }
    if (status == MIEN_OK) {
        status = mien_builder_md(b, md, &c.md);
    }
    dnnl_memory_desc_destroy(md);
    if (status == MIEN_OK &&
        (!mien_builder_dies(b, n->inputs[picture]) || x.storage == c.storage)) {
        status = mien_builder_new(b, group->last, x.md, &y);
    }
    if (status == MIEN_OK) {
        status = mien_builder_binary(b, group->main, algorithm, x, c, y, NULL);
    }
    return status == MIEN_OK ? mien_builder_finish(b, group, 0, y) : status;
}

static mien_status prepare(mien_builder *b, const mien_group *group) {
    const mien_op_node *n = mien_builder_node(b, group->main);
    const int picture = picture_of(b, n);
    const int algorithm =
        picture < 0 ? 0 : algorithm_of(((const binary *)n->settings)->form, picture);
    return algorithm ? prepare_picture(b, group, picture, (dnnl_alg_kind_t)algorithm)
                     : mien_kernel_prepare(b, group, &kernel);
}

static mien_status prepare_backward(mien_builder *b, const mien_group *group) {
    return mien_kernel_backward(b, group, &kernel);
}

const mien_op mien_op_binary = {
    .name = "binary",
    .summary = "One function of two values",
    .options = options,
    .inputs_min = 2,
    .inputs_max = 2,
    .parts = MIEN_PART_NEEDS_X,
    .settings_size = sizeof(binary),
    .parse = parse,
    .shape = shape,
    .prepare = prepare,
    .backward = prepare_backward,
    .reference = reference,
};
