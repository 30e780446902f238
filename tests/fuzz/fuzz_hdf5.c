/* SPDX-License-Identifier: MIT */
/* Any tree of groups, data sets, links and attributes as an HDF5 file, whole and cut
 * off, and as an archive of Keras: an error, or values and attributes that can all be
 * read. The files are well-formed: libhdf5 1.10 itself reads past its buffers in files
 * whose bytes were changed, which is its own to mend. */
#include "io/archive.h"
#include "io/hdf5.h"
#include "io/hdf5_file.h"
#include "io/hdf5_lzf.h"

#include <hdf5.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The input, taken apart from its start. */
typedef struct taken {
    const uint8_t *next, *end;
} taken;

static unsigned take(taken *t) {
    return t->next < t->end ? *t->next++ : 0;
}

/* Up to a newline: a word of the alphabet of paths. */
static const char *take_text(taken *t) {
    static char text[4][80];
    static int turn;
    static const char *const words[] = {"kernel", "bias", "gamma", "beta",
        "moving_variance", "conv2d", "conv2d_1", "batch_normalization", "vars", "0",
        "1", "layers", "model_weights", "depthwise_kernel", "pointwise_kernel",
        "dense_9"};
    char *to = text[turn++ % 4];
    to[0] = 0;
    for (int i = 0; i < 3 && t->next < t->end && *t->next != '\n'; i++) {
        unsigned c = take(t);
        if (c < 128) {
            snprintf(
                to + strlen(to), 80 - strlen(to), "%s%s", i ? "/" : "", words[c % 16]);
        } else {
            char other[3] = {(char)('_' + c % 20), ":/_1\xff"[c % 5], 0};
            strncat(to, other, 79 - strlen(to));
        }
    }
    take(t);
    return to;
}

static void write_texts(hid_t object, const char *name, taken *t) {
    char all[4][80];
    hsize_t count = take(t) % 5;
    for (hsize_t i = 0; i < count; i++) {
        memset(all[i], 0, 80);
        strcpy(all[i], take_text(t));
    }
    hid_t type = H5Tcopy(H5T_C_S1), space = H5Screate_simple(1, &count, NULL);
    H5Tset_size(type, 80);
    hid_t attribute = H5Acreate2(object, name, type, space, H5P_DEFAULT, H5P_DEFAULT);
    if (attribute >= 0) {
        H5Awrite(attribute, type, all);
        H5Aclose(attribute);
    }
    H5Sclose(space);
    H5Tclose(type);
}

/* NumPy's bool as h5py writes it; made once. */
static hid_t enum_type(void) {
    static hid_t type = -1;
    static const signed char values[] = {0, 1};
    if (type < 0) {
        type = H5Tenum_create(H5T_NATIVE_INT8);
        H5Tenum_insert(type, "FALSE", &values[0]);
        H5Tenum_insert(type, "TRUE", &values[1]);
    }
    return type;
}

static void write_set(hid_t file, hid_t lcpl, taken *t) {
    static const float values[4096];
    const hid_t types[] = {H5T_NATIVE_FLOAT, H5T_NATIVE_DOUBLE, H5T_NATIVE_UINT64,
        H5T_NATIVE_INT8, H5T_C_S1, H5T_NATIVE_LDOUBLE, H5T_NATIVE_B8, enum_type()};
    hid_t type = types[take(t) % 8];
    hsize_t shape[10];
    int rank = (int)(take(t) % 10);
    size_t bytes = H5Tget_size(type);
    for (int d = 0; d < rank; d++) {
        unsigned size = take(t);
        shape[d] = size < 200 ? size % 4 : (hsize_t)1 << (size % 60);
        hsize_t many = shape[d] > sizeof values ? sizeof values + 1 : shape[d];
        bytes = bytes > sizeof values ? bytes : bytes * (size_t)many;
    }
    hid_t space = H5Screate_simple(rank, shape, NULL);
    hid_t dcpl = H5Pcreate(H5P_DATASET_CREATE);
    H5Pset_alloc_time(dcpl, H5D_ALLOC_TIME_LATE);
    hid_t set = H5Dcreate2(file, take_text(t), type, space, lcpl, dcpl, H5P_DEFAULT);
    if (set >= 0 && bytes <= sizeof values && take(t) % 4) {
        H5Dwrite(set, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values);
    }
    H5Dclose(set);
    H5Pclose(dcpl);
    H5Sclose(space);
}

static void write_one(hid_t file, hid_t lcpl, taken *t) {
    static const char *const names[] = {"layer_names", "layer_names0", "weight_names",
        "weight_names0", "weight_names1", "model_config", "name", "data"};
    unsigned what = take(t);
    if (what % 4 == 0) {
        write_set(file, lcpl, t);
    } else if (what % 4 == 1) {
        const char *name = what & 8 ? "/" : take_text(t);
        hid_t object = H5Oopen(file, name, H5P_DEFAULT);
        object = object >= 0 ? object
                             : H5Gcreate2(file, name, lcpl, H5P_DEFAULT, H5P_DEFAULT);
        write_texts(object, names[take(t) % 8], t);
        H5Oclose(object);
    } else if (what % 4 == 2) {
        H5Lcreate_hard(
            file, what & 8 ? "/" : take_text(t), file, take_text(t), lcpl, H5P_DEFAULT);
    } else {
        H5Lcreate_soft(take_text(t), file, take_text(t), lcpl, H5P_DEFAULT);
    }
}

/* The file that the input describes; NULL where the library could not write it. */
static void *write_file(const uint8_t *data, size_t size, size_t *count) {
    taken t = {data, data + size};
    hid_t access = H5Pcreate(H5P_FILE_ACCESS), lcpl = H5Pcreate(H5P_LINK_CREATE);
    H5Pset_fapl_core(access, 1 << 16, 0);
    H5Pset_libver_bounds(access, take(&t) % 2 ? H5F_LIBVER_LATEST : H5F_LIBVER_EARLIEST,
        H5F_LIBVER_LATEST);
    H5Pset_create_intermediate_group(lcpl, 1);
    hid_t file = H5Fcreate("fuzz", H5F_ACC_TRUNC, H5P_DEFAULT, access);
    for (int i = 0; i < 64 && t.next < t.end; i++) {
        write_one(file, lcpl, &t);
    }
    H5Fflush(file, H5F_SCOPE_GLOBAL);
    ssize_t length = H5Fget_file_image(file, NULL, 0);
    void *bytes = length > 0 ? malloc((size_t)length) : NULL;
    if (bytes) {
        *count = (size_t)H5Fget_file_image(file, bytes, (size_t)length);
    }
    H5Fclose(file);
    H5Pclose(lcpl);
    H5Pclose(access);
    return bytes;
}

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

/* The input itself as a chunk that h5py packed. */
static void unpack(const uint8_t *data, size_t size) {
    size_t length = mien_lzf_length(data, size);
    if (length < SIZE_MAX) {
        unsigned char *to = malloc(length + 1);
        mien_lzf_unpack(data, size, to);
        free(to);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    size_t count = 0;
    mien_hdf5_probe_leave_out(true);
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
    unpack(data, size);
    char *bytes = write_file(data, size, &count);
    if (bytes) {
        read_file((const uint8_t *)bytes, count);
        read_archive((const uint8_t *)bytes, count);
        read_file((const uint8_t *)bytes, count * (size > 0 ? data[0] : 0) / 256);
        free(bytes);
    }
    return 0;
}
