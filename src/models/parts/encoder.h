/* SPDX-License-Identifier: MIT */
/* The encoder of AttendAffectNet: layers of attention and a small linear layer, each
 * normalised before and added to what it read. */
#ifndef MIEN_MODELS_ENCODER_H
#define MIEN_MODELS_ENCODER_H

#include "models/builder.h"

typedef struct mien_encoder {
    int64_t layers;
    int heads;
    bool tanh_before; /* W (y + tanh y) + b instead of relu(W y + b) */
    double dropout;
    mien_layer_norm_form norm;
    double epsilon;
    bool causal;
    mien_node mask; /* of tokens, not 0 where they are there; −1: all are */
} mien_encoder;

/** Rows of options that a kind with an encoder has; their defaults are the published
 * models'. */
#define MIEN_ENCODER_WIDTH                                                             \
    {                                                                                  \
        .name = "width", .type = MIEN_OPTION_INT, .initial = "8", .minimum = 2,        \
        .maximum = 4096, .help = "values of a token"                                   \
    }
#define MIEN_ENCODER_EMBEDDING                                                         \
    {                                                                                  \
        .name = "embedding", .type = MIEN_OPTION_FLAG, .initial = "false",             \
        .help = "adds a learned vector of its own to each input's token"               \
    }
#define MIEN_ENCODER_TEMPORAL                                                          \
    {                                                                                  \
        .name = "temporal-layers", .type = MIEN_OPTION_INT, .initial = "2",            \
        .minimum = 1, .maximum = 64,                                                   \
        .help = "layers of attention among segments, after those among features"       \
    }
#define MIEN_ENCODER_OPTIONS                                                           \
    {.name = "layers",                                                                 \
        .type = MIEN_OPTION_INT,                                                       \
        .initial = "6",                                                                \
        .minimum = 1,                                                                  \
        .maximum = 64,                                                                 \
        .help = "layers of attention"},                                                \
        {.name = "heads",                                                              \
            .type = MIEN_OPTION_INT,                                                   \
            .initial = "2",                                                            \
            .minimum = 1,                                                              \
            .maximum = 256,                                                            \
            .help =                                                                    \
                "parts of a token that are compared by themselves; divides width"},    \
        {.name = "feed-forward",                                                       \
            .type = MIEN_OPTION_CHOICE,                                                \
            .initial = "relu-after",                                                   \
            .choices = mien_encoder_forms,                                             \
            .help = "relu-after: relu(W y + b); tanh-before: W (y + tanh y) + b"},     \
        {.name = "pooled",                                                             \
            .type = MIEN_OPTION_CHOICE,                                                \
            .initial = "plain",                                                        \
            .choices = mien_encoder_pooled,                                            \
            .help = "what the last layer reads: plain: the pooled tokens; tanh: its "  \
                    "tanh"},                                                           \
        {.name = "dropout",                                                            \
            .type = MIEN_OPTION_NUMBER,                                                \
            .initial = "0.1",                                                          \
            .minimum = 0,                                                              \
            .maximum = 0.95,                                                           \
            .help = "of attention, of each layer's two parts and of what the last "    \
                    "layer reads"},                                                    \
        {.name = "norm",                                                               \
            .type = MIEN_OPTION_CHOICE,                                                \
            .initial = "deviation",                                                    \
            .choices = mien_encoder_norms,                                             \
            .help = "deviation: layers are normalised by the unbiased standard "       \
                    "deviation + epsilon; root: by sqrt(variance + epsilon)"},         \
        {.name = "epsilon",                                                            \
            .type = MIEN_OPTION_NUMBER,                                                \
            .initial = "1e-6",                                                         \
            .minimum = 1e-12,                                                          \
            .maximum = 1,                                                              \
            .help = "keeps that divisor from 0"},                                      \
    {                                                                                  \
        .name = "copies", .type = MIEN_OPTION_FLAG, .initial = "true",                 \
        .help = "training begins with layers that are copies of one, as the "          \
                "published models did"                                                 \
    }

extern const char *const mien_encoder_forms[];
extern const char *const mien_encoder_pooled[];
extern const char *const mien_encoder_norms[];

/** A kind's check(): heads divide width. */
mien_status mien_encoder_check(const mien_options *options);
/** The encoder that those options describe; no mask, not causal. */
mien_encoder mien_encoder_of(const mien_options *options);
/** tokens [N, …, T, D] → the same shape, normalised at the end. Nodes and parameters
 * are called PREFIX.layers.0.self_attn.linears.0, …, PREFIX.norm. */
mien_node mien_encoder_build(
    mien_builder *b, mien_node tokens, const mien_encoder *encoder, const char *prefix);
/** Adds what follows the pooled tokens [N, D]: tanh where it is asked for. */
mien_node mien_encoder_end(
    mien_builder *b, mien_node pooled, const mien_options *options);
/** A kind's start(): where "copies" is set, all four projections of all layers become
 * the first, and so do the linear layers behind. */
void mien_encoder_start(const mien_options *options, mien_parameters *parameters);

#endif
