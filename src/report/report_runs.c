/* SPDX-License-Identifier: MIT */
/* The report of run folders: one run in full, or several one after the other under a
 * table that compares them. */
#include "report/run_parts.h"
#include "base/need.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* ---- one run ------------------------------------------------------------------- */

mien_status mien_run_study(mien_page *page, const mien_run *run) {
    mien_string out;
    const mien_value *notes = mien_value_get(run->results, "notes");
    const char *hash = mien_value_text(
        mien_value_get(mien_value_get(run->results, "trials"), "sha256"));
    mien_string_init(&out);
    for (int64_t i = 0; i < mien_value_count(notes); i++) {
        const char *note = mien_value_text(mien_value_at(notes, i));
        mien_svg(&out, "<p>$</p>\n", note ? note : "");
    }
    if (hash) {
        mien_svg(&out, "<p class='note'>Trials (SHA-256): <code>$</code></p>\n", hash);
    }
    if (run->study) {
        mien_svg(&out,
            "<details><summary>The study, with every default written out</summary>\n"
            "<pre>$</pre></details>\n",
            run->study);
    }
    mien_status status = mien_string_status(&out);
    if (status == MIEN_OK && out.length) {
        status = mien_page_html(page, out.text);
    }
    mien_string_clear(&out);
    return status;
}

static mien_status scores(mien_page *page, const mien_run *run) {
    mien_status status = mien_page_heading(page, "How well");
    for (int t = 0; status == MIEN_OK && t < run->targets; t++) {
        status = mien_run_score_words(page, &run->target[t]);
    }
    status = status == MIEN_OK ? mien_run_score_figure(page, run) : status;
    status = status == MIEN_OK ? mien_run_score_table(page, run) : status;
    for (int t = 0; status == MIEN_OK && t < run->targets; t++) {
        status = mien_run_class_tables(page, &run->target[t]);
        status =
            status == MIEN_OK ? mien_run_abstention(page, &run->target[t]) : status;
        status = status == MIEN_OK ? mien_run_groups(page, &run->target[t]) : status;
    }
    return status == MIEN_OK ? mien_run_curves(page, run) : status;
}

static bool has_numbers(const mien_run *run) {
    for (int t = 0; t < run->targets; t++) {
        if (!run->target[t].classes) {
            return true;
        }
    }
    return false;
}

static mien_status predicted_against_rated(mien_page *page, const mien_run *run) {
    if (!has_numbers(run)) {
        return MIEN_OK;
    }
    mien_status status = mien_page_heading(page, "Predicted against rated");
    status = status == MIEN_OK ? mien_run_scatters(page, run) : status;
    for (int t = 0; status == MIEN_OK && t < run->targets; t++) {
        status = mien_run_residual_words(page, run, &run->target[t]);
    }
    return status;
}

static mien_status details(mien_page *page, const mien_run *run) {
    mien_status status = mien_run_folds(page, run);
    status = status == MIEN_OK ? mien_run_variants(page, run) : status;
    status = status == MIEN_OK ? mien_run_search(page, run) : status;
    status = status == MIEN_OK ? mien_run_examples(page, run) : status;
    if (status == MIEN_OK && has_numbers(run)) {
        status = mien_page_heading(page, "Where it fails");
    }
    for (int t = 0; status == MIEN_OK && t < run->targets; t++) {
        status = mien_run_misses(page, run, &run->target[t]);
    }
    status =
        status == MIEN_OK ? mien_page_heading(page, "The model and the study") : status;
    status = status == MIEN_OK ? mien_run_values_table(page, run) : status;
    status = status == MIEN_OK ? mien_run_choice_table(page, run) : status;
    return status == MIEN_OK ? mien_run_study(page, run) : status;
}

mien_status mien_report_run(mien_page *page, const mien_run *run, bool alone) {
    char heading[256];
    snprintf(heading, sizeof heading, alone ? "What was done" : "%.200s: what was done",
        run->name);
    mien_status status = mien_page_heading(page, heading);
    status = status == MIEN_OK ? mien_run_describe(page, run) : status;
    status = status == MIEN_OK ? scores(page, run) : status;
    status = status == MIEN_OK ? mien_run_crossed(page, run) : status;
    status = status == MIEN_OK ? mien_run_persons(page, run) : status;
    status = status == MIEN_OK ? predicted_against_rated(page, run) : status;
    status = status == MIEN_OK ? mien_run_plane(page, run) : status;
    status = status == MIEN_OK ? mien_run_explanation(page, run) : status;
    status = status == MIEN_OK ? mien_run_films(page, run) : status;
    return status == MIEN_OK ? details(page, run) : status;
}

/* ---- several ------------------------------------------------------------------- */

/* The figures that stand side by side; a column where any run has it. */
static const struct {
    const char *metric, *title;
} compared[] = {{"r", "Pearson r"}, {"rmse", "RMSE"}, {"accuracy", "Accuracy"},
    {"macro_f1", "Macro-F1"}};
enum { COMPARED = sizeof compared / sizeof *compared };

static bool any_has(const mien_run *runs, int count, const char *metric) {
    bool any = false;
    for (int i = 0; i < count; i++) {
        for (int t = 0; t < runs[i].targets; t++) {
            any = any || mien_run_metric_find(&runs[i].target[t], metric);
        }
    }
    return any;
}

static void add_compared(
    mien_string *out, const mien_run *run, int t, const bool shown[COMPARED]) {
    const mien_run_target *target = &run->target[t];
    mien_svg(out, t ? "<tr>" : "<tr class='first'>");
    mien_svg(out, "<th scope='row'>$</th><td>$</td>", t ? "" : run->name, target->name);
    mien_string_addf(out, "<td class=\"n\">%lld</td>", (long long)run->rows);
    for (int m = 0; m < COMPARED; m++) {
        const mien_run_metric *metric =
            mien_run_metric_find(target, compared[m].metric);
        if (shown[m]) {
            mien_interval_cell(out, metric ? &metric->model : NULL, 3);
        }
    }
    mien_string_add(out, "</tr>\n");
}

static mien_status compare(mien_page *page, const mien_run *runs, int count) {
    mien_string out;
    bool shown[COMPARED];
    mien_string_init(&out);
    mien_svg(&out,
        "<div class='table'><table>\n<caption>The runs side by side, held-out "
        "trials, 95 % intervals</caption>\n<thead><tr><th scope='col'>Run</th>"
        "<th scope='col'>Target</th><th scope='col' class='n'>Trials</th>");
    for (int m = 0; m < COMPARED; m++) {
        shown[m] = any_has(runs, count, compared[m].metric);
        if (shown[m]) {
            mien_svg(&out, "<th scope='col' class='n'>$</th>", compared[m].title);
        }
    }
    mien_string_add(&out, "</tr></thead>\n<tbody>\n");
    for (int i = 0; i < count; i++) {
        for (int t = 0; t < runs[i].targets; t++) {
            add_compared(&out, &runs[i], t, shown);
        }
    }
    mien_string_add(&out, "</tbody></table></div>\n");
    mien_status status = mien_string_status(&out);
    status = status == MIEN_OK ? mien_page_heading(page, "The runs") : status;
    status = status == MIEN_OK ? mien_page_html(page, out.text) : status;
    mien_string_clear(&out);
    return status;
}

/* ---- axes ---------------------------------------------------------------------- */

typedef char number[MIEN_NUMBER_MAX];

static double cell_number(const mien_table *t, int64_t row, const char *column) {
    const char *cell = mien_table_cell(t, row, mien_table_column(t, column));
    double x;
    return cell && mien_parse_number(cell, &x) ? x : NAN;
}

static const char *cell_text(const mien_table *t, int64_t row, const char *column) {
    const char *cell = mien_table_cell(t, row, mien_table_column(t, column));
    return cell ? cell : "";
}

static bool is_compared(const char *metric) {
    for (int m = 0; m < COMPARED; m++) {
        if (strcmp(compared[m].metric, metric) == 0) {
            return true;
        }
    }
    return strcmp(metric, "ccc") == 0 || strcmp(metric, "balanced_accuracy") == 0;
}

static void difference_row(mien_string *out, const mien_table *t, int64_t i) {
    const mien_interval own = {cell_number(t, i, "value"), cell_number(t, i, "low"),
                            cell_number(t, i, "high")},
                        apart = {cell_number(t, i, "difference"),
                            cell_number(t, i, "difference_low"),
                            cell_number(t, i, "difference_high")};
    double p = cell_number(t, i, "p_holm");
    number text;
    mien_svg(out, "<tr><th scope='row'>$</th><td>$</td><td>$</td>",
        cell_text(t, i, "run"), cell_text(t, i, "target"), cell_text(t, i, "metric"));
    mien_interval_cell(out, &own, 3);
    mien_interval_cell(out, isfinite(apart.value) ? &apart : NULL, 3);
    mien_svg(
        out, "<td class='n'>$</td></tr>\n", isfinite(p) ? mien_fixed(p, 3, text) : "–");
}

/* Each run of a study's axes beside the first, paired by trial. */
static mien_status differences(mien_page *page, const char *path) {
    mien_table *t = NULL;
    mien_string out;
    mien_string_init(&out);
    mien_status status = mien_table_read(path, NULL, &t);
    mien_svg(&out,
        "<div class='table'><table>\n<caption>What each run's figure is less that of "
        "the first, on the "
        "same trials: intervals of paired differences over whole groups; p by Holm "
        "over "
        "the runs. An interval that holds 0 does not say that two runs are "
        "equal</caption>\n<thead><tr><th scope='col'>Run</th><th "
        "scope='col'>Target</th><th scope='col'>Metric</th><th scope='col' "
        "class='n'>Figure</th><th scope='col' class='n'>Less the first</th><th "
        "scope='col' class='n'>p (Holm)</th></tr></thead>\n<tbody>\n");
    for (int64_t i = 0; status == MIEN_OK && i < mien_table_rows(t); i++) {
        if (is_compared(cell_text(t, i, "metric"))) {
            difference_row(&out, t, i);
        }
    }
    mien_string_add(&out, "</tbody></table></div>\n");
    status = status ? status : mien_string_status(&out);
    status = status ? status : mien_page_html(page, out.text);
    mien_string_clear(&out);
    mien_table_free(&t);
    return status;
}

static mien_status make_page(const mien_run *runs, int count, mien_page **page) {
    char title[256], subtitle[256] = "";
    const char *by = mien_value_text(mien_value_get(runs[0].results, "created_by"));
    if (count == 1) {
        snprintf(title, sizeof title, "Report of the study “%.150s”", runs[0].name);
        snprintf(subtitle, sizeof subtitle, "%lld held-out predictions%s%.60s",
            (long long)runs[0].rows, by ? ", made by " : "", by ? by : "");
    } else {
        snprintf(title, sizeof title, "Report of %d runs", count);
    }
    return mien_page_new(title, subtitle, page);
}

mien_report_options mien_report_options_default(void) {
    return (mien_report_options){.picture = NULL};
}

mien_status mien_report_runs(const char *const *paths, int count, const char *path) {
    return mien_report_runs_with(paths, count, NULL, path);
}

mien_status mien_report_runs_with(const char *const *paths, int count,
    const mien_report_options *options, const char *path) {
    MIEN_NEED(paths || count < 1, path);
    mien_page *page = NULL;
    if (count < 1) {
        return mien_fail(MIEN_EINVAL, "a report needs at least one run folder");
    }
    mien_run *runs = mien_alloc((size_t)count, sizeof *runs);
    mien_status status = runs ? MIEN_OK : MIEN_ENOMEM;
    for (int i = 0; status == MIEN_OK && i < count; i++) {
        status = mien_run_open(&runs[i], paths[i]);
        runs[i].options = options;
        if (status == MIEN_OK && count > 1 && *mien_path_base(paths[i])) {
            runs[i].name = mien_path_base(paths[i]); /* studies may share a name */
        }
    }
    status = status == MIEN_OK ? make_page(runs, count, &page) : status;
    if (status == MIEN_OK && count > 1) {
        status = compare(page, runs, count);
    }
    if (status == MIEN_OK && count > 1 && options && options->axes) {
        status = differences(page, options->axes);
    }
    for (int i = 0; status == MIEN_OK && i < count; i++) {
        status = mien_report_run(page, &runs[i], count == 1);
    }
    status = status == MIEN_OK ? mien_page_write(page, path) : status;
    for (int i = 0; runs && i < count; i++) {
        mien_run_close(&runs[i]);
    }
    mien_free(runs);
    mien_page_free(&page);
    return status;
}
