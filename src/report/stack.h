/* SPDX-License-Identifier: MIT */
/* Shares of a whole over time, one band above the other. */
#ifndef MIEN_REPORT_STACK_H
#define MIEN_REPORT_STACK_H

#include "report/svg.h"

/** Draws the series' shares on the plot (y from 0 to 1), names the bands where they are
 * widest and lists them above the plot. Of more than 8 bands the smaller ones are drawn
 * as one. */
mien_status mien_stack_draw(mien_string *out, const mien_plot *plot,
    const double *time_s, int64_t count, const mien_figure_series *series);
/** The band with the largest mean, and that mean; −1 without moments. */
int mien_stack_largest(const mien_figure_series *series, int64_t count, double *mean);

#endif
