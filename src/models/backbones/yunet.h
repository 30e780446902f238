/* SPDX-License-Identifier: MIT */
/* YuNet as the finder of faces runs it: the four heads of a level as one, since four of
 * one to ten channels cost more than one of sixteen. */
#ifndef MIEN_MODELS_YUNET_H
#define MIEN_MODELS_YUNET_H

#include "mien/nn.h"

#define MIEN_YUNET_LEVELS 3
/** The channels of a map: cls and obj (before their sigmoids), four of bbox, ten of
 * kps. */
#define MIEN_YUNET_CHANNELS 16

/** Builds it; maps of strides 8, 16 and 32. */
mien_status mien_yunet_build(
    mien_graph *graph, mien_node input, mien_node maps[MIEN_YUNET_LEVELS]);
/** Fills its parameters from those of the backbone `yunet`. */
void mien_yunet_copy(mien_parameters *from, mien_parameters *to);

#endif
