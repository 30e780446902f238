/* SPDX-License-Identifier: MIT */
/* Predicts from files of features: rows of all inputs on one clock, in batches. */
#include <math.h>
#include <string.h>

#include "base/need.h"
#include "predict/after.h"
#include "predict/predictor.h"
#include "predict/sink.h"

/* Segments that a thread reads and runs at once: enough to keep the network busy, few
 * enough to stay in the cache between both. */
#define SEGMENTS 64

/* What one call works with. */
typedef struct passage {
    mien_predictor *p;
    const mien_architecture *a;
    mien_array *arrays[MIEN_INPUTS_MAX]; /* NULL: missing */
    const char *paths[MIEN_INPUTS_MAX];
    const char *first; /* path */
    int64_t rows;
    float *values; /* [rows, width of the model] */
    mien_tensor *maps[MIEN_INPUTS_MAX];
    const char *map_names[MIEN_INPUTS_MAX];
    int maps_count;
} passage;

static void passage_clear(passage *g) {
    for (int i = 0; i < MIEN_INPUTS_MAX; i++) {
        mien_array_close(&g->arrays[i]);
        mien_tensor_free(&g->maps[i]);
    }
    mien_free(g->values);
}

/* ---- opening ----------------------------------------------------------------------
 */

static mien_status fail_name(const mien_architecture *d, const char *name) {
    const char *nearest = d->inputs[0].name;
    for (int i = 1; i < d->inputs_count; i++) {
        if (mien_edit_distance(name, d->inputs[i].name) <
            mien_edit_distance(name, nearest)) {
            nearest = d->inputs[i].name;
        }
    }
    return mien_fail(MIEN_EINVAL,
        "the model has no input called \"%s\"; the nearest is %s", name, nearest);
}

static mien_status place_file(passage *g, const mien_feature_file *file) {
    const mien_architecture *d = g->a;
    for (int i = 0; i < d->inputs_count; i++) {
        if (strcmp(file->name, d->inputs[i].name) != 0) {
            continue;
        }
        if (g->paths[i]) {
            return mien_fail(MIEN_EINVAL, "input %s is given twice: %s and %s",
                file->name, g->paths[i], file->path);
        }
        g->paths[i] = file->path;
        return MIEN_OK;
    }
    return fail_name(d, file->name);
}

/* An input without a file: the model can do without it, or it is named. */
static mien_status check_missing(const passage *g) {
    const mien_architecture *d = g->a;
    int there = 0;
    for (int i = 0; i < d->inputs_count; i++) {
        there += g->paths[i] != NULL;
        if (!g->paths[i] && !d->inputs[i].optional) {
            return mien_fail(MIEN_EINVAL,
                "features of %s are missing, and the model was not made to do without",
                d->inputs[i].name);
        }
    }
    return there ? MIEN_OK : mien_fail(MIEN_EINVAL, "no features are given");
}

static mien_status open_array(passage *g, int i) {
    const mien_input *input = &g->a->inputs[i];
    mien_status status = mien_array_open(g->paths[i], &g->arrays[i]);
    if (status != MIEN_OK) {
        return status;
    }
    int64_t rows = mien_array_shape(g->arrays[i])[0];
    int64_t width = mien_array_width(g->arrays[i]);
    if (width != input->shape.size[0]) {
        return mien_fail(MIEN_ESHAPE, "%s: %lld values a row; the model's %s has %lld",
            g->paths[i], (long long)width, input->name,
            (long long)input->shape.size[0]);
    }
    if (g->first && rows != g->rows) {
        return mien_fail(MIEN_ESHAPE,
            "%s: %lld rows, but %s has %lld; every file must have the same segments",
            g->paths[i], (long long)rows, g->first, (long long)g->rows);
    }
    if (!g->first) {
        g->first = g->paths[i];
        g->rows = rows;
    }
    return rows > 0 ? MIEN_OK
                    : mien_fail(MIEN_ESHAPE, "%s: there are no rows", g->paths[i]);
}

static mien_status open_files(passage *g, const mien_feature_file *files, int count) {
    mien_status status = MIEN_OK;
    for (int f = 0; status == MIEN_OK && f < count; f++) {
        status = place_file(g, &files[f]);
    }
    if (status == MIEN_OK) {
        status = check_missing(g);
    }
    for (int i = 0; status == MIEN_OK && i < g->a->inputs_count; i++) {
        status = g->paths[i] ? open_array(g, i) : MIEN_OK;
    }
    return status;
}

static mien_status make_maps(passage *g) {
    const mien_runner *runner = g->p->runner;
    mien_status status = MIEN_OK;
    g->maps_count = mien_runner_attention_count(runner);
    for (int i = 0; status == MIEN_OK && i < g->maps_count; i++) {
        int64_t shape[MIEN_RANK_MAX + 1] = {g->rows};
        int rank = mien_runner_attention_shape(runner, i, shape + 1);
        g->map_names[i] = mien_runner_attention_name(runner, i);
        status = mien_tensor_new(MIEN_F32, rank + 1, shape, &g->maps[i]);
    }
    return status == MIEN_OK && g->maps_count == 0
               ? mien_fail(
                     MIEN_EINVAL, "%s has no attention", mien_model_path(g->p->model))
               : status;
}

/* ---- running ----------------------------------------------------------------------
 */

/* Is the row there? One of NaN alone is not; a single one is a mistake. */
static mien_status check_row(
    const passage *g, int i, int64_t row, const float *values, float *seen) {
    int64_t width = g->a->inputs[i].shape.size[0], finite = 0, nans = 0, first = -1;
    for (int64_t k = 0; k < width; k++) {
        bool good = isfinite(values[k]);
        finite += good;
        nans += isnan(values[k]) != 0;
        first = good || first >= 0 ? first : k;
    }
    *seen = finite == width;
    if (finite == width || (nans == width && g->a->inputs[i].optional)) {
        return MIEN_OK;
    }
    return mien_fail(MIEN_EFORMAT, "%s: row %lld, value %lld of %s is %g%s",
        g->paths[i], (long long)row, (long long)first, g->a->inputs[i].name,
        (double)values[first],
        nans == width ? ", as all of the row; the model cannot do without" : "");
}

/* Sums of values times 0 are 0 unless one of them is not finite: a quick look at many.
 */
static bool all_finite(const float *values, int64_t count) {
    enum { LANES = 16 };
    float sum[LANES] = {0};
    int64_t i = 0;
    for (; i + LANES <= count; i += LANES) {
        for (int l = 0; l < LANES; l++) {
            sum[l] += values[i + l] * 0;
        }
    }
    for (; i < count; i++) {
        sum[0] += values[i] * 0;
    }
    float all = 0;
    for (int l = 0; l < LANES; l++) {
        all += sum[l];
    }
    return all == 0;
}

/* Rows [first, first + count) of input i; seen: one in M floats for each, NULL without
 * masks. */
static mien_status read_rows(
    const passage *g, int i, int64_t first, int64_t count, float *values, float *seen) {
    int64_t width = g->a->inputs[i].shape.size[0], step = g->a->inputs_count;
    mien_status status =
        g->arrays[i] ? mien_array_read(g->arrays[i], first, count, values) : MIEN_OK;
    if (status != MIEN_OK || (g->arrays[i] && all_finite(values, count * width))) {
        return status;
    }
    for (int64_t row = 0; status == MIEN_OK && row < count; row++) {
        float there = 0;
        status = g->arrays[i]
                     ? check_row(g, i, first + row, values + row * width, &there)
                     : MIEN_OK;
        if (seen) {
            seen[row * step] = there;
        }
    }
    return status;
}

/* The segments around one row: those beyond the ends are missing. */
static mien_status read_window(
    const passage *g, int i, int64_t row, float *values, float *seen) {
    const mien_architecture *d = g->a;
    int64_t begin = row - d->context_before, end = row + d->context_after + 1;
    int64_t from = begin > 0 ? begin : 0, to = end < g->rows ? end : g->rows;
    for (int64_t s = begin; s < end; s++) {
        if (s < from || s >= to) {
            seen[(s - begin) * d->inputs_count] = 0;
        }
    }
    return read_rows(g, i, from, to - from,
        values + (from - begin) * d->inputs[i].shape.size[0],
        seen + (from - begin) * d->inputs_count);
}

static mien_status fill(void *context, const mien_runner_batch *batch) {
    const passage *g = context;
    int64_t first = batch->first, count = batch->count;
    float *const *inputs = batch->inputs, *mask = batch->mask;
    const mien_architecture *d = g->a;
    int64_t segments = mien_architecture_steps(d);
    mien_status status =
        mien_interrupted() ? mien_fail(MIEN_EINTERRUPTED, "interrupted") : MIEN_OK;
    for (int i = 0; status == MIEN_OK && i < d->inputs_count; i++) {
        float *seen = mask ? mask + i : NULL;
        if (segments == 1) {
            status = read_rows(g, i, first, count, inputs[i], seen);
            continue;
        }
        for (int64_t row = 0; status == MIEN_OK && row < count; row++) {
            status = read_window(g, i, first + row,
                inputs[i] + row * segments * d->inputs[i].shape.size[0],
                seen + row * segments * d->inputs_count);
        }
    }
    return status;
}

static mien_status run_all(passage *g) {
    float *maps[MIEN_INPUTS_MAX];
    for (int i = 0; i < g->maps_count; i++) {
        maps[i] = g->maps[i]->data;
    }
    g->values =
        mien_alloc((size_t)(g->rows * mien_model_width(g->p->model)), sizeof(float));
    return g->values ? mien_runner_run(g->p->runner, g->rows, fill, g, g->values,
                           g->maps_count ? maps : NULL)
                     : MIEN_ENOMEM;
}

/* Rows that all threads take at once. */
static int64_t batch_of(const passage *g) {
    int threads = g->p->options.threads > 0 ? g->p->options.threads : mien_cpu_count();
    int64_t segments = mien_architecture_steps(g->a);
    int64_t each = SEGMENTS / segments > 8 ? SEGMENTS / segments : 8;
    return g->rows < each * threads ? g->rows : each * threads;
}

/* ---- handing out -------------------------------------------------------------------
 */

/* A file is one series: it is smoothed as a whole. */
static mien_status hand_out(const passage *g, mien_predict_sink *sink, void *context) {
    const mien_network *n = mien_model_network(g->p->model);
    int64_t width = mien_model_width(g->p->model);
    double *rows = mien_alloc((size_t)(g->rows * width), sizeof *rows);
    mien_status status = rows ? MIEN_OK : MIEN_ENOMEM;
    for (int64_t i = 0; status == MIEN_OK && i < g->rows * width; i++) {
        rows[i] = (double)g->values[i];
    }
    if (status == MIEN_OK) {
        status =
            mien_after_smooth(n, n->segment_s, g->p->options.smooth_s, g->rows, rows);
    }
    for (int64_t row = 0; status == MIEN_OK && row < g->rows; row++) {
        mien_prediction out = {.input = g->first};
        out.start_s = n->segment_s > 0 ? (double)row * n->segment_s : NAN;
        out.end_s = n->segment_s > 0 ? (double)(row + 1) * n->segment_s : NAN;
        mien_after_row(
            n->targets, n->targets_count, &n->after, rows + row * width, &out);
        status = sink(context, &out);
    }
    mien_free(rows);
    return status;
}

mien_status mien_predictor_run_features(mien_predictor *predictor,
    const mien_feature_file *files, int count, mien_predict_sink *sink, void *context) {
    MIEN_NEED(predictor);
    MIEN_NEED(files || count == 0);
    MIEN_NEED(sink);
    for (int i = 0; i < count; i++) {
        MIEN_NEED(files[i].name && files[i].path);
    }
    passage g = {.p = predictor};
    mien_receiver receiver = {.sink = sink, .context = context};
    if (mien_model_preprocess(predictor->model)) {
        return mien_fail(MIEN_EINVAL, "%s reads pictures and films, not features",
            mien_model_path(predictor->model));
    }
    g.a = &mien_model_network(predictor->model)->architecture;
    mien_status status = open_files(&g, files, count);
    if (status == MIEN_OK) {
        status = mien_predictor_need(predictor, batch_of(&g));
    }
    if (status == MIEN_OK && predictor->options.attention) {
        status = make_maps(&g);
    }
    if (status == MIEN_OK) {
        status = run_all(&g);
    }
    if (status == MIEN_OK && g.maps_count) {
        status = mien_hdf5_write(predictor->options.attention, g.maps_count,
            g.map_names, (const mien_tensor *const *)g.maps);
    }
    if (status == MIEN_OK) {
        status = hand_out(&g, mien_receive, &receiver);
    }
    passage_clear(&g);
    return mien_receiver_status(&receiver, status);
}
