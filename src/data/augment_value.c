/* SPDX-License-Identifier: MIT */
/* Augmentations as a study's document names them. */
#include "base/need.h"
#include "mien/data.h"

#include <stdio.h>

#define OPTIONS_MAX 16

/* One step while its words are gathered. */
typedef struct step {
    char where[512];
    int count;
    const char *keys[OPTIONS_MAX];
    char *texts[OPTIONS_MAX];
} step;

static void place(const mien_value *value, char where[512]) {
    const char *file = mien_value_file(value);
    if (mien_value_line(value) > 0) {
        snprintf(where, 512, "%s:%d", file, mien_value_line(value));
    } else {
        snprintf(where, 512, "%s", *file ? file : "augment");
    }
}

static void add_word(const mien_value *value, mien_string *text, bool *known) {
    char number[32];
    switch (mien_value_kind_of(value)) {
    case MIEN_VALUE_BOOL:
        mien_string_add(text, mien_value_bool(value, false) ? "true" : "false");
        break;
    case MIEN_VALUE_INT:
        mien_string_addf(text, "%lld", (long long)mien_value_int(value, 0));
        break;
    case MIEN_VALUE_NUMBER:
        mien_string_add(text, mien_format_double(mien_value_number(value, 0), number));
        break;
    case MIEN_VALUE_TEXT:
        mien_string_add(text, mien_value_text(value));
        break;
    default:
        *known = false;
    }
}

/* A value as the text of an option, a list with commas. */
static mien_status add_option(const char *key, const mien_value *value, step *s) {
    mien_string text;
    bool known = true;
    if (s->count == OPTIONS_MAX) {
        return mien_fail(
            MIEN_EINVAL, "%s: more than %d options", s->where, OPTIONS_MAX);
    }
    mien_string_init(&text);
    if (mien_value_kind_of(value) == MIEN_VALUE_LIST) {
        known = mien_value_count(value) > 0;
        for (int64_t i = 0; i < mien_value_count(value); i++) {
            mien_string_add(&text, i ? "," : "");
            add_word(mien_value_at(value, i), &text, &known);
        }
    } else {
        add_word(value, &text, &known);
    }
    char *taken = known ? mien_string_take(&text) : NULL;
    mien_string_clear(&text);
    if (!known) {
        return mien_fail(MIEN_EINVAL, "%s: %s: neither a value nor a list of values",
            s->where, key ? key : "augmentation");
    }
    if (!taken) {
        return MIEN_ENOMEM;
    }
    s->keys[s->count] = key;
    s->texts[s->count++] = taken;
    return MIEN_OK;
}

/* {rotate: 15} and {rotate: {degrees: 15, p: 0.5}} */
static mien_status gather(const mien_value *value, step *s) {
    mien_status status = MIEN_OK;
    if (mien_value_kind_of(value) == MIEN_VALUE_NULL) {
        return MIEN_OK;
    }
    if (mien_value_kind_of(value) != MIEN_VALUE_MAP) {
        return add_option(NULL, value, s);
    }
    for (int64_t i = 0; status == MIEN_OK && i < mien_value_count(value); i++) {
        status = add_option(mien_value_key(value, i), mien_value_item(value, i), s);
    }
    return status;
}

static mien_status add_step(const mien_value *item, mien_augment *augment) {
    step s = {.count = 0};
    const char *name = mien_value_text(item);
    mien_status status = MIEN_OK;
    place(item, s.where);
    if (!name) {
        if (mien_value_kind_of(item) != MIEN_VALUE_MAP || mien_value_count(item) != 1) {
            return mien_fail(MIEN_EINVAL,
                "%s: an augmentation is a name, or one name with its options", s.where);
        }
        name = mien_value_key(item, 0);
        status = gather(mien_value_item(item, 0), &s);
    }
    if (status == MIEN_OK) {
        status = mien_augment_add(
            augment, s.where, name, s.count, s.keys, (const char *const *)s.texts);
    }
    for (int i = 0; i < s.count; i++) {
        mien_free(s.texts[i]);
    }
    return status;
}

mien_status mien_augment_read(const mien_value *value, mien_augment *augment) {
    MIEN_NEED(value, augment);
    char where[512];
    const char *text = mien_value_text(value);
    const int before = mien_augment_count(augment);
    mien_status status = MIEN_OK;
    place(value, where);
    if (text) {
        return mien_augment_parse(augment, where, text);
    }
    if (mien_value_kind_of(value) == MIEN_VALUE_NULL) {
        return MIEN_OK;
    }
    if (mien_value_kind_of(value) != MIEN_VALUE_LIST) {
        return mien_fail(MIEN_EINVAL, "%s: augmentations are a list, or a text", where);
    }
    for (int64_t i = 0; status == MIEN_OK && i < mien_value_count(value); i++) {
        status = add_step(mien_value_at(value, i), augment);
    }
    if (status != MIEN_OK) {
        mien_augment_cut(augment, before);
    }
    return status;
}
