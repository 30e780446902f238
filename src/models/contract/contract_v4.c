/* SPDX-License-Identifier: MIT */
/* Version 4 of the contract: any inputs, branches, fusion and head, and what is done
 * with their predictions. */
#include <stdio.h>
#include <string.h>

#include "models/contract/contract.h"
#include "models/network.h"

/* All that mien_network_check() passes. */
static mien_status says(const mien_network *network, bool *can) {
    (void)network;
    *can = true;
    return MIEN_OK;
}

/* ---- struct to document: set() takes NULL for a failure, so makers nest ---- */

static mien_value *make_choice(const mien_part_choice *choice) {
    mien_maker m = mien_maker_new();
    mien_maker_set(&m, "kind", mien_value_new_text(choice->kind));
    mien_maker_set(&m, "settings", mien_value_new_text(choice->settings));
    return mien_maker_take(&m);
}

static mien_value *make_sizes(const mien_item_shape *shape) {
    mien_value *list = mien_value_new_list();
    for (int d = 0; list && d < shape->rank; d++) {
        if (mien_value_add(list, mien_value_new_int(shape->size[d])) != MIEN_OK) {
            mien_value_free(&list);
        }
    }
    return list;
}

static mien_value *make_input(const mien_network *n, int i) {
    const mien_input *input = &n->architecture.inputs[i];
    mien_maker m = mien_maker_new();
    mien_maker_set(&m, "name", mien_value_new_text(input->name));
    mien_maker_set(&m, "kind", mien_value_new_text(input->kind));
    mien_maker_set(&m, "settings", mien_value_new_text(input->settings));
    mien_maker_set(&m, "column", mien_value_new_text(input->column));
    mien_maker_set(&m, "shape", make_sizes(&input->shape));
    mien_maker_set(&m, "steps", mien_value_new_int(input->shape.steps));
    mien_maker_set(&m, "follows", mien_value_new_text(input->follows));
    mien_maker_set(&m, "optional", mien_value_new_bool(input->optional));
    mien_maker_set(&m, "standardise", mien_value_new_bool(input->standardise));
    if (n->made_by[i]) {
        mien_maker_set(&m, "made_by", mien_contract_make_training(n->made_by[i]));
    }
    return mien_maker_take(&m);
}

static mien_value *make_stages(const mien_branch *b) {
    mien_value *list = mien_value_new_list();
    for (int s = 0; list && s < b->stages; s++) {
        if (mien_value_add(list, make_choice(&b->stage[s])) != MIEN_OK) {
            mien_value_free(&list);
        }
    }
    return list;
}

static mien_value *make_branch(const mien_network *n, int i) {
    const mien_branch *b = &n->architecture.branches[i];
    mien_maker m = mien_maker_new();
    mien_maker_set(&m, "prefix", mien_value_new_text(b->prefix));
    mien_maker_set(&m, "entered", mien_value_new_int(b->entered));
    mien_maker_set(&m, "stages", make_stages(b));
    mien_maker_set(&m, "weights_sha256", mien_value_new_text(b->weights_sha256));
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
    mien_maker_set(&m, "inputs", mien_contract_list(n, a->inputs_count, make_input));
    mien_maker_set(&m, "branches", mien_contract_list(n, a->inputs_count, make_branch));
    mien_maker_set(&m, "fusion", make_choice(&a->fusion));
    mien_maker_set(&m, "head", make_choice(&a->head));
    mien_maker_set(&m, "head_prefix", mien_value_new_text(a->head_prefix));
    mien_maker_set(&m, "context", make_context(a));
    mien_maker_set(&m, "preset", make_choice(&a->preset));
    mien_maker_set(&m, "outputs", mien_value_new_int(a->outputs));
    return mien_maker_take(&m);
}

static mien_value *make_smoothing(const mien_network *n) {
    mien_maker m = mien_maker_new();
    for (int t = 0; t < n->targets_count; t++) {
        const mien_after_smoothing *s = &n->after.smoothing[t];
        mien_maker one = mien_maker_new();
        if (!s->rule[0] || strcmp(s->rule, "none") == 0) {
            mien_value_free(&one.value);
            continue;
        }
        mien_maker_set(&one, "rule", mien_value_new_text(s->rule));
        mien_maker_set(&one, "order", mien_value_new_int(s->order));
        mien_maker_set(&one, "value", mien_value_new_number(s->value));
        mien_maker_set(&m, n->targets[t].name, mien_maker_take(&one));
    }
    return mien_maker_take(&m);
}

/* NULL: none has one. */
static mien_value *make_temperatures(const mien_network *n) {
    mien_value *map = NULL;
    for (int t = 0; t < n->targets_count; t++) {
        if (n->after.temperature[t] > 0) {
            map = map ? map : mien_value_new_map();
            if (!map ||
                mien_value_set(map, n->targets[t].name,
                    mien_value_new_number(n->after.temperature[t])) != MIEN_OK) {
                mien_value_free(&map);
                return NULL;
            }
        }
    }
    return map;
}

static bool has_temperature(const mien_network *n) {
    bool any = false;
    for (int t = 0; t < n->targets_count; t++) {
        any = any || n->after.temperature[t] > 0;
    }
    return any;
}

static mien_value *make_numbers(const double *x, int count) {
    mien_value *list = mien_value_new_list();
    for (int k = 0; list && k < count; k++) {
        if (mien_value_add(list, mien_value_new_number(x[k])) != MIEN_OK) {
            mien_value_free(&list);
        }
    }
    return list;
}

/* {TARGET: {level, parts, cuts, low, high}} of the targets that have an interval. */
static mien_value *make_intervals(
    const mien_network *n, const mien_after_interval *interval) {
    mien_maker m = mien_maker_new();
    for (int t = 0; t < n->targets_count; t++) {
        const mien_after_interval *i = &interval[t];
        if (i->parts) {
            mien_maker one = mien_maker_new();
            mien_maker_set(&one, "level", mien_value_new_number(i->level));
            mien_maker_set(&one, "parts", mien_value_new_int(i->parts));
            mien_maker_set(&one, "cuts", make_numbers(i->cut, i->parts - 1));
            mien_maker_set(&one, "low", make_numbers(i->low, i->parts));
            mien_maker_set(&one, "high", make_numbers(i->high, i->parts));
            mien_maker_set(&m, n->targets[t].name, mien_maker_take(&one));
        }
    }
    return mien_maker_take(&m);
}

/* {column, values {VALUE: intervals as above}}. */
static mien_value *make_intervals_by(const mien_network *n) {
    mien_maker m = mien_maker_new(), values = mien_maker_new();
    for (int k = 0; k < n->after.values_count; k++) {
        const mien_after_value *v = &n->after.values[k];
        mien_maker_set(&values, v->value, make_intervals(n, v->interval));
    }
    mien_maker_set(&m, "column", mien_value_new_text(n->after.interval_by));
    mien_maker_set(&m, "values", mien_maker_take(&values));
    return mien_maker_take(&m);
}

static bool has_interval(const mien_network *n) {
    bool any = false;
    for (int t = 0; t < n->targets_count; t++) {
        any = any || n->after.interval[t].parts;
    }
    return any;
}

/* The conformal sets of targets of classes: {NAME: {level, from}}. */
static mien_value *make_sets(const mien_network *n) {
    mien_maker m = mien_maker_new();
    for (int t = 0; t < n->targets_count; t++) {
        if (n->after.set_level[t] > 0) {
            mien_maker one = mien_maker_new();
            mien_maker_set(&one, "level", mien_value_new_number(n->after.set_level[t]));
            mien_maker_set(&one, "from", mien_value_new_number(n->after.set_from[t]));
            mien_maker_set(&m, n->targets[t].name, mien_maker_take(&one));
        }
    }
    return mien_maker_take(&m);
}

static bool has_sets(const mien_network *n) {
    bool any = false;
    for (int t = 0; t < n->targets_count; t++) {
        any = any || n->after.set_level[t] > 0;
    }
    return any;
}

static mien_value *make_after(const mien_network *n) {
    mien_maker m = mien_maker_new();
    mien_maker_set(&m, "smoothing", make_smoothing(n));
    if (has_interval(n)) {
        mien_maker_set(&m, "intervals", make_intervals(n, n->after.interval));
    }
    if (n->after.interval_by[0]) {
        mien_maker_set(&m, "intervals_by", make_intervals_by(n));
    }
    if (has_sets(n)) {
        mien_maker_set(&m, "sets", make_sets(n));
    }
    if (has_temperature(n)) {
        mien_maker_set(&m, "temperature", make_temperatures(n));
    }
    mien_maker_set(&m, "clamp", mien_value_new_bool(!n->after.unclamped));
    mien_maker_set(&m, "series", mien_value_new_text(n->after.series));
    return mien_maker_take(&m);
}

static void make(const mien_network *n, int64_t golden_count, mien_maker *m) {
    mien_maker_set(m, "design", make_design(n));
    if (n->architecture.graphs) {
        mien_maker_set(
            m, "graphs", mien_contract_make_training(n->architecture.graphs));
    }
    mien_maker_set(m, "segment_s", mien_value_new_number(n->segment_s));
    if (!mien_network_is_graph(n)) {
        mien_maker_set(m, "readout", mien_contract_make_readout(n));
    }
    mien_maker_set(m, "after", make_after(n));
    mien_contract_make_rest(n, golden_count, m);
}

/* ---- document to struct ---- */

static void read_choice(mien_json_fields *k, const mien_value *map, const char *key,
    mien_part_choice *choice) {
    const mien_value *part = mien_value_get(map, key);
    if (!part) {
        mien_json_field_bad(k, key, "a map of kind and settings");
        return;
    }
    mien_json_field_text(k, part, "kind", choice->kind, sizeof choice->kind);
    mien_json_field_text(
        k, part, "settings", choice->settings, sizeof choice->settings);
}

/* A list under a key, of at most so many. */
static const mien_value *read_list(
    mien_json_fields *k, const mien_value *map, const char *key, int most, int *count) {
    const mien_value *list = mien_value_get(map, key);
    int64_t n = mien_value_count(list);
    *count = 0;
    if (!list || mien_value_kind_of(list) != MIEN_VALUE_LIST || n > most) {
        char allowed[48];
        snprintf(allowed, sizeof allowed, "a list of at most %d", most);
        mien_json_field_bad(k, key, allowed);
        return NULL;
    }
    *count = (int)n;
    return list;
}

static void read_shape(
    mien_json_fields *k, const mien_value *map, mien_item_shape *shape) {
    const mien_value *sizes =
        read_list(k, map, "shape", MIEN_RANK_MAX - 1, &shape->rank);
    for (int d = 0; sizes && d < shape->rank; d++) {
        shape->size[d] = mien_value_int(mien_value_at(sizes, d), 0);
    }
    shape->steps = mien_json_field_int(k, map, "steps", 1, INT32_MAX);
}

static void read_input(mien_contract_reader *r, const mien_value *map, int i) {
    mien_json_fields *k = &r->keys;
    mien_input *input = &r->network->architecture.inputs[i];
    mien_json_field_text(k, map, "name", input->name, sizeof input->name);
    mien_json_field_text(k, map, "kind", input->kind, sizeof input->kind);
    mien_json_field_text(k, map, "settings", input->settings, sizeof input->settings);
    mien_json_field_text(k, map, "column", input->column, sizeof input->column);
    read_shape(k, map, &input->shape);
    mien_json_field_text(k, map, "follows", input->follows, sizeof input->follows);
    input->optional = mien_json_field_bool(k, map, "optional");
    input->standardise = mien_json_field_bool(k, map, "standardise");
    r->network->made_by[i] = mien_value_get(map, "made_by");
}

static void read_branch(mien_json_fields *k, const mien_value *map, mien_branch *b) {
    const mien_value *stages = read_list(k, map, "stages", MIEN_STAGES_MAX, &b->stages);
    for (int s = 0; stages && s < b->stages; s++) {
        const mien_value *stage = mien_value_at(stages, s);
        mien_json_field_text(
            k, stage, "kind", b->stage[s].kind, sizeof b->stage[s].kind);
        mien_json_field_text(
            k, stage, "settings", b->stage[s].settings, sizeof b->stage[s].settings);
    }
    mien_json_field_text(k, map, "prefix", b->prefix, sizeof b->prefix);
    b->entered = (int)mien_json_field_int(k, map, "entered", 0, MIEN_STAGES_MAX);
    mien_json_field_text(
        k, map, "weights_sha256", b->weights_sha256, sizeof b->weights_sha256);
}

static void read_design(mien_contract_reader *r) {
    mien_json_fields *k = &r->keys;
    mien_architecture *a = &r->network->architecture;
    const mien_value *design = mien_value_get(r->contract, "design");
    const mien_value *context = mien_value_get(design, "context");
    int branches = 0;
    const mien_value *inputs =
        read_list(k, design, "inputs", MIEN_INPUTS_MAX, &a->inputs_count);
    const mien_value *list =
        read_list(k, design, "branches", MIEN_INPUTS_MAX, &branches);
    if (inputs && list && branches != a->inputs_count) {
        mien_json_field_bad(k, "branches", "a branch for each input");
    }
    for (int i = 0; k->status == MIEN_OK && i < branches; i++) {
        read_input(r, mien_value_at(inputs, i), i);
        read_branch(k, mien_value_at(list, i), &a->branches[i]);
    }
    read_choice(k, design, "fusion", &a->fusion);
    read_choice(k, design, "head", &a->head);
    read_choice(k, design, "preset", &a->preset);
    mien_json_field_text(
        k, design, "head_prefix", a->head_prefix, sizeof a->head_prefix);
    a->context_before = (int)mien_json_field_int(k, context, "before", 0, INT16_MAX);
    a->context_after = (int)mien_json_field_int(k, context, "after", 0, INT16_MAX);
    a->outputs = mien_json_field_int(k, design, "outputs", 1, INT32_MAX);
}

static void read_intervals(
    mien_contract_reader *r, const mien_value *map, mien_after_interval *interval) {
    mien_json_fields *k = &r->keys;
    mien_network *n = r->network;
    for (int t = 0; t < n->targets_count && k->status == MIEN_OK; t++) {
        const mien_value *one = mien_value_get(map, n->targets[t].name);
        mien_after_interval *i = &interval[t];
        if (one) {
            i->level = mien_json_field_number(k, one, "level");
            i->parts =
                (int)mien_json_field_int(k, one, "parts", 1, MIEN_INTERVAL_PARTS_MAX);
        }
        if (one && k->status == MIEN_OK) {
            mien_json_field_numbers(k, one, "cuts", i->cut, i->parts - 1);
            mien_json_field_numbers(k, one, "low", i->low, i->parts);
            mien_json_field_numbers(k, one, "high", i->high, i->parts);
        }
    }
}

static void read_intervals_by(mien_contract_reader *r, const mien_value *after) {
    mien_json_fields *k = &r->keys;
    mien_after *to = &r->network->after;
    const mien_value *map = mien_value_get(after, "intervals_by");
    const mien_value *values = mien_value_get(map, "values");
    int64_t count = mien_value_count(values);
    if (!map || k->status != MIEN_OK) {
        return;
    }
    mien_json_field_text(k, map, "column", to->interval_by, sizeof to->interval_by);
    if (!values || mien_value_kind_of(values) != MIEN_VALUE_MAP ||
        count > MIEN_INTERVAL_VALUES_MAX) {
        mien_json_field_bad(k, "intervals_by", "a map of at most 1024 values");
        return;
    }
    mien_after_value *made = mien_arena_alloc(r->arena, (size_t)count, sizeof *made);
    if (!made && count) {
        k->status = MIEN_ENOMEM;
        return;
    }
    for (int64_t i = 0; i < count; i++) {
        made[i] = (mien_after_value){.value = mien_value_key(values, i)};
        read_intervals(r, mien_value_item(values, i), made[i].interval);
    }
    to->values = made;
    to->values_count = (int)count;
}

static void read_sets(mien_contract_reader *r, const mien_value *after) {
    mien_network *n = r->network;
    const mien_value *map = mien_value_get(after, "sets");
    for (int t = 0; t < n->targets_count && r->keys.status == MIEN_OK; t++) {
        const mien_value *one = mien_value_get(map, n->targets[t].name);
        if (one) {
            n->after.set_level[t] = mien_json_field_number(&r->keys, one, "level");
            n->after.set_from[t] = mien_json_field_number(&r->keys, one, "from");
        }
    }
}

static void read_after(mien_contract_reader *r) {
    mien_json_fields *k = &r->keys;
    mien_network *n = r->network;
    const mien_value *after = mien_value_get(r->contract, "after");
    const mien_value *smoothing = mien_value_get(after, "smoothing");
    if (!smoothing || mien_value_kind_of(smoothing) != MIEN_VALUE_MAP) {
        mien_json_field_bad(k, "smoothing", "a map of targets");
    }
    for (int t = 0; k->status == MIEN_OK && t < n->targets_count; t++) {
        const mien_value *one = mien_value_get(smoothing, n->targets[t].name);
        mien_after_smoothing *s = &n->after.smoothing[t];
        if (one) {
            mien_json_field_text(k, one, "rule", s->rule, sizeof s->rule);
            s->order = (int)mien_json_field_int(k, one, "order", 0, 64);
            s->value = mien_json_field_number(k, one, "value");
        }
    }
    read_intervals(r, mien_value_get(after, "intervals"), n->after.interval);
    read_intervals_by(r, after);
    read_sets(r, after);
    const mien_value *temperature = mien_value_get(after, "temperature");
    for (int t = 0; t < n->targets_count && k->status == MIEN_OK; t++) {
        if (mien_value_get(temperature, n->targets[t].name)) {
            n->after.temperature[t] =
                mien_json_field_number(k, temperature, n->targets[t].name);
        }
    }
    n->after.unclamped = !mien_json_field_bool(k, after, "clamp");
    mien_json_field_text(k, after, "series", n->after.series, sizeof n->after.series);
}

static void read(mien_contract_reader *r) {
    read_design(r);
    r->network->architecture.graphs = mien_value_get(r->contract, "graphs");
    r->network->segment_s = mien_json_field_number(&r->keys, r->contract, "segment_s");
    mien_contract_read_targets(r, mien_contract_read_target);
    if (mien_value_get(r->contract, "readout")) {
        mien_contract_read_readout(r, mien_value_get(r->contract, "readout"));
    }
    if (r->keys.status == MIEN_OK) {
        read_after(r);
    }
}

const mien_contract_version mien_contract_v4 = {
    .number = 4,
    .architecture = "network",
    .says = says,
    .make = make,
    .read = read,
};
