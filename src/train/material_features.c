/* SPDX-License-Identifier: MIT */
/* Features of every different picture, once, and the candidates made of them. */
#include "train/material.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CHUNK = 32, LAYER_MAX = 64 };

/* Number of the layer in material->blocks, added if it is new. */
static mien_status block_of(mien_material *m, const char *layer, int *block) {
    for (int b = 0; b < m->blocks.count; b++) {
        if (strcmp(m->blocks.name[b], layer) == 0) {
            *block = b;
            return MIEN_OK;
        }
    }
    size_t used = strlen(m->layers);
    if (m->blocks.count == MIEN_BLOCKS_MAX ||
        used + strlen(layer) + 2 > sizeof m->layers) {
        return mien_fail(MIEN_ELIMIT, "readout.layers: more than %d different layers",
            (int)MIEN_BLOCKS_MAX);
    }
    char *name = mien_strdup(layer);
    if (!name) {
        return MIEN_ENOMEM;
    }
    *block = m->blocks.count;
    m->blocks.name[m->blocks.count++] = name;
    snprintf(m->layers + used, sizeof m->layers - used, "%s%s", used ? "," : "", layer);
    return MIEN_OK;
}

/* Cuts "pool, classifier.1" and notes its blocks. */
static mien_status parse_layers(mien_material *m, const char *text, mien_candidate *c) {
    mien_status status = MIEN_OK;
    while (status == MIEN_OK && *text) {
        size_t length = strcspn(text, ",");
        const char *next = text[length] ? text + length + 1 : text + length;
        while (length && isspace((unsigned char)*text)) {
            text++;
            length--;
        }
        while (length && isspace((unsigned char)text[length - 1])) {
            length--;
        }
        char layer[LAYER_MAX];
        if (length == 0 || length >= sizeof layer || c->count == MIEN_BLOCKS_MAX) {
            return mien_fail(MIEN_EFORMAT, "readout.layers: a layer with no name, too "
                                           "long a name, or too many layers");
        }
        snprintf(layer, sizeof layer, "%.*s", (int)length, text);
        status = block_of(m, layer, &c->blocks[c->count++]);
        text = next;
    }
    return status;
}

static mien_status make_candidates(mien_material *m, const mien_study *study) {
    int most = study->layers_count * study->gammas_count;
    m->candidates = mien_alloc((size_t)most, sizeof *m->candidates);
    m->candidate_name = mien_alloc((size_t)most, sizeof *m->candidate_name);
    if (!m->candidates || !m->candidate_name) {
        return MIEN_ENOMEM;
    }
    for (int l = 0; l < study->layers_count; l++) {
        for (int g = 0; g < study->gammas_count; g++) {
            mien_candidate *c = &m->candidates[m->candidates_count];
            c->gamma = study->gammas[g];
            mien_status status = parse_layers(m, study->layers[l], c);
            if (status != MIEN_OK) {
                return mien_fail_in(status, "%s", study->path);
            }
            snprintf(m->candidate_name[m->candidates_count],
                sizeof m->candidate_name[0], "%s; gamma %g", study->layers[l],
                study->gammas[g]);
            m->candidates_count++;
        }
    }
    return MIEN_OK;
}

/* One different picture: its first row, and where its features go. */
typedef struct stimulus {
    const char *path;
    int64_t index; /* among the material's rows */
} stimulus;

static int by_path(const void *a, const void *b) {
    const stimulus *x = a, *y = b;
    int order = strcmp(x->path, y->path);
    return order ? order : (x->index > y->index) - (x->index < y->index);
}

static int by_index(const void *a, const void *b) {
    const stimulus *x = a, *y = b;
    return (x->index > y->index) - (x->index < y->index);
}

typedef struct extraction {
    mien_material *m;
    const mien_study *study;
    mien_extractor *extractor;
    mien_pool *pool;
    float *images, *features;
    int64_t *rows;
    int64_t values;
} extraction;

/* Copies one picture's features to the blocks of a row. */
static void scatter(const extraction *x, const float *features, int64_t row) {
    for (int b = 0; b < x->m->blocks.count; b++) {
        int64_t width = x->m->blocks.width[b];
        memcpy((float *)x->m->blocks.values[b] + row * width, features,
            (size_t)width * sizeof(float));
        features += width;
    }
}

static mien_status run_chunk(extraction *x, const stimulus *stimuli, int64_t n) {
    for (int64_t i = 0; i < n; i++) {
        x->rows[i] = x->m->row[stimuli[i].index];
    }
    mien_status status = mien_trials_load_images(
        x->m->trials, x->rows, n, &x->study->preprocess, x->pool, NULL, x->images);
    if (status == MIEN_OK) {
        status = mien_extractor_run(x->extractor, x->images, n, x->features);
    }
    int64_t width = mien_extractor_width(x->extractor);
    for (int64_t i = 0; status == MIEN_OK && i < n; i++) {
        for (int64_t f = 0; f < width; f++) {
            if (!isfinite(x->features[i * width + f])) {
                return mien_fail(
                    MIEN_EFORMAT, "%s: its features are not finite", stimuli[i].path);
            }
        }
        scatter(x, x->features + i * width, stimuli[i].index);
    }
    return status;
}

/* Rows that show a picture seen before take its features. */
static void share(mien_material *m, int64_t from, int64_t to) {
    for (int b = 0; b < m->blocks.count; b++) {
        int64_t width = m->blocks.width[b];
        float *values = (float *)m->blocks.values[b];
        memcpy(
            values + to * width, values + from * width, (size_t)width * sizeof(float));
    }
}

static mien_status list_stimuli(const mien_material *m, stimulus *all) {
    for (int64_t i = 0; i < m->rows; i++) {
        const char *path = mien_trials_cell(m->trials, m->row[i], "image");
        if (!path) {
            return mien_fail(MIEN_EFORMAT, "trial %s names no image",
                mien_trials_id(m->trials, m->row[i]));
        }
        all[i] = (stimulus){path, i};
    }
    qsort(all, (size_t)m->rows, sizeof *all, by_path);
    return MIEN_OK;
}

static mien_status extract_all(
    extraction *x, const mien_train_options *options, stimulus *all, stimulus *first) {
    mien_material *m = x->m;
    mien_status status = list_stimuli(m, all);
    if (status != MIEN_OK) {
        return status;
    }
    m->stimuli = 0;
    for (int64_t i = 0; i < m->rows; i++) {
        if (i == 0 || strcmp(all[i].path, all[i - 1].path) != 0) {
            first[m->stimuli++] = all[i];
        }
    }
    qsort(first, (size_t)m->stimuli, sizeof *first, by_index);
    for (int64_t i = 0; status == MIEN_OK && i < m->stimuli; i += CHUNK) {
        int64_t n = m->stimuli - i < CHUNK ? m->stimuli - i : CHUNK;
        status = run_chunk(x, first + i, n);
        if (options->progress) {
            options->progress(options->context, "features", i + n, m->stimuli);
        }
        if (status == MIEN_OK && mien_interrupted()) {
            status = mien_fail(MIEN_EINTERRUPTED, "interrupted");
        }
    }
    int64_t source = 0;
    for (int64_t i = 0; status == MIEN_OK && i < m->rows; i++) {
        if (i > 0 && strcmp(all[i].path, all[i - 1].path) == 0) {
            share(m, source, all[i].index);
        } else {
            source = all[i].index;
        }
    }
    return status;
}

static mien_status open_extractor(extraction *x, const mien_train_options *options) {
    const mien_study *study = x->study;
    mien_extractor_options e = mien_extractor_options_default();
    e.backbone = study->backbone;
    e.weights = options->weights;
    e.layers = x->m->layers;
    e.height = study->preprocess.crop_height;
    e.width = study->preprocess.crop_width;
    /* one picture a thread: more are cut by timing, which may change the last bits */
    e.batch = options->threads;
    e.threads = options->threads;
    e.exact = options->exact;
    e.mirror = mien_options_flag(study->options, "backbone.mirror");
    mien_status status = mien_extractor_open(&e, &x->extractor);
    if (status != MIEN_OK) {
        return status;
    }
    mien_material *m = x->m;
    if (mien_extractor_hash(x->extractor)[0] == 0) {
        return mien_fail(MIEN_EINVAL,
            "random weights have no hash that a model could name: save them to a file");
    }
    snprintf(m->backbone_hash, sizeof m->backbone_hash, "%s",
        mien_extractor_hash(x->extractor));
    m->blocks.rows = m->rows;
    for (int b = 0; b < m->blocks.count; b++) {
        m->blocks.width[b] = mien_extractor_part_width(x->extractor, b);
        m->blocks.values[b] =
            mien_alloc((size_t)(m->rows * m->blocks.width[b]), sizeof(float));
        if (!m->blocks.values[b]) {
            return MIEN_ENOMEM;
        }
    }
    return MIEN_OK;
}

mien_status mien_material_extract(mien_material *material, const mien_study *study,
    const mien_train_options *options, mien_pool *pool) {
    const mien_preprocess *p = &study->preprocess;
    extraction x = {.m = material,
        .study = study,
        .pool = pool,
        .values = 3 * (int64_t)p->crop_height * p->crop_width};
    stimulus *all = mien_alloc((size_t)material->rows, sizeof *all);
    stimulus *first = mien_alloc((size_t)material->rows, sizeof *first);
    mien_status status = all && first ? make_candidates(material, study) : MIEN_ENOMEM;
    if (status == MIEN_OK) {
        status = open_extractor(&x, options);
    }
    if (status == MIEN_OK) {
        x.images = mien_alloc((size_t)(CHUNK * x.values), sizeof *x.images);
        x.features = mien_alloc(
            (size_t)(CHUNK * mien_extractor_width(x.extractor)), sizeof *x.features);
        x.rows = mien_alloc(CHUNK, sizeof *x.rows);
        status = x.images && x.features && x.rows ? extract_all(&x, options, all, first)
                                                  : MIEN_ENOMEM;
    }
    mien_free(x.images);
    mien_free(x.features);
    mien_free(x.rows);
    mien_extractor_close(&x.extractor);
    mien_free(all);
    mien_free(first);
    return status;
}
