/* SPDX-License-Identifier: MIT */
/* Hands out rows of a pass with what a loader read of them. */
#include "train/dataset/batches.h"

#include <stdio.h>
#include <string.h>

struct mien_batches {
    const mien_dataset *dataset;
    mien_loader *loader;        /* NULL: every input has a table */
    int input[MIEN_INPUTS_MAX]; /* of the dataset; of each that is loaded */
    int inputs;
    int64_t batch;
    int64_t segments; /* items of a row: a window's; 1: its own */
    int64_t *rows;    /* [count] */
    int64_t *loaded;  /* [count, segments] rows whose items are loaded */
    int64_t room, count, next;
};

void mien_item_tables(const mien_dataset *dataset, const mien_features *features,
    mien_item_table *tables) {
    for (int m = 0; m < dataset->inputs; m++) {
        const mien_dataset_input *in = &dataset->input[m];
        tables[m] = (mien_item_table){.width = in->width, .values = in->values};
        if (features && features->table[m].values) {
            tables[m] = features->table[m];
        }
    }
}

const mien_augment *mien_batches_augment(
    const mien_study *study, const mien_input *input) {
    const mien_input_kind *kind = NULL;
    bool leads = mien_input_is_picture(input);
    return mien_input_kind_find(input->kind, &kind) == MIEN_OK &&
                   kind->traits & MIEN_INPUT_DRAWS && (leads || *input->follows)
               ? study->recipe.augment
               : NULL;
}

static mien_status open_loader(
    mien_batches *f, const mien_study *study, bool augment, int threads) {
    const mien_dataset *c = f->dataset;
    const char *folder = mien_options_text(study->options, "cache.folder");
    mien_loader_options o = mien_loader_options_default();
    mien_loader_source source = {.rows = c->rows, .id = c->id, .inputs = f->inputs};
    o.batch = (int)(f->batch * f->segments);
    o.threads = threads;
    o.seed = (uint64_t)mien_options_int(study->options, "seed");
    o.cache_bytes = mien_options_int(study->options, "cache.pictures") << 20;
    o.cache_directory = folder && *folder ? folder : NULL;
    for (int i = 0; i < f->inputs; i++) {
        const mien_dataset_input *in = &c->input[f->input[i]];
        source.input[i] = &in->input;
        source.place[i] = in->places.place;
        source.augment[i] = augment ? mien_batches_augment(study, &in->input) : NULL;
    }
    return mien_loader_open(&source, &o, &f->loader);
}

static mien_status open(const mien_dataset *dataset, const mien_study *study,
    uint32_t loaded, bool whole, int threads, mien_batches **feed) {
    mien_batches *f = mien_alloc(1, sizeof *f);
    if (!f) {
        return MIEN_ENOMEM;
    }
    f->dataset = dataset;
    f->batch = mien_options_int(study->options, "batch");
    f->segments = whole ? dataset->segments : 1;
    for (int m = 0; m < dataset->inputs; m++) {
        if (loaded >> m & 1) {
            f->input[f->inputs++] = m;
        }
    }
    mien_status status = f->inputs ? open_loader(f, study, whole, threads) : MIEN_OK;
    if (status != MIEN_OK) {
        mien_batches_close(&f);
        return status;
    }
    *feed = f;
    return MIEN_OK;
}

mien_status mien_batches_open(const mien_dataset *dataset, const mien_study *study,
    const mien_item_table *tables, int threads, mien_batches **feed) {
    uint32_t loaded = 0;
    for (int m = 0; m < dataset->inputs; m++) {
        loaded |= tables[m].values ? 0 : 1u << m;
    }
    return open(dataset, study, loaded, true, threads, feed);
}

mien_status mien_batches_open_input(const mien_dataset *dataset,
    const mien_study *study, int input, int threads, mien_batches **feed) {
    return open(dataset, study, 1u << input, false, threads, feed);
}

void mien_batches_close(mien_batches **feed) {
    char text[4096];
    if (!feed || !*feed) {
        return;
    }
    snprintf(text, sizeof text, "%s", mien_error());
    mien_loader_close(&(*feed)->loader);
    mien_fail(MIEN_OK, "%s", text);
    mien_free((*feed)->rows);
    mien_free((*feed)->loaded);
    mien_free(*feed);
    *feed = NULL;
}

static mien_status reserve(mien_batches *f, int64_t count) {
    if (count <= f->room) {
        return MIEN_OK;
    }
    mien_free(f->rows);
    mien_free(f->loaded);
    f->room = 0;
    f->rows = mien_alloc((size_t)count, sizeof *f->rows);
    f->loaded = mien_alloc((size_t)(count * f->segments), sizeof *f->loaded);
    if (!f->rows || !f->loaded) {
        return MIEN_ENOMEM;
    }
    f->room = count;
    return MIEN_OK;
}

/* Rows whose items are loaded: of each its window; beyond the ends of a group the row's
 * own, which nobody looks at. */
static void list_loaded(mien_batches *f) {
    for (int64_t at = 0; at < f->count * f->segments; at++) {
        int64_t own = f->rows[at / f->segments];
        int64_t row = f->segments > 1 ? mien_dataset_at(f->dataset, f->rows, at) : own;
        f->loaded[at] = row >= 0 ? row : own;
    }
}

mien_status mien_batches_start(mien_batches *feed, const mien_batches_pass *pass) {
    mien_batches *f = feed;
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
    list_loaded(f);
    mien_loader_pass p = {.rows = f->loaded,
        .count = pass->count * f->segments,
        .epoch = (uint32_t)pass->epoch,
        .augment = pass->augment,
        .first = pass->first};
    for (int i = 0; i < f->inputs && pass->change; i++) {
        if (pass->change->moved >> f->input[i] & 1) {
            p.from[i] = pass->change->from + f->input[i] * f->dataset->rows;
        }
    }
    return mien_loader_start(f->loader, &p);
}

static mien_status next_rows(mien_batches *f, mien_fit_batch *batch) {
    int64_t left = f->count - f->next;
    int64_t n = left < f->batch ? left : f->batch;
    if (n <= 0) {
        return MIEN_END;
    }
    *batch = (mien_fit_batch){.n = n, .rows = f->rows + f->next};
    f->next += n;
    return MIEN_OK;
}

static mien_status fail_item(const mien_batches *f, int64_t row) {
    for (int i = 0; i < f->inputs; i++) {
        const mien_dataset_input *in = &f->dataset->input[f->input[i]];
        if (in->places.place[row].file) {
            return mien_fail(MIEN_EFORMAT,
                "trial %s: its %s %s cannot be read (mien doctor lists all that "
                "cannot)",
                f->dataset->id[row], in->input.kind, in->places.place[row].file);
        }
    }
    return mien_fail(MIEN_EFORMAT, "trial %s cannot be read", f->dataset->id[row]);
}

/* An item whose file was read and has nothing in it, where the network takes no mask.
 */
static mien_status check_seen(const mien_batches *f, const mien_batch *b, int i) {
    const mien_dataset_input *in = &f->dataset->input[f->input[i]];
    bool masked = in->input.optional || in->missing;
    for (int64_t row = 0; !masked && row < b->n; row++) {
        if (b->seen[i][row * in->input.shape.steps] == 0) {
            return mien_fail(MIEN_EFORMAT,
                "trial %s: all of its %s is missing in %s: say optional: true of the "
                "input %s, or leave the trial out",
                f->dataset->id[b->rows[row]], in->input.kind,
                in->places.place[b->rows[row]].file, in->input.name);
        }
    }
    return MIEN_OK;
}

static mien_status next_loaded(mien_batches *f, mien_fit_batch *batch) {
    const mien_batch *b = NULL;
    mien_status status = mien_loader_next(f->loader, &b);
    if (status != MIEN_OK) {
        return status;
    }
    for (int64_t i = 0; i < b->n; i++) {
        if (b->failed[i]) {
            return fail_item(f, b->rows[i]);
        }
    }
    for (int i = 0; status == MIEN_OK && i < f->inputs; i++) {
        status = check_seen(f, b, i);
    }
    if (status != MIEN_OK) {
        return status;
    }
    *batch = (mien_fit_batch){.n = b->n / f->segments,
        .rows = f->rows + f->next,
        .mixed = b->mixed,
        .partner = b->partner,
        .weight = b->weight};
    for (int i = 0; i < f->inputs; i++) {
        batch->values[f->input[i]] = b->values[i];
        batch->seen[f->input[i]] = b->seen[i];
    }
    f->next += batch->n;
    return MIEN_OK;
}

mien_status mien_batches_next(mien_batches *feed, mien_fit_batch *batch) {
    return feed->loader ? next_loaded(feed, batch) : next_rows(feed, batch);
}

double mien_batches_idle(mien_batches *feed) {
    if (!feed->loader) {
        return 0;
    }
    mien_loader_stats stats = mien_loader_stats_of(feed->loader);
    return stats.elapsed_s > 0 ? stats.wait_s / stats.elapsed_s : 0;
}
