/* SPDX-License-Identifier: MIT */
/* Memory handed out from blocks and freed all at once; blocks that are maps can wait in
 * a file. */
#include "base/aside.h"
#include "base/need.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define ALIGNMENT 64

/* The room for values starts ALIGNMENT bytes after the block. */
typedef struct block {
    struct block *next;
    size_t size, used;
    size_t mapped; /* bytes of the map that it is; 0: it is none */
    bool sealed;
} block;

_Static_assert(sizeof(block) <= ALIGNMENT, "a block's head fits before its values");

struct mien_arena {
    size_t block_size;
    block *newest;
    bool maps;
};

mien_status mien_arena_new(size_t block_size, mien_arena **arena) {
    MIEN_NEED(arena);
    mien_arena *made = mien_alloc(1, sizeof *made);
    if (!made) {
        return MIEN_ENOMEM;
    }
    made->block_size = block_size < 4096 ? 4096 : block_size;
    *arena = made;
    return MIEN_OK;
}

mien_status mien_arena_new_maps(size_t block_size, mien_arena **arena) {
    mien_status status = mien_arena_new(block_size, arena);
    if (status == MIEN_OK) {
        (*arena)->maps = true;
    }
    return status;
}

/* Room for a block of `bytes` and its head. */
static block *take(const mien_arena *arena, size_t bytes) {
    if (!arena->maps) {
        return mien_alloc(1, bytes);
    }
    const size_t page = (size_t)sysconf(_SC_PAGESIZE);
    const size_t mapped = (bytes + page - 1) / page * page;
    block *made =
        mmap(NULL, mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (made == MAP_FAILED) {
        mien_fail(MIEN_ENOMEM, "out of memory: %zu bytes", mapped);
        return NULL;
    }
    made->mapped = mapped;
    return made;
}

/* A value larger than a block gets a block of its own, behind the one being filled. */
static block *add_block(mien_arena *arena, size_t bytes) {
    bool own = bytes > arena->block_size;
    size_t size = own ? bytes : arena->block_size;
    block *made = take(arena, size + ALIGNMENT);
    if (!made) {
        return NULL;
    }
    made->size = size;
    if (own && arena->newest && !arena->newest->sealed) {
        made->next = arena->newest->next;
        arena->newest->next = made;
    } else {
        made->next = arena->newest;
        arena->newest = made;
    }
    return made;
}

void *mien_arena_alloc(mien_arena *arena, size_t count, size_t size) {
    MIEN_NEED_OR(NULL, arena);
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes) || bytes > PTRDIFF_MAX / 2) {
        mien_fail(MIEN_ENOMEM, "out of memory: %zu items of %zu bytes", count, size);
        return NULL;
    }
    bytes = bytes ? (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT : ALIGNMENT;
    block *from = arena->newest;
    if (!from || from->sealed || from->size - from->used < bytes) {
        from = add_block(arena, bytes);
        if (!from) {
            return NULL;
        }
    }
    char *memory = (char *)from + ALIGNMENT + from->used;
    from->used += bytes;
    return memory;
}

char *mien_arena_strdup(mien_arena *arena, const char *text) {
    MIEN_NEED_OR(NULL, arena, text);
    size_t length = strlen(text);
    char *copy = mien_arena_alloc(arena, length + 1, 1);
    return copy ? memcpy(copy, text, length + 1) : NULL;
}

/* Writes `count` bytes, whatever the system takes at once. */
static bool write_whole(int fd, const char *bytes, size_t count, size_t at) {
    while (count > 0) {
        const ssize_t done = pwrite(fd, bytes, count, (off_t)at);
        if (done <= 0 && errno != EINTR) {
            return false;
        }
        if (done > 0) {
            bytes += done;
            at += (size_t)done;
            count -= (size_t)done;
        }
    }
    return true;
}

/* A file without a name, open; -1 with errno. */
static int open_nameless(const char *folder) {
    char *path = mien_path_join(folder, "mien-aside-XXXXXX");
    const int fd = path ? mkstemp(path) : -1;
    if (fd >= 0) {
        unlink(path);
    }
    mien_free(path);
    return fd;
}

mien_status mien_arena_seal(mien_arena *arena, const char *folder) {
    const int fd = arena->maps ? open_nameless(folder) : -1;
    block *waits = arena->newest; /* the first that is not mapped yet */
    size_t at = 0;
    bool good = fd >= 0;
    for (block *b = arena->newest; good && b; at += b->mapped, b = b->next) {
        b->sealed = true; /* as it is to be read from the file */
        good = write_whole(fd, (const char *)b, b->mapped, at);
    }
    at = 0;
    while (good && waits) {
        const size_t bytes = waits->mapped;
        good = mmap(waits, bytes, PROT_READ, MAP_PRIVATE | MAP_FIXED, fd, (off_t)at) ==
               waits;
        waits = good ? waits->next : waits;
        at += bytes;
    }
    const int why = errno;
    for (; waits; waits = waits->next) {
        waits->sealed = false;
    }
    if (fd >= 0) {
        close(fd);
    }
    return good ? MIEN_OK
                : mien_fail(
                      MIEN_EIO, "%s: no file for weights: %s", folder, strerror(why));
}

bool mien_arena_sealed(const mien_arena *arena) {
    return arena->newest && arena->newest->sealed;
}

void mien_arena_rest(mien_arena *arena) {
    for (block *b = arena->newest; b;) {
        block *next = b->next;
        if (b->sealed) {
            madvise(b, b->mapped, MADV_DONTNEED);
        }
        b = next;
    }
}

void mien_arena_free(mien_arena **arena) {
    if (!arena || !*arena) {
        return;
    }
    for (block *b = (*arena)->newest; b;) {
        block *next = b->next;
        if (b->mapped) {
            munmap(b, b->mapped);
        } else {
            mien_free(b);
        }
        b = next;
    }
    mien_free(*arena);
    *arena = NULL;
}
