/* SPDX-License-Identifier: MIT */
/* The element-wise part of an LSTM's step, by the widest vectors of the processor. */
#ifndef MIEN_NN_LSTM_CELLS_H
#define MIEN_NN_LSTM_CELLS_H

#include <stdint.h>

/**
 * Sums of gates [4 hidden] (i, f, g, o) to gates after their functions, in place, then
 * cell and h [hidden]. before: the last cell, zeros at first.
 */
typedef void mien_lstm_forward(
    int64_t hidden, float *gates, const float *before, float *cell, float *h);
/** Gradients of the sums, of gates, cells and dh; dcell comes from the step after and
 * is taken on to the step before. */
typedef void mien_lstm_backward(int64_t hidden, const float *gates, const float *before,
    const float *cell, const float *dh, float *dcell, float *dgates);

typedef struct mien_lstm_cells {
    mien_lstm_forward *forward;
    mien_lstm_backward *backward;
} mien_lstm_cells;

/** All give the same bits. */
mien_lstm_cells mien_lstm_cells_best(void);

#endif
