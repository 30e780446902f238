/* SPDX-License-Identifier: MIT */
/* Runs of a study in which a key has a list of values: a run folder for each. */
#ifndef MIEN_CLI_TRAIN_AXES_H
#define MIEN_CLI_TRAIN_AXES_H

#include "cli/command.h"
#include "train/study/axes.h"

/** How cmd_train.c opens one study, with the inputs that are computed of films; set is
 * kept as long as the study. */
typedef mien_status cli_train_opener(cli *c, const mien_options *options,
    const char *path, const char **sets, int count, mien_string *set,
    mien_study **study);

/** mien train of a study with axes. options: train's own. */
mien_status cli_train_axes(cli *c, const mien_options *options, const char *path,
    const mien_study_axes *axes, cli_train_opener *open);

/** Whether a folder holds the runs of axes. */
bool cli_axes_is(const char *folder);
/** Goes on with one that was stopped. */
mien_status cli_axes_resume(
    cli *c, const char *folder, const mien_train_options *options);

/** Run folders for reports and comparisons: a folder of axes stands for its runs. */
typedef struct cli_run_paths {
    char **path;
    int count;
    char *axes; /**< axes.csv of the only folder, if it is one of axes; else NULL */
} cli_run_paths;
mien_status cli_run_paths_open(
    cli_run_paths *paths, int count, const char *const *given);
void cli_run_paths_clear(cli_run_paths *paths);
/** MIEN_EINVAL for a folder of axes, naming its runs: one of them is wanted. */
mien_status cli_axes_refuse(const char *folder);

#endif
