/* SPDX-License-Identifier: MIT */
/* Sums of decision trees (random forests, boosted trees) that were grown elsewhere.
 *
 * In come rows x [N, F]; out go [N, outputs]: of each output its bias and the leaves
 * that its trees lead the row to, summed in double. Trees are arrays of nodes in
 * parameters that nothing trains, so that a model file holds them and no other library
 * is needed to run them. All trees stand one after the other: tree t begins at node
 * root[t] and counts for output output[t]. Node k asks whether x[feature[k]] is below
 * threshold[k], in float as XGBoost does: yes goes on at child[k], no at child[k] + 1.
 * A node whose child is 0 is a leaf, and its threshold is the leaf's value. A child
 * always stands behind its parent; a node that says otherwise counts as a leaf, so that
 * a walk ends and stays inside the arrays whatever a file holds. */
#include <string.h>

#include "nn/kernel.h"

typedef struct trees {
    int64_t trees, nodes, outputs;
} trees;

/* Parameters in their order. */
enum { FEATURE, THRESHOLD, CHILD, ROOT, OUTPUT, BIAS };

/* Every number up to here is a float that is whole. */
#define WHOLE_MAX (1 << 24)
#define OUTPUTS_MAX 4096

static const mien_option options[] = {
    {.name = "trees",
        .type = MIEN_OPTION_INT,
        .minimum = 1,
        .maximum = WHOLE_MAX,
        .help = "how many"},
    {.name = "nodes",
        .type = MIEN_OPTION_INT,
        .minimum = 1,
        .maximum = WHOLE_MAX,
        .help = "of all trees together, leaves too"},
    {.name = "outputs",
        .type = MIEN_OPTION_INT,
        .minimum = 1,
        .maximum = OUTPUTS_MAX,
        .help = "values of a row"},
    {0},
};

static mien_status parse(const mien_options *given, void *settings) {
    trees *s = settings;
    if (!mien_options_given(given, "trees") || !mien_options_given(given, "nodes") ||
        !mien_options_given(given, "outputs")) {
        return mien_fail(MIEN_EINVAL, "options trees, nodes and outputs must be given");
    }
    s->trees = mien_options_int(given, "trees");
    s->nodes = mien_options_int(given, "nodes");
    s->outputs = mien_options_int(given, "outputs");
    return s->trees <= s->nodes
               ? MIEN_OK
               : mien_fail(MIEN_EINVAL, "%lld nodes are too few for %lld trees",
                     (long long)s->nodes, (long long)s->trees);
}

static mien_status shape(mien_op_node *node, const mien_op_node *const *inputs) {
    const trees *s = node->settings;
    if (inputs[0]->rank != 2) {
        return mien_fail(MIEN_ESHAPE, "it takes rows [N, F]");
    }
    node->rank = 2;
    node->shape[0] = inputs[0]->shape[0];
    node->shape[1] = s->outputs;
    static const char *const of_nodes[] = {"feature", "threshold", "child"};
    static const char *const of_trees[] = {"root", "output"};
    for (int i = 0; i < 3; i++) {
        mien_op_node_own(node, of_nodes[i], false, MIEN_INITIAL_ZERO, 1, 1, &s->nodes);
    }
    for (int i = 0; i < 2; i++) {
        mien_op_node_own(node, of_trees[i], false, MIEN_INITIAL_ZERO, 1, 1, &s->trees);
    }
    mien_op_node_own(node, "bias", false, MIEN_INITIAL_ZERO, 1, 1, &s->outputs);
    return MIEN_OK;
}

/* A whole number from 0 on below `end`; what is none is 0. */
static int64_t whole(float value, int64_t end) {
    return value >= 0 && value < (float)end ? (int64_t)value : 0;
}

/* The value of the leaf that a row is led to. */
static float leaf_of(const trees *s, const float *const *p, int64_t tree,
    const float *x, int64_t width) {
    int64_t node = whole(p[ROOT][tree], s->nodes);
    for (;;) {
        int64_t child = whole(p[CHILD][node], s->nodes);
        if (child <= node || child + 1 >= s->nodes) {
            return p[THRESHOLD][node];
        }
        bool below = x[whole(p[FEATURE][node], width)] < p[THRESHOLD][node];
        node = below ? child : child + 1;
    }
}

static void sum_row(const trees *s, const float *const *p, const float *x,
    int64_t width, double *sums) {
    for (int64_t k = 0; k < s->outputs; k++) {
        sums[k] = (double)p[BIAS][k];
    }
    for (int64_t t = 0; t < s->trees; t++) {
        sums[whole(p[OUTPUT][t], s->outputs)] += (double)leaf_of(s, p, t, x, width);
    }
}

/* The same a second way: every node says where its tree's rows go, walked from the
 * root by comparing in double. */
static void reference(const mien_reference *r) {
    const trees *s = r->node->settings;
    const float *const *p = r->parameters;
    int64_t width = r->x_shape[0][1];
    for (int64_t i = 0; i < r->y_count; i++) {
        const double *x = r->x[0] + i / s->outputs * width;
        double sum = (double)p[BIAS][i % s->outputs];
        for (int64_t t = 0; t < s->trees; t++) {
            int64_t node = whole(p[ROOT][t], s->nodes), child;
            while ((child = whole(p[CHILD][node], s->nodes)) > node &&
                   child + 1 < s->nodes) {
                int64_t f = whole(p[FEATURE][node], width);
                node = child + !(x[f] < (double)p[THRESHOLD][node]);
            }
            bool counts = whole(p[OUTPUT][t], s->outputs) == i % s->outputs;
            sum += counts ? (double)p[THRESHOLD][node] : 0;
        }
        r->y[i] = sum;
    }
}

static void sum_rows(const void *context, int64_t first, int64_t last) {
    const mien_kernel_call *c = context;
    const trees *s = c->node->settings;
    int64_t width = c->x_shape[0][1];
    double sums[OUTPUTS_MAX];
    for (int64_t i = first; i < last; i++) {
        sum_row(s, c->parameters, c->x[0] + i * width, width, sums);
        for (int64_t k = 0; k < s->outputs; k++) {
            c->y[i * s->outputs + k] = (float)sums[k];
        }
    }
}

static void forward(const mien_kernel_call *c) {
    enum { STEPS = 16 }; /* of a walk, or their like in work */
    const trees *s = c->node->settings;
    int64_t rows = c->y_shape[0];
    mien_in_parts(mien_kernel_threads(c, rows * s->trees * STEPS), rows, sum_rows, c);
}

/* A step function: its slope is 0 wherever it has one. */
static void backward(const mien_kernel_call *c) {
    if (c->dx[0]) {
        memset(c->dx[0], 0, (size_t)c->x_count[0] * sizeof *c->dx[0]);
    }
}

static const mien_kernel kernel = {.forward = forward, .backward = backward};

static mien_status prepare(mien_builder *b, const mien_group *group) {
    return mien_kernel_prepare(b, group, &kernel);
}

static mien_status prepare_backward(mien_builder *b, const mien_group *group) {
    return mien_kernel_backward(b, group, &kernel);
}

const mien_op mien_op_trees = {
    .name = "trees",
    .summary = "Sums of decision trees",
    .options = options,
    .inputs_min = 1,
    .inputs_max = 1,
    .settings_size = sizeof(trees),
    .parse = parse,
    .shape = shape,
    .prepare = prepare,
    .backward = prepare_backward,
    .reference = reference,
};
