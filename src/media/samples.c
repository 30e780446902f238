/* SPDX-License-Identifier: MIT */
/* The times at which a film is looked at. */
#include "media/samples.h"

#include <math.h>

int64_t mien_sample_at(const mien_samples *samples, int64_t k) {
    double offset_us = (double)k * samples->every_s * 1e6;
    if (!(offset_us < 4e18)) {
        return INT64_MAX;
    }
    int64_t us = samples->start_us + llround(offset_us);
    return us < samples->end_us ? us : INT64_MAX;
}

int64_t mien_sample_from(const mien_samples *samples, int64_t us) {
    if (samples->every_s == 0) {
        int64_t from = us > samples->start_us ? us : samples->start_us;
        return from < samples->end_us ? from : INT64_MAX;
    }
    int64_t k = 0;
    if (us > samples->start_us) {
        k = (int64_t)((double)(us - samples->start_us) / (samples->every_s * 1e6));
        k = k > 0 ? k - 1 : 0;
    }
    while (mien_sample_at(samples, k) < us) {
        k++;
    }
    return mien_sample_at(samples, k);
}

bool mien_sample_within(
    const mien_samples *samples, int64_t from_us, int64_t until_us) {
    int64_t sample = mien_sample_from(samples, from_us);
    if (samples->every_s == 0) {
        return sample == from_us;
    }
    return sample < until_us;
}
