/* SPDX-License-Identifier: MIT */
/* One model, opened once, and what is predicted with it: rows of pictures, films, trial
 * tables (rows.c), or of files of features, in one pass (pass.c). */
#include "predict/predictor.h"

#include <math.h>

#include "base/need.h"
#include "predict/pass.h"
#include "predict/rows.h"

mien_predict_options mien_predict_options_default(void) {
    return (mien_predict_options){.every_s = 0.2,
        .start_s = 0,
        .end_s = INFINITY,
        .threads = mien_cpu_count(),
        .smooth_s = -1};
}

mien_status mien_predictor_open(const char *model, const mien_predict_options *options,
    mien_predictor **predictor) {
    MIEN_NEED(model, predictor);
    mien_predictor *p = mien_alloc(1, sizeof *p);
    if (!p) {
        return MIEN_ENOMEM;
    }
    p->options = options ? *options : mien_predict_options_default();
    mien_status status = p->options.convert ? mien_model_open_foreign(
                                                  model, p->options.convert, &p->model)
                                            : mien_model_open(model, &p->model);
    if (status == MIEN_OK) {
        status = mien_known_open(p->model, &p->known);
    }
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
        mien_known_close(&(*predictor)->known);
        mien_model_close(&(*predictor)->model);
        mien_free(*predictor);
        *predictor = NULL;
    }
}

const mien_model *mien_predictor_model(const mien_predictor *predictor) {
    return predictor ? predictor->model : NULL;
}

bool mien_predictor_knows_rows(const mien_predictor *predictor) {
    return predictor && predictor->known;
}

const mien_predict_options *mien_predictor_options(const mien_predictor *predictor) {
    return &predictor->options;
}

mien_status mien_predictor_need(mien_predictor *p, int64_t batch) {
    if (p->runner && p->batch == batch) {
        return MIEN_OK;
    }
    mien_runner_free(&p->runner);
    mien_runner_options o = mien_runner_options_default();
    o.weights = p->options.weights;
    o.exact = p->options.exact;
    o.threads = p->options.threads;
    o.batch = batch;
    o.attention = p->options.attention != NULL;
    p->batch = batch;
    return mien_runner_new(p->model, &o, &p->runner);
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
    if (mien_architecture_input(
            &mien_model_network(predictor->model)->architecture, "face") >= 0) {
        return mien_fail(MIEN_EINVAL,
            "%s reads faces, which have to be found first: mien_predictor_run_faces()",
            mien_model_path(predictor->model));
    }
    mien_rows rows;
    mien_status status = mien_rows_init(
        &rows, mien_model_network(predictor->model), &predictor->options);
    if (status == MIEN_OK) {
        status = mien_rows_add_names(&rows, inputs, count);
    }
    if (status == MIEN_OK) {
        status = mien_pass_run(predictor, &rows, false, sink, problem, context);
    }
    mien_rows_clear(&rows);
    return status;
}

mien_status mien_predictor_run_features(mien_predictor *predictor,
    const mien_feature_file *files, int count, mien_predict_sink *sink, void *context) {
    MIEN_NEED(predictor);
    MIEN_NEED(files || count == 0);
    MIEN_NEED(sink);
    for (int i = 0; i < count; i++) {
        MIEN_NEED(files[i].name, files[i].path);
    }
    mien_rows rows;
    mien_status status = mien_rows_init(
        &rows, mien_model_network(predictor->model), &predictor->options);
    if (status == MIEN_OK) {
        status = mien_rows_add_files(&rows, files, count);
    }
    if (status == MIEN_OK) {
        status = mien_pass_run(predictor, &rows, true, sink, NULL, context);
    }
    mien_rows_clear(&rows);
    return status;
}
