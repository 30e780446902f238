/* SPDX-License-Identifier: MIT */
/* mien predict over files of features. */
#ifndef MIEN_CLI_PREDICT_FEATURES_H
#define MIEN_CLI_PREDICT_FEATURES_H

#include "cli/command.h"

/** Predicts from NAME=FILE pairs: those of --features and the positional ones. format:
 * "csv", "tsv", "jsonl" or a timeline's. Nothing is written unless all went well. */
mien_status cli_predict_features(cli *c, const mien_options *o, const char *format,
    mien_predictor *predictor, int count, const char *const *positional);

#endif
