/* SPDX-License-Identifier: MIT */
/* The tables of a run's report: scores, folds, choices, largest misses. */
#include "report/run_parts.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FOLDS_MAX = 64, MISSES = 8 };

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
        mien_interval spread = {m->spread, NAN, NAN};
        mien_interval_cell(out, &spread, 3);
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

mien_status mien_run_score_table(mien_page *page, const mien_run *run) {
    mien_string out;
    extra more = {has_plain(run), run->seeds > 1};
    mien_string_init(&out);
    mien_svg(&out,
        "<div class='table'><table>\n<caption>Scores on held-out trials, with 95 % "
        "intervals</caption>\n<thead><tr><th scope='col'>Target</th><th "
        "scope='col'>Metric</th><th scope='col' class='n'>$</th>",
        mien_run_network(run) ? "This network" : "This read-out");
    if (more.seeds) {
        mien_svg(&out, "<th scope='col' class='n'>SD over seeds</th><th scope='col' "
                       "class='n'>Their mean prediction</th>");
    }
    if (more.plain) {
        mien_svg(&out, "<th scope='col' class='n'>Plain last layer</th>");
    }
    mien_svg(&out,
        "<th scope='col' class='n'>Without the $</th></tr></thead>\n<tbody>\n",
        mien_value_get(mien_value_get(run->results, "model"), "inputs") ? "features"
                                                                        : "picture");
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

/* ---- folds --------------------------------------------------------------------- */

typedef struct folds {
    const char *name[FOLDS_MAX];
    int count;
    bool more;
    const char **group;         /* [rows] */
    double *truth, *prediction; /* [rows] */
} folds;

static const char *cell(const mien_run *run, int64_t row, const char *column) {
    const char *text = mien_table_cell(
        run->predictions, row, mien_table_column(run->predictions, column));
    return text ? text : "";
}

static int by_nature(const void *a, const void *b) {
    return mien_natural_compare(*(const char *const *)a, *(const char *const *)b);
}

static int by_bytes(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void find_folds(const mien_run *run, folds *f) {
    for (int64_t i = 0; i < run->rows; i++) {
        const char *name = cell(run, i, "fold");
        int k = 0;
        while (k < f->count && strcmp(f->name[k], name) != 0) {
            k++;
        }
        if (k == f->count && f->count < FOLDS_MAX) {
            f->name[f->count++] = name;
        } else if (k == f->count) {
            f->more = true;
        }
    }
    qsort(f->name, (size_t)f->count, sizeof *f->name, by_nature);
}

static int64_t groups_in(
    const mien_run *run, folds *f, const char *fold, int64_t *rows) {
    int64_t n = 0, distinct = 0;
    for (int64_t i = 0; i < run->rows; i++) {
        if (strcmp(cell(run, i, "fold"), fold) == 0) {
            f->group[n++] = cell(run, i, "group");
        }
    }
    qsort(f->group, (size_t)n, sizeof *f->group, by_bytes);
    for (int64_t i = 0; i < n; i++) {
        distinct += i == 0 || strcmp(f->group[i], f->group[i - 1]) != 0;
    }
    *rows = n;
    return distinct;
}

static double score_in(const mien_run *run, folds *f, const char *fold,
    const mien_run_target *t, const char *metric) {
    int64_t n = 0;
    const mien_metric *m = mien_metric_find(metric);
    for (int64_t i = 0; i < run->rows; i++) {
        if (strcmp(cell(run, i, "fold"), fold) == 0 && isfinite(t->truth[i]) &&
            isfinite(t->prediction[i])) {
            f->truth[n] = t->truth[i];
            f->prediction[n++] = t->prediction[i];
        }
    }
    const mien_pairs pairs = {n, f->truth, f->prediction, NULL};
    return m && n ? mien_metric_value(m, &pairs) : NAN;
}

static void add_fold(mien_string *out, const mien_run *run, folds *f, int k) {
    int64_t rows;
    int64_t groups = groups_in(run, f, f->name[k], &rows);
    number text;
    mien_svg(out, "<tr><td class='n'>$</td>", f->name[k]);
    mien_string_addf(out, "<td class=\"n\">%lld</td>", (long long)rows);
    mien_string_addf(out, "<td class=\"n\">%lld</td>", (long long)groups);
    for (int t = 0; t < run->targets; t++) {
        if (run->target[t].classes) {
            continue;
        }
        const char *metrics[2] = {"r", "rmse"};
        for (int m = 0; m < 2; m++) {
            double score = score_in(run, f, f->name[k], &run->target[t], metrics[m]);
            mien_svg(out, "<td class='n'>$</td>",
                isfinite(score) ? mien_fixed(score, 3, text) : "–");
        }
    }
    mien_string_add(out, "</tr>\n");
}

static void add_fold_table(mien_string *out, const mien_run *run, folds *f) {
    mien_svg(out,
        "<div class='table'><table>\n<caption>Each fold on its own</caption>\n"
        "<thead><tr><th scope='col' class='n'>Fold</th><th scope='col' "
        "class='n'>Trials</th><th scope='col' class='n'>Groups</th>");
    for (int t = 0; t < run->targets; t++) {
        if (run->target[t].classes) {
            continue;
        }
        mien_svg(out,
            "<th scope='col' class='n'>r, $</th><th scope='col' class='n'>RMSE, $</th>",
            run->target[t].name, run->target[t].name);
    }
    mien_string_add(out, "</tr></thead>\n<tbody>\n");
    for (int k = 0; k < f->count; k++) {
        add_fold(out, run, f, k);
    }
    mien_string_add(out, "</tbody></table></div>\n");
    if (f->more) {
        mien_string_addf(
            out, "<p class=\"note\">Only %d folds are shown.</p>\n", FOLDS_MAX);
    }
}

mien_status mien_run_fold_table(mien_page *page, const mien_run *run) {
    mien_string out;
    folds f = {0};
    size_t n = (size_t)run->rows;
    mien_string_init(&out);
    f.group = mien_alloc(n, sizeof *f.group);
    f.truth = mien_alloc(n, sizeof *f.truth);
    f.prediction = mien_alloc(n, sizeof *f.prediction);
    mien_status status = f.group && f.truth && f.prediction ? MIEN_OK : MIEN_ENOMEM;
    if (status == MIEN_OK) {
        find_folds(run, &f);
        if (f.count > 1) {
            add_fold_table(&out, run, &f);
        }
        status = mien_string_status(&out);
    }
    if (status == MIEN_OK && f.count > 1) {
        status = mien_page_heading(page, "Folds");
        if (status == MIEN_OK) {
            status = mien_page_html(page, out.text);
        }
    }
    mien_free(f.prediction);
    mien_free(f.truth);
    mien_free(f.group);
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
        cells[i][0] = cell(run, row[i], "trial");
        cells[i][1] = cell(run, row[i], "stimulus");
        cells[i][2] = mien_fixed(truth, 2, text[i][0]);
        cells[i][3] = mien_fixed(prediction, 2, text[i][1]);
        cells[i][4] = mien_fixed(prediction - truth, 2, text[i][2]);
    }
    snprintf(caption, sizeof caption, "Largest misses of %.64s", t->name);
    return count == 0 ? MIEN_OK
                      : mien_page_table(page, caption, 5, header, count, &cells[0][0]);
}
