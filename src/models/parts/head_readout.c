/* SPDX-License-Identifier: MIT */
/* Kernel sums over the features of a frozen backbone: what trainer `ridge` fits. In
 * double and outside of the graph, so that files of version 1 give the bits they always
 * gave. */
#include "models/parts/head_readout.h"

#include <math.h>
#include <string.h>

#define LANES 8
/* a standardised row shorter than this points nowhere */
#define SHORTEST 1e-12
#define FEATURES_MAX (1 << 24)
#define VECTORS_MAX (1 << 20)

static const mien_option options[] = {{0}};

/* A read-out compares features that nothing changes. */
static mien_status check(const mien_architecture *a, const mien_options *given) {
    (void)given;
    if (a->inputs_count != 1 || strcmp(a->inputs[0].kind, "picture") != 0 ||
        a->branches[0].stages != 1 ||
        strcmp(a->branches[0].stage[0].kind, "backbone") != 0 ||
        strcmp(a->fusion.kind, "single") != 0 || a->inputs[0].optional) {
        return mien_fail(MIEN_EINVAL,
            "a read-out reads one picture through one backbone, fusion single");
    }
    return a->branches[0].weights_sha256[0]
               ? MIEN_OK
               : mien_fail(MIEN_EINVAL, "the backbone's SHA-256 is not given");
}

const mien_head_kind mien_head_readout = {
    .name = "readout",
    .summary = "Kernel sums over frozen features",
    .options = options,
    .check = check,
};

/* ---- checks -----------------------------------------------------------------------
 */

static mien_status check_block(const mien_readout *readout, int index) {
    const mien_readout_block *k = &readout->blocks[index];
    if (k->first < 0 || k->width < 1 || k->first > readout->features - k->width) {
        return mien_fail(MIEN_EINVAL,
            "block %d: %lld features from %lld on are not within %lld", index,
            (long long)k->width, (long long)k->first, (long long)readout->features);
    }
    if (!isfinite(k->gamma) || k->gamma < 0) {
        return mien_fail(MIEN_EINVAL, "block %d: gamma %g", index, k->gamma);
    }
    if (k->vectors_count < 1 || k->vectors_count > VECTORS_MAX) {
        return mien_fail(MIEN_EINVAL, "block %d: %lld vectors; 1 to %d are allowed",
            index, (long long)k->vectors_count, VECTORS_MAX);
    }
    return MIEN_OK;
}

mien_status mien_readout_check(const mien_network *network) {
    const mien_readout *r = &network->readout;
    mien_status status = MIEN_OK;
    for (int t = 0; t < network->targets_count; t++) {
        if (network->targets[t].link != MIEN_LINK_VALUE) {
            return mien_fail(MIEN_EINVAL,
                "target %s has classes: a read-out gives values alone",
                network->targets[t].name);
        }
    }
    if (r->features < 1 || r->features > FEATURES_MAX) {
        return mien_fail(MIEN_EINVAL, "%lld features; 1 to %d are allowed",
            (long long)r->features, FEATURES_MAX);
    }
    if (r->blocks_count < 1 || r->blocks_count > MIEN_READOUT_BLOCKS_MAX) {
        return mien_fail(MIEN_EINVAL, "%d blocks; 1 to %d are allowed", r->blocks_count,
            MIEN_READOUT_BLOCKS_MAX);
    }
    for (int b = 0; status == MIEN_OK && b < r->blocks_count; b++) {
        status = check_block(r, b);
    }
    return status;
}

/* ---- running ----------------------------------------------------------------------
 */

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

void mien_readout_run(const mien_readout *readout, int targets, const float *features,
    float *scratch, float *values) {
    const mien_readout *r = readout;
    double sum[MIEN_TARGETS_MAX];
    for (int t = 0; t < targets; t++) {
        sum[t] = (double)r->bias[t];
    }
    for (int b = 0; b < r->blocks_count; b++) {
        add_block(&r->blocks[b], targets, features, scratch, sum);
    }
    for (int t = 0; t < targets; t++) {
        values[t] = (float)sum[t];
    }
}
