/* SPDX-License-Identifier: MIT */
/* Opens files of named tensors: finds the format, keeps the list, copies values out. */
#include "io/archive.h"
#include "base/need.h"
#include "io/archive_view.h"

#include <string.h>

#define X(name) extern const mien_archive_kind mien_archive_##name;
#include "io/archives.def"
#undef X

static const mien_archive_kind *const kinds[] = {
#define X(name) &mien_archive_##name,
#include "io/archives.def"
#undef X
    NULL};

const mien_archive_kind *const *mien_archive_kinds(void) {
    return kinds;
}

/* ---- what is no archive but is often taken for one ------------------------------- */

static const struct {
    const char *start;
    size_t length;
    const char *what;
} strangers[] = {
    {"version https://git-lfs", 23, "a Git LFS pointer; the weights were not fetched"},
    {"<", 1, "a web page, not weights (a download that failed?)"},
    {"\x93NUMPY", 6, "one NumPy array, not named weights"},
    {"\x1f\x8b", 2, "compressed by gzip; unpack it first"},
    {"GGUF", 4, "a GGUF file, which is not supported"},
    {"\x08", 1,
        "an ONNX graph, which has no contract and is not run: `mien "
        "models import` makes a model of it"},
};

static mien_status unknown_format(const mien_archive *a) {
    if (a->count == 0) {
        return mien_fail(MIEN_EFORMAT, "%s: the file is empty", a->path);
    }
    for (size_t i = 0; i < sizeof strangers / sizeof strangers[0]; i++) {
        if (a->count >= strangers[i].length &&
            !memcmp(a->bytes, strangers[i].start, strangers[i].length)) {
            return mien_fail(MIEN_EFORMAT, "%s: %s", a->path, strangers[i].what);
        }
    }
    return mien_fail(MIEN_EFORMAT,
        "%s: no weights: neither safetensors nor a file of torch.save() or Keras",
        a->path);
}

/* ---- opening and closing --------------------------------------------------------- */

void mien_archive_close(mien_archive **archive) {
    mien_archive *a = archive ? *archive : NULL;
    if (!a) {
        return;
    }
    if (a->kind && a->kind->close) {
        a->kind->close(a);
    }
    mien_index_clear(&a->index);
    mien_arena_free(&a->arena);
    mien_map_clear(&a->map);
    mien_free(a->metadata);
    mien_free(a->entries);
    mien_free(a->path);
    mien_free(a);
    *archive = NULL;
}

static mien_status open_kind(mien_archive *a) {
    mien_status status = mien_arena_new(64 << 10, &a->arena);
    if (status != MIEN_OK) {
        return status;
    }
    for (size_t i = 0; kinds[i]; i++) {
        if (kinds[i]->matches(a->bytes, a->count)) {
            a->kind = kinds[i];
            return a->kind->open(a);
        }
    }
    return unknown_format(a);
}

static mien_status archive_alloc(const char *path, mien_archive **archive) {
    mien_archive *a = mien_alloc(1, sizeof *a);
    if (!a) {
        return MIEN_ENOMEM;
    }
    a->path = mien_strdup(path);
    if (!a->path) {
        mien_free(a);
        return MIEN_ENOMEM;
    }
    *archive = a;
    return MIEN_OK;
}

mien_status mien_archive_open(const char *path, mien_archive **archive) {
    MIEN_NEED(path);
    MIEN_NEED(archive);
    mien_archive *a = NULL;
    mien_status status = archive_alloc(path, &a);
    if (status == MIEN_OK) {
        status = mien_map_init(&a->map, path, MIEN_ARCHIVE_BYTES_MAX);
    }
    if (status == MIEN_OK) {
        a->bytes = a->map.bytes;
        a->count = a->map.count;
        status = open_kind(a);
    }
    if (status != MIEN_OK) {
        mien_archive_close(&a);
        return status;
    }
    *archive = a;
    return MIEN_OK;
}

mien_status mien_archive_open_memory(
    const char *name, const void *bytes, size_t count, mien_archive **archive) {
    mien_archive *a = NULL;
    mien_status status = archive_alloc(name, &a);
    if (status == MIEN_OK) {
        a->bytes = bytes;
        a->count = count;
        status = open_kind(a);
    }
    if (status != MIEN_OK) {
        mien_archive_close(&a);
        return status;
    }
    *archive = a;
    return MIEN_OK;
}

/* ---- filling --------------------------------------------------------------------- */

static mien_status grow_entries(mien_archive *a) {
    if (a->entry_count < a->entry_room) {
        return MIEN_OK;
    }
    int64_t larger = a->entry_room ? a->entry_room * 2 : 64;
    mien_archive_entry *entries = mien_realloc(
        a->entries, (size_t)a->entry_room, (size_t)larger, sizeof *entries);
    if (!entries) {
        return MIEN_ENOMEM;
    }
    a->entries = entries;
    a->entry_room = larger;
    return MIEN_OK;
}

mien_status mien_archive_add(mien_archive *a, const char *name, mien_dtype dtype,
    int rank, const int64_t *shape, mien_archive_entry **entry) {
    if (a->entry_count >= MIEN_ARCHIVE_TENSORS_MAX) {
        return mien_fail(
            MIEN_ELIMIT, "%s: more than %d tensors", a->path, MIEN_ARCHIVE_TENSORS_MAX);
    }
    if (mien_index_find(&a->index, name, strlen(name)) >= 0) {
        return mien_fail(
            MIEN_EFORMAT, "%s: tensor \"%s\" appears twice", a->path, name);
    }
    mien_status status = grow_entries(a);
    if (status != MIEN_OK) {
        return status;
    }
    mien_archive_entry made = {.name = mien_arena_strdup(a->arena, name)};
    if (!made.name) {
        return MIEN_ENOMEM;
    }
    made.info = (mien_tensor){.dtype = dtype, .rank = rank, .borrowed = true};
    /* an empty tensor's other sizes are bounded by nothing: their product may overflow
     */
    bool empty = mien_shape_count(rank, shape) <= 0;
    int64_t step = 1;
    for (int d = rank - 1; d >= 0; d--) {
        made.info.shape[d] = shape[d];
        made.stride[d] = step;
        step *= empty ? 1 : shape[d];
    }
    status = mien_index_add(&a->index, made.name, strlen(made.name), a->entry_count);
    if (status == MIEN_OK) {
        *entry = &a->entries[a->entry_count++];
        **entry = made;
    }
    return status;
}

int64_t mien_archive_extent(const mien_archive_entry *entry) {
    int64_t last = 0;
    for (int d = 0; d < entry->info.rank; d++) {
        if (entry->info.shape[d] == 0) {
            return 0;
        }
        last += (entry->info.shape[d] - 1) * entry->stride[d];
    }
    return last + 1;
}

/* The number of inner dimensions whose values lie side by side, and how many those are.
 */
static int inner_block(const mien_archive_entry *entry, int64_t *values) {
    int d = entry->info.rank;
    *values = 1;
    while (
        d > 0 && (entry->info.shape[d - 1] == 1 || entry->stride[d - 1] == *values)) {
        *values *= entry->info.shape[--d];
    }
    return d;
}

bool mien_archive_contiguous(const mien_archive_entry *entry) {
    int64_t values;
    return inner_block(entry, &values) == 0;
}

void mien_archive_gather(
    const mien_archive_entry *entry, const unsigned char *first, mien_tensor *tensor) {
    if (mien_archive_extent(entry) == 0) {
        return;
    }
    int64_t values, at[MIEN_RANK_MAX] = {0};
    int outer = inner_block(entry, &values);
    size_t size = mien_dtype_size(entry->info.dtype), block = (size_t)values * size;
    unsigned char *to = tensor->data;
    int64_t from = 0; /* in values */
    for (;;) {
        memcpy(to, first + (size_t)from * size, block);
        to += block;
        int d = outer - 1;
        while (d >= 0 && ++at[d] == entry->info.shape[d]) {
            from -= (at[d] - 1) * entry->stride[d];
            at[d--] = 0;
        }
        if (d < 0) {
            return;
        }
        from += entry->stride[d];
    }
}

/* ---- asking ---------------------------------------------------------------------- */

const char *mien_archive_format(const mien_archive *archive) {
    MIEN_NEED_OR(NULL, archive);
    return archive->kind->name;
}

int64_t mien_archive_count(const mien_archive *archive) {
    MIEN_NEED_OR(0, archive);
    return archive->entry_count;
}

const char *mien_archive_name(const mien_archive *archive, int64_t index) {
    MIEN_NEED_OR(NULL, archive);
    return index >= 0 && index < archive->entry_count ? archive->entries[index].name
                                                      : NULL;
}

const mien_tensor *mien_archive_info(const mien_archive *archive, int64_t index) {
    MIEN_NEED_OR(NULL, archive);
    return index >= 0 && index < archive->entry_count ? &archive->entries[index].info
                                                      : NULL;
}

int64_t mien_archive_find(const mien_archive *archive, const char *name) {
    MIEN_NEED_OR(-1, archive, name);
    return mien_index_find(&archive->index, name, strlen(name));
}

static mien_status check_bools(
    const mien_archive *a, const char *name, const mien_tensor *tensor) {
    const unsigned char *values = tensor->data;
    size_t count = tensor->dtype == MIEN_BOOL ? mien_tensor_bytes(tensor) : 0;
    for (size_t i = 0; i < count; i++) {
        if (values[i] > 1) {
            return mien_fail(MIEN_EFORMAT,
                "%s: tensor \"%s\" holds a bool with value %d", a->path, name,
                values[i]);
        }
    }
    return MIEN_OK;
}

static mien_status load_plain(const mien_archive_entry *entry, mien_tensor **tensor) {
    mien_status status =
        mien_tensor_new(entry->info.dtype, entry->info.rank, entry->info.shape, tensor);
    if (status == MIEN_OK) {
        mien_archive_gather(entry, entry->first, *tensor);
    }
    return status;
}

mien_status mien_archive_load(mien_archive *a, int64_t index, mien_tensor **tensor) {
    MIEN_NEED(a, tensor);
    if (index < 0 || index >= a->entry_count) {
        return mien_fail(
            MIEN_EINVAL, "%s: no tensor number %lld", a->path, (long long)index);
    }
    const mien_archive_entry *entry = &a->entries[index];
    mien_tensor *made = NULL;
    mien_status status =
        a->kind->load ? a->kind->load(a, entry, &made) : load_plain(entry, &made);
    if (status == MIEN_ENOMEM) {
        mien_fail_in(status, "%s: tensor \"%s\"", a->path, entry->name);
    }
    if (status == MIEN_OK) {
        status = check_bools(a, entry->name, made);
    }
    if (status != MIEN_OK) {
        mien_tensor_free(&made);
        return status;
    }
    *tensor = made;
    return MIEN_OK;
}

const void *mien_archive_view(const mien_archive *a, int64_t index) {
    if (index < 0 || index >= a->entry_count || a->kind->load) {
        return NULL;
    }
    const mien_archive_entry *entry = &a->entries[index];
    bool whole = entry->first && mien_archive_contiguous(entry) &&
                 entry->info.dtype != MIEN_BOOL; /* whose values are checked */
    return whole && (uintptr_t)entry->first % mien_dtype_size(entry->info.dtype) == 0
               ? entry->first
               : NULL;
}

const char *mien_archive_metadata(const mien_archive *archive, const char *key) {
    MIEN_NEED_OR(NULL, archive, key);
    for (size_t i = 0; i < archive->metadata_count; i++) {
        if (!strcmp(archive->metadata[2 * i], key)) {
            return archive->metadata[2 * i + 1];
        }
    }
    return NULL;
}
