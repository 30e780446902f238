/* SPDX-License-Identifier: MIT */
/* The calls with which an operator's backward() adds the steps of its gradients to a
 * program. */
#ifndef MIEN_NN_GRADIENT_H
#define MIEN_NN_GRADIENT_H

#include "nn/plan/plan.h"

/** Marks the nodes whose values depend on a parameter that is trained (or on an
 * input, where the gradient of inputs is wanted). One per node; the caller frees. */
mien_status mien_learns_new(const mien_graph *graph, const mien_parameters *parameters,
    bool input_gradients, bool **learns);

/** True if the node's gradient is wanted. */
bool mien_builder_learns(const mien_builder *b, mien_node node);
/** True if NODE.suffix is there and trained. */
bool mien_builder_trains(
    const mien_builder *b, const mien_op_node *node, const char *suffix);

/** The gradient of the group's main value: that of its last value, taken back through
 * its activation. Lent to be read, not to be written to. */
mien_status mien_builder_output_gradient(
    mien_builder *b, const mien_group *group, mien_value_ref *dy);
/** The gradient of the node's value so far. */
mien_value_ref mien_builder_gradient(const mien_builder *b, mien_node node);
/** Any value in this layout, through a reorder if it has another. */
mien_status mien_builder_in(mien_builder *b, mien_node node, mien_value_ref from,
    const_dnnl_memory_desc_t md, mien_value_ref *value);
/** Adds `value` to the node's gradient: what backward() calls once for each input whose
 * gradient is wanted. */
mien_status mien_builder_gradient_add(
    mien_builder *b, mien_node node, mien_value_ref value);

/** Memory of the gradient of NODE.suffix, row-major; NULL if it is not trained. */
mien_status mien_builder_parameter_gradient(mien_builder *b, const mien_op_node *node,
    const char *suffix, dnnl_memory_t *memory);
/** Puts a gradient computed as `value` where that of NODE.suffix is read. `shape` (rank
 * of value.md) is the parameter's, with groups split if the layout wants that. */
mien_status mien_builder_parameter_deliver(mien_builder *b, const mien_op_node *node,
    const char *suffix, mien_value_ref value);

/** Room for what the node's forward step must leave for its backward step. */
mien_status mien_builder_workspace(mien_builder *b, mien_node node,
    const_dnnl_memory_desc_t md, mien_value_ref *workspace);

/** Appends the gradients of everything to the program: after its forward steps. */
mien_status mien_builder_backward(mien_builder *b);

#endif
