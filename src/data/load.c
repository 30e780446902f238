/* SPDX-License-Identifier: MIT */
/* Pictures of trials to a network's input, by all threads. */
#include "data/load.h"

#include <string.h>

typedef struct loading {
    const mien_trials *trials;
    const int64_t *rows;
    const mien_preprocess *preprocess;
    mien_preprocessor **preprocessors; /* one a worker, made when first needed */
    mien_image_options options;
    size_t values; /* of one picture */
    bool *failed;
    float *images;
} loading;

mien_status mien_trials_use_image(const mien_trials *trials, int64_t row,
    const mien_image_options *options, mien_picture_use *use, void *context) {
    if (!mien_trials_cell(trials, row, "image")) {
        return mien_fail(
            MIEN_EFORMAT, "trial %s names no image", mien_trials_id(trials, row));
    }
    mien_tensor *image = NULL;
    char *path = mien_trials_path(trials, row, "image");
    mien_status status = path ? MIEN_OK : MIEN_ENOMEM;
    status = status ? status : mien_image_read(path, options, &image);
    if (status == MIEN_OK) {
        status = use(context, image);
        if (status != MIEN_OK) {
            mien_fail_in(status, "%s", path);
        }
    }
    mien_tensor_free(&image);
    mien_free(path);
    return status;
}

typedef struct target {
    mien_preprocessor *preprocessor;
    float *out;
} target;

static mien_status preprocess(void *context, const mien_tensor *image) {
    const target *t = context;
    return mien_preprocessor_run(t->preprocessor, image, false, t->out);
}

static mien_status load_picture(loading *l, int64_t index, int worker) {
    mien_preprocessor **own = &l->preprocessors[worker];
    mien_status status = *own ? MIEN_OK : mien_preprocessor_new(l->preprocess, own);
    target t = {*own, l->images + (size_t)index * l->values};
    return status ? status
                  : mien_trials_use_image(
                        l->trials, l->rows[index], &l->options, preprocess, &t);
}

static mien_status load_item(void *context, int64_t index, int worker) {
    loading *l = context;
    if (mien_interrupted()) {
        return mien_fail(MIEN_EINTERRUPTED, "interrupted while loading pictures");
    }
    mien_status status = load_picture(l, index, worker);
    if (!l->failed || status == MIEN_ENOMEM) {
        return status;
    }
    l->failed[index] = status != MIEN_OK;
    if (status != MIEN_OK) {
        mien_log(MIEN_LOG_WARN, "data", "trial %s: %s",
            mien_trials_id(l->trials, l->rows[index]), mien_error());
        memset(l->images + (size_t)index * l->values, 0, l->values * sizeof(float));
    }
    return MIEN_OK;
}

mien_status mien_trials_load_images(const mien_trials *trials, const int64_t *rows,
    int64_t count, const mien_preprocess *preprocess, mien_pool *pool, bool *failed,
    float *images) {
    mien_status status = mien_preprocess_check(preprocess);
    if (status != MIEN_OK) {
        return status;
    }
    if (preprocess->crop_height < 1 || preprocess->crop_width < 1) {
        return mien_fail(MIEN_EINVAL,
            "pictures of a batch need one size; the preprocessing has none");
    }
    int threads = mien_pool_threads(pool);
    loading l = {
        .trials = trials,
        .rows = rows,
        .preprocess = preprocess,
        .options = mien_image_options_default(),
        .values = (size_t)3 * (size_t)preprocess->crop_height *
                  (size_t)preprocess->crop_width,
        .failed = failed,
        .images = images,
    };
    l.options.scale_short_min = mien_preprocess_short_side(preprocess);
    l.preprocessors = mien_alloc((size_t)threads, sizeof *l.preprocessors);
    status = l.preprocessors ? mien_pool_run(pool, count, load_item, &l) : MIEN_ENOMEM;
    for (int i = 0; l.preprocessors && i < threads; i++) {
        mien_preprocessor_free(&l.preprocessors[i]);
    }
    mien_free(l.preprocessors);
    return status;
}
