/* SPDX-License-Identifier: MIT */
/* mien predict with a model on faces. */
#ifndef MIEN_CLI_PREDICT_FACES_H
#define MIEN_CLI_PREDICT_FACES_H

#include "cli/command.h"

/** Whether a model's only input is faces. */
bool cli_reads_faces(const mien_model *model);
/** Predicts each face of pictures and films. format: "csv", "tsv", "jsonl", "fex",
 * "openface" or a timeline's. */
mien_status cli_predict_faces(cli *c, const mien_options *o, const char *format,
    mien_predictor *predictor, int count, const char *const *positional);

#endif
