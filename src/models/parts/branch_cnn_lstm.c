/* SPDX-License-Identifier: MIT */
/* Two convolutions over time and an LSTM, as EmoEye's for series of gaze and body.
 * There the LSTM runs over the 64 channels, whose 148 samples are what it reads at each
 * step; over: time turns that round. By default layers, names and sizes are EmoEye's.
 */
#include "models/parts/parts.h"

enum { KERNEL = 3, POOL = 2 };

static const char *const ways[] = {"channels", "time", NULL};

static const mien_option options[] = {
    {.name = "channels",
        .type = MIEN_OPTION_INT,
        .initial = "64",
        .minimum = 1,
        .maximum = 4096,
        .help = "of both convolutions, of 3 samples"},
    {.name = "hidden",
        .type = MIEN_OPTION_INT,
        .initial = "64",
        .minimum = 1,
        .maximum = 4096,
        .help = "of the LSTM, whose last step is taken"},
    {.name = "over",
        .type = MIEN_OPTION_CHOICE,
        .initial = "channels",
        .choices = ways,
        .help = "what the LSTM's steps are: channels, as published, or time"},
    {.name = "width",
        .type = MIEN_OPTION_INT,
        .initial = "20",
        .minimum = 1,
        .maximum = 1 << 16,
        .help = "values that it gives"},
    {.name = "dropout",
        .type = MIEN_OPTION_NUMBER,
        .initial = "0.1",
        .minimum = 0,
        .maximum = 0.999,
        .help = "behind the convolutions and behind the LSTM"},
    {0},
};

static mien_status check(const mien_options *given, const mien_item_shape *shape) {
    (void)given;
    if (shape && shape->rank != 2) {
        return mien_fail(MIEN_EINVAL, "cnn_lstm reads series [C, T]: it is the first "
                                      "stage of an input that gives "
                                      "them");
    }
    return !shape || shape->size[1] >= 2 * (KERNEL - 1) + POOL
               ? MIEN_OK
               : mien_fail(MIEN_EINVAL, "series of %lld samples are too short",
                     (long long)shape->size[1]);
}

/* Convolution i and its ReLU. */
static mien_node convolve(
    mien_part_build *part, mien_node x, const char *name, const char *relu) {
    mien_builder *b = &part->b;
    mien_node y = x;
    if (b->status == MIEN_OK) {
        b->status = mien_conv1d(b->graph, mien_part_node(part, name), x,
            mien_options_int(part->options, "channels"), KERNEL, 1, 0, &y);
    }
    return mien_build_activation(b, y, MIEN_RELU, "%s", mien_part_node(part, relu));
}

/* [N, C, T] to the LSTM's last state [N, hidden]. */
static mien_node remember(mien_part_build *part, mien_node x) {
    static const int turned[] = {0, 2, 1};
    mien_builder *b = &part->b;
    int64_t hidden = mien_options_int(part->options, "hidden");
    bool time = mien_options_text(part->options, "over")[0] == 't';
    mien_node y = x;
    if (b->status == MIEN_OK && time) {
        b->status =
            mien_permute(b->graph, mien_part_node(part, "steps"), x, turned, 3, &y);
    }
    x = y;
    if (b->status == MIEN_OK) {
        b->status = mien_lstm(b->graph, mien_part_node(part, "lstm"), x, hidden, 1,
            MIEN_LSTM_FORWARD, &y);
    }
    x = y;
    if (b->status == MIEN_OK) {
        b->status =
            mien_slice(b->graph, mien_part_node(part, "last"), x, 1, -1, INT64_MAX, &y);
    }
    return mien_build_flatten(b, y, "%s", mien_part_node(part, "last.row"));
}

static mien_node build(mien_part_build *part, mien_node x) {
    mien_builder *b = &part->b;
    double rate = mien_options_number(part->options, "dropout");
    mien_node y = x;
    x = convolve(part, x, "conv_layers.0", "conv_layers.1");
    x = convolve(part, x, "conv_layers.2", "conv_layers.3");
    x = mien_part_dropout(part, x, rate, "conv_layers.4");
    if (b->status == MIEN_OK) {
        b->status = mien_pool1d(b->graph, mien_part_node(part, "conv_layers.5"), x,
            MIEN_POOL_MAX, POOL, POOL, 0, &y);
    }
    x = remember(part, y);
    x = mien_part_dropout(part, x, rate, "last.dropout");
    x = mien_build_linear(b, x, mien_options_int(part->options, "width"), "%s",
        mien_part_node(part, "dense1"));
    x = mien_build_activation(
        b, x, MIEN_RELU, "%s", mien_part_node(part, "dense1.relu"));
    return mien_part_norm(part, x, "batchnorm1");
}

const mien_branch_kind mien_branch_cnn_lstm = {
    .name = "cnn_lstm",
    .summary = "Convolutions over time and an LSTM on series (EmoEye's gaze and body)",
    .options = options,
    .check = check,
    .build = build,
    .single = true,
};
