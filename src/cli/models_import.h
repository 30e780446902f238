/* SPDX-License-Identifier: MIT */
/* Options and work of `mien models import` and `mien models export`. */
#ifndef MIEN_CLI_MODELS_IMPORT_H
#define MIEN_CLI_MODELS_IMPORT_H

#include "cli/command.h"

#define CLI_IMPORT_OPTIONS                                                             \
    {.name = "like",                                                                   \
        .type = MIEN_OPTION_TEXT,                                                      \
        .metavar = "NETWORK",                                                          \
        .help = "import: fed and read as this network that people share (list: "       \
                "--like ?)"},                                                          \
        {.name = "classes",                                                            \
            .type = MIEN_OPTION_TEXT,                                                  \
            .metavar = "LABEL,…",                                                      \
            .help = "import: what its logits or probabilities are of, in their "       \
                    "order"},                                                          \
        {.name = "values",                                                             \
            .type = MIEN_OPTION_TEXT,                                                  \
            .metavar = "NAME,…",                                                       \
            .help = "import: values behind the classes, as valence,arousal"},          \
        {.name = "picture",                                                            \
            .type = MIEN_OPTION_TEXT,                                                  \
            .metavar = "KEY=VALUE;…",                                                  \
            .help =                                                                    \
                "import: how pictures are fed: order=bgr; scale=1; mean=0,0,0; …"},    \
        {.name = "faces",                                                              \
            .type = MIEN_OPTION_TEXT,                                                  \
            .metavar = "KEY=VALUE;…",                                                  \
            .help = "import: it reads faces, cut out so: crop=aligned; "               \
                    "template=arcface; … (like: as the network of --like)"},           \
        {.name = "size",                                                               \
            .type = MIEN_OPTION_TEXT,                                                  \
            .metavar = "HEIGHTxWIDTH",                                                 \
            .help = "import: size of its input where the file leaves it open, or "     \
                    "another"},                                                        \
        {.name = "against",                                                            \
            .type = MIEN_OPTION_TEXT,                                                  \
            .metavar = "TRIALS.tsv",                                                   \
            .help = "import: is the contract right? Tries other colours, values and "  \
                    "labels on labelled pictures"},                                    \
    {                                                                                  \
        .name = "net-output", .type = MIEN_OPTION_TEXT, .metavar = "NAME",             \
        .help = "import: which of its outputs (default: the first)"                    \
    }

/** usage: import FILE.onnx|FILE.h5 -o MODEL */
mien_status cli_models_import(cli *c, const mien_options *o, const char *path);
/** usage: export MODEL -o FILE.onnx */
mien_status cli_models_export(cli *c, const mien_options *o, const char *name);

#endif
