/* SPDX-License-Identifier: MIT */
/* The element-wise part of an LSTM's step: plain loops that compilers turn into
 * vectors, compiled once for each width of vectors. */
#include "nn/kernels/lstm_cells.h"

#include "nn/kernels/exponential.h"

#define INLINE static inline __attribute__((always_inline))

INLINE float sigmoid_of(float x) {
    return 1 / (1 + mien_exp_of(-x));
}

INLINE float tanh_of(float x) {
    return 1 - 2 / (1 + mien_exp_of(2 * x));
}

INLINE void forward(int64_t hidden, float *restrict gates, const float *restrict before,
    float *restrict cell, float *restrict h) {
    const float *in = gates, *forget = gates + hidden;
    float *new = gates + 2 * hidden, *out = gates + 3 * hidden;
    for (int64_t j = 0; j < 2 * hidden; j++) {
        gates[j] = sigmoid_of(gates[j]);
    }
    for (int64_t j = 0; j < hidden; j++) {
        new[j] = tanh_of(new[j]);
    }
    for (int64_t j = 0; j < hidden; j++) {
        out[j] = sigmoid_of(out[j]);
    }
    for (int64_t j = 0; j < hidden; j++) {
        cell[j] = in[j] * new[j] + forget[j] * before[j];
    }
    for (int64_t j = 0; j < hidden; j++) {
        h[j] = out[j] * tanh_of(cell[j]);
    }
}

INLINE void backward(int64_t hidden, const float *restrict gates,
    const float *restrict before, const float *restrict cell, const float *restrict dh,
    float *restrict dcell, float *restrict dgates) {
    const float *in = gates, *forget = gates + hidden, *new = gates + 2 * hidden,
                *out = gates + 3 * hidden;
    for (int64_t j = 0; j < hidden; j++) {
        float t = tanh_of(cell[j]);
        float dc = dcell[j] + dh[j] * out[j] * (1 - t * t);
        dgates[j] = dc * new[j] * in[j] * (1 - in[j]);
        dgates[hidden + j] = dc * before[j] * forget[j] * (1 - forget[j]);
        dgates[2 * hidden + j] = dc * in[j] * (1 - new[j] * new[j]);
        dgates[3 * hidden + j] = dh[j] * t * out[j] * (1 - out[j]);
        dcell[j] = dc * forget[j];
    }
}

#define CELLS(name, target)                                                            \
    target static void forward_##name(                                                 \
        int64_t hidden, float *gates, const float *before, float *cell, float *h) {    \
        forward(hidden, gates, before, cell, h);                                       \
    }                                                                                  \
    target static void backward_##name(int64_t hidden, const float *gates,             \
        const float *before, const float *cell, const float *dh, float *dcell,         \
        float *dgates) {                                                               \
        backward(hidden, gates, before, cell, dh, dcell, dgates);                      \
    }

CELLS(plain, )
#if defined(__x86_64__)
CELLS(avx2, __attribute__((target("avx2"))))
CELLS(avx512, __attribute__((target("avx512f"))))
#endif

mien_lstm_cells mien_lstm_cells_best(void) {
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx512f")) {
        return (mien_lstm_cells){forward_avx512, backward_avx512};
    }
    if (__builtin_cpu_supports("avx2")) {
        return (mien_lstm_cells){forward_avx2, backward_avx2};
    }
#endif
    return (mien_lstm_cells){forward_plain, backward_plain};
}
