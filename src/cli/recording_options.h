/* SPDX-License-Identifier: MIT */
/* Options of the commands that read recordings. */
#ifndef MIEN_CLI_RECORDING_OPTIONS_H
#define MIEN_CLI_RECORDING_OPTIONS_H

#include "cli/command.h"

#define CLI_RECORDING_OPTIONS                                                          \
    {.name = "reader",                                                                 \
        .type = MIEN_OPTION_TEXT,                                                      \
        .metavar = "FORMAT",                                                           \
        .help = "Format of recordings: bids, e4, eyelink, opensignals, xdf, table "    \
                "(default: by what the file looks like)"},                             \
        {.name = "preset",                                                             \
            .type = MIEN_OPTION_TEXT,                                                  \
            .metavar = "NAME",                                                         \
            .help =                                                                    \
                "Columns of a table of samples: gazepoint, tobii, pupil (names of "    \
                "Tobii and Pupil are from memory)"},                                   \
        {.name = "columns",                                                            \
            .type = MIEN_OPTION_TEXT,                                                  \
            .metavar = "NAME=COLUMN,…",                                                \
            .help = "Columns by hand: time, then channels; valid.NAME, unit.NAME, "    \
                    "time-unit, rate, split, event and stimulus say the rest"},        \
    {                                                                                  \
        .name = "transfer", .type = MIEN_OPTION_TEXT, .metavar = "NAME=FUNCTION,…",    \
        .help = "What raw counts of OpenSignals mean: eda, ecg or emg as a "           \
                "BITalino at 3.3 V converts"                                           \
    }

mien_recording_options cli_recording_options(const mien_options *options);
/** Recordings that a path stands for: a file, a folder of one (E4), the runs of a BIDS
 * data set; mien_names_free(). */
mien_status cli_recordings(const char *path, char ***paths, int64_t *count);

#endif
