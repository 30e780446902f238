/* SPDX-License-Identifier: MIT */
/* Hidden layers, of the head and of branches: their lists of options are read here, and
 * what follows each linear layer is built. */
#include "models/parts/hidden.h"

#include <stdio.h>
#include <string.h>

#define WIDTH_MAX (1 << 20)
#define ITEM_BYTES 32

typedef struct items {
    int count;
    char text[MIEN_HIDDEN_MAX][ITEM_BYTES];
} items;

/* Items stand between blanks or commas; lists of a study also between line ends. */
static mien_status split(const char *key, const char *text, items *out) {
    static const char between[] = " ,\n[]";
    *out = (items){0};
    for (const char *at = text + strspn(text, between); *at;
         at += strspn(at, between)) {
        size_t length = strcspn(at, between);
        if (out->count == MIEN_HIDDEN_MAX || length >= ITEM_BYTES) {
            return mien_fail(MIEN_EINVAL,
                "%s: \"%s\" is no list of at most %d items of fewer than %d letters",
                key, text, MIEN_HIDDEN_MAX, ITEM_BYTES);
        }
        snprintf(out->text[out->count++], ITEM_BYTES, "%.*s", (int)length, at);
        at += length;
    }
    return MIEN_OK;
}

/* A list beside that of the widths: one item counts for every layer. */
static mien_status split_for(
    const mien_options *options, const char *key, int layers, items *out) {
    mien_status status = split(key, mien_options_text(options, key), out);
    if (status == MIEN_OK && out->count != 1 && out->count != layers &&
        (layers > 0 || out->count > 1)) {
        return mien_fail(
            MIEN_EINVAL, "%s: %d items for %d hidden layers", key, out->count, layers);
    }
    for (int i = out->count; status == MIEN_OK && out->count == 1 && i < layers; i++) {
        memcpy(out->text[i], out->text[0], ITEM_BYTES);
    }
    return status;
}

mien_status mien_hidden_widths(const char *key, const char *what, const char *text,
    int64_t *widths, int most, int *count) {
    items list;
    mien_status status = split(key, text, &list);
    if (status == MIEN_OK && list.count > most) {
        status = mien_fail(
            MIEN_EINVAL, "%s: %d items; at most %d are allowed", key, list.count, most);
    }
    for (int i = 0; status == MIEN_OK && i < list.count; i++) {
        double width = 0;
        if (!mien_parse_number(list.text[i], &width) || !(width >= 1) ||
            !(width <= WIDTH_MAX) || width != (double)(int64_t)width) {
            return mien_fail(MIEN_EINVAL, "%s %d: width %s outside 1 … %d", what, i,
                list.text[i], WIDTH_MAX);
        }
        widths[i] = (int64_t)width;
    }
    *count = status == MIEN_OK ? list.count : 0;
    return status;
}

static mien_status read_activations(const mien_options *options, mien_hidden *hidden) {
    items list;
    mien_activation activation;
    mien_status status = split_for(options, "activation", hidden->count, &list);
    for (int i = 0; status == MIEN_OK && i < hidden->count; i++) {
        if (strcmp(list.text[i], "none") != 0 &&
            mien_activation_find(list.text[i], &activation) != MIEN_OK) {
            return mien_fail_in(MIEN_ENOTFOUND, "hidden layer %d", i);
        }
        snprintf(
            hidden->activation[i], sizeof hidden->activation[i], "%s", list.text[i]);
    }
    return status;
}

static mien_status read_dropouts(const mien_options *options, mien_hidden *hidden) {
    items list;
    mien_status status = split_for(options, "dropout", hidden->count, &list);
    for (int i = 0; status == MIEN_OK && i < hidden->count; i++) {
        double *rate = &hidden->dropout[i];
        if (!mien_parse_number(list.text[i], rate) || !(*rate >= 0 && *rate < 1)) {
            return mien_fail(MIEN_EINVAL,
                "hidden layer %d: dropout %s is outside [0, 1)", i, list.text[i]);
        }
    }
    return status;
}

static mien_status read_norms(const mien_options *options, mien_hidden *hidden) {
    items list;
    mien_status status = split_for(options, "batch-norm", hidden->count, &list);
    for (int i = 0; status == MIEN_OK && i < hidden->count; i++) {
        hidden->norm[i] = strcmp(list.text[i], "true") == 0;
        if (!hidden->norm[i] && strcmp(list.text[i], "false") != 0) {
            return mien_fail(MIEN_EINVAL,
                "hidden layer %d: batch-norm \"%s\" is neither true nor false", i,
                list.text[i]);
        }
    }
    return status;
}

mien_status mien_hidden_read(const mien_options *options, mien_hidden *hidden) {
    mien_hidden out = {0};
    mien_status status = mien_hidden_widths("layers", "hidden layer",
        mien_options_text(options, "layers"), out.width, MIEN_HIDDEN_MAX, &out.count);
    if (status == MIEN_OK) {
        status = read_activations(options, &out);
    }
    if (status == MIEN_OK) {
        status = read_dropouts(options, &out);
    }
    if (status == MIEN_OK) {
        status = read_norms(options, &out);
    }
    if (status == MIEN_OK) {
        *hidden = out;
    }
    return status;
}

mien_node mien_hidden_apply(
    mien_builder *b, mien_node x, const char *activation, const char *node) {
    mien_activation found;
    if (b->status != MIEN_OK || strcmp(activation, "none") == 0) {
        return x;
    }
    b->status = mien_activation_find(activation, &found);
    return b->status == MIEN_OK ? mien_build_activation(b, x, found, "%s", node) : x;
}
