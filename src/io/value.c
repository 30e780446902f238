/* SPDX-License-Identifier: MIT */
/* Values of documents: making, asking, copying, freeing. */
#include "io/value.h"
#include "base/need.h"
#include "io/text.h"

#include <string.h>
#include <strings.h>

#define INDEX_FROM 16 /* fewer keys are found faster by looking at each */

/* ---- making --------------------------------------------------------------------- */

static mien_value *value_new(mien_value_kind kind) {
    mien_value *value = mien_alloc(1, sizeof *value);
    if (value) {
        value->kind = kind;
    }
    return value;
}

mien_value *mien_value_new_map(void) {
    return value_new(MIEN_VALUE_MAP);
}

mien_value *mien_value_new_list(void) {
    return value_new(MIEN_VALUE_LIST);
}

mien_value *mien_value_new_null(void) {
    return value_new(MIEN_VALUE_NULL);
}

mien_value *mien_value_new_bool(bool b) {
    mien_value *value = value_new(MIEN_VALUE_BOOL);
    if (value) {
        value->b = b;
    }
    return value;
}

mien_value *mien_value_new_int(int64_t i) {
    mien_value *value = value_new(MIEN_VALUE_INT);
    if (value) {
        value->i = i;
    }
    return value;
}

mien_value *mien_value_new_number(double x) {
    mien_value *value = value_new(MIEN_VALUE_NUMBER);
    if (value) {
        value->x = x;
    }
    return value;
}

mien_value *mien_value_new_text(const char *text) {
    MIEN_NEED_OR(NULL, text);
    mien_value *value = value_new(MIEN_VALUE_TEXT);
    if (value) {
        value->text = mien_strdup(text);
        if (!value->text) {
            mien_value_free(&value);
        }
    }
    return value;
}

static bool is_container(const mien_value *value) {
    return value->kind == MIEN_VALUE_LIST || value->kind == MIEN_VALUE_MAP;
}

void mien_value_free(mien_value **value) {
    mien_value *v = value ? *value : NULL;
    if (!v) {
        return;
    }
    if (is_container(v)) {
        for (int64_t i = 0; i < v->count; i++) {
            mien_value_free(&v->items[i]);
            if (v->keys) {
                mien_free(v->keys[i]);
            }
        }
        mien_index_clear(&v->index);
        mien_free(v->items);
        mien_free(v->keys);
    } else if (v->kind == MIEN_VALUE_TEXT) {
        mien_free(v->text);
    }
    mien_free(v->file_own);
    mien_free(v);
    *value = NULL;
}

/* ---- filling -------------------------------------------------------------------- */

static mien_status grow(mien_value *v) {
    if (v->count < v->room) {
        return MIEN_OK;
    }
    int64_t larger = v->room ? v->room * 2 : 8;
    mien_value **items =
        mien_realloc(v->items, (size_t)v->room, (size_t)larger, sizeof *items);
    if (!items) {
        return MIEN_ENOMEM;
    }
    v->items = items; /* room stays until the keys have grown too */
    if (v->kind == MIEN_VALUE_MAP) {
        char **keys =
            mien_realloc(v->keys, (size_t)v->room, (size_t)larger, sizeof *keys);
        if (!keys) {
            return MIEN_ENOMEM;
        }
        v->keys = keys;
    }
    v->room = larger;
    return MIEN_OK;
}

static int64_t find_key(const mien_value *map, const char *key) {
    if (map->index.count > 0) {
        return mien_index_find(&map->index, key, strlen(key));
    }
    for (int64_t i = 0; i < map->count; i++) {
        if (!strcmp(map->keys[i], key)) {
            return i;
        }
    }
    return -1;
}

/* Keeps the index complete from its first key on, so that find_key() may trust it. */
static mien_status index_keys(mien_value *map) {
    mien_status status = MIEN_OK;
    int64_t first = map->index.count > 0 ? map->count - 1 : 0;
    if (map->count < INDEX_FROM) {
        return MIEN_OK;
    }
    for (int64_t i = first; i < map->count && status == MIEN_OK; i++) {
        status = mien_index_add(&map->index, map->keys[i], strlen(map->keys[i]), i);
    }
    return status;
}

static mien_status append_key(mien_value *map, const char *key, mien_value *item) {
    mien_status status = grow(map);
    char *copy = status == MIEN_OK ? mien_strdup(key) : NULL;
    if (!copy) {
        return MIEN_ENOMEM;
    }
    map->items[map->count] = item;
    map->keys[map->count++] = copy;
    status = index_keys(map);
    if (status != MIEN_OK) {
        if (map->index.count < (size_t)map->count - 1) {
            mien_index_clear(&map->index); /* begun, not finished */
        }
        map->items[--map->count] = NULL;
        mien_free(copy);
    }
    return status;
}

mien_status mien_value_set(mien_value *map, const char *key, mien_value *item) {
    mien_status status = MIEN_OK;
    if (!item) {
        return MIEN_ENOMEM; /* its maker has said why */
    }
    if (!key) {
        status = mien_need_failed(__func__, "key", 0);
    } else if (!map || map->kind != MIEN_VALUE_MAP) {
        status = map ? mien_fail(MIEN_EINVAL, "\"%s\" set in what is no map", key)
                     : MIEN_ENOMEM;
    } else {
        int64_t at = find_key(map, key);
        if (at >= 0) {
            mien_value_free(&map->items[at]);
            map->items[at] = item;
        } else {
            status = append_key(map, key, item);
        }
    }
    if (status != MIEN_OK) {
        mien_value_free(&item);
    }
    return status;
}

mien_status mien_value_add(mien_value *list, mien_value *item) {
    mien_status status = MIEN_OK;
    if (!item) {
        return MIEN_ENOMEM;
    }
    if (!list || list->kind != MIEN_VALUE_LIST) {
        status = list ? mien_fail(MIEN_EINVAL, "an item added to what is no list")
                      : MIEN_ENOMEM;
    } else {
        status = grow(list);
    }
    if (status != MIEN_OK) {
        mien_value_free(&item);
        return status;
    }
    list->items[list->count++] = item;
    return MIEN_OK;
}

mien_status mien_value_name_file(mien_value *root, const char *name) {
    char *copy = mien_strdup(name);
    if (!copy) {
        return MIEN_ENOMEM;
    }
    root->file_own = copy;
    root->file = copy;
    return MIEN_OK;
}

/* `above`: the file name that the copy's parent has, and the one its original had. */
static mien_status copy_tree(const mien_value *from, const char *from_above,
    const char *to_above, mien_value **copy);

static mien_status copy_items(const mien_value *from, mien_value *to) {
    mien_status status = MIEN_OK;
    for (int64_t i = 0; i < from->count && status == MIEN_OK; i++) {
        mien_value *item = NULL;
        status = copy_tree(from->items[i], from->file, to->file, &item);
        if (status == MIEN_OK) {
            status = from->kind == MIEN_VALUE_MAP
                         ? mien_value_set(to, from->keys[i], item)
                         : mien_value_add(to, item);
        }
    }
    return status;
}

static mien_status copy_tree(const mien_value *from, const char *from_above,
    const char *to_above, mien_value **copy) {
    mien_value *to = from->kind == MIEN_VALUE_TEXT ? mien_value_new_text(from->text)
                                                   : value_new(from->kind);
    if (!to) {
        return MIEN_ENOMEM;
    }
    mien_status status = MIEN_OK;
    to->line = from->line;
    if (from->file && from->file == from_above) {
        to->file = to_above;
    } else if (from->file) {
        status = mien_value_name_file(to, from->file);
    }
    if (from->kind == MIEN_VALUE_BOOL) {
        to->b = from->b;
    } else if (from->kind == MIEN_VALUE_INT) {
        to->i = from->i;
    } else if (from->kind == MIEN_VALUE_NUMBER) {
        to->x = from->x;
    } else if (status == MIEN_OK && is_container(from)) {
        status = copy_items(from, to);
    }
    if (status != MIEN_OK) {
        mien_value_free(&to);
        return status;
    }
    *copy = to;
    return MIEN_OK;
}

mien_status mien_value_copy(const mien_value *value, mien_value **copy) {
    MIEN_NEED(value, copy);
    return copy_tree(value, NULL, NULL, copy);
}

/* ---- asking --------------------------------------------------------------------- */

mien_value_kind mien_value_kind_of(const mien_value *value) {
    return value ? value->kind : MIEN_VALUE_NULL;
}

int mien_value_line(const mien_value *value) {
    return value ? value->line : 0;
}

const char *mien_value_file(const mien_value *value) {
    return value && value->file ? value->file : "";
}

int64_t mien_value_count(const mien_value *value) {
    return value && is_container(value) ? value->count : 0;
}

const mien_value *mien_value_at(const mien_value *list, int64_t index) {
    if (!list || list->kind != MIEN_VALUE_LIST || index < 0 || index >= list->count) {
        return NULL;
    }
    return list->items[index];
}

static bool has_pair(const mien_value *map, int64_t index) {
    return map && map->kind == MIEN_VALUE_MAP && index >= 0 && index < map->count;
}

const char *mien_value_key(const mien_value *map, int64_t index) {
    return has_pair(map, index) ? map->keys[index] : NULL;
}

const mien_value *mien_value_item(const mien_value *map, int64_t index) {
    return has_pair(map, index) ? map->items[index] : NULL;
}

const mien_value *mien_value_get(const mien_value *map, const char *key) {
    if (!map || map->kind != MIEN_VALUE_MAP) {
        return NULL;
    }
    int64_t at = find_key(map, key);
    return at >= 0 ? map->items[at] : NULL;
}

bool mien_value_bool(const mien_value *value, bool otherwise) {
    return value && value->kind == MIEN_VALUE_BOOL ? value->b : otherwise;
}

int64_t mien_value_int(const mien_value *value, int64_t otherwise) {
    return value && value->kind == MIEN_VALUE_INT ? value->i : otherwise;
}

double mien_value_number(const mien_value *value, double otherwise) {
    if (value && value->kind == MIEN_VALUE_INT) {
        return (double)value->i;
    }
    return value && value->kind == MIEN_VALUE_NUMBER ? value->x : otherwise;
}

const char *mien_value_text(const mien_value *value) {
    return value && value->kind == MIEN_VALUE_TEXT ? value->text : NULL;
}

/* ---- reading a file ------------------------------------------------------------- */

static mien_status parse_lines(const char *path, const char *text, mien_value **value) {
    mien_value *list = mien_value_new_list();
    mien_status status = list ? mien_value_name_file(list, path) : MIEN_ENOMEM;
    int line = 1;
    for (const char *next = text; *next && status == MIEN_OK; line++) {
        size_t length = strcspn(next, "\n");
        if (strspn(next, " \t\r") < length) {
            mien_value *item = NULL;
            status = mien_value_parse_json(path, next, length, &item);
            if (status == MIEN_OK) {
                item->line = line;
                status = mien_value_add(list, item);
            } else {
                mien_fail_in(status, "line %d of the file", line);
            }
        }
        next += length + (next[length] == '\n');
    }
    if (status != MIEN_OK) {
        mien_value_free(&list);
        return status;
    }
    *value = list;
    return MIEN_OK;
}

mien_status mien_value_read(const char *path, mien_value **value) {
    MIEN_NEED(path);
    MIEN_NEED(value);
    char *text = NULL;
    size_t count = 0;
    mien_status status = mien_file_read(path, MIEN_VALUE_BYTES_MAX, &text, &count);
    if (status != MIEN_OK) {
        return status;
    }
    const char *extension = mien_path_extension(path);
    if (!strcasecmp(extension, "jsonl")) {
        status = mien_text_check(path, text, count);
        if (status == MIEN_OK) {
            status = parse_lines(path, text + mien_bom_length(text, count), value);
        }
    } else if (!strcasecmp(extension, "json")) {
        status = mien_value_parse_json(path, text, count, value);
    } else {
        status = mien_value_parse_yaml(path, text, count, value);
    }
    mien_free(text);
    return status;
}
