/* SPDX-License-Identifier: MIT */
/* What the body answers in a trial of its own, in numbers.
 *
 * Comes in: an epoch that begins with the stimulus, gaps and all, and how many parts
 * its time is cut into. Goes out: for each sensor its level at the start, means of the
 * parts less that level, the size of the skin's answer, and how the eyes moved. Called
 * by inputs/input_response.c. */
#include <math.h>
#include <string.h>

#include "base/need.h"
#include "mien/gaze.h"

enum { ROWS = MIEN_EPOCH_ROWS, START = 18 }; /* rows: 0.3 s, before any answer */
enum { GAZE_VALUES = 12 };

int mien_epoch_response_values(mien_epoch_sensor sensor, int bins) {
    switch (sensor) {
    case MIEN_EPOCH_GAZE:
        return GAZE_VALUES + 1;
    case MIEN_EPOCH_SKIN:
        return bins + 3;
    default:
        return bins + 2;
    }
}

static double mean_of(const double *x, int from, int to) {
    double sum = 0;
    for (int i = from; i < to; i++) {
        sum += x[i];
    }
    return sum / (to - from);
}

/* The level at the start, then the means of the parts less it. */
static double *course(const double *x, int bins, double *to) {
    double start = mean_of(x, 0, START);
    *to++ = start;
    for (int k = 0; k < bins; k++) {
        *to++ = mean_of(x, k * ROWS / bins, (k + 1) * ROWS / bins) - start;
    }
    return to;
}

static double *pupil(const mien_epoch *e, int bins, double *to) {
    double x[ROWS];
    for (int i = 0; i < ROWS; i++) {
        x[i] = (e->left_mm[i] + e->right_mm[i]) / 2;
    }
    return course(x, bins, to);
}

/* Log conductance: a person's scale becomes a constant that the start takes away. The
 * largest rise over the start is an answer's size, whose logarithm is what varies
 * evenly between answers; 1 nS is added so that none has a logarithm too. */
static double *skin(const mien_epoch *e, int bins, double *to) {
    enum { SMOOTH = 10 };
    double x[ROWS], start = 0, most = 0;
    for (int i = 0; i < ROWS; i++) {
        x[i] = log(1e6 / fmax(e->gsr_ohm[i], 1));
    }
    to = course(x, bins, to);
    for (int i = 0; i < ROWS; i++) {
        x[i] = exp(x[i]);
    }
    start = mean_of(x, 0, START);
    for (int i = START; i + SMOOTH <= ROWS; i++) {
        most = fmax(most, mean_of(x, i, i + SMOOTH) - start);
    }
    *to++ = log(most + 0.001);
    return to;
}

/* ---- gaze ------------------------------------------------------------------------ */

typedef struct fixations {
    int count;
    double length[ROWS], x[ROWS], y[ROWS]; /* rows; shares of the screen */
} fixations;

int mien_epoch_fixations(const mien_epoch *e, double *x, double *y, double *length) {
    MIEN_NEED_OR(0, e, x, y, length);
    int count = 0;
    for (int from = 0, to; from < ROWS; from = to) {
        int seen = 0;
        x[count] = y[count] = 0;
        for (to = from; to < ROWS && !(e->fixation[to] != e->fixation[from]); to++) {
            if (e->gaze_valid[to] && !isnan(e->x[to]) && !isnan(e->y[to])) {
                x[count] += e->x[to];
                y[count] += e->y[to];
                seen++;
            }
        }
        to += to == from; /* a number that is missing is no fixation's */
        if (seen > 0) {
            length[count] = to - from;
            x[count] /= seen;
            y[count++] /= seen;
        }
    }
    return count;
}

static void spread(const double *x, int n, double *mean, double *sd) {
    double squares = 0;
    *mean = mean_of(x, 0, n);
    for (int i = 0; i < n; i++) {
        squares += (x[i] - *mean) * (x[i] - *mean);
    }
    *sd = sqrt(squares / n);
}

/* The last fixation of several was cut off by the end of the trial. */
static double *gaze(const mien_epoch *e, double *to) {
    fixations f;
    double steps[ROWS] = {0}, path = 0, log_mean = 0, longest = 0;
    double rate_hz = (ROWS - 1) / fmax(e->time_s[ROWS - 1] - e->time_s[0], 1e-3);
    f.count = mien_epoch_fixations(e, f.x, f.y, f.length);
    int whole = f.count > 1 ? f.count - 1 : f.count;
    for (int k = 0; k < whole; k++) {
        log_mean += log(f.length[k] / rate_hz) / whole;
        longest = fmax(longest, f.length[k] / rate_hz);
    }
    for (int k = 1; k < f.count; k++) {
        steps[k - 1] = hypot(f.x[k] - f.x[k - 1], f.y[k] - f.y[k - 1]);
        path += steps[k - 1];
    }
    to[0] = f.count;
    to[1] = log(mean_of(f.length, 0, whole) / rate_hz);
    to[2] = log_mean;
    spread(f.length, whole, &to[3], &to[4]);
    to[3] = to[4] / fmax(to[3], 1);
    to[4] = longest;
    to[5] = path;
    spread(steps, f.count > 1 ? f.count - 1 : 1, &to[6], &to[7]);
    spread(f.x, f.count, &to[8], &to[9]);
    spread(f.y, f.count, &to[10], &to[11]);
    return to + GAZE_VALUES;
}

/* ---- all ------------------------------------------------------------------------- */

static double share_of(const mien_epoch *e, mien_epoch_sensor sensor) {
    int valid = 0;
    for (int i = 0; i < ROWS; i++) {
        valid += sensor == MIEN_EPOCH_GAZE
                     ? e->gaze_valid[i] && !isnan(e->x[i]) && !isnan(e->y[i])
                 : sensor == MIEN_EPOCH_PUPIL
                     ? (e->left_valid[i] && !isnan(e->left_mm[i])) ||
                           (e->right_valid[i] && !isnan(e->right_mm[i]))
                 : sensor == MIEN_EPOCH_SKIN
                     ? e->gsr_valid[i] && !isnan(e->gsr_ohm[i])
                     : e->heart_valid[i] && !isnan(e->heart_bpm[i]);
    }
    return (double)valid / ROWS;
}

bool mien_epoch_response(
    const mien_epoch *epoch, mien_epoch_sensor sensor, int bins, double *values) {
    MIEN_NEED_OR(false, epoch, values);
    mien_epoch mended;
    int count = mien_epoch_response_values(sensor, bins);
    double share = share_of(epoch, sensor);
    mien_epoch_mend(epoch, &mended);
    values[count - 1] = share;
    if (share < 0.5) {
        for (int k = 0; k < count - 1; k++) {
            values[k] = NAN;
        }
        return false;
    }
    switch (sensor) {
    case MIEN_EPOCH_GAZE:
        gaze(&mended, values);
        break;
    case MIEN_EPOCH_PUPIL:
        pupil(&mended, bins, values);
        break;
    case MIEN_EPOCH_SKIN:
        skin(&mended, bins, values);
        break;
    default:
        course(mended.heart_bpm, bins, values);
        break;
    }
    return true;
}
