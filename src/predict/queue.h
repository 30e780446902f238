/* SPDX-License-Identifier: MIT */
/* Runs a source in a thread of its own, a bounded number of items ahead. */
#ifndef MIEN_PREDICT_QUEUE_H
#define MIEN_PREDICT_QUEUE_H

#include "predict/source.h"

typedef struct mien_queue mien_queue;
/** Starts the thread; the source belongs to it until mien_queue_free(). slots ≥ 2. */
mien_status mien_queue_new(
    mien_source *source, int slots, int64_t values, mien_queue **queue);
/** Stops the thread (waiting for the item it is at) and frees. */
void mien_queue_free(mien_queue **queue);
/** The next item by swapping buffers with *item (made by mien_item_init() with as many
 * values). MIEN_END after the last; the source's failure if it failed. */
mien_status mien_queue_next(mien_queue *queue, mien_item *item);

#endif
