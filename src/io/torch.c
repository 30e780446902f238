/* SPDX-License-Identifier: MIT */
/* The few names that torch.save() needs for weights, and the list of tensors they make.
 *
 * Names of tensors: the keys of nested dictionaries (and positions in lists) joined by
 * '.'. A dictionary without tensors of its own that has exactly one dictionary called
 * state_dict, model_state_dict or model stands for that one (a training checkpoint);
 * numbers, texts and the like are passed over. A tensor alone is called "tensor". */
#include "io/torch.h"
#include "io/text.h"

#include <string.h>

#define DEPTH_MAX 32
#define NAME_MAX_BYTES 1024

typedef enum action { MAKE_DICT, MAKE_TENSOR, GIVE_FIRST, STORAGE } action;

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

/* A part of a storage, as a persistent id names it. */
typedef struct part {
    int64_t storage, offset, count; /* in values */
} part;

typedef struct torch_tensor {
    part on;
    int64_t offset;
    int rank;
    int64_t shape[MIEN_RANK_MAX], stride[MIEN_RANK_MAX];
} torch_tensor;

/* ---- names -------------------------------------------------------------------------
 */

static mien_status find_name(mien_pickle *p, const mien_pickle_value *module,
    const mien_pickle_value *name, int64_t *number) {
    for (size_t i = 0; i < NAMES; i++) {
        if (mien_pickle_is(module, names[i].module) &&
            mien_pickle_is(name, names[i].name)) {
            *number = (int64_t)i;
            return MIEN_OK;
        }
    }
    char first[128], last[128];
    mien_pickle_print(module, first, sizeof first);
    mien_pickle_print(name, last, sizeof last);
    return mien_fail(MIEN_EUNSUPPORTED,
        "%s: the file asks for %s.%s, which is not loaded: only tensors and plain "
        "values "
        "are (nothing was executed). A whole pickled model has to be saved again with "
        "torch.save(model.state_dict())",
        p->file, first, last);
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
    const mien_pickle *p, const mien_pickle_value *view, part *made) {
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

/* ('storage', type, key, device, count[, view]) */
static mien_status find_stored(
    mien_pickle *p, const mien_pickle_value *id, mien_pickle_value **result) {
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
    part *made = mien_arena_alloc(p->arena, 1, sizeof *made);
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
static mien_status check_tensor(const mien_pickle *p, const torch_tensor *t) {
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
    torch_tensor *t = mien_arena_alloc(p->arena, 1, sizeof *t);
    mien_pickle_value *value = mien_pickle_new(p, MIEN_PICKLE_OBJECT);
    if (!t || !value) {
        return MIEN_ENOMEM;
    }
    t->on = *(const part *)args->items[0]->object;
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

/* ---- the list of tensors
 * ----------------------------------------------------------------- */

typedef struct listing {
    mien_torch *torch;
    mien_archive *archive;
    mien_string name;
    int depth;
} listing;

static bool is_container(const mien_pickle_value *value) {
    return value->kind == MIEN_PICKLE_DICT || value->kind == MIEN_PICKLE_LIST ||
           value->kind == MIEN_PICKLE_TUPLE;
}

static const mien_pickle_value *part_meant(const mien_pickle_value *root) {
    static const char *const wanted[] = {"state_dict", "model_state_dict", "model"};
    const mien_pickle_value *found = NULL;
    for (uint32_t i = 0; root->kind == MIEN_PICKLE_DICT && i + 1 < root->count;
         i += 2) {
        const mien_pickle_value *key = root->items[i], *item = root->items[i + 1];
        if (item->kind == MIEN_PICKLE_OBJECT) {
            return root;
        }
        for (size_t k = 0; k < 3 && item->kind == MIEN_PICKLE_DICT; k++) {
            if (mien_pickle_is(key, wanted[k])) {
                if (found) {
                    return root;
                }
                found = item;
            }
        }
    }
    return found ? found : root;
}

static mien_status add_tensor(listing *l, const torch_tensor *t) {
    mien_archive_entry *entry;
    const char *name = l->name.length > 0 ? l->name.text : "tensor";
    if (mien_utf8_check(name, strlen(name)) != strlen(name)) {
        return mien_fail(
            MIEN_EFORMAT, "%s: the name of a tensor is not UTF-8", l->archive->path);
    }
    mien_status status = mien_archive_add(l->archive, name,
        l->torch->storages[t->on.storage].dtype, t->rank, t->shape, &entry);
    if (status != MIEN_OK) {
        return status;
    }
    memcpy(entry->stride, t->stride, sizeof entry->stride);
    entry->storage = t->on.storage;
    entry->offset = t->on.offset + t->offset;
    return MIEN_OK;
}

/* Adds ".key" to the name; MIEN_EUNSUPPORTED for a key that is no name. */
static mien_status add_key(listing *l, const mien_pickle_value *key) {
    if (l->name.length > 0) {
        mien_string_add(&l->name, ".");
    }
    if (key->kind == MIEN_PICKLE_INT) {
        mien_string_addf(&l->name, "%lld", (long long)key->i);
    } else if (key->kind == MIEN_PICKLE_TEXT && key->length <= NAME_MAX_BYTES &&
               !(key->length && memchr(key->bytes, 0, key->length))) {
        mien_string_add_n(&l->name, (const char *)key->bytes, key->length);
    } else {
        return mien_fail(MIEN_EUNSUPPORTED,
            "%s: a dictionary of tensors has a key that is neither a short text nor an "
            "integer",
            l->archive->path);
    }
    return mien_string_status(&l->name);
}

static mien_status list_value(listing *l, const mien_pickle_value *value);

static mien_status list_items(listing *l, const mien_pickle_value *value) {
    bool dict = value->kind == MIEN_PICKLE_DICT;
    size_t length = l->name.length;
    mien_status status = mien_pickle_step(&l->torch->pickle, value->count);
    for (uint32_t i = 0; i < value->count && status == MIEN_OK; i++) {
        mien_pickle_value position = {.kind = MIEN_PICKLE_INT, .i = i};
        const mien_pickle_value *key = dict ? value->items[i++] : &position;
        const mien_pickle_value *item = value->items[i];
        if (!is_container(item) && item->kind != MIEN_PICKLE_OBJECT) {
            continue;
        }
        status = add_key(l, key);
        if (status == MIEN_OK) {
            status = list_value(l, item);
        }
        if (l->name.capacity > 0) {
            l->name.text[length] = 0;
            l->name.length = length;
        }
    }
    return status;
}

static mien_status list_value(listing *l, const mien_pickle_value *value) {
    if (value->kind == MIEN_PICKLE_OBJECT) {
        return add_tensor(l, value->object);
    }
    if (!is_container(value)) {
        return MIEN_OK;
    }
    if (l->depth >= DEPTH_MAX) {
        return mien_fail(MIEN_ELIMIT, "%s: dictionaries nested deeper than %d levels",
            l->archive->path, DEPTH_MAX);
    }
    l->depth++;
    mien_status status = list_items(l, value);
    l->depth--;
    return status;
}

mien_status mien_torch_list(
    mien_torch *torch, mien_archive *archive, const mien_pickle_value *root) {
    listing l = {.torch = torch, .archive = archive};
    mien_string_init(&l.name);
    mien_status status = list_value(&l, part_meant(root));
    mien_string_clear(&l.name);
    if (status == MIEN_OK && archive->entry_count == 0) {
        status = mien_fail(MIEN_EFORMAT, "%s: no tensors in the file", archive->path);
    }
    return status;
}
