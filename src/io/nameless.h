/* SPDX-License-Identifier: MIT */
/* Files without a name: room on a disk that goes when the program does, however that
 * ends. They are read through a map and written by pwrite(): a full disk is then an
 * answer, where a store into the map would be a signal. */
#ifndef MIEN_IO_NAMELESS_H
#define MIEN_IO_NAMELESS_H

#include "mien/base.h"

typedef struct mien_nameless {
    int fd;
    size_t bytes;
    const void *map; /* [bytes]; NULL: it is not open */
} mien_nameless;

/** name: what it is called for a moment. MIEN_EIO without a text, errno saying why;
 * MIEN_ENOMEM. */
mien_status mien_nameless_open(
    mien_nameless *file, const char *folder, const char *name, size_t bytes);
/** False with errno. */
bool mien_nameless_write(
    mien_nameless *file, size_t at, const void *bytes, size_t count);
void mien_nameless_close(mien_nameless *file);

#endif
