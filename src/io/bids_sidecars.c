/* SPDX-License-Identifier: MIT */
/* Inheritance of BIDS: which sidecars apply to a file, and which of them is nearest. */
#include "io/bids_sidecars.h"

#include <stdio.h>
#include <string.h>

enum { LEVELS_MAX = 8 };

static bool holds(const char *folder, const char *name) {
    char *path = mien_path_join(folder, name);
    bool there = path && mien_file_exists(path);
    mien_free(path);
    return there;
}

char *mien_bids_root(const char *path) {
    char *own = mien_path_directory(path), *folder = own ? mien_strdup(own) : NULL;
    for (int level = 0; folder && level < LEVELS_MAX; level++) {
        if (holds(folder, "dataset_description.json")) {
            mien_free(own);
            return folder;
        }
        char *up = mien_path_directory(folder);
        bool top = !up || strcmp(up, folder) == 0;
        mien_free(folder);
        folder = up;
        if (top) {
            break;
        }
    }
    mien_free(folder);
    return own;
}

/* Whether "task-view" (length bytes) is one of the parts of a name. */
static bool has_entity(const char *name, const char *entity, size_t length) {
    for (const char *part = name; part; part = strchr(part, '_')) {
        part += *part == '_';
        if (strcspn(part, "_") == length && strncmp(part, entity, length) == 0) {
            return true;
        }
    }
    return false;
}

/* How many entities a sidecar names, all of which the file has; −1 if it does not
 * apply. */
static int applies(const char *sidecar, const char *file, const char *suffix) {
    char end[80];
    size_t length = strlen(sidecar);
    int entities = 0;
    size_t tail = (size_t)snprintf(end, sizeof end, "%s.json", suffix);
    if (length < tail || strcmp(sidecar + length - tail, end) != 0) {
        return -1;
    }
    length -= tail; /* of "sub-01_task-view_" */
    if (length > 0 && sidecar[length - 1] != '_') {
        return -1;
    }
    for (size_t at = 0; at < length;) {
        size_t part = strcspn(sidecar + at, "_");
        if (!has_entity(file, sidecar + at, part)) {
            return -1;
        }
        entities++;
        at += part + 1;
    }
    return entities;
}

/* Two sidecars of one level must not say different things of one key. */
static mien_status check_agree(const mien_value *a, const mien_value *b) {
    mien_string left, right;
    mien_status status = MIEN_OK;
    for (int64_t i = 0; status == MIEN_OK && i < mien_value_count(a); i++) {
        const char *key = mien_value_key(a, i);
        const mien_value *other = mien_value_get(b, key);
        if (!other) {
            continue;
        }
        mien_string_init(&left);
        mien_string_init(&right);
        status = mien_value_write_json(mien_value_item(a, i), false, &left);
        status = status ? status : mien_value_write_json(other, false, &right);
        if (status == MIEN_OK && strcmp(left.text, right.text) != 0) {
            status = mien_fail(MIEN_EFORMAT,
                "%s says %s %.60s and %s says %.60s: keep one of the two",
                mien_value_file(a), key, left.text, mien_value_file(b), right.text);
        }
        mien_string_clear(&left);
        mien_string_clear(&right);
    }
    return status;
}

/* Puts a level's sidecars in place, those with more entities first. */
static mien_status add_level(
    const char *folder, const char *file, const char *suffix, mien_sidecars *s) {
    char **names = NULL;
    int64_t count = 0;
    int first = s->count, entities[MIEN_SIDECARS_MAX];
    mien_status status = mien_directory_list(folder, &names, &count);
    for (int64_t i = 0; status == MIEN_OK && i < count; i++) {
        int many = applies(names[i], file, suffix);
        if (many < 0) {
            continue;
        }
        if (s->count == MIEN_SIDECARS_MAX) {
            status = mien_fail(
                MIEN_ELIMIT, "%s: more than %d sidecars apply", file, s->count);
            break;
        }
        char *path = mien_path_join(folder, names[i]);
        mien_value *value = NULL;
        status = path ? mien_value_read(path, &value) : MIEN_ENOMEM;
        mien_free(path);
        if (status == MIEN_OK && mien_value_kind_of(value) != MIEN_VALUE_MAP) {
            status = mien_fail(
                MIEN_EFORMAT, "%s: no object of keys", mien_value_file(value));
        }
        if (status != MIEN_OK) {
            mien_value_free(&value);
            break;
        }
        int at = s->count++;
        for (; at > first && entities[at - 1] < many; at--) {
            s->value[at] = s->value[at - 1];
            entities[at] = entities[at - 1];
        }
        s->value[at] = value;
        entities[at] = many;
        if (at > first && entities[at - 1] == many) {
            status = check_agree(s->value[at - 1], value);
        }
    }
    mien_names_free(&names, count);
    return status;
}

mien_status mien_sidecars_find(const char *path, const char *suffix, mien_sidecars *s) {
    char *root = mien_bids_root(path), *folder = mien_path_directory(path);
    mien_status status = root && folder ? MIEN_OK : MIEN_ENOMEM;
    *s = (mien_sidecars){.count = 0};
    for (int level = 0; status == MIEN_OK && level <= LEVELS_MAX; level++) {
        status = add_level(folder, mien_path_base(path), suffix, s);
        if (status != MIEN_OK || strcmp(folder, root) == 0) {
            break;
        }
        char *up = mien_path_directory(folder);
        status = up ? MIEN_OK : MIEN_ENOMEM;
        mien_free(folder);
        folder = up;
    }
    mien_free(folder);
    mien_free(root);
    if (status != MIEN_OK) {
        mien_sidecars_clear(s);
    }
    return status;
}

void mien_sidecars_clear(mien_sidecars *s) {
    for (int i = 0; i < s->count; i++) {
        mien_value_free(&s->value[i]);
    }
    s->count = 0;
}

const mien_value *mien_sidecars_get(const mien_sidecars *s, const char *key) {
    for (int i = 0; i < s->count; i++) {
        const mien_value *value = mien_value_get(s->value[i], key);
        if (value) {
            return value;
        }
    }
    return NULL;
}
