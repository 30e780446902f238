/* SPDX-License-Identifier: MIT */
/* How each film of a study is predicted, and whether their courses are met. */
#include "report/run_parts.h"

#include <math.h>
#include <stdio.h>

typedef char number[MIEN_NUMBER_MAX];

static const char *p_text(double p, number text) {
    return !isfinite(p) ? "–" : p < 0.001 ? "< 0.001" : mien_fixed(p, 3, text);
}

static void p_cell(mien_string *out, double p) {
    number text;
    mien_svg(out, "<td class='n'>$</td>", p_text(p, text));
}

/* ---- table --------------------------------------------------------------------- */

static void add_head(
    mien_string *out, const mien_run_target *t, const char *by, bool series) {
    char caption[192];
    snprintf(caption, sizeof caption, "Each %.64s on its own: %.64s", by, t->name);
    mien_svg(out,
        "<div class='table'><table>\n<caption>$</caption>\n<thead><tr><th "
        "scope='col'>$</th><th scope='col' class='n'>Trials</th><th scope='col' "
        "class='n'>MSE</th><th scope='col' class='n'>r</th><th scope='col' "
        "class='n'>CCC</th>",
        caption, by);
    if (series) {
        mien_svg(out, "<th scope='col' class='n'>Effective trials</th><th scope='col' "
                      "class='n'>p</th><th scope='col' class='n'>p, shifted</th>");
    }
    mien_string_add(out, "</tr></thead>\n<tbody>\n");
}

static void add_group(mien_string *out, const mien_value *group, bool series) {
    const char *name = mien_value_text(mien_value_get(group, "group"));
    mien_svg(out, "<tr><th scope='row'>$</th>", name ? name : "");
    mien_number_cell(out, mien_number_at(group, "rows"), 0);
    mien_number_cell(out, mien_number_at(group, "mse"), 3);
    mien_number_cell(out, mien_number_at(group, "r"), 3);
    mien_number_cell(out, mien_number_at(group, "ccc"), 3);
    if (series) {
        mien_number_cell(out, mien_number_at(group, "effective_rows"), 1);
        p_cell(out, mien_number_at(group, "p"));
        p_cell(out, mien_number_at(group, "shift_p"));
    }
    mien_string_add(out, "</tr>\n");
}

static void add_mean(mien_string *out, const mien_value *mean, bool series) {
    static const char *const figures[] = {"mse", "r", "ccc"};
    mien_string_add(out, "<tr class=\"first\"><th scope=\"row\">Mean</th><td></td>");
    for (int m = 0; m < 3; m++) {
        mien_interval interval = mien_run_interval(mien_value_get(mean, figures[m]));
        mien_interval_cell(out, &interval, 3);
    }
    mien_string_add(out, series ? "<td></td><td></td><td></td></tr>\n" : "</tr>\n");
}

static void add_table(
    mien_string *out, const mien_run_target *t, const mien_value *groups, bool series) {
    const mien_value *each = mien_value_get(groups, "each");
    const char *by = mien_value_text(mien_value_get(groups, "by"));
    add_head(out, t, by ? by : "group", series);
    for (int64_t i = 0; i < mien_value_count(each); i++) {
        add_group(out, mien_value_at(each, i), series);
    }
    add_mean(out, mien_value_get(groups, "mean"), series);
    mien_string_add(out, "</tbody></table></div>\n");
}

/* ---- words --------------------------------------------------------------------- */

static void add_series(
    mien_string *out, const mien_run_target *t, const mien_value *series) {
    const mien_value *lag = mien_value_get(series, "lag");
    int64_t best = mien_value_int(mien_value_get(lag, "best"), 0);
    number a, b;
    mien_string_addf(out, "Within groups, each about its own mean, the r of %s is %s. ",
        t->name,
        isfinite(mien_number_at(series, "r"))
            ? mien_fixed(mien_number_at(series, "r"), 3, a)
            : "undefined");
    mien_string_addf(out,
        "Trials resemble their neighbours: they count as %s independent ones, which "
        "gives p %s%s",
        mien_fixed(mien_number_at(series, "effective_rows"), 0, a),
        mien_number_at(series, "p") < 0.001 ? "" : "= ",
        p_text(mien_number_at(series, "p"), b));
    mien_string_addf(out,
        "; turned round by random amounts within each group, predictions do as well "
        "with p %s%s (%lld turns). ",
        mien_number_at(series, "shift_p") < 0.001 ? "" : "= ",
        p_text(mien_number_at(series, "shift_p"), a),
        (long long)mien_value_int(mien_value_get(series, "shifts"), 0));
    if (best == 0) {
        mien_string_addf(out, "No lag of up to %lld trials fits better.",
            (long long)mien_value_int(mien_value_get(lag, "most"), 0));
        return;
    }
    mien_string_addf(out,
        "Predictions fit best when taken as %lld trials too %s (r = %s, of lags up to "
        "%lld); no score on this page is moved by that.",
        (long long)(best < 0 ? -best : best), best > 0 ? "late" : "early",
        mien_fixed(mien_number_at(lag, "r"), 3, a),
        (long long)mien_value_int(mien_value_get(lag, "most"), 0));
}

static void add_unsmoothed(
    mien_string *out, const mien_run_target *t, const mien_value *raw) {
    number mse, r, ccc;
    mien_string_addf(out,
        "What is predicted of %s was smoothed along each group, as strongly as each "
        "fold "
        "chose on rows it did not test; without it MSE would be %s, r %s, CCC %s.",
        t->name, mien_fixed(mien_number_at(raw, "mse"), 3, mse),
        mien_fixed(mien_number_at(raw, "r"), 3, r),
        mien_fixed(mien_number_at(raw, "ccc"), 3, ccc));
}

static mien_status paragraph(mien_page *page, mien_string *text) {
    mien_status status = mien_string_status(text);
    if (status == MIEN_OK && text->length) {
        status = mien_page_paragraph(page, text->text);
    }
    mien_string_empty(text);
    return status;
}

mien_status mien_run_groups(mien_page *page, const mien_run_target *target) {
    const mien_value *groups = mien_value_get(target->value, "groups");
    const mien_value *series = mien_value_get(target->value, "series");
    const mien_value *raw = mien_value_get(target->value, "unsmoothed");
    mien_string out;
    mien_status status = MIEN_OK;
    mien_string_init(&out);
    if (groups) {
        add_table(&out, target, groups, series != NULL);
        status = mien_string_status(&out);
        status = status == MIEN_OK ? mien_page_html(page, out.text) : status;
        mien_string_empty(&out);
    }
    if (status == MIEN_OK && series) {
        add_series(&out, target, series);
        status = paragraph(page, &out);
    }
    if (status == MIEN_OK && raw) {
        add_unsmoothed(&out, target, raw);
        status = paragraph(page, &out);
    }
    mien_string_clear(&out);
    return status;
}
