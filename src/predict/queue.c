/* SPDX-License-Identifier: MIT */
/* A ring of items between the decoding thread and the network. */
#include "predict/queue.h"

struct mien_queue {
    mien_source *source;
    mien_lock *lock;
    mien_thread *thread;
    mien_item *slots;
    int count;  /* slots in the ring */
    int filled; /* of those, waiting for the reader */
    int read;   /* slot to read next; the writer's is read + filled */
    bool ended, stopped;
};

/* Fills one free slot after the other; the lock is not held while decoding. */
static mien_status produce(void *context) {
    mien_queue *q = context;
    mien_status status = MIEN_OK;
    int write = 0;
    while (status == MIEN_OK) {
        mien_lock_take(q->lock);
        while (q->filled == q->count && !q->stopped) {
            mien_lock_wait(q->lock);
        }
        bool stopped = q->stopped;
        mien_lock_give(q->lock);
        if (stopped) {
            break;
        }
        status = mien_source_next(q->source, &q->slots[write]);
        if (status == MIEN_OK) {
            write = (write + 1) % q->count;
            mien_lock_take(q->lock);
            q->filled++;
            mien_lock_wake(q->lock);
            mien_lock_give(q->lock);
        }
    }
    mien_lock_take(q->lock);
    q->ended = true;
    mien_lock_wake(q->lock);
    mien_lock_give(q->lock);
    return status == MIEN_END ? MIEN_OK : status;
}

mien_status mien_queue_new(
    mien_source *source, int slots, int64_t values, mien_queue **queue) {
    mien_queue *q = mien_alloc(1, sizeof *q);
    if (!q) {
        return MIEN_ENOMEM;
    }
    *q = (mien_queue){
        .source = source, .slots = mien_alloc((size_t)slots, sizeof *q->slots)};
    mien_status status = q->slots ? mien_lock_new(&q->lock) : MIEN_ENOMEM;
    for (int i = 0; status == MIEN_OK && i < slots; i++) {
        status = mien_item_init(&q->slots[i], values);
        q->count++;
    }
    if (status == MIEN_OK) {
        status = mien_thread_new(produce, q, &q->thread);
    }
    if (status != MIEN_OK) {
        mien_queue_free(&q);
        return status;
    }
    *queue = q;
    return MIEN_OK;
}

void mien_queue_free(mien_queue **queue) {
    if (!queue || !*queue) {
        return;
    }
    mien_queue *q = *queue;
    if (q->thread) {
        mien_lock_take(q->lock);
        q->stopped = true;
        mien_lock_wake(q->lock);
        mien_lock_give(q->lock);
        mien_thread_join(&q->thread);
    }
    for (int i = 0; i < q->count; i++) {
        mien_item_clear(&q->slots[i]);
    }
    mien_lock_free(&q->lock);
    mien_free(q->slots);
    mien_free(q);
    *queue = NULL;
}

mien_status mien_queue_next(mien_queue *queue, mien_item *item) {
    mien_queue *q = queue;
    mien_lock_take(q->lock);
    while (q->filled == 0 && !q->ended) {
        mien_lock_wait(q->lock);
    }
    bool got = q->filled > 0;
    if (got) {
        mien_item swap = q->slots[q->read];
        q->slots[q->read] = *item;
        *item = swap;
        q->read = (q->read + 1) % q->count;
        q->filled--;
        mien_lock_wake(q->lock);
    }
    mien_lock_give(q->lock);
    if (got) {
        return MIEN_OK;
    }
    mien_status status = q->thread ? mien_thread_join(&q->thread) : MIEN_OK;
    return status == MIEN_OK ? MIEN_END : status;
}
