/* SPDX-License-Identifier: MIT */
/* Files of numbers whose first dimension is rows, whatever their format. */
#include "io/file.h"
#include "base/need.h"
#include "io/hdf5.h"
#include "io/npy.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

struct mien_array {
    char *path;          /* with the name of the array, for messages */
    mien_tensor *tensor; /* f32; NULL: the values stay in the file */
    mien_tensor info;    /* rank and shape */
    int64_t width;
    int file;      /* where they stay in the file; -1 */
    int64_t place; /* of the first */
};

/* ---- tables ------------------------------------------------------------------- */

typedef enum first_line { VALUES, HEADER, UNCLEAR } first_line;

static bool is_number(const mien_table *table, int64_t row, int column) {
    double value;
    return !mien_cell_missing(mien_table_cell(table, row, column)) &&
           mien_table_number(table, row, column, &value) == MIEN_OK;
}

/* Do the cells of the first line, from a column on, count 0, 1, 2, …? */
static bool counts(const mien_table *table, int from) {
    char want[16];
    for (int c = from; c < mien_table_columns(table); c++) {
        snprintf(want, sizeof want, "%d", c - from);
        if (strcmp(mien_table_cell(table, 0, c), want) != 0) {
            return false;
        }
    }
    return from < mien_table_columns(table);
}

/* Is a number below the first line written with a point or an exponent? */
static bool has_fractions(const mien_table *table) {
    for (int64_t r = 1; r < mien_table_rows(table); r++) {
        for (int c = 0; c < mien_table_columns(table); c++) {
            if (strpbrk(mien_table_cell(table, r, c), ".eE")) {
                return true;
            }
        }
    }
    return false;
}

/* Names have no number among them; numbers that count from 0 are names where an index
 * or fractions tell them from values. */
static first_line look_at_first(const mien_table *table) {
    int columns = mien_table_columns(table), numbers = 0, words = 0;
    const char *first = mien_table_cell(table, 0, 0);
    for (int c = 0; c < columns; c++) {
        bool number = is_number(table, 0, c);
        numbers += number;
        words += !number && !mien_cell_missing(mien_table_cell(table, 0, c));
    }
    if (columns > 1 && !is_number(table, 0, 0) && counts(table, 1) &&
        (!*first || words == 1)) {
        return HEADER; /* an index and its columns */
    }
    if (words > 0) {
        return numbers == 0 ? HEADER : UNCLEAR;
    }
    if (columns > 1 && counts(table, 0)) {
        if (columns > 2 && has_fractions(table)) {
            return HEADER;
        }
        mien_log(MIEN_LOG_WARN, "io",
            "%s: its first line, 0, 1, …, is taken as values and not as a header",
            mien_table_file(table));
    }
    return VALUES;
}

/* The cell of the first line that keeps it from being values. */
static mien_status fail_unclear(const mien_table *table) {
    int c = 0;
    while (is_number(table, 0, c) || mien_cell_missing(mien_table_cell(table, 0, c))) {
        c++;
    }
    double value;
    mien_status status = mien_table_number(table, 0, c, &value);
    mien_string why;
    mien_string_init(&why);
    mien_string_addf(&why, "%s", mien_error());
    status = mien_fail(status,
        "%s, but others in this line are: is it a header (then no name may be a "
        "number) "
        "or a row?",
        why.failed ? "" : why.text);
    mien_string_clear(&why);
    return status;
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
    options.numbers = true;
    mien_status status = mien_table_read(path, &options, &table);
    if (status != MIEN_OK) {
        goto done;
    }
    columns = mien_alloc((size_t)mien_table_columns(table), sizeof *columns);
    status = columns ? MIEN_OK : MIEN_ENOMEM;
    if (status != MIEN_OK) {
        goto done;
    }
    first_line first = look_at_first(table);
    if (first == UNCLEAR) {
        status = fail_unclear(table);
        goto done;
    }
    bool header = first == HEADER;
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

static mien_status take_shape(mien_array *array, const mien_tensor *r) {
    if (r->rank == 0) {
        return mien_fail(MIEN_ESHAPE, "%s: a single value has no rows", array->path);
    }
    array->info = (mien_tensor){.rank = r->rank};
    memcpy(array->info.shape, r->shape, sizeof r->shape);
    array->width = mien_shape_count(r->rank - 1, r->shape + 1);
    if (array->width < 0) { /* without rows, the others may be any size */
        return mien_fail_in(MIEN_ESHAPE, "%s", array->path);
    }
    return MIEN_OK;
}

/* Takes the tensor, or a copy of it with floats. */
static mien_status take_values(mien_array *array, mien_tensor **read) {
    const mien_tensor *r = *read;
    mien_status status = take_shape(array, r);
    if (status != MIEN_OK) {
        return status;
    }
    if (r->dtype != MIEN_F32) {
        return mien_tensor_convert(r, MIEN_F32, &array->tensor);
    }
    array->tensor = *read;
    *read = NULL;
    return MIEN_OK;
}

/* ---- values that stay in the file, where they lie as in memory ----------------------
 */

static mien_status place_npy(const char *file, mien_tensor *info, int64_t *place) {
    mien_map map = {0};
    mien_status status = mien_map_init(&map, file, MIEN_HDF5_BYTES_MAX);
    if (status == MIEN_OK) {
        status = mien_npy_place(file, map.bytes, map.count, info, place);
    }
    if (!map.mapped) {
        *place = -1; /* a pipe is read once */
    }
    mien_map_clear(&map);
    return status;
}

static mien_status place_hdf5(
    const char *file, const char *name, mien_tensor *info, int64_t *place) {
    mien_hdf5 *opened = NULL;
    int64_t index = 0;
    mien_status status = mien_hdf5_open(file, &opened);
    if (status == MIEN_OK) {
        status = mien_hdf5_find(opened, name, &index);
    }
    if (status == MIEN_OK) {
        *place = mien_hdf5_place(opened, index);
        *info = *place >= 0 ? *mien_hdf5_info(opened, index) : *info;
    }
    mien_hdf5_close(&opened);
    return status;
}

/* Sets array->file where rows can be read as they are asked for. */
static mien_status try_place(mien_array *array, const char *file, const char *name) {
    const char *extension = mien_path_extension(file);
    mien_tensor info = {0};
    int64_t place = -1;
    mien_status status = MIEN_OK;
    if (strcasecmp(extension, "npy") == 0 && !name) {
        status = place_npy(file, &info, &place);
    } else if (strcasecmp(extension, "h5") == 0 || strcasecmp(extension, "hdf5") == 0) {
        status = place_hdf5(file, name, &info, &place);
    }
    if (status != MIEN_OK || place < 0) {
        return status;
    }
    status = take_shape(array, &info);
    if (status == MIEN_OK) {
        array->place = place;
        array->file = open(file, O_RDONLY | O_CLOEXEC);
    }
    return status;
}

static mien_status read_placed(
    const mien_array *array, int64_t first, int64_t count, float *values) {
    size_t row = (size_t)array->width * sizeof *values, left = (size_t)count * row;
    off_t at = (off_t)((size_t)array->place + (size_t)first * row);
    char *to = (char *)values;
    while (left > 0) {
        ssize_t got = pread(array->file, to, left, at);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got <= 0) {
            return mien_fail(MIEN_EIO, "%s: its rows cannot be read: %s", array->path,
                got < 0 ? strerror(errno) : "the file has become shorter");
        }
        to += got;
        at += got;
        left -= (size_t)got;
    }
    return MIEN_OK;
}

/* ---- opening and reading -----------------------------------------------------------
 */

static mien_status open_parts(mien_array *array, char *file) {
    char *hash = strrchr(file, '#');
    mien_tensor *read = NULL;
    if (mien_file_exists(file)) {
        hash = NULL; /* a # of the file's own name */
    }
    if (hash) {
        *hash = 0;
    }
    mien_status status = try_place(array, file, hash ? hash + 1 : NULL);
    if (status != MIEN_OK || array->file >= 0) {
        return status;
    }
    status = read_any(file, hash ? hash + 1 : NULL, &read);
    status = status ? status : take_values(array, &read);
    mien_tensor_free(&read);
    return status;
}

mien_status mien_array_open(const char *path, mien_array **array) {
    MIEN_NEED(path);
    MIEN_NEED(array);
    mien_array *a = mien_alloc(1, sizeof *a);
    char *file = mien_strdup(path);
    mien_status status = a && file ? MIEN_OK : MIEN_ENOMEM;
    if (a) {
        a->file = -1;
    }
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
    if ((*array)->file >= 0) {
        close((*array)->file);
    }
    mien_tensor_free(&(*array)->tensor);
    mien_free((*array)->path);
    mien_free(*array);
    *array = NULL;
}

int mien_array_rank(const mien_array *array) {
    MIEN_NEED_OR(0, array);
    return array->info.rank;
}

const int64_t *mien_array_shape(const mien_array *array) {
    MIEN_NEED_OR(NULL, array);
    return array->info.shape;
}

int64_t mien_array_width(const mien_array *array) {
    MIEN_NEED_OR(0, array);
    return array->width;
}

mien_status mien_array_read(
    const mien_array *array, int64_t first, int64_t count, float *values) {
    MIEN_NEED(array, values || count < 1);
    int64_t rows = array->info.shape[0];
    if (first < 0 || count < 0 || first > rows || count > rows - first) {
        int64_t missing = first < 0 || first >= rows ? first : rows;
        return mien_fail(MIEN_ENOTFOUND,
            "%s: there is no row %" PRId64 "; it has %" PRId64 " (counted from 0)",
            array->path, missing, rows);
    }
    if (array->file >= 0) {
        return read_placed(array, first, count, values);
    }
    if (count > 0 && array->width > 0) {
        const float *from = (const float *)array->tensor->data + first * array->width;
        memcpy(values, from, (size_t)(count * array->width) * sizeof *values);
    }
    return MIEN_OK;
}
