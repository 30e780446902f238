/* SPDX-License-Identifier: MIT */
/* Compiles a graph for one micro-batch, and runs the steps that come of it. */
#include "nn/plan.h"

#include <string.h>

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
    bool passes = n->op->passes && n->op->passes(n, &x, b->plan->mode);
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
    }
    for (int i = 0; status == MIEN_OK && i < plan->inputs_count; i++) {
        status = mien_builder_receive(b, plan->inputs[i], i);
        if (status == MIEN_OK) {
            status = mien_builder_deliver(b, plan->inputs[i]);
        }
    }
    for (b->group = 0; status == MIEN_OK && b->group < b->groups->count; b->group++) {
        status = prepare_group(b);
    }
    return status;
}

mien_status mien_program_new(mien_plan *plan, int64_t batch, mien_program **program) {
    mien_groups groups = {0};
    mien_builder b = {.plan = plan, .groups = &groups};
    mien_status status = MIEN_ENOMEM;
    b.program = mien_alloc(1, sizeof *b.program);
    b.values = mien_alloc((size_t)plan->graph->count, sizeof *b.values);
    b.copies = mien_alloc((size_t)plan->graph->count, sizeof *b.copies);
    if (!b.program || !b.values || !b.copies) {
        goto done;
    }
    b.program->batch = batch;
    status = mien_arena_new(65536, &b.program->arena);
    if (status == MIEN_OK) {
        status = mien_groups_new(
            plan->graph, plan->outputs, plan->outputs_count, plan->mode, &groups);
    }
    if (status == MIEN_OK) {
        status = build(&b);
    }
    if (status == MIEN_OK) {
        status = mien_storage_layout(
            b.program->storages, b.program->storages_count, &b.program->buffer_bytes);
    }
done:
    mien_groups_clear(&groups);
    mien_free(b.values);
    mien_free(b.copies);
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

mien_status mien_program_place(mien_program *p, char *buffer) {
    mien_status status = MIEN_OK;
    for (int i = 0; status == MIEN_OK && i < p->bindings_count; i++) {
        int storage = p->bindings[i].storage;
        char *at = buffer + p->buffer_bytes;
        if (storage >= 0) {
            if (p->storages[storage].place != MIEN_PLACE_BUFFER) {
                continue;
            }
            at = buffer + p->storages[storage].offset;
        }
        status = MIEN_DNNL(dnnl_memory_set_data_handle(p->bindings[i].memory, at));
    }
    return status;
}

mien_status mien_program_move(const mien_plan *plan, mien_program *p, int64_t first) {
    mien_status status = MIEN_OK;
    for (int i = 0; status == MIEN_OK && i < p->bindings_count; i++) {
        int storage = p->bindings[i].storage;
        if (storage < 0 || p->storages[storage].place == MIEN_PLACE_BUFFER) {
            continue;
        }
        const mien_storage *s = &p->storages[storage];
        bool input = s->place == MIEN_PLACE_INPUT;
        char *at = input ? (char *)plan->inputs_data[s->index]
                         : (char *)plan->outputs_data[s->index]->data;
        size_t stride =
            input ? plan->inputs_stride[s->index] : plan->outputs_stride[s->index];
        status = MIEN_DNNL(dnnl_memory_set_data_handle(
            p->bindings[i].memory, at + (size_t)first * stride));
    }
    return status;
}

mien_status mien_program_run(const mien_plan *plan, const mien_program *p) {
    for (int i = 0; i < p->steps_count; i++) {
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
