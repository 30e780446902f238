/* SPDX-License-Identifier: MIT */
/* Small helpers over the maths library's C interface: status, layouts. */
#include "nn/dnnl.h"

#include <string.h>

mien_status mien_dnnl_check(dnnl_status_t status, const char *what) {
    int name = (int)strcspn(what, "(");
    switch (status) {
    case dnnl_success:
        return MIEN_OK;
    case dnnl_out_of_memory:
        return mien_fail(MIEN_ENOMEM, "%.*s: out of memory", name, what);
    case dnnl_unimplemented:
        return mien_fail(MIEN_EUNSUPPORTED, "%.*s: not implemented", name, what);
    default:
        return mien_fail(MIEN_EINTERNAL, "%.*s: status %d", name, what, (int)status);
    }
}

static const dnnl_format_tag_t plain_tags[] = {dnnl_format_tag_undef, dnnl_a, dnnl_ab,
    dnnl_abc, dnnl_abcd, dnnl_abcde, dnnl_abcdef, dnnl_abcdefg, dnnl_abcdefgh};

mien_status mien_md_plain(dnnl_memory_desc_t *md, int rank, const int64_t *shape) {
    return MIEN_DNNL(
        dnnl_memory_desc_create_with_tag(md, rank, shape, dnnl_f32, plain_tags[rank]));
}

mien_status mien_md_any(dnnl_memory_desc_t *md, int rank, const int64_t *shape) {
    return MIEN_DNNL(dnnl_memory_desc_create_with_tag(
        md, rank, shape, dnnl_f32, dnnl_format_tag_any));
}

mien_status mien_md_channels_last(dnnl_memory_desc_t *md, const int64_t *shape) {
    return MIEN_DNNL(
        dnnl_memory_desc_create_with_tag(md, 4, shape, dnnl_f32, dnnl_nhwc));
}

int mien_md_rank(const_dnnl_memory_desc_t md) {
    int rank = 0;
    dnnl_memory_desc_query(md, dnnl_query_ndims_s32, &rank);
    return rank;
}

const int64_t *mien_md_dims(const_dnnl_memory_desc_t md) {
    dnnl_dims_t *dims = NULL;
    dnnl_memory_desc_query(md, dnnl_query_dims, &dims);
    return (const int64_t *)dims;
}

bool mien_md_is_plain(const_dnnl_memory_desc_t md) {
    dnnl_memory_desc_t plain = NULL;
    bool same =
        dnnl_memory_desc_create_with_tag(&plain, mien_md_rank(md), mien_md_dims(md),
            dnnl_f32, plain_tags[mien_md_rank(md)]) == dnnl_success &&
        dnnl_memory_desc_equal(md, plain);
    if (plain) {
        dnnl_memory_desc_destroy(plain);
    }
    return same;
}

static bool has_tag(const_dnnl_memory_desc_t md, dnnl_format_tag_t tag) {
    dnnl_memory_desc_t wanted = NULL;
    if (dnnl_memory_desc_create_with_tag(&wanted, mien_md_rank(md), mien_md_dims(md),
            dnnl_f32, tag) != dnnl_success) {
        return false;
    }
    bool same = dnnl_memory_desc_equal(md, wanted);
    dnnl_memory_desc_destroy(wanted);
    return same;
}

int mien_md_channel_block(const_dnnl_memory_desc_t md) {
    switch (mien_md_rank(md)) {
    case 4:
        return has_tag(md, dnnl_nChw16c) ? 16 : has_tag(md, dnnl_nChw8c) ? 8 : 0;
    case 5:
        return has_tag(md, dnnl_nCdhw16c) ? 16 : has_tag(md, dnnl_nCdhw8c) ? 8 : 0;
    default:
        return 0;
    }
}

bool mien_md_is_channels_last(const_dnnl_memory_desc_t md) {
    return (mien_md_rank(md) == 4 && has_tag(md, dnnl_nhwc)) ||
           (mien_md_rank(md) == 5 && has_tag(md, dnnl_ndhwc));
}
