/* SPDX-License-Identifier: MIT */
/* The contract of a whole network as a JSON document: written here, read back here. */
#include <string.h>

#include "models/contract_parts.h"
#include "models/network.h"

/* The lowest version that knows networks. */
#define NETWORK_VERSION 2
/* The lowest that knows networks over features. */
#define FEATURES_VERSION 3

static const char *const links[] = {
    [MIEN_LINK_VALUE] = NULL,
    [MIEN_LINK_SOFTMAX] = "softmax",
    [MIEN_LINK_CORN] = "corn",
};
#define LINKS ((int)(sizeof links / sizeof links[0]))

static mien_value *make_hidden(const mien_design_hidden *h) {
    mien_maker m = mien_maker_new();
    mien_maker_set(&m, "width", mien_value_new_int(h->width));
    mien_maker_set(&m, "activation",
        mien_value_new_text(h->activation[0] ? h->activation : "none"));
    mien_maker_set(&m, "dropout", mien_value_new_number(h->dropout));
    return mien_maker_take(&m);
}

static mien_value *make_picture_design(const mien_design *d) {
    mien_maker m = mien_maker_new();
    mien_value *hidden = mien_value_new_list();
    for (int i = 0; hidden && i < d->hidden_count; i++) {
        if (mien_value_add(hidden, make_hidden(&d->hidden[i])) != MIEN_OK) {
            mien_value_free(&hidden);
        }
    }
    mien_maker_set(&m, "backbone", mien_value_new_text(d->backbone));
    mien_maker_set(&m, "layer", mien_value_new_text(d->layer));
    mien_maker_set(&m, "grid", mien_value_new_int(d->grid));
    mien_maker_set(&m, "height", mien_value_new_int(d->height));
    mien_maker_set(&m, "width", mien_value_new_int(d->width));
    mien_maker_set(&m, "dropout", mien_value_new_number(d->dropout));
    mien_maker_set(&m, "hidden", hidden);
    mien_maker_set(&m, "outputs", mien_value_new_int(d->outputs));
    return mien_maker_take(&m);
}

static mien_value *make_input(const mien_network *n, int index) {
    const mien_design_input *input = &n->design.inputs[index];
    mien_maker m = mien_maker_new();
    mien_maker_set(&m, "name", mien_value_new_text(input->name));
    mien_maker_set(&m, "width", mien_value_new_int(input->width));
    mien_maker_set(&m, "standardise", mien_value_new_bool(n->mean[index] != NULL));
    return mien_maker_take(&m);
}

static mien_value *make_context(const mien_design *d) {
    mien_maker m = mien_maker_new();
    mien_maker_set(&m, "before", mien_value_new_int(d->context_before));
    mien_maker_set(&m, "after", mien_value_new_int(d->context_after));
    return mien_maker_take(&m);
}

static mien_value *make_feature_design(const mien_network *n) {
    const mien_design *d = &n->design;
    mien_maker m = mien_maker_new();
    mien_value *inputs = mien_value_new_list();
    for (int i = 0; inputs && i < d->inputs_count; i++) {
        if (mien_value_add(inputs, make_input(n, i)) != MIEN_OK) {
            mien_value_free(&inputs);
        }
    }
    mien_maker_set(&m, "kind", mien_value_new_text(d->kind));
    mien_maker_set(&m, "settings", mien_value_new_text(d->settings));
    mien_maker_set(&m, "inputs", inputs);
    mien_maker_set(&m, "context", make_context(d));
    mien_maker_set(&m, "masks", mien_value_new_bool(d->masks));
    mien_maker_set(&m, "outputs", mien_value_new_int(d->outputs));
    return mien_maker_take(&m);
}

static mien_value *make_labels(const mien_target *t) {
    mien_value *list = mien_value_new_list();
    for (int c = 0; list && c < t->classes_count; c++) {
        if (mien_value_add(list, mien_value_new_text(t->classes[c])) != MIEN_OK) {
            mien_value_free(&list);
        }
    }
    return list;
}

/* A value's entry is that of a read-out with its kind beside. */
static mien_value *make_kind_of_target(const mien_target *t) {
    if (t->link == MIEN_LINK_VALUE) {
        mien_value *value = mien_contract_make_target(t);
        mien_maker m = {value, value ? MIEN_OK : MIEN_ENOMEM};
        mien_maker_set(&m, "kind", mien_value_new_text("value"));
        return mien_maker_take(&m);
    }
    mien_maker m = mien_maker_new();
    mien_maker_set(&m, "name", mien_value_new_text(t->name));
    mien_maker_set(&m, "unit", mien_value_new_text(t->unit));
    mien_maker_set(&m, "construct", mien_value_new_text(t->construct));
    mien_maker_set(&m, "perspective", mien_value_new_text(t->perspective));
    mien_maker_set(&m, "kind", mien_value_new_text("classes"));
    mien_maker_set(&m, "link", mien_value_new_text(links[t->link]));
    mien_maker_set(&m, "classes", make_labels(t));
    return mien_maker_take(&m);
}

mien_status mien_contract_make_network(
    const mien_network *network, int64_t golden_count, mien_value **contract) {
    const mien_network *n = network;
    mien_value *targets = mien_value_new_list();
    for (int t = 0; targets && t < n->targets_count; t++) {
        if (mien_value_add(targets, make_kind_of_target(&n->targets[t])) != MIEN_OK) {
            mien_value_free(&targets);
        }
    }
    mien_maker m = mien_maker_new();
    bool features = n->design.kind[0] != 0;
    mien_maker_set(&m, "version",
        mien_value_new_int(features ? FEATURES_VERSION : NETWORK_VERSION));
    mien_maker_set(&m, "made_by", mien_value_new_text("mien " MIEN_VERSION));
    mien_maker_set(&m, "architecture", mien_value_new_text(MIEN_ARCHITECTURE_NETWORK));
    mien_maker_set(&m, "design",
        features ? make_feature_design(n) : make_picture_design(&n->design));
    if (features) {
        mien_maker_set(&m, "segment_s", mien_value_new_number(n->segment_s));
    } else {
        mien_maker_set(&m, "preprocess", mien_contract_make_preprocess(&n->preprocess));
    }
    mien_maker_set(&m, "targets", targets);
    mien_maker_set(&m, "golden", mien_value_new_int(golden_count));
    mien_maker_set(&m, "training", mien_contract_make_training(n->training));
    mien_maker_set(&m, "licence", mien_value_new_text(n->licence));
    mien_maker_set(&m, "citation", mien_value_new_text(n->citation));
    mien_value *value = mien_maker_take(&m);
    if (!value) {
        return m.status;
    }
    *contract = value;
    return MIEN_OK;
}

static void read_hidden(mien_keys *r, const mien_value *design, mien_design *d) {
    const mien_value *list = mien_value_get(design, "hidden");
    int64_t count = mien_value_count(list);
    if (!list || mien_value_kind_of(list) != MIEN_VALUE_LIST ||
        count > MIEN_DESIGN_HIDDEN_MAX) {
        mien_keys_bad(r, "hidden", "a list of at most 8 layers");
        return;
    }
    d->hidden_count = (int)count;
    for (int i = 0; i < d->hidden_count; i++) {
        const mien_value *map = mien_value_at(list, i);
        mien_design_hidden *h = &d->hidden[i];
        h->width = mien_keys_int(r, map, "width", 1, INT32_MAX);
        mien_keys_text(r, map, "activation", h->activation, sizeof h->activation);
        h->dropout = mien_keys_number(r, map, "dropout");
    }
}

static void read_picture_design(mien_keys *r, const mien_value *map, mien_design *d) {
    mien_keys_text(r, map, "backbone", d->backbone, sizeof d->backbone);
    mien_keys_text(r, map, "layer", d->layer, sizeof d->layer);
    d->grid = (int)mien_keys_int(r, map, "grid", 0, INT16_MAX);
    d->height = (int)mien_keys_int(r, map, "height", 1, INT16_MAX);
    d->width = (int)mien_keys_int(r, map, "width", 1, INT16_MAX);
    d->dropout = mien_keys_number(r, map, "dropout");
    read_hidden(r, map, d);
    d->outputs = mien_keys_int(r, map, "outputs", 1, INT32_MAX);
}

/* Whether an input is standardised is told by its mean, which is loaded later: until
 * then both point at nothing that is read. */
static void read_inputs(mien_keys *r, const mien_value *design, mien_network *n) {
    static const float later[1];
    const mien_value *list = mien_value_get(design, "inputs");
    int64_t count = mien_value_count(list);
    if (!list || mien_value_kind_of(list) != MIEN_VALUE_LIST || count < 1 ||
        count > MIEN_INPUTS_MAX) {
        mien_keys_bad(r, "inputs", "a list of 1 to 16 inputs");
        return;
    }
    n->design.inputs_count = (int)count;
    for (int i = 0; i < n->design.inputs_count; i++) {
        const mien_value *map = mien_value_at(list, i);
        mien_design_input *input = &n->design.inputs[i];
        mien_keys_text(r, map, "name", input->name, sizeof input->name);
        input->width = mien_keys_int(r, map, "width", 1, INT32_MAX);
        if (mien_keys_bool(r, map, "standardise")) {
            n->mean[i] = n->scale[i] = later;
        }
    }
}

static void read_feature_design(
    mien_keys *r, const mien_value *contract, mien_network *n) {
    const mien_value *map = mien_value_get(contract, "design");
    const mien_value *context = mien_value_get(map, "context");
    mien_design *d = &n->design;
    mien_keys_text(r, map, "kind", d->kind, sizeof d->kind);
    mien_keys_text(r, map, "settings", d->settings, sizeof d->settings);
    read_inputs(r, map, n);
    d->context_before = (int)mien_keys_int(r, context, "before", 0, INT16_MAX);
    d->context_after = (int)mien_keys_int(r, context, "after", 0, INT16_MAX);
    d->masks = mien_keys_bool(r, map, "masks");
    d->outputs = mien_keys_int(r, map, "outputs", 1, INT32_MAX);
    n->segment_s = mien_keys_number(r, contract, "segment_s");
    if (r->status == MIEN_OK && !d->kind[0]) {
        mien_keys_bad(r, "kind", "the name of a network over features");
    }
}

static void read_link(mien_keys *r, const mien_value *map, mien_target *t) {
    const char *text = mien_value_text(mien_value_get(map, "link"));
    for (int l = 1; text && l < LINKS; l++) {
        if (strcmp(text, links[l]) == 0) {
            t->link = (mien_link)l;
            return;
        }
    }
    mien_keys_bad(r, "link", "softmax or corn");
}

static void read_labels(
    mien_keys *r, const mien_value *map, mien_arena *arena, mien_target *t) {
    const mien_value *list = mien_value_get(map, "classes");
    int64_t count = mien_value_count(list);
    if (!list || mien_value_kind_of(list) != MIEN_VALUE_LIST || count < 2 ||
        count > MIEN_CLASSES_MAX) {
        mien_keys_bad(r, "classes", "a list of 2 to 256 labels");
        return;
    }
    const char **labels = mien_arena_alloc(arena, (size_t)count, sizeof *labels);
    if (!labels) {
        r->status = r->status == MIEN_OK ? MIEN_ENOMEM : r->status;
        return;
    }
    for (int64_t c = 0; c < count; c++) {
        labels[c] = mien_value_text(mien_value_at(list, c));
    }
    t->classes_count = (int)count;
    t->classes = labels;
}

static void read_kind_of_target(
    mien_keys *r, const mien_value *map, mien_arena *arena, mien_target *t) {
    const char *kind = mien_value_text(mien_value_get(map, "kind"));
    if (kind && strcmp(kind, "value") == 0) {
        mien_contract_read_target(r, map, t);
    } else if (kind && strcmp(kind, "classes") == 0) {
        mien_keys_text(r, map, "name", t->name, sizeof t->name);
        mien_keys_text(r, map, "unit", t->unit, sizeof t->unit);
        mien_keys_text(r, map, "construct", t->construct, sizeof t->construct);
        mien_keys_text(r, map, "perspective", t->perspective, sizeof t->perspective);
        read_link(r, map, t);
        read_labels(r, map, arena, t);
    } else {
        mien_keys_bad(r, "kind", "value or classes");
    }
}

mien_status mien_contract_is_network(const mien_value *contract, bool *network) {
    mien_status status = mien_contract_check_kind(contract);
    if (status == MIEN_OK) {
        *network = strcmp(mien_value_text(mien_value_get(contract, "architecture")),
                       MIEN_ARCHITECTURE_NETWORK) == 0;
    }
    return status;
}

mien_status mien_contract_parse_network(const mien_value *contract, mien_arena *arena,
    mien_network *network, int64_t *golden_count) {
    mien_keys r = {mien_contract_check_kind(contract)};
    const mien_value *targets = mien_value_get(contract, "targets");
    int64_t count = mien_value_count(targets);
    if (r.status != MIEN_OK) {
        return r.status;
    }
    mien_network out = {0};
    const mien_value *design = mien_value_get(contract, "design");
    if (mien_value_int(mien_value_get(contract, "version"), 0) >= FEATURES_VERSION) {
        read_feature_design(&r, contract, &out);
    } else {
        read_picture_design(&r, design, &out.design);
        mien_contract_read_preprocess(
            &r, mien_value_get(contract, "preprocess"), &out.preprocess);
    }
    if (!targets || mien_value_kind_of(targets) != MIEN_VALUE_LIST || count < 1 ||
        count > MIEN_TARGETS_MAX) {
        mien_keys_bad(&r, "targets", "a list of 1 to 16 targets");
        count = 0;
    }
    out.targets_count = (int)count;
    for (int t = 0; t < out.targets_count; t++) {
        read_kind_of_target(&r, mien_value_at(targets, t), arena, &out.targets[t]);
    }
    int64_t golden = mien_keys_int(&r, contract, "golden", 0, INT16_MAX);
    mien_keys_text(&r, contract, "licence", out.licence, sizeof out.licence);
    mien_keys_text(&r, contract, "citation", out.citation, sizeof out.citation);
    out.training = mien_value_get(contract, "training");
    if (r.status == MIEN_OK) {
        mien_status status = mien_network_check(&out);
        r.status = status == MIEN_OK || status == MIEN_ENOMEM
                       ? status
                       : mien_fail_in(MIEN_EFORMAT, "contract");
    }
    if (r.status == MIEN_OK) {
        *network = out;
        *golden_count = golden;
    }
    return r.status;
}
