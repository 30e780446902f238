/* SPDX-License-Identifier: MIT */
/* Winograd convolutions: each set of kernels, layout and schedule against plain loops
 * in double precision. */
#include "nn/kernels/winograd.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "support/support.h"

/* Of the largest value. Kernels of 5 × 5 are summed of more and larger terms. */
#define TOLERANCE(taps) ((taps) == 3 ? 1e-5 : 3e-5)

typedef struct one_case {
    int64_t pictures, in, out, height, width;
    int64_t padding[4]; /* top, left, bottom, right */
    bool bias, sums, in_place;
    float slope, most;
    int taps; /* 0: 3 */
} one_case;

static const one_case cases[] = {
    {1, 16, 16, 8, 8, {1, 1, 1, 1}, true, false, false, 1, INFINITY, 3},
    {2, 16, 32, 4, 4, {1, 1, 1, 1}, false, false, false, 0, INFINITY, 3},
    {1, 32, 16, 9, 7, {1, 1, 1, 1}, true, true, false, 0, 6, 3},
    {3, 16, 16, 5, 13, {0, 0, 0, 0}, true, false, false, 0.1f, INFINITY, 3},
    {1, 48, 80, 11, 6, {1, 1, 1, 1}, true, true, true, 0, INFINITY, 3},
    {2, 16, 16, 3, 3, {0, 0, 0, 0}, true, false, false, 1, INFINITY, 3},
    {1, 16, 16, 1, 1, {1, 1, 1, 1}, true, false, false, 1, INFINITY, 3},
    {1, 16, 16, 7, 7, {2, 2, 2, 2}, true, true, false, 1, INFINITY, 3},
    {1, 16, 48, 6, 10, {0, 2, 1, 0}, false, true, true, 0, INFINITY, 3},
    {5, 64, 64, 14, 14, {1, 1, 1, 1}, true, false, false, 0, INFINITY, 3},
    {1, 16, 16, 8, 8, {2, 2, 2, 2}, true, false, false, 1, INFINITY, 5},
    {2, 16, 32, 9, 7, {0, 0, 0, 0}, true, true, false, 0, 6, 5},
    {3, 48, 16, 6, 13, {1, 0, 3, 2}, false, false, false, 0.1f, INFINITY, 5},
    {1, 16, 80, 5, 5, {0, 0, 0, 0}, true, true, true, 0, INFINITY, 5},
    {1, 16, 16, 2, 3, {4, 4, 4, 4}, true, false, false, 1, INFINITY, 5},
    {2, 32, 32, 19, 19, {0, 0, 0, 0}, true, false, false, 1, INFINITY, 5},
};
#define CASES ((int)(sizeof cases / sizeof *cases))

static float *random_floats(int64_t count, uint64_t seed) {
    float *values = mien_alloc((size_t)count, sizeof *values);
    mien_stream s;
    assert_non_null(values);
    mien_stream_init(&s, seed, 3, 4);
    for (int64_t i = 0; i < count; i++) {
        values[i] = (float)(2 * mien_stream_uniform(&s) - 1);
    }
    return values;
}

/* Layouts by the size of their channel block; 0: channels last. */
static mien_winograd_layout layout_of(
    int64_t block, int64_t channels, int64_t height, int64_t width) {
    int64_t area = height * width;
    if (!block) {
        return (mien_winograd_layout){
            channels, channels * area, channels, channels * width, channels};
    }
    return (mien_winograd_layout){
        block, channels * area, block * area, block * width, block};
}

static int64_t place(
    const mien_winograd_layout *l, int64_t n, int64_t c, int64_t h, int64_t w) {
    return n * l->image + c / l->block * l->slab + h * l->row + w * l->pixel +
           c % l->block;
}

/* What the convolution itself gives, before anything is added. */
static double plain_point(const mien_winograd *w, const float *x, const float *weight,
    int64_t n, int64_t o, int64_t h, int64_t k) {
    double sum = 0;
    int64_t area = (int64_t)w->taps * w->taps;
    for (int64_t i = 0; i < w->in; i++) {
        for (int64_t r = 0; r < area; r++) {
            int64_t row = h + r / w->taps - w->top, column = k + r % w->taps - w->left;
            if (row >= 0 && row < w->x_height && column >= 0 && column < w->x_width) {
                sum += (double)x[place(&w->x, n, i, row, column)] *
                       (double)weight[(o * w->in + i) * area + r];
            }
        }
    }
    return sum;
}

static double activated(const one_case *c, double v) {
    v = v < 0 ? v * (double)c->slope : v;
    return v > (double)c->most ? (double)c->most : v;
}

/* Largest difference of y from the loops, over the largest value before its
 * activation. */
static double error_of(const one_case *c, const mien_winograd *w, const float *x,
    const float *weight, const float *bias, const float *addend, const float *y) {
    double most = 1e-30, apart = 0;
    for (int64_t n = 0; n < w->pictures; n++) {
        for (int64_t o = 0; o < w->out; o++) {
            for (int64_t p = 0; p < w->y_height * w->y_width; p++) {
                int64_t h = p / w->y_width, k = p % w->y_width;
                int64_t at = place(&w->y, n, o, h, k);
                double want = plain_point(w, x, weight, n, o, h, k);
                want += bias ? (double)bias[o] : 0;
                want += addend ? (double)addend[at] : 0;
                most = fmax(most, fabs(want));
                double d = fabs(activated(c, want) - (double)y[at]);
                apart = d <= apart ? apart : d;
            }
        }
    }
    return apart / most;
}

static mien_winograd problem(
    const one_case *c, const mien_winograd_kernels *kernels, int64_t block) {
    int taps = c->taps ? c->taps : 3;
    mien_winograd w = {.pictures = c->pictures,
        .in = c->in,
        .out = c->out,
        .x_height = c->height,
        .x_width = c->width,
        .y_height = c->height + c->padding[0] + c->padding[2] - taps + 1,
        .y_width = c->width + c->padding[1] + c->padding[3] - taps + 1,
        .top = c->padding[0],
        .left = c->padding[1],
        .taps = taps,
        .sums = c->sums,
        .slope = c->slope,
        .most = c->most,
        .threads = 1,
        .kernels = kernels};
    w.x = layout_of(block, w.in, w.x_height, w.x_width);
    w.y = layout_of(block, w.out, w.y_height, w.y_width);
    return w;
}

static void check(const one_case *c, mien_winograd w) {
    mien_winograd_init(&w);
    int64_t pixels = w.pictures * w.y_height * w.y_width;
    float *x = random_floats(w.pictures * w.in * w.x_height * w.x_width, 1);
    float *weight = random_floats(w.out * w.in * w.taps * w.taps, 2);
    float *bias = random_floats(w.out, 3), *addend = random_floats(pixels * w.out, 4);
    float *y = random_floats(pixels * w.out, 5);
    float *packed = random_floats(mien_winograd_weight_count(&w), 6);
    float *scratch = random_floats(mien_winograd_scratch_count(&w), 7);
    mien_winograd_pack(&w, weight, false, packed);
    if (c->in_place) {
        memcpy(y, addend, (size_t)(pixels * w.out) * sizeof *y);
    }
    mien_winograd_run(&w, x, packed, c->bias ? bias : NULL,
        !c->sums      ? NULL
        : c->in_place ? y
                      : addend,
        scratch, y);
    double error =
        error_of(c, &w, x, weight, c->bias ? bias : NULL, c->sums ? addend : NULL, y);
    if (!(error <= TOLERANCE(w.taps))) {
        fail_msg("case %d, %s, block %d, %d threads %s, %d tiles at once: off by %g",
            (int)(c - cases), w.kernels->name, (int)w.x.block, w.threads,
            w.together ? "together" : "apart", (int)w.tiles_at_once, error);
    }
    mien_free(scratch);
    mien_free(packed);
    mien_free(y);
    mien_free(addend);
    mien_free(bias);
    mien_free(weight);
    mien_free(x);
}

/* Those this processor can run. */
static int kernels_here(const mien_winograd_kernels *kernels[3]) {
    int count = 0;
    kernels[count++] = &mien_winograd_plain;
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
        kernels[count++] = &mien_winograd_avx2;
    }
    if (__builtin_cpu_supports("avx512f")) {
        kernels[count++] = &mien_winograd_avx512;
    }
#endif
    return count;
}

static void each_kernel_gives_what_loops_give_in_each_layout(void **state) {
    (void)state;
    static const int64_t blocks[] = {0, 8, 16};
    const mien_winograd_kernels *kernels[3];
    int count = kernels_here(kernels);
    for (int i = 0; i < CASES; i++) {
        for (int k = 0; k < count; k++) {
            for (int b = 0; b < 3; b++) {
                if (blocks[b] == 8 && kernels[k]->block == 64) {
                    continue; /* its vectors are wider than the block */
                }
                check(&cases[i], problem(&cases[i], kernels[k], blocks[b]));
            }
        }
    }
}

static void each_schedule_gives_the_same(void **state) {
    (void)state;
    static const int64_t at_once[] = {1, 5, 6, 24, 1000};
    for (int i = 0; i < CASES; i++) {
        for (int k = 0; k < 5; k++) {
            for (int together = 0; together < 2; together++) {
                mien_winograd w = problem(&cases[i], NULL, 16);
                w.threads = 1 + (i + k) % 3;
                w.tiles_at_once = at_once[k];
                w.together = together;
                check(&cases[i], w);
            }
        }
    }
}

/* The gradient of sum(conv(x) · g) with respect to x is conv(g) with turned weights. */
static void check_backward(int taps) {
    int64_t pad = taps / 2, kernel = (int64_t)taps * taps;
    const one_case c = {
        1, 32, 16, 9, 10, {pad, pad, pad, pad}, false, false, false, 1, INFINITY, taps};
    mien_winograd w = problem(&c, NULL, 16);
    mien_winograd_init(&w);
    int64_t area = w.x_height * w.x_width;
    /* w is the backward convolution: from 32 channels of g to 16 of x's gradient, whose
     * forward weights are [32, 16, taps, taps] */
    float *g = random_floats(w.in * area, 1);
    float *weight = random_floats(w.in * w.out * kernel, 2);
    float *packed = random_floats(mien_winograd_weight_count(&w), 3);
    float *scratch = random_floats(mien_winograd_scratch_count(&w), 4);
    float *dx = random_floats(w.out * area, 5);
    mien_winograd_pack(&w, weight, true, packed);
    mien_winograd_run(&w, g, packed, NULL, NULL, scratch, dx);
    for (int64_t i = 0; i < w.out; i++) {
        for (int64_t p = 0; p < area; p++) {
            double want = 0;
            for (int64_t o = 0; o < w.in; o++) {
                for (int64_t r = 0; r < kernel; r++) {
                    /* x[row, column] went into y[row + pad − r / taps, …] */
                    int64_t h = p / w.x_width + pad - r / taps,
                            k = p % w.x_width + pad - r % taps;
                    if (h >= 0 && h < w.x_height && k >= 0 && k < w.x_width) {
                        want += (double)g[place(&w.x, 0, o, h, k)] *
                                (double)weight[(o * w.out + i) * kernel + r];
                    }
                }
            }
            int64_t at = place(&w.y, 0, i, p / w.x_width, p % w.x_width);
            assert_near((double)dx[at], want, 1e-4);
        }
    }
    mien_free(dx);
    mien_free(scratch);
    mien_free(packed);
    mien_free(weight);
    mien_free(g);
}

static void backward_weights_give_the_gradient_of_the_input(void **state) {
    (void)state;
    check_backward(3);
    check_backward(5);
}

/* Σ over pixels of dy at (h, k) times x at the place that weight r looked at. */
static double weight_slope(const mien_winograd *w, const float *x, const float *dy,
    int64_t o, int64_t i, int64_t r) {
    double sum = 0;
    for (int64_t n = 0; n < w->pictures; n++) {
        for (int64_t p = 0; p < w->y_height * w->y_width; p++) {
            int64_t h = p / w->y_width, k = p % w->y_width;
            int64_t row = h + r / w->taps - w->top, column = k + r % w->taps - w->left;
            if (row >= 0 && row < w->x_height && column >= 0 && column < w->x_width) {
                sum += (double)x[place(&w->x, n, i, row, column)] *
                       (double)dy[place(&w->y, n, o, h, k)];
            }
        }
    }
    return sum;
}

static void check_weight_gradient(mien_winograd w) {
    mien_winograd_init(&w);
    int64_t pixels = w.pictures * w.y_height * w.y_width;
    float *x = random_floats(w.pictures * w.in * w.x_height * w.x_width, 1);
    float *dy = random_floats(pixels * w.out, 2);
    int64_t kernel = (int64_t)w.taps * w.taps;
    float *weight = random_floats(w.out * w.in * kernel, 3);
    float *bias = random_floats(w.out, 4);
    float *scratch = random_floats(mien_winograd_gradient_scratch_count(&w), 5);
    mien_winograd_weight_gradient(&w, x, dy, scratch, weight, bias);
    double most = 1e-30, apart = 0;
    for (int64_t at = 0; at < w.out * w.in * kernel; at++) {
        double want = weight_slope(
            &w, x, dy, at / kernel / w.in, at / kernel % w.in, at % kernel);
        most = fmax(most, fabs(want));
        apart = fmax(apart, fabs(want - (double)weight[at]));
    }
    if (!(apart <= TOLERANCE(w.taps) * most)) {
        fail_msg(
            "%s, block %d: off by %g", w.kernels->name, (int)w.x.block, apart / most);
    }
    for (int64_t o = 0; o < w.out; o++) {
        double want = 0;
        for (int64_t p = 0; p < pixels; p++) {
            int64_t area = w.y_height * w.y_width;
            want += (double)
                dy[place(&w.y, p / area, o, p % area / w.y_width, p % w.y_width)];
        }
        assert_near((double)bias[o], want, 1e-4);
    }
    mien_free(scratch);
    mien_free(bias);
    mien_free(weight);
    mien_free(dy);
    mien_free(x);
}

static void weights_have_the_gradient_that_loops_give(void **state) {
    (void)state;
    const mien_winograd_kernels *kernels[3];
    int count = kernels_here(kernels);
    for (int i = 0; i < CASES; i++) {
        for (int k = 0; k < count; k++) {
            for (int threads = 1; threads <= 3; threads++) {
                mien_winograd w = problem(&cases[i], kernels[k], threads == 2 ? 0 : 16);
                w.threads = threads;
                check_weight_gradient(w);
            }
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_kernel_gives_what_loops_give_in_each_layout),
        cmocka_unit_test(each_schedule_gives_the_same),
        cmocka_unit_test(weights_have_the_gradient_that_loops_give),
        cmocka_unit_test(backward_weights_give_the_gradient_of_the_input),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
