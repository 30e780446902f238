/* SPDX-License-Identifier: MIT */
/* The calls with which an operator's prepare() adds its steps to a program. */
#include <string.h>

#include "nn/plan/plan.h"

/* ---- values ---------------------------------------------------------------------- */

const mien_op_node *mien_builder_node(const mien_builder *b, mien_node node) {
    return b->plan->graph->nodes[node];
}

void mien_builder_shape(
    const mien_builder *b, mien_node node, int64_t shape[MIEN_RANK_MAX]) {
    mien_shape_of(b->plan->graph->nodes[node], b->program->batch, shape);
}

mien_value_ref mien_builder_value(const mien_builder *b, mien_node node) {
    return b->values[node];
}

void mien_builder_set(mien_builder *b, mien_node node, mien_value_ref value) {
    b->values[node] = value;
}

bool mien_builder_dies(const mien_builder *b, mien_node node) {
    mien_value_ref value = b->values[node];
    return b->groups->last_use[node] == b->group && !b->groups->kept[node] &&
           value.storage >= 0 &&
           b->program->storages[value.storage].place == MIEN_PLACE_BUFFER;
}

/* Room for one more element of a growing array. */
static mien_status grow(void *array, int count, int *capacity, size_t size) {
    void **at = array;
    if (count < *capacity) {
        return MIEN_OK;
    }
    int wider = *capacity ? *capacity * 2 : 64;
    void *moved = mien_realloc(*at, (size_t)*capacity, (size_t)wider, size);
    if (!moved) {
        return MIEN_ENOMEM;
    }
    *at = moved;
    *capacity = wider;
    return MIEN_OK;
}

mien_status mien_builder_md(
    mien_builder *b, const_dnnl_memory_desc_t md, const_dnnl_memory_desc_t *kept) {
    mien_program *p = b->program;
    mien_status status = grow(&p->mds, p->mds_count, &p->mds_capacity, sizeof *p->mds);
    if (status == MIEN_OK) {
        status = MIEN_DNNL(dnnl_memory_desc_clone(&p->mds[p->mds_count], md));
    }
    if (status == MIEN_OK) {
        *kept = p->mds[p->mds_count++];
    }
    return status;
}

static mien_status storage_new(
    mien_builder *b, mien_place place, int index, size_t bytes, int *storage) {
    mien_program *p = b->program;
    mien_status status = grow(
        &p->storages, p->storages_count, &p->storages_capacity, sizeof *p->storages);
    if (status == MIEN_OK) {
        p->storages[p->storages_count] = (mien_storage){.place = place,
            .index = index,
            .bytes = bytes,
            .first = p->steps_count,
            .last = p->steps_count};
        *storage = p->storages_count++;
    }
    return status;
}

static int output_index(const mien_plan *plan, mien_node node) {
    for (int i = 0; i < plan->outputs_count; i++) {
        if (plan->outputs[i] == node) {
            return i;
        }
    }
    return -1;
}

mien_status mien_builder_new(mien_builder *b, mien_node node,
    const_dnnl_memory_desc_t md, mien_value_ref *value) {
    int output = node >= 0 ? output_index(b->plan, node) : -1;
    bool direct = output >= 0 && mien_md_is_plain(md);
    mien_value_ref made = {-1, NULL};
    mien_status status = mien_builder_md(b, md, &made.md);
    if (status == MIEN_OK) {
        status = storage_new(b, direct ? MIEN_PLACE_OUTPUT : MIEN_PLACE_BUFFER, output,
            dnnl_memory_desc_get_size(md), &made.storage);
    }
    if (status == MIEN_OK) {
        *value = made;
    }
    return status;
}

static mien_step *step_new(mien_builder *b, const char *name);

/* A reorder without its destination, which the caller adds before its primitive. */
static mien_status reorder_from(mien_builder *b, const char *name, mien_value_ref from,
    const_dnnl_memory_desc_t to, mien_step **step, dnnl_primitive_desc_t *pd) {
    dnnl_primitive_attr_t attr = NULL;
    mien_group none = {0};
    mien_status status = mien_builder_attr(b, &none, 0, false, &attr);
    if (status == MIEN_OK) {
        status = MIEN_DNNL(dnnl_reorder_primitive_desc_create(
            pd, from.md, b->plan->engine, to, b->plan->engine, attr));
    }
    if (status == MIEN_OK) {
        *step = step_new(b, name);
        status = *step ? mien_step_value(b, *step, DNNL_ARG_FROM, from) : MIEN_ENOMEM;
    }
    if (status == MIEN_OK) {
        (*step)->reorder = true;
        b->program->reorders++;
    }
    dnnl_primitive_attr_destroy(attr);
    return status;
}

mien_status mien_builder_reorder(
    mien_builder *b, mien_node node, mien_value_ref from, mien_value_ref to) {
    dnnl_primitive_desc_t pd = NULL;
    mien_step *step = NULL;
    mien_status status =
        reorder_from(b, mien_builder_node(b, node)->name, from, to.md, &step, &pd);
    if (status == MIEN_OK) {
        status = mien_step_value(b, step, DNNL_ARG_TO, to);
    }
    if (status == MIEN_OK) {
        return mien_step_primitive(b, step, pd);
    }
    dnnl_primitive_desc_destroy(pd);
    return status;
}

mien_status mien_builder_reorder_to(mien_builder *b, const mien_op_node *node,
    mien_value_ref from, const_dnnl_memory_desc_t md, dnnl_memory_t to) {
    dnnl_primitive_desc_t pd = NULL;
    mien_step *step = NULL;
    mien_status status = reorder_from(b, node->name, from, md, &step, &pd);
    if (status != MIEN_OK) {
        dnnl_primitive_desc_destroy(pd);
        return status;
    }
    mien_step_memory(step, DNNL_ARG_TO, to);
    return mien_step_primitive(b, step, pd);
}

mien_status mien_builder_as(mien_builder *b, mien_node node,
    const_dnnl_memory_desc_t md, mien_value_ref *value) {
    mien_value_ref from = b->values[node], copy = b->copies[node], to;
    if (dnnl_memory_desc_equal(from.md, md)) {
        *value = from;
        return MIEN_OK;
    }
    if (copy.storage >= 0 && dnnl_memory_desc_equal(copy.md, md)) {
        *value = copy;
        return MIEN_OK;
    }
    mien_status status = mien_builder_new(b, -1, md, &to);
    if (status == MIEN_OK) {
        status = mien_builder_reorder(b, node, from, to);
    }
    if (status == MIEN_OK) {
        *value = b->copies[node] = to;
    }
    return status;
}

mien_status mien_builder_plain(mien_builder *b, mien_node node, mien_value_ref *value) {
    int64_t shape[MIEN_RANK_MAX];
    dnnl_memory_desc_t md = NULL;
    mien_builder_shape(b, node, shape);
    mien_status status = mien_md_plain(&md, mien_builder_node(b, node)->rank, shape);
    if (status == MIEN_OK) {
        status = mien_builder_as(b, node, md, value);
        dnnl_memory_desc_destroy(md);
    }
    return status;
}

mien_status mien_builder_view(
    mien_builder *b, mien_node node, mien_value_ref from, mien_value_ref *view) {
    int64_t shape[MIEN_RANK_MAX];
    dnnl_memory_desc_t md = NULL;
    mien_builder_shape(b, node, shape);
    mien_status status = mien_md_plain(&md, mien_builder_node(b, node)->rank, shape);
    if (status == MIEN_OK) {
        view->storage = from.storage;
        status = mien_builder_md(b, md, &view->md);
        dnnl_memory_desc_destroy(md);
    }
    return status;
}

/* Puts an output where the caller reads it, unless it was computed there. */
mien_status mien_builder_deliver(mien_builder *b, mien_node node) {
    int output = output_index(b->plan, node);
    mien_value_ref from = b->values[node], to = {-1, NULL};
    if (output < 0 || (b->program->storages[from.storage].place == MIEN_PLACE_OUTPUT &&
                          b->program->storages[from.storage].index == output)) {
        return MIEN_OK;
    }
    int64_t shape[MIEN_RANK_MAX];
    dnnl_memory_desc_t md = NULL;
    mien_builder_shape(b, node, shape);
    mien_status status = mien_md_plain(&md, mien_builder_node(b, node)->rank, shape);
    if (status == MIEN_OK) {
        status = mien_builder_new(b, node, md, &to);
        dnnl_memory_desc_destroy(md);
    }
    return status == MIEN_OK ? mien_builder_reorder(b, node, from, to) : status;
}

mien_status mien_builder_outside(mien_builder *b, mien_node node, mien_place place,
    int index, mien_value_ref *outside) {
    int64_t shape[MIEN_RANK_MAX];
    dnnl_memory_desc_t md = NULL;
    mien_value_ref value = {-1, NULL};
    mien_builder_shape(b, node, shape);
    mien_status status = mien_md_plain(&md, mien_builder_node(b, node)->rank, shape);
    if (status == MIEN_OK) {
        status = mien_builder_md(b, md, &value.md);
        dnnl_memory_desc_destroy(md);
    }
    if (status == MIEN_OK) {
        status = storage_new(
            b, place, index, dnnl_memory_desc_get_size(value.md), &value.storage);
    }
    if (status == MIEN_OK) {
        *outside = value;
    }
    return status;
}

/* ---- steps ------------------------------------------------------------------------
 */

static mien_step *step_new(mien_builder *b, const char *name) {
    mien_program *p = b->program;
    if (grow(&p->steps, p->steps_count, &p->steps_capacity, sizeof *p->steps) !=
        MIEN_OK) {
        return NULL;
    }
    dnnl_exec_arg_t *args = mien_arena_alloc(p->arena, MIEN_STEP_ARGS, sizeof *args);
    void **data = mien_arena_alloc(p->arena, MIEN_STEP_ARGS, sizeof *data);
    if (!args || !data) {
        return NULL;
    }
    p->steps[p->steps_count] = (mien_step){
        .name = name, .args = args, .data = data, .threads = b->plan->threads};
    return &p->steps[p->steps_count++];
}

mien_step *mien_builder_step_of(mien_builder *b, const mien_op_node *node) {
    return step_new(b, node->name);
}

mien_step *mien_builder_step(mien_builder *b, mien_node node) {
    return step_new(b, mien_builder_node(b, node)->name);
}

static mien_status bind(mien_builder *b, mien_step *step, int arg,
    const_dnnl_memory_desc_t md, int storage) {
    mien_program *p = b->program;
    dnnl_memory_t memory = NULL;
    mien_status status = grow(
        &p->bindings, p->bindings_count, &p->bindings_capacity, sizeof *p->bindings);
    if (status == MIEN_OK) {
        status = MIEN_DNNL(
            dnnl_memory_create(&memory, md, b->plan->engine, DNNL_MEMORY_NONE));
    }
    if (status == MIEN_OK) {
        p->bindings[p->bindings_count++] = (mien_binding){memory, storage};
        mien_step_memory(step, arg, memory);
    }
    return status;
}

mien_status mien_step_value(
    mien_builder *b, mien_step *step, int arg, mien_value_ref value) {
    b->program->storages[value.storage].last = (int)(step - b->program->steps);
    return bind(b, step, arg, value.md, value.storage);
}

mien_status mien_builder_fixed(
    mien_builder *b, const_dnnl_memory_desc_t md, void *data, dnnl_memory_t *memory) {
    mien_program *p = b->program;
    dnnl_memory_t made = NULL;
    mien_status status = grow(
        &p->bindings, p->bindings_count, &p->bindings_capacity, sizeof *p->bindings);
    if (status == MIEN_OK) {
        status = MIEN_DNNL(dnnl_memory_create(&made, md, b->plan->engine, data));
    }
    if (status == MIEN_OK) {
        p->bindings[p->bindings_count++] = (mien_binding){made, MIEN_STORAGE_FIXED};
        *memory = made;
    }
    return status;
}

void mien_step_memory(mien_step *step, int arg, dnnl_memory_t memory) {
    step->args[step->args_count++] = (dnnl_exec_arg_t){arg, memory};
}

const char *mien_step_kernel(const mien_step *step) {
    const_dnnl_primitive_desc_t pd = NULL;
    if (!step->primitive) {
        return "own";
    }
    if (step->reorder) {
        return "reorder";
    }
    dnnl_primitive_get_primitive_desc(step->primitive, &pd);
    return pd ? mien_pd_name(pd) : "";
}

void *mien_step_data(const mien_step *step, int arg) {
    void *data = NULL;
    for (int i = 0; i < step->args_count; i++) {
        data = step->args[i].arg == arg ? step->data[i] : data;
    }
    return data;
}

const_dnnl_memory_desc_t mien_pd_md(const_dnnl_primitive_desc_t pd, dnnl_query_t what) {
    return dnnl_primitive_desc_query_md(pd, what, 0);
}

const char *mien_pd_name(const_dnnl_primitive_desc_t pd) {
    const char *name = NULL;
    dnnl_primitive_desc_query(pd, dnnl_query_impl_info_str, 0, (void *)&name);
    return name ? name : "";
}

bool mien_pd_is_reference(const_dnnl_primitive_desc_t pd) {
    const char *name = mien_pd_name(pd);
    return !strncmp(name, "ref", 3) || strstr(name, ":ref");
}

static mien_status bind_scratch(
    mien_builder *b, mien_step *step, const_dnnl_memory_desc_t md) {
    size_t bytes = md ? dnnl_memory_desc_get_size(md) : 0;
    mien_program *p = b->program;
    p->scratch_bytes = bytes > p->scratch_bytes ? bytes : p->scratch_bytes;
    return bytes ? bind(b, step, DNNL_ARG_SCRATCHPAD, md, MIEN_STORAGE_SCRATCH)
                 : MIEN_OK;
}

mien_status mien_step_scratch(mien_builder *b, mien_step *step, int64_t count) {
    dnnl_memory_desc_t md = NULL;
    mien_status status = mien_md_plain(&md, 1, &count);
    if (status == MIEN_OK) {
        status = bind_scratch(b, step, md);
    }
    dnnl_memory_desc_destroy(md);
    return status;
}

mien_status mien_step_primitive(
    mien_builder *b, mien_step *step, dnnl_primitive_desc_t pd) {
    mien_status status = MIEN_DNNL(dnnl_primitive_create(&step->primitive, pd));
    if (status == MIEN_OK) {
        status = bind_scratch(b, step, mien_pd_md(pd, dnnl_query_scratchpad_md));
    }
    dnnl_primitive_desc_destroy(pd);
    return status;
}

/* ---- posts: what a group's main operator does to its result ------------------------
 */

static int first_sum(const mien_group *group, int count) {
    for (int i = 0; i < count; i++) {
        if (group->posts[i].other >= 0) {
            return i;
        }
    }
    return -1;
}

int mien_builder_fusable(
    const mien_builder *b, const mien_group *group, bool *in_place) {
    int sum = first_sum(group, group->posts_count);
    *in_place = false;
    if (sum >= 0) {
        mien_node other = group->posts[sum].other;
        const mien_op_node *main = mien_builder_node(b, group->main);
        bool free = mien_builder_dies(b, other);
        for (int i = 0; i < main->inputs_count; i++) {
            free &= b->values[main->inputs[i]].storage != b->values[other].storage;
        }
        for (int i = 0; i < group->posts_count; i++) {
            mien_node another = group->posts[i].other;
            free &= i == sum || another < 0 ||
                    b->values[another].storage != b->values[other].storage;
        }
        *in_place = free;
    }
    return group->posts_count;
}

static mien_status append_posts(mien_builder *b, const mien_group *group, int count,
    bool in_place, dnnl_post_ops_t posts) {
    int sum = in_place ? first_sum(group, count) : -1;
    mien_status status = MIEN_OK;
    for (int i = 0; status == MIEN_OK && i < count; i++) {
        const mien_op_node *n = mien_builder_node(b, group->posts[i].node);
        mien_node other = group->posts[i].other;
        if (i == sum) {
            status = MIEN_DNNL(dnnl_post_ops_append_sum(posts, 1, 0, dnnl_f32));
        } else if (other >= 0) {
            status = MIEN_DNNL(dnnl_post_ops_append_binary(
                posts, dnnl_binary_add, b->values[other].md));
        } else {
            mien_eltwise e = n->op->eltwise(n);
            status = MIEN_DNNL(dnnl_post_ops_append_eltwise(
                posts, (dnnl_alg_kind_t)e.algorithm, e.alpha, e.beta));
        }
    }
    return status;
}

mien_status mien_builder_attr(mien_builder *b, const mien_group *group, int count,
    bool in_place, dnnl_primitive_attr_t *attr) {
    dnnl_primitive_attr_t made = NULL;
    dnnl_post_ops_t posts = NULL;
    mien_status status = MIEN_DNNL(dnnl_primitive_attr_create(&made));
    if (status == MIEN_OK) {
        status = MIEN_DNNL(
            dnnl_primitive_attr_set_scratchpad_mode(made, dnnl_scratchpad_mode_user));
    }
    if (status == MIEN_OK && count) {
        status = MIEN_DNNL(dnnl_post_ops_create(&posts));
    }
    if (status == MIEN_OK && count) {
        status = append_posts(b, group, count, in_place, posts);
    }
    if (status == MIEN_OK && count) {
        status = MIEN_DNNL(dnnl_primitive_attr_set_post_ops(made, posts));
    }
    if (posts) {
        dnnl_post_ops_destroy(posts);
    }
    if (status != MIEN_OK && made) {
        dnnl_primitive_attr_destroy(made);
        return status;
    }
    *attr = made;
    return status;
}

mien_status mien_builder_target(mien_builder *b, const mien_group *group, int count,
    bool in_place, const_dnnl_memory_desc_t md, mien_value_ref *value) {
    int sum = in_place ? first_sum(group, count) : -1;
    if (sum >= 0) {
        return mien_builder_as(b, group->posts[sum].other, md, value);
    }
    return mien_builder_new(
        b, count == group->posts_count ? group->last : -1, md, value);
}

mien_status mien_step_posts(mien_builder *b, mien_step *step, const mien_group *group,
    int count, bool in_place) {
    int sum = in_place ? first_sum(group, count) : -1;
    mien_status status = MIEN_OK;
    for (int i = 0; status == MIEN_OK && i < count; i++) {
        if (group->posts[i].other >= 0 && i != sum) {
            status = mien_step_value(b, step,
                DNNL_ARG_ATTR_MULTIPLE_POST_OP(i) | DNNL_ARG_SRC_1,
                b->values[group->posts[i].other]);
        }
    }
    return status;
}
