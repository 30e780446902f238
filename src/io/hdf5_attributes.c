/* SPDX-License-Identifier: MIT */
/* Attributes of the groups and data sets of an HDF5 file. */
#include "io/hdf5_file.h"
#include "base/need.h"

#include <string.h>
/* ---- attributes --------------------------------------------------------------------
 */

/* Opens a group or data set of the tree; take a turn first. */
static mien_status open_object(const mien_hdf5 *f, const char *name, hid_t *id) {
    const mien_hdf5_library *l = &f->library;
    name += *name == '/';
    int64_t at = mien_index_find(&f->index, name, strlen(name));
    if (at < 0) {
        return mien_fail(
            MIEN_ENOTFOUND, "%s: no group or data set \"%s\"", f->path, name);
    }
    const mien_hdf5_object *o = &f->objects[at];
    if (!o->group && o->refused && o->info.borrowed == false) { /* a link out */
        return mien_fail(
            MIEN_EUNSUPPORTED, "%s: \"%s\": %s", f->path, name, o->refused);
    }
    *id = l->H5Oopen(f->id, *name ? name : "/", H5P_DEFAULT);
    return *id >= 0 ? MIEN_OK
                    : mien_hdf5_library_fail(l, f->path, "an object is damaged");
}

static void names_init(char ***names, int64_t count, mien_status *status) {
    *names = mien_alloc((size_t)count, sizeof **names);
    if (!*names) {
        *status = MIEN_ENOMEM;
    }
}

static mien_status attribute_name(
    const mien_hdf5 *f, hid_t object, int64_t i, char **name) {
    const mien_hdf5_library *l = &f->library;
    char text[MIEN_HDF5_NAME_MAX];
    hid_t id = l->H5Aopen_by_idx(
        object, ".", H5_INDEX_NAME, H5_ITER_INC, (hsize_t)i, H5P_DEFAULT, H5P_DEFAULT);
    bool good = id >= 0 && l->H5Aget_name(id, sizeof text, text) >= 0;
    mien_status status = MIEN_OK;
    if (good) {
        *name = mien_strdup(text);
        status = *name ? MIEN_OK : MIEN_ENOMEM;
    } else {
        status = mien_hdf5_library_fail(l, f->path, "an attribute is damaged");
    }
    if (id >= 0) {
        l->H5Aclose(id);
    }
    return status;
}

static mien_status list_attributes(
    const mien_hdf5 *f, hid_t object, char ***names, int64_t *count) {
    const mien_hdf5_library *l = &f->library;
    H5O_info_t info;
    if (l->H5Oget_info(object, &info) < 0) {
        return mien_hdf5_library_fail(l, f->path, "an object is damaged");
    }
    if (info.num_attrs > MIEN_HDF5_OBJECTS_MAX) {
        return mien_fail(MIEN_ELIMIT, "%s: more than %d attributes of one object",
            f->path, MIEN_HDF5_OBJECTS_MAX);
    }
    mien_status status = MIEN_OK;
    char **made = NULL;
    int64_t n = (int64_t)info.num_attrs;
    names_init(&made, n, &status);
    for (int64_t i = 0; status == MIEN_OK && i < n; i++) {
        status = attribute_name(f, object, i, &made[i]);
    }
    if (status != MIEN_OK) {
        mien_names_free(&made, made ? n : 0);
        return status;
    }
    *names = made;
    *count = n;
    return MIEN_OK;
}

mien_status mien_hdf5_attributes(
    mien_hdf5 *file, const char *object, char ***names, int64_t *count) {
    MIEN_NEED(file, object, names, count);
    mien_hdf5_turn turn;
    hid_t id = -1;
    mien_hdf5_turn_take(&file->library, &turn);
    mien_status status = open_object(file, object, &id);
    if (status == MIEN_OK) {
        status = list_attributes(file, id, names, count);
        file->library.H5Oclose(id);
    }
    mien_hdf5_turn_give(&turn);
    return status;
}

/* An attribute with its type and shape, all open. */
typedef struct opened {
    const mien_hdf5 *file;
    const char *name;
    hid_t object, id, type, space;
    mien_tensor info; /* shape */
    int64_t count;
} opened;

static mien_status attribute_init(
    opened *a, const mien_hdf5 *f, const char *object, const char *name) {
    const mien_hdf5_library *l = &f->library;
    *a = (opened){f, name, -1, -1, -1, -1, {0}, 0};
    mien_status status = open_object(f, object, &a->object);
    if (status != MIEN_OK) {
        return status;
    }
    a->id = l->H5Aopen(a->object, name, H5P_DEFAULT);
    if (a->id < 0) {
        return mien_fail(MIEN_ENOTFOUND, "%s: \"%s\" has no attribute \"%s\"", f->path,
            object, name);
    }
    a->type = l->H5Aget_type(a->id);
    a->space = l->H5Aget_space(a->id);
    if (a->type < 0 || a->space < 0) {
        return mien_hdf5_library_fail(l, f->path, "an attribute is damaged");
    }
    a->info.dtype = MIEN_F64; /* the widest: limits */
    const char *refused = mien_hdf5_shape_of(l, a->space, &a->info);
    if (refused) {
        return mien_fail(
            MIEN_EUNSUPPORTED, "%s: attribute \"%s\": %s", f->path, name, refused);
    }
    a->count = mien_shape_count(a->info.rank, a->info.shape);
    size_t size = l->H5Tget_size(a->type);
    if (size == 0 || (size_t)a->count > MIEN_HDF5_TEXTS_MAX / size) {
        return mien_fail(
            MIEN_ELIMIT, "%s: attribute \"%s\" has more than 16 MiB", f->path, name);
    }
    return MIEN_OK;
}

static void attribute_clear(opened *a) {
    const mien_hdf5_library *l = &a->file->library;
    if (a->space >= 0) {
        l->H5Sclose(a->space);
    }
    if (a->type >= 0) {
        l->H5Tclose(a->type);
    }
    if (a->id >= 0) {
        l->H5Aclose(a->id);
    }
    if (a->object >= 0) {
        l->H5Oclose(a->object);
    }
}

static mien_status read_fixed(opened *a, char **texts) {
    const mien_hdf5_library *l = &a->file->library;
    size_t size = l->H5Tget_size(a->type);
    char *all = mien_alloc((size_t)a->count, size);
    if (!all) {
        return MIEN_ENOMEM;
    }
    mien_status status = MIEN_OK;
    if (a->count > 0 && l->H5Aread(a->id, a->type, all) < 0) {
        status =
            mien_hdf5_library_fail(l, a->file->path, "an attribute cannot be read");
    }
    for (int64_t i = 0; status == MIEN_OK && i < a->count; i++) {
        const char *text = all + (size_t)i * size;
        const char *end = memchr(text, 0, size);
        texts[i] = mien_strndup(text, end ? (size_t)(end - text) : size);
        status = texts[i] ? MIEN_OK : MIEN_ENOMEM;
    }
    mien_free(all);
    return status;
}

static mien_status read_variable(opened *a, char **texts) {
    const mien_hdf5_library *l = &a->file->library;
    char **all = mien_alloc((size_t)a->count, sizeof *all);
    if (!all) {
        return MIEN_ENOMEM;
    }
    mien_status status = MIEN_OK;
    if (a->count > 0 && l->H5Aread(a->id, a->type, all) < 0) {
        status =
            mien_hdf5_library_fail(l, a->file->path, "an attribute cannot be read");
    }
    for (int64_t i = 0; status == MIEN_OK && i < a->count; i++) {
        texts[i] = mien_strdup(all[i] ? all[i] : "");
        status = texts[i] ? MIEN_OK : MIEN_ENOMEM;
    }
    for (int64_t i = 0; i < a->count; i++) {
        l->H5free_memory(all[i]);
    }
    mien_free(all);
    return status;
}

static mien_status read_texts(opened *a, char **texts) {
    const mien_hdf5_library *l = &a->file->library;
    if (a->count == 0) {
        return MIEN_OK; /* an empty list may have any type */
    }
    if (l->H5Tget_class(a->type) != H5T_STRING) {
        return mien_fail(MIEN_EUNSUPPORTED, "%s: attribute \"%s\" holds no texts",
            a->file->path, a->name);
    }
    /* read as the file's own type: it knows whether its texts are UTF-8 */
    return l->H5Tis_variable_str(a->type) > 0 ? read_variable(a, texts)
                                              : read_fixed(a, texts);
}

mien_status mien_hdf5_texts(mien_hdf5 *file, const char *object, const char *attribute,
    char ***texts, int64_t *count) {
    MIEN_NEED(file, object, attribute, texts, count);
    mien_hdf5_turn turn;
    opened a;
    char **made = NULL;
    mien_hdf5_turn_take(&file->library, &turn);
    mien_status status = attribute_init(&a, file, object, attribute);
    if (status == MIEN_OK) {
        names_init(&made, a.count, &status);
    }
    if (status == MIEN_OK) {
        status = read_texts(&a, made);
    }
    attribute_clear(&a);
    mien_hdf5_turn_give(&turn);
    if (status != MIEN_OK) {
        mien_names_free(&made, made ? a.count : 0);
        return status;
    }
    *texts = made;
    *count = a.count;
    return MIEN_OK;
}

static mien_status read_numbers(opened *a, mien_tensor **tensor) {
    const mien_hdf5_library *l = &a->file->library;
    const char *refused = NULL;
    mien_dtype dtype;
    mien_tensor *made = NULL;
    const hid_t *memory = mien_hdf5_type_of(l, a->type, &dtype, &refused);
    if (!memory) {
        return mien_fail(MIEN_EUNSUPPORTED, "%s: attribute \"%s\": %s", a->file->path,
            a->name, refused);
    }
    mien_status status = mien_tensor_new(dtype, a->info.rank, a->info.shape, &made);
    if (status == MIEN_OK && a->count > 0 &&
        l->H5Aread(a->id, *memory, made->data) < 0) {
        status =
            mien_hdf5_library_fail(l, a->file->path, "an attribute cannot be read");
    }
    if (status != MIEN_OK) {
        mien_tensor_free(&made);
        return status;
    }
    *tensor = made;
    return MIEN_OK;
}

mien_status mien_hdf5_numbers(
    mien_hdf5 *file, const char *object, const char *attribute, mien_tensor **tensor) {
    MIEN_NEED(file, object, attribute, tensor);
    mien_hdf5_turn turn;
    opened a;
    mien_hdf5_turn_take(&file->library, &turn);
    mien_status status = attribute_init(&a, file, object, attribute);
    if (status == MIEN_OK) {
        status = read_numbers(&a, tensor);
    }
    attribute_clear(&a);
    mien_hdf5_turn_give(&turn);
    return status;
}
