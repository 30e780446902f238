/* SPDX-License-Identifier: MIT */
/* Blinks: gaps of 50 to 500 ms during which the gaze is lost. */
#include <math.h>

#include "signal/sensor.h"

typedef struct own {
    mien_spans blinks;
} own;

static bool lost(const mien_sensed *s, int64_t i) {
    return isnan(s->in->channel[0][i]) ||
           (s->in->channel[1] && isnan(s->in->channel[1][i]));
}

static mien_status prepare(mien_sensed *s) {
    own *o = s->own = mien_alloc(1, sizeof *o);
    unsigned char *gone = mien_alloc((size_t)s->in->n, 1);
    mien_status status = o && gone ? MIEN_OK : MIEN_ENOMEM;
    if (status == MIEN_OK) {
        for (int64_t i = 0; i < s->in->n; i++) {
            gone[i] = lost(s, i);
        }
        status =
            mien_blinks_find(gone, s->in->n, s->in->rate_hz, 0.05, 0.5, &o->blinks);
    }
    mien_free(gone);
    return status;
}

static void release(mien_sensed *s) {
    own *o = s->own;
    mien_spans_clear(&o->blinks);
}

/* Whether a sample is valid: those lost in a blink are, for blinks tell something. */
static bool valid(const mien_sensed *s, int64_t i) {
    const mien_spans *b = &((const own *)s->own)->blinks;
    if (!lost(s, i)) {
        return true;
    }
    int64_t low = 0, high = b->count;
    while (low < high) { /* the first whose offset is not before i */
        int64_t middle = low + (high - low) / 2;
        if (b->items[middle].offset < i) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < b->count && b->items[low].onset <= i;
}

static mien_status measure(
    const mien_sensed *s, const mien_sensor_window *w, double *features) {
    const mien_spans *b = &((const own *)s->own)->blinks;
    double rate = s->in->rate_hz, count = 0, sum = 0;
    for (int64_t k = 0; k < b->count; k++) {
        if (b->items[k].onset >= w->from && b->items[k].offset < w->to) {
            count += 1;
            sum += (double)(b->items[k].offset - b->items[k].onset) / rate;
        }
    }
    features[0] = count / ((double)(w->to - w->from) / rate);
    features[1] = count > 0 ? sum / count : NAN;
    return MIEN_OK;
}

static const struct mien_sensor_work work = {
    .prepare = prepare, .release = release, .valid = valid, .measure = measure};

const mien_sensor mien_sensor_blink = {.name = "blink",
    .summary = "blinks: how often and how long",
    .roles = {"x", "y"},
    .needed = 2,
    .features = {"blink_rate_hz", "blink_mean_s"},
    .work = &work};
