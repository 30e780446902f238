/* SPDX-License-Identifier: MIT */
/* Writes a model into one .safetensors file: weights, contract, golden vectors and
 * seal. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/beside.h"
#include "models/file.h"
#include "models/network.h"
#include "models/readout.h"
#include "models/seal.h"

#define NAME_BYTES 48
#define STANDARD_BYTES 96
#define F16_LARGEST 65504.0f
#define GOLDEN_MAX 256

/* The tensors of a file to be: borrowed values under their names. */
typedef struct bundle {
    mien_arena *arena;
    const char **names;
    mien_tensor **tensors;
    int64_t count;
} bundle;

static mien_status bundle_new(int64_t capacity, bundle *b) {
    *b = (bundle){0};
    mien_status status = mien_arena_new(4096, &b->arena);
    if (status != MIEN_OK) {
        return status;
    }
    b->names = mien_arena_alloc(b->arena, (size_t)capacity, sizeof *b->names);
    b->tensors = mien_arena_alloc(b->arena, (size_t)capacity, sizeof *b->tensors);
    return b->names && b->tensors ? MIEN_OK : MIEN_ENOMEM;
}

static void bundle_clear(bundle *b) {
    for (int64_t i = 0; i < b->count; i++) {
        mien_tensor_free(&b->tensors[i]);
    }
    mien_arena_free(&b->arena);
}

static mien_status bundle_add(bundle *b, const char *name, mien_dtype dtype, int rank,
    const int64_t *shape, const void *data) {
    char *copy = mien_arena_strdup(b->arena, name);
    if (!copy) {
        return MIEN_ENOMEM;
    }
    /* the tensor only lends the values to the writer */
    mien_status status =
        mien_tensor_over(dtype, rank, shape, (void *)data, &b->tensors[b->count]);
    if (status == MIEN_OK) {
        b->names[b->count++] = copy;
    }
    return status;
}

mien_status mien_values_check(const char *what, const float *values, int64_t count) {
    for (int64_t i = 0; values && i < count; i++) {
        if (!isfinite(values[i])) {
            return mien_fail(
                MIEN_EINVAL, "%s: value %lld is not finite", what, (long long)i);
        }
    }
    return values ? MIEN_OK : mien_fail(MIEN_EINVAL, "%s is not given", what);
}

static mien_status bundle_floats(
    bundle *b, const char *name, int rank, const int64_t *shape, const float *values) {
    mien_status status = mien_values_check(name, values, mien_shape_count(rank, shape));
    return status == MIEN_OK ? bundle_add(b, name, MIEN_F32, rank, shape, values)
                             : status;
}

/* Turns the bundle's last tensor into f16, half the size, if no value is too large. */
static mien_status halve_last(bundle *b) {
    mien_tensor **last = &b->tensors[b->count - 1], *half = NULL;
    const float *values = (*last)->data;
    for (int64_t i = 0; i < mien_tensor_count(*last); i++) {
        if (fabsf(values[i]) > F16_LARGEST) {
            return MIEN_OK;
        }
    }
    mien_status status = mien_tensor_convert(*last, MIEN_F16, &half);
    if (status == MIEN_OK) {
        mien_tensor_free(last);
        *last = half;
    }
    return status;
}

static mien_status bundle_block(bundle *b, const mien_readout *r, int index) {
    const mien_readout_block *k = &r->blocks[index];
    const int64_t width[] = {k->width}, vectors[] = {k->vectors_count, k->width};
    const int64_t coefficient[] = {r->targets_count, k->vectors_count};
    char name[NAME_BYTES];
    snprintf(name, sizeof name, "block.%d.mean", index);
    mien_status status = bundle_floats(b, name, 1, width, k->mean);
    if (status == MIEN_OK) {
        snprintf(name, sizeof name, "block.%d.scale", index);
        status = bundle_floats(b, name, 1, width, k->scale);
    }
    if (status == MIEN_OK) {
        snprintf(name, sizeof name, "block.%d.vectors", index);
        status = bundle_floats(b, name, 2, vectors, k->vectors);
    }
    if (status == MIEN_OK && k->vectors_count > r->targets_count) {
        status = halve_last(b);
    }
    if (status == MIEN_OK) {
        snprintf(name, sizeof name, "block.%d.coefficient", index);
        status = bundle_floats(b, name, 2, coefficient, k->coefficient);
    }
    return status;
}

static mien_status bundle_weights(bundle *b, const mien_readout *r) {
    const int64_t shape[] = {r->targets_count};
    mien_status status = bundle_floats(b, MIEN_READOUT_BIAS, 1, shape, r->bias);
    for (int i = 0; status == MIEN_OK && i < r->blocks_count; i++) {
        status = bundle_block(b, r, i);
    }
    return status;
}

static mien_status bundle_golden_output(
    bundle *b, int64_t width, int64_t index, const mien_golden_input *golden) {
    char name[NAME_BYTES];
    snprintf(name, sizeof name, "golden.%lld.output", (long long)index);
    return bundle_floats(b, name, 1, &width, golden->output);
}

/* width: values of a predicted row. */
static mien_status bundle_golden(
    bundle *b, int64_t width, int64_t index, const mien_golden_input *golden) {
    char name[NAME_BYTES];
    const mien_tensor *image = golden->image;
    snprintf(name, sizeof name, "golden.%lld.image", (long long)index);
    if (!image || image->dtype != MIEN_U8 || image->rank != 3 || image->shape[2] != 3 ||
        image->shape[0] > MIEN_GOLDEN_SIDE_MAX ||
        image->shape[1] > MIEN_GOLDEN_SIDE_MAX) {
        return mien_fail(MIEN_EINVAL, "%s must be u8 [H, W, 3] of at most %d × %d",
            name, MIEN_GOLDEN_SIDE_MAX, MIEN_GOLDEN_SIDE_MAX);
    }
    mien_status status = bundle_add(b, name, MIEN_U8, 3, image->shape, image->data);
    return status == MIEN_OK ? bundle_golden_output(b, width, index, golden) : status;
}

/* Of a network over features: the rows themselves. */
static mien_status bundle_golden_rows(bundle *b, const mien_network *n, int64_t width,
    int64_t index, const mien_golden_input *golden) {
    const int64_t values[] = {mien_design_values(&n->design)};
    const int64_t seen[] = {mien_design_segments(&n->design), n->design.inputs_count};
    char name[NAME_BYTES];
    snprintf(name, sizeof name, "golden.%lld.features", (long long)index);
    mien_status status = bundle_floats(b, name, 1, values, golden->features);
    if (status == MIEN_OK && n->design.masks) {
        snprintf(name, sizeof name, "golden.%lld.mask", (long long)index);
        status = bundle_floats(b, name, 2, seen, golden->mask);
    }
    return status == MIEN_OK ? bundle_golden_output(b, width, index, golden) : status;
}

static mien_status bundle_standard(bundle *b, const mien_network *n, int index) {
    const mien_design_input *input = &n->design.inputs[index];
    char name[STANDARD_BYTES];
    if (!n->mean[index]) {
        return MIEN_OK;
    }
    snprintf(name, sizeof name, MIEN_STANDARD "%s.mean", input->name);
    mien_status status = bundle_floats(b, name, 1, &input->width, n->mean[index]);
    if (status == MIEN_OK) {
        snprintf(name, sizeof name, MIEN_STANDARD "%s.scale", input->name);
        status = bundle_floats(b, name, 1, &input->width, n->scale[index]);
    }
    return status;
}

static mien_status bundle_fill(bundle *b, const mien_readout *r,
    const mien_golden_input *golden, int64_t golden_count) {
    mien_status status = bundle_new(1 + 4 * r->blocks_count + 2 * golden_count, b);
    if (status == MIEN_OK) {
        status = bundle_weights(b, r);
    }
    for (int64_t i = 0; status == MIEN_OK && i < golden_count; i++) {
        status = bundle_golden(b, r->targets_count, i, &golden[i]);
    }
    return status;
}

/* Writes path with its seal still blank. */
static mien_status write_blank(
    const char *path, const bundle *b, const mien_value *contract) {
    mien_string text;
    mien_string_init(&text);
    mien_status status = mien_value_write_json(contract, false, &text);
    if (status == MIEN_OK) {
        status = mien_string_status(&text);
    }
    if (status == MIEN_OK) {
        const char *const metadata[] = {"format", "pt", MIEN_CONTRACT_KEY, text.text,
            MIEN_SEAL_KEY, MIEN_SEAL_BLANK, NULL};
        status = mien_safetensors_write(
            path, b->count, b->names, (const mien_tensor *const *)b->tensors, metadata);
    }
    mien_string_clear(&text);
    return status;
}

/* Written and sealed beside the target, then renamed: nobody sees half a model. */
static mien_status write_sealed(
    const char *path, const bundle *b, const mien_value *contract) {
    mien_beside beside = {.fd = -1};
    mien_status status = mien_beside_open(path, MIEN_BESIDE_HIDDEN, &beside);
    if (status == MIEN_OK) {
        status = write_blank(beside.name, b, contract);
    }
    if (status == MIEN_OK) {
        status = mien_seal_write(beside.name);
    }
    if (status == MIEN_OK) {
        return mien_beside_commit(&beside);
    }
    mien_beside_abandon(&beside);
    return status;
}

static mien_status check_golden_count(int64_t count) {
    return count >= 0 && count <= GOLDEN_MAX
               ? MIEN_OK
               : mien_fail(MIEN_EINVAL, "%lld golden vectors; at most %d are allowed",
                     (long long)count, GOLDEN_MAX);
}

mien_status mien_model_save(const char *path, const mien_readout *readout,
    const mien_golden_input *golden, int64_t golden_count) {
    bundle b = {0};
    mien_value *contract = NULL;
    mien_status status = mien_readout_check(readout);
    if (status == MIEN_OK) {
        status = check_golden_count(golden_count);
    }
    if (status == MIEN_OK) {
        status = bundle_fill(&b, readout, golden, golden_count);
    }
    if (status == MIEN_OK) {
        status = mien_contract_make(readout, golden_count, &contract);
    }
    if (status == MIEN_OK) {
        status = write_sealed(path, &b, contract);
    } else {
        mien_fail_in(status, "%s", path);
    }
    mien_value_free(&contract);
    bundle_clear(&b);
    return status;
}

static mien_status bundle_network(bundle *b, const mien_network *n,
    mien_parameters *parameters, const mien_golden_input *golden,
    int64_t golden_count) {
    int64_t width = mien_targets_width(n->targets, n->targets_count);
    int64_t count = mien_parameters_count(parameters);
    bool features = n->design.kind[0] != 0;
    mien_status status =
        bundle_new(count + 2 * n->design.inputs_count + 3 * golden_count, b);
    for (int64_t i = 0; status == MIEN_OK && i < count; i++) {
        const mien_tensor *t = mien_parameters_at(parameters, i);
        status = bundle_add(b, mien_parameters_name(parameters, i), MIEN_F32, t->rank,
            t->shape, t->data);
    }
    for (int i = 0; status == MIEN_OK && features && i < n->design.inputs_count; i++) {
        status = bundle_standard(b, n, i);
    }
    for (int64_t i = 0; status == MIEN_OK && i < golden_count; i++) {
        status = features ? bundle_golden_rows(b, n, width, i, &golden[i])
                          : bundle_golden(b, width, i, &golden[i]);
    }
    return status;
}

mien_status mien_network_save(const char *path, const mien_network *network,
    mien_parameters *parameters, const mien_golden_input *golden,
    int64_t golden_count) {
    bundle b = {0};
    mien_value *contract = NULL;
    mien_status status = mien_network_check(network);
    if (status == MIEN_OK) {
        status = check_golden_count(golden_count);
    }
    if (status == MIEN_OK) {
        status = mien_network_fits(network, parameters);
    }
    if (status == MIEN_OK) {
        status = bundle_network(&b, network, parameters, golden, golden_count);
    }
    if (status == MIEN_OK) {
        status = mien_contract_make_network(network, golden_count, &contract);
    }
    if (status == MIEN_OK) {
        status = write_sealed(path, &b, contract);
    } else {
        mien_fail_in(status, "%s", path);
    }
    mien_value_free(&contract);
    bundle_clear(&b);
    return status;
}
