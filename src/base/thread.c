/* SPDX-License-Identifier: MIT */
/* One background thread, and a lock with a condition. */
#include "base/thread.h"
#include "base/need.h"

#include <signal.h>
#include <string.h>

struct mien_thread {
    pthread_t id;
    mien_status (*run)(void *context);
    void *context;
    mien_status status;
    char error[MIEN_ERROR_MAX]; /* of a failed run, for whoever joins */
};

struct mien_lock {
    pthread_mutex_t mutex;
    pthread_cond_t condition;
};

int mien_thread_start(pthread_t *id, void *(*run)(void *), void *context) {
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int failure = pthread_create(id, NULL, run, context);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return failure;
}

static void *run_thread(void *context) {
    mien_thread *thread = context;
    thread->status = thread->run(thread->context);
    if (thread->status != MIEN_OK) {
        strncpy(thread->error, mien_error(), MIEN_ERROR_MAX - 1);
    }
    return NULL;
}

mien_status mien_thread_new(
    mien_status (*run)(void *context), void *context, mien_thread **thread) {
    MIEN_NEED(run, thread);
    mien_thread *made = mien_alloc(1, sizeof *made);
    if (!made) {
        return MIEN_ENOMEM;
    }
    made->run = run;
    made->context = context;
    int failure = mien_thread_start(&made->id, run_thread, made);
    if (failure != 0) {
        mien_free(made);
        return mien_fail(MIEN_EIO, "cannot start a thread: %s", strerror(failure));
    }
    *thread = made;
    return MIEN_OK;
}

mien_status mien_thread_join(mien_thread **thread) {
    if (!thread || !*thread) {
        return MIEN_OK;
    }
    pthread_join((*thread)->id, NULL);
    mien_status status = (*thread)->status;
    if (status != MIEN_OK) {
        mien_fail(status, "%s", (*thread)->error);
    }
    mien_free(*thread);
    *thread = NULL;
    return status;
}

mien_status mien_lock_new(mien_lock **lock) {
    MIEN_NEED(lock);
    mien_lock *made = mien_alloc(1, sizeof *made);
    if (!made) {
        return MIEN_ENOMEM;
    }
    pthread_mutex_init(&made->mutex, NULL); /* cannot fail with default attributes */
    pthread_cond_init(&made->condition, NULL);
    *lock = made;
    return MIEN_OK;
}

void mien_lock_free(mien_lock **lock) {
    if (!lock || !*lock) {
        return;
    }
    pthread_cond_destroy(&(*lock)->condition);
    pthread_mutex_destroy(&(*lock)->mutex);
    mien_free(*lock);
    *lock = NULL;
}

void mien_lock_take(mien_lock *lock) {
    MIEN_NEED_OR(, lock);
    pthread_mutex_lock(&lock->mutex);
}

void mien_lock_give(mien_lock *lock) {
    MIEN_NEED_OR(, lock);
    pthread_mutex_unlock(&lock->mutex);
}

void mien_lock_wait(mien_lock *lock) {
    MIEN_NEED_OR(, lock);
    pthread_cond_wait(&lock->condition, &lock->mutex);
}

void mien_lock_wake(mien_lock *lock) {
    MIEN_NEED_OR(, lock);
    pthread_cond_broadcast(&lock->condition);
}

static pthread_mutex_t serial = PTHREAD_MUTEX_INITIALIZER;

void mien_serial_take(void) {
    pthread_mutex_lock(&serial);
}

void mien_serial_give(void) {
    pthread_mutex_unlock(&serial);
}
