/* SPDX-License-Identifier: MIT */
/* Five points of a face and the templates they are brought to. */
#include <math.h>
#include <string.h>

#include "base/need.h"
#include "mien/faces.h"

enum { POINTS = 5, POSES = 5 };

/* In pixels of a crop of 112 × 112, as InsightFace publishes it for ArcFace. */
static const double arcface[2 * POINTS] = {38.2946, 51.6963, 73.5318, 51.5014, 56.0252,
    71.7366, 41.5493, 92.3655, 70.7299, 92.2041};
/* The templates of DDAMFN (Zhang et al. 2023): turned left, a little left, frontal,
 * a little right, right. */
static const double ddamfn[POSES][2 * POINTS] = {
    {55.550, 49.477, 62.116, 49.339, 38.075, 70.237, 55.017, 92.262, 61.466, 92.979},
    {47.241, 48.598, 72.887, 49.540, 40.555, 71.067, 47.423, 93.643, 71.236, 94.353},
    {33.566, 40.559, 78.321, 40.559, 55.338, 64.967, 38.479, 90.276, 73.591, 90.276},
    {39.516, 49.540, 65.162, 48.598, 71.849, 71.067, 41.167, 94.353, 64.980, 93.643},
    {50.225, 49.339, 56.791, 49.477, 74.266, 70.237, 50.875, 92.979, 65.317, 92.262}};
/* Medians of YuNet's points in 562 faces of FER2013, made symmetric; parts of a side.
 */
static const double fer[2 * POINTS] = {
    0.317, 0.387, 0.683, 0.387, 0.500, 0.598, 0.346, 0.769, 0.654, 0.769};

static void mean_of(const double points[2 * POINTS], double mean[2]) {
    mean[0] = mean[1] = 0;
    for (int i = 0; i < 2 * POINTS; i++) {
        mean[i % 2] += points[i] / POINTS;
    }
}

/* Distances between the points as they are brought there and the template's. */
static double residual_of(const mien_similarity *s, const double points[2 * POINTS],
    const double target[2 * POINTS]) {
    double sum = 0;
    for (int i = 0; i < POINTS; i++) {
        const double *p = points + 2 * i, *q = target + 2 * i;
        double x = s->a * p[0] - s->b * p[1] + s->tx - q[0];
        double y = s->b * p[0] + s->a * p[1] + s->ty - q[1];
        sum += x * x + y * y;
    }
    return sqrt(sum / POINTS);
}

mien_status mien_similarity_fit(
    const double points[10], const double target[10], mien_similarity *fit) {
    MIEN_NEED(points, target, fit);
    double from[2], to[2], square = 0, a = 0, b = 0;
    for (int i = 0; i < 2 * POINTS; i++) {
        if (!isfinite(points[i])) {
            return mien_fail(MIEN_EFORMAT, "a point of the face is missing");
        }
    }
    mean_of(points, from);
    mean_of(target, to);
    for (int i = 0; i < POINTS; i++) {
        double px = points[2 * i] - from[0], py = points[2 * i + 1] - from[1];
        double qx = target[2 * i] - to[0], qy = target[2 * i + 1] - to[1];
        square += px * px + py * py;
        a += px * qx + py * qy;
        b += px * qy - py * qx;
    }
    if (!(square > 0) || !isfinite(square)) {
        return mien_fail(MIEN_EFORMAT, "the five points of the face are all equal");
    }
    mien_similarity s = {.a = a / square, .b = b / square};
    s.tx = to[0] - s.a * from[0] + s.b * from[1];
    s.ty = to[1] - s.b * from[0] - s.a * from[1];
    s.residual = residual_of(&s, points, target);
    *fit = s;
    return MIEN_OK;
}

static void scale_template(const double *from, double scale, double target[10]) {
    for (int i = 0; i < 2 * POINTS; i++) {
        target[i] = from[i] * scale;
    }
}

/* The pose whose template leaves the least distance summed over the points. */
static mien_status best_pose(const double points[10], int *best) {
    double least = INFINITY;
    for (int pose = 0; pose < POSES; pose++) {
        mien_similarity s;
        mien_status status = mien_similarity_fit(points, ddamfn[pose], &s);
        if (status != MIEN_OK) {
            return status;
        }
        double sum = 0;
        for (int i = 0; i < POINTS; i++) {
            const double *p = points + 2 * i, *q = ddamfn[pose] + 2 * i;
            sum += hypot(s.a * p[0] - s.b * p[1] + s.tx - q[0],
                s.b * p[0] + s.a * p[1] + s.ty - q[1]);
        }
        *best = sum < least ? pose : *best;
        least = sum < least ? sum : least;
    }
    return MIEN_OK;
}

mien_status mien_face_template(
    const char *name, const double points[10], double target[10]) {
    MIEN_NEED(name, target);
    int pose = 0;
    if (strcmp(name, "arcface") == 0) {
        scale_template(arcface, 1.0 / 112, target);
        return MIEN_OK;
    }
    if (strcmp(name, "fer") == 0) {
        scale_template(fer, 1, target);
        return MIEN_OK;
    }
    if (strcmp(name, "ddamfn") != 0) {
        return mien_fail(MIEN_ENOTFOUND,
            "no template of faces is called \"%s\": arcface, ddamfn, fer", name);
    }
    mien_status status = best_pose(points, &pose);
    if (status == MIEN_OK) {
        scale_template(ddamfn[pose], 1.0 / 112, target);
    }
    return status;
}

double mien_face_overlap(const double a[4], const double b[4]) {
    MIEN_NEED_OR((double)NAN, a, b);
    double left = fmax(a[0], b[0]), right = fmin(a[0] + a[2], b[0] + b[2]);
    double top = fmax(a[1], b[1]), bottom = fmin(a[1] + a[3], b[1] + b[3]);
    double both = fmax(right - left, 0) * fmax(bottom - top, 0);
    double all = a[2] * a[3] + b[2] * b[3] - both;
    return all > 0 ? both / all : 0;
}
