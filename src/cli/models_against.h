/* SPDX-License-Identifier: MIT */
/* mien models import --against: is what a user says of a network right? */
#ifndef MIEN_CLI_MODELS_AGAINST_H
#define MIEN_CLI_MODELS_AGAINST_H

#include "cli/command.h"
#include "mien/graphs.h"

/** Prints how often the network of `path` is right on the labelled pictures of a trial
 * table under the contract and under others, and warns where another is better. A file
 * beside `output` holds models meanwhile. */
mien_status cli_models_against(cli *c, const char *trials, const char *path,
    const mien_import_options *how, const mien_import_contract *contract,
    const char *output);

#endif
