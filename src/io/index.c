/* SPDX-License-Identifier: MIT */
/* Hash table from names to numbers: open addressing, at most half full. */
#include "io/index.h"

#include <string.h>

struct mien_index_slot {
    const char *name; /* NULL: empty */
    size_t length;
    uint64_t hash;
    int64_t value;
};

/* FNV-1a, 64 bits, then a mix so that the low bits depend on all. */
static uint64_t hash_of(const char *name, size_t length) {
    uint64_t h = 14695981039346656037ull;
    for (size_t i = 0; i < length; i++) {
        h = (h ^ (unsigned char)name[i]) * 1099511628211ull;
    }
    return h ^ (h >> 29);
}

static struct mien_index_slot *slot_for(
    const mien_index *index, const char *name, size_t length, uint64_t hash) {
    size_t i = (size_t)hash & (index->capacity - 1);
    for (;;) {
        struct mien_index_slot *slot = &index->slots[i];
        if (!slot->name || (slot->hash == hash && slot->length == length &&
                               (length == 0 || !memcmp(slot->name, name, length)))) {
            return slot;
        }
        i = (i + 1) & (index->capacity - 1);
    }
}

int64_t mien_index_find(const mien_index *index, const char *name, size_t length) {
    if (index->capacity == 0) {
        return -1;
    }
    const struct mien_index_slot *slot =
        slot_for(index, name, length, hash_of(name, length));
    return slot->name ? slot->value : -1;
}

static mien_status grow(mien_index *index) {
    mien_index larger = {.capacity = index->capacity ? index->capacity * 2 : 32};
    larger.slots = mien_alloc(larger.capacity, sizeof *larger.slots);
    if (!larger.slots) {
        return MIEN_ENOMEM;
    }
    for (size_t i = 0; i < index->capacity; i++) {
        struct mien_index_slot *old = &index->slots[i];
        if (old->name) {
            *slot_for(&larger, old->name, old->length, old->hash) = *old;
        }
    }
    larger.count = index->count;
    mien_free(index->slots);
    *index = larger;
    return MIEN_OK;
}

mien_status mien_index_add(
    mien_index *index, const char *name, size_t length, int64_t value) {
    if (index->count * 2 >= index->capacity) {
        mien_status status = grow(index);
        if (status != MIEN_OK) {
            return status;
        }
    }
    uint64_t hash = hash_of(name, length);
    struct mien_index_slot *slot = slot_for(index, name, length, hash);
    *slot = (struct mien_index_slot){name, length, hash, value};
    index->count++;
    return MIEN_OK;
}

void mien_index_clear(mien_index *index) {
    mien_free(index->slots);
    *index = (mien_index){0};
}
