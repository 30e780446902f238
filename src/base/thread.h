/* SPDX-License-Identifier: MIT */
/* Shared by thread_pool.c and thread.c: starting a thread, room for a handed-over
 * error text. */
#ifndef MIEN_BASE_THREAD_H
#define MIEN_BASE_THREAD_H

#include "mien/base.h"

#include <pthread.h>

#define MIEN_ERROR_MAX 4096

/* pthread_create() with every signal blocked in the new thread, so that handlers run on
 * the program's own threads. Returns pthread_create()'s error number. */
int mien_thread_start(pthread_t *id, void *(*run)(void *), void *context);

#endif
