/* SPDX-License-Identifier: MIT */
/* What the fixations of a window come to, and who looked into which rectangle.
 *
 * Comes in: positions, and fixations as spans of samples. Goes out: plain figures, NaN
 * where there are too few fixations for one. */
#include <math.h>
#include <string.h>

#include "base/need.h"
#include "mien/gaze.h"

enum { GRID_X = 8, GRID_Y = 5, CELLS = GRID_X * GRID_Y };

/* The fixations in the window, [count] each. */
typedef struct chosen {
    int64_t count;
    double *x, *y, *duration;
    int *cell;
} chosen;

static int cell_of(double x, double y, const mien_screen *s) {
    double cx = x / s->width_px * GRID_X, cy = y / s->height_px * GRID_Y;
    cx = cx > 0 ? (cx < GRID_X ? cx : GRID_X - 1) : 0;
    cy = cy > 0 ? (cy < GRID_Y ? cy : GRID_Y - 1) : 0;
    return (int)cy * GRID_X + (int)cx;
}

static double mean_of(const double *x, int64_t n) {
    double sum = 0;
    for (int64_t i = 0; i < n; i++) {
        sum += x[i];
    }
    return n > 0 ? sum / (double)n : NAN;
}

/* Sum of products of deviations over n − 1; NaN of fewer than two. */
static double covariance(const double *x, const double *y, int64_t n) {
    double mx = mean_of(x, n), my = mean_of(y, n), sum = 0;
    for (int64_t i = 0; i < n; i++) {
        sum += (x[i] - mx) * (y[i] - my);
    }
    return n > 1 ? sum / (double)(n - 1) : NAN;
}

/* Bits of a distribution given by its weights. */
static double entropy_of(const double *weight) {
    double total = 0, bits = 0;
    for (int k = 0; k < CELLS; k++) {
        total += weight[k];
    }
    for (int k = 0; k < CELLS; k++) {
        double p = weight[k] / total;
        bits -= p > 0 ? p * log2(p) : 0;
    }
    return total > 0 ? bits : NAN;
}

static void entropies(const chosen *c, mien_gaze_features *f) {
    double by_count[CELLS] = {0}, by_time[CELLS] = {0}, from[CELLS] = {0};
    double way[CELLS][CELLS] = {{0}};
    for (int64_t k = 0; k < c->count; k++) {
        by_count[c->cell[k]] += 1;
        by_time[c->cell[k]] += c->duration[k];
        if (k > 0) {
            from[c->cell[k - 1]] += 1;
            way[c->cell[k - 1]][c->cell[k]] += 1;
        }
    }
    f->entropy = entropy_of(by_count);
    f->entropy_by_duration = entropy_of(by_time);
    f->entropy_transition = c->count > 1 ? 0 : NAN;
    for (int k = 0; k < CELLS; k++) {
        if (from[k] > 0) {
            f->entropy_transition +=
                from[k] / (double)(c->count - 1) * entropy_of(way[k]);
        }
    }
}

/* Distances between fixations that follow each other. */
static void amplitudes(const chosen *c, mien_gaze_features *f) {
    int64_t n = c->count - 1;
    double squares = 0;
    f->scanpath_length = c->count > 0 ? 0 : NAN;
    for (int64_t k = 0; k < n; k++) {
        f->scanpath_length += hypot(c->x[k + 1] - c->x[k], c->y[k + 1] - c->y[k]);
    }
    f->saccade_amplitude_mean = n > 0 ? f->scanpath_length / (double)n : NAN;
    for (int64_t k = 0; k < n; k++) {
        double a = hypot(c->x[k + 1] - c->x[k], c->y[k + 1] - c->y[k]);
        squares += (a - f->saccade_amplitude_mean) * (a - f->saccade_amplitude_mean);
    }
    f->saccade_amplitude_sd = n > 1 ? sqrt(squares / (double)(n - 1)) : NAN;
}

static void places(const chosen *c, mien_gaze_features *f) {
    int64_t n = c->count;
    double vx = covariance(c->x, c->x, n), vy = covariance(c->y, c->y, n);
    double cxy = covariance(c->x, c->y, n), away = 0;
    for (int64_t k = 0; k < n; k++) {
        away += hypot(c->x[k], c->y[k]);
    }
    f->centre_distance = n > 0 ? away / (double)n : NAN;
    f->spread_rms = n > 1 ? sqrt((vx + vy) * (double)(n - 1) / (double)n) : NAN;
    /* the ellipse that holds 68 %: chi-square of two degrees of freedom at .68 is 2.28
     */
    f->bcea68 = 2 * 3.14159265358979323846 * 1.14 * sqrt(fmax(vx * vy - cxy * cxy, 0));
    f->bcea68 = n > 1 ? f->bcea68 : NAN;
}

static void durations(const chosen *c, double window_s, mien_gaze_features *f) {
    int64_t n = c->count;
    double sum = mean_of(c->duration, n) * (double)n;
    f->fixations = n;
    f->fixation_rate_hz = (double)n / window_s;
    f->fixation_mean_s = mean_of(c->duration, n);
    f->fixation_sd_s = sqrt(covariance(c->duration, c->duration, n));
    f->fixation_max_s = n > 0 ? 0 : NAN;
    for (int64_t k = 0; k < n; k++) {
        f->fixation_max_s = fmax(f->fixation_max_s, c->duration[k]);
    }
    f->fixation_share = n > 0 ? sum / window_s : 0;
}

mien_status mien_gaze_window(const double *x, const double *y, const double *x_px,
    const double *y_px, double rate_hz, const mien_screen *screen,
    const mien_spans *fixations, int64_t from, int64_t to, mien_gaze_features *f) {
    MIEN_NEED(x, y, x_px, y_px, screen, fixations, f);
    size_t most = (size_t)fixations->count;
    double *room = mien_alloc(3 * most, sizeof *room);
    int *cell = mien_alloc(most, sizeof *cell);
    chosen c = {.x = room, .y = room + most, .duration = room + 2 * most, .cell = cell};
    if (!room || !cell) {
        mien_free(room);
        mien_free(cell);
        return MIEN_ENOMEM;
    }
    for (int64_t k = 0; k < fixations->count; k++) {
        mien_span s = fixations->items[k];
        if (s.onset >= from && s.offset < to) {
            mien_fixation deg = mien_fixation_measure(x, y, rate_hz, s);
            mien_fixation px = mien_fixation_measure(x_px, y_px, rate_hz, s);
            c.x[c.count] = deg.x;
            c.y[c.count] = deg.y;
            c.duration[c.count] = deg.duration_s;
            c.cell[c.count++] = cell_of(px.x, px.y, screen);
        }
    }
    durations(&c, (double)(to - from) / rate_hz, f);
    amplitudes(&c, f);
    places(&c, f);
    entropies(&c, f);
    mien_free(cell);
    mien_free(room);
    return MIEN_OK;
}

mien_aoi_visits mien_aoi_measure(const double *x, const double *y, double rate_hz,
    const mien_spans *fixations, mien_aoi a) {
    MIEN_NEED_OR((mien_aoi_visits){0}, x, y, fixations);
    mien_aoi_visits v = {.first_s = NAN};
    bool before = false;
    for (int64_t k = 0; k < fixations->count; k++) {
        mien_fixation f = mien_fixation_measure(x, y, rate_hz, fixations->items[k]);
        bool in = f.x >= a.left && f.x < a.right && f.y >= a.top && f.y < a.bottom;
        if (in) {
            v.first_s =
                v.fixations ? v.first_s : (double)fixations->items[k].onset / rate_hz;
            v.fixations++;
            v.dwell_s += f.duration_s;
            v.visits += !before;
        }
        before = in;
    }
    return v;
}
