/* SPDX-License-Identifier: MIT */
/* Shared by the rows of presets.def. */
#include "models/parts/preset.h"

#include <stdio.h>

/* The branch of an input as the published networks call it. */
static void name_branch(mien_architecture *a, int input) {
    const mien_input named = a->inputs[input];
    mien_branch *branch = &a->branches[input];
    *branch = (mien_branch){0};
    snprintf(branch->prefix, sizeof branch->prefix, "inputs.%s", named.name);
}

void mien_preset_pass(mien_architecture *architecture) {
    for (int i = 0; i < architecture->inputs_count; i++) {
        name_branch(architecture, i);
    }
}

mien_status mien_preset_project(mien_architecture *architecture, int64_t width) {
    const mien_branch_kind *kind = NULL;
    mien_part_choice stage;
    char number[32];
    const char *const pairs[][2] = {{"width", number}};
    snprintf(number, sizeof number, "%lld", (long long)width);
    mien_status status = mien_branch_kind_find("project", &kind);
    if (status == MIEN_OK) {
        status = mien_part_from(
            &stage, kind->name, kind->options, NULL, &(mien_option){0}, pairs, 1);
    }
    for (int i = 0; status == MIEN_OK && i < architecture->inputs_count; i++) {
        name_branch(architecture, i);
        architecture->branches[i].stage[architecture->branches[i].stages++] = stage;
    }
    return status;
}

mien_status mien_preset_attend(mien_architecture *architecture, const char *fusion,
    const mien_options *given, const mien_option *table) {
    const mien_fusion_kind *kind = NULL;
    const mien_head_kind *head = NULL;
    char number[32];
    const char *const pairs[][2] = {{"read-dropout",
        mien_format_double(mien_options_number(given, "dropout"), number)}};
    mien_status status = mien_fusion_kind_find(fusion, &kind);
    if (status == MIEN_OK) {
        status = mien_part_from(
            &architecture->fusion, kind->name, kind->options, given, table, NULL, 0);
    }
    if (status == MIEN_OK) {
        status = mien_head_kind_find("linear", &head);
    }
    if (status == MIEN_OK) {
        status = mien_part_from(&architecture->head, head->name, head->options, NULL,
            &(mien_option){0}, pairs, 1);
    }
    architecture->head_prefix[0] = 0;
    return status;
}
