/* SPDX-License-Identifier: MIT */
/* Resizes of 8-bit pictures: a pass across and a pass down, over any window of the
 * result.
 *
 * The 8-bit kernels round between the passes, so their order shows in the last bit.
 * Pillow goes across first, but since version 13 down first where the height shrinks by
 * more than twice as many pixels as the width (measured against its results;
 * tests/golden/resize.csv).
 */
#include "signal/resize.h"
#include "base/need.h"
#include "signal/resize_kernels.h"

#include <string.h>

/* Vectors of the kernels may reach this far past the end of a row. */
#define ROW_SLACK 128
/* … and this far past the end of a picture's row. */
#define OVER_READ 8

static const char *const names[] = {
    [MIEN_RESIZE_NEAREST] = "nearest",
    [MIEN_RESIZE_NEAREST_TORCH] = "nearest-torch",
    [MIEN_RESIZE_BILINEAR] = "bilinear",
    [MIEN_RESIZE_BICUBIC] = "bicubic",
    [MIEN_RESIZE_BILINEAR_TORCH] = "bilinear-torch",
    [MIEN_RESIZE_BILINEAR_AA_TORCH] = "bilinear-aa-torch",
    [MIEN_RESIZE_BICUBIC_TORCH] = "bicubic-torch",
    [MIEN_RESIZE_BICUBIC_AA_TORCH] = "bicubic-aa-torch",
};
#define NAMES ((int)(sizeof names / sizeof *names))

const char *mien_resize_name(mien_resize resize) {
    return (int)resize >= 0 && (int)resize < NAMES ? names[resize] : "unknown";
}

mien_status mien_resize_parse(const char *name, mien_resize *resize) {
    MIEN_NEED(name, resize);
    for (int i = 0; i < NAMES; i++) {
        if (name && strcmp(name, names[i]) == 0) {
            *resize = (mien_resize)i;
            return MIEN_OK;
        }
    }
    return mien_fail(MIEN_EINVAL,
        "resize kernel \"%s\" is none of nearest, nearest-torch, bilinear, bicubic, "
        "bilinear-torch, bilinear-aa-torch, bicubic-torch, bicubic-aa-torch",
        name ? name : "");
}

/* A row, and as much again between the passes. */
size_t mien_window_row_bytes(const mien_window *window) {
    return 2 * window->stride;
}

static bool goes_down_first(const mien_window_shape *s, mien_resize resize) {
    int64_t shorter = (int64_t)s->from_height - s->to_height;
    int64_t narrower = (int64_t)s->from_width - s->to_width;
    return (resize == MIEN_RESIZE_BILINEAR || resize == MIEN_RESIZE_BICUBIC) &&
           shorter > 0 && shorter > 2 * narrower;
}

static void measure_rows(mien_window *window) {
    int64_t columns = window->width;
    if (window->down_first) {
        int64_t needed = window->across.end - window->across.begin;
        columns = needed > columns ? needed : columns;
        for (int t = 0; t < window->across.count; t++) {
            window->across.first[t] -=
                window->across.begin; /* the middle starts there */
        }
    }
    size_t size = window->fixed ? 1 : sizeof(float);
    size_t bytes = (size_t)columns * (size_t)window->channels * size;
    window->stride = (bytes + ROW_SLACK + 127) / 64 * 64;
}

mien_status mien_window_init(
    mien_window *window, const mien_window_shape *shape, mien_resize resize) {
    memset(window, 0, sizeof *window);
    window->from_height = shape->from_height;
    window->from_width = shape->from_width;
    window->channels = shape->channels;
    window->height = shape->height;
    window->width = shape->width;
    window->fixed = mien_resize_is_fixed(resize);
    window->down_first = goes_down_first(shape, resize);
    mien_status status = mien_taps_init(&window->across, shape->from_width,
        shape->to_width, shape->left, shape->width, resize);
    if (status == MIEN_OK) {
        status = mien_taps_init(&window->down, shape->from_height, shape->to_height,
            shape->top, shape->height, resize);
    }
    if (status == MIEN_OK) {
        measure_rows(window);
        size_t rows = (size_t)(window->down.end - window->down.begin);
        window->middle = mien_alloc(rows + 1, window->stride);
        size_t line = (size_t)shape->from_width * (size_t)shape->channels;
        window->last = mien_alloc(OVER_READ / line + 1, line + OVER_READ);
        status = window->middle && window->last ? MIEN_OK : MIEN_ENOMEM;
    }
    if (status != MIEN_OK) {
        mien_window_clear(window);
    }
    return status;
}

void mien_window_clear(mien_window *window) {
    mien_taps_clear(&window->across);
    mien_taps_clear(&window->down);
    mien_free(window->middle);
    mien_free(window->last);
    memset(window, 0, sizeof *window);
}

void mien_window_across(
    mien_window *window, const uint8_t *pixels, int64_t begin, int64_t end) {
    const mien_taps *across = &window->across;
    const size_t channels = (size_t)window->channels;
    const size_t line = (size_t)window->from_width * channels;
    const bool cut = window->fixed && (across->copy || window->down_first);
    for (int64_t r = begin; r < end; r++) {
        int64_t y = window->down.begin + r;
        const uint8_t *row = pixels + (size_t)y * line;
        char *out = (char *)window->middle + (size_t)r * window->stride;
        if (cut) {
            memcpy(out, row + (size_t)across->begin * channels,
                (size_t)(across->end - across->begin) * channels);
            continue;
        }
        size_t below = (size_t)(window->from_height - 1 - y);
        if (below * line < OVER_READ) {
            row = memcpy(window->last + below * (line + OVER_READ), row, line);
        }
        if (window->fixed) {
            mien_resize_across_u8(across, window->channels, row, (uint8_t *)out);
        } else {
            mien_resize_across_f32(across, window->channels, row, (float *)(void *)out);
        }
    }
}

static void down_first(const mien_window *window, const int32_t *weight, int length,
    const char *rows, void *row) {
    const mien_taps *across = &window->across;
    const size_t values =
        (size_t)(across->end - across->begin) * (size_t)window->channels;
    uint8_t *between = (uint8_t *)row + window->stride;
    mien_resize_down_u8(
        weight, length, (const uint8_t *)rows, window->stride, values, between);
    if (across->copy) {
        memcpy(row, between, values);
    } else {
        mien_resize_across_u8(across, window->channels, between, row);
    }
}

void mien_window_down(const mien_window *window, int row_index, void *row) {
    const mien_taps *down = &window->down;
    const size_t values = (size_t)window->width * (size_t)window->channels;
    const size_t at = (size_t)row_index * (size_t)down->most;
    const int length = down->length[row_index];
    const char *rows = (const char *)window->middle +
                       (size_t)(down->first[row_index] - down->begin) * window->stride;
    if (window->down_first) {
        down_first(window, down->fixed + at, length, rows, row);
    } else if (window->fixed && down->copy) {
        memcpy(row, rows, values);
    } else if (window->fixed) {
        mien_resize_down_u8(down->fixed + at, length, (const uint8_t *)rows,
            window->stride, values, row);
    } else {
        mien_resize_down_f32(down->weight + at, length,
            (const float *)(const void *)rows, window->stride, values, row);
    }
}

/* ---- whole pictures ----------------------------------------------------------- */

/* Rows of one pass, assigned to the pool in bands. */
#define BAND 16

typedef struct whole {
    mien_window *window;
    const uint8_t *pixels;
    char *out;
    char *rows; /* one row of slack per worker */
} whole;

static mien_status across_band(void *context, int64_t index, int worker) {
    whole *w = context;
    (void)worker;
    int64_t rows = w->window->down.end - w->window->down.begin;
    int64_t end = (index + 1) * BAND;
    mien_window_across(w->window, w->pixels, index * BAND, end < rows ? end : rows);
    return MIEN_OK;
}

static mien_status down_band(void *context, int64_t index, int worker) {
    whole *w = context;
    const mien_window *window = w->window;
    size_t bytes = (size_t)window->width * (size_t)window->channels *
                   (window->fixed ? 1 : sizeof(float));
    char *row = w->rows + (size_t)worker * mien_window_row_bytes(window);
    int end = (int)(index + 1) * BAND;
    for (int y = (int)index * BAND; y < end && y < window->height; y++) {
        mien_window_down(window, y, row);
        memcpy(w->out + (size_t)y * bytes, row, bytes);
    }
    return MIEN_OK;
}

static mien_status check(const mien_tensor *image, int height, int width) {
    if (image->dtype != MIEN_U8 || image->rank != 3 || image->shape[2] < 1 ||
        image->shape[2] > 4) {
        char shape[96];
        return mien_fail(MIEN_ESHAPE,
            "resize needs a u8 picture [H, W, 1-4], not %s %s",
            mien_dtype_name(image->dtype),
            mien_shape_text(image->rank, image->shape, shape, sizeof shape));
    }
    if (image->shape[0] < 1 || image->shape[1] < 1) {
        return mien_fail(MIEN_ESHAPE, "resize of a picture without pixels");
    }
    if (height < 1 || width < 1) {
        return mien_fail(MIEN_EINVAL, "resize to %d x %d", height, width);
    }
    if (image->shape[0] > MIEN_RESIZE_SIDE_MAX ||
        image->shape[1] > MIEN_RESIZE_SIDE_MAX || height > MIEN_RESIZE_SIDE_MAX ||
        width > MIEN_RESIZE_SIDE_MAX ||
        (int64_t)height * width > MIEN_RESIZE_VALUES_MAX / image->shape[2]) {
        return mien_fail(MIEN_ELIMIT, "resize from %lld x %lld to %d x %d is too large",
            (long long)image->shape[0], (long long)image->shape[1], height, width);
    }
    return MIEN_OK;
}

mien_status mien_image_resize(const mien_tensor *image, int height, int width,
    mien_resize resize, mien_thread_pool *pool, mien_tensor **resized) {
    MIEN_NEED(image, resized);
    mien_window window = {0};
    mien_tensor *result = NULL;
    whole w = {.window = &window, .pixels = image->data};
    mien_status status = check(image, height, width);
    if (status != MIEN_OK) {
        return status;
    }
    if ((int)resize < 0 || (int)resize >= NAMES) {
        return mien_fail(MIEN_EINVAL, "resize kernel %d does not exist", (int)resize);
    }
    mien_window_shape shape = {.from_height = (int)image->shape[0],
        .from_width = (int)image->shape[1],
        .channels = (int)image->shape[2],
        .to_height = height,
        .to_width = width,
        .height = height,
        .width = width};
    status = mien_window_init(&window, &shape, resize);
    if (status == MIEN_OK) {
        int64_t dims[3] = {height, width, image->shape[2]};
        status = mien_tensor_new(window.fixed ? MIEN_U8 : MIEN_F32, 3, dims, &result);
    }
    if (status == MIEN_OK) {
        w.rows = mien_alloc(pool ? (size_t)mien_thread_pool_threads(pool) : 1,
            mien_window_row_bytes(&window));
        status = w.rows ? MIEN_OK : MIEN_ENOMEM;
    }
    if (status == MIEN_OK) {
        w.out = result->data;
        int64_t rows = window.down.end - window.down.begin;
        status = mien_thread_pool_run(pool, (rows + BAND - 1) / BAND, across_band, &w);
    }
    if (status == MIEN_OK) {
        status = mien_thread_pool_run(pool, (height + BAND - 1) / BAND, down_band, &w);
    }
    if (status == MIEN_OK) {
        *resized = result;
        result = NULL;
    }
    mien_free(w.rows);
    mien_tensor_free(&result);
    mien_window_clear(&window);
    return status;
}
