/* SPDX-License-Identifier: MIT */
/* Version 1 of the contract: read-outs. */
#include <math.h>
#include <string.h>

#include "models/contract/contract.h"
#include "models/parts/parts.h"

/* Version 1 has these keys for a second way to say a linear block, which no release
 * could train. They are written, so that a study gives the same bytes as ever, and
 * read, with one value each. */
#define TRANSFORM "transform"
#define NO_TRANSFORM "none"
#define LINEAR "linear"

static mien_status read_options(const mien_network *n, mien_options **options) {
    const mien_branch_kind *kind = NULL;
    mien_status status = mien_branch_kind_find("backbone", &kind);
    return status == MIEN_OK ? mien_part_read(&n->architecture.branches[0].stage[0],
                                   kind->options, options)
                             : status;
}

/* Its readers have room for so many letters. */
#define NAME_BYTES 64
#define LAYERS_BYTES 512

static mien_status says(const mien_network *n, bool *can) {
    const mien_architecture *a = &n->architecture;
    mien_options *o = NULL;
    *can = strcmp(a->head.kind, "readout") == 0 &&
           strcmp(a->inputs[0].column, "image") == 0 && n->segment_s == 0 &&
           mien_contract_plain(n);
    mien_status status = *can ? read_options(n, &o) : MIEN_OK;
    if (status == MIEN_OK && *can) {
        *can = strlen(mien_options_text(o, "name")) < NAME_BYTES &&
               strlen(mien_options_text(o, "layer")) < LAYERS_BYTES &&
               strlen(mien_options_text(o, "layers")) < LAYERS_BYTES;
    }
    mien_options_free(&o);
    return status;
}

/* ---- struct to document: set() takes NULL for a failure, so makers nest ---- */

static mien_value *make_backbone(const mien_network *n, const mien_options *options) {
    mien_maker m = mien_maker_new();
    mien_maker_set(&m, "name", mien_value_new_text(mien_options_text(options, "name")));
    mien_maker_set(
        &m, "sha256", mien_value_new_text(n->architecture.branches[0].weights_sha256));
    return mien_maker_take(&m);
}

static mien_value *make_target(const mien_network *n, int t) {
    return mien_contract_make_value(&n->targets[t]);
}

static void make(const mien_network *n, int64_t golden_count, mien_maker *m) {
    mien_preprocess p;
    mien_options *o = NULL;
    mien_status status = read_options(n, &o);
    if (status == MIEN_OK) {
        status = mien_input_preprocess(&n->architecture.inputs[0], &p);
    }
    if (status != MIEN_OK) {
        mien_options_free(&o);
        m->status = m->status == MIEN_OK ? status : m->status;
        return;
    }
    const char *layers = mien_options_text(o, "layers");
    mien_maker_set(m, "backbone", make_backbone(n, o));
    mien_maker_set(m, "layers",
        mien_value_new_text(layers[0] ? layers : mien_options_text(o, "layer")));
    mien_maker_set(m, "mirror", mien_value_new_bool(mien_options_flag(o, "mirror")));
    mien_maker_set(m, "preprocess", mien_contract_make_preprocess(&p));
    mien_maker_set(m, TRANSFORM, mien_value_new_text(NO_TRANSFORM));
    mien_maker_set(m, "features", mien_value_new_int(n->readout.features));
    mien_maker_set(m, "targets", mien_contract_list(n, n->targets_count, make_target));
    mien_maker_set(m, LINEAR, mien_value_new_bool(false));
    mien_maker_set(m, "blocks", mien_contract_make_blocks(n));
    mien_maker_set(m, "golden", mien_value_new_int(golden_count));
    mien_maker_set(m, "training", mien_contract_make_training(n->training));
    mien_maker_set(m, "licence", mien_value_new_text(n->licence));
    mien_maker_set(m, "citation", mien_value_new_text(n->citation));
    mien_options_free(&o);
}

/* ---- document to struct ---- */

static void read_target(
    mien_contract_reader *r, const mien_value *map, mien_target *target) {
    mien_contract_read_value(&r->keys, map, target);
}

/* A file that relies on the second way must not be computed without it. */
static mien_status check_spare_keys(const mien_value *contract) {
    const mien_value *transform = mien_value_get(contract, TRANSFORM);
    const mien_value *linear = mien_value_get(contract, LINEAR);
    const char *text = transform ? mien_value_text(transform) : NO_TRANSFORM;
    if (!text || strcmp(text, NO_TRANSFORM) != 0) {
        return mien_fail(MIEN_EUNSUPPORTED,
            "contract: \"" TRANSFORM "\" is not " NO_TRANSFORM
            ", the only one there is");
    }
    if (linear && mien_value_bool(linear, true)) {
        return mien_fail(MIEN_EUNSUPPORTED,
            "contract: \"" LINEAR
            "\" is not false; linear parts are blocks of gamma 0");
    }
    return MIEN_OK;
}

static void read(mien_contract_reader *r) {
    const mien_value *contract = r->contract;
    const mien_value *backbone = mien_value_get(contract, "backbone");
    char name[NAME_BYTES] = "", hash[65] = "", layers[LAYERS_BYTES] = "";
    mien_preprocess p = mien_preprocess_imagenet();
    mien_network *n = r->network;
    r->keys.status = check_spare_keys(contract);
    mien_json_field_text(&r->keys, backbone, "name", name, sizeof name);
    mien_json_field_text(&r->keys, backbone, "sha256", hash, sizeof hash);
    mien_json_field_text(&r->keys, contract, "layers", layers, sizeof layers);
    bool mirror = mien_json_field_bool(&r->keys, contract, "mirror");
    mien_contract_read_preprocess(&r->keys, mien_value_get(contract, "preprocess"), &p);
    mien_contract_read_targets(r, read_target);
    mien_contract_read_readout(r, contract);
    if (r->keys.status == MIEN_OK) {
        mien_status status =
            mien_architecture_readout(&n->architecture, &p, name, layers, mirror, hash);
        r->keys.status = status == MIEN_OK || status == MIEN_ENOMEM
                             ? status
                             : mien_fail_in(MIEN_EFORMAT, "contract");
        n->architecture.outputs = n->targets_count;
    }
}

const mien_contract_version mien_contract_v1 = {
    .number = 1,
    .architecture = "readout",
    .says = says,
    .make = make,
    .read = read,
};
