/* SPDX-License-Identifier: MIT */
/* Describes a whole pickled module as a document, for people and for the converters
 * that recognise it. */
#include "io/text.h"
#include "base/need.h"
#include "io/torch.h"

#include <string.h>

#define TEXT_BYTES 256
#define NODES_MAX 100000

/* A tree being written; after a failure the rest do nothing. */
typedef struct writer {
    mien_archive *archive;
    int64_t nodes;
    mien_status status;
} writer;

static mien_value *text_of(const mien_pickle_value *value) {
    char text[TEXT_BYTES];
    return mien_value_new_text(mien_pickle_print(value, text, sizeof text));
}

/* "f32 [8, 128]" */
static mien_value *tensor_text(const mien_torch_tensor *t) {
    char shape[96];
    mien_string text;
    mien_string_init(&text);
    mien_string_addf(&text, "%s %s", mien_dtype_name(t->dtype),
        mien_shape_text(t->rank, t->shape, shape, sizeof shape));
    mien_value *value = text.failed ? NULL : mien_value_new_text(text.text);
    mien_string_clear(&text);
    return value;
}

/* A plain attribute; NULL for one that is not told of (hooks, containers, None). */
static bool is_told(const mien_pickle_value *key, const mien_pickle_value *value) {
    return key->kind == MIEN_PICKLE_TEXT && key->length > 0 && key->bytes[0] != '_' &&
           (value->kind == MIEN_PICKLE_BOOL || value->kind == MIEN_PICKLE_INT ||
               value->kind == MIEN_PICKLE_FLOAT || value->kind == MIEN_PICKLE_TEXT ||
               value->kind == MIEN_PICKLE_OBJECT || value->kind == MIEN_PICKLE_CLASS ||
               value->kind == MIEN_PICKLE_OPAQUE ||
               value->kind == MIEN_PICKLE_INSTANCE);
}

static mien_value *attribute(const mien_pickle_value *value) {
    switch (value->kind) {
    case MIEN_PICKLE_BOOL:
        return mien_value_new_bool(value->i != 0);
    case MIEN_PICKLE_INT:
        return mien_value_new_int(value->i);
    case MIEN_PICKLE_FLOAT:
        return mien_value_new_number(value->x);
    case MIEN_PICKLE_OBJECT:
        return tensor_text(value->object);
    case MIEN_PICKLE_INSTANCE:
        return text_of(((const mien_pickle_instance *)value->object)->of);
    default:
        return text_of(value);
    }
}

/* Sets map[key]; a key that is there already (two names that print alike) is left. */
static void put(
    writer *w, mien_value *map, const mien_pickle_value *key, mien_value *item) {
    char name[TEXT_BYTES];
    mien_pickle_print(key, name, sizeof name);
    if (w->status == MIEN_OK && ++w->nodes > NODES_MAX) {
        w->status = mien_fail(MIEN_ELIMIT, "%s: a module of more than %d parts",
            w->archive->path, NODES_MAX);
    }
    if (w->status != MIEN_OK || mien_value_get(map, name)) {
        mien_value_free(&item);
        return;
    }
    w->status = mien_value_set(map, name, item);
}

static mien_value *attributes(writer *w, const mien_pickle_value *module) {
    const mien_pickle_value *state =
        ((const mien_pickle_instance *)module->object)->state;
    mien_value *map = mien_value_new_map();
    for (uint32_t i = 0; map && i + 1 < state->count; i += 2) {
        if (is_told(state->items[i], state->items[i + 1])) {
            put(w, map, state->items[i], attribute(state->items[i + 1]));
        }
    }
    return map;
}

static void put_tensors(
    writer *w, mien_value *map, const mien_pickle_value *module, const char *part) {
    const mien_pickle_value *dict = mien_torch_attribute(module, part);
    for (uint32_t i = 0; i + 1 < dict->count; i += 2) {
        const mien_pickle_value *item = dict->items[i + 1];
        if (dict->items[i]->kind == MIEN_PICKLE_TEXT &&
            item->kind == MIEN_PICKLE_OBJECT) {
            put(w, map, dict->items[i], tensor_text(item->object));
        }
    }
}

static mien_value *tensors(writer *w, const mien_pickle_value *module) {
    mien_value *map = mien_value_new_map();
    if (map) {
        put_tensors(w, map, module, "_parameters");
        put_tensors(w, map, module, "_buffers");
    }
    return map;
}

static mien_value *describe(writer *w, const mien_pickle_value *module);

static mien_value *modules(writer *w, const mien_pickle_value *module) {
    const mien_pickle_value *dict = mien_torch_attribute(module, "_modules");
    mien_value *map = mien_value_new_map();
    for (uint32_t i = 0; map && i + 1 < dict->count && w->status == MIEN_OK; i += 2) {
        if (dict->items[i]->kind == MIEN_PICKLE_TEXT &&
            mien_torch_is_module(dict->items[i + 1])) {
            put(w, map, dict->items[i], describe(w, dict->items[i + 1]));
        }
    }
    return map;
}

static void set(writer *w, mien_value *map, const char *key, mien_value *item) {
    if (w->status == MIEN_OK) {
        w->status = mien_value_set(map, key, item);
    } else {
        mien_value_free(&item);
    }
}

/* Its depth was bounded, and that it does not contain itself checked, when the tensors
 * were listed. */
static mien_value *describe(writer *w, const mien_pickle_value *module) {
    mien_value *map = mien_value_new_map();
    if (!map) {
        w->status = w->status == MIEN_OK ? MIEN_ENOMEM : w->status;
        return NULL;
    }
    set(w, map, "class", text_of(((const mien_pickle_instance *)module->object)->of));
    set(w, map, "attributes", attributes(w, module));
    set(w, map, "tensors", tensors(w, module));
    set(w, map, "modules", modules(w, module));
    return map;
}

mien_status mien_archive_module(mien_archive *archive, mien_value **tree) {
    MIEN_NEED(archive, tree);
    writer w = {.archive = archive};
    if (!archive->module) {
        return mien_fail(
            MIEN_ENOTFOUND, "%s: holds tensors alone, no whole module", archive->path);
    }
    mien_value *made = describe(&w, archive->module);
    if (w.status != MIEN_OK) {
        mien_value_free(&made);
        return w.status;
    }
    *tree = made;
    return MIEN_OK;
}
