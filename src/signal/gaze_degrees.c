/* SPDX-License-Identifier: MIT */
/* From pixels to degrees of the visual field, and how fast the eye moves. */
#include <math.h>

#include "base/need.h"
#include "mien/gaze.h"

static const double pi = 3.14159265358979323846;

void mien_gaze_degrees(const double *px, int64_t n, double pixels, double length,
    double distance, double *deg) {
    MIEN_NEED_OR(, px || n < 1, deg || n < 1);
    double away = distance * pixels / length; /* the distance in pixels */
    for (int64_t i = 0; i < n; i++) {
        deg[i] = atan2(px[i] - (pixels - 1) / 2, away) * (180 / pi);
    }
}

double mien_gaze_pixels_per_degree(double pixels, double length, double distance) {
    return pixels * distance * tan(pi / 180) / length;
}

/* Weights of the samples i − 3 … i + 3. */
static const double weights[][7] = {
    [MIEN_VELOCITY_FIVE_POINT] = {0, -1 / 6.0, -1 / 6.0, 0, 1 / 6.0, 1 / 6.0, 0},
    [MIEN_VELOCITY_PRECEDING] = {0, 0, -1, 1, 0, 0, 0},
    [MIEN_VELOCITY_NEIGHBOURS] = {0, 0, -0.5, 0, 0.5, 0, 0},
    [MIEN_VELOCITY_SAVGOL] = {-3 / 28.0, -2 / 28.0, -1 / 28.0, 0, 1 / 28.0, 2 / 28.0,
        3 / 28.0},
};

static double at(const double *x, int64_t n, int64_t i, bool repeat) {
    if (i >= 0 && i < n) {
        return x[i];
    }
    return !repeat ? NAN : i < 0 ? x[0] : x[n - 1];
}

static void five_point(const double *x, int64_t n, double rate_hz, double *v) {
    double scale = rate_hz / 6;
    for (int64_t i = 2; i < n - 2; i++) {
        v[i] = (x[i + 2] + x[i + 1] - x[i - 1] - x[i - 2]) * scale;
    }
    for (int64_t i = 0; i < n; i++) {
        v[i] = i < 2 || i >= n - 2 ? NAN : v[i];
    }
}

void mien_gaze_velocity(const double *x, int64_t n, double rate_hz,
    mien_velocity method, double *velocity) {
    MIEN_NEED_OR(, x || n < 1, velocity || n < 1);
    if (method == MIEN_VELOCITY_FIVE_POINT) {
        five_point(x, n, rate_hz, velocity);
        return;
    }
    const double *w = weights[method];
    for (int64_t i = 0; i < n; i++) {
        double sum = 0;
        for (int k = 0; k < 7; k++) {
            if (w[k] != 0) {
                sum += w[k] * at(x, n, i + k - 3, method == MIEN_VELOCITY_SAVGOL);
            }
        }
        velocity[i] = sum * rate_hz;
    }
}
