/* SPDX-License-Identifier: MIT */
/* The functions that a format of weight files fills in: the table archives.def holds
 * one row of each. */
#ifndef MIEN_IO_ARCHIVE_H
#define MIEN_IO_ARCHIVE_H

#include "io/file.h"
#include "io/index.h"

#define MIEN_ARCHIVE_BYTES_MAX ((size_t)16 << 30)
#define MIEN_ARCHIVE_TENSORS_MAX 100000
#define MIEN_ARCHIVE_HEADER_MAX (100u << 20)
/** A tensor may repeat values of its storage (stride 0) up to this many. */
#define MIEN_ARCHIVE_EXPANDED_MAX (1 << 20)

typedef struct mien_archive_entry {
    const char *name;
    mien_tensor info;              /* shape and type, no data */
    int64_t stride[MIEN_RANK_MAX]; /* in values, ≥ 0 */
    const unsigned char *first; /* the first value, where the file holds it plainly */
    int64_t storage, offset;    /* for formats that load by themselves */
} mien_archive_entry;

/** One format: how it is recognised, opened and closed. */
typedef struct mien_archive_kind {
    const char *name, *summary;
    /** By the first bytes alone; a truncated file still matches. */
    bool (*matches)(const unsigned char *bytes, size_t count);
    /** Adds every tensor by mien_archive_add(); cleans up through close. */
    mien_status (*open)(mien_archive *archive);
    /** NULL: the values are at entry->first, by stride. Otherwise makes the tensor,
     * once it is sure that the file can hold it; what it made before it failed is freed
     * by the caller. */
    mien_status (*load)(
        mien_archive *archive, const mien_archive_entry *entry, mien_tensor **tensor);
    void (*close)(mien_archive *archive); /* NULL: nothing of its own */
} mien_archive_kind;

struct mien_archive {
    const mien_archive_kind *kind;
    char *path;
    mien_map map;
    const unsigned char *bytes; /* of the map, or the caller's */
    size_t count;
    mien_arena *arena; /* names, metadata, what the format needs */
    mien_archive_entry *entries;
    int64_t entry_count, entry_room;
    mien_index index;
    const char **metadata; /* key, value, key, value, … */
    size_t metadata_count; /* pairs */
    void *own;             /* the format's */
    const void *module;    /* a whole module's mien_pickle_value; NULL: tensors alone */
};

/** Adds a tensor with contiguous strides; `entry` is lent until the next call.
 * MIEN_EFORMAT if the name is there already, MIEN_ELIMIT beyond the documented number.
 */
mien_status mien_archive_add(mien_archive *archive, const char *name, mien_dtype dtype,
    int rank, const int64_t *shape, mien_archive_entry **entry);
/** Copies the values by the entry's strides, the first one at `first`. */
void mien_archive_gather(
    const mien_archive_entry *entry, const unsigned char *first, mien_tensor *tensor);
/** Values between an entry's first and last one, both included; 0 if it has none. */
int64_t mien_archive_extent(const mien_archive_entry *entry);
bool mien_archive_contiguous(const mien_archive_entry *entry);
/** The same as mien_archive_open(), from bytes that outlive the archive; `name` for
 * messages. */
mien_status mien_archive_open_memory(
    const char *name, const void *bytes, size_t count, mien_archive **archive);
/** All rows of the table, NULL after the last. */
const mien_archive_kind *const *mien_archive_kinds(void);

#endif
