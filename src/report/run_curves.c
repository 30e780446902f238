/* SPDX-License-Identifier: MIT */
/* The loss of every fold over the epochs of its training. */
#include "report/run_parts.h"

#include <math.h>
#include <string.h>

enum { WIDTH = 760, LEFT = 70, RIGHT = 24, TOP = 44, HEIGHT = 220, BOTTOM = 56 };

/* Every cell that is drawn is a number or missing. */
static mien_status check_cells(const mien_table *table, const int columns[3]) {
    mien_status status = MIEN_OK;
    for (int64_t i = 0; i < mien_table_rows(table); i++) {
        for (int k = 0; status == MIEN_OK && k < 3; k++) {
            double value;
            status = columns[k] < 0 ? MIEN_OK
                                    : mien_table_number(table, i, columns[k], &value);
        }
    }
    return status;
}

/* A column of metrics.csv; its cells have been checked. */
static double number_at(const mien_table *table, int64_t row, int column) {
    double value = NAN;
    return column >= 0 && mien_table_number(table, row, column, &value) == MIEN_OK
               ? value
               : NAN;
}

static void range_of(const mien_table *table, const int columns[2], double range[4]) {
    int epoch = mien_table_column(table, "epoch");
    range[0] = range[2] = INFINITY;
    range[1] = range[3] = -INFINITY;
    for (int64_t i = 0; i < mien_table_rows(table); i++) {
        double x = number_at(table, i, epoch);
        range[0] = fmin(range[0], x);
        range[1] = fmax(range[1], x);
        for (int k = 0; k < 2; k++) {
            double y = number_at(table, i, columns[k]);
            range[2] = isfinite(y) ? fmin(range[2], y) : range[2];
            range[3] = isfinite(y) ? fmax(range[3], y) : range[3];
        }
    }
}

/* One line for each fit; a fit's rows stand together. */
static void draw_lines(mien_string *out, const mien_plot *p, const mien_table *table,
    int column, bool dashed) {
    int epoch = mien_table_column(table, "epoch");
    int fit = mien_table_column(table, "fit");
    bool open = false;
    for (int64_t i = 0; i < mien_table_rows(table); i++) {
        double x = number_at(table, i, epoch), y = number_at(table, i, column);
        bool next = i > 0 && strcmp(mien_table_cell(table, i, fit),
                                 mien_table_cell(table, i - 1, fit)) != 0;
        if (open && (next || !isfinite(y))) {
            mien_string_add(out, "\"/>\n");
            open = false;
        }
        if (!isfinite(x) || !isfinite(y)) {
            continue;
        }
        if (!open) {
            mien_svg(out, dashed
                              ? "<path class='line' fill='none' stroke='currentColor' "
                                "stroke-width='1.5' stroke-dasharray='5 4' d='M"
                              : "<path class='line' fill='none' stroke='currentColor' "
                                "stroke-width='1.5' d='M");
        }
        mien_svg(out, open ? "L# #" : "# #", mien_plot_x(p, x), mien_plot_y(p, y));
        open = true;
    }
    mien_string_add(out, open ? "\"/>\n" : "");
}

static mien_status draw(mien_string *out, const mien_table *table) {
    const int columns[3] = {mien_table_column(table, "loss_train"),
        mien_table_column(table, "loss_validation"), mien_table_column(table, "epoch")};
    double range[4], y[2];
    mien_status status = check_cells(table, columns);
    if (status != MIEN_OK) {
        return status;
    }
    range_of(table, columns, range);
    if (!(range[1] > range[0]) || !isfinite(range[1] - range[0]) ||
        !isfinite(range[2])) {
        return MIEN_OK; /* a single epoch makes no curve */
    }
    mien_axis_range(range[2], range[3], NULL, 0, y);
    mien_plot p = {
        LEFT, TOP, WIDTH - LEFT - RIGHT, HEIGHT, range[0], range[1], y[0], y[1]};
    mien_svg_begin(out, WIDTH, TOP + HEIGHT + BOTTOM, "Loss over epochs",
        "A line for each fit: solid on its training rows, dashed on its validation "
        "rows.");
    mien_svg(out,
        "<text class='head' x='4' y='20' font-weight='600'>Loss over epochs (solid: "
        "training rows, dashed: validation rows)</text>\n");
    mien_axis_x(out, &p, "epoch");
    mien_axis_y(out, &p, 6, "loss");
    draw_lines(out, &p, table, columns[0], false);
    draw_lines(out, &p, table, columns[1], true);
    mien_svg_end(out);
    return mien_string_status(out);
}

mien_status mien_run_curves(mien_page *page, const mien_run *run) {
    mien_table *table = NULL;
    mien_string out;
    char *path = mien_path_join(run->path, "metrics.csv");
    mien_string_init(&out);
    mien_status status = path ? MIEN_OK : MIEN_ENOMEM;
    if (status == MIEN_OK && mien_file_exists(path)) {
        status = mien_table_read(path, NULL, &table);
    }
    if (status == MIEN_OK && table && mien_table_column(table, "fit") >= 0) {
        status = draw(&out, table);
    }
    if (status == MIEN_OK && out.length) {
        status = mien_page_html(page, out.text);
    }
    mien_string_clear(&out);
    mien_table_free(&table);
    mien_free(path);
    return status;
}
