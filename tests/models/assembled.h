/* SPDX-License-Identifier: MIT */
/* Architectures put together from settings as texts. */
#ifndef MIEN_TESTS_MODELS_ASSEMBLED_H
#define MIEN_TESTS_MODELS_ASSEMBLED_H

#include <string.h>

#include "mien/models.h"

static inline mien_status assembled_stage(
    mien_architecture *a, int input, const char *kind, const char *settings) {
    const mien_branch_kind *row = NULL;
    mien_options *options = NULL;
    mien_status status = mien_branch_kind_find(kind, &row);
    if (status == MIEN_OK) {
        status = mien_settings_read(kind, row->options, settings, &options);
    }
    if (status == MIEN_OK) {
        status = mien_architecture_stage(a, input, kind, options);
    }
    mien_options_free(&options);
    return status;
}

static inline mien_status assembled_fusion(
    mien_architecture *a, const char *kind, const char *settings) {
    const mien_fusion_kind *row = NULL;
    mien_options *options = NULL;
    mien_status status = mien_fusion_kind_find(kind, &row);
    if (status == MIEN_OK) {
        status = mien_settings_read(kind, row->options, settings, &options);
    }
    if (status == MIEN_OK) {
        status = mien_architecture_fuse(a, kind, options);
    }
    mien_options_free(&options);
    return status;
}

static inline mien_status assembled_head(
    mien_architecture *a, const char *kind, const char *settings) {
    const mien_head_kind *row = NULL;
    mien_options *options = NULL;
    mien_status status = mien_head_kind_find(kind, &row);
    if (status == MIEN_OK) {
        status = mien_settings_read(kind, row->options, settings, &options);
    }
    if (status == MIEN_OK) {
        status = mien_architecture_head(a, kind, options);
    }
    mien_options_free(&options);
    return status;
}

static inline mien_status assembled_preset(
    mien_architecture *a, const char *name, const char *settings) {
    const mien_preset *row = NULL;
    mien_options *options = NULL;
    mien_status status = mien_preset_find(name, &row);
    if (status == MIEN_OK) {
        status = mien_settings_read(name, row->options, settings, &options);
    }
    if (status == MIEN_OK) {
        status = mien_architecture_preset(a, name, options);
    }
    mien_options_free(&options);
    return status;
}

/** Adds an input of features. */
static inline mien_status assembled_features(
    mien_architecture *a, const char *name, int64_t width, bool optional) {
    mien_input input;
    mien_status status = mien_input_features(name, width, &input);
    if (status == MIEN_OK) {
        input.optional = optional;
        status = mien_architecture_add(a, &input);
    }
    return status;
}

/** One picture through a backbone whose parameters have their published names, and a
 * head. */
static inline mien_status assembled_pictures(mien_architecture *a,
    const mien_preprocess *preprocess, const char *stage, const char *head,
    int64_t outputs) {
    mien_input input;
    *a = mien_architecture_default();
    mien_status status = mien_input_picture("image", preprocess, &input);
    if (status == MIEN_OK) {
        status = mien_architecture_add(a, &input);
    }
    if (status == MIEN_OK) {
        status = assembled_stage(a, 0, "backbone", stage);
    }
    if (status == MIEN_OK) {
        status = assembled_head(a, "linear", head);
    }
    a->branches[0].prefix[0] = 0;
    a->outputs = outputs;
    return status;
}

#endif
