/* SPDX-License-Identifier: MIT */
/* Tables of figures with intervals. */
#include "cli/figures.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { FIXED = 4, COLUMNS_MAX = 12 };

mien_interval_options cli_intervals_of(const mien_options *options) {
    mien_interval_options o = mien_interval_options_default();
    o.rule = strcmp(mien_options_text(options, "intervals"), "bootstrap") == 0
                 ? MIEN_INTERVAL_BOOTSTRAP
                 : MIEN_INTERVAL_JACKKNIFE;
    o.repeats = (int)mien_options_int(options, "repeats");
    o.level = mien_options_number(options, "level");
    o.seed = (uint64_t)mien_options_int(options, "seed");
    return o;
}

void cli_figures_few(int64_t groups) {
    if (groups < MIEN_GROUPS_FEW) {
        mien_log(MIEN_LOG_WARN, "cli",
            groups > 1
                ? "intervals rest on %lld groups: they say little, and may be off"
                : "%lld group has no interval: rows within one are not independent",
            (long long)groups);
    }
}

void cli_figures_lone(int64_t values) {
    if (values > 0) {
        mien_log(MIEN_LOG_WARN, "cli",
            "the gap of %lld value%s has no interval: one side of it is of a single "
            "group",
            (long long)values, values == 1 ? "" : "s");
    }
}

mien_status cli_figures_open(const mien_options *options, int columns,
    const char *const *names, int numeric, int texts, mien_table_writer **writer) {
    const char *output = mien_options_text(options, "output");
    mien_table_format format;
    mien_status status =
        mien_table_format_parse(mien_options_text(options, "format"), &format);
    if (status == MIEN_OK) {
        status = cli_keep_other_tables(options, output, "target", "metric");
    }
    if (status == MIEN_OK) {
        status = mien_table_writer_open(output, format, columns, names, writer);
    }
    for (int k = numeric; status == MIEN_OK && k < columns - texts; k++) {
        mien_table_writer_numeric(*writer, k);
    }
    return status;
}

mien_status cli_figures_begin(const mien_options *options, int columns,
    const char *const *names, mien_table_writer **writer) {
    const char *all[COLUMNS_MAX] = {"target", "metric", "rows", "groups"};
    if (*writer) {
        return MIEN_OK;
    }
    memcpy(all + FIXED, names, (size_t)columns * sizeof *names);
    return cli_figures_open(options, FIXED + columns, all, 2, 0, writer);
}

const char *cli_figure_text(double x, bool for_people, char text[32]) {
    if (!isfinite(x)) {
        return NULL;
    }
    if (!for_people) {
        return mien_format_double(x, text);
    }
    bool plain = x == 0 || (fabs(x) >= 0.0005 && fabs(x) < 1e9);
    snprintf(text, 32, plain ? "%.4f" : "%.3g", x);
    return text;
}

mien_status cli_figures_row(const mien_options *options, mien_table_writer *writer,
    const cli_figures_of *of, int columns, const double *values) {
    char text[COLUMNS_MAX][32];
    const char *cells[COLUMNS_MAX] = {of->target, of->metric, text[2], text[3]};
    bool for_people = strcmp(mien_options_text(options, "format"), "tsv") == 0;
    snprintf(text[2], sizeof text[2], "%lld", (long long)of->rows);
    snprintf(text[3], sizeof text[3], "%lld", (long long)of->groups);
    for (int k = 0; k < columns; k++) {
        cells[FIXED + k] = cli_figure_text(values[k], for_people, text[FIXED + k]);
    }
    return mien_table_writer_row(writer, cells);
}

mien_status cli_figures_interval(const mien_options *options,
    mien_table_writer **writer, const cli_figures_of *of,
    const mien_interval *interval) {
    static const char *const names[] = {"value", "low", "high"};
    const mien_interval *i = interval;
    mien_status status = cli_figures_begin(options, 3, names, writer);
    return status == MIEN_OK ? cli_figures_row(options, *writer, of, 3,
                                   (const double[]){i->value, i->low, i->high})
                             : status;
}

bool cli_has_classes(const mien_table *table, const char *target) {
    char start[80];
    snprintf(start, sizeof start, "%s_p_", target);
    for (int c = 0; c < mien_table_columns(table); c++) {
        if (strncmp(mien_table_name(table, c), start, strlen(start)) == 0) {
            return true;
        }
    }
    return false;
}

bool cli_target_of_column(
    const mien_table *table, int column, char target[CLI_TARGET_NAME]) {
    static const char suffix[] = "_prediction";
    const char *name = mien_table_name(table, column);
    size_t length = strlen(name), tail = sizeof suffix - 1;
    char truth[CLI_TARGET_NAME + 16];
    if (length <= tail || strcmp(name + length - tail, suffix) != 0 ||
        length - tail >= CLI_TARGET_NAME) {
        return false;
    }
    snprintf(target, CLI_TARGET_NAME, "%.*s", (int)(length - tail), name);
    snprintf(truth, sizeof truth, "%s_truth", target);
    return mien_table_column(table, truth) >= 0;
}
