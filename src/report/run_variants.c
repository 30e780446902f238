/* SPDX-License-Identifier: MIT */
/* How far a run's figures hang on how its rows are assigned to folds, and what
 * exchanged labels reach: the keys deals and permutation of results.json as tables.
 * report_runs.c calls it. */
#include "report/run_parts.h"

#include <math.h>
#include <stdio.h>

typedef char number[MIEN_NUMBER_MAX];

static const char *text_of(const mien_value *map, const char *key) {
    const char *text = mien_value_text(mien_value_get(map, key));
    return text ? text : "";
}

typedef void row(mien_string *out, const mien_value *metric);

static void deal_row(mien_string *out, const mien_value *metric) {
    const mien_value *values = mien_value_get(metric, "values");
    for (int64_t k = 0; k < mien_value_count(values); k++) {
        mien_number_cell(out, mien_value_number(mien_value_at(values, k), NAN), 3);
    }
    mien_number_cell(out, mien_number_at(metric, "mean"), 3);
    mien_number_cell(out, mien_number_at(metric, "sd"), 3);
}

static void permuted_row(mien_string *out, const mien_value *metric) {
    mien_number_cell(out, mien_number_at(metric, "value"), 3);
    mien_number_cell(out, mien_number_at(metric, "permuted_mean"), 3);
    mien_number_cell(out, mien_number_at(metric, "p"), 3);
}

static void add_rows(mien_string *out, const mien_value *targets, row *add) {
    for (int64_t t = 0; t < mien_value_count(targets); t++) {
        const mien_value *target = mien_value_at(targets, t);
        const mien_value *metrics = mien_value_get(target, "metrics");
        for (int64_t m = 0; m < mien_value_count(metrics); m++) {
            const mien_value *metric = mien_value_at(metrics, m);
            mien_svg(out, "<tr><th scope='row'>$</th><td>$</td>",
                m ? "" : text_of(target, "name"), text_of(metric, "name"));
            add(out, metric);
            mien_string_add(out, "</tr>\n");
        }
    }
    mien_string_add(out, "</tbody></table></div>\n");
}

static void add_deals(mien_string *out, const mien_value *deals) {
    const mien_value *seeds = mien_value_get(deals, "seeds");
    mien_svg(out,
        "<div class='table'><table>\n<caption>The same study over other assignments of "
        "its "
        "folds: one assignment's figure hides this spread</caption>\n<thead><tr><th "
        "scope='col'>Target</th><th scope='col'>Metric</th>");
    for (int64_t k = 0; k < mien_value_count(seeds); k++) {
        mien_string_addf(out, "<th scope=\"col\" class=\"n\">seed %lld</th>",
            (long long)mien_value_int(mien_value_at(seeds, k), 0));
    }
    mien_svg(out, "<th scope='col' class='n'>Mean</th><th scope='col' "
                  "class='n'>SD</th></tr></thead>\n<tbody>\n");
    add_rows(out, mien_value_get(deals, "targets"), deal_row);
}

static void add_permutation(mien_string *out, const mien_value *permutation) {
    mien_string_addf(out,
        "<div class=\"table\"><table>\n<caption>%lld times labels were exchanged at "
        "random and all folds trained anew; p is the share that did as "
        "well</caption>\n",
        (long long)mien_value_int(mien_value_get(permutation, "repeats"), 0));
    mien_svg(out,
        "<thead><tr><th scope='col'>Target</th><th scope='col'>Metric</th><th "
        "scope='col' class='n'>Value</th><th scope='col' class='n'>Mean of exchanged "
        "labels</th><th scope='col' class='n'>p</th></tr></thead>\n<tbody>\n");
    add_rows(out, mien_value_get(permutation, "targets"), permuted_row);
}

mien_status mien_run_variants(mien_page *page, const mien_run *run) {
    const mien_value *deals = mien_value_get(run->results, "deals");
    const mien_value *permutation = mien_value_get(run->results, "permutation");
    mien_string out;
    mien_string_init(&out);
    if (deals) {
        add_deals(&out, deals);
    }
    if (permutation) {
        add_permutation(&out, permutation);
    }
    mien_status status = mien_string_status(&out);
    if (status == MIEN_OK && out.length) {
        status = mien_page_html(page, out.text);
    }
    mien_string_clear(&out);
    return status;
}
