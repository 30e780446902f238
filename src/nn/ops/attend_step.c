/* SPDX-License-Identifier: MIT */
/* Attention as one step: which products it takes, and how they are cut among threads.
 *
 * The group's main is q kᵀ [N, …, T, S], its second the softmax over S, its third the
 * product with v [N, …, S, D]. The loops (nn/kernels/tokens.h) go over a few queries at
 * a time, so that shares are never in memory as a whole. Called by op_matmul.c. */
#include "nn/ops/attend_step.h"

#include <string.h>

#include "nn/kernels/tokens.h"

typedef struct settings {
    const mien_tokens *loops;
    mien_tokens_attention head;
    int64_t heads, inner; /* of all items; of one, which lie y_head apart in y */
    int64_t y_item, y_head, scratch;
    int threads;
} settings;

/* ---- which
 * ---------------------------------------------------------------------------
 */

static bool is_product(const mien_op_node *n) {
    return n->op && strcmp(n->op->name, "matmul") == 0;
}

/* The only node that reads this one; NULL: none or several. */
static const mien_op_node *reader_of(const mien_graph *graph, const mien_op_node *n) {
    const mien_op_node *reader = NULL;
    int count = 0;
    for (int i = 0; i < graph->count; i++) {
        for (int k = 0; k < graph->nodes[i]->inputs_count; k++) {
            if (graph->nodes[graph->nodes[i]->inputs[k]] == n) {
                reader = graph->nodes[i];
                count++;
            }
        }
    }
    return count == 1 ? reader : NULL;
}

/* Whether all dimensions but the last two are the same. */
static bool same_heads(const mien_op_node *a, const mien_op_node *b) {
    return a->rank == b->rank && a->rank > 2 &&
           !memcmp(a->shape, b->shape, (size_t)(a->rank - 2) * sizeof *a->shape);
}

/* Whether a product takes the shares that `shares` gives, as its first operand. */
static bool mixes(
    const mien_graph *graph, const mien_op_node *shares, const mien_op_node *n) {
    if (!n || !is_product(n) || graph->nodes[n->inputs[0]] != shares) {
        return false;
    }
    const mien_matmul_settings *s = n->settings;
    const mien_op_node *v = graph->nodes[n->inputs[1]];
    return !s->turned[0] && !s->turned[1] && v != shares && same_heads(shares, v) &&
           v->shape[v->rank - 1] % mien_tokens_best()->lanes == 0;
}

bool mien_attend_joins(
    const mien_graph *graph, const mien_group *group, const mien_op_node *next) {
    const mien_op_node *main = graph->nodes[group->main];
    const mien_matmul_settings *s = main->settings;
    if (!mien_tokens_best() || group->posts_count) {
        return false;
    }
    if (group->second) {
        return !group->third && mixes(graph, graph->nodes[group->second], next);
    }
    return strcmp(next->op->name, "softmax") == 0 && !s->turned[0] &&
           same_heads(main, graph->nodes[main->inputs[0]]) &&
           same_heads(main, graph->nodes[main->inputs[1]]) &&
           mixes(graph, next, reader_of(graph, next));
}

/* ---- the step
 * ------------------------------------------------------------------------
 */

typedef struct running {
    const settings *s;
    const float *q, *k, *v;
    float *y, *scratch;
} running;

static void run_head(const running *r, int64_t i, float *scratch) {
    const settings *s = r->s;
    mien_tokens_attention head = s->head;
    head.q = r->q + i * head.queries * head.depth;
    head.k = r->k + i * head.keys * head.depth;
    head.v = r->v + i * head.keys * head.width;
    head.y = r->y + i / s->inner * s->y_item + i % s->inner * s->y_head;
    head.scratch = scratch;
    s->loops->attend(&head);
}

static void run(const mien_step *step) {
    const settings *s = step->settings;
    const running r = {.s = s,
        .q = mien_step_data(step, DNNL_ARG_SRC_0),
        .k = mien_step_data(step, DNNL_ARG_SRC_1),
        .v = mien_step_data(step, DNNL_ARG_SRC_2),
        .y = mien_step_data(step, DNNL_ARG_DST),
        .scratch = mien_step_data(step, DNNL_ARG_SCRATCHPAD)};
    int threads = s->threads < s->heads ? s->threads : (int)s->heads;
#pragma omp parallel for num_threads(threads) if (threads > 1)
    for (int t = 0; t < threads; t++) {
        int64_t last = s->heads * (t + 1) / threads;
        for (int64_t i = s->heads * t / threads; i < last; i++) {
            run_head(&r, i, r.scratch + t * s->scratch);
        }
    }
}

/* The layout of y: rows of all heads of a place side by side where the heads are put
 * behind the places next, which then costs nothing; else row-major. */
static mien_status layout_of(
    mien_builder *b, const mien_group *group, settings *s, dnnl_memory_desc_t *md) {
    const mien_op_node *y = mien_builder_node(b, group->third);
    const mien_op_node *next = reader_of(b->plan->graph, y);
    const int64_t width = s->head.width, queries = s->head.queries;
    dnnl_dims_t shape = {0};
    mien_builder_shape(b, group->third, shape);
    bool aside = next && y->rank == 4 && next->rank == 4 && next->op &&
                 strcmp(next->op->name, "permute") == 0 && next->shape[1] == shape[2] &&
                 next->shape[2] == shape[1] && next->shape[3] == shape[3] &&
                 shape[1] > 1;
    s->inner = aside ? shape[1] : 1;
    s->y_head = aside ? width : 0;
    s->y_item = queries * width * s->inner;
    s->head.y_row = aside ? width * s->inner : width;
    if (!aside) {
        return mien_md_plain(md, y->rank, shape);
    }
    const dnnl_dims_t strides = {s->y_item, width, s->head.y_row, 1};
    return MIEN_DNNL(
        dnnl_memory_desc_create_with_strides(md, 4, shape, dnnl_f32, strides));
}

static settings *settings_new(mien_builder *b, const mien_group *group) {
    const mien_op_node *main = mien_builder_node(b, group->main);
    const mien_matmul_settings *m = main->settings;
    settings *s = mien_arena_alloc(b->program->arena, 1, sizeof *s);
    int64_t x[MIEN_RANK_MAX], y[MIEN_RANK_MAX];
    if (!s) {
        return NULL;
    }
    mien_builder_shape(b, main->inputs[0], x);
    mien_builder_shape(b, group->third, y);
    mien_tokens_attention *a = &s->head;
    a->queries = x[main->rank - 2];
    a->depth = a->q_row = x[main->rank - 1];
    a->keys = main->shape[main->rank - 1];
    a->width = a->v_row = y[main->rank - 1];
    a->k_row = m->turned[1] ? a->depth : 1;
    a->k_term = m->turned[1] ? 1 : a->keys;
    s->loops = mien_tokens_best();
    s->heads = mien_shape_count(main->rank - 2, y);
    s->scratch = mien_tokens_scratch(a->keys, a->depth);
    s->threads = b->plan->threads;
    return s;
}

/* Without the last product (its shares are wanted): one after the other. */
static mien_status apart(mien_builder *b, const mien_group *group) {
    mien_group product = {.main = group->main, .norm = -1, .last = group->main};
    mien_group softmax = {.main = group->second, .norm = -1, .last = group->last};
    mien_status status = mien_builder_node(b, group->main)->op->prepare(b, &product);
    return status == MIEN_OK
               ? mien_builder_node(b, group->second)->op->prepare(b, &softmax)
               : status;
}

mien_status mien_attend_prepare(mien_builder *b, const mien_group *group) {
    const mien_op_node *main = mien_builder_node(b, group->main);
    if (!group->third) {
        return apart(b, group);
    }
    const mien_node inputs[3] = {main->inputs[0], main->inputs[1],
        mien_builder_node(b, group->third)->inputs[1]};
    static const int args[3] = {DNNL_ARG_SRC_0, DNNL_ARG_SRC_1, DNNL_ARG_SRC_2};
    mien_value_ref from[3], to;
    dnnl_memory_desc_t md = NULL;
    mien_step *step = NULL;
    settings *s = settings_new(b, group);
    mien_status status = s ? layout_of(b, group, s, &md) : MIEN_ENOMEM;
    for (int i = 0; status == MIEN_OK && i < 3; i++) {
        status = mien_builder_plain(b, inputs[i], &from[i]);
    }
    if (status == MIEN_OK) {
        status = mien_builder_new(b, mien_md_is_plain(md) ? group->last : -1, md, &to);
    }
    if (status == MIEN_OK) {
        step = mien_builder_step(b, group->third);
        status = step ? mien_step_value(b, step, DNNL_ARG_DST, to) : MIEN_ENOMEM;
    }
    for (int i = 0; status == MIEN_OK && i < 3; i++) {
        status = mien_step_value(b, step, args[i], from[i]);
    }
    if (status == MIEN_OK) {
        step->run = run;
        step->settings = s;
        status = mien_step_scratch(b, step, s->threads * s->scratch);
    }
    dnnl_memory_desc_destroy(md);
    return status == MIEN_OK ? mien_builder_finish(b, group, 0, to) : status;
}
