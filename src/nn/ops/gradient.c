/* SPDX-License-Identifier: MIT */
/* Appends gradients to a program: what each operator's backward() is given, and the
 * walk from the outputs back to the inputs. */
#include "nn/ops/gradient.h"

#include <string.h>

#include "nn/activation.h"
#include "nn/plan/small_steps.h"

/* ---- what is wanted ----------------------------------------------------------------
 */

static bool trains_any(const mien_parameters *parameters, const mien_op_node *n) {
    for (int i = 0; i < n->parameters_count; i++) {
        if (mien_parameters_trained(parameters, n->parameters_first + i)) {
            return true;
        }
    }
    return false;
}

mien_status mien_learns_new(const mien_graph *graph, const mien_parameters *parameters,
    bool input_gradients, bool **learns) {
    bool *made = mien_alloc((size_t)graph->count, sizeof *made);
    if (!made) {
        return MIEN_ENOMEM;
    }
    for (int i = 0; i < graph->count; i++) {
        const mien_op_node *n = graph->nodes[i];
        made[i] = n->op ? trains_any(parameters, n) : input_gradients;
        for (int k = 0; k < n->inputs_count; k++) {
            made[i] |= made[n->inputs[k]];
        }
    }
    *learns = made;
    return MIEN_OK;
}

bool mien_builder_learns(const mien_builder *b, mien_node node) {
    return b->plan->learns && b->plan->learns[node];
}

/* Index of NODE.suffix among all parameters; -1: it has none. */
static int64_t parameter_index(const mien_op_node *node, const char *suffix) {
    for (int i = 0; i < node->parameters_count; i++) {
        if (!strcmp(node->parameters[i].suffix, suffix)) {
            return node->parameters_first + i;
        }
    }
    return -1;
}

bool mien_builder_trains(
    const mien_builder *b, const mien_op_node *node, const char *suffix) {
    int64_t index = parameter_index(node, suffix);
    return index >= 0 && mien_parameters_trained(b->plan->parameters, index);
}

/* ---- gradients of values ------------------------------------------------------------
 */

mien_value_ref mien_builder_gradient(const mien_builder *b, mien_node node) {
    return b->gradients[node];
}

mien_status mien_builder_in(mien_builder *b, mien_node node, mien_value_ref from,
    const_dnnl_memory_desc_t md, mien_value_ref *value) {
    mien_value_ref to;
    if (dnnl_memory_desc_equal(from.md, md)) {
        *value = from;
        return MIEN_OK;
    }
    mien_status status = mien_builder_new(b, -1, md, &to);
    if (status == MIEN_OK) {
        status = mien_builder_reorder(b, node, from, to);
    }
    if (status == MIEN_OK) {
        *value = to;
    }
    return status;
}

mien_status mien_builder_gradient_add(
    mien_builder *b, mien_node node, mien_value_ref value) {
    mien_value_ref before = b->gradients[node], same, sum;
    if (before.storage < 0) {
        b->gradients[node] = value;
        return MIEN_OK;
    }
    mien_status status = mien_builder_in(b, node, value, before.md, &same);
    if (status == MIEN_OK) {
        status = mien_builder_new(b, -1, before.md, &sum);
    }
    if (status == MIEN_OK) {
        status = mien_builder_binary(b, node, dnnl_binary_add, before, same, sum, NULL);
    }
    if (status == MIEN_OK) {
        b->gradients[node] = sum;
    }
    return status;
}

/* dx of y = f(x), from y and dy. */
static mien_status eltwise_backward(mien_builder *b, mien_node node, mien_value_ref y,
    mien_value_ref dy, mien_value_ref *dx) {
    const mien_op_node *n = mien_builder_node(b, node);
    mien_eltwise e = n->op->eltwise(n);
    dnnl_alg_kind_t algorithm = (dnnl_alg_kind_t)e.backward;
    mien_group none = {0};
    dnnl_primitive_attr_t attr = NULL;
    dnnl_primitive_desc_t forward = NULL, pd = NULL;
    mien_step *step = NULL;
    mien_status status = mien_builder_in(b, node, dy, y.md, &dy);
    if (status == MIEN_OK && e.backward == dnnl_eltwise_relu_use_dst_for_bwd &&
        mien_small(b, y.md)) {
        status = mien_builder_new(b, -1, y.md, dx);
        return status == MIEN_OK ? mien_small_rectify_back(b, node, e.alpha, y, dy, *dx)
                                 : status;
    }
    if (status == MIEN_OK) {
        status = mien_builder_attr(b, &none, 0, false, &attr);
    }
    if (status == MIEN_OK) {
        status = MIEN_DNNL(
            dnnl_eltwise_forward_primitive_desc_create(&forward, b->plan->engine,
                dnnl_forward_training, algorithm, y.md, y.md, e.alpha, e.beta, attr));
    }
    if (status == MIEN_OK) {
        status =
            MIEN_DNNL(dnnl_eltwise_backward_primitive_desc_create(&pd, b->plan->engine,
                algorithm, y.md, y.md, y.md, e.alpha, e.beta, forward, attr));
    }
    if (status == MIEN_OK) {
        status = mien_builder_new(b, -1, y.md, dx);
    }
    if (status == MIEN_OK) {
        step = mien_builder_step(b, node);
        status = step ? mien_step_value(b, step, DNNL_ARG_DST, y) : MIEN_ENOMEM;
    }
    if (status == MIEN_OK) {
        status = mien_step_value(b, step, DNNL_ARG_DIFF_DST, dy);
    }
    if (status == MIEN_OK) {
        status = mien_step_value(b, step, DNNL_ARG_DIFF_SRC, *dx);
    }
    if (status == MIEN_OK) {
        status = mien_step_primitive(b, step, pd);
        pd = NULL;
    }
    dnnl_primitive_desc_destroy(pd);
    dnnl_primitive_desc_destroy(forward);
    dnnl_primitive_attr_destroy(attr);
    return status;
}

mien_status mien_builder_output_gradient(
    mien_builder *b, const mien_group *group, mien_value_ref *dy) {
    mien_value_ref value = b->gradients[group->last];
    mien_status status = MIEN_OK;
    for (int i = group->posts_count - 1; status == MIEN_OK && i >= 0; i--) {
        /* in training at most one activation joins a group: its value is the last */
        status = eltwise_backward(
            b, group->posts[i].node, b->values[group->last], value, &value);
    }
    if (status == MIEN_OK) {
        *dy = value;
    }
    return status;
}

mien_status mien_activation_backward(mien_builder *b, const mien_group *group) {
    const mien_op_node *n = mien_builder_node(b, group->main);
    mien_value_ref dy, dx;
    mien_status status = mien_builder_output_gradient(b, group, &dy);
    if (status == MIEN_OK) {
        status = eltwise_backward(
            b, group->main, mien_builder_value(b, group->last), dy, &dx);
    }
    return status == MIEN_OK ? mien_builder_gradient_add(b, n->inputs[0], dx) : status;
}

/* ---- gradients of parameters
 * --------------------------------------------------------- */

mien_status mien_builder_parameter_gradient(mien_builder *b, const mien_op_node *node,
    const char *suffix, dnnl_memory_t *memory) {
    mien_plan *plan = b->plan;
    int64_t index = parameter_index(node, suffix);
    *memory = NULL;
    if (!mien_builder_trains(b, node, suffix)) {
        return MIEN_OK;
    }
    mien_gradient *g = &plan->gradients[index];
    mien_status status = MIEN_OK;
    if (!g->tensor) {
        const mien_tensor *like = mien_parameters_at(plan->parameters, index);
        status = mien_tensor_new(MIEN_F32, like->rank, like->shape, &g->tensor);
    }
    if (status == MIEN_OK && !g->memory) {
        dnnl_memory_desc_t md = NULL;
        status = mien_md_plain(&md, g->tensor->rank, g->tensor->shape);
        if (status == MIEN_OK) {
            status = MIEN_DNNL(
                dnnl_memory_create(&g->memory, md, plan->engine, g->tensor->data));
        }
        dnnl_memory_desc_destroy(md);
    }
    if (status == MIEN_OK) {
        *memory = g->memory;
    }
    return status;
}

mien_status mien_builder_parameter_deliver(mien_builder *b, const mien_op_node *node,
    const char *suffix, mien_value_ref value) {
    dnnl_memory_t plain = NULL, grouped = NULL;
    dnnl_memory_desc_t md = NULL;
    int64_t index = parameter_index(node, suffix);
    mien_status status = mien_builder_parameter_gradient(b, node, suffix, &plain);
    if (status != MIEN_OK || !plain) {
        return status;
    }
    /* the same bytes under the shape of value: weights may be split by groups there */
    status = mien_md_plain(&md, mien_md_rank(value.md), mien_md_dims(value.md));
    if (status == MIEN_OK) {
        status =
            mien_builder_fixed(b, md, b->plan->gradients[index].tensor->data, &grouped);
    }
    if (status == MIEN_OK) {
        status = mien_builder_reorder_to(b, node, value, md, grouped);
    }
    dnnl_memory_desc_destroy(md);
    return status;
}

/* ---- workspaces
 * ---------------------------------------------------------------------- */

mien_status mien_builder_workspace(mien_builder *b, mien_node node,
    const_dnnl_memory_desc_t md, mien_value_ref *workspace) {
    mien_status status = MIEN_OK;
    if (b->workspaces[node].storage < 0) {
        status = mien_builder_new(b, -1, md, &b->workspaces[node]);
    }
    if (status == MIEN_OK) {
        *workspace = b->workspaces[node];
    }
    return status;
}

/* ---- the walk back
 * --------------------------------------------------------------------- */

/* Values that passed through: their gradient is the input's under its own shape. */
static mien_status pass_back(mien_builder *b, const mien_group *group) {
    const mien_op_node *n = mien_builder_node(b, group->main);
    const mien_op_node *x = mien_builder_node(b, n->inputs[0]);
    mien_value_ref dy = b->gradients[group->last], dx = dy;
    mien_status status = MIEN_OK;
    if (n->rank != x->rank || memcmp(n->shape, x->shape, sizeof n->shape) != 0) {
        int64_t shape[MIEN_RANK_MAX];
        dnnl_memory_desc_t md = NULL;
        mien_builder_shape(b, group->main, shape);
        status = mien_md_plain(&md, n->rank, shape);
        if (status == MIEN_OK) {
            status = mien_builder_in(b, group->main, dy, md, &dx);
            dnnl_memory_desc_destroy(md);
        }
        if (status == MIEN_OK) {
            status = mien_builder_view(b, n->inputs[0], dx, &dx);
        }
    }
    return status == MIEN_OK ? mien_builder_gradient_add(b, n->inputs[0], dx) : status;
}

static mien_status group_back(mien_builder *b, const mien_group *group) {
    const mien_op_node *n = mien_builder_node(b, group->main);
    const mien_op_node *x = mien_builder_node(b, n->inputs[0]);
    if (!mien_builder_learns(b, group->main) || b->gradients[group->last].storage < 0) {
        return MIEN_OK;
    }
    mien_status status;
    if (n->op->passes && n->op->passes(n, &x, b->plan->passing)) {
        status = pass_back(b, group);
    } else if (n->op->backward) {
        status = n->op->backward(b, group);
    } else {
        status = mien_fail(MIEN_EUNSUPPORTED, "it cannot be trained through yet");
    }
    return status == MIEN_OK
               ? status
               : mien_fail_in(status, "gradient of %s %s", n->op->name, n->name);
}

mien_status mien_builder_backward(mien_builder *b) {
    const mien_plan *plan = b->plan;
    mien_status status = MIEN_OK;
    for (int i = 0; status == MIEN_OK && i < plan->outputs_count; i++) {
        mien_value_ref dy;
        if (!mien_builder_learns(b, plan->outputs[i])) {
            continue;
        }
        status = mien_builder_outside(
            b, plan->outputs[i], MIEN_PLACE_OUTPUT_GRADIENT, i, &dy);
        if (status == MIEN_OK) {
            status = mien_builder_gradient_add(b, plan->outputs[i], dy);
        }
    }
    for (b->group = b->groups->count - 1; status == MIEN_OK && b->group >= 0;
         b->group--) {
        status = group_back(b, &b->groups->groups[b->group]);
    }
    for (int i = 0; status == MIEN_OK && i < plan->inputs_count; i++) {
        mien_node input = plan->inputs[i];
        mien_value_ref to;
        if (!mien_builder_learns(b, input) || b->gradients[input].storage < 0) {
            continue;
        }
        status = mien_builder_outside(b, input, MIEN_PLACE_INPUT_GRADIENT, i, &to);
        if (status == MIEN_OK) {
            status = mien_builder_reorder(b, input, b->gradients[input], to);
        }
    }
    return status;
}
