/* SPDX-License-Identifier: MIT */
/* The few names that torch.save() needs for weights and whole modules: storages,
 * tensors on them, dictionaries. Names of classes are kept as texts. */
#include "io/torch.h"

#include <string.h>

typedef enum action {
    MAKE_DICT,
    MAKE_TENSOR,
    MAKE_NONE,
    MAKE_LIST,
    GIVE_FIRST,
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

static mien_status add_storage(mien_pickle *p, const mien_pickle_value *key,
    mien_dtype dtype, int64_t count, int64_t *number) {
    mien_torch *t = p->context;
    int64_t found = mien_torch_find(t, key);
    if (found >= 0) {
        *number = found;
        return t->storages[found].dtype == dtype && t->storages[found].count == count
                   ? MIEN_OK
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
        t->storages[t->storage_count++] =
            (mien_torch_storage){key->bytes, key->length, dtype, count, NULL, -1};
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

/* (storage, offset, size, stride, …): what follows says nothing about the values. */
static mien_status make_tensor(
    mien_pickle *p, const mien_pickle_value *args, mien_pickle_value **result) {
    mien_torch *owner = p->context;
    if (args->count < 4 || args->items[0]->kind != MIEN_PICKLE_STORED ||
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
    t->dtype = owner->storages[t->on.storage].dtype;
    t->offset = args->items[1]->i;
    t->rank = (int)args->items[2]->count;
    for (int d = 0; d < t->rank; d++) {
        t->shape[d] = args->items[2]->items[d]->i;
        t->stride[d] = args->items[3]->items[d]->i;
    }
    value->object = t;
    mien_status status = check_tensor(p, t);
    if (status == MIEN_OK) {
        *result = value;
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
        return make_tensor(p, args, result);
    case GIVE_FIRST:
        if (args->count > 0) {
            *result = args->items[0];
            return MIEN_OK;
        }
        break;
    case MAKE_NONE:
        *result = mien_pickle_new(p, MIEN_PICKLE_NONE);
        return *result ? MIEN_OK : MIEN_ENOMEM;
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
