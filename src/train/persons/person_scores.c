/* SPDX-License-Identifier: MIT */
/* Draws people who teach nothing (no norm, no prior, no taste), keeps the same ratings
 * of each back for all numbers of own trials, and predicts these from the others. */
#include "train/persons/person_scores.h"

#include <math.h>
#include <string.h>

/* of a normal, 95 % */
#define HALF 1.959963984540054

void mien_person_draw_clear(mien_person_draw *draw) {
    mien_free(draw->people);
    mien_free(draw->test);
    mien_free(draw->point);
    mien_free(draw->shown);
    mien_free(draw->deviation);
    *draw = (mien_person_draw){0};
}

mien_status mien_person_eligible(const mien_ratings *ratings,
    const mien_person_plan *plan, const char *study, int64_t *people, int64_t *count) {
    int64_t least = plan->test + plan->own[plan->steps - 1];
    *count = 0;
    for (int64_t p = 0; p < ratings->people; p++) {
        if (ratings->first[p + 1] - ratings->first[p] >= least) {
            people[(*count)++] = p;
        }
    }
    if (*count < plan->unseen) {
        return mien_fail(MIEN_EFORMAT,
            "%s: person.unseen: %lld people are to be judged, and %lld of %lld have "
            "the "
            "%lld ratings that the longest of person.own and person.test ask for",
            study, (long long)plan->unseen, (long long)*count,
            (long long)ratings->people, (long long)least);
    }
    return ratings->people - plan->unseen >= 2
               ? MIEN_OK
               : mien_fail(MIEN_EFORMAT,
                     "%s: person.unseen: %lld of %lld people leave fewer than 2 to "
                     "learn from",
                     study, (long long)plan->unseen, (long long)ratings->people);
}

/* ---- one draw -------------------------------------------------------------------- */

typedef struct judging {
    const mien_ratings *r;
    const mien_person_plan *plan;
    const int64_t *eligible;
    int64_t eligible_count;
    mien_person_form shown;
    int shown_step;
    mien_person_draw *draws;
} judging;

/* The measurements of one draw before they are summed up. */
typedef struct sheet {
    int64_t *order, *teach; /* ratings of each unseen person, shuffled; people */
    int64_t *stimuli;       /* [test] */
    double *truth, *value, *deviation; /* [test] */
    double *r, *rmse;                  /* [forms, steps, unseen] */
    double *norm; /* [unseen] gains, and room for what is defined */
} sheet;

static void sheet_clear(sheet *s) {
    mien_free(s->order);
    mien_free(s->teach);
    mien_free(s->stimuli);
    mien_free(s->truth);
    mien_free(s->value);
    mien_free(s->deviation);
    mien_free(s->r);
    mien_free(s->rmse);
    mien_free(s->norm);
}

static mien_status open_sheet(sheet *s, mien_person_draw *d, const judging *j) {
    const mien_person_plan *p = j->plan;
    size_t test = (size_t)p->test, unseen = (size_t)p->unseen;
    size_t points = (size_t)MIEN_PERSON_FORMS * (size_t)p->steps;
    s->order = mien_alloc((size_t)j->r->stimuli, sizeof *s->order);
    s->teach = mien_alloc((size_t)(j->r->people + j->eligible_count), sizeof *s->teach);
    s->stimuli = mien_alloc(test, sizeof *s->stimuli);
    s->truth = mien_alloc(test, sizeof *s->truth);
    s->value = mien_alloc(test, sizeof *s->value);
    s->deviation = mien_alloc(test, sizeof *s->deviation);
    s->r = mien_alloc(points * unseen, sizeof *s->r);
    s->rmse = mien_alloc(points * unseen, sizeof *s->rmse);
    s->norm = mien_alloc(unseen, sizeof *s->norm);
    d->people = mien_alloc(unseen, sizeof *d->people);
    d->test = mien_alloc(unseen * test, sizeof *d->test);
    d->point = mien_alloc(points, sizeof *d->point);
    d->shown = mien_alloc(unseen * test, sizeof *d->shown);
    d->deviation = mien_alloc(unseen * test, sizeof *d->deviation);
    return s->order && s->teach && s->stimuli && s->truth && s->value && s->deviation &&
                   s->r && s->rmse && s->norm && d->people && d->test && d->point &&
                   d->shown && d->deviation
               ? MIEN_OK
               : MIEN_ENOMEM;
}

/* The first of the shuffled people are unseen; all others teach. */
static int64_t deal(
    const judging *j, mien_random *random, mien_person_draw *d, int64_t *teach) {
    int64_t *order = teach + j->r->people, count = 0, next = 0;
    mien_random_permutation(random, order, j->eligible_count);
    for (int64_t k = 0; k < j->plan->unseen; k++) {
        d->people[k] = j->eligible[order[k]];
    }
    for (int64_t p = 0; p < j->r->people; p++) {
        bool is_unseen = false;
        for (int64_t k = 0; k < j->plan->unseen; k++) {
            is_unseen = is_unseen || d->people[k] == p;
        }
        if (!is_unseen) {
            teach[count++] = p;
        }
    }
    double sum = 0;
    for (int64_t k = 0; k < count; k++) {
        for (int64_t i = j->r->first[teach[k]]; i < j->r->first[teach[k] + 1]; i++) {
            sum += j->r->value[i];
            next++;
        }
    }
    d->null = sum / (double)next;
    return count;
}

/* One person, one form, one number of own trials. */
static mien_status measure(const judging *j, const mien_taught *taught, sheet *s,
    mien_person_draw *d, int64_t unseen, int form, int step) {
    const mien_person_plan *p = j->plan;
    const mien_metric *r = mien_metric_find("r"), *rmse = mien_metric_find("rmse");
    int64_t at = ((int64_t)form * p->steps + step) * p->unseen + unseen;
    mien_person_point *point = &d->point[form * p->steps + step];
    mien_status status = mien_taught_predict(taught, (mien_person_form)form,
        s->order + p->test, p->own[step], s->stimuli, p->test, s->value, s->deviation);
    if (status != MIEN_OK) {
        return status;
    }
    const mien_pairs pairs = {p->test, s->truth, s->value, NULL};
    s->r[at] = mien_metric_value(r, &pairs);
    s->rmse[at] = mien_metric_value(rmse, &pairs);
    point->pooled += s->rmse[at] * s->rmse[at] / (double)p->unseen;
    for (int64_t i = 0; i < p->test; i++) {
        double far = fabs(s->truth[i] - s->value[i]);
        point->covered += isnan(s->deviation[i]) ? (double)NAN
                                                 : (far <= HALF * s->deviation[i]) /
                                                       (double)(p->unseen * p->test);
    }
    if (form == (int)j->shown && step == j->shown_step) {
        size_t size = (size_t)p->test * sizeof *s->value;
        memcpy(d->shown + unseen * p->test, s->value, size);
        memcpy(d->deviation + unseen * p->test, s->deviation, size);
    }
    return MIEN_OK;
}

static mien_status judge_person(const judging *j, const mien_taught *taught, sheet *s,
    mien_person_draw *d, mien_random *random, int64_t unseen) {
    const mien_person_plan *p = j->plan;
    const mien_ratings *r = j->r;
    int64_t person = d->people[unseen], first = r->first[person];
    int64_t count = r->first[person + 1] - first;
    mien_status status = MIEN_OK;
    mien_random_permutation(random, s->order, count);
    for (int64_t i = 0; i < count; i++) {
        s->order[i] += first;
    }
    for (int64_t i = 0; i < p->test; i++) {
        d->test[unseen * p->test + i] = s->order[i];
        s->stimuli[i] = r->stimulus[s->order[i]];
        s->truth[i] = r->value[s->order[i]];
    }
    for (int f = 0; status == MIEN_OK && f < MIEN_PERSON_FORMS; f++) {
        for (int k = 0; status == MIEN_OK && p->use[f] && k < p->steps; k++) {
            status = measure(j, taught, s, d, unseen, f, k);
        }
    }
    return status;
}

/* ---- summing up ------------------------------------------------------------------ */

static mien_status mean_of_defined(
    const double *x, int64_t n, double *room, int64_t *undefined, mien_interval *out) {
    int64_t count = 0;
    for (int64_t i = 0; i < n; i++) {
        if (isfinite(x[i])) {
            room[count++] = x[i];
        }
    }
    *undefined = n - count;
    *out = (mien_interval){(double)NAN, (double)NAN, (double)NAN};
    return count ? mien_interval_of_mean(room, count, NULL, NULL, out) : MIEN_OK;
}

static mien_status sum_up(const judging *j, sheet *s, mien_person_draw *d) {
    const mien_person_plan *p = j->plan;
    mien_status status = MIEN_OK;
    for (int f = 0; f < MIEN_PERSON_FORMS; f++) {
        for (int k = 0; status == MIEN_OK && p->use[f] && k < p->steps; k++) {
            mien_person_point *point = &d->point[f * p->steps + k];
            const double *rmse = s->rmse + ((int64_t)f * p->steps + k) * p->unseen;
            const double *norm =
                s->rmse + ((int64_t)MIEN_PERSON_NORM * p->steps + k) * p->unseen;
            int64_t none;
            point->pooled = sqrt(point->pooled);
            status = mean_of_defined(s->r + ((int64_t)f * p->steps + k) * p->unseen,
                p->unseen, s->norm, &point->undefined, &point->r);
            if (status == MIEN_OK) {
                status = mean_of_defined(rmse, p->unseen, s->norm, &none, &point->rmse);
            }
            for (int64_t i = 0; i < p->unseen; i++) {
                s->norm[i] = norm[i] - rmse[i];
            }
            if (status == MIEN_OK) {
                status =
                    mien_interval_of_mean(s->norm, p->unseen, NULL, NULL, &point->gain);
            }
        }
    }
    return status;
}

static mien_status judge_draw(void *context, int64_t index, int worker) {
    const judging *j = context;
    mien_person_draw *d = &j->draws[index];
    mien_taught taught = {0};
    sheet s = {0};
    mien_random random;
    (void)worker;
    mien_random_init(&random, j->plan->seed + (uint32_t)index);
    mien_status status = open_sheet(&s, d, j);
    if (status == MIEN_OK) {
        int64_t count = deal(j, &random, d, s.teach);
        status = mien_taught_fit(&taught, j->r, s.teach, count, &j->plan->teach);
    }
    for (int64_t i = 0; status == MIEN_OK && i < j->plan->unseen; i++) {
        status = mien_interrupted() ? mien_fail(MIEN_EINTERRUPTED, "interrupted")
                                    : judge_person(j, &taught, &s, d, &random, i);
    }
    if (status == MIEN_OK) {
        status = sum_up(j, &s, d);
    }
    mien_taught_clear(&taught);
    sheet_clear(&s);
    return status;
}

mien_status mien_person_scores(const mien_ratings *ratings,
    const mien_person_plan *plan, const int64_t *eligible, int64_t eligible_count,
    mien_person_form shown, int shown_step, mien_thread_pool *pool,
    mien_person_draw *draws) {
    judging j = {ratings, plan, eligible, eligible_count, shown, shown_step, draws};
    return mien_thread_pool_run(pool, plan->draws, judge_draw, &j);
}
