/* SPDX-License-Identifier: MIT */
/* Differences of runs from the first of them, for other commands. */
#ifndef MIEN_CLI_COMPARE_H
#define MIEN_CLI_COMPARE_H

#include "cli/compare_table.h"

/** Each of paths [count > 1] beside the first, paired by trial, with p by Holm; options
 * are compare's. Clear found also after a failure. */
mien_status cli_compare(cli *c, const mien_options *options, int count,
    const char *const *paths, cli_differences *found);

#endif
