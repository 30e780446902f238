/* SPDX-License-Identifier: MIT */
/* Beats of an ECG or a pulse wave, artefacts corrected; for heart and hrv. */
#include "signal/beats_sensed.h"

mien_status mien_sensor_find_beats(
    const mien_sensed *s, bool ecg, double *x, mien_sensor_beats *found) {
    int64_t n = s->in->n, *raw = NULL, many = 0;
    double rate = s->in->rate_hz;
    mien_status status = ecg ? mien_ecg_clean(x, n, rate, s->in->mains_hz, x)
                             : mien_ppg_clean(x, n, rate, x);
    if (status == MIEN_OK) {
        status = ecg ? mien_ecg_peaks(x, n, rate, &raw, &many)
                     : mien_ppg_peaks(x, n, rate, &raw, &many);
    }
    if (status == MIEN_OK) {
        status =
            mien_beats_correct(raw, many, rate, &found->beats, &found->count, NULL);
    }
    mien_free(raw);
    return status;
}
