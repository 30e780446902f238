/* SPDX-License-Identifier: MIT */
/* How a run answers each class, and what it takes for what. */
#include "report/run_parts.h"

#include <math.h>
#include <stdio.h>

typedef char number[MIEN_NUMBER_MAX];

static void add_scores(mien_string *out, const mien_run_target *t) {
    const mien_value *list = mien_value_get(t->value, "by_class");
    char caption[160];
    snprintf(caption, sizeof caption, "Each class of %.64s", t->name);
    mien_svg(out,
        "<div class='table'><table>\n<caption>$</caption>\n<thead><tr><th "
        "scope='col'>Class</th><th scope='col' class='n'>Trials</th><th scope='col' "
        "class='n'>Predicted</th><th scope='col' class='n'>Precision</th><th "
        "scope='col' class='n'>Recall</th><th scope='col' "
        "class='n'>F1</th></tr></thead>\n<tbody>\n",
        caption);
    for (int64_t i = 0; i < mien_value_count(list); i++) {
        const mien_value *one = mien_value_at(list, i);
        const char *name = mien_value_text(mien_value_get(one, "class"));
        mien_svg(out, "<tr><th scope='row'>$</th>", name ? name : "");
        mien_number_cell(out, mien_number_at(one, "support"), 0);
        mien_number_cell(out, mien_number_at(one, "predicted"), 0);
        mien_number_cell(out, mien_number_at(one, "precision"), 3);
        mien_number_cell(out, mien_number_at(one, "recall"), 3);
        mien_number_cell(out, mien_number_at(one, "f1"), 3);
        mien_string_add(out, "</tr>\n");
    }
    mien_string_add(out, "</tbody></table></div>\n");
}

/* Counts, darker where a larger share of the row is. */
static void add_confusion(mien_string *out, const mien_run_target *t) {
    const mien_value *names = mien_value_get(t->value, "classes");
    const mien_value *rows = mien_value_get(t->value, "confusion");
    int64_t classes = mien_value_count(names);
    mien_svg(out,
        "<div class='table'><table>\n<caption>What is taken for what: rows are the "
        "classes, columns the predictions</caption>\n<thead><tr><th></th>");
    for (int64_t k = 0; k < classes; k++) {
        const char *name = mien_value_text(mien_value_at(names, k));
        mien_svg(out, "<th scope='col' class='n'>$</th>", name ? name : "");
    }
    mien_string_add(out, "</tr></thead>\n<tbody>\n");
    for (int64_t k = 0; k < mien_value_count(rows); k++) {
        const mien_value *row = mien_value_at(rows, k);
        const char *name = mien_value_text(mien_value_at(names, k));
        double sum = 0;
        for (int64_t p = 0; p < mien_value_count(row); p++) {
            sum += mien_value_number(mien_value_at(row, p), 0);
        }
        mien_svg(out, "<tr><th scope='row'>$</th>", name ? name : "");
        for (int64_t p = 0; p < mien_value_count(row); p++) {
            double n = mien_value_number(mien_value_at(row, p), 0);
            double share = n / sum;
            int shade = share >= 0 && share <= 1 ? (int)(60 * share + 0.5) : 0;
            mien_string_addf(out,
                "<td class=\"n\" "
                "style=\"background:rgba(127,127,127,%d.%02d)\">%.0f</td>",
                shade / 100, shade % 100, n);
        }
        mien_string_add(out, "</tr>\n");
    }
    mien_string_add(out, "</tbody></table></div>\n");
}

/* A point a bin: how sure the answers were, how often they were right. */
static mien_status add_reliability(mien_string *out, const mien_run_target *t) {
    enum { BINS_MAX = 64 };
    const mien_value *map = mien_value_get(t->value, "reliability");
    const mien_value *bins = mien_value_get(map, "bins");
    double x[BINS_MAX], y[BINS_MAX];
    char text[BINS_MAX][48], title[160];
    const char *labels[BINS_MAX];
    const mien_figure_axis sure = {"probability of the answer", 0, 1},
                           right = {"share that is right", 0, 1};
    number ece, chance;
    int64_t n = 0;
    for (; n < mien_value_count(bins) && n < BINS_MAX; n++) {
        const mien_value *bin = mien_value_at(bins, n);
        x[n] = mien_number_at(bin, "confidence");
        y[n] = mien_number_at(bin, "accuracy");
        snprintf(text[n], sizeof text[n], "%.0f answers", mien_number_at(bin, "rows"));
        labels[n] = text[n];
    }
    if (n == 0) {
        return MIEN_OK;
    }
    snprintf(title, sizeof title, "Reliability of %.64s", t->name);
    mien_string_add(out, "<figure>\n");
    mien_status status =
        mien_figure_scatter(out, title, &sure, x, &right, y, labels, n, true, false);
    mien_svg(out,
        "</figure>\n<p>Expected calibration error $ (of probabilities without fault $ "
        "would be expected on as many answers); points below the line are too "
        "sure.</p>\n",
        mien_fixed(mien_number_at(map, "ece"), 3, ece),
        mien_fixed(mien_number_at(map, "ece_by_chance"), 3, chance));
    return status;
}

mien_status mien_run_class_tables(mien_page *page, const mien_run_target *target) {
    mien_string out;
    if (!target->classes) {
        return MIEN_OK;
    }
    mien_string_init(&out);
    add_scores(&out, target);
    add_confusion(&out, target);
    mien_status status = add_reliability(&out, target);
    status = status == MIEN_OK ? mien_string_status(&out) : status;
    if (status == MIEN_OK) {
        status = mien_page_html(page, out.text);
    }
    mien_string_clear(&out);
    return status;
}
