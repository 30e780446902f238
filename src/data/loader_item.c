/* SPDX-License-Identifier: MIT */
/* One item of a batch: out of the cache or its file, changed by a draw, into the batch.
 *
 * loader.c calls this from the threads of its pool, one item after the other. What
 * comes in is a row; what goes out are the network's numbers of that row's item and
 * whether it is there. Items of equal places share one entry of the cache. */
#include "data/loader_item.h"

#include <string.h>

mien_status mien_loader_input_init(mien_loader_input *input,
    const mien_loader_source *source, int index, const mien_loader_options *options) {
    mien_loader_input *in = input;
    mien_reader *probe = NULL;
    int64_t items = 0;
    size_t rows = (size_t)source->rows;
    int64_t *first = mien_alloc(rows, sizeof *first);
    *in = (mien_loader_input){.input = source->input[index],
        .place = source->place[index],
        .augment = source->augment[index],
        .follows = index,
        .values = mien_item_values(&source->input[index]->shape),
        .steps = source->input[index]->shape.steps,
        .item = mien_alloc(rows, sizeof *in->item)};
    for (int k = 0; *in->input->follows && k < source->inputs; k++) {
        in->follows =
            strcmp(source->input[k]->name, in->input->follows) == 0 ? k : in->follows;
    }
    mien_status status = first && in->item ? mien_places_number(in->place, source->rows,
                                                 in->item, first, &items)
                                           : MIEN_ENOMEM;
    if (status == MIEN_OK) {
        status = mien_reader_open(in->input, in->augment, &probe);
    }
    if (status == MIEN_OK) {
        const mien_picture_cache_options o = {.rows = items > 0 ? items : 1,
            .bytes = mien_reader_bytes(probe),
            .memory_max = options->cache_bytes / source->inputs,
            .directory = options->cache_directory,
            .file_max = options->cache_file_bytes / source->inputs};
        status = mien_picture_cache_new(&o, &in->cache);
    }
    mien_reader_close(&probe);
    mien_free(first);
    return status;
}

void mien_loader_input_clear(mien_loader_input *input) {
    mien_picture_cache_free(&input->cache);
    mien_free(input->item);
    input->item = NULL;
}

mien_status mien_loader_worker_init(
    mien_loader_worker *worker, const mien_loader_input *inputs, int count) {
    mien_status status = MIEN_OK;
    for (int i = 0; status == MIEN_OK && i < count; i++) {
        status =
            mien_reader_open(inputs[i].input, inputs[i].augment, &worker->reader[i]);
        if (status == MIEN_OK) {
            worker->kept[i] = mien_alloc(mien_reader_bytes(worker->reader[i]), 1);
            status = worker->kept[i] ? MIEN_OK : MIEN_ENOMEM;
        }
    }
    return status;
}

void mien_loader_worker_clear(mien_loader_worker *worker) {
    for (int i = 0; i < MIEN_INPUTS_MAX; i++) {
        mien_reader_close(&worker->reader[i]);
        mien_free(worker->kept[i]);
    }
}

/* Reads an item that the cache does not have. An item that is all missing is not
 * cached: asking its file again costs what the cache would. */
static mien_status read_item(mien_loader_input *in, int index, mien_loader_worker *w,
    int64_t row, const char *id, mien_loader_fetched *fetched) {
    int64_t item = in->item[row];
    mien_status status =
        mien_reader_load(w->reader[index], &in->place[row], w->kept[index]);
    if (status == MIEN_OK) {
        return mien_picture_cache_put(in->cache, item, w->kept[index]);
    }
    if (status == MIEN_ENOMEM || status == MIEN_EINTERRUPTED) {
        return status;
    }
    fetched->missing = status == MIEN_END;
    fetched->failed = !fetched->missing;
    if (fetched->failed && mien_picture_cache_bad(in->cache, item)) {
        mien_log(MIEN_LOG_WARN, "data", "trial %s: %s", id, mien_error());
    }
    return MIEN_OK;
}

mien_status mien_loader_fetch(mien_loader_input *input, int index,
    mien_loader_worker *worker, int64_t row, const char *id,
    mien_loader_fetched *fetched) {
    mien_loader_input *in = input;
    mien_status status = MIEN_OK;
    *fetched = (mien_loader_fetched){.missing = in->item[row] < 0};
    if (!fetched->missing) {
        fetched->where =
            mien_picture_cache_get(in->cache, in->item[row], &fetched->kept);
        fetched->failed = fetched->where == MIEN_CACHED_BAD;
        if (!fetched->kept && !fetched->failed) {
            status = read_item(in, index, worker, row, id, fetched);
            fetched->kept = worker->kept[index];
        }
    }
    return status;
}

mien_status mien_loader_make(const mien_loader_input *input, int index,
    mien_loader_worker *worker, const mien_loader_fetched *fetched,
    const mien_augment_draw *draw, float *values, float *seen) {
    const mien_loader_input *in = input;
    if (fetched->missing || fetched->failed) {
        memset(values, 0, (size_t)in->values * sizeof *values);
        memset(seen, 0, (size_t)in->steps * sizeof *seen);
        return MIEN_OK;
    }
    return mien_reader_make(worker->reader[index], fetched->kept, draw, values, seen);
}

void mien_loader_fit(const mien_loader_input *input, int index,
    mien_loader_worker *worker, const mien_loader_fetched *fetched,
    mien_augment_draw *draw) {
    if (fetched->missing || fetched->failed || !draw->moves) {
        return;
    }
    int64_t n =
        mien_reader_points(worker->reader[index], fetched->kept, worker->points);
    mien_augment_draw_gaze(input->augment, draw, n, worker->points, worker->points);
}
