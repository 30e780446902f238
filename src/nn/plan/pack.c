/* SPDX-License-Identifier: MIT */
/* Packs weights into the layouts that primitives want, with batch-norms folded in. */
#include <math.h>
#include <string.h>

#include "base/unset.h"
#include "nn/ops/batch_norm.h"
#include "nn/ops/conv2d.h"
#include "nn/parameters.h"
#include "nn/plan/plan.h"
#include "nn/kernels/conv_thin.h"
#include "nn/kernels/winograd.h"

/* Factor of output channel o: the batch-norm's weight / sqrt(variance + epsilon). */
static double scale_of(const mien_plan *plan, const mien_op_node *norm, int64_t o) {
    const mien_batch_norm_settings *s = norm->settings;
    double variance =
        (double)mien_parameters_of(plan->parameters, norm, "running_var")[o];
    double weight = (double)mien_parameters_of(plan->parameters, norm, "weight")[o];
    return weight / sqrt(variance + s->epsilon);
}

static void fold_weight(
    const mien_plan *plan, const mien_packed *packed, const float *from, float *to) {
    const mien_op_parameter *kind = &packed->node->parameters[0];
    int64_t out = kind->shape[0],
            each = mien_shape_count(kind->rank, kind->shape) / out;
    for (int64_t o = 0; o < out; o++) {
        double scale = scale_of(plan, packed->norm, o);
        for (int64_t i = 0; i < each; i++) {
            to[o * each + i] = (float)(scale * (double)from[o * each + i]);
        }
    }
}

static void fold_bias(
    const mien_plan *plan, const mien_packed *packed, int64_t count, float *to) {
    const float *bias = mien_parameters_of(plan->parameters, packed->node, "bias");
    for (int64_t o = 0; o < count; o++) {
        double value = bias ? (double)bias[o] : 0;
        if (packed->norm) {
            const mien_op_node *n = packed->norm;
            double mean =
                (double)mien_parameters_of(plan->parameters, n, "running_mean")[o];
            double shift = (double)mien_parameters_of(plan->parameters, n, "bias")[o];
            value = (value - mean) * scale_of(plan, n, o) + shift;
        }
        to[o] = (float)value;
    }
}

static mien_status reorder(mien_plan *plan, mien_packed *packed, const float *plain) {
    dnnl_memory_desc_t md = NULL;
    dnnl_memory_t from = NULL;
    dnnl_primitive_desc_t pd = NULL;
    dnnl_primitive_t primitive = NULL;
    mien_status status =
        mien_md_plain(&md, mien_md_rank(packed->md), mien_md_dims(packed->md));
    if (status == MIEN_OK) {
        status = MIEN_DNNL(
            dnnl_memory_create(&from, md, plan->engine, (void *)(uintptr_t)plain));
    }
    if (status == MIEN_OK) {
        status = MIEN_DNNL(dnnl_reorder_primitive_desc_create(
            &pd, md, plan->engine, packed->md, plan->engine, NULL));
    }
    if (status == MIEN_OK) {
        status = MIEN_DNNL(dnnl_primitive_create(&primitive, pd));
    }
    if (status == MIEN_OK) {
        dnnl_exec_arg_t args[] = {{DNNL_ARG_FROM, from}, {DNNL_ARG_TO, packed->memory}};
        status = MIEN_DNNL(dnnl_primitive_execute(primitive, plan->stream, 2, args));
    }
    if (status == MIEN_OK) {
        status = MIEN_DNNL(dnnl_stream_wait(plan->stream));
        plan->weight_packs++;
    }
    dnnl_primitive_destroy(primitive);
    dnnl_primitive_desc_destroy(pd);
    dnnl_memory_destroy(from);
    dnnl_memory_desc_destroy(md);
    return status;
}

static mien_winograd problem_of(const mien_plan *plan, const mien_packed *packed) {
    const int64_t *shape = packed->node->parameters[0].shape;
    bool back = packed->kind == MIEN_PACKED_WINOGRAD_BACK;
    mien_winograd w = {
        .in = shape[!back], .out = shape[back], .threads = plan->threads};
    if (packed->node->parameters[0].rank == 5) {
        w.kind = MIEN_WINOGRAD_FRAMES;
        w.length = shape[2];
    } else if (((const mien_conv2d_settings *)packed->node->settings)->stride[0] == 2) {
        w.kind = MIEN_WINOGRAD_STRIDED;
    } else {
        w.taps = (int)shape[3];
    }
    mien_winograd_init(&w);
    return w;
}

static void transform(mien_plan *plan, mien_packed *packed, const float *plain) {
    plan->weight_packs++;
    if (packed->kind == MIEN_PACKED_THIN) {
        mien_conv_thin c = mien_conv_thin_of_weights(&packed->node->parameters[0]);
        mien_conv_thin_pack(&c, plain, packed->data);
        return;
    }
    mien_winograd w = problem_of(plan, packed);
    mien_winograd_pack(
        &w, plain, packed->kind == MIEN_PACKED_WINOGRAD_BACK, packed->data);
}

/* Whether it is packed for kernels of our own. */
static bool is_ours(const mien_packed *packed) {
    return packed->kind == MIEN_PACKED_WINOGRAD ||
           packed->kind == MIEN_PACKED_WINOGRAD_BACK ||
           packed->kind == MIEN_PACKED_THIN;
}

/* Values of the parameter that is packed; there may be none, for a bias. */
static int64_t count_of(const mien_packed *packed) {
    const mien_op_parameter *weight = &packed->node->parameters[0];
    return is_ours(packed)
               ? mien_shape_count(weight->rank, weight->shape)
               : mien_shape_count(mien_md_rank(packed->md), mien_md_dims(packed->md));
}

mien_status mien_pack(mien_plan *plan, mien_packed *packed) {
    const float *from =
        mien_parameters_of(plan->parameters, packed->node, packed->suffix);
    int64_t count = count_of(packed);
    bool folds = packed->kind == MIEN_PACKED_BIAS || packed->norm;
    float *folded = NULL;
    if (folds) {
        folded = mien_alloc_unset((size_t)count, sizeof *folded);
        if (!folded) {
            return MIEN_ENOMEM;
        }
        if (packed->kind == MIEN_PACKED_BIAS) {
            fold_bias(plan, packed, count, folded);
        } else {
            fold_weight(plan, packed, from, folded);
        }
        from = folded;
    }
    mien_status status = MIEN_OK;
    if (is_ours(packed)) {
        transform(plan, packed, from);
    } else {
        status = reorder(plan, packed, from);
    }
    mien_free(folded);
    return status;
}

static mien_packed *find(const mien_plan *plan, const mien_packed *wanted) {
    for (int i = 0; i < plan->packed_count; i++) {
        mien_packed *p = &plan->packed[i];
        if (p->node == wanted->node && p->norm == wanted->norm &&
            p->kind == wanted->kind && !strcmp(p->suffix, wanted->suffix) &&
            dnnl_memory_desc_equal(p->md, wanted->md)) {
            return p;
        }
    }
    return NULL;
}

static void packed_clear(mien_packed *p) {
    dnnl_memory_destroy(p->memory);
    dnnl_memory_desc_destroy(p->md);
}

/* In training, a parameter that is wanted as it is is not copied: it changes with each
 * step. NULL: it must be packed. */
static float *lies_ready(const mien_plan *plan, const mien_packed *p) {
    for (int i = 0; i < p->node->parameters_count; i++) {
        if (plan->mode == MIEN_TRAIN && !p->norm && !is_ours(p) &&
            !strcmp(p->node->parameters[i].suffix, p->suffix) &&
            mien_md_is_plain(p->md)) {
            return mien_parameters_at(plan->parameters, p->node->parameters_first + i)
                ->data;
        }
    }
    return NULL;
}

/* Weights that change with each step are packed in it, into memory that other values
 * use before and after, instead of being kept packed beside themselves. */
static bool packs_each_step(const mien_plan *plan, const mien_packed *p) {
    return plan->mode == MIEN_TRAIN && !p->norm && p->kind != MIEN_PACKED_BIAS &&
           p->kind != MIEN_PACKED_VECTOR &&
           mien_parameters_trained(plan->parameters, p->node->parameters_first);
}

typedef struct transforming {
    mien_winograd winograd;
    bool back;
    const float *weight;
} transforming;

static void run_transform(const mien_step *step) {
    const transforming *t = step->settings;
    mien_winograd_pack(
        &t->winograd, t->weight, t->back, mien_step_data(step, DNNL_ARG_DST));
}

static mien_status transform_in_step(
    mien_builder *b, const mien_packed *p, const float *weight, mien_step *step) {
    transforming *t = mien_arena_alloc(b->program->arena, 1, sizeof *t);
    if (!t) {
        return MIEN_ENOMEM;
    }
    *t = (transforming){
        problem_of(b->plan, p), p->kind == MIEN_PACKED_WINOGRAD_BACK, weight};
    step->run = run_transform;
    step->settings = t;
    return MIEN_OK;
}

static mien_status reorder_in_step(
    mien_builder *b, const mien_packed *p, float *weight, mien_step *step) {
    dnnl_memory_desc_t md = NULL;
    dnnl_memory_t from = NULL;
    dnnl_primitive_desc_t pd = NULL;
    dnnl_primitive_attr_t attr = NULL;
    mien_group none = {0};
    mien_status status = mien_md_plain(&md, mien_md_rank(p->md), mien_md_dims(p->md));
    if (status == MIEN_OK) {
        status = mien_builder_fixed(b, md, weight, &from);
    }
    if (status == MIEN_OK) {
        status = mien_builder_attr(b, &none, 0, false, &attr);
    }
    if (status == MIEN_OK) {
        status = MIEN_DNNL(dnnl_reorder_primitive_desc_create(
            &pd, md, b->plan->engine, p->md, b->plan->engine, attr));
    }
    if (status == MIEN_OK) {
        mien_step_memory(step, DNNL_ARG_FROM, from);
        step->reorder = true;
        status = mien_step_primitive(b, step, pd);
    }
    dnnl_primitive_attr_destroy(attr);
    dnnl_memory_desc_destroy(md);
    return status;
}

static mien_status pack_in_step(
    mien_builder *b, const mien_packed *p, dnnl_memory_t *memory) {
    float *weight =
        mien_parameters_at(b->plan->parameters, p->node->parameters_first)->data;
    mien_value_ref packed;
    mien_step *step = NULL;
    mien_status status = mien_builder_new(b, -1, p->md, &packed);
    if (status == MIEN_OK) {
        step = mien_builder_step_of(b, p->node);
        status = step ? mien_step_value(b, step, DNNL_ARG_DST, packed) : MIEN_ENOMEM;
    }
    if (status == MIEN_OK) {
        *memory = step->args[0].memory; /* whoever reads it keeps it alive */
        status = is_ours(p) ? transform_in_step(b, p, weight, step)
                            : reorder_in_step(b, p, weight, step);
    }
    return status;
}

mien_status mien_builder_packed(mien_builder *b, const mien_op_node *node,
    const mien_op_node *norm, mien_packed_kind kind, const char *suffix,
    const_dnnl_memory_desc_t md, dnnl_memory_t *memory) {
    mien_plan *plan = b->plan;
    mien_packed p = {.node = node, .norm = norm, .kind = kind, .suffix = suffix};
    mien_status status = MIEN_DNNL(dnnl_memory_desc_clone(&p.md, md));
    if (status != MIEN_OK) {
        return status;
    }
    mien_packed *known = find(plan, &p);
    if (known) {
        *memory = known->memory;
        dnnl_memory_desc_destroy(p.md);
        return MIEN_OK;
    }
    float *own = lies_ready(plan, &p);
    if (own || packs_each_step(plan, &p)) {
        status =
            own ? mien_builder_fixed(b, md, own, memory) : pack_in_step(b, &p, memory);
        dnnl_memory_desc_destroy(p.md);
        return status;
    }
    if (plan->packed_count == plan->packed_capacity) {
        int wider = plan->packed_capacity ? 2 * plan->packed_capacity : 64;
        mien_packed *moved = mien_realloc(
            plan->packed, (size_t)plan->packed_capacity, (size_t)wider, sizeof *moved);
        status = moved ? MIEN_OK : MIEN_ENOMEM;
        plan->packed = moved ? moved : plan->packed;
        plan->packed_capacity = moved ? wider : plan->packed_capacity;
    }
    if (status == MIEN_OK) {
        p.bytes = dnnl_memory_desc_get_size(p.md);
        p.data = mien_arena_alloc(plan->weights, p.bytes, 1);
        status = p.data ? MIEN_OK : MIEN_ENOMEM;
    }
    if (status == MIEN_OK) {
        status = MIEN_DNNL(dnnl_memory_create(&p.memory, p.md, plan->engine, p.data));
    }
    if (status == MIEN_OK) {
        status = mien_pack(plan, &p);
    }
    if (status != MIEN_OK) {
        packed_clear(&p);
        return status;
    }
    plan->packed[plan->packed_count++] = p;
    *memory = p.memory;
    return MIEN_OK;
}

mien_status mien_builder_bias(mien_builder *b, const mien_op_node *node,
    const mien_op_node *norm, int64_t count, dnnl_memory_t *memory) {
    dnnl_memory_desc_t md = NULL;
    mien_status status = mien_md_plain(&md, 1, &count);
    if (status == MIEN_OK) {
        status =
            mien_builder_packed(b, node, norm, MIEN_PACKED_BIAS, "bias", md, memory);
    }
    dnnl_memory_desc_destroy(md);
    return status;
}

void mien_packed_free(mien_plan *plan) {
    for (int i = 0; i < plan->packed_count; i++) {
        packed_clear(&plan->packed[i]);
    }
    mien_free(plan->packed);
    mien_arena_free(&plan->weights);
}
