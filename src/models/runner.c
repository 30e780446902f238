/* SPDX-License-Identifier: MIT */
/* A model ready to run: the backbone's features and the read-out. */
#include "models/runner.h"

#include <math.h>
#include <string.h>

#define LANES 8
/* a standardised row shorter than this points nowhere */
#define SHORTEST 1e-12

mien_runner_options mien_runner_options_default(void) {
    return (mien_runner_options){.batch = 1};
}

static mien_status check_width(const mien_runner *runner, const mien_model *model) {
    const mien_readout *r = runner->readout;
    if (mien_extractor_width(runner->extractor) != r->features) {
        return mien_fail(MIEN_EVERIFY,
            "%s has weights for %lld features, but %s of %s gives %lld",
            mien_model_path(model), (long long)r->features, r->layers, r->backbone,
            (long long)mien_extractor_width(runner->extractor));
    }
    return MIEN_OK;
}

static mien_status prepare(
    mien_runner *runner, const mien_model *model, const mien_runner_options *options) {
    const mien_readout *r = runner->readout;
    mien_extractor_options e = mien_extractor_options_default();
    e.weights = options->weights;
    e.sha256 = r->backbone_sha256;
    e.layers = r->layers;
    e.height = r->preprocess.crop_height;
    e.width = r->preprocess.crop_width;
    e.batch = options->batch;
    e.threads = options->threads;
    e.exact = options->exact;
    e.mirror = r->mirror;
    mien_status status = mien_backbone_find(r->backbone, &e.backbone);
    if (status == MIEN_OK) {
        status = mien_extractor_open(&e, &runner->extractor);
    }
    if (status == MIEN_OK) {
        status = check_width(runner, model);
    }
    if (status != MIEN_OK) {
        return status;
    }
    runner->batch = options->batch;
    runner->pixels = (int64_t)3 * mien_extractor_image_height(runner->extractor) *
                     mien_extractor_image_width(runner->extractor);
    runner->features =
        mien_alloc((size_t)(runner->batch * r->features), sizeof *runner->features);
    runner->scratch = mien_alloc((size_t)r->features, sizeof *runner->scratch);
    return runner->features && runner->scratch ? MIEN_OK : MIEN_ENOMEM;
}

static mien_status prepare_network(
    mien_runner *runner, const mien_model *model, const mien_runner_options *options) {
    if (options->weights) {
        return mien_fail(MIEN_EINVAL,
            "%s holds its whole network: other weights have no use",
            mien_model_path(model));
    }
    if (options->batch < 1) {
        return mien_fail(
            MIEN_EINVAL, "batch %lld is less than 1", (long long)options->batch);
    }
    const mien_network_body *body = mien_model_body(model);
    const mien_lanes_options lanes = {.batch = options->batch,
        .threads = options->threads,
        .exact = options->exact,
        .outputs = &body->output,
        .outputs_count = 1};
    runner->body = body;
    runner->width = mien_model_width(model);
    runner->features_only = mien_model_reads_features(model);
    if (runner->features_only) {
        return mien_runner_prepare_features(runner, options);
    }
    runner->pixels =
        (int64_t)3 * runner->network->design.height * runner->network->design.width;
    return mien_lanes_init(&runner->lanes, body->graph, body->parameters, &lanes);
}

mien_status mien_runner_new(
    const mien_model *model, const mien_runner_options *options, mien_runner **runner) {
    mien_runner_options usual = mien_runner_options_default();
    mien_runner *made = mien_alloc(1, sizeof *made);
    if (!made) {
        return MIEN_ENOMEM;
    }
    made->readout = mien_model_readout(model);
    made->network = mien_model_network(model);
    options = options ? options : &usual;
    mien_status status = made->network ? prepare_network(made, model, options)
                                       : prepare(made, model, options);
    if (status != MIEN_OK) {
        mien_runner_free(&made);
        return status;
    }
    *runner = made;
    return MIEN_OK;
}

void mien_runner_free(mien_runner **runner) {
    if (!runner || !*runner) {
        return;
    }
    mien_lanes_clear(&(*runner)->lanes);
    mien_extractor_close(&(*runner)->extractor);
    mien_free((*runner)->features);
    mien_free((*runner)->scratch);
    mien_free(*runner);
    *runner = NULL;
}

/* Σ a[i] b[i] in double. Lanes of its own let the compiler use vectors without changing
 * the order of the sum. */
static double dot(const float *a, const float *b, int64_t n) {
    double lane[LANES] = {0}, sum = 0;
    int64_t i = 0;
    for (; i + LANES <= n; i += LANES) {
        for (int l = 0; l < LANES; l++) {
            lane[l] += (double)a[i + l] * (double)b[i + l];
        }
    }
    for (int l = 0; l < LANES; l++) {
        sum += lane[l];
    }
    for (; i < n; i++) {
        sum += (double)a[i] * (double)b[i];
    }
    return sum;
}

/* u = (x − mean) · scale, of length 1 if the block wants it. */
static void standardise(const mien_readout_block *b, const float *x, float *u) {
    for (int64_t f = 0; f < b->width; f++) {
        u[f] = (x[f] - b->mean[f]) * b->scale[f];
    }
    if (b->unit) {
        double length = sqrt(dot(u, u, b->width));
        double inverse = length > SHORTEST ? 1 / length : 0;
        for (int64_t f = 0; f < b->width; f++) {
            u[f] = (float)((double)u[f] * inverse);
        }
    }
}

/* values[t] += Σ_s coefficient[t, s] φ(vectors[s] · u) */
static void add_block(const mien_readout_block *b, int targets, const float *features,
    float *scratch, double *values) {
    standardise(b, features + b->first, scratch);
    for (int64_t s = 0; s < b->vectors_count; s++) {
        double z = dot(b->vectors + s * b->width, scratch, b->width);
        double phi = b->gamma > 0 ? exp(b->gamma * z) : z;
        for (int t = 0; t < targets; t++) {
            values[t] += (double)b->coefficient[t * b->vectors_count + s] * phi;
        }
    }
}

static void read_out(
    const mien_readout *r, const float *features, float *scratch, float *values) {
    double sum[MIEN_TARGETS_MAX];
    for (int t = 0; t < r->targets_count; t++) {
        sum[t] = (double)r->bias[t];
    }
    for (int b = 0; b < r->blocks_count; b++) {
        add_block(&r->blocks[b], r->targets_count, features, scratch, sum);
    }
    for (int t = 0; t < r->targets_count; t++) {
        values[t] = (float)sum[t];
    }
}

/* What one call works on. */
typedef struct passage {
    const mien_runner *runner;
    const float *images;
    float *values;
} passage;

void mien_runner_take(
    const mien_runner *r, const mien_plan *plan, int64_t count, float *row) {
    const float *outputs = mien_plan_output(plan, 0)->data;
    for (int64_t i = 0; i < count; i++) {
        for (int t = 0; t < r->network->targets_count; t++) {
            const mien_target *target = &r->network->targets[t];
            mien_target_read(target, outputs, row);
            outputs += mien_target_outputs(target);
            row += mien_target_width(target);
        }
    }
}

static mien_status run_share(void *context, int lane, int64_t first, int64_t count) {
    const passage *p = context;
    const mien_runner *r = p->runner;
    mien_plan *plan = r->lanes.plans[lane];
    memcpy(mien_plan_input(plan, r->body->input), p->images + first * r->pixels,
        (size_t)(count * r->pixels) * sizeof(float));
    mien_status status = mien_plan_run(plan);
    if (status == MIEN_OK) {
        mien_runner_take(r, plan, count, p->values + first * r->width);
    }
    return status;
}

mien_status mien_runner_run(
    mien_runner *runner, const float *images, int64_t n, float *values) {
    if (runner->features_only) {
        return mien_fail(MIEN_EINVAL, "the model reads features, not pictures");
    }
    if (runner->network) {
        passage p = {.runner = runner, .images = images, .values = values};
        return mien_lanes_run(&runner->lanes, n, run_share, &p);
    }
    const mien_readout *r = runner->readout;
    for (int64_t first = 0; first < n; first += runner->batch) {
        int64_t count = n - first < runner->batch ? n - first : runner->batch;
        mien_status status = mien_extractor_run(runner->extractor,
            images + first * runner->pixels, count, runner->features);
        if (status != MIEN_OK) {
            return status;
        }
        for (int64_t i = 0; i < count; i++) {
            read_out(r, runner->features + i * r->features, runner->scratch,
                values + (first + i) * r->targets_count);
        }
    }
    return MIEN_OK;
}
