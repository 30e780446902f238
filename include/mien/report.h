/* SPDX-License-Identifier: MIT */
/* Figures as SVG and self-contained HTML pages, readable without colour.
 *
 *     enum { N = 3 };
 *     double time_s[N] = {0, 1, 2}, valence[N] = {-0.2, 0.1, 0.4};
 *     mien_figure_series series = {
 *         .name = "valence", .value = valence, .minimum = -1, .maximum = 1};
 *     mien_string figure;
 *     mien_page *page = NULL;
 *     mien_string_init(&figure);
 *     mien_status status = mien_page_new("A film", "of three seconds", &page);
 *     if (status == MIEN_OK) {
 *         status = mien_figure_timeline(
 *             &figure, "Valence", time_s, N, &series, 1, NULL, 0);
 *     }
 *     if (status == MIEN_OK && mien_page_html(page, figure.text) == MIEN_OK) {
 *         status = mien_page_write(page, "film.html");
 *     }
 *     mien_page_free(&page);
 *     mien_string_clear(&figure);
 */
#ifndef MIEN_REPORT_H
#define MIEN_REPORT_H

#include "mien/eval.h"
#include "mien/io.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Figures append an <svg> element to out. Widths in CSS px; text in the page's font;
 * every figure has <title> and <desc>. Series differ in shape, dash and label, never
 * colour alone. */

typedef struct mien_figure_thumbnail {
    double time_s;
    const void *jpeg; /**< lent */
    size_t jpeg_bytes;
} mien_figure_thumbnail;

typedef struct mien_figure_series {
    const char *name;         /**< "valence" */
    const double *value;      /**< [count] */
    const double *low, *high; /**< interval band; NULL: none */
    double minimum, maximum;  /**< axis */
    int bands_count; /**< > 0: shares of a whole instead of all from value on */
    const char *const *bands; /**< [bands_count] their names, from below */
    const double *shares;     /**< [count, bands_count], finite, each row of sum 1 */
    const double *truth;      /**< [count] a second, thinner line; NULL: none */
    int effects_count; /**< > 0: a lane each below the line, bars up and down, that of
                          the moment's largest effect strong */
    const char *const *effects; /**< [effects_count] their names */
    const double *effect;       /**< [count, effects_count]; NaN: unknown */
} mien_figure_series;

/** Lines, or stacked bands for shares, over a strip of thumbnails; one panel a series.
 * Of more than 8 bands the smaller ones are drawn as one. */
MIEN_API mien_status mien_figure_timeline(mien_string *out, const char *title,
    const double *time_s, int64_t count, const mien_figure_series *series,
    int series_count, const mien_figure_thumbnail *thumbnails,
    int64_t thumbnails_count);

/** What is heard and cut in a film, as rows below its series. */
typedef struct mien_figure_scene {
    int64_t moments;            /**< of sound; 0: there is none */
    double step_s;              /**< moment i begins at i × step_s */
    const double *level_db;     /**< [moments] of full scale */
    const bool *speech, *music; /**< [moments] it sounds like it */
    bool is_seen;               /**< its pictures were looked at for cuts */
    const double *cut_s;        /**< [cuts] when a shot begins */
    int64_t cuts;
} mien_figure_scene;
/** mien_figure_timeline() with these rows between series and thumbnails; NULL: none. */
MIEN_API mien_status mien_figure_timeline_of_film(mien_string *out, const char *title,
    const double *time_s, int64_t count, const mien_figure_series *series,
    int series_count, const mien_figure_thumbnail *thumbnails, int64_t thumbnails_count,
    const mien_figure_scene *scene);

typedef struct mien_figure_axis {
    const char *name; /**< "valence (1-7 rating)" */
    double minimum, maximum;
} mien_figure_axis;

/** Dots; labels (NULL, or one per point) become <title>s. connect draws the path in
 * order. */
MIEN_API mien_status mien_figure_scatter(mien_string *out, const char *title,
    const mien_figure_axis *x_axis, const double *x, const mien_figure_axis *y_axis,
    const double *y, const char *const *labels, int64_t count, bool identity_line,
    bool connect);

/** Values of one group of a scale, NaN where missing. */
typedef struct mien_figure_group {
    const char *name;
    const double *value;
    int64_t count;
} mien_figure_group;
/** A histogram of each group in ten bins from the axis' minimum to its maximum (of the
 * first group's values where these are not finite), each by its own share, all drawn to
 * one height. */
MIEN_API mien_status mien_figure_histograms(mien_string *out, const char *title,
    const mien_figure_axis *axis, const mien_figure_group *groups, int count);

/** One row a metric, cells with intervals. */
typedef struct mien_report_metric {
    const char *target, *model, *metric;
    mien_interval interval;
} mien_report_metric;
MIEN_API mien_status mien_report_metrics(
    mien_string *out, const mien_report_metric *metrics, int64_t count);

/** A page around sections of HTML already made. Text arguments are escaped; body is
 * not. */
typedef struct mien_page mien_page;
MIEN_API mien_status mien_page_new(
    const char *title, const char *subtitle, mien_page **page);
MIEN_API void mien_page_free(mien_page **page);
MIEN_API mien_status mien_page_heading(mien_page *page, const char *text);
MIEN_API mien_status mien_page_paragraph(mien_page *page, const char *text);
MIEN_API mien_status mien_page_html(mien_page *page, const char *html);
/** Header row and cells; the text is escaped; numbers align right. */
MIEN_API mien_status mien_page_table(mien_page *page, const char *caption, int columns,
    const char *const *header, int64_t rows, const char *const *cells);
/** Writes the whole page; the old file stays on failure. */
MIEN_API mien_status mien_page_write(const mien_page *page, const char *path);

/** Escapes & < > " ' into out. */
MIEN_API mien_status mien_html_escape(mien_string *out, const char *text);
/** The bytes of a JPEG as the address of a picture (data:…), for src and href. */
MIEN_API mien_status mien_html_jpeg(mien_string *out, const void *jpeg, size_t bytes);

/** Gives what a trial showed as a small JPEG, which the report frees with mien_free():
 * a picture, or (at_s finite) the moment of a film. Whatever fails is left out of the
 * page; MIEN_ENOMEM and MIEN_EINTERRUPTED end the report. */
typedef mien_status mien_report_picture(
    void *context, const char *file, double at_s, void **jpeg, size_t *bytes);
typedef struct mien_report_options {
    mien_report_picture *picture; /**< NULL (default): a page without pictures */
    void *context;                /**< for picture */
    const char *axes; /**< axes.csv of the folder whose runs these are (NULL: none):
                         their paired differences stand under their figures */
} mien_report_options;
MIEN_API mien_report_options mien_report_options_default(void);

/** The report of one or more run folders written by train: reads results.json,
 * metrics.csv, predictions.csv, study.yaml and what `mien explain` wrote there. */
MIEN_API mien_status mien_report_runs(
    const char *const *runs, int count, const char *path);
/** The same with options (NULL: the defaults). With options.picture also which file
 * each trial showed is read, out of trials.tsv, by the folder that run.json names, and
 * hits and misses are drawn as pictures. */
MIEN_API mien_status mien_report_runs_with(const char *const *runs, int count,
    const mien_report_options *options, const char *path);

#ifdef __cplusplus
}
#endif

#endif
