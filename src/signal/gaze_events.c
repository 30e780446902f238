/* SPDX-License-Identifier: MIT */
/* Fixations, saccades and blinks of a gaze recording.
 *
 * Comes in: positions or velocities on an even clock. Goes out: spans of samples. What
 * a window of a trial is described by (gaze_features.c) is made of them. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "mien/gaze.h"
#include "base/need.h"
#include "signal/order.h"

/* ---- spans ----------------------------------------------------------------- */

void mien_spans_clear(mien_spans *spans) {
    MIEN_NEED_OR(, spans);
    mien_free(spans->items);
    *spans = (mien_spans){0};
}

mien_status mien_spans_add(mien_spans *s, int64_t onset, int64_t offset) {
    MIEN_NEED(s);
    if (s->count == s->room) {
        int64_t larger = s->room ? 2 * s->room : 64;
        mien_span *items =
            mien_realloc(s->items, (size_t)s->room, (size_t)larger, sizeof *items);
        if (!items) {
            return MIEN_ENOMEM;
        }
        s->items = items;
        s->room = larger;
    }
    s->items[s->count++] = (mien_span){onset, offset};
    return MIEN_OK;
}

/* Whether samples onset … offset last at least so long, rounding aside. */
static bool lasts(int64_t onset, int64_t offset, double rate_hz, double shortest_s) {
    return (double)(offset - onset) >= shortest_s * rate_hz - 1e-9;
}

/* ---- fixations ------------------------------------------------------------- */

mien_status mien_fixations_by_velocity(const double *vx, const double *vy, int64_t n,
    double rate_hz, double threshold, double shortest_s, mien_spans *spans) {
    MIEN_NEED(vx || n < 1, vy || n < 1, spans);
    mien_status status = MIEN_OK;
    int64_t first = -1;
    for (int64_t i = 0; status == MIEN_OK && i <= n; i++) {
        bool still = i < n && sqrt(vx[i] * vx[i] + vy[i] * vy[i]) < threshold;
        if (still && first < 0) {
            first = i;
        } else if (!still && first >= 0) {
            if (lasts(first, i - 1, rate_hz, shortest_s)) {
                status = mien_spans_add(spans, first, i - 1);
            }
            first = -1;
        }
    }
    return status;
}

/* The ranges of both axes over samples taken so far. */
typedef struct extent {
    double low[2], high[2];
} extent;

static void extent_add(extent *e, double x, double y) {
    e->low[0] = x < e->low[0] ? x : e->low[0];
    e->high[0] = x > e->high[0] ? x : e->high[0];
    e->low[1] = y < e->low[1] ? y : e->low[1];
    e->high[1] = y > e->high[1] ? y : e->high[1];
}

static double extent_sum(const extent *e) {
    return (e->high[0] - e->low[0]) + (e->high[1] - e->low[1]);
}

/* The sample after the longest window from `from` that stays within the dispersion. */
static int64_t grow(
    const double *x, const double *y, int64_t n, int64_t from, double dispersion) {
    extent e = {{x[from], y[from]}, {x[from], y[from]}};
    int64_t end = from;
    while (end < n && !isnan(x[end]) && !isnan(y[end])) {
        extent_add(&e, x[end], y[end]);
        if (extent_sum(&e) > dispersion) {
            break;
        }
        end++;
    }
    return end;
}

mien_status mien_fixations_by_dispersion(const double *x, const double *y, int64_t n,
    double rate_hz, double dispersion, double shortest_s, mien_spans *spans) {
    MIEN_NEED(x || n < 1, y || n < 1, spans);
    int64_t shortest = (int64_t)(shortest_s * rate_hz + 1e-9), from = 0;
    mien_status status = MIEN_OK;
    shortest = shortest < 1 ? 1 : shortest;
    while (status == MIEN_OK && from + shortest <= n) {
        int64_t end = grow(x, y, n, from, dispersion);
        if (end - from >= shortest) {
            status = mien_spans_add(spans, from, end - 1);
            from = end;
        } else {
            from++;
        }
    }
    return status;
}

mien_fixation mien_fixation_measure(
    const double *x, const double *y, double rate_hz, mien_span span) {
    MIEN_NEED_OR((mien_fixation){0}, x, y);
    double sum[2] = {0};
    int64_t count = 0;
    extent e = {{INFINITY, INFINITY}, {-INFINITY, -INFINITY}};
    for (int64_t i = span.onset; i <= span.offset; i++) {
        if (!isnan(x[i]) && !isnan(y[i])) {
            sum[0] += x[i];
            sum[1] += y[i];
            extent_add(&e, x[i], y[i]);
            count++;
        }
    }
    return (mien_fixation){.duration_s = (double)(span.offset - span.onset) / rate_hz,
        .x = count ? sum[0] / (double)count : NAN,
        .y = count ? sum[1] / (double)count : NAN,
        .dispersion = count ? extent_sum(&e) : NAN};
}

mien_status mien_fixations_join(const double *x, const double *y, double rate_hz,
    double gap_s, double distance, mien_spans *spans) {
    MIEN_NEED(x, y, spans);
    int64_t kept = 0;
    for (int64_t k = 0; k < spans->count; k++) {
        mien_span now = spans->items[k];
        if (kept > 0) {
            mien_span *last = &spans->items[kept - 1];
            mien_fixation a = mien_fixation_measure(x, y, rate_hz, *last);
            mien_fixation b = mien_fixation_measure(x, y, rate_hz, now);
            bool near = hypot(a.x - b.x, a.y - b.y) <= distance;
            if (near && (double)(now.onset - last->offset) <= gap_s * rate_hz + 1e-9) {
                last->offset = now.offset;
                continue;
            }
        }
        spans->items[kept++] = now;
    }
    spans->count = kept;
    return MIEN_OK;
}

/* ---- saccades -------------------------------------------------------------- */

/* Square root of the median squared deviation from the median. */
static mien_status robust_sd(const double *v, int64_t n, double *scratch, double *sd) {
    int64_t count = 0;
    for (int64_t i = 0; i < n; i++) {
        if (!isnan(v[i])) {
            scratch[count++] = v[i];
        }
    }
    if (count == 0) {
        return mien_fail(MIEN_EINVAL, "all samples are missing: there is no velocity");
    }
    double middle = mien_median(scratch, count);
    for (int64_t i = 0; i < count; i++) {
        scratch[i] = (scratch[i] - middle) * (scratch[i] - middle);
    }
    *sd = sqrt(mien_median(scratch, count));
    return MIEN_OK;
}

mien_status mien_saccades_engbert_kliegl(const double *vx, const double *vy, int64_t n,
    double rate_hz, double lambda, double shortest_s, double *sigma,
    mien_spans *spans) {
    MIEN_NEED(vx || n < 1, vy || n < 1, spans);
    double sd[2];
    int64_t first = -1;
    if (rate_hz < 250) {
        return mien_fail(MIEN_EUNSUPPORTED,
            "Engbert-Kliegl at %g Hz would miss microsaccades: record with 250 Hz or "
            "more",
            rate_hz);
    }
    double *scratch = mien_alloc((size_t)n, sizeof *scratch);
    mien_status status = scratch ? MIEN_OK : MIEN_ENOMEM;
    status = status ? status : robust_sd(vx, n, scratch, &sd[0]);
    status = status ? status : robust_sd(vy, n, scratch, &sd[1]);
    mien_free(scratch);
    for (int64_t i = 0; status == MIEN_OK && i <= n; i++) {
        double a = i < n ? vx[i] / (lambda * sd[0]) : 0;
        double b = i < n ? vy[i] / (lambda * sd[1]) : 0;
        bool fast = a * a + b * b > 1;
        if (fast && first < 0) {
            first = i;
        } else if (!fast && first >= 0) {
            if (lasts(first, i - 1, rate_hz, shortest_s)) {
                status = mien_spans_add(spans, first, i - 1);
            }
            first = -1;
        }
    }
    if (status == MIEN_OK && sigma) {
        sigma[0] = sd[0];
        sigma[1] = sd[1];
    }
    return status;
}

mien_status mien_saccades_drop_lids(
    const double *x, int64_t n, double rate_hz, double margin_s, mien_spans *spans) {
    MIEN_NEED(x || n < 1, spans);
    int64_t margin = (int64_t)(margin_s * rate_hz + 1e-9), kept = 0;
    for (int64_t k = 0; k < spans->count; k++) {
        int64_t from = spans->items[k].onset - margin;
        int64_t to = spans->items[k].offset + margin;
        bool touches = false;
        for (int64_t i = from < 0 ? 0 : from; i <= to && i < n && !touches; i++) {
            touches = isnan(x[i]);
        }
        if (!touches) {
            spans->items[kept++] = spans->items[k];
        }
    }
    spans->count = kept;
    return MIEN_OK;
}

mien_saccade mien_saccade_measure(const double *x, const double *y, const double *vx,
    const double *vy, double rate_hz, mien_span span) {
    MIEN_NEED_OR((mien_saccade){0}, x, y, vx, vy);
    double dx = x[span.offset] - x[span.onset], dy = y[span.offset] - y[span.onset];
    mien_saccade s = {.duration_s = (double)(span.offset - span.onset) / rate_hz,
        .amplitude = hypot(dx, dy),
        .direction_deg = atan2(dy, dx) * (180 / 3.14159265358979323846)};
    for (int64_t i = span.onset; i <= span.offset; i++) {
        s.peak_velocity = fmax(s.peak_velocity, hypot(vx[i], vy[i]));
    }
    return s;
}

/* ---- blinks ---------------------------------------------------------------- */

mien_status mien_blinks_find(const unsigned char *lost, int64_t n, double rate_hz,
    double shortest_s, double longest_s, mien_spans *spans) {
    MIEN_NEED(lost, spans);
    mien_status status = MIEN_OK;
    int64_t first = -1;
    for (int64_t i = 0; status == MIEN_OK && i <= n; i++) {
        if (i < n && lost[i] && first < 0) {
            first = i;
        } else if ((i == n || !lost[i]) && first >= 0) {
            if (lasts(first, i - 1, rate_hz, shortest_s) &&
                (double)(i - 1 - first) <= longest_s * rate_hz + 1e-9) {
                status = mien_spans_add(spans, first, i - 1);
            }
            first = -1;
        }
    }
    return status;
}
