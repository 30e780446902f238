/* SPDX-License-Identifier: MIT */
/* Locks a file in the run folder. */
#include "train/run/folder_lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { TRIES = 100 };

struct mien_folder_lock {
    char *path;
    int fd;
};

static mien_status fail_taken(const char *run, int fd) {
    char text[32] = "";
    ssize_t count = pread(fd, text, sizeof text - 1, 0);
    long id = count > 0 ? strtol(text, NULL, 10) : 0;
    if (id <= 0) {
        return mien_fail(MIEN_EIO,
            "%s: another process is training into this folder: wait until it ends",
            run);
    }
    return mien_fail(MIEN_EIO,
        "%s: process %ld is training into this folder: wait until it ends, or stop it "
        "(kill -INT %ld) and go on with `mien resume %s`",
        run, id, id, run);
}

/* The process before may have removed the file between our opening and locking it: what
 * we hold then is a file that nobody else will find. */
static bool is_still_there(const mien_folder_lock *c) {
    struct stat held, found;
    return fstat(c->fd, &held) == 0 && stat(c->path, &found) == 0 &&
           held.st_dev == found.st_dev && held.st_ino == found.st_ino;
}

static mien_status lock_file(mien_folder_lock *c, const char *run) {
    if (flock(c->fd, LOCK_EX | LOCK_NB) == 0) {
        return MIEN_OK;
    }
    if (errno == EWOULDBLOCK) {
        return fail_taken(run, c->fd);
    }
    mien_log(MIEN_LOG_WARN, "train",
        "%s: cannot be locked (%s): see to it that no other process trains here", run,
        strerror(errno));
    return MIEN_OK;
}

/* Only for the message of another process: a full disk is no reason to stop here. */
static void write_id(const mien_folder_lock *c) {
    char text[32];
    int length = snprintf(text, sizeof text, "%ld\n", (long)getpid());
    if (ftruncate(c->fd, 0) == 0 && pwrite(c->fd, text, (size_t)length, 0) < length) {
        mien_log(MIEN_LOG_DEBUG, "train", "%s: %s", c->path, strerror(errno));
    }
}

static mien_status open_and_lock(mien_folder_lock *c, const char *run) {
    for (int i = 0; i < TRIES; i++) {
        c->fd = open(c->path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
        if (c->fd < 0) {
            return mien_fail(MIEN_EIO, "%s: %s", c->path, strerror(errno));
        }
        mien_status status = lock_file(c, run);
        if (status != MIEN_OK || is_still_there(c)) {
            return status;
        }
        close(c->fd);
        c->fd = -1;
    }
    return mien_fail(MIEN_EIO, "%s: other processes come and go: try again", run);
}

static void claim_free(mien_folder_lock **folder_lock) {
    if ((*folder_lock)->fd >= 0) {
        close((*folder_lock)->fd);
    }
    mien_free((*folder_lock)->path);
    mien_free(*folder_lock);
    *folder_lock = NULL;
}

mien_status mien_folder_lock_take(const char *run, mien_folder_lock **folder_lock) {
    mien_folder_lock *c = mien_alloc(1, sizeof *c);
    if (!c) {
        return MIEN_ENOMEM;
    }
    c->fd = -1;
    c->path = mien_path_join(run, MIEN_CLAIM_FILE);
    mien_status status = c->path ? open_and_lock(c, run) : MIEN_ENOMEM;
    if (status != MIEN_OK) {
        claim_free(&c);
        return status;
    }
    write_id(c);
    *folder_lock = c;
    return MIEN_OK;
}

void mien_folder_lock_drop(mien_folder_lock **folder_lock) {
    if (folder_lock && *folder_lock) {
        unlink((*folder_lock)->path); /* while it is locked: nobody else has taken it */
        claim_free(folder_lock);
    }
}
