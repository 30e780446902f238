/* SPDX-License-Identifier: MIT */
/* Writes gzip files through zlib. */
#include "io/gzip.h"

#include <limits.h>
#include <zlib.h>

#include "io/file.h"

enum { OUT = 1 << 16 };

struct mien_gzip {
    mien_out *out;
    z_stream z;
    bool open;
    unsigned char bytes[OUT];
};

mien_status mien_gzip_open(const char *path, mien_gzip **file) {
    mien_gzip *g = mien_alloc(1, sizeof *g);
    mien_status status = g ? mien_out_open(path, &g->out) : MIEN_ENOMEM;
    if (status == MIEN_OK) {
        /* 16: a gzip head, which deflate fills with a time of 0 and no name */
        g->open =
            deflateInit2(&g->z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK;
        status = g->open ? MIEN_OK : mien_fail(MIEN_ENOMEM, "out of memory");
    }
    if (status != MIEN_OK) {
        mien_gzip_close(&g, status);
        return status;
    }
    *file = g;
    return MIEN_OK;
}

static mien_status deflate_all(mien_gzip *g, int flush) {
    mien_status status = MIEN_OK;
    do {
        g->z.next_out = g->bytes;
        g->z.avail_out = OUT;
        deflate(&g->z, flush);
        status = mien_out_write(g->out, g->bytes, OUT - g->z.avail_out);
    } while (status == MIEN_OK && g->z.avail_out == 0);
    return status;
}

mien_status mien_gzip_write(mien_gzip *g, const char *bytes, size_t count) {
    mien_status status = MIEN_OK;
    while (status == MIEN_OK && count > 0) {
        unsigned part = count < INT_MAX ? (unsigned)count : INT_MAX;
        g->z.next_in = (unsigned char *)(uintptr_t)bytes;
        g->z.avail_in = part;
        status = deflate_all(g, Z_NO_FLUSH);
        bytes += part;
        count -= part;
    }
    return status;
}

mien_status mien_gzip_close(mien_gzip **file, mien_status status) {
    mien_gzip *g = file ? *file : NULL;
    if (!g) {
        return status;
    }
    if (status == MIEN_OK) {
        g->z.next_in = g->bytes;
        g->z.avail_in = 0;
        status = deflate_all(g, Z_FINISH);
    }
    if (g->open) {
        deflateEnd(&g->z);
    }
    if (status == MIEN_OK) {
        status = mien_out_commit(&g->out);
    } else {
        mien_out_abandon(&g->out);
    }
    mien_free(g);
    *file = NULL;
    return status;
}
