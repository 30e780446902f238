/* SPDX-License-Identifier: MIT */
/* Figures of each model of a study with the key each: in come the scores of the whole
 * and all predictions, out go each.csv and the part `each` of results.json. */
#include "train/scores/scores_each.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "train/document.h"
#include "train/run/folder.h"

enum { FIGURES = MIEN_SCORES_METRICS_MAX, BEST = 3, OF_MODEL = 0, OF_NULL = 1 };

/* Rows of one model, of one target. */
typedef struct desk {
    const mien_scores *scores;
    const mien_dataset *dataset;
    const mien_predicted *predicted;
    int64_t *first, *row;         /* [eachs + 1], [rows]: tested rows, model by model */
    double *truth, *model, *null; /* [rows of the largest, width] */
    int *label, *chosen, *usual;
    double *mean; /* [targets, figures, eachs, 2] */
} desk;

static void desk_clear(desk *d) {
    mien_free(d->first);
    mien_free(d->row);
    mien_free(d->truth);
    mien_free(d->model);
    mien_free(d->null);
    mien_free(d->label);
    mien_free(d->chosen);
    mien_free(d->usual);
    mien_free(d->mean);
}

static mien_status desk_init(desk *d) {
    const mien_dataset *c = d->dataset;
    size_t n = (size_t)c->rows, wide = (size_t)c->width, eachs = (size_t)c->eachs;
    d->first = mien_alloc(eachs + 1, sizeof *d->first);
    d->row = mien_alloc(n, sizeof *d->row);
    d->truth = mien_alloc(n, sizeof *d->truth);
    d->model = mien_alloc(n * wide, sizeof *d->model);
    d->null = mien_alloc(n * wide, sizeof *d->null);
    d->label = mien_alloc(n, sizeof *d->label);
    d->chosen = mien_alloc(n, sizeof *d->chosen);
    d->usual = mien_alloc(n, sizeof *d->usual);
    d->mean = mien_alloc((size_t)c->targets * FIGURES * eachs * 2, sizeof *d->mean);
    return d->first && d->row && d->truth && d->model && d->null && d->label &&
                   d->chosen && d->usual && d->mean
               ? MIEN_OK
               : MIEN_ENOMEM;
}

static mien_status sort_rows(desk *d) {
    const mien_dataset *c = d->dataset;
    int64_t *next = mien_alloc((size_t)c->eachs + 1, sizeof *next);
    if (!next) {
        return MIEN_ENOMEM;
    }
    for (int64_t i = 0; i < d->scores->rows; i++) {
        d->first[c->each[d->scores->row[i]] + 1]++;
    }
    for (int64_t e = 0; e < c->eachs; e++) {
        d->first[e + 1] += d->first[e];
        next[e] = d->first[e];
    }
    for (int64_t i = 0; i < d->scores->rows; i++) {
        d->row[next[c->each[d->scores->row[i]]]++] = d->scores->row[i];
    }
    mien_free(next);
    return MIEN_OK;
}

/* Fills the desk with the rows of a model that have the target; returns how many. */
static int64_t lay_out(desk *d, int t, int64_t e, int seed) {
    const mien_dataset *c = d->dataset;
    const mien_dataset_target *target = &c->target[t];
    const mien_target_scores *s = &d->scores->target[t];
    int64_t n = 0, width = s->width;
    for (int64_t i = d->first[e]; i < d->first[e + 1]; i++) {
        int64_t row = d->row[i];
        if (!mien_dataset_has(target, row)) {
            continue;
        }
        const double *p =
            d->predicted->values + (seed * c->rows + row) * c->width + target->place;
        const double *usual = s->usual + c->fold[row] * width;
        memcpy(d->model + n * width, p, (size_t)width * sizeof *p);
        memcpy(d->null + n * width, usual, (size_t)width * sizeof *p);
        if (target->value) {
            d->truth[n] = target->value[row];
        } else {
            d->label[n] = target->label[row];
            d->chosen[n] = mien_target_choose(&target->target, p);
            d->usual[n] = mien_target_choose(&target->target, usual);
        }
        n++;
    }
    return n;
}

static void judge(desk *d, int t, int64_t n, double out[FIGURES][2]) {
    const mien_dataset_target *target = &d->dataset->target[t];
    const mien_target_scores *s = &d->scores->target[t];
    const mien_pairs pairs[2] = {
        {n, d->truth, d->model, d->null}, {n, d->truth, d->null, d->null}};
    const mien_class_answers answers[2] = {{.n = n,
                                               .classes = target->from->classes,
                                               .truth = d->label,
                                               .prediction = d->chosen,
                                               .probability = d->model},
        {.n = n,
            .classes = target->from->classes,
            .truth = d->label,
            .prediction = d->usual,
            .probability = d->null}};
    for (int m = 0; m < s->metrics; m++) {
        for (int k = 0; k < 2; k++) {
            out[m][k] =
                n == 0 ? (double)NAN
                : target->value
                    ? mien_metric_value(mien_scores_metric_of_numbers(m), &pairs[k])
                    : mien_class_metric_value(mien_class_metric_at(m), &answers[k]);
        }
    }
}

static double *place(desk *d, int t, int m, int64_t e) {
    return d->mean + (((int64_t)t * FIGURES + m) * d->dataset->eachs + e) * 2;
}

static const char *text_of(double x, char text[32]) {
    return isfinite(x) ? mien_format_double(x, text) : NULL;
}

static mien_status write_model(
    desk *d, int t, int64_t e, mien_table_writer *writer, double sum[FIGURES][2]) {
    int64_t n = 0;
    mien_status status = MIEN_OK;
    for (int k = 0; k < d->scores->seeds; k++) {
        double figures[FIGURES][2];
        n = lay_out(d, t, e, k);
        judge(d, t, n, figures);
        for (int m = 0; m < 2 * FIGURES; m++) {
            sum[m / 2][m % 2] = (k ? sum[m / 2][m % 2] : 0) +
                                (m / 2 < d->scores->target[t].metrics
                                        ? figures[m / 2][m % 2] / d->scores->seeds
                                        : 0);
        }
    }
    for (int m = 0; status == MIEN_OK && m < d->scores->target[t].metrics; m++) {
        char text[3][32];
        snprintf(text[0], sizeof text[0], "%lld", (long long)n);
        const char *cells[] = {d->dataset->each_name[e],
            d->dataset->target[t].from->name, text[0],
            mien_scores_metric_name(!d->dataset->target[t].value, m),
            text_of(sum[m][OF_MODEL], text[1]), text_of(sum[m][OF_NULL], text[2])};
        memcpy(place(d, t, m, e), sum[m], sizeof sum[m]);
        status = mien_table_writer_row(writer, cells);
    }
    return status;
}

static mien_status write_table(desk *d, const char *path) {
    const char *names[] = {mien_options_text(d->scores->study->options, "each"),
        "target", "rows", "figure", "value", "baseline"};
    mien_table_writer *writer = NULL;
    mien_status status = mien_table_writer_open(path, MIEN_CSV, 6, names, &writer);
    for (int64_t e = 0; status == MIEN_OK && e < d->dataset->eachs; e++) {
        for (int t = 0; status == MIEN_OK && t < d->dataset->targets; t++) {
            double sum[FIGURES][2] = {{0}};
            status = write_model(d, t, e, writer, sum);
        }
    }
    return mien_folder_rows_close(&writer, status);
}

/* Mean over the models that have the figure, and how many these are. */
static mien_value *mean_value(
    desk *d, int t, int m, mien_thread_pool *pool, mien_status *status) {
    const mien_interval_options o = mien_scores_intervals(d->scores->study);
    static const char *const keys[] = {"value", "low", "high", "baseline", "models"};
    mien_value *map = mien_value_new_map();
    double *x = mien_alloc((size_t)d->dataset->eachs, sizeof *x), null = 0;
    mien_interval mean = {(double)NAN, (double)NAN, (double)NAN};
    int64_t n = 0, nulls = 0;
    for (int64_t e = 0; x && e < d->dataset->eachs; e++) {
        const double *of = place(d, t, m, e);
        if (isfinite(of[OF_MODEL])) {
            x[n++] = of[OF_MODEL];
        }
        if (isfinite(of[OF_NULL])) {
            null += of[OF_NULL];
            nulls++;
        }
    }
    mien_status made = !x      ? MIEN_ENOMEM
                       : n > 0 ? mien_interval_of_mean(x, n, &o, pool, &mean)
                               : MIEN_OK;
    *status = *status == MIEN_OK ? made : *status;
    const double numbers[] = {
        mean.value, mean.low, mean.high, nulls ? null / (double)nulls : (double)NAN};
    for (int k = 0; k < 4; k++) {
        mien_document_put(map, keys[k], mien_document_number(numbers[k]), status);
    }
    mien_document_int(map, keys[4], n, status);
    mien_free(x);
    return map;
}

/* Each model's own figures, as its file tells them. */
static mien_status tell_own(desk *d, mien_value *list) {
    mien_status status = MIEN_OK;
    for (int64_t e = 0; e < d->dataset->eachs; e++) {
        mien_value *map = mien_value_new_map();
        for (int t = 0; t < d->dataset->targets; t++) {
            mien_value *figures = mien_value_new_map();
            for (int m = 0; m < d->scores->target[t].metrics; m++) {
                const double *of = place(d, t, m, e);
                mien_value *one = mien_value_new_map();
                mien_document_put(
                    one, "value", mien_document_number(of[OF_MODEL]), &status);
                mien_document_put(
                    one, "baseline", mien_document_number(of[OF_NULL]), &status);
                mien_document_put(figures,
                    mien_scores_metric_name(!d->dataset->target[t].value, m), one,
                    &status);
            }
            mien_document_put(map, d->dataset->target[t].from->name, figures, &status);
        }
        mien_document_add(list, map, &status);
    }
    return status;
}

static mien_status tell(desk *d, mien_thread_pool *pool, mien_value *document) {
    mien_value *map = mien_value_new_map(), *targets = mien_value_new_map();
    mien_status status = MIEN_OK;
    for (int t = 0; t < d->dataset->targets; t++) {
        mien_value *figures = mien_value_new_map();
        for (int m = 0; m < d->scores->target[t].metrics; m++) {
            mien_document_put(figures,
                mien_scores_metric_name(!d->dataset->target[t].value, m),
                mean_value(d, t, m, pool, &status), &status);
        }
        mien_document_put(targets, d->dataset->target[t].from->name, figures, &status);
    }
    mien_document_text(
        map, "by", mien_options_text(d->scores->study->options, "each"), &status);
    mien_document_int(map, "models", d->dataset->eachs, &status);
    mien_document_put(map, "mean", targets, &status);
    mien_document_put(document, "each", map, &status);
    return status;
}

mien_status mien_scores_each(const mien_scores *scores, const mien_dataset *dataset,
    const mien_predicted *predicted, mien_thread_pool *pool, const char *path,
    mien_value *figures, mien_value *document) {
    desk d = {.scores = scores, .dataset = dataset, .predicted = predicted};
    mien_status status = desk_init(&d);
    status = status ? status : sort_rows(&d);
    status = status ? status : write_table(&d, path);
    status = status ? status : tell_own(&d, figures);
    status = status ? status : tell(&d, pool, document);
    desk_clear(&d);
    return status;
}

/* ---- the best epochs ----------------------------------------------------------------
 */

mien_status mien_scores_best_epochs(const mien_dataset *dataset,
    const mien_best_epochs *fits, int64_t count, mien_value *document) {
    int64_t eachs = dataset->each ? dataset->eachs : 1, models = 0;
    mien_value *map = mien_value_new_map(), *each = mien_value_new_map();
    mien_status status = MIEN_OK;
    double all = 0;
    for (int64_t e = 0; e < eachs; e++) {
        double sum = 0;
        int64_t n = 0;
        for (int64_t i = 0; i < count; i++) {
            bool is = fits[i].each == e && isfinite(fits[i].score);
            sum += is ? fits[i].score : 0;
            n += is;
        }
        if (n > 0) {
            mien_document_put(each, dataset->each ? dataset->each_name[e] : "all",
                mien_value_new_number(sum / (double)n), &status);
            all += sum / (double)n;
            models++;
        }
    }
    if (models == 0 || status != MIEN_OK) {
        mien_value_free(&map);
        mien_value_free(&each);
        return status;
    }
    mien_document_int(map, "epochs", BEST, &status);
    mien_document_put(
        map, "value", mien_value_new_number(all / (double)models), &status);
    mien_document_put(map, "each", each, &status);
    mien_document_text(map, "note",
        "mean of the three best epochs on the very rows that are judged: it chooses by "
        "what it tells, and is above what new rows will give",
        &status);
    mien_document_put(document, "best_epochs", map, &status);
    return status;
}
