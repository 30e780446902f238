/* SPDX-License-Identifier: MIT */
/* Reads members of zip archives by libzip: PyTorch's files and Python wheels. */
#include "io/zip_file.h"
#include "base/need.h"
#include "io/file.h"

#include <zip.h>

#include <stdio.h>
#include <string.h>

#define MEMBERS_MAX 200000
#define BLOCK (64u << 10)

struct mien_zip {
    zip_t *archive;
    const char *file; /* lent */
    bool *checked;    /* of each member: its CRC was right */
};

void mien_zip_close(mien_zip **zip) {
    if (!zip || !*zip) {
        return;
    }
    if ((*zip)->archive) {
        zip_discard((*zip)->archive);
    }
    mien_free((*zip)->checked);
    mien_free(*zip);
    *zip = NULL;
}

static mien_status fail_open(const char *file, zip_error_t *error) {
    return mien_fail(MIEN_EFORMAT, "%s: cannot read the zip archive (truncated?): %s",
        file, zip_error_strerror(error));
}

mien_status mien_zip_open(
    const char *file, const void *bytes, size_t count, mien_zip **zip) {
    if (count == 0) {
        return mien_fail(
            MIEN_EFORMAT, "%s: the file is empty, not a zip archive", file);
    }
    mien_zip *z = mien_alloc(1, sizeof *z);
    if (!z) {
        return MIEN_ENOMEM;
    }
    mien_status status = MIEN_OK;
    zip_error_t error;
    zip_error_init(&error);
    z->file = file;
    zip_source_t *source = zip_source_buffer_create(bytes, count, 0, &error);
    if (!source) {
        status = fail_open(file, &error);
        goto done;
    }
    z->archive = zip_open_from_source(source, ZIP_RDONLY, &error);
    if (!z->archive) {
        zip_source_free(source); /* otherwise the archive owns it */
        status = fail_open(file, &error);
        goto done;
    }
    if (zip_get_num_entries(z->archive, 0) > MEMBERS_MAX) {
        status = mien_fail(
            MIEN_ELIMIT, "%s: more than %d files in the archive", file, MEMBERS_MAX);
        goto done;
    }
    z->checked =
        mien_alloc((size_t)zip_get_num_entries(z->archive, 0), sizeof *z->checked);
    status = z->checked ? MIEN_OK : MIEN_ENOMEM;
done:
    zip_error_fini(&error);
    if (status != MIEN_OK) {
        mien_zip_close(&z);
        return status;
    }
    *zip = z;
    return MIEN_OK;
}

int64_t mien_zip_count(const mien_zip *zip) {
    return zip_get_num_entries(zip->archive, 0);
}

int64_t mien_zip_find(const mien_zip *zip, const char *member) {
    return zip_name_locate(zip->archive, member, ZIP_FL_ENC_RAW);
}

mien_status mien_zip_info(const mien_zip *zip, int64_t index, mien_zip_member *member) {
    zip_stat_t info;
    if (zip_stat_index(zip->archive, (zip_uint64_t)index, ZIP_FL_ENC_RAW, &info) != 0 ||
        !(info.valid & ZIP_STAT_NAME) || !(info.valid & ZIP_STAT_SIZE) ||
        !(info.valid & ZIP_STAT_COMP_METHOD) || info.size > INT64_MAX) {
        return mien_fail(
            MIEN_EFORMAT, "%s: a damaged entry in the zip archive", zip->file);
    }
    *member = (mien_zip_member){
        info.name, (int64_t)info.size, info.comp_method == ZIP_CM_STORE};
    return MIEN_OK;
}

static mien_status fail_member(const mien_zip *zip, int64_t index, const char *what) {
    const char *name = zip_get_name(zip->archive, (zip_uint64_t)index, ZIP_FL_ENC_RAW);
    return mien_fail(MIEN_EFORMAT, "%s: %s in the zip archive: %s", zip->file,
        name ? name : "a file", what);
}

static mien_status read_exactly(
    const mien_zip *zip, int64_t index, zip_file_t *file, void *bytes, size_t count) {
    char *to = bytes;
    while (count > 0) {
        zip_int64_t got = zip_fread(file, to, count);
        if (got <= 0) {
            return fail_member(zip, index,
                got == 0 ? "ends too early"
                         : zip_error_strerror(zip_file_get_error(file)));
        }
        to += got;
        count -= (size_t)got;
    }
    return MIEN_OK;
}

/* Reads `count` bytes, or to the end, and forgets them. */
static mien_status read_past(
    const mien_zip *zip, int64_t index, zip_file_t *file, size_t count, char *block) {
    while (count > 0) {
        zip_int64_t got = zip_fread(file, block, count < BLOCK ? count : BLOCK);
        if (got == 0) {
            return MIEN_OK;
        }
        if (got < 0) {
            return fail_member(
                zip, index, zip_error_strerror(zip_file_get_error(file)));
        }
        count -= (size_t)got;
    }
    return MIEN_OK;
}

/* Opens a member `skip` bytes after its start: by seeking, which only plain members
 * can, else by reading up to there. */
static mien_status open_at(
    const mien_zip *zip, int64_t index, size_t skip, char *block, zip_file_t **file) {
    bool seek = zip->checked[index] && skip > 0;
    *file = zip_fopen_index(zip->archive, (zip_uint64_t)index, 0);
    if (*file && seek && zip_fseek(*file, (zip_int64_t)skip, SEEK_SET) == 0) {
        return MIEN_OK;
    }
    if (*file && seek) { /* a failed seek leaves it useless */
        zip_fclose(*file);
        *file = zip_fopen_index(zip->archive, (zip_uint64_t)index, 0);
    }
    return *file ? read_past(zip, index, *file, skip, block)
                 : fail_member(zip, index, zip_strerror(zip->archive));
}

mien_status mien_zip_read(
    mien_zip *zip, int64_t index, size_t skip, void *bytes, size_t count) {
    zip_file_t *file = NULL;
    char *block = mien_alloc(BLOCK, 1);
    if (!block) {
        return MIEN_ENOMEM;
    }
    mien_status status = open_at(zip, index, skip, block, &file);
    if (status == MIEN_OK) {
        status = read_exactly(zip, index, file, bytes, count);
    }
    if (status == MIEN_OK && !zip->checked[index]) {
        status = read_past(zip, index, file, SIZE_MAX, block); /* the CRC is after it */
        zip->checked[index] = status == MIEN_OK;
    }
    if (file) {
        zip_fclose(file);
    }
    mien_free(block);
    return status;
}

static mien_status read_member(
    mien_zip *zip, const char *member, size_t limit, char **bytes, size_t *count) {
    int64_t index = mien_zip_find(zip, member);
    mien_zip_member info;
    if (index < 0) {
        return mien_fail(MIEN_ENOTFOUND, "%s: holds no file %s", zip->file, member);
    }
    mien_status status = mien_zip_info(zip, index, &info);
    if (status != MIEN_OK) {
        return status;
    }
    if ((uint64_t)info.size > limit) {
        return mien_fail(
            MIEN_ELIMIT, "%s: %s has more than %zu bytes", zip->file, member, limit);
    }
    char *all = mien_alloc((size_t)info.size + 1, 1);
    if (!all) {
        return MIEN_ENOMEM;
    }
    status = mien_zip_read(zip, index, 0, all, (size_t)info.size);
    if (status != MIEN_OK) {
        mien_free(all);
        return status;
    }
    *bytes = all;
    *count = (size_t)info.size;
    return MIEN_OK;
}

mien_status mien_zip_read_member(
    const char *path, const char *member, size_t limit, char **bytes, size_t *count) {
    MIEN_NEED(path, member, bytes, count);
    mien_map map = {0};
    mien_zip *zip = NULL;
    mien_status status = mien_map_init(&map, path, SIZE_MAX);
    if (status != MIEN_OK) {
        return status;
    }
    status = mien_zip_open(path, map.bytes, map.count, &zip);
    if (status == MIEN_OK) {
        status = read_member(zip, member, limit, bytes, count);
    }
    mien_zip_close(&zip);
    mien_map_clear(&map);
    return status;
}
