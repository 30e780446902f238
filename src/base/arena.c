/* SPDX-License-Identifier: MIT */
/* Memory handed out from blocks and freed all at once. */
#include "mien/base.h"

#include <string.h>

#define ALIGNMENT 64

/* The room for values starts ALIGNMENT bytes after the block. */
typedef struct block {
    struct block *next;
    size_t size, used;
} block;

_Static_assert(sizeof(block) <= ALIGNMENT, "a block's head fits before its values");

struct mien_arena {
    size_t block_size;
    block *newest;
};

mien_status mien_arena_new(size_t block_size, mien_arena **arena) {
    mien_arena *made = mien_alloc(1, sizeof *made);
    if (!made) {
        return MIEN_ENOMEM;
    }
    made->block_size = block_size < 4096 ? 4096 : block_size;
    *arena = made;
    return MIEN_OK;
}

/* A value larger than a block gets a block of its own, behind the one being filled. */
static block *add_block(mien_arena *arena, size_t bytes) {
    bool own = bytes > arena->block_size;
    size_t size = own ? bytes : arena->block_size;
    block *made = mien_alloc(1, size + ALIGNMENT);
    if (!made) {
        return NULL;
    }
    made->size = size;
    if (own && arena->newest) {
        made->next = arena->newest->next;
        arena->newest->next = made;
    } else {
        made->next = arena->newest;
        arena->newest = made;
    }
    return made;
}

void *mien_arena_alloc(mien_arena *arena, size_t count, size_t size) {
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes) || bytes > PTRDIFF_MAX / 2) {
        mien_fail(MIEN_ENOMEM, "out of memory: %zu items of %zu bytes", count, size);
        return NULL;
    }
    bytes = bytes ? (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT : ALIGNMENT;
    block *from = arena->newest;
    if (!from || from->size - from->used < bytes) {
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
    size_t length = strlen(text);
    char *copy = mien_arena_alloc(arena, length + 1, 1);
    return copy ? memcpy(copy, text, length + 1) : NULL;
}

void mien_arena_free(mien_arena **arena) {
    if (!arena || !*arena) {
        return;
    }
    for (block *b = (*arena)->newest; b;) {
        block *next = b->next;
        mien_free(b);
        b = next;
    }
    mien_free(*arena);
    *arena = NULL;
}
