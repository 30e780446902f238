/* SPDX-License-Identifier: MIT */
/* Keys of a contract, written and read one by one. */
#include "models/contract/json_fields.h"

#include <math.h>
#include <string.h>

mien_value *mien_maker_numbers(const double *numbers, int count) {
    mien_value *list = mien_value_new_list();
    for (int i = 0; list && i < count; i++) {
        if (mien_value_add(list, mien_value_new_number(numbers[i])) != MIEN_OK) {
            mien_value_free(&list);
        }
    }
    return list;
}

mien_maker mien_maker_new(void) {
    mien_value *value = mien_value_new_map();
    return (mien_maker){value, value ? MIEN_OK : MIEN_ENOMEM};
}

void mien_maker_set(mien_maker *m, const char *key, mien_value *item) {
    if (m->status == MIEN_OK) {
        m->status = mien_value_set(m->value, key, item);
    } else {
        mien_value_free(&item);
    }
}

mien_value *mien_maker_take(mien_maker *m) {
    if (m->status != MIEN_OK) {
        mien_value_free(&m->value);
    }
    return m->value;
}

void mien_json_field_bad(mien_json_fields *r, const char *key, const char *allowed) {
    if (r->status == MIEN_OK) {
        r->status = mien_fail(
            MIEN_EFORMAT, "contract: \"%s\" is missing or not %s", key, allowed);
    }
}

void mien_json_field_text(mien_json_fields *r, const mien_value *map, const char *key,
    char *out, size_t size) {
    const char *text = mien_value_text(mien_value_get(map, key));
    if (!text || strlen(text) >= size) {
        mien_json_field_bad(r, key, "a text of the allowed length");
        return;
    }
    strcpy(out, text);
}

int64_t mien_json_field_int(mien_json_fields *r, const mien_value *map, const char *key,
    int64_t low, int64_t high) {
    const mien_value *value = mien_value_get(map, key);
    int64_t i = mien_value_int(value, low);
    if (!value || mien_value_kind_of(value) != MIEN_VALUE_INT || i < low || i > high) {
        mien_json_field_bad(r, key, "a whole number in its range");
        return low;
    }
    return i;
}

bool mien_json_field_bool(mien_json_fields *r, const mien_value *map, const char *key) {
    const mien_value *value = mien_value_get(map, key);
    if (!value || mien_value_kind_of(value) != MIEN_VALUE_BOOL) {
        mien_json_field_bad(r, key, "true or false");
        return false;
    }
    return mien_value_bool(value, false);
}

void mien_json_field_numbers(mien_json_fields *r, const mien_value *map,
    const char *key, double *out, int count) {
    const mien_value *list = mien_value_get(map, key);
    bool good = list && mien_value_kind_of(list) == MIEN_VALUE_LIST &&
                mien_value_count(list) == count;
    for (int i = 0; good && i < count; i++) {
        out[i] = mien_value_number(mien_value_at(list, i), NAN);
        good = isfinite(out[i]);
    }
    if (!good) {
        mien_json_field_bad(r, key, "a list of that many numbers");
    }
}

double mien_json_field_number(
    mien_json_fields *r, const mien_value *map, const char *key) {
    double number = mien_value_number(mien_value_get(map, key), NAN);
    if (!isfinite(number)) {
        mien_json_field_bad(r, key, "a number");
    }
    return number;
}
