/* SPDX-License-Identifier: MIT */
/* Convolutions over frames that run by Winograd's algorithm: k×3×3 of stride 1, each
 * frame of the result a sum of k convolutions of pictures. */
#include <math.h>

#include "nn/ops/conv_nd.h"
#include "nn/ops/winograd_step.h"

/* Tiles of one frame, and frames, that go through all three steps together: what they
 * are in memory stays in the outer cache, and one frame more at each end is
 * transformed for every so many. */
#define FRAMES_AT_ONCE 8
#define TILES_AT_ONCE 96 /* of all these frames */

static bool suits(
    const mien_builder *b, const mien_op_node *n, const mien_conv_nd_settings *c) {
    bool good = c->dims == 3 && c->groups == 1 && !b->plan->exact;
    for (int i = 0; good && i < 3; i++) {
        good =
            c->stride[i] == 1 && c->dilation[i] == 1 && (i == 0 || c->kernel[i] == 3);
    }
    return good && c->kernel[0] <= 7 && c->out % MIEN_WINOGRAD_CHANNELS == 0 &&
           mien_builder_node(b, n->inputs[0])->shape[1] % MIEN_WINOGRAD_CHANNELS == 0 &&
           n->shape[2] * n->shape[3] * n->shape[4] >= MIEN_WINOGRAD_PIXELS_LEAST;
}

mien_status mien_conv3d_winograd(mien_builder *b, const mien_group *group,
    const_dnnl_memory_desc_t src, const_dnnl_memory_desc_t dst, bool *done) {
    const mien_op_node *n = mien_builder_node(b, group->main);
    const mien_conv_nd_settings *c = n->settings;
    int64_t x[MIEN_RANK_MAX], y[MIEN_RANK_MAX];
    *done = false;
    if (!suits(b, n, c)) {
        return MIEN_OK;
    }
    mien_builder_shape(b, n->inputs[0], x);
    mien_shape_of(n, b->program->batch, y);
    mien_winograd w = {.kind = MIEN_WINOGRAD_FRAMES,
        .pictures = x[0],
        .in = x[1],
        .out = y[1],
        .x_frames = x[2],
        .y_frames = y[2],
        .x_height = x[3],
        .x_width = x[4],
        .y_height = y[3],
        .y_width = y[4],
        .length = c->kernel[0],
        .front = c->before[0],
        .top = c->before[1],
        .left = c->before[2],
        .slope = 1,
        .most = INFINITY,
        .threads = b->plan->threads};
    if (!mien_winograd_posts(b, group, &w) || !mien_winograd_layout_of(src, &w.x) ||
        !mien_winograd_layout_of(dst, &w.y)) {
        return MIEN_OK;
    }
    w.x_frame = w.x.row * w.x_height;
    w.y_frame = w.y.row * w.y_height;
    w.frames_at_once = FRAMES_AT_ONCE < w.y_frames ? FRAMES_AT_ONCE : w.y_frames;
    w.tiles_at_once = TILES_AT_ONCE / w.frames_at_once;
    *done = true;
    return mien_winograd_step(b, group, &w, c->bias, src, dst);
}
