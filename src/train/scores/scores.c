/* SPDX-License-Identifier: MIT */
/* Judges out-of-fold predictions of numbers and classes, whoever made them: networks
 * (study_run_write.c) and read-outs (readout_scores.c) hand in the rows with their
 * folds and a prediction for each; out come figures with intervals, the baseline's
 * beside. */
#include "train/scores/scores.h"

#include <math.h>
#include <string.h>

#include "train/scores/interval.h"

enum { RELIABILITY_BINS = 15, RELIABILITY_DRAWS = 100 };

void mien_scores_clear(mien_scores *scores) {
    for (int t = 0; t < MIEN_TARGETS_MAX; t++) {
        mien_free(scores->target[t].confusion);
        mien_free(scores->target[t].class);
        mien_free(scores->target[t].each);
        mien_free(scores->target[t].usual);
        mien_group_scores_clear(&scores->target[t].groups);
        mien_conformal_scores_clear(&scores->target[t].conformal);
        mien_label_sets_clear(&scores->target[t].sets);
        mien_free(scores->target[t].reliability);
        mien_free(scores->target[t].crossed);
    }
    mien_free(scores->row);
    *scores = (mien_scores){0};
}

const mien_metric *mien_scores_metric_of_numbers(int index) {
    return index < mien_metric_usual_count() ? mien_metric_at(index)
                                             : mien_metric_find("mse");
}

const char *mien_scores_metric_name(bool of_classes, int index) {
    return of_classes ? mien_class_metric_at(index)->name
                      : mien_scores_metric_of_numbers(index)->name;
}

/* The number of metrics: those that films are usually judged by are told of studies
 * on features too. */
static int count_metrics(const mien_study *study, bool of_classes) {
    return of_classes ? mien_class_metric_count()
                      : mien_metric_usual_count() + (study->preset);
}

mien_interval_options mien_scores_intervals(const mien_study *study) {
    mien_interval_options o = mien_interval_options_default();
    o.rule = strcmp(mien_options_text(study->options, "intervals"), "bootstrap") == 0
                 ? MIEN_INTERVAL_BOOTSTRAP
                 : MIEN_INTERVAL_JACKKNIFE;
    o.repeats = (int)mien_options_int(study->options, "bootstrap.repeats");
    o.level = mien_options_number(study->options, "bootstrap.level");
    o.seed = (uint64_t)mien_options_int(study->options, "bootstrap.seed");
    return o;
}

/* Arrays over the rows that were tested, of one target; those of all seeds have the
 * rows of the first, then those of the next. */
typedef struct answers {
    int64_t n, width;
    int64_t *row; /* [n] of the dataset */
    int seeds;
    double *truth, *model; /* all seeds; numbers, and probabilities [rows, width] */
    int *label, *chosen;   /* all seeds */
    double *ensemble;      /* [n, width] mean over seeds */
    double *baseline;      /* [n, width]: the null prediction */
    double *plain;         /* [n] of a simpler model; NULL: there is none */
    int *together, *usual; /* [n] the ensemble's and the baseline's choice */
    int64_t *group;        /* [n] */
    int64_t *across;       /* [n] of crossed folds; NULL: of others */
} answers;

static void answers_clear(answers *a) {
    mien_free(a->row);
    mien_free(a->truth);
    mien_free(a->model);
    mien_free(a->label);
    mien_free(a->chosen);
    mien_free(a->ensemble);
    mien_free(a->baseline);
    mien_free(a->plain);
    mien_free(a->together);
    mien_free(a->usual);
    mien_free(a->group);
    mien_free(a->across);
}

static mien_status answers_init(answers *a, int64_t n, int64_t width, int seeds) {
    size_t count = (size_t)n, all = count * (size_t)seeds, wide = (size_t)width;
    *a = (answers){.n = n,
        .width = width,
        .seeds = seeds,
        .row = mien_alloc(count, sizeof *a->row),
        .truth = mien_alloc(all, sizeof(double)),
        .model = mien_alloc(all * wide, sizeof(double)),
        .label = mien_alloc(all, sizeof(int)),
        .chosen = mien_alloc(all, sizeof(int)),
        .ensemble = mien_alloc(count * wide, sizeof(double)),
        .baseline = mien_alloc(count * wide, sizeof(double)),
        .together = mien_alloc(count, sizeof(int)),
        .usual = mien_alloc(count, sizeof(int)),
        .group = mien_alloc(count, sizeof(int64_t))};
    return a->row && a->truth && a->model && a->label && a->chosen && a->ensemble &&
                   a->baseline && a->together && a->usual && a->group
               ? MIEN_OK
               : MIEN_ENOMEM;
}

void mien_scores_usual(const mien_dataset *dataset, const mien_dataset_target *target,
    int fold, double *usual) {
    const mien_dataset *c = dataset;
    const int k = fold;
    int64_t width = mien_target_width(&target->target), count = 0;
    int64_t own = c->each ? mien_dataset_each_of(c, k) : 0;
    memset(usual, 0, (size_t)width * sizeof *usual);
    for (int64_t i = 0; i < c->rows; i++) {
        if ((c->each && c->each[i] != own) ||
            mien_dataset_cell(c, k, i) != MIEN_CELL_CORE ||
            !mien_dataset_has(target, i)) {
            continue;
        }
        count++;
        if (target->value) {
            usual[0] += target->value[i];
        } else {
            usual[target->label[i]]++;
        }
    }
    for (int64_t w = 0; w < width; w++) {
        usual[w] /= (double)count;
    }
}

static void fill_seed(answers *a, const mien_dataset *c,
    const mien_dataset_target *target, int seed, const double *predictions) {
    for (int64_t i = 0; i < a->n; i++) {
        int64_t row = a->row[i], at = seed * a->n + i;
        double *to = a->model + at * a->width;
        memcpy(to, predictions + (seed * c->rows + row) * c->width + target->place,
            (size_t)a->width * sizeof *to);
        for (int64_t w = 0; w < a->width; w++) {
            a->ensemble[i * a->width + w] += to[w] / a->seeds;
        }
        if (target->value) {
            a->truth[at] = target->value[row];
        } else {
            a->label[at] = target->label[row];
            a->chosen[at] = mien_target_choose(&target->target, to);
        }
    }
}

/* by_fold [folds, width]: what the baseline answers in each. */
static void fill_baseline(answers *a, const mien_dataset *c,
    const mien_dataset_target *target, double *by_fold) {
    for (int k = 0; k < c->folds; k++) {
        double *usual = by_fold + k * a->width;
        mien_scores_usual(c, target, k, usual);
        for (int64_t i = 0; i < a->n; i++) {
            if (c->fold[a->row[i]] != k) {
                continue;
            }
            memcpy(a->baseline + i * a->width, usual, (size_t)a->width * sizeof *usual);
            if (target->label) {
                a->usual[i] = mien_target_choose(&target->target, usual);
            }
        }
    }
}

static void fill(answers *a, const mien_dataset *c, const mien_dataset_target *target,
    const mien_predicted *predicted, double *usual) {
    for (int k = 0; k < a->seeds; k++) {
        fill_seed(a, c, target, k, predicted->values);
    }
    for (int64_t i = 0; i < a->n; i++) {
        a->group[i] = mien_dataset_unit(c, a->row[i]);
        if (a->across) {
            a->across[i] = c->stimulus[a->row[i]];
        }
        if (target->label) {
            a->together[i] =
                mien_target_choose(&target->target, a->ensemble + i * a->width);
        }
        if (a->plain) {
            a->plain[i] = predicted->plain[a->row[i] * c->width + target->place];
        }
    }
    fill_baseline(a, c, target, usual);
}

/* The figures that are asked for, in the order of results.json. */
static void list_metrics(const mien_metric **metrics, int count) {
    for (int i = 0; i < count; i++) {
        metrics[i] = mien_scores_metric_of_numbers(i);
    }
}

static mien_status judge_numbers(mien_target_scores *s, const answers *a,
    const mien_interval_options *o, mien_thread_pool *pool) {
    const mien_metric *metrics[MIEN_SCORES_METRICS_MAX];
    const double *each[MIEN_SEEDS_MAX], *baseline = a->baseline, *plain = a->plain,
                                        *ensemble = a->ensemble;
    mien_sample sample = {.n = a->n,
        .truth = a->truth,
        .predictions = each,
        .count = a->seeds,
        .null = a->baseline,
        .group = a->group,
        .across = a->across};
    mien_status status =
        mien_residual_interval(a->truth, a->model, a->n, a->seeds, s->residual);
    list_metrics(metrics, s->metrics);
    for (int k = 0; k < a->seeds; k++) {
        each[k] = a->model + k * a->n;
        const mien_pairs pairs = {a->n, a->truth, each[k], a->baseline};
        for (int i = 0; i < s->metrics; i++) {
            s->each[i * a->seeds + k] = mien_metric_value(metrics[i], &pairs);
        }
    }
    if (status == MIEN_OK) {
        status = mien_intervals(metrics, s->metrics, &sample, NULL, o, pool, s->model);
    }
    const struct {
        const double **prediction;
        mien_interval *intervals;
        bool there;
    } others[] = {{&baseline, s->baseline, true}, {&plain, s->plain, plain != NULL},
        {&ensemble, s->ensemble, a->seeds > 1}};
    sample.count = 1;
    for (size_t k = 0; k < sizeof others / sizeof *others; k++) {
        sample.predictions = others[k].prediction;
        if (status == MIEN_OK && others[k].there) {
            status = mien_intervals(
                metrics, s->metrics, &sample, NULL, o, pool, others[k].intervals);
        }
    }
    return status;
}

/* Answers of a target of classes: each seed's, the baseline's, the ensemble's, and all
 * seeds' one after the other. */
typedef struct of_classes {
    mien_class_answers each[MIEN_SEEDS_MAX], baseline, ensemble, all;
} of_classes;

static void show_classes(of_classes *of, const answers *a, int classes) {
    of->all = (mien_class_answers){.n = a->seeds * a->n,
        .classes = classes,
        .truth = a->label,
        .prediction = a->chosen,
        .probability = a->model};
    for (int k = 0; k < a->seeds; k++) {
        of->each[k] = of->all;
        of->each[k].n = a->n;
        of->each[k].prediction = a->chosen + k * a->n;
        of->each[k].probability = a->model + k * a->n * a->width;
    }
    of->baseline = of->ensemble = of->each[0];
    of->baseline.prediction = a->usual;
    of->baseline.probability = a->baseline;
    of->ensemble.prediction = a->together;
    of->ensemble.probability = a->ensemble;
}

static mien_status judge_class_metrics(mien_target_scores *s, const answers *a,
    const of_classes *of, const mien_interval_options *o, mien_thread_pool *pool) {
    const mien_class_metric *metrics[MIEN_SCORES_METRICS_MAX];
    const struct {
        mien_class_sample sample;
        mien_interval *intervals;
    } all[] = {{{of->each, a->seeds, a->group, a->across}, s->model},
        {{&of->baseline, 1, a->group, a->across}, s->baseline},
        {{&of->ensemble, 1, a->group, a->across}, s->ensemble}};
    mien_status status = MIEN_OK;
    for (int i = 0; i < s->metrics; i++) {
        metrics[i] = mien_class_metric_at(i);
        for (int k = 0; k < a->seeds; k++) {
            s->each[i * a->seeds + k] =
                mien_class_metric_value(metrics[i], &of->each[k]);
        }
    }
    for (int k = 0; status == MIEN_OK && k < (a->seeds > 1 ? 3 : 2); k++) {
        status = mien_class_intervals(
            metrics, s->metrics, &all[k].sample, NULL, o, pool, all[k].intervals);
    }
    return status;
}

static mien_status judge_classes(mien_target_scores *s, const answers *a, int classes,
    const mien_interval_options *o, mien_thread_pool *pool) {
    of_classes of;
    show_classes(&of, a, classes);
    mien_status status = mien_class_answers_check(&of.all);
    s->confusion = mien_alloc((size_t)classes * (size_t)classes, sizeof *s->confusion);
    s->class = mien_alloc((size_t)classes, sizeof *s->class);
    s->reliability = mien_alloc(1, sizeof *s->reliability);
    if (status == MIEN_OK && s->reliability && of.all.n > 0) {
        status = mien_reliability_of(
            &of.all, RELIABILITY_BINS, RELIABILITY_DRAWS, 1, s->reliability);
        status = status ? status
                        : mien_abstention_classes(&s->abstention, of.each, a->seeds);
    }
    if (!s->confusion || !s->class || !s->reliability) {
        return MIEN_ENOMEM;
    }
    if (status == MIEN_OK) {
        status = judge_class_metrics(s, a, &of, o, pool);
    }
    if (status == MIEN_OK) {
        mien_confusion(&of.all, s->confusion);
        mien_class_scores(&of.all, s->class);
    }
    return status;
}

double mien_scores_spread(const mien_scores *scores, int target, int metric) {
    const double *each = scores->target[target].each + metric * scores->seeds;
    double mean = 0, sum = 0;
    for (int k = 0; k < scores->seeds; k++) {
        mean += each[k] / scores->seeds;
    }
    for (int k = 0; k < scores->seeds; k++) {
        sum += (each[k] - mean) * (each[k] - mean);
    }
    return scores->seeds > 1 ? sqrt(sum / (scores->seeds - 1)) : NAN;
}

static int64_t count_rows(const mien_scores *s, const mien_dataset_target *target) {
    int64_t n = 0;
    for (int64_t i = 0; i < s->rows; i++) {
        n += mien_dataset_has(target, s->row[i]);
    }
    return n;
}

static void list_rows(
    answers *a, const mien_scores *s, const mien_dataset_target *target) {
    int64_t n = 0;
    for (int64_t i = 0; i < s->rows; i++) {
        if (mien_dataset_has(target, s->row[i])) {
            a->row[n++] = s->row[i];
        }
    }
}

static mien_status judge_cells(mien_target_scores *s, const mien_dataset *c, int target,
    const mien_crossed_answers *crossed, const mien_interval_options *o,
    mien_thread_pool *pool) {
    const void *metrics[MIEN_SCORES_METRICS_MAX];
    for (int i = 0; i < s->metrics; i++) {
        metrics[i] = c->target[target].value
                         ? (const void *)mien_scores_metric_of_numbers(i)
                         : (const void *)mien_class_metric_at(i);
    }
    s->crossed = mien_alloc(1, sizeof *s->crossed);
    return s->crossed ? mien_crossed_scores_compute(s->crossed, c, target, metrics,
                            s->metrics, crossed, o, pool)
                      : MIEN_ENOMEM;
}

static mien_status judge(mien_scores *s, const mien_dataset *c, const mien_study *study,
    int t, const mien_predicted *predicted, mien_thread_pool *pool) {
    const mien_dataset_target *target = &c->target[t];
    const mien_interval_options o = mien_scores_intervals(study);
    answers a;
    mien_target_scores *of = &s->target[t];
    of->metrics = count_metrics(study, !target->value);
    for (int i = 0; i < of->metrics; i++) {
        of->plain[i] = of->ensemble[i] =
            (mien_interval){(double)NAN, (double)NAN, (double)NAN};
    }
    of->each = mien_alloc((size_t)(of->metrics * s->seeds), sizeof *of->each);
    of->rows = count_rows(s, target);
    of->width = mien_target_width(&target->target);
    of->usual = mien_alloc((size_t)(c->folds * of->width), sizeof *of->usual);
    mien_status status = answers_init(&a, of->rows, of->width, s->seeds);
    status = status == MIEN_OK && (!of->each || !of->usual) ? MIEN_ENOMEM : status;
    if (status == MIEN_OK && c->cell) {
        /* Where both are unseen is what every figure outside of cells is of. */
        a.across = mien_alloc((size_t)a.n, sizeof *a.across);
        status = a.across ? MIEN_OK : MIEN_ENOMEM;
    }
    if (status == MIEN_OK && predicted->plain && target->value) {
        a.plain = mien_alloc((size_t)a.n, sizeof *a.plain);
        status = a.plain ? MIEN_OK : MIEN_ENOMEM;
    }
    if (status == MIEN_OK) {
        list_rows(&a, s, target);
        fill(&a, c, target, predicted, of->usual);
    }
    if (status == MIEN_OK && target->value) {
        status = judge_numbers(of, &a, &o, pool);
        if (status == MIEN_OK) {
            status = mien_conformal_scores_compute(
                &of->conformal, c, study, target, predicted->values, s->seeds);
        }
        if (status == MIEN_OK) {
            status = mien_abstention_numbers(&of->abstention, &of->conformal, c, target,
                predicted->values, s->seeds);
        }
        if (status == MIEN_OK) {
            status = mien_ceiling_of(
                c->trials, target->from, &of->ceiling, &of->has_ceiling);
        }
        if (status == MIEN_OK && study->preset && c->group_name && a.n > 0) {
            status = mien_group_scores_compute(&of->groups, c, study, target, a.row,
                a.n, s->seeds, predicted->values, of->usual, pool);
        }
    } else if (status == MIEN_OK) {
        status = judge_classes(of, &a, target->from->classes, &o, pool);
        status = status ? status
                        : mien_label_sets_compute(
                              &of->sets, c, study, target, predicted->values, s->seeds);
    }
    answers_clear(&a);
    if (status == MIEN_OK && predicted->crossed) {
        status = judge_cells(of, c, t, predicted->crossed, &o, pool);
    }
    return status;
}

/* Figures of what was predicted before it was smoothed. */
static mien_status judge_unsmoothed(
    mien_scores *scores, const mien_dataset *dataset, const double *unsmoothed) {
    static const char *const figures[MIEN_GROUP_FIGURES] = {"mse", "r", "ccc"};
    size_t rows = (size_t)scores->rows;
    double *room = mien_alloc(3 * rows, sizeof *room);
    mien_status status = room ? MIEN_OK : MIEN_ENOMEM;
    mien_pairs pairs = {0, room, room + rows, room + 2 * rows};
    for (int t = 0; room && t < dataset->targets; t++) {
        const mien_dataset_target *target = &dataset->target[t];
        for (int k = 0; target->value && k < scores->seeds; k++) {
            pairs.n = 0;
            for (int64_t i = 0; i < scores->rows; i++) {
                int64_t row = scores->row[i];
                if (mien_dataset_has(target, row)) {
                    room[pairs.n] = target->value[row];
                    room[scores->rows + pairs.n] =
                        unsmoothed[(k * dataset->rows + row) * dataset->width +
                                   target->place];
                    room[2 * scores->rows + pairs.n++] =
                        scores->target[t].usual[dataset->fold[row]];
                }
            }
            for (int m = 0; m < MIEN_GROUP_FIGURES; m++) {
                scores->target[t].unsmoothed[m] +=
                    mien_metric_value(mien_metric_find(figures[m]), &pairs) /
                    scores->seeds;
            }
        }
    }
    scores->smoothed = true;
    mien_free(room);
    return status;
}

mien_status mien_scores_compute(mien_scores *scores, const mien_dataset *dataset,
    const mien_study *study, const mien_predicted *predicted, mien_thread_pool *pool) {
    *scores = (mien_scores){.study = study,
        .seeds = (int)mien_options_int(study->options, "seeds"),
        .first_seed = mien_options_int(study->options, "seed")};
    scores->row = mien_alloc((size_t)dataset->rows, sizeof *scores->row);
    mien_status status = scores->row ? MIEN_OK : MIEN_ENOMEM;
    for (int64_t i = 0; status == MIEN_OK && i < dataset->rows; i++) {
        if (dataset->fold[i] >= 0) {
            scores->row[scores->rows++] = i;
        }
    }
    for (int t = 0; status == MIEN_OK && t < dataset->targets; t++) {
        status = judge(scores, dataset, study, t, predicted, pool);
    }
    return status == MIEN_OK && predicted->unsmoothed
               ? judge_unsmoothed(scores, dataset, predicted->unsmoothed)
               : status;
}
