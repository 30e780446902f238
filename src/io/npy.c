/* SPDX-License-Identifier: MIT */
/* NumPy's .npy files to and from tensors.
 *
 * In comes a file, or the same bytes from a member of a .npz; out goes a tensor in C
 * order and in this machine's order of bytes, whatever the file's were. Files are
 * written little-endian and in C order. Called by array.c, npz.c and whoever keeps
 * arrays. */
#include "io/npy.h"
#include "base/need.h"
#include "io/file.h"

#include <string.h>

#define BYTES_MAX ((size_t)16 << 30)
#define HEADER_MAX (64u << 10)
#define MAGIC "\x93NUMPY"

/* A type as NumPy writes it behind the sign of its byte order, and what it is read as.
 * The first with a dtype is how that dtype is written. */
typedef struct number_type {
    const char *descr;
    mien_dtype dtype;
    size_t size; /* bytes in the file */
} number_type;

static const number_type types[] = {{"f4", MIEN_F32, 4}, {"f8", MIEN_F64, 8},
    {"f2", MIEN_F16, 2}, {"i1", MIEN_I8, 1}, {"u1", MIEN_U8, 1}, {"i2", MIEN_I16, 2},
    {"u2", MIEN_U16, 2}, {"i4", MIEN_I32, 4}, {"i8", MIEN_I64, 8}, {"b1", MIEN_BOOL, 1},
    {"u4", MIEN_I64, 4}, {"u8", MIEN_I64, 8}};
#define TYPES (sizeof types / sizeof types[0])

/* The header: a Python dictionary written out, e.g.
 * {'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), } */
typedef struct header {
    const char *path;
    char text[HEADER_MAX + 1];
    const char *next;
    char descr[64];
    bool fortran, has_descr, has_fortran, has_shape;
    int rank;
    int64_t shape[MIEN_RANK_MAX];
} header;

static mien_status bad(const header *h, const char *what) {
    return mien_fail(MIEN_EFORMAT, "%s: bad .npy header: %s", h->path, what);
}

static bool take(header *h, char c) {
    h->next += strspn(h->next, " \n");
    if (*h->next != c) {
        return false;
    }
    h->next++;
    return true;
}

static mien_status take_text(header *h, char *text, size_t room) {
    h->next += strspn(h->next, " \n");
    h->next += (*h->next == 'u' || *h->next == 'b') &&
               (h->next[1] == '\'' || h->next[1] == '"'); /* Python 2's u'<f8' */
    char quote = *h->next;
    if (quote != '\'' && quote != '"') {
        return bad(h, "text expected");
    }
    const char *end = strchr(h->next + 1, quote);
    size_t length = end ? (size_t)(end - h->next - 1) : room;
    if (length >= room) {
        return bad(h, "a text without end");
    }
    memcpy(text, h->next + 1, length);
    text[length] = 0;
    h->next = end + 1;
    return MIEN_OK;
}

static mien_status take_shape(header *h) {
    if (!take(h, '(')) {
        return bad(h, "the shape is not a tuple");
    }
    h->rank = 0;
    while (!take(h, ')')) {
        h->next += strspn(h->next, " \n");
        int64_t size = 0;
        const char *first = h->next;
        for (; *h->next >= '0' && *h->next <= '9'; h->next++) {
            size = size * 10 + (*h->next - '0');
            if (size > (int64_t)BYTES_MAX) {
                return mien_fail(MIEN_ELIMIT, "%s: a dimension is too large", h->path);
            }
        }
        if (h->next == first) {
            return bad(h, "a dimension is not a number");
        }
        if (h->rank == MIEN_RANK_MAX) {
            return mien_fail(MIEN_EUNSUPPORTED, "%s: more than %d dimensions", h->path,
                MIEN_RANK_MAX);
        }
        h->next += *h->next == 'L'; /* Python 2 marks its long integers */
        h->shape[h->rank++] = size;
        if (!take(h, ',')) {
            if (!take(h, ')')) {
                return bad(h, "the shape does not end");
            }
            break;
        }
    }
    h->has_shape = true;
    return MIEN_OK;
}

static mien_status take_flag(header *h) {
    h->next += strspn(h->next, " \n");
    if (!strncmp(h->next, "True", 4)) {
        h->fortran = true;
        h->next += 4;
    } else if (!strncmp(h->next, "False", 5)) {
        h->next += 5;
    } else {
        return bad(h, "fortran_order is neither True nor False");
    }
    h->has_fortran = true;
    return MIEN_OK;
}

static mien_status take_item(header *h) {
    char key[32];
    mien_status status = take_text(h, key, sizeof key);
    if (status != MIEN_OK) {
        return status;
    }
    if (!take(h, ':')) {
        return bad(h, "no : after a key");
    }
    if (!strcmp(key, "descr") && !h->has_descr) {
        h->next += strspn(h->next, " \n");
        if (*h->next == '[') {
            return mien_fail(MIEN_EUNSUPPORTED,
                "%s: an array of records (structured type)", h->path);
        }
        h->has_descr = true;
        return take_text(h, h->descr, sizeof h->descr);
    }
    if (!strcmp(key, "fortran_order") && !h->has_fortran) {
        return take_flag(h);
    }
    if (!strcmp(key, "shape") && !h->has_shape) {
        return take_shape(h);
    }
    return mien_fail(
        MIEN_EFORMAT, "%s: bad .npy header: unexpected key \"%s\"", h->path, key);
}

static mien_status parse_header(header *h) {
    if (!take(h, '{')) {
        return bad(h, "it is not a dictionary");
    }
    while (!take(h, '}')) {
        mien_status status = take_item(h);
        if (status != MIEN_OK) {
            return status;
        }
        if (!take(h, ',')) {
            if (!take(h, '}')) {
                return bad(h, "it does not end");
            }
            break;
        }
    }
    h->next += strspn(h->next, " \n");
    if (*h->next) {
        return bad(h, "text after it");
    }
    if (!h->has_descr || !h->has_fortran || !h->has_shape) {
        return bad(h, "descr, fortran_order or shape is missing");
    }
    return MIEN_OK;
}

/* The type, and whether its bytes stand in the other order than ours ('<'
 * little-endian,
 * '>' big-endian, '|' and '=' none or this machine's). */
static mien_status find_type(const header *h, const number_type **type, bool *swap) {
    for (size_t i = 0; i < TYPES && h->descr[0] && strchr("<>|=", h->descr[0]); i++) {
        if (!strcmp(h->descr + 1, types[i].descr)) {
            *type = &types[i];
            *swap = h->descr[0] == '>' && types[i].size > 1;
            return MIEN_OK;
        }
    }
    const char *kind = strpbrk(h->descr, "cOSUVMmf");
    const char *why = !kind                 ? ""
                      : *kind == 'c'        ? "complex "
                      : *kind == 'f'        ? "long "
                      : *kind == 'O'        ? "object "
                      : *kind == 'V'        ? "raw "
                      : strchr("SU", *kind) ? "text "
                                            : "date ";
    return mien_fail(
        MIEN_EUNSUPPORTED, "%s: %stype '%s' is not supported", h->path, why, h->descr);
}

/* Finds the header of any version and where the values start. */
static mien_status locate(
    header *h, const unsigned char *b, size_t count, size_t *values) {
    if (count < 10 || memcmp(b, MAGIC, 6) != 0) {
        return mien_fail(MIEN_EFORMAT, "%s: not a .npy file", h->path);
    }
    if (b[6] < 1 || b[6] > 3) {
        return mien_fail(
            MIEN_EUNSUPPORTED, "%s: .npy version %d.%d", h->path, b[6], b[7]);
    }
    size_t start = b[6] == 1 ? 10 : 12;
    if (count < start) {
        return mien_fail(MIEN_EFORMAT, "%s: truncated .npy header", h->path);
    }
    size_t length = b[8] | (size_t)b[9] << 8;
    if (b[6] > 1) {
        length |= (size_t)b[10] << 16 | (size_t)b[11] << 24;
    }
    if (length > HEADER_MAX) {
        return mien_fail(MIEN_ELIMIT, "%s: the .npy header has %zu bytes, more than %u",
            h->path, length, HEADER_MAX);
    }
    if (length > count - start) {
        return mien_fail(MIEN_EFORMAT, "%s: truncated .npy header", h->path);
    }
    memcpy(h->text, b + start, length);
    h->text[length] = 0;
    h->next = h->text;
    *values = start + length;
    return strlen(h->text) == length ? parse_header(h) : bad(h, "a 0 byte in it");
}

/* The value at `from` as unsigned bits, in this machine's order. */
static uint64_t take_bits(const unsigned char *from, size_t size, bool swap) {
    uint64_t bits = 0;
    for (size_t i = 0; i < size; i++) {
        bits |= (uint64_t)from[swap ? size - 1 - i : i] << (8 * i);
    }
    return bits;
}

/* Writes one value of the file as the tensor has it; false: an unsigned one of 2^63 or
 * more. */
static bool place_value(const number_type *type, uint64_t bits, void *to) {
    size_t size = mien_dtype_size(type->dtype);
    unsigned char *bytes = to;
    for (size_t i = 0; i < size; i++) {
        bytes[i] = (unsigned char)(bits >> (8 * i));
    }
    return type->descr[0] != 'u' || type->size < 8 || bits <= INT64_MAX;
}

/* Values whose order, byte order or width is not ours, one by one: `index` counts
 * through the tensor in C order, and `at` goes along in the file. */
static mien_status rearrange(const header *h, const number_type *type, bool swap,
    const unsigned char *values, mien_tensor *tensor) {
    int64_t stride[MIEN_RANK_MAX], index[MIEN_RANK_MAX] = {0}, at = 0;
    int64_t count = mien_tensor_count(tensor), step = 1;
    size_t size = mien_dtype_size(type->dtype);
    unsigned char *to = tensor->data;
    for (int k = 0; k < h->rank; k++) {
        int d = h->fortran ? k : h->rank - 1 - k;
        stride[d] = step;
        step *= h->shape[d];
    }
    for (int64_t i = 0; i < count; i++, to += size) {
        if (!place_value(type,
                take_bits(values + (size_t)at * type->size, type->size, swap), to)) {
            return mien_fail(MIEN_ELIMIT, "%s: integers of 2^63 and more", h->path);
        }
        for (int d = h->rank - 1; d >= 0; d--) {
            at += stride[d];
            if (++index[d] < h->shape[d]) {
                break;
            }
            at -= stride[d] * h->shape[d];
            index[d] = 0;
        }
    }
    return MIEN_OK;
}

/* Whether there are as many bytes as the type and the shape need. */
static mien_status check_size(const header *h, const number_type *type, size_t have) {
    int64_t count = mien_shape_count(h->rank, h->shape);
    if (count < 0 || (uint64_t)count > BYTES_MAX / mien_dtype_size(type->dtype)) {
        return mien_fail(MIEN_ELIMIT, "%s: more than 16 GiB of values", h->path);
    }
    size_t need = (size_t)count * type->size;
    return need == have ? MIEN_OK
                        : mien_fail(MIEN_EFORMAT,
                              "%s: %zu bytes of values where the shape needs %zu%s",
                              h->path, have, need, have < need ? " (truncated?)" : "");
}

static mien_status check_bools(const header *h, const mien_tensor *tensor) {
    const unsigned char *values = tensor->data;
    int64_t count = tensor->dtype == MIEN_BOOL ? mien_tensor_count(tensor) : 0;
    for (int64_t i = 0; i < count; i++) {
        if (values[i] > 1) {
            return mien_fail(
                MIEN_EFORMAT, "%s: a bool with value %d", h->path, values[i]);
        }
    }
    return MIEN_OK;
}

static mien_status make_tensor(
    const header *h, const unsigned char *values, size_t have, mien_tensor **tensor) {
    const number_type *type;
    bool swap;
    mien_tensor *made = NULL;
    mien_status status = find_type(h, &type, &swap);
    status = status ? status : check_size(h, type, have);
    status = status ? status : mien_tensor_new(type->dtype, h->rank, h->shape, &made);
    if (status != MIEN_OK) {
        return status;
    }
    bool as_it_is = !swap && !(h->fortran && h->rank > 1) &&
                    strcmp(type->descr, "u8") != 0 && /* may not fit */
                    type->size == mien_dtype_size(type->dtype);
    if (!as_it_is) {
        status = rearrange(h, type, swap, values, made);
    } else if (have > 0) {
        memcpy(made->data, values, have);
    }
    status = status ? status : check_bools(h, made);
    if (status != MIEN_OK) {
        mien_tensor_free(&made);
        return status;
    }
    *tensor = made;
    return MIEN_OK;
}

mien_status mien_npy_parse(
    const char *name, const void *bytes, size_t count, mien_tensor **tensor) {
    const unsigned char *b = bytes;
    size_t start = 0;
    header *h = mien_alloc(1, sizeof *h);
    if (!h) {
        return MIEN_ENOMEM;
    }
    h->path = name;
    mien_status status = locate(h, b, count, &start);
    if (status == MIEN_OK) {
        status = make_tensor(h, b + start, count - start, tensor);
    }
    mien_free(h);
    return status;
}

mien_status mien_npy_place(const char *name, const void *bytes, size_t count,
    mien_tensor *info, int64_t *place) {
    size_t start = 0;
    const number_type *type = types;
    bool swap = false;
    header *h = mien_alloc(1, sizeof *h);
    if (!h) {
        return MIEN_ENOMEM;
    }
    h->path = name;
    mien_status status = locate(h, bytes, count, &start);
    if (status == MIEN_OK) {
        status = find_type(h, &type, &swap);
    }
    int64_t values = status == MIEN_OK ? mien_shape_count(h->rank, h->shape) : -1;
    bool plain = values > 0 && type->dtype == MIEN_F32 && !swap &&
                 !(h->fortran && h->rank > 1) &&
                 (uint64_t)values <= (count - start) / sizeof(float) &&
                 (size_t)values * sizeof(float) == count - start;
    *place = plain ? (int64_t)start : -1;
    if (plain) {
        *info = (mien_tensor){.dtype = MIEN_F32, .rank = h->rank, .borrowed = true};
        memcpy(info->shape, h->shape, sizeof info->shape);
    }
    mien_free(h);
    return status;
}

mien_status mien_npy_read(const char *path, mien_tensor **tensor) {
    MIEN_NEED(path);
    MIEN_NEED(tensor);
    mien_map map = {0};
    mien_status status = mien_map_init(&map, path, BYTES_MAX + HEADER_MAX);
    if (status == MIEN_OK) {
        status = mien_npy_parse(path, map.bytes, map.count, tensor);
    }
    mien_map_clear(&map);
    return status;
}

static const number_type *type_of(mien_dtype dtype) {
    for (size_t i = 0; i < TYPES; i++) {
        if (types[i].dtype == dtype) {
            return &types[i];
        }
    }
    return NULL;
}

/* Version 1.0, padded so that the values start at a multiple of 64. */
static mien_status make_header(
    const mien_tensor *tensor, const number_type *type, mien_string *text) {
    mien_string_addf(text, "{'descr': '%c%s', 'fortran_order': False, 'shape': (",
        type->size > 1 ? '<' : '|', type->descr);
    for (int d = 0; d < tensor->rank; d++) {
        mien_string_addf(text, d > 0 ? ", %lld" : "%lld", (long long)tensor->shape[d]);
    }
    mien_string_add(text, tensor->rank == 1 ? ",), }" : "), }");
    while (!text->failed && (10 + text->length + 1) % 64 != 0) {
        mien_string_add_n(text, " ", 1);
    }
    mien_string_add_n(text, "\n", 1);
    return mien_string_status(text);
}

mien_status mien_npy_write(const char *path, const mien_tensor *tensor) {
    MIEN_NEED(path);
    MIEN_NEED(tensor);
    const number_type *type = type_of(tensor->dtype);
    if (!type) {
        return mien_fail(MIEN_EUNSUPPORTED, "%s: .npy has no type for %s", path,
            mien_dtype_name(tensor->dtype));
    }
    mien_out *out = NULL;
    mien_string text;
    mien_string_init(&text);
    mien_status status = make_header(tensor, type, &text);
    if (status == MIEN_OK) {
        status = mien_out_open(path, &out);
    }
    if (status == MIEN_OK) {
        unsigned char start[10] = MAGIC "\x01";
        start[8] = (unsigned char)(text.length & 255);
        start[9] = (unsigned char)(text.length >> 8);
        mien_out_write(out, start, sizeof start); /* a failure stays with out */
        mien_out_write(out, text.text, text.length);
        status = mien_out_write(out, tensor->data, mien_tensor_bytes(tensor));
    }
    if (status == MIEN_OK) {
        status = mien_out_commit(&out);
    }
    mien_out_abandon(&out);
    mien_string_clear(&text);
    return status;
}
