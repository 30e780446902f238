/* SPDX-License-Identifier: MIT */
/* Each fold of a run on its own: a table, and of classes a figure of the shares that
 * are right, beside that of always answering the largest class. Comes in: the rows of
 * predictions.csv; called by report_runs.c. */
#include "report/run_parts.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FOLDS_MAX = 64, DRAWN_MAX = 20, NAME_MAX_LENGTH = 160, NULLS_MAX = 256 };

typedef char number[MIEN_NUMBER_MAX];

/* Shares of right answers over the rows of all seeds: the model's, and of always
 * answering the largest class. */
typedef struct shares {
    double model, largest;
} shares;

typedef struct folds {
    const mien_run *run;
    const char *name[FOLDS_MAX];
    int count;
    bool more;
    const char **group;                            /* [rows] */
    double *truth, *prediction;                    /* [rows] */
    shares share[MIEN_RUN_TARGETS_MAX][FOLDS_MAX]; /* of targets with classes */
} folds;

static int by_nature(const void *a, const void *b) {
    return mien_natural_compare(*(const char *const *)a, *(const char *const *)b);
}

static int by_bytes(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void find_folds(folds *f) {
    for (int64_t i = 0; i < f->run->rows; i++) {
        const char *name = mien_run_cell(f->run, i, "fold");
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

/* A row without a group is a group of its own, as folds take it. */
static int64_t groups_in(folds *f, const char *fold, int64_t *rows) {
    int64_t n = 0, distinct = 0, alone = 0;
    for (int64_t i = 0; i < f->run->rows; i++) {
        if (strcmp(mien_run_cell(f->run, i, "fold"), fold) == 0) {
            const char *group = mien_run_cell(f->run, i, "group");
            if (mien_cell_missing(group)) {
                alone++;
            } else {
                f->group[n++] = group;
            }
        }
    }
    qsort(f->group, (size_t)n, sizeof *f->group, by_bytes);
    for (int64_t i = 0; i < n; i++) {
        distinct += i == 0 || strcmp(f->group[i], f->group[i - 1]) != 0;
    }
    *rows = n + alone;
    return distinct + alone;
}

/* ---- scores of one fold ---------------------------------------------------------- */

static double number_score(
    folds *f, const char *fold, const mien_run_target *t, const char *metric) {
    int64_t n = 0;
    const mien_metric *m = mien_metric_find(metric);
    for (int64_t i = 0; i < f->run->rows; i++) {
        if (strcmp(mien_run_cell(f->run, i, "fold"), fold) == 0 &&
            isfinite(t->truth[i]) && isfinite(t->prediction[i])) {
            f->truth[n] = t->truth[i];
            f->prediction[n++] = t->prediction[i];
        }
    }
    const mien_pairs pairs = {n, f->truth, f->prediction, NULL};
    return m && n ? mien_metric_value(m, &pairs) : NAN;
}

/* The class that the shares of the training rows would answer: "" where the table has
 * no null prediction. */
static const char *null_class(
    const mien_run *run, int64_t row, const mien_run_target *t) {
    const mien_value *names = mien_value_get(t->value, "classes");
    const char *best = "";
    double most = -1;
    for (int64_t c = 0; c < mien_value_count(names); c++) {
        const char *name = mien_value_text(mien_value_at(names, c));
        char column[NULLS_MAX];
        double share = -1;
        if (name) {
            snprintf(column, sizeof column, "%s_null_p_%s", t->name, name);
            share = strtod(mien_run_cell(run, row, column), NULL);
            int at = mien_table_column(run->predictions, column);
            share = at < 0 ? -1 : share;
        }
        if (share > most) {
            most = share;
            best = name;
        }
    }
    return best;
}

static shares class_score(folds *f, const char *fold, const mien_run_target *t) {
    char truth[NULLS_MAX], prediction[NULLS_MAX];
    int64_t n = 0, right = 0, null = 0, known = 0;
    snprintf(truth, sizeof truth, "%s_truth", t->name);
    snprintf(prediction, sizeof prediction, "%s_prediction", t->name);
    for (int64_t i = 0; i < f->run->rows * f->run->seeds; i++) {
        const char *want = mien_run_cell(f->run, i, truth),
                   *got = mien_run_cell(f->run, i, prediction);
        if (strcmp(mien_run_cell(f->run, i, "fold"), fold) != 0 ||
            mien_cell_missing(want) || mien_cell_missing(got)) {
            continue;
        }
        const char *largest = null_class(f->run, i, t);
        n++;
        right += strcmp(want, got) == 0;
        known += *largest != 0;
        null += strcmp(want, largest) == 0;
    }
    return (shares){n ? (double)right / (double)n : NAN,
        known ? (double)null / (double)known : NAN};
}

static void find_shares(folds *f) {
    for (int t = 0; t < f->run->targets; t++) {
        for (int k = 0; f->run->target[t].classes && k < f->count; k++) {
            f->share[t][k] = class_score(f, f->name[k], &f->run->target[t]);
        }
    }
}

/* ---- the table ------------------------------------------------------------------- */

/* The dataset or person that a fold holds out; NULL: several. */
static const char *held_out(const folds *f, const char *fold) {
    const mien_value *names =
        mien_value_get(mien_value_get(f->run->results, "folds"), "names");
    return mien_value_text(mien_value_at(names, strtoll(fold, NULL, 10)));
}

/* A fold that does far worse than all together must not hide in their mean. */
static void add_worst(mien_string *out, folds *f, const mien_run_target *t) {
    const mien_run_metric *all = mien_run_metric_find(t, t->classes ? "accuracy" : "r");
    double worst = INFINITY;
    const char *name = NULL;
    number value, together;
    for (int k = 0; all && k < f->count; k++) {
        double here = t->classes ? class_score(f, f->name[k], t).model
                                 : number_score(f, f->name[k], t, "r");
        if (isfinite(here) && here < worst) {
            worst = here;
            name = held_out(f, f->name[k]);
        }
    }
    if (name && isfinite(all->model.value)) {
        mien_svg(out,
            "<p>The weakest of what is held out is $, with $ $ for $; all together "
            "have $.</p>\n",
            name, t->classes ? "an accuracy of" : "r", mien_fixed(worst, 3, value),
            t->name, mien_fixed(all->model.value, 3, together));
    }
}

static void add_fold(mien_string *out, folds *f, int k) {
    int64_t rows;
    int64_t groups = groups_in(f, f->name[k], &rows);
    const char *held = held_out(f, f->name[k]);
    mien_svg(out, held ? "<tr><th scope='row'>$</th>" : "<tr><td class='n'>$</td>",
        held ? held : f->name[k]);
    mien_string_addf(out, "<td class=\"n\">%lld</td>", (long long)rows);
    mien_string_addf(out, "<td class=\"n\">%lld</td>", (long long)groups);
    for (int t = 0; t < f->run->targets; t++) {
        const mien_run_target *target = &f->run->target[t];
        if (target->classes) {
            mien_number_cell(out, f->share[t][k].model, 3);
            mien_number_cell(out, f->share[t][k].largest, 3);
        } else {
            mien_number_cell(out, number_score(f, f->name[k], target, "r"), 3);
            mien_number_cell(out, number_score(f, f->name[k], target, "rmse"), 3);
        }
    }
    mien_string_add(out, "</tr>\n");
}

/* Why a cell has a dash. */
static void add_undefined(mien_string *out, folds *f) {
    for (int t = 0; t < f->run->targets; t++) {
        const mien_run_target *target = &f->run->target[t];
        int undefined = 0;
        for (int k = 0; !target->classes && k < f->count; k++) {
            undefined += !isfinite(number_score(f, f->name[k], target, "r"));
        }
        if (undefined) {
            mien_string_addf(out, "<p>In %d of %d folds r of ", undefined, f->count);
            mien_html_escape(out, target->name);
            mien_string_add(out, " is not defined (–): they have fewer than two trials "
                                 "of it, or ratings "
                                 "or predictions that are all the same.</p>\n");
        }
    }
}

static void add_fold_table(mien_string *out, folds *f) {
    mien_svg(out,
        "<div class='table'><table>\n<caption>Each fold on its own</caption>\n"
        "<thead><tr><th scope='col' class='n'>Fold</th><th scope='col' "
        "class='n'>Trials</th><th scope='col' class='n'>Groups</th>");
    for (int t = 0; t < f->run->targets; t++) {
        const mien_run_target *target = &f->run->target[t];
        mien_svg(out, "<th scope='col' class='n'>$, $</th>",
            target->classes ? "Accuracy" : "r", target->name);
        mien_svg(out, "<th scope='col' class='n'>$, $</th>",
            target->classes ? "Largest class" : "RMSE", target->name);
    }
    mien_string_add(out, "</tr></thead>\n<tbody>\n");
    for (int k = 0; k < f->count; k++) {
        add_fold(out, f, k);
    }
    mien_string_add(out, "</tbody></table></div>\n");
    add_undefined(out, f);
    if (f->more) {
        mien_string_addf(
            out, "<p class=\"note\">Only %d folds are shown.</p>\n", FOLDS_MAX);
    }
}

/* ---- the figure of classes ------------------------------------------------------- */

static mien_status add_class_figure(
    mien_string *out, const folds *f, const mien_run_target *t, const shares *share) {
    mien_figure_estimate list[DRAWN_MAX + 1];
    char name[DRAWN_MAX][NAME_MAX_LENGTH], title[NAME_MAX_LENGTH];
    const mien_run_metric *accuracy = mien_run_metric_find(t, "accuracy");
    int n = 0;
    if (f->count > DRAWN_MAX || !accuracy) {
        return MIEN_OK;
    }
    list[n++] =
        (mien_figure_estimate){"all folds", accuracy->model, MIEN_MARK_DOT, false};
    for (int k = 0; k < f->count; k++) {
        snprintf(name[k], sizeof name[k], "fold %.60s", f->name[k]);
        const mien_interval own = {share[k].model, NAN, NAN};
        list[n++] = (mien_figure_estimate){name[k], own, MIEN_MARK_DIAMOND, k == 0};
    }
    snprintf(title, sizeof title,
        "Right answers for %.60s, and always the largest class (dashed)", t->name);
    mien_string_add(out, "<figure>\n");
    mien_status status = mien_figure_intervals(
        out, title, "accuracy", list, n, accuracy->baseline.value);
    mien_string_add(out, "</figure>\n");
    return status;
}

mien_status mien_run_folds(mien_page *page, const mien_run *run) {
    mien_string out;
    folds f = {.run = run};
    size_t n = (size_t)run->rows;
    mien_string_init(&out);
    f.group = mien_alloc(n, sizeof *f.group);
    f.truth = mien_alloc(n, sizeof *f.truth);
    f.prediction = mien_alloc(n, sizeof *f.prediction);
    mien_status status = f.group && f.truth && f.prediction ? MIEN_OK : MIEN_ENOMEM;
    if (status == MIEN_OK) {
        find_folds(&f);
        find_shares(&f);
        if (f.count > 1) {
            add_fold_table(&out, &f);
        }
        for (int t = 0; f.count > 1 && t < run->targets; t++) {
            add_worst(&out, &f, &run->target[t]);
        }
        status = mien_string_status(&out);
    }
    for (int t = 0; status == MIEN_OK && f.count > 1 && t < run->targets; t++) {
        if (run->target[t].classes) {
            status = add_class_figure(&out, &f, &run->target[t], f.share[t]);
        }
    }
    if (status == MIEN_OK && f.count > 1) {
        status = mien_page_heading(page, "Folds");
        status = status == MIEN_OK ? mien_page_html(page, out.text) : status;
    }
    mien_free(f.prediction);
    mien_free(f.truth);
    mien_free(f.group);
    mien_string_clear(&out);
    return status;
}
