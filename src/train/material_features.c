/* SPDX-License-Identifier: MIT */
/* Features of every different picture, once: the blocks that kernels are made of.
 * Called by campaign_features.c before the folds; pictures come from the feed of all
 * trainers, the network is the extractor that predictions run too. */
#include <math.h>
#include <string.h>

#include "train/feed.h"
#include "train/material.h"
#include "train/numbering.h"

typedef struct extraction {
    mien_material *m;
    const mien_corpus *corpus;
    const mien_train_options *options;
    mien_extractor *extractor;
    mien_feed *feed;
    float *features; /* [batch, width of all layers] */
    int64_t *first;  /* [items] row that shows each picture first */
    int64_t items;
} extraction;

static mien_status number_items(extraction *x) {
    const mien_corpus *c = x->corpus;
    size_t rows = (size_t)c->rows;
    const char **names = mien_alloc(rows, sizeof *names);
    x->m->item = mien_alloc(rows, sizeof *x->m->item);
    x->first = mien_alloc(rows, sizeof *x->first);
    mien_status status = names && x->m->item && x->first ? MIEN_OK : MIEN_ENOMEM;
    for (size_t i = 0; status == MIEN_OK && i < rows; i++) {
        names[i] = mien_trials_cell(c->trials, c->row[i], "image");
    }
    if (status == MIEN_OK) {
        status = mien_number_names(names, c->rows, x->m->item, &x->items);
    }
    for (int64_t i = c->rows; status == MIEN_OK && i-- > 0;) {
        x->first[x->m->item[i]] = i;
    }
    mien_free(names);
    return status;
}

static mien_status open_extractor(extraction *x, const mien_study *study) {
    mien_material *m = x->m;
    mien_extractor_options e = mien_extractor_options_default();
    e.backbone = study->backbone;
    e.weights = x->options->weights;
    e.layers = m->layers;
    e.height = study->preprocess.crop_height;
    e.width = study->preprocess.crop_width;
    /* One picture a thread: larger shares would be cut by timing, which may change the
     * last bits. */
    e.batch = x->options->threads;
    e.threads = x->options->threads;
    e.exact = x->options->exact;
    e.mirror = mien_options_flag(study->options, "backbone.mirror");
    mien_status status = mien_extractor_open(&e, &x->extractor);
    if (status != MIEN_OK) {
        return status;
    }
    if (mien_extractor_hash(x->extractor)[0] == 0) {
        return mien_fail(MIEN_EINVAL,
            "random weights have no hash that a model could name: save them to a file");
    }
    memcpy(
        m->backbone_hash, mien_extractor_hash(x->extractor), sizeof m->backbone_hash);
    m->blocks.rows = x->items;
    for (int b = 0; b < m->blocks.count; b++) {
        m->blocks.width[b] = mien_extractor_part_width(x->extractor, b);
        m->blocks.values[b] =
            mien_alloc((size_t)(x->items * m->blocks.width[b]), sizeof(float));
        if (!m->blocks.values[b]) {
            return MIEN_ENOMEM;
        }
    }
    return MIEN_OK;
}

/* Features [n, width] of the items from `done` on, to their blocks. */
static mien_status scatter(
    extraction *x, const int64_t *rows, int64_t done, int64_t n) {
    const float *from = x->features;
    for (int64_t i = 0; i < n; i++) {
        for (int b = 0; b < x->m->blocks.count; b++) {
            int64_t width = x->m->blocks.width[b];
            float *to = (float *)x->m->blocks.values[b] + (done + i) * width;
            for (int64_t k = 0; k < width; k++) {
                to[k] = from[k];
                if (!isfinite(from[k])) {
                    return mien_fail(MIEN_EFORMAT,
                        "trial %s: the features of its picture are not finite",
                        mien_trials_id(x->corpus->trials, x->corpus->row[rows[i]]));
                }
            }
            from += width;
        }
    }
    return MIEN_OK;
}

static mien_status extract_all(extraction *x) {
    const mien_train_options *o = x->options;
    mien_feed_pass pass = {.rows = x->first, .count = x->items};
    mien_status status = mien_feed_start(x->feed, &pass);
    for (int64_t done = 0; status == MIEN_OK && done < x->items;) {
        mien_feed_batch b;
        status = mien_feed_next(x->feed, &b);
        if (status == MIEN_OK) {
            status = mien_extractor_run(x->extractor, b.values, b.n, x->features);
        }
        if (status == MIEN_OK) {
            status = scatter(x, b.rows, done, b.n);
        }
        if (status == MIEN_OK) {
            done += b.n;
        }
        if (status == MIEN_OK && o->progress) {
            o->progress(o->context, "features", done, x->items);
        }
    }
    return status;
}

mien_status mien_material_extract(mien_material *material, const mien_corpus *corpus,
    const mien_study *study, const mien_train_options *options) {
    extraction x = {.m = material, .corpus = corpus, .options = options};
    int64_t batch = mien_options_int(study->options, "batch");
    mien_status status = number_items(&x);
    if (status == MIEN_OK) {
        status = open_extractor(&x, study);
    }
    if (status == MIEN_OK) {
        status = mien_feed_open(corpus, study, NULL, options->threads, &x.feed);
    }
    if (status == MIEN_OK) {
        x.features = mien_alloc(
            (size_t)(batch * mien_extractor_width(x.extractor)), sizeof *x.features);
        status = x.features ? extract_all(&x) : MIEN_ENOMEM;
    }
    mien_feed_close(&x.feed);
    mien_free(x.features);
    mien_free(x.first);
    mien_extractor_close(&x.extractor);
    return status;
}
