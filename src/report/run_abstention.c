/* SPDX-License-Identifier: MIT */
/* What can be gained by not answering: the keys sets, conformal and abstention of
 * results.json in words, as a table and as a curve. report_runs.c calls it. */
#include "report/run_parts.h"

#include <math.h>
#include <stdio.h>

enum { WIDTH = 560, LEFT = 70, RIGHT = 24, TOP = 44, HEIGHT = 200, BOTTOM = 56 };
enum { POINTS_MAX = 64 };

typedef char number[MIEN_NUMBER_MAX];

static void add_sets(mien_string *out, const mien_value *sets, const char *name) {
    number level, covered, size, single;
    mien_svg(out,
        "<p>Conformal sets of $ at $ hold the class in $ of the held-out trials; they "
        "are of $ classes on average, and $ are of the answer alone.</p>\n",
        name, mien_fixed(mien_number_at(sets, "level"), 2, level),
        mien_fixed(mien_number_at(sets, "covered"), 3, covered),
        mien_fixed(mien_number_at(sets, "size"), 2, size),
        mien_fixed(mien_number_at(sets, "single"), 3, single));
}

/* How often the intervals of each value of a column hold the truth. */
static void add_by_value(
    mien_string *out, const mien_value *conformal, const char *name) {
    const mien_value *list = mien_value_get(conformal, "by_value");
    const char *by = mien_value_text(mien_value_get(conformal, "by"));
    char caption[256];
    number level;
    snprintf(caption, sizeof caption,
        "Conformal intervals of %.64s at %s by %.64s: held-out trials", name,
        mien_fixed(mien_number_at(conformal, "level"), 2, level), by ? by : "");
    mien_svg(out,
        "<div class='table'><table>\n<caption>$</caption>\n<thead><tr><th "
        "scope='col'>Value</th><th scope='col' class='n'>Trials</th><th scope='col' "
        "class='n'>With its own width</th><th scope='col' class='n'>Hold the "
        "truth</th><th scope='col' class='n'>Mean width</th></tr></thead>\n<tbody>\n",
        caption);
    for (int64_t i = 0; i < mien_value_count(list); i++) {
        const mien_value *one = mien_value_at(list, i);
        const char *value = mien_value_text(mien_value_get(one, "value"));
        mien_svg(out, "<tr><th scope='row'>$</th>", value ? value : "");
        mien_number_cell(out, mien_number_at(one, "rows"), 0);
        mien_number_cell(out, mien_number_at(one, "own_rows"), 0);
        mien_number_cell(out, mien_number_at(one, "covered"), 3);
        mien_number_cell(out, mien_number_at(one, "width"), 3);
        mien_string_add(out, "</tr>\n");
    }
    mien_string_add(out, "</tbody></table></div>\n");
}

static int read_curve(const mien_value *curve, double *x, double *y, double range[2]) {
    const mien_value *share = mien_value_get(curve, "share"),
                     *value = mien_value_get(curve, "value");
    int n = 0;
    range[0] = (double)INFINITY;
    range[1] = -(double)INFINITY;
    for (int64_t k = 0; k < mien_value_count(share) && n < POINTS_MAX; k++) {
        x[n] = mien_value_number(mien_value_at(share, k), (double)NAN);
        y[n] = mien_value_number(mien_value_at(value, k), (double)NAN);
        if (isfinite(x[n]) && isfinite(y[n])) {
            range[0] = fmin(range[0], y[n]);
            range[1] = fmax(range[1], y[n++]);
        }
    }
    return n;
}

static void add_curve(mien_string *out, const mien_value *curve, const char *name) {
    double x[POINTS_MAX], y[POINTS_MAX], range[2], axis[2];
    const char *by = mien_value_text(mien_value_get(curve, "by"));
    bool width = by && *by == 'w';
    int n = read_curve(curve, x, y, range);
    char title[192];
    if (n < 2) {
        return;
    }
    snprintf(title, sizeof title, "%.64s: %s", name,
        width ? "RMSE of the trials with the narrowest intervals"
              : "accuracy of the surest answers");
    mien_axis_range(range[0], range[1], NULL, 0, axis);
    mien_plot p = {LEFT, TOP, WIDTH - LEFT - RIGHT, HEIGHT, 0, 1, axis[0], axis[1]};
    mien_string_add(out, "<figure>\n");
    mien_svg_begin(out, WIDTH, TOP + HEIGHT + BOTTOM, title,
        "The figure over the share of trials that are answered; the least sure are "
        "left "
        "out first.");
    mien_svg(
        out, "<text class='head' x='4' y='20' font-weight='600'>$</text>\n", title);
    mien_axis_x(out, &p, "share of trials that are answered");
    mien_axis_y(out, &p, 6, width ? "RMSE" : "accuracy");
    mien_svg(out, "<path class='line' fill='none' stroke='currentColor' "
                  "stroke-width='1.5' d='M");
    for (int k = 0; k < n; k++) {
        mien_svg(out, k ? "L# #" : "# #", mien_plot_x(&p, x[k]), mien_plot_y(&p, y[k]));
    }
    mien_string_add(out, "\"/>\n");
    mien_svg_end(out);
    mien_string_add(out, "</figure>\n");
}

mien_status mien_run_abstention(mien_page *page, const mien_run_target *target) {
    const mien_value *sets = mien_value_get(target->value, "sets");
    const mien_value *curve = mien_value_get(target->value, "abstention");
    const mien_value *conformal = mien_value_get(target->value, "conformal");
    mien_string out;
    mien_string_init(&out);
    if (sets) {
        add_sets(&out, sets, target->name);
    }
    if (mien_value_get(conformal, "by_value")) {
        add_by_value(&out, conformal, target->name);
    }
    if (curve) {
        add_curve(&out, curve, target->name);
    }
    mien_status status = mien_string_status(&out);
    if (status == MIEN_OK && out.length) {
        status = mien_page_html(page, out.text);
    }
    mien_string_clear(&out);
    return status;
}
