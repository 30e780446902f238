/* SPDX-License-Identifier: MIT */
/* A small convolutional network that learns from drawn pictures, as EmoEye's for
 * scanpaths: blocks of convolution, ReLU and max-pool, then a linear layer with ReLU
 * and batch-norm. By default its layers, names and sizes are EmoEye's. */
#include <stdio.h>

#include "models/parts/hidden.h"

enum { BLOCKS_MAX = 8 };

static const mien_option options[] = {
    {.name = "channels",
        .type = MIEN_OPTION_TEXT,
        .initial = "32 64 128 256",
        .help = "of each block's convolution"},
    {.name = "kernel",
        .type = MIEN_OPTION_INT,
        .initial = "5",
        .minimum = 1,
        .maximum = 15,
        .help = "side of the convolutions, which add no border"},
    {.name = "width",
        .type = MIEN_OPTION_INT,
        .initial = "128",
        .minimum = 1,
        .maximum = 1 << 16,
        .help = "values that it gives"},
    {.name = "norm",
        .type = MIEN_OPTION_INT,
        .initial = "3",
        .minimum = 0,
        .maximum = BLOCKS_MAX,
        .help = "number of the block that ends with a batch-norm; 0: none does"},
    {.name = "dropout",
        .type = MIEN_OPTION_NUMBER,
        .initial = "0.1",
        .minimum = 0,
        .maximum = 0.999,
        .help = "behind each block but the first, and at the end"},
    {0},
};

static mien_status read_channels(
    const mien_options *given, int64_t channels[BLOCKS_MAX], int *count) {
    return mien_hidden_widths("channels", "block", mien_options_text(given, "channels"),
        channels, BLOCKS_MAX, count);
}

/* A block takes kernel − 1 off each side and halves the rest. */
static mien_status check_size(
    const mien_options *given, const mien_item_shape *shape, int blocks) {
    int64_t kernel = mien_options_int(given, "kernel");
    for (int d = 1; d < 3; d++) {
        int64_t side = shape->size[d];
        for (int i = 0; i < blocks; i++) {
            side = (side - kernel + 1) / 2;
            if (side < 1) {
                return mien_fail(MIEN_EINVAL,
                    "items of %lld × %lld are too small for %d blocks of %lld × %lld",
                    (long long)shape->size[2], (long long)shape->size[1], blocks,
                    (long long)kernel, (long long)kernel);
            }
        }
    }
    return MIEN_OK;
}

static mien_status check(const mien_options *given, const mien_item_shape *shape) {
    int64_t channels[BLOCKS_MAX];
    int blocks = 0;
    mien_status status = read_channels(given, channels, &blocks);
    if (status == MIEN_OK && blocks == 0) {
        status = mien_fail(MIEN_EINVAL, "channels: no block is named");
    }
    if (status == MIEN_OK && mien_options_int(given, "norm") > blocks) {
        status = mien_fail(MIEN_EINVAL, "norm: there is no block %lld",
            (long long)mien_options_int(given, "norm"));
    }
    if (status == MIEN_OK && shape && shape->rank != 3) {
        status = mien_fail(MIEN_EINVAL,
            "cnn reads pictures [C, H, W], such as scanpaths: it is the first stage of "
            "an input that gives them");
    }
    return status == MIEN_OK && shape ? check_size(given, shape, blocks) : status;
}

static mien_node build_block(
    mien_part_build *part, mien_node x, int64_t channels, int i) {
    mien_builder *b = &part->b;
    int kernel = (int)mien_options_int(part->options, "kernel");
    mien_conv2d_options o = mien_conv2d_options_of(channels, kernel, 1, 0);
    double rate = mien_options_number(part->options, "dropout");
    char what[32];
    snprintf(what, sizeof what, "conv%d", i + 1);
    x = mien_build_conv(b, x, &o, "%s", mien_part_node(part, what));
    snprintf(what, sizeof what, "relu%d", i + 1);
    x = mien_build_activation(b, x, MIEN_RELU, "%s", mien_part_node(part, what));
    snprintf(what, sizeof what, "pool%d", i + 1);
    x = mien_build_max_pool(b, x, 2, 2, 0, "%s", mien_part_node(part, what));
    if (i + 1 == mien_options_int(part->options, "norm")) {
        x = mien_part_norm(part, x, "batchnorm1");
    }
    snprintf(what, sizeof what, "dropout%d", i + 1);
    return i > 0 ? mien_part_dropout(part, x, rate, what) : x;
}

static mien_node build(mien_part_build *part, mien_node x) {
    mien_builder *b = &part->b;
    int64_t channels[BLOCKS_MAX];
    int blocks = 0;
    if (b->status == MIEN_OK) {
        b->status = read_channels(part->options, channels, &blocks);
    }
    for (int i = 0; b->status == MIEN_OK && i < blocks; i++) {
        x = build_block(part, x, channels[i], i);
    }
    x = mien_build_flatten(b, x, "%s", mien_part_node(part, "flatten"));
    x = mien_build_linear(b, x, mien_options_int(part->options, "width"), "%s",
        mien_part_node(part, "dense1"));
    x = mien_build_activation(
        b, x, MIEN_RELU, "%s", mien_part_node(part, "dense1.relu"));
    x = mien_part_norm(part, x, "batchnorm2");
    return mien_part_dropout(
        part, x, mien_options_number(part->options, "dropout"), "dropout");
}

const mien_branch_kind mien_branch_cnn = {
    .name = "cnn",
    .summary = "A small convolutional network on drawn pictures (EmoEye's scanpaths)",
    .options = options,
    .check = check,
    .build = build,
    .single = true,
};
