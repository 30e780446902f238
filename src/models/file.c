/* SPDX-License-Identifier: MIT */
/* Opens a model out of one .safetensors file: weights, contract, golden vectors and
 * seal. */
#include "models/file.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "models/network.h"
#include "models/readout.h"
#include "models/seal.h"
#include "models/search.h"

#define NAME_BYTES 48
#define STANDARD_BYTES 96

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
        fits = shape[d] < 0
                   ? info->shape[d] >= 1 && info->shape[d] <= MIEN_GOLDEN_SIDE_MAX
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
        mien_values_check(name, *values, mien_tensor_count(*tensor)) != MIEN_OK) {
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

/* Tensors of one golden vector. */
static int64_t golden_tensors(const mien_model *m) {
    return m->arena && m->network.design.masks ? 3 : 2;
}

static mien_status load_golden_rows(mien_model *m, int64_t index) {
    const mien_design *d = &m->network.design;
    const int64_t values[] = {mien_design_values(d)};
    const int64_t seen[] = {mien_design_segments(d), d->inputs_count};
    const float *data;
    char name[NAME_BYTES];
    snprintf(name, sizeof name, "golden.%lld.features", (long long)index);
    mien_status status = load_floats(m, name, 1, values, &data);
    if (status == MIEN_OK && d->masks) {
        snprintf(name, sizeof name, "golden.%lld.mask", (long long)index);
        status = load_floats(m, name, 2, seen, &data);
    }
    return status;
}

static mien_status load_standard(mien_model *m, int index, int64_t *loaded) {
    mien_network *n = &m->network;
    const mien_design_input *input = &n->design.inputs[index];
    char name[STANDARD_BYTES];
    if (!n->mean[index]) {
        return MIEN_OK;
    }
    snprintf(name, sizeof name, MIEN_STANDARD "%s.mean", input->name);
    mien_status status = load_floats(m, name, 1, &input->width, &n->mean[index]);
    if (status == MIEN_OK) {
        snprintf(name, sizeof name, MIEN_STANDARD "%s.scale", input->name);
        status = load_floats(m, name, 1, &input->width, &n->scale[index]);
    }
    *loaded += 2;
    return status;
}

static mien_status load_golden(mien_model *m, int64_t index) {
    char name[NAME_BYTES];
    const int64_t image[] = {-1, -1, 3}, output[] = {mien_model_width(m)};
    const void *pixels;
    const float *values;
    mien_status status = MIEN_OK;
    if (m->arena && m->network.design.kind[0]) {
        status = load_golden_rows(m, index);
    } else {
        snprintf(name, sizeof name, "golden.%lld.image", (long long)index);
        status = load(m, name, MIEN_U8, 3, image, &pixels);
    }
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
        status = load_floats(m, MIEN_READOUT_BIAS, 1, shape, &r->bias);
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
    const mien_design *d = &m->network.design;
    int64_t each = golden_tensors(m) * m->golden_count, standards = 0;
    int inputs = d->kind[0] ? d->inputs_count : 0;
    mien_status status = mien_network_load(&m->network, m->archive, &m->body);
    if (status == MIEN_OK) {
        m->tensors = mien_alloc((size_t)(each + 2 * inputs), sizeof(mien_tensor *));
        status = m->tensors ? MIEN_OK : MIEN_ENOMEM;
    }
    for (int i = 0; status == MIEN_OK && i < inputs; i++) {
        status = load_standard(m, i, &standards);
    }
    for (int64_t i = 0; status == MIEN_OK && i < m->golden_count; i++) {
        status = load_golden(m, i);
    }
    int64_t want = status == MIEN_OK
                       ? mien_parameters_count(m->body.parameters) + standards + each
                       : 0;
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
    const char *text = mien_archive_metadata(m->archive, MIEN_CONTRACT_KEY);
    if (!text) {
        return mien_fail(MIEN_EVERIFY, "has no contract (\"" MIEN_CONTRACT_KEY
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
    if (!mien_archive_metadata(m->archive, MIEN_CONTRACT_KEY)) {
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

mien_status mien_model_adopt(const char *path, const mien_network *network,
    mien_network_body *body, mien_model **model) {
    mien_model *m = mien_alloc(1, sizeof *m);
    if (!m) {
        return MIEN_ENOMEM;
    }
    m->path = mien_strdup(path);
    mien_status status = m->path ? mien_arena_new(4096, &m->arena) : MIEN_ENOMEM;
    if (status == MIEN_OK) {
        status = mien_contract_make_network(network, 0, &m->contract);
    }
    if (status == MIEN_OK) {
        /* texts of the network are lent from its contract, as when it is read */
        status = mien_contract_parse_network(
            m->contract, m->arena, &m->network, &m->golden_count);
    }
    if (status != MIEN_OK) {
        mien_model_close(&m);
        return status;
    }
    m->body = *body;
    *body = (mien_network_body){0};
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

/* The tensors of one golden vector; NULL with error text if there is no such. */
static mien_tensor *const *golden_at(const mien_model *model, int64_t index) {
    int64_t count = model->golden_count;
    if (index < 0 || index >= count) {
        mien_fail(MIEN_EINVAL, "golden vector %lld of %lld", (long long)index,
            (long long)count);
        return NULL;
    }
    return model->tensors + model->tensors_count -
           golden_tensors(model) * (count - index);
}

mien_status mien_model_golden(
    const mien_model *model, int64_t index, mien_tensor **image, const float **output) {
    if (mien_model_reads_features(model)) {
        return mien_fail(MIEN_EINVAL,
            "%s reads features: its golden vectors hold no "
            "pictures",
            model->path);
    }
    mien_tensor *const *pair = golden_at(model, index);
    mien_status status = pair ? mien_tensor_copy(pair[0], image) : MIEN_EINVAL;
    if (status == MIEN_OK) {
        *output = pair[1]->data;
    }
    return status;
}

mien_status mien_model_golden_features(const mien_model *model, int64_t index,
    const float **features, const float **mask, const float **output) {
    if (!mien_model_reads_features(model)) {
        return mien_fail(MIEN_EINVAL,
            "%s reads pictures: its golden vectors hold no "
            "features",
            model->path);
    }
    mien_tensor *const *tensors = golden_at(model, index);
    if (!tensors) {
        return MIEN_EINVAL;
    }
    bool masks = model->network.design.masks;
    *features = tensors[0]->data;
    *mask = masks ? tensors[1]->data : NULL;
    *output = tensors[masks ? 2 : 1]->data;
    return MIEN_OK;
}
