/* SPDX-License-Identifier: MIT */
/* A small network on faces with drawn weights for tests: three classes. */
#ifndef MIEN_TESTS_MODELS_FACE_FILES_H
#define MIEN_TESTS_MODELS_FACE_FILES_H

#include "models/network_files.h"

enum { FACE_CLASSES = 3 };

static const char *const face_feelings[] = {"happy", "sad", "neutral"};

/** backbone: "resnet_small", or another with the layer to read. */
static inline mien_status face_save_drawn(
    const char *path, const char *backbone, const char *layer) {
    const mien_branch_kind *kind = NULL;
    mien_options *options = NULL;
    mien_input input;
    mien_network n = {.architecture = mien_architecture_default(),
        .targets_count = 1,
        .targets = {{.name = "emotion",
            .unit = "label",
            .construct = "depicted",
            .perspective = "normative",
            .link = MIEN_LINK_SOFTMAX,
            .classes_count = FACE_CLASSES,
            .classes = face_feelings}},
        .licence = "MIT"};
    n.architecture.outputs = FACE_CLASSES;
    mien_status status = mien_input_init(&input, "face", "face");
    status = status ? status : mien_input_measure(&input, NULL);
    status = status ? status : mien_architecture_add(&n.architecture, &input);
    status = status ? status : mien_branch_kind_find("backbone", &kind);
    status = status ? status : mien_options_new(kind->options, &options);
    status = status ? status : mien_options_set(options, NULL, "name", backbone);
    status = status ? status : mien_options_set(options, NULL, "layer", layer);
    status = status ? status
                    : mien_architecture_stage(&n.architecture, 0, "backbone", options);
    mien_options_free(&options);
    return status ? status : network_save_drawn(path, &n, NULL, 0);
}

#endif
