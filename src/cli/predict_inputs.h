/* SPDX-License-Identifier: MIT */
/* The arguments of mien predict: names, trial tables or NAME=FILE pairs. */
#ifndef MIEN_CLI_PREDICT_INPUTS_H
#define MIEN_CLI_PREDICT_INPUTS_H

#include "cli/command.h"
#include "predict/rows.h"

typedef struct cli_predict_inputs {
    mien_rows rows;
    bool paired; /* rows of files of features: all of them or none are predicted */
} cli_predict_inputs;

/** The columns of --input as mien_predict_options takes them: columns [*count], which
 * lends from arena. */
mien_status cli_predict_columns(
    const mien_options *o, mien_arena *arena, const char *const **columns, int *count);
/** Reads --features and the positional arguments behind the model: files of features
 * where there is a NAME=FILE among them, else pictures, films, folders, lists and
 * tables. Clear also after a failure. */
mien_status cli_predict_inputs_open(cli *c, const mien_options *o,
    const mien_model *model, const mien_predict_options *options, int count,
    const char *const *positional, cli_predict_inputs *inputs);
/** The failure of a call that says nothing to predict. */
mien_status cli_predict_nothing(cli *c);
void cli_predict_inputs_clear(cli_predict_inputs *inputs);
/** MIEN_EINVAL where output is a file that is read: an input, the model, its weights.
 */
mien_status cli_predict_keep_inputs(const cli_predict_inputs *inputs,
    const mien_options *o, int count, const char *const *positional,
    const char *output);

#endif
