/* SPDX-License-Identifier: MIT */
/* The list of tensors that a file of torch.save() makes.
 *
 * Their names: the keys of nested dictionaries (and positions in lists) joined by '.';
 * of a whole module what state_dict() would call them. A dictionary without tensors of
 * its own that has exactly one dictionary or module called state_dict, model_state_dict
 * or model stands for that one (a training checkpoint); numbers, texts and the like are
 * passed over. A tensor alone is called "tensor". */
#include "io/torch.h"
#include "io/text.h"

#include <string.h>

#define DEPTH_MAX 32
#define NAME_MAX_BYTES 1024
#define LOOK_UP 32

typedef struct listing {
    mien_torch *torch;
    mien_archive *archive;
    mien_string name;
    int depth;
} listing;

static mien_status list_value(listing *l, mien_pickle_value *value);

const mien_pickle_value *mien_torch_attribute(
    const mien_pickle_value *instance, const char *name) {
    const mien_pickle_instance *of = instance->object;
    for (uint32_t i = 0; of->state && i + 1 < of->state->count; i += 2) {
        if (mien_pickle_is(of->state->items[i], name)) {
            return of->state->items[i + 1];
        }
    }
    return NULL;
}

bool mien_torch_is_module(const mien_pickle_value *value) {
    static const char *const parts[] = {"_parameters", "_buffers", "_modules"};
    for (int i = 0; i < 3; i++) {
        const mien_pickle_value *part = value->kind == MIEN_PICKLE_INSTANCE
                                            ? mien_torch_attribute(value, parts[i])
                                            : NULL;
        if (!part || part->kind != MIEN_PICKLE_DICT) {
            return false;
        }
    }
    return true;
}

static bool is_container(const mien_pickle_value *value) {
    return value->kind == MIEN_PICKLE_DICT || value->kind == MIEN_PICKLE_LIST ||
           value->kind == MIEN_PICKLE_TUPLE || mien_torch_is_module(value);
}

const mien_pickle_value *mien_torch_meant(const mien_pickle_value *root) {
    static const char *const wanted[] = {"state_dict", "model_state_dict", "model"};
    const mien_pickle_value *found = NULL;
    for (uint32_t i = 0; root->kind == MIEN_PICKLE_DICT && i + 1 < root->count;
         i += 2) {
        const mien_pickle_value *key = root->items[i], *item = root->items[i + 1];
        if (item->kind == MIEN_PICKLE_OBJECT) {
            return root;
        }
        bool whole = item->kind == MIEN_PICKLE_DICT || mien_torch_is_module(item);
        for (size_t k = 0; k < 3 && whole; k++) {
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

static mien_status add_tensor(listing *l, const mien_torch_tensor *t) {
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
    if (l->name.length > NAME_MAX_BYTES) {
        return mien_fail(MIEN_ELIMIT,
            "%s: the name of a tensor is longer than %d bytes", l->archive->path,
            NAME_MAX_BYTES);
    }
    return mien_string_status(&l->name);
}

/* Lists item under the name with key behind it. */
static mien_status list_under(
    listing *l, const mien_pickle_value *key, mien_pickle_value *item) {
    size_t length = l->name.length;
    mien_status status = add_key(l, key);
    if (status == MIEN_OK) {
        status = list_value(l, item);
    }
    if (l->name.capacity > 0) {
        l->name.text[length] = 0;
        l->name.length = length;
    }
    return status;
}

static mien_status list_items(listing *l, const mien_pickle_value *value) {
    bool dict = value->kind == MIEN_PICKLE_DICT;
    mien_status status = mien_pickle_step(&l->torch->pickle, value->count);
    for (uint32_t i = 0; i < value->count && status == MIEN_OK; i++) {
        mien_pickle_value position = {.kind = MIEN_PICKLE_INT, .i = i};
        const mien_pickle_value *key = dict ? value->items[i++] : &position;
        mien_pickle_value *item = value->items[i];
        if (is_container(item) || item->kind == MIEN_PICKLE_OBJECT) {
            status = list_under(l, key, item);
        }
    }
    return status;
}

/* Does a list of texts have this one? */
static bool lists(const mien_pickle_value *list, const mien_pickle_value *text) {
    for (uint32_t i = 0; list && list->kind == MIEN_PICKLE_LIST && i < list->count;
         i++) {
        const mien_pickle_value *item = list->items[i];
        if (item->kind == MIEN_PICKLE_TEXT && text->kind == MIEN_PICKLE_TEXT &&
            item->length == text->length &&
            !memcmp(item->bytes, text->bytes, text->length)) {
            return true;
        }
    }
    return false;
}

/* The tensors of a module's parameters or buffers; None stands for one that is not
 * there. */
static mien_status list_tensors(listing *l, const mien_pickle_value *module,
    const char *part, const mien_pickle_value *without) {
    const mien_pickle_value *dict = mien_torch_attribute(module, part);
    mien_status status = mien_pickle_step(&l->torch->pickle, dict->count);
    for (uint32_t i = 0; i + 1 < dict->count && status == MIEN_OK; i += 2) {
        mien_pickle_value *item = dict->items[i + 1];
        if (item->kind == MIEN_PICKLE_OBJECT && !lists(without, dict->items[i])) {
            status = list_under(l, dict->items[i], item);
        } else if (item->kind != MIEN_PICKLE_OBJECT && item->kind != MIEN_PICKLE_NONE) {
            status = mien_fail(MIEN_EFORMAT, "%s: a module's %s hold what is no tensor",
                l->archive->path, part + 1);
        }
    }
    return status;
}

/* Lists a module in the order of state_dict(): parameters, buffers, then the modules
 * in it. */
static mien_status list_module(listing *l, const mien_pickle_value *module) {
    const mien_pickle_value *without =
        mien_torch_attribute(module, "_non_persistent_buffers_set");
    const mien_pickle_value *dict = mien_torch_attribute(module, "_modules");
    mien_status status = list_tensors(l, module, "_parameters", NULL);
    if (status == MIEN_OK) {
        status = list_tensors(l, module, "_buffers", without);
    }
    if (status == MIEN_OK) { /* looking attributes up costs more than a step */
        status = mien_pickle_step(&l->torch->pickle, (int64_t)dict->count + LOOK_UP);
    }
    for (uint32_t i = 0; i + 1 < dict->count && status == MIEN_OK; i += 2) {
        mien_pickle_value *item = dict->items[i + 1];
        if (mien_torch_is_module(item)) {
            status = list_under(l, dict->items[i], item);
        } else if (item->kind != MIEN_PICKLE_NONE) {
            status = mien_fail(
                MIEN_EFORMAT, "%s: a module holds what is no module", l->archive->path);
        }
    }
    return status;
}

static mien_status list_value(listing *l, mien_pickle_value *value) {
    if (value->kind == MIEN_PICKLE_OBJECT) {
        return add_tensor(l, value->object);
    }
    if (!is_container(value)) {
        return MIEN_OK;
    }
    if (value->entered) {
        return mien_fail(MIEN_EFORMAT, "%s: a value contains itself", l->archive->path);
    }
    if (l->depth >= DEPTH_MAX) {
        return mien_fail(MIEN_ELIMIT, "%s: dictionaries nested deeper than %d levels",
            l->archive->path, DEPTH_MAX);
    }
    l->depth++;
    value->entered = true;
    mien_status status = value->kind == MIEN_PICKLE_INSTANCE ? list_module(l, value)
                                                             : list_items(l, value);
    value->entered = false;
    l->depth--;
    return status;
}

mien_status mien_torch_list(
    mien_torch *torch, mien_archive *archive, const mien_pickle_value *root) {
    listing l = {.torch = torch, .archive = archive};
    mien_pickle_value meant = *mien_torch_meant(root);
    mien_string_init(&l.name);
    mien_status status = list_value(&l, &meant);
    mien_string_clear(&l.name);
    if (status == MIEN_OK && archive->entry_count == 0) {
        status = mien_fail(MIEN_EFORMAT, "%s: no tensors in the file", archive->path);
    }
    if (status == MIEN_OK && mien_torch_is_module(&meant)) {
        archive->module = mien_torch_meant(root);
    }
    return status;
}
