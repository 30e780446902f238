/* SPDX-License-Identifier: MIT */
/* Tensors of ONNX files: values as bytes, in typed lists, or in another file. */
#include "io/onnx_tensor.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- memory for protobuf-c ------------------------------------------------------- */

/* The bytes before each allocation that hold its size, so that giving it back can be
 * counted. */
#define HEAD 64

static void *take(void *data, size_t size) {
    mien_onnx_room *r = data;
    if (size + HEAD < size || size + HEAD > r->room) {
        r->full = true;
        return NULL;
    }
    char *block = mien_alloc(1, size + HEAD);
    if (!block) {
        r->none = true;
        return NULL;
    }
    memcpy(block, &size, sizeof size);
    r->room -= size + HEAD;
    return block + HEAD;
}

static void give(void *data, void *pointer) {
    mien_onnx_room *r = data;
    if (pointer) {
        char *block = (char *)pointer - HEAD;
        size_t size;
        memcpy(&size, block, sizeof size);
        r->room += size + HEAD;
        mien_free(block);
    }
}

void mien_onnx_room_init(mien_onnx_room *room, size_t file_bytes) {
    *room = (mien_onnx_room){
        .allocator = {take, give, room}, .room = ((size_t)64 << 20) + 16 * file_bytes};
}

/* ---- values in the file itself -----------------------------------------------------
 */

static mien_status fail_count(const char *name, int64_t got, int64_t want) {
    return mien_fail(MIEN_EFORMAT, "tensor %s: %lld values where its shape has %lld",
        name, (long long)got, (long long)want);
}

/* Typed lists: floats, doubles and 64-bit integers as they are, all else as 32 bits. */
static mien_status take_typed(
    const MienWire__Tensor *t, const char *name, mien_tensor *to) {
    int64_t count = mien_tensor_count(to);
    int64_t got = (int64_t)(to->dtype == MIEN_F32   ? t->n_float_data
                            : to->dtype == MIEN_F64 ? t->n_double_data
                            : to->dtype == MIEN_I64 ? t->n_int64_data
                                                    : t->n_int32_data);
    if (got != count) {
        return fail_count(name, got, count);
    }
    if (count == 0) {
        return MIEN_OK;
    }
    if (to->dtype == MIEN_F32) {
        memcpy(to->data, t->float_data, (size_t)count * sizeof(float));
    } else if (to->dtype == MIEN_F64) {
        memcpy(to->data, t->double_data, (size_t)count * sizeof(double));
    } else if (to->dtype == MIEN_I64) {
        memcpy(to->data, t->int64_data, (size_t)count * sizeof(int64_t));
    } else {
        size_t size = mien_dtype_size(to->dtype);
        for (int64_t i = 0; i < count; i++) { /* its low bytes (little-endian) */
            memcpy((char *)to->data + (size_t)i * size, &t->int32_data[i], size);
        }
    }
    return MIEN_OK;
}

/* ---- values in another file ---------------------------------------------------------
 */

/* "a/b.data": no absolute path, no "..", nothing hidden behind a back slash. */
static bool is_below(const char *location) {
    bool good = location[0] && location[0] != '/' && !strchr(location, '\\');
    for (const char *part = location; good && part;) {
        const char *slash = strchr(part, '/');
        size_t length = slash ? (size_t)(slash - part) : strlen(part);
        good = length > 0 && !(length == 2 && memcmp(part, "..", 2) == 0);
        part = slash ? slash + 1 : NULL;
    }
    return good;
}

static mien_status read_range(
    int fd, const char *path, int64_t offset, char *to, size_t count) {
    while (count > 0) {
        ssize_t n = pread(fd, to, count, (off_t)offset);
        if (n <= 0) {
            return mien_fail(MIEN_EIO, "%s: cannot be read", path);
        }
        to += n;
        offset += n;
        count -= (size_t)n;
    }
    return MIEN_OK;
}

/* A regular file that is no link and does not lead out of the folder. */
static mien_status open_below(const char *folder, const char *location, int *fd) {
    char *path = mien_path_join(folder, location);
    char *real = path ? realpath(path, NULL) : NULL, *root = realpath(folder, NULL);
    mien_status status = path ? MIEN_OK : MIEN_ENOMEM;
    if (status == MIEN_OK && (!real || !root)) {
        status = mien_fail(MIEN_EIO, "%s: the file of its values is not there", path);
    }
    size_t length = root ? strlen(root) : 0;
    if (status == MIEN_OK &&
        (strncmp(real, root, length) != 0 || (length > 1 && real[length] != '/'))) {
        status = mien_fail(MIEN_EFORMAT,
            "values are said to stand in %s, outside the model's folder", location);
    }
    if (status == MIEN_OK) {
        struct stat s;
        *fd = open(real, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
        if (*fd < 0 || fstat(*fd, &s) != 0 || !S_ISREG(s.st_mode)) {
            status = mien_fail(MIEN_EIO, "%s: is no file that can be read", path);
        }
    }
    free(real);
    free(root);
    mien_free(path);
    return status;
}

static const char *entry(const MienWire__Tensor *t, const char *key) {
    for (size_t i = 0; i < t->n_external_data; i++) {
        const MienWire__StringPair *p = t->external_data[i];
        if (p->key && p->value && strcmp(p->key, key) == 0) {
            return p->value;
        }
    }
    return NULL;
}

static mien_status take_external(
    const MienWire__Tensor *t, const char *name, const char *folder, mien_tensor *to) {
    const char *location = entry(t, "location");
    const char *offset_text = entry(t, "offset"), *length_text = entry(t, "length");
    int64_t offset = 0, length = (int64_t)mien_tensor_bytes(to);
    int fd = -1;
    if (!folder || !location || !is_below(location)) {
        return mien_fail(MIEN_EFORMAT,
            "tensor %s: values in \"%s\": only a plain name below the model's folder "
            "is "
            "read",
            name, location ? location : "");
    }
    if ((offset_text && !mien_parse_int(offset_text, &offset)) ||
        (length_text && !mien_parse_int(length_text, &length)) || offset < 0 ||
        length != (int64_t)mien_tensor_bytes(to)) {
        return mien_fail(MIEN_EFORMAT,
            "tensor %s: offset \"%s\", length \"%s\" in %s do not fit its shape", name,
            offset_text ? offset_text : "0", length_text ? length_text : "", location);
    }
    mien_status status = open_below(folder, location, &fd);
    struct stat s;
    if (status == MIEN_OK && (fstat(fd, &s) != 0 || offset > s.st_size - length)) {
        status = mien_fail(
            MIEN_EFORMAT, "tensor %s: %s ends before its values", name, location);
    }
    if (status == MIEN_OK) {
        status = read_range(fd, location, offset, to->data, (size_t)length);
    }
    if (fd >= 0) {
        close(fd);
    }
    return status;
}

/* ---- all
 * ----------------------------------------------------------------------------- */

static mien_status take_values(
    const MienWire__Tensor *t, const char *name, const char *folder, mien_tensor *to) {
    if (t->data_location == 1) {
        return take_external(t, name, folder, to);
    }
    if (!t->has_raw_data) {
        return take_typed(t, name, to);
    }
    size_t bytes = mien_tensor_bytes(to);
    if (t->raw_data.len != bytes) {
        return fail_count(name, (int64_t)(t->raw_data.len / mien_dtype_size(to->dtype)),
            mien_tensor_count(to));
    }
    if (bytes > 0) {
        memcpy(to->data, t->raw_data.data, bytes);
    }
    return MIEN_OK;
}

mien_status mien_onnx_tensor_make(const MienWire__Tensor *from, const char *folder,
    int64_t *held, mien_tensor **tensor) {
    const char *name = from->name ? from->name : "";
    mien_dtype dtype = mien_onnx_dtype(from->data_type);
    if (dtype == MIEN_DTYPES) {
        return mien_fail(MIEN_EUNSUPPORTED, "tensor %s: values of type %d are not read",
            name, (int)from->data_type);
    }
    if (from->n_dims > MIEN_RANK_MAX) {
        return mien_fail(MIEN_ELIMIT, "tensor %s: %zu dimensions, at most %d", name,
            from->n_dims, MIEN_RANK_MAX);
    }
    int64_t shape[MIEN_RANK_MAX];
    for (size_t d = 0; d < from->n_dims; d++) {
        shape[d] = from->dims[d];
    }
    int64_t count = mien_shape_count((int)from->n_dims, shape);
    int64_t most = (MIEN_ONNX_BYTES_MAX - *held) / (int64_t)mien_dtype_size(dtype);
    if (count < 0 || count > most) {
        return mien_fail(MIEN_ELIMIT, "tensor %s: its shape asks for too much", name);
    }
    /* values that are not in the file must not make memory be taken */
    int64_t there = (int64_t)(from->raw_data.len + 4 * from->n_float_data +
                              8 * from->n_double_data + 8 * from->n_int64_data +
                              8 * from->n_int32_data);
    if (from->data_location != 1 && count * (int64_t)mien_dtype_size(dtype) > there) {
        return fail_count(name, there / (int64_t)mien_dtype_size(dtype), count);
    }
    mien_status status = mien_tensor_new(dtype, (int)from->n_dims, shape, tensor);
    if (status == MIEN_OK) {
        status = take_values(from, name, folder, *tensor);
    }
    if (status != MIEN_OK) {
        mien_tensor_free(tensor);
        return status;
    }
    *held += (int64_t)mien_tensor_bytes(*tensor);
    return MIEN_OK;
}
