/* SPDX-License-Identifier: MIT */
/* Multi-head attention put together from its rows, under PyTorch's names. */
#include <stdio.h>
#include <string.h>

#include "nn/graph.h"
#include "base/need.h"

static mien_status add(mien_graph *graph, const char *op, const char *name,
    const char *suffix, const mien_node *inputs, int count, const char *options,
    mien_node *y) {
    size_t size = strlen(name) + strlen(suffix) + 1;
    char *full = mien_alloc(size, 1);
    if (!full) {
        return MIEN_ENOMEM;
    }
    snprintf(full, size, "%s%s", name, suffix);
    mien_status status = mien_graph_add(graph, op, full, inputs, count, options, y);
    mien_free(full);
    return status;
}

/* The three parts of what the input projection gives, one after the other in time. */
static mien_status cut(mien_graph *graph, const char *name, const mien_node *qkv,
    mien_node projected, mien_node *parts) {
    static const char *const suffixes[] = {".q", ".k", ".v"};
    long long first = 0;
    mien_status status = MIEN_OK;
    for (int i = 0; status == MIEN_OK && i < 3; i++) {
        char text[96];
        long long length = mien_graph_at(graph, qkv[i])->shape[1];
        snprintf(
            text, sizeof text, "axis=1 start=%lld stop=%lld", first, first + length);
        status = add(graph, "slice", name, suffixes[i], &projected, 1, text, &parts[i]);
        first += length;
    }
    return status;
}

mien_attention_options mien_attention_options_of(int heads) {
    return (mien_attention_options){.heads = heads, .mask = -1, .bias = true};
}

static const char *const rules[] = {"add", "keep", "hide"};

static mien_status check_rule(const char *name, const mien_attention_options *o) {
    return (unsigned)o->mask_rule < sizeof rules / sizeof *rules
               ? MIEN_OK
               : mien_fail(MIEN_EINVAL, "%s: there is no mask rule %d",
                     name ? name : "", (int)o->mask_rule);
}

static mien_status add_weights(mien_graph *graph, const char *name, const char *suffix,
    mien_node query, mien_node key, const mien_attention_options *o, mien_node *y) {
    mien_node inputs[3] = {query, key, o->mask};
    char text[96];
    snprintf(text, sizeof text, "heads=%d causal=%s mask=%s", o->heads,
        o->causal ? "yes" : "no", rules[o->mask_rule]);
    return add(
        graph, "attention_weights", name, suffix, inputs, o->mask < 0 ? 2 : 3, text, y);
}

mien_status mien_attention_weights(mien_graph *graph, const char *name, mien_node query,
    mien_node key, const mien_attention_options *options, mien_node *y) {
    MIEN_NEED(graph, name, options, y);
    mien_status status = check_rule(name, options);
    return status == MIEN_OK ? add_weights(graph, name, "", query, key, options, y)
                             : status;
}

mien_status mien_attention_mix(mien_graph *graph, const char *name, mien_node weights,
    mien_node value, mien_node *y) {
    MIEN_NEED(graph, name, y);
    mien_node inputs[2] = {weights, value};
    return mien_graph_add(graph, "attention_mix", name, inputs, 2, NULL, y);
}

mien_status mien_attention(mien_graph *graph, const char *name, mien_node query,
    mien_node key, mien_node value, const mien_attention_options *o, mien_node *y,
    mien_node *weights) {
    MIEN_NEED(graph, name, o, y);
    mien_node qkv[3] = {query, key, value}, parts[3], projected, shares, mixed;
    char text[96], number[32];
    mien_status status = check_rule(name, o);
    if (status == MIEN_OK) {
        status = mien_graph_add(graph, "attention_in", name, qkv, 3,
            o->bias ? "bias=yes" : "bias=no", &projected);
    }
    if (status == MIEN_OK) {
        status = cut(graph, name, qkv, projected, parts);
    }
    if (status == MIEN_OK) {
        status = add_weights(graph, name, ".weights", parts[0], parts[1], o, &shares);
    }
    if (status == MIEN_OK && o->dropout > 0) {
        snprintf(text, sizeof text, "rate=%s", mien_format_double(o->dropout, number));
        status = add(graph, "dropout", name, ".dropout", &shares, 1, text, &shares);
    }
    if (status == MIEN_OK) {
        mien_node inputs[2] = {shares, parts[2]};
        status = add(graph, "attention_mix", name, ".heads", inputs, 2, NULL, &mixed);
    }
    if (status == MIEN_OK) {
        snprintf(text, sizeof text, "out=%lld bias=%s",
            (long long)mien_graph_at(graph, mixed)->shape[2], o->bias ? "yes" : "no");
        status = add(graph, "linear", name, ".out_proj", &mixed, 1, text, y);
    }
    if (status == MIEN_OK && weights) {
        *weights = shares;
    }
    return status;
}
