/* SPDX-License-Identifier: MIT */
/* The convolutions that networks of films are made of: Winograd's over frames and of
 * stride 2, and those of few channels, against plain loops in double precision. */
#include "nn/kernels/conv_thin.h"

#include <math.h>
#include <string.h>

#include "support/support.h"

#define TOLERANCE 1e-5 /* of the largest value, of Winograd's */
#define EXACT 1e-6     /* of those that save no arithmetic */

/* Time, height, width; pictures have one frame. */
typedef struct one_case {
    int64_t films, in, out, x[3], kernel[3], stride[3], before[3], after[3];
    bool bias, sums;
    float slope, most;
} one_case;

static const one_case frames[] = {
    {1, 16, 16, {4, 8, 8}, {3, 3, 3}, {1, 1, 1}, {1, 1, 1}, {1, 1, 1}, true, false, 0,
        INFINITY},
    {2, 16, 48, {5, 7, 6}, {3, 3, 3}, {1, 1, 1}, {1, 1, 1}, {1, 1, 1}, true, true, 0.1f,
        INFINITY},
    {1, 16, 32, {3, 5, 6}, {1, 3, 3}, {1, 1, 1}, {0, 1, 1}, {0, 1, 1}, false, false, 1,
        6},
    {1, 16, 80, {1, 4, 4}, {3, 3, 3}, {1, 1, 1}, {1, 1, 1}, {1, 1, 1}, true, false, 0,
        INFINITY},
    {1, 48, 16, {9, 4, 13}, {5, 3, 3}, {1, 1, 1}, {0, 0, 2}, {3, 1, 0}, true, false, 0,
        INFINITY},
};
static const one_case strided[] = {
    {1, 16, 16, {1, 8, 8}, {1, 5, 5}, {1, 2, 2}, {0, 2, 2}, {0, 2, 2}, true, false, 1,
        INFINITY},
    {2, 16, 48, {1, 9, 14}, {1, 5, 5}, {1, 2, 2}, {0, 2, 2}, {0, 2, 2}, true, true,
        0.1f, INFINITY},
    {1, 16, 96, {1, 13, 7}, {1, 5, 5}, {1, 2, 2}, {0, 2, 2}, {0, 1, 0}, false, false, 0,
        6},
    {1, 16, 16, {1, 1, 1}, {1, 5, 5}, {1, 2, 2}, {0, 2, 2}, {0, 2, 2}, true, false, 1,
        INFINITY},
};
static const one_case thin[] = {
    {1, 3, 64, {4, 5, 9}, {7, 7, 7}, {2, 2, 2}, {2, 2, 2}, {3, 3, 3}, true, false, 0,
        INFINITY},
    {2, 6, 32, {1, 9, 20}, {1, 7, 7}, {1, 2, 2}, {0, 3, 3}, {0, 3, 3}, true, false,
        0.1f, INFINITY},
    {1, 1, 16, {3, 4, 5}, {3, 3, 3}, {1, 1, 1}, {0, 2, 4}, {0, 0, 1}, false, false, 1,
        6},
    {1, 8, 80, {2, 3, 3}, {1, 1, 3}, {1, 3, 2}, {0, 0, 0}, {0, 0, 0}, true, false, 1,
        INFINITY},
};

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

static int64_t volume(const int64_t *size) {
    return size[0] * size[1] * size[2];
}

/* Of one frame, by the size of its channel block; 0: channels last, -1: row-major. */
static mien_winograd_layout layout_of(
    int64_t block, int64_t channels, const int64_t *size) {
    const int64_t all = volume(size), width = size[2];
    if (block <= 0) {
        return (mien_winograd_layout){
            channels, channels * all, channels, channels * width, channels};
    }
    return (mien_winograd_layout){
        block, channels * all, block * all, block * width, block};
}

static int64_t place(const mien_winograd_layout *l, int64_t height, int64_t n,
    int64_t c, const int64_t *at) {
    return n * l->image + c / l->block * l->slab + (at[0] * height + at[1]) * l->row +
           at[2] * l->pixel + c % l->block;
}

static void split(int64_t p, const int64_t *size, int64_t *at) {
    at[2] = p % size[2];
    at[1] = p / size[2] % size[1];
    at[0] = p / size[2] / size[1];
}

static void size_of_y(const one_case *c, int64_t *y) {
    for (int d = 0; d < 3; d++) {
        y[d] = (c->x[d] + c->before[d] + c->after[d] - c->kernel[d]) / c->stride[d] + 1;
    }
}

/* What the convolution gives at one place; x by `from`, or row-major where it is NULL.
 */
static double point(const one_case *c, const mien_winograd_layout *from, const float *x,
    const float *weight, int64_t n, int64_t o, const int64_t *y) {
    const int64_t points = volume(c->kernel);
    double sum = 0;
    for (int64_t i = 0; i < c->in; i++) {
        for (int64_t k = 0; k < points; k++) {
            int64_t at[3];
            bool inside = true;
            split(k, c->kernel, at);
            for (int d = 0; d < 3; d++) {
                at[d] += y[d] * c->stride[d] - c->before[d];
                inside = inside && at[d] >= 0 && at[d] < c->x[d];
            }
            if (inside) {
                const int64_t where = from ? place(from, c->x[1], n, i, at)
                                           : (n * c->in + i) * volume(c->x) +
                                                 (at[0] * c->x[1] + at[1]) * c->x[2] +
                                                 at[2];
                sum += (double)x[where] * (double)weight[(o * c->in + i) * points + k];
            }
        }
    }
    return sum;
}

/* Largest difference of y from the loops, over the largest value before its
 * activation. */
static double error_of(const one_case *c, const mien_winograd_layout *from,
    const mien_winograd_layout *to, const float *x, const float *weight,
    const float *bias, const float *addend, const float *y) {
    double most = 1e-30, apart = 0;
    int64_t size[3], at[3];
    size_of_y(c, size);
    for (int64_t n = 0; n < c->films; n++) {
        for (int64_t o = 0; o < c->out; o++) {
            for (int64_t p = 0; p < volume(size); p++) {
                split(p, size, at);
                const int64_t where = place(to, size[1], n, o, at);
                double want = point(c, from, x, weight, n, o, at);
                want += bias ? (double)bias[o] : 0;
                want += addend ? (double)addend[where] : 0;
                most = fmax(most, fabs(want));
                want = want < 0 ? want * (double)c->slope : want;
                want = want > (double)c->most ? (double)c->most : want;
                const double d = fabs(want - (double)y[where]);
                apart = d <= apart ? apart : d;
            }
        }
    }
    return apart / most;
}

static mien_winograd problem(const one_case *c, mien_winograd_kind kind,
    const mien_winograd_kernels *kernels, int64_t block) {
    int64_t y[3];
    size_of_y(c, y);
    mien_winograd w = {.pictures = c->films,
        .kind = kind,
        .in = c->in,
        .out = c->out,
        .x_frames = c->x[0],
        .x_height = c->x[1],
        .x_width = c->x[2],
        .y_frames = y[0],
        .y_height = y[1],
        .y_width = y[2],
        .length = c->kernel[0],
        .front = c->before[0],
        .top = kind == MIEN_WINOGRAD_STRIDED ? 1 : c->before[1],
        .left = kind == MIEN_WINOGRAD_STRIDED ? 1 : c->before[2],
        .sums = c->sums,
        .slope = c->slope,
        .most = c->most,
        .threads = 1,
        .kernels = kernels};
    w.x = layout_of(block, c->in, c->x);
    w.y = layout_of(block, c->out, y);
    w.x_frame = w.x.row * w.x_height;
    w.y_frame = w.y.row * w.y_height;
    return w;
}

static void check(const one_case *c, mien_winograd w) {
    mien_winograd_init(&w);
    int64_t y_size[3];
    size_of_y(c, y_size);
    const int64_t values = c->films * c->out * volume(y_size);
    float *x = random_floats(c->films * c->in * volume(c->x), 1);
    float *weight = random_floats(c->out * c->in * volume(c->kernel), 2);
    float *bias = random_floats(c->out, 3), *addend = random_floats(values, 4);
    float *y = random_floats(values, 5);
    float *packed = random_floats(mien_winograd_weight_count(&w), 6);
    float *scratch = random_floats(mien_winograd_scratch_count(&w), 7);
    mien_winograd_pack(&w, weight, false, packed);
    mien_winograd_run(
        &w, x, packed, c->bias ? bias : NULL, c->sums ? addend : NULL, scratch, y);
    const double error = error_of(
        c, &w.x, &w.y, x, weight, c->bias ? bias : NULL, c->sums ? addend : NULL, y);
    if (!(error <= TOLERANCE)) {
        fail_msg("kind %d, x %d×%d×%d, %s, block %d, %d threads, %d × %d at once: off "
                 "by %g",
            (int)w.kind, (int)c->x[0], (int)c->x[1], (int)c->x[2], w.kernels->name,
            (int)w.x.block, w.threads, (int)w.tiles_at_once, (int)w.frames_at_once,
            error);
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

static void check_all(const one_case *cases, int count, mien_winograd_kind kind) {
    static const int64_t blocks[] = {0, 8, 16};
    const mien_winograd_kernels *kernels[3];
    const int sets = kernels_here(kernels);
    for (int i = 0; i < count; i++) {
        for (int k = 0; k < sets; k++) {
            for (int b = 0; b < 3; b++) {
                if (blocks[b] != 8 || kernels[k]->block != 64) {
                    check(&cases[i], problem(&cases[i], kind, kernels[k], blocks[b]));
                }
            }
        }
    }
}

static void winograds_convolution_over_frames_gives_what_loops_give(void **state) {
    (void)state;
    check_all(frames, (int)(sizeof frames / sizeof *frames), MIEN_WINOGRAD_FRAMES);
}

static void winograds_convolution_of_stride_2_gives_what_loops_give(void **state) {
    (void)state;
    check_all(strided, (int)(sizeof strided / sizeof *strided), MIEN_WINOGRAD_STRIDED);
}

static void each_schedule_gives_the_same(void **state) {
    (void)state;
    static const int64_t at_once[] = {1, 2, 3, 24};
    for (int k = 0; k < 4; k++) {
        for (int threads = 1; threads <= 3; threads++) {
            mien_winograd w = problem(&frames[1], MIEN_WINOGRAD_FRAMES, NULL, 16);
            w.threads = threads;
            w.tiles_at_once = at_once[k];
            w.frames_at_once = at_once[3 - k];
            check(&frames[1], w);
            w = problem(&strided[1], MIEN_WINOGRAD_STRIDED, NULL, 16);
            w.threads = threads;
            w.tiles_at_once = at_once[k];
            w.together = threads != 2;
            check(&strided[1], w);
        }
    }
}

static void check_thin(const one_case *c, const mien_winograd_kernels *kernels,
    int64_t block, int threads) {
    mien_conv_thin t = {.films = c->films,
        .in = c->in,
        .out = c->out,
        .after = {.out = c->out, .slope = c->slope, .most = c->most},
        .threads = threads,
        .kernels = kernels};
    memcpy(t.x, c->x, sizeof t.x);
    size_of_y(c, t.y);
    memcpy(t.kernel, c->kernel, sizeof t.kernel);
    memcpy(t.stride, c->stride, sizeof t.stride);
    memcpy(t.before, c->before, sizeof t.before);
    t.after.y = layout_of(block, c->out, t.y);
    t.to_frame = t.after.y.row * t.y[1];
    mien_conv_thin_init(&t);
    float *x = random_floats(c->films * c->in * volume(c->x), 1);
    float *weight = random_floats(c->out * c->in * volume(c->kernel), 2);
    float *bias = random_floats(c->out, 3);
    float *y = random_floats(c->films * c->out * volume(t.y), 4);
    float *packed = random_floats(mien_conv_thin_weight_count(&t), 5);
    float *scratch = random_floats(mien_conv_thin_scratch_count(&t), 6);
    mien_conv_thin_pack(&t, weight, packed);
    mien_conv_thin_run(&t, x, packed, c->bias ? bias : NULL, scratch, y);
    const double error =
        error_of(c, NULL, &t.after.y, x, weight, c->bias ? bias : NULL, NULL, y);
    if (!(error <= EXACT)) {
        fail_msg("thin case %d, %s, block %d, %d threads: off by %g", (int)(c - thin),
            t.kernels->name, (int)block, threads, error);
    }
    mien_free(scratch);
    mien_free(packed);
    mien_free(y);
    mien_free(bias);
    mien_free(weight);
    mien_free(x);
}

static void few_channels_give_what_loops_give(void **state) {
    (void)state;
    const mien_winograd_kernels *kernels[3];
    const int sets = kernels_here(kernels);
    for (int i = 0; i < (int)(sizeof thin / sizeof *thin); i++) {
        for (int k = 0; k < sets; k++) {
            check_thin(&thin[i], kernels[k], 0, 1 + k);
            check_thin(&thin[i], kernels[k], 16, 3 - k);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(winograds_convolution_over_frames_gives_what_loops_give),
        cmocka_unit_test(winograds_convolution_of_stride_2_gives_what_loops_give),
        cmocka_unit_test(each_schedule_gives_the_same),
        cmocka_unit_test(few_channels_give_what_loops_give),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
