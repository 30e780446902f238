/* SPDX-License-Identifier: MIT */
/* The contract of a model as a JSON document: written here, read back here. */
#include "models/contract_parts.h"

#include <math.h>
#include <string.h>

/* Version 1 has these keys for a second way to say a linear block, which no release
 * could train. They are written, so that a study gives the same bytes as ever, and
 * read, with one value each. */
#define TRANSFORM "transform"
#define NO_TRANSFORM "none"
#define LINEAR "linear"

#define READOUT_VERSION 1

/* ---- struct to document: set() takes NULL for a failure, so makers nest ---- */

static mien_value *make_backbone(const mien_readout *r) {
    mien_maker m = mien_maker_new();
    mien_maker_set(&m, "name", mien_value_new_text(r->backbone));
    mien_maker_set(&m, "sha256", mien_value_new_text(r->backbone_sha256));
    return mien_maker_take(&m);
}

static mien_value *make_targets(const mien_readout *r) {
    mien_value *list = mien_value_new_list();
    for (int t = 0; list && t < r->targets_count; t++) {
        if (mien_value_add(list, mien_contract_make_target(&r->targets[t])) !=
            MIEN_OK) {
            mien_value_free(&list);
        }
    }
    return list;
}

static mien_value *make_block(const mien_readout_block *b) {
    mien_maker m = mien_maker_new();
    mien_maker_set(&m, "first", mien_value_new_int(b->first));
    mien_maker_set(&m, "width", mien_value_new_int(b->width));
    mien_maker_set(&m, "unit", mien_value_new_bool(b->unit));
    mien_maker_set(&m, "gamma", mien_value_new_number(b->gamma));
    mien_maker_set(&m, "vectors", mien_value_new_int(b->vectors_count));
    return mien_maker_take(&m);
}

static mien_value *make_blocks(const mien_readout *r) {
    mien_value *list = mien_value_new_list();
    for (int b = 0; list && b < r->blocks_count; b++) {
        if (mien_value_add(list, make_block(&r->blocks[b])) != MIEN_OK) {
            mien_value_free(&list);
        }
    }
    return list;
}

mien_status mien_contract_make(
    const mien_readout *readout, int64_t golden_count, mien_value **contract) {
    const mien_readout *r = readout;
    mien_maker m = mien_maker_new();
    mien_maker_set(&m, "version", mien_value_new_int(READOUT_VERSION));
    mien_maker_set(&m, "made_by", mien_value_new_text("mien " MIEN_VERSION));
    mien_maker_set(&m, "architecture", mien_value_new_text(MIEN_ARCHITECTURE_READOUT));
    mien_maker_set(&m, "backbone", make_backbone(r));
    mien_maker_set(&m, "layers", mien_value_new_text(r->layers));
    mien_maker_set(&m, "mirror", mien_value_new_bool(r->mirror));
    mien_maker_set(&m, "preprocess", mien_contract_make_preprocess(&r->preprocess));
    mien_maker_set(&m, TRANSFORM, mien_value_new_text(NO_TRANSFORM));
    mien_maker_set(&m, "features", mien_value_new_int(r->features));
    mien_maker_set(&m, "targets", make_targets(r));
    mien_maker_set(&m, LINEAR, mien_value_new_bool(false));
    mien_maker_set(&m, "blocks", make_blocks(r));
    mien_maker_set(&m, "golden", mien_value_new_int(golden_count));
    mien_maker_set(&m, "training", mien_contract_make_training(r->training));
    mien_maker_set(&m, "licence", mien_value_new_text(r->licence));
    mien_maker_set(&m, "citation", mien_value_new_text(r->citation));
    mien_value *value = mien_maker_take(&m);
    if (!value) {
        return m.status;
    }
    *contract = value;
    return MIEN_OK;
}

/* ---- document to struct: after the first failure the rest do nothing ---- */

static void read_targets(mien_keys *r, const mien_value *contract, mien_readout *out) {
    const mien_value *list = mien_value_get(contract, "targets");
    int64_t count = mien_value_count(list);
    if (!list || mien_value_kind_of(list) != MIEN_VALUE_LIST || count < 1 ||
        count > MIEN_TARGETS_MAX) {
        mien_keys_bad(r, "targets", "a list of 1 to 16 targets");
        return;
    }
    out->targets_count = (int)count;
    for (int t = 0; t < out->targets_count; t++) {
        mien_contract_read_target(r, mien_value_at(list, t), &out->targets[t]);
    }
}

static void read_blocks(mien_keys *r, const mien_value *contract, mien_readout *out) {
    const mien_value *list = mien_value_get(contract, "blocks");
    int64_t count = mien_value_count(list);
    if (!list || mien_value_kind_of(list) != MIEN_VALUE_LIST || count < 1 ||
        count > MIEN_READOUT_BLOCKS_MAX) {
        mien_keys_bad(r, "blocks", "a list of 1 to 16 blocks");
        return;
    }
    out->blocks_count = (int)count;
    for (int i = 0; i < out->blocks_count; i++) {
        const mien_value *map = mien_value_at(list, i);
        mien_readout_block *b = &out->blocks[i];
        b->first = mien_keys_int(r, map, "first", 0, INT32_MAX);
        b->width = mien_keys_int(r, map, "width", 1, INT32_MAX);
        b->unit = mien_keys_bool(r, map, "unit");
        b->gamma = mien_value_number(mien_value_get(map, "gamma"), NAN);
        b->vectors_count = mien_keys_int(r, map, "vectors", 1, INT32_MAX);
    }
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

mien_status mien_contract_parse(
    const mien_value *contract, mien_readout *readout, int64_t *golden_count) {
    mien_keys r = {mien_contract_check_kind(contract)};
    if (r.status == MIEN_OK) {
        r.status = check_spare_keys(contract);
    }
    if (r.status != MIEN_OK) {
        return r.status;
    }
    mien_readout out = {0};
    const mien_value *backbone = mien_value_get(contract, "backbone");
    mien_keys_text(&r, backbone, "name", out.backbone, sizeof out.backbone);
    mien_keys_text(
        &r, backbone, "sha256", out.backbone_sha256, sizeof out.backbone_sha256);
    mien_keys_text(&r, contract, "layers", out.layers, sizeof out.layers);
    out.mirror = mien_keys_bool(&r, contract, "mirror");
    mien_contract_read_preprocess(
        &r, mien_value_get(contract, "preprocess"), &out.preprocess);
    out.features = mien_keys_int(&r, contract, "features", 1, INT32_MAX);
    read_targets(&r, contract, &out);
    read_blocks(&r, contract, &out);
    int64_t golden = mien_keys_int(&r, contract, "golden", 0, INT16_MAX);
    mien_keys_text(&r, contract, "licence", out.licence, sizeof out.licence);
    mien_keys_text(&r, contract, "citation", out.citation, sizeof out.citation);
    out.training = mien_value_get(contract, "training");
    if (r.status == MIEN_OK && mien_readout_check(&out) != MIEN_OK) {
        r.status = mien_fail_in(MIEN_EFORMAT, "contract");
    }
    if (r.status == MIEN_OK) {
        *readout = out;
        *golden_count = golden;
    }
    return r.status;
}
