/* SPDX-License-Identifier: MIT */
/* Numbers that are written once and read often. */
#include "train/dataset/spill.h"

#include "io/nameless.h"

#include <errno.h>
#include <string.h>

struct mien_spill {
    size_t bytes, used;
    char *folder;
    void *memory;
    mien_nameless file;
};

static mien_status fail_file(const mien_spill *s) {
    return mien_fail(MIEN_EIO, "%s: cannot keep %zu MB of features there: %s",
        s->folder, s->bytes >> 20, strerror(errno));
}

static mien_status open_file(mien_spill *s) {
    mien_status status =
        mien_nameless_open(&s->file, s->folder, "mien-features", s->bytes);
    return status == MIEN_EIO ? fail_file(s) : status;
}

mien_status mien_spill_new(size_t bytes, const char *folder, mien_spill **scratch) {
    mien_spill *s = mien_alloc(1, sizeof *s);
    mien_status status = MIEN_ENOMEM;
    if (!s) {
        return status;
    }
    s->bytes = bytes;
    if (!folder) {
        s->memory = mien_alloc(bytes, 1);
        status = s->memory ? MIEN_OK : MIEN_ENOMEM;
    } else if ((s->folder = mien_strdup(folder)) != NULL) {
        status = open_file(s);
    }
    if (status != MIEN_OK) {
        mien_spill_free(&s);
        return status;
    }
    *scratch = s;
    return MIEN_OK;
}

void mien_spill_free(mien_spill **scratch) {
    mien_spill *s = scratch ? *scratch : NULL;
    if (!s) {
        return;
    }
    mien_nameless_close(&s->file);
    mien_free(s->memory);
    mien_free(s->folder);
    mien_free(s);
    *scratch = NULL;
}

mien_status mien_spill_add(mien_spill *scratch, const void *bytes, size_t count) {
    mien_spill *s = scratch;
    if (count > s->bytes - s->used) {
        return mien_fail(
            MIEN_ELIMIT, "%zu bytes where %zu are left", count, s->bytes - s->used);
    }
    if (s->memory) {
        memcpy((char *)s->memory + s->used, bytes, count);
    } else if (!mien_nameless_write(&s->file, s->used, bytes, count)) {
        return fail_file(s);
    }
    s->used += count;
    return MIEN_OK;
}

const void *mien_spill_data(const mien_spill *scratch) {
    return scratch->memory ? scratch->memory : scratch->file.map;
}
