/* SPDX-License-Identifier: MIT */
/* The tables of a run's report: scores, choices, largest misses. */
#include "report/run_parts.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MISSES = 8 };

typedef char number[MIEN_NUMBER_MAX];

/* ---- scores -------------------------------------------------------------------- */

static bool has_plain(const mien_run *run) {
    for (int t = 0; t < run->targets; t++) {
        for (int i = 0; i < run->target[t].metrics; i++) {
            if (isfinite(run->target[t].metric[i].plain.value)) {
                return true;
            }
        }
    }
    return false;
}

/* Columns beside the model's own and the baseline's. */
typedef struct extra {
    bool plain, seeds;
} extra;

static void add_score_row(
    mien_string *out, const mien_run_target *t, int i, extra more) {
    const mien_run_metric *m = &t->metric[i];
    mien_svg(out, i ? "<tr>" : "<tr class='first'>");
    if (i == 0) {
        mien_string_addf(out, "<th scope=\"rowgroup\" rowspan=\"%d\">",
            t->metrics + isfinite(t->ceiling));
        mien_html_escape(out, t->name);
        mien_string_add(out, "</th>");
    }
    mien_svg(out, "<td>$</td>", m->title);
    mien_interval_cell(out, &m->model, 3);
    if (more.seeds) {
        number spread;
        mien_svg(out, "<td class='n'>$</td>",
            isfinite(m->spread) ? mien_fixed(m->spread, 3, spread) : "–");
        mien_interval_cell(out, &m->ensemble, 3);
    }
    if (more.plain) {
        mien_interval_cell(out, &m->plain, 3);
    }
    mien_interval_cell(out, &m->baseline, 3);
    mien_string_add(out, "</tr>\n");
}

/* Below the metrics, as it bounds the first of them only. */
static void add_ceiling_row(mien_string *out, const mien_run_target *t, extra more) {
    mien_interval ceiling = {t->ceiling, NAN, NAN};
    mien_svg(out, "<tr><td>Noise ceiling of r</td>");
    mien_interval_cell(out, &ceiling, 3);
    mien_string_add(out, more.seeds ? "<td></td><td></td>" : "");
    mien_string_add(out, more.plain ? "<td></td><td></td></tr>\n" : "<td></td></tr>\n");
}

/* The baseline's name; its answer is the same for every row. */
static const char *baseline_name(const mien_run *run) {
    int classes = 0;
    for (int t = 0; t < run->targets; t++) {
        classes += run->target[t].classes > 0;
    }
    return classes == 0              ? "Always the mean"
           : classes == run->targets ? "Always the largest class"
                                     : "Always the mean, or the largest class";
}

mien_status mien_run_score_table(mien_page *page, const mien_run *run) {
    mien_string out;
    extra more = {has_plain(run), run->seeds > 1};
    char mine[48];
    snprintf(mine, sizeof mine, "This %s", mien_run_learner(run));
    mien_string_init(&out);
    mien_svg(&out,
        "<div class='table'><table>\n<caption>Scores on held-out trials, with 95 % "
        "intervals</caption>\n<thead><tr><th scope='col'>Target</th><th "
        "scope='col'>Metric</th><th scope='col' class='n'>$</th>",
        mine);
    if (more.seeds) {
        mien_svg(&out, "<th scope='col' class='n'>SD over seeds</th><th scope='col' "
                       "class='n'>Their mean prediction</th>");
    }
    if (more.plain) {
        mien_svg(&out, "<th scope='col' class='n'>Plain last layer</th>");
    }
    mien_svg(&out, "<th scope='col' class='n'>$</th></tr></thead>\n<tbody>\n",
        baseline_name(run));
    for (int t = 0; t < run->targets; t++) {
        for (int i = 0; i < run->target[t].metrics; i++) {
            add_score_row(&out, &run->target[t], i, more);
        }
        if (run->target[t].metrics && isfinite(run->target[t].ceiling)) {
            add_ceiling_row(&out, &run->target[t], more);
        }
    }
    mien_string_add(&out, "</tbody></table></div>\n");
    mien_status status = mien_string_status(&out);
    if (status == MIEN_OK) {
        status = mien_page_html(page, out.text);
    }
    mien_string_clear(&out);
    return status;
}

/* ---- what the folds chose ------------------------------------------------------ */

static void add_choice(
    mien_string *out, const mien_run_target *t, const mien_value *c) {
    number weight, lambda;
    const char *name = mien_value_text(mien_value_get(c, "candidate"));
    double l = mien_value_number(mien_value_get(c, "lambda"), NAN);
    int decimals = l >= 100 || !(l > 0) ? 0 : l >= 1 ? 2 : (int)ceil(-log10(l)) + 1;
    mien_svg(out,
        "<tr><th scope='row'>$</th><td>$</td><td class='n'>$</td><td "
        "class='n'>$</td></tr>\n",
        t->name, name ? name : "",
        mien_fixed(mien_value_number(mien_value_get(c, "weight"), NAN), 2, weight),
        mien_fixed(l, decimals, lambda));
}

mien_status mien_run_choice_table(mien_page *page, const mien_run *run) {
    mien_string out;
    int64_t rows = 0;
    mien_string_init(&out);
    mien_svg(&out,
        "<div class='table'><table>\n<caption>The read-out of the final model, learnt "
        "from "
        "all trials</caption>\n<thead><tr><th scope='col'>Target</th><th "
        "scope='col'>Features</th><th scope='col' class='n'>Weight</th><th scope='col' "
        "class='n'>λ</th></tr></thead>\n<tbody>\n");
    for (int t = 0; t < run->targets; t++) {
        const mien_value *list = mien_value_get(
            mien_value_get(run->target[t].value, "chosen"), "candidates");
        for (int64_t i = 0; i < mien_value_count(list); i++, rows++) {
            add_choice(&out, &run->target[t], mien_value_at(list, i));
        }
    }
    mien_string_add(&out, "</tbody></table></div>\n");
    mien_status status = mien_string_status(&out);
    if (status == MIEN_OK && rows > 0) {
        status = mien_page_html(page, out.text);
    }
    mien_string_clear(&out);
    return status;
}

/* ---- how much was learnt -------------------------------------------------------- */

enum { PARTS_MAX = 32, COUNT_MAX = 48 };

/* "at most 2 223 872": groups of three digits. */
static const char *count_text(int64_t count, bool most, char text[COUNT_MAX]) {
    char digits[24], grouped[COUNT_MAX - 12] = "";
    if (count < 0) {
        return "as many as the trees took";
    }
    size_t length = (size_t)snprintf(digits, sizeof digits, "%lld", (long long)count);
    size_t n = 0;
    for (size_t i = 0; i < length; i++) {
        if (i > 0 && (length - i) % 3 == 0) {
            grouped[n++] = ',';
        }
        grouped[n++] = digits[i];
    }
    grouped[n] = 0;
    snprintf(text, COUNT_MAX, "%s%s", most ? "at most " : "", grouped);
    return text;
}

mien_status mien_run_values_table(mien_page *page, const mien_run *run) {
    static const char *const header[] = {"Part", "Values learnt", "Values frozen"};
    const mien_value *list =
        mien_value_get(mien_value_get(run->results, "model"), "values");
    char text[PARTS_MAX][2][COUNT_MAX];
    const char *cells[PARTS_MAX][3];
    int count = 0;
    for (int64_t i = 0; i < mien_value_count(list) && count < PARTS_MAX; i++, count++) {
        const mien_value *part = mien_value_at(list, i);
        const char *name = mien_value_text(mien_value_get(part, "part"));
        bool most = mien_value_bool(mien_value_get(part, "most"), false);
        cells[count][0] = name ? name : "";
        cells[count][1] = count_text(
            mien_value_int(mien_value_get(part, "learnt"), 0), most, text[count][0]);
        cells[count][2] = count_text(
            mien_value_int(mien_value_get(part, "frozen"), 0), false, text[count][1]);
    }
    return count == 0
               ? MIEN_OK
               : mien_page_table(page, "What was learnt, and what stayed as it was", 3,
                     header, count, &cells[0][0]);
}

/* ---- misses -------------------------------------------------------------------- */

/* Rows with the largest misses, largest first; equal ones in the order of the file. */
static int largest(const mien_run *run, const mien_run_target *t, int64_t row[MISSES]) {
    int count = 0;
    for (int64_t i = 0; i < run->rows; i++) {
        double miss = fabs(t->truth[i] - t->prediction[i]);
        if (!isfinite(miss)) {
            continue;
        }
        int at = count;
        while (
            at > 0 && miss > fabs(t->truth[row[at - 1]] - t->prediction[row[at - 1]])) {
            if (at < MISSES) {
                row[at] = row[at - 1];
            }
            at--;
        }
        if (at < MISSES) {
            row[at] = i;
            count += count < MISSES;
        }
    }
    return count;
}

mien_status mien_run_misses(
    mien_page *page, const mien_run *run, const mien_run_target *t) {
    static const char *const header[] = {
        "Trial", "Stimulus", "Rated", "Predicted", "Miss"};
    int64_t row[MISSES];
    number text[MISSES][3];
    const char *cells[MISSES][5];
    char caption[128];
    int count = largest(run, t, row);
    for (int i = 0; i < count; i++) {
        double truth = t->truth[row[i]], prediction = t->prediction[row[i]];
        cells[i][0] = mien_run_cell(run, row[i], "trial");
        cells[i][1] = mien_run_cell(run, row[i], "stimulus");
        cells[i][2] = mien_fixed(truth, 2, text[i][0]);
        cells[i][3] = mien_fixed(prediction, 2, text[i][1]);
        cells[i][4] = mien_fixed(prediction - truth, 2, text[i][2]);
    }
    snprintf(caption, sizeof caption, "Largest misses of %.64s", t->name);
    return count == 0 ? MIEN_OK
                      : mien_page_table(page, caption, 5, header, count, &cells[0][0]);
}
