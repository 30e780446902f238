/* SPDX-License-Identifier: MIT */
/* The few names that torch.save() needs for weights and whole modules: storages,
 * tensors on them, dictionaries; and those of plain values that stand beside weights in
 * checkpoints (NumPy's scalars and arrays, bytes, paths, times), which are passed over.
 * Names of classes are kept as texts. Nothing that is named here is ever called.
 *
 * In come calls and persistent ids from pickle.c; out go values with tensors among
 * them, whose storages archive_pth_zip.c and archive_pth_legacy.c find in their files.
 */
#include "io/torch.h"

#include <string.h>

typedef enum action {
    MAKE_DICT,
    MAKE_TENSOR,
    MAKE_TENSOR_OF, /* of a type that has no storage of its own */
    MAKE_NONE,
    MAKE_EMPTY_DICT,
    MAKE_EMPTY_LIST,
    MAKE_LIST,
    GIVE_FIRST,
    PASS_OVER, /* a plain value that says nothing of weights */
    STORAGE
} action;

/* All that a pickle may name. */
static const struct {
    const char *module, *name;
    action action;
    mien_dtype dtype;
} names[] = {
    {"collections", "OrderedDict", MAKE_DICT, 0},
    {"torch._utils", "_rebuild_tensor_v2", MAKE_TENSOR, 0},
    {"torch._utils", "_rebuild_tensor", MAKE_TENSOR, 0},
    {"torch._utils", "_rebuild_parameter", GIVE_FIRST, 0},
    {"torch._utils", "_rebuild_parameter_with_state", GIVE_FIRST, 0},
    {"torch", "Size", GIVE_FIRST, 0},
    {"torch", "device", GIVE_FIRST, 0},
    {"torch.nn.backends.thnn", "_get_thnn_function_backend", MAKE_NONE, 0},
    {"builtins", "set", MAKE_LIST, 0},
    {"__builtin__", "set", MAKE_LIST, 0},
    {"torch._utils", "_rebuild_tensor_v3", MAKE_TENSOR_OF, 0},
    {"collections", "defaultdict", MAKE_EMPTY_DICT, 0},
    {"collections", "Counter", GIVE_FIRST, 0},
    {"collections", "deque", MAKE_EMPTY_LIST, 0},
    {"builtins", "frozenset", MAKE_LIST, 0},
    {"__builtin__", "frozenset", MAKE_LIST, 0},
    {"numpy", "dtype", PASS_OVER, 0},
    {"numpy.core.multiarray", "scalar", PASS_OVER, 0},
    {"numpy._core.multiarray", "scalar", PASS_OVER, 0},
    {"numpy.core.multiarray", "_reconstruct", PASS_OVER, 0},
    {"numpy._core.multiarray", "_reconstruct", PASS_OVER, 0},
    {"numpy.core.numeric", "_frombuffer", PASS_OVER, 0},
    {"numpy._core.numeric", "_frombuffer", PASS_OVER, 0},
    {"_codecs", "encode", PASS_OVER, 0},
    {"builtins", "bytes", PASS_OVER, 0},
    {"__builtin__", "bytes", PASS_OVER, 0},
    {"builtins", "bytearray", PASS_OVER, 0},
    {"__builtin__", "bytearray", PASS_OVER, 0},
    {"builtins", "complex", PASS_OVER, 0},
    {"__builtin__", "complex", PASS_OVER, 0},
    {"builtins", "slice", PASS_OVER, 0},
    {"__builtin__", "slice", PASS_OVER, 0},
    {"builtins", "range", PASS_OVER, 0},
    {"__builtin__", "xrange", PASS_OVER, 0},
    {"pathlib", "Path", PASS_OVER, 0},
    {"pathlib", "PosixPath", PASS_OVER, 0},
    {"pathlib", "WindowsPath", PASS_OVER, 0},
    {"pathlib", "PurePosixPath", PASS_OVER, 0},
    {"pathlib", "PureWindowsPath", PASS_OVER, 0},
    {"pathlib._local", "PosixPath", PASS_OVER, 0},
    {"pathlib._local", "WindowsPath", PASS_OVER, 0},
    {"pathlib._local", "PurePosixPath", PASS_OVER, 0},
    {"pathlib._local", "PureWindowsPath", PASS_OVER, 0},
    {"datetime", "datetime", PASS_OVER, 0},
    {"datetime", "date", PASS_OVER, 0},
    {"datetime", "time", PASS_OVER, 0},
    {"datetime", "timedelta", PASS_OVER, 0},
    {"datetime", "timezone", PASS_OVER, 0},
    {"decimal", "Decimal", PASS_OVER, 0},
    {"fractions", "Fraction", PASS_OVER, 0},
    {"torch.storage", "UntypedStorage", STORAGE, MIEN_DTYPES},
    {"torch", "FloatStorage", STORAGE, MIEN_F32},
    {"torch", "DoubleStorage", STORAGE, MIEN_F64},
    {"torch", "HalfStorage", STORAGE, MIEN_F16},
    {"torch", "BFloat16Storage", STORAGE, MIEN_BF16},
    {"torch", "CharStorage", STORAGE, MIEN_I8},
    {"torch", "ByteStorage", STORAGE, MIEN_U8},
    {"torch", "ShortStorage", STORAGE, MIEN_I16},
    {"torch", "IntStorage", STORAGE, MIEN_I32},
    {"torch", "LongStorage", STORAGE, MIEN_I64},
    {"torch", "BoolStorage", STORAGE, MIEN_BOOL},
};
#define NAMES (sizeof names / sizeof names[0])

/* ---- names -------------------------------------------------------------------------
 */

static int64_t find_name(
    const mien_pickle_value *module, const mien_pickle_value *name) {
    for (size_t i = 0; i < NAMES; i++) {
        if (mien_pickle_is(module, names[i].module) &&
            mien_pickle_is(name, names[i].name)) {
            return (int64_t)i;
        }
    }
    return -1;
}

/* ---- stored: persistent ids
 * ----------------------------------------------------------- */

int64_t mien_torch_find(const mien_torch *torch, const mien_pickle_value *key) {
    return mien_index_find(
        &torch->storage_index, (const char *)key->bytes, key->length);
}

/* dtype MIEN_DTYPES: bytes of a type that a tensor will say. */
static mien_status add_storage(mien_pickle *p, const mien_pickle_value *key,
    mien_dtype dtype, int64_t count, int64_t *number) {
    mien_torch *t = p->context;
    int64_t found = mien_torch_find(t, key);
    bool untyped = dtype == MIEN_DTYPES;
    dtype = untyped ? MIEN_U8 : dtype;
    if (found >= 0) {
        const mien_torch_storage *s = &t->storages[found];
        int64_t held =
            untyped ? s->count * (int64_t)mien_dtype_size(s->dtype) : s->count;
        bool same =
            s->untyped == untyped && held == count && (untyped || s->dtype == dtype);
        *number = found;
        return same ? MIEN_OK
                    : mien_pickle_fail(
                          p, MIEN_EFORMAT, "one storage with two types or sizes");
    }
    if (t->storage_count >= MIEN_ARCHIVE_TENSORS_MAX) {
        return mien_pickle_fail(p, MIEN_ELIMIT, "more than 100000 storages");
    }
    if (t->storage_count == t->storage_room) {
        int64_t larger = t->storage_room ? t->storage_room * 2 : 64;
        mien_torch_storage *grown = mien_realloc(
            t->storages, (size_t)t->storage_room, (size_t)larger, sizeof *grown);
        if (!grown) {
            return MIEN_ENOMEM;
        }
        t->storages = grown;
        t->storage_room = larger;
    }
    mien_status status = mien_index_add(
        &t->storage_index, (const char *)key->bytes, key->length, t->storage_count);
    if (status == MIEN_OK) {
        *number = t->storage_count;
        t->storages[t->storage_count++] = (mien_torch_storage){
            key->bytes, key->length, dtype, count, NULL, -1, untyped};
    }
    return status;
}

/* The legacy format's view of another storage: (its key, offset, size). */
static mien_status apply_view(
    const mien_pickle *p, const mien_pickle_value *view, mien_torch_part *made) {
    if (view->kind == MIEN_PICKLE_NONE) {
        return MIEN_OK;
    }
    if (view->kind != MIEN_PICKLE_TUPLE || view->count != 3 ||
        view->items[1]->kind != MIEN_PICKLE_INT ||
        view->items[2]->kind != MIEN_PICKLE_INT) {
        return mien_pickle_fail(p, MIEN_EFORMAT, "a bad view of a storage");
    }
    int64_t offset = view->items[1]->i, count = view->items[2]->i;
    if (offset < 0 || count < 0 || offset > made->count ||
        count > made->count - offset) {
        return mien_pickle_fail(p, MIEN_EFORMAT, "a view beyond its storage");
    }
    made->offset = offset;
    made->count = count;
    return MIEN_OK;
}

/* ('module', class, path of its source, its source): how the legacy format names the
 * class of a module. Neither path nor source is looked at. */
static bool is_class(const mien_pickle_value *id) {
    return id->kind == MIEN_PICKLE_TUPLE && id->count == 4 &&
           mien_pickle_is(id->items[0], "module") &&
           id->items[1]->kind == MIEN_PICKLE_CLASS;
}

/* "torch.ComplexFloatStorage" or "torch.uint32". */
static mien_status fail_type(const mien_pickle *p, const mien_pickle_value *type) {
    char text[128];
    return mien_fail(MIEN_EUNSUPPORTED,
        "%s: pickle, byte %zu: a tensor of %s, a type that is not supported; save it "
        "as "
        "one of floats or integers",
        p->file, p->next, mien_pickle_print(type, text, sizeof text));
}

/* ('storage', type, key, device, count[, view]), of any device. */
static mien_status find_stored(
    mien_pickle *p, const mien_pickle_value *id, mien_pickle_value **result) {
    if (is_class(id)) {
        *result = id->items[1];
        return MIEN_OK;
    }
    if (id->kind != MIEN_PICKLE_TUPLE || (id->count != 5 && id->count != 6) ||
        !mien_pickle_is(id->items[0], "storage")) {
        return mien_pickle_fail(
            p, MIEN_EUNSUPPORTED, "a stored object that is no storage of a tensor");
    }
    const mien_pickle_value *type = id->items[1], *key = id->items[2],
                            *count = id->items[4];
    if (type->kind == MIEN_PICKLE_CLASS) {
        return fail_type(p, type);
    }
    if (type->kind != MIEN_PICKLE_NAME || names[type->i].action != STORAGE ||
        key->kind != MIEN_PICKLE_TEXT || count->kind != MIEN_PICKLE_INT ||
        count->i < 0) {
        return mien_pickle_fail(p, MIEN_EFORMAT, "a bad storage");
    }
    mien_torch_part *made = mien_arena_alloc(p->arena, 1, sizeof *made);
    mien_pickle_value *value = mien_pickle_new(p, MIEN_PICKLE_STORED);
    if (!made || !value) {
        return MIEN_ENOMEM;
    }
    made->count = count->i;
    value->object = made;
    mien_status status =
        add_storage(p, key, names[type->i].dtype, count->i, &made->storage);
    if (status == MIEN_OK && id->count == 6) {
        status = apply_view(p, id->items[5], made);
    }
    if (status == MIEN_OK) {
        *result = value;
    }
    return status;
}

/* ---- calls
 * ---------------------------------------------------------------------------- */

static bool all_ints(const mien_pickle_value *tuple) {
    for (uint32_t i = 0; tuple->kind == MIEN_PICKLE_TUPLE && i < tuple->count; i++) {
        if (tuple->items[i]->kind != MIEN_PICKLE_INT) {
            return false;
        }
    }
    return tuple->kind == MIEN_PICKLE_TUPLE;
}

/* Sizes and strides must keep every value inside the storage. */
static mien_status check_tensor(const mien_pickle *p, const mien_torch_tensor *t) {
    int64_t count = 1, last = t->offset;
    bool over = t->offset < 0, empty = false;
    for (int d = 0; d < t->rank; d++) {
        int64_t step;
        if (t->shape[d] < 0 || t->stride[d] < 0) {
            return mien_pickle_fail(
                p, MIEN_EFORMAT, "a tensor with a negative size or stride");
        }
        empty = empty || t->shape[d] == 0;
        over |= __builtin_mul_overflow(count, t->shape[d], &count);
        over |= __builtin_mul_overflow(t->shape[d] - 1, t->stride[d], &step);
        over |= __builtin_add_overflow(last, step, &last);
    }
    if (t->offset >= 0 && empty) {
        return mien_shape_count(t->rank, t->shape) < 0 ? MIEN_EFORMAT : MIEN_OK;
    }
    if (over || last >= t->on.count) {
        return mien_pickle_fail(p, MIEN_EFORMAT, "a tensor reaches beyond its storage");
    }
    if (count > t->on.count && count > MIEN_ARCHIVE_EXPANDED_MAX) {
        return mien_pickle_fail(p, MIEN_ELIMIT,
            "a large tensor made of repeated values; save it after .contiguous()");
    }
    return MIEN_OK;
}

/* Refuses tensors whose metadata changes their values: {'neg': True} of
 * x.conj().imag, whose storage holds the opposite, {'conj': True} of complex ones. */
static mien_status check_metadata(
    const mien_pickle *p, const mien_pickle_value *metadata) {
    for (uint32_t i = 0; metadata->kind == MIEN_PICKLE_DICT && i + 1 < metadata->count;
         i += 2) {
        if (metadata->items[i + 1]->kind != MIEN_PICKLE_BOOL ||
            metadata->items[i + 1]->i) {
            return mien_pickle_fail(p, MIEN_EUNSUPPORTED,
                mien_pickle_is(metadata->items[i], "neg")
                    ? "a tensor whose values are stored negated; save it after "
                      ".resolve_neg()"
                    : "a tensor that says more of its values than where they are "
                      "(conjugated?); save it after .clone()");
        }
    }
    return MIEN_OK;
}

static bool is_class_of(const mien_pickle_value *class, const char *name) {
    return class->length == strlen(name) && !memcmp(class->bytes, name, class->length);
}

/* Bytes without a type become values of the one that the tensor names. */
static mien_status type_storage(
    mien_pickle *p, const mien_pickle_value *type, mien_torch_part *on) {
    mien_torch *owner = p->context;
    mien_torch_storage *s = &owner->storages[on->storage];
    const int64_t size = (int64_t)mien_dtype_size(MIEN_U16);
    if (type->kind != MIEN_PICKLE_CLASS) {
        return mien_pickle_fail(p, MIEN_EFORMAT, "a tensor without a type");
    }
    if (!is_class_of(type, "torch.uint16")) {
        return fail_type(p, type);
    }
    if (!s->untyped || on->count % size != 0 || on->offset % size != 0) {
        return mien_pickle_fail(p, MIEN_EFORMAT, "one storage with two types or sizes");
    }
    if (s->dtype == MIEN_U8) {
        s->dtype = MIEN_U16;
        s->count /= size;
    }
    on->offset /= size;
    on->count /= size;
    return MIEN_OK;
}

/* (storage, offset, size, stride, requires_grad, hooks[, metadata]); `typed`: with a
 * type before the metadata. */
static mien_status make_tensor(mien_pickle *p, const mien_pickle_value *args,
    bool typed, mien_pickle_value **result) {
    mien_torch *owner = p->context;
    uint32_t metadata = typed ? 7 : 6;
    if (args->count < (typed ? 7 : 4) || args->items[0]->kind != MIEN_PICKLE_STORED ||
        args->items[1]->kind != MIEN_PICKLE_INT || !all_ints(args->items[2]) ||
        !all_ints(args->items[3]) || args->items[2]->count != args->items[3]->count) {
        return mien_pickle_fail(p, MIEN_EFORMAT, "a bad tensor");
    }
    if (args->items[2]->count > MIEN_RANK_MAX) {
        return mien_pickle_fail(
            p, MIEN_EUNSUPPORTED, "a tensor with more than 8 dimensions");
    }
    if (++owner->tensor_count > 4 * MIEN_ARCHIVE_TENSORS_MAX) {
        return mien_pickle_fail(p, MIEN_ELIMIT, "more than 400000 tensors");
    }
    mien_torch_tensor *t = mien_pickle_alloc(p, sizeof *t);
    mien_pickle_value *value = mien_pickle_new(p, MIEN_PICKLE_OBJECT);
    if (!t || !value) {
        return MIEN_ENOMEM;
    }
    t->on = *(const mien_torch_part *)args->items[0]->object;
    mien_status status = MIEN_OK;
    if (typed) {
        status = type_storage(p, args->items[6], &t->on);
    } else if (owner->storages[t->on.storage].untyped) {
        status = mien_pickle_fail(p, MIEN_EFORMAT, "a tensor without a type");
    }
    if (status == MIEN_OK && args->count > metadata) {
        status = check_metadata(p, args->items[metadata]);
    }
    if (status != MIEN_OK) {
        return status;
    }
    t->dtype = owner->storages[t->on.storage].dtype;
    t->offset = args->items[1]->i;
    t->rank = (int)args->items[2]->count;
    for (int d = 0; d < t->rank; d++) {
        t->shape[d] = args->items[2]->items[d]->i;
        t->stride[d] = args->items[3]->items[d]->i;
    }
    value->object = t;
    status = check_tensor(p, t);
    if (status == MIEN_OK) {
        *result = value;
    }
    return status;
}

static mien_status make_new(
    mien_pickle *p, mien_pickle_kind kind, mien_pickle_value **result) {
    *result = mien_pickle_new(p, kind);
    return *result ? MIEN_OK : MIEN_ENOMEM;
}

static mien_status make_opaque(
    mien_pickle *p, const char *name, mien_pickle_value **result) {
    mien_status status = make_new(p, MIEN_PICKLE_OPAQUE, result);
    if (status == MIEN_OK) {
        (*result)->bytes = (const unsigned char *)name;
        (*result)->length = strlen(name);
    }
    return status;
}

/* OrderedDict(), or OrderedDict([(key, value), …]). */
static mien_status make_dict(
    mien_pickle *p, const mien_pickle_value *args, mien_pickle_value **result) {
    mien_pickle_value *dict = mien_pickle_new(p, MIEN_PICKLE_DICT);
    const mien_pickle_value *pairs = args->count == 1 ? args->items[0] : NULL;
    if (!dict) {
        return MIEN_ENOMEM;
    }
    if (args->count > 1 || (pairs && pairs->kind != MIEN_PICKLE_LIST)) {
        return mien_pickle_fail(p, MIEN_EFORMAT, "a bad OrderedDict");
    }
    mien_status status = pairs ? mien_pickle_step(p, pairs->count) : MIEN_OK;
    for (uint32_t i = 0; pairs && i < pairs->count && status == MIEN_OK; i++) {
        const mien_pickle_value *pair = pairs->items[i];
        if ((pair->kind != MIEN_PICKLE_LIST && pair->kind != MIEN_PICKLE_TUPLE) ||
            pair->count != 2) {
            return mien_pickle_fail(p, MIEN_EFORMAT, "a bad OrderedDict");
        }
        status = mien_pickle_append(p, dict, pair->items[0]);
        if (status == MIEN_OK) {
            status = mien_pickle_append(p, dict, pair->items[1]);
        }
    }
    if (status == MIEN_OK) {
        *result = dict;
    }
    return status;
}

/* set([…]): the list itself, for nothing asks whether it repeats a value. */
static mien_status make_list(
    mien_pickle *p, const mien_pickle_value *args, mien_pickle_value **result) {
    if (args->count > 1 ||
        (args->count == 1 && args->items[0]->kind != MIEN_PICKLE_LIST)) {
        return mien_pickle_fail(p, MIEN_EFORMAT, "a bad set");
    }
    *result = args->count ? args->items[0] : mien_pickle_new(p, MIEN_PICKLE_LIST);
    return *result ? MIEN_OK : MIEN_ENOMEM;
}

static mien_status call(mien_pickle *p, int64_t function, const mien_pickle_value *args,
    mien_pickle_value **result) {
    switch (names[function].action) {
    case MAKE_DICT:
        return make_dict(p, args, result);
    case MAKE_TENSOR:
        return make_tensor(p, args, false, result);
    case MAKE_TENSOR_OF:
        return make_tensor(p, args, true, result);
    case GIVE_FIRST:
        if (args->count > 0) {
            *result = args->items[0];
            return MIEN_OK;
        }
        break;
    case MAKE_NONE:
        return make_new(p, MIEN_PICKLE_NONE, result);
    case MAKE_EMPTY_DICT:
        return make_new(p, MIEN_PICKLE_DICT, result);
    case MAKE_EMPTY_LIST:
        return make_new(p, MIEN_PICKLE_LIST, result);
    case PASS_OVER:
        return make_opaque(p, names[function].name, result);
    case MAKE_LIST:
        return make_list(p, args, result);
    case STORAGE:
        break;
    }
    return mien_fail(MIEN_EFORMAT, "%s: pickle: a bad call of %s.%s", p->file,
        names[function].module, names[function].name);
}

static const mien_pickle_rules rules = {find_name, call, find_stored};

void mien_torch_init(
    mien_torch *t, mien_archive *archive, const unsigned char *bytes, size_t count) {
    *t = (mien_torch){0};
    t->pickle.file = archive->path;
    t->pickle.rules = &rules;
    t->pickle.context = t;
    t->pickle.arena = archive->arena;
    t->pickle.bytes = bytes;
    t->pickle.count = count;
}

void mien_torch_clear(mien_torch *t) {
    mien_pickle_clear(&t->pickle);
    mien_index_clear(&t->storage_index);
    mien_free(t->storages);
    t->storages = NULL;
    t->storage_count = t->storage_room = 0;
}
