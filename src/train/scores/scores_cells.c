/* SPDX-License-Identifier: MIT */
/* Averages what fits of crossed folds answered, cell by cell, and makes what would be
 * answered without the model from the rows that each fit learns from. In: the answers
 * of every fit; out: a mean answer of each row in each cell, and the same less the mean
 * over the person's rows that the same fit tests there. */
#include "train/scores/scores_crossed.h"

#include <math.h>
#include <string.h>

mien_status mien_fit_answers_keep(mien_fit_answers *answers, int64_t tested,
    const int64_t *rows, const double *predictions, int64_t width) {
    mien_fit_answers_clear(answers);
    answers->rows = mien_alloc((size_t)tested, sizeof *answers->rows);
    answers->predictions =
        mien_alloc((size_t)(tested * width), sizeof *answers->predictions);
    if (!answers->rows || !answers->predictions) {
        return MIEN_ENOMEM;
    }
    answers->tested = tested;
    memcpy(answers->rows, rows, (size_t)tested * sizeof *rows);
    memcpy(answers->predictions, predictions,
        (size_t)(tested * width) * sizeof *predictions);
    return MIEN_OK;
}

void mien_fit_answers_clear(mien_fit_answers *answers) {
    mien_free(answers->rows);
    mien_free(answers->predictions);
    *answers = (mien_fit_answers){0};
}

void mien_crossed_answers_clear(mien_crossed_answers *answers) {
    for (int a = 0; a < MIEN_CROSSED_ANSWERS; a++) {
        mien_free(answers->answer[a]);
        mien_free(answers->centred[a]);
    }
    mien_free(answers->centred[MIEN_CROSSED_ANSWERS]);
    mien_free(answers->fits);
    *answers = (mien_crossed_answers){0};
}

/* ---- without the model ----------------------------------------------------------- */

/* The statistics of a target in a fit's core: of numbers width is 1. */
typedef struct core {
    int64_t width;
    double *mean;                      /* [width] */
    double *person, *stimulus, *shift; /* [groups, width], [stimuli, width] twice */
    double *persons, *stimuli;         /* [groups], [stimuli] rows */
} core;

static void core_clear(core *k) {
    mien_free(k->mean);
    mien_free(k->person);
    mien_free(k->stimulus);
    mien_free(k->shift);
    mien_free(k->persons);
    mien_free(k->stimuli);
}

static mien_status core_init(core *k, const mien_dataset *c, int64_t width) {
    size_t wide = (size_t)width, groups = (size_t)c->groups;
    size_t stimuli = (size_t)c->stimuli;
    *k = (core){.width = width,
        .mean = mien_alloc(wide, sizeof(double)),
        .person = mien_alloc(groups * wide, sizeof(double)),
        .stimulus = mien_alloc(stimuli * wide, sizeof(double)),
        .shift = mien_alloc(stimuli * wide, sizeof(double)),
        .persons = mien_alloc(groups, sizeof(double)),
        .stimuli = mien_alloc(stimuli, sizeof(double))};
    return k->mean && k->person && k->stimulus && k->shift && k->persons && k->stimuli
               ? MIEN_OK
               : MIEN_ENOMEM;
}

static double truth_of(const mien_dataset_target *target, int64_t row, int64_t w) {
    return target->value ? target->value[row] : (double)(target->label[row] == w);
}

static bool learns(
    const mien_dataset *c, const mien_dataset_target *target, int fold, int64_t row) {
    return mien_dataset_cell(c, fold, row) == MIEN_CELL_CORE &&
           mien_dataset_has(target, row);
}

/* Sums to means. Shares of a class are drawn to the mean by one row's weight, so that
 * none is 0. */
static void divide(
    double *sums, const double *n, int64_t count, const core *k, bool shares) {
    for (int64_t i = 0; i < count; i++) {
        for (int64_t w = 0; w < k->width; w++) {
            double *x = &sums[i * k->width + w];
            *x = n[i] == 0 ? k->mean[w]
                 : shares  ? (*x + k->mean[w]) / (n[i] + 1)
                           : *x / n[i];
        }
    }
}

static void core_fill(
    core *k, const mien_dataset *c, const mien_dataset_target *target, int fold) {
    double rows = 0;
    size_t wide = (size_t)k->width;
    memset(k->mean, 0, wide * sizeof(double));
    memset(k->person, 0, (size_t)c->groups * wide * sizeof(double));
    memset(k->stimulus, 0, (size_t)c->stimuli * wide * sizeof(double));
    memset(k->shift, 0, (size_t)c->stimuli * wide * sizeof(double));
    memset(k->persons, 0, (size_t)c->groups * sizeof(double));
    memset(k->stimuli, 0, (size_t)c->stimuli * sizeof(double));
    for (int64_t i = 0; i < c->rows; i++) {
        if (!learns(c, target, fold, i)) {
            continue;
        }
        rows++;
        k->persons[c->group[i]]++;
        k->stimuli[c->stimulus[i]]++;
        for (int64_t w = 0; w < k->width; w++) {
            double x = truth_of(target, i, w);
            k->mean[w] += x;
            k->person[c->group[i] * k->width + w] += x;
            k->stimulus[c->stimulus[i] * k->width + w] += x;
        }
    }
    for (int64_t w = 0; w < k->width; w++) {
        k->mean[w] /= rows;
    }
    divide(k->person, k->persons, c->groups, k, !target->value);
    divide(k->stimulus, k->stimuli, c->stimuli, k, !target->value);
    /* how a stimulus shifts the persons who saw it from their own means */
    for (int64_t i = 0; target->value && i < c->rows; i++) {
        if (learns(c, target, fold, i)) {
            k->shift[c->stimulus[i]] += (target->value[i] - k->person[c->group[i]]) /
                                        k->stimuli[c->stimulus[i]];
        }
    }
}

/* Shares of classes of both: those of the person times those of the stimulus, by those
 * of all. */
static void both_shares(const core *k, const double *p, const double *s, double *out) {
    double sum = 0;
    for (int64_t w = 0; w < k->width; w++) {
        out[w] = k->mean[w] > 0 ? p[w] * s[w] / k->mean[w] : 0;
        sum += out[w];
    }
    for (int64_t w = 0; w < k->width; w++) {
        out[w] = sum > 0 ? out[w] / sum : k->mean[w];
    }
}

/* now [MIEN_CROSSED_ANSWERS + 1][rows, dataset width]: this fit's answers, the truth
 * last.
 */
static void answer_without(const core *k, const mien_dataset *c,
    const mien_dataset_target *target, double *const *now) {
    size_t bytes = (size_t)k->width * sizeof(double);
    for (int64_t i = 0; i < c->rows; i++) {
        int64_t at = i * c->width + target->place;
        const double *person = k->person + c->group[i] * k->width;
        const double *stimulus = k->stimulus + c->stimulus[i] * k->width;
        memcpy(now[MIEN_CROSSED_MEAN] + at, k->mean, bytes);
        memcpy(now[MIEN_CROSSED_PERSON] + at, person, bytes);
        memcpy(now[MIEN_CROSSED_STIMULUS] + at, stimulus, bytes);
        if (target->value) {
            now[MIEN_CROSSED_BOTH][at] = *person + k->shift[c->stimulus[i]];
        } else {
            both_shares(k, person, stimulus, now[MIEN_CROSSED_BOTH] + at);
        }
        for (int64_t w = 0; w < k->width; w++) {
            now[MIEN_CROSSED_ANSWERS][at + w] =
                mien_dataset_has(target, i) ? truth_of(target, i, w) : (double)NAN;
        }
    }
}

/* ---- averages -------------------------------------------------------------------- */

/* Means over a person's rows in one cell, of each value. */
typedef struct centre {
    double *sum, *n; /* [groups, width] */
} centre;

static void centre_fill(centre *m, const mien_dataset *c, int fold, mien_cell cell,
    const double *now, const double *truth) {
    size_t bytes = (size_t)(c->groups * c->width) * sizeof(double);
    memset(m->sum, 0, bytes);
    memset(m->n, 0, bytes);
    for (int64_t i = 0; i < c->rows; i++) {
        if (mien_dataset_cell(c, fold, i) != cell) {
            continue;
        }
        for (int64_t w = 0; w < c->width; w++) {
            bool has = isfinite(truth[i * c->width + w]);
            m->sum[c->group[i] * c->width + w] += has ? now[i * c->width + w] : 0;
            m->n[c->group[i] * c->width + w] += has;
        }
    }
}

/* An answer that differs from the mean by no more than a float's rounding is the mean.
 */
static double about(double x, double mean) {
    double d = x - mean;
    return fabs(d) <= 2.4e-7 * fabs(x) ? 0 : d;
}

/* Adds a fit's answers to the sums of its cells. */
static void add_fit(const mien_dataset *c, int fold, const double *now,
    const double *truth, centre *m, double *answer, double *centred) {
    const int64_t values = c->rows * c->width;
    for (int cell = 0; cell < MIEN_CELLS; cell++) {
        centre_fill(m, c, fold, (mien_cell)cell, now, truth);
        for (int64_t i = 0; i < c->rows; i++) {
            if (mien_dataset_cell(c, fold, i) != (mien_cell)cell) {
                continue;
            }
            for (int64_t w = 0; w < c->width; w++) {
                int64_t at = i * c->width + w, of = c->group[i] * c->width + w;
                if (answer) {
                    answer[cell * values + at] += now[at];
                }
                centred[cell * values + at] +=
                    m->n[of] > 0 ? about(now[at], m->sum[of] / m->n[of]) : (double)NAN;
            }
        }
    }
}

/* Sums to means over the fits that answered. */
static void average(
    const mien_dataset *c, const int32_t *fits, int times, double *sums) {
    for (int64_t i = 0; sums && i < times * MIEN_CELLS * c->rows; i++) {
        int32_t n = fits[i % (MIEN_CELLS * c->rows)];
        for (int64_t w = 0; w < c->width && n; w++) {
            sums[i * c->width + w] /= n;
        }
    }
}

/* Room for one fit's answers. */
typedef struct desk {
    double *now[MIEN_CROSSED_ANSWERS + 1];
    centre centre;
    core core[MIEN_TARGETS_MAX];
} desk;

static void desk_clear(desk *d) {
    for (int a = 0; a <= MIEN_CROSSED_ANSWERS; a++) {
        mien_free(d->now[a]);
    }
    for (int t = 0; t < MIEN_TARGETS_MAX; t++) {
        core_clear(&d->core[t]);
    }
    mien_free(d->centre.sum);
    mien_free(d->centre.n);
}

static mien_status desk_init(desk *d, const mien_dataset *c) {
    size_t values = (size_t)(c->rows * c->width);
    size_t groups = (size_t)(c->groups * c->width);
    *d = (desk){.centre = {mien_alloc(groups, sizeof(double)),
                    mien_alloc(groups, sizeof(double))}};
    mien_status status = d->centre.sum && d->centre.n ? MIEN_OK : MIEN_ENOMEM;
    for (int a = 0; status == MIEN_OK && a <= MIEN_CROSSED_ANSWERS; a++) {
        d->now[a] = mien_alloc(values, sizeof(double));
        status = d->now[a] ? MIEN_OK : MIEN_ENOMEM;
    }
    for (int t = 0; status == MIEN_OK && t < c->targets; t++) {
        status = core_init(&d->core[t], c, mien_target_width(&c->target[t].target));
    }
    return status;
}

static mien_status answers_init(
    mien_crossed_answers *x, const mien_dataset *c, int seeds) {
    size_t cells = (size_t)MIEN_CELLS * (size_t)c->rows;
    *x = (mien_crossed_answers){.seeds = seeds, .rows = c->rows, .width = c->width};
    x->fits = mien_alloc(cells, sizeof *x->fits);
    bool good = x->fits != NULL;
    for (int a = 0; a <= MIEN_CROSSED_ANSWERS; a++) {
        size_t times = a == MIEN_CROSSED_MODEL ? (size_t)seeds : 1;
        size_t values = times * cells * (size_t)c->width;
        x->centred[a] = mien_alloc(values, sizeof(double));
        good = good && x->centred[a];
        if (a < MIEN_CROSSED_ANSWERS) {
            x->answer[a] = mien_alloc(values, sizeof(double));
            good = good && x->answer[a];
        }
    }
    return good ? MIEN_OK : MIEN_ENOMEM;
}

static void add_fold(mien_crossed_answers *x, const mien_dataset *c, int fold,
    const mien_fit_answers *const *fits, desk *d) {
    const int64_t all = (int64_t)MIEN_CELLS * c->rows * c->width;
    for (int t = 0; t < c->targets; t++) {
        core_fill(&d->core[t], c, &c->target[t], fold);
        answer_without(&d->core[t], c, &c->target[t], d->now);
    }
    const double *truth = d->now[MIEN_CROSSED_ANSWERS];
    for (int a = MIEN_CROSSED_MEAN; a <= MIEN_CROSSED_ANSWERS; a++) {
        add_fit(c, fold, d->now[a], truth, &d->centre,
            a < MIEN_CROSSED_ANSWERS ? x->answer[a] : NULL, x->centred[a]);
    }
    for (int s = 0; s < x->seeds; s++) {
        const mien_fit_answers *fit = fits[s * c->folds + fold];
        for (int64_t i = 0; i < fit->tested; i++) {
            memcpy(d->now[MIEN_CROSSED_MODEL] + fit->rows[i] * c->width,
                fit->predictions + i * c->width, (size_t)c->width * sizeof(double));
        }
        add_fit(c, fold, d->now[MIEN_CROSSED_MODEL], truth, &d->centre,
            x->answer[MIEN_CROSSED_MODEL] + s * all,
            x->centred[MIEN_CROSSED_MODEL] + s * all);
    }
    for (int64_t i = 0; i < c->rows; i++) {
        mien_cell cell = mien_dataset_cell(c, fold, i);
        if (cell < MIEN_CELLS) {
            x->fits[cell * c->rows + i]++;
        }
    }
}

mien_status mien_crossed_answers_make(mien_crossed_answers *answers,
    const mien_dataset *dataset, int seeds, const mien_fit_answers *const *fits) {
    desk d;
    mien_status status = desk_init(&d, dataset);
    mien_status made = answers_init(answers, dataset, seeds);
    status = status ? status : made;
    for (int k = 0; status == MIEN_OK && k < dataset->folds; k++) {
        add_fold(answers, dataset, k, fits, &d);
    }
    for (int a = 0; status == MIEN_OK && a <= MIEN_CROSSED_ANSWERS; a++) {
        int times = a == MIEN_CROSSED_MODEL ? seeds : 1;
        average(dataset, answers->fits, times,
            a < MIEN_CROSSED_ANSWERS ? answers->answer[a] : NULL);
        average(dataset, answers->fits, times, answers->centred[a]);
    }
    desk_clear(&d);
    return status;
}
