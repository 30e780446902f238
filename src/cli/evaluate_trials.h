/* SPDX-License-Identifier: MIT */
/* Judges the output of `mien predict` by the ratings of a trial table. */
#ifndef MIEN_CLI_EVALUATE_TRIALS_H
#define MIEN_CLI_EVALUATE_TRIALS_H

#include "cli/evaluate_labels.h"
#include "cli/evaluate_match.h"
#include "cli/evaluate_pairs.h"

/** Pairs of a target of numbers. mean_raters: trials about the same part of the same
 * file count once, with the mean of their ratings. Clear also after a failure. */
mien_status cli_pairs_of_trials(const mien_table *predictions,
    const mien_trials *trials, const cli_match *match, const mien_trials_target *target,
    bool mean_raters, cli_pairs *pairs);
/** Pairs of a target of classes; its label stands in the column of its name,
 * probabilities in TARGET_p_CLASS, if there are any. Clear also after a failure. */
mien_status cli_labels_of_trials(const mien_table *predictions,
    const mien_trials *trials, const cli_match *match, const mien_trials_target *target,
    cli_labels *labels);

#endif
