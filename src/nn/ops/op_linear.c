/* SPDX-License-Identifier: MIT */
/* Linear layer: y = W x + b for each row; rows are all but the last dimension. */
#include <stdio.h>
#include <string.h>

#include "nn/ops/gradient.h"
#include "nn/ops/weighted_step.h"
#include "base/need.h"
#include "nn/kernel.h"

typedef struct linear {
    int64_t out;
    bool bias;
} linear;

static const char *const no_yes[] = {"no", "yes", NULL};
static const mien_option options[] = {
    {.name = "out",
        .type = MIEN_OPTION_INT,
        .minimum = 1,
        .maximum = 1 << 28,
        .help = "features of the result"},
    {.name = "bias",
        .type = MIEN_OPTION_CHOICE,
        .initial = "yes",
        .choices = no_yes,
        .help = "adds a number per feature"},
    {0},
};

static mien_status parse(const mien_options *given, void *settings) {
    linear *l = settings;
    if (!mien_options_given(given, "out")) {
        return mien_fail(MIEN_EINVAL, "option out must be given");
    }
    l->out = mien_options_int(given, "out");
    l->bias = !strcmp(mien_options_text(given, "bias"), "yes");
    return MIEN_OK;
}

static mien_status shape(mien_op_node *node, const mien_op_node *const *inputs) {
    const linear *l = node->settings;
    const mien_op_node *x = inputs[0];
    if (x->rank < 2) {
        return mien_fail(MIEN_ESHAPE, "it takes [N, F] to [N, …, F]");
    }
    mien_op_same_shape(node, inputs);
    node->shape[node->rank - 1] = l->out;
    int64_t weight[2] = {l->out, x->shape[x->rank - 1]};
    mien_op_node_own(node, "weight", true, MIEN_INITIAL_ZERO, weight[1], 2, weight);
    if (l->bias) {
        mien_op_node_own(node, "bias", true, MIEN_INITIAL_ZERO, weight[1], 1, &l->out);
    }
    return MIEN_OK;
}

static double flops(
    const mien_op_node *node, const mien_op_node *const *inputs, int64_t batch) {
    int64_t y[MIEN_RANK_MAX];
    mien_shape_of(node, batch, y);
    return 2.0 * (double)mien_shape_count(node->rank, y) *
           (double)inputs[0]->shape[node->rank - 1];
}

static void reference(const mien_reference *r) {
    const linear *l = r->node->settings;
    int64_t rows = r->y_count / l->out, in = r->x_shape[0][r->node->rank - 1];
    for (int64_t n = 0; n < rows; n++) {
        for (int64_t o = 0; o < l->out; o++) {
            double sum = l->bias ? (double)r->parameters[1][o] : 0;
            for (int64_t i = 0; i < in; i++) {
                sum += (double)r->parameters[0][o * in + i] * r->x[0][n * in + i];
            }
            r->y[n * l->out + o] = sum;
        }
    }
}

/* Weights that are trained are used where they lie, row-major: they are read once a
 * step, and packing them twice would cost more than it saves. */
static mien_status weight_md(mien_builder *b, const mien_op_node *n,
    const int64_t *shape, dnnl_memory_desc_t *md) {
    bool plain = b->plan->mode == MIEN_TRAIN && mien_builder_trains(b, n, "weight");
    return plain ? mien_md_plain(md, 2, shape) : mien_md_any(md, 2, shape);
}

/* ---- few features: a primitive costs more than the work ----------------------------
 */

#define FEW 64   /* of both */
#define LEAST 16 /* of one of them */

static void few_forward(const mien_kernel_call *c) {
    int64_t in = c->node->parameters[0].shape[1], out = c->node->parameters[0].shape[0];
    int64_t rows = c->y_count / out;
    mien_product_linear(
        rows, out, in, c->x[0], c->parameters[0], c->parameters[1], c->y);
}

static const mien_kernel few = {
    .forward = few_forward, .backward = mien_product_linear_backward};

/* When inferring, what follows is fused instead. */
static bool is_few(
    const mien_builder *b, const mien_op_node *n, const mien_group *group) {
    const int64_t *weight = n->parameters[0].shape;
    bool both = weight[0] <= FEW && weight[1] <= FEW;
    bool one = weight[0] <= LEAST || weight[1] <= LEAST;
    return (both || one) && mien_builder_learns(b, group->last);
}

/* ---- many --------------------------------------------------------------------------
 */

/* The matrices that x and y are, [rows, features] each. */
static void matrices(
    const mien_builder *b, const mien_op_node *n, int64_t x[2], int64_t y[2]) {
    int64_t shape[MIEN_RANK_MAX];
    mien_builder_shape(b, n->inputs[0], shape);
    x[0] = y[0] = mien_shape_count(n->rank - 1, shape);
    x[1] = shape[n->rank - 1];
    y[1] = n->shape[n->rank - 1];
}

/* A row-major value of whatever rank as the layout of its matrix. */
static mien_status as_matrix(mien_builder *b, mien_value_ref value,
    const int64_t *shape, mien_value_ref *matrix) {
    dnnl_memory_desc_t md = NULL;
    mien_status status = mien_md_plain(&md, 2, shape);
    if (status == MIEN_OK) {
        status = mien_builder_md(b, md, &matrix->md);
    }
    matrix->storage = value.storage;
    dnnl_memory_desc_destroy(md);
    return status;
}

/* x as a matrix. */
static mien_status rows_of(mien_builder *b, const mien_op_node *n, mien_value_ref *x) {
    int64_t from[2], to[2];
    mien_value_ref plain;
    matrices(b, n, from, to);
    mien_status status = mien_builder_plain(b, n->inputs[0], &plain);
    return status == MIEN_OK ? as_matrix(b, plain, from, x) : status;
}

/* Posts that can be fused: a sum's other operand is a matrix only where y is one. */
static int fusable(const mien_builder *b, const mien_group *group, bool *in_place) {
    int posts = mien_builder_fusable(b, group, in_place);
    if (mien_builder_node(b, group->main)->rank == 2) {
        return posts;
    }
    *in_place = false;
    for (int i = 0; i < posts; i++) {
        if (group->posts[i].other >= 0) {
            return i;
        }
    }
    return posts;
}

static mien_status describe(mien_builder *b, const mien_group *group, bool with_bias,
    int posts, bool in_place, dnnl_primitive_desc_t *pd) {
    const mien_op_node *n = mien_builder_node(b, group->main);
    int64_t x[2], y[2];
    dnnl_memory_desc_t src = NULL, weight = NULL, bias = NULL, dst = NULL;
    dnnl_primitive_attr_t attr = NULL;
    matrices(b, n, x, y);
    int64_t matrix[2] = {y[1], x[1]};
    mien_status status = mien_md_plain(&src, 2, x);
    if (status == MIEN_OK) {
        status = mien_md_plain(&dst, 2, y);
    }
    if (status == MIEN_OK) {
        status = weight_md(b, n, matrix, &weight);
    }
    if (status == MIEN_OK && with_bias) {
        status = mien_md_plain(&bias, 1, y + 1);
    }
    if (status == MIEN_OK) {
        status = mien_builder_attr(b, group, posts, in_place, &attr);
    }
    if (status == MIEN_OK) {
        status = MIEN_DNNL(dnnl_inner_product_forward_primitive_desc_create(
            pd, b->plan->engine, dnnl_forward_inference, src, weight, bias, dst, attr));
    }
    dnnl_memory_desc_t all[] = {src, weight, bias, dst};
    for (int i = 0; i < 4; i++) {
        if (all[i]) {
            dnnl_memory_desc_destroy(all[i]);
        }
    }
    if (attr) {
        dnnl_primitive_attr_destroy(attr);
    }
    return status;
}

static mien_status prepare(mien_builder *b, const mien_group *group) {
    const mien_op_node *n = mien_builder_node(b, group->main);
    if (is_few(b, n, group)) {
        return mien_kernel_prepare(b, group, &few);
    }
    bool with_bias = ((const linear *)n->settings)->bias || group->norm >= 0;
    mien_weighted weighted = {
        .bias = with_bias ? ((const linear *)n->settings)->out : 0};
    weighted.posts = fusable(b, group, &weighted.in_place);
    mien_value_ref from, to;
    dnnl_primitive_desc_t pd = NULL;
    mien_status status =
        describe(b, group, with_bias, weighted.posts, weighted.in_place, &pd);
    if (status != MIEN_OK && weighted.posts) {
        weighted.posts = 0;
        weighted.in_place = false;
        status = describe(b, group, with_bias, 0, false, &pd);
    }
    if (status != MIEN_OK) {
        return status;
    }
    status = rows_of(b, n, &from);
    if (status != MIEN_OK) {
        dnnl_primitive_desc_destroy(pd);
        return status;
    }
    status = mien_weighted_step(b, group, pd, &weighted, from, &to);
    if (status == MIEN_OK && n->rank > 2) {
        status = mien_builder_view(b, group->main, to, &to);
    }
    return status == MIEN_OK ? mien_builder_finish(b, group, weighted.posts, to)
                             : status;
}

/* ---- gradients ----------------------------------------------------------------------
 */

/* Layouts of x and y are row-major, those of the weights the library's choice. */
typedef struct making {
    dnnl_memory_desc_t x, weight, bias, y;
    dnnl_primitive_attr_t attr;
    dnnl_primitive_desc_t forward; /* a hint that both gradients ask for */
} making;

static void making_clear(making *m) {
    dnnl_primitive_desc_destroy(m->forward);
    dnnl_primitive_attr_destroy(m->attr);
    dnnl_memory_desc_destroy(m->x);
    dnnl_memory_desc_destroy(m->weight);
    dnnl_memory_desc_destroy(m->bias);
    dnnl_memory_desc_destroy(m->y);
}

static mien_status making_init(mien_builder *b, const mien_op_node *n, making *m) {
    int64_t x[2], y[2];
    matrices(b, n, x, y);
    int64_t matrix[2] = {y[1], x[1]};
    mien_group none = {0};
    mien_status status = mien_md_plain(&m->x, 2, x);
    if (status == MIEN_OK) {
        status = mien_md_plain(&m->y, 2, y);
    }
    if (status == MIEN_OK) {
        status = weight_md(b, n, matrix, &m->weight);
    }
    if (status == MIEN_OK) {
        status = mien_md_plain(&m->bias, 1, &y[1]);
    }
    if (status == MIEN_OK) {
        status = mien_builder_attr(b, &none, 0, false, &m->attr);
    }
    return status == MIEN_OK
               ? MIEN_DNNL(dnnl_inner_product_forward_primitive_desc_create(&m->forward,
                     b->plan->engine, dnnl_forward_training, m->x, m->weight, NULL,
                     m->y, m->attr))
               : status;
}

static mien_status input_back(
    mien_builder *b, const mien_group *group, const making *m, mien_value_ref dy) {
    const mien_op_node *n = mien_builder_node(b, group->main);
    dnnl_primitive_desc_t pd = NULL;
    dnnl_memory_t weight = NULL;
    mien_value_ref dx;
    mien_step *step = NULL;
    mien_status status =
        MIEN_DNNL(dnnl_inner_product_backward_data_primitive_desc_create(
            &pd, b->plan->engine, m->x, m->weight, m->y, m->forward, m->attr));
    if (status == MIEN_OK) {
        status = mien_builder_new(b, -1, m->x, &dx);
    }
    if (status == MIEN_OK) {
        status = mien_builder_packed(b, n, NULL, MIEN_PACKED_WEIGHT, "weight",
            mien_pd_md(pd, dnnl_query_weights_md), &weight);
    }
    if (status == MIEN_OK) {
        step = mien_builder_step(b, group->main);
        status = step ? mien_step_value(b, step, DNNL_ARG_DIFF_DST, dy) : MIEN_ENOMEM;
    }
    if (status == MIEN_OK) {
        mien_step_memory(step, DNNL_ARG_WEIGHTS, weight);
        status = mien_step_value(b, step, DNNL_ARG_DIFF_SRC, dx);
    }
    if (status == MIEN_OK) {
        status = mien_step_primitive(b, step, pd);
        if (status == MIEN_OK && n->rank > 2) {
            status = mien_builder_view(b, n->inputs[0], dx, &dx);
        }
        return status == MIEN_OK ? mien_builder_gradient_add(b, n->inputs[0], dx)
                                 : status;
    }
    dnnl_primitive_desc_destroy(pd);
    return status;
}

static mien_status weights_back(mien_builder *b, const mien_group *group,
    const making *m, mien_value_ref dy, dnnl_memory_t bias) {
    const mien_op_node *n = mien_builder_node(b, group->main);
    dnnl_primitive_desc_t pd = NULL;
    mien_value_ref x, unread;
    dnnl_memory_t dw = NULL;
    mien_step *step = NULL;
    mien_status status = MIEN_DNNL(
        dnnl_inner_product_backward_weights_primitive_desc_create(&pd, b->plan->engine,
            m->x, m->weight, bias ? m->bias : NULL, m->y, m->forward, m->attr));
    if (status == MIEN_OK) {
        status = rows_of(b, n, &x);
    }
    if (status == MIEN_OK) {
        status = mien_builder_parameter_gradient(b, n, "weight", &dw);
    }
    if (status == MIEN_OK && !dw) {
        status = mien_builder_new(
            b, -1, mien_pd_md(pd, dnnl_query_diff_weights_md), &unread);
    }
    if (status == MIEN_OK) {
        step = mien_builder_step(b, group->main);
        status = step ? mien_step_value(b, step, DNNL_ARG_DIFF_DST, dy) : MIEN_ENOMEM;
    }
    if (status == MIEN_OK) {
        status = mien_step_value(b, step, DNNL_ARG_SRC, x);
    }
    if (status == MIEN_OK) {
        if (bias) {
            mien_step_memory(step, DNNL_ARG_DIFF_BIAS, bias);
        }
        if (dw) {
            mien_step_memory(step, DNNL_ARG_DIFF_WEIGHTS, dw);
        } else {
            status = mien_step_value(b, step, DNNL_ARG_DIFF_WEIGHTS, unread);
        }
    }
    if (status == MIEN_OK) {
        return mien_step_primitive(b, step, pd);
    }
    dnnl_primitive_desc_destroy(pd);
    return status;
}

/* dy in the row-major layout of the node's shape. */
static mien_status plain_gradient(
    mien_builder *b, mien_node node, mien_value_ref dy, mien_value_ref *plain) {
    int64_t shape[MIEN_RANK_MAX];
    dnnl_memory_desc_t md = NULL;
    mien_builder_shape(b, node, shape);
    mien_status status = mien_md_plain(&md, mien_builder_node(b, node)->rank, shape);
    if (status == MIEN_OK) {
        status = mien_builder_in(b, node, dy, md, plain);
    }
    dnnl_memory_desc_destroy(md);
    return status;
}

static mien_status backward(mien_builder *b, const mien_group *group) {
    const mien_op_node *n = mien_builder_node(b, group->main);
    if (is_few(b, n, group)) {
        return mien_kernel_backward(b, group, &few);
    }
    making m = {0};
    dnnl_memory_t bias = NULL;
    mien_value_ref dy;
    mien_status status = making_init(b, n, &m);
    if (status == MIEN_OK) {
        status = mien_builder_output_gradient(b, group, &dy);
    }
    if (status == MIEN_OK) {
        status = plain_gradient(b, group->main, dy, &dy);
    }
    if (status == MIEN_OK) {
        status = as_matrix(b, dy, mien_md_dims(m.y), &dy);
    }
    if (status == MIEN_OK) {
        status = mien_builder_parameter_gradient(b, n, "bias", &bias);
    }
    if (status == MIEN_OK && (bias || mien_builder_trains(b, n, "weight"))) {
        status = weights_back(b, group, &m, dy, bias);
    }
    if (status == MIEN_OK && mien_builder_learns(b, n->inputs[0])) {
        status = input_back(b, group, &m, dy);
    }
    making_clear(&m);
    return status;
}

const mien_op mien_op_linear = {
    .name = "linear",
    .summary = "Linear layer",
    .options = options,
    .inputs_min = 1,
    .inputs_max = 1,
    .parts = MIEN_PART_FOLDS | MIEN_PART_ACTIVATES | MIEN_PART_SUMS | MIEN_PART_NEEDS_X,
    .settings_size = sizeof(linear),
    .parse = parse,
    .shape = shape,
    .flops = flops,
    .prepare = prepare,
    .backward = backward,
    .reference = reference,
};

mien_status mien_linear(mien_graph *graph, const char *name, mien_node x,
    int64_t out_features, bool bias, mien_node *y) {
    MIEN_NEED(graph, name, y);
    char text[64];
    snprintf(text, sizeof text, "out=%lld bias=%s", (long long)out_features,
        bias ? "yes" : "no");
    return mien_graph_add(graph, "linear", name, &x, 1, text, y);
}
