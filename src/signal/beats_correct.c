/* SPDX-License-Identifier: MIT */
/* Artefact correction of beats: Lipponen & Tarvainen (2019), A robust algorithm for
 * heart rate variability time series artefact correction using novel beat
 * classification. Journal of Medical Engineering & Technology, 43(3), 173-181.
 *
 * Comes in: beats as sample numbers. Goes out: a corrected list, and what was mended.
 * Each interval and each difference between intervals is divided by a threshold that
 * follows the spread of the 91 around it; their signs and neighbours tell what is
 * wrong. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "mien/physiology.h"
#include "base/need.h"
#include "signal/order.h"

enum { SPREAD_WINDOW = 91, MEDIAN_WINDOW = 11 };
#define ALPHA 5.2
#define C1 0.13
#define C2 0.17

typedef enum kind { GOOD, ECTOPIC, MISSED, EXTRA, MISPLACED } kind;

/* Of every beat, [n]. */
typedef struct work {
    int64_t n;
    double *interval;   /* s, from the beat before; the first is the mean */
    double *change;     /* of the interval, by its threshold */
    double *deviation;  /* of the interval from its median, by its threshold */
    double *median;     /* of the 11 intervals around, s */
    double *threshold;  /* of the deviation, s */
    double *next_two;   /* extreme of the next two changes, away from this one */
    double *neighbours; /* extreme of the changes on both sides */
    unsigned char *wrong;
} work;

/* Sorted |x| or x of those within half a window of i that exist; returns how many. */
static int64_t sort_around(const double *x, int64_t n, int64_t i, int64_t window,
    bool absolute, double *sorted) {
    int64_t count = 0;
    for (int64_t k = i - window / 2; k <= i + window / 2; k++) {
        if (k >= 0 && k < n) {
            sorted[count++] = absolute ? fabs(x[k]) : x[k];
        }
    }
    qsort(sorted, (size_t)count, sizeof *sorted, mien_by_value);
    return count;
}

/* ALPHA times half the distance of the quartiles of |x| around i. */
static double spread(const double *x, int64_t n, int64_t i) {
    double sorted[SPREAD_WINDOW];
    int64_t count = sort_around(x, n, i, SPREAD_WINDOW, true, sorted);
    return ALPHA *
           (mien_quantile_sorted(sorted, count, 0.75) -
               mien_quantile_sorted(sorted, count, 0.25)) /
           2;
}

/* Divides x by its spread, keeping the spread if asked to; scratch [n]. */
static void standardise(double *x, int64_t n, double *scratch, double *kept) {
    for (int64_t i = 0; i < n; i++) {
        scratch[i] = spread(x, n, i);
    }
    for (int64_t i = 0; i < n; i++) {
        x[i] /= scratch[i];
        if (kept) {
            kept[i] = scratch[i];
        }
    }
}

static void fill_first(double *x, int64_t n) {
    double sum = 0;
    for (int64_t i = 1; i < n; i++) {
        sum += x[i];
    }
    x[0] = sum / (double)(n - 1);
}

/* A change at i, turned over at both ends (… 2 1 0 1 2 …). */
static double change_at(const work *w, int64_t i) {
    i = i < 0 ? -i : i;
    return w->change[i < w->n ? i : 2 * (w->n - 1) - i];
}

static void measure(work *w, const int64_t *beats, double rate_hz) {
    int64_t n = w->n;
    for (int64_t i = 1; i < n; i++) {
        w->interval[i] = (double)(beats[i] - beats[i - 1]) / rate_hz;
    }
    fill_first(w->interval, n);
    for (int64_t i = 1; i < n; i++) {
        w->change[i] = w->interval[i] - w->interval[i - 1];
    }
    fill_first(w->change, n);
    standardise(w->change, n, w->threshold, NULL);
    for (int64_t i = 0; i < n; i++) {
        double sorted[MEDIAN_WINDOW];
        int64_t count = sort_around(w->interval, n, i, MEDIAN_WINDOW, false, sorted);
        w->median[i] = mien_quantile_sorted(sorted, count, 0.5);
        w->deviation[i] = w->interval[i] - w->median[i];
        w->deviation[i] *= w->deviation[i] < 0 ? 2 : 1;
    }
    standardise(w->deviation, n, w->next_two, w->threshold);
    for (int64_t i = 0; i < n; i++) {
        double before = change_at(w, i - 1), after = change_at(w, i + 1);
        double second = change_at(w, i + 2);
        bool up = w->change[i] > 0;
        w->neighbours[i] = up                 ? fmax(before, after)
                           : w->change[i] < 0 ? fmin(before, after)
                                              : 0;
        w->next_two[i] = w->change[i] >= 0 ? fmin(after, second) : fmax(after, second);
    }
}

/* ---- what is wrong --------------------------------------------------------- */

static bool is_ectopic(const work *w, int64_t i) {
    double c = w->change[i];
    return (c > 1 && w->neighbours[i] < -C1 * c - C2) ||
           (c < -1 && w->neighbours[i] > -C1 * c + C2);
}

/* The artefact that makes a beat's interval too long or too short; GOOD if it is
 * neither. */
static kind classify(const work *w, int64_t i) {
    bool longer = w->change[i] > 1 && w->next_two[i] < -1;
    bool shorter = w->change[i] < -1 && w->next_two[i] > 1;
    if (!longer && !shorter && !(fabs(w->deviation[i]) > 3)) {
        return GOOD;
    }
    double next = i + 1 < w->n ? w->interval[i + 1] : 0, m = w->median[i];
    if (shorter && fabs(w->interval[i] + next - m) < w->threshold[i]) {
        return EXTRA;
    }
    return longer && fabs(w->interval[i] / 2 - m) < w->threshold[i] ? MISSED
                                                                    : MISPLACED;
}

static int64_t classify_all(work *w) {
    int64_t i = 0, found = 0;
    memset(w->wrong, GOOD, (size_t)w->n);
    while (i < w->n - 2) {
        bool out = fabs(w->change[i]) > 1;
        if (out && is_ectopic(w, i)) {
            w->wrong[i] = ECTOPIC;
        } else if (out) {
            /* a shifted beat shows in the interval before it or in the one after */
            bool also = fabs(w->change[i + 1]) < fabs(w->change[i + 2]);
            w->wrong[i] = (unsigned char)classify(w, i);
            if (also) {
                found += w->wrong[i] != GOOD;
                i++;
                w->wrong[i] = (unsigned char)classify(w, i);
            }
        }
        found += w->wrong[i] != GOOD;
        i++;
    }
    return found;
}

/* ---- mending --------------------------------------------------------------- */

/* Puts the beats of one kind midway between their neighbours as these stand now. to [2
 * × count]: the second half is scratch. */
static void move_kind(
    int64_t *to, const unsigned char *kind_of, int64_t count, kind moved) {
    int64_t *old = to + count;
    memcpy(old, to, (size_t)count * sizeof *to);
    for (int64_t k = 2; k < count - 1; k++) {
        if (kind_of[k] == moved) {
            to[k] = old[k - 1] + (old[k + 1] - old[k - 1]) / 2;
        }
    }
}

/* Removes and inserts, then moves, ectopic beats first. `to` [4 n] and kind_of [2 n]
 * have room for a beat inserted before each. Returns how many there are. */
static int64_t mend(
    const work *w, const int64_t *beats, int64_t *to, unsigned char *kind_of) {
    int64_t count = 0;
    for (int64_t i = 0; i < w->n; i++) {
        if (w->wrong[i] == EXTRA) {
            continue;
        }
        if (w->wrong[i] == MISSED && i > 1) {
            kind_of[count] = GOOD;
            to[count++] = beats[i - 1] + (beats[i] - beats[i - 1]) / 2;
        }
        kind_of[count] = w->wrong[i];
        to[count++] = beats[i];
    }
    move_kind(to, kind_of, count, ECTOPIC);
    move_kind(to, kind_of, count, MISPLACED);
    return count;
}

static mien_status make(work *w, int64_t n) {
    w->n = n;
    double **fields[] = {&w->interval, &w->change, &w->deviation, &w->median,
        &w->threshold, &w->next_two, &w->neighbours};
    double *room = mien_alloc((size_t)n * 7, sizeof *room);
    w->wrong = mien_alloc((size_t)n, 1);
    for (int k = 0; room && k < 7; k++) {
        *fields[k] = room + k * n;
    }
    return room && w->wrong ? MIEN_OK : MIEN_ENOMEM;
}

static void clear(work *w) {
    mien_free(w->interval);
    mien_free(w->wrong);
    *w = (work){.n = 0};
}

static void count_kinds(const work *w, mien_beat_artefacts *a) {
    for (int64_t i = 0; i < w->n; i++) {
        a->ectopic += w->wrong[i] == ECTOPIC;
        a->missed += w->wrong[i] == MISSED;
        a->extra += w->wrong[i] == EXTRA;
        a->misplaced += w->wrong[i] == MISPLACED;
    }
}

mien_status mien_beats_correct(const int64_t *beats, int64_t count, double rate_hz,
    int64_t **corrected, int64_t *corrected_count, mien_beat_artefacts *artefacts) {
    MIEN_NEED(beats || count < 1, corrected, corrected_count);
    int64_t *now = mien_alloc((size_t)count, sizeof *now), before = INT64_MAX;
    int64_t n = count;
    work w = {.n = 0};
    mien_beat_artefacts mended = {0};
    mien_status status = now ? MIEN_OK : MIEN_ENOMEM;
    if (status == MIEN_OK && count > 0) {
        memcpy(now, beats, (size_t)count * sizeof *now);
    }
    while (status == MIEN_OK && n >= 5) {
        status = make(&w, n);
        if (status != MIEN_OK) {
            break;
        }
        measure(&w, now, rate_hz);
        int64_t found = classify_all(&w);
        if (found == 0 || found >= before) {
            break;
        }
        before = found;
        int64_t *next = mien_alloc(4 * (size_t)n, sizeof *next);
        unsigned char *kind_of = mien_alloc(2 * (size_t)n, 1);
        status = next && kind_of ? MIEN_OK : MIEN_ENOMEM;
        if (status == MIEN_OK) {
            count_kinds(&w, &mended);
            n = mend(&w, now, next, kind_of);
            mien_free(now);
            now = next;
            next = NULL;
        }
        mien_free(kind_of);
        mien_free(next);
        clear(&w);
    }
    clear(&w);
    if (status != MIEN_OK) {
        mien_free(now);
        return status;
    }
    *corrected = now;
    *corrected_count = n;
    if (artefacts) {
        *artefacts = mended;
    }
    return MIEN_OK;
}
