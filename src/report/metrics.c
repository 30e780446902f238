/* SPDX-License-Identifier: MIT */
/* Metrics with their intervals as a table. */
#include "report/run.h"
#include "base/need.h"
#include "report/svg.h"

#include <math.h>
#include <string.h>

static bool same(const char *a, const char *b) {
    return a && b && strcmp(a, b) == 0;
}

void mien_interval_cell(mien_string *out, const mien_interval *i, int decimals) {
    char value[MIEN_NUMBER_MAX], low[MIEN_NUMBER_MAX], high[MIEN_NUMBER_MAX];
    if (!i || !isfinite(i->value)) {
        mien_string_add(out, "<td class=\"n\">–<small></small></td>");
        return;
    }
    mien_string_addf(out, "<td class=\"n\">%s", mien_fixed(i->value, decimals, value));
    bool known = isfinite(i->low) && isfinite(i->high);
    mien_string_add(out, known ? "" : "<small></small>");
    if (known) {
        mien_string_addf(out, "<small>%s to %s</small>",
            mien_fixed(i->low, decimals, low), mien_fixed(i->high, decimals, high));
    }
    mien_string_add(out, "</td>");
}

mien_status mien_report_metrics(
    mien_string *out, const mien_report_metric *metrics, int64_t count) {
    MIEN_NEED(out, metrics);
    mien_string_add(out,
        "<div class=\"table\"><table>\n<caption>Scores with 95 % intervals</caption>\n"
        "<thead><tr><th scope=\"col\">Target</th><th scope=\"col\">Model</th>"
        "<th scope=\"col\">Metric</th><th scope=\"col\" "
        "class=\"n\">Value</th></tr></thead>\n"
        "<tbody>\n");
    for (int64_t i = 0; i < count; i++) {
        const mien_report_metric *m = &metrics[i];
        bool again = i > 0 && same(metrics[i - 1].target, m->target);
        bool again_model = again && same(metrics[i - 1].model, m->model);
        mien_svg(out, "<tr><th scope='row'>$</th><td>$</td><td>$</td>",
            again ? "" : m->target, again_model ? "" : m->model, m->metric);
        mien_interval_cell(out, &m->interval, 3);
        mien_string_add(out, "</tr>\n");
    }
    mien_string_add(out, "</tbody></table></div>\n");
    return mien_string_status(out);
}
