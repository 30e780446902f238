/* SPDX-License-Identifier: MIT */
/* Inputs of a network, batch by batch: pictures as they are loaded, features that were
 * computed before, or, in studies on features, which rows. */
#ifndef MIEN_TRAIN_FEED_H
#define MIEN_TRAIN_FEED_H

#include "train/corpus.h"
#include "train/scratch.h"

/** What everything frozen gives for each different picture. */
typedef struct mien_features {
    int64_t stimuli, width;
    const float *values; /* [stimuli, width], lent by the store */
    mien_scratch *store;
    int64_t *stimulus; /* [rows] of the corpus */
} mien_features;

typedef struct mien_feed mien_feed;

typedef struct mien_feed_pass {
    const int64_t *rows; /* of the corpus; copied */
    int64_t count;
    int64_t epoch;
    int64_t first; /* batch to begin with */
    bool augment;
} mien_feed_pass;

typedef struct mien_feed_batch {
    int64_t n;
    const int64_t *rows; /* [n] of the corpus */
    const float *values; /* [n, …] inputs; NULL in studies on features */
    bool mixed;          /* inputs were mixed: mix the targets alike */
    const int64_t *partner;
    const double *weight;
} mien_feed_batch;

/** features NULL: pictures, loaded by `threads` threads. All is lent. */
mien_status mien_feed_open(const mien_corpus *corpus, const mien_study *study,
    const mien_features *features, int threads, mien_feed **feed);
/** Leaves the text of the last failure as it is, whatever its thread was doing. */
void mien_feed_close(mien_feed **feed);
mien_status mien_feed_start(mien_feed *feed, const mien_feed_pass *pass);
/** Lent until the next call. MIEN_END after the last; MIEN_EFORMAT names the trial
 * whose picture cannot be read. */
mien_status mien_feed_next(mien_feed *feed, mien_feed_batch *batch);
/** Of the pass: the share of its time in which batches were waited for. */
double mien_feed_idle(mien_feed *feed);

#endif
