/* SPDX-License-Identifier: MIT */
/* Reads a study's file and what is set beside it: YAML to dotted keys. */
#include "train/study/axes.h"
#include "train/study/study_parts.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

enum { KEY_MAX = MIEN_STUDY_KEY_MAX, WHERE_MAX = MIEN_STUDY_WHERE_MAX };

static mien_status set_scalar(mien_options *options, const mien_value *value,
    const char *where, const char *key) {
    char number[32];
    switch (mien_value_kind_of(value)) {
    case MIEN_VALUE_NULL:
        return MIEN_OK; /* "key:" with nothing behind it is the default */
    case MIEN_VALUE_BOOL:
        return mien_options_set(
            options, where, key, mien_value_bool(value, false) ? "true" : "false");
    case MIEN_VALUE_INT:
        snprintf(number, sizeof number, "%lld", (long long)mien_value_int(value, 0));
        return mien_options_set(options, where, key, number);
    case MIEN_VALUE_NUMBER:
        mien_format_double(mien_value_number(value, 0), number);
        return mien_options_set(options, where, key, number);
    case MIEN_VALUE_TEXT:
        return mien_options_set(options, where, key, mien_value_text(value));
    default:
        return mien_fail(
            MIEN_EFORMAT, "%s: %s: a single value is wanted here", where, key);
    }
}

/* Number of the row of a key, -1: there is none. */
static int key_index(const char *key) {
    for (int i = 0; mien_study_keys[i].name; i++) {
        if (strcmp(mien_study_keys[i].name, key) == 0) {
            return i;
        }
    }
    return -1;
}

/* True if the key is a map in which other keys are ("picture"). */
static bool is_section(const char *key) {
    size_t length = strlen(key);
    for (const mien_option *o = mien_study_keys; o->name; o++) {
        if (length == 0 ||
            (strncmp(o->name, key, length) == 0 && o->name[length] == '.')) {
            return true;
        }
    }
    return false;
}

bool mien_study_given(const mien_study *study, const char *key) {
    return study->lines[key_index(key)] != 0;
}

const char *mien_study_where(const mien_study *s, const char *key, char *buffer) {
    int line = s->lines[key_index(key)];
    if (line > 0) {
        snprintf(buffer, WHERE_MAX, "%s:%d", s->path, line);
    } else {
        snprintf(buffer, WHERE_MAX, "%s", line < 0 ? "--set" : s->path);
    }
    return buffer;
}

static mien_status add_extra(
    mien_study *s, const char *key, const char *text, int line) {
    if (s->extras == MIEN_STUDY_EXTRAS_MAX) {
        return mien_fail(MIEN_ELIMIT,
            "%s: more than %d options of losses, optimiser "
            "and schedule",
            s->path, MIEN_STUDY_EXTRAS_MAX);
    }
    mien_study_extra *e = &s->extra[s->extras++];
    *e = (mien_study_extra){mien_strdup(key), mien_strdup(text), line};
    return e->key && e->text ? MIEN_OK : MIEN_ENOMEM;
}

/* The text of a value as an option takes it; NULL for a list, a map and nothing. */
static const char *scalar_text(const mien_value *value, char number[32]) {
    switch (mien_value_kind_of(value)) {
    case MIEN_VALUE_BOOL:
        return mien_value_bool(value, false) ? "true" : "false";
    case MIEN_VALUE_INT:
        snprintf(number, 32, "%lld", (long long)mien_value_int(value, 0));
        return number;
    case MIEN_VALUE_NUMBER:
        return mien_format_double(mien_value_number(value, 0), number);
    default:
        return mien_value_text(value);
    }
}

/* An option of a row, kept until the row is known; a list as one for each item. */
static mien_status keep_extra(
    mien_study *s, const mien_value *value, const char *where, const char *key) {
    char number[32];
    bool list = mien_value_kind_of(value) == MIEN_VALUE_LIST;
    int64_t count = list ? mien_value_count(value) : 1;
    mien_status status = MIEN_OK;
    if (mien_value_kind_of(value) == MIEN_VALUE_NULL) {
        return MIEN_OK;
    }
    for (int64_t i = 0; status == MIEN_OK && i < count; i++) {
        const char *text = scalar_text(list ? mien_value_at(value, i) : value, number);
        status = text ? add_extra(s, key, text, mien_value_line(value))
                      : mien_fail(MIEN_EFORMAT, "%s: %s: a single value is wanted here",
                            where, key);
    }
    return status;
}

/* Augmentation is written as a list of steps, kept as their text. */
static mien_status set_augment(
    mien_study *s, const mien_value *value, const char *key) {
    mien_augment *augment = NULL;
    mien_string text;
    mien_string_init(&text);
    mien_status status = mien_augment_new(&augment);
    if (status == MIEN_OK) {
        status = mien_augment_read(value, augment);
    }
    if (status == MIEN_OK) {
        status = mien_augment_write(augment, &text);
    }
    if (status == MIEN_OK) {
        s->lines[key_index(key)] = mien_value_line(value);
        status = mien_options_set(s->options, s->path, key, text.text);
    }
    mien_string_clear(&text);
    mien_augment_free(&augment);
    return status;
}

static mien_status set_list(mien_study *s, const mien_value *list, const char *where,
    const char *key, int row) {
    mien_status status = MIEN_OK;
    if (mien_study_keys[row].type != MIEN_OPTION_LIST) {
        return mien_fail(MIEN_EFORMAT,
            "%s: %s: one value is wanted, not a list (only mien train takes a list: it "
            "makes a run for each value)",
            where, key);
    }
    if (mien_value_count(list) == 0) {
        return mien_fail(MIEN_EFORMAT,
            "%s: %s: an empty list; leave the key out for its default", where, key);
    }
    for (int64_t i = 0; status == MIEN_OK && i < mien_value_count(list); i++) {
        const mien_value *item = mien_value_at(list, i);
        if (mien_value_kind_of(item) == MIEN_VALUE_NULL) {
            return mien_fail(MIEN_EFORMAT, "%s: %s: an empty item", where, key);
        }
        status = set_scalar(s->options, item, where, key);
    }
    return status;
}

static mien_status set_tree(mien_study *s, const mien_value *value, const char *key);

static mien_status set_map(
    mien_study *s, const mien_value *map, const char *where, const char *key) {
    char longer[KEY_MAX];
    mien_status status = MIEN_OK;
    for (int64_t i = 0; status == MIEN_OK && i < mien_value_count(map); i++) {
        int length = snprintf(longer, sizeof longer, "%s%s%s", key, *key ? "." : "",
            mien_value_key(map, i));
        status = length < KEY_MAX
                     ? set_tree(s, mien_value_item(map, i), longer)
                     : mien_fail(MIEN_ELIMIT, "%s: a key longer than %d characters",
                           where, KEY_MAX - 1);
    }
    return status;
}

/* Inputs and branches are maps by name, read when their rows are known. */
static mien_status keep_tree(const mien_value *value, mien_value **tree) {
    mien_value_free(tree);
    return mien_value_copy(value, tree);
}

/* "backbone: mobilenet_v2" means the key within that names it. */
static mien_status not_a_map(
    const mien_value *value, const char *where, const char *key) {
    char name[KEY_MAX], number[32];
    const char *text = scalar_text(value, number);
    snprintf(name, sizeof name, "%.200s.name", key);
    if (mien_value_kind_of(value) == MIEN_VALUE_LIST && key_index(name) >= 0) {
        return mien_fail(MIEN_EFORMAT,
            "%s: %s: one value is wanted, not a list (only mien train takes a list: it "
            "makes a run for each value)",
            where, name);
    }
    return text && key_index(name) >= 0
               ? mien_fail(MIEN_EFORMAT, "%s: %s: is a map: write {name: %s}", where,
                     key, text)
               : mien_fail(MIEN_EFORMAT, "%s: %s: is a map of keys, not a single value",
                     where, key);
}

/* A key that there is not. */
static mien_status no_key(mien_study *s, const char *where, const char *key) {
    char text[1024];
    mien_status status = mien_options_set(s->options, where, key, "");
    snprintf(text, sizeof text, "%s", mien_error());
    return status == MIEN_EINVAL && !strstr(text, "did you mean")
               ? mien_fail(status, "%s; `mien study --keys` lists all", text)
               : status;
}

static mien_status set_tree(mien_study *s, const mien_value *value, const char *key) {
    char where[WHERE_MAX];
    mien_value_kind kind = mien_value_kind_of(value);
    int row = key_index(key);
    snprintf(where, sizeof where, "%s:%d", s->path, mien_value_line(value));
    if (strcmp(key, "augment") == 0) {
        return set_augment(s, value, key);
    }
    if (kind == MIEN_VALUE_MAP && strcmp(key, "inputs") == 0) {
        return keep_tree(value, &s->inputs_tree);
    }
    if (kind == MIEN_VALUE_MAP && strcmp(key, "search.over") == 0) {
        s->lines[row] = mien_value_line(value);
        return keep_tree(value, &s->over_tree);
    }
    if (kind == MIEN_VALUE_MAP && strcmp(key, "branches") == 0) {
        return keep_tree(value, &s->branches_tree);
    }
    if (row < 0 && kind != MIEN_VALUE_MAP && mien_recipe_section(key) >= 0) {
        return keep_extra(s, value, where, key);
    }
    if (kind == MIEN_VALUE_MAP &&
        (mien_value_count(value) > 0 || (row < 0 && is_section(key)))) {
        return set_map(s, value, where, key);
    }
    if (row < 0 && kind != MIEN_VALUE_NULL && is_section(key)) {
        return not_a_map(value, where, key);
    }
    if (row < 0) {
        /* "picture:" with nothing behind it is a section left empty */
        return kind == MIEN_VALUE_NULL && is_section(key) ? MIEN_OK
                                                          : no_key(s, where, key);
    }
    if (kind != MIEN_VALUE_NULL) {
        s->lines[row] = mien_value_line(value);
    }
    return kind == MIEN_VALUE_LIST ? set_list(s, value, where, key, row)
                                   : set_scalar(s->options, value, where, key);
}

/* A list is replaced as a whole: items are separated by ; */
static mien_status override_list(mien_options *options, const char *key, char *text) {
    mien_status status = mien_options_clear(options, key);
    if (!*text) {
        return status; /* nothing: the default */
    }
    for (char *item = text; status == MIEN_OK && item;) {
        char *end = strchr(item, ';');
        if (end) {
            *end = 0;
        }
        status = mien_options_set(options, "--set", key, item);
        item = end ? end + 1 : NULL;
    }
    return status;
}

/* Takes the place of what the file says. */
static mien_status override_extra(mien_study *s, const char *key, char *text) {
    int kept = 0;
    mien_status status = MIEN_OK;
    for (int i = 0; i < s->extras; i++) {
        if (strcmp(s->extra[i].key, key) != 0) {
            s->extra[kept++] = s->extra[i];
        } else {
            mien_free(s->extra[i].key);
            mien_free(s->extra[i].text);
        }
    }
    s->extras = kept;
    for (char *item = text; status == MIEN_OK && item;) {
        char *end = strchr(item, ';');
        if (end) {
            *end = 0;
        }
        status = add_extra(s, key, item, -1);
        item = end ? end + 1 : NULL;
    }
    return status;
}

mien_status mien_study_override(mien_study *s, const char *const *set, int count) {
    mien_status status = MIEN_OK;
    for (int i = 0; status == MIEN_OK && i < count; i++) {
        const char *equals = strchr(set[i], '=');
        char key[KEY_MAX];
        if (!equals || equals - set[i] >= KEY_MAX) {
            return mien_fail(
                MIEN_EINVAL, "--set %s: not of the form key=value", set[i]);
        }
        snprintf(key, sizeof key, "%.*s", (int)(equals - set[i]), set[i]);
        int row = key_index(key);
        char *text = mien_strdup(equals + 1);
        if (!text) {
            status = MIEN_ENOMEM;
        } else if (row < 0 && mien_recipe_section(key) >= 0) {
            status = override_extra(s, key, text);
        } else if (row < 0) {
            status = no_key(s, "--set", key);
        } else if (mien_study_keys[row].type != MIEN_OPTION_LIST) {
            status = mien_options_set(s->options, "--set", key, text);
        } else {
            status = override_list(s->options, key, text);
        }
        mien_free(text);
        if (row >= 0) {
            s->lines[row] = -1;
        }
    }
    return status;
}

mien_status mien_study_read(
    mien_study *s, const char *path, const char *const *set, int count) {
    mien_value *tree = NULL;
    mien_status status = mien_options_new(mien_study_keys, &s->options);
    if (status != MIEN_OK) {
        return status;
    }
    s->path = mien_strdup(path);
    s->folder = mien_path_directory(path);
    status = s->path && s->folder ? mien_value_read(path, &tree) : MIEN_ENOMEM;
    if (status == MIEN_OK && mien_value_kind_of(tree) != MIEN_VALUE_MAP) {
        status =
            mien_fail(MIEN_EFORMAT, "%s: a study is a map of keys and values", path);
    }
    if (status == MIEN_OK) {
        status = mien_study_axes_settle(tree, set, count);
    }
    if (status == MIEN_OK) {
        status = set_tree(s, tree, "");
    }
    mien_value_free(&tree);
    /* what an option refuses is the file's fault here, not the caller's */
    return status == MIEN_EINVAL ? MIEN_EFORMAT : status;
}
