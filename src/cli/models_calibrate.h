/* SPDX-License-Identifier: MIT */
/* Work of `mien models calibrate`. */
#ifndef MIEN_CLI_MODELS_CALIBRATE_H
#define MIEN_CLI_MODELS_CALIBRATE_H

#include "cli/command.h"

/** usage: calibrate MODEL RUN|PREDICTIONS [--trials TRIALS.tsv] -o MODEL. --trials: the
 * ratings of what `mien predict MODEL` wrote. */
mien_status cli_models_calibrate(
    cli *c, const mien_options *o, const char *name, const char *predictions);

#endif
