/* SPDX-License-Identifier: MIT */
/* Workers that share out the items of a loop. */
#include "base/thread.h"
#include "base/need.h"

#include <assert.h>
#include <stdatomic.h>
#include <string.h>

#define THREADS_MAX 1024

typedef struct worker {
    mien_thread_pool *pool;
    int index;
    pthread_t id;
} worker;

struct mien_thread_pool {
    int threads;
    int started; /* workers made, the caller not counted */
    worker *workers;
    pthread_mutex_t mutex;
    pthread_cond_t begin, end;
    /* guarded by mutex */
    uint64_t loop; /* counts the loops, so that a worker sees a new one */
    int busy;      /* workers still in the loop */
    bool quit;
    /* the loop; written before `loop` changes */
    int64_t count;
    mien_thread_pool_work *work;
    void *context;
    atomic_int_fast64_t next;
    atomic_bool stop;
    /* lowest failure so far, guarded by mutex */
    int64_t failed_index;
    mien_status failed_status;
    char failed_error[MIEN_ERROR_MAX];
};

/* Items are handed out in rising order, so whatever stands below a failed item has been
 * started and the lowest failure is the same whatever the threads do. */
static void keep_failure(mien_thread_pool *pool, int64_t index, mien_status status) {
    pthread_mutex_lock(&pool->mutex);
    if (pool->failed_status == MIEN_OK || index < pool->failed_index) {
        pool->failed_index = index;
        pool->failed_status = status;
        strncpy(pool->failed_error, mien_error(), MIEN_ERROR_MAX - 1);
    }
    pthread_mutex_unlock(&pool->mutex);
    atomic_store(&pool->stop, true);
}

static void do_items(mien_thread_pool *pool, int index) {
    while (!atomic_load_explicit(&pool->stop, memory_order_relaxed)) {
        int64_t item = atomic_fetch_add_explicit(&pool->next, 1, memory_order_relaxed);
        if (item >= pool->count) {
            return;
        }
        mien_status status = pool->work(pool->context, item, index);
        if (status != MIEN_OK) {
            keep_failure(pool, item, status);
        }
    }
}

static void *run_worker(void *context) {
    worker *self = context;
    mien_thread_pool *pool = self->pool;
    uint64_t done = 0;
    pthread_mutex_lock(&pool->mutex);
    for (;;) {
        while (pool->loop == done && !pool->quit) {
            pthread_cond_wait(&pool->begin, &pool->mutex);
        }
        if (pool->quit) {
            break;
        }
        done = pool->loop;
        pthread_mutex_unlock(&pool->mutex);
        do_items(pool, self->index);
        pthread_mutex_lock(&pool->mutex);
        if (--pool->busy == 0) {
            pthread_cond_signal(&pool->end);
        }
    }
    pthread_mutex_unlock(&pool->mutex);
    return NULL;
}

mien_status mien_thread_pool_new(int threads, mien_thread_pool **pool) {
    MIEN_NEED(pool);
    if (threads < 1 || threads > THREADS_MAX) {
        return mien_fail(
            MIEN_EINVAL, "%d threads asked for; 1 to %d allowed", threads, THREADS_MAX);
    }
    mien_thread_pool *made = mien_alloc(1, sizeof *made);
    if (!made) {
        return MIEN_ENOMEM;
    }
    made->threads = threads;
    pthread_mutex_init(&made->mutex, NULL);
    pthread_cond_init(&made->begin, NULL);
    pthread_cond_init(&made->end, NULL);
    mien_status status = MIEN_OK;
    made->workers = mien_alloc((size_t)threads, sizeof *made->workers);
    if (!made->workers) {
        status = MIEN_ENOMEM;
    }
    for (int i = 1; status == MIEN_OK && i < threads; i++) {
        worker *w = &made->workers[made->started];
        w->pool = made;
        w->index = i;
        int failure = mien_thread_start(&w->id, run_worker, w);
        if (failure != 0) {
            status = mien_fail(MIEN_EIO, "cannot start thread %d of %d: %s", i + 1,
                threads, strerror(failure));
        } else {
            made->started++;
        }
    }
    if (status != MIEN_OK) {
        mien_thread_pool_free(&made);
        return status;
    }
    *pool = made;
    return MIEN_OK;
}

void mien_thread_pool_free(mien_thread_pool **pool) {
    if (!pool || !*pool) {
        return;
    }
    mien_thread_pool *p = *pool;
    pthread_mutex_lock(&p->mutex);
    p->quit = true;
    pthread_cond_broadcast(&p->begin);
    pthread_mutex_unlock(&p->mutex);
    for (int i = 0; i < p->started; i++) {
        pthread_join(p->workers[i].id, NULL);
    }
    pthread_cond_destroy(&p->end);
    pthread_cond_destroy(&p->begin);
    pthread_mutex_destroy(&p->mutex);
    mien_free(p->workers);
    mien_free(p);
    *pool = NULL;
}

int mien_thread_pool_threads(const mien_thread_pool *pool) {
    return pool ? pool->threads : 1;
}

static mien_status run_alone(
    int64_t count, mien_thread_pool_work *work, void *context) {
    for (int64_t i = 0; i < count; i++) {
        mien_status status = work(context, i, 0);
        if (status != MIEN_OK) {
            return status;
        }
    }
    return MIEN_OK;
}

mien_status mien_thread_pool_run(
    mien_thread_pool *pool, int64_t count, mien_thread_pool_work *work, void *context) {
    MIEN_NEED(work);
    if (!pool || pool->threads == 1 || count <= 1) {
        return run_alone(count, work, context);
    }
    pthread_mutex_lock(&pool->mutex);
    assert(pool->busy == 0 && "one caller at a time");
    pool->count = count;
    pool->work = work;
    pool->context = context;
    pool->failed_status = MIEN_OK;
    atomic_store(&pool->next, 0);
    atomic_store(&pool->stop, false);
    pool->busy = pool->started;
    pool->loop++;
    pthread_cond_broadcast(&pool->begin);
    pthread_mutex_unlock(&pool->mutex);

    do_items(pool, 0);

    pthread_mutex_lock(&pool->mutex);
    while (pool->busy > 0) {
        pthread_cond_wait(&pool->end, &pool->mutex);
    }
    mien_status status = pool->failed_status;
    pthread_mutex_unlock(&pool->mutex);
    return status == MIEN_OK ? MIEN_OK : mien_fail(status, "%s", pool->failed_error);
}
