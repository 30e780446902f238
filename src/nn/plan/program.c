/* SPDX-License-Identifier: MIT */
/* Compiles a graph for one micro-batch, and runs the steps that come of it. */
#include "nn/ops/gradient.h"

#include <string.h>

bool mien_op_passes(
    const mien_op_node *node, const mien_op_node *const *inputs, mien_mode mode) {
    (void)node;
    (void)inputs;
    (void)mode;
    return true;
}

void mien_op_pass_reference(const mien_reference *r) {
    memcpy(r->y, r->x[0], (size_t)r->y_count * sizeof *r->y);
}

mien_status mien_builder_pass(mien_builder *b, const mien_group *group) {
    const mien_op_node *n = mien_builder_node(b, group->main);
    const mien_op_node *x = mien_builder_node(b, n->inputs[0]);
    mien_value_ref from = mien_builder_value(b, n->inputs[0]), to = from;
    mien_status status = MIEN_OK;
    if (n->rank != x->rank || memcmp(n->shape, x->shape, sizeof n->shape) != 0) {
        int block = mien_md_channel_block(from.md);
        const int64_t *dims = mien_md_dims(from.md);
        /* one point per channel in whole blocks lies as row-major does */
        bool same = block && dims[1] % block == 0 && dims[2] * dims[3] == 1;
        if (!same) {
            status = mien_builder_plain(b, n->inputs[0], &from);
        }
        if (status == MIEN_OK) {
            status = mien_builder_view(b, group->main, from, &to);
        }
    }
    if (status == MIEN_OK) {
        mien_builder_set(b, group->last, to);
    }
    return status;
}

static mien_status prepare_group(mien_builder *b) {
    const mien_group *group = &b->groups->groups[b->group];
    const mien_op_node *n = mien_builder_node(b, group->main);
    const mien_op_node *x = mien_builder_node(b, n->inputs[0]);
    bool passes = n->op->passes && n->op->passes(n, &x, b->plan->passing);
    mien_status status =
        passes ? mien_builder_pass(b, group) : n->op->prepare(b, group);
    if (status == MIEN_OK) {
        status = mien_builder_deliver(b, group->last);
    }
    return status == MIEN_OK ? status
                             : mien_fail_in(status, "%s %s", n->op->name, n->name);
}

static mien_status build(mien_builder *b) {
    mien_plan *plan = b->plan;
    mien_status status = MIEN_OK;
    for (int i = 0; i < plan->graph->count; i++) {
        b->values[i].storage = b->copies[i].storage = -1;
        b->gradients[i].storage = b->workspaces[i].storage = -1;
        b->statistics[2 * i].storage = b->statistics[2 * i + 1].storage = -1;
    }
    for (int i = 0; status == MIEN_OK && i < plan->inputs_count; i++) {
        status = mien_builder_outside(
            b, plan->inputs[i], MIEN_PLACE_INPUT, i, &b->values[plan->inputs[i]]);
        if (status == MIEN_OK) {
            status = mien_builder_deliver(b, plan->inputs[i]);
        }
    }
    for (b->group = 0; status == MIEN_OK && b->group < b->groups->count; b->group++) {
        status = prepare_group(b);
    }
    b->program->forward_count = b->program->steps_count;
    return status == MIEN_OK && plan->mode == MIEN_TRAIN ? mien_builder_backward(b)
                                                         : status;
}

void mien_program_settle(mien_program *p) {
    for (int i = 0; i < p->bindings_count; i++) {
        if (p->bindings[i].storage < 0) {
            continue;
        }
        mien_storage *s = &p->storages[p->bindings[i].storage];
        for (int k = s->last + 1; k < p->steps_count; k++) {
            for (int a = 0; a < p->steps[k].args_count; a++) {
                s->last =
                    p->steps[k].args[a].memory == p->bindings[i].memory ? k : s->last;
            }
        }
    }
}

mien_status mien_program_new(mien_plan *plan, int64_t batch, mien_program **program) {
    mien_groups groups = {0};
    mien_builder b = {.plan = plan, .groups = &groups};
    mien_status status = MIEN_ENOMEM;
    b.program = mien_alloc(1, sizeof *b.program);
    b.values = mien_alloc((size_t)plan->graph->count, sizeof *b.values);
    b.copies = mien_alloc((size_t)plan->graph->count, sizeof *b.copies);
    b.gradients = mien_alloc((size_t)plan->graph->count, sizeof *b.gradients);
    b.workspaces = mien_alloc((size_t)plan->graph->count, sizeof *b.workspaces);
    b.statistics = mien_alloc((size_t)plan->graph->count, 2 * sizeof *b.statistics);
    if (!b.program || !b.values || !b.copies || !b.gradients || !b.workspaces ||
        !b.statistics) {
        goto done;
    }
    b.program->batch = batch;
    status = mien_arena_new(65536, &b.program->arena);
    if (status == MIEN_OK) {
        status = mien_groups_new(plan->graph, plan->outputs, plan->outputs_count,
            plan->passing, plan->batch_statistics, plan->learns, &groups);
    }
    if (status == MIEN_OK) {
        status = build(&b);
    }
    if (status == MIEN_OK) {
        mien_program_settle(b.program);
        status = mien_storage_layout(
            b.program->storages, b.program->storages_count, &b.program->buffer_bytes);
    }
done:
    mien_groups_clear(&groups);
    mien_free(b.values);
    mien_free(b.copies);
    mien_free(b.gradients);
    mien_free(b.workspaces);
    mien_free(b.statistics);
    if (status != MIEN_OK) {
        mien_program_free(&b.program);
        return status;
    }
    *program = b.program;
    return MIEN_OK;
}

void mien_program_free(mien_program **program) {
    mien_program *p = *program;
    if (!p) {
        return;
    }
    for (int i = 0; i < p->steps_count; i++) {
        dnnl_primitive_destroy(p->steps[i].primitive);
    }
    for (int i = 0; i < p->bindings_count; i++) {
        dnnl_memory_destroy(p->bindings[i].memory);
    }
    for (int i = 0; i < p->mds_count; i++) {
        dnnl_memory_desc_destroy(p->mds[i]);
    }
    mien_free(p->steps);
    mien_free(p->bindings);
    mien_free(p->mds);
    mien_free(p->storages);
    mien_arena_free(&p->arena);
    mien_free(p);
    *program = NULL;
}

void mien_program_locate(mien_program *p) {
    for (int i = 0; i < p->steps_count; i++) {
        const mien_step *step = &p->steps[i];
        for (int a = 0; !step->primitive && a < step->args_count; a++) {
            dnnl_memory_get_data_handle(step->args[a].memory, &step->data[a]);
        }
    }
}

mien_status mien_program_place(mien_program *p, char *buffer) {
    mien_status status = MIEN_OK;
    for (int i = 0; status == MIEN_OK && i < p->bindings_count; i++) {
        int storage = p->bindings[i].storage;
        char *at = buffer + p->buffer_bytes;
        if (storage == MIEN_STORAGE_FIXED) {
            continue;
        }
        if (storage >= 0) {
            if (p->storages[storage].place != MIEN_PLACE_BUFFER) {
                continue;
            }
            at = buffer + p->storages[storage].offset;
        }
        status = MIEN_DNNL(dnnl_memory_set_data_handle(p->bindings[i].memory, at));
    }
    mien_program_locate(p);
    return status;
}

/* Where what lies outside the buffer is, and the bytes of one item of its batch. */
static char *outside(const mien_plan *plan, const mien_storage *s, size_t *stride) {
    switch (s->place) {
    case MIEN_PLACE_INPUT:
        *stride = plan->inputs_stride[s->index];
        return (char *)plan->inputs_data[s->index];
    case MIEN_PLACE_OUTPUT:
        *stride = plan->outputs_stride[s->index];
        return plan->outputs_data[s->index]->data;
    case MIEN_PLACE_INPUT_GRADIENT:
        return plan->inputs_gradient[s->index]->data;
    case MIEN_PLACE_OUTPUT_GRADIENT:
        return plan->outputs_gradient[s->index]->data;
    default:
        return NULL;
    }
}

mien_status mien_program_move(const mien_plan *plan, mien_program *p, int64_t first) {
    mien_status status = MIEN_OK;
    for (int i = 0; status == MIEN_OK && i < p->bindings_count; i++) {
        int storage = p->bindings[i].storage;
        if (storage < 0 || p->storages[storage].place == MIEN_PLACE_BUFFER) {
            continue;
        }
        size_t stride = 0;
        char *at = outside(plan, &p->storages[storage], &stride);
        status = MIEN_DNNL(dnnl_memory_set_data_handle(
            p->bindings[i].memory, at + (size_t)first * stride));
    }
    mien_program_locate(p);
    return status;
}

mien_status mien_program_run(
    const mien_plan *plan, const mien_program *p, int first, int last) {
    for (int i = first; i < last; i++) {
        const mien_step *step = &p->steps[i];
        if (!step->primitive) {
            step->run(step);
            continue;
        }
        mien_status status = MIEN_DNNL(dnnl_primitive_execute(
            step->primitive, plan->stream, step->args_count, step->args));
        if (status != MIEN_OK) {
            return mien_fail_in(status, "%s", step->name);
        }
    }
    return MIEN_OK;
}
