/* SPDX-License-Identifier: MIT */
/* Files that are written beside the one they replace. In: the path of the target. Out:
 * a descriptor to write to, then the rename. All writers of whole files call it
 * (io/file.c, io/table_write.c, models/contract/save.c), so that names, permissions,
 * links, sweeping and the order of fsync and rename are decided here. */
#define _GNU_SOURCE /* syncfs */
#include "io/beside.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define TRIES 100
#define STALE_S 600
#define PREFIX ".mien-"
#define SUFFIX ".part"

static mien_status fail_system(const char *path, const char *what) {
    int error = errno;
    return mien_fail(MIEN_EIO, "%s: %s: %s", path, what, strerror(error));
}

static void clear(mien_beside *b) {
    if (b->fd >= 0) {
        close(b->fd);
    }
    mien_free(b->name);
    mien_free(b->target);
    *b = (mien_beside){.fd = -1};
}

/* ---- what killed processes left -------------------------------------------------- */

/* The digits of such a name: hidden ones have 16 of them after their prefix, shown ones
 * 8 after a dot. */
static bool is_named(const char *name, size_t digits, const char *before) {
    size_t length = strlen(name), ends = strlen(SUFFIX), begins = strlen(before);
    if (length < begins + digits + ends || strcmp(name + length - ends, SUFFIX) != 0) {
        return false;
    }
    const char *first = name + length - ends - digits;
    return strspn(first, "0123456789abcdef") == digits &&
           strncmp(first - begins, before, begins) == 0;
}

static bool is_hidden(const char *name) {
    return strlen(name) == strlen(PREFIX) + 16 + strlen(SUFFIX) &&
           is_named(name, 16, PREFIX);
}

bool mien_beside_named(const char *name) {
    return is_hidden(name) || is_named(name, 8, ".");
}

/* A file of ours that has long been left alone and whose lock nobody holds. */
static bool is_stale(int directory, const char *name) {
    struct stat info;
    int fd = openat(
        directory, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
    bool stale = fd >= 0 && fstat(fd, &info) == 0 && S_ISREG(info.st_mode) &&
                 info.st_uid == geteuid() && time(NULL) - info.st_mtime > STALE_S &&
                 flock(fd, LOCK_EX | LOCK_NB) == 0;
    if (fd >= 0) {
        close(fd);
    }
    return stale;
}

/* Removes leftovers of killed writers; one that cannot be listed or removed stays,
 * and nothing depends on it. */
static void sweep(const char *path) {
    DIR *directory = opendir(path);
    const struct dirent *entry;
    while (directory && (entry = readdir(directory)) != NULL) {
        if (is_hidden(entry->d_name) && is_stale(dirfd(directory), entry->d_name)) {
            unlinkat(dirfd(directory), entry->d_name, 0);
        }
    }
    if (directory) {
        closedir(directory);
    }
}

/* ---- the new file ---------------------------------------------------------------- */

static mien_status make_name(
    const mien_beside *b, const char *directory, bool shown, mien_string *name) {
    uint64_t word;
    if (getrandom(&word, sizeof word, 0) != (ssize_t)sizeof word) {
        return fail_system(b->target, "no random name for the new file");
    }
    mien_string_empty(name);
    if (shown) {
        mien_string_addf(
            name, "%s.%08llx" SUFFIX, b->target, (unsigned long long)word >> 32);
    } else {
        mien_string_addf(
            name, "%s/" PREFIX "%016llx" SUFFIX, directory, (unsigned long long)word);
    }
    return mien_string_status(name);
}

static mien_status make_file(mien_beside *b, const char *directory, bool shown) {
    mien_string name;
    mien_string_init(&name);
    mien_status status = MIEN_OK;
    for (int i = 0; i < TRIES && b->fd < 0 && status == MIEN_OK; i++) {
        status = make_name(b, directory, shown, &name);
        if (status == MIEN_OK) {
            b->fd = open(name.text, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
            if (b->fd < 0 && errno != EEXIST) {
                status = fail_system(b->target, "cannot write in its directory");
            }
        }
    }
    if (status == MIEN_OK && b->fd < 0) {
        status = mien_fail(MIEN_EIO, "%s: no free name for the new file", b->target);
    }
    if (status == MIEN_OK) {
        flock(
            b->fd, LOCK_EX | LOCK_NB); /* in vain where the file system has no locks */
        b->name = mien_string_take(&name);
    }
    mien_string_clear(&name);
    return status;
}

mien_status mien_beside_open(
    const char *path, mien_beside_kind kind, mien_beside *beside) {
    struct stat old;
    mien_beside b = {.fd = -1};
    char *real = realpath(path, NULL); /* a link keeps pointing at the file */
    b.target = mien_strdup(real ? real : path);
    free(real);
    char *directory = b.target ? mien_path_directory(b.target) : NULL;
    mien_status status = directory ? MIEN_OK : MIEN_ENOMEM;
    bool there = b.target && stat(b.target, &old) == 0;
    if (status == MIEN_OK && there && !S_ISREG(old.st_mode)) {
        status = mien_fail(MIEN_EIO, "%s: is no regular file", b.target);
    }
    if (status == MIEN_OK && there && access(b.target, W_OK) != 0) {
        status = fail_system(b.target, "cannot write");
    }
    if (status == MIEN_OK) {
        sweep(directory);
        status = make_file(&b, directory, kind == MIEN_BESIDE_SHOWN);
    }
    if (status == MIEN_OK && there && fchmod(b.fd, old.st_mode & 07777) != 0) {
        status = fail_system(b.target, "cannot keep its permissions");
    }
    mien_free(directory);
    if (status != MIEN_OK) {
        mien_beside_abandon(&b);
        return status;
    }
    *beside = b;
    return MIEN_OK;
}

mien_status mien_target_open(
    const char *path, mien_beside_kind kind, int *fd, mien_beside *beside) {
    struct stat old;
    if (stat(path, &old) != 0 && errno != ENOENT) {
        return fail_system(path, "cannot write");
    }
    if (stat(path, &old) != 0 || S_ISREG(old.st_mode)) {
        return mien_beside_open(path, kind, beside);
    }
    int opened = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
    if (opened < 0) {
        return fail_system(path, "cannot open for writing");
    }
    *fd = opened;
    return MIEN_OK;
}

void mien_beside_abandon(mien_beside *beside) {
    if (beside->name) {
        unlink(beside->name);
    }
    clear(beside);
}

/* The name itself reaches the disk; some file systems cannot, and need not, be asked.
 */
static void sync_directory(const char *target) {
    char *path = mien_path_directory(target);
    int fd = path ? open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    if (fd >= 0) {
        fsync(fd);
        close(fd);
    }
    mien_free(path);
}

/* ---- groups ---------------------------------------------------------------------- */

/* How many groups this thread is in. */
static _Thread_local int groups;

void mien_files_group_begin(void) {
    groups++;
}

void mien_files_group_end(void) {
    groups--;
}

bool mien_files_grouped(void) {
    return groups > 0;
}

mien_status mien_files_reach_disk(const char *path) {
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    mien_status status = MIEN_OK;
    if (fd < 0) {
        return fail_system(path, "cannot open");
    }
    if (syncfs(fd) != 0) {
        status = fail_system(path, "cannot be brought to the disk");
    }
    close(fd);
    return status;
}

mien_status mien_beside_commit(mien_beside *beside) {
    mien_status status = MIEN_OK;
    if (groups == 0 && fsync(beside->fd) != 0) {
        status = fail_system(beside->target, "cannot write");
    }
    int closed = close(beside->fd);
    beside->fd = -1;
    if (status == MIEN_OK && closed != 0) {
        status = fail_system(beside->target, "cannot write");
    }
    if (status == MIEN_OK && rename(beside->name, beside->target) != 0) {
        status = fail_system(beside->target, "cannot replace");
    }
    if (status == MIEN_OK) {
        if (groups == 0) {
            sync_directory(beside->target);
        }
        clear(beside);
    } else {
        mien_beside_abandon(beside);
    }
    return status;
}

void mien_beside_keep(mien_beside *beside, char **kept) {
    struct stat old;
    bool there = lstat(beside->target, &old) == 0;
    bool free_place =
        there ? S_ISREG(old.st_mode) && old.st_size == 0 : errno == ENOENT;
    fsync(beside->fd);
    if (free_place && rename(beside->name, beside->target) == 0) {
        *kept = beside->target;
        beside->target = NULL;
    } else {
        *kept = beside->name;
        beside->name = NULL;
    }
    clear(beside);
}
