/* SPDX-License-Identifier: MIT */
/* The contract of a model as a JSON document: which version is written and read. */
#include "models/contract/contract.h"

#include <string.h>

#include "base/need.h"
#include "models/network.h"

/* The lowest version that can say a network is the one it is written as. */
static const mien_contract_version *const versions[] = {
    &mien_contract_v1, &mien_contract_v2, &mien_contract_v3, &mien_contract_v4};
#define VERSIONS ((int)(sizeof versions / sizeof versions[0]))

mien_status mien_contract_choose(
    const mien_network *network, const mien_contract_version **version) {
    mien_status status = MIEN_OK;
    bool can = false;
    for (int v = 0; status == MIEN_OK && !can && v < VERSIONS; v++) {
        status = versions[v]->says(network, &can);
        *version = versions[v];
    }
    return status != MIEN_OK || can
               ? status
               : mien_fail(MIEN_EUNSUPPORTED,
                     "no version of the contract up to %d can say this network",
                     MIEN_CONTRACT_VERSION);
}

int mien_network_version(const mien_network *network) {
    MIEN_NEED_OR(0, network);
    const mien_contract_version *version = NULL;
    mien_status status = mien_network_check(network);
    if (status == MIEN_OK) {
        status = mien_contract_choose(network, &version);
    }
    return status == MIEN_OK ? version->number : 0;
}

bool mien_contract_plain(const mien_network *network) {
    bool plain = !network->after.unclamped && !network->after.series[0] &&
                 !network->after.interval_by[0];
    for (int t = 0; t < network->targets_count; t++) {
        const char *rule = network->after.smoothing[t].rule;
        plain = plain && (!rule[0] || strcmp(rule, "none") == 0) &&
                !network->after.temperature[t] && !network->after.set_level[t] &&
                !network->after.interval[t].parts;
    }
    for (int i = 0; i < network->architecture.inputs_count; i++) {
        plain = plain && !network->made_by[i] && !network->standard[i].fill;
    }
    return plain;
}

mien_status mien_contract_make(
    const mien_network *network, int64_t golden_count, mien_value **contract) {
    const mien_contract_version *version = NULL;
    mien_status status = mien_contract_choose(network, &version);
    if (status != MIEN_OK) {
        return status;
    }
    mien_maker m = mien_maker_new();
    mien_maker_set(&m, "version", mien_value_new_int(version->number));
    mien_maker_set(&m, "made_by", mien_value_new_text("mien " MIEN_VERSION));
    mien_maker_set(&m, "architecture", mien_value_new_text(version->architecture));
    version->make(network, golden_count, &m);
    mien_value *value = mien_maker_take(&m);
    if (!value) {
        return m.status;
    }
    *contract = value;
    return MIEN_OK;
}

/* ---- reading ----------------------------------------------------------------------
 */

/* A version and an architecture that this program knows. */
static mien_status find_version(
    const mien_value *contract, const mien_contract_version **found) {
    int64_t number = mien_value_int(mien_value_get(contract, "version"), 0);
    const char *architecture =
        mien_value_text(mien_value_get(contract, "architecture"));
    if (number < 1) {
        return mien_fail(
            MIEN_EFORMAT, "contract: \"version\" is missing or not a number");
    }
    if (number > MIEN_CONTRACT_VERSION) {
        return mien_fail(MIEN_EUNSUPPORTED,
            "contract version %lld is newer than this program's %d: a newer mien can "
            "open it",
            (long long)number, MIEN_CONTRACT_VERSION);
    }
    /* the newest of that architecture, and else the first that knows it */
    *found = NULL;
    for (int v = 0; architecture && v < VERSIONS; v++) {
        bool known = strcmp(architecture, versions[v]->architecture) == 0;
        if (known && (!*found || versions[v]->number <= number)) {
            *found = versions[v];
        }
    }
    return *found ? MIEN_OK
                  : mien_fail(MIEN_EUNSUPPORTED,
                        "contract: architecture \"%s\" is not known; this program "
                        "knows readout and "
                        "network",
                        architecture ? architecture : "");
}

mien_status mien_contract_parse(const mien_value *contract, mien_arena *arena,
    mien_network *network, int64_t *golden_count, int *version) {
    const mien_contract_version *found = NULL;
    mien_status status = find_version(contract, &found);
    if (status != MIEN_OK) {
        return status;
    }
    mien_network *out = mien_alloc(1, sizeof *out);
    if (!out) {
        return MIEN_ENOMEM;
    }
    mien_contract_reader r = {.contract = contract, .arena = arena, .network = out};
    out->architecture = mien_architecture_default();
    found->read(&r);
    int64_t golden = mien_json_field_int(&r.keys, contract, "golden", 0, INT16_MAX);
    mien_json_field_text(
        &r.keys, contract, "licence", out->licence, sizeof out->licence);
    mien_json_field_text(
        &r.keys, contract, "citation", out->citation, sizeof out->citation);
    out->training = mien_value_get(contract, "training");
    status = r.keys.status;
    if (status == MIEN_OK) {
        status = mien_network_check(out);
        status = status == MIEN_OK || status == MIEN_ENOMEM
                     ? status
                     : mien_fail_in(MIEN_EFORMAT, "contract");
    }
    if (status == MIEN_OK) {
        *network = *out;
        *golden_count = golden;
        *version = found->number;
    }
    mien_free(out);
    return status;
}
