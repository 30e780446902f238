/* SPDX-License-Identifier: MIT */
/* Times a finder of faces for `mien bench`. */
#include "cli/bench_finder.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "mien/finders.h"

#define UNTIMED 3

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static mien_status noise(int height, int width, mien_tensor **image) {
    const int64_t shape[3] = {height, width, 3};
    mien_status status = mien_tensor_new(MIEN_U8, 3, shape, image);
    mien_stream stream;
    mien_stream_init(&stream, 1, 0, 0);
    for (int64_t i = 0; status == MIEN_OK && i < mien_tensor_count(*image); i++) {
        ((uint8_t *)(*image)->data)[i] = (uint8_t)(mien_stream_uniform(&stream) * 256);
    }
    return status;
}

/* Processor time of all threads, which a busy machine does not lengthen much. */
static double processor_s(void) {
    return (double)clock() / CLOCKS_PER_SEC;
}

static mien_status time_looks(mien_finder *finder, const mien_tensor *image,
    int64_t repeat, double *wall, double *processor) {
    mien_status status = MIEN_OK;
    for (int64_t i = -UNTIMED; status == MIEN_OK && i < repeat; i++) {
        const mien_face *faces = NULL;
        int64_t count = 0;
        double began = mien_clock_s(), used = processor_s();
        status = mien_finder_find(finder, image, &faces, &count);
        if (i >= 0) {
            wall[i] = mien_clock_s() - began;
            processor[i] = processor_s() - used;
        }
        if (mien_interrupted()) {
            return mien_fail(MIEN_EINTERRUPTED, "interrupted");
        }
    }
    qsort(wall, (size_t)repeat, sizeof *wall, ascending);
    qsort(processor, (size_t)repeat, sizeof *processor, ascending);
    return status;
}

mien_status cli_bench_finder(
    const char *name, const char *item, int size, int64_t repeat, int threads) {
    int height = size, width = size;
    char rest;
    if (item && (sscanf(item, "3x%dx%d%c", &height, &width, &rest) != 2 ||
                    height < 32 || width < 32 || height > 4096 || width > 4096)) {
        return mien_fail(MIEN_EINVAL,
            "--item: \"%s\" is no 3xHEIGHTxWIDTH with sides from 32 to 4096", item);
    }
    mien_finder_options o = mien_finder_options_default();
    mien_finder *finder = NULL;
    mien_tensor *image = NULL;
    double *wall = mien_alloc((size_t)repeat, sizeof *wall);
    double *processor = mien_alloc((size_t)repeat, sizeof *processor);
    o.name = name;
    o.size = 0;
    o.threads = threads;
    mien_status status = wall && processor ? noise(height, width, &image) : MIEN_ENOMEM;
    if (status == MIEN_OK) {
        status = mien_finder_open(&o, &finder);
    }
    if (status == MIEN_OK) {
        status = time_looks(finder, image, repeat, wall, processor);
    }
    if (status == MIEN_OK) {
        mien_string line;
        mien_string_init(&line);
        mien_string_addf(&line,
            "{\"finder\": \"%s\", \"height\": %d, \"width\": %d, \"threads\": %d, "
            "\"min_ms\": %.4f, \"median_ms\": %.4f, \"min_cpu_ms\": %.4f, "
            "\"median_cpu_ms\": %.4f}\n",
            name, height, width, threads, wall[0] * 1e3, wall[repeat / 2] * 1e3,
            processor[0] * 1e3, processor[repeat / 2] * 1e3);
        status = mien_string_status(&line);
        if (status == MIEN_OK) {
            status = cli_write(NULL, &line);
        }
        mien_string_clear(&line);
    }
    mien_finder_close(&finder);
    mien_tensor_free(&image);
    mien_free(processor);
    mien_free(wall);
    return status;
}
