/* SPDX-License-Identifier: MIT */
/* Features of every different picture, once: the blocks that kernels are made of.
 * Called by study_run_features.c before the folds; pictures come from the feed of all
 * trainers, the network is the extractor that predictions run too. */
#include <math.h>
#include <string.h>

#include "train/dataset/batches.h"
#include "train/dataset/feature_set.h"

typedef struct extraction {
    mien_feature_set *m;
    const mien_dataset *dataset;
    const mien_train_options *options;
    mien_extractor *extractor;
    mien_batches *feed;
    float *features;              /* [batch, width of all layers] */
    const mien_dataset_input *in; /* the picture */
} extraction;

static mien_status open_extractor(extraction *x, const mien_study *study) {
    mien_feature_set *m = x->m;
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
    m->blocks.rows = x->in->items;
    for (int b = 0; b < m->blocks.count; b++) {
        m->blocks.width[b] = mien_extractor_part_width(x->extractor, b);
        m->blocks.values[b] =
            mien_alloc((size_t)(x->in->items * m->blocks.width[b]), sizeof(float));
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
                        mien_trials_id(x->dataset->trials, x->dataset->row[rows[i]]));
                }
            }
            from += width;
        }
    }
    return MIEN_OK;
}

static mien_status extract_all(extraction *x) {
    const mien_train_options *o = x->options;
    mien_batches_pass pass = {.rows = x->in->first, .count = x->in->items};
    mien_status status = mien_batches_start(x->feed, &pass);
    for (int64_t done = 0; status == MIEN_OK && done < x->in->items;) {
        mien_fit_batch b;
        status = mien_batches_next(x->feed, &b);
        if (status == MIEN_OK) {
            status = mien_extractor_run(x->extractor, b.values[0], b.n, x->features);
        }
        if (status == MIEN_OK) {
            status = scatter(x, b.rows, done, b.n);
        }
        if (status == MIEN_OK) {
            done += b.n;
        }
        if (status == MIEN_OK && o->progress) {
            o->progress(o->context, "features", done, x->in->items);
        }
    }
    return status;
}

mien_status mien_feature_set_extract(mien_feature_set *feature_set,
    const mien_dataset *dataset, const mien_study *study,
    const mien_train_options *options) {
    extraction x = {.m = feature_set,
        .dataset = dataset,
        .options = options,
        .in = &dataset->input[0]};
    int64_t batch = mien_options_int(study->options, "batch");
    feature_set->item = dataset->input[0].item;
    mien_status status = open_extractor(&x, study);
    if (status == MIEN_OK) {
        status = mien_batches_open_input(dataset, study, 0, options->threads, &x.feed);
    }
    if (status == MIEN_OK) {
        x.features = mien_alloc(
            (size_t)(batch * mien_extractor_width(x.extractor)), sizeof *x.features);
        status = x.features ? extract_all(&x) : MIEN_ENOMEM;
    }
    mien_batches_close(&x.feed);
    mien_free(x.features);
    mien_extractor_close(&x.extractor);
    return status;
}
