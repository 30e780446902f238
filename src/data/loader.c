/* SPDX-License-Identifier: MIT */
/* Batches made ready while a network trains.
 *
 * What comes in are rows in an order and where their items are; what goes out are
 * batches of the network's numbers, one array an input. train/dataset/batches.c calls
 * this. One thread fills a ring of batches, each by a pool; the caller holds one slot
 * of the ring until it asks for the next. Whatever is drawn comes from the trial, the
 * epoch and the seed, and each item has its own place, so that threads cannot change a
 * bit. */
#include "data/loader_item.h"
#include "base/need.h"

#include <stdatomic.h>
#include <string.h>

#define AHEAD_MAX 64
#define BATCH_MAX 65536

/* Streams of batches stand apart from those of trials, whose second word is an epoch
 * and a repetition. */
#define STREAM_MIX (UINT64_C(1) << 63)
#define STREAM_BATCH (UINT64_C(1) << 62)
/* Inputs behind the first draw from seeds of their own. */
#define SEED_OF_INPUT(seed, i) ((seed) ^ (uint64_t)(i)*UINT64_C(0x9e3779b97f4a7c15))

typedef struct slot {
    mien_batch batch;
    int64_t *rows, *partner;
    float *values[MIEN_INPUTS_MAX], *seen[MIEN_INPUTS_MAX];
    bool *failed;
    mien_augment_draw *draws; /* [batch, inputs] */
    double *weight;
} slot;

struct mien_loader {
    mien_loader_source lent; /* what it points to is lent */
    mien_loader_options options;
    mien_loader_input input[MIEN_INPUTS_MAX];
    int inputs;
    bool draws, mixes; /* some input is augmented; in some way that mixes */
    const mien_augment *mixing;
    mien_thread_pool *pool;
    mien_loader_worker *workers;
    mien_lock *lock;
    slot *slots;
    int count; /* slots */
    /* the pass */
    mien_thread *thread;
    int64_t *rows, *repeats; /* [rows_room]; of each place in the order */
    int64_t rows_room, rows_count, batches, first;
    uint32_t epoch;
    const int64_t *from[MIEN_INPUTS_MAX];
    bool started, augments;
    atomic_bool stopped;
    mien_status status; /* it ended with; MIEN_END: all batches were given */
    double start_s;
    /* guarded by the lock */
    int filled, read;
    bool ended;
    mien_loader_stats stats;
    /* of the caller's thread */
    bool holds;
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

/* ---- one row ------------------------------------------------------------------- */

static void count(mien_loader *l, const mien_loader_fetched *f) {
    mien_lock_take(l->lock);
    l->stats.failed += f->failed;
    l->stats.from_memory += f->where == MIEN_CACHED_MEMORY;
    l->stats.from_file += f->where == MIEN_CACHED_FILE;
    l->stats.decoded += f->where == MIEN_CACHED_NOT && !f->failed && !f->missing;
    mien_lock_give(l->lock);
}

/* FNV-1a: ids are kept through every change of a table, row numbers are not. */
static uint64_t hash_text(const char *text) {
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (; *text; text++) {
        hash = (hash ^ (unsigned char)*text) * UINT64_C(0x100000001b3);
    }
    return hash;
}

/* Draws what is changed of one input of a row. */
static void draw_input(
    const mien_loader *l, int i, int64_t row, int64_t place, mien_augment_draw *draw) {
    const mien_loader_input *in = &l->input[i];
    const mien_item_shape *shape = &in->input->shape;
    uint64_t seed = SEED_OF_INPUT(l->options.seed, i);
    mien_stream stream;
    if (l->options.augment_by_batch) {
        mien_stream_init(
            &stream, seed, (uint64_t)l->filling->batch.index, STREAM_BATCH | l->epoch);
    } else {
        mien_stream_init(&stream, seed, hash_text(l->lent.id[row]),
            (uint64_t)l->repeats[place] << 32 | l->epoch);
    }
    mien_augment_draw_make(in->augment, (int)shape->size[shape->rank - 2],
        (int)shape->size[shape->rank - 1], &stream, draw);
    if (l->options.adjust) {
        l->options.adjust(l->options.adjust_context, row, draw);
    }
}

static void draw_row(
    const mien_loader *l, int64_t row, int64_t place, mien_augment_draw *draws) {
    for (int i = 0; i < l->inputs; i++) {
        if (l->input[i].augment && l->input[i].follows == i) {
            draw_input(l, i, row, place, &draws[i]);
        }
    }
}

/* All items of a row; draws are fitted to points that must stay inside before any item
 * is made of them. */
static mien_status fetch_row(mien_loader *l, const slot *s, int64_t index, int worker,
    mien_augment_draw *draws, mien_loader_fetched *fetched) {
    int64_t row = s->rows[index];
    mien_status status = MIEN_OK;
    for (int i = 0; status == MIEN_OK && i < l->inputs; i++) {
        mien_loader_input *in = &l->input[i];
        int64_t from = l->from[i] ? l->from[i][row] : row;
        status = mien_loader_fetch(
            in, i, &l->workers[worker], from, l->lent.id[from], &fetched[i]);
        if (status == MIEN_OK) {
            count(l, &fetched[i]);
            s->failed[index] = s->failed[index] || fetched[i].failed;
        }
        if (status == MIEN_OK && draws && in->augment) {
            mien_loader_fit(
                in, i, &l->workers[worker], &fetched[i], &draws[in->follows]);
        }
    }
    return status;
}

static mien_status make_row(void *context, int64_t index, int worker) {
    mien_loader *l = context;
    mien_loader_fetched fetched[MIEN_INPUTS_MAX];
    const slot *s = l->filling;
    int64_t row = s->rows[index];
    mien_augment_draw *draws = l->augments ? s->draws + index * l->inputs : NULL;
    if (mien_interrupted() || atomic_load(&l->stopped)) {
        return mien_fail(MIEN_EINTERRUPTED, "interrupted while loading");
    }
    if (draws) {
        draw_row(l, row, s->batch.index * l->options.batch + index, draws);
    }
    s->failed[index] = false;
    mien_status status = fetch_row(l, s, index, worker, draws, fetched);
    for (int i = 0; status == MIEN_OK && i < l->inputs; i++) {
        mien_loader_input *in = &l->input[i];
        const mien_augment_draw *draw =
            draws && in->augment ? &draws[in->follows] : NULL;
        status = mien_loader_make(in, i, &l->workers[worker], &fetched[i], draw,
            s->values[i] + index * in->values, s->seen[i] + index * in->steps);
    }
    if (status == MIEN_OK && draws && s->failed[index]) {
        memset(draws, 0, (size_t)l->inputs * sizeof *draws);
    }
    return status;
}

/* ---- one batch ---------------------------------------------------------------- */

static mien_status mix(mien_loader *l, slot *s) {
    mien_stream stream;
    mien_stream_init(
        &stream, l->options.seed, (uint64_t)s->batch.index, STREAM_MIX | l->epoch);
    mien_status status = mien_augment_mix_draw(
        l->mixing, &stream, s->batch.n, s->failed, s->partner, s->weight);
    for (int64_t i = 0; status == MIEN_OK && i < s->batch.n; i++) {
        s->batch.mixed = s->batch.mixed || s->partner[i] != i;
    }
    for (int i = 0; status == MIEN_OK && s->batch.mixed && i < l->inputs; i++) {
        status = mien_augment_mix(s->batch.n, l->input[i].values, s->partner, s->weight,
            l->pool, s->values[i]);
        if (status == MIEN_OK) {
            status = mien_augment_mix(s->batch.n, l->input[i].steps, s->partner,
                s->weight, l->pool, s->seen[i]);
        }
    }
    return status;
}

static mien_status fill(mien_loader *l, int64_t index, slot *s) {
    const int64_t first = index * l->options.batch, left = l->rows_count - first;
    s->batch = (mien_batch){.index = index,
        .n = left < l->options.batch ? left : l->options.batch,
        .rows = s->rows,
        .failed = s->failed,
        .draws = l->augments ? s->draws : NULL,
        .partner = s->partner,
        .weight = s->weight};
    for (int i = 0; i < l->inputs; i++) {
        s->batch.values[i] = s->values[i];
        s->batch.seen[i] = s->seen[i];
    }
    memcpy(s->rows, l->rows + first, (size_t)s->batch.n * sizeof *s->rows);
    for (int64_t i = 0; i < s->batch.n; i++) {
        s->partner[i] = i;
        s->weight[i] = 1.0;
    }
    l->filling = s;
    mien_status status = mien_thread_pool_run(l->pool, s->batch.n, make_row, l);
    if (status == MIEN_OK && l->augments && l->mixes) {
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

static mien_status check(
    const mien_loader_source *source, const mien_loader_options *o) {
    if (source->inputs < 1 || source->inputs > MIEN_INPUTS_MAX) {
        return mien_fail(MIEN_EINVAL, "%d inputs to load; 1 to %d are allowed",
            source->inputs, MIEN_INPUTS_MAX);
    }
    if (o->batch < 1 || o->batch > BATCH_MAX) {
        return mien_fail(
            MIEN_EINVAL, "a batch of %d rows is not in 1-%d", o->batch, BATCH_MAX);
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
    s->failed = mien_alloc(n, sizeof *s->failed);
    s->weight = mien_alloc(n, sizeof *s->weight);
    s->draws = l->draws ? mien_alloc(n * (size_t)l->inputs, sizeof *s->draws) : NULL;
    bool good =
        s->rows && s->partner && s->failed && s->weight && (s->draws || !l->draws);
    for (int i = 0; good && i < l->inputs; i++) {
        s->values[i] = mien_alloc(n, (size_t)l->input[i].values * sizeof(float));
        s->seen[i] = mien_alloc(n, (size_t)l->input[i].steps * sizeof(float));
        good = s->values[i] && s->seen[i];
    }
    return good ? MIEN_OK : MIEN_ENOMEM;
}

static void slot_clear(slot *s) {
    mien_free(s->rows);
    mien_free(s->partner);
    mien_free(s->failed);
    mien_free(s->weight);
    mien_free(s->draws);
    for (int i = 0; i < MIEN_INPUTS_MAX; i++) {
        mien_free(s->values[i]);
        mien_free(s->seen[i]);
    }
}

static mien_status prepare_inputs(mien_loader *l) {
    mien_status status = MIEN_OK;
    while (status == MIEN_OK && l->inputs < l->lent.inputs) {
        int i = l->inputs++;
        const mien_augment *augment = l->lent.augment[i];
        status = mien_loader_input_init(&l->input[i], &l->lent, i, &l->options);
        l->draws = l->draws || augment;
        if (augment && mien_augment_mixes(augment) && !l->mixes) {
            l->mixes = true;
            l->mixing = augment;
        }
    }
    return status;
}

static mien_status prepare(mien_loader *l) {
    mien_status status = mien_lock_new(&l->lock);
    status = status ? status : prepare_inputs(l);
    status = status ? status : mien_thread_pool_new(l->options.threads, &l->pool);
    if (status == MIEN_OK) {
        l->workers = mien_alloc((size_t)l->options.threads, sizeof *l->workers);
        l->slots = mien_alloc((size_t)l->options.ahead + 1, sizeof *l->slots);
        status = l->workers && l->slots ? MIEN_OK : MIEN_ENOMEM;
    }
    for (int i = 0; status == MIEN_OK && i < l->options.threads; i++) {
        status = mien_loader_worker_init(&l->workers[i], l->input, l->inputs);
    }
    while (status == MIEN_OK && l->count <= l->options.ahead) {
        status = slot_init(l, &l->slots[l->count++]);
    }
    return status;
}

mien_status mien_loader_open(const mien_loader_source *source,
    const mien_loader_options *options, mien_loader **loader) {
    MIEN_NEED(source, loader);
    mien_loader_options initial = mien_loader_options_default();
    const mien_loader_options *o = options ? options : &initial;
    mien_status status = check(source, o);
    if (status != MIEN_OK) {
        return status;
    }
    mien_loader *l = mien_alloc(1, sizeof *l);
    if (!l) {
        return MIEN_ENOMEM;
    }
    l->lent = *source;
    l->options = *o;
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
        mien_loader_worker_clear(&l->workers[i]);
    }
    mien_free(l->slots);
    mien_free(l->workers);
    mien_thread_pool_free(&l->pool);
    for (int i = 0; i < l->inputs; i++) {
        mien_loader_input_clear(&l->input[i]);
    }
    mien_lock_free(&l->lock);
    mien_free(l->rows);
    mien_free(l->repeats);
    mien_free(l);
    *loader = NULL;
}

/* ---- passes ------------------------------------------------------------------- */

static mien_status check_pass(const mien_loader *l, const mien_loader_pass *pass) {
    const int64_t rows = l->lent.rows;
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
    const size_t rows = (size_t)l->lent.rows;
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
    MIEN_NEED(l, pass);
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
    memcpy(l->from, pass->from, sizeof l->from);
    l->augments = pass->augment && l->draws;
    atomic_store(&l->stopped, false);
    l->filled = l->read = 0;
    l->ended = l->holds = false;
    l->status = MIEN_OK;
    l->stats = (mien_loader_stats){0};
    l->start_s = mien_clock_s();
    status = mien_thread_new(produce, l, &l->thread);
    l->started = status == MIEN_OK;
    return status;
}

int64_t mien_loader_batches(const mien_loader *loader) {
    MIEN_NEED_OR(0, loader);
    return loader->batches;
}

/* Gives the lent slot back and waits for the next; true if there is one. */
static bool wait_for_slot(mien_loader *l) {
    mien_lock_take(l->lock);
    if (l->holds) {
        l->read = (l->read + 1) % l->count;
        l->filled--;
        l->holds = false;
        mien_lock_wake(l->lock);
    }
    double start_s = mien_clock_s();
    while (l->filled == 0 && !l->ended) {
        mien_lock_wait(l->lock);
    }
    l->holds = l->filled > 0;
    l->stats.wait_s += mien_clock_s() - start_s;
    mien_lock_give(l->lock);
    return l->holds;
}

mien_status mien_loader_next(mien_loader *l, const mien_batch **batch) {
    MIEN_NEED(l, batch);
    if (!l->started) {
        return mien_fail(MIEN_EINVAL, "no pass over the rows was started");
    }
    if (l->status == MIEN_END) {
        return MIEN_END;
    }
    if (l->status != MIEN_OK) {
        return mien_fail(l->status, "loading had failed");
    }
    if (mien_interrupted()) {
        return mien_fail(MIEN_EINTERRUPTED, "interrupted while loading");
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
    MIEN_NEED_OR((mien_loader_stats){0}, l);
    mien_lock_take(l->lock);
    mien_loader_stats stats = l->stats;
    mien_lock_give(l->lock);
    if (l->thread) {
        stats.elapsed_s = mien_clock_s() - l->start_s;
    }
    return stats;
}
