/* SPDX-License-Identifier: MIT */
/* Winograd convolutions as steps of a plan: layouts, what is fused behind them, packed
 * weights. */
#include "nn/ops/winograd_step.h"

bool mien_winograd_layout_of(
    const_dnnl_memory_desc_t md, mien_winograd_layout *layout) {
    const int64_t *dims = mien_md_dims(md);
    const int rank = mien_md_rank(md);
    const int64_t area = mien_shape_count(rank - 2, dims + 2), width = dims[rank - 1];
    const int64_t block = mien_md_channel_block(md);
    if (block) {
        int64_t slabs = (dims[1] + block - 1) / block;
        *layout = (mien_winograd_layout){.block = block,
            .image = slabs * block * area,
            .slab = block * area,
            .row = block * width,
            .pixel = block};
        return true;
    }
    *layout = (mien_winograd_layout){.block = dims[1],
        .image = dims[1] * area,
        .slab = dims[1],
        .row = dims[1] * width,
        .pixel = dims[1]};
    return mien_md_is_channels_last(md);
}

bool mien_winograd_posts(
    const mien_builder *b, const mien_group *group, mien_winograd *w) {
    int i = 0;
    if (i < group->posts_count && group->posts[i].other >= 0) {
        w->sums = true;
        i++;
    }
    if (i < group->posts_count && group->posts[i].other < 0) {
        const mien_op_node *n = mien_builder_node(b, group->posts[i].node);
        mien_eltwise e = n->op->eltwise(n);
        if (e.algorithm == dnnl_eltwise_relu) {
            w->slope = e.alpha;
        } else if (e.algorithm == dnnl_eltwise_clip_v2 && e.alpha == 0) {
            w->slope = 0;
            w->most = e.beta;
        } else {
            return false;
        }
        i++;
    }
    return i == group->posts_count;
}

mien_winograd_settings *mien_winograd_settings_of(
    mien_builder *b, const mien_winograd *w) {
    mien_winograd_settings *s = mien_arena_alloc(b->program->arena, 1, sizeof *s);
    if (s) {
        s->winograd = *w;
    }
    return s;
}

void mien_winograd_step_run(const mien_step *step) {
    const mien_winograd_settings *s = step->settings;
    float *y = mien_step_data(step, DNNL_ARG_DST);
    const float *addend = !s->winograd.sums ? NULL
                          : s->in_place     ? y
                                            : mien_step_data(step, DNNL_ARG_SRC_1);
    mien_winograd_run(&s->winograd, mien_step_data(step, DNNL_ARG_SRC),
        mien_step_data(step, DNNL_ARG_WEIGHTS), mien_step_data(step, DNNL_ARG_BIAS),
        addend, mien_step_data(step, DNNL_ARG_SCRATCHPAD), y);
}

/* The transformed weights of a convolution. */
mien_status mien_winograd_packed(mien_builder *b, const mien_op_node *n,
    const mien_op_node *norm, const mien_winograd *w, mien_packed_kind kind,
    dnnl_memory_t *out) {
    int64_t count = mien_winograd_weight_count(w);
    dnnl_memory_desc_t md = NULL;
    mien_status status = mien_md_plain(&md, 1, &count);
    if (status == MIEN_OK) {
        status = mien_builder_packed(b, n, norm, kind, "weight", md, out);
    }
    dnnl_memory_desc_destroy(md);
    return status;
}

/* Where the sum's other operand is, in y's layout, and where the result goes. */
static mien_status place(mien_builder *b, const mien_group *group,
    mien_winograd_settings *s, const_dnnl_memory_desc_t dst, mien_value_ref *addend,
    mien_value_ref *to) {
    mien_status status = MIEN_OK;
    mien_builder_fusable(b, group, &s->in_place);
    if (s->winograd.sums) {
        status = mien_builder_as(b, group->posts[0].other, dst, addend);
    }
    return status == MIEN_OK
               ? mien_builder_target(b, group, group->posts_count, s->in_place, dst, to)
               : status;
}

static mien_status add_step(mien_builder *b, const mien_group *group,
    mien_winograd_settings *s, bool with_bias, const_dnnl_memory_desc_t src,
    const_dnnl_memory_desc_t dst) {
    const mien_op_node *n = mien_builder_node(b, group->main);
    const mien_op_node *norm =
        group->norm < 0 ? NULL : mien_builder_node(b, group->norm);
    mien_value_ref from, addend = {-1, NULL}, to;
    dnnl_memory_t weight = NULL, bias = NULL;
    mien_step *step = NULL;
    mien_status status = mien_builder_as(b, n->inputs[0], src, &from);
    if (status == MIEN_OK) {
        status = place(b, group, s, dst, &addend, &to);
    }
    if (status == MIEN_OK) {
        status = mien_winograd_packed(
            b, n, norm, &s->winograd, MIEN_PACKED_WINOGRAD, &weight);
    }
    if (status == MIEN_OK && with_bias) {
        status = mien_builder_bias(b, n, norm, s->winograd.out, &bias);
    }
    if (status == MIEN_OK) {
        step = mien_builder_step(b, group->main);
        status = step ? mien_step_value(b, step, DNNL_ARG_SRC, from) : MIEN_ENOMEM;
    }
    if (status == MIEN_OK) {
        step->run = mien_winograd_step_run;
        step->settings = s;
        mien_step_memory(step, DNNL_ARG_WEIGHTS, weight);
        if (bias) {
            mien_step_memory(step, DNNL_ARG_BIAS, bias);
        }
        status = mien_step_value(b, step, DNNL_ARG_DST, to);
    }
    if (status == MIEN_OK && s->winograd.sums && !s->in_place) {
        status = mien_step_value(b, step, DNNL_ARG_SRC_1, addend);
    }
    if (status == MIEN_OK) {
        status = mien_step_scratch(b, step, mien_winograd_scratch_count(&s->winograd));
    }
    return status == MIEN_OK ? mien_builder_finish(b, group, group->posts_count, to)
                             : status;
}

mien_status mien_winograd_step(mien_builder *b, const mien_group *group,
    mien_winograd *w, bool with_bias, const_dnnl_memory_desc_t src,
    const_dnnl_memory_desc_t dst) {
    mien_winograd_init(w);
    mien_winograd_settings *s = mien_winograd_settings_of(b, w);
    return s ? add_step(b, group, s, with_bias || group->norm >= 0, src, dst)
             : MIEN_ENOMEM;
}
