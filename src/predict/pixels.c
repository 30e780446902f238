/* SPDX-License-Identifier: MIT */
/* Predicts one picture that stands in memory. */
#include <math.h>
#include <string.h>

#include "base/need.h"
#include "predict/moments.h"
#include "predict/predictor.h"
#include "predict/sink.h"
#include "predict/source.h"

enum { SIDE_MAX = 65535 };

static mien_status check(
    const mien_predictor *p, int64_t height, int64_t width, int64_t stride) {
    const mien_architecture *a = &mien_model_network(p->model)->architecture;
    if (!mien_model_preprocess(p->model) || a->inputs_count > 1) {
        return mien_fail(MIEN_EINVAL, "%s reads %s, not pictures alone",
            mien_model_path(p->model),
            a->inputs_count > 1 ? "several inputs" : "features");
    }
    if (height < 1 || width < 1 || height > SIDE_MAX || width > SIDE_MAX) {
        return mien_fail(MIEN_EINVAL,
            "a picture of %lld × %lld pixels: 1 to %d are allowed", (long long)width,
            (long long)height, SIDE_MAX);
    }
    return stride >= 3 * width ? MIEN_OK
                               : mien_fail(MIEN_EINVAL,
                                     "rows of %lld bytes do not hold %lld pixels of 3",
                                     (long long)stride, (long long)width);
}

static mien_status copy(const uint8_t *pixels, int64_t height, int64_t width,
    int64_t stride, mien_tensor **image) {
    const int64_t shape[3] = {height, width, 3};
    mien_status status = mien_tensor_new(MIEN_U8, 3, shape, image);
    for (int64_t y = 0; status == MIEN_OK && y < height; y++) {
        memcpy((uint8_t *)(*image)->data + y * 3 * width, pixels + y * stride,
            (size_t)(3 * width));
    }
    return status;
}

mien_status mien_predictor_run_pixels(mien_predictor *predictor, const uint8_t *pixels,
    int64_t height, int64_t width, int64_t stride, mien_predict_sink *sink,
    void *context) {
    MIEN_NEED(predictor, pixels, sink);
    const mien_model *model = predictor->model;
    mien_receiver receiver = {.sink = sink, .context = context};
    mien_tensor *image = NULL;
    mien_item item = {0};
    mien_moments *moments = NULL;
    float *value = NULL;
    stride = stride ? stride : 3 * width;
    mien_status status = check(predictor, height, width, stride);
    if (status != MIEN_OK) {
        return status;
    }
    const mien_network *network = mien_model_network(model);
    status = copy(pixels, height, width, stride, &image);
    if (status == MIEN_OK) {
        status =
            mien_item_init(&item, mien_source_values(&network->architecture, NULL));
    }
    if (status == MIEN_OK) {
        status = mien_source_image(
            &network->architecture.inputs[0], &predictor->options, image, &item);
    }
    if (status == MIEN_OK) {
        status = mien_predictor_need(predictor, 1);
    }
    if (status == MIEN_OK) {
        value = mien_alloc((size_t)mien_model_width(model), sizeof *value);
        status = value ? mien_runner_run_arrays(predictor->runner,
                             (const float *const[]){item.values}, NULL, 1, value, NULL)
                       : MIEN_ENOMEM;
    }
    if (status == MIEN_OK) {
        status = mien_moments_new(network, 0, mien_receive, &receiver, &moments);
    }
    if (status == MIEN_OK) {
        const mien_prediction head = {.input = "pixels",
            .start_s = (double)NAN,
            .end_s = (double)NAN,
            .thumbnail = item.thumbnail};
        status = mien_moments_row(moments, &head, value);
    }
    mien_moments_free(&moments);
    mien_free(value);
    mien_item_clear(&item);
    mien_tensor_free(&image);
    return mien_receiver_status(&receiver, status);
}
