/* SPDX-License-Identifier: MIT */
/* The parts that contracts of all versions share: preprocessing, targets, training. */
#include "models/contract/contract.h"

#include <math.h>
#include <string.h>

static const char *const fits[] = {
    [MIEN_FIT_NONE] = "none",
    [MIEN_FIT_SHORT] = "short",
    [MIEN_FIT_SQUASH] = "squash",
    [MIEN_FIT_PAD] = "pad",
};
#define FITS ((int)(sizeof fits / sizeof fits[0]))

mien_value *mien_contract_make_preprocess(const mien_preprocess *p) {
    mien_maker m = mien_maker_new();
    mien_maker_set(&m, "fit", mien_value_new_text(fits[p->fit]));
    mien_maker_set(&m, "size", mien_value_new_int(p->size));
    mien_maker_set(&m, "crop_height", mien_value_new_int(p->crop_height));
    mien_maker_set(&m, "crop_width", mien_value_new_int(p->crop_width));
    mien_maker_set(&m, "resize", mien_value_new_text(mien_resize_name(p->resize)));
    mien_maker_set(&m, "order", mien_value_new_text(mien_preprocess_order(p)));
    mien_maker_set(&m, "scale", mien_value_new_number(p->scale));
    mien_maker_set(&m, "mean", mien_maker_numbers(p->mean, 3));
    mien_maker_set(&m, "deviation", mien_maker_numbers(p->deviation, 3));
    return mien_maker_take(&m);
}

mien_value *mien_contract_make_value(const mien_target *t) {
    const double range[] = {t->minimum, t->maximum};
    const double interval[] = {t->interval_low, t->interval_high};
    mien_maker m = mien_maker_new();
    mien_maker_set(&m, "name", mien_value_new_text(t->name));
    mien_maker_set(&m, "unit", mien_value_new_text(t->unit));
    mien_maker_set(&m, "range", mien_maker_numbers(range, 2));
    mien_maker_set(&m, "construct", mien_value_new_text(t->construct));
    mien_maker_set(&m, "perspective", mien_value_new_text(t->perspective));
    mien_maker_set(&m, "interval", mien_maker_numbers(interval, 2));
    return mien_maker_take(&m);
}

mien_value *mien_contract_make_training(const mien_value *training) {
    mien_value *copy = NULL;
    if (!training) {
        return mien_value_new_map();
    }
    return mien_value_copy(training, &copy) == MIEN_OK ? copy : NULL;
}

static mien_picture_fit read_fit(mien_json_fields *r, const mien_value *map) {
    const char *text = mien_value_text(mien_value_get(map, "fit"));
    for (int f = 0; text && f < FITS; f++) {
        if (strcmp(text, fits[f]) == 0) {
            return (mien_picture_fit)f;
        }
    }
    mien_json_field_bad(r, "fit", "none, short, squash or pad");
    return MIEN_FIT_NONE;
}

void mien_contract_read_preprocess(
    mien_json_fields *r, const mien_value *map, mien_preprocess *p) {
    static const int side_max = 1 << 16;
    char order[8] = "";
    p->fit = read_fit(r, map);
    p->size = (int)mien_json_field_int(r, map, "size", 0, side_max);
    p->crop_height = (int)mien_json_field_int(r, map, "crop_height", 0, side_max);
    p->crop_width = (int)mien_json_field_int(r, map, "crop_width", 0, side_max);
    const char *resize = mien_value_text(mien_value_get(map, "resize"));
    if (!resize || mien_resize_parse(resize, &p->resize) != MIEN_OK) {
        mien_json_field_bad(r, "resize", "a known kernel");
    }
    mien_json_field_text(r, map, "order", order, sizeof order);
    p->bgr = strcmp(order, "bgr") == 0;
    p->grey = strcmp(order, "grey") == 0;
    if (!p->bgr && !p->grey && strcmp(order, "rgb") != 0) {
        mien_json_field_bad(r, "order", "rgb, bgr or grey");
    }
    p->scale = mien_value_number(mien_value_get(map, "scale"), NAN);
    if (!isfinite(p->scale)) {
        mien_json_field_bad(r, "scale", "a number");
    }
    mien_json_field_numbers(r, map, "mean", p->mean, 3);
    mien_json_field_numbers(r, map, "deviation", p->deviation, 3);
}

void mien_contract_read_value(
    mien_json_fields *r, const mien_value *map, mien_target *t) {
    double range[2] = {0}, interval[2] = {0};
    mien_json_field_text(r, map, "name", t->name, sizeof t->name);
    mien_json_field_text(r, map, "unit", t->unit, sizeof t->unit);
    mien_json_field_text(r, map, "construct", t->construct, sizeof t->construct);
    mien_json_field_text(r, map, "perspective", t->perspective, sizeof t->perspective);
    mien_json_field_numbers(r, map, "range", range, 2);
    mien_json_field_numbers(r, map, "interval", interval, 2);
    t->minimum = range[0];
    t->maximum = range[1];
    t->interval_low = interval[0];
    t->interval_high = interval[1];
}

/* ---- targets ------------------------------------------------------------------- */

static const char *const links[] = {
    [MIEN_LINK_VALUE] = NULL,
    [MIEN_LINK_SOFTMAX] = "softmax",
    [MIEN_LINK_CORN] = "corn",
};
#define LINKS ((int)(sizeof links / sizeof links[0]))

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
static mien_value *make_target(const mien_network *n, int index) {
    const mien_target *t = &n->targets[index];
    if (t->link == MIEN_LINK_VALUE) {
        mien_value *value = mien_contract_make_value(t);
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

static void read_link(mien_json_fields *r, const mien_value *map, mien_target *t) {
    const char *text = mien_value_text(mien_value_get(map, "link"));
    for (int l = 1; text && l < LINKS; l++) {
        if (strcmp(text, links[l]) == 0) {
            t->link = (mien_link)l;
            return;
        }
    }
    mien_json_field_bad(r, "link", "softmax or corn");
}

static void read_labels(
    mien_json_fields *r, const mien_value *map, mien_arena *arena, mien_target *t) {
    const mien_value *list = mien_value_get(map, "classes");
    int64_t count = mien_value_count(list);
    if (!list || mien_value_kind_of(list) != MIEN_VALUE_LIST || count < 2 ||
        count > MIEN_CLASSES_MAX) {
        mien_json_field_bad(r, "classes", "a list of 2 to 256 labels");
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

void mien_contract_read_target(
    mien_contract_reader *reader, const mien_value *map, mien_target *t) {
    mien_json_fields *r = &reader->keys;
    const char *kind = mien_value_text(mien_value_get(map, "kind"));
    if (kind && strcmp(kind, "value") == 0) {
        mien_contract_read_value(r, map, t);
    } else if (kind && strcmp(kind, "classes") == 0) {
        mien_json_field_text(r, map, "name", t->name, sizeof t->name);
        mien_json_field_text(r, map, "unit", t->unit, sizeof t->unit);
        mien_json_field_text(r, map, "construct", t->construct, sizeof t->construct);
        mien_json_field_text(
            r, map, "perspective", t->perspective, sizeof t->perspective);
        read_link(r, map, t);
        read_labels(r, map, reader->arena, t);
    } else {
        mien_json_field_bad(r, "kind", "value or classes");
    }
}

/* ---- lists ---------------------------------------------------------------------- */

mien_value *mien_contract_list(const mien_network *network, int count,
    mien_value *(*make)(const mien_network *n, int i)) {
    mien_value *list = mien_value_new_list();
    for (int i = 0; list && i < count; i++) {
        if (mien_value_add(list, make(network, i)) != MIEN_OK) {
            mien_value_free(&list);
        }
    }
    return list;
}

void mien_contract_make_rest(
    const mien_network *network, int64_t golden_count, mien_maker *maker) {
    const mien_network *n = network;
    mien_maker_set(
        maker, "targets", mien_contract_list(n, n->targets_count, make_target));
    mien_maker_set(maker, "golden", mien_value_new_int(golden_count));
    mien_maker_set(maker, "training", mien_contract_make_training(n->training));
    mien_maker_set(maker, "licence", mien_value_new_text(n->licence));
    mien_maker_set(maker, "citation", mien_value_new_text(n->citation));
}

void mien_contract_read_targets(mien_contract_reader *r,
    void (*read)(mien_contract_reader *r, const mien_value *map, mien_target *t)) {
    const mien_value *list = mien_value_get(r->contract, "targets");
    int64_t count = mien_value_count(list);
    if (!list || mien_value_kind_of(list) != MIEN_VALUE_LIST || count < 1 ||
        count > MIEN_TARGETS_MAX) {
        mien_json_field_bad(&r->keys, "targets", "a list of 1 to 16 targets");
        return;
    }
    r->network->targets_count = (int)count;
    for (int t = 0; t < (int)count; t++) {
        read(r, mien_value_at(list, t), &r->network->targets[t]);
    }
}

/* ---- read-outs ------------------------------------------------------------------ */

static mien_value *make_block(const mien_network *n, int index) {
    const mien_readout_block *b = &n->readout.blocks[index];
    mien_maker m = mien_maker_new();
    mien_maker_set(&m, "first", mien_value_new_int(b->first));
    mien_maker_set(&m, "width", mien_value_new_int(b->width));
    mien_maker_set(&m, "unit", mien_value_new_bool(b->unit));
    mien_maker_set(&m, "gamma", mien_value_new_number(b->gamma));
    mien_maker_set(&m, "vectors", mien_value_new_int(b->vectors_count));
    return mien_maker_take(&m);
}

mien_value *mien_contract_make_blocks(const mien_network *network) {
    return mien_contract_list(network, network->readout.blocks_count, make_block);
}

mien_value *mien_contract_make_readout(const mien_network *network) {
    mien_maker m = mien_maker_new();
    mien_maker_set(&m, "features", mien_value_new_int(network->readout.features));
    mien_maker_set(&m, "blocks", mien_contract_make_blocks(network));
    return mien_maker_take(&m);
}

void mien_contract_read_readout(mien_contract_reader *r, const mien_value *map) {
    const mien_value *list = mien_value_get(map, "blocks");
    mien_readout *out = &r->network->readout;
    int64_t count = mien_value_count(list);
    out->features = mien_json_field_int(&r->keys, map, "features", 1, INT32_MAX);
    if (!list || mien_value_kind_of(list) != MIEN_VALUE_LIST || count < 1 ||
        count > MIEN_READOUT_BLOCKS_MAX) {
        mien_json_field_bad(&r->keys, "blocks", "a list of 1 to 16 blocks");
        return;
    }
    out->blocks_count = (int)count;
    for (int i = 0; i < out->blocks_count; i++) {
        const mien_value *block = mien_value_at(list, i);
        mien_readout_block *b = &out->blocks[i];
        b->first = mien_json_field_int(&r->keys, block, "first", 0, INT32_MAX);
        b->width = mien_json_field_int(&r->keys, block, "width", 1, INT32_MAX);
        b->unit = mien_json_field_bool(&r->keys, block, "unit");
        b->gamma = mien_value_number(mien_value_get(block, "gamma"), (double)NAN);
        b->vectors_count =
            mien_json_field_int(&r->keys, block, "vectors", 1, INT32_MAX);
    }
}
