/* SPDX-License-Identifier: MIT */
/* The contract of a model as a JSON document: written here, read back here. */
#include "models/readout.h"

#include <math.h>
#include <string.h>

#include "models/network.h"

#define ARCHITECTURE "readout"
/* Version 1 has these keys for a second way to say a linear block, which no release
 * could train. They are written, so that a study gives the same bytes as ever, and
 * read, with one value each. */
#define TRANSFORM "transform"
#define NO_TRANSFORM "none"
#define LINEAR "linear"

static const char *const fits[] = {
    [MIEN_FIT_NONE] = "none",
    [MIEN_FIT_SHORT] = "short",
    [MIEN_FIT_SQUASH] = "squash",
    [MIEN_FIT_PAD] = "pad",
};
#define FITS ((int)(sizeof fits / sizeof fits[0]))

/* The second architecture; each is written with the lowest version that knows it. */
#define NETWORK "network"
#define READOUT_VERSION 1
#define NETWORK_VERSION 2

/* ---- struct to document: set() takes NULL for a failure, so makers nest ---- */

static mien_value *list_of(const double *numbers, int count) {
    mien_value *list = mien_value_new_list();
    for (int i = 0; list && i < count; i++) {
        if (mien_value_add(list, mien_value_new_number(numbers[i])) != MIEN_OK) {
            mien_value_free(&list);
        }
    }
    return list;
}

/* A map under construction: after a failure the rest do nothing. */
typedef struct map_maker {
    mien_value *value;
    mien_status status;
} map_maker;

static map_maker map_new(void) {
    mien_value *value = mien_value_new_map();
    return (map_maker){value, value ? MIEN_OK : MIEN_ENOMEM};
}

static void map_set(map_maker *m, const char *key, mien_value *item) {
    if (m->status == MIEN_OK) {
        m->status = mien_value_set(m->value, key, item);
    } else {
        mien_value_free(&item);
    }
}

/* The finished map, NULL if anything had failed. */
static mien_value *map_take(map_maker *m) {
    if (m->status != MIEN_OK) {
        mien_value_free(&m->value);
    }
    return m->value;
}

static mien_value *make_preprocess(const mien_preprocess *p) {
    map_maker m = map_new();
    map_set(&m, "fit", mien_value_new_text(fits[p->fit]));
    map_set(&m, "size", mien_value_new_int(p->size));
    map_set(&m, "crop_height", mien_value_new_int(p->crop_height));
    map_set(&m, "crop_width", mien_value_new_int(p->crop_width));
    map_set(&m, "resize", mien_value_new_text(mien_resize_name(p->resize)));
    map_set(&m, "order", mien_value_new_text(p->bgr ? "bgr" : "rgb"));
    map_set(&m, "scale", mien_value_new_number(p->scale));
    map_set(&m, "mean", list_of(p->mean, 3));
    map_set(&m, "deviation", list_of(p->deviation, 3));
    return map_take(&m);
}

static mien_value *make_backbone(const mien_readout *r) {
    map_maker m = map_new();
    map_set(&m, "name", mien_value_new_text(r->backbone));
    map_set(&m, "sha256", mien_value_new_text(r->backbone_sha256));
    return map_take(&m);
}

static mien_value *make_target(const mien_target *t) {
    const double range[] = {t->minimum, t->maximum};
    const double interval[] = {t->interval_low, t->interval_high};
    map_maker m = map_new();
    map_set(&m, "name", mien_value_new_text(t->name));
    map_set(&m, "unit", mien_value_new_text(t->unit));
    map_set(&m, "range", list_of(range, 2));
    map_set(&m, "construct", mien_value_new_text(t->construct));
    map_set(&m, "perspective", mien_value_new_text(t->perspective));
    map_set(&m, "interval", list_of(interval, 2));
    return map_take(&m);
}

static mien_value *make_targets(const mien_readout *r) {
    mien_value *list = mien_value_new_list();
    for (int t = 0; list && t < r->targets_count; t++) {
        if (mien_value_add(list, make_target(&r->targets[t])) != MIEN_OK) {
            mien_value_free(&list);
        }
    }
    return list;
}

static mien_value *make_block(const mien_readout_block *b) {
    map_maker m = map_new();
    map_set(&m, "first", mien_value_new_int(b->first));
    map_set(&m, "width", mien_value_new_int(b->width));
    map_set(&m, "unit", mien_value_new_bool(b->unit));
    map_set(&m, "gamma", mien_value_new_number(b->gamma));
    map_set(&m, "vectors", mien_value_new_int(b->vectors_count));
    return map_take(&m);
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

static mien_value *make_training(const mien_value *training) {
    mien_value *copy = NULL;
    if (!training) {
        return mien_value_new_map();
    }
    return mien_value_copy(training, &copy) == MIEN_OK ? copy : NULL;
}

mien_status mien_contract_make(
    const mien_readout *readout, int64_t golden_count, mien_value **contract) {
    const mien_readout *r = readout;
    map_maker m = map_new();
    map_set(&m, "version", mien_value_new_int(READOUT_VERSION));
    map_set(&m, "made_by", mien_value_new_text("mien " MIEN_VERSION));
    map_set(&m, "architecture", mien_value_new_text(ARCHITECTURE));
    map_set(&m, "backbone", make_backbone(r));
    map_set(&m, "layers", mien_value_new_text(r->layers));
    map_set(&m, "mirror", mien_value_new_bool(r->mirror));
    map_set(&m, "preprocess", make_preprocess(&r->preprocess));
    map_set(&m, TRANSFORM, mien_value_new_text(NO_TRANSFORM));
    map_set(&m, "features", mien_value_new_int(r->features));
    map_set(&m, "targets", make_targets(r));
    map_set(&m, LINEAR, mien_value_new_bool(false));
    map_set(&m, "blocks", make_blocks(r));
    map_set(&m, "golden", mien_value_new_int(golden_count));
    map_set(&m, "training", make_training(r->training));
    map_set(&m, "licence", mien_value_new_text(r->licence));
    map_set(&m, "citation", mien_value_new_text(r->citation));
    mien_value *value = map_take(&m);
    if (!value) {
        return m.status;
    }
    *contract = value;
    return MIEN_OK;
}

/* ---- document to struct: after the first failure the rest do nothing ---- */

typedef struct reader {
    mien_status status;
} reader;

static void bad(reader *r, const char *key, const char *allowed) {
    if (r->status == MIEN_OK) {
        r->status = mien_fail(
            MIEN_EFORMAT, "contract: \"%s\" is missing or not %s", key, allowed);
    }
}

static void read_text(
    reader *r, const mien_value *map, const char *key, char *out, size_t size) {
    const char *text = mien_value_text(mien_value_get(map, key));
    if (!text || strlen(text) >= size) {
        bad(r, key, "a text of the allowed length");
        return;
    }
    strcpy(out, text);
}

static int64_t read_int(
    reader *r, const mien_value *map, const char *key, int64_t low, int64_t high) {
    const mien_value *value = mien_value_get(map, key);
    int64_t i = mien_value_int(value, low);
    if (!value || mien_value_kind_of(value) != MIEN_VALUE_INT || i < low || i > high) {
        bad(r, key, "a whole number in its range");
        return low;
    }
    return i;
}

static bool read_bool(reader *r, const mien_value *map, const char *key) {
    const mien_value *value = mien_value_get(map, key);
    if (!value || mien_value_kind_of(value) != MIEN_VALUE_BOOL) {
        bad(r, key, "true or false");
        return false;
    }
    return mien_value_bool(value, false);
}

static void read_numbers(
    reader *r, const mien_value *map, const char *key, double *out, int count) {
    const mien_value *list = mien_value_get(map, key);
    bool good = list && mien_value_kind_of(list) == MIEN_VALUE_LIST &&
                mien_value_count(list) == count;
    for (int i = 0; good && i < count; i++) {
        out[i] = mien_value_number(mien_value_at(list, i), NAN);
        good = isfinite(out[i]);
    }
    if (!good) {
        bad(r, key, "a list of that many numbers");
    }
}

static mien_fit read_fit(reader *r, const mien_value *map) {
    const char *text = mien_value_text(mien_value_get(map, "fit"));
    for (int f = 0; text && f < FITS; f++) {
        if (strcmp(text, fits[f]) == 0) {
            return (mien_fit)f;
        }
    }
    bad(r, "fit", "none, short, squash or pad");
    return MIEN_FIT_NONE;
}

static void read_preprocess(reader *r, const mien_value *map, mien_preprocess *p) {
    static const int side_max = 1 << 16;
    char order[8] = "";
    p->fit = read_fit(r, map);
    p->size = (int)read_int(r, map, "size", 0, side_max);
    p->crop_height = (int)read_int(r, map, "crop_height", 0, side_max);
    p->crop_width = (int)read_int(r, map, "crop_width", 0, side_max);
    const char *resize = mien_value_text(mien_value_get(map, "resize"));
    if (!resize || mien_resize_parse(resize, &p->resize) != MIEN_OK) {
        bad(r, "resize", "a known kernel");
    }
    read_text(r, map, "order", order, sizeof order);
    p->bgr = strcmp(order, "bgr") == 0;
    if (!p->bgr && strcmp(order, "rgb") != 0) {
        bad(r, "order", "rgb or bgr");
    }
    p->scale = mien_value_number(mien_value_get(map, "scale"), NAN);
    if (!isfinite(p->scale)) {
        bad(r, "scale", "a number");
    }
    read_numbers(r, map, "mean", p->mean, 3);
    read_numbers(r, map, "deviation", p->deviation, 3);
}

static void read_target(reader *r, const mien_value *map, mien_target *t) {
    double range[2] = {0}, interval[2] = {0};
    read_text(r, map, "name", t->name, sizeof t->name);
    read_text(r, map, "unit", t->unit, sizeof t->unit);
    read_text(r, map, "construct", t->construct, sizeof t->construct);
    read_text(r, map, "perspective", t->perspective, sizeof t->perspective);
    read_numbers(r, map, "range", range, 2);
    read_numbers(r, map, "interval", interval, 2);
    t->minimum = range[0];
    t->maximum = range[1];
    t->interval_low = interval[0];
    t->interval_high = interval[1];
}

static void read_targets(reader *r, const mien_value *contract, mien_readout *out) {
    const mien_value *list = mien_value_get(contract, "targets");
    int64_t count = mien_value_count(list);
    if (!list || mien_value_kind_of(list) != MIEN_VALUE_LIST || count < 1 ||
        count > MIEN_TARGETS_MAX) {
        bad(r, "targets", "a list of 1 to 16 targets");
        return;
    }
    out->targets_count = (int)count;
    for (int t = 0; t < out->targets_count; t++) {
        read_target(r, mien_value_at(list, t), &out->targets[t]);
    }
}

static void read_blocks(reader *r, const mien_value *contract, mien_readout *out) {
    const mien_value *list = mien_value_get(contract, "blocks");
    int64_t count = mien_value_count(list);
    if (!list || mien_value_kind_of(list) != MIEN_VALUE_LIST || count < 1 ||
        count > MIEN_READOUT_BLOCKS_MAX) {
        bad(r, "blocks", "a list of 1 to 16 blocks");
        return;
    }
    out->blocks_count = (int)count;
    for (int i = 0; i < out->blocks_count; i++) {
        const mien_value *map = mien_value_at(list, i);
        mien_readout_block *b = &out->blocks[i];
        b->first = read_int(r, map, "first", 0, INT32_MAX);
        b->width = read_int(r, map, "width", 1, INT32_MAX);
        b->unit = read_bool(r, map, "unit");
        b->gamma = mien_value_number(mien_value_get(map, "gamma"), NAN);
        b->vectors_count = read_int(r, map, "vectors", 1, INT32_MAX);
    }
}

static mien_status check_kind(const mien_value *contract) {
    const mien_value *version = mien_value_get(contract, "version");
    int64_t number = mien_value_int(version, 0);
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
    const char *architecture =
        mien_value_text(mien_value_get(contract, "architecture"));
    if (!architecture || (strcmp(architecture, ARCHITECTURE) != 0 &&
                             strcmp(architecture, NETWORK) != 0)) {
        return mien_fail(MIEN_EUNSUPPORTED,
            "contract: architecture \"%s\" is not known; this program "
            "knows " ARCHITECTURE " and " NETWORK,
            architecture ? architecture : "");
    }
    return MIEN_OK;
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
    reader r = {check_kind(contract)};
    if (r.status == MIEN_OK) {
        r.status = check_spare_keys(contract);
    }
    if (r.status != MIEN_OK) {
        return r.status;
    }
    mien_readout out = {0};
    const mien_value *backbone = mien_value_get(contract, "backbone");
    read_text(&r, backbone, "name", out.backbone, sizeof out.backbone);
    read_text(&r, backbone, "sha256", out.backbone_sha256, sizeof out.backbone_sha256);
    read_text(&r, contract, "layers", out.layers, sizeof out.layers);
    out.mirror = read_bool(&r, contract, "mirror");
    read_preprocess(&r, mien_value_get(contract, "preprocess"), &out.preprocess);
    out.features = read_int(&r, contract, "features", 1, INT32_MAX);
    read_targets(&r, contract, &out);
    read_blocks(&r, contract, &out);
    int64_t golden = read_int(&r, contract, "golden", 0, INT16_MAX);
    read_text(&r, contract, "licence", out.licence, sizeof out.licence);
    read_text(&r, contract, "citation", out.citation, sizeof out.citation);
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

/* ---- networks ------------------------------------------------------------------ */

static const char *const links[] = {
    [MIEN_LINK_VALUE] = NULL,
    [MIEN_LINK_SOFTMAX] = "softmax",
    [MIEN_LINK_CORN] = "corn",
};
#define LINKS ((int)(sizeof links / sizeof links[0]))

static mien_value *make_hidden(const mien_design_hidden *h) {
    map_maker m = map_new();
    map_set(&m, "width", mien_value_new_int(h->width));
    map_set(&m, "activation",
        mien_value_new_text(h->activation[0] ? h->activation : "none"));
    map_set(&m, "dropout", mien_value_new_number(h->dropout));
    return map_take(&m);
}

static mien_value *make_design(const mien_design *d) {
    map_maker m = map_new();
    mien_value *hidden = mien_value_new_list();
    for (int i = 0; hidden && i < d->hidden_count; i++) {
        if (mien_value_add(hidden, make_hidden(&d->hidden[i])) != MIEN_OK) {
            mien_value_free(&hidden);
        }
    }
    map_set(&m, "backbone", mien_value_new_text(d->backbone));
    map_set(&m, "layer", mien_value_new_text(d->layer));
    map_set(&m, "grid", mien_value_new_int(d->grid));
    map_set(&m, "height", mien_value_new_int(d->height));
    map_set(&m, "width", mien_value_new_int(d->width));
    map_set(&m, "dropout", mien_value_new_number(d->dropout));
    map_set(&m, "hidden", hidden);
    map_set(&m, "outputs", mien_value_new_int(d->outputs));
    return map_take(&m);
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
        mien_value *value = make_target(t);
        map_maker m = {value, value ? MIEN_OK : MIEN_ENOMEM};
        map_set(&m, "kind", mien_value_new_text("value"));
        return map_take(&m);
    }
    map_maker m = map_new();
    map_set(&m, "name", mien_value_new_text(t->name));
    map_set(&m, "unit", mien_value_new_text(t->unit));
    map_set(&m, "construct", mien_value_new_text(t->construct));
    map_set(&m, "perspective", mien_value_new_text(t->perspective));
    map_set(&m, "kind", mien_value_new_text("classes"));
    map_set(&m, "link", mien_value_new_text(links[t->link]));
    map_set(&m, "classes", make_labels(t));
    return map_take(&m);
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
    map_maker m = map_new();
    map_set(&m, "version", mien_value_new_int(NETWORK_VERSION));
    map_set(&m, "made_by", mien_value_new_text("mien " MIEN_VERSION));
    map_set(&m, "architecture", mien_value_new_text(NETWORK));
    map_set(&m, "design", make_design(&n->design));
    map_set(&m, "preprocess", make_preprocess(&n->preprocess));
    map_set(&m, "targets", targets);
    map_set(&m, "golden", mien_value_new_int(golden_count));
    map_set(&m, "training", make_training(n->training));
    map_set(&m, "licence", mien_value_new_text(n->licence));
    map_set(&m, "citation", mien_value_new_text(n->citation));
    mien_value *value = map_take(&m);
    if (!value) {
        return m.status;
    }
    *contract = value;
    return MIEN_OK;
}

static double read_number(reader *r, const mien_value *map, const char *key) {
    double number = mien_value_number(mien_value_get(map, key), NAN);
    if (!isfinite(number)) {
        bad(r, key, "a number");
    }
    return number;
}

static void read_hidden(reader *r, const mien_value *design, mien_design *d) {
    const mien_value *list = mien_value_get(design, "hidden");
    int64_t count = mien_value_count(list);
    if (!list || mien_value_kind_of(list) != MIEN_VALUE_LIST ||
        count > MIEN_DESIGN_HIDDEN_MAX) {
        bad(r, "hidden", "a list of at most 8 layers");
        return;
    }
    d->hidden_count = (int)count;
    for (int i = 0; i < d->hidden_count; i++) {
        const mien_value *map = mien_value_at(list, i);
        mien_design_hidden *h = &d->hidden[i];
        h->width = read_int(r, map, "width", 1, INT32_MAX);
        read_text(r, map, "activation", h->activation, sizeof h->activation);
        h->dropout = read_number(r, map, "dropout");
    }
}

static void read_design(reader *r, const mien_value *map, mien_design *d) {
    read_text(r, map, "backbone", d->backbone, sizeof d->backbone);
    read_text(r, map, "layer", d->layer, sizeof d->layer);
    d->grid = (int)read_int(r, map, "grid", 0, INT16_MAX);
    d->height = (int)read_int(r, map, "height", 1, INT16_MAX);
    d->width = (int)read_int(r, map, "width", 1, INT16_MAX);
    d->dropout = read_number(r, map, "dropout");
    read_hidden(r, map, d);
    d->outputs = read_int(r, map, "outputs", 1, INT32_MAX);
}

static void read_link(reader *r, const mien_value *map, mien_target *t) {
    const char *text = mien_value_text(mien_value_get(map, "link"));
    for (int l = 1; text && l < LINKS; l++) {
        if (strcmp(text, links[l]) == 0) {
            t->link = (mien_link)l;
            return;
        }
    }
    bad(r, "link", "softmax or corn");
}

static void read_labels(
    reader *r, const mien_value *map, mien_arena *arena, mien_target *t) {
    const mien_value *list = mien_value_get(map, "classes");
    int64_t count = mien_value_count(list);
    if (!list || mien_value_kind_of(list) != MIEN_VALUE_LIST || count < 2 ||
        count > MIEN_CLASSES_MAX) {
        bad(r, "classes", "a list of 2 to 256 labels");
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
    reader *r, const mien_value *map, mien_arena *arena, mien_target *t) {
    const char *kind = mien_value_text(mien_value_get(map, "kind"));
    if (kind && strcmp(kind, "value") == 0) {
        read_target(r, map, t);
    } else if (kind && strcmp(kind, "classes") == 0) {
        read_text(r, map, "name", t->name, sizeof t->name);
        read_text(r, map, "unit", t->unit, sizeof t->unit);
        read_text(r, map, "construct", t->construct, sizeof t->construct);
        read_text(r, map, "perspective", t->perspective, sizeof t->perspective);
        read_link(r, map, t);
        read_labels(r, map, arena, t);
    } else {
        bad(r, "kind", "value or classes");
    }
}

mien_status mien_contract_is_network(const mien_value *contract, bool *network) {
    mien_status status = check_kind(contract);
    if (status == MIEN_OK) {
        *network = strcmp(mien_value_text(mien_value_get(contract, "architecture")),
                       NETWORK) == 0;
    }
    return status;
}

mien_status mien_contract_parse_network(const mien_value *contract, mien_arena *arena,
    mien_network *network, int64_t *golden_count) {
    reader r = {check_kind(contract)};
    const mien_value *targets = mien_value_get(contract, "targets");
    int64_t count = mien_value_count(targets);
    if (r.status != MIEN_OK) {
        return r.status;
    }
    mien_network out = {0};
    read_design(&r, mien_value_get(contract, "design"), &out.design);
    read_preprocess(&r, mien_value_get(contract, "preprocess"), &out.preprocess);
    if (!targets || mien_value_kind_of(targets) != MIEN_VALUE_LIST || count < 1 ||
        count > MIEN_TARGETS_MAX) {
        bad(&r, "targets", "a list of 1 to 16 targets");
        count = 0;
    }
    out.targets_count = (int)count;
    for (int t = 0; t < out.targets_count; t++) {
        read_kind_of_target(&r, mien_value_at(targets, t), arena, &out.targets[t]);
    }
    int64_t golden = read_int(&r, contract, "golden", 0, INT16_MAX);
    read_text(&r, contract, "licence", out.licence, sizeof out.licence);
    read_text(&r, contract, "citation", out.citation, sizeof out.citation);
    out.training = mien_value_get(contract, "training");
    if (r.status == MIEN_OK && mien_network_check(&out) != MIEN_OK) {
        r.status = mien_fail_in(MIEN_EFORMAT, "contract");
    }
    if (r.status == MIEN_OK) {
        *network = out;
        *golden_count = golden;
    }
    return r.status;
}
