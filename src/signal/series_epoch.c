/* SPDX-License-Identifier: MIT */
/* EmoEye's epochs as the five series its network takes: as published, with the pupil,
 * and as changes from how an epoch begins. inputs/input_series.c calls this. */
#include <math.h>

#include "mien/gaze.h"
#include "base/need.h"
#include "mien/physiology.h"

enum { ROWS = MIEN_EPOCH_ROWS };

static mien_status fill(const double *x, const unsigned char *valid, const char *name,
    double *filled, unsigned char *flags) {
    double blanked[ROWS];
    for (int i = 0; i < ROWS; i++) {
        bool anchor = i == 0 || i == ROWS - 1;
        unsigned char flag = anchor || (valid && valid[i]) ? 1 : 0;
        blanked[i] = flag || !valid ? x[i] : NAN;
        if (flags) {
            flags[i] = flag;
        }
    }
    mien_series_fill_all(blanked, ROWS, filled);
    return isnan(filled[0])
               ? mien_fail(MIEN_EFORMAT, "%s has no value in the whole epoch", name)
               : MIEN_OK;
}

mien_status mien_epoch_fill(const mien_epoch *e, mien_epoch *filled) {
    MIEN_NEED(e, filled);
    mien_epoch f = *e;
    unsigned char gaze[ROWS];
    mien_status status = fill(e->x, e->gaze_valid, "FPOGX", f.x, gaze);
    status = status ? status : fill(e->y, e->gaze_valid, "FPOGY", f.y, f.gaze_valid);
    status = status ? status : fill(e->fixation, NULL, "FPOGID", f.fixation, NULL);
    status = status ? status
                    : fill(e->left_mm, e->left_valid, "LPMM", f.left_mm, f.left_valid);
    status = status
                 ? status
                 : fill(e->right_mm, e->right_valid, "RPMM", f.right_mm, f.right_valid);
    status =
        status ? status : fill(e->gsr_ohm, e->gsr_valid, "GSR", f.gsr_ohm, f.gsr_valid);
    status = status
                 ? status
                 : fill(e->heart_bpm, e->heart_valid, "HR", f.heart_bpm, f.heart_valid);
    if (status == MIEN_OK) {
        *filled = f;
    }
    return status;
}

/* Mean over rows i − width / 2 … i + width / 2 − 1, as far as they exist. */
static void moving_mean(const double *x, int width, double *mean) {
    for (int i = 0; i < ROWS; i++) {
        int from = i < width / 2 ? 0 : i - width / 2;
        int end = i + width / 2 < ROWS ? i + width / 2 : ROWS;
        double sum = 0;
        for (int k = from; k < end; k++) {
            sum += x[k];
        }
        mean[i] = sum / (end - from);
    }
}

static void standardise(const double *x, float *out) {
    double mean = 0, squares = 0;
    for (int i = 0; i < ROWS; i++) {
        mean += x[i] / ROWS;
    }
    for (int i = 0; i < ROWS; i++) {
        squares += (x[i] - mean) * (x[i] - mean);
    }
    double sd = sqrt(squares / ROWS);
    for (int i = 0; i < ROWS; i++) {
        out[i] = sd < 0.0005 ? 0 : (float)((x[i] - mean) / sd);
    }
}

void mien_epoch_series(const mien_epoch *e, bool pupil_flags, float *series) {
    MIEN_NEED_OR(, e, series);
    double pupil[ROWS], mean[ROWS];
    for (int i = 0; i < ROWS; i++) {
        pupil[i] = pupil_flags ? (e->left_valid[i] + e->right_valid[i]) / 2.0
                               : (e->left_mm[i] + e->right_mm[i]) / 2;
        series[i] = (float)((e->x[i] - 0.5) / 0.5);
        series[ROWS + i] = (float)((e->y[i] - 0.5) / 0.5);
        series[4 * ROWS + i] = (float)((e->heart_bpm[i] - 80) / 15);
    }
    moving_mean(pupil, 10, mean);
    for (int i = 0; i < ROWS; i++) {
        series[2 * ROWS + i] = (float)((mean[i] - 3) / 0.4);
    }
    moving_mean(e->gsr_ohm, 60, mean);
    standardise(mean, series + 3 * ROWS);
}

/* ---- mended, and as changes ---------------------------------------------------- */

/* One channel without gaps; false, and zeros, where no row is valid. */
static bool mend(
    const double *x, const unsigned char *valid, double *mended, unsigned char *flags) {
    double blanked[ROWS];
    bool any = false;
    for (int i = 0; i < ROWS; i++) {
        flags[i] = valid[i] && !isnan(x[i]);
        blanked[i] = flags[i] ? x[i] : NAN;
        any = any || flags[i];
    }
    mien_series_fill_all(blanked, ROWS, mended);
    for (int i = 0; i < ROWS && !any; i++) {
        mended[i] = 0;
    }
    return any;
}

unsigned mien_epoch_mend(const mien_epoch *e, mien_epoch *mended) {
    MIEN_NEED_OR(0, e, mended);
    mien_epoch m = *e;
    unsigned char gaze[ROWS], all[ROWS];
    for (int i = 0; i < ROWS; i++) {
        gaze[i] = e->gaze_valid[i] && !isnan(e->x[i]) && !isnan(e->y[i]);
        all[i] = 1;
    }
    bool eyes = mend(e->x, gaze, m.x, m.gaze_valid);
    mend(e->y, gaze, m.y, m.gaze_valid);
    mend(e->fixation, all, m.fixation, gaze);
    bool left = mend(e->left_mm, e->left_valid, m.left_mm, m.left_valid);
    bool right = mend(e->right_mm, e->right_valid, m.right_mm, m.right_valid);
    bool skin = mend(e->gsr_ohm, e->gsr_valid, m.gsr_ohm, m.gsr_valid);
    bool heart = mend(e->heart_bpm, e->heart_valid, m.heart_bpm, m.heart_valid);
    for (int i = 0; i < ROWS && left != right; i++) {
        m.left_mm[i] = m.right_mm[i] = left ? m.left_mm[i] : m.right_mm[i];
    }
    *mended = m;
    return (unsigned)eyes << MIEN_EPOCH_GAZE |
           (unsigned)(left || right) << MIEN_EPOCH_PUPIL |
           (unsigned)skin << MIEN_EPOCH_SKIN | (unsigned)heart << MIEN_EPOCH_HEART;
}

/* x less the mean of its first 0.3 s, in units. */
static void change(const double *x, double unit, float *out) {
    enum { START = 18 };
    double start = 0;
    for (int i = 0; i < START; i++) {
        start += x[i] / START;
    }
    for (int i = 0; i < ROWS; i++) {
        out[i] = (float)((x[i] - start) / unit);
    }
}

void mien_epoch_changes(const mien_epoch *e, float *series) {
    MIEN_NEED_OR(, e, series);
    double raw[ROWS], mean[ROWS];
    for (int i = 0; i < ROWS; i++) {
        series[i] = (float)((e->x[i] - 0.5) / 0.5);
        series[ROWS + i] = (float)((e->y[i] - 0.5) / 0.5);
        raw[i] = (e->left_mm[i] + e->right_mm[i]) / 2;
    }
    moving_mean(raw, 10, mean);
    change(mean, 0.25, series + 2 * ROWS);
    for (int i = 0; i < ROWS; i++) {
        raw[i] = e->gsr_ohm[i] > 0 ? -log(e->gsr_ohm[i]) : 0;
    }
    moving_mean(raw, 10, mean);
    change(mean, 0.01, series + 3 * ROWS);
    change(e->heart_bpm, 2.5, series + 4 * ROWS);
}
