/* SPDX-License-Identifier: MIT */
/* Paints pictures, makes up series and picks rows as a model's test vectors, and runs
 * the saved model on them: outputs must come from the stored file, rounded as it is. */
#include "train/golden.h"

#include <math.h>
#include <string.h>

#include "models/parts/head_readout.h"
#include "models/runner.h"

enum { HEIGHT = 96, WIDTH = 128 };

/* A picture by formula: waves of a different period and colour for each index. */
static void paint(uint8_t *pixels, int64_t index) {
    for (int y = 0; y < HEIGHT; y++) {
        for (int x = 0; x < WIDTH; x++) {
            uint8_t *p = pixels + 3 * (y * WIDTH + x);
            int wave = (int)((x * (index + 1) + y * (2 * index + 1)) % 256);
            p[0] = (uint8_t)(wave < 128 ? 2 * wave : 511 - 2 * wave);
            p[1] = (uint8_t)((x / (8 + 4 * index) + y / 8) % 2 ? 220 : 40);
            p[2] = (uint8_t)((7 * x * (index + 2) ^ 5 * y) & 255);
        }
    }
}

/* The state of one call. */
typedef struct making {
    mien_golden *golden;
    const mien_dataset *dataset;
    const mien_architecture *architecture;
    mien_runner *runner;
    mien_reader *reader[MIEN_INPUTS_MAX]; /* of what is made up; else NULL */
    void *kept[MIEN_INPUTS_MAX];
    float *values[MIEN_INPUTS_MAX]; /* as the runner takes them: [T, item] */
    int64_t segments, width;
    mien_golden_shared *shared; /* NULL: nothing is kept */
    const mien_network *network;
    float *room; /* [features] of a read-out */
} making;

static void making_clear(making *m) {
    for (int i = 0; i < MIEN_INPUTS_MAX; i++) {
        mien_reader_close(&m->reader[i]);
        mien_free(m->kept[i]);
        mien_free(m->values[i]);
    }
    mien_runner_free(&m->runner);
    mien_free(m->room);
}

static mien_status open_input(making *m, int i) {
    const mien_input *input = &m->architecture->inputs[i];
    size_t values = (size_t)(m->segments * mien_item_values(&input->shape));
    mien_status status = MIEN_OK;
    m->values[i] = mien_alloc(values, sizeof(float));
    const mien_input_kind *kind = NULL;
    bool painted = mien_input_is_picture(input);
    status = mien_input_kind_find(input->kind, &kind);
    if (status == MIEN_OK && (painted || kind->golden)) {
        status = mien_reader_open(input, NULL, &m->reader[i]);
        m->kept[i] =
            status == MIEN_OK ? mien_alloc(mien_reader_bytes(m->reader[i]), 1) : NULL;
        status = status == MIEN_OK && !m->kept[i] ? MIEN_ENOMEM : status;
    } else if (status == MIEN_OK && !m->dataset) {
        return mien_fail(MIEN_EINVAL, "there are no rows of %s to pick", input->name);
    }
    return status == MIEN_OK && !m->values[i] ? MIEN_ENOMEM : status;
}

static mien_status make_picture(making *m, int64_t index, int i) {
    const int64_t shape[3] = {HEIGHT, WIDTH, 3};
    mien_tensor **item = &m->golden->item[index][i];
    mien_status status = mien_tensor_new(MIEN_U8, 3, shape, item);
    if (status == MIEN_OK) {
        paint((*item)->data, index);
        status = mien_reader_load_image(m->reader[i], *item, m->kept[i]);
    }
    return status == MIEN_OK
               ? mien_reader_make(m->reader[i], m->kept[i], NULL, m->values[i], NULL)
               : status;
}

/* Rows as they are measured, or an item that its kind makes up. */
static mien_status keep_rows(making *m, int64_t index, int i) {
    int64_t width = mien_item_values(&m->architecture->inputs[i].shape);
    if (m->reader[i] && mien_reader_golden(m->reader[i], index, m->kept[i])) {
        mien_status made =
            mien_reader_make(m->reader[i], m->kept[i], NULL, m->values[i], NULL);
        if (made != MIEN_OK) {
            return made;
        }
    }
    const int64_t shape[2] = {m->segments, width};
    mien_tensor **item = &m->golden->item[index][i];
    mien_status status = mien_tensor_new(MIEN_F32, 2, shape, item);
    if (status == MIEN_OK) {
        memcpy(
            (*item)->data, m->values[i], (size_t)(m->segments * width) * sizeof(float));
    }
    return status;
}

/* Whether a row has no single value that is missing: a file's tensors are finite. */
static bool is_whole(const mien_dataset *c, int64_t row) {
    for (int i = 0; i < c->inputs; i++) {
        const mien_dataset_input *in = &c->input[i];
        int64_t item = in->item[row];
        for (int64_t k = 0; in->values && item >= 0 && k < in->width; k++) {
            if (!isfinite(in->values[item * in->width + k])) {
                return false;
            }
        }
    }
    return true;
}

/* The first row without a gap from `row` on, around the end; `row` where none is. */
static int64_t whole_row(const mien_dataset *c, int64_t row) {
    for (int64_t i = 0; i < c->rows; i++) {
        if (is_whole(c, (row + i) % c->rows)) {
            return (row + i) % c->rows;
        }
    }
    return row;
}

/* Items and mask of one row of the dataset. */
static void pick_row(making *m, int64_t index, float *mask) {
    mien_columns measured = {.dataset = m->dataset};
    mien_column_parts parts[MIEN_INPUTS_MAX];
    int64_t row = whole_row(m->dataset, index * m->dataset->rows / m->golden->count);
    for (int i = 0; i < m->dataset->inputs; i++) {
        const mien_dataset_input *in = &m->dataset->input[i];
        measured.table[i] = (mien_item_table){.width = in->width, .values = in->values};
        parts[i] =
            (mien_column_parts){.count = 1, .to = {m->values[i]}, .width = {in->width}};
    }
    mien_columns_fill(&measured, &row, 1, -1, parts, mask);
}

static mien_status make_row(making *m, int64_t index) {
    mien_golden *g = m->golden;
    int inputs = m->architecture->inputs_count;
    float *mask = g->masks + index * m->segments * inputs;
    bool masked = mien_architecture_masked(m->architecture);
    mien_golden_input *input = &g->input[index];
    mien_status status = MIEN_OK;
    for (int64_t k = 0; k < m->segments * inputs; k++) {
        mask[k] = 1;
    }
    if (m->dataset) {
        pick_row(m, index, mask);
    }
    *input = (mien_golden_input){
        .mask = masked ? mask : NULL, .output = g->outputs + index * m->width};
    for (int i = 0; status == MIEN_OK && i < inputs; i++) {
        bool painted = mien_input_is_picture(&m->architecture->inputs[i]);
        status = painted ? make_picture(m, index, i) : keep_rows(m, index, i);
        input->item[i] = g->item[index][i];
        if (m->reader[i]) {
            mask[i] = 1; /* what is made up is always there */
        }
    }
    return status == MIEN_OK
               ? mien_runner_run_arrays(m->runner, (const float *const *)m->values,
                     input->mask, 1, g->outputs + index * m->width, NULL)
               : status;
}

static mien_status prepare(
    making *m, const mien_model *model, const mien_runner_options *options) {
    mien_golden *g = m->golden;
    m->architecture = &mien_model_network(model)->architecture;
    m->segments = mien_architecture_steps(m->architecture);
    m->width = mien_model_width(model);
    int inputs = m->architecture->inputs_count;
    g->masks = mien_alloc((size_t)(g->count * m->segments * inputs), sizeof *g->masks);
    g->outputs = mien_alloc((size_t)(g->count * m->width), sizeof *g->outputs);
    mien_status status = g->masks && g->outputs
                             ? mien_runner_new(model, options, &m->runner)
                             : MIEN_ENOMEM;
    for (int i = 0; status == MIEN_OK && i < inputs; i++) {
        status = open_input(m, i);
    }
    return status;
}

/* ---- features that read-outs share ------------------------------------------------
 */

void mien_golden_shared_clear(mien_golden_shared *shared) {
    mien_free(shared->features);
    *shared = (mien_golden_shared){.count = 0};
}

/* What the features of the painted pictures hang on. */
static mien_status key_of(const making *m, char key[65]) {
    const mien_architecture *a = m->architecture;
    mien_string text;
    mien_string_init(&text);
    mien_string_addf(&text, "%lld %s %s %s %s", (long long)m->golden->count,
        a->branches[0].stage[0].settings, a->branches[0].weights_sha256,
        a->inputs[0].kind, a->inputs[0].settings);
    mien_status status = mien_string_status(&text);
    status = status ? status : mien_sha256_bytes(text.text, text.length, key);
    mien_string_clear(&text);
    return status;
}

/* Outputs of a read-out from features that are there. */
static mien_status read_shared(making *m) {
    mien_golden *g = m->golden;
    const mien_golden_shared *s = m->shared;
    const int64_t shape[3] = {HEIGHT, WIDTH, 3};
    m->room = mien_alloc((size_t)s->width, sizeof *m->room);
    g->outputs = mien_alloc((size_t)(g->count * m->width), sizeof *g->outputs);
    mien_status status = m->room && g->outputs ? MIEN_OK : MIEN_ENOMEM;
    for (int64_t i = 0; status == MIEN_OK && i < g->count; i++) {
        status = mien_tensor_new(MIEN_U8, 3, shape, &g->item[i][0]);
        if (status == MIEN_OK) {
            paint(g->item[i][0]->data, i);
            mien_readout_run(&m->network->readout, m->network->targets_count,
                s->features + i * s->width, m->room, g->outputs + i * m->width);
            g->input[i] = (mien_golden_input){
                .item = {g->item[i][0]}, .output = g->outputs + i * m->width};
        }
    }
    return status;
}

/* Keeps the features of the row that has just been run. */
static mien_status keep_shared(making *m, int64_t index) {
    mien_golden_shared *s = m->shared;
    if (index == 0) {
        mien_free(s->features);
        s->count = m->golden->count;
        s->width = m->network->readout.features;
        s->features = mien_alloc((size_t)(s->count * s->width), sizeof *s->features);
    }
    if (!s->features) {
        return MIEN_ENOMEM;
    }
    memcpy(s->features + index * s->width, m->runner->features,
        (size_t)s->width * sizeof *s->features);
    return MIEN_OK;
}

/* ---- all --------------------------------------------------------------------------
 */

static mien_status make_rows(making *m) {
    bool keeps = m->shared && !m->runner->graph;
    mien_status status = MIEN_OK;
    for (int64_t i = 0; status == MIEN_OK && i < m->golden->count; i++) {
        status = make_row(m, i);
        status = status == MIEN_OK && keeps ? keep_shared(m, i) : status;
    }
    return status;
}

mien_status mien_golden_make(mien_golden *golden, int64_t count, const char *path,
    const mien_dataset *dataset, const char *weights, bool exact, int threads,
    mien_golden_shared *shared) {
    char key[65] = "";
    mien_model *model = NULL;
    mien_runner_options o = mien_runner_options_default();
    making m = {.golden = golden, .dataset = dataset, .shared = shared};
    o.weights = weights;
    o.threads = threads;
    o.exact = exact;
    *golden = (mien_golden){.count = count};
    mien_status status = mien_model_open(path, &model);
    bool readout = status == MIEN_OK && shared &&
                   !mien_network_is_graph(mien_model_network(model));
    if (status == MIEN_OK) {
        m.network = mien_model_network(model);
        m.architecture = &m.network->architecture;
        m.width = mien_model_width(model);
    }
    if (readout) {
        status = key_of(&m, key);
    }
    if (status == MIEN_OK && readout && shared->features &&
        strcmp(key, shared->key) == 0) {
        status = read_shared(&m);
    } else if (status == MIEN_OK) {
        status = prepare(&m, model, &o);
        status = status ? status : make_rows(&m);
        if (readout && status == MIEN_OK) {
            memcpy(shared->key, key, sizeof key);
        } else if (readout) {
            mien_golden_shared_clear(shared);
        }
    }
    making_clear(&m);
    mien_model_close(&model);
    return status;
}

void mien_golden_clear(mien_golden *golden) {
    for (int64_t i = 0; i < golden->count; i++) {
        for (int m = 0; m < MIEN_INPUTS_MAX; m++) {
            mien_tensor_free(&golden->item[i][m]);
        }
    }
    mien_free(golden->masks);
    mien_free(golden->outputs);
    *golden = (mien_golden){0};
}
