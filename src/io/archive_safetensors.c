/* SPDX-License-Identifier: MIT */
/* safetensors: 8 bytes of header length, a JSON header, the values without gaps. */
#include "io/archive.h"
#include "base/need.h"
#include "io/text.h"

#include <jansson.h>

#include <stdlib.h>
#include <string.h>

#define METADATA "__metadata__"

static const struct {
    const char *name;
    mien_dtype dtype;
} types[] = {{"F32", MIEN_F32}, {"F64", MIEN_F64}, {"F16", MIEN_F16},
    {"BF16", MIEN_BF16}, {"I8", MIEN_I8}, {"U8", MIEN_U8}, {"I16", MIEN_I16},
    {"U16", MIEN_U16}, {"I32", MIEN_I32}, {"I64", MIEN_I64}, {"BOOL", MIEN_BOOL}};
#define TYPES (sizeof types / sizeof types[0])

/* One tensor of the header. */
typedef struct item {
    const char *name; /* the JSON document's */
    mien_dtype dtype;
    int rank;
    int64_t shape[MIEN_RANK_MAX];
    int64_t begin, end;
} item;

static uint64_t read_length(const unsigned char *bytes) {
    uint64_t length = 0;
    for (int i = 7; i >= 0; i--) {
        length = length << 8 | bytes[i];
    }
    return length;
}

static bool matches(const unsigned char *bytes, size_t count) {
    return count >= 9 && bytes[8] == '{' &&
           read_length(bytes) <= MIEN_ARCHIVE_HEADER_MAX;
}

static mien_status find_type(
    const mien_archive *a, const char *tensor, const json_t *value, mien_dtype *dtype) {
    const char *name = json_string_value(value);
    for (size_t i = 0; name && i < TYPES; i++) {
        if (!strcmp(name, types[i].name)) {
            *dtype = types[i].dtype;
            return MIEN_OK;
        }
    }
    return name ? mien_fail(MIEN_EUNSUPPORTED,
                      "%s: tensor \"%s\" has type %s, which is not supported", a->path,
                      tensor, name)
                : mien_fail(
                      MIEN_EFORMAT, "%s: tensor \"%s\" has no dtype", a->path, tensor);
}

static mien_status read_shape(const mien_archive *a, const json_t *value, item *it) {
    size_t rank = json_array_size(value);
    if (!json_is_array(value)) {
        return mien_fail(
            MIEN_EFORMAT, "%s: tensor \"%s\" has no shape", a->path, it->name);
    }
    if (rank > MIEN_RANK_MAX) {
        return mien_fail(MIEN_EUNSUPPORTED,
            "%s: tensor \"%s\" has %zu dimensions, more than %d", a->path, it->name,
            rank, MIEN_RANK_MAX);
    }
    it->rank = (int)rank;
    for (size_t d = 0; d < rank; d++) {
        const json_t *size = json_array_get(value, d);
        it->shape[d] = json_is_integer(size) ? (int64_t)json_integer_value(size) : -1;
        if (it->shape[d] < 0) {
            return mien_fail(MIEN_EFORMAT, "%s: tensor \"%s\": a dimension is no count",
                a->path, it->name);
        }
    }
    return MIEN_OK;
}

static mien_status read_offsets(
    const mien_archive *a, const json_t *value, int64_t room, item *it) {
    const json_t *begin = json_array_get(value, 0), *end = json_array_get(value, 1);
    if (json_array_size(value) != 2 || !json_is_integer(begin) ||
        !json_is_integer(end)) {
        return mien_fail(MIEN_EFORMAT,
            "%s: tensor \"%s\": data_offsets are not two integers", a->path, it->name);
    }
    it->begin = (int64_t)json_integer_value(begin);
    it->end = (int64_t)json_integer_value(end);
    if (it->begin < 0 || it->end < it->begin) {
        return mien_fail(MIEN_EFORMAT, "%s: tensor \"%s\": data_offsets run backwards",
            a->path, it->name);
    }
    if (it->end > room) {
        return mien_fail(MIEN_EFORMAT,
            "%s: tensor \"%s\" ends %lld bytes after the file (truncated?)", a->path,
            it->name, (long long)(it->end - room));
    }
    return MIEN_OK;
}

static mien_status read_item(
    const mien_archive *a, const char *name, json_t *value, int64_t room, item *it) {
    it->name = name;
    if (!json_is_object(value)) {
        return mien_fail(
            MIEN_EFORMAT, "%s: tensor \"%s\" is not described", a->path, name);
    }
    mien_status status =
        find_type(a, name, json_object_get(value, "dtype"), &it->dtype);
    if (status == MIEN_OK) {
        status = read_shape(a, json_object_get(value, "shape"), it);
    }
    if (status == MIEN_OK) {
        status = read_offsets(a, json_object_get(value, "data_offsets"), room, it);
    }
    if (status != MIEN_OK) {
        return status;
    }
    int64_t count = mien_shape_count(it->rank, it->shape);
    int64_t size = (int64_t)mien_dtype_size(it->dtype), bytes = it->end - it->begin;
    if (count < 0 || count > INT64_MAX / size || count * size != bytes) {
        char shape[128];
        return mien_fail(MIEN_EFORMAT,
            "%s: tensor \"%s\": %lld bytes do not hold %s %s", a->path, name,
            (long long)bytes, mien_dtype_name(it->dtype),
            mien_shape_text(it->rank, it->shape, shape, sizeof shape));
    }
    return MIEN_OK;
}

static mien_status read_metadata(mien_archive *a, json_t *object) {
    if (!json_is_object(object)) {
        return mien_fail(MIEN_EFORMAT, "%s: " METADATA " is no object", a->path);
    }
    a->metadata = mien_alloc(json_object_size(object) * 2, sizeof *a->metadata);
    if (!a->metadata) {
        return MIEN_ENOMEM;
    }
    const char *key;
    json_t *value;
    json_object_foreach(object, key, value) {
        if (!json_is_string(value)) {
            return mien_fail(
                MIEN_EFORMAT, "%s: metadata \"%s\" is no text", a->path, key);
        }
        const char **pair = a->metadata + 2 * a->metadata_count;
        pair[0] = mien_arena_strdup(a->arena, key);
        pair[1] = mien_arena_strdup(a->arena, json_string_value(value));
        if (!pair[0] || !pair[1]) {
            return MIEN_ENOMEM;
        }
        a->metadata_count++;
    }
    return MIEN_OK;
}

static int compare_items(const void *a, const void *b) {
    const item *x = a, *y = b;
    if (x->begin != y->begin) {
        return x->begin < y->begin ? -1 : 1;
    }
    if (x->end != y->end) {
        return x->end < y->end ? -1 : 1;
    }
    return strcmp(x->name, y->name);
}

/* Adds the tensors in the order of their values, which the format demands without
 * gap or overlap to the end. */
static mien_status add_items(mien_archive *a, item *items, size_t count,
    const unsigned char *values, int64_t room) {
    int64_t next = 0;
    qsort(items, count, sizeof *items, compare_items);
    for (size_t i = 0; i < count; i++) {
        const item *it = &items[i];
        if (it->begin != next) {
            return mien_fail(MIEN_EFORMAT, "%s: tensor \"%s\" %s", a->path, it->name,
                it->begin < next ? "overlaps another one" : "has a gap before it");
        }
        next = it->end;
        mien_archive_entry *entry;
        mien_status status =
            mien_archive_add(a, it->name, it->dtype, it->rank, it->shape, &entry);
        if (status != MIEN_OK) {
            return status;
        }
        entry->first = values + it->begin;
    }
    return next == room
               ? MIEN_OK
               : mien_fail(MIEN_EFORMAT, "%s: %lld bytes after the last tensor",
                     a->path, (long long)(room - next));
}

static mien_status read_header(
    mien_archive *a, json_t *root, const unsigned char *values, int64_t room) {
    if (!json_is_object(root)) {
        return mien_fail(MIEN_EFORMAT, "%s: the header is no object", a->path);
    }
    size_t count = 0;
    item *items = mien_alloc(json_object_size(root), sizeof *items);
    mien_status status = items ? MIEN_OK : MIEN_ENOMEM;
    const char *name;
    json_t *value;
    json_object_foreach(root, name, value) {
        if (status != MIEN_OK) {
            break;
        }
        status = !strcmp(name, METADATA)
                     ? read_metadata(a, value)
                     : read_item(a, name, value, room, &items[count++]);
    }
    if (status == MIEN_OK) {
        status = add_items(a, items, count, values, room);
    }
    mien_free(items);
    return status;
}

static mien_status open_safetensors(mien_archive *a) {
    uint64_t length = read_length(a->bytes);
    if (length > a->count - 8) {
        return mien_fail(
            MIEN_EFORMAT, "%s: the header is cut off (truncated?)", a->path);
    }
    json_error_t error;
    json_t *root = json_loadb(
        (const char *)a->bytes + 8, (size_t)length, JSON_REJECT_DUPLICATES, &error);
    if (!root) {
        return mien_fail(MIEN_EFORMAT, "%s: bad safetensors header, byte %d: %s",
            a->path, error.position, error.text);
    }
    size_t start = 8 + (size_t)length;
    mien_status status =
        read_header(a, root, a->bytes + start, (int64_t)(a->count - start));
    json_decref(root);
    return status;
}

const mien_archive_kind mien_archive_safetensors = {
    .name = "safetensors",
    .summary = "a JSON header and plain values",
    .matches = matches,
    .open = open_safetensors,
};

/* ---- writing --------------------------------------------------------------------- */

static const char *type_name(mien_dtype dtype) {
    for (size_t i = 0; i < TYPES; i++) {
        if (types[i].dtype == dtype) {
            return types[i].name;
        }
    }
    return NULL;
}

static mien_status check_text(const char *path, const char *what, const char *text) {
    size_t length = strlen(text);
    return mien_utf8_check(text, length) == length
               ? MIEN_OK
               : mien_fail(MIEN_EINVAL, "%s: %s is not UTF-8", path, what);
}

static mien_status check_names(
    const char *path, int64_t count, const char *const *names) {
    mien_index seen = {0};
    mien_status status = MIEN_OK;
    if (count < 0 || count > MIEN_ARCHIVE_TENSORS_MAX) {
        return mien_fail(
            MIEN_ELIMIT, "%s: more than %d tensors", path, MIEN_ARCHIVE_TENSORS_MAX);
    }
    for (int64_t i = 0; i < count && status == MIEN_OK; i++) {
        size_t length = strlen(names[i]);
        if (!strcmp(names[i], METADATA) ||
            mien_index_find(&seen, names[i], length) >= 0) {
            status = mien_fail(MIEN_EINVAL,
                "%s: two tensors called \"%s\" (or a reserved name)", path, names[i]);
        } else {
            status = check_text(path, "a tensor's name", names[i]);
        }
        if (status == MIEN_OK) {
            status = mien_index_add(&seen, names[i], length, i);
        }
    }
    mien_index_clear(&seen);
    return status;
}

static mien_status add_metadata(
    mien_string *out, const char *path, const char *const *metadata) {
    mien_status status = MIEN_OK;
    mien_string_add(out, "\"" METADATA "\":{");
    for (size_t i = 0; metadata[i] && status == MIEN_OK; i += 2) {
        status = check_text(path, "metadata", metadata[i]);
        if (status == MIEN_OK) {
            status = check_text(path, "metadata", metadata[i + 1]);
        }
        mien_string_add(out, i > 0 ? "," : "");
        mien_json_add_text(out, metadata[i]);
        mien_string_add(out, ":");
        mien_json_add_text(out, metadata[i + 1]);
    }
    mien_string_add(out, "}");
    return status;
}

static void add_tensor(
    mien_string *out, const char *name, const mien_tensor *tensor, size_t begin) {
    mien_json_add_text(out, name);
    mien_string_addf(out, ":{\"dtype\":\"%s\",\"shape\":[", type_name(tensor->dtype));
    for (int d = 0; d < tensor->rank; d++) {
        mien_string_addf(out, d > 0 ? ",%lld" : "%lld", (long long)tensor->shape[d]);
    }
    mien_string_addf(
        out, "],\"data_offsets\":[%zu,%zu]}", begin, begin + mien_tensor_bytes(tensor));
}

/* The header, padded with blanks so that the values start at a multiple of 64. */
static mien_status make_header(mien_string *out, const char *path, int64_t count,
    const char *const *names, const mien_tensor *const *tensors,
    const char *const *metadata) {
    size_t begin = 0;
    mien_status status = MIEN_OK;
    bool some = metadata && metadata[0];
    mien_string_add(out, "{");
    if (some) {
        status = add_metadata(out, path, metadata);
    }
    for (int64_t i = 0; i < count; i++) {
        mien_string_add(out, i > 0 || some ? "," : "");
        add_tensor(out, names[i], tensors[i], begin);
        begin += mien_tensor_bytes(tensors[i]);
    }
    mien_string_add(out, "}");
    while (!out->failed && (8 + out->length) % 64 != 0) {
        mien_string_add_n(out, " ", 1);
    }
    if (status == MIEN_OK && out->length > MIEN_ARCHIVE_HEADER_MAX) {
        status = mien_fail(MIEN_ELIMIT, "%s: the header would exceed %u bytes", path,
            MIEN_ARCHIVE_HEADER_MAX);
    }
    return status == MIEN_OK ? mien_string_status(out) : status;
}

static mien_status write_parts(mien_out *out, const mien_string *header, int64_t count,
    const mien_tensor *const *tensors) {
    unsigned char length[8];
    for (int i = 0; i < 8; i++) {
        length[i] = (unsigned char)((uint64_t)header->length >> (8 * i));
    }
    mien_status status = mien_out_write(out, length, sizeof length);
    if (status == MIEN_OK) {
        status = mien_out_write(out, header->text, header->length);
    }
    for (int64_t i = 0; i < count && status == MIEN_OK; i++) {
        status = mien_out_write(out, tensors[i]->data, mien_tensor_bytes(tensors[i]));
    }
    return status;
}

mien_status mien_safetensors_write(const char *path, int64_t count,
    const char *const *names, const mien_tensor *const *tensors,
    const char *const *metadata) {
    MIEN_NEED(path, names || count < 1, tensors || count < 1);
    mien_out *out = NULL;
    mien_string header;
    mien_string_init(&header);
    mien_status status = check_names(path, count, names);
    if (status == MIEN_OK) {
        status = make_header(&header, path, count, names, tensors, metadata);
    }
    if (status == MIEN_OK) {
        status = mien_out_open(path, &out);
    }
    if (status == MIEN_OK) {
        status = write_parts(out, &header, count, tensors);
    }
    if (status == MIEN_OK) {
        status = mien_out_commit(&out);
    }
    mien_out_abandon(&out);
    mien_string_clear(&header);
    return status;
}
