/* SPDX-License-Identifier: MIT */
/* Collects a series row by row, smooths it as a whole, and hands it out.
 *
 * What comes in are raw rows of the model in order of time; what goes out are
 * predictions. pass.c calls this where the model smooths what it predicts; rows that
 * nothing smooths go through moments.c, which keeps none of them. */
#include "predict/series.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "predict/after.h"

/* Pictures to draw a timeline on, of any length of film. */
enum { THUMBNAILS_MAX = 512 };

/* The identity of a row: a prediction's first part, which is all that is known of
 * it. */
typedef struct about {
    const char *input, *trial, *series;
    int64_t row;
    double start_s, end_s;
    int trained_on;
    const mien_after_value *by;
} about;

struct mien_series {
    const mien_network *network;
    const mien_predict_options *options;
    mien_predict_sink *sink;
    void *context;
    int64_t width, count, capacity;
    about *head;             /* [capacity] */
    double *values;          /* [capacity, width] */
    mien_tensor **thumbnail; /* [capacity] */
    int64_t thumbnails, stride;
};

mien_status mien_series_new(const mien_network *network,
    const mien_predict_options *options, mien_predict_sink *sink, void *context,
    mien_series **series) {
    mien_series *s = mien_alloc(1, sizeof *s);
    if (!s) {
        return MIEN_ENOMEM;
    }
    *s = (mien_series){.network = network,
        .options = options,
        .sink = sink,
        .context = context,
        .stride = 1};
    for (int t = 0; t < network->targets_count; t++) {
        s->width += mien_target_width(&network->targets[t]);
    }
    *series = s;
    return MIEN_OK;
}

static void empty(mien_series *s) {
    for (int64_t i = 0; i < s->count; i++) {
        mien_tensor_free(&s->thumbnail[i]);
    }
    s->count = s->thumbnails = 0;
    s->stride = 1;
}

void mien_series_free(mien_series **series) {
    if (!series || !*series) {
        return;
    }
    empty(*series);
    mien_free((*series)->thumbnail);
    mien_free((*series)->values);
    mien_free((*series)->head);
    mien_free(*series);
    *series = NULL;
}

/* ---- collecting ----------------------------------------------------------------- */

static mien_status grow(mien_series *s) {
    int64_t old = s->capacity, capacity = old ? 2 * old : 64;
    about *head = mien_realloc(s->head, (size_t)old, (size_t)capacity, sizeof *head);
    if (!head) {
        return MIEN_ENOMEM;
    }
    s->head = head;
    double *values = mien_realloc(s->values, (size_t)(old * s->width),
        (size_t)(capacity * s->width), sizeof *values);
    if (!values) {
        return MIEN_ENOMEM;
    }
    s->values = values;
    mien_tensor **thumbnail =
        mien_realloc(s->thumbnail, (size_t)old, (size_t)capacity, sizeof *thumbnail);
    if (!thumbnail) {
        return MIEN_ENOMEM;
    }
    s->thumbnail = thumbnail;
    s->capacity = capacity;
    return MIEN_OK;
}

/* When there are too many, every second one goes. */
static void keep_thumbnail(mien_series *s, mien_tensor **thumbnail) {
    int64_t at = s->count;
    s->thumbnail[at] = *thumbnail;
    *thumbnail = NULL;
    if (!s->thumbnail[at]) {
        return;
    }
    if (at % s->stride != 0) {
        mien_tensor_free(&s->thumbnail[at]);
    } else if (++s->thumbnails > THUMBNAILS_MAX) {
        s->stride *= 2;
        s->thumbnails = 0;
        for (int64_t i = 0; i <= at; i++) {
            if (i % s->stride != 0) {
                mien_tensor_free(&s->thumbnail[i]);
            }
            s->thumbnails += s->thumbnail[i] != NULL;
        }
    }
}

mien_status mien_series_add(mien_series *series, const mien_prediction *head,
    const float *value, mien_tensor **thumbnail) {
    mien_series *s = series;
    if (s->count == s->capacity) {
        mien_status status = grow(s);
        if (status != MIEN_OK) {
            return status;
        }
    }
    s->head[s->count] = (about){head->input, head->trial, head->series, head->row,
        head->start_s, head->end_s, head->trained_on, head->by};
    for (int64_t v = 0; v < s->width; v++) {
        s->values[s->count * s->width + v] = (double)value[v];
    }
    keep_thumbnail(s, thumbnail);
    s->count++;
    return MIEN_OK;
}

/* ---- handing out ---------------------------------------------------------------- */

static void find_ends(mien_series *s, double end_s) {
    about *head = s->head;
    for (int64_t i = 0; i + 1 < s->count; i++) {
        head[i].end_s = isnan(head[i].end_s) ? head[i + 1].start_s : head[i].end_s;
    }
    if (s->count > 0 && isnan(head[s->count - 1].end_s) &&
        !isnan(head[s->count - 1].start_s)) {
        about *last = &head[s->count - 1];
        last->end_s = fmax(end_s, last->start_s);
        if (isinf(end_s) && s->count > 1) {
            last->end_s = 2 * last->start_s - last[-1].start_s;
        }
    }
}

static int by_value(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* How long a row usually is; NaN: not known. */
static mien_status find_step(const mien_series *s, double *step) {
    double *length = mien_alloc((size_t)s->count, sizeof *length);
    int64_t n = 0;
    if (!length) {
        return MIEN_ENOMEM;
    }
    for (int64_t i = 0; i < s->count; i++) {
        double x = s->head[i].end_s - s->head[i].start_s;
        if (isfinite(x) && x > 0) {
            length[n++] = x;
        }
    }
    qsort(length, (size_t)n, sizeof *length, by_value);
    *step = n > 0 ? length[n / 2] : (double)NAN;
    mien_free(length);
    return MIEN_OK;
}

/* Rows as long as those of training, or nearly so, are smoothed by as many rows; others
 * by as many seconds. */
static mien_status choose_length(const mien_series *s, double *segment_s) {
    double usual = s->network->segment_s, step = 0;
    mien_status status = find_step(s, &step);
    if (status != MIEN_OK) {
        return status;
    }
    *segment_s = usual;
    if (s->options->smooth_s >= 0 && !(usual > 0)) {
        *segment_s = isnan(step) ? 0 : step;
    } else if (usual > 0 && fabs(step - usual) > usual / 2) {
        *segment_s = step;
        mien_log(MIEN_LOG_WARN, "predict",
            "%s: rows of %.4g s, and the model learnt rows of %.4g s: smoothing takes "
            "as "
            "many seconds",
            s->head[0].series ? s->head[0].series : s->head[0].input, step, usual);
    }
    return MIEN_OK;
}

static mien_status hand_out(mien_series *s) {
    const mien_network *n = s->network;
    mien_status status = MIEN_OK;
    for (int64_t i = 0; status == MIEN_OK && i < s->count; i++) {
        const about *h = &s->head[i];
        mien_prediction p = {.input = h->input,
            .trial = h->trial,
            .series = h->series,
            .row = h->row,
            .start_s = h->start_s,
            .end_s = h->end_s,
            .trained_on = h->trained_on,
            .by = h->by};
        if (p.start_s < s->options->start_s || p.start_s >= s->options->end_s) {
            continue;
        }
        p.thumbnail = s->thumbnail[i];
        mien_after_row(
            n->targets, n->targets_count, &n->after, s->values + i * s->width, &p);
        status = s->sink(s->context, &p);
        mien_tensor_free(&s->thumbnail[i]);
    }
    return status;
}

mien_status mien_series_end(mien_series *series, double end_s) {
    mien_series *s = series;
    double segment_s = 0;
    if (s->count == 0) {
        return MIEN_OK;
    }
    find_ends(s, end_s);
    mien_status status = MIEN_OK;
    if (mien_after_smooths(s->network, s->options->smooth_s)) {
        status = choose_length(s, &segment_s);
        status = status ? status
                        : mien_after_smooth(s->network, segment_s, s->options->smooth_s,
                              s->count, s->values);
    }
    if (status == MIEN_OK) {
        status = hand_out(s);
    }
    empty(s);
    return status;
}
