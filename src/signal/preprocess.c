/* SPDX-License-Identifier: MIT */
/* From an 8-bit picture to a network's input: the one way for training and prediction.
 *
 * Sizes and offsets follow torchvision: the long side of a short-side resize is rounded
 * down, the crop starts at round-half-to-even of half the rest, a picture smaller than
 * the crop gets black around it. Only the rows and columns that reach the crop are
 * resized. */
#include "mien/signal.h"
#include "base/need.h"
#include "signal/resize.h"

#include <math.h>
#include <string.h>

#define SIDE_MAX 4096

/* Where the picture goes: resized to `to`, of which a window lands at `at` in the
 * output. */
typedef struct layout {
    mien_window_shape shape;
    int out_height, out_width;
    int at_top, at_left;
    bool fill_mean; /* around the window: the mean, else black */
} layout;

struct mien_preprocessor {
    mien_preprocess options;
    layout layout;
    mien_window window;
    bool ready;          /* window fits layout */
    void *row;           /* one row of the window */
    float table[3][256]; /* value of a byte in each output channel */
    float factor[3],
        shift[3]; /* the same for pixels that are no bytes: x × factor + shift */
};

mien_preprocess mien_preprocess_imagenet(void) {
    return (mien_preprocess){.fit = MIEN_FIT_SHORT,
        .size = 256,
        .crop_height = 224,
        .crop_width = 224,
        .resize = MIEN_RESIZE_BILINEAR,
        .scale = 1.0 / 255.0,
        .mean = {0.485, 0.456, 0.406},
        .deviation = {0.229, 0.224, 0.225}};
}

const char *mien_preprocess_order(const mien_preprocess *p) {
    MIEN_NEED_OR(NULL, p);
    return p->grey ? "grey" : p->bgr ? "bgr" : "rgb";
}

static mien_status check_sizes(const mien_preprocess *p) {
    if (p->fit == MIEN_FIT_SHORT && (p->size < 1 || p->size > SIDE_MAX)) {
        return mien_fail(
            MIEN_EINVAL, "preprocessing: size %d is not in 1-%d", p->size, SIDE_MAX);
    }
    bool any = p->fit == MIEN_FIT_NONE && p->crop_height == 0 && p->crop_width == 0;
    if (!any && (p->crop_height < 1 || p->crop_height > SIDE_MAX || p->crop_width < 1 ||
                    p->crop_width > SIDE_MAX)) {
        return mien_fail(MIEN_EINVAL, "preprocessing: crop %d x %d is not in 1-%d",
            p->crop_height, p->crop_width, SIDE_MAX);
    }
    return MIEN_OK;
}

mien_status mien_preprocess_check(const mien_preprocess *p) {
    MIEN_NEED(p);
    if ((int)p->fit < MIEN_FIT_NONE || (int)p->fit > MIEN_FIT_PAD) {
        return mien_fail(
            MIEN_EINVAL, "preprocessing: fit %d does not exist", (int)p->fit);
    }
    if ((int)p->resize < MIEN_RESIZE_NEAREST ||
        (int)p->resize > MIEN_RESIZE_BICUBIC_AA_TORCH) {
        return mien_fail(MIEN_EINVAL, "preprocessing: resize kernel %d does not exist",
            (int)p->resize);
    }
    mien_status status = check_sizes(p);
    if (status != MIEN_OK) {
        return status;
    }
    if (p->grey && p->bgr) {
        return mien_fail(
            MIEN_EINVAL, "preprocessing: grey has no order of colours: it is not bgr");
    }
    if (!isfinite(p->scale) || p->scale == 0.0) {
        return mien_fail(MIEN_EINVAL,
            "preprocessing: scale %g is not a finite number other than 0", p->scale);
    }
    for (int c = 0; c < 3; c++) {
        if (!isfinite(p->mean[c]) || !isfinite(p->deviation[c]) ||
            !(p->deviation[c] > 0.0)) {
            return mien_fail(MIEN_EINVAL,
                "preprocessing: channel %d: mean %g, deviation %g; the mean must be "
                "finite, "
                "the deviation above 0",
                c, p->mean[c], p->deviation[c]);
        }
    }
    return MIEN_OK;
}

int mien_preprocess_short_side(const mien_preprocess *p) {
    MIEN_NEED_OR(0, p);
    bool averages = p->resize == MIEN_RESIZE_BILINEAR ||
                    p->resize == MIEN_RESIZE_BICUBIC ||
                    p->resize == MIEN_RESIZE_BILINEAR_AA_TORCH ||
                    p->resize == MIEN_RESIZE_BICUBIC_AA_TORCH;
    if (!averages || p->fit == MIEN_FIT_NONE) {
        return 0; /* these kernels pick single pixels: every one counts */
    }
    int side = p->crop_height > p->crop_width ? p->crop_height : p->crop_width;
    return 2 * (p->fit == MIEN_FIT_SHORT ? p->size : side);
}

/* ---- where everything goes ---------------------------------------------------- */

/* One axis of torchvision's centre crop of `to` pixels to `crop`. */
static void centre(int to, int crop, int *start, int *count, int *at) {
    if (to < crop) {
        *start = 0;
        *count = to;
        *at = (crop - to) / 2;
        return;
    }
    int rest = to - crop, half = rest / 2;
    *start =
        rest % 2 != 0 && half % 2 != 0 ? half + 1 : half; /* x.5 to the even side */
    *count = crop;
    *at = 0;
}

static int rounded(int64_t numerator, int64_t denominator) {
    int64_t value = (2 * numerator + denominator) / (2 * denominator);
    return value < 1 ? 1 : (int)value;
}

static void target_size(const mien_preprocess *p, mien_window_shape *s) {
    int64_t h = s->from_height, w = s->from_width;
    s->to_height = s->from_height;
    s->to_width = s->from_width;
    if (p->fit == MIEN_FIT_SHORT) {
        s->to_height = w <= h ? (int)(p->size * h / w) : p->size;
        s->to_width = w <= h ? p->size : (int)(p->size * w / h);
    } else if (p->fit == MIEN_FIT_SQUASH) {
        s->to_height = p->crop_height;
        s->to_width = p->crop_width;
    } else if (p->fit == MIEN_FIT_PAD) {
        bool wide = w * p->crop_height >= h * p->crop_width;
        s->to_height = wide ? rounded(h * p->crop_width, w) : p->crop_height;
        s->to_width = wide ? p->crop_width : rounded(w * p->crop_height, h);
    }
}

static mien_status arrange(
    const mien_preprocess *p, const mien_tensor *image, layout *l) {
    char text[96];
    if (image->dtype != MIEN_U8 || image->rank != 3 || image->shape[2] != 3 ||
        image->shape[0] < 1 || image->shape[1] < 1) {
        return mien_fail(MIEN_ESHAPE,
            "preprocessing needs a u8 picture [H, W, 3], not %s %s",
            mien_dtype_name(image->dtype),
            mien_shape_text(image->rank, image->shape, text, sizeof text));
    }
    if (image->shape[0] > MIEN_RESIZE_SIDE_MAX ||
        image->shape[1] > MIEN_RESIZE_SIDE_MAX) {
        return mien_fail(MIEN_ELIMIT,
            "a picture of %lld x %lld is too large to preprocess",
            (long long)image->shape[0], (long long)image->shape[1]);
    }
    memset(l, 0, sizeof *l);
    mien_window_shape *s = &l->shape;
    s->from_height = (int)image->shape[0];
    s->from_width = (int)image->shape[1];
    s->channels = 3;
    bool any = p->fit == MIEN_FIT_NONE && p->crop_height == 0;
    l->out_height = any ? s->from_height : p->crop_height;
    l->out_width = any ? s->from_width : p->crop_width;
    if (p->fit == MIEN_FIT_NONE &&
        (l->out_height != s->from_height || l->out_width != s->from_width)) {
        return mien_fail(MIEN_ESHAPE,
            "the picture is %d x %d, but the network takes it unresized as %d x %d",
            s->from_width, s->from_height, l->out_width, l->out_height);
    }
    target_size(p, s);
    l->fill_mean = p->fit == MIEN_FIT_PAD;
    centre(s->to_height, l->out_height, &s->top, &s->height, &l->at_top);
    centre(s->to_width, l->out_width, &s->left, &s->width, &l->at_left);
    return MIEN_OK;
}

/* ---- the work ----------------------------------------------------------------- */

static void fill_tables(mien_preprocessor *t) {
    const mien_preprocess *p = &t->options;
    for (int c = 0; c < 3; c++) {
        for (int v = 0; v < 256; v++) {
            t->table[c][v] = (float)((v * p->scale - p->mean[c]) / p->deviation[c]);
        }
        t->factor[c] = (float)(p->scale / p->deviation[c]);
        t->shift[c] = (float)(-p->mean[c] / p->deviation[c]);
    }
}

mien_status mien_preprocessor_new(
    const mien_preprocess *preprocess, mien_preprocessor **preprocessor) {
    MIEN_NEED(preprocess, preprocessor);
    mien_status status = mien_preprocess_check(preprocess);
    if (status != MIEN_OK) {
        return status;
    }
    mien_preprocessor *t = mien_alloc(1, sizeof *t);
    if (!t) {
        return MIEN_ENOMEM;
    }
    t->options = *preprocess;
    fill_tables(t);
    *preprocessor = t;
    return MIEN_OK;
}

void mien_preprocessor_free(mien_preprocessor **preprocessor) {
    MIEN_NEED_OR(, preprocessor);
    mien_preprocessor *t = *preprocessor;
    if (t) {
        mien_window_clear(&t->window);
        mien_free(t->row);
        mien_free(t);
        *preprocessor = NULL;
    }
}

static bool same_shape(const mien_window_shape *a, const mien_window_shape *b) {
    return memcmp(a, b, sizeof *a) == 0; /* ints only: no padding */
}

static mien_status make_ready(mien_preprocessor *t, const layout *l) {
    if (t->ready && same_shape(&t->layout.shape, &l->shape)) {
        return MIEN_OK;
    }
    t->ready = false;
    mien_window_clear(&t->window);
    mien_free(t->row);
    t->row = NULL;
    mien_status status = mien_window_init(&t->window, &l->shape, t->options.resize);
    if (status != MIEN_OK) {
        return status;
    }
    t->row = mien_alloc(1, mien_window_row_bytes(&t->window));
    if (!t->row) {
        return MIEN_ENOMEM;
    }
    t->layout = *l;
    t->ready = true;
    return MIEN_OK;
}

static void fill_around(const mien_preprocessor *t, const layout *l, float *out) {
    const mien_window_shape *s = &l->shape;
    if (s->height == l->out_height && s->width == l->out_width) {
        return;
    }
    size_t plane = (size_t)l->out_height * (size_t)l->out_width;
    for (int c = 0; c < 3; c++) {
        float value = l->fill_mean ? 0.0f : t->table[c][0];
        for (size_t i = 0; i < plane; i++) {
            out[(size_t)c * plane + i] = value;
        }
    }
}

/* Pillow's weights of red, green and blue, in 1 / 65536. */
enum { RED = 19595, GREEN = 38470, BLUE = 7471 };

/* The same of grey: every plane gets the luma of the pixels. */
static void spread_grey_u8(
    const uint8_t *pixels, int count, const float *table, float *out, ptrdiff_t step) {
    for (int x = 0; x < count; x++) {
        const uint8_t *p = pixels + (size_t)3 * (size_t)x;
        out[x * step] = table[(RED * p[0] + GREEN * p[1] + BLUE * p[2] + 0x8000) >> 16];
    }
}

static void spread_grey_f32(const float *pixels, int count, float factor, float shift,
    float *out, ptrdiff_t step) {
    for (int x = 0; x < count; x++) {
        const float *p = pixels + (size_t)3 * (size_t)x;
        float luma = (RED * p[0] + GREEN * p[1] + BLUE * p[2]) / 65536.0f;
        out[x * step] = luma * factor + shift;
    }
}

/* One row of bytes into one plane's row; step −1 mirrors. */
static void spread_u8(
    const uint8_t *pixels, int count, const float *table, float *out, ptrdiff_t step) {
    if (step == 1) {
        for (int x = 0; x < count; x++) {
            out[x] = table[pixels[3 * x]];
        }
        return;
    }
    for (int x = 0; x < count; x++) {
        out[x * step] = table[pixels[3 * x]];
    }
}

static void spread_f32(const float *pixels, int count, float factor, float shift,
    float *out, ptrdiff_t step) {
    for (int x = 0; x < count; x++) {
        out[x * step] = pixels[3 * x] * factor + shift;
    }
}

static void place_row(
    const mien_preprocessor *t, const layout *l, int y, bool mirror, float *out) {
    const mien_window_shape *s = &l->shape;
    size_t plane = (size_t)l->out_height * (size_t)l->out_width;
    int left = mirror ? l->out_width - 1 - l->at_left : l->at_left;
    float *row = out + (size_t)(l->at_top + y) * (size_t)l->out_width + left;
    ptrdiff_t step = mirror ? -1 : 1;
    for (int c = 0; c < 3; c++) {
        int from = t->options.bgr ? 2 - c : c;
        float *to = row + (size_t)c * plane;
        if (t->options.grey) {
            if (t->window.fixed) {
                spread_grey_u8(t->row, s->width, t->table[c], to, step);
            } else {
                spread_grey_f32(t->row, s->width, t->factor[c], t->shift[c], to, step);
            }
        } else if (t->window.fixed) {
            spread_u8((const uint8_t *)t->row + from, s->width, t->table[c], to, step);
        } else {
            spread_f32((const float *)t->row + from, s->width, t->factor[c],
                t->shift[c], to, step);
        }
    }
}

mien_status mien_preprocessor_run(
    mien_preprocessor *t, const mien_tensor *image, bool mirror, float *out) {
    MIEN_NEED(t, image, out);
    layout l;
    mien_status status = arrange(&t->options, image, &l);
    if (status == MIEN_OK) {
        status = make_ready(t, &l);
    }
    if (status != MIEN_OK) {
        return status;
    }
    fill_around(t, &l, out);
    mien_window_across(
        &t->window, image->data, 0, t->window.down.end - t->window.down.begin);
    for (int y = 0; y < l.shape.height; y++) {
        mien_window_down(&t->window, y, t->row);
        place_row(t, &l, y, mirror, out);
    }
    return MIEN_OK;
}

/* ---- in two halves -------------------------------------------------------------- */

bool mien_preprocess_keeps(const mien_preprocess *p) {
    MIEN_NEED_OR(false, p);
    return mien_resize_is_fixed(p->resize) && p->fit != MIEN_FIT_PAD &&
           p->crop_height > 0 && p->crop_width > 0;
}

mien_status mien_preprocessor_keep(
    mien_preprocessor *t, const mien_tensor *image, uint8_t *kept) {
    MIEN_NEED(t, image, kept);
    layout l;
    if (!mien_preprocess_keeps(&t->options)) {
        return mien_fail(MIEN_EINVAL, "this preprocessing does not pass through bytes");
    }
    mien_status status = arrange(&t->options, image, &l);
    if (status == MIEN_OK) {
        status = make_ready(t, &l);
    }
    if (status != MIEN_OK) {
        return status;
    }
    const size_t line = 3 * (size_t)l.out_width;
    if (l.shape.height != l.out_height || l.shape.width != l.out_width) {
        memset(kept, 0, (size_t)l.out_height * line); /* black around */
    }
    mien_window_across(
        &t->window, image->data, 0, t->window.down.end - t->window.down.begin);
    for (int y = 0; y < l.shape.height; y++) {
        mien_window_down(&t->window, y, t->row);
        memcpy(kept + (size_t)(l.at_top + y) * line + 3 * (size_t)l.at_left, t->row,
            3 * (size_t)l.shape.width);
    }
    return MIEN_OK;
}

void mien_preprocessor_spread(
    const mien_preprocessor *t, const uint8_t *kept, bool mirror, float *out) {
    MIEN_NEED_OR(, t, kept, out);
    const int height = t->options.crop_height, width = t->options.crop_width;
    const size_t plane = (size_t)height * (size_t)width;
    for (int y = 0; y < height; y++, kept += 3 * (size_t)width) {
        float *row = out + (size_t)y * (size_t)width + (mirror ? width - 1 : 0);
        for (int c = 0; c < 3; c++) {
            int from = t->options.bgr ? 2 - c : c;
            if (t->options.grey) {
                spread_grey_u8(
                    kept, width, t->table[c], row + (size_t)c * plane, mirror ? -1 : 1);
                continue;
            }
            spread_u8(kept + from, width, t->table[c], row + (size_t)c * plane,
                mirror ? -1 : 1);
        }
    }
}

mien_status mien_preprocess_run(const mien_preprocess *preprocess,
    const mien_tensor *image, bool mirror, float *out) {
    MIEN_NEED(preprocess, image, out);
    mien_preprocessor *t = NULL;
    mien_status status = mien_preprocessor_new(preprocess, &t);
    if (status == MIEN_OK) {
        status = mien_preprocessor_run(t, image, mirror, out);
    }
    mien_preprocessor_free(&t);
    return status;
}
