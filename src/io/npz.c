/* SPDX-License-Identifier: MIT */
/* NumPy's .npz: a zip archive with a .npy file for each array. */
#include "io/hdf5.h"
#include "io/npy.h"
#include "io/zip_file.h"

#include <string.h>

/* "name.npy" has the name `name`; so has "name". */
static bool is_named(const char *member, const char *name) {
    size_t length = strlen(name);
    return strncmp(member, name, length) == 0 &&
           (member[length] == 0 || strcmp(member + length, ".npy") == 0);
}

static mien_status find_named(
    const mien_zip *zip, const char *name, int64_t *index, mien_zip_member *member) {
    for (int64_t i = 0; i < mien_zip_count(zip); i++) {
        mien_status status = mien_zip_info(zip, i, member);
        if (status != MIEN_OK) {
            return status;
        }
        if (is_named(member->name, name)) {
            *index = i;
            return MIEN_OK;
        }
    }
    return MIEN_ENOTFOUND;
}

/* Says what there is. */
static mien_status fail_not_found(
    const mien_zip *zip, const char *file, const char *array) {
    enum { SHOWN = 8 };
    mien_string text;
    mien_string_init(&text);
    for (int64_t i = 0; i < mien_zip_count(zip) && i <= SHOWN; i++) {
        mien_zip_member member;
        mien_status status = mien_zip_info(zip, i, &member);
        if (status != MIEN_OK) {
            mien_string_clear(&text);
            return status;
        }
        mien_string_addf(&text, "%s%s", i ? ", " : "", i < SHOWN ? member.name : "…");
    }
    mien_status status = mien_string_status(&text);
    if (status == MIEN_OK && mien_zip_count(zip) == 0) {
        status = mien_fail(MIEN_ENOTFOUND, "%s: no arrays in it", file);
    } else if (status == MIEN_OK && array) {
        status = mien_fail(MIEN_ENOTFOUND, "%s: no array \"%s\"; there are: %s", file,
            array, text.text);
    } else if (status == MIEN_OK) {
        status = mien_fail(MIEN_ENOTFOUND,
            "%s: none of the arrays is called default or data: name one of %s", file,
            text.text);
    }
    mien_string_clear(&text);
    return status;
}

static mien_status find(const mien_zip *zip, const char *file, const char *array,
    int64_t *index, mien_zip_member *member) {
    mien_status status = find_named(zip, array ? array : "default", index, member);
    if (status == MIEN_ENOTFOUND && !array) {
        status = find_named(zip, "data", index, member);
    }
    if (status == MIEN_ENOTFOUND && !array && mien_zip_count(zip) == 1) {
        *index = 0;
        status = mien_zip_info(zip, 0, member);
    }
    return status == MIEN_ENOTFOUND ? fail_not_found(zip, file, array) : status;
}

static mien_status load(mien_zip *zip, const char *file, size_t file_count,
    int64_t index, const mien_zip_member *member, mien_tensor **tensor) {
    size_t size = (size_t)member->size;
    if (size > mien_unpacked_max(file_count)) {
        return mien_fail(MIEN_ELIMIT, "%s: array %s claims %zu bytes in a file of %zu",
            file, member->name, size, file_count);
    }
    char *bytes = mien_alloc(size, 1);
    if (!bytes) {
        return MIEN_ENOMEM;
    }
    mien_string name;
    mien_string_init(&name);
    mien_status status = mien_string_addf(&name, "%s#%s", file, member->name);
    status = status ? status : mien_zip_read(zip, index, 0, bytes, size);
    status = status ? status : mien_npy_parse(name.text, bytes, size, tensor);
    mien_string_clear(&name);
    mien_free(bytes);
    return status;
}

mien_status mien_npz_parse(const char *name, const void *bytes, size_t count,
    const char *array, mien_tensor **tensor) {
    mien_zip *zip = NULL;
    mien_zip_member member;
    int64_t index = 0;
    mien_status status = mien_zip_open(name, bytes, count, &zip);
    status = status ? status : find(zip, name, array, &index, &member);
    status = status ? status : load(zip, name, count, index, &member, tensor);
    mien_zip_close(&zip);
    return status;
}
