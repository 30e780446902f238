/* SPDX-License-Identifier: MIT */
/* The inside of an opened HDF5 file, for its data sets and its attributes. */
#ifndef MIEN_IO_HDF5_FILE_H
#define MIEN_IO_HDF5_FILE_H

#include "io/file.h"
#include "io/hdf5.h"
#include "io/hdf5_library.h"
#include "io/index.h"

#define MIEN_HDF5_NAME_MAX 1024

/* A group or data set found by links within the file alone. */
typedef struct mien_hdf5_object {
    const char *name;
    mien_tensor info;
    const char *refused; /* why it cannot be loaded; NULL: it can */
    int64_t place; /* in the file, where its values lie as they are in memory; -1 */
    bool group;
} mien_hdf5_object;

struct mien_hdf5 {
    mien_hdf5_library library;
    char *path;
    mien_map map;
    const void *bytes; /* of the map, or the caller's */
    size_t count;
    mien_file_stamp stamp; /* of a file; 0: bytes of memory */
    hid_t id;
    mien_arena *arena;
    mien_hdf5_object *objects; /* groups and data sets, in the order of the walk */
    int64_t object_count, object_room;
    int64_t *sets; /* which of them are data sets */
    int64_t set_count;
    mien_index index; /* of all objects' names */
};

/** The type in memory its values are read as; NULL with the words if there is none. */
const hid_t *mien_hdf5_type_of(const mien_hdf5_library *library, hid_t type,
    mien_dtype *dtype, const char **refused);
/** Fills rank and shape for the dtype in info; not NULL: why not. */
const char *mien_hdf5_shape_of(
    const mien_hdf5_library *library, hid_t space, mien_tensor *info);

/** Opens the bytes and walks the tree; take a turn first. */
mien_status mien_hdf5_read_tree(mien_hdf5 *file);
/** Reads everything in a child process; MIEN_EFORMAT if that breaks it. A file that has
 * been read so before in this process, and has not changed since, is not read again.
 * The turn is taken. */
mien_status mien_hdf5_probe(mien_hdf5 *file, mien_hdf5_turn *turn);
/** For tests alone, of files that libhdf5 wrote well: no child reads them first, which
 * costs a second in a fuzzer. */
void mien_hdf5_probe_leave_out(bool leave_out);
/** For tests: how many children there have been. */
int64_t mien_hdf5_probe_children(void);

/** Writes an attribute of something in a file that is being made; take a turn first. */
mien_status mien_hdf5_put(const mien_hdf5_library *library, const char *path,
    hid_t file, const mien_hdf5_attribute *attribute);

#endif
