/* SPDX-License-Identifier: MIT */
/* Any bytes as an HDF5 file, and as an archive of Keras: an error, or values and
 * attributes that can all be read. libhdf5 itself is not compiled for coverage. */
#include "io/archive.h"
#include "io/hdf5.h"

#include <string.h>

static void read_attributes(mien_hdf5 *file, const char *object) {
    char **names = NULL, **texts = NULL;
    int64_t count = 0, text_count = 0;
    mien_tensor *tensor = NULL;
    if (mien_hdf5_attributes(file, object, &names, &count) != MIEN_OK) {
        return;
    }
    for (int64_t i = 0; i < count; i++) {
        if (mien_hdf5_texts(file, object, names[i], &texts, &text_count) == MIEN_OK) {
            mien_names_free(&texts, text_count);
        }
        if (mien_hdf5_numbers(file, object, names[i], &tensor) == MIEN_OK) {
            mien_tensor_free(&tensor);
        }
    }
    mien_names_free(&names, count);
}

static void read_file(const uint8_t *data, size_t size) {
    mien_hdf5 *file = NULL;
    if (mien_hdf5_open_memory("fuzz.h5", data, size, &file) != MIEN_OK) {
        return;
    }
    read_attributes(file, "");
    for (int64_t i = 0; i < mien_hdf5_count(file); i++) {
        mien_tensor *tensor = NULL;
        if (mien_hdf5_load(file, i, &tensor) == MIEN_OK) {
            mien_tensor_free(&tensor);
        }
        read_attributes(file, mien_hdf5_name(file, i));
    }
    mien_hdf5_close(&file);
}

static void read_archive(const uint8_t *data, size_t size) {
    mien_archive *archive = NULL;
    if (mien_archive_open_memory("fuzz.h5", data, size, &archive) != MIEN_OK) {
        return;
    }
    for (int64_t i = 0; i < mien_archive_count(archive); i++) {
        mien_tensor *tensor = NULL;
        if (mien_archive_load(archive, i, &tensor) == MIEN_OK) {
            mien_tensor_free(&tensor);
        }
    }
    mien_archive_close(&archive);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    read_file(data, size);
    read_archive(data, size);
    return 0;
}
