/* SPDX-License-Identifier: MIT */
/* Opens a model out of one .safetensors file: weights, contract, golden vectors and
 * seal. */
#include "models/contract/file.h"

#include <stdio.h>
#include <string.h>

#include "base/need.h"
#include "io/archive_view.h"
#include "models/contract/contract.h"
#include "models/contract/checksum.h"
#include "models/weights/search.h"

struct mien_model {
    char *path;
    mien_archive *archive;
    mien_value *contract;
    mien_arena *arena; /* of lists of classes */
    mien_network network;
    mien_network_body body; /* empty where the head is no graph */
    int version;            /* whose tensors the file has */
    int64_t golden_count;
    mien_golden_input *golden; /* [golden_count] */
    const float **packed;      /* [golden_count] of versions up to 3 */
    mien_tensor **tensors;     /* all that the pointers above lead to */
    int64_t tensors_count;
    char backbone[64];
    bool pictures;
    mien_preprocess preprocess; /* of the first picture */
};

/* ---- tensors ----------------------------------------------------------------------
 */

static bool fits(const mien_file_tensor *want, const mien_tensor *info) {
    bool half = want->dtype == MIEN_F32 && info->dtype == MIEN_F16;
    bool good = (info->dtype == want->dtype || half) && info->rank == want->rank;
    for (int d = 0; good && d < want->rank; d++) {
        good = want->shape[d] < 0
                   ? info->shape[d] >= 1 && info->shape[d] <= MIEN_GOLDEN_SIDE_MAX
                   : info->shape[d] == want->shape[d];
    }
    return good;
}

/* Halves as floats, from where they lie in the file if they do. */
static mien_status load_halves(
    mien_archive *archive, int64_t index, mien_tensor **tensor) {
    const mien_tensor *info = mien_archive_info(archive, index);
    const void *lies = mien_archive_view(archive, index);
    mien_tensor *half = NULL;
    mien_status status = lies ? mien_tensor_over(MIEN_F16, info->rank, info->shape,
                                    (void *)(uintptr_t)lies, &half)
                              : mien_archive_load(archive, index, &half);
    if (status == MIEN_OK) {
        status = mien_tensor_convert(half, MIEN_F32, tensor);
    }
    mien_tensor_free(&half);
    return status;
}

static mien_status load(mien_model *m, const mien_file_tensor *want, int64_t index) {
    const mien_tensor *info = mien_archive_info(m->archive, index);
    bool half = want->dtype == MIEN_F32 && info->dtype == MIEN_F16;
    mien_tensor **tensor = &m->tensors[m->tensors_count];
    mien_status status = half ? load_halves(m->archive, index, tensor)
                              : mien_archive_load(m->archive, index, tensor);
    if (status != MIEN_OK) {
        return status;
    }
    m->tensors_count++;
    if (want->values) {
        *want->values = (*tensor)->data;
    } else {
        *want->tensor = *tensor;
    }
    if (want->dtype == MIEN_F32 && mien_values_check(want->name, (*tensor)->data,
                                       mien_tensor_count(*tensor)) != MIEN_OK) {
        return mien_fail_in(MIEN_EVERIFY, "weights");
    }
    return MIEN_OK;
}

/* Loads the next tensor, which must be there with its type and shape; f16 counts as
 * f32. */
static mien_status load_next(mien_model *m, const mien_file_tensor *want) {
    int64_t index = mien_archive_find(m->archive, want->name);
    if (index < 0 && want->optional) {
        return MIEN_OK;
    }
    if (index < 0) {
        return mien_fail(
            MIEN_EVERIFY, "the weights are incomplete: no tensor %s", want->name);
    }
    const mien_tensor *info = mien_archive_info(m->archive, index);
    if (!fits(want, info)) {
        char text[96];
        return mien_fail(MIEN_EVERIFY,
            "tensor %s is %s %s, which its contract rules out", want->name,
            mien_dtype_name(info->dtype),
            mien_shape_text(info->rank, info->shape, text, sizeof text));
    }
    return load(m, want, index);
}

static mien_status load_list(mien_model *m, const mien_file_list *list) {
    int64_t weights =
        m->body.parameters ? mien_parameters_count(m->body.parameters) : 0;
    mien_status status = MIEN_OK;
    for (int64_t i = 0; status == MIEN_OK && i < list->count; i++) {
        status = load_next(m, &list->items[i]);
    }
    if (status == MIEN_OK &&
        mien_archive_count(m->archive) != weights + m->tensors_count) {
        status =
            mien_fail(MIEN_EVERIFY, "%lld tensors where the contract tells of %lld",
                (long long)mien_archive_count(m->archive),
                (long long)(weights + m->tensors_count));
    }
    return status;
}

/* The features of a vector of version 3 are one tensor, taken apart here. */
static mien_status unpack(mien_model *m, int64_t index) {
    const mien_architecture *a = &m->network.architecture;
    const float *at = m->packed[index];
    mien_status status = MIEN_OK;
    for (int i = 0; at && status == MIEN_OK && i < a->inputs_count; i++) {
        const int64_t shape[] = {
            mien_architecture_steps(a), a->inputs[i].shape.size[0]};
        mien_tensor **view = &m->tensors[m->tensors_count];
        status = mien_tensor_over(MIEN_F32, 2, shape, (void *)at, view);
        if (status == MIEN_OK) {
            m->golden[index].item[i] = *view;
            m->tensors_count++;
            at += shape[0] * shape[1];
        }
    }
    return status;
}

static mien_status load_tensors(mien_model *m) {
    mien_file_list list = {0};
    size_t golden = (size_t)m->golden_count;
    m->golden = mien_alloc(golden, sizeof *m->golden);
    m->packed = mien_alloc(golden, sizeof *m->packed);
    mien_status status = m->golden && m->packed ? MIEN_OK : MIEN_ENOMEM;
    if (status == MIEN_OK && mien_network_is_graph(&m->network)) {
        status = mien_network_load(&m->network, m->archive, &m->body);
    }
    if (status == MIEN_OK) {
        status = mien_file_list_make(
            &m->network, m->version, m->golden, m->packed, m->golden_count, &list);
    }
    if (status == MIEN_OK) {
        m->tensors = mien_alloc(
            (size_t)list.count + golden * MIEN_INPUTS_MAX, sizeof(mien_tensor *));
        status = m->tensors ? load_list(m, &list) : MIEN_ENOMEM;
    }
    for (int64_t g = 0; status == MIEN_OK && g < m->golden_count; g++) {
        status = unpack(m, g);
    }
    mien_file_list_clear(&list);
    return status;
}

/* ---- opening ----------------------------------------------------------------------
 */

/* Reads the preprocessing of the first picture out of the parts' settings. */
static mien_status describe(mien_model *m) {
    const mien_architecture *a = &m->network.architecture;
    const mien_branch_kind *kind = NULL;
    mien_options *options = NULL;
    int picture = mien_architecture_picture(a);
    mien_status status = MIEN_OK;
    m->pictures = picture >= 0;
    if (picture >= 0) {
        status = mien_input_preprocess(&a->inputs[picture], &m->preprocess);
    }
    for (int i = 0; status == MIEN_OK && !m->backbone[0] && i < a->inputs_count; i++) {
        const mien_part_choice *stage = &a->branches[i].stage[0];
        if (a->branches[i].stages == 0 || strcmp(stage->kind, "backbone") != 0) {
            continue;
        }
        status = mien_branch_kind_find(stage->kind, &kind);
        if (status == MIEN_OK) {
            status = mien_settings_read(
                stage->kind, kind->options, stage->settings, &options);
        }
        if (status == MIEN_OK) {
            snprintf(m->backbone, sizeof m->backbone, "%s",
                mien_options_text(options, "name"));
        }
        mien_options_free(&options);
    }
    return status;
}

static mien_status parse(mien_model *m) {
    mien_status status = mien_arena_new(4096, &m->arena);
    if (status == MIEN_OK) {
        status = mien_contract_parse(
            m->contract, m->arena, &m->network, &m->golden_count, &m->version);
    }
    return status == MIEN_OK ? describe(m) : status;
}

static mien_status read_contract(mien_model *m) {
    const char *text = mien_archive_metadata(m->archive, MIEN_CONTRACT_KEY);
    if (!text) {
        return mien_fail(MIEN_EVERIFY, "has no contract (\"" MIEN_CONTRACT_KEY
                                       "\" in its metadata), so how to use it rightly "
                                       "is not known: these are weights, not a model; "
                                       "weights of a model's backbone go after "
                                       "--weights");
    }
    mien_status status =
        mien_value_parse_json("contract", text, strlen(text), &m->contract);
    return status == MIEN_OK ? parse(m) : status;
}

static mien_status check(void *context) {
    const mien_model *m = context;
    return mien_checksum_check(m->path);
}

/* The file is hashed while it is read. Nothing that was read is used before the hash is
 * right, and what is wrong with a changed file is that it was changed. */
static mien_status read_beside_check(mien_model *m) {
    mien_thread *thread = NULL;
    mien_status checked = mien_thread_new(check, m, &thread);
    if (checked != MIEN_OK) {
        return checked;
    }
    mien_status status = read_contract(m);
    if (status == MIEN_OK) {
        status = load_tensors(m);
    }
    checked = mien_thread_join(&thread);
    return checked != MIEN_OK  ? checked
           : status != MIEN_OK ? mien_fail_in(status, "%s", m->path)
                               : MIEN_OK;
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
    return read_beside_check(m);
}

mien_status mien_model_open(const char *name, mien_model **model) {
    MIEN_NEED(name);
    MIEN_NEED(model);
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

/* What stands in tensors, not in the contract. */
static void lend_values(const mien_network *from, mien_network *to) {
    for (int i = 0; i < from->architecture.inputs_count; i++) {
        to->standard[i] = from->standard[i];
    }
    to->readout.bias = from->readout.bias;
    for (int i = 0; i < from->readout.blocks_count; i++) {
        const mien_readout_block *b = &from->readout.blocks[i];
        mien_readout_block *own = &to->readout.blocks[i];
        own->mean = b->mean;
        own->scale = b->scale;
        own->vectors = b->vectors;
        own->coefficient = b->coefficient;
    }
}

mien_status mien_model_adopt(const char *path, const mien_network *network,
    mien_network_body *body, mien_model **model) {
    mien_model *m = mien_alloc(1, sizeof *m);
    if (!m) {
        return MIEN_ENOMEM;
    }
    m->path = mien_strdup(path);
    mien_status status =
        m->path ? mien_contract_make(network, 0, &m->contract) : MIEN_ENOMEM;
    if (status == MIEN_OK) {
        status = parse(m); /* texts are lent from the contract, as when it is read */
    }
    if (status == MIEN_OK) {
        lend_values(network, &m->network);
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
    for (int64_t i = m->tensors_count; i > 0; i--) {
        mien_tensor_free(&m->tensors[i - 1]); /* views before what they view */
    }
    mien_free(m->tensors);
    mien_free(m->golden);
    mien_free(m->packed);
    mien_network_clear(&m->body);
    mien_arena_free(&m->arena);
    mien_value_free(&m->contract);
    mien_archive_close(&m->archive);
    mien_free(m->path);
    mien_free(m);
    *model = NULL;
}

/* ---- asking -----------------------------------------------------------------------
 */

const mien_network *mien_model_network(const mien_model *model) {
    MIEN_NEED_OR(NULL, model);
    return &model->network;
}

const mien_network_body *mien_model_body(const mien_model *model) {
    return &model->body;
}

const char *mien_model_backbone(const mien_model *model) {
    MIEN_NEED_OR(NULL, model);
    return model->backbone;
}

const mien_preprocess *mien_model_preprocess(const mien_model *model) {
    MIEN_NEED_OR(NULL, model);
    return model->pictures ? &model->preprocess : NULL;
}

int mien_model_targets_count(const mien_model *model) {
    MIEN_NEED_OR(0, model);
    return model->network.targets_count;
}

const mien_target *mien_model_targets(const mien_model *model) {
    MIEN_NEED_OR(NULL, model);
    return model->network.targets;
}

const char *mien_model_citation(const mien_model *model) {
    MIEN_NEED_OR(NULL, model);
    return model->network.citation;
}

int64_t mien_model_width(const mien_model *model) {
    MIEN_NEED_OR(0, model);
    return mien_targets_width(model->network.targets, model->network.targets_count);
}

const mien_value *mien_model_contract(const mien_model *model) {
    MIEN_NEED_OR(NULL, model);
    return model->contract;
}

const char *mien_model_path(const mien_model *model) {
    MIEN_NEED_OR(NULL, model);
    return model->path;
}

int64_t mien_model_golden_count(const mien_model *model) {
    MIEN_NEED_OR(0, model);
    return model->golden_count;
}

mien_status mien_model_golden(
    const mien_model *model, int64_t index, mien_golden_input *golden) {
    MIEN_NEED(model, golden);
    if (index < 0 || index >= model->golden_count) {
        return mien_fail(MIEN_EINVAL, "golden vector %lld of %lld", (long long)index,
            (long long)model->golden_count);
    }
    *golden = model->golden[index];
    return MIEN_OK;
}
