/* SPDX-License-Identifier: MIT */
/* Backbones of a study that are files. In comes the name that a study gives; out go the
 * backbone's row, the stage `graph` that stands for it in a network and the input that
 * suits it. study_take.c and recipe_architecture.c call this. */
#include "train/study/recipe_backbone.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "models/layer_list.h"

mien_status mien_recipe_backbone(
    const mien_study *study, const char *name, const mien_backbone **backbone) {
    char whole[PATH_MAX];
    if (!mien_backbone_is_file(name)) {
        return mien_backbone_find_pictures(name, backbone);
    }
    char *path = mien_path_join(study->folder, name);
    if (!path) {
        return MIEN_ENOMEM;
    }
    mien_status status =
        realpath(path, whole)
            ? mien_backbone_file_open(whole, backbone)
            : mien_fail(MIEN_ENOTFOUND, "there is no file %s (from the study's folder)",
                  path);
    mien_free(path);
    return status;
}

/* Builds the network to find the layer in it. */
static mien_status find_layer(const mien_input *input, const mien_backbone *backbone,
    const char *layer, mien_string *found) {
    const int64_t *size = input->shape.size;
    const int64_t shape[4] = {MIEN_BATCH, size[0], size[1], size[2]};
    mien_graph *graph = NULL;
    mien_node in, last, node = -1;
    if (input->shape.rank != 3) {
        return mien_fail(MIEN_EINVAL, "%s reads pictures; %s gives none",
            backbone->name, input->name);
    }
    mien_status status = mien_graph_new(&graph);
    if (status == MIEN_OK) {
        status = mien_graph_input(graph, "input picture", 4, shape, &in);
    }
    if (status == MIEN_OK) {
        status = backbone->build(graph, in, &last);
    }
    if (status == MIEN_OK) {
        status = mien_layer_find(graph, backbone, layer, &node);
    }
    if (status == MIEN_OK && node <= in) {
        status = mien_fail(
            MIEN_EINVAL, "layer \"%s\" is what %s reads", layer, backbone->name);
    }
    if (status == MIEN_OK) {
        status = mien_string_add(found, mien_graph_name(graph, node));
    }
    mien_graph_free(&graph);
    return status;
}

mien_status mien_recipe_file_stage(mien_architecture *architecture, int input,
    const mien_backbone *backbone, const char *layer, const char *grid) {
    mien_architecture *a = architecture;
    const mien_backbone_file *file = mien_backbone_file_of(backbone);
    const mien_branch_kind *kind = NULL;
    mien_options *options = NULL;
    mien_string end;
    mien_string_init(&end);
    if (a->graphs && a->graphs != file->graphs) {
        return mien_fail(MIEN_EUNSUPPORTED,
            "%s: a second file: the backbones of one study are of one file, or of the "
            "table",
            backbone->name);
    }
    mien_status status = find_layer(&a->inputs[input], backbone, layer, &end);
    if (status == MIEN_OK) {
        status = mien_branch_kind_find("graph", &kind);
    }
    if (status == MIEN_OK) {
        status = mien_options_new(kind->options, &options);
    }
    const char *const pairs[][2] = {{"of", file->graph}, {"output", end.text},
        {"grid", grid}, {"colours", file->grey ? "grey" : "rgb"},
        {"layout", file->channels_last ? "channels-last" : "channels-first"}};
    for (int i = 0; status == MIEN_OK && i < 5; i++) {
        status = mien_options_set(options, "backbone", pairs[i][0], pairs[i][1]);
    }
    if (status == MIEN_OK) {
        status = mien_architecture_stage(a, input, kind->name, options);
        a->graphs = file->graphs;
    }
    mien_options_free(&options);
    mien_string_clear(&end);
    return status;
}

mien_status mien_recipe_file_options(const mien_study *study,
    mien_architecture *architecture, int input, const mien_options *options) {
    const mien_backbone *backbone = NULL;
    char grid[32];
    if (mien_options_text(options, "layers")[0] ||
        mien_options_flag(options, "mirror")) {
        return mien_fail(MIEN_EUNSUPPORTED,
            "several layers and mirrored pictures are for read-outs (method: readout)");
    }
    snprintf(grid, sizeof grid, "%lld", (long long)mien_options_int(options, "grid"));
    mien_status status =
        mien_recipe_backbone(study, mien_options_text(options, "name"), &backbone);
    return status == MIEN_OK ? mien_recipe_file_stage(architecture, input, backbone,
                                   mien_options_text(options, "layer"), grid)
                             : status;
}

/* "0.485,0.456,0.406". */
static const char *numbers(const double values[3], char *text, size_t size) {
    snprintf(text, size, "%.9g,%.9g,%.9g", values[0], values[1], values[2]);
    return text;
}

mien_status mien_recipe_file_face(
    const mien_backbone *backbone, const char *name, mien_input *input) {
    const mien_backbone_file *file = mien_backbone_file_of(backbone);
    const mien_preprocess p = backbone->preprocess();
    mien_options *options = NULL;
    char height[16], width[16], scale[32], mean[80], deviation[80];
    mien_status status = mien_input_init(input, "face", name);
    if (status == MIEN_OK && file->input && strcmp(file->input->kind, "face") == 0) {
        snprintf(input->settings, sizeof input->settings, "%s", file->input->settings);
        return mien_input_measure(input, NULL);
    }
    if (status == MIEN_OK) {
        status = mien_input_options(input, &options);
    }
    snprintf(height, sizeof height, "%d", p.crop_height);
    snprintf(width, sizeof width, "%d", p.crop_width);
    const char *const pairs[][2] = {{"height", height}, {"width", width},
        {"order", mien_preprocess_order(&p)},
        {"scale", mien_format_double(p.scale, scale)},
        {"mean", numbers(p.mean, mean, sizeof mean)},
        {"deviation", numbers(p.deviation, deviation, sizeof deviation)}};
    for (int i = 0; status == MIEN_OK && i < 6; i++) {
        status = mien_options_set(options, name, pairs[i][0], pairs[i][1]);
    }
    if (status == MIEN_OK) {
        status = mien_input_settings(input, options);
    }
    mien_options_free(&options);
    return status;
}
