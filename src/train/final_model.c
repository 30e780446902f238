/* SPDX-License-Identifier: MIT */
/* Turns centred kernels and their coefficients into the plain sum of blocks that a
 * contract stores: what centring subtracts is a constant, because coefficients sum to
 * zero. */
#include "train/final_model.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "io/beside.h"
#include "train/golden.h"

/* as contracts of version 1 hold them */
#define MIEN_FINAL_LAYERS_MAX 1024

void mien_final_model_clear(mien_final_model *final) {
    mien_choice_clear(&final->choice);
    for (int i = 0; i < final->memories; i++) {
        mien_free(final->memory[i]);
    }
    *final = (mien_final_model){0};
}

static float *room(mien_final_model *final, int64_t count) {
    float *memory = mien_alloc((size_t)count, sizeof *memory);
    if (memory) {
        final->memory[final->memories++] = memory;
    }
    return memory;
}

/* Number of the block of this layer and gamma in the readout, −1: not there. key holds,
 * for each readout block, the layer. */
static int find_block(const mien_readout *r, const int *layer, int want, double gamma) {
    for (int b = 0; b < r->blocks_count; b++) {
        if (layer[b] == want && r->blocks[b].gamma == gamma) {
            return b;
        }
    }
    return -1;
}

static mien_status add_block(mien_final_model *final, const mien_kernel *kernel,
    int index, int targets, mien_readout_block **block) {
    mien_readout *r = &final->network.readout;
    const struct mien_kernel_ridge_block *k = &kernel->block[index];
    bool linear = kernel->candidate.gamma == 0;
    if (r->blocks_count == MIEN_BLOCKS_MAX) {
        return mien_fail(
            MIEN_ELIMIT, "more than %d blocks in a read-out", (int)MIEN_BLOCKS_MAX);
    }
    mien_readout_block *b = &r->blocks[r->blocks_count++];
    int64_t s = linear ? targets : kernel->rows;
    float *mean = room(final, k->width), *scale = room(final, k->width);
    float *vectors = room(final, s * k->width), *coefficient = room(final, targets * s);
    if (!mean || !scale || !vectors || !coefficient) {
        return MIEN_ENOMEM;
    }
    for (int64_t f = 0; f < k->width; f++) {
        mean[f] = (float)k->mean[f];
        scale[f] = (float)k->scale[f];
    }
    for (int64_t i = 0; !linear && i < s * k->width; i++) {
        vectors[i] = (float)k->vectors[i];
    }
    *b = (mien_readout_block){.width = k->width,
        .unit = !linear,
        .gamma = kernel->candidate.gamma,
        .vectors_count = s,
        .mean = mean,
        .scale = scale,
        .vectors = vectors,
        .coefficient = coefficient};
    *block = b;
    return MIEN_OK;
}

/* Adds one target's share of a kernel block; returns what it adds to the bias. */
static double add_target(mien_readout_block *b, const struct mien_kernel_ridge_block *k,
    int64_t rows, double weight, const double *a, int t) {
    double bias = 0, scale = k->trace > 0 ? weight / k->trace : 0;
    /* the block's memory is ours: see room() */
    float *vectors = (float *)b->vectors, *coefficient = (float *)b->coefficient;
    for (int64_t i = 0; i < rows; i++) {
        bias -= scale * a[i] * k->centre[i];
    }
    if (b->gamma > 0) {
        for (int64_t i = 0; i < rows; i++) {
            coefficient[t * b->vectors_count + i] += (float)(scale * a[i]);
        }
        return bias;
    }
    coefficient[t * b->vectors_count + t] = 1;
    for (int64_t f = 0; f < k->width; f++) {
        double sum = 0;
        for (int64_t i = 0; i < rows; i++) {
            sum += a[i] * k->vectors[i * k->width + f];
        }
        vectors[t * k->width + f] += (float)(scale * sum);
    }
    return bias;
}

/* One candidate's blocks for one target. layer[] runs beside readout.blocks. */
static mien_status add_kernel(mien_final_model *final, const mien_feature_set *m,
    const mien_kernel *kernel, int candidate, int t, int *layer, double *bias) {
    const mien_candidate *c = &kernel->candidate;
    const mien_choice *choice = &final->choice;
    const double *a = choice->ridge[candidate * m->targets + t].coefficient;
    double weight = choice->weight[candidate * m->targets + t], sum = bias[t];
    for (int i = 0; i < c->count; i++) {
        int at = find_block(&final->network.readout, layer, c->blocks[i], c->gamma);
        mien_readout_block *block = at >= 0 ? &final->network.readout.blocks[at] : NULL;
        if (!block) {
            mien_status status = add_block(final, kernel, i, m->targets, &block);
            if (status != MIEN_OK) {
                return status;
            }
            layer[final->network.readout.blocks_count - 1] = c->blocks[i];
        }
        sum +=
            add_target(block, &kernel->block[i], kernel->rows, weight / c->count, a, t);
    }
    bias[t] = sum;
    return MIEN_OK;
}

/* Names only the layers that are used, and where each block finds its own. */
static void place_blocks(mien_readout *r, const mien_feature_set *m, const int *layer,
    char *layers, size_t size) {
    int64_t first = 0;
    layers[0] = 0;
    for (int l = 0; l < m->blocks.count; l++) {
        bool used = false;
        for (int b = 0; b < r->blocks_count; b++) {
            if (layer[b] == l) {
                r->blocks[b].first = first;
                used = true;
            }
        }
        if (used) {
            size_t length = strlen(layers);
            snprintf(layers + length, size - length, "%s%s", length ? "," : "",
                m->blocks.name[l]);
            first += m->blocks.width[l];
        }
    }
    r->features = first;
}

static mien_status describe(mien_network *r, const mien_feature_set *m,
    const mien_dataset *dataset, const mien_study *study, const int *layer,
    const double (*interval)[2]) {
    const mien_options *o = study->options;
    char layers[MIEN_FINAL_LAYERS_MAX];
    place_blocks(&r->readout, m, layer, layers, sizeof layers);
    r->targets_count = m->targets;
    snprintf(
        r->licence, sizeof r->licence, "%s", mien_options_text(o, "model.licence"));
    snprintf(
        r->citation, sizeof r->citation, "%s", mien_options_text(o, "model.citation"));
    for (int t = 0; t < m->targets; t++) {
        r->targets[t] = dataset->target[t].target;
        r->targets[t].interval_low = interval[t][0];
        r->targets[t].interval_high = interval[t][1];
    }
    mien_status status = mien_architecture_readout(&r->architecture, &study->preprocess,
        study->backbone->name, layers, mien_options_flag(o, "backbone.mirror"),
        m->backbone_hash);
    r->architecture.outputs = m->targets;
    return status;
}

/* A candidate's share of every target that gives it weight. */
static mien_status add_candidate(mien_final_model *final, const mien_feature_set *m,
    int candidate, const int64_t *items, int64_t count, mien_thread_pool *pool,
    double *matrix, int *layer, double *bias) {
    const double *weight = final->choice.weight + candidate * m->targets;
    bool fitted = false;
    mien_kernel kernel = {0};
    mien_status status = MIEN_OK;
    for (int t = 0; status == MIEN_OK && t < m->targets; t++) {
        if (!(weight[t] > 0)) {
            continue;
        }
        if (!fitted) {
            status = mien_kernel_ridge_fit(&kernel, &m->blocks,
                &m->candidates[candidate], items, count, pool, matrix);
            fitted = true;
        }
        if (status == MIEN_OK) {
            status = add_kernel(final, m, &kernel, candidate, t, layer, bias);
        }
    }
    mien_kernel_clear(&kernel);
    return status;
}

/* No candidate was given weight (nothing can be learnt): the model is the mean, and a
 * layer with coefficients of zero, because a contract has to name one. */
static mien_status add_silent(mien_final_model *final, const mien_feature_set *m,
    const int64_t *items, int64_t count, mien_thread_pool *pool, double *matrix,
    int *layer) {
    mien_candidate linear = {.blocks = {m->candidates[0].blocks[0]}, .count = 1};
    mien_readout_block *block = NULL;
    mien_kernel kernel = {0};
    mien_status status =
        mien_kernel_ridge_fit(&kernel, &m->blocks, &linear, items, count, pool, matrix);
    if (status == MIEN_OK) {
        layer[0] = linear.blocks[0];
        status = add_block(final, &kernel, 0, m->targets, &block);
    }
    mien_kernel_clear(&kernel);
    return status;
}

mien_status mien_final_model_fit(mien_final_model *final,
    const mien_feature_set *feature_set, const mien_dataset *dataset,
    const mien_study *study, const mien_final_model_rows *fitted,
    const double (*interval)[2], mien_thread_pool *pool) {
    const mien_feature_set *m = feature_set;
    int64_t count = fitted->count;
    int layer[MIEN_BLOCKS_MAX] = {0};
    *final = (mien_final_model){0};
    int64_t *items = mien_alloc((size_t)count, sizeof *items);
    double *matrix = mien_alloc((size_t)(count * count), sizeof *matrix);
    double exact[MIEN_TARGETS_MAX] = {0};
    float *bias = room(final, m->targets);
    mien_status status = items && matrix && bias ? MIEN_OK : MIEN_ENOMEM;
    for (int64_t i = 0; status == MIEN_OK && i < count; i++) {
        items[i] = m->item ? m->item[fitted->rows[i]] : fitted->rows[i];
    }
    if (status == MIEN_OK) {
        status = mien_choose(&final->choice, m, m->candidates, m->candidates_count,
            fitted->rows, count, study, pool);
    }
    for (int t = 0; status == MIEN_OK && t < m->targets; t++) {
        exact[t] = final->choice.ridge[t].mean;
    }
    for (int c = 0; status == MIEN_OK && c < m->candidates_count; c++) {
        status = add_candidate(final, m, c, items, count, pool, matrix, layer, exact);
    }
    if (status == MIEN_OK && final->network.readout.blocks_count == 0) {
        status = add_silent(final, m, items, count, pool, matrix, layer);
    }
    for (int t = 0; status == MIEN_OK && t < m->targets; t++) {
        bias[t] = (float)exact[t];
    }
    if (status == MIEN_OK) {
        final->network.readout.bias = bias;
        status = describe(&final->network, m, dataset, study, layer, interval);
    }
    mien_free(items);
    mien_free(matrix);
    return status;
}

mien_status mien_final_model_save(mien_final_model *final, const mien_study *study,
    const mien_value *training, const mien_train_options *options, const char *path,
    struct mien_golden_shared *shared) {
    mien_network *n = &final->network;
    int64_t count = mien_options_int(study->options, "model.golden");
    mien_golden golden = {0};
    n->training = training;
    /* the outputs must come from the stored (rounded) read-out: save, run, save again
     */
    mien_files_group_begin();
    mien_status status = mien_network_save(path, n, NULL, NULL, 0);
    mien_files_group_end();
    if (status == MIEN_OK) {
        status = mien_golden_make(&golden, count, path, NULL, options->weights,
            options->exact, options->threads, shared);
    }
    if (status == MIEN_OK) {
        status = mien_network_save(path, n, NULL, golden.input, count);
    }
    mien_golden_clear(&golden);
    return status;
}
