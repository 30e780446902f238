/* SPDX-License-Identifier: MIT */
/* Builds a study's network and freezes what is not trained. */
#include "train/dataset/batches.h"
#include "models/backbones/backbone_file.h"
#include "train/network_weights.h"

#include "train/trainers/trainer.h"

#include <fnmatch.h>
#include <stdio.h>
#include <string.h>

void mien_net_clear(mien_net *net) {
    mien_parameters_free(&net->parameters);
    mien_graph_free(&net->graph);
    mien_frontier_clear(&net->frozen);
    *net = (mien_net){0};
}

/* ---- what is trained ----------------------------------------------------------- */

/* Thaws "layer4.1.*" of the last parameter of each backbone: the module that holds it.
 */
static int64_t thaw_last_blocks(mien_net *net) {
    int64_t thawed = 0;
    for (int m = 0; m < net->architecture.inputs_count; m++) {
        const char *last = NULL, *whole = NULL;
        char pattern[MIEN_SCOPE_MAX + 256];
        for (int64_t i = 0; i < mien_parameters_count(net->parameters); i++) {
            int branch = -1;
            const char *name = mien_parameters_name(net->parameters, i);
            const char *own = mien_net_backbone_name(&net->architecture, name, &branch);
            last = own && branch == m ? own : last;
            whole = own && branch == m ? name : whole;
        }
        if (last) {
            const char *first = strchr(last, '.');
            const char *second = first ? strchr(first + 1, '.') : NULL;
            const char *end = second ? second : first ? first : last + strlen(last);
            snprintf(pattern, sizeof pattern, "%.*s.*", (int)(end - whole), whole);
            thawed += mien_parameters_freeze(net->parameters, pattern, false);
        }
    }
    return thawed;
}

static mien_status thaw(mien_net *net, const mien_study *study, const char *what) {
    char where[MIEN_STUDY_WHERE_MAX];
    if (strcmp(what, "head") == 0) {
        return MIEN_OK;
    }
    bool freezes = what[0] == '!';
    int64_t thawed =
        strcmp(what, "last-block") == 0
            ? thaw_last_blocks(net)
            : mien_parameters_freeze(net->parameters,
                  strcmp(what, "all") == 0 ? "*" : what + freezes, freezes);
    return thawed > 0
               ? MIEN_OK
               : mien_fail(MIEN_EFORMAT,
                     "%s: train.what: no parameter of the network is called \"%s\" "
                     "(`mien models show %s` lists a backbone's); head, last-block and "
                     "all need no pattern",
                     mien_study_where(study, "train.what", where), what,
                     study->backbone ? study->backbone->name : "BACKBONE");
}

static bool matches_any(const mien_net *net, const char *pattern) {
    for (int64_t i = 0; i < mien_parameters_count(net->parameters); i++) {
        const char *name = mien_parameters_name(net->parameters, i);
        if (mien_parameters_trained(net->parameters, i) &&
            fnmatch(pattern, name, 0) == 0) {
            return true;
        }
    }
    return false;
}

static mien_status check_factors(const mien_net *net, const mien_study *study,
    const char *key, const mien_recipe_factor *factors, int count) {
    char where[MIEN_STUDY_WHERE_MAX];
    for (int i = 0; i < count; i++) {
        if (!matches_any(net, factors[i].pattern)) {
            return mien_fail(MIEN_EFORMAT,
                "%s: %s: no parameter that is trained is called \"%s\"",
                mien_study_where(study, key, where), key, factors[i].pattern);
        }
    }
    return MIEN_OK;
}

/* Factors of 0 may freeze what train.what leaves. */
static mien_status check_anything_moves(const mien_net *net, const mien_study *study) {
    char where[MIEN_STUDY_WHERE_MAX];
    for (int64_t i = 0; i < mien_parameters_count(net->parameters); i++) {
        double rate, decay;
        mien_net_factors(
            study, mien_parameters_name(net->parameters, i), &rate, &decay);
        if (mien_parameters_trained(net->parameters, i) && rate > 0) {
            return MIEN_OK;
        }
    }
    return mien_fail(MIEN_EFORMAT,
        "%s: train.rates: its factors of 0 leave nothing to train: give a part of the "
        "network a factor above 0",
        mien_study_where(study, "train.rates", where));
}

static mien_status check_all_factors(const mien_net *net, const mien_study *study) {
    const mien_recipe *r = &study->recipe;
    mien_status status = check_factors(net, study, "train.rates", r->rate, r->rates);
    if (status == MIEN_OK) {
        status = check_factors(net, study, "train.decays", r->decay, r->decays);
    }
    return status == MIEN_OK ? check_anything_moves(net, study) : status;
}

/* A head that is fitted at once stands on what is there: nothing before it learns. */
static mien_status check_head_alone(const mien_net *net, const mien_study *study) {
    const char *prefix = net->architecture.head_prefix;
    for (int64_t i = 0; i < mien_parameters_count(net->parameters); i++) {
        const char *name = mien_parameters_name(net->parameters, i);
        if (mien_parameters_trained(net->parameters, i) &&
            strncmp(name, prefix, strlen(prefix)) != 0) {
            return mien_fail(MIEN_EFORMAT,
                "%s: method: %s fits the head alone, and %s in front of it would have "
                "to learn: leave that stage or fusion out, or use method: network",
                study->path, study->trainer->method, name);
        }
    }
    return MIEN_OK;
}

static mien_status choose(mien_net *net, const mien_study *study) {
    const mien_recipe *r = &study->recipe;
    mien_status status = MIEN_OK;
    for (int64_t i = 0; i < mien_parameters_count(net->parameters); i++) {
        const char *name = mien_parameters_name(net->parameters, i);
        bool own = mien_net_backbone_name(&net->architecture, name, NULL) != NULL;
        mien_parameters_freeze(net->parameters, name, own);
    }
    for (int i = 0; status == MIEN_OK && i < r->what_count; i++) {
        status = thaw(net, study, r->what[i]);
    }
    if (status == MIEN_OK && study->trainer->learner) {
        return check_head_alone(net, study);
    }
    return status == MIEN_OK ? check_all_factors(net, study) : status;
}

void mien_net_factors(
    const mien_study *study, const char *name, double *rate, double *decay) {
    const mien_recipe *r = &study->recipe;
    *rate = *decay = 1;
    for (int i = 0; i < r->rates; i++) {
        *rate = fnmatch(r->rate[i].pattern, name, 0) == 0 ? r->rate[i].factor : *rate;
    }
    for (int i = 0; i < r->decays; i++) {
        *decay =
            fnmatch(r->decay[i].pattern, name, 0) == 0 ? r->decay[i].factor : *decay;
    }
}

/* ---- backbones ------------------------------------------------------------------ */

/* A backbone of a file is a graph that the contract keeps. */
static bool begins_with_backbone(const mien_branch *branch) {
    return branch->stages > 0 && branch->entered == 0 &&
           (strcmp(branch->stage[0].kind, "backbone") == 0 ||
               strcmp(branch->stage[0].kind, "graph") == 0);
}

const mien_backbone *mien_net_backbone(
    const mien_architecture *architecture, int input) {
    const mien_branch *branch = &architecture->branches[input];
    const mien_branch_kind *kind = NULL;
    const mien_backbone *backbone = NULL;
    mien_options *options = NULL;
    if (!begins_with_backbone(branch) ||
        mien_branch_kind_find(branch->stage[0].kind, &kind) != MIEN_OK ||
        mien_settings_read(kind->name, kind->options, branch->stage[0].settings,
            &options) != MIEN_OK) {
        return NULL;
    }
    if (strcmp(kind->name, "graph") == 0) {
        backbone = mien_backbone_file_by_graph(mien_options_text(options, "of"));
    } else if (mien_backbone_find_pictures(
                   mien_options_text(options, "name"), &backbone) != MIEN_OK) {
        backbone = NULL;
    }
    mien_options_free(&options);
    return backbone;
}

/* The prefix of names in a branch's first stage: "face." numbers its stages,
 * "face.0.", "" is none. */
static const char *scope_of(const mien_branch *branch, char scope[MIEN_SCOPE_MAX]) {
    size_t length = strlen(branch->prefix);
    bool numbers = length > 0 && branch->prefix[length - 1] == '.';
    snprintf(scope, MIEN_SCOPE_MAX, "%s%s", branch->prefix,
        numbers  ? "0."
        : length ? "."
                 : "");
    return scope;
}

static bool begins(const char *name, const char *prefix) {
    return strncmp(name, prefix, strlen(prefix)) == 0;
}

const char *mien_net_backbone_name(
    const mien_architecture *architecture, const char *name, int *branch) {
    const mien_architecture *a = architecture;
    char scope[MIEN_SCOPE_MAX];
    for (int m = 0; m < a->inputs_count; m++) {
        const mien_branch *b = &a->branches[m];
        if (!begins_with_backbone(b)) {
            continue;
        }
        scope_of(b, scope);
        /* A backbone without a prefix is the only branch: the rest is the head's. */
        bool head = !*scope && a->head_prefix[0] && begins(name, a->head_prefix);
        if (begins(name, scope) && !head) {
            if (branch) {
                *branch = m;
            }
            return name + strlen(scope);
        }
    }
    return NULL;
}

static mien_status load_backbones(
    mien_net *net, const mien_study *study, const char *weights) {
    const mien_architecture *a = &net->architecture;
    char scope[MIEN_SCOPE_MAX];
    mien_status status = MIEN_OK;
    int backbones = 0;
    for (int m = 0; m < a->inputs_count; m++) {
        backbones += begins_with_backbone(&a->branches[m]);
    }
    if (weights && backbones > 1) {
        return mien_fail(MIEN_EINVAL,
            "%s: a file of weights is given, and the network has %d backbones: pull "
            "theirs (`mien models pull`)",
            study->path, backbones);
    }
    for (int m = 0; status == MIEN_OK && m < a->inputs_count; m++) {
        const mien_backbone *backbone = mien_net_backbone(a, m);
        if (backbone) {
            status = mien_net_load_backbone(
                net, backbone, scope_of(&a->branches[m], scope), weights);
        }
    }
    return status;
}

/* ---- opening ------------------------------------------------------------------- */

static mien_status draw_weights(mien_net *net, const mien_study *study) {
    mien_status status = mien_parameters_new(net->graph, &net->parameters);
    return status == MIEN_OK
               ? mien_architecture_randomize(&net->architecture, net->parameters,
                     (uint64_t)mien_options_int(study->options, "seed"))
               : status;
}

/* The graph of the whole network. */
static mien_status build(
    mien_net *net, const mien_study *study, mien_network_nodes *nodes) {
    mien_status status = mien_graph_new(&net->graph);
    if (status == MIEN_OK) {
        status = mien_architecture_build(&net->architecture, net->graph, nodes);
        status = status == MIEN_OK ? status : mien_fail_in(status, "%s", study->path);
    }
    if (status == MIEN_OK) {
        memcpy(net->inputs, nodes->inputs, sizeof net->inputs);
        net->mask = nodes->mask;
        net->fused = nodes->fused;
        net->output = nodes->output;
        for (int m = 0; m < net->architecture.inputs_count; m++) {
            net->branch[m] = mien_net_width(net, nodes->branch[m]);
        }
    }
    return status;
}

/* Items that are augmented change from epoch to epoch, standardised ones from fold to
 * fold: what is behind them cannot be computed once. */
static mien_status find_frozen(
    mien_net *net, const mien_study *study, const mien_dataset *dataset) {
    mien_frontier_input inputs[MIEN_INPUTS_MAX];
    for (int m = 0; m < dataset->inputs; m++) {
        inputs[m] = (mien_frontier_input){.node = net->inputs[m],
            .item = m,
            .fresh = dataset->input[m].small ||
                     mien_batches_augment(study, &dataset->input[m].input)};
    }
    return mien_graph_frontier(
        net->graph, net->parameters, inputs, dataset->inputs, NULL, 0, &net->frozen);
}

mien_status mien_net_open(mien_net *net, const mien_study *study,
    const mien_dataset *dataset, const char *weights) {
    bool random = weights && strcmp(weights, "random") == 0;
    mien_network_nodes nodes;
    *net = (mien_net){.mask = -1};
    mien_status status = mien_dataset_architecture(dataset, study, &net->architecture);
    if (status == MIEN_OK) {
        status = build(net, study, &nodes);
    }
    if (status == MIEN_OK) {
        status = draw_weights(net, study);
    }
    if (status == MIEN_OK && !random) {
        status = load_backbones(net, study, weights);
    }
    if (status == MIEN_OK) {
        status = mien_net_choose_weights(net, study, true);
    }
    if (status == MIEN_OK) {
        status = choose(net, study);
    }
    if (status == MIEN_OK) {
        status = mien_architecture_check_training(
            &net->architecture, net->graph, &nodes, net->parameters);
        status = status == MIEN_OK ? status : mien_fail_in(status, "%s", study->path);
    }
    return status == MIEN_OK ? find_frozen(net, study, dataset) : status;
}

int64_t mien_net_width(const mien_net *net, mien_node node) {
    int64_t shape[MIEN_RANK_MAX];
    int rank = mien_graph_shape(net->graph, node, shape);
    return -shape[0] * mien_shape_count(rank - 1, shape + 1);
}

int64_t mien_net_item(const mien_net *net, mien_node node) {
    return mien_net_width(net, node) / mien_architecture_steps(&net->architecture);
}

void mien_net_parts(const mien_net *net, const mien_columns *columns, bool tail,
    mien_plan *plan, mien_column_parts *parts) {
    const mien_frontier *ends = &net->frozen;
    for (int m = 0; m < columns->dataset->inputs; m++) {
        parts[m] = (mien_column_parts){.count = 0};
        if (net->inputs[m] >= 0 && columns->table[m].values) {
            parts[m].count = 1;
            parts[m].to[0] = mien_plan_input(plan, net->inputs[m]);
            parts[m].width[0] = columns->table[m].width;
        }
    }
    for (int k = 0; k < ends->count && tail; k++) {
        mien_column_parts *p = &parts[ends->item[k]];
        p->to[p->count] = mien_plan_input(plan, ends->node[k]);
        p->width[p->count++] = mien_net_item(net, ends->node[k]);
    }
}

/* Lists the ends of a whole network's frozen part that belong to computed inputs. */
static mien_status list_cuts(
    mien_frontier *cuts, const mien_frontier *frozen, uint32_t computed) {
    cuts->node = mien_alloc((size_t)frozen->count + 1, sizeof *cuts->node);
    cuts->item = mien_alloc((size_t)frozen->count + 1, sizeof *cuts->item);
    for (int i = 0; cuts->node && cuts->item && i < frozen->count; i++) {
        if (computed >> frozen->item[i] & 1) {
            cuts->node[cuts->count] = frozen->node[i];
            cuts->item[cuts->count++] = frozen->item[i];
        }
    }
    return cuts->node && cuts->item ? MIEN_OK : MIEN_ENOMEM;
}

/* The graph behind the frozen part of a whole network. */
static mien_status build_tail(mien_net *net, const mien_net *whole, uint32_t computed) {
    mien_frontier *cuts = &net->frozen;
    mien_node *map = mien_alloc((size_t)mien_graph_nodes(whole->graph), sizeof *map);
    mien_status status = map ? list_cuts(cuts, &whole->frozen, computed) : MIEN_ENOMEM;
    if (status == MIEN_OK) {
        status =
            mien_graph_behind(whole->graph, cuts->node, cuts->count, &net->graph, map);
    }
    for (int m = 0; status == MIEN_OK && m < whole->architecture.inputs_count; m++) {
        net->inputs[m] = computed >> m & 1 ? -1 : map[whole->inputs[m]];
    }
    if (status == MIEN_OK) {
        net->mask = whole->mask >= 0 ? map[whole->mask] : -1;
        net->fused = map[whole->fused];
        net->output = map[whole->output];
        memcpy(net->branch, whole->branch, sizeof net->branch);
        for (int i = 0; i < cuts->count; i++) {
            cuts->node[i] = map[cuts->node[i]];
        }
    }
    mien_free(map);
    return status;
}

static void copy(mien_net *to, const mien_net *from, bool all) {
    for (int64_t i = 0; i < mien_parameters_count(to->parameters); i++) {
        const char *name = mien_parameters_name(to->parameters, i);
        int64_t at = mien_parameters_find(from->parameters, name);
        bool backbone = mien_net_backbone_name(&to->architecture, name, NULL) != NULL;
        if (at >= 0 && (all || backbone)) {
            const mien_tensor *source = mien_parameters_at(from->parameters, at);
            memcpy(mien_parameters_at(to->parameters, i)->data, source->data,
                mien_tensor_bytes(source));
        }
    }
}

void mien_net_copy(mien_net *to, const mien_net *from) {
    copy(to, from, true);
}

/* Frozen are the parameters that are frozen in the other. */
static void freeze_alike(mien_net *net, const mien_net *other) {
    for (int64_t i = 0; i < mien_parameters_count(net->parameters); i++) {
        const char *name = mien_parameters_name(net->parameters, i);
        int64_t at = mien_parameters_find(other->parameters, name);
        mien_parameters_freeze(
            net->parameters, name, !mien_parameters_trained(other->parameters, at));
    }
}

mien_status mien_net_open_tail(
    mien_net *net, const mien_study *study, const mien_net *whole, uint32_t computed) {
    *net = (mien_net){.architecture = whole->architecture, .mask = -1};
    mien_status status = build_tail(net, whole, computed);
    if (status == MIEN_OK) {
        status = draw_weights(net, study);
    }
    if (status == MIEN_OK) {
        status = mien_net_choose_weights(net, study, false);
    }
    if (status == MIEN_OK) {
        copy(net, whole, false);
        freeze_alike(net, whole);
    }
    return status;
}
