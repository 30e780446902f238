/* SPDX-License-Identifier: MIT */
/* Matching of rows of predictions to trials. */
#ifndef MIEN_CLI_EVALUATE_MATCH_H
#define MIEN_CLI_EVALUATE_MATCH_H

#include "cli/command.h"

/** A row of predictions with how much of a trial it is about: seconds that both share;
 * 1 where one of them has no times. */
typedef struct cli_matched {
    int64_t row;
    double weight;
} cli_matched;

/** Rows of trial t are matched[first[t]] … matched[first[t + 1] − 1]. */
typedef struct cli_match {
    int64_t trials, rows;
    int64_t *first; /* [trials + 1] */
    cli_matched *matched;
    int64_t count, capacity;
    int64_t
        *stimulus; /* [trials]: the first trial about the same part of the same file */
    int64_t *file; /* [trials]: the first trial about the same file */
    bool *used;    /* [rows] of predictions that belong to some trial */
    int name;      /* column of the predictions that names what is predicted */
} cli_match;

/** Pairs by trial id (a column "trial"), by file name and time ("input"), or by the
 * rows of files of features ("row"). MIEN_EFORMAT if there is none of these columns, or
 * a name may be that of two files. Clear also after a failure. */
mien_status cli_match_make(
    cli_match *match, const mien_table *predictions, const mien_trials *trials);
void cli_match_clear(cli_match *match);
/** Leaves out rows that the model was trained on, as their column trained_on says,
 * unless they are to be kept, and warns either way. MIEN_EFORMAT if none is left. */
mien_status cli_match_leave_out(
    cli_match *match, const mien_table *predictions, bool keep);
/** Warns of rows that belong to no trial. */
void cli_match_tell(const cli_match *match, const mien_table *predictions);

#endif
