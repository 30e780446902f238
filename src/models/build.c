/* SPDX-License-Identifier: MIT */
/* From an architecture to a graph: inputs and masks, the branches, the fusion, the
 * head. The only place where networks are put together. */
#include <stdio.h>
#include <string.h>

#include "models/parts/parts.h"
#include "base/need.h"

#define MASK "mask"

/* The state of one call. */
typedef struct building {
    const mien_architecture *a;
    mien_part_build part;
    const mien_fusion_kind *fusion;
    mien_options *fusion_options;
    mien_network_nodes n;
} building;

/* ---- inputs ---------------------------------------------------------------------- */

/* [N, item], or [N, T, item] where there is context. */
static mien_status add_input(building *w, int i) {
    const mien_input *input = &w->a->inputs[i];
    int64_t steps = mien_architecture_steps(w->a), shape[MIEN_RANK_MAX + 2];
    int rank = 0;
    shape[rank++] = MIEN_BATCH;
    if (steps > 1) {
        shape[rank++] = steps;
    }
    if (rank + input->shape.rank > MIEN_RANK_MAX) {
        return mien_fail(MIEN_EUNSUPPORTED,
            "input %s: items of %d dimensions with context", input->name,
            input->shape.rank);
    }
    for (int d = 0; d < input->shape.rank; d++) {
        shape[rank++] = input->shape.size[d];
    }
    return mien_graph_input(w->part.b.graph, input->name, rank, shape, &w->n.inputs[i]);
}

/* The mask of an item's own steps. */
static mien_status add_seen(building *w, int i) {
    const mien_input *input = &w->a->inputs[i];
    int64_t steps = mien_architecture_steps(w->a);
    const int64_t one[] = {MIEN_BATCH, input->shape.steps};
    const int64_t each[] = {MIEN_BATCH, steps, input->shape.steps};
    char name[96];
    w->n.seen[i] = -1;
    if (input->shape.steps == 1) {
        return MIEN_OK;
    }
    snprintf(name, sizeof name, MASK ".%s", input->name);
    return mien_graph_input(w->part.b.graph, name, steps > 1 ? 3 : 2,
        steps > 1 ? each : one, &w->n.seen[i]);
}

static mien_status add_inputs(building *w) {
    const mien_architecture *a = w->a;
    const int64_t seen[] = {MIEN_BATCH, mien_architecture_steps(a), a->inputs_count};
    mien_status status = MIEN_OK;
    for (int i = 0; status == MIEN_OK && i < a->inputs_count; i++) {
        status = add_input(w, i);
    }
    w->n.mask = -1;
    if (status == MIEN_OK && mien_architecture_masked(a)) {
        status = mien_graph_input(w->part.b.graph, MASK, 3, seen, &w->n.mask);
    }
    for (int i = 0; status == MIEN_OK && i < a->inputs_count; i++) {
        status = add_seen(w, i);
    }
    return status;
}

/* ---- parts ------------------------------------------------------------------------
 */

/* "face." numbers its stages, "face.0"; "inputs.sound" is a name; "" is none. */
static void name_stage(mien_part_build *part, const char *prefix, int stage) {
    size_t length = strlen(prefix);
    if (length > 0 && prefix[length - 1] == '.') {
        snprintf(part->name, sizeof part->name, "%s%d", prefix, stage);
    } else {
        snprintf(part->name, sizeof part->name, "%s", prefix);
    }
}

static void name_head(mien_part_build *part, const char *prefix) {
    size_t length = strlen(prefix);
    length -= length > 0 && prefix[length - 1] == '.';
    snprintf(part->name, sizeof part->name, "%.*s", (int)length, prefix);
}

/* Under context, a branch with a stage that reads one item at a time reads the segments
 * as rows of the batch: [N, T, item] goes in as [N × T, item], and rows come out as
 * [N, T, F]. */
static bool is_merged(const mien_architecture *a, int i) {
    const mien_branch *branch = &a->branches[i];
    const mien_branch_kind *kind = NULL;
    bool single = false;
    for (int s = 0; s < branch->stages; s++) {
        single =
            single || (mien_branch_kind_find(branch->stage[s].kind, &kind) == MIEN_OK &&
                          kind->single);
    }
    return single && mien_architecture_steps(a) > 1;
}

static mien_status merge(building *w, int i) {
    char name[96];
    snprintf(name, sizeof name, "steps.%s", w->a->inputs[i].name);
    return mien_merge_steps(w->part.b.graph, name, w->part.x[i], &w->part.x[i]);
}

static mien_status split(building *w, int i) {
    char name[96];
    snprintf(name, sizeof name, "split.%s", w->a->inputs[i].name);
    return mien_split_steps(w->part.b.graph, name, w->part.x[i],
        mien_architecture_steps(w->a), &w->part.x[i]);
}

static mien_status add_stage(building *w, int i, int s) {
    const mien_branch *branch = &w->a->branches[i];
    const mien_branch_kind *kind = NULL;
    mien_options *options = NULL;
    mien_status status = mien_branch_kind_find(branch->stage[s].kind, &kind);
    if (status == MIEN_OK) {
        status = mien_part_read(&branch->stage[s], kind->options, &options);
    }
    if (status == MIEN_OK) {
        mien_part_build part = w->part;
        part.options = options;
        part.input = i;
        part.merged = is_merged(w->a, i);
        name_stage(&part, branch->prefix, branch->entered + s);
        w->part.x[i] = kind->build(&part, w->part.x[i]);
        status = part.b.status;
    }
    mien_options_free(&options);
    return status;
}

static mien_status add_branch(building *w, int i) {
    bool merged = is_merged(w->a, i);
    w->n.branch_first[i] = mien_graph_nodes(w->part.b.graph);
    mien_status status = merged ? merge(w, i) : MIEN_OK;
    for (int s = 0; status == MIEN_OK && s < w->a->branches[i].stages; s++) {
        status = add_stage(w, i, s);
    }
    if (status == MIEN_OK && merged) {
        status = split(w, i);
    }
    w->n.branch_end[i] = mien_graph_nodes(w->part.b.graph);
    w->n.branch[i] = w->part.x[i];
    if (status != MIEN_OK) {
        return w->a->inputs_count > 1
                   ? mien_fail_in(status, "input %s", w->a->inputs[i].name)
                   : status;
    }
    if (w->fusion->take) {
        w->fusion->take(&w->part, i);
    }
    return w->part.b.status;
}

static mien_status add_branches(building *w) {
    mien_status status = mien_fusion_kind_find(w->a->fusion.kind, &w->fusion);
    if (status == MIEN_OK) {
        status = mien_part_read(&w->a->fusion, w->fusion->options, &w->fusion_options);
    }
    if (status != MIEN_OK) {
        return status;
    }
    w->part.options = w->fusion_options;
    w->part.mask = w->n.mask;
    memcpy(w->part.x, w->n.inputs, sizeof w->part.x);
    if (w->fusion->begin) {
        w->fusion->begin(&w->part);
    }
    status = w->part.b.status;
    for (int i = 0; status == MIEN_OK && i < w->a->inputs_count; i++) {
        status = add_branch(w, i);
    }
    return status;
}

static mien_status add_head(building *w) {
    const mien_head_kind *kind = NULL;
    mien_options *options = NULL;
    mien_status status = mien_head_kind_find(w->a->head.kind, &kind);
    if (status == MIEN_OK && !kind->build) {
        status = mien_fail(MIEN_EUNSUPPORTED,
            "the head %s is not part of a graph: it is run by itself", kind->name);
    }
    if (status == MIEN_OK) {
        status = mien_part_read(&w->a->head, kind->options, &options);
    }
    if (status == MIEN_OK) {
        mien_part_build part = w->part;
        part.options = options;
        name_head(&part, w->a->head_prefix);
        w->n.output = kind->build(&part, w->n.fused);
        status = part.b.status;
    }
    mien_options_free(&options);
    return status;
}

static mien_status check_output(const building *w) {
    int64_t shape[MIEN_RANK_MAX];
    int rank = mien_graph_shape(w->part.b.graph, w->n.output, shape);
    return rank == 2 && shape[1] == w->a->outputs
               ? MIEN_OK
               : mien_fail(MIEN_ESHAPE,
                     "the fusion %s and the head %s do not give [N, %lld]",
                     w->a->fusion.kind, w->a->head.kind, (long long)w->a->outputs);
}

/* Marks the nodes that `node` depends on, and asks all that it reads. */
static mien_status mark_needed(const mien_graph *graph, mien_node node, bool *needed) {
    int room = 0;
    mien_node *reads = NULL;
    mien_status status = MIEN_OK;
    needed[node] = true;
    for (mien_node n = node; status == MIEN_OK && n >= 0; n--) {
        int count = needed[n] ? mien_graph_reads(graph, n, NULL, 0) : 0;
        if (count > room) {
            mien_free(reads);
            reads = mien_alloc((size_t)count, sizeof *reads);
            room = reads ? count : 0;
            status = reads ? MIEN_OK : MIEN_ENOMEM;
        }
        count = status == MIEN_OK ? count : 0;
        mien_graph_reads(graph, n, reads, count);
        for (int i = 0; i < count; i++) {
            needed[reads[i]] = true;
        }
    }
    mien_free(reads);
    return status;
}

/* Refuses an input that the output does not depend on: it would be asked for, and there
 * is nothing to compute with it. */
static mien_status check_inputs(const building *w) {
    const mien_graph *graph = w->part.b.graph;
    bool *needed = mien_alloc((size_t)mien_graph_nodes(graph), sizeof *needed);
    mien_status status = needed ? mark_needed(graph, w->n.output, needed) : MIEN_ENOMEM;
    for (int i = 0; status == MIEN_OK && i < w->a->inputs_count; i++) {
        if (!needed[w->n.inputs[i]]) {
            status = mien_fail(MIEN_EINVAL,
                "the output does not depend on the input %s: neither its branch nor "
                "the "
                "fusion %s reads it; leave it out",
                w->a->inputs[i].name, w->a->fusion.kind);
        }
    }
    mien_free(needed);
    return status;
}

mien_status mien_architecture_build(const mien_architecture *architecture,
    mien_graph *graph, mien_network_nodes *nodes) {
    MIEN_NEED(architecture, graph, nodes);
    building w = {.a = architecture,
        .part = {.b = {.graph = graph}, .architecture = architecture}};
    mien_status status = mien_architecture_check(architecture);
    if (status == MIEN_OK && mien_graph_nodes(graph) > 0) {
        status = mien_fail(MIEN_EINVAL, "a network is built into an empty graph");
    }
    if (status == MIEN_OK) {
        status = add_inputs(&w);
    }
    if (status == MIEN_OK) {
        status = add_branches(&w);
    }
    if (status == MIEN_OK) {
        w.n.fused = w.fusion->build(&w.part);
        status = w.part.b.status;
    }
    mien_options_free(&w.fusion_options);
    if (status == MIEN_OK) {
        status = add_head(&w);
    }
    if (status == MIEN_OK) {
        status = check_output(&w);
    }
    if (status == MIEN_OK) {
        status = check_inputs(&w);
    }
    if (status == MIEN_OK) {
        *nodes = w.n;
    }
    return status;
}

/* ---- first weights -----------------------------------------------------------------
 */

mien_status mien_architecture_randomize(
    const mien_architecture *architecture, mien_parameters *parameters, uint64_t seed) {
    MIEN_NEED(architecture, parameters);
    const mien_fusion_kind *kind = NULL;
    mien_options *options = NULL;
    mien_status status = mien_fusion_kind_find(architecture->fusion.kind, &kind);
    if (status == MIEN_OK) {
        status = mien_part_read(&architecture->fusion, kind->options, &options);
    }
    if (status == MIEN_OK) {
        mien_parameters_randomize(parameters, seed);
        if (kind->start) {
            kind->start(options, parameters);
        }
    }
    mien_options_free(&options);
    return status;
}

/* ---- what can be trained ------------------------------------------------------------
 */

static bool norm_learns(
    const mien_graph *graph, const mien_parameters *parameters, mien_node node) {
    static const char *const parts[] = {"weight", "bias"};
    char name[256];
    bool learns = false;
    for (int p = 0; p < 2; p++) {
        snprintf(name, sizeof name, "%s.%s", mien_graph_name(graph, node), parts[p]);
        int64_t at = mien_parameters_find(parameters, name);
        learns = learns || (at >= 0 && mien_parameters_trained(parameters, at));
    }
    return learns;
}

mien_status mien_architecture_check_training(const mien_architecture *architecture,
    const mien_graph *graph, const mien_network_nodes *nodes,
    const mien_parameters *parameters) {
    MIEN_NEED(architecture, graph, nodes, parameters);
    for (int i = 0; i < architecture->inputs_count; i++) {
        for (mien_node n = nodes->branch_first[i];
             architecture->inputs[i].optional && n < nodes->branch_end[i]; n++) {
            if (strcmp(mien_graph_operator(graph, n), "batch_norm") == 0 &&
                norm_learns(graph, parameters, n)) {
                return mien_fail(MIEN_EUNSUPPORTED,
                    "input %s may be missing, and %s in its branch learns from whole "
                    "batches: rows without the input would count as zeros; freeze it, "
                    "or give the input in every row",
                    architecture->inputs[i].name, mien_graph_name(graph, n));
            }
        }
    }
    return MIEN_OK;
}
