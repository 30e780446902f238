/* SPDX-License-Identifier: MIT */
/* A new file written beside the one it is to replace, under a name nobody can know
 * before. */
#ifndef MIEN_IO_BESIDE_H
#define MIEN_IO_BESIDE_H

#include "mien/io.h"

/** fd is open for reading and writing; target is the file it will replace, links
 * followed. */
typedef struct mien_beside {
    int fd;
    char *target, *name;
} mien_beside;

/** How the new file is called while it grows. */
typedef enum mien_beside_kind {
    MIEN_BESIDE_HIDDEN, /**< .mien-RANDOM.part: swept once nobody writes it any more */
    MIEN_BESIDE_SHOWN   /**< TARGET.RANDOM.part: left where its rows are somebody's work
                         */
} mien_beside_kind;

/** Makes the file in the target's own directory, so that the rename stays on one disk;
 * it is made anew (O_EXCL), so that no link that lies there is followed, with the
 * permissions of what it replaces. Hidden files there that a killed process has left
 * (nobody holds their lock, and they have not changed for ten minutes) are removed.
 * MIEN_EIO. */
mien_status mien_beside_open(
    const char *path, mien_beside_kind kind, mien_beside *beside);
/** The same, or, where path is something that no file can replace (a device, a pipe),
 * that itself: then its descriptor is in fd, which is −1 otherwise. */
mien_status mien_target_open(
    const char *path, mien_beside_kind kind, int *fd, mien_beside *beside);
/** Bytes to the disk, then the name, then the directory; clears in any case, and
 * removes the new file where it cannot take the target's place. */
mien_status mien_beside_commit(mien_beside *beside);
/** Leaves the new file: at the target where that is absent or empty, else under its own
 * name. kept: where it is; NULL without memory. Clears. */
void mien_beside_keep(mien_beside *beside, char **kept);
/** Removes the new file; nothing of one that was never opened. */
void mien_beside_abandon(mien_beside *beside);
/** From here to the end of it, files that this thread writes reach the disk when the
 * system sees fit instead of one by one: each commit still renames a whole file, so
 * that a process that is killed leaves old or new files and no halves, but a power cut
 * may leave an empty one. For many small files that can be made again, or that
 * mien_files_reach_disk() is asked of before another file says that they are there.
 * Groups nest. */
void mien_files_group_begin(void);
void mien_files_group_end(void);
/** Whether this thread is in one. */
bool mien_files_grouped(void);
/** All that was written to the file system of path (a file or folder that is there)
 * reaches the disk. MIEN_EIO. */
mien_status mien_files_reach_disk(const char *path);
/** Is it called as such new files are, hidden or shown? */
bool mien_beside_named(const char *name);

#endif
