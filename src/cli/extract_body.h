/* SPDX-License-Identifier: MIT */
/* `mien extract --signals SENSORS TRIALS.tsv -o NEW.tsv`: a trial table with features
 * of its recordings. */
#ifndef MIEN_CLI_EXTRACT_BODY_H
#define MIEN_CLI_EXTRACT_BODY_H

#include "cli/command.h"
#include "data/recordings/body_features.h"

/** Whether a table with a sidecar beside it. */
bool cli_is_trials(const char *path);
/** body has the sensors and the windows; the rest is taken from the options. */
mien_status cli_extract_body(
    cli *c, const mien_options *options, const char *trials, mien_body *body);

#endif
