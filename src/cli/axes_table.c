/* SPDX-License-Identifier: MIT */
/* Sets the runs of a study's axes side by side.
 *
 * In come finished run folders; out comes axes.csv, a row for each run, target and
 * metric: what the run's own results.json tells, and the paired difference from the
 * first run, as mien compare makes it, the other way round (run − first). train_axes.c
 * calls this; the report (report_runs.c) reads the table. */
#include "cli/axes_table.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cli/compare.h"

enum { FIRST = 1, COLUMNS_MAX = 12 + MIEN_STUDY_AXES_MAX };

/* compare's options, by the study's own rule of intervals. */
static mien_status compare_options(const char *run, mien_options **options) {
    static const char *const keys[][2] = {{"rule", "intervals"}, {"repeats", "repeats"},
        {"level", "level"}, {"seed", "seed"}};
    const cli_command *compare = cli_command_find("compare");
    char *path = mien_path_join(run, "results.json");
    mien_value *results = NULL;
    mien_status status =
        path ? mien_options_new(compare->options, options) : MIEN_ENOMEM;
    status = status ? status : mien_value_read(path, &results);
    const mien_value *from = mien_value_get(results, "bootstrap");
    for (size_t i = 0; status == MIEN_OK && i < sizeof keys / sizeof *keys; i++) {
        const mien_value *value = mien_value_get(from, keys[i][0]);
        const char *text = mien_value_text(value);
        char number[32];
        mien_format_double(mien_value_number(value, (double)NAN), number);
        if (value) {
            status = mien_options_set(*options, path, keys[i][1], text ? text : number);
        }
    }
    mien_value_free(&results);
    mien_free(path);
    return status;
}

/* What stands in the table about one run. */
typedef struct rows {
    mien_table_writer *writer;
    const mien_study_axes *axes;
    int run;
    const char *path;
    const cli_differences *found;
} rows;

static const cli_difference *difference_of(
    const rows *r, const char *target, const char *metric) {
    for (int i = 0; i < r->found->count; i++) {
        const cli_difference *d = &r->found->of[i];
        if (strcmp(d->run, r->path) == 0 && strcmp(d->target, target) == 0 &&
            strcmp(d->metric, metric) == 0) {
            return d;
        }
    }
    return NULL;
}

static double number_of(const mien_value *map, const char *key) {
    return mien_value_number(mien_value_get(map, key), (double)NAN);
}

static mien_status write_metric(
    const rows *r, const char *target, const mien_value *metric) {
    const char *name = mien_value_text(mien_value_get(metric, "name"));
    const cli_difference *d = difference_of(r, target, name ? name : "");
    const double numbers[] = {number_of(metric, "value"), number_of(metric, "low"),
        number_of(metric, "high"), d ? -d->apart.value : (double)NAN,
        d ? -d->apart.high : (double)NAN, d ? -d->apart.low : (double)NAN,
        d ? d->p : (double)NAN, d ? d->p_holm : (double)NAN};
    char text[8][32];
    const char *cells[COLUMNS_MAX] = {r->axes->name[r->run]};
    int n = FIRST;
    for (int a = 0; a < r->axes->axes; a++) {
        cells[n++] = r->axes->axis[a].value[mien_study_axes_place(r->axes, r->run, a)];
    }
    cells[n++] = target;
    cells[n++] = name ? name : "";
    for (int i = 0; i < 8; i++) {
        cells[n++] = cli_figure_text(numbers[i], false, text[i]);
    }
    return mien_table_writer_row(r->writer, cells);
}

static mien_status write_run(const rows *r) {
    mien_value *results = NULL;
    char *path = mien_path_join(r->path, "results.json");
    mien_status status = path ? mien_value_read(path, &results) : MIEN_ENOMEM;
    const mien_value *targets = mien_value_get(results, "targets");
    for (int64_t t = 0; status == MIEN_OK && t < mien_value_count(targets); t++) {
        const mien_value *target = mien_value_at(targets, t);
        const mien_value *metrics = mien_value_get(target, "metrics");
        const char *name = mien_value_text(mien_value_get(target, "name"));
        for (int64_t m = 0; status == MIEN_OK && m < mien_value_count(metrics); m++) {
            status = write_metric(r, name ? name : "", mien_value_at(metrics, m));
        }
    }
    mien_value_free(&results);
    mien_free(path);
    return status;
}

static mien_status open_table(
    const mien_study_axes *axes, const char *path, mien_table_writer **writer) {
    static const char *const last[] = {"target", "metric", "value", "low", "high",
        "difference", "difference_low", "difference_high", "p", "p_holm"};
    const char *names[COLUMNS_MAX] = {"run"};
    int n = FIRST;
    for (int a = 0; a < axes->axes; a++) {
        names[n++] = axes->axis[a].key;
    }
    for (size_t i = 0; i < sizeof last / sizeof *last; i++) {
        names[n++] = last[i];
    }
    return mien_table_writer_open(path, MIEN_CSV, n, names, writer);
}

mien_status cli_axes_table_write(
    cli *c, const mien_study_axes *axes, const cli_run_paths *runs) {
    mien_options *options = NULL;
    cli_differences found = {.runs = runs->count - 1};
    rows r = {.axes = axes, .found = &found};
    mien_status status = compare_options(runs->path[0], &options);
    status = status ? status
                    : cli_compare(c, options, runs->count,
                          (const char *const *)runs->path, &found);
    status = status ? status : open_table(axes, runs->axes, &r.writer);
    for (r.run = 0; status == MIEN_OK && r.run < runs->count; r.run++) {
        r.path = runs->path[r.run];
        status = write_run(&r);
    }
    status = cli_close_rows(&r.writer, status);
    cli_differences_clear(&found);
    mien_options_free(&options);
    return status;
}

/* ---- telling --------------------------------------------------------------------- */

static const char *cell_of(const mien_table *t, int64_t row, const char *column) {
    const char *cell = mien_table_cell(t, row, mien_table_column(t, column));
    return cell ? cell : "";
}

static const char *three(
    const mien_table *t, int64_t row, const char *column, char text[32]) {
    double x;
    if (!mien_parse_number(cell_of(t, row, column), &x)) {
        return "n/a";
    }
    snprintf(text, 32, "%.3f", x);
    return text;
}

mien_status cli_axes_table_say(cli *c, const char *table) {
    mien_table *t = NULL;
    mien_status status = mien_table_read(table, NULL, &t);
    for (int64_t i = 0; status == MIEN_OK && i < mien_table_rows(t); i++) {
        const char *metric = cell_of(t, i, "metric");
        char text[7][32];
        if (strcmp(metric, "r") != 0 && strcmp(metric, "accuracy") != 0) {
            continue;
        }
        mien_string line;
        mien_string_init(&line);
        mien_string_addf(&line, "  %s, %s: %s %s [%s, %s]", cell_of(t, i, "run"),
            cell_of(t, i, "target"), metric, three(t, i, "value", text[0]),
            three(t, i, "low", text[1]), three(t, i, "high", text[2]));
        double p;
        if (mien_parse_number(cell_of(t, i, "p_holm"), &p)) {
            mien_string_addf(&line, "; less that of %s: %s [%s, %s], p by Holm %.2g",
                cell_of(t, 0, "run"), three(t, i, "difference", text[3]),
                three(t, i, "difference_low", text[4]),
                three(t, i, "difference_high", text[5]), p);
        }
        cli_say(c, "%s", line.text ? line.text : "");
        mien_string_clear(&line);
    }
    mien_table_free(&t);
    return status;
}
