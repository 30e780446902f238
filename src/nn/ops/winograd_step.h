/* SPDX-License-Identifier: MIT */
/* Winograd convolutions as steps of a plan: what those of pictures and of films share.
 */
#ifndef MIEN_NN_WINOGRAD_STEP_H
#define MIEN_NN_WINOGRAD_STEP_H

#include "nn/plan/plan.h"
#include "nn/kernels/winograd.h"

/** Transformed weights take four times the memory of plain ones and are read once a
 * run: with fewer pixels than this to work on, reading them takes longer than is won.
 */
#define MIEN_WINOGRAD_PIXELS_LEAST 128

/** The step's settings. */
typedef struct mien_winograd_settings {
    mien_winograd winograd;
    bool in_place; /**< the addend is y itself */
} mien_winograd_settings;

/** Where values of this layout lie, [N, C, H, W] or one frame of [N, C, D, H, W]; false
 * if it is neither blocked nor channels last. */
bool mien_winograd_layout_of(const_dnnl_memory_desc_t md, mien_winograd_layout *layout);
/** Takes over the operations that follow the convolution; false where the step cannot
 * do what the group asks. At most one sum, then at most one activation that is
 * linear on each side of 0. */
bool mien_winograd_posts(
    const mien_builder *b, const mien_group *group, mien_winograd *w);
/** A copy of them that lives as long as the program; NULL: out of memory. */
mien_winograd_settings *mien_winograd_settings_of(
    mien_builder *b, const mien_winograd *w);
/** The transformed weights of a convolution. */
mien_status mien_winograd_packed(mien_builder *b, const mien_op_node *n,
    const mien_op_node *norm, const mien_winograd *w, mien_packed_kind kind,
    dnnl_memory_t *out);
/** Runs a step whose settings are mien_winograd_settings. */
void mien_winograd_step_run(const mien_step *step);
/** Adds the group's convolution, whose shapes, layouts and schedule are chosen. */
mien_status mien_winograd_step(mien_builder *b, const mien_group *group,
    mien_winograd *w, bool with_bias, const_dnnl_memory_desc_t src,
    const_dnnl_memory_desc_t dst);

#endif
