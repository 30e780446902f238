/* SPDX-License-Identifier: MIT */
/* Training of one-dimensional convolutions with few channels, as products over
 * row-major series: no reorder of what stands between layers. */
#ifndef MIEN_NN_CONV1D_NARROW_H
#define MIEN_NN_CONV1D_NARROW_H

#include "nn/kernel.h"

/** True if the group's convolution is one that this file trains. */
bool mien_conv1d_narrow(const mien_builder *builder, const mien_group *group);
extern const mien_kernel mien_conv1d_narrow_kernel;

#endif
