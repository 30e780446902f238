/* SPDX-License-Identifier: MIT */
/* Shared by batch-norms with and without a mask; the packing of weights reads their
 * settings too. */
#ifndef MIEN_NN_BATCH_NORM_H
#define MIEN_NN_BATCH_NORM_H

#include "nn/ops/op.h"

typedef struct mien_batch_norm_settings {
    double epsilon, momentum;
} mien_batch_norm_settings;

extern const mien_option mien_batch_norm_options[];
mien_status mien_batch_norm_parse(const mien_options *given, void *settings);
/** The shape of the first input; adds weight, bias, running_mean and running_var. */
mien_status mien_batch_norm_shape(
    mien_op_node *node, const mien_op_node *const *inputs);
/** Whether it uses the batch's statistics: in training, if it is trained itself. */
bool mien_batch_norm_learns(const mien_builder *builder, const mien_op_node *node);
/** prepare() of a batch-norm that a plan trains through, and backward() of all. */
mien_status mien_batch_norm_step(mien_builder *builder, const mien_group *group);
mien_status mien_batch_norm_step_back(mien_builder *builder, const mien_group *group);
/** What the activation behind a joined batch-norm clips at; false: it has none, nothing
 * is set. */
bool mien_batch_norm_clip(
    const mien_builder *builder, const mien_group *group, float *least, float *most);

#endif
