/* SPDX-License-Identifier: MIT */
/* Opens a study, and writes it with every default. */
#include "train/study/study_parts.h"
#include "base/need.h"
#include "train/dataset/dataset.h"
#include "train/search/space.h"

#include <stdio.h>
#include <string.h>

/* The file's name without folder and extension, where the study names none. */
static mien_status default_name(mien_study *s) {
    if (mien_options_text(s->options, "name")) {
        return MIEN_OK;
    }
    const char *base = mien_path_base(s->path), *dot = strrchr(base, '.');
    char *name = mien_strndup(base, dot ? (size_t)(dot - base) : strlen(base));
    mien_status status =
        name ? mien_options_set(s->options, s->path, "name", name) : MIEN_ENOMEM;
    mien_free(name);
    return status;
}

mien_status mien_study_open(
    const char *path, const char *const *set, int set_count, mien_study **study) {
    MIEN_NEED(path, set || set_count < 1, study);
    mien_study *s = mien_alloc(1, sizeof *s);
    mien_status status = s ? mien_study_read(s, path, set, set_count) : MIEN_ENOMEM;
    if (status == MIEN_OK) {
        status = mien_study_override(s, set, set_count);
    }
    if (status == MIEN_OK) {
        status = default_name(s);
    }
    if (status == MIEN_OK) {
        status = mien_study_take(s);
        if (status != MIEN_ENOMEM && status != MIEN_OK) {
            status = s->bad_set ? MIEN_EINVAL : MIEN_EFORMAT;
        }
    }
    if (status != MIEN_OK) {
        mien_study_close(&s);
        return status;
    }
    *study = s;
    return MIEN_OK;
}

void mien_study_close(mien_study **study) {
    if (!study || !*study) {
        return;
    }
    mien_study *s = *study;
    for (int i = 0; i < MIEN_TARGETS_MAX; i++) {
        mien_free(s->targets[i]);
    }
    for (int i = 0; i < MIEN_STUDY_LAYERS_MAX; i++) {
        mien_free(s->layers[i]);
    }
    for (int i = 0; i < MIEN_INPUTS_MAX; i++) {
        mien_free(s->inputs[i]);
    }
    for (int i = 0; i < s->extras; i++) {
        mien_free(s->extra[i].key);
        mien_free(s->extra[i].text);
    }
    mien_dataset_unkeep(s);
    mien_value_free(&s->inputs_tree);
    mien_value_free(&s->branches_tree);
    mien_value_free(&s->over_tree);
    if (s->space) {
        mien_space_clear(s->space);
        mien_free(s->space);
    }
    mien_recipe_clear(&s->recipe);
    mien_options_free(&s->options);
    mien_free(s->trials);
    mien_free(s->folder);
    mien_free(s->path);
    mien_free(s);
    *study = NULL;
}

mien_status mien_study_seeded(
    const mien_study *study, int64_t seed, mien_study *seeded) {
    char text[32];
    snprintf(text, sizeof text, "%lld", (long long)seed);
    *seeded = *study;
    seeded->options = NULL;
    mien_status status = mien_options_copy(study->options, &seeded->options);
    return status == MIEN_OK
               ? mien_options_set(seeded->options, study->path, "seed", text)
               : status;
}

void mien_study_seeded_clear(mien_study *seeded) {
    mien_options_free(&seeded->options);
    *seeded = (mien_study){0};
}

/* The value of a key as a tree; NULL with error text on failure. */
static mien_value *value_of(const mien_options *options, const mien_option *key) {
    const char *text = mien_options_text(options, key->name);
    if (!text) {
        return mien_value_new_null();
    }
    switch (key->type) {
    case MIEN_OPTION_FLAG:
        return mien_value_new_bool(mien_options_flag(options, key->name));
    case MIEN_OPTION_INT:
        return mien_value_new_int(mien_options_int(options, key->name));
    case MIEN_OPTION_NUMBER:
    case MIEN_OPTION_SECONDS:
        return mien_value_new_number(mien_options_number(options, key->name));
    case MIEN_OPTION_LIST: {
        mien_value *list = mien_value_new_list();
        for (const char *at = text; list && at;) {
            size_t length = strcspn(at, "\n");
            char *item = mien_strndup(at, length);
            if (!item || mien_value_add(list, mien_value_new_text(item)) != MIEN_OK) {
                mien_value_free(&list);
            }
            mien_free(item);
            at = at[length] ? at + length + 1 : NULL;
        }
        return list;
    }
    default:
        return mien_value_new_text(text);
    }
}

/* Puts value at a dotted key, making the maps on the way. Takes value. */
static mien_status put(mien_value *map, const char *key, mien_value *value) {
    const char *dot = strchr(key, '.');
    if (!dot) {
        return mien_value_set(map, key, value);
    }
    char head[MIEN_STUDY_KEY_MAX];
    snprintf(head, sizeof head, "%.*s", (int)(dot - key), key);
    /* lent as const to readers; this tree is ours */
    mien_value *inner = (mien_value *)mien_value_get(map, head);
    if (!inner) {
        mien_status status = mien_value_set(map, head, mien_value_new_map());
        if (status != MIEN_OK) {
            mien_value_free(&value);
            return status;
        }
        inner = (mien_value *)mien_value_get(map, head);
    }
    return put(inner, dot + 1, value);
}

/* The options of a row beside its name. */
static mien_status put_section(const mien_study *study, int section, mien_value *map) {
    const mien_recipe *r = &study->recipe;
    mien_status status = MIEN_OK;
    for (const mien_option *key = r->table[section];
         status == MIEN_OK && key && key->name &&
         (section != MIEN_RECIPE_SEARCH || study->searched);
         key++) {
        char name[MIEN_STUDY_KEY_MAX];
        snprintf(
            name, sizeof name, "%s.%s", mien_recipe_section_name(section), key->name);
        if (mien_options_text(r->given[section], key->name)) {
            status = put(map, name, value_of(r->given[section], key));
        }
    }
    return status;
}

static mien_status put_copy(mien_value *map, const char *key, const mien_value *tree) {
    mien_value *copy = NULL;
    mien_status status = mien_value_copy(tree, &copy);
    return status == MIEN_OK ? mien_value_set(map, key, copy) : status;
}

mien_status mien_study_write(const mien_study *study, mien_string *out) {
    MIEN_NEED(study, out);
    mien_value *map = mien_value_new_map();
    mien_status status = map ? MIEN_OK : MIEN_ENOMEM;
    for (const mien_option *key = mien_study_keys; status == MIEN_OK && key->name;
         key++) {
        if (mien_study_key_of(key->name, study)) {
            status = put(map, key->name, value_of(study->options, key));
        }
    }
    for (int i = 0; status == MIEN_OK && i < MIEN_RECIPE_SECTIONS; i++) {
        status = put_section(study, i, map);
    }
    if (status == MIEN_OK && study->inputs_tree) {
        status = put_copy(map, "inputs", study->inputs_tree);
    }
    if (status == MIEN_OK && study->branches_tree) {
        status = put_copy(map, "branches", study->branches_tree);
    }
    if (status == MIEN_OK && study->over_tree) {
        mien_value *copy = NULL;
        status = mien_value_copy(study->over_tree, &copy);
        status = status == MIEN_OK ? put(map, "search.over", copy) : status;
    }
    if (status == MIEN_OK) {
        status = mien_value_write_yaml(map, out);
    }
    mien_value_free(&map);
    return status;
}
