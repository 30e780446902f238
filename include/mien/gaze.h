/* SPDX-License-Identifier: MIT */
/* Where people look: degrees, velocities, fixations, saccades, blinks, pupils,
 * scanpaths, and how well a map foretells them. A part of the room `signal`.
 *
 * Positions and pupils are doubles on one even clock, rate_hz samples a second; what is
 * missing is NaN. Indices count samples from 0; an event's last sample is its offset.
 *
 *     enum { N = 120 };
 *     double x_px[N], y_px[N], x[N], y[N], vx[N], vy[N]; // 120 Hz; NaN: lost
 *     for (int i = 0; i < N; i++) {
 *         x_px[i] = i < 60 ? 400 : 900;
 *         y_px[i] = 500;
 *     }
 *     mien_gaze_degrees(x_px, N, 1920, 53.0, 60.0, x); // a screen of 53 cm, 60 cm away
 *     mien_gaze_degrees(y_px, N, 1080, 29.8, 60.0, y);
 *     mien_gaze_velocity(x, N, 120, MIEN_VELOCITY_SAVGOL, vx); // degrees a second
 *     mien_gaze_velocity(y, N, 120, MIEN_VELOCITY_SAVGOL, vy);
 *     mien_spans fixations = {0};
 *     mien_status status =
 *         mien_fixations_by_velocity(vx, vy, N, 120, 30, 0.1, &fixations);
 *     for (int64_t i = 0; status == MIEN_OK && i < fixations.count; i++) {
 *         mien_fixation f = mien_fixation_measure(x, y, 120, fixations.items[i]);
 *         printf("%.2f s at (%.1f, %.1f) degrees\n", f.duration_s, f.x, f.y);
 *     }
 *     mien_spans_clear(&fixations);
 */
#ifndef MIEN_GAZE_H
#define MIEN_GAZE_H

#include "mien/tensor.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- the screen ------------------------------------------------------------ */

/** Origin left upper; sizes and distance in one unit. */
typedef struct mien_screen {
    double width_px, height_px;
    double width_cm, height_cm;
    double distance_cm;
} mien_screen;

/** Degrees from the middle of the screen along one axis of so many pixels and such a
 * length: atan2(p − (pixels − 1) / 2, distance · pixels / length). deg may be px; NaN
 * stays NaN. */
MIEN_API void mien_gaze_degrees(const double *px, int64_t n, double pixels,
    double length, double distance, double *deg);
/** Pixels of a degree in the middle of that axis. */
MIEN_API double mien_gaze_pixels_per_degree(
    double pixels, double length, double distance);

typedef enum mien_velocity {
    MIEN_VELOCITY_FIVE_POINT, /**< (x+2 + x+1 − x−1 − x−2) f / 6 */
    MIEN_VELOCITY_PRECEDING,  /**< (x − x−1) f */
    MIEN_VELOCITY_NEIGHBOURS, /**< (x+1 − x−1) f / 2 */
    MIEN_VELOCITY_SAVGOL      /**< Savitzky–Golay over 7, degree 2; ends repeated */
} mien_velocity;
/** Units a second along one axis; NaN where a sample that is needed is missing.
 * velocity is not x. */
MIEN_API void mien_gaze_velocity(
    const double *x, int64_t n, double rate_hz, mien_velocity method, double *velocity);

/* ---- events ---------------------------------------------------------------- */

typedef struct mien_span {
    int64_t onset, offset; /**< both belong to it */
} mien_span;

/** A list of spans; start with zeros, end with mien_spans_clear(). */
typedef struct mien_spans {
    mien_span *items;
    int64_t count, room;
} mien_spans;
MIEN_API void mien_spans_clear(mien_spans *spans);
MIEN_API mien_status mien_spans_add(mien_spans *spans, int64_t onset, int64_t offset);

/** I-VT: speed below `threshold` (default 30 deg/s) for at least shortest_s (0.1) from
 * onset to offset; a missing sample ends a fixation. */
MIEN_API mien_status mien_fixations_by_velocity(const double *vx, const double *vy,
    int64_t n, double rate_hz, double threshold, double shortest_s, mien_spans *spans);
/** I-DT: range of x + range of y at most `dispersion` (default 1 degree) over a window
 * of shortest_s (0.1) that grows while it holds; the next begins after it. */
MIEN_API mien_status mien_fixations_by_dispersion(const double *x, const double *y,
    int64_t n, double rate_hz, double dispersion, double shortest_s, mien_spans *spans);
/** Joins fixations whose gap is at most gap_s (default 0.075) and whose mean positions
 * lie at most `distance` (0.5 degrees) apart. */
MIEN_API mien_status mien_fixations_join(const double *x, const double *y,
    double rate_hz, double gap_s, double distance, mien_spans *spans);

/** Engbert & Kliegl (2003): outside the ellipse of lambda (default 6) times sigma, the
 * square root of the median squared deviation from the median velocity, for at least
 * shortest_s (0.006). sigma [2] may be NULL. MIEN_EUNSUPPORTED below 250 Hz, where it
 * sees no microsaccades. */
MIEN_API mien_status mien_saccades_engbert_kliegl(const double *vx, const double *vy,
    int64_t n, double rate_hz, double lambda, double shortest_s, double *sigma,
    mien_spans *spans);
/** Drops events that touch a gap of x widened by margin_s (default 0.04) on both sides:
 * lids that close and open look like saccades. */
MIEN_API mien_status mien_saccades_drop_lids(
    const double *x, int64_t n, double rate_hz, double margin_s, mien_spans *spans);
typedef struct mien_saccade {
    double duration_s, amplitude, peak_velocity, direction_deg;
} mien_saccade;
MIEN_API mien_saccade mien_saccade_measure(const double *x, const double *y,
    const double *vx, const double *vy, double rate_hz, mien_span span);

typedef struct mien_fixation {
    double duration_s; /**< from the time of the onset to that of the offset */
    double x, y;       /**< mean of what is not missing */
    double dispersion; /**< range of x + range of y */
} mien_fixation;
MIEN_API mien_fixation mien_fixation_measure(
    const double *x, const double *y, double rate_hz, mien_span span);

/** Gaps during which both eyes are lost, 0.05 to 0.5 s long: blinks; longer ones are
 * loss of data. lost [n]: non-zero where they are. */
MIEN_API mien_status mien_blinks_find(const unsigned char *lost, int64_t n,
    double rate_hz, double shortest_s, double longest_s, mien_spans *spans);

/* ---- pupil ----------------------------------------------------------------- */

typedef struct mien_pupil_options {
    double lowest,
        highest; /**< outside, or ≤ 0: missing; default 1.5 and 9 mm; NaN: no bound */
    double widen_s;   /**< gaps are widened by this on both sides; default 0.04 */
    double gap_max_s; /**< longer gaps stay; default 0.25 */
    double speed_mad; /**< samples whose change exceeds median + this · MAD of |change|
                         are missing; 0 (default): off; 16 is usual */
} mien_pupil_options;
MIEN_API mien_pupil_options mien_pupil_options_default(void);
/** Mean of both eyes where both are valid (right NULL: of one). */
MIEN_API void mien_pupil_join(const double *left, const double *right, int64_t n,
    const mien_pupil_options *options, double *joined);
/** Widens gaps, then fills short ones linearly. masked (may be NULL) and filled [n] are
 * not pupil. */
MIEN_API mien_status mien_pupil_clean(const double *pupil, int64_t n, double rate_hz,
    const mien_pupil_options *options, double *masked, double *filled);
/** Low-pass 4 Hz, order 2, of each stretch without gaps that is long enough; others
 * stay. May be in place. */
MIEN_API mien_status mien_pupil_smooth(
    const double *pupil, int64_t n, double rate_hz, double *smooth);

/* ---- scanpaths ------------------------------------------------------------- */

/** Figures of the fixations in a window; NaN where there are too few. Degrees,
 * seconds, bits. */
typedef struct mien_gaze_features {
    int64_t fixations;
    double fixation_rate_hz, fixation_mean_s, fixation_sd_s, fixation_max_s,
        fixation_share;
    double saccade_amplitude_mean, saccade_amplitude_sd, scanpath_length;
    double spread_rms, bcea68, centre_distance;
    double entropy, entropy_by_duration, entropy_transition;
} mien_gaze_features;
/** Fixations whose onset and offset lie in samples [from, to). Entropies on a grid of 8
 * × 5 cells of the screen. x, y in degrees, x_px, y_px in pixels. */
MIEN_API mien_status mien_gaze_window(const double *x, const double *y,
    const double *x_px, const double *y_px, double rate_hz, const mien_screen *screen,
    const mien_spans *fixations, int64_t from, int64_t to,
    mien_gaze_features *features);

/** A rectangle of the screen: left ≤ x < right, top ≤ y < bottom. */
typedef struct mien_aoi {
    double left, top, right, bottom;
} mien_aoi;
typedef struct mien_aoi_visits {
    int64_t fixations, visits; /**< visits: entries from outside */
    double dwell_s,
        first_s; /**< first_s: onset of the first fixation in it; NaN: none */
} mien_aoi_visits;
/** By the mean position of each fixation. */
MIEN_API mien_aoi_visits mien_aoi_measure(const double *x, const double *y,
    double rate_hz, const mien_spans *fixations, mien_aoi aoi);

/* ---- maps ------------------------------------------------------------------ */

/** Convolves [height, width] with a Gaussian of `sigma` cells, cut off at 4 sigma, zero
 * outside; in place. */
MIEN_API mien_status mien_map_blur(
    double *map, int64_t height, int64_t width, double sigma);
/** How well a saliency map foretells fixations. */
typedef struct mien_saliency {
    double nss;         /**< a cell counts once; population SD */
    double nss_counted; /**< repeated fixations count each time */
    double cc, sim, kl; /**< against the density; kl in nats, density first */
    double auc_judd, auc_rank;
    double
        information_gain; /**< bits over a centred Gaussian of a sixth of each side */
} mien_saliency;
/** map, density [height, width]; fixations [height, width] counts. MIEN_EINVAL if there
 * is no fixation or a map does not vary. */
MIEN_API mien_status mien_saliency_score(const double *map, const double *fixations,
    const double *density, int64_t height, int64_t width, mien_saliency *scores);
/** Rank AUC of the cells fixated once or more against those where others looked (cells
 * [others], repeats count). */
MIEN_API mien_status mien_saliency_shuffled_auc(const double *map,
    const double *fixations, int64_t cells, const int64_t *other, int64_t others,
    double *auc);

/** How a picture's map goes with the fixations on it, and with those on all other
 * pictures. */
typedef struct mien_agreement {
    double nss, nss_others; /**< repeated fixations count each time */
    double cc, cc_others;   /**< with the fixations blurred by sigma */
} mien_agreement;
/**
 * Scores n maps. What a map owes to people looking at the middle, whatever is there, it
 * owes with the others' fixations too: the gain is nss - nss_others.
 *
 * @param maps, counts  [n, height, width]; counts: fixations of each cell
 * @param sigma         of the Gaussian that makes a density of fixations, in cells
 * @param agreement     [n]; NaN where a map, or the fixations, do not vary
 */
MIEN_API mien_status mien_gaze_agreement(const double *maps, const double *counts,
    int64_t n, int64_t height, int64_t width, double sigma, mien_agreement *agreement);

/* ---- EmoEye: five series and a scanpath ------------------------------------ */

enum { MIEN_EPOCH_ROWS = 301, MIEN_EPOCH_CHANNELS = 5 };

/** An epoch as the files have it: [MIEN_EPOCH_ROWS] each, flags 0 or 1. */
typedef struct mien_epoch {
    double time_s[MIEN_EPOCH_ROWS];
    double x[MIEN_EPOCH_ROWS],
        y[MIEN_EPOCH_ROWS];           /**< FPOGX, FPOGY: shares of the screen */
    double fixation[MIEN_EPOCH_ROWS]; /**< FPOGID */
    double left_mm[MIEN_EPOCH_ROWS], right_mm[MIEN_EPOCH_ROWS];
    double gsr_ohm[MIEN_EPOCH_ROWS], heart_bpm[MIEN_EPOCH_ROWS];
    unsigned char gaze_valid[MIEN_EPOCH_ROWS], left_valid[MIEN_EPOCH_ROWS],
        right_valid[MIEN_EPOCH_ROWS], gsr_valid[MIEN_EPOCH_ROWS],
        heart_valid[MIEN_EPOCH_ROWS];
} mien_epoch;

/** Takes an epoch's gaps out as the published preparation does: the flags of the first
 * and last row become 1, values whose flag is 0 are interpolated by row. filled may be
 * epoch. A value that is missing itself counts as flagged; if it stands in the first or
 * last row, the nearest one is taken. MIEN_EFORMAT if a channel has no value at all. */
MIEN_API mien_status mien_epoch_fill(const mien_epoch *epoch, mien_epoch *filled);
/**
 * The network's five series of a filled epoch: x, y, pupil, GSR, heart rate.
 *
 * @param pupil_flags  as published: the mean of the *flags* of both eyes stands for the
 * pupil
 * @param series       [5, 301]: (v − 0.5) / 0.5 twice, (v − 3) / 0.4 after a mean over
 * 10, GSR after a mean over 60 standardised in the epoch (0 where its SD rounds to
 *                     0.000), (v − 80) / 15
 */
MIEN_API void mien_epoch_series(
    const mien_epoch *epoch, bool pupil_flags, float *series);

/** The sensors that an epoch records, in the order of bits. */
typedef enum mien_epoch_sensor {
    MIEN_EPOCH_GAZE,
    MIEN_EPOCH_PUPIL,
    MIEN_EPOCH_SKIN,
    MIEN_EPOCH_HEART,
    MIEN_EPOCH_SENSORS
} mien_epoch_sensor;

/** Takes an epoch's gaps out and invents nothing: gaps between valid rows are
 * interpolated, those at the ends hold the nearest valid value, of two eyes one stands
 * for both where the other has none; flags stay as they are (0 as well where a value is
 * missing). mended may be epoch. Returns a bit for each sensor that has a valid row;
 * channels of the others are zeros. */
MIEN_API unsigned mien_epoch_mend(const mien_epoch *epoch, mien_epoch *mended);
/** The five series of a mended epoch as changes from its first 0.3 s: x and y as in
 * mien_epoch_series(), the pupil in 0.25 mm after a mean over 10, skin conductance in
 * hundredths of itself (log) after a mean over 10, heart rate in 2.5 beats/min.
 * Levels differ between people more than reactions do. */
MIEN_API void mien_epoch_changes(const mien_epoch *epoch, float *series);

/** Fixations of an epoch: rows of one number, of which some are valid; a blink within
 * one does not end it. x, y [MIEN_EPOCH_ROWS] means of the valid rows, length
 * [MIEN_EPOCH_ROWS] in rows. Returns how many there are. */
MIEN_API int mien_epoch_fixations(
    const mien_epoch *epoch, double *x, double *y, double *length);
/** Values that mien_epoch_response() gives of a sensor. */
MIEN_API int mien_epoch_response_values(mien_epoch_sensor sensor, int bins);
/**
 * How one sensor answers in an epoch that begins with its stimulus, in numbers.
 *
 * @param bins    1 to 50 parts that the epoch is cut into
 * @param values  pupil (mm) and heart (beats/min): the mean of the first 0.3 s, then
 * the mean of each part less it; skin: the same of the log conductance (µS), then
 *                log(0.001 + the largest rise over the start, µS); gaze: fixations, log
 * of their mean duration (s), mean log duration, SD over mean of durations, the
 * longest, length of the path, mean and SD of its steps, mean and SD of x and of y, all
 * in shares of the screen. The last fixation of several, which the end cuts off, has no
 * duration. Of each last the share of rows that are valid.
 * @return false if less than half of the rows are valid: all but the share are NaN
 */
MIEN_API bool mien_epoch_response(
    const mien_epoch *epoch, mien_epoch_sensor sensor, int bins, double *values);

/** Draws the scanpath of points [n] (x, y as shares of the side) into a picture of side
 * × side, black at first: from fixation to fixation a line of value 255, at each a disc
 * of a fifth of the line's length, half blended. fixation [n] numbers the fixations;
 * the last line goes to the point before the last. As OpenCV draws it, to the pixel. */
MIEN_API mien_status mien_scanpath_draw(const double *x, const double *y,
    const double *fixation, int64_t n, int side, unsigned char *picture);

#ifdef __cplusplus
}
#endif

#endif
