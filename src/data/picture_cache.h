/* SPDX-License-Identifier: MIT */
/* Pictures that need not be decoded again: in memory, then in a mapped file. */
#ifndef MIEN_DATA_PICTURE_CACHE_H
#define MIEN_DATA_PICTURE_CACHE_H

#include "mien/data.h"

/** For any number of threads. */
typedef struct mien_picture_cache mien_picture_cache;

typedef struct mien_picture_cache_options {
    int64_t rows;
    size_t bytes;          /**< of each picture */
    int64_t memory_max;    /**< bytes; 0: none in memory */
    const char *directory; /**< NULL: no file */
    int64_t file_max;      /**< bytes */
} mien_picture_cache_options;

typedef enum mien_cached {
    MIEN_CACHED_NOT,
    MIEN_CACHED_MEMORY,
    MIEN_CACHED_FILE,
    MIEN_CACHED_BAD /**< the row has no picture that can be read */
} mien_cached;

mien_status mien_picture_cache_new(
    const mien_picture_cache_options *options, mien_picture_cache **cache);
void mien_picture_cache_free(mien_picture_cache **cache);
/** *bytes is lent until the cache is freed; untouched where there is none. */
mien_cached mien_picture_cache_get(
    mien_picture_cache *cache, int64_t row, const void **bytes);
/** Keeps a copy if there is room. A file that cannot grow is told once and left as it
 * is; only MIEN_ENOMEM is a failure. */
mien_status mien_picture_cache_put(
    mien_picture_cache *cache, int64_t row, const void *bytes);
/** Marks a row as bad; true for the first to do so. */
bool mien_picture_cache_bad(mien_picture_cache *cache, int64_t row);

#endif
