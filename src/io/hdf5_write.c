/* SPDX-License-Identifier: MIT */
/* Writes named data sets, with attributes, as an HDF5 file, which libhdf5 makes in
 * memory. */
#include "io/hdf5_file.h"
#include "base/need.h"

#include <stdio.h>
#include <string.h>

/* The step by which the library grows its memory. */
#define INCREMENT ((size_t)1 << 20)

/* The handles that are open while a file is made. */
typedef struct maker {
    mien_hdf5_library library;
    const char *path;
    hid_t access, sets, links, file;
} maker;

static const hid_t *type_of(const mien_hdf5_library *l, mien_dtype dtype) {
    switch (dtype) {
    case MIEN_F32:
        return l->H5T_NATIVE_FLOAT_g;
    case MIEN_F64:
        return l->H5T_NATIVE_DOUBLE_g;
    case MIEN_I8:
        return l->H5T_NATIVE_INT8_g;
    case MIEN_U8:
        return l->H5T_NATIVE_UINT8_g;
    case MIEN_I16:
        return l->H5T_NATIVE_INT16_g;
    case MIEN_U16:
        return l->H5T_NATIVE_UINT16_g;
    case MIEN_I32:
        return l->H5T_NATIVE_INT32_g;
    case MIEN_I64:
        return l->H5T_NATIVE_INT64_g;
    default:
        return NULL;
    }
}

/* ---- names -------------------------------------------------------------------- */

static mien_status check_name(const char *path, const char *name) {
    size_t length = strlen(name);
    if (length == 0 || length >= MIEN_HDF5_NAME_MAX || name[0] == '/' ||
        name[length - 1] == '/' || strstr(name, "//")) {
        return mien_fail(MIEN_EINVAL,
            "%s: \"%s\" is no name of a data set: parts between single slashes, up to "
            "%d bytes",
            path, name, MIEN_HDF5_NAME_MAX - 1);
    }
    for (const char *part = name; part; part = strchr(part, '/')) {
        part += *part == '/';
        size_t dots = strspn(part, ".");
        if (dots > 0 && dots < 3 && (part[dots] == '/' || part[dots] == 0)) {
            return mien_fail(
                MIEN_EINVAL, "%s: \"%s\": . and .. are no names", path, name);
        }
    }
    return MIEN_OK;
}

static mien_status check_names(
    const char *path, int64_t count, const char *const *names) {
    mien_index seen = {0};
    mien_status status = MIEN_OK;
    for (int64_t i = 0; status == MIEN_OK && i < count; i++) {
        status = check_name(path, names[i]);
        if (status == MIEN_OK &&
            mien_index_find(&seen, names[i], strlen(names[i])) >= 0) {
            status = mien_fail(
                MIEN_EINVAL, "%s: two data sets called \"%s\"", path, names[i]);
        }
        status = status ? status : mien_index_add(&seen, names[i], strlen(names[i]), i);
    }
    /* a name that is also a group of another */
    for (int64_t i = 0; status == MIEN_OK && i < count; i++) {
        for (const char *end = strchr(names[i], '/'); end && status == MIEN_OK;
             end = strchr(end + 1, '/')) {
            if (mien_index_find(&seen, names[i], (size_t)(end - names[i])) >= 0) {
                status = mien_fail(MIEN_EINVAL,
                    "%s: \"%.*s\" is a data set and the group of \"%s\"", path,
                    (int)(end - names[i]), names[i], names[i]);
            }
        }
    }
    mien_index_clear(&seen);
    return status;
}

static mien_status check_tensors(const char *path, int64_t count,
    const char *const *names, const mien_tensor *const *tensors) {
    for (int64_t i = 0; i < count; i++) {
        mien_dtype dtype = tensors[i]->dtype;
        if (dtype == MIEN_F16 || dtype == MIEN_BF16 || dtype == MIEN_BOOL) {
            return mien_fail(MIEN_EUNSUPPORTED,
                "%s: \"%s\": values of type %s are not written", path, names[i],
                mien_dtype_name(dtype));
        }
    }
    return MIEN_OK;
}

/* ---- making ------------------------------------------------------------------- */

static mien_status write_set(maker *m, const char *name, const mien_tensor *tensor) {
    const mien_hdf5_library *l = &m->library;
    hsize_t sizes[MIEN_RANK_MAX] = {0};
    for (int d = 0; d < tensor->rank; d++) {
        sizes[d] = (hsize_t)tensor->shape[d];
    }
    hid_t type = *type_of(l, tensor->dtype), set = -1;
    hid_t space = l->H5Screate_simple(tensor->rank, sizes, NULL);
    if (space >= 0) {
        set = l->H5Dcreate2(m->file, name, type, space, m->links, m->sets, H5P_DEFAULT);
    }
    bool good = set >= 0 && (mien_tensor_count(tensor) == 0 ||
                                l->H5Dwrite(set, type, H5S_ALL, H5S_ALL, H5P_DEFAULT,
                                    tensor->data) >= 0);
    mien_status status =
        good ? MIEN_OK
             : mien_hdf5_library_fail(l, m->path, "a data set cannot be made");
    if (set >= 0) {
        l->H5Dclose(set);
    }
    if (space >= 0) {
        l->H5Sclose(space);
    }
    return status;
}

/* A file in memory; without the times of data sets, the only ones in it. */
static mien_status maker_open(maker *m) {
    const mien_hdf5_library *l = &m->library;
    char name[64];
    snprintf(name, sizeof name, "/dev/null/mien-%p", (void *)m);
    m->access = l->H5Pcreate(*l->H5P_CLS_FILE_ACCESS_ID_g);
    m->sets = l->H5Pcreate(*l->H5P_CLS_DATASET_CREATE_ID_g);
    m->links = l->H5Pcreate(*l->H5P_CLS_LINK_CREATE_ID_g);
    if (m->access >= 0 && m->sets >= 0 && m->links >= 0 &&
        l->H5Pset_fapl_core(m->access, INCREMENT, 0) >= 0 &&
        l->H5Pset_obj_track_times(m->sets, 0) >= 0 &&
        l->H5Pset_create_intermediate_group(m->links, 1) >= 0) {
        m->file = l->H5Fcreate(name, H5F_ACC_TRUNC, H5P_DEFAULT, m->access);
    }
    return m->file >= 0
               ? MIEN_OK
               : mien_hdf5_library_fail(l, m->path, "a file in memory cannot be made");
}

static void maker_close(maker *m) {
    const mien_hdf5_library *l = &m->library;
    if (m->file >= 0) {
        l->H5Fclose(m->file);
    }
    hid_t lists[] = {m->links, m->sets, m->access};
    for (int i = 0; i < 3; i++) {
        if (lists[i] >= 0) {
            l->H5Pclose(lists[i]);
        }
    }
}

/* Takes the file's bytes out; freed by the caller. */
static mien_status take_image(maker *m, char **bytes, size_t *count) {
    const mien_hdf5_library *l = &m->library;
    ssize_t size = l->H5Fflush(m->file, H5F_SCOPE_GLOBAL) < 0
                       ? -1
                       : l->H5Fget_file_image(m->file, NULL, 0);
    if (size < 0) {
        return mien_hdf5_library_fail(l, m->path, "the file's bytes are not given");
    }
    char *image = mien_alloc((size_t)size, 1);
    if (!image) {
        return MIEN_ENOMEM;
    }
    if (l->H5Fget_file_image(m->file, image, (size_t)size) != size) {
        mien_free(image);
        return mien_hdf5_library_fail(l, m->path, "the file's bytes are not given");
    }
    *bytes = image;
    *count = (size_t)size;
    return MIEN_OK;
}

static mien_status make(maker *m, int64_t count, const char *const *names,
    const mien_tensor *const *tensors, int64_t attribute_count,
    const mien_hdf5_attribute *attributes, char **bytes, size_t *size) {
    mien_hdf5_turn turn;
    mien_hdf5_turn_take(&m->library, &turn);
    mien_status status = maker_open(m);
    for (int64_t i = 0; status == MIEN_OK && i < count; i++) {
        status = write_set(m, names[i], tensors[i]);
    }
    for (int64_t i = 0; status == MIEN_OK && i < attribute_count; i++) {
        status = mien_hdf5_put(&m->library, m->path, m->file, &attributes[i]);
    }
    status = status ? status : take_image(m, bytes, size);
    maker_close(m);
    mien_hdf5_turn_give(&turn);
    return status;
}

mien_status mien_hdf5_write(const char *path, int64_t count, const char *const *names,
    const mien_tensor *const *tensors) {
    MIEN_NEED(path, names || count < 1, tensors);
    return mien_hdf5_write_with(path, count, names, tensors, 0, NULL);
}

mien_status mien_hdf5_write_with(const char *path, int64_t count,
    const char *const *names, const mien_tensor *const *tensors,
    int64_t attribute_count, const mien_hdf5_attribute *attributes) {
    MIEN_NEED(
        path, names || attribute_count < 1, tensors, attributes || attribute_count < 1);
    maker m = {.path = path, .access = -1, .sets = -1, .links = -1, .file = -1};
    char *bytes = NULL;
    size_t size = 0;
    mien_status status = check_names(path, count, names);
    status = status ? status : check_tensors(path, count, names, tensors);
    status = status ? status : mien_hdf5_library_load(&m.library);
    status = status ? status
                    : make(&m, count, names, tensors, attribute_count, attributes,
                          &bytes, &size);
    status = status ? status : mien_file_write(path, bytes, size);
    mien_free(bytes);
    return status;
}
