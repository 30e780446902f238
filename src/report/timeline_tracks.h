/* SPDX-License-Identifier: MIT */
/* Effects of a few things on a series, moment by moment: a lane of bars each. */
#ifndef MIEN_REPORT_TIMELINE_TRACKS_H
#define MIEN_REPORT_TIMELINE_TRACKS_H

#include "report/svg.h"

/** The height that the tracks of a series take below its panel; 0 without effects. */
double mien_timeline_tracks_height(const mien_figure_series *series);
/** Draws them below the panel: bars up and down from the middle of each lane, on one
 * scale, strong where the effect is the moment's largest. */
void mien_timeline_tracks_draw(mien_string *out, const mien_plot *panel,
    const double *time_s, int64_t count, const mien_figure_series *series);
/** A sentence: what is strongest at most moments. */
void mien_timeline_tracks_describe(
    mien_string *out, const mien_figure_series *series, int64_t count);

#endif
