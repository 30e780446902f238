/* SPDX-License-Identifier: MIT */
/* One model over many inputs: decoding beside the network, results in order. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/need.h"
#include "predict/moments.h"
#include "predict/predictor.h"
#include "predict/queue.h"
#include "predict/sink.h"

enum { BATCH = 1, AHEAD = 8 };

mien_predict_options mien_predict_options_default(void) {
    return (mien_predict_options){.every_s = 0.2,
        .start_s = 0,
        .end_s = INFINITY,
        .threads = mien_cpu_count(),
        .smooth_s = -1};
}

mien_status mien_predictor_open(const char *model, const mien_predict_options *options,
    mien_predictor **predictor) {
    MIEN_NEED(model);
    MIEN_NEED(predictor);
    mien_predictor *p = mien_alloc(1, sizeof *p);
    if (!p) {
        return MIEN_ENOMEM;
    }
    p->options = options ? *options : mien_predict_options_default();
    mien_status status = p->options.convert ? mien_model_open_foreign(
                                                  model, p->options.convert, &p->model)
                                            : mien_model_open(model, &p->model);
    if (status != MIEN_OK) {
        mien_predictor_close(&p);
        return status;
    }
    *predictor = p;
    return MIEN_OK;
}

void mien_predictor_close(mien_predictor **predictor) {
    if (predictor && *predictor) {
        mien_runner_free(&(*predictor)->runner);
        mien_model_close(&(*predictor)->model);
        mien_free(*predictor);
        *predictor = NULL;
    }
}

const mien_model *mien_predictor_model(const mien_predictor *predictor) {
    return predictor ? predictor->model : NULL;
}

mien_status mien_predictor_need(mien_predictor *p, int64_t batch) {
    if (p->runner && p->batch == batch) {
        return MIEN_OK;
    }
    mien_runner_free(&p->runner);
    mien_runner_options o = mien_runner_options_default();
    o.weights = p->options.weights;
    o.exact = p->options.exact;
    /* one picture is done before a second thread has started */
    o.threads = batch > 1 ? p->options.threads : 1;
    o.batch = batch;
    o.attention = p->options.attention != NULL;
    p->batch = batch;
    return mien_runner_new(p->model, &o, &p->runner);
}

/* What one call of mien_predictor_run() works with. */
typedef struct run {
    mien_predictor *p;
    mien_input_files inputs;
    mien_source *source;
    mien_queue *queue; /* NULL: the source is read directly */
    mien_moments *moments;
    mien_receiver receiver;
    mien_predict_problem *problem;
    mien_item *items; /* room for a batch of pictures and what stands between them */
    int64_t room, count;
    int64_t pictures; /* among the items */
    float *images, *values;
    mien_status first_problem;
    char first_text[1024];
} run;

static void run_clear(run *r) {
    mien_queue_free(&r->queue);
    mien_source_close(&r->source);
    mien_moments_free(&r->moments);
    for (int64_t i = 0; r->items && i < r->room; i++) {
        mien_item_clear(&r->items[i]);
    }
    mien_free(r->items);
    mien_free(r->images);
    mien_free(r->values);
    mien_input_files_clear(&r->inputs);
}

/* Moments on each side of a moving average over smooth_s. */
static mien_status smoothing(const mien_predict_options *o, int *side) {
    enum { SIDE_MAX = 100000 };
    *side = 0;
    if (!(o->smooth_s > 0)) {
        return MIEN_OK;
    }
    if (o->keyframes) {
        return mien_fail(
            MIEN_EINVAL, "smoothing wants pictures at even times, not key frames");
    }
    if (!(o->every_s > 0)) {
        return mien_fail(
            MIEN_EINVAL, "smoothing wants pictures at even times, not every frame");
    }
    double wanted = o->smooth_s / o->every_s / 2 + 0.5;
    if (!(wanted <= SIDE_MAX)) {
        return mien_fail(
            MIEN_ELIMIT, "smoothing over more than %d moments", 2 * (int)SIDE_MAX);
    }
    *side = (int)wanted;
    return MIEN_OK;
}

static mien_status run_init(run *r, const char *const *names, int64_t count) {
    mien_predictor *p = r->p;
    const mien_model *model = p->model;
    const mien_preprocess *pre = mien_model_preprocess(model);
    if (!pre || mien_model_network(model)->architecture.inputs_count > 1) {
        return mien_fail(MIEN_EINVAL, "%s reads %s, not pictures and films",
            mien_model_path(model), pre ? "features beside pictures" : "features");
    }
    mien_status status = mien_input_files_expand(&r->inputs, names, count);
    if (status != MIEN_OK) {
        return status;
    }
    mien_media_kind kind = MIEN_MEDIA_UNKNOWN;
    bool single = r->inputs.count == 1 && !r->inputs.items[0].problem &&
                  mien_media_kind_of(r->inputs.items[0].path, &kind) == MIEN_OK &&
                  kind == MIEN_MEDIA_PICTURE;
    int threads = p->options.threads > 0 ? p->options.threads : mien_cpu_count();
    int64_t batch =
        single ? 1 : threads * (p->options.batch > 0 ? p->options.batch : BATCH);
    int64_t values = 3 * (int64_t)pre->crop_height * pre->crop_width;
    r->room = batch + AHEAD;
    r->items = mien_alloc((size_t)r->room, sizeof *r->items);
    r->images = mien_alloc((size_t)(batch * values), sizeof *r->images);
    r->values =
        mien_alloc((size_t)(batch * mien_model_width(model)), sizeof *r->values);
    if (!r->items || !r->images || !r->values) {
        return MIEN_ENOMEM;
    }
    for (int64_t i = 0; status == MIEN_OK && i < r->room; i++) {
        status = mien_item_init(&r->items[i], values);
    }
    if (status == MIEN_OK) {
        status = mien_predictor_need(p, batch);
    }
    if (status == MIEN_OK) {
        status = mien_source_open(&r->inputs, pre, &p->options, &r->source);
    }
    /* one thread decodes and runs the network in turns */
    if (status == MIEN_OK && !single && threads > 1) {
        status = mien_queue_new(r->source, AHEAD, values, &r->queue);
    }
    int smooth = 0;
    if (status == MIEN_OK) {
        status = smoothing(&p->options, &smooth);
    }
    return status == MIEN_OK ? mien_moments_new(mien_model_targets(model),
                                   mien_model_targets_count(model), smooth,
                                   mien_receive, &r->receiver, &r->moments)
                             : status;
}

static bool has_image(const mien_item *item) {
    return item->kind == MIEN_ITEM_PICTURE || item->kind == MIEN_ITEM_MOMENT;
}

static mien_status tell_problem(run *r, const mien_item *item) {
    if (r->first_problem == MIEN_OK) {
        r->first_problem = item->status;
        snprintf(r->first_text, sizeof r->first_text, "%s", item->text);
    }
    if (r->problem) {
        r->problem(r->receiver.context, r->inputs.items[item->input].path, item->text);
    }
    /* moments before the damage stand */
    return mien_moments_end(r->moments, item->start_s);
}

static mien_status deliver(run *r, mien_item *item, const float *value) {
    const char *input = r->inputs.items[item->input].path;
    switch (item->kind) {
    case MIEN_ITEM_PICTURE:
        return mien_moments_picture(r->moments, input, value, item->thumbnail);
    case MIEN_ITEM_MOMENT:
        return mien_moments_add(
            r->moments, input, item->start_s, value, &item->thumbnail);
    case MIEN_ITEM_FILM_END:
        return mien_moments_end(r->moments, item->start_s);
    case MIEN_ITEM_PROBLEM:
        return tell_problem(r, item);
    }
    return MIEN_OK;
}

/* Runs the network over the gathered pictures and delivers every item in order. */
static mien_status flush(run *r) {
    const mien_preprocess *pre = mien_model_preprocess(r->p->model);
    int64_t width = mien_model_width(r->p->model);
    int64_t values = 3 * (int64_t)pre->crop_height * pre->crop_width, n = 0;
    for (int64_t i = 0; i < r->count; i++) {
        if (has_image(&r->items[i])) {
            memcpy(r->images + n++ * values, r->items[i].image,
                (size_t)values * sizeof(float));
        }
    }
    mien_status status =
        n > 0 ? mien_runner_run_arrays(r->p->runner, (const float *const[]){r->images},
                    NULL, n, r->values, NULL)
              : MIEN_OK;
    const float *value = r->values;
    for (int64_t i = 0; status == MIEN_OK && i < r->count; i++) {
        status = deliver(r, &r->items[i], value);
        value += has_image(&r->items[i]) ? width : 0;
    }
    r->count = r->pictures = 0;
    return status;
}

static mien_status run_all(run *r) {
    mien_status status = MIEN_OK;
    while (status == MIEN_OK) {
        if (mien_interrupted()) {
            status = mien_fail(MIEN_EINTERRUPTED, "interrupted");
            break;
        }
        mien_item *item = &r->items[r->count];
        status = r->queue ? mien_queue_next(r->queue, item)
                          : mien_source_next(r->source, item);
        if (status != MIEN_OK) {
            break;
        }
        r->count++;
        r->pictures += has_image(item);
        if (r->pictures == r->p->batch || r->count == r->room) {
            status = flush(r);
        }
    }
    return status == MIEN_END ? flush(r) : status;
}

mien_status mien_predictor_run(mien_predictor *predictor, const char *const *inputs,
    int64_t count, mien_predict_sink *sink, mien_predict_problem *problem,
    void *context) {
    MIEN_NEED(predictor);
    MIEN_NEED(inputs || count == 0);
    MIEN_NEED(sink);
    for (int64_t i = 0; i < count; i++) {
        MIEN_NEED(inputs[i]);
    }
    run r = {
        .p = predictor, .receiver = {sink, context, false, ""}, .problem = problem};
    mien_status status = run_init(&r, inputs, count);
    if (status == MIEN_OK) {
        status = run_all(&r);
    }
    if (status == MIEN_OK && r.first_problem != MIEN_OK) {
        status = mien_fail(r.first_problem, "%s", r.first_text);
    }
    run_clear(&r);
    return mien_receiver_status(&r.receiver, status);
}
