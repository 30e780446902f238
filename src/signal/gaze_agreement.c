/* SPDX-License-Identifier: MIT */
/* Whether maps of pictures foretell where people look in each: every map is held
 * against the fixations on its own picture, and against those on all the others, which
 * share what has nothing to do with the picture (people look at the middle). Called by
 * cli/cmd_gaze.c. */
#include <math.h>
#include <string.h>

#include "base/need.h"
#include "mien/gaze.h"

/* NSS of repeated fixations and CC with their blurred density; NaN where a map or the
 * fixations do not vary. */
static mien_status score(const double *map, const double *count, int64_t height,
    int64_t width, double sigma, double *density, double *nss, double *cc) {
    int64_t cells = height * width;
    double low = INFINITY, high = -INFINITY, seen = 0;
    mien_saliency scores;
    *nss = *cc = NAN;
    for (int64_t k = 0; k < cells; k++) {
        low = fmin(low, map[k]);
        high = fmax(high, map[k]);
        seen += count[k];
        density[k] = count[k];
    }
    if (!(high > low) || !(seen > 0)) {
        return MIEN_OK;
    }
    mien_status status = mien_map_blur(density, height, width, sigma);
    low = high = density[0];
    for (int64_t k = 0; k < cells; k++) {
        low = fmin(low, density[k]);
        high = fmax(high, density[k]);
    }
    if (status == MIEN_OK && high > low) {
        status = mien_saliency_score(map, count, density, height, width, &scores);
        *nss = status == MIEN_OK ? scores.nss_counted : NAN;
        *cc = status == MIEN_OK ? scores.cc : NAN;
    }
    return status;
}

mien_status mien_gaze_agreement(const double *maps, const double *counts, int64_t n,
    int64_t height, int64_t width, double sigma, mien_agreement *agreement) {
    MIEN_NEED(maps || n < 1, counts || n < 1, agreement);
    int64_t cells = height * width;
    double *all = mien_alloc((size_t)cells, sizeof *all);
    double *others = mien_alloc((size_t)cells, sizeof *others);
    double *density = mien_alloc((size_t)cells, sizeof *density);
    mien_status status = all && others && density ? MIEN_OK : MIEN_ENOMEM;
    for (int64_t i = 0; status == MIEN_OK && i < n * cells; i++) {
        all[i % cells] += counts[i];
    }
    for (int64_t i = 0; status == MIEN_OK && i < n; i++) {
        const double *map = maps + i * cells, *count = counts + i * cells;
        mien_agreement *a = &agreement[i];
        for (int64_t k = 0; k < cells; k++) {
            others[k] = all[k] - count[k];
        }
        status = score(map, count, height, width, sigma, density, &a->nss, &a->cc);
        status = status ? status
                        : score(map, others, height, width, sigma, density,
                              &a->nss_others, &a->cc_others);
    }
    mien_free(density);
    mien_free(others);
    mien_free(all);
    return status;
}
