/* SPDX-License-Identifier: MIT */
/* Tables of figures with intervals: their options, and how they are written. */
#ifndef MIEN_CLI_FIGURES_H
#define MIEN_CLI_FIGURES_H

#include "cli/command.h"
#include "cli/output.h"

/* Rows of a command's options. */
#define CLI_FIGURE_OPTIONS                                                             \
    {.name = "intervals",                                                              \
        .type = MIEN_OPTION_CHOICE,                                                    \
        .initial = "jackknife",                                                        \
        .choices = (const char *const[]){"jackknife", "bootstrap", NULL},              \
        .help = "Leave each group out, or draw groups (narrow below 50 of them)"},     \
        {.name = "repeats",                                                            \
            .type = MIEN_OPTION_INT,                                                   \
            .initial = "2000",                                                         \
            .minimum = 10,                                                             \
            .maximum = 1000000,                                                        \
            .help = "Resamples of the bootstrap"},                                     \
        {.name = "level",                                                              \
            .type = MIEN_OPTION_NUMBER,                                                \
            .initial = "0.95",                                                         \
            .minimum = 0.5,                                                            \
            .maximum = 0.999,                                                          \
            .help = "Level of the intervals"},                                         \
        {.name = "seed",                                                               \
            .type = MIEN_OPTION_INT,                                                   \
            .initial = "1",                                                            \
            .minimum = 0,                                                              \
            .maximum = 4294967295.0,                                                   \
            .help = "Seed of the bootstrap"},                                          \
        {.name = "format",                                                             \
            .type = MIEN_OPTION_CHOICE,                                                \
            .initial = "tsv",                                                          \
            .choices = (const char *const[]){"csv", "tsv", "jsonl", NULL},             \
            .help = "How figures are written",                                         \
            .letter = 'f'},                                                            \
        {.name = "output",                                                             \
            .type = MIEN_OPTION_TEXT,                                                  \
            .metavar = "FILE",                                                         \
            .help = "Write here instead of standard output",                           \
            .letter = 'o'},                                                            \
        CLI_FORCE_OPTION

mien_interval_options cli_intervals_of(const mien_options *options);
/** Warns of intervals that rest on few groups. */
void cli_figures_few(int64_t groups);
/* Tells of how many values of a column the gap to the rest has no interval; 0: nothing.
 */
void cli_figures_lone(int64_t values);

/** The first cells of a row of figures. */
typedef struct cli_figures_of {
    const char *target, *metric;
    int64_t rows, groups;
} cli_figures_of;

/** Columns target, metric, rows, groups and then these. Does nothing if the table is
 * begun: call with its first figures, so that what fails before leaves an old file be.
 */
mien_status cli_figures_begin(const mien_options *options, int columns,
    const char *const *names, mien_table_writer **writer);
/** A figure for people: four decimals, or three digits of what would be 0 by them; for
 * programs: all digits. NULL where there is none. */
const char *cli_figure_text(double x, bool for_people, char text[32]);
/** values [columns]; NaN is n/a. CSV and JSON Lines have all digits, TSV is for people.
 */
mien_status cli_figures_row(const mien_options *options, mien_table_writer *writer,
    const cli_figures_of *of, int columns, const double *values);

/** A row of a table of figures with their intervals, which it begins if need be. */
mien_status cli_figures_interval(const mien_options *options,
    mien_table_writer **writer, const cli_figures_of *of,
    const mien_interval *interval);

/** Whether a table has columns NAME_p_CLASS of a target NAME: it is one of classes. */
bool cli_has_classes(const mien_table *table, const char *target);
enum { CLI_TARGET_NAME = 64 };
/** If column is NAME_prediction and NAME_truth is there too: NAME. */
bool cli_target_of_column(
    const mien_table *table, int column, char target[CLI_TARGET_NAME]);

/* Opens the table that --output and --format ask for; columns from `numeric` on hold
 * numbers, but for the last `texts`. */
mien_status cli_figures_open(const mien_options *options, int columns,
    const char *const *names, int numeric, int texts, mien_table_writer **writer);

#endif
