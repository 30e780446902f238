/* SPDX-License-Identifier: MIT */
/* Differences of runs: kept until all are found, corrected for their number, written.
 */
#ifndef MIEN_CLI_COMPARE_TABLE_H
#define MIEN_CLI_COMPARE_TABLE_H

#include "cli/figures.h"

typedef struct cli_difference {
    char target[CLI_TARGET_NAME];
    const char *metric, *run; /**< run: path of the second */
    int64_t rows, groups;
    double a, b;
    mien_interval apart;
    double p, p_holm;
} cli_difference;

typedef struct cli_differences {
    cli_difference *of;
    int count, room;
    int runs; /**< that are compared with the first */
} cli_differences;

mien_status cli_differences_add(cli_differences *all, const cli_difference *one);
void cli_differences_clear(cli_differences *all);
/** MIEN_EINVAL for a text that is neither a number nor METRIC=NUMBER, … */
mien_status cli_margin_check(const char *margin);
/** Fills p_holm: of one target and metric over all second runs. */
void cli_differences_adjust(cli_differences *all);
/** One second run and no margin: columns a, b, difference, low, high. Else also the
 * run, p, p by Holm over the runs of a metric, and with a margin what may be said. */
mien_status cli_differences_write(
    const mien_options *options, cli_differences *all, mien_table_writer **writer);

#endif
