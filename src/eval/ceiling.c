/* SPDX-License-Identifier: MIT */
/* The noise ceiling of ratings that are means over raters. */
#include "mien/eval.h"

#include <math.h>

mien_status mien_noise_ceiling_of(const double *mean, const double *deviation,
    const double *raters, int64_t n, mien_noise_ceiling *ceiling) {
    double sum = 0, noise = 0;
    int64_t rows = 0;
    for (int64_t i = 0; i < n; i++) {
        if (isfinite(mean[i]) && isfinite(deviation[i]) && raters[i] > 0) {
            sum += mean[i];
            noise += deviation[i] * deviation[i] / raters[i];
            rows++;
        }
    }
    if (rows < 3) {
        return mien_fail(MIEN_EINVAL,
            "noise ceiling: %lld rows have mean, SD and number of raters; at least 3 "
            "are needed",
            (long long)rows);
    }
    double centre = sum / (double)rows, variance = 0;
    for (int64_t i = 0; i < n; i++) {
        if (isfinite(mean[i]) && isfinite(deviation[i]) && raters[i] > 0) {
            variance += (mean[i] - centre) * (mean[i] - centre);
        }
    }
    variance /= (double)(rows - 1);
    if (!(variance > 0)) {
        return mien_fail(
            MIEN_EINVAL, "noise ceiling: all %lld ratings are equal", (long long)rows);
    }
    double reliability = 1 - noise / (double)rows / variance;
    reliability = reliability > 0 ? reliability : 0;
    *ceiling = (mien_noise_ceiling){
        .reliability = reliability, .r = sqrt(reliability), .rows = rows};
    return MIEN_OK;
}
