/* SPDX-License-Identifier: MIT */
/* The steps after the network: smoothing along a series, clamping, intervals,
 * choices. A model that was judged smoothed predicts smoothed: its contract says by
 * which rule. */
#include "predict/after.h"

#include <math.h>
#include <string.h>

/* ---- rows ----------------------------------------------------------------------- */

static double clamp(double value, const mien_target *target, bool clamped) {
    return clamped ? fmin(fmax(value, target->minimum), target->maximum) : value;
}

/* The offsets of a value's interval; false: it has none. */
static bool bounds_of(const mien_target *target, const mien_after *after,
    const mien_after_value *by, int t, double value, double *low, double *high) {
    const mien_after_interval *i = by && by->interval[t].parts ? &by->interval[t]
                                   : after                     ? &after->interval[t]
                                                               : NULL;
    int part = 0;
    if (!i || !i->parts) {
        *low = target->interval_low;
        *high = target->interval_high;
        return *low < *high;
    }
    while (part + 1 < i->parts && value > i->cut[part]) {
        part++;
    }
    *low = i->low[part];
    *high = i->high[part];
    return true;
}

static void fill_value(const mien_target *target, const mien_after *after, double value,
    int t, mien_prediction *p) {
    bool clamped = !(after && after->unclamped);
    double low, high;
    bool known = bounds_of(target, after, p->by, t, value, &low, &high);
    p->value[t] = clamp(value, target, clamped);
    p->normal[t] = mien_target_normal(target, p->value[t]);
    p->low[t] = known ? clamp(value + low, target, clamped) : (double)NAN;
    p->high[t] = known ? clamp(value + high, target, clamped) : (double)NAN;
}

void mien_after_row(const mien_target *targets, int count, const mien_after *after,
    const double *row, mien_prediction *prediction) {
    mien_prediction *p = prediction;
    p->targets_count = count;
    for (int t = 0; t < count; t++) {
        bool sets = after && after->set_level[t] > 0;
        p->set_from[t] = sets ? after->set_from[t] : (double)NAN;
        if (targets[t].link == MIEN_LINK_VALUE) {
            fill_value(&targets[t], after, *row, t, p);
        } else {
            p->value[t] = p->normal[t] = p->low[t] = p->high[t] = (double)NAN;
            p->choice[t] = mien_target_choose(&targets[t], row);
            p->probability[t] = row;
        }
        row += mien_target_width(&targets[t]);
    }
}

void mien_after_tell(const mien_after *after, int64_t unknown, int64_t rows) {
    if (after->values_count > 0 && unknown > 0) {
        mien_log(MIEN_LOG_WARN, "predict",
            "%lld of %lld rows have no %s that the model has intervals of: the "
            "intervals of all rows hold for them",
            (long long)unknown, (long long)rows, after->interval_by);
    }
}

/* ---- series --------------------------------------------------------------------- */

/* The window is an odd number of rows of about so many seconds. */
int64_t mien_after_side(double seconds, double segment_s, int64_t most) {
    double side = (segment_s > 0 ? seconds / segment_s : seconds) / 2 + 1e-9;
    return side < (double)most ? (int64_t)side : most;
}

static mien_status smooth_target(const mien_after_smoothing *s, double segment_s,
    int64_t rows, const double *x, double *y) {
    if (strcmp(s->rule, "mean") == 0) {
        return mien_smooth_mean(
            x, rows, 2 * mien_after_side(s->value, segment_s, rows) + 1, y);
    }
    double cutoff = segment_s > 0 ? 2 * s->value * segment_s : s->value;
    if (strcmp(s->rule, "butterworth") == 0 && cutoff < 1) {
        return mien_smooth_butterworth(x, rows, s->order, cutoff, y);
    }
    memcpy(y, x, (size_t)rows * sizeof *y);
    return MIEN_OK;
}

static bool does(const mien_after_smoothing *s) {
    return s->rule[0] && strcmp(s->rule, "none") != 0;
}

bool mien_after_smooths(const mien_network *network, double smooth_s) {
    bool any = smooth_s > 0;
    for (int t = 0; smooth_s < 0 && t < network->targets_count; t++) {
        any = any || does(&network->after.smoothing[t]);
    }
    return any;
}

/* One column of values [rows, width]; x, y [rows]: room. */
static mien_status smooth_column(const mien_after_smoothing *s, double segment_s,
    int64_t rows, int64_t width, double *values, double *x, double *y) {
    for (int64_t i = 0; i < rows; i++) {
        x[i] = values[i * width];
    }
    mien_status status = smooth_target(s, segment_s, rows, x, y);
    for (int64_t i = 0; status == MIEN_OK && i < rows; i++) {
        values[i * width] = y[i];
    }
    return status;
}

/* The smoothing of a target as the user overrides it: of probabilities too. */
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
        mien_after_smoothing s = choose(network, t, smooth_s);
        int64_t columns = mien_target_width(&network->targets[t]);
        for (int64_t k = 0; status == MIEN_OK && does(&s) && k < columns; k++) {
            status =
                smooth_column(&s, segment_s, rows, width, values + place + k, x, y);
        }
        place += columns;
    }
    mien_free(y);
    mien_free(x);
    return status;
}
