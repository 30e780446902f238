/* SPDX-License-Identifier: MIT */
/* Shared by the figures: drawing by templates, scales, ticks, numbers as text. */
#ifndef MIEN_REPORT_SVG_H
#define MIEN_REPORT_SVG_H

#include "mien/report.h"

#define MIEN_NUMBER_MAX 40

/** Appends a template in which # stands for the next double (a length, one decimal) and
 * $ for the next const char * (escaped). Apostrophes are written as quotation marks. */
void mien_svg(mien_string *out, const char *form, ...);

/** <svg> of this size, its <title> and <desc>; mien_svg_end() closes it. */
void mien_svg_begin(mien_string *out, double width, double height, const char *title,
    const char *description);
void mien_svg_end(mien_string *out);

/** The value with a fixed number of decimals, never in exponents, with a real minus
 * sign; "n/a" for NaN and infinities; the locale does not matter. Returns text. */
char *mien_fixed(double value, int decimals, char text[MIEN_NUMBER_MAX]);

/** Round numbers 1, 2 or 5 × 10^k apart: at most `most` of them in [low, high]. */
typedef struct mien_ticks {
    double first, step;
    int count, decimals;
} mien_ticks;
mien_ticks mien_ticks_of(double low, double high, int most);
double mien_tick_at(const mien_ticks *ticks, int index);

/** A rectangle on the page that stands for a range of values. */
typedef struct mien_plot {
    double left, top, width, height;
    double x_low, x_high, y_low, y_high;
} mien_plot;

double mien_plot_x(const mien_plot *plot, double x);
double mien_plot_y(const mien_plot *plot, double y); /**< larger is higher */
/** Clamped to the rectangle. */
double mien_plot_y_inside(const mien_plot *plot, double y);

/** A range that is fit for an axis: given one, or else of the values, never empty. */
void mien_axis_range(double minimum, double maximum, const double *value, int64_t count,
    double range[2]);

/** Grid line, tick and number for each tick; the name beside. */
void mien_axis_x(mien_string *out, const mien_plot *plot, const char *name);
void mien_axis_y(mien_string *out, const mien_plot *plot, int most, const char *name);

#endif
