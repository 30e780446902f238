/* SPDX-License-Identifier: MIT */
/* Small helpers over the maths library's C interface: status, layouts. */
#ifndef MIEN_NN_DNNL_H
#define MIEN_NN_DNNL_H

#include <oneapi/dnnl/dnnl.h>

#include "mien/base.h"

/** Turns a status of oneDNN into ours; `what` names the call in the error text. */
mien_status mien_dnnl_check(dnnl_status_t status, const char *what);

/** Evaluates a oneDNN call once; gives MIEN_OK or a failure with text. */
#define MIEN_DNNL(call) mien_dnnl_check((call), #call)

/** Row-major layout of float32. */
mien_status mien_md_plain(dnnl_memory_desc_t *md, int rank, const int64_t *shape);
/** Layout to be chosen by a primitive. */
mien_status mien_md_any(dnnl_memory_desc_t *md, int rank, const int64_t *shape);
/** Layout nhwc of a rank-4 shape. */
mien_status mien_md_channels_last(dnnl_memory_desc_t *md, const int64_t *shape);
bool mien_md_is_plain(const_dnnl_memory_desc_t md);
int mien_md_rank(const_dnnl_memory_desc_t md);
/** Lends the dimensions. */
const int64_t *mien_md_dims(const_dnnl_memory_desc_t md);
/** Channels per block where the layout is nChw8c or nChw16c without anything else; 0
 * for any other layout. */
int mien_md_channel_block(const_dnnl_memory_desc_t md);
/** True if rank-4 and channels innermost (nhwc). */
bool mien_md_is_channels_last(const_dnnl_memory_desc_t md);

#endif
