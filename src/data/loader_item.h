/* SPDX-License-Identifier: MIT */
/* One item of a batch: out of the cache or its file, changed by a draw, into the batch.
 */
#ifndef MIEN_DATA_LOADER_ITEM_H
#define MIEN_DATA_LOADER_ITEM_H

#include "data/picture_cache.h"

/** One input of a loader. */
typedef struct mien_loader_input {
    const mien_input *input; /* lent, as places */
    const mien_place *place; /* [rows] */
    const mien_augment *augment;
    int follows;               /* input whose draw it takes; its own number: none */
    int64_t values, steps;     /* of an item */
    int64_t *item;             /* [rows] equal places have equal numbers; -1: missing */
    mien_picture_cache *cache; /* by item */
} mien_loader_input;

/** A thread's own reader and room, of each input. */
typedef struct mien_loader_worker {
    mien_reader *reader[MIEN_INPUTS_MAX];
    void *kept[MIEN_INPUTS_MAX];
    double points[2 * MIEN_INPUT_POINTS_MAX];
} mien_loader_worker;

mien_status mien_loader_input_init(mien_loader_input *input,
    const mien_loader_source *source, int index, const mien_loader_options *options);
void mien_loader_input_clear(mien_loader_input *input);
mien_status mien_loader_worker_init(
    mien_loader_worker *worker, const mien_loader_input *inputs, int count);
void mien_loader_worker_clear(mien_loader_worker *worker);

/** Where an item was found. */
typedef struct mien_loader_fetched {
    mien_cached where;
    const void *kept; /* the form that caches hold, until the next item of the input */
    bool failed;      /* it cannot be read; its values are zeros */
    bool missing;     /* there is none; its values are zeros */
} mien_loader_fetched;
/** A row's item. id names the trial in the log. Only MIEN_ENOMEM is a failure. */
mien_status mien_loader_fetch(mien_loader_input *input, int index,
    mien_loader_worker *worker, int64_t row, const char *id,
    mien_loader_fetched *fetched);
/** Takes back of the draw of the picture that this input follows what would carry one
 * of its points out of the picture. */
void mien_loader_fit(const mien_loader_input *input, int index,
    mien_loader_worker *worker, const mien_loader_fetched *fetched,
    mien_augment_draw *draw);
/** Values [values] and seen [steps] of an item that was fetched. */
mien_status mien_loader_make(const mien_loader_input *input, int index,
    mien_loader_worker *worker, const mien_loader_fetched *fetched,
    const mien_augment_draw *draw, float *values, float *seen);

#endif
