/* SPDX-License-Identifier: MIT */
/* Scanpaths: where the eye went over a picture, drawn as a grey picture for a network
 * that sees. What caches hold are points; they are drawn each time, so that a scanpath
 * moves with the picture it follows. */
#include <string.h>

#include "inputs/trace.h"

enum { ROWS = MIEN_EPOCH_ROWS, SIDE_MAX = 1024 };

static const mien_option options[] = {
    {.name = "size",
        .type = MIEN_OPTION_INT,
        .initial = "180",
        .minimum = 16,
        .maximum = SIDE_MAX,
        .help = "side of the picture that the path is drawn into"},
    MIEN_TRACE_OPTIONS,
    {0},
};

typedef struct path {
    double point[ROWS][2];
    double fixation[ROWS];
} path;

typedef struct reader {
    mien_trace *trace;
    bool anchored;
    int side;
    mien_epoch filled;
    double points[2 * MIEN_INPUT_POINTS_MAX], x[ROWS], y[ROWS];
    unsigned char *picture; /* [side, side] */
} reader;

static mien_status shape(
    const mien_options *given, const mien_place *example, mien_item_shape *out) {
    int64_t side = mien_options_int(given, "size");
    (void)example;
    *out = (mien_item_shape){.rank = 3, .size = {1, side, side}, .steps = 1};
    return MIEN_OK;
}

static void close(void **own) {
    mien_free(((reader *)*own)->picture);
    mien_trace_reader_close(own);
}

static mien_status open(const mien_input *input, const mien_options *given,
    const mien_augment *augment, void **own) {
    mien_status status = mien_trace_reader_open(sizeof(reader), given, own);
    (void)input;
    (void)augment;
    if (status != MIEN_OK) {
        return status;
    }
    reader *r = *own;
    r->side = (int)mien_options_int(given, "size");
    r->anchored = mien_trace_anchored(given);
    r->picture = mien_alloc((size_t)r->side, (size_t)r->side);
    if (!r->picture) {
        close(own);
        return MIEN_ENOMEM;
    }
    return MIEN_OK;
}

static size_t bytes(const void *own) {
    (void)own;
    return sizeof(path);
}

static mien_status keep(reader *r, const mien_epoch *epoch, path *kept) {
    unsigned sensors = 0;
    mien_status status = mien_trace_fill(r->anchored, epoch, &r->filled, &sensors);
    if (status == MIEN_OK && !(sensors >> MIEN_EPOCH_GAZE & 1)) {
        return MIEN_END;
    }
    for (int i = 0; status == MIEN_OK && i < ROWS; i++) {
        kept->point[i][0] = r->filled.x[i];
        kept->point[i][1] = r->filled.y[i];
        kept->fixation[i] = r->filled.fixation[i];
    }
    return status;
}

static mien_status load(void *own, const mien_place *place, void *kept) {
    reader *r = own;
    const mien_epoch *epoch = NULL;
    mien_status status = mien_trace_read(r->trace, place, &epoch);
    if (status == MIEN_OK) {
        status = keep(r, epoch, kept);
        status = status == MIEN_OK || status == MIEN_END
                     ? status
                     : mien_fail_in(status, "%s", place->file);
    }
    return status;
}

static mien_status make(void *own, const void *kept, const mien_augment_draw *draw,
    float *values, float *seen) {
    reader *r = own;
    const path *p = kept;
    memcpy(r->points, p->point, sizeof p->point);
    if (draw && draw->moves) {
        mien_trace_move(draw, ROWS, r->points);
    }
    for (int i = 0; i < ROWS; i++) {
        r->x[i] = r->points[2 * i];
        r->y[i] = r->points[2 * i + 1];
    }
    mien_status status =
        mien_scanpath_draw(r->x, r->y, p->fixation, ROWS, r->side, r->picture);
    for (int i = 0; status == MIEN_OK && i < r->side * r->side; i++) {
        values[i] = ((float)r->picture[i] / 255 - 0.5F) / 0.5F;
    }
    if (seen) {
        *seen = 1;
    }
    return status;
}

static int64_t points(
    void *own, const void *kept, double out[2 * MIEN_INPUT_POINTS_MAX]) {
    (void)own;
    memcpy(out, ((const path *)kept)->point, sizeof(double[2 * ROWS]));
    return ROWS;
}

static void golden(void *own, int64_t index, void *kept) {
    mien_epoch epoch;
    mien_trace_golden(index, &epoch);
    keep(own, &epoch, kept);
}

const mien_input_kind mien_input_kind_scanpath = {
    .name = "scanpath",
    .summary = "Where the eye went over the picture, drawn as lines and discs",
    .column = "scanpath",
    .options = options,
    .traits = MIEN_INPUT_DRAWS | MIEN_INPUT_TIMED,
    .shape = shape,
    .open = open,
    .bytes = bytes,
    .load = load,
    .make = make,
    .close = close,
    .points = points,
    .golden = golden,
};
