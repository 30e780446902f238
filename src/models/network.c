/* SPDX-License-Identifier: MIT */
/* A whole network out of a model file: its checks, its graph with its weights. */
#include "models/network.h"

#include <math.h>

#include "models/file.h"
#include "models/readout.h"
#include "models/weights.h"

/* A small file must not make much more memory be taken than it holds itself. */
#define VALUES_SLACK (16 << 20)

int64_t mien_targets_width(const mien_target *targets, int count) {
    int64_t sum = 0;
    for (int t = 0; t < count; t++) {
        sum += mien_target_width(&targets[t]);
    }
    return sum;
}

static mien_status check_pictures(const mien_network *network) {
    const mien_design *d = &network->design;
    const mien_preprocess *p = &network->preprocess;
    if (mien_preprocess_check(p) != MIEN_OK) {
        return mien_fail_in(MIEN_EINVAL, "preprocess");
    }
    if (p->crop_height != d->height || p->crop_width != d->width) {
        return mien_fail(MIEN_EINVAL,
            "pictures are prepared as %d × %d, but the network takes %d × %d",
            p->crop_width, p->crop_height, d->width, d->height);
    }
    return MIEN_OK;
}

static mien_status check_features(const mien_network *network) {
    if (!isfinite(network->segment_s) || network->segment_s < 0) {
        return mien_fail(MIEN_EINVAL, "a segment of %g seconds", network->segment_s);
    }
    for (int i = 0; i < network->design.inputs_count; i++) {
        if (!network->mean[i] != !network->scale[i]) {
            return mien_fail(MIEN_EINVAL, "input %s has a mean or a scale, not both",
                network->design.inputs[i].name);
        }
    }
    return MIEN_OK;
}

mien_status mien_network_check(const mien_network *network) {
    const mien_design *d = &network->design;
    int64_t outputs = 0;
    mien_status status = mien_design_check(d);
    if (status != MIEN_OK) {
        return mien_fail_in(status == MIEN_ENOMEM ? status : MIEN_EINVAL, "design");
    }
    status = d->kind[0] ? check_features(network) : check_pictures(network);
    if (status != MIEN_OK) {
        return status;
    }
    status = mien_targets_check(network->targets, network->targets_count);
    if (status != MIEN_OK) {
        return status;
    }
    for (int t = 0; t < network->targets_count; t++) {
        outputs += mien_target_outputs(&network->targets[t]);
    }
    return outputs == d->outputs
               ? MIEN_OK
               : mien_fail(MIEN_EINVAL,
                     "the targets need %lld outputs, the design has %lld",
                     (long long)outputs, (long long)d->outputs);
}

static mien_status build_pictures(const mien_design *d, mien_network_body *b) {
    const int64_t shape[] = {MIEN_BATCH, 3, d->height, d->width};
    mien_node feature;
    mien_status status = mien_graph_input(b->graph, "input", 4, shape, &b->input);
    return status == MIEN_OK
               ? mien_design_build(d, b->graph, b->input, &b->output, &feature)
               : status;
}

static mien_status build_features(const mien_design *d, mien_network_body *b) {
    mien_status status = mien_design_add_inputs(d, b->graph, b->inputs, &b->mask);
    return status == MIEN_OK
               ? mien_design_build_features(d, b->graph, b->inputs, b->mask, &b->output)
               : status;
}

mien_status mien_network_build(const mien_network *network, mien_network_body *body) {
    const mien_design *d = &network->design;
    mien_network_body b = {.mask = -1};
    mien_status status = mien_graph_new(&b.graph);
    if (status == MIEN_OK) {
        status = d->kind[0] ? build_features(d, &b) : build_pictures(d, &b);
    }
    if (status != MIEN_OK) {
        mien_network_clear(&b);
        return status;
    }
    *body = b;
    return MIEN_OK;
}

static mien_status check_amount(const mien_graph *graph, mien_archive *archive) {
    int64_t want = mien_graph_weights(graph), held = 0;
    for (int64_t i = 0; i < mien_archive_count(archive); i++) {
        held += mien_tensor_count(mien_archive_info(archive, i));
    }
    return want - VALUES_SLACK <= held ? MIEN_OK
                                       : mien_fail(MIEN_EVERIFY,
                                             "the weights are incomplete: %lld values "
                                             "where the design has %lld",
                                             (long long)held, (long long)want);
}

mien_status mien_network_load(
    const mien_network *network, mien_archive *archive, mien_network_body *body) {
    const mien_weights_options options = {.beside = "golden. " MIEN_STANDARD};
    mien_network_body b = {0};
    mien_status status = mien_network_build(network, &b);
    if (status != MIEN_OK && status != MIEN_ENOMEM) {
        return mien_fail_in(MIEN_EFORMAT, "contract: design");
    }
    if (status == MIEN_OK) {
        status = check_amount(b.graph, archive);
    }
    if (status == MIEN_OK) {
        status = mien_parameters_new(b.graph, &b.parameters);
    }
    if (status == MIEN_OK) {
        status = mien_weights_load(b.parameters, archive, &options);
        if (status == MIEN_EFORMAT) {
            status = mien_fail_in(MIEN_EVERIFY, "network");
        }
    }
    if (status != MIEN_OK) {
        mien_network_clear(&b);
        return status;
    }
    *body = b;
    return MIEN_OK;
}

void mien_network_clear(mien_network_body *body) {
    mien_parameters_free(&body->parameters);
    mien_graph_free(&body->graph);
}

mien_status mien_network_fits(
    const mien_network *network, mien_parameters *parameters) {
    mien_network_body b = {0};
    mien_status status = mien_network_build(network, &b);
    if (status == MIEN_OK) {
        status = mien_parameters_new(b.graph, &b.parameters);
    }
    if (status == MIEN_OK) {
        status = mien_weights_compare(b.parameters, parameters);
    }
    mien_network_clear(&b);
    return status;
}
