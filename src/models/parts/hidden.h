/* SPDX-License-Identifier: MIT */
/* Hidden layers, of the head and of branches: widths, activations, dropout and
 * batch-norm a layer. */
#ifndef MIEN_MODELS_HIDDEN_H
#define MIEN_MODELS_HIDDEN_H

#include "models/parts/parts.h"

#define MIEN_HIDDEN_MAX 16
typedef struct mien_hidden {
    int count;
    int64_t width[MIEN_HIDDEN_MAX];
    char activation[MIEN_HIDDEN_MAX][16]; /* "none", or as mien_activation_find() */
    double dropout[MIEN_HIDDEN_MAX];      /* after the activation; 0: none */
    bool norm[MIEN_HIDDEN_MAX];           /* before it */
} mien_hidden;

/** Rows of options that say them. Lists have one item for all layers or one a layer. */
#define MIEN_HIDDEN_OPTIONS                                                            \
    {.name = "layers",                                                                 \
        .type = MIEN_OPTION_TEXT,                                                      \
        .initial = "",                                                                 \
        .help = "widths of the hidden layers, \"512 64\""},                            \
        {.name = "activation",                                                         \
            .type = MIEN_OPTION_TEXT,                                                  \
            .initial = "relu",                                                         \
            .help =                                                                    \
                "behind each hidden layer: one for all, or a list, \"relu none\""},    \
        {.name = "dropout",                                                            \
            .type = MIEN_OPTION_TEXT,                                                  \
            .initial = "0",                                                            \
            .help = "behind each activation: one for all, or a list, \"0.5 0\""},      \
    {                                                                                  \
        .name = "batch-norm", .type = MIEN_OPTION_TEXT, .initial = "false",            \
        .help = "before each activation: one for all, or a list, \"true false\""       \
    }

/** A list of widths under a key, each 1 to 2^20; MIEN_EINVAL names the key, or `what`
 * and its number: "hidden layer". */
mien_status mien_hidden_widths(const char *key, const char *what, const char *text,
    int64_t *widths, int most, int *count);
/** MIEN_EINVAL names the layer and what is wrong with it. */
mien_status mien_hidden_read(const mien_options *options, mien_hidden *hidden);
/** An activation by name; "none" is x itself. */
mien_node mien_hidden_apply(
    mien_builder *b, mien_node x, const char *activation, const char *node);

#endif
