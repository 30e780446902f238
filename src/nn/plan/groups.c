/* SPDX-License-Identifier: MIT */
/* Leaves out what no output needs, and decides which operators run as one. */
#include <stdlib.h>
#include <string.h>

#include "nn/plan/plan.h"

typedef struct work {
    const mien_graph *graph;
    mien_mode mode;
    bool batch_statistics; /* batch-norms do not fold */
    const bool *learns;
    bool *live, *output, *taken;
    int *uses;       /* live readers, counted per operand */
    mien_node *user; /* one of them */
} work;

static bool passes(const work *w, mien_node node) {
    const mien_op_node *n = w->graph->nodes[node];
    if (!n->op || !n->op->passes) {
        return false;
    }
    const mien_op_node *from = w->graph->nodes[n->inputs[0]];
    return n->op->passes(n, &from, w->mode);
}

static bool same_shape(const mien_op_node *a, const mien_op_node *b) {
    return a->rank == b->rank &&
           !memcmp(a->shape, b->shape, (size_t)a->rank * sizeof *a->shape);
}

/* A batch-norm scales dimension 1: channels of a convolution, features of a linear
 * layer over [N, F], but not the features of one over [N, T, F]. */
static bool folds(const mien_op_node *main) {
    return (main->op->parts & MIEN_PART_FOLDS) &&
           main->parameters[0].rank == main->rank;
}

static void mark(work *w, const mien_node *outputs, int count) {
    for (int i = 0; i < count; i++) {
        w->live[outputs[i]] = w->output[outputs[i]] = true;
    }
    for (int i = w->graph->count - 1; i >= 0; i--) {
        const mien_op_node *n = w->graph->nodes[i];
        for (int k = 0; w->live[i] && k < n->inputs_count; k++) {
            w->live[n->inputs[k]] = true;
            w->uses[n->inputs[k]]++;
            w->user[n->inputs[k]] = i;
        }
    }
}

/* Whether a batch-norm that is trained through computes what follows it along with
 * itself: a sum, an activation that clips, or the one and then the other. Its gradients
 * need no value between. */
static bool joins_norm(
    const work *w, const mien_group *group, const mien_op_node *next) {
    const mien_op_node *main = w->graph->nodes[group->main];
    int posts = group->posts_count;
    if (!(main->op->parts & MIEN_PART_RECTIFIES) || !w->learns[group->main]) {
        return false;
    }
    if (next->op->parts & MIEN_PART_SUM) {
        return posts == 0;
    }
    if (!next->op->eltwise || (posts && (posts > 1 || group->posts[0].other < 0))) {
        return false;
    }
    mien_eltwise e = next->op->eltwise(next);
    return (e.algorithm == dnnl_eltwise_relu && e.alpha == 0) ||
           (e.algorithm == dnnl_eltwise_clip_v2 && e.alpha <= 0 && e.beta >= 0);
}

/* In training only one activation joins any other operator: its gradient comes from the
 * value that both leave behind. */
static bool joins_in_training(
    const work *w, const mien_group *group, const mien_op_node *next) {
    const mien_op_node *main = w->graph->nodes[group->main];
    if (joins_norm(w, group, next)) {
        return true;
    }
    if (group->posts_count || !next->op->eltwise) {
        return false;
    }
    mien_eltwise e = next->op->eltwise(next);
    /* without a way back from its value, its gradient needs what it read */
    return e.backward && (main->op->parts & MIEN_PART_ACTIVATES);
}

/* Whether the operator computes its reader along with itself: only where nothing of
 * the group is to be trained, which would need what lies between. */
static bool joins(const work *w, mien_group *group, mien_node next) {
    const mien_op_node *main = w->graph->nodes[group->main];
    if (w->learns || !main->op->joins || group->norm >= 0 ||
        !main->op->joins(w->graph, group, w->graph->nodes[next])) {
        return false;
    }
    group->between = group->second ? group->between : group->posts_count;
    *(group->second ? &group->third : &group->second) = next;
    group->last = next;
    return true;
}

/* Tries to take the only reader of the group's last value into the group. */
static bool take(const work *w, mien_group *group) {
    if (w->output[group->last] || w->uses[group->last] != 1) {
        return false;
    }
    mien_node next = w->user[group->last];
    const mien_op_node *main = w->graph->nodes[group->main];
    const mien_op_node *n = w->graph->nodes[next];
    unsigned parts = main->op->parts;
    if (w->taken[next]) {
        return false;
    }
    mien_post post = {next, -1};
    if (passes(w, next) && same_shape(main, n)) {
        group->last = next;
        return true;
    }
    bool learns = w->learns && w->learns[next];
    if (learns && !joins_in_training(w, group, n)) {
        return false;
    }
    if (!w->batch_statistics && folds(main) && (n->op->parts & MIEN_PART_SCALE) &&
        group->norm < 0 && !group->posts_count && n->inputs[0] == group->last) {
        group->norm = next;
        group->last = next;
        return true;
    }
    if (joins(w, group, next)) {
        return true;
    }
    if (group->posts_count == MIEN_POSTS_MAX || group->third) {
        return false;
    }
    if ((parts & (learns ? MIEN_PART_SUMS | MIEN_PART_RECTIFIES : MIEN_PART_SUMS)) &&
        (n->op->parts & MIEN_PART_SUM)) {
        post.other = n->inputs[0] == group->last ? n->inputs[1] : n->inputs[0];
        if (!same_shape(main, w->graph->nodes[post.other]) || !same_shape(main, n)) {
            return false;
        }
    } else if (!n->op->eltwise ||
               !(parts & (learns ? MIEN_PART_ACTIVATES | MIEN_PART_RECTIFIES
                                 : MIEN_PART_ACTIVATES))) {
        return false;
    }
    group->posts[group->posts_count++] = post;
    group->last = next;
    return true;
}

static int by_last(const void *a, const void *b) {
    mien_node x = ((const mien_group *)a)->last, y = ((const mien_group *)b)->last;
    return (x > y) - (x < y);
}

/* The node whose memory a node's value may lie in: itself, unless values pass through.
 */
static mien_node root_of(const work *w, mien_node node) {
    while (passes(w, node)) {
        node = w->graph->nodes[node]->inputs[0];
    }
    return node;
}

/* Values that the gradients of a group read again are not overwritten before. */
static void keep(const work *w, mien_groups *g, const mien_group *group) {
    const mien_op_node *main = w->graph->nodes[group->main];
    if (!w->learns || !w->learns[group->last]) {
        return;
    }
    for (int k = 0; (main->op->parts & MIEN_PART_NEEDS_X) && k < main->inputs_count;
         k++) {
        g->kept[root_of(w, main->inputs[k])] = true;
    }
    /* a joined batch-norm tells what was clipped from x, unless something was added */
    int untold = main->op->parts & MIEN_PART_RECTIFIES ? 1 : 0;
    if ((main->op->parts & MIEN_PART_NEEDS_Y) || main->op->eltwise ||
        group->posts_count > untold) {
        g->kept[root_of(w, group->last)] = true;
    }
}

static void use(const work *w, mien_groups *g, mien_node node, int when) {
    mien_node root = root_of(w, node);
    int latest = g->last_use[root] > when ? g->last_use[root] : when;
    g->last_use[root] = latest;
    g->last_use[node] = latest;
}

/* What an operator that joined reads beside the group's own values. */
static void use_of_joined(const work *w, mien_groups *g, mien_node joined, int when) {
    const mien_op_node *n = w->graph->nodes[joined];
    for (int k = 0; joined && k < n->inputs_count; k++) {
        use(w, g, n->inputs[k], when);
    }
}

/* Finds the last group to read each value. A value that passes through shares its
 * memory with where it came from, so both get the same answer. */
static void find_last_uses(const work *w, mien_groups *g) {
    for (int i = 0; i < w->graph->count; i++) {
        g->last_use[i] = -1;
    }
    for (int i = 0; i < g->count; i++) {
        const mien_group *group = &g->groups[i];
        const mien_op_node *main = w->graph->nodes[group->main];
        keep(w, g, group);
        for (int k = 0; k < main->inputs_count; k++) {
            use(w, g, main->inputs[k], i);
        }
        use_of_joined(w, g, group->second, i);
        use_of_joined(w, g, group->third, i);
        for (int k = 0; k < group->posts_count; k++) {
            if (group->posts[k].other >= 0) {
                use(w, g, group->posts[k].other, i);
            }
        }
    }
    for (int i = 0; i < w->graph->count; i++) {
        if (w->output[i]) {
            use(w, g, i, g->count);
        }
    }
    for (int i = 0; i < w->graph->count; i++) {
        g->last_use[i] = g->last_use[root_of(w, i)];
        g->kept[i] = g->kept[root_of(w, i)];
    }
}

static void form(work *w, mien_groups *g) {
    for (int i = 0; i < w->graph->count; i++) {
        const mien_op_node *n = w->graph->nodes[i];
        if (!w->live[i] || !n->op || w->taken[i]) {
            continue;
        }
        mien_group *group = &g->groups[g->count++];
        *group = (mien_group){.main = i, .norm = -1, .last = i};
        w->taken[i] = true;
        while (!passes(w, group->main) && take(w, group)) {
            w->taken[group->last] = true;
        }
    }
    qsort(g->groups, (size_t)g->count, sizeof *g->groups, by_last);
}

mien_status mien_groups_new(const mien_graph *graph, const mien_node *outputs,
    int outputs_count, mien_mode mode, bool batch_statistics, const bool *learns,
    mien_groups *groups) {
    size_t n = (size_t)graph->count;
    work w = {.graph = graph,
        .mode = mode,
        .batch_statistics = batch_statistics,
        .learns = learns};
    mien_groups g = {0};
    mien_status status = MIEN_ENOMEM;
    w.live = mien_alloc(n, sizeof *w.live);
    w.output = mien_alloc(n, sizeof *w.output);
    w.taken = mien_alloc(n, sizeof *w.taken);
    w.uses = mien_alloc(n, sizeof *w.uses);
    w.user = mien_alloc(n, sizeof *w.user);
    g.groups = mien_alloc(n, sizeof *g.groups);
    g.last_use = mien_alloc(n, sizeof *g.last_use);
    g.kept = mien_alloc(n, sizeof *g.kept);
    if (w.live && w.output && w.taken && w.uses && w.user && g.groups && g.last_use &&
        g.kept) {
        mark(&w, outputs, outputs_count);
        form(&w, &g);
        find_last_uses(&w, &g);
        *groups = g;
        status = MIEN_OK;
    } else {
        mien_groups_clear(&g);
    }
    mien_free(w.user);
    mien_free(w.uses);
    mien_free(w.taken);
    mien_free(w.output);
    mien_free(w.live);
    return status;
}

void mien_groups_clear(mien_groups *groups) {
    mien_free(groups->groups);
    mien_free(groups->last_use);
    mien_free(groups->kept);
    *groups = (mien_groups){0};
}
