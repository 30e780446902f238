/* SPDX-License-Identifier: MIT */
/* Writes a model into one .safetensors file: weights, contract, golden vectors and
 * seal. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/beside.h"
#include "base/need.h"
#include "models/contract/contract.h"
#include "models/contract/file.h"
#include "models/contract/checksum.h"
#include "tensor/finite.h"

#define F16_LARGEST 65504.0f
#define GOLDEN_MAX 256

/* The tensors of a file to be: borrowed values under their names. */
typedef struct bundle {
    mien_arena *arena;
    mien_arena *filled; /* values that were put together for it */
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
    mien_arena_free(&b->filled);
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
    int64_t bad = values ? mien_not_finite(values, count) : -1;
    if (bad >= 0) {
        return mien_fail(
            MIEN_EINVAL, "%s: value %lld is not finite", what, (long long)bad);
    }
    return values ? MIEN_OK : mien_fail(MIEN_EINVAL, "%s is not given", what);
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

static mien_status bundle_values(bundle *b, const mien_file_tensor *t) {
    const float *values = *t->values;
    if (!values && t->optional) {
        return MIEN_OK;
    }
    mien_status status =
        mien_values_check(t->name, values, mien_shape_count(t->rank, t->shape));
    if (status == MIEN_OK) {
        status = bundle_add(b, t->name, MIEN_F32, t->rank, t->shape, values);
    }
    return status == MIEN_OK && t->half ? halve_last(b) : status;
}

/* A picture of any small size, or values of one shape. */
static mien_status bundle_tensor(bundle *b, const mien_file_tensor *t) {
    const mien_tensor *given = *t->tensor;
    if (t->dtype == MIEN_F32) {
        bool good = given && given->dtype == MIEN_F32 &&
                    mien_tensor_count(given) == mien_shape_count(t->rank, t->shape);
        mien_status status =
            good ? mien_values_check(t->name, given->data, mien_tensor_count(given))
                 : mien_fail(MIEN_EINVAL, "%s is not given", t->name);
        return status == MIEN_OK
                   ? bundle_add(b, t->name, MIEN_F32, t->rank, t->shape, given->data)
                   : status;
    }
    if (!given || given->dtype != MIEN_U8 || given->rank != 3 || given->shape[2] != 3 ||
        given->shape[0] > MIEN_GOLDEN_SIDE_MAX ||
        given->shape[1] > MIEN_GOLDEN_SIDE_MAX) {
        return mien_fail(MIEN_EINVAL, "%s must be u8 [H, W, 3] of at most %d × %d",
            t->name, MIEN_GOLDEN_SIDE_MAX, MIEN_GOLDEN_SIDE_MAX);
    }
    return bundle_add(b, t->name, MIEN_U8, 3, given->shape, given->data);
}

static mien_status bundle_list(bundle *b, const mien_file_list *list) {
    mien_status status = MIEN_OK;
    for (int64_t i = 0; status == MIEN_OK && i < list->count; i++) {
        status = list->items[i].values ? bundle_values(b, &list->items[i])
                                       : bundle_tensor(b, &list->items[i]);
    }
    return status;
}

static mien_status bundle_parameters(bundle *b, mien_parameters *parameters) {
    mien_status status = MIEN_OK;
    for (int64_t i = 0;
         status == MIEN_OK && parameters && i < mien_parameters_count(parameters);
         i++) {
        const mien_tensor *t = mien_parameters_at(parameters, i);
        status = bundle_add(b, mien_parameters_name(parameters, i), MIEN_F32, t->rank,
            t->shape, t->data);
    }
    return status;
}

/* ---- golden vectors -----------------------------------------------------------------
 */

/* All inputs of a vector in one tensor, as version 3 has them; NULL where one is not
 * given. */
static mien_status pack(const mien_architecture *a, const mien_golden_input *golden,
    mien_arena *arena, const float **packed) {
    int64_t sum = 0, steps = mien_architecture_steps(a), at = 0;
    for (int i = 0; i < a->inputs_count; i++) {
        int64_t values = steps * mien_item_values(&a->inputs[i].shape);
        const mien_tensor *t = golden->item[i];
        if (!t || t->dtype != MIEN_F32 || mien_tensor_count(t) != values) {
            return MIEN_OK;
        }
        sum += values;
    }
    float *all = mien_arena_alloc(arena, (size_t)sum, sizeof *all);
    for (int i = 0; all && i < a->inputs_count; i++) {
        int64_t values = mien_tensor_count(golden->item[i]);
        memcpy(all + at, golden->item[i]->data, (size_t)values * sizeof *all);
        at += values;
    }
    *packed = all;
    return all ? MIEN_OK : MIEN_ENOMEM;
}

/* The copies that are filled in, so that the list may point into them. */
typedef struct filled {
    mien_network *network;
    mien_golden_input *golden;
    const float **packed;
} filled;

static mien_status fill(const mien_network *network, const mien_golden_input *golden,
    int64_t count, int version, mien_arena *arena, filled *out) {
    size_t n = (size_t)count + 1;
    out->network = mien_arena_alloc(arena, 1, sizeof *out->network);
    out->golden = mien_arena_alloc(arena, n, sizeof *out->golden);
    out->packed = mien_arena_alloc(arena, n, sizeof *out->packed);
    if (!out->network || !out->golden || !out->packed) {
        return MIEN_ENOMEM;
    }
    *out->network = *network;
    mien_status status = MIEN_OK;
    for (int64_t g = 0; status == MIEN_OK && g < count; g++) {
        out->golden[g] = golden[g];
        if (version == 3) {
            status = pack(&network->architecture, &golden[g], arena, &out->packed[g]);
        }
    }
    return status;
}

static mien_status bundle_all(bundle *b, const mien_network *network, int version,
    mien_parameters *parameters, const mien_golden_input *golden, int64_t count) {
    mien_file_list list = {0};
    filled f;
    mien_arena *arena = NULL;
    mien_status status = mien_arena_new(4096, &arena);
    if (status == MIEN_OK) {
        status = fill(network, golden, count, version, arena, &f);
    }
    if (status == MIEN_OK) {
        status =
            mien_file_list_make(f.network, version, f.golden, f.packed, count, &list);
    }
    if (status == MIEN_OK) {
        status = bundle_new(
            (parameters ? mien_parameters_count(parameters) : 0) + list.count, b);
    }
    if (status == MIEN_OK) {
        b->filled = arena;
        arena = NULL;
        status = bundle_parameters(b, parameters);
    }
    if (status == MIEN_OK) {
        status = bundle_list(b, &list);
    }
    mien_file_list_clear(&list);
    mien_arena_free(&arena);
    return status;
}

/* ---- writing ------------------------------------------------------------------------
 */

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
        mien_files_group_begin(); /* The sealed file reaches the disk, not the blank. */
        status = write_blank(beside.name, b, contract);
        mien_files_group_end();
    }
    if (status == MIEN_OK) {
        status = mien_checksum_write(beside.name);
    }
    if (status == MIEN_OK) {
        return mien_beside_commit(&beside);
    }
    mien_beside_abandon(&beside);
    return mien_fail_in(status, "%s", path);
}

static mien_status check_golden_count(int64_t count) {
    return count >= 0 && count <= GOLDEN_MAX
               ? MIEN_OK
               : mien_fail(MIEN_EINVAL, "%lld golden vectors; at most %d are allowed",
                     (long long)count, GOLDEN_MAX);
}

mien_status mien_network_save(const char *path, const mien_network *network,
    mien_parameters *parameters, const mien_golden_input *golden,
    int64_t golden_count) {
    MIEN_NEED(path, network, golden || golden_count < 1);
    bundle b = {0};
    const mien_contract_version *version = NULL;
    mien_value *contract = NULL;
    mien_status status = mien_network_check(network);
    bool graph = status == MIEN_OK && mien_network_is_graph(network);
    if (status == MIEN_OK) {
        status = check_golden_count(golden_count);
    }
    if (status == MIEN_OK) {
        status = mien_contract_choose(network, &version);
    }
    if (status == MIEN_OK && graph) {
        status = mien_network_fits(network, parameters);
    }
    if (status == MIEN_OK) {
        status = bundle_all(&b, network, version->number, graph ? parameters : NULL,
            golden, golden_count);
    }
    if (status == MIEN_OK) {
        status = mien_contract_make(network, golden_count, &contract);
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
