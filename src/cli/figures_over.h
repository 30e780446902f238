/* SPDX-License-Identifier: MIT */
/* What intervals are over: the groups of a table, or its persons and stimuli. */
#ifndef MIEN_CLI_FIGURES_OVER_H
#define MIEN_CLI_FIGURES_OVER_H

#include "cli/evaluate_labels.h"
#include "cli/evaluate_pairs.h"

/* A row of a command's options. */
#define CLI_OVER_OPTION                                                                \
    {                                                                                  \
        .name = "over", .type = MIEN_OPTION_TEXT, .metavar = "COLUMN[,COLUMN]",        \
        .help = "What intervals are over: other groups, or two that cross, "           \
                "person,stimulus (default: the column group; of a run by crossed "     \
                "folds what it crossed)"                                               \
    }

typedef struct cli_over {
    int64_t *group, *across; /**< [rows of the table]; NULL: as it is without */
} cli_over;

/** Reads the columns that --over names, or that the run crossed whose folder, or table
 * of predictions within it, is at `path`. MIEN_ENOTFOUND names a column that is not
 * there, MIEN_EFORMAT a row without one of them. Clear also after a failure. */
mien_status cli_over_read(cli_over *over, const mien_options *options, const char *path,
    const mien_table *table);
void cli_over_clear(cli_over *over);
/** Gives pairs, or labels, what they share; `groups` becomes the fewer of both. */
mien_status cli_over_pairs(const cli_over *over, cli_pairs *pairs);
mien_status cli_over_labels(const cli_over *over, cli_labels *labels);

#endif
