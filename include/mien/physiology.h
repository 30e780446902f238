/* SPDX-License-Identifier: MIT */
/* Series of bodily signals: zero-phase filters, skin conductance, heart beats, breaths,
 * muscles. A part of the room `signal`.
 *
 * All series are doubles on one even clock, rate_hz samples a second; a value that is
 * missing is NaN. Filters and detectors want series without gaps: fill them first
 * (mien_series_fill()), and keep the share that was filled. Indices count samples from
 * 0.
 *
 *     enum { N = 5000, RATE_HZ = 250 };
 *     double *ecg = mien_alloc(N, sizeof *ecg), *clean = mien_alloc(N, sizeof *clean);
 *     int64_t *beats = NULL, count = 0;
 *     mien_hrv hrv;
 *     mien_status status = ecg && clean ? MIEN_OK : MIEN_ENOMEM; // fill ecg: 20 s
 *     if (status == MIEN_OK) {
 *         status = mien_ecg_clean(ecg, N, RATE_HZ, 50, clean); // mains of 50 Hz
 *     }
 *     if (status == MIEN_OK) {
 *         status = mien_ecg_peaks(clean, N, RATE_HZ, &beats, &count);
 *     }
 *     if (status == MIEN_OK && mien_hrv_time(beats, count, RATE_HZ, &hrv) == MIEN_OK) {
 *         printf("%.1f beats a minute, RMSSD %.1f ms\n", hrv.mean_hr, hrv.rmssd);
 *     }
 *     mien_free(beats);
 *     mien_free(clean);
 *     mien_free(ecg);
 */
#ifndef MIEN_PHYSIOLOGY_H
#define MIEN_PHYSIOLOGY_H

#include "mien/tensor.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- filters --------------------------------------------------------------- */

typedef enum mien_band { MIEN_LOW_PASS, MIEN_HIGH_PASS, MIEN_BAND_PASS } mien_band;

#define MIEN_BUTTERWORTH_ORDER_MAX 8

/** A section of second order: a[0] y = b[0] x + b[1] x' + b[2] x'' − a[1] y' − a[2]
 * y''. */
typedef struct mien_biquad {
    double b[3], a[3];
} mien_biquad;

/** Sections run one after the other. A plain result. */
typedef struct mien_filter {
    int count;
    mien_biquad section[MIEN_BUTTERWORTH_ORDER_MAX];
} mien_filter;

/** Butterworth sections: analogue prototype, bilinear transform with the corners
 * prewarped. low_hz is not used by MIEN_LOW_PASS, high_hz not by MIEN_HIGH_PASS. A band
 * has twice the order. MIEN_EINVAL for an order outside 1 to MIEN_BUTTERWORTH_ORDER_MAX
 * or a corner outside (0, rate_hz / 2). */
MIEN_API mien_status mien_butterworth(mien_band band, int order, double low_hz,
    double high_hz, double rate_hz, mien_filter *filter);
/** Values that mien_filter_twice() adds on each side. */
MIEN_API int64_t mien_filter_extension(const mien_filter *filter);
/** Runs a filter forward and backward: no delay, the gain squared. The series is
 * extended at both ends by turning it over (2 x[0] − x[k]), each pass starts in the
 * steady state of its first value. y [n] may be x. Equals scipy.signal.sosfiltfilt.
 * MIEN_EINVAL if the series is not longer than the extension or holds a value that is
 * not finite; MIEN_ENOMEM. */
MIEN_API mien_status mien_filter_twice(
    const mien_filter *filter, const double *x, int64_t n, double *y);
/** mien_butterworth() and mien_filter_twice() in one. */
MIEN_API mien_status mien_butterworth_twice(mien_band band, int order, double low_hz,
    double high_hz, double rate_hz, const double *x, int64_t n, double *y);
/** Mean of `width` values around each: of an even width i − width/2 … i + width/2 − 1;
 * the ends are repeated. y [n] may be x. */
MIEN_API mien_status mien_box_mean(
    const double *x, int64_t n, int64_t width, double *y);
/** Causal mean of `width` values run forward and backward, ends turned over by 3 width:
 * takes out the mains at rate_hz / width and its multiples. y may be x. */
MIEN_API mien_status mien_mains_filter(
    const double *x, int64_t n, int64_t width, double *y);

/* ---- series ---------------------------------------------------------------- */

/** Puts straight lines over gaps of at most gap_max values that have a value on both
 * sides. filled may be x. Returns how many values were filled. */
MIEN_API int64_t mien_series_fill(
    const double *x, int64_t n, int64_t gap_max, double *filled);
/** The same as mien_series_fill() for gaps of any length; gaps at the ends take the
 * nearest value. If all values are missing, nothing is filled. */
MIEN_API int64_t mien_series_fill_all(const double *x, int64_t n, double *filled);
/** An uneven clock onto an even one: linear between the nearest valid values where
 * these are at most gap_s apart, else NaN; NaN outside.
 * @param time_s [n] not falling; values at NaN times are not used
 * @param out [count] at start_s + i / rate_hz */
MIEN_API void mien_series_resample(const double *time_s, const double *x, int64_t n,
    double gap_s, double start_s, double rate_hz, int64_t count, double *out);
/** Monotone cubic (Fritsch–Carlson, as PCHIP) through knots at rising positions, at 0,
 * 1, … n − 1; flat outside the knots. One knot: constant. */
MIEN_API mien_status mien_series_pchip(
    const double *at, const double *value, int64_t knots, int64_t n, double *out);

/* ---- peaks ----------------------------------------------------------------- */

/** Local maxima: a rise, a plateau of any length whose middle (rounded down) counts, a
 * fall. peaks has room for n / 2 + 1. Returns how many. */
MIEN_API int64_t mien_peaks_find(const double *x, int64_t n, int64_t *peaks);
/** Height of each of the maxima that mien_peaks_find() gave over the higher of the two
 * lowest points towards the next higher value, or the end, on both sides. */
MIEN_API mien_status mien_peaks_prominence(const double *x, int64_t n,
    const int64_t *peaks, int64_t count, double *prominence);

/* ---- skin conductance ------------------------------------------------------ */

/** Low-pass 3 Hz, order 4; at 6 Hz and below a copy. */
MIEN_API mien_status mien_eda_clean(
    const double *x, int64_t n, double rate_hz, double *clean);
/** Low- and high-pass at 0.05 Hz, order 2, of the cleaned signal. They do not sum to
 * it: each is filtered twice. clean is neither tonic nor phasic. */
MIEN_API mien_status mien_eda_split(
    const double *clean, int64_t n, double rate_hz, double *tonic, double *phasic);

/** A skin conductance response. Missing: −1, and NaN for what depends on it. */
typedef struct mien_scr {
    int64_t peak, onset, recovery; /**< onset: the last local minimum before the peak */
    double height;                 /**< of the phasic signal at the peak */
    double amplitude;              /**< peak − onset */
    double rise_s;
    double
        recovery_s; /**< from the peak to the first value at or below half the
                       amplitude, before the minimum that precedes the next response */
} mien_scr;
typedef struct mien_scr_options {
    double relative; /**< least prominence as a share of the largest; default 0.1 */
    double floor; /**< least prominence in the signal's unit; default 0.05 (of µS) */
} mien_scr_options;
MIEN_API mien_scr_options mien_scr_options_default(void);
/** Responses in the phasic signal; the caller frees the list with mien_free(). */
MIEN_API mien_status mien_eda_peaks(const double *phasic, int64_t n, double rate_hz,
    const mien_scr_options *options, mien_scr **responses, int64_t *count);

/* ---- heart ----------------------------------------------------------------- */

/** High-pass 0.5 Hz, order 5, then mien_mains_filter() for mains_hz (50 or 60). */
MIEN_API mien_status mien_ecg_clean(
    const double *x, int64_t n, double rate_hz, double mains_hz, double *clean);
/** R peaks of a cleaned ECG: where the smoothed steepness exceeds 1.5 times its mean
 * over 0.75 s, the most prominent maximum; 0.3 s apart. The caller frees the list. */
MIEN_API mien_status mien_ecg_peaks(
    const double *clean, int64_t n, double rate_hz, int64_t **peaks, int64_t *count);
/** Pan & Tompkins (1985) on the raw ECG: peaks of the moving average of the squared
 * slope, which lag the R peak; do not mix them with mien_ecg_peaks(). */
MIEN_API mien_status mien_ecg_peaks_pan_tompkins(
    const double *x, int64_t n, double rate_hz, int64_t **peaks, int64_t *count);
/** Band 0.5 to 8 Hz, order 2. */
MIEN_API mien_status mien_ppg_clean(
    const double *x, int64_t n, double rate_hz, double *clean);
/** Systolic peaks of a cleaned PPG: Elgendi et al. (2013). The caller frees the list.
 */
MIEN_API mien_status mien_ppg_peaks(
    const double *clean, int64_t n, double rate_hz, int64_t **peaks, int64_t *count);

/** How many of each were found and mended. */
typedef struct mien_beat_artefacts {
    int64_t ectopic, missed, extra, misplaced;
} mien_beat_artefacts;
/** Artefact correction of Lipponen & Tarvainen (2019): beats that are missed are put in
 * midway, extra ones removed, ectopic and misplaced ones put midway between their
 * neighbours; repeated while fewer are left. Times are in samples of rate_hz and stay
 * whole numbers; the caller frees the new list. Lists of fewer than 5 beats come back
 * as they are. artefacts may be NULL. */
MIEN_API mien_status mien_beats_correct(const int64_t *beats, int64_t count,
    double rate_hz, int64_t **corrected, int64_t *corrected_count,
    mien_beat_artefacts *artefacts);

/** Beats a minute at every sample: monotone cubic between the beats over each beat's
 * period (the first takes the mean), flat outside. Serves breaths too. MIEN_EINVAL for
 * fewer than two. */
MIEN_API mien_status mien_rate_series(
    const int64_t *beats, int64_t count, double rate_hz, int64_t n, double *rate);

/** Time-domain variability of the intervals between beats; ms. NaN where there are too
 * few. */
typedef struct mien_hrv {
    int64_t beats;
    double mean_nn, sdnn, rmssd, sdsd; /**< SDs with n − 1 */
    double pnn50,
        pnn20; /**< percent of intervals (the Task Force divides by differences) */
    double median_nn, mad_nn; /**< mad_nn: times 1.4826 */
    double cvnn, mean_hr;     /**< mean_hr: mean of the momentary rates, 1/min */
    double sd1, sd2;
} mien_hrv;
MIEN_API mien_status mien_hrv_time(
    const int64_t *beats, int64_t count, double rate_hz, mien_hrv *hrv);
/** The same of intervals in ms with gaps: a NaN interval is left out, and no difference
 * is taken across it. */
MIEN_API mien_status mien_hrv_intervals(
    const double *interval_ms, int64_t count, mien_hrv *hrv);
/** The simple correction: intervals outside 300 to 2000 ms, or more than a quarter away
 * from the median of the five around them, become NaN. Returns how many. */
MIEN_API int64_t mien_intervals_drop(double *interval_ms, int64_t count);

/* ---- breathing ------------------------------------------------------------- */

/** Band 0.05 to 3 Hz, order 2. */
MIEN_API mien_status mien_respiration_clean(
    const double *x, int64_t n, double rate_hz, double *clean);
/** A breath: its inspiration's peak, and the trough before. */
typedef struct mien_breath {
    int64_t peak, trough;
} mien_breath;
/** Extremes between zero crossings, those whose way to the next is less than 0.3 of the
 * median left out. The caller frees the list. */
MIEN_API mien_status mien_respiration_peaks(
    const double *clean, int64_t n, mien_breath **breaths, int64_t *count);
typedef struct mien_breathing {
    int64_t breaths; /**< intervals between troughs */
    double rate_per_min, mean_bb_ms, sdbb_ms, rmssd_ms, amplitude;
} mien_breathing;
MIEN_API mien_status mien_breathing_measure(const double *clean,
    const mien_breath *breaths, int64_t count, double rate_hz, mien_breathing *result);

/* ---- muscles --------------------------------------------------------------- */

/** High-pass at corner_hz (100 for surface EMG from 500 Hz up; corrugator studies use
 * 20 or 30), order 4. */
MIEN_API mien_status mien_emg_clean(
    const double *x, int64_t n, double rate_hz, double corner_hz, double *clean);
/** The cleaned signal rectified, then low-pass 8 Hz, order 2. */
MIEN_API mien_status mien_emg_envelope(
    const double *clean, int64_t n, double rate_hz, double *envelope);
/** Root mean square in `width` samples. */
MIEN_API mien_status mien_emg_rms(
    const double *clean, int64_t n, int64_t width, double *rms);

#ifdef __cplusplus
}
#endif

#endif
