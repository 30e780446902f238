/* SPDX-License-Identifier: MIT */
/* Reads text line by line through zlib, which takes plain files as they are. */
#include "io/lines.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <zlib.h>

#include "io/text.h"
#include "mien/recordings.h"

enum { BLOCK = 1 << 16, LONGEST = MIEN_RECORDING_LINE_MAX };

struct mien_lines {
    char *path;
    gzFile file;
    char *bytes; /* [LONGEST + BLOCK + 1] */
    size_t first, end;
    bool done; /* nothing more comes */
    int64_t number;
};

mien_status mien_lines_open(const char *path, mien_lines **lines) {
    if (mien_file_is_directory(path)) {
        return mien_fail(MIEN_EIO, "%s: is a directory", path);
    }
    mien_lines *l = mien_alloc(1, sizeof *l);
    if (!l) {
        return MIEN_ENOMEM;
    }
    l->path = mien_strdup(path);
    l->bytes = mien_alloc(LONGEST + BLOCK + 1, 1);
    mien_status status = l->path && l->bytes ? MIEN_OK : MIEN_ENOMEM;
    if (status == MIEN_OK) {
        errno = 0;
        l->file = gzopen(path, "rbe");
        if (!l->file) {
            status = errno ? mien_fail(
                                 MIEN_EIO, "%s: cannot open: %s", path, strerror(errno))
                           : mien_fail(MIEN_ENOMEM, "out of memory");
        }
    }
    if (status != MIEN_OK) {
        mien_lines_close(&l);
        return status;
    }
    *lines = l;
    return MIEN_OK;
}

void mien_lines_close(mien_lines **lines) {
    mien_lines *l = lines ? *lines : NULL;
    if (!l) {
        return;
    }
    if (l->file) {
        gzclose_r(l->file);
    }
    mien_free(l->bytes);
    mien_free(l->path);
    mien_free(l);
    *lines = NULL;
}

/* Says what zlib met with. */
static mien_status damaged(const mien_lines *l) {
    int code = 0;
    const char *text = gzerror(l->file, &code);
    if (code == Z_ERRNO) {
        return mien_fail(MIEN_EIO, "%s: cannot read: %s", l->path, strerror(errno));
    }
    if (code == Z_BUF_ERROR) {
        return mien_fail(MIEN_EFORMAT,
            "%s:%lld: the gzip file is cut off: it was not copied whole", l->path,
            (long long)l->number + 1);
    }
    return code == Z_OK ? MIEN_OK
                        : mien_fail(MIEN_EFORMAT, "%s:%lld: damaged gzip file (%s)",
                              l->path, (long long)l->number + 1, text);
}

/* Moves what is left to the front and reads behind it. */
static mien_status fill(mien_lines *l) {
    memmove(l->bytes, l->bytes + l->first, l->end - l->first);
    l->end -= l->first;
    l->first = 0;
    int got = gzread(l->file, l->bytes + l->end, BLOCK);
    if (got < BLOCK) {
        mien_status status = damaged(l);
        if (status != MIEN_OK) {
            return status;
        }
        l->done = true;
    }
    if (l->number == 0 && l->end == 0 && got > 0) {
        l->first = mien_bom_length(l->bytes, (size_t)got);
    }
    l->end += got > 0 ? (size_t)got : 0;
    return MIEN_OK;
}

mien_status mien_lines_next(mien_lines *l, char **line, size_t *length) {
    size_t looked = 0; /* bytes of the line without an end in them */
    char *start, *stop = NULL;
    for (;;) {
        start = l->bytes + l->first;
        size_t there = l->end - l->first;
        stop = there > looked ? memchr(start + looked, '\n', there - looked) : NULL;
        if (stop || l->done) {
            break;
        }
        looked = there;
        if (there > LONGEST) {
            return mien_fail(MIEN_ELIMIT, "%s:%lld: a line longer than %d bytes",
                l->path, (long long)l->number + 1, (int)LONGEST);
        }
        mien_status status = fill(l);
        if (status != MIEN_OK) {
            return status;
        }
    }
    if (!stop && l->first == l->end) {
        *line = NULL;
        *length = 0;
        return MIEN_OK;
    }
    size_t count = stop ? (size_t)(stop - start) : l->end - l->first;
    l->first += count + (stop != NULL);
    l->number++;
    count -= count > 0 && start[count - 1] == '\r';
    start[count] = 0;
    if (memchr(start, 0, count)) {
        bool wide = l->number == 1 && (strncmp(start, "\xff\xfe", 2) == 0 ||
                                          strncmp(start, "\xfe\xff", 2) == 0);
        return mien_fail(MIEN_EFORMAT,
            wide ? "%s:%lld: the text is UTF-16; save it as UTF-8"
                 : "%s:%lld: a 0 byte: this is no text",
            l->path, (long long)l->number);
    }
    *line = start;
    *length = count;
    return MIEN_OK;
}

int64_t mien_lines_number(const mien_lines *l) {
    return l->number;
}

const char *mien_lines_path(const mien_lines *l) {
    return l->path;
}

const char *mien_lines_where(const mien_lines *l, char buffer[512]) {
    snprintf(buffer, 512, "%.480s:%lld", l->path, (long long)l->number);
    return buffer;
}

/* ---- cells ----------------------------------------------------------------- */

/* Undoes the quotes of a cell in place; returns what follows its closing quote, or
 * NULL. */
static char *unquote(char *cell) {
    char *write = cell;
    for (char *read = cell + 1; *read; read++) {
        if (*read == '"' && *++read != '"') {
            *write = 0;
            return read;
        }
        *write++ = *read;
    }
    return NULL;
}

int64_t mien_line_cells(char *line, char delimiter, const char **cell, int64_t most) {
    int64_t count = 0;
    for (char *next = line; next; count++) {
        char *start = next, *end = start;
        if (*start == '"' && !(end = unquote(start))) {
            return -1;
        }
        next = strchr(end, delimiter);
        if (next) {
            *next++ = 0;
        }
        if (count < most) {
            cell[count] = start;
        }
    }
    return count;
}

/* Up to 15 digits and a power of ten up to 22 are exact in a double, so one division or
 * multiplication rounds as it should (Clinger 1990). */
bool mien_cell_number(const char *cell, double *value) {
    static const double powers[] = {1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9,
        1e10, 1e11, 1e12, 1e13, 1e14, 1e15};
    const char *p = cell + (*cell == '-');
    int64_t digits = 0;
    int count = 0, after = 0;
    bool point = false;
    for (; (*p >= '0' && *p <= '9') || (*p == '.' && !point); p++) {
        if (*p == '.') {
            point = true;
        } else {
            digits = digits * 10 + (*p - '0');
            after += point;
            if (++count > 15) {
                return mien_parse_number(cell, value);
            }
        }
    }
    if (*p || count == 0) {
        return mien_parse_number(cell, value);
    }
    double x = (double)digits / powers[after];
    *value = *cell == '-' ? -x : x;
    return true;
}
