/* SPDX-License-Identifier: MIT */
/* The inner folds of a choice, and the scores that decide it. Called by head_trainer.c
 * for each target of each fold. */
#include "train/inner.h"

#include "train/numbering.h"

#include <float.h>
#include <math.h>
#include <string.h>

/* ---- scores --------------------------------------------------------------------- */

static int choose_class(const double *outputs, int classes) {
    int best = 0;
    for (int k = 1; k < classes; k++) {
        best = outputs[k] > outputs[best] ? k : best;
    }
    return best;
}

/* log Σ exp, without overflow. */
static double log_sum(const double *z, int n) {
    double top = z[choose_class(z, n)], sum = 0;
    for (int k = 0; k < n; k++) {
        sum += exp(z[k] - top);
    }
    return top + log(sum);
}

static double minus_loss(const mien_lesson *l, const double *outputs) {
    int n = l->classes ? l->classes : 1;
    double sum = 0;
    for (int64_t i = 0; i < l->rows; i++) {
        const double *z = outputs + i * n;
        double d = l->classes ? 0 : z[0] - l->value[i];
        sum += l->classes ? z[l->label[i]] - log_sum(z, n) : -d * d;
    }
    return sum / (double)l->rows;
}

/* Share that is right: of rows, or the mean of classes' own. */
static double accuracy(const mien_lesson *l, const double *outputs, bool balanced) {
    int64_t right[MIEN_CLASSES_MAX] = {0}, all[MIEN_CLASSES_MAX] = {0}, sum = 0;
    double shares = 0;
    int shown = 0;
    for (int64_t i = 0; i < l->rows; i++) {
        bool hit = choose_class(outputs + i * l->classes, l->classes) == l->label[i];
        right[l->label[i]] += hit;
        all[l->label[i]]++;
        sum += hit;
    }
    for (int k = 0; k < l->classes; k++) {
        shown += all[k] > 0;
        shares += all[k] ? (double)right[k] / (double)all[k] : 0;
    }
    return balanced ? shares / shown : (double)sum / (double)l->rows;
}

/* The chance that a row of the class has a larger probability of it than another row;
 * equal ones count half. NaN where one of the two kinds is not there. */
static double auc_of(const mien_lesson *l, const double *outputs, int k) {
    int n = l->classes;
    int64_t own = 0, pairs = 0;
    double sum = 0;
    for (int64_t i = 0; i < l->rows; i++) {
        const double *a = outputs + i * n;
        double p = a[k] - log_sum(a, n);
        own += l->label[i] == k;
        for (int64_t j = 0; l->label[i] == k && j < l->rows; j++) {
            const double *b = outputs + j * n;
            if (l->label[j] != k) {
                double q = b[k] - log_sum(b, n);
                sum += p > q ? 1 : p == q ? 0.5 : 0;
                pairs++;
            }
        }
    }
    return pairs ? sum / (double)pairs : NAN;
}

static double auc(const mien_lesson *l, const double *outputs) {
    double sum = 0;
    int defined = 0;
    for (int k = 0; k < l->classes; k++) {
        double one = auc_of(l, outputs, k);
        defined += isfinite(one);
        sum += isfinite(one) ? one : 0;
    }
    return defined ? sum / defined : NAN;
}

double mien_inner_score_of(
    mien_inner_score score, const mien_lesson *lesson, const double *outputs) {
    const mien_lesson *l = lesson;
    if (!l->classes || score == MIEN_INNER_LOSS) {
        return minus_loss(l, outputs);
    }
    return score == MIEN_INNER_AUC ? auc(l, outputs)
                                   : accuracy(l, outputs, score == MIEN_INNER_BALANCED);
}

/* ---- inner folds ---------------------------------------------------------------- */

/* A lesson of some rows of another, in memory of its own. */
typedef struct part {
    mien_lesson lesson;
    float *x;
    int *label;
    double *value, *weight;
} part;

static void part_clear(part *p) {
    mien_free(p->x);
    mien_free(p->label);
    mien_free(p->value);
    mien_free(p->weight);
}

/* The rows that stand in a fold, or those that do not. */
static mien_status cut(
    const mien_lesson *from, const int *fold, int which, bool within, part *p) {
    size_t n = (size_t)from->rows, bytes = (size_t)from->width * sizeof *p->x;
    *p = (part){.x = mien_alloc(n * (size_t)from->width, sizeof *p->x),
        .label = mien_alloc(n, sizeof *p->label),
        .value = mien_alloc(n, sizeof *p->value),
        .weight = mien_alloc(n, sizeof *p->weight)};
    if (!p->x || !p->label || !p->value || !p->weight) {
        return MIEN_ENOMEM;
    }
    int64_t rows = 0;
    for (int64_t i = 0; i < from->rows; i++) {
        if ((fold[i] == which) != within) {
            continue;
        }
        memcpy(p->x + rows * from->width, from->x + i * from->width, bytes);
        p->weight[rows] = from->weight[i];
        if (from->classes) {
            p->label[rows] = from->label[i];
        } else {
            p->value[rows] = from->value[i];
        }
        rows++;
    }
    p->lesson = *from;
    p->lesson.rows = rows;
    p->lesson.x = p->x;
    p->lesson.label = p->label;
    p->lesson.value = p->value;
    p->lesson.weight = p->weight;
    return MIEN_OK;
}

static int64_t count_groups(const mien_inner *in) {
    int64_t count = 0, rows = in->lesson->rows;
    int64_t *number = in->group ? mien_alloc((size_t)rows, sizeof *number) : NULL;
    if (in->group && (!number || mien_number_names((const char **)in->group, rows,
                                     number, &count) != MIEN_OK)) {
        count = -1;
    }
    mien_free(number);
    return in->group ? count : rows;
}

/* Whole groups, or rows: of classes assigned so that each fold has its share of each,
 * where there are enough. */
static mien_status deal(const mien_inner *in, int *fold, int *folds) {
    const mien_options *o = in->study->options;
    mien_fold_options f = mien_fold_options_default();
    int64_t groups = count_groups(in);
    if (groups < 0) {
        return MIEN_ENOMEM;
    }
    f.k = (int)mien_options_int(o, "inner.k");
    f.k = f.k < groups ? f.k : (int)groups;
    f.seed = (uint32_t)mien_options_int(o, "inner.seed");
    f.group = in->group;
    f.label = in->lesson->classes ? in->lesson->label : NULL;
    f.classes = in->lesson->classes;
    f.rule = in->group ? MIEN_FOLDS_GROUPS
             : f.label ? MIEN_FOLDS_STRATIFIED
                       : MIEN_FOLDS_ROWS;
    if (groups < 2) {
        return mien_fail(MIEN_EFORMAT,
            "there is one %s to train on: candidates are chosen by leaving some out, "
            "so give one candidate alone, or more groups",
            in->group ? "group" : "row");
    }
    mien_status status = mien_folds_deal(in->lesson->rows, &f, fold, folds);
    if (status == MIEN_EINVAL && f.rule == MIEN_FOLDS_STRATIFIED) {
        f.rule = MIEN_FOLDS_ROWS; /* a class has fewer rows than there are folds */
        status = mien_folds_deal(in->lesson->rows, &f, fold, folds);
    }
    return status;
}

/* Whether a learner of classes has two of them to tell apart. */
static bool teaches(const mien_lesson *l) {
    bool differs = !l->classes;
    for (int64_t i = 1; !differs && i < l->rows; i++) {
        differs = l->label[i] != l->label[0];
    }
    return l->rows > 0 && differs;
}

static bool is_suited(const mien_inner *in, int candidate) {
    const mien_learner *l = in->learner;
    return !l->suits || l->suits(in->study, candidate, in->lesson->classes > 0);
}

/* Sums up each candidate's score in one inner fold. */
static mien_status try_fold(const mien_inner *in, const part *train, const part *held,
    double *sum, int *count) {
    int candidates = in->learner->candidates(in->study);
    int64_t outputs = in->lesson->classes ? in->lesson->classes : 1;
    double *z = mien_alloc((size_t)(held->lesson.rows * outputs), sizeof *z);
    mien_status status = z ? MIEN_OK : MIEN_ENOMEM;
    for (int k = 0; status == MIEN_OK && k < candidates; k++) {
        mien_learned learned = {0};
        if (!is_suited(in, k)) {
            continue;
        }
        status = in->learner->fit(&train->lesson, in->study, k, &learned);
        if (status == MIEN_OK) {
            mien_learned_run(&learned, held->lesson.x, held->lesson.rows, z);
            double score =
                mien_inner_score_of(in->study->heads.score, &held->lesson, z);
            sum[k] += isfinite(score) ? score : 0;
            count[k] += isfinite(score);
        }
        mien_learned_clear(&learned);
    }
    mien_free(z);
    return status;
}

static mien_status try_all(const mien_inner *in, double *sum, int *count) {
    int *fold = mien_alloc((size_t)in->lesson->rows, sizeof *fold), folds = 0;
    mien_status status = fold ? deal(in, fold, &folds) : MIEN_ENOMEM;
    for (int k = 0; status == MIEN_OK && k < folds; k++) {
        part train = {0}, held = {0};
        status = cut(in->lesson, fold, k, false, &train);
        if (status == MIEN_OK) {
            status = cut(in->lesson, fold, k, true, &held);
        }
        if (status == MIEN_OK && teaches(&train.lesson)) {
            status = try_fold(in, &train, &held, sum, count);
        }
        part_clear(&train);
        part_clear(&held);
    }
    mien_free(fold);
    return status;
}

mien_status mien_inner_choose(const mien_inner *inner, int *candidate, double *score) {
    int candidates = inner->learner->candidates(inner->study), suited = 0;
    *score = (double)NAN;
    for (int k = candidates - 1; k >= 0; k--) {
        suited += is_suited(inner, k);
        *candidate = is_suited(inner, k) ? k : *candidate;
    }
    if (suited < 2) {
        return MIEN_OK;
    }
    double *sum = mien_alloc((size_t)candidates, sizeof *sum), best = -DBL_MAX;
    int *count = mien_alloc((size_t)candidates, sizeof *count);
    mien_status status = sum && count ? try_all(inner, sum, count) : MIEN_ENOMEM;
    for (int k = 0; status == MIEN_OK && k < candidates; k++) {
        double mean = count[k] ? sum[k] / count[k] : -DBL_MAX;
        if (mean > best) {
            best = *score = mean;
            *candidate = k;
        }
    }
    mien_free(sum);
    mien_free(count);
    return status;
}

/* ---- rows that a fit did not see --------------------------------------------------
 */

/* Puts the outputs of an inner fold's rows where they stand in the lesson. */
static void spread(const mien_inner *in, const int *fold, int which, const double *z,
    double *outputs) {
    int64_t n = in->lesson->classes ? in->lesson->classes : 1;
    for (int64_t i = 0; i < in->lesson->rows; i++) {
        if (fold[i] == which) {
            memcpy(outputs + i * n, z, (size_t)n * sizeof *z);
            z += n;
        }
    }
}

static mien_status answer_fold(
    const mien_inner *in, const int *fold, int which, int candidate, double *outputs) {
    int64_t n = in->lesson->classes ? in->lesson->classes : 1;
    part train = {0}, held = {0};
    mien_learned learned = {0};
    double *z = mien_alloc((size_t)(in->lesson->rows * n), sizeof *z);
    mien_status status = z ? cut(in->lesson, fold, which, false, &train) : MIEN_ENOMEM;
    if (status == MIEN_OK) {
        status = cut(in->lesson, fold, which, true, &held);
    }
    if (status == MIEN_OK && teaches(&train.lesson)) {
        status = in->learner->fit(&train.lesson, in->study, candidate, &learned);
        if (status == MIEN_OK) {
            mien_learned_run(&learned, held.lesson.x, held.lesson.rows, z);
            spread(in, fold, which, z, outputs);
        }
    }
    mien_learned_clear(&learned);
    part_clear(&train);
    part_clear(&held);
    mien_free(z);
    return status;
}

mien_status mien_inner_outputs(
    const mien_inner *inner, int candidate, double *outputs) {
    const mien_lesson *l = inner->lesson;
    int64_t n = l->classes ? l->classes : 1;
    int *fold = mien_alloc((size_t)l->rows, sizeof *fold), folds = 0;
    mien_status status = fold ? deal(inner, fold, &folds) : MIEN_ENOMEM;
    for (int64_t i = 0; i < l->rows * n; i++) {
        outputs[i] = (double)NAN;
    }
    for (int k = 0; status == MIEN_OK && k < folds; k++) {
        status = answer_fold(inner, fold, k, candidate, outputs);
    }
    mien_free(fold);
    return status;
}
