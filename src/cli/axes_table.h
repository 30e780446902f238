/* SPDX-License-Identifier: MIT */
/* The figures of runs that differ in a key of their study, in one table. */
#ifndef MIEN_CLI_AXES_TABLE_H
#define MIEN_CLI_AXES_TABLE_H

#include "cli/train_axes.h"

/** Writes runs->axes (axes.csv): of each run, target and metric the figure with its
 * interval, and what it is above the first run's, paired by trial, with interval, p and
 * p by Holm over the runs. */
mien_status cli_axes_table_write(
    cli *c, const mien_study_axes *axes, const cli_run_paths *runs);
/** A line for each run and target, of the main figure. */
mien_status cli_axes_table_say(cli *c, const char *table);

#endif
