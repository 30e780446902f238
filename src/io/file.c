/* SPDX-License-Identifier: MIT */
/* Whole files: read, mapped, written all or nothing; directories and the cache folder.
 */
#include "io/beside.h"
#include "base/need.h"
#include "io/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define OUT_BUFFER (256u << 10)

static mien_status fail_system(const char *path, const char *what) {
    int error = errno;
    return mien_fail(MIEN_EIO, "%s: %s: %s", path, what, strerror(error));
}

/* ---- reading ------------------------------------------------------------------- */

static mien_status open_input(const char *path, int *fd, struct stat *info) {
    int opened = open(path, O_RDONLY | O_CLOEXEC);
    if (opened < 0) {
        return fail_system(path, "cannot open");
    }
    mien_status status = MIEN_OK;
    if (fstat(opened, info) != 0) {
        status = fail_system(path, "cannot stat");
    } else if (S_ISDIR(info->st_mode)) {
        status = mien_fail(MIEN_EIO, "%s: is a directory", path);
    }
    if (status != MIEN_OK) {
        close(opened);
        return status;
    }
    *fd = opened;
    return MIEN_OK;
}

static mien_status too_large(const char *path, size_t limit) {
    return mien_fail(MIEN_ELIMIT, "%s: larger than %zu bytes", path, limit);
}

/* Reads to the end whatever the size the file claims (pipes and /proc claim none). */
static mien_status read_all(int fd, const char *path, size_t expected, size_t limit,
    char **bytes, size_t *count) {
    size_t capacity = (expected > limit ? limit : expected) + 2, used = 0;
    char *buffer = mien_alloc(capacity, 1);
    if (!buffer) {
        return MIEN_ENOMEM;
    }
    for (;;) {
        if (used + 1 == capacity) {
            size_t larger = capacity < 32768 ? 65536 : capacity * 2;
            char *grown = mien_realloc(buffer, capacity, larger, 1);
            if (!grown) {
                mien_free(buffer);
                return MIEN_ENOMEM;
            }
            buffer = grown;
            capacity = larger;
        }
        ssize_t got = read(fd, buffer + used, capacity - 1 - used);
        if (got == 0) {
            break;
        }
        if (got < 0 && errno == EINTR) {
            continue;
        }
        mien_status status = MIEN_OK;
        if (got < 0) {
            status = fail_system(path, "cannot read");
        } else if ((used += (size_t)got) > limit) {
            status = too_large(path, limit);
        }
        if (status != MIEN_OK) {
            mien_free(buffer);
            return status;
        }
    }
    buffer[used] = 0;
    *bytes = buffer;
    *count = used;
    return MIEN_OK;
}

mien_status mien_file_read(
    const char *path, size_t limit, char **bytes, size_t *count) {
    MIEN_NEED(path);
    MIEN_NEED(bytes);
    MIEN_NEED(count);
    int fd;
    struct stat info;
    mien_status status = open_input(path, &fd, &info);
    if (status != MIEN_OK) {
        return status;
    }
    size_t size = S_ISREG(info.st_mode) ? (size_t)info.st_size : 0;
    status = size > limit ? too_large(path, limit)
                          : read_all(fd, path, size, limit, bytes, count);
    close(fd);
    return status;
}

static mien_file_stamp stamp_of(const struct stat *info) {
    const int64_t second = 1000000000;
    mien_file_stamp stamp = {.device = (int64_t)info->st_dev,
        .file = (int64_t)info->st_ino,
        .bytes = (int64_t)info->st_size,
        .written_ns = info->st_mtim.tv_sec * second + info->st_mtim.tv_nsec,
        .changed_ns = info->st_ctim.tv_sec * second + info->st_ctim.tv_nsec};
    struct timespec now = {0};
    clock_gettime(CLOCK_REALTIME, &now);
    bool fresh = now.tv_sec * second + now.tv_nsec - stamp.changed_ns < second;
    return fresh ? (mien_file_stamp){0} : stamp;
}

mien_status mien_map_init(mien_map *map, const char *path, size_t limit) {
    int fd;
    struct stat info;
    mien_status status = open_input(path, &fd, &info);
    if (status != MIEN_OK) {
        return status;
    }
    mien_map result = {0};
    if (S_ISREG(info.st_mode) && (size_t)info.st_size > limit) {
        status = too_large(path, limit);
    } else if (S_ISREG(info.st_mode) && info.st_size > 0) {
        result.count = (size_t)info.st_size;
        result.mapped = mmap(NULL, result.count, PROT_READ, MAP_PRIVATE, fd, 0);
        result.bytes = result.mapped;
        result.stamp = stamp_of(&info);
        if (result.mapped == MAP_FAILED) {
            status = fail_system(path, "cannot map");
        }
    } else {
        status = read_all(fd, path, 0, limit, &result.owned, &result.count);
        result.bytes = (const unsigned char *)result.owned;
    }
    close(fd);
    if (status == MIEN_OK) {
        *map = result;
    }
    return status;
}

void mien_map_clear(mien_map *map) {
    if (map->mapped) {
        munmap(map->mapped, map->count);
    }
    mien_free(map->owned);
    *map = (mien_map){0};
}

/* ---- writing ------------------------------------------------------------------- */

struct mien_out {
    int fd;             /* the target itself, where it is no regular file; else −1 */
    mien_beside beside; /* what will replace it */
    char *path;
    char *buffer; /* OUT_BUFFER */
    size_t used;
    mien_status failed;
};

mien_status mien_write_all(int fd, const char *path, const void *bytes, size_t count) {
    const char *next = bytes;
    while (count > 0) {
        ssize_t done = write(fd, next, count);
        if (done < 0 && errno == EINTR) {
            continue;
        }
        if (done < 0) {
            return fail_system(path, "cannot write");
        }
        next += done;
        count -= (size_t)done;
    }
    return MIEN_OK;
}

void mien_out_abandon(mien_out **out) {
    mien_out *o = out ? *out : NULL;
    if (!o) {
        return;
    }
    if (o->fd >= 0) {
        close(o->fd);
    }
    mien_beside_abandon(&o->beside);
    mien_free(o->buffer);
    mien_free(o->path);
    mien_free(o);
    *out = NULL;
}

mien_status mien_out_open(const char *path, mien_out **out) {
    mien_out *o = mien_alloc(1, sizeof *o);
    if (!o) {
        return MIEN_ENOMEM;
    }
    o->fd = o->beside.fd = -1;
    o->path = mien_strdup(path);
    o->buffer = mien_alloc(OUT_BUFFER, 1);
    mien_status status = o->path && o->buffer ? MIEN_OK : MIEN_ENOMEM;
    if (status == MIEN_OK) {
        status = mien_target_open(path, MIEN_BESIDE_HIDDEN, &o->fd, &o->beside);
    }
    if (status != MIEN_OK) {
        mien_out_abandon(&o);
        return status;
    }
    *out = o;
    return MIEN_OK;
}

static int out_fd(const mien_out *o) {
    return o->fd >= 0 ? o->fd : o->beside.fd;
}

static mien_status out_flush(mien_out *o) {
    if (o->failed == MIEN_OK && o->used > 0) {
        o->failed = mien_write_all(out_fd(o), o->path, o->buffer, o->used);
        o->used = 0;
    }
    return o->failed;
}

mien_status mien_out_write(mien_out *o, const void *bytes, size_t count) {
    if (o->failed != MIEN_OK) {
        return mien_fail(o->failed, "%s: an earlier write had failed", o->path);
    }
    if (count > OUT_BUFFER - o->used) {
        mien_status status = out_flush(o);
        if (status != MIEN_OK) {
            return status;
        }
    }
    if (count >= OUT_BUFFER) {
        return o->failed = mien_write_all(out_fd(o), o->path, bytes, count);
    }
    if (count > 0) {
        memcpy(o->buffer + o->used, bytes, count);
        o->used += count;
    }
    return MIEN_OK;
}

mien_status mien_out_commit(mien_out **out) {
    mien_out *o = *out;
    mien_status status = o->failed == MIEN_OK
                             ? out_flush(o)
                             : mien_fail(o->failed, "%s: not written", o->path);
    if (status == MIEN_OK && o->fd >= 0) {
        int closed = close(o->fd);
        o->fd = -1;
        status = closed == 0 ? MIEN_OK : fail_system(o->path, "cannot write");
    } else if (status == MIEN_OK) {
        status = mien_beside_commit(&o->beside);
    }
    mien_out_abandon(out);
    return status;
}

mien_status mien_file_write(const char *path, const void *bytes, size_t count) {
    MIEN_NEED(path, bytes || count < 1);
    mien_out *out = NULL;
    mien_status status = mien_out_open(path, &out);
    if (status != MIEN_OK) {
        return status;
    }
    status = mien_out_write(out, bytes, count);
    if (status != MIEN_OK) {
        mien_out_abandon(&out);
        return status;
    }
    return mien_out_commit(&out);
}

/* ---- names --------------------------------------------------------------------- */

bool mien_file_exists(const char *path) {
    MIEN_NEED_OR(false, path);
    struct stat info;
    return stat(path, &info) == 0;
}

bool mien_file_is_directory(const char *path) {
    MIEN_NEED_OR(false, path);
    struct stat info;
    return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

int64_t mien_file_size(const char *path) {
    MIEN_NEED_OR(-1, path);
    struct stat info;
    return stat(path, &info) == 0 && S_ISREG(info.st_mode) ? (int64_t)info.st_size : -1;
}

static mien_status make_one(const char *path) {
    if (mkdir(path, 0777) == 0 || (errno == EEXIST && mien_file_is_directory(path))) {
        return MIEN_OK;
    }
    return fail_system(path, "cannot make the directory");
}

mien_status mien_directory_make(const char *path) {
    MIEN_NEED(path);
    if (!*path) {
        return mien_fail(MIEN_EINVAL, "a directory needs a name");
    }
    if (mien_file_is_directory(path)) {
        return MIEN_OK;
    }
    char *part = mien_strdup(path);
    if (!part) {
        return MIEN_ENOMEM;
    }
    mien_status status = MIEN_OK;
    for (char *s = part + 1; *s && status == MIEN_OK; s++) {
        if (*s == '/') {
            *s = 0;
            /* a parent that is there need not be one we could make */
            status = mien_file_is_directory(part) ? MIEN_OK : make_one(part);
            *s = '/';
        }
    }
    if (status == MIEN_OK) {
        status = make_one(part);
    }
    mien_free(part);
    return status;
}

void mien_names_free(char ***names, int64_t count) {
    if (!names || !*names) {
        return;
    }
    for (int64_t i = 0; i < count; i++) {
        mien_free((*names)[i]);
    }
    mien_free(*names);
    *names = NULL;
}

static int compare_names(const void *a, const void *b) {
    const char *x = *(char *const *)a, *y = *(char *const *)b;
    int order = mien_natural_compare(x, y);
    return order ? order : strcmp(x, y);
}

static mien_status add_name(
    char ***names, int64_t *count, size_t *room, const char *name) {
    if ((size_t)*count == *room) {
        size_t larger = *room ? *room * 2 : 64;
        char **grown = *names ? mien_realloc(*names, *room, larger, sizeof *grown)
                              : mien_alloc(larger, sizeof *grown);
        if (!grown) {
            return MIEN_ENOMEM;
        }
        *names = grown;
        *room = larger;
    }
    char *copy = mien_strdup(name);
    if (!copy) {
        return MIEN_ENOMEM;
    }
    (*names)[(*count)++] = copy;
    return MIEN_OK;
}

mien_status mien_directory_list(const char *path, char ***names, int64_t *count) {
    MIEN_NEED(path);
    MIEN_NEED(names);
    MIEN_NEED(count);
    DIR *directory = opendir(path);
    if (!directory) {
        return fail_system(path, "cannot list");
    }
    char **list = mien_alloc(1, sizeof *list);
    int64_t n = 0;
    size_t room = 1;
    mien_status status = list ? MIEN_OK : MIEN_ENOMEM;
    while (status == MIEN_OK) {
        errno = 0;
        const struct dirent *entry = readdir(directory);
        if (!entry) {
            status = errno ? fail_system(path, "cannot list") : MIEN_OK;
            break;
        }
        if (strcmp(entry->d_name, ".") && strcmp(entry->d_name, "..")) {
            status = add_name(&list, &n, &room, entry->d_name);
        }
    }
    closedir(directory);
    if (status != MIEN_OK) {
        mien_names_free(&list, n);
        return status;
    }
    qsort(list, (size_t)n, sizeof *list, compare_names);
    *names = list;
    *count = n;
    return MIEN_OK;
}

mien_status mien_cache_directory(char **path) {
    MIEN_NEED(path);
    const char *own = getenv("MIEN_CACHE"), *cache = getenv("XDG_CACHE_HOME");
    const char *home = getenv("HOME");
    char *result;
    if (own && *own) {
        result = mien_strdup(own);
    } else if (cache && *cache == '/') {
        result = mien_path_join(cache, "mien");
    } else if (home && *home) {
        result = mien_path_join(home, ".cache/mien");
    } else {
        return mien_fail(MIEN_EINVAL, "no cache folder: set MIEN_CACHE or HOME");
    }
    if (!result) {
        return MIEN_ENOMEM;
    }
    *path = result;
    return MIEN_OK;
}
