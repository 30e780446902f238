/* SPDX-License-Identifier: MIT */
/* Weights of an LSTM, turned once for all its steps. */
#include "nn/kernels/lstm_turned.h"

#include "nn/kernels/narrow.h"

#define MOST 65536 /* floats of one matrix */

int64_t mien_lstm_turned_count(int64_t hidden, int64_t widest) {
    int64_t most = widest > hidden ? widest : hidden;
    return 4 * hidden * most <= MOST ? 4 * hidden * (widest + hidden + 1) : 0;
}

mien_lstm_turned mien_lstm_turn(
    int64_t hidden, int64_t in, const float *const *p, bool biases, float *room) {
    int64_t rows = 4 * hidden;
    mien_lstm_turned t = {.bias = room, .recurrent = room + rows};
    t.in = t.recurrent + rows * hidden;
    mien_narrow_best()->turn(p[0], rows, in, t.in);
    mien_narrow_best()->turn(p[1], rows, hidden, t.recurrent);
    for (int64_t j = 0; j < rows; j++) {
        t.bias[j] = biases ? p[2][j] + p[3][j] : 0;
    }
    return t;
}

void mien_lstm_turned_input(const mien_lstm_turned *t, int64_t hidden, int64_t in,
    const float *x, int64_t rows, float *gates) {
    const mien_narrow_product p = {.m = rows,
        .n = 4 * hidden,
        .k = in,
        .a = x,
        .a_row = in,
        .a_term = 1,
        .b = t->in,
        .b_row = 4 * hidden,
        .start = t->bias,
        .c = gates,
        .c_row = 4 * hidden};
    mien_narrow_best()->product(&p);
}
