/* SPDX-License-Identifier: MIT */
/* Hands out batches from the loader of pictures or from a table of features. */
#include "train/feed.h"

#include <stdio.h>
#include <string.h>

struct mien_feed {
    const mien_corpus *corpus;
    const mien_features *features;
    mien_loader *loader;
    int64_t batch;
    float *values; /* [batch, width], for features */
    int64_t *rows, *table_rows;
    int64_t room, count, next;
};

static mien_status open_loader(mien_feed *f, const mien_study *study, int threads) {
    const char *folder = mien_options_text(study->options, "cache.folder");
    mien_loader_options o = mien_loader_options_default();
    o.batch = (int)f->batch;
    o.threads = threads;
    o.seed = (uint64_t)mien_options_int(study->options, "seed");
    o.augment = study->recipe.augment;
    o.cache_bytes = mien_options_int(study->options, "cache.pictures") << 20;
    o.cache_directory = folder && *folder ? folder : NULL;
    return mien_loader_open(f->corpus->trials, &study->preprocess, &o, &f->loader);
}

mien_status mien_feed_open(const mien_corpus *corpus, const mien_study *study,
    const mien_features *features, int threads, mien_feed **feed) {
    mien_feed *f = mien_alloc(1, sizeof *f);
    if (!f) {
        return MIEN_ENOMEM;
    }
    mien_status status = MIEN_OK;
    f->corpus = corpus;
    f->features = features;
    f->batch = mien_options_int(study->options, "batch");
    if (features) {
        f->values = mien_alloc((size_t)(f->batch * features->width), sizeof *f->values);
        status = f->values ? MIEN_OK : MIEN_ENOMEM;
    } else if (study->kind != MIEN_STUDY_FEATURES) {
        status = open_loader(f, study, threads);
    }
    if (status != MIEN_OK) {
        mien_feed_close(&f);
        return status;
    }
    *feed = f;
    return MIEN_OK;
}

void mien_feed_close(mien_feed **feed) {
    char text[4096];
    if (!feed || !*feed) {
        return;
    }
    snprintf(text, sizeof text, "%s", mien_error());
    mien_loader_close(&(*feed)->loader);
    mien_fail(MIEN_OK, "%s", text);
    mien_free((*feed)->values);
    mien_free((*feed)->rows);
    mien_free((*feed)->table_rows);
    mien_free(*feed);
    *feed = NULL;
}

static mien_status reserve(mien_feed *f, int64_t count) {
    if (count <= f->room) {
        return MIEN_OK;
    }
    mien_free(f->rows);
    mien_free(f->table_rows);
    f->room = 0;
    f->rows = mien_alloc((size_t)count, sizeof *f->rows);
    f->table_rows = mien_alloc((size_t)count, sizeof *f->table_rows);
    if (!f->rows || !f->table_rows) {
        return MIEN_ENOMEM;
    }
    f->room = count;
    return MIEN_OK;
}

mien_status mien_feed_start(mien_feed *feed, const mien_feed_pass *pass) {
    mien_feed *f = feed;
    mien_status status = reserve(f, pass->count);
    if (status != MIEN_OK) {
        return status;
    }
    memcpy(f->rows, pass->rows, (size_t)pass->count * sizeof *f->rows);
    f->count = pass->count;
    f->next = pass->first * f->batch;
    if (!f->loader) {
        return MIEN_OK;
    }
    for (int64_t i = 0; i < pass->count; i++) {
        f->table_rows[i] = f->corpus->row[pass->rows[i]];
    }
    mien_loader_pass p = {.rows = f->table_rows,
        .count = pass->count,
        .epoch = (uint32_t)pass->epoch,
        .augment = pass->augment,
        .first = pass->first};
    return mien_loader_start(f->loader, &p);
}

static mien_status next_rows(mien_feed *f, mien_feed_batch *batch) {
    int64_t left = f->count - f->next;
    int64_t n = left < f->batch ? left : f->batch;
    if (n <= 0) {
        return MIEN_END;
    }
    int64_t width = f->features ? f->features->width : 0;
    for (int64_t i = 0; i < n && width > 0; i++) {
        int64_t from = f->features->stimulus[f->rows[f->next + i]];
        memcpy(f->values + i * width, f->features->values + from * width,
            (size_t)width * sizeof *f->values);
    }
    *batch = (mien_feed_batch){.n = n, .rows = f->rows + f->next, .values = f->values};
    f->next += n;
    return MIEN_OK;
}

static mien_status next_pictures(mien_feed *f, mien_feed_batch *batch) {
    const mien_batch *b = NULL;
    mien_status status = mien_loader_next(f->loader, &b);
    if (status != MIEN_OK) {
        return status;
    }
    for (int64_t i = 0; i < b->n; i++) {
        if (b->failed[i]) {
            return mien_fail(MIEN_EFORMAT,
                "trial %s: its picture %s cannot be read (mien doctor lists all that "
                "cannot)",
                mien_trials_id(f->corpus->trials, b->rows[i]),
                mien_trials_cell(f->corpus->trials, b->rows[i], "image"));
        }
    }
    *batch = (mien_feed_batch){.n = b->n,
        .rows = f->rows + f->next,
        .values = b->images,
        .mixed = b->mixed,
        .partner = b->partner,
        .weight = b->weight};
    f->next += b->n;
    return MIEN_OK;
}

mien_status mien_feed_next(mien_feed *feed, mien_feed_batch *batch) {
    return feed->loader ? next_pictures(feed, batch) : next_rows(feed, batch);
}

double mien_feed_idle(mien_feed *feed) {
    if (!feed->loader) {
        return 0;
    }
    mien_loader_stats stats = mien_loader_stats_of(feed->loader);
    return stats.elapsed_s > 0 ? stats.wait_s / stats.elapsed_s : 0;
}
