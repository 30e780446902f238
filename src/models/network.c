/* SPDX-License-Identifier: MIT */
/* A whole network out of a model file: its checks, its graph with its weights. */
#include "models/network.h"

#include <math.h>
#include <string.h>

#include "base/need.h"
#include "models/contract/contract.h"
#include "models/parts/head_readout.h"
#include "models/contract/file.h"
#include "models/weights/weights.h"

/* A small file must not make much more memory be taken than it holds itself. */
#define VALUES_SLACK (16 << 20)

int64_t mien_targets_width(const mien_target *targets, int count) {
    int64_t sum = 0;
    for (int t = 0; t < count; t++) {
        sum += mien_target_width(&targets[t]);
    }
    return sum;
}

/* ---- checks -----------------------------------------------------------------------
 */

static mien_status check_outputs(const mien_network *network) {
    int64_t outputs = 0;
    mien_status status = mien_targets_check(network->targets, network->targets_count);
    for (int t = 0; status == MIEN_OK && t < network->targets_count; t++) {
        outputs += mien_target_outputs(&network->targets[t]);
    }
    return status != MIEN_OK || outputs == network->architecture.outputs
               ? status
               : mien_fail(MIEN_EINVAL,
                     "the targets need %lld outputs, the design has %lld",
                     (long long)outputs, (long long)network->architecture.outputs);
}

static mien_status check_temperature(const mien_network *network, int t) {
    double temperature = network->after.temperature[t];
    bool possible = isfinite(temperature) && temperature >= 0 &&
                    (temperature == 0 || network->targets[t].link != MIEN_LINK_VALUE);
    return possible ? MIEN_OK
                    : mien_fail(MIEN_EINVAL,
                          "after: a temperature of %g for %s: above 0, of classes only",
                          temperature, network->targets[t].name);
}

const mien_after_value *mien_after_find(const mien_after *after, const char *value) {
    MIEN_NEED_OR(NULL, after);
    for (int k = 0; value && k < after->values_count; k++) {
        if (strcmp(after->values[k].value, value) == 0) {
            return &after->values[k];
        }
    }
    return NULL;
}

static mien_status check_interval(
    const mien_network *network, int t, const mien_after_interval *i) {
    bool good = i->parts >= 0 && i->parts <= MIEN_INTERVAL_PARTS_MAX &&
                (!i->parts || (network->targets[t].link == MIEN_LINK_VALUE &&
                                  i->level > 0 && i->level < 1));
    for (int k = 0; good && k < i->parts; k++) {
        good = isfinite(i->low[k]) && isfinite(i->high[k]) && i->low[k] <= i->high[k] &&
               (k + 1 >= i->parts || isfinite(i->cut[k])) &&
               (k < 1 || k + 1 >= i->parts || i->cut[k] >= i->cut[k - 1]);
    }
    return good ? MIEN_OK
                : mien_fail(MIEN_EINVAL, "after: intervals of %s that cannot be",
                      network->targets[t].name);
}

static mien_status check_sets(const mien_network *network, int t) {
    double level = network->after.set_level[t], from = network->after.set_from[t];
    bool none = level == 0 && from == 0;
    bool good = none || (network->targets[t].link != MIEN_LINK_VALUE && level > 0 &&
                            level < 1 && from >= 0 && from <= 1);
    return good ? MIEN_OK
                : mien_fail(MIEN_EINVAL,
                      "after: sets of %s at %g from %g on: both are shares, of classes "
                      "only",
                      network->targets[t].name, level, from);
}

/* A value has an interval only where all rows together have one. */
static mien_status check_values(const mien_network *network) {
    const mien_after *a = &network->after;
    mien_status status = MIEN_OK;
    if (a->values_count < 0 || a->values_count > MIEN_INTERVAL_VALUES_MAX ||
        (a->values_count > 0 && (!a->interval_by[0] || !a->values))) {
        return mien_fail(MIEN_EINVAL, "after: intervals by value of no column, or of "
                                      "more values than can be");
    }
    for (int k = 0; status == MIEN_OK && k < a->values_count; k++) {
        for (int t = 0; status == MIEN_OK && t < network->targets_count; t++) {
            const mien_after_interval *i = &a->values[k].interval[t];
            status =
                i->parts && !a->interval[t].parts
                    ? mien_fail(MIEN_EINVAL,
                          "after: intervals of %s by value without one of all rows",
                          network->targets[t].name)
                    : check_interval(network, t, i);
        }
    }
    return status;
}

static mien_status check_after(const mien_network *network) {
    for (int t = 0; t < network->targets_count; t++) {
        mien_status status = check_temperature(network, t);
        status = status == MIEN_OK
                     ? check_interval(network, t, &network->after.interval[t])
                     : status;
        status = status == MIEN_OK ? check_sets(network, t) : status;
        if (status != MIEN_OK) {
            return status;
        }
        const mien_after_smoothing *s = &network->after.smoothing[t];
        bool mean = strcmp(s->rule, "mean") == 0;
        bool filter = strcmp(s->rule, "butterworth") == 0;
        if (s->rule[0] && strcmp(s->rule, "none") != 0 && !mean && !filter) {
            return mien_fail(MIEN_EINVAL,
                "after: smoothing \"%s\" of %s is none, mean or butterworth", s->rule,
                network->targets[t].name);
        }
        if ((mean || filter) && !(isfinite(s->value) && s->value > 0)) {
            return mien_fail(MIEN_EINVAL, "after: smoothing of %s by %g",
                network->targets[t].name, s->value);
        }
        if (filter && (s->order < 1 || s->order > 16)) {
            return mien_fail(
                MIEN_EINVAL, "after: a filter of order %d; 1 to 16", s->order);
        }
    }
    return check_values(network);
}

mien_status mien_network_check(const mien_network *network) {
    MIEN_NEED(network);
    mien_status status = mien_architecture_check(&network->architecture);
    if (status != MIEN_OK) {
        return mien_fail_in(status == MIEN_ENOMEM ? status : MIEN_EINVAL, "design");
    }
    if (!isfinite(network->segment_s) || network->segment_s < 0) {
        return mien_fail(MIEN_EINVAL, "a segment of %g seconds", network->segment_s);
    }
    status = check_outputs(network);
    if (status == MIEN_OK && !mien_network_is_graph(network)) {
        status = mien_readout_check(network);
    }
    return status == MIEN_OK ? check_after(network) : status;
}

/* ---- graph ------------------------------------------------------------------------
 */

bool mien_network_is_graph(const mien_network *network) {
    const mien_head_kind *head = NULL;
    return mien_head_kind_find(network->architecture.head.kind, &head) == MIEN_OK &&
           head->build;
}

mien_status mien_network_build(const mien_network *network, mien_network_body *body) {
    mien_network_body b = {0};
    mien_status status = mien_graph_new(&b.graph);
    if (status == MIEN_OK) {
        status = mien_architecture_build(&network->architecture, b.graph, &b.nodes);
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
