/* SPDX-License-Identifier: MIT */
/* The parts of a run's report, in the order in which they stand on the page. */
#ifndef MIEN_REPORT_RUN_PARTS_H
#define MIEN_REPORT_RUN_PARTS_H

#include "report/run.h"
#include "report/svg.h"

mien_status mien_run_describe(mien_page *page, const mien_run *run);
mien_status mien_run_score_words(mien_page *page, const mien_run_target *target);
mien_status mien_run_score_table(mien_page *page, const mien_run *run);
mien_status mien_run_score_figure(mien_page *page, const mien_run *run);
mien_status mien_run_scatters(mien_page *page, const mien_run *run);
mien_status mien_run_residual_words(
    mien_page *page, const mien_run *run, const mien_run_target *target);
mien_status mien_run_plane(mien_page *page, const mien_run *run);
/** Each fold's scores; nothing of a run with one fold. */
mien_status mien_run_folds(mien_page *page, const mien_run *run);
/* Other assignments of the folds, exchanged labels. */
mien_status mien_run_variants(mien_page *page, const mien_run *run);
/** What a search tried and chose; nothing of runs without one. */
mien_status mien_run_search(mien_page *page, const mien_run *run);
mien_status mien_run_misses(
    mien_page *page, const mien_run *run, const mien_run_target *target);
/** Hits and misses as pictures; nothing where none is at hand. */
mien_status mien_run_examples(mien_page *page, const mien_run *run);
/** How many values each part has learnt; nothing of results that do not say. */
mien_status mien_run_values_table(mien_page *page, const mien_run *run);
mien_status mien_run_choice_table(mien_page *page, const mien_run *run);
/** How each class is answered, and what it is taken for. */
mien_status mien_run_class_tables(mien_page *page, const mien_run_target *target);
/** Conformal sets in words, intervals by value as a table; the curve of answering less
 * often. */
mien_status mien_run_abstention(mien_page *page, const mien_run_target *target);
/** Each group on its own, and what is known of their series; nothing of runs without.
 */
mien_status mien_run_groups(mien_page *page, const mien_run_target *target);
/** Persons and stimuli that were seen or not; nothing of runs without crossed folds. */
mien_status mien_run_crossed(mien_page *page, const mien_run *run);
/** Each person as a dot at the r within its own trials; nothing of runs of few. */
mien_status mien_run_persons(mien_page *page, const mien_run *run);
/** Loss over epochs, of every fold; nothing without metrics.csv. */
mien_status mien_run_curves(mien_page *page, const mien_run *run);
/** Each film over time, rated and predicted, with what drove each moment where the run
 * is explained; nothing where rows have no order in time. */
mien_status mien_run_films(mien_page *page, const mien_run *run);
/** The section on what each input contributes; it adds nothing without explain.json. */
mien_status mien_run_explanation(mien_page *page, const mien_run *run);
mien_status mien_run_study(mien_page *page, const mien_run *run);

/** An end of a scale: no decimals where it has none. Returns text. */
char *mien_scale_text(double value, char text[MIEN_NUMBER_MAX]);
/** A cell of a table; a dash for what is not finite. */
void mien_number_cell(mien_string *out, double value, int decimals);
/** The number behind a key of results.json; NaN if there is none. */
double mien_number_at(const mien_value *map, const char *key);

#endif
