/* SPDX-License-Identifier: MIT */
/* Values put one after the other along a dimension. */
#include <stdio.h>
#include <string.h>

#include "nn/ops/gradient.h"
#include "base/need.h"

#define INPUTS_MAX (MIEN_STEP_ARGS - 2)

typedef struct concat {
    int axis;
} concat;

static const mien_option options[] = {
    {.name = "axis",
        .type = MIEN_OPTION_INT,
        .initial = "1",
        .minimum = -MIEN_RANK_MAX,
        .maximum = MIEN_RANK_MAX - 1,
        .help = "dimension; below 0: from the end"},
    {0},
};

static mien_status parse(const mien_options *given, void *settings) {
    ((concat *)settings)->axis = (int)mien_options_int(given, "axis");
    return MIEN_OK;
}

static mien_status shape(mien_op_node *node, const mien_op_node *const *inputs) {
    concat *s = node->settings;
    const mien_op_node *first = inputs[0];
    int axis = s->axis < 0 ? s->axis + first->rank : s->axis;
    if (axis < 0 || axis >= first->rank || first->shape[axis] < 0) {
        return mien_fail(MIEN_ESHAPE, "axis %d is no dimension to join along", s->axis);
    }
    s->axis = axis;
    mien_op_same_shape(node, inputs);
    node->shape[axis] = 0;
    for (int k = 0; k < node->inputs_count; k++) {
        bool good = inputs[k]->rank == first->rank;
        for (int i = 0; good && i < first->rank; i++) {
            good = i == axis || inputs[k]->shape[i] == first->shape[i];
        }
        if (!good) {
            char text[96];
            return mien_fail(MIEN_ESHAPE, "input %d %s differs in more than axis %d", k,
                mien_node_shape_text(inputs[k], text, sizeof text), axis);
        }
        node->shape[axis] += inputs[k]->shape[axis];
    }
    return MIEN_OK;
}

static void reference(const mien_reference *r) {
    int axis = ((const concat *)r->node->settings)->axis;
    int64_t outer = 1, inner = 1;
    for (int i = 0; i < r->node->rank; i++) {
        outer *= i < axis ? r->y_shape[i] : 1;
        inner *= i > axis ? r->y_shape[i] : 1;
    }
    double *y = r->y;
    for (int64_t o = 0; o < outer; o++) {
        for (int k = 0; k < r->count; k++) {
            int64_t run = r->x_shape[k][axis] * inner;
            memcpy(y, r->x[k] + o * run, (size_t)run * sizeof *y);
            y += run;
        }
    }
}

/* All inputs in the layout of the first if that fits each of them, else row-major. */
static mien_status gather(
    mien_builder *b, const mien_op_node *n, mien_value_ref *from) {
    mien_status status = MIEN_OK;
    int block = mien_md_channel_block(mien_builder_value(b, n->inputs[0]).md);
    bool blocked = block > 0;
    for (int k = 0; blocked && k < n->inputs_count; k++) {
        const_dnnl_memory_desc_t md = mien_builder_value(b, n->inputs[k]).md;
        blocked =
            mien_md_channel_block(md) == block && mien_md_dims(md)[1] % block == 0;
    }
    for (int k = 0; status == MIEN_OK && k < n->inputs_count; k++) {
        if (blocked) {
            from[k] = mien_builder_value(b, n->inputs[k]);
        } else {
            status = mien_builder_plain(b, n->inputs[k], &from[k]);
        }
    }
    return status;
}

static mien_status prepare(mien_builder *b, const mien_group *group) {
    const mien_op_node *n = mien_builder_node(b, group->main);
    mien_group none = {0};
    mien_value_ref from[INPUTS_MAX], to;
    const_dnnl_memory_desc_t mds[INPUTS_MAX];
    dnnl_primitive_attr_t attr = NULL;
    dnnl_primitive_desc_t pd = NULL;
    mien_step *step = NULL;
    mien_status status = gather(b, n, from);
    for (int k = 0; status == MIEN_OK && k < n->inputs_count; k++) {
        mds[k] = from[k].md;
    }
    if (status == MIEN_OK) {
        status = mien_builder_attr(b, &none, 0, false, &attr);
    }
    if (status == MIEN_OK) {
        status = MIEN_DNNL(dnnl_concat_primitive_desc_create(&pd, b->plan->engine, NULL,
            n->inputs_count, ((const concat *)n->settings)->axis, mds, attr));
        dnnl_primitive_attr_destroy(attr);
    }
    if (status == MIEN_OK) {
        status =
            mien_builder_new(b, group->last, mien_pd_md(pd, dnnl_query_dst_md), &to);
    }
    if (status == MIEN_OK) {
        step = mien_builder_step(b, group->main);
        status = step ? mien_step_value(b, step, DNNL_ARG_DST, to) : MIEN_ENOMEM;
    }
    for (int k = 0; status == MIEN_OK && k < n->inputs_count; k++) {
        status = mien_step_value(b, step, DNNL_ARG_MULTIPLE_SRC + k, from[k]);
    }
    if (status == MIEN_OK) {
        mien_builder_set(b, group->last, to);
        return mien_step_primitive(b, step, pd);
    }
    if (pd) {
        dnnl_primitive_desc_destroy(pd);
    }
    return status;
}

/* Input k's part of dy, which begins at `first` along the axis, in a layout of its own.
 */
static mien_status part_back(
    mien_builder *b, const mien_group *group, int k, int64_t first, mien_value_ref dy) {
    const mien_op_node *n = mien_builder_node(b, group->main);
    dnnl_dims_t shape = {0}, offsets = {0};
    dnnl_memory_desc_t part = NULL, own = NULL;
    mien_value_ref from = dy, dx;
    mien_builder_shape(b, n->inputs[k], shape);
    offsets[((const concat *)n->settings)->axis] = first;
    mien_status status =
        MIEN_DNNL(dnnl_memory_desc_create_submemory(&part, dy.md, shape, offsets));
    if (status == MIEN_OK) {
        status = mien_builder_md(b, part, &from.md);
    }
    if (status == MIEN_OK) {
        status = mien_md_plain(&own, n->rank, shape);
    }
    if (status == MIEN_OK) {
        status = mien_builder_new(b, -1, own, &dx);
    }
    if (status == MIEN_OK) {
        status = mien_builder_reorder(b, group->main, from, dx);
    }
    dnnl_memory_desc_destroy(part);
    dnnl_memory_desc_destroy(own);
    return status == MIEN_OK ? mien_builder_gradient_add(b, n->inputs[k], dx) : status;
}

static mien_status backward(mien_builder *b, const mien_group *group) {
    const mien_op_node *n = mien_builder_node(b, group->main);
    int64_t y[MIEN_RANK_MAX], first = 0;
    int axis = ((const concat *)n->settings)->axis;
    mien_value_ref dy = mien_builder_gradient(b, group->last);
    dnnl_memory_desc_t md = NULL;
    mien_builder_shape(b, group->main, y);
    mien_status status = mien_md_plain(&md, n->rank, y);
    if (status == MIEN_OK) {
        status = mien_builder_in(b, group->main, dy, md, &dy);
        dnnl_memory_desc_destroy(md);
    }
    for (int k = 0; status == MIEN_OK && k < n->inputs_count; k++) {
        if (mien_builder_learns(b, n->inputs[k])) {
            status = part_back(b, group, k, first, dy);
        }
        first += mien_builder_node(b, n->inputs[k])->shape[axis];
    }
    return status;
}

const mien_op mien_op_concat = {
    .name = "concat",
    .summary = "Values joined along a dimension",
    .options = options,
    .inputs_min = 1,
    .inputs_max = INPUTS_MAX,
    .settings_size = sizeof(concat),
    .parse = parse,
    .shape = shape,
    .prepare = prepare,
    .backward = backward,
    .reference = reference,
};

mien_status mien_concat(mien_graph *graph, const char *name, const mien_node *inputs,
    int count, int axis, mien_node *y) {
    MIEN_NEED(graph, name, inputs, y);
    char text[32];
    snprintf(text, sizeof text, "axis=%d", axis);
    return mien_graph_add(graph, "concat", name, inputs, count, text, y);
}
