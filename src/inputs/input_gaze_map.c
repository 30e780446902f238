/* SPDX-License-Identifier: MIT */
/* Where the eye rested in a picture, as shares of a grid, each less an even share: what
 * the fusion pool (models/parts/fusion_pool.c) weighs a picture's maps by. A trial
 * without gaze is zeros, which is an even share everywhere. What caches hold are
 * points, so that the map moves with the picture it follows. */
#include <math.h>
#include <string.h>

#include "inputs/trace.h"

enum { ROWS = MIEN_EPOCH_ROWS, SIDE_MAX = 64 };

static const mien_option options[] = {
    {.name = "grid",
        .type = MIEN_OPTION_INT,
        .initial = "8",
        .minimum = 2,
        .maximum = SIDE_MAX,
        .help = "cells on a side: those of the maps that are weighed"},
    {.name = "blur",
        .type = MIEN_OPTION_NUMBER,
        .initial = "0.5",
        .minimum = 0,
        .maximum = 16,
        .help = "SD of the Gaussian around each moment of gaze, in cells; what falls "
                "outside the picture is left out"},
    {.name = "even",
        .type = MIEN_OPTION_FLAG,
        .initial = "false",
        .help = "an even share in every trial: plain pooling, to be compared with"},
    {.name = "channels",
        .type = MIEN_OPTION_TEXT,
        .initial = "",
        .help = "of recordings, ROLE=CHANNEL joined by commas, where names do not tell "
                "(roles: x, y)"},
    {0},
};

/* Moments of valid gaze that lie on the picture. */
typedef struct looked {
    int64_t count;
    double point[ROWS][2];
} looked;

typedef struct reader {
    mien_trace *trace;
    int side;
    double blur;
    bool even;
    double points[2 * ROWS];
} reader;

static mien_status shape(
    const mien_options *given, const mien_place *example, mien_item_shape *out) {
    int64_t side = mien_options_int(given, "grid");
    (void)example;
    *out = (mien_item_shape){.rank = 1, .size = {side * side}, .steps = 1};
    return MIEN_OK;
}

static mien_status open(const mien_input *input, const mien_options *given,
    const mien_augment *augment, void **own) {
    mien_status status = mien_trace_reader_open(sizeof(reader), given, own);
    (void)input;
    (void)augment;
    if (status == MIEN_OK) {
        reader *r = *own;
        r->side = (int)mien_options_int(given, "grid");
        r->blur = mien_options_number(given, "blur");
        r->even = mien_options_flag(given, "even");
    }
    return status;
}

static size_t bytes(const void *own) {
    (void)own;
    return sizeof(looked);
}

static bool inside(double share) {
    return share >= 0 && share <= 1; /* false of NaN */
}

static mien_status keep(const mien_epoch *epoch, looked *kept) {
    memset(kept, 0, sizeof *kept);
    for (int i = 0; i < ROWS; i++) {
        if (epoch->gaze_valid[i] && inside(epoch->x[i]) && inside(epoch->y[i])) {
            kept->point[kept->count][0] = epoch->x[i];
            kept->point[kept->count++][1] = epoch->y[i];
        }
    }
    return kept->count ? MIEN_OK : MIEN_END;
}

static mien_status load(void *own, const mien_place *place, void *kept) {
    reader *r = own;
    const mien_epoch *epoch = NULL;
    mien_status status = mien_trace_read(r->trace, place, &epoch);
    return status == MIEN_OK ? keep(epoch, kept) : status;
}

/* Beyond so many SD a Gaussian has nothing left that a float would hold. */
#define REACH 6

/* How much of a Gaussian around 0 lies below z SD. */
static double below(double z) {
    return z <= -REACH ? 0 : z >= REACH ? 1 : 0.5 * (1 + erf(z * M_SQRT1_2));
}

/* The share of a Gaussian around `at` that falls into each cell of a side; all of it
 * into one cell where there is no blur. */
static void spread(const reader *r, double at, double *share) {
    const double place = at * r->side;
    double before = r->blur > 0 ? below(-place / r->blur) : 0;
    for (int k = 0; k < r->side; k++) {
        if (r->blur > 0) {
            double now = below((k + 1 - place) / r->blur);
            share[k] = now - before;
            before = now;
        } else {
            share[k] = k == (int)fmin(place, r->side - 1);
        }
    }
}

static mien_status make(void *own, const void *kept, const mien_augment_draw *draw,
    float *values, float *seen) {
    reader *r = own;
    const looked *l = kept;
    const int cells = r->side * r->side;
    double map[SIDE_MAX * SIDE_MAX] = {0}, across[SIDE_MAX], down[SIDE_MAX], total = 0;
    memcpy(r->points, l->point, sizeof l->point);
    if (draw && draw->moves) {
        mien_trace_move(draw, l->count, r->points);
    }
    for (int64_t i = 0; !r->even && i < l->count; i++) {
        spread(r, r->points[2 * i], across);
        spread(r, r->points[2 * i + 1], down);
        for (int k = 0; k < cells; k++) {
            map[k] += down[k / r->side] * across[k % r->side];
        }
    }
    for (int k = 0; k < cells; k++) {
        total += map[k];
    }
    for (int k = 0; k < cells; k++) {
        values[k] = total > 0 ? (float)(map[k] / total - 1.0 / cells) : 0;
    }
    if (seen) {
        *seen = 1;
    }
    return MIEN_OK;
}

static int64_t points(
    void *own, const void *kept, double out[2 * MIEN_INPUT_POINTS_MAX]) {
    const looked *l = kept;
    (void)own;
    memcpy(out, l->point, (size_t)l->count * sizeof l->point[0]);
    return l->count;
}

static void golden(void *own, int64_t index, void *kept) {
    mien_epoch epoch;
    (void)own;
    mien_trace_golden(index, &epoch);
    keep(&epoch, kept);
}

const mien_input_kind mien_input_kind_gaze_map = {
    .name = "gaze_map",
    .summary = "Where the eye rested in the picture, as shares of a grid",
    .column = "series",
    .options = options,
    .traits = MIEN_INPUT_DRAWS | MIEN_INPUT_TIMED,
    .shape = shape,
    .open = open,
    .bytes = bytes,
    .load = load,
    .make = make,
    .close = mien_trace_reader_close,
    .points = points,
    .golden = golden,
};
