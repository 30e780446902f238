/* SPDX-License-Identifier: MIT */
/* Builds a study's network and freezes what is not trained. */
#include "train/network_weights.h"

#include <fnmatch.h>
#include <stdio.h>
#include <string.h>

void mien_net_clear(mien_net *net) {
    mien_parameters_free(&net->parameters);
    mien_graph_free(&net->graph);
    mien_frontier_clear(&net->frozen);
    *net = (mien_net){0};
}

bool mien_net_may_cache(const mien_study *study) {
    return study->kind == MIEN_STUDY_PICTURES && !study->recipe.augment &&
           mien_options_flag(study->options, "cache.features");
}

/* ---- what is trained ----------------------------------------------------------- */

/* "layer4.1.*" of the last parameter before the head: the module that holds it. */
static void last_block(const mien_net *net, char *pattern, size_t size) {
    const char *last = "";
    for (int64_t i = 0; i < mien_parameters_count(net->parameters); i++) {
        const char *name = mien_parameters_name(net->parameters, i);
        last = mien_net_is_head(name) ? last : name;
    }
    const char *first = strchr(last, '.'),
               *second = first ? strchr(first + 1, '.') : NULL;
    const char *end = second ? second : first ? first : last + strlen(last);
    snprintf(pattern, size, "%.*s.*", (int)(end - last), last);
}

static mien_status thaw(mien_net *net, const mien_study *study, const char *what) {
    char pattern[256], where[MIEN_STUDY_WHERE_MAX];
    if (strcmp(what, "head") == 0) {
        return MIEN_OK;
    }
    if (strcmp(what, "last-block") == 0) {
        last_block(net, pattern, sizeof pattern);
    } else {
        snprintf(pattern, sizeof pattern, "%s", strcmp(what, "all") == 0 ? "*" : what);
    }
    if (mien_parameters_freeze(net->parameters, pattern, false) > 0) {
        return MIEN_OK;
    }
    return mien_fail(MIEN_EFORMAT,
        "%s: train.what: no parameter of the network is called \"%s\" (`mien models "
        "show %s` lists them); head, last-block and all need no pattern",
        mien_study_where(study, "train.what", where), what, study->backbone->name);
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

static mien_status choose(mien_net *net, const mien_study *study) {
    const mien_recipe *r = &study->recipe;
    mien_parameters_freeze(net->parameters, "*", true);
    mien_parameters_freeze(net->parameters, "head.*", false);
    mien_status status = MIEN_OK;
    for (int i = 0; status == MIEN_OK && i < r->what_count; i++) {
        status = thaw(net, study, r->what[i]);
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

/* ---- opening ------------------------------------------------------------------- */

static mien_status finish(mien_net *net, const mien_study *study) {
    mien_status status = mien_parameters_new(net->graph, &net->parameters);
    if (status == MIEN_OK) {
        status = mien_architecture_randomize(&net->architecture, net->parameters,
            (uint64_t)mien_options_int(study->options, "seed"));
    }
    return status;
}

static mien_status start(mien_net *net, const mien_study *study, int64_t outputs) {
    *net = (mien_net){.architecture = study->recipe.architecture};
    net->architecture.outputs = outputs;
    return mien_graph_new(&net->graph);
}

/* The graph of the whole network, into an empty one. */
static mien_status build_graph(mien_net *net, const mien_study *study) {
    mien_network_nodes nodes;
    mien_status status =
        mien_architecture_build(&net->architecture, net->graph, &nodes);
    if (status != MIEN_OK) {
        return mien_fail_in(status, "%s", study->path);
    }
    memcpy(net->inputs, nodes.inputs, sizeof net->inputs);
    net->input = nodes.inputs[0];
    net->mask = nodes.mask;
    net->output = nodes.output;
    return MIEN_OK;
}

mien_status mien_net_open_features(
    mien_net *net, const mien_study *study, const mien_corpus *corpus) {
    mien_status status = start(net, study, corpus->outputs);
    mien_corpus_architecture(corpus, study, &net->architecture);
    if (status == MIEN_OK) {
        status = build_graph(net, study);
    }
    if (status == MIEN_OK) {
        status = finish(net, study);
    }
    if (status == MIEN_OK) {
        status = mien_net_choose_weights(net, study, true);
    }
    return status == MIEN_OK ? check_all_factors(net, study) : status;
}

static void copy(mien_net *to, const mien_net *from, bool head) {
    for (int64_t i = 0; i < mien_parameters_count(to->parameters); i++) {
        const char *name = mien_parameters_name(to->parameters, i);
        int64_t at = mien_parameters_find(from->parameters, name);
        if (at >= 0 && (head || !mien_net_is_head(name))) {
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

static mien_status build(mien_net *net, const mien_study *study, int64_t outputs) {
    mien_status status = start(net, study, outputs);
    return status == MIEN_OK ? build_graph(net, study) : status;
}

mien_status mien_net_open(
    mien_net *net, const mien_study *study, int64_t outputs, const char *weights) {
    mien_status status = build(net, study, outputs);
    if (status == MIEN_OK) {
        status = finish(net, study);
    }
    if (status == MIEN_OK && !(weights && strcmp(weights, "random") == 0)) {
        status = mien_net_load_backbone(net, study, weights);
    }
    if (status == MIEN_OK) {
        status = mien_net_choose_weights(net, study, true);
    }
    if (status == MIEN_OK) {
        status = choose(net, study);
    }
    const mien_frontier_input picture = {.node = net->input};
    return status == MIEN_OK ? mien_graph_frontier(net->graph, net->parameters,
                                   &picture, 1, NULL, 0, &net->frozen)
                             : status;
}

int64_t mien_net_width(const mien_net *net, mien_node node) {
    int64_t shape[MIEN_RANK_MAX];
    int rank = mien_graph_shape(net->graph, node, shape);
    return mien_shape_count(rank - 1, shape + 1);
}

/* The graph behind the frozen part of a whole network. */
static mien_status build_tail(mien_net *net, const mien_net *whole) {
    const mien_frontier *cuts = &whole->frozen;
    mien_node *map = mien_alloc((size_t)mien_graph_nodes(whole->graph), sizeof *map);
    net->frozen.node = mien_alloc((size_t)cuts->count, sizeof *cuts->node);
    mien_status status = map && net->frozen.node ? MIEN_OK : MIEN_ENOMEM;
    if (status == MIEN_OK) {
        status =
            mien_graph_behind(whole->graph, cuts->node, cuts->count, &net->graph, map);
    }
    if (status == MIEN_OK) {
        net->output = map[whole->output];
        net->frozen.count = cuts->count;
        for (int i = 0; i < cuts->count; i++) {
            net->frozen.node[i] = map[cuts->node[i]];
        }
    }
    mien_free(map);
    return status;
}

mien_status mien_net_open_tail(
    mien_net *net, const mien_study *study, const mien_net *whole) {
    *net = (mien_net){.architecture = whole->architecture, .input = -1, .mask = -1};
    mien_status status = build_tail(net, whole);
    if (status == MIEN_OK) {
        status = finish(net, study);
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
