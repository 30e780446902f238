/* SPDX-License-Identifier: MIT */
/* The encoder of AttendAffectNet: layers of attention and a small linear layer, each
 * normalised before and added to what it read. */
#include "models/parts/encoder.h"

#include <stdio.h>
#include <string.h>

#define QUERY 0
#define KEY 1
#define VALUE 2
#define OUT 3

const char *const mien_encoder_forms[] = {"relu-after", "tanh-before", NULL};
const char *const mien_encoder_pooled[] = {"plain", "tanh", NULL};
const char *const mien_encoder_norms[] = {"deviation", "root", NULL};

static bool is(const mien_options *options, const char *key, const char *choice) {
    return strcmp(mien_options_text(options, key), choice) == 0;
}

mien_status mien_encoder_check(const mien_options *options) {
    int64_t width = mien_options_int(options, "width");
    int64_t heads = mien_options_int(options, "heads");
    return width % heads == 0
               ? MIEN_OK
               : mien_fail(MIEN_EINVAL, "heads: %lld heads do not divide width %lld",
                     (long long)heads, (long long)width);
}

mien_encoder mien_encoder_of(const mien_options *options) {
    return (mien_encoder){
        .layers = mien_options_int(options, "layers"),
        .heads = (int)mien_options_int(options, "heads"),
        .tanh_before = is(options, "feed-forward", "tanh-before"),
        .dropout = mien_options_number(options, "dropout"),
        .norm = is(options, "norm", "root") ? MIEN_LAYER_NORM_ROOT
                                            : MIEN_LAYER_NORM_DEVIATION,
        .epsilon = mien_options_number(options, "epsilon"),
        .mask = -1,
    };
}

/* One layer being written down. */
typedef struct layer {
    mien_builder *b;
    const mien_encoder *e;
    int64_t width;
    char name[64]; /* "encoder.layers.0" */
} layer;

static mien_node drop(const layer *l, mien_node x, const char *what) {
    return l->e->dropout > 0
               ? mien_build_dropout(l->b, x, l->e->dropout, "%s.%s", l->name, what)
               : x;
}

static mien_node project(const layer *l, mien_node x, int which) {
    return mien_build_linear(
        l->b, x, l->width, "%s.self_attn.linears.%d", l->name, which);
}

static mien_node attend(const layer *l, mien_node y) {
    mien_attention_options o = mien_attention_options_of(l->e->heads);
    o.causal = l->e->causal;
    o.mask = l->e->mask;
    o.mask_rule = MIEN_MASK_KEEP;
    mien_node q = project(l, y, QUERY), k = project(l, y, KEY),
              v = project(l, y, VALUE);
    mien_node w = mien_build_weights(l->b, q, k, &o, "%s.self_attn.weights", l->name);
    w = drop(l, w, "self_attn.dropout");
    return project(l, mien_build_mix(l->b, w, v, "%s.self_attn.heads", l->name), OUT);
}

static mien_node feed(const layer *l, mien_node y) {
    mien_builder *b = l->b;
    if (!l->e->tanh_before) {
        y = mien_build_linear(b, y, l->width, "%s.feed_forward.w", l->name);
        y = mien_build_activation(b, y, MIEN_RELU, "%s.feed_forward.relu", l->name);
        return drop(l, y, "feed_forward.dropout");
    }
    mien_node t =
        mien_build_activation(b, y, MIEN_TANH, "%s.feed_forward.tanh", l->name);
    t = mien_build_add(b, y, t, "%s.feed_forward.add", l->name);
    t = drop(l, t, "feed_forward.dropout");
    return mien_build_linear(b, t, l->width, "%s.feed_forward.w", l->name);
}

/* x + dropout(part(norm(x))) */
static mien_node sublayer(const layer *l, mien_node x, int index,
    mien_node (*part)(const layer *l, mien_node y)) {
    char name[32];
    mien_node y = mien_build_layer_norm(
        l->b, x, l->e->epsilon, l->e->norm, "%s.sublayer.%d.norm", l->name, index);
    y = part(l, y);
    snprintf(name, sizeof name, "sublayer.%d.dropout", index);
    y = drop(l, y, name);
    return mien_build_add(l->b, x, y, "%s.sublayer.%d", l->name, index);
}

mien_node mien_encoder_build(mien_builder *b, mien_node tokens,
    const mien_encoder *encoder, const char *prefix) {
    int64_t shape[MIEN_RANK_MAX];
    if (b->status != MIEN_OK) {
        return tokens;
    }
    int rank = mien_graph_shape(b->graph, tokens, shape);
    layer l = {.b = b, .e = encoder, .width = shape[rank - 1]};
    mien_node x = tokens;
    for (int64_t i = 0; i < encoder->layers; i++) {
        snprintf(l.name, sizeof l.name, "%s.layers.%lld", prefix, (long long)i);
        x = sublayer(&l, x, 0, attend);
        x = sublayer(&l, x, 1, feed);
        mien_build_alias(b, x, "%s", l.name);
    }
    return mien_build_layer_norm(
        b, x, encoder->epsilon, encoder->norm, "%s.norm", prefix);
}

mien_node mien_encoder_end(
    mien_builder *b, mien_node pooled, const mien_options *options) {
    return is(options, "pooled", "tanh")
               ? mien_build_activation(b, pooled, MIEN_TANH, "pooled.tanh")
               : pooled;
}

/* ---- copies ---------------------------------------------------------------------- */

/* Writes the name of the parameter that this one begins as: layer 0 and projection 0 in
 * the place of its own. False for one that is no copy. */
static bool prototype_of(const char *name, char *out, size_t size) {
    const char *layers = strstr(name, ".layers.");
    if (!layers) {
        return false;
    }
    const char *rest = strchr(layers + strlen(".layers."), '.');
    int before = (int)(layers - name);
    if (rest && strncmp(rest, ".feed_forward.", 14) == 0) {
        snprintf(out, size, "%.*s.layers.0%s", before, name, rest);
        return true;
    }
    if (rest && strncmp(rest, ".self_attn.linears.", 19) == 0) {
        const char *end = strchr(rest + 19, '.');
        snprintf(out, size, "%.*s.layers.0.self_attn.linears.0%s", before, name, end);
        return true;
    }
    return false;
}

void mien_encoder_start(const mien_options *options, mien_parameters *parameters) {
    char name[256];
    if (!mien_options_flag(options, "copies")) {
        return;
    }
    for (int64_t i = 0; i < mien_parameters_count(parameters); i++) {
        if (!prototype_of(mien_parameters_name(parameters, i), name, sizeof name)) {
            continue;
        }
        int64_t from = mien_parameters_find(parameters, name);
        if (from >= 0 && from != i) {
            const mien_tensor *source = mien_parameters_at(parameters, from);
            memcpy(mien_parameters_at(parameters, i)->data, source->data,
                mien_tensor_bytes(source));
        }
    }
}
