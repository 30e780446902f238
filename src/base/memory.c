/* SPDX-License-Identifier: MIT */
/* Checked, aligned, zeroed, counted memory; tests can make any one allocation fail. Of
 * a large block no page is used before it is touched. */
#include "base/unset.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define ALIGNMENT 64
#define HUGE_PAGE ((size_t)2 << 20)
/* From here on giving pages back costs less than writing zeros. */
#define LAZY ((size_t)256 << 10)

static atomic_uint_fast64_t alloc_count;
/* Allocations left until one fails; 0: none will. */
static atomic_uint_fast64_t alloc_fail;

static bool told_to_fail(void) {
    uint_fast64_t left = atomic_load_explicit(&alloc_fail, memory_order_relaxed);
    while (left > 0) {
        if (atomic_compare_exchange_weak(&alloc_fail, &left, left - 1)) {
            return left == 1;
        }
    }
    return false;
}

static void *take(size_t count, size_t size) {
    atomic_fetch_add_explicit(&alloc_count, 1, memory_order_relaxed);
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes) ||
        bytes > PTRDIFF_MAX - ALIGNMENT) {
        mien_fail(MIEN_ENOMEM, "out of memory: %zu items of %zu bytes", count, size);
        return NULL;
    }
    void *memory = NULL;
    bool large = bytes >= HUGE_PAGE;
    if (told_to_fail() || posix_memalign(&memory, large ? HUGE_PAGE : ALIGNMENT,
                              bytes ? bytes : ALIGNMENT) != 0) {
        mien_fail(MIEN_ENOMEM, "out of memory: %zu bytes", bytes);
        return NULL;
    }
#ifdef MADV_HUGEPAGE
    /* Only advice: walking page tables took 7 to 10 % of a network's time without it.
     * Whole pages only, so that no memory is used beyond what was asked for. */
    if (large) {
        madvise(memory, bytes / HUGE_PAGE * HUGE_PAGE, MADV_HUGEPAGE);
    }
#endif
    return memory;
}

/* Bytes [from, bytes) become zero. The whole pages of a large block are given back to
 * Linux, which hands out zeroed ones when they are first touched: what is allocated and
 * never used (the classifier of a network cut above it) takes no memory. Where that is
 * refused (locked pages) they are written. */
static void zero(char *memory, size_t from, size_t bytes) {
#ifdef __linux__
    if (bytes - from >= LAZY) {
        size_t page = (size_t)sysconf(_SC_PAGESIZE);
        uintptr_t start = (uintptr_t)memory;
        size_t first = (start + from + page - 1) / page * page - start;
        size_t last = (start + bytes) / page * page - start;
        if (madvise(memory + first, last - first, MADV_DONTNEED) == 0) {
            memset(memory + from, 0, first - from);
            from = last;
        }
    }
#endif
    memset(memory + from, 0, bytes - from);
}

void *mien_alloc(size_t count, size_t size) {
    void *memory = take(count, size);
    if (memory) {
        zero(memory, 0, count * size);
    }
    return memory;
}

void *mien_alloc_unset(size_t count, size_t size) {
    return take(count, size);
}

void *mien_realloc(void *old, size_t old_count, size_t count, size_t size) {
    char *memory = take(count, size);
    if (!memory) {
        return NULL;
    }
    size_t keep = old ? (old_count < count ? old_count : count) * size : 0;
    if (keep > 0) {
        memcpy(memory, old, keep);
    }
    zero(memory, keep, count * size);
    free(old);
    return memory;
}

void mien_free(void *memory) {
    free(memory);
}

uint64_t mien_alloc_count(void) {
    return atomic_load_explicit(&alloc_count, memory_order_relaxed);
}

void mien_alloc_fail_at(uint64_t n) {
    atomic_store(&alloc_fail, n);
}
