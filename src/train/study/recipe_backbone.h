/* SPDX-License-Identifier: MIT */
/* Backbones of a study that are files: imported networks. */
#ifndef MIEN_TRAIN_RECIPE_BACKBONE_H
#define MIEN_TRAIN_RECIPE_BACKBONE_H

#include "models/backbones/backbone_file.h"
#include "train/study/study.h"

/** A row of the table, or of a file whose path is taken from the study's folder. */
mien_status mien_recipe_backbone(
    const mien_study *study, const char *name, const mien_backbone **backbone);
/** The stage of a file as far as a layer: a graph that the model will keep. MIEN_EINVAL
 * for another picture's size, MIEN_ENOTFOUND names the nearest layer. */
mien_status mien_recipe_file_stage(mien_architecture *architecture, int input,
    const mien_backbone *backbone, const char *layer, const char *grid);
/** The same of the options of a stage `backbone`. */
mien_status mien_recipe_file_options(const mien_study *study,
    mien_architecture *architecture, int input, const mien_options *options);
/** An input of kind face as the file's network wants it: its own, or, where the file
 * says nothing of faces, of its size and colours. */
mien_status mien_recipe_file_face(
    const mien_backbone *backbone, const char *name, mien_input *input);

#endif
