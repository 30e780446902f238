/* SPDX-License-Identifier: MIT */
/* Hidden layers over the last dimension of what comes in. */
#include "models/parts/hidden.h"

#include <stdio.h>

static const mien_option options[] = {
    MIEN_HIDDEN_OPTIONS,
    {.name = "read-dropout",
        .type = MIEN_OPTION_NUMBER,
        .initial = "0",
        .minimum = 0,
        .maximum = 0.999,
        .help = "of what the first layer reads"},
    {0},
};

static mien_status check(const mien_options *given, const mien_item_shape *shape) {
    mien_hidden hidden;
    mien_status status = mien_hidden_read(given, &hidden);
    if (status == MIEN_OK && hidden.count == 0) {
        status = mien_fail(MIEN_EINVAL, "layers: no hidden layer is named");
    }
    if (status == MIEN_OK && shape && shape->rank != 1) {
        status = mien_fail(MIEN_EINVAL,
            "hidden layers read rows of values: put a stage before them that gives "
            "rows");
    }
    return status;
}

/* Layer i and what follows it: NAME.i, NAME.i.norm, NAME.i.relu, NAME.i.dropout. */
static mien_node build_layer(
    mien_part_build *part, mien_node x, const mien_hidden *hidden, int i) {
    mien_builder *b = &part->b;
    char what[32], norm[32], layer[160];
    snprintf(norm, sizeof norm, "%d.norm", i);
    snprintf(what, sizeof what, "%d", i);
    snprintf(layer, sizeof layer, "%s", mien_part_node(part, what));
    x = mien_build_linear(b, x, hidden->width[i], "%s", layer);
    if (hidden->norm[i]) {
        x = mien_part_norm(part, x, norm);
    }
    snprintf(what, sizeof what, "%d.%s", i, hidden->activation[i]);
    x = mien_hidden_apply(b, x, hidden->activation[i], mien_part_node(part, what));
    return hidden->dropout[i] > 0
               ? mien_build_dropout(b, x, hidden->dropout[i], "%s.dropout", layer)
               : x;
}

static mien_node build(mien_part_build *part, mien_node x) {
    mien_hidden hidden = {0};
    part->b.status = part->b.status == MIEN_OK
                         ? mien_hidden_read(part->options, &hidden)
                         : part->b.status;
    x = mien_part_dropout(
        part, x, mien_options_number(part->options, "read-dropout"), "dropout");
    for (int i = 0; part->b.status == MIEN_OK && i < hidden.count; i++) {
        x = build_layer(part, x, &hidden, i);
    }
    return x;
}

const mien_branch_kind mien_branch_hidden = {
    .name = "hidden",
    .summary = "Hidden layers: linear, batch-norm, activation, dropout",
    .options = options,
    .check = check,
    .build = build,
    .single = true,
};
