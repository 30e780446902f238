/* SPDX-License-Identifier: MIT */
/* Reads a study: YAML to dotted keys, keys to checked values. */
#include "train/study.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { KEY_MAX = 256, WHERE_MAX = 4200 };

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

static const mien_option *key_row(const char *key) {
    for (const mien_option *o = mien_study_keys; o->name; o++) {
        if (strcmp(o->name, key) == 0) {
            return o;
        }
    }
    return NULL;
}

static mien_status set_tree(
    mien_options *options, const char *file, const mien_value *value, const char *key) {
    char where[WHERE_MAX], longer[KEY_MAX];
    mien_status status = MIEN_OK;
    snprintf(where, sizeof where, "%s:%d", file, mien_value_line(value));
    if (mien_value_kind_of(value) == MIEN_VALUE_MAP) {
        for (int64_t i = 0; status == MIEN_OK && i < mien_value_count(value); i++) {
            int length = snprintf(longer, sizeof longer, "%s%s%s", key, *key ? "." : "",
                mien_value_key(value, i));
            status = length < KEY_MAX
                         ? set_tree(options, file, mien_value_item(value, i), longer)
                         : mien_fail(MIEN_ELIMIT, "%s: a key longer than %d characters",
                               where, KEY_MAX - 1);
        }
        return status;
    }
    const mien_option *row = key_row(key);
    if (mien_value_kind_of(value) == MIEN_VALUE_LIST && row) {
        if (row->type != MIEN_OPTION_LIST) {
            return mien_fail(
                MIEN_EFORMAT, "%s: %s: one value is wanted, not a list", where, key);
        }
        for (int64_t i = 0; status == MIEN_OK && i < mien_value_count(value); i++) {
            status = set_scalar(options, mien_value_at(value, i), where, key);
        }
        return status;
    }
    if (!row || mien_value_kind_of(value) == MIEN_VALUE_NULL) {
        /* also an empty unknown key must be told */
        return row ? MIEN_OK : mien_options_set(options, where, key, "");
    }
    return set_scalar(options, value, where, key);
}

static mien_status set_overrides(
    mien_options *options, const char *const *set, int count) {
    for (int i = 0; i < count; i++) {
        const char *equals = strchr(set[i], '=');
        char key[KEY_MAX];
        if (!equals || equals - set[i] >= KEY_MAX) {
            return mien_fail(
                MIEN_EINVAL, "--set %s: not of the form key=value", set[i]);
        }
        snprintf(key, sizeof key, "%.*s", (int)(equals - set[i]), set[i]);
        const mien_option *row = key_row(key);
        /* a list is replaced as a whole: items are separated by ; */
        mien_status status = MIEN_OK;
        if (!row || row->type != MIEN_OPTION_LIST) {
            status = mien_options_set(options, "--set", key, equals + 1);
        } else {
            char *text = mien_strdup(equals + 1);
            status = text ? mien_options_clear(options, key) : MIEN_ENOMEM;
            for (char *item = text; status == MIEN_OK && item;) {
                char *end = strchr(item, ';');
                if (end) {
                    *end = 0;
                }
                status = mien_options_set(options, "--set", key, item);
                item = end ? end + 1 : NULL;
            }
            mien_free(text);
        }
        if (status != MIEN_OK) {
            return status;
        }
    }
    return MIEN_OK;
}

/* Cuts the newline-joined items of a list key, trimmed, into at most `most` new
 * strings. */
static mien_status take_items(
    const mien_study *s, const char *key, char **items, int most, int *count) {
    const char *text = mien_options_text(s->options, key);
    *count = 0;
    while (text && *text) {
        size_t length = strcspn(text, "\n");
        const char *next = text[length] ? text + length + 1 : NULL;
        while (length && isspace((unsigned char)*text)) {
            text++;
            length--;
        }
        while (length && isspace((unsigned char)text[length - 1])) {
            length--;
        }
        if (*count == most || length == 0) {
            return mien_fail(MIEN_EFORMAT, "%s: %s: %s", s->path, key,
                length ? "too many items" : "an empty item");
        }
        items[*count] = mien_strndup(text, length);
        if (!items[*count]) {
            return MIEN_ENOMEM;
        }
        ++*count;
        text = next;
    }
    return MIEN_OK;
}

static mien_status take_gammas(mien_study *s) {
    char *items[MIEN_STUDY_GAMMAS_MAX] = {0};
    int count = 0;
    mien_status status =
        take_items(s, "readout.gamma", items, MIEN_STUDY_GAMMAS_MAX, &count);
    for (int i = 0; status == MIEN_OK && i < count; i++) {
        if (!mien_parse_number(items[i], &s->gammas[i]) || !(s->gammas[i] >= 0) ||
            s->gammas[i] > 100) {
            status = mien_fail(MIEN_EFORMAT,
                "%s: readout.gamma: \"%s\" is not a number from 0 to 100", s->path,
                items[i]);
        }
        s->gammas_count++;
    }
    for (int i = 0; i < count; i++) {
        mien_free(items[i]);
    }
    return status;
}

static mien_status take_lambdas(mien_study *s) {
    double low = mien_options_number(s->options, "readout.lambda.smallest");
    double high = mien_options_number(s->options, "readout.lambda.largest");
    int steps = (int)mien_options_int(s->options, "readout.lambda.steps");
    if (high < low) {
        return mien_fail(MIEN_EFORMAT,
            "%s: readout.lambda: largest (%g) is below smallest (%g)", s->path, high,
            low);
    }
    for (int i = 0; i < steps; i++) {
        s->lambdas[i] =
            steps > 1 ? low * pow(high / low, (double)i / (steps - 1)) : low;
    }
    s->lambdas_count = steps;
    return MIEN_OK;
}

static mien_status take_picture(mien_study *s) {
    const char *fit = mien_options_text(s->options, "picture.fit");
    mien_preprocess *p = &s->preprocess;
    *p = s->backbone->preprocess();
    p->fit = strcmp(fit, "squash") == 0 ? MIEN_FIT_SQUASH
             : strcmp(fit, "pad") == 0  ? MIEN_FIT_PAD
                                        : MIEN_FIT_SHORT;
    p->size = (int)mien_options_int(s->options, "picture.size");
    p->crop_height = (int)mien_options_int(s->options, "picture.height");
    p->crop_width = (int)mien_options_int(s->options, "picture.width");
    mien_status status =
        mien_resize_parse(mien_options_text(s->options, "picture.resize"), &p->resize);
    if (status == MIEN_OK) {
        status = mien_preprocess_check(p);
    }
    return status == MIEN_OK ? status : mien_fail_in(status, "%s", s->path);
}

static mien_status take_values(mien_study *s) {
    const char *trials = mien_options_text(s->options, "trials");
    if (!trials || !*trials) {
        return mien_fail(MIEN_EFORMAT,
            "%s: the key \"trials\" is missing: the trial table to learn from",
            s->path);
    }
    s->trials = mien_path_join(s->folder, trials);
    mien_status status =
        s->trials ? mien_backbone_find(
                        mien_options_text(s->options, "backbone.name"), &s->backbone)
                  : MIEN_ENOMEM;
    if (status == MIEN_ENOTFOUND) {
        mien_fail_in(status, "%s: backbone.name", s->path);
    }
    if (status == MIEN_OK) {
        status =
            take_items(s, "targets", s->targets, MIEN_TARGETS_MAX, &s->targets_count);
    }
    if (status == MIEN_OK) {
        status = take_items(
            s, "readout.layers", s->layers, MIEN_STUDY_LAYERS_MAX, &s->layers_count);
    }
    if (status == MIEN_OK) {
        status = take_gammas(s);
    }
    if (status == MIEN_OK) {
        status = take_lambdas(s);
    }
    return status == MIEN_OK ? take_picture(s) : status;
}

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
    mien_value *tree = NULL;
    mien_study *s = mien_alloc(1, sizeof *s);
    mien_status status =
        s ? mien_options_new(mien_study_keys, &s->options) : MIEN_ENOMEM;
    if (status != MIEN_OK) {
        goto done;
    }
    s->path = mien_strdup(path);
    s->folder = mien_path_directory(path);
    status = s->path && s->folder ? mien_value_read(path, &tree) : MIEN_ENOMEM;
    if (status == MIEN_OK && mien_value_kind_of(tree) != MIEN_VALUE_MAP) {
        status =
            mien_fail(MIEN_EFORMAT, "%s: a study is a map of keys and values", path);
    }
    if (status == MIEN_OK) {
        status = set_tree(s->options, path, tree, "");
    }
    if (status == MIEN_OK) {
        status = set_overrides(s->options, set, set_count);
    }
    if (status == MIEN_OK) {
        status = default_name(s);
    }
    if (status == MIEN_OK) {
        status = take_values(s);
    }
done:
    mien_value_free(&tree);
    if (status != MIEN_OK) {
        mien_study_close(&s);
        return status == MIEN_EINVAL ? MIEN_EFORMAT : status;
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
    mien_options_free(&s->options);
    mien_free(s->trials);
    mien_free(s->folder);
    mien_free(s->path);
    mien_free(s);
    *study = NULL;
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
    char head[KEY_MAX];
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

mien_status mien_study_write(const mien_study *study, mien_string *out) {
    mien_value *map = mien_value_new_map();
    mien_status status = map ? MIEN_OK : MIEN_ENOMEM;
    for (const mien_option *key = mien_study_keys; status == MIEN_OK && key->name;
         key++) {
        status = put(map, key->name, value_of(study->options, key));
    }
    if (status == MIEN_OK) {
        status = mien_value_write_yaml(map, out);
    }
    mien_value_free(&map);
    return status;
}
