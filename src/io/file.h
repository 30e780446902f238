/* SPDX-License-Identifier: MIT */
/* Mapped input and all-or-nothing output, for the readers and writers of this room. */
#ifndef MIEN_IO_FILE_H
#define MIEN_IO_FILE_H

#include "mien/io.h"

/** Which file this was, and in which state: equal stamps are equal bytes. device and
 * file are 0 of what is not a regular file, or changed less than a second ago (the
 * clock of a file system may not tell two such states apart). */
typedef struct mien_file_stamp {
    int64_t device, file, bytes, written_ns, changed_ns;
} mien_file_stamp;

/** A file's bytes: mapped where it is a regular file, read into memory otherwise. The
 * file must not be cut while it is mapped (as with every mapped file). */
typedef struct mien_map {
    const unsigned char *bytes;
    size_t count;
    void *mapped; /* munmap */
    char *owned;  /* mien_free */
    mien_file_stamp stamp;
} mien_map;

mien_status mien_map_init(mien_map *map, const char *path, size_t limit);
void mien_map_clear(mien_map *map);

/** A file being written beside its target, which it replaces at the commit; something
 * that is no regular file (/dev/stdout, a pipe) is written straight. */
typedef struct mien_out mien_out;

mien_status mien_out_open(const char *path, mien_out **out);
mien_status mien_out_write(mien_out *out, const void *bytes, size_t count);
/** Everything reaches the disk and the name, or the old file stays. Frees in any case.
 */
mien_status mien_out_commit(mien_out **out);
/** Throws away what was written; NULL is fine. */
void mien_out_abandon(mien_out **out);

/** write() until all is written; MIEN_EIO with path and reason. */
mien_status mien_write_all(int fd, const char *path, const void *bytes, size_t count);

#endif
