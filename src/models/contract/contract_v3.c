/* SPDX-License-Identifier: MIT */
/* Version 3 of the contract: a preset over rows of features. */
#include <stdio.h>
#include <string.h>

#include "models/contract/contract.h"
#include "models/parts/parts.h"

/* Its readers have room for so many. */
#define SETTINGS_BYTES 512

static mien_status says(const mien_network *n, bool *can) {
    const mien_architecture *a = &n->architecture;
    *can = mien_part_chosen(&a->preset) &&
           strlen(a->preset.settings) < SETTINGS_BYTES && mien_contract_plain(n);
    for (int i = 0; *can && i < a->inputs_count; i++) {
        const mien_input *input = &a->inputs[i];
        char usual[96];
        snprintf(usual, sizeof usual, "features.%s", input->name);
        *can = strcmp(input->kind, "features") == 0 &&
               strcmp(input->column, usual) == 0 && input->shape.rank == 1 &&
               input->shape.steps == 1 && input->optional == a->inputs[0].optional &&
               !a->branches[i].weights_sha256[0];
    }
    return MIEN_OK;
}

static mien_value *make_input(const mien_network *n, int i) {
    const mien_input *input = &n->architecture.inputs[i];
    mien_maker m = mien_maker_new();
    mien_maker_set(&m, "name", mien_value_new_text(input->name));
    mien_maker_set(&m, "width", mien_value_new_int(input->shape.size[0]));
    mien_maker_set(&m, "standardise", mien_value_new_bool(input->standardise));
    return mien_maker_take(&m);
}

static mien_value *make_context(const mien_architecture *a) {
    mien_maker m = mien_maker_new();
    mien_maker_set(&m, "before", mien_value_new_int(a->context_before));
    mien_maker_set(&m, "after", mien_value_new_int(a->context_after));
    return mien_maker_take(&m);
}

static mien_value *make_design(const mien_network *n) {
    const mien_architecture *a = &n->architecture;
    mien_maker m = mien_maker_new();
    mien_maker_set(&m, "kind", mien_value_new_text(a->preset.kind));
    mien_maker_set(&m, "settings", mien_value_new_text(a->preset.settings));
    mien_maker_set(&m, "inputs", mien_contract_list(n, a->inputs_count, make_input));
    mien_maker_set(&m, "context", make_context(a));
    mien_maker_set(&m, "masks", mien_value_new_bool(mien_architecture_masked(a)));
    mien_maker_set(&m, "outputs", mien_value_new_int(a->outputs));
    return mien_maker_take(&m);
}

static void make(const mien_network *n, int64_t golden_count, mien_maker *m) {
    mien_maker_set(m, "design", make_design(n));
    mien_maker_set(m, "segment_s", mien_value_new_number(n->segment_s));
    mien_contract_make_rest(n, golden_count, m);
}

/* ---- document to struct ---- */

static void read_input(mien_contract_reader *r, const mien_value *map, bool masks) {
    mien_architecture *a = &r->network->architecture;
    mien_input input;
    char name[64] = "";
    mien_json_field_text(&r->keys, map, "name", name, sizeof name);
    int64_t width = mien_json_field_int(&r->keys, map, "width", 1, INT32_MAX);
    bool standardise = mien_json_field_bool(&r->keys, map, "standardise");
    if (r->keys.status != MIEN_OK) {
        return;
    }
    mien_status status = mien_input_features(name, width, &input);
    if (status == MIEN_OK) {
        input.standardise = standardise;
        input.optional = masks;
        status = mien_architecture_add(a, &input);
    }
    r->keys.status = status == MIEN_OK || status == MIEN_ENOMEM
                         ? status
                         : mien_fail_in(MIEN_EFORMAT, "contract: design");
}

static void read_inputs(mien_contract_reader *r, const mien_value *design, bool masks) {
    const mien_value *list = mien_value_get(design, "inputs");
    int64_t count = mien_value_count(list);
    if (!list || mien_value_kind_of(list) != MIEN_VALUE_LIST || count < 1 ||
        count > MIEN_INPUTS_MAX) {
        mien_json_field_bad(&r->keys, "inputs", "a list of 1 to 16 inputs");
        return;
    }
    for (int i = 0; i < (int)count; i++) {
        read_input(r, mien_value_at(list, i), masks);
    }
}

/* A row is there for every name a file may have; its settings may be any of its keys.
 */
static void read_preset(
    mien_contract_reader *r, const char *kind, const char *settings) {
    mien_architecture *a = &r->network->architecture;
    if (r->keys.status != MIEN_OK) {
        return;
    }
    if (!*kind) {
        mien_json_field_bad(&r->keys, "kind", "the name of a network over features");
        return;
    }
    snprintf(a->preset.kind, sizeof a->preset.kind, "%s", kind);
    snprintf(a->preset.settings, sizeof a->preset.settings, "%s", settings);
    mien_status status = mien_architecture_renew(a);
    r->keys.status = status == MIEN_OK || status == MIEN_ENOMEM
                         ? status
                         : mien_fail_in(MIEN_EFORMAT, "contract: design");
}

static void read(mien_contract_reader *r) {
    mien_json_fields *k = &r->keys;
    mien_architecture *a = &r->network->architecture;
    const mien_value *design = mien_value_get(r->contract, "design");
    const mien_value *context = mien_value_get(design, "context");
    char kind[32] = "", settings[SETTINGS_BYTES] = "";
    mien_json_field_text(k, design, "kind", kind, sizeof kind);
    mien_json_field_text(k, design, "settings", settings, sizeof settings);
    a->context_before = (int)mien_json_field_int(k, context, "before", 0, INT16_MAX);
    a->context_after = (int)mien_json_field_int(k, context, "after", 0, INT16_MAX);
    bool masks = mien_json_field_bool(k, design, "masks");
    read_inputs(r, design, masks);
    a->outputs = mien_json_field_int(k, design, "outputs", 1, INT32_MAX);
    r->network->segment_s = mien_json_field_number(k, r->contract, "segment_s");
    mien_contract_read_targets(r, mien_contract_read_target);
    read_preset(r, kind, settings);
    if (k->status == MIEN_OK && !masks && mien_architecture_steps(a) > 1) {
        k->status = mien_fail(MIEN_EFORMAT,
            "contract: design: a context needs masks: the first and last segments of a "
            "film have no others beside them");
    }
}

const mien_contract_version mien_contract_v3 = {
    .number = 3,
    .architecture = "network",
    .says = says,
    .make = make,
    .read = read,
};
