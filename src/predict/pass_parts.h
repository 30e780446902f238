/* SPDX-License-Identifier: MIT */
/* Shared by the files of a pass: what it works with, how its plans are fed. */
#ifndef MIEN_PREDICT_PASS_PARTS_H
#define MIEN_PREDICT_PASS_PARTS_H

#include "predict/desks.h"
#include "predict/moments.h"
#include "predict/pass.h"
#include "predict/queue.h"
#include "predict/series.h"
#include "predict/sink.h"

/** Places of a window of two by two cells, in a row of MIEN_WHERE. */
enum { MIEN_WINDOWS = MIEN_WHERE - 1 };

typedef struct mien_pass {
    mien_predictor *p;
    const mien_predict_options *options;
    const mien_rows *rows;
    const mien_network *network;
    const mien_architecture *a;
    bool strict, whole; /* whole: series are kept and smoothed as a whole */
    bool decoded[MIEN_INPUTS_MAX];
    int64_t first[MIEN_INPUTS_MAX]; /* of a decoded input's values in an item */
    int64_t steps, width, gather;
    mien_source *source;
    mien_queue *queue; /* NULL: the source is read directly */
    mien_desks *desks;
    mien_lock *lock; /* of what the threads tell of items */
    mien_moments *moments;
    mien_series *series;
    mien_receiver receiver;
    mien_predict_problem *problem;
    /* slots: the first `kept` are there to be looked back at */
    mien_item *items;
    int64_t room, count, kept;
    int64_t *run; /* [room] number of the series a slot belongs to */
    int64_t run_now, last_row, series_run;
    int64_t film_row; /* whose moments were delivered last; -1: none */
    int64_t *held;    /* [room] slots that hold a row or moment */
    int64_t held_count, fresh;
    float *values;     /* [room, width] of held slots from `kept` on */
    int64_t predicted; /* rows so far */
    int picture; /* input that is hidden in parts, to see where counts; -1: none */
    int64_t looked_at; /* held row that is; -1: none, rows are run as they are */
    float *hidden;     /* [windows, width] what it then gives */
    float *where;      /* [targets, MIEN_WHERE, MIEN_WHERE] */
    mien_tensor *map[MIEN_INPUTS_MAX];
    int maps;
    mien_status first_problem;
    char first_text[1024];
} mien_pass;

/** Makes all that the pass works with; what its head says is there already. Clear also
 * after a failure. */
mien_status mien_pass_open(mien_pass *pass);
void mien_pass_clear(mien_pass *pass);
/** A mien_runner_fill; context is the pass. Of the held rows from `kept` on, or, where
 * one is looked at, of that one with another window of its picture hidden each time. */
mien_status mien_pass_fill(void *context, const mien_runner_batch *batch);
/** Fills pass->where for a held row: value is what the network gave of it. */
mien_status mien_pass_look(mien_pass *pass, int64_t index, const float *value);

#endif
