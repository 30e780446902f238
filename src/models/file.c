/* SPDX-License-Identifier: MIT */
/* A model in one .safetensors file: weights, contract, golden vectors and seal. */
#include "mien/models.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "models/network.h"
#include "models/readout.h"
#include "models/seal.h"
#include "models/search.h"

#define CONTRACT_KEY "mien"
#define BIAS "readout.bias"
#define NAME_BYTES 48
#define F16_LARGEST 65504.0f
#define GOLDEN_MAX 256
#define GOLDEN_SIDE_MAX 1024

/* ---- saving ---- */

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

static mien_status check_floats(const char *what, const float *values, int64_t count) {
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
    mien_status status = check_floats(name, values, mien_shape_count(rank, shape));
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
    mien_status status = bundle_floats(b, BIAS, 1, shape, r->bias);
    for (int i = 0; status == MIEN_OK && i < r->blocks_count; i++) {
        status = bundle_block(b, r, i);
    }
    return status;
}

/* width: values of a predicted row. */
static mien_status bundle_golden(
    bundle *b, int64_t width, int64_t index, const mien_golden_input *golden) {
    char name[NAME_BYTES];
    const mien_tensor *image = golden->image;
    const int64_t row[] = {width};
    snprintf(name, sizeof name, "golden.%lld.image", (long long)index);
    if (!image || image->dtype != MIEN_U8 || image->rank != 3 || image->shape[2] != 3 ||
        image->shape[0] > GOLDEN_SIDE_MAX || image->shape[1] > GOLDEN_SIDE_MAX) {
        return mien_fail(MIEN_EINVAL, "%s must be u8 [H, W, 3] of at most %d × %d",
            name, GOLDEN_SIDE_MAX, GOLDEN_SIDE_MAX);
    }
    mien_status status = bundle_add(b, name, MIEN_U8, 3, image->shape, image->data);
    if (status != MIEN_OK) {
        return status;
    }
    snprintf(name, sizeof name, "golden.%lld.output", (long long)index);
    return bundle_floats(b, name, 1, row, golden->output);
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
        const char *const metadata[] = {"format", "pt", CONTRACT_KEY, text.text,
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
    mien_string beside;
    mien_string_init(&beside);
    mien_string_addf(&beside, "%s.%ld.part", path, (long)getpid());
    mien_status status = mien_string_status(&beside);
    if (status == MIEN_OK) {
        status = write_blank(beside.text, b, contract);
    }
    if (status == MIEN_OK) {
        status = mien_seal_write(beside.text);
    }
    if (status == MIEN_OK && rename(beside.text, path) != 0) {
        status = mien_fail(MIEN_EIO, "%s: the new model cannot be moved here", path);
    }
    if (status != MIEN_OK && !beside.failed) {
        remove(beside.text);
    }
    mien_string_clear(&beside);
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
    mien_status status = bundle_new(count + 2 * golden_count, b);
    for (int64_t i = 0; status == MIEN_OK && i < count; i++) {
        const mien_tensor *t = mien_parameters_at(parameters, i);
        status = bundle_add(b, mien_parameters_name(parameters, i), MIEN_F32, t->rank,
            t->shape, t->data);
    }
    for (int64_t i = 0; status == MIEN_OK && i < golden_count; i++) {
        status = bundle_golden(b, width, i, &golden[i]);
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

/* ---- opening ---- */

struct mien_model {
    char *path;
    mien_archive *archive;
    mien_value *contract;
    mien_readout readout;
    int64_t golden_count;
    mien_tensor **tensors; /* all of the file; golden ones last: image, output, … */
    int64_t tensors_count;
    mien_arena *arena; /* of the network's lists; NULL for a read-out */
    mien_network network;
    mien_network_body body;
};

/* Loads the next tensor, which must be there with this type and rank; f16 counts as
 * f32; shape −1: any small size. */
static mien_status load(mien_model *m, const char *name, mien_dtype dtype, int rank,
    const int64_t *shape, const void **values) {
    int64_t index = mien_archive_find(m->archive, name);
    if (index < 0) {
        return mien_fail(
            MIEN_EVERIFY, "the weights are incomplete: no tensor %s", name);
    }
    const mien_tensor *info = mien_archive_info(m->archive, index);
    bool half = dtype == MIEN_F32 && info->dtype == MIEN_F16;
    bool fits = (info->dtype == dtype || half) && info->rank == rank;
    for (int d = 0; fits && d < rank; d++) {
        fits = shape[d] < 0 ? info->shape[d] >= 1 && info->shape[d] <= GOLDEN_SIDE_MAX
                            : info->shape[d] == shape[d];
    }
    if (!fits) {
        char text[96];
        return mien_fail(MIEN_EVERIFY,
            "tensor %s is %s %s, which its contract rules out", name,
            mien_dtype_name(info->dtype),
            mien_shape_text(info->rank, info->shape, text, sizeof text));
    }
    mien_tensor **tensor = &m->tensors[m->tensors_count], *half_tensor = NULL;
    mien_status status =
        mien_archive_load(m->archive, index, half ? &half_tensor : tensor);
    if (status == MIEN_OK && half) {
        status = mien_tensor_convert(half_tensor, MIEN_F32, tensor);
        mien_tensor_free(&half_tensor);
    }
    if (status != MIEN_OK) {
        return status;
    }
    m->tensors_count++;
    *values = (*tensor)->data;
    if (dtype == MIEN_F32 &&
        check_floats(name, *values, mien_tensor_count(*tensor)) != MIEN_OK) {
        return mien_fail_in(MIEN_EVERIFY, "weights");
    }
    return MIEN_OK;
}

static mien_status load_floats(mien_model *m, const char *name, int rank,
    const int64_t *shape, const float **values) {
    const void *data = NULL;
    mien_status status = load(m, name, MIEN_F32, rank, shape, &data);
    *values = data;
    return status;
}

static mien_status load_block(mien_model *m, int index) {
    mien_readout_block *k = &m->readout.blocks[index];
    const int64_t width[] = {k->width}, vectors[] = {k->vectors_count, k->width};
    const int64_t coefficient[] = {m->readout.targets_count, k->vectors_count};
    char name[NAME_BYTES];
    snprintf(name, sizeof name, "block.%d.mean", index);
    mien_status status = load_floats(m, name, 1, width, &k->mean);
    if (status == MIEN_OK) {
        snprintf(name, sizeof name, "block.%d.scale", index);
        status = load_floats(m, name, 1, width, &k->scale);
    }
    if (status == MIEN_OK) {
        snprintf(name, sizeof name, "block.%d.vectors", index);
        status = load_floats(m, name, 2, vectors, &k->vectors);
    }
    if (status == MIEN_OK) {
        snprintf(name, sizeof name, "block.%d.coefficient", index);
        status = load_floats(m, name, 2, coefficient, &k->coefficient);
    }
    return status;
}

static mien_status load_golden(mien_model *m, int64_t index) {
    char name[NAME_BYTES];
    const int64_t image[] = {-1, -1, 3}, output[] = {mien_model_width(m)};
    const void *pixels;
    const float *values;
    snprintf(name, sizeof name, "golden.%lld.image", (long long)index);
    mien_status status = load(m, name, MIEN_U8, 3, image, &pixels);
    if (status == MIEN_OK) {
        snprintf(name, sizeof name, "golden.%lld.output", (long long)index);
        status = load_floats(m, name, 1, output, &values);
    }
    return status;
}

static mien_status load_tensors(mien_model *m) {
    mien_readout *r = &m->readout;
    const int64_t shape[] = {r->targets_count};
    int64_t want = 1 + 4 * r->blocks_count + 2 * m->golden_count;
    m->tensors = mien_alloc((size_t)want, sizeof(mien_tensor *));
    mien_status status = m->tensors ? MIEN_OK : MIEN_ENOMEM;
    if (status == MIEN_OK) {
        status = load_floats(m, BIAS, 1, shape, &r->bias);
    }
    for (int i = 0; status == MIEN_OK && i < r->blocks_count; i++) {
        status = load_block(m, i);
    }
    for (int64_t i = 0; status == MIEN_OK && i < m->golden_count; i++) {
        status = load_golden(m, i);
    }
    if (status == MIEN_OK && mien_archive_count(m->archive) != want) {
        status =
            mien_fail(MIEN_EVERIFY, "%lld tensors where the contract tells of %lld",
                (long long)mien_archive_count(m->archive), (long long)want);
    }
    return status;
}

static mien_status load_network(mien_model *m) {
    int64_t golden = m->golden_count;
    mien_status status = mien_network_load(&m->network, m->archive, &m->body);
    if (status == MIEN_OK) {
        m->tensors = mien_alloc((size_t)(2 * golden), sizeof(mien_tensor *));
        status = m->tensors ? MIEN_OK : MIEN_ENOMEM;
    }
    for (int64_t i = 0; status == MIEN_OK && i < golden; i++) {
        status = load_golden(m, i);
    }
    int64_t want =
        status == MIEN_OK ? mien_parameters_count(m->body.parameters) + 2 * golden : 0;
    if (status == MIEN_OK && mien_archive_count(m->archive) != want) {
        status =
            mien_fail(MIEN_EVERIFY, "%lld tensors where the contract tells of %lld",
                (long long)mien_archive_count(m->archive), (long long)want);
    }
    return status;
}

static mien_status parse_network(mien_model *m) {
    mien_status status = mien_arena_new(4096, &m->arena);
    return status == MIEN_OK ? mien_contract_parse_network(
                                   m->contract, m->arena, &m->network, &m->golden_count)
                             : status;
}

static mien_status read_contract(mien_model *m) {
    const char *text = mien_archive_metadata(m->archive, CONTRACT_KEY);
    if (!text) {
        return mien_fail(MIEN_EVERIFY, "has no contract (\"" CONTRACT_KEY
                                       "\" in its metadata), so how to use it rightly "
                                       "is not known");
    }
    mien_status status =
        mien_value_parse_json("contract", text, strlen(text), &m->contract);
    bool network = false;
    if (status == MIEN_OK) {
        status = mien_contract_is_network(m->contract, &network);
    }
    if (status == MIEN_OK && network) {
        return parse_network(m);
    }
    if (status == MIEN_OK) {
        status = mien_contract_parse(m->contract, &m->readout, &m->golden_count);
    }
    return status;
}

static mien_status open_all(const char *name, mien_model *m) {
    mien_status status = mien_model_locate(name, &m->path);
    if (status == MIEN_OK) {
        status = mien_archive_open(m->path, &m->archive);
    }
    if (status != MIEN_OK) {
        return status;
    }
    if (!mien_archive_metadata(m->archive, CONTRACT_KEY)) {
        status = read_contract(m);
        return mien_fail_in(status, "%s", m->path);
    }
    status = mien_seal_check(m->path);
    if (status != MIEN_OK) {
        return status;
    }
    status = read_contract(m);
    if (status == MIEN_OK) {
        status = m->arena ? load_network(m) : load_tensors(m);
    }
    return status == MIEN_OK ? status : mien_fail_in(status, "%s", m->path);
}

mien_status mien_model_open(const char *name, mien_model **model) {
    mien_model *m = mien_alloc(1, sizeof *m);
    if (!m) {
        return MIEN_ENOMEM;
    }
    mien_status status = open_all(name, m);
    if (status != MIEN_OK) {
        mien_model_close(&m);
        return status;
    }
    mien_archive_close(&m->archive);
    *model = m;
    return MIEN_OK;
}

void mien_model_close(mien_model **model) {
    if (!model || !*model) {
        return;
    }
    mien_model *m = *model;
    for (int64_t i = 0; i < m->tensors_count; i++) {
        mien_tensor_free(&m->tensors[i]);
    }
    mien_free(m->tensors);
    mien_network_clear(&m->body);
    mien_arena_free(&m->arena);
    mien_value_free(&m->contract);
    mien_archive_close(&m->archive);
    mien_free(m->path);
    mien_free(m);
    *model = NULL;
}

const mien_readout *mien_model_readout(const mien_model *model) {
    return model->arena ? NULL : &model->readout;
}

const mien_network *mien_model_network(const mien_model *model) {
    return model->arena ? &model->network : NULL;
}

const mien_network_body *mien_model_body(const mien_model *model) {
    return model->arena ? &model->body : NULL;
}

bool mien_model_reads_features(const mien_model *model) {
    return model->arena && model->network.design.kind[0];
}

const char *mien_model_backbone(const mien_model *model) {
    return model->arena ? model->network.design.backbone : model->readout.backbone;
}

const mien_preprocess *mien_model_preprocess(const mien_model *model) {
    return model->arena ? &model->network.preprocess : &model->readout.preprocess;
}

int mien_model_targets_count(const mien_model *model) {
    return model->arena ? model->network.targets_count : model->readout.targets_count;
}

const mien_target *mien_model_targets(const mien_model *model) {
    return model->arena ? model->network.targets : model->readout.targets;
}

const char *mien_model_citation(const mien_model *model) {
    return model->arena ? model->network.citation : model->readout.citation;
}

int64_t mien_model_width(const mien_model *model) {
    return mien_targets_width(
        mien_model_targets(model), mien_model_targets_count(model));
}

const mien_value *mien_model_contract(const mien_model *model) {
    return model->contract;
}

const char *mien_model_path(const mien_model *model) {
    return model->path;
}

int64_t mien_model_golden_count(const mien_model *model) {
    return model->golden_count;
}

mien_status mien_model_golden(
    const mien_model *model, int64_t index, mien_tensor **image, const float **output) {
    int64_t count = model->golden_count;
    if (index < 0 || index >= count) {
        return mien_fail(MIEN_EINVAL, "golden vector %lld of %lld", (long long)index,
            (long long)count);
    }
    mien_tensor *const *pair =
        model->tensors + model->tensors_count - 2 * (count - index);
    mien_status status = mien_tensor_copy(pair[0], image);
    if (status == MIEN_OK) {
        *output = pair[1]->data;
    }
    return status;
}
