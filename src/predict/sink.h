/* SPDX-License-Identifier: MIT */
/* Whoever receives predictions may fail: its own words are what the caller hears. */
#ifndef MIEN_PREDICT_SINK_H
#define MIEN_PREDICT_SINK_H

#include "mien/predict.h"

typedef struct mien_receiver {
    mien_predict_sink *sink;
    void *context;
    bool stopped;
    char text[4096]; /* of the failure, where it stopped */
} mien_receiver;

/** A mien_predict_sink that hands on; context is the mien_receiver. */
mien_status mien_receive(void *context, const mien_prediction *prediction);
/** status, with the receiver's own text where it was the receiver that failed: what was
 * closed since may have said something else. */
mien_status mien_receiver_status(const mien_receiver *receiver, mien_status status);

#endif
