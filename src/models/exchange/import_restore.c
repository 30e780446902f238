/* SPDX-License-Identifier: MIT */
/* What is imported as a model, written with golden vectors; and files that mien itself
 * exported made the models that they were. In comes a model in memory, or an ONNX file
 * with a contract in its metadata; out goes a .safetensors file. Called by
 * import_model.c. */
#include <string.h>

#include "io/onnx.h"
#include "models/contract/contract.h"
#include "models/contract/file.h"
#include "models/exchange/export.h"
#include "models/exchange/import.h"

#define GOLDEN 3

/* ---- golden vectors ----------------------------------------------------------------
 */

typedef struct vectors {
    const mien_network *n;
    mien_runner *runner;
    mien_reader *reader[MIEN_INPUTS_MAX]; /* NULL: rows as they are measured */
    void *kept[MIEN_INPUTS_MAX];
    float *values[MIEN_INPUTS_MAX]; /* [T, item] */
    mien_tensor *items[GOLDEN][MIEN_INPUTS_MAX];
    mien_golden_input golden[GOLDEN];
    float *outputs, *mask;
    int64_t steps, width;
} vectors;

static void vectors_clear(vectors *v) {
    for (int i = 0; i < MIEN_INPUTS_MAX; i++) {
        mien_reader_close(&v->reader[i]);
        mien_free(v->kept[i]);
        mien_free(v->values[i]);
        for (int g = 0; g < GOLDEN; g++) {
            mien_tensor_free(&v->items[g][i]);
        }
    }
    mien_runner_free(&v->runner);
    mien_free(v->outputs);
    mien_free(v->mask);
}

/* Blocks of noise of 8 × 8, so that resizing leaves something of them. */
static mien_status draw_picture(int g, int input, mien_tensor **picture) {
    mien_stream s;
    int64_t shape[3] = {96 + 16 * g, 112, 3};
    uint8_t blocks[20][20][3];
    mien_stream_init(&s, 7, (uint64_t)g, (uint64_t)input);
    for (int i = 0; i < 20 * 20 * 3; i++) {
        blocks[i / 60][i / 3 % 20][i % 3] = (uint8_t)(mien_stream_uniform(&s) * 256);
    }
    mien_status status = mien_tensor_new(MIEN_U8, 3, shape, picture);
    for (int64_t i = 0; status == MIEN_OK && i < shape[0] * shape[1] * 3; i++) {
        int64_t y = i / 3 / shape[1], x = i / 3 % shape[1];
        ((uint8_t *)(*picture)->data)[i] = blocks[y / 8][x / 8][i % 3];
    }
    return status;
}

/* Rows around the mean that training had, or of 0 to 1. */
static mien_status draw_rows(vectors *v, int g, int i) {
    const mien_input *input = &v->n->architecture.inputs[i];
    const mien_standard *s = input->standardise ? &v->n->standard[i] : NULL;
    int64_t each = mien_item_values(&input->shape), count = v->steps * each;
    const int64_t shape[2] = {v->steps, each};
    mien_stream stream;
    mien_stream_init(&stream, 7, (uint64_t)g, (uint64_t)i);
    mien_status status = mien_tensor_new(MIEN_F32, 2, shape, &v->items[g][i]);
    for (int64_t k = 0; status == MIEN_OK && k < count; k++) {
        double u = mien_stream_uniform(&stream);
        if (s && s->mean) {
            int64_t at = k % s->width;
            float scale = s->scale[at];
            u = (double)s->mean[at] + (scale > 0 ? (2 * u - 1) / (double)scale : 0);
        }
        ((float *)v->items[g][i]->data)[k] = v->values[i][k] = (float)u;
    }
    return status;
}

/* An item that its kind makes up, kept as the values that the network reads. */
static mien_status draw_kind(vectors *v, int g, int i) {
    int64_t each = mien_item_values(&v->n->architecture.inputs[i].shape);
    const int64_t shape[2] = {v->steps, each};
    mien_status status =
        mien_reader_make(v->reader[i], v->kept[i], NULL, v->values[i], NULL);
    if (status == MIEN_OK) {
        status = mien_tensor_new(MIEN_F32, 2, shape, &v->items[g][i]);
    }
    for (int64_t t = 1; status == MIEN_OK && t < v->steps; t++) {
        memcpy(v->values[i] + t * each, v->values[i], (size_t)each * sizeof(float));
    }
    if (status == MIEN_OK) {
        memcpy(v->items[g][i]->data, v->values[i],
            (size_t)(v->steps * each) * sizeof(float));
    }
    return status;
}

static mien_status draw_item(vectors *v, int g, int i) {
    if (!mien_input_is_picture(&v->n->architecture.inputs[i])) {
        return v->reader[i] && mien_reader_golden(v->reader[i], g, v->kept[i])
                   ? draw_kind(v, g, i)
                   : draw_rows(v, g, i);
    }
    mien_status status = draw_picture(g, i, &v->items[g][i]);
    if (status == MIEN_OK) {
        status = mien_reader_load_image(v->reader[i], v->items[g][i], v->kept[i]);
    }
    return status == MIEN_OK
               ? mien_reader_make(v->reader[i], v->kept[i], NULL, v->values[i], NULL)
               : status;
}

static mien_status open_input(vectors *v, int i) {
    const mien_input *input = &v->n->architecture.inputs[i];
    const mien_input_kind *kind = NULL;
    size_t count = (size_t)(v->steps * mien_item_values(&input->shape));
    v->values[i] = mien_alloc(count, sizeof(float));
    mien_status status =
        v->values[i] ? mien_input_kind_find(input->kind, &kind) : MIEN_ENOMEM;
    if (status == MIEN_OK && (mien_input_is_picture(input) || kind->golden)) {
        status = mien_reader_open(input, NULL, &v->reader[i]);
        v->kept[i] =
            status == MIEN_OK ? mien_alloc(mien_reader_bytes(v->reader[i]), 1) : NULL;
        status = status == MIEN_OK && !v->kept[i] ? MIEN_ENOMEM : status;
    }
    return status;
}

static mien_status vectors_open(const mien_model *model, vectors *v) {
    mien_runner_options o = mien_runner_options_default();
    v->n = mien_model_network(model);
    v->steps = mien_architecture_steps(&v->n->architecture);
    v->width = mien_model_width(model);
    int inputs = v->n->architecture.inputs_count;
    int64_t masks = v->steps * inputs;
    o.threads = 1;
    v->outputs = mien_alloc((size_t)(GOLDEN * v->width), sizeof *v->outputs);
    v->mask = mien_alloc((size_t)masks, sizeof *v->mask);
    mien_status status =
        v->outputs && v->mask ? mien_runner_new(model, &o, &v->runner) : MIEN_ENOMEM;
    for (int64_t k = 0; v->mask && k < masks; k++) {
        v->mask[k] = 1;
    }
    for (int i = 0; status == MIEN_OK && i < inputs; i++) {
        status = open_input(v, i);
    }
    return status;
}

static mien_status fill_vector(vectors *v, int g) {
    const mien_architecture *a = &v->n->architecture;
    mien_golden_input *golden = &v->golden[g];
    mien_status status = MIEN_OK;
    golden->output = v->outputs + g * v->width;
    golden->mask = mien_architecture_masked(a) ? v->mask : NULL;
    for (int i = 0; status == MIEN_OK && i < a->inputs_count; i++) {
        status = draw_item(v, g, i);
        golden->item[i] = v->items[g][i];
    }
    return status == MIEN_OK
               ? mien_runner_run_arrays(v->runner, (const float *const *)v->values,
                     golden->mask, 1, v->outputs + g * v->width, NULL)
               : status;
}

mien_status mien_import_save(const mien_model *model, const char *output) {
    vectors *v = mien_alloc(1, sizeof *v);
    if (!v) {
        return MIEN_ENOMEM;
    }
    mien_status status = vectors_open(model, v);
    for (int g = 0; status == MIEN_OK && g < GOLDEN; g++) {
        status = fill_vector(v, g);
    }
    if (status == MIEN_OK) {
        status = mien_network_save(output, mien_model_network(model),
            mien_model_body(model)->parameters, v->golden, GOLDEN);
    }
    vectors_clear(v);
    mien_free(v);
    return status;
}

/* ---- what mien itself exported -----------------------------------------------------
 */

typedef struct restoring {
    const mien_onnx *onnx;
    mien_network n;
    mien_arena *arena;
    int next; /* initialisers stand in the order in which they are asked for */
} restoring;

static const char *exported(const mien_onnx *m) {
    for (int i = 0; i < m->metadata_count; i++) {
        if (strcmp(m->metadata[2 * i], MIEN_EXPORT_KEY) == 0) {
            return m->metadata[2 * i + 1];
        }
    }
    return NULL;
}

/* The float values of an initialiser; NULL: there is none of so many. */
static const float *find_values(restoring *r, const char *name, int64_t count) {
    const mien_onnx *m = r->onnx;
    for (int k = 0; k < m->initializers_count; k++) {
        int at = (r->next + k) % m->initializers_count;
        const mien_tensor *t = m->initializers[at].tensor;
        if (strcmp(m->initializers[at].name, name) == 0) {
            r->next = at + 1;
            return t->dtype == MIEN_F32 && mien_tensor_count(t) == count ? t->data
                                                                         : NULL;
        }
    }
    return NULL;
}

static mien_status fill_parameters(restoring *r, mien_parameters *parameters) {
    mien_status status = MIEN_OK;
    for (int64_t i = 0; status == MIEN_OK && i < mien_parameters_count(parameters);
         i++) {
        const char *name = mien_parameters_name(parameters, i);
        mien_tensor *to = mien_parameters_at(parameters, i);
        const float *from = find_values(r, name, mien_tensor_count(to));
        if (!from) {
            return mien_fail(
                MIEN_EFORMAT, "weights %s are missing, or of another shape", name);
        }
        memcpy(to->data, from, mien_tensor_bytes(to));
        status = mien_values_check(name, to->data, mien_tensor_count(to));
    }
    return status;
}

/* A read-out's sums and inputs' means, lent from the file. */
static mien_status fill_values(restoring *r) {
    mien_file_list list = {0};
    mien_status status =
        mien_file_list_make(&r->n, MIEN_CONTRACT_VERSION, NULL, NULL, 0, &list);
    for (int64_t i = 0; status == MIEN_OK && i < list.count; i++) {
        const mien_file_tensor *t = &list.items[i];
        int64_t count = mien_shape_count(t->rank, t->shape);
        *t->values = find_values(r, t->name, count);
        if (*t->values) {
            status = mien_values_check(t->name, *t->values, count);
        } else if (!t->optional) {
            status = mien_fail(
                MIEN_EFORMAT, "values %s are missing, or of another shape", t->name);
        }
    }
    mien_file_list_clear(&list);
    return status;
}

static mien_status fill_body(restoring *r, mien_network_body *body) {
    mien_status status = mien_network_build(&r->n, body);
    if (status == MIEN_OK) {
        status = mien_parameters_new(body->graph, &body->parameters);
    }
    return status == MIEN_OK ? fill_parameters(r, body->parameters) : status;
}

static mien_status restore(
    restoring *r, const char *text, const char *path, const char *output) {
    mien_value *contract = NULL;
    mien_network_body body = {0};
    mien_model *model = NULL;
    int64_t golden = 0;
    int version = 0;
    mien_status status =
        mien_value_parse_json("contract", text, strlen(text), &contract);
    if (status == MIEN_OK) {
        status = mien_arena_new(4096, &r->arena);
    }
    if (status == MIEN_OK) {
        status = mien_contract_parse(contract, r->arena, &r->n, &golden, &version);
    }
    if (status == MIEN_OK && mien_network_is_graph(&r->n)) {
        status = fill_body(r, &body);
    }
    if (status == MIEN_OK) {
        status = fill_values(r);
    }
    if (status == MIEN_OK) {
        status = mien_model_adopt(path, &r->n, &body, &model);
    }
    if (status == MIEN_OK) {
        status = mien_import_save(model, output);
    }
    mien_model_close(&model);
    mien_network_clear(&body);
    mien_arena_free(&r->arena);
    mien_value_free(&contract);
    return status;
}

mien_status mien_import_restore(const char *path, const char *output, bool *done) {
    mien_onnx *onnx = NULL;
    *done = false;
    if (strcmp(mien_path_extension(path), "onnx") != 0) {
        return MIEN_OK;
    }
    mien_status status = mien_onnx_read(path, &onnx);
    const char *text = status == MIEN_OK ? exported(onnx) : NULL;
    restoring *r = text ? mien_alloc(1, sizeof *r) : NULL;
    if (text) {
        *done = true;
        if (r) {
            r->onnx = onnx;
        }
        status = r ? restore(r, text, path, output) : MIEN_ENOMEM;
        if (status != MIEN_OK && status != MIEN_ENOMEM) {
            mien_fail_in(status, "%s", path);
        }
    }
    mien_free(r);
    mien_onnx_free(&onnx);
    return status;
}
