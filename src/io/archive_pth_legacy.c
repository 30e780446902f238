/* SPDX-License-Identifier: MIT */
/* torch.save() before 1.6, and with _use_new_zipfile_serialization=False since: five
 * pickles (magic number, version, system, the object, keys of its storages), then each
 * storage as a 64-bit count and its values. */
#include "io/torch.h"

#include <string.h>

/* LONG1 of 10 bytes 0x1950a86a20f9469cfc6c, STOP */
static const unsigned char magic[] = {
    0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, '.'};

/* The length of the first pickle, PROTO 2 to 5, from 4 on FRAME with its length, and
 * the magic number; 0 if it is none. */
static size_t magic_length(const unsigned char *bytes, size_t count) {
    enum { PROTO = 0x80, FRAME = 0x95 };
    if (count < 2 || bytes[0] != PROTO || bytes[1] < 2 || bytes[1] > 5) {
        return 0;
    }
    size_t start = bytes[1] >= 4 && count > 11 && bytes[2] == FRAME ? 11 : 2;
    return count - start >= sizeof magic && !memcmp(bytes + start, magic, sizeof magic)
               ? start + sizeof magic
               : 0;
}

static bool matches(const unsigned char *bytes, size_t count) {
    return magic_length(bytes, count) > 0;
}

static mien_status check_version(
    const mien_archive *a, const mien_pickle_value *version) {
    return version->kind == MIEN_PICKLE_INT && version->i == 1001
               ? MIEN_OK
               : mien_fail(MIEN_EUNSUPPORTED, "%s: not version 1001 of torch's format",
                     a->path);
}

static mien_status check_system(
    const mien_archive *a, const mien_pickle_value *system) {
    for (uint32_t i = 0; system->kind == MIEN_PICKLE_DICT && i + 1 < system->count;
         i += 2) {
        if (mien_pickle_is(system->items[i], "little_endian") &&
            system->items[i + 1]->kind == MIEN_PICKLE_BOOL) {
            return system->items[i + 1]->i
                       ? MIEN_OK
                       : mien_fail(MIEN_EUNSUPPORTED, "%s: big-endian values", a->path);
        }
    }
    return mien_fail(MIEN_EFORMAT, "%s: no description of the system", a->path);
}

static mien_status find_values(
    const mien_archive *a, mien_torch *t, const mien_pickle_value *key) {
    char text[64];
    int64_t at = key->kind == MIEN_PICKLE_TEXT ? mien_torch_find(t, key) : -1;
    if (at < 0 || t->storages[at].bytes) {
        return mien_fail(
            MIEN_EFORMAT, "%s: a storage that no tensor names, or twice", a->path);
    }
    mien_torch_storage *storage = &t->storages[at];
    const unsigned char *b = a->bytes + t->pickle.next;
    size_t room = a->count - t->pickle.next, size = mien_dtype_size(storage->dtype);
    int64_t wanted = storage->count;
    if (storage->untyped) { /* counted in bytes */
        wanted *= (int64_t)size;
        size = 1;
    }
    mien_pickle_print(key, text, sizeof text);
    if (room < 8) {
        return mien_fail(
            MIEN_EFORMAT, "%s: truncated before storage %s", a->path, text);
    }
    uint64_t count = 0;
    for (int i = 7; i >= 0; i--) {
        count = count << 8 | b[i];
    }
    if (count != (uint64_t)wanted) {
        return mien_fail(MIEN_EFORMAT, "%s: storage %s has %llu values, not %lld",
            a->path, text, (unsigned long long)count, (long long)wanted);
    }
    if (count > (room - 8) / size) {
        return mien_fail(
            MIEN_EFORMAT, "%s: truncated inside storage %s", a->path, text);
    }
    storage->bytes = b + 8;
    t->pickle.next += 8 + (size_t)count * size;
    return MIEN_OK;
}

static mien_status place_entries(mien_archive *a, const mien_torch *t) {
    for (int64_t i = 0; i < a->entry_count; i++) {
        mien_archive_entry *entry = &a->entries[i];
        const mien_torch_storage *storage = &t->storages[entry->storage];
        if (!storage->bytes) {
            return mien_fail(MIEN_EFORMAT,
                "%s: the values of tensor \"%s\" are missing", a->path, entry->name);
        }
        /* an empty tensor may start anywhere */
        entry->first = storage->bytes;
        if (mien_archive_extent(entry) > 0) {
            entry->first += (size_t)entry->offset * mien_dtype_size(storage->dtype);
        }
    }
    return MIEN_OK;
}

static mien_status read_stream(mien_archive *a, mien_torch *t) {
    const mien_pickle_value *version, *system, *object, *keys;
    mien_status status = mien_pickle_run(&t->pickle, &version);
    status = status == MIEN_OK ? check_version(a, version) : status;
    status = status == MIEN_OK ? mien_pickle_run(&t->pickle, &system) : status;
    status = status == MIEN_OK ? check_system(a, system) : status;
    status = status == MIEN_OK ? mien_pickle_run(&t->pickle, &object) : status;
    status = status == MIEN_OK ? mien_pickle_run(&t->pickle, &keys) : status;
    if (status == MIEN_OK && keys->kind != MIEN_PICKLE_LIST) {
        status = mien_fail(MIEN_EFORMAT, "%s: no list of storages", a->path);
    }
    t->pickle.count = a->count; /* the values may lie beyond the limit for pickles */
    for (uint32_t i = 0; status == MIEN_OK && i < keys->count; i++) {
        status = find_values(a, t, keys->items[i]);
    }
    if (status == MIEN_OK && t->pickle.next != a->count) {
        status = mien_fail(MIEN_EFORMAT, "%s: %zu bytes after the last storage",
            a->path, a->count - t->pickle.next);
    }
    status = status == MIEN_OK ? mien_torch_list(t, a, object) : status;
    return status == MIEN_OK ? place_entries(a, t) : status;
}

static mien_status open_legacy(mien_archive *a) {
    size_t count = a->count < MIEN_PICKLE_BYTES_MAX ? a->count : MIEN_PICKLE_BYTES_MAX;
    mien_torch *t = mien_alloc(1, sizeof *t);
    if (!t) {
        return MIEN_ENOMEM;
    }
    mien_torch_init(t, a, a->bytes, count);
    t->pickle.next = magic_length(a->bytes, a->count);
    mien_status status = read_stream(a, t);
    mien_torch_clear(t);
    mien_free(t);
    return status;
}

const mien_archive_kind mien_archive_pth_legacy = {
    .name = "pth_legacy",
    .summary = "a stream of torch.save() before PyTorch 1.6",
    .matches = matches,
    .open = open_legacy,
};
