/* SPDX-License-Identifier: MIT */
/* The figures of a run's report. */
#include "report/run_parts.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { NAME_MAX_LENGTH = 160, PER_TARGET = 4 };

/* ---- scores -------------------------------------------------------------------- */

mien_status mien_run_score_figure(mien_page *page, const mien_run *run) {
    mien_figure_estimate list[PER_TARGET * MIEN_RUN_TARGETS_MAX];
    char name[PER_TARGET * MIEN_RUN_TARGETS_MAX][NAME_MAX_LENGTH];
    int n = 0;
    for (int t = 0; t < run->targets; t++) {
        const mien_run_target *target = &run->target[t];
        const mien_run_metric *r = mien_run_metric_find(target, "r");
        if (!r || !isfinite(r->model.value)) {
            continue;
        }
        char mine[48];
        snprintf(mine, sizeof mine, "this %s", mien_run_learner(run));
        const mien_interval none = {NAN, NAN, NAN},
                            ceiling = {target->ceiling, NAN, NAN};
        const struct {
            const char *what;
            mien_interval interval;
            mien_mark mark;
        } items[PER_TARGET] = {{mine, r->model, MIEN_MARK_DOT},
            {"plain last layer", r->plain, MIEN_MARK_SQUARE},
            {"", none, MIEN_MARK_DIAMOND}, {"noise ceiling", ceiling, MIEN_MARK_BAR}};
        for (int i = 0; i < PER_TARGET; i++) {
            if (isfinite(items[i].interval.value)) {
                snprintf(
                    name[n], sizeof name[n], "%.60s: %s", target->name, items[i].what);
                list[n] = (mien_figure_estimate){
                    name[n], items[i].interval, items[i].mark, i == 0};
                n++;
            }
        }
    }
    mien_string out;
    mien_string_init(&out);
    mien_status status = MIEN_OK;
    if (n > 0) {
        status = mien_figure_intervals(
            &out, "Correlation of predictions with ratings", "Pearson r", list, n, NAN);
    }
    if (status == MIEN_OK && n > 0) {
        status = mien_page_html(page, out.text);
    }
    mien_string_clear(&out);
    return status;
}

/* ---- predicted against rated --------------------------------------------------- */

static const char **labels_of(const mien_run *run) {
    const char **labels = mien_alloc((size_t)run->rows, sizeof *labels);
    int column = mien_table_column(run->predictions, "stimulus");
    int trial = mien_table_column(run->predictions, "trial");
    for (int64_t i = 0; labels && i < run->rows; i++) {
        const char *text = mien_table_cell(run->predictions, i, column);
        labels[i] = text && !mien_cell_missing(text)
                        ? text
                        : mien_table_cell(run->predictions, i, trial);
    }
    return labels;
}

static mien_figure_axis axis_of(
    const char *what, const mien_run_target *t, char name[NAME_MAX_LENGTH]) {
    snprintf(name, NAME_MAX_LENGTH, "%s %.60s", what, t->name);
    return (mien_figure_axis){name, t->minimum, t->maximum};
}

static void open_pair(mien_string *out) {
    mien_string_add(out, "<div class=\"pair\">\n");
}

static mien_status close_pair(mien_page *page, mien_string *out) {
    mien_string_add(out, "</div>\n");
    mien_status status = mien_string_status(out);
    return status == MIEN_OK ? mien_page_html(page, out->text) : status;
}

static mien_status add_scatter(mien_string *out, const char *title,
    mien_figure_axis x_axis, const double *x, mien_figure_axis y_axis, const double *y,
    const char *const *labels, int64_t rows, bool identity) {
    mien_string_add(out, "<figure>\n");
    mien_status status = mien_figure_scatter(
        out, title, &x_axis, x, &y_axis, y, labels, rows, identity, false);
    mien_string_add(out, "</figure>\n");
    return status;
}

mien_status mien_run_scatters(mien_page *page, const mien_run *run) {
    mien_string out;
    mien_string_init(&out);
    const char **labels = labels_of(run);
    mien_status status = labels ? MIEN_OK : MIEN_ENOMEM;
    open_pair(&out);
    for (int t = 0; status == MIEN_OK && t < run->targets; t++) {
        const mien_run_target *target = &run->target[t];
        if (target->classes) {
            continue;
        }
        char x[NAME_MAX_LENGTH], y[NAME_MAX_LENGTH], title[NAME_MAX_LENGTH];
        snprintf(title, sizeof title, "%.60s: predicted against rated", target->name);
        status = add_scatter(&out, title, axis_of("rated", target, x), target->truth,
            axis_of("predicted", target, y), target->prediction, labels, run->rows,
            true);
    }
    if (status == MIEN_OK) {
        status = close_pair(page, &out);
    }
    mien_free(labels);
    mien_string_clear(&out);
    return status;
}

/* ---- valence × arousal --------------------------------------------------------- */

static const mien_run_target *named(
    const mien_run *run, const char *name, int otherwise) {
    for (int t = 0; t < run->targets; t++) {
        if (strcmp(run->target[t].name, name) == 0) {
            return &run->target[t];
        }
    }
    return &run->target[otherwise];
}

mien_status mien_run_plane(mien_page *page, const mien_run *run) {
    if (run->targets < 2) {
        return MIEN_OK;
    }
    const mien_run_target *v = named(run, "valence", 0), *a = named(run, "arousal", 1);
    if (v == a) {
        v = &run->target[0];
        a = &run->target[1];
    }
    if (v->classes || a->classes) {
        return MIEN_OK;
    }
    char x[NAME_MAX_LENGTH], y[NAME_MAX_LENGTH], heading[NAME_MAX_LENGTH];
    mien_string out;
    mien_string_init(&out);
    snprintf(heading, sizeof heading, "%.60s and %.60s together", v->name, a->name);
    heading[0] =
        (char)(heading[0] >= 'a' && heading[0] <= 'z' ? heading[0] - 32 : heading[0]);
    const char **labels = labels_of(run);
    mien_status status = labels ? mien_page_heading(page, heading) : MIEN_ENOMEM;
    open_pair(&out);
    if (status == MIEN_OK) {
        status = add_scatter(&out, "As rated", axis_of("rated", v, x), v->truth,
            axis_of("rated", a, y), a->truth, labels, run->rows, false);
    }
    if (status == MIEN_OK) {
        status =
            add_scatter(&out, "As predicted", axis_of("predicted", v, x), v->prediction,
                axis_of("predicted", a, y), a->prediction, labels, run->rows, false);
    }
    if (status == MIEN_OK) {
        status = close_pair(page, &out);
    }
    mien_free(labels);
    mien_string_clear(&out);
    return status;
}
