/* SPDX-License-Identifier: MIT */
/* Files of numbers whose first dimension is rows, whatever their format. */
#include "io/file.h"
#include "io/hdf5.h"
#include "io/npy.h"

#include <inttypes.h>
#include <string.h>
#include <strings.h>

struct mien_array {
    char *path;          /* with the name of the array, for messages */
    mien_tensor *tensor; /* f32 */
    int64_t width;
};

/* ---- tables ------------------------------------------------------------------- */

/* Is the first line a header? Only where one of its cells is no number, or the first
 * one, that of an index, is blank. */
static bool has_header(const mien_table *table) {
    int columns = mien_table_columns(table);
    bool header = columns > 1 && !*mien_table_cell(table, 0, 0);
    for (int c = 0; c < columns && !header; c++) {
        double value;
        header = mien_table_number(table, 0, c, &value) != MIEN_OK;
    }
    return header;
}

/* Columns that hold values: all, but for an index without a name. */
static int take_columns(const mien_table *table, bool header, int *columns) {
    int count = 0;
    for (int c = 0; c < mien_table_columns(table); c++) {
        if (!header || *mien_table_cell(table, 0, c)) {
            columns[count++] = c;
        }
    }
    return count;
}

static mien_status fill(const mien_table *table, int64_t first, const int *columns,
    int count, float *values) {
    for (int64_t r = first; r < mien_table_rows(table); r++) {
        for (int c = 0; c < count; c++) {
            double value;
            mien_status status = mien_table_number(table, r, columns[c], &value);
            if (status != MIEN_OK) {
                return status;
            }
            *values++ = (float)value;
        }
    }
    return MIEN_OK;
}

static mien_status read_table(const char *path, mien_tensor **tensor) {
    mien_table_options options = mien_table_options_default();
    mien_table *table = NULL;
    mien_tensor *made = NULL;
    int *columns = NULL;
    options.headerless = true;
    mien_status status = mien_table_read(path, &options, &table);
    if (status != MIEN_OK) {
        goto done;
    }
    columns = mien_alloc((size_t)mien_table_columns(table), sizeof *columns);
    status = columns ? MIEN_OK : MIEN_ENOMEM;
    if (status != MIEN_OK) {
        goto done;
    }
    bool header = has_header(table);
    int count = take_columns(table, header, columns);
    int64_t shape[2] = {mien_table_rows(table) - header, count};
    status = mien_tensor_new(MIEN_F32, 2, shape, &made);
    status = status ? status : fill(table, header, columns, count, made->data);
done:
    mien_free(columns);
    mien_table_free(&table);
    if (status != MIEN_OK) {
        mien_tensor_free(&made);
        return status;
    }
    *tensor = made;
    return MIEN_OK;
}

/* ---- by format ---------------------------------------------------------------- */

static mien_status read_npz(const char *file, const char *name, mien_tensor **tensor) {
    mien_map map = {0};
    mien_status status = mien_map_init(&map, file, MIEN_HDF5_BYTES_MAX);
    if (status == MIEN_OK) {
        status = mien_npz_parse(file, map.bytes, map.count, name, tensor);
    }
    mien_map_clear(&map);
    return status;
}

static mien_status read_unnamed(
    const char *file, const char *name, mien_tensor **tensor) {
    if (name) {
        return mien_fail(
            MIEN_EINVAL, "%s: holds one array; \"#%s\" names none of it", file, name);
    }
    return strcasecmp(mien_path_extension(file), "npy") == 0
               ? mien_npy_read(file, tensor)
               : read_table(file, tensor);
}

static const struct {
    const char *extension;
    mien_status (*read)(const char *file, const char *name, mien_tensor **tensor);
} formats[] = {{"npy", read_unnamed}, {"npz", read_npz}, {"h5", mien_hdf5_read},
    {"hdf5", mien_hdf5_read}, {"csv", read_unnamed}, {"tsv", read_unnamed},
    {"txt", read_unnamed}};
#define FORMATS (sizeof formats / sizeof formats[0])

static mien_status read_any(const char *file, const char *name, mien_tensor **tensor) {
    const char *extension = mien_path_extension(file);
    for (size_t i = 0; i < FORMATS; i++) {
        if (strcasecmp(extension, formats[i].extension) == 0) {
            return formats[i].read(file, name, tensor);
        }
    }
    return mien_fail(MIEN_EUNSUPPORTED,
        "%s: numbers are read from .npy, .npz, .h5, .hdf5, .csv, .tsv and .txt", file);
}

/* Takes the tensor, or a copy of it with floats. */
static mien_status take_values(mien_array *array, mien_tensor **read) {
    const mien_tensor *r = *read;
    if (r->rank == 0) {
        return mien_fail(MIEN_ESHAPE, "%s: a single value has no rows", array->path);
    }
    array->width = mien_shape_count(r->rank - 1, r->shape + 1);
    if (array->width < 0) { /* without rows, the others may be any size */
        return mien_fail_in(MIEN_ESHAPE, "%s", array->path);
    }
    if (r->dtype != MIEN_F32) {
        return mien_tensor_convert(r, MIEN_F32, &array->tensor);
    }
    array->tensor = *read;
    *read = NULL;
    return MIEN_OK;
}

static mien_status open_parts(mien_array *array, char *file) {
    char *hash = strrchr(file, '#');
    mien_tensor *read = NULL;
    if (mien_file_exists(file)) {
        hash = NULL; /* a # of the file's own name */
    }
    if (hash) {
        *hash = 0;
    }
    mien_status status = read_any(file, hash ? hash + 1 : NULL, &read);
    status = status ? status : take_values(array, &read);
    mien_tensor_free(&read);
    return status;
}

mien_status mien_array_open(const char *path, mien_array **array) {
    mien_array *a = mien_alloc(1, sizeof *a);
    char *file = mien_strdup(path);
    mien_status status = a && file ? MIEN_OK : MIEN_ENOMEM;
    if (status == MIEN_OK) {
        a->path = mien_strdup(path);
        status = a->path ? open_parts(a, file) : MIEN_ENOMEM;
    }
    mien_free(file);
    if (status != MIEN_OK) {
        mien_array_close(&a);
        return status;
    }
    *array = a;
    return MIEN_OK;
}

void mien_array_close(mien_array **array) {
    if (!array || !*array) {
        return;
    }
    mien_tensor_free(&(*array)->tensor);
    mien_free((*array)->path);
    mien_free(*array);
    *array = NULL;
}

int mien_array_rank(const mien_array *array) {
    return array->tensor->rank;
}

const int64_t *mien_array_shape(const mien_array *array) {
    return array->tensor->shape;
}

int64_t mien_array_width(const mien_array *array) {
    return array->width;
}

mien_status mien_array_read(
    const mien_array *array, int64_t first, int64_t count, float *values) {
    int64_t rows = array->tensor->shape[0];
    if (first < 0 || count < 0 || first > rows || count > rows - first) {
        int64_t missing = first < 0 || first >= rows ? first : rows;
        return mien_fail(MIEN_ENOTFOUND,
            "%s: there is no row %" PRId64 "; it has %" PRId64 " (counted from 0)",
            array->path, missing, rows);
    }
    if (count > 0 && array->width > 0) {
        const float *from = (const float *)array->tensor->data + first * array->width;
        memcpy(values, from, (size_t)(count * array->width) * sizeof *values);
    }
    return MIEN_OK;
}
