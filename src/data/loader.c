/* SPDX-License-Identifier: MIT */
/* Batches made ready while a network trains.
 *
 * One thread fills a ring of batches, each by a pool; the caller holds one slot of the
 * ring until it asks for the next. Whatever is drawn comes from the trial, the epoch
 * and the seed, and each picture has its own place, so that threads cannot change a
 * bit. */
#include "data/load.h"
#include "data/picture_cache.h"

#include <stdatomic.h>
#include <string.h>

#define AHEAD_MAX 64
#define BATCH_MAX 65536

/* Streams of batches stand apart from those of trials, whose second word is an epoch
 * and a repetition. */
#define STREAM_MIX (UINT64_C(1) << 63)
#define STREAM_BATCH (UINT64_C(1) << 62)

/* What a thread of the pool needs for itself. */
typedef struct worker {
    mien_preprocessor *preprocessor;
    mien_augmenter *augmenter;
    uint8_t *kept;
    float *out; /* where the picture at hand goes */
} worker;

typedef struct slot {
    mien_batch batch;
    int64_t *rows, *partner;
    float *images;
    bool *failed;
    mien_augment_draw *draws;
    double *weight;
} slot;

struct mien_loader {
    const mien_trials *trials;
    mien_preprocess preprocess;
    mien_loader_options options;
    mien_image_options image_options;
    size_t values; /* of a picture */
    bool keeps;    /* the cache has bytes, not floats */
    mien_picture_cache *cache;
    mien_pool *pool;
    worker *workers;
    mien_lock *lock;
    slot *slots;
    int count; /* slots */
    /* the pass */
    mien_thread *thread;
    int64_t *rows, *repeats; /* [rows_room]; of each place in the order */
    int64_t rows_room, rows_count, batches, first;
    uint32_t epoch;
    bool started, augments;
    atomic_bool stopped;
    mien_status status; /* it ended with; MIEN_END: all batches were given */
    double start_s;
    /* guarded by the lock */
    int filled, read;
    bool ended;
    mien_loader_stats stats;
    /* of the caller's thread */
    bool lent;
    /* of the filling thread */
    slot *filling;
};

mien_loader_options mien_loader_options_default(void) {
    return (mien_loader_options){.batch = 32,
        .ahead = 2,
        .threads = 1,
        .cache_bytes = INT64_C(1) << 30,
        .cache_file_bytes = INT64_C(64) << 30};
}

/* ---- one picture -------------------------------------------------------------- */

typedef struct reading {
    mien_loader *loader;
    worker *worker;
} reading;

static mien_status use_picture(void *context, const mien_tensor *image) {
    const reading *r = context;
    return r->loader->keeps
               ? mien_preprocessor_keep(r->worker->preprocessor, image, r->worker->kept)
               : mien_preprocessor_run(
                     r->worker->preprocessor, image, false, r->worker->out);
}

static mien_status decode(mien_loader *l, int64_t row, worker *w) {
    reading r = {l, w};
    mien_status status =
        mien_trials_use_image(l->trials, row, &l->image_options, use_picture, &r);
    if (status != MIEN_OK) {
        return status;
    }
    if (l->keeps) {
        mien_preprocessor_spread(w->preprocessor, w->kept, false, w->out);
    }
    return mien_picture_cache_put(
        l->cache, row, l->keeps ? (const void *)w->kept : (const void *)w->out);
}

static void count(mien_loader *l, mien_cached where, bool failed) {
    mien_lock_take(l->lock);
    l->stats.failed += failed;
    l->stats.from_memory += where == MIEN_CACHED_MEMORY;
    l->stats.from_file += where == MIEN_CACHED_FILE;
    l->stats.decoded += where == MIEN_CACHED_NOT && !failed;
    mien_lock_give(l->lock);
}

/* The preprocessed picture to w->out. */
static mien_status fetch(mien_loader *l, int64_t row, worker *w, bool *failed) {
    const void *bytes = NULL;
    mien_status status = MIEN_OK;
    mien_cached where = mien_picture_cache_get(l->cache, row, &bytes);
    *failed = where == MIEN_CACHED_BAD;
    if (bytes && l->keeps) {
        mien_preprocessor_spread(w->preprocessor, bytes, false, w->out);
    } else if (bytes) {
        memcpy(w->out, bytes, l->values * sizeof *w->out);
    } else if (!*failed) {
        status = decode(l, row, w);
        if (status == MIEN_ENOMEM) {
            return status;
        }
        *failed = status != MIEN_OK;
        if (*failed && mien_picture_cache_bad(l->cache, row)) {
            mien_log(MIEN_LOG_WARN, "data", "trial %s: %s",
                mien_trials_id(l->trials, row), mien_error());
        }
    }
    if (*failed) {
        memset(w->out, 0, l->values * sizeof *w->out);
    }
    count(l, where, *failed);
    return MIEN_OK;
}

/* FNV-1a: ids are kept through every change of a table, row numbers are not. */
static uint64_t hash_text(const char *text) {
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (; *text; text++) {
        hash = (hash ^ (unsigned char)*text) * UINT64_C(0x100000001b3);
    }
    return hash;
}

static mien_status augment(mien_loader *l, int64_t index, int64_t place, worker *w) {
    const slot *s = l->filling;
    mien_augment_draw *draw = &s->draws[index];
    mien_stream stream;
    if (l->options.augment_by_batch) {
        mien_stream_init(&stream, l->options.seed, (uint64_t)s->batch.index,
            STREAM_BATCH | l->epoch);
    } else {
        mien_stream_init(&stream, l->options.seed,
            hash_text(mien_trials_id(l->trials, s->rows[index])),
            (uint64_t)l->repeats[place] << 32 | l->epoch);
    }
    mien_augment_draw_make(l->options.augment, l->preprocess.crop_height,
        l->preprocess.crop_width, &stream, draw);
    if (l->options.adjust) {
        l->options.adjust(l->options.adjust_context, s->rows[index], draw);
    }
    return mien_augmenter_run(w->augmenter, draw, w->out, w->out);
}

static mien_status make_picture(void *context, int64_t index, int worker_index) {
    mien_loader *l = context;
    const slot *s = l->filling;
    worker *w = &l->workers[worker_index];
    if (mien_interrupted() || atomic_load(&l->stopped)) {
        return mien_fail(MIEN_EINTERRUPTED, "interrupted while loading pictures");
    }
    w->out = s->images + (size_t)index * l->values;
    mien_status status = fetch(l, s->rows[index], w, &s->failed[index]);
    if (status != MIEN_OK || !l->augments) {
        return status;
    }
    if (s->failed[index]) {
        memset(&s->draws[index], 0, sizeof s->draws[index]);
        return MIEN_OK;
    }
    return augment(l, index, s->batch.index * l->options.batch + index, w);
}

/* ---- one batch ---------------------------------------------------------------- */

static mien_status mix(mien_loader *l, slot *s) {
    mien_stream stream;
    mien_stream_init(
        &stream, l->options.seed, (uint64_t)s->batch.index, STREAM_MIX | l->epoch);
    mien_status status = mien_augment_mix_draw(
        l->options.augment, &stream, s->batch.n, s->failed, s->partner, s->weight);
    for (int64_t i = 0; status == MIEN_OK && i < s->batch.n; i++) {
        s->batch.mixed = s->batch.mixed || s->partner[i] != i;
    }
    return status || !s->batch.mixed ? status
                                     : mien_augment_mix(s->batch.n, (int64_t)l->values,
                                           s->partner, s->weight, l->pool, s->images);
}

static mien_status fill(mien_loader *l, int64_t index, slot *s) {
    const int64_t first = index * l->options.batch, left = l->rows_count - first;
    s->batch = (mien_batch){.index = index,
        .n = left < l->options.batch ? left : l->options.batch,
        .rows = s->rows,
        .images = s->images,
        .failed = s->failed,
        .draws = l->augments ? s->draws : NULL,
        .partner = s->partner,
        .weight = s->weight};
    memcpy(s->rows, l->rows + first, (size_t)s->batch.n * sizeof *s->rows);
    for (int64_t i = 0; i < s->batch.n; i++) {
        s->partner[i] = i;
        s->weight[i] = 1.0;
    }
    l->filling = s;
    mien_status status = mien_pool_run(l->pool, s->batch.n, make_picture, l);
    if (status == MIEN_OK && l->augments && mien_augment_mixes(l->options.augment)) {
        status = mix(l, s);
    }
    return status;
}

/* The lock is not held while a batch is made. */
static mien_status produce(void *context) {
    mien_loader *l = context;
    mien_status status = MIEN_OK;
    int write = 0;
    for (int64_t index = l->first; status == MIEN_OK && index < l->batches; index++) {
        mien_lock_take(l->lock);
        while (l->filled == l->count && !atomic_load(&l->stopped)) {
            mien_lock_wait(l->lock);
        }
        mien_lock_give(l->lock);
        if (atomic_load(&l->stopped)) {
            break;
        }
        status = fill(l, index, &l->slots[write]);
        if (status == MIEN_OK) {
            write = (write + 1) % l->count;
            mien_lock_take(l->lock);
            l->filled++;
            mien_lock_wake(l->lock);
            mien_lock_give(l->lock);
        }
    }
    mien_lock_take(l->lock);
    l->ended = true;
    mien_lock_wake(l->lock);
    mien_lock_give(l->lock);
    return status;
}

/* ---- opening and closing ------------------------------------------------------- */

static mien_status check(const mien_preprocess *p, const mien_loader_options *o) {
    mien_status status = mien_preprocess_check(p);
    if (status != MIEN_OK) {
        return status;
    }
    if (p->crop_height < 1 || p->crop_width < 1) {
        return mien_fail(MIEN_EINVAL,
            "pictures of a batch need one size; the preprocessing has none");
    }
    if (o->batch < 1 || o->batch > BATCH_MAX) {
        return mien_fail(
            MIEN_EINVAL, "a batch of %d pictures is not in 1-%d", o->batch, BATCH_MAX);
    }
    if (o->ahead < 1 || o->ahead > AHEAD_MAX) {
        return mien_fail(
            MIEN_EINVAL, "%d batches ahead is not in 1-%d", o->ahead, AHEAD_MAX);
    }
    if (o->cache_bytes < 0 || o->cache_file_bytes < 0) {
        return mien_fail(MIEN_EINVAL, "a cache of less than 0 bytes");
    }
    return MIEN_OK;
}

static mien_status slot_init(const mien_loader *l, slot *s) {
    const size_t n = (size_t)l->options.batch;
    s->rows = mien_alloc(n, sizeof *s->rows);
    s->partner = mien_alloc(n, sizeof *s->partner);
    s->images = mien_alloc(n, l->values * sizeof *s->images);
    s->failed = mien_alloc(n, sizeof *s->failed);
    s->weight = mien_alloc(n, sizeof *s->weight);
    s->draws = l->options.augment ? mien_alloc(n, sizeof *s->draws) : NULL;
    bool good = s->rows && s->partner && s->images && s->failed && s->weight;
    return good && (s->draws || !l->options.augment) ? MIEN_OK : MIEN_ENOMEM;
}

static void slot_clear(slot *s) {
    mien_free(s->rows);
    mien_free(s->partner);
    mien_free(s->images);
    mien_free(s->failed);
    mien_free(s->weight);
    mien_free(s->draws);
}

static mien_status worker_init(const mien_loader *l, worker *w) {
    mien_status status = mien_preprocessor_new(&l->preprocess, &w->preprocessor);
    if (status == MIEN_OK && l->options.augment) {
        status = mien_augmenter_new(l->options.augment, &l->preprocess, &w->augmenter);
    }
    if (status == MIEN_OK && l->keeps) {
        w->kept = mien_alloc(l->values, 1);
        status = w->kept ? MIEN_OK : MIEN_ENOMEM;
    }
    return status;
}

static void worker_clear(worker *w) {
    mien_preprocessor_free(&w->preprocessor);
    mien_augmenter_free(&w->augmenter);
    mien_free(w->kept);
}

static mien_status prepare(mien_loader *l) {
    mien_picture_cache_options o = {.rows = mien_trials_rows(l->trials),
        .bytes = l->values * (l->keeps ? 1 : sizeof(float)),
        .memory_max = l->options.cache_bytes,
        .directory = l->options.cache_directory,
        .file_max = l->options.cache_file_bytes};
    mien_status status = mien_lock_new(&l->lock);
    status = status ? status : mien_picture_cache_new(&o, &l->cache);
    status = status ? status : mien_pool_new(l->options.threads, &l->pool);
    if (status == MIEN_OK) {
        l->workers = mien_alloc((size_t)l->options.threads, sizeof *l->workers);
        l->slots = mien_alloc((size_t)l->options.ahead + 1, sizeof *l->slots);
        status = l->workers && l->slots ? MIEN_OK : MIEN_ENOMEM;
    }
    for (int i = 0; status == MIEN_OK && i < l->options.threads; i++) {
        status = worker_init(l, &l->workers[i]);
    }
    while (status == MIEN_OK && l->count <= l->options.ahead) {
        status = slot_init(l, &l->slots[l->count++]);
    }
    return status;
}

mien_status mien_loader_open(const mien_trials *trials,
    const mien_preprocess *preprocess, const mien_loader_options *options,
    mien_loader **loader) {
    mien_loader_options initial = mien_loader_options_default();
    const mien_loader_options *o = options ? options : &initial;
    mien_status status = check(preprocess, o);
    if (status != MIEN_OK) {
        return status;
    }
    mien_loader *l = mien_alloc(1, sizeof *l);
    if (!l) {
        return MIEN_ENOMEM;
    }
    l->trials = trials;
    l->preprocess = *preprocess;
    l->options = *o;
    l->image_options = mien_image_options_default();
    l->image_options.scale_short_min = mien_preprocess_short_side(preprocess);
    l->values = 3 * (size_t)preprocess->crop_height * (size_t)preprocess->crop_width;
    l->keeps = mien_preprocess_keeps(preprocess);
    status = prepare(l);
    if (status != MIEN_OK) {
        mien_loader_close(&l);
        return status;
    }
    *loader = l;
    return MIEN_OK;
}

/* Gives up the pass that is under way. */
static void stop(mien_loader *l) {
    if (l->thread) {
        atomic_store(&l->stopped, true);
        mien_lock_take(l->lock);
        mien_lock_wake(l->lock);
        mien_lock_give(l->lock);
        mien_thread_join(&l->thread);
    }
}

void mien_loader_close(mien_loader **loader) {
    mien_loader *l = loader ? *loader : NULL;
    if (!l) {
        return;
    }
    stop(l);
    for (int i = 0; i < l->count; i++) {
        slot_clear(&l->slots[i]);
    }
    for (int i = 0; l->workers && i < l->options.threads; i++) {
        worker_clear(&l->workers[i]);
    }
    mien_free(l->slots);
    mien_free(l->workers);
    mien_pool_free(&l->pool);
    mien_picture_cache_free(&l->cache);
    mien_lock_free(&l->lock);
    mien_free(l->rows);
    mien_free(l->repeats);
    mien_free(l);
    *loader = NULL;
}

/* ---- passes ------------------------------------------------------------------- */

static mien_status check_pass(const mien_loader *l, const mien_loader_pass *pass) {
    const int64_t rows = mien_trials_rows(l->trials);
    if (pass->count < 1) {
        return mien_fail(MIEN_EINVAL, "a pass over no rows");
    }
    if (l->options.drop_last && pass->count < l->options.batch) {
        return mien_fail(MIEN_EINVAL,
            "%lld rows are less than one batch of %d: make the batch smaller, or keep "
            "the "
            "last one",
            (long long)pass->count, l->options.batch);
    }
    if (pass->first < 0 || pass->first > pass->count / l->options.batch) {
        return mien_fail(MIEN_EINVAL, "a pass of %lld rows has no batch %lld",
            (long long)pass->count, (long long)pass->first);
    }
    for (int64_t i = 0; i < pass->count; i++) {
        if (pass->rows[i] < 0 || pass->rows[i] >= rows) {
            return mien_fail(MIEN_EINVAL, "row %lld is not in the table of %lld",
                (long long)pass->rows[i], (long long)rows);
        }
    }
    return MIEN_OK;
}

/* Copies the order, and counts how often each of its rows came before. */
static mien_status take_order(mien_loader *l, const mien_loader_pass *pass) {
    if (pass->count > l->rows_room) {
        mien_free(l->rows);
        mien_free(l->repeats);
        l->rows_room = 0;
        l->rows = mien_alloc((size_t)pass->count, sizeof *l->rows);
        l->repeats = mien_alloc((size_t)pass->count, sizeof *l->repeats);
        if (!l->rows || !l->repeats) {
            return MIEN_ENOMEM;
        }
        l->rows_room = pass->count;
    }
    const size_t rows = (size_t)mien_trials_rows(l->trials);
    int64_t *seen = mien_alloc(rows, sizeof *seen);
    if (!seen) {
        return MIEN_ENOMEM;
    }
    for (int64_t i = 0; i < pass->count; i++) {
        l->rows[i] = pass->rows[i];
        l->repeats[i] = seen[pass->rows[i]]++;
    }
    mien_free(seen);
    l->rows_count = pass->count;
    return MIEN_OK;
}

mien_status mien_loader_start(mien_loader *l, const mien_loader_pass *pass) {
    mien_status status = check_pass(l, pass);
    if (status != MIEN_OK) {
        return status;
    }
    stop(l);
    l->started = false;
    status = take_order(l, pass);
    if (status != MIEN_OK) {
        return status;
    }
    const int64_t batch = l->options.batch;
    l->batches = (pass->count + (l->options.drop_last ? 0 : batch - 1)) / batch;
    l->first = pass->first;
    l->epoch = pass->epoch;
    l->augments = pass->augment && l->options.augment;
    atomic_store(&l->stopped, false);
    l->filled = l->read = 0;
    l->ended = l->lent = false;
    l->status = MIEN_OK;
    l->stats = (mien_loader_stats){0};
    l->start_s = mien_clock_s();
    status = mien_thread_new(produce, l, &l->thread);
    l->started = status == MIEN_OK;
    return status;
}

int64_t mien_loader_batches(const mien_loader *loader) {
    return loader->batches;
}

/* Gives the lent slot back and waits for the next; true if there is one. */
static bool wait_for_slot(mien_loader *l) {
    mien_lock_take(l->lock);
    if (l->lent) {
        l->read = (l->read + 1) % l->count;
        l->filled--;
        l->lent = false;
        mien_lock_wake(l->lock);
    }
    double start_s = mien_clock_s();
    while (l->filled == 0 && !l->ended) {
        mien_lock_wait(l->lock);
    }
    l->lent = l->filled > 0;
    l->stats.wait_s += mien_clock_s() - start_s;
    mien_lock_give(l->lock);
    return l->lent;
}

mien_status mien_loader_next(mien_loader *l, const mien_batch **batch) {
    if (!l->started) {
        return mien_fail(MIEN_EINVAL, "no pass over the pictures was started");
    }
    if (l->status == MIEN_END) {
        return MIEN_END;
    }
    if (l->status != MIEN_OK) {
        return mien_fail(l->status, "loading pictures had failed");
    }
    if (mien_interrupted()) {
        return mien_fail(MIEN_EINTERRUPTED, "interrupted while loading pictures");
    }
    if (wait_for_slot(l)) {
        *batch = &l->slots[l->read].batch;
        return MIEN_OK;
    }
    mien_status status = mien_thread_join(&l->thread);
    l->stats.elapsed_s = mien_clock_s() - l->start_s;
    l->status = status == MIEN_OK ? MIEN_END : status;
    return l->status;
}

mien_loader_stats mien_loader_stats_of(mien_loader *l) {
    mien_lock_take(l->lock);
    mien_loader_stats stats = l->stats;
    mien_lock_give(l->lock);
    if (l->thread) {
        stats.elapsed_s = mien_clock_s() - l->start_s;
    }
    return stats;
}
