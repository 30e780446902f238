/* SPDX-License-Identifier: MIT */
/* Finds the axes of a study.
 *
 * In come a study's file and what is set beside it; out come the keys that have a list
 * where one value is expected, and the points of their product, each with the name of
 * its run and with what mien_study_open() must set for it. A point's study is then a
 * study as any other. cmd_train.c and train_axes.c call this; mien_study_read() empties
 * the lists whose keys are set. */
#include "train/study/axes.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "train/study/study_parts.h"

/* ---- keys ------------------------------------------------------------------------ */

static const mien_option *key_of(const char *key) {
    for (const mien_option *o = mien_study_keys; o->name; o++) {
        if (strcmp(o->name, key) == 0) {
            return o;
        }
    }
    return NULL;
}

/* The key of one value that a list at `key` is an axis of, in `full`; false: such a
 * list is something else. */
static bool axis_key(const char *key, char full[MIEN_STUDY_AXIS_KEY_MAX]) {
    const mien_option *o = key_of(key);
    if (!o) {
        int length = snprintf(full, MIEN_STUDY_AXIS_KEY_MAX, "%s.name", key);
        o = length < MIEN_STUDY_AXIS_KEY_MAX ? key_of(full) : NULL;
    } else {
        snprintf(full, MIEN_STUDY_AXIS_KEY_MAX, "%s", key);
    }
    return o && o->type != MIEN_OPTION_LIST && strcmp(o->name, "augment") != 0;
}

/* Runs of these are about different trials, or differ in nothing. */
static bool refused(const char *key) {
    static const char *const keys[] = {"name", "trials", "model.licence",
        "model.citation", "model.golden", "checkpoint.", "cache.", "audit.", NULL};
    for (int i = 0; keys[i]; i++) {
        size_t length = strlen(keys[i]);
        bool section = keys[i][length - 1] == '.';
        if (strncmp(key, keys[i], length) == 0 && (section || !key[length])) {
            return true;
        }
    }
    return false;
}

/* The value of "KEY=VALUE", if it is of this key or of the section that is short for
 * it. */
static const char *set_of(const char *set, const char *key) {
    size_t length = strcspn(set, "=");
    char given[MIEN_STUDY_AXIS_KEY_MAX], full[MIEN_STUDY_AXIS_KEY_MAX];
    if (!set[length] || length >= sizeof given) {
        return NULL;
    }
    snprintf(given, sizeof given, "%.*s", (int)length, set);
    return axis_key(given, full) && strcmp(full, key) == 0 ? set + length + 1 : NULL;
}

static bool is_set(const char *key, const char *const *set, int sets) {
    for (int i = 0; i < sets; i++) {
        if (set_of(set[i], key)) {
            return true;
        }
    }
    return false;
}

/* ---- values ---------------------------------------------------------------------- */

static const char *scalar_text(const mien_value *value, char room[32]) {
    switch (mien_value_kind_of(value)) {
    case MIEN_VALUE_BOOL:
        return mien_value_bool(value, false) ? "true" : "false";
    case MIEN_VALUE_INT:
        snprintf(room, 32, "%lld", (long long)mien_value_int(value, 0));
        return room;
    case MIEN_VALUE_NUMBER:
        return mien_format_double(mien_value_number(value, 0), room);
    default:
        return mien_value_text(value);
    }
}

static mien_status add_value(mien_study_axis *axis, const char *text) {
    mien_string set;
    mien_string_init(&set);
    mien_status status = mien_string_addf(&set, "%s=%s", axis->key, text);
    int v = axis->values++;
    axis->value[v] = mien_strdup(text);
    axis->set[v] = status == MIEN_OK ? mien_strdup(set.text) : NULL;
    mien_string_clear(&set);
    return axis->value[v] && axis->set[v] ? MIEN_OK : MIEN_ENOMEM;
}

static mien_status take_values(
    mien_study_axis *axis, const mien_value *list, const char *where) {
    int64_t count = mien_value_count(list);
    mien_status status = MIEN_OK;
    if (count < 2 || count > MIEN_STUDY_AXIS_VALUES_MAX) {
        return mien_fail(MIEN_EFORMAT,
            "%s: %s: one value is wanted, not a list of %lld (a list of 2 to %d is an "
            "axis: mien train makes a run for each of its values)",
            where, axis->key, (long long)count, (int)MIEN_STUDY_AXIS_VALUES_MAX);
    }
    for (int64_t i = 0; status == MIEN_OK && i < count; i++) {
        char room[32];
        const char *text = scalar_text(mien_value_at(list, i), room);
        if (!text || !*text) {
            return mien_fail(MIEN_EFORMAT, "%s: %s: value %lld is not a single one",
                where, axis->key, (long long)i + 1);
        }
        for (int k = 0; k < axis->values; k++) {
            if (strcmp(axis->value[k], text) == 0) {
                return mien_fail(MIEN_EFORMAT, "%s: %s: \"%s\" stands there twice",
                    where, axis->key, text);
            }
        }
        status = add_value(axis, text);
    }
    return status;
}

static mien_status add_axis(
    mien_study_axes *axes, const char *key, const mien_value *list, const char *where) {
    if (refused(key)) {
        return mien_fail(MIEN_EFORMAT,
            "%s: %s: one value is wanted, not a list: runs that differ in it are not "
            "compared",
            where, key);
    }
    if (axes->axes == MIEN_STUDY_AXES_MAX) {
        return mien_fail(MIEN_ELIMIT, "%s: %s: more than %d keys have a list of values",
            where, key, (int)MIEN_STUDY_AXES_MAX);
    }
    mien_study_axis *axis = &axes->axis[axes->axes++];
    snprintf(axis->key, sizeof axis->key, "%s", key);
    return take_values(axis, list, where);
}

/* ---- the file -------------------------------------------------------------------- */

/* Every list at a key of one value: kept as an axis, or emptied where it is set. */
typedef struct walk {
    mien_study_axes *axes; /* NULL: lists are emptied */
    const char *const *set;
    int sets;
} walk;

static mien_status visit(const walk *w, mien_value *map, const char *prefix) {
    mien_status status = MIEN_OK;
    for (int64_t i = 0; status == MIEN_OK && i < mien_value_count(map); i++) {
        char key[MIEN_STUDY_AXIS_KEY_MAX], full[MIEN_STUDY_AXIS_KEY_MAX], where[4200];
        const char *name = mien_value_key(map, i);
        const mien_value *item = mien_value_item(map, i);
        int length =
            snprintf(key, sizeof key, "%s%s%s", prefix, *prefix ? "." : "", name);
        if (length >= MIEN_STUDY_AXIS_KEY_MAX) {
            continue; /* it is no key, which mien_study_open() says */
        }
        if (mien_value_kind_of(item) == MIEN_VALUE_MAP) {
            /* lent as const to readers; this tree is the caller's own */
            status = visit(w, (mien_value *)item, key);
        } else if (mien_value_kind_of(item) == MIEN_VALUE_LIST && axis_key(key, full)) {
            bool set = is_set(full, w->set, w->sets);
            snprintf(where, sizeof where, "%s:%d", mien_value_file(item),
                mien_value_line(item));
            status = w->axes && !set ? add_axis(w->axes, full, item, where)
                     : set && !w->axes
                         ? mien_value_set(map, name, mien_value_new_null())
                         : MIEN_OK;
        }
    }
    return status;
}

mien_status mien_study_axes_settle(mien_value *tree, const char *const *set, int sets) {
    const walk w = {.set = set, .sets = sets};
    return visit(&w, tree, "");
}

/* ---- what is set ----------------------------------------------------------------- */

/* "KEY=[a, b]" is an axis; everything else stays set. */
static mien_status take_set(mien_study_axes *axes, const char *set) {
    size_t length = strcspn(set, "=");
    char key[MIEN_STUDY_AXIS_KEY_MAX], full[MIEN_STUDY_AXIS_KEY_MAX];
    snprintf(key, sizeof key, "%.*s", (int)length, set);
    mien_value *list = NULL;
    mien_status status = MIEN_OK;
    if (set[length] && set[length + 1] == '[' && axis_key(key, full)) {
        const char *text = set + length + 1;
        status = mien_value_parse_yaml("--set", text, strlen(text), &list);
        status = status ? status : add_axis(axes, full, list, "--set");
        status = status == MIEN_EFORMAT ? MIEN_EINVAL : status;
    } else {
        axes->set[axes->sets++] = set;
    }
    mien_value_free(&list);
    return status;
}

/* ---- points ---------------------------------------------------------------------- */

int mien_study_axes_place(const mien_study_axes *axes, int point, int axis) {
    for (int a = axes->axes - 1; a > axis; a--) {
        point /= axes->axis[a].values;
    }
    return point % axes->axis[axis].values;
}

void mien_study_axes_sets(const mien_study_axes *axes, int point, const char **to) {
    for (int i = 0; i < axes->sets; i++) {
        to[i] = axes->set[i];
    }
    for (int a = 0; a < axes->axes; a++) {
        to[axes->sets + a] = axes->axis[a].set[mien_study_axes_place(axes, point, a)];
    }
}

/* "keras_vgg19"; of numbers and flags with the last part of their key: "rate-0.01"; of
 * a file its name. */
static mien_status name_value(
    const mien_study_axis *axis, const char *value, mien_string *name) {
    const char *dot = strrchr(axis->key, '.'), *base = mien_path_base(value);
    bool word = isalpha((unsigned char)*base) && strcmp(base, "true") != 0 &&
                strcmp(base, "false") != 0;
    mien_status status = MIEN_OK;
    if (!word) {
        status = mien_string_addf(name, "%s-", dot ? dot + 1 : axis->key);
    }
    for (const char *at = base; status == MIEN_OK && *at; at++) {
        bool fit = isalnum((unsigned char)*at) || strchr("._-", *at);
        status = mien_string_addf(name, "%c", fit ? *at : '-');
    }
    return status;
}

static mien_status name_point(mien_study_axes *axes, int point) {
    mien_string name;
    mien_string_init(&name);
    mien_status status = MIEN_OK;
    for (int a = 0; status == MIEN_OK && a < axes->axes; a++) {
        const mien_study_axis *axis = &axes->axis[a];
        status = a ? mien_string_add(&name, "+") : MIEN_OK;
        status = status
                     ? status
                     : name_value(axis,
                           axis->value[mien_study_axes_place(axes, point, a)], &name);
    }
    for (int k = 0; status == MIEN_OK && k < point; k++) {
        if (strcmp(axes->name[k], name.text) == 0) {
            status = mien_string_addf(&name, "-%d", point + 1);
        }
    }
    axes->name[point] = status == MIEN_OK ? mien_strdup(name.text) : NULL;
    mien_string_clear(&name);
    return axes->name[point] ? MIEN_OK : MIEN_ENOMEM;
}

static mien_status name_points(mien_study_axes *axes, const char *path) {
    mien_status status = MIEN_OK;
    axes->points = 1;
    for (int a = 0; a < axes->axes; a++) {
        axes->points *= axes->axis[a].values;
        if (axes->points > MIEN_STUDY_POINTS_MAX) {
            return mien_fail(MIEN_ELIMIT,
                "%s: its lists of values make more than %d runs: name fewer, or search "
                "them (mien search)",
                path, (int)MIEN_STUDY_POINTS_MAX);
        }
    }
    for (int p = 0; status == MIEN_OK && axes->axes && p < axes->points; p++) {
        status = name_point(axes, p);
    }
    return status;
}

mien_status mien_study_axes_read(
    mien_study_axes *axes, const char *path, const char *const *set, int sets) {
    mien_value *tree = NULL;
    *axes = (mien_study_axes){
        .points = 1, .set = mien_alloc((size_t)sets + 1, sizeof *axes->set)};
    const walk w = {axes, set, sets};
    mien_status status = axes->set ? mien_value_read(path, &tree) : MIEN_ENOMEM;
    if (status == MIEN_OK && mien_value_kind_of(tree) == MIEN_VALUE_MAP) {
        status = visit(&w, tree, "");
    }
    for (int i = 0; status == MIEN_OK && i < sets; i++) {
        status = take_set(axes, set[i]);
    }
    mien_value_free(&tree);
    return status == MIEN_OK ? name_points(axes, path) : status;
}

void mien_study_axes_clear(mien_study_axes *axes) {
    for (int a = 0; a < axes->axes; a++) {
        for (int v = 0; v < axes->axis[a].values; v++) {
            mien_free(axes->axis[a].value[v]);
            mien_free(axes->axis[a].set[v]);
        }
    }
    for (int p = 0; p < MIEN_STUDY_POINTS_MAX; p++) {
        mien_free(axes->name[p]);
    }
    mien_free((void *)axes->set);
    *axes = (mien_study_axes){.points = 1};
}
