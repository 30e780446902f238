/* SPDX-License-Identifier: MIT */
/* What comes after the network: smoothing along a series, clamping, intervals, choices.
 * A model that was judged smoothed predicts smoothed: its contract says by which rule.
 */
#include "predict/after.h"

#include <math.h>
#include <string.h>

/* ---- rows ----------------------------------------------------------------------- */

static double clamp(double value, const mien_target *target, bool clamped) {
    return clamped ? fmin(fmax(value, target->minimum), target->maximum) : value;
}

static void fill_value(
    const mien_target *target, bool clamped, double value, int t, mien_prediction *p) {
    bool known = target->interval_low < target->interval_high;
    p->value[t] = clamp(value, target, clamped);
    p->normal[t] = mien_target_normal(target, p->value[t]);
    p->low[t] =
        known ? clamp(value + target->interval_low, target, clamped) : (double)NAN;
    p->high[t] =
        known ? clamp(value + target->interval_high, target, clamped) : (double)NAN;
}

void mien_after_row(const mien_target *targets, int count, const mien_after *after,
    const double *row, mien_prediction *prediction) {
    mien_prediction *p = prediction;
    p->targets_count = count;
    for (int t = 0; t < count; t++) {
        if (targets[t].link == MIEN_LINK_VALUE) {
            fill_value(&targets[t], !(after && after->unclamped), *row, t, p);
        } else {
            p->value[t] = p->normal[t] = p->low[t] = p->high[t] = (double)NAN;
            p->choice[t] = mien_target_choose(&targets[t], row);
            p->probability[t] = row;
        }
        row += mien_target_width(&targets[t]);
    }
}

/* ---- series --------------------------------------------------------------------- */

/* An odd number of rows of about so many seconds. */
static int64_t window_of(double seconds, double segment_s, int64_t rows) {
    double wanted = segment_s > 0 ? seconds / segment_s : seconds;
    int64_t half = (int64_t)(wanted / 2);
    return 2 * (half < rows ? half : rows) + 1;
}

static mien_status smooth_target(const mien_after_smoothing *s, double segment_s,
    int64_t rows, const double *x, double *y) {
    if (strcmp(s->rule, "mean") == 0) {
        return mien_smooth_mean(x, rows, window_of(s->value, segment_s, rows), y);
    }
    double cutoff = segment_s > 0 ? 2 * s->value * segment_s : s->value;
    if (strcmp(s->rule, "butterworth") == 0 && cutoff < 1) {
        return mien_smooth_butterworth(x, rows, s->order, cutoff, y);
    }
    memcpy(y, x, (size_t)rows * sizeof *y);
    return MIEN_OK;
}

/* The smoothing of a target as the user overrides it. */
static mien_after_smoothing choose(const mien_network *n, int target, double smooth_s) {
    mien_after_smoothing chosen = n->after.smoothing[target];
    if (smooth_s >= 0) {
        chosen = (mien_after_smoothing){.value = smooth_s};
        strcpy(chosen.rule, smooth_s > 0 ? "mean" : "none");
    }
    return chosen;
}

mien_status mien_after_smooth(const mien_network *network, double segment_s,
    double smooth_s, int64_t rows, double *values) {
    int64_t width = 0, place = 0;
    if (smooth_s > 0 && !(segment_s > 0)) {
        return mien_fail(MIEN_EINVAL,
            "how long a row is is not known, so it cannot be smoothed over %g s",
            smooth_s);
    }
    for (int t = 0; t < network->targets_count; t++) {
        width += mien_target_width(&network->targets[t]);
    }
    double *x = mien_alloc((size_t)rows, sizeof *x);
    double *y = mien_alloc((size_t)rows, sizeof *y);
    mien_status status = x && y ? MIEN_OK : MIEN_ENOMEM;
    for (int t = 0; status == MIEN_OK && t < network->targets_count; t++) {
        const mien_target *target = &network->targets[t];
        mien_after_smoothing s = choose(network, t, smooth_s);
        bool smooths =
            s.rule[0] && strcmp(s.rule, "none") != 0 && target->link == MIEN_LINK_VALUE;
        for (int64_t i = 0; smooths && i < rows; i++) {
            x[i] = values[i * width + place];
        }
        if (smooths) {
            status = smooth_target(&s, segment_s, rows, x, y);
        }
        for (int64_t i = 0; smooths && status == MIEN_OK && i < rows; i++) {
            values[i * width + place] = y[i];
        }
        place += mien_target_width(target);
    }
    mien_free(y);
    mien_free(x);
    return status;
}
