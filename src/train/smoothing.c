/* SPDX-License-Identifier: MIT */
/* Smooths predicted series along the films of a dataset, and finds how much. */
#include "train/smoothing.h"

#include <math.h>

#include "mien/signal.h"

/* Rows of one group in order of time, out of those that were predicted. */
typedef struct series {
    int64_t n;
    int64_t *place; /* [n] in the predicted rows */
    double *x, *y;
} series;

/* Room for any group. place_of [dataset rows]: where a row was predicted, -1: it was
 * not.
 */
typedef struct workshop {
    int64_t *place_of;
    series s;
} workshop;

static void workshop_clear(workshop *w) {
    mien_free(w->place_of);
    mien_free(w->s.place);
    mien_free(w->s.x);
    mien_free(w->s.y);
}

static mien_status workshop_init(
    workshop *w, const mien_dataset *c, const mien_smoothing_rows *rows) {
    size_t n = (size_t)c->rows;
    *w = (workshop){.place_of = mien_alloc(n, sizeof(int64_t)),
        .s = {.place = mien_alloc(n, sizeof(int64_t)),
            .x = mien_alloc(n, sizeof(double)),
            .y = mien_alloc(n, sizeof(double))}};
    if (!w->place_of || !w->s.place || !w->s.x || !w->s.y) {
        return MIEN_ENOMEM;
    }
    for (int64_t i = 0; i < c->rows; i++) {
        w->place_of[i] = -1;
    }
    for (int64_t i = 0; i < rows->count; i++) {
        w->place_of[rows->rows[i]] = i;
    }
    return MIEN_OK;
}

static void gather(workshop *w, const mien_dataset *c, int64_t group,
    const mien_smoothing_rows *rows) {
    w->s.n = 0;
    for (int64_t i = c->first[group]; i < c->first[group + 1]; i++) {
        int64_t place = w->place_of[c->order[i]];
        if (place >= 0) {
            w->s.place[w->s.n] = place;
            w->s.x[w->s.n++] = (double)rows->values[place * rows->stride];
        }
    }
}

static mien_status smooth(series *s, const mien_study *study, double candidate) {
    if (candidate == 0) {
        for (int64_t i = 0; i < s->n; i++) {
            s->y[i] = s->x[i];
        }
        return MIEN_OK;
    }
    return study->smoothing == MIEN_SMOOTHING_MEAN
               ? mien_smooth_mean(s->x, s->n, (int64_t)candidate, s->y)
               : mien_smooth_butterworth(s->x, s->n,
                     (int)mien_options_int(study->options, "smoothing.order"),
                     candidate, s->y);
}

mien_status mien_smoothing_run(const mien_dataset *dataset, const mien_study *study,
    double candidate, mien_smoothing_rows *rows) {
    workshop w;
    mien_status status = workshop_init(&w, dataset, rows);
    for (int64_t g = 0; status == MIEN_OK && g < dataset->groups; g++) {
        gather(&w, dataset, g, rows);
        status = smooth(&w.s, study, candidate);
        for (int64_t i = 0; status == MIEN_OK && i < w.s.n; i++) {
            rows->values[w.s.place[i] * rows->stride] = (float)w.s.y[i];
        }
    }
    workshop_clear(&w);
    return status;
}

static mien_status error_of(workshop *w, const mien_dataset *c, const mien_study *study,
    const double *truth, const mien_smoothing_rows *rows, double candidate,
    double *error) {
    mien_status status = MIEN_OK;
    *error = 0;
    for (int64_t g = 0; status == MIEN_OK && g < c->groups; g++) {
        gather(w, c, g, rows);
        status = smooth(&w->s, study, candidate);
        for (int64_t i = 0; status == MIEN_OK && i < w->s.n; i++) {
            double d = w->s.y[i] - truth[rows->rows[w->s.place[i]]];
            *error += isfinite(d) ? d * d : 0; /* a row may lack the target */
        }
    }
    return status;
}

mien_status mien_smoothing_choose(const mien_dataset *dataset, const mien_study *study,
    const double *truth, const mien_smoothing_rows *rows, double *candidate) {
    workshop w;
    double best = (double)INFINITY;
    mien_status status = workshop_init(&w, dataset, rows);
    *candidate = study->smooth[0];
    for (int i = 0; status == MIEN_OK && i < study->smooth_count; i++) {
        double error = 0;
        status = error_of(&w, dataset, study, truth, rows, study->smooth[i], &error);
        if (status == MIEN_OK && error < best) {
            best = error;
            *candidate = study->smooth[i];
        }
    }
    workshop_clear(&w);
    return status;
}
