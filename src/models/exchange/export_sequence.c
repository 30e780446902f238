/* SPDX-License-Identifier: MIT */
/* Operators over sequences, masks and resized maps in those of ONNX 17: attention,
 * recurrent layers, means over what is there. In comes the node that export_nodes.c has
 * no row for; out go the nodes that give its value. A mask is not a factor where it
 * hides: what is hidden may be anything. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "models/exchange/export.h"

#define one mien_export_one
#define two mien_export_two

static long long number_of(
    const mien_exporting *e, const char *key, const char *usual) {
    char text[64];
    return strtoll(mien_export_option(e, key, usual, text, sizeof text), NULL, 10);
}

static bool says(
    const mien_exporting *e, const char *key, const char *usual, const char *what) {
    char text[64];
    return strcmp(mien_export_option(e, key, usual, text, sizeof text), what) == 0;
}

static const char *three(
    mien_exporting *e, const char *op, const char *a, const char *b, const char *c) {
    return mien_export_add(e, op, NULL, (const char *[]){a, b, c}, 3, "");
}

/* Reshaped to these dimensions, the first of which may be −1. */
static const char *shaped(
    mien_exporting *e, const char *x, int rank, const int64_t *shape) {
    return two(e, "Reshape", x, mien_export_ints(e, rank, shape));
}

/* Places [first, end) along an axis. */
static const char *part(
    mien_exporting *e, const char *x, int64_t first, int64_t end, int64_t axis) {
    const char *of[] = {x, mien_export_ints(e, 1, &first), mien_export_ints(e, 1, &end),
        mien_export_ints(e, 1, &axis)};
    return mien_export_add(e, "Slice", NULL, of, 4, "");
}

/* The node's own value is x under its name. */
static void give(mien_exporting *e, const char *x) {
    mien_export_give(e, "Identity", &x, 1, "");
}

/* Whether a mask is not 0. */
static const char *seen(mien_exporting *e, const char *mask) {
    return one(e, "Cast", mask, "to=9");
}

/* The mask with dimensions of 1 behind its own. */
static const char *widened(mien_exporting *e, const char *mask, int rank, int to) {
    int64_t shape[MIEN_RANK_MAX];
    for (int d = 0; d < to; d++) {
        shape[d] = d < rank ? 0 : 1;
    }
    return rank < to ? shaped(e, mask, to, shape) : mask;
}

/* ---- masks --------------------------------------------------------------------------
 */

static void masked(mien_exporting *e) {
    int64_t x[MIEN_RANK_MAX], mask[MIEN_RANK_MAX];
    int rank = mien_export_shape_in(e, 0, x), own = mien_export_shape_in(e, 1, mask);
    const char *there = widened(e, seen(e, mien_export_in(e, 1)), own, rank);
    mien_export_give(e, "Where",
        (const char *[]){there, mien_export_in(e, 0), mien_export_number(e, 0)}, 3, "");
}

/* Over the second last dimension: x [.., S, D], mask [.., S]. */
static void pool_seen(mien_exporting *e, char how) {
    int64_t shape[MIEN_RANK_MAX], axis = -2;
    int rank = mien_export_shape_in(e, 0, shape);
    const char *x = mien_export_in(e, 0);
    const char *there = widened(e, seen(e, mien_export_in(e, 1)), rank - 1, rank);
    const char *ones = one(e, "Cast", there, "to=1");
    const char *zero = mien_export_number(e, 0), *axes = mien_export_ints(e, 1, &axis);
    if (how == 'x') {
        x = three(e, "Where", there, x, mien_export_number(e, -(double)INFINITY));
        x = one(e, "ReduceMax", x, "axes=-2, keepdims=0");
        const char *any = one(e, "ReduceMax", ones, "axes=-2, keepdims=0");
        give(e, three(e, "Where", seen(e, any), x, zero));
        return;
    }
    if (how == 't') { /* the last one alone */
        int64_t steps = shape[rank - 2], dims[] = {steps, 1};
        float *places = mien_export_room(e, (size_t)steps, sizeof *places);
        for (int64_t k = 0; places && k < steps; k++) {
            places[k] = (float)(k + 1);
        }
        const char *place =
            places ? two(e, "Mul", ones, mien_export_numbers(e, 2, dims, places)) : "";
        const char *last = one(e, "ReduceMax", place, "axes=-2, keepdims=1");
        there = two(e, "And", there, two(e, "Equal", place, last));
    }
    const char *sum = two(e, "ReduceSum", three(e, "Where", there, x, zero), axes);
    int64_t flat[MIEN_RANK_MAX];
    int own = mien_graph_shape(e->graph, e->at, flat);
    flat[0] = -1;
    if (how == 'n') {
        const char *count = two(e, "ReduceSum", ones, axes);
        sum = two(e, "Div", sum, two(e, "Max", count, mien_export_number(e, 1)));
    }
    give(e, shaped(e, sum, own, flat));
}

/* Softmax over those that are there; zeros where none is. */
static const char *soft(mien_exporting *e, const char *x, const char *there) {
    int64_t axis = -1;
    const char *low = mien_export_number(e, -1e30);
    x = three(e, "Where", there, x, low);
    x = two(e, "Sub", x, one(e, "ReduceMax", x, "axes=-1, keepdims=1"));
    x = two(e, "Mul", one(e, "Exp", x, ""), one(e, "Cast", there, "to=1"));
    const char *sum = two(e, "ReduceSum", x, mien_export_ints(e, 1, &axis));
    return two(e, "Div", x, two(e, "Max", sum, mien_export_number(e, 1e-30)));
}

static void masked_softmax(mien_exporting *e) {
    give(e, soft(e, mien_export_in(e, 0), seen(e, mien_export_in(e, 1))));
}

/* ---- attention ----------------------------------------------------------------------
 */

static void attention_in(mien_exporting *e) {
    int64_t shape[MIEN_RANK_MAX];
    const char *list[3];
    mien_export_shape_in(e, 0, shape);
    int64_t d = shape[2];
    const char *weight = mien_export_parameter(e, "in_proj_weight");
    const char *bias = mien_export_parameter(e, "in_proj_bias");
    for (int64_t k = 0; k < 3; k++) {
        const char *own = part(e, weight, k * d, (k + 1) * d, 0);
        list[k] = two(e, "MatMul", mien_export_in(e, (int)k),
            one(e, "Transpose", own, "perm=1,0,"));
        if (says(e, "bias", "yes", "yes")) {
            list[k] = two(e, "Add", list[k], part(e, bias, k * d, (k + 1) * d, 0));
        }
    }
    mien_export_give(e, "Concat", list, 3, "axis=1");
}

/* [N, (G,) T, D] to [N, (G,) heads, T, D / heads]; turned: the last two the other way.
 */
static const char *heads_of(mien_exporting *e, const char *x, int rank,
    const int64_t *shape, int64_t heads, bool turned) {
    int64_t dims[MIEN_RANK_MAX];
    memcpy(dims, shape, (size_t)rank * sizeof *dims);
    dims[0] = -1;
    dims[rank - 1] = heads;
    dims[rank] = shape[rank - 1] / heads;
    x = shaped(e, x, rank + 1, dims);
    return one(e, "Transpose", x,
        rank == 3 ? (turned ? "perm=0,2,3,1," : "perm=0,2,1,3,")
                  : (turned ? "perm=0,1,3,4,2," : "perm=0,1,3,2,4,"));
}

/* A mask as it is broadcast over [N, (G,) heads, T, S]. */
static const char *spread_mask(mien_exporting *e, int rank) {
    int64_t m[MIEN_RANK_MAX], dims[MIEN_RANK_MAX];
    int own = mien_export_shape_in(e, 2, m);
    const char *mask = mien_export_in(e, 2);
    int64_t keys = m[own - 1];
    if (own == 2 && m[0] >= 0) {
        return mask; /* [T, S] */
    }
    for (int d = 0; d < rank + 1; d++) {
        dims[d] = d == 0 ? -1 : d == rank ? keys : 1;
    }
    if (rank == 4) { /* of groups [N, G, S] */
        dims[1] = m[1];
    } else if (own == 3) {
        dims[2] = m[1];
    } else if (own == 4) {
        return mask;
    }
    return shaped(e, mask, rank + 1, dims);
}

/* Which keys each query sees at all, [T, S]. */
static const char *causal_mask(mien_exporting *e, int64_t queries, int64_t keys) {
    int64_t dims[] = {queries, keys};
    float *ones = mien_export_room(e, (size_t)(queries * keys), sizeof *ones);
    for (int64_t i = 0; ones && i < queries * keys; i++) {
        ones[i] = i % keys <= i / keys;
    }
    return ones ? seen(e, mien_export_numbers(e, 2, dims, ones)) : "";
}

static void attention_weights(mien_exporting *e) {
    int64_t q[MIEN_RANK_MAX], k[MIEN_RANK_MAX], heads = number_of(e, "heads", "1");
    int rank = mien_export_shape_in(e, 0, q);
    mien_export_shape_in(e, 1, k);
    double each = (double)(q[rank - 1] / heads);
    const char *score =
        two(e, "MatMul", heads_of(e, mien_export_in(e, 0), rank, q, heads, false),
            heads_of(e, mien_export_in(e, 1), rank, k, heads, true));
    const char *there = NULL;
    score = two(e, "Mul", score, mien_export_number(e, 1 / sqrt(each)));
    if (*mien_export_in(e, 2)) {
        const char *mask = spread_mask(e, rank);
        if (says(e, "mask", "add", "add")) {
            score = two(e, "Add", score, mask);
        } else {
            there = seen(e, mask);
            there = says(e, "mask", "add", "hide") ? one(e, "Not", there, "") : there;
        }
    }
    if (says(e, "causal", "no", "yes")) {
        const char *before = causal_mask(e, q[rank - 2], k[rank - 2]);
        there = there ? two(e, "And", there, before) : before;
    }
    if (there) { /* in the shape of the scores, which a cast of them has */
        const char *all = two(e, "Equal", score, score);
        give(e, soft(e, score, two(e, "And", all, there)));
    } else {
        mien_export_give(e, "Softmax", &score, 1, "axis=-1");
    }
}

static void attention_mix(mien_exporting *e) {
    int64_t p[MIEN_RANK_MAX], v[MIEN_RANK_MAX], y[MIEN_RANK_MAX];
    int rank = mien_export_shape_in(e, 1, v);
    mien_export_shape_in(e, 0, p);
    mien_graph_shape(e->graph, e->at, y);
    const char *mixed = two(e, "MatMul", mien_export_in(e, 0),
        heads_of(e, mien_export_in(e, 1), rank, v, p[rank - 2], false));
    mixed = one(e, "Transpose", mixed, rank == 3 ? "perm=0,2,1,3," : "perm=0,1,3,2,4,");
    y[0] = -1;
    give(e, shaped(e, mixed, rank, y));
}

static void position(mien_exporting *e) {
    mien_export_give(e, "Add",
        (const char *[]){mien_export_in(e, 0), mien_export_parameter(e, "weight")}, 2,
        "");
}

/* ---- recurrent ----------------------------------------------------------------------
 */

/* Blocks of `hidden` rows in the file's order. */
static const char *gates(
    mien_exporting *e, const char *x, const int *order, int count, int64_t hidden) {
    const char *list[4];
    for (int g = 0; g < count; g++) {
        list[g] = part(e, x, order[g] * hidden, (order[g] + 1) * hidden, 0);
    }
    return mien_export_add(e, "Concat", NULL, list, count, "axis=0");
}

/* One parameter of a layer, of both directions [D, …]; a bias is two side by side. */
static const char *weights_of(mien_exporting *e, const char *what, int layer,
    int directions, const int *order, int count, int64_t hidden) {
    int64_t zero = 0;
    const char *list[2];
    char name[64];
    for (int d = 0; d < directions; d++) {
        bool bias = what[0] == 'b';
        const char *parts[2];
        for (int k = 0; k < (bias ? 2 : 1); k++) {
            const char *kind = bias ? (k ? "bias_hh" : "bias_ih") : what;
            snprintf(name, sizeof name, "%s_l%d%s", kind, layer, d ? "_reverse" : "");
            parts[k] = gates(e, mien_export_parameter(e, name), order, count, hidden);
        }
        list[d] =
            bias ? mien_export_add(e, "Concat", NULL, parts, 2, "axis=0") : parts[0];
        list[d] = two(e, "Unsqueeze", list[d], mien_export_ints(e, 1, &zero));
    }
    return directions == 1 ? list[0]
                           : mien_export_add(e, "Concat", NULL, list, 2, "axis=0");
}

/* First states of a layer, [N, layers × D, H] to [D, N, H]; "" where there are none. */
static const char *first_state(
    mien_exporting *e, int k, int64_t layer, int64_t directions) {
    const char *x = mien_export_in(e, k);
    return *x ? one(e, "Transpose",
                    part(e, x, layer * directions, (layer + 1) * directions, 1),
                    "perm=1,0,2,")
              : x;
}

static void recurrent(mien_exporting *e, bool lstm) {
    static const int lstm_order[] = {0, 3, 1, 2}; /* i f g o to i o f c */
    static const int gru_order[] = {1, 0, 2};     /* r z n to z r h */
    const int *order = lstm ? lstm_order : gru_order;
    int count = lstm ? 4 : 3,
        directions = says(e, "direction", "forward", "both") ? 2 : 1;
    int64_t hidden = number_of(e, "hidden", "1"), x[MIEN_RANK_MAX];
    char text[160];
    mien_export_shape_in(e, 0, x);
    snprintf(text, sizeof text, "hidden_size=%lld direction=%s%s", (long long)hidden,
        directions == 2                              ? "bidirectional"
        : says(e, "direction", "forward", "reverse") ? "reverse"
                                                     : "forward",
        lstm                                 ? ""
        : says(e, "reset", "after", "after") ? " linear_before_reset=1"
                                             : " linear_before_reset=0");
    const char *y = one(e, "Transpose", mien_export_in(e, 0), "perm=1,0,2,");
    for (int l = 0; l < (lstm ? number_of(e, "layers", "1") : 1); l++) {
        const char *inputs[7] = {y,
            weights_of(e, "weight_ih", l, directions, order, count, hidden),
            weights_of(e, "weight_hh", l, directions, order, count, hidden), "", "",
            first_state(e, 1, l, directions),
            lstm ? first_state(e, 2, l, directions) : ""};
        bool bias = says(e, "bias", "yes", "yes");
        if (bias) {
            inputs[3] = weights_of(e, "bias", l, directions, order, count, hidden);
        }
        int64_t rows[] = {0, 0, directions * hidden};
        y = mien_export_add(e, lstm ? "LSTM" : "GRU", NULL, inputs,
            !*inputs[5] ? (bias ? 4 : 3)
            : lstm      ? 7
                        : 6,
            text);
        y = one(e, "Transpose", y, "perm=0,2,1,3,");
        y = shaped(e, y, 3, rows);
    }
    mien_export_give(e, "Transpose", &y, 1, "perm=1,0,2,");
}

/* ---- maps ---------------------------------------------------------------------------
 */

/* Instances of `groups` channels, then each channel's own weight. */
static void group_norm(mien_exporting *e) {
    int64_t x[MIEN_RANK_MAX], own[MIEN_RANK_MAX];
    int rank = mien_export_shape_in(e, 0, x);
    int64_t groups = number_of(e, "groups", "1"), parts[] = {0, 0, -1};
    char epsilon[32], text[64];
    groups = groups ? groups : x[1];
    parts[1] = groups;
    float *ones = mien_export_room(e, (size_t)groups, sizeof *ones);
    float *zeros = mien_export_room(e, (size_t)groups, sizeof *zeros);
    for (int64_t g = 0; ones && g < groups; g++) {
        ones[g] = 1;
    }
    if (!ones || !zeros) {
        return;
    }
    const char *inputs[] = {shaped(e, mien_export_in(e, 0), 3, parts),
        mien_export_numbers(e, 1, &groups, ones),
        mien_export_numbers(e, 1, &groups, zeros)};
    snprintf(text, sizeof text, "epsilon=%sf",
        mien_export_option(e, "epsilon", "1e-5", epsilon, sizeof epsilon));
    const char *y = mien_export_add(e, "InstanceNormalization", NULL, inputs, 3, text);
    x[0] = -1;
    y = shaped(e, y, rank, x);
    for (int d = 0; d < rank - 1; d++) {
        own[d] = d == 0 ? x[1] : 1;
    }
    y = two(e, "Mul", y, shaped(e, mien_export_parameter(e, "weight"), rank - 1, own));
    give(e,
        two(e, "Add", y, shaped(e, mien_export_parameter(e, "bias"), rank - 1, own)));
}

static void lrn(mien_exporting *e) {
    char size[32], alpha[32], beta[32], bias[32], text[192];
    const char *x = mien_export_in(e, 0);
    snprintf(text, sizeof text, "size=%s alpha=%sf beta=%sf bias=%sf",
        mien_export_option(e, "size", "5", size, sizeof size),
        mien_export_option(e, "alpha", "1e-4", alpha, sizeof alpha),
        mien_export_option(e, "beta", "0.75", beta, sizeof beta),
        mien_export_option(e, "bias", "1", bias, sizeof bias));
    mien_export_give(e, "LRN", &x, 1, text);
}

static void where(mien_exporting *e) {
    mien_export_give(e, "Where",
        (const char *[]){
            seen(e, mien_export_in(e, 0)), mien_export_in(e, 1), mien_export_in(e, 2)},
        3, "");
}

static void embedding(mien_exporting *e) {
    const char *rows = one(e, "Cast", mien_export_in(e, 0), "to=7");
    mien_export_give(e, "Gather",
        (const char *[]){mien_export_parameter(e, "weight"), rows}, 2, "axis=0");
}

/* By the size that it has, the batch's own asked of the value. */
static bool resize(mien_exporting *e) {
    int64_t y[MIEN_RANK_MAX];
    char mode[16], place[32], nearest[32], cubic[32], text[256];
    int rank = mien_graph_shape(e->graph, e->at, y);
    const char *x = mien_export_in(e, 0);
    if (!says(e, "scale", "by-size", "by-size")) {
        return false;
    }
    const char *batch = part(e, one(e, "Shape", x, ""), 0, 1, 0);
    const char *sizes = mien_export_add(e, "Concat", NULL,
        (const char *[]){batch, mien_export_ints(e, rank - 1, y + 1)}, 2, "axis=0");
    snprintf(text, sizeof text,
        "mode=%s coordinate_transformation_mode=%s nearest_mode=%s "
        "cubic_coeff_a=%sf exclude_outside=%d",
        mien_export_option(e, "mode", "nearest", mode, sizeof mode),
        mien_export_option(e, "coordinates", "half_pixel", place, sizeof place),
        mien_export_option(e, "nearest", "round_prefer_floor", nearest, sizeof nearest),
        mien_export_option(e, "cubic", "-0.75", cubic, sizeof cubic),
        (int)says(e, "exclude-outside", "no", "yes"));
    mien_export_give(e, "Resize", (const char *[]){x, "", "", sizes}, 4, text);
    return strcmp(place, "half_pixel_symmetric") != 0 && /* of version 19 */
           says(e, "antialias", "no", "no");             /* of version 18 */
}

bool mien_export_sequence(mien_exporting *e) {
    static const struct {
        const char *op;
        void (*write)(mien_exporting *e);
    } rows[] = {{"masked", masked}, {"masked_softmax", masked_softmax},
        {"attention_in", attention_in}, {"attention_weights", attention_weights},
        {"attention_mix", attention_mix}, {"position", position},
        {"group_norm", group_norm}, {"lrn", lrn}, {"where", where},
        {"embedding", embedding}};
    const char *op = mien_graph_operator(e->graph, e->at);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (strcmp(rows[i].op, op) == 0) {
            rows[i].write(e);
            return true;
        }
    }
    if (strcmp(op, "lstm") == 0 || strcmp(op, "gru") == 0) {
        if (says(e, "cells", "no", "yes")) {
            return false; /* ONNX has only the last ones */
        }
        recurrent(e, op[0] == 'l');
    } else if (strncmp(op, "masked_", 7) == 0 && strlen(op) > 9 &&
               strcmp(op, "masked_batch_norm") != 0) {
        pool_seen(e, op[strlen(op) - 1]); /* mean, max, last */
    } else {
        return strcmp(op, "resize") == 0 && resize(e);
    }
    return true;
}
