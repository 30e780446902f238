/* SPDX-License-Identifier: MIT */
/* Weights of an LSTM that fit a near cache, turned once for all its steps as our own
 * products take them. */
#ifndef MIEN_NN_LSTM_TURNED_H
#define MIEN_NN_LSTM_TURNED_H

#include <stdbool.h>
#include <stdint.h>

/** The weights of one layer and direction: [in, 4 H], [H, 4 H] and both biases added
 * up [4 H]; NULL: not turned. */
typedef struct mien_lstm_turned {
    float *in, *recurrent, *bias;
} mien_lstm_turned;

/** Floats that hold the weights of a direction whose widest layer takes `widest`
 * features; 0: they are too many to be turned. */
int64_t mien_lstm_turned_count(int64_t hidden, int64_t widest);
/** p: PyTorch's weights of the input and of the state, and their biases if there are
 * any; room for mien_lstm_turned_count(). */
mien_lstm_turned mien_lstm_turn(
    int64_t hidden, int64_t in, const float *const *p, bool biases, float *room);
/** Gates [rows, 4 H] of inputs x [rows, in], and the biases. */
void mien_lstm_turned_input(const mien_lstm_turned *t, int64_t hidden, int64_t in,
    const float *x, int64_t rows, float *gates);

#endif
