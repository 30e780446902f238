/* SPDX-License-Identifier: MIT */
/* Reads a study: YAML to dotted keys, keys to checked values. */
#include "train/study.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { KEY_MAX = 256, WHERE_MAX = MIEN_STUDY_WHERE_MAX };

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
        return mien_fail(
            MIEN_EFORMAT, "%s: %s: one value is wanted, not a list", where, key);
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

static mien_status set_tree(mien_study *s, const mien_value *value, const char *key) {
    char where[WHERE_MAX];
    mien_value_kind kind = mien_value_kind_of(value);
    int row = key_index(key);
    snprintf(where, sizeof where, "%s:%d", s->path, mien_value_line(value));
    if (strcmp(key, "augment") == 0) {
        return set_augment(s, value, key);
    }
    if (row < 0 && kind != MIEN_VALUE_MAP && mien_recipe_section(key) >= 0) {
        return keep_extra(s, value, where, key);
    }
    if (kind == MIEN_VALUE_MAP &&
        (mien_value_count(value) > 0 || (row < 0 && is_section(key)))) {
        return set_map(s, value, where, key);
    }
    if (row < 0) {
        /* "picture:" with nothing behind it is a section left empty */
        return kind == MIEN_VALUE_NULL && is_section(key)
                   ? MIEN_OK
                   : mien_options_set(s->options, where, key, "");
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

static mien_status set_overrides(mien_study *s, const char *const *set, int count) {
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
        } else if (row < 0 || mien_study_keys[row].type != MIEN_OPTION_LIST) {
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

/* Cuts the newline-joined items of a list key, trimmed, into at most `most` new
 * strings. */
static mien_status take_items(
    const mien_study *s, const char *key, char **items, int most, int *count) {
    const char *text = mien_options_text(s->options, key);
    char where[WHERE_MAX];
    *count = 0;
    while (text && (*text || *count > 0)) { /* "" alone is none */
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
            return length ? mien_fail(MIEN_EFORMAT, "%s: %s: more than %d items",
                                mien_study_where(s, key, where), key, most)
                          : mien_fail(MIEN_EFORMAT, "%s: %s: an empty item",
                                mien_study_where(s, key, where), key);
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

/* An item that stands twice would be counted twice in every choice. */
static mien_status check_items(
    const mien_study *s, const char *key, char *const *items, int count) {
    char where[WHERE_MAX];
    for (int i = 0; i < count; i++) {
        for (int k = 0; k < i; k++) {
            if (strcmp(items[i], items[k]) == 0) {
                return mien_fail(MIEN_EFORMAT, "%s: %s: \"%s\" stands there twice",
                    mien_study_where(s, key, where), key, items[i]);
            }
        }
    }
    return MIEN_OK;
}

static mien_status need_items(const mien_study *s, const char *key, int count) {
    char where[WHERE_MAX];
    return count > 0 ? MIEN_OK
                     : mien_fail(MIEN_EFORMAT, "%s: %s: at least one is wanted",
                           mien_study_where(s, key, where), key);
}

mien_status mien_study_items(
    const mien_study *study, const char *key, char **items, int most, int *count) {
    mien_status status = take_items(study, key, items, most, count);
    return status == MIEN_OK ? check_items(study, key, items, *count) : status;
}

static mien_status take_layers(mien_study *s) {
    mien_status status = take_items(
        s, "readout.layers", s->layers, MIEN_STUDY_LAYERS_MAX, &s->layers_count);
    if (status == MIEN_OK) {
        status = need_items(s, "readout.layers", s->layers_count);
    }
    return status == MIEN_OK
               ? check_items(s, "readout.layers", s->layers, s->layers_count)
               : status;
}

static mien_status take_targets(mien_study *s) {
    mien_status status =
        take_items(s, "targets", s->targets, MIEN_TARGETS_MAX, &s->targets_count);
    return status == MIEN_OK ? check_items(s, "targets", s->targets, s->targets_count)
                             : status;
}

static mien_status take_gammas(mien_study *s) {
    char *items[MIEN_STUDY_GAMMAS_MAX] = {0}, where[WHERE_MAX];
    int count = 0;
    mien_status status =
        take_items(s, "readout.gamma", items, MIEN_STUDY_GAMMAS_MAX, &count);
    if (status == MIEN_OK) {
        status = need_items(s, "readout.gamma", count);
    }
    if (status == MIEN_OK) {
        status = check_items(s, "readout.gamma", items, count);
    }
    for (int i = 0; status == MIEN_OK && i < count; i++) {
        if (!mien_parse_number(items[i], &s->gammas[i]) || !(s->gammas[i] >= 0) ||
            s->gammas[i] > 100) {
            status = mien_fail(MIEN_EFORMAT,
                "%s: readout.gamma: \"%s\" is not a number from 0 to 100",
                mien_study_where(s, "readout.gamma", where), items[i]);
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
        char where[WHERE_MAX];
        return mien_fail(MIEN_EFORMAT,
            "%s: readout.lambda.largest: %g is below readout.lambda.smallest, %g",
            mien_study_where(s, "readout.lambda.largest", where), high, low);
    }
    for (int i = 0; i < steps; i++) {
        s->lambdas[i] =
            steps > 1 ? low * pow(high / low, (double)i / (steps - 1)) : low;
    }
    s->lambdas_count = steps;
    return MIEN_OK;
}

/* Fits that a study may ask for. */
static const struct {
    const char *name;
    mien_fit fit;
} fits[] = {
    {"short", MIEN_FIT_SHORT}, {"squash", MIEN_FIT_SQUASH}, {"pad", MIEN_FIT_PAD}};
enum { FITS = sizeof fits / sizeof *fits, SIZE = 256 };

static mien_status set_default(mien_study *s, const char *key, const char *text) {
    return mien_options_text(s->options, key)
               ? MIEN_OK
               : mien_options_set(s->options, s->path, key, text);
}

/* What the study leaves open is as the backbone was trained. Sizes are of a short side
 * only where there is one. */
static mien_status default_picture(mien_study *s) {
    const mien_preprocess p = s->backbone->preprocess();
    const struct {
        const char *key;
        int value;
    } sizes[] = {{"picture.size", p.size ? p.size : SIZE},
        {"picture.height", p.crop_height}, {"picture.width", p.crop_width}};
    const char *fit = fits[0].name;
    for (int i = 0; i < FITS; i++) {
        fit = fits[i].fit == p.fit ? fits[i].name : fit;
    }
    mien_status status = set_default(s, "picture.fit", fit);
    if (status == MIEN_OK) {
        status = set_default(s, "picture.resize", mien_resize_name(p.resize));
    }
    for (int i = 0; status == MIEN_OK && i < 3; i++) {
        char text[16];
        snprintf(text, sizeof text, "%d", sizes[i].value);
        status = set_default(s, sizes[i].key, text);
    }
    return status;
}

static mien_status take_picture(mien_study *s) {
    if (s->kind == MIEN_STUDY_FEATURES) {
        return MIEN_OK;
    }
    mien_preprocess *p = &s->preprocess;
    *p = s->backbone->preprocess();
    mien_status status = default_picture(s);
    if (status != MIEN_OK) {
        return status;
    }
    for (int i = 0; i < FITS; i++) {
        if (strcmp(mien_options_text(s->options, "picture.fit"), fits[i].name) == 0) {
            p->fit = fits[i].fit;
        }
    }
    p->size = (int)mien_options_int(s->options, "picture.size");
    p->crop_height = (int)mien_options_int(s->options, "picture.height");
    p->crop_width = (int)mien_options_int(s->options, "picture.width");
    status =
        mien_resize_parse(mien_options_text(s->options, "picture.resize"), &p->resize);
    if (status == MIEN_OK) {
        status = mien_preprocess_check(p);
    }
    if (status != MIEN_OK) {
        return mien_fail_in(status, "%s", s->path);
    }
    int smaller = p->crop_height < p->crop_width ? p->crop_height : p->crop_width;
    if (p->fit == MIEN_FIT_SHORT && p->size < smaller) {
        char where[WHERE_MAX];
        return mien_fail(MIEN_EFORMAT,
            "%s: picture.size: %d is less than the crop of %d x %d: every picture "
            "would "
            "have a black border",
            mien_study_where(s, "picture.size", where), p->size, p->crop_height,
            p->crop_width);
    }
    return MIEN_OK;
}

static mien_status take_backbone(mien_study *s) {
    char where[WHERE_MAX];
    if (s->kind == MIEN_STUDY_FEATURES) {
        return MIEN_OK;
    }
    mien_status status = mien_backbone_find(
        mien_options_text(s->options, "backbone.name"), &s->backbone);
    return status == MIEN_OK ? status
                             : mien_fail_in(status, "%s: backbone.name",
                                   mien_study_where(s, "backbone.name", where));
}

/* A text that the model's contract has room for. */
static mien_status check_length(const mien_study *s, const char *key, size_t room) {
    char where[WHERE_MAX];
    return strlen(mien_options_text(s->options, key)) < room
               ? MIEN_OK
               : mien_fail(MIEN_EFORMAT, "%s: %s: longer than %zu bytes",
                     mien_study_where(s, key, where), key, room - 1);
}

static mien_status take_trials(mien_study *s) {
    const char *trials = mien_options_text(s->options, "trials");
    if (!trials || !*trials) {
        return mien_fail(MIEN_EFORMAT,
            "%s: the key \"trials\" is missing: the trial table to learn from",
            s->path);
    }
    s->trials = mien_path_join(s->folder, trials);
    return s->trials ? MIEN_OK : MIEN_ENOMEM;
}

static mien_status take_texts(mien_study *s) {
    mien_readout *room = NULL;
    mien_status status = check_length(s, "model.licence", sizeof room->licence);
    return status == MIEN_OK ? check_length(s, "model.citation", sizeof room->citation)
                             : status;
}

/* Where a key that has no say here would have one. */
static const char *place_of(const mien_study *s, const char *key) {
    if (!mien_study_key_of(key, MIEN_STUDY_PICTURES) &&
        !mien_study_key_of(key, MIEN_STUDY_FEATURES)) {
        return "only with method: readout";
    }
    if (!s->network) {
        return "only with method: network";
    }
    return s->kind == MIEN_STUDY_FEATURES
               ? "only of studies on pictures; this one has inputs of features"
               : "only of studies on features, which have the key inputs";
}

/* A key of another kind of study would be read and have no say. */
static mien_status check_method(mien_study *s) {
    char where[WHERE_MAX];
    const char *inputs = mien_options_text(s->options, "inputs");
    s->network = strcmp(mien_options_text(s->options, "method"), "network") == 0;
    s->kind = !s->network         ? MIEN_STUDY_READOUT
              : inputs && *inputs ? MIEN_STUDY_FEATURES
                                  : MIEN_STUDY_PICTURES;
    for (int i = 0; mien_study_keys[i].name; i++) {
        const char *key = mien_study_keys[i].name;
        if (s->lines[i] && !mien_study_key_of(key, s->kind)) {
            return mien_fail(MIEN_EFORMAT, "%s: %s: %s",
                mien_study_where(s, key, where), key, place_of(s, key));
        }
    }
    return MIEN_OK;
}

/* What stands under "model" without being a key is an option of a network on features;
 * elsewhere it is a slip. */
static mien_status check_extras(mien_study *s) {
    char where[WHERE_MAX];
    for (int i = 0; i < s->extras && s->kind != MIEN_STUDY_FEATURES; i++) {
        const mien_study_extra *e = &s->extra[i];
        if (mien_recipe_section(e->key) == MIEN_RECIPE_MODEL) {
            snprintf(
                where, sizeof where, e->line < 0 ? "--set" : "%s:%d", s->path, e->line);
            s->bad_set = e->line < 0;
            return mien_options_set(s->options, where, e->key, "");
        }
    }
    return MIEN_OK;
}

/* Beyond the deal by groups the read-out would need choices that it does not make. */
static mien_status take_recipe(mien_study *s) {
    if (s->network) {
        return mien_recipe_take(s);
    }
    if (s->extras) {
        return mien_fail(MIEN_EFORMAT, "%s:%d: %s: only with method: network", s->path,
            s->extra[0].line, s->extra[0].key);
    }
    return MIEN_OK;
}

static mien_status take_values(mien_study *s) {
    static mien_status (*const takers[])(mien_study *) = {check_method, check_extras,
        take_trials, mien_recipe_inputs, take_backbone, take_targets, take_layers,
        take_gammas, take_lambdas, take_picture, take_texts, take_recipe};
    mien_status status = MIEN_OK;
    for (size_t i = 0; status == MIEN_OK && i < sizeof takers / sizeof *takers; i++) {
        status = takers[i](s);
    }
    return status;
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

static mien_status read_study(mien_study *s, const char *path) {
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
        status = set_tree(s, tree, "");
    }
    mien_value_free(&tree);
    /* what an option refuses is the file's fault here, not the caller's */
    return status == MIEN_EINVAL ? MIEN_EFORMAT : status;
}

mien_status mien_study_open(
    const char *path, const char *const *set, int set_count, mien_study **study) {
    mien_study *s = mien_alloc(1, sizeof *s);
    mien_status status = s ? read_study(s, path) : MIEN_ENOMEM;
    if (status == MIEN_OK) {
        status = set_overrides(s, set, set_count);
    }
    if (status == MIEN_OK) {
        status = default_name(s);
    }
    if (status == MIEN_OK) {
        status = take_values(s);
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

/* The options of a row beside its name. */
static mien_status put_section(const mien_study *study, int section, mien_value *map) {
    const mien_recipe *r = &study->recipe;
    mien_status status = MIEN_OK;
    for (const mien_option *key = r->table[section];
         status == MIEN_OK && key && key->name; key++) {
        char name[KEY_MAX];
        snprintf(
            name, sizeof name, "%s.%s", mien_recipe_section_name(section), key->name);
        if (mien_options_text(r->given[section], key->name)) {
            status = put(map, name, value_of(r->given[section], key));
        }
    }
    return status;
}

mien_status mien_study_write(const mien_study *study, mien_string *out) {
    mien_value *map = mien_value_new_map();
    mien_status status = map ? MIEN_OK : MIEN_ENOMEM;
    for (const mien_option *key = mien_study_keys; status == MIEN_OK && key->name;
         key++) {
        if (mien_study_key_of(key->name, study->kind)) {
            status = put(map, key->name, value_of(study->options, key));
        }
    }
    for (int i = 0; status == MIEN_OK && i < MIEN_RECIPE_SECTIONS; i++) {
        status = put_section(study, i, map);
    }
    if (status == MIEN_OK) {
        status = mien_value_write_yaml(map, out);
    }
    mien_value_free(&map);
    return status;
}
