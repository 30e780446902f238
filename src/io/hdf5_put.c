/* SPDX-License-Identifier: MIT */
/* Writes attributes into an HDF5 file that is being made. */
#include "io/hdf5_file.h"

/* An attribute's texts are kept outside of it and take 16 bytes each there; the
 * format's limit of an attribute is 64 KiB. */
enum { TEXTS_MAX = 4000 };

static mien_status write_attribute(const mien_hdf5_library *l, const char *path,
    hid_t object, const mien_hdf5_attribute *a, hid_t type, hid_t space,
    const void *values) {
    hid_t id = l->H5Acreate2(object, a->name, type, space, H5P_DEFAULT, H5P_DEFAULT);
    const bool good = id >= 0 && l->H5Awrite(id, type, values) >= 0;
    mien_status status =
        good ? MIEN_OK : mien_hdf5_library_fail(l, path, "an attribute cannot be made");
    if (id >= 0) {
        l->H5Aclose(id);
    }
    return status;
}

static mien_status put_texts(const mien_hdf5_library *l, const char *path, hid_t object,
    const mien_hdf5_attribute *a) {
    const hsize_t count = (hsize_t)a->count;
    hid_t type = l->H5Tcopy(*l->H5T_C_S1_g);
    hid_t space =
        a->list ? l->H5Screate_simple(1, &count, NULL) : l->H5Screate(H5S_SCALAR);
    mien_status status;
    if (type < 0 || space < 0 || l->H5Tset_size(type, H5T_VARIABLE) < 0 ||
        l->H5Tset_cset(type, H5T_CSET_UTF8) < 0) {
        status = mien_hdf5_library_fail(l, path, "an attribute cannot be made");
    } else {
        status = write_attribute(l, path, object, a, type, space, a->texts);
    }
    if (space >= 0) {
        l->H5Sclose(space);
    }
    if (type >= 0) {
        l->H5Tclose(type);
    }
    return status;
}

static mien_status put_number(const mien_hdf5_library *l, const char *path,
    hid_t object, const mien_hdf5_attribute *a) {
    hid_t space = l->H5Screate(H5S_SCALAR);
    mien_status status =
        space < 0 ? mien_hdf5_library_fail(l, path, "an attribute cannot be made")
                  : write_attribute(
                        l, path, object, a, *l->H5T_NATIVE_DOUBLE_g, space, &a->number);
    if (space >= 0) {
        l->H5Sclose(space);
    }
    return status;
}

mien_status mien_hdf5_put(const mien_hdf5_library *l, const char *path, hid_t file,
    const mien_hdf5_attribute *a) {
    if (!a->name || !*a->name ||
        (a->texts && (a->count < 0 || (!a->list && a->count != 1)))) {
        return mien_fail(MIEN_EINVAL,
            "%s: an attribute needs a name, and one text unless it is a list", path);
    }
    if (a->texts && a->count > TEXTS_MAX) {
        return mien_fail(MIEN_ELIMIT, "%s: attribute \"%s\" has more than %d texts",
            path, a->name, (int)TEXTS_MAX);
    }
    hid_t object = l->H5Oopen(file, *a->object ? a->object : "/", H5P_DEFAULT);
    if (object < 0) {
        return mien_fail(MIEN_ENOTFOUND,
            "%s: attribute \"%s\" of \"%s\", which is not there", path, a->name,
            a->object);
    }
    mien_status status =
        a->texts ? put_texts(l, path, object, a) : put_number(l, path, object, a);
    l->H5Oclose(object);
    return status;
}
