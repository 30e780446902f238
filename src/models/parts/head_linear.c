/* SPDX-License-Identifier: MIT */
/* Hidden layers and a last linear layer without activation. */
#include "models/parts/hidden.h"

#include <stdio.h>
#include <string.h>

#define OUTPUTS_MAX (1 << 20)

static const mien_option options[] = {
    MIEN_HIDDEN_OPTIONS,
    {.name = "read-activation",
        .type = MIEN_OPTION_TEXT,
        .initial = "none",
        .help = "of what the head reads"},
    {.name = "read-dropout",
        .type = MIEN_OPTION_NUMBER,
        .initial = "0",
        .minimum = 0,
        .maximum = 1,
        .help = "of what the head reads, behind that"},
    {0},
};

static mien_status check(const mien_architecture *a, const mien_options *given) {
    mien_hidden hidden;
    mien_activation activation;
    const char *read = mien_options_text(given, "read-activation");
    double rate = mien_options_number(given, "read-dropout");
    (void)a;
    if (strcmp(read, "none") != 0 &&
        mien_activation_find(read, &activation) != MIEN_OK) {
        return mien_fail_in(MIEN_ENOTFOUND, "what the head reads");
    }
    if (!(rate >= 0 && rate < 1)) {
        return mien_fail(
            MIEN_EINVAL, "what the head reads: dropout %g is outside [0, 1)", rate);
    }
    return mien_hidden_read(given, &hidden);
}

/* The rule by which nodes are named: numbered behind the head's name, or, where it
 * has none, as in files of version 3, whose activations and dropouts are counted
 * from what the head reads. */
typedef struct naming {
    const mien_part_build *part;
    const mien_hidden *hidden;
    const char *read; /* activation of what it reads */
    char text[192];
} naming;

enum { LAYER, NORM, ACTIVATION, DROPOUT };

/* layer -1: of what the head reads; hidden->count: the last. */
static const char *name_of(naming *n, int what, int layer) {
    static const char *const counted[] = {"hidden", "norm", "activation", "dropout"};
    const char *head = n->part->name;
    size_t size = sizeof n->text;
    if (!head[0] && what == LAYER && layer == n->hidden->count) {
        snprintf(n->text, size, "linear");
    } else if (!head[0] && layer < 0 && strcmp(n->read, "none") == 0) {
        snprintf(n->text, size, "dropout");
    } else if (!head[0]) {
        snprintf(n->text, size, "%s.%d", counted[what],
            what >= ACTIVATION ? layer + 1 : layer);
    } else if (layer < 0) {
        snprintf(n->text, size, "%s.%s", head, counted[what]);
    } else if (what == LAYER) {
        snprintf(n->text, size, "%s.%d", head, layer);
    } else {
        snprintf(n->text, size, "%s.%d.%s", head, layer,
            what == ACTIVATION ? n->hidden->activation[layer] : counted[what]);
    }
    return n->text;
}

static mien_node build_read(mien_part_build *part, naming *n, mien_node x) {
    double rate = mien_options_number(part->options, "read-dropout");
    x = mien_hidden_apply(&part->b, x, n->read, name_of(n, ACTIVATION, -1));
    return rate > 0
               ? mien_build_dropout(&part->b, x, rate, "%s", name_of(n, DROPOUT, -1))
               : x;
}

static mien_node build_layer(mien_part_build *part, naming *n, mien_node x, int i) {
    mien_builder *b = &part->b;
    const mien_hidden *h = n->hidden;
    x = mien_build_linear(b, x, h->width[i], "%s", name_of(n, LAYER, i));
    if (h->norm[i]) {
        x = mien_build_norm(b, x, "%s", name_of(n, NORM, i));
    }
    x = mien_hidden_apply(b, x, h->activation[i], name_of(n, ACTIVATION, i));
    return h->dropout[i] > 0
               ? mien_build_dropout(b, x, h->dropout[i], "%s", name_of(n, DROPOUT, i))
               : x;
}

static mien_node build(mien_part_build *part, mien_node fused) {
    mien_hidden hidden = {0};
    mien_builder *b = &part->b;
    naming n = {.part = part,
        .hidden = &hidden,
        .read = mien_options_text(part->options, "read-activation")};
    if (b->status == MIEN_OK) {
        b->status = mien_hidden_read(part->options, &hidden);
    }
    mien_node x = build_read(part, &n, fused);
    for (int i = 0; b->status == MIEN_OK && i < hidden.count; i++) {
        x = build_layer(part, &n, x, i);
    }
    return mien_build_linear(
        b, x, part->architecture->outputs, "%s", name_of(&n, LAYER, hidden.count));
}

const mien_head_kind mien_head_linear = {
    .name = "linear",
    .summary = "Hidden layers, and a linear layer for the outputs",
    .options = options,
    .check = check,
    .build = build,
};
