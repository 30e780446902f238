/* SPDX-License-Identifier: MIT */
/* JSON to values by jansson, and values to JSON. */
#include "io/text.h"
#include "base/need.h"
#include "io/value.h"

#include <jansson.h>

#include <string.h>

typedef struct reading {
    const char *name;
    int64_t count; /* values made */
    int depth;
} reading;

static mien_status convert(
    reading *r, const json_t *json, const char *file, mien_value **value);

static mien_value *convert_scalar(const json_t *json) {
    switch (json_typeof(json)) {
    case JSON_STRING:
        return mien_value_new_text(json_string_value(json));
    case JSON_INTEGER:
        return mien_value_new_int((int64_t)json_integer_value(json));
    case JSON_REAL:
        return mien_value_new_number(json_real_value(json));
    case JSON_TRUE:
    case JSON_FALSE:
        return mien_value_new_bool(json_is_true(json));
    default:
        return mien_value_new_null();
    }
}

static mien_status convert_items(reading *r, json_t *json, mien_value *value) {
    mien_status status = MIEN_OK;
    mien_value *item = NULL;
    if (json_is_array(json)) {
        for (size_t i = 0; i < json_array_size(json) && status == MIEN_OK; i++) {
            status = convert(r, json_array_get(json, i), value->file, &item);
            status = status == MIEN_OK ? mien_value_add(value, item) : status;
        }
        return status;
    }
    const char *key;
    json_t *child;
    json_object_foreach(json, key, child) {
        status = convert(r, child, value->file, &item);
        status = status == MIEN_OK ? mien_value_set(value, key, item) : status;
        if (status != MIEN_OK) {
            break;
        }
    }
    return status;
}

/* file NULL: the root, which gets the name of its own. */
static mien_status convert(
    reading *r, const json_t *json, const char *file, mien_value **value) {
    if (++r->count > MIEN_VALUE_COUNT_MAX) {
        return mien_fail(
            MIEN_ELIMIT, "%s: more than %d values", r->name, MIEN_VALUE_COUNT_MAX);
    }
    if (r->depth >= MIEN_VALUE_DEPTH_MAX) {
        return mien_fail(MIEN_ELIMIT, "%s: nested deeper than %d levels", r->name,
            MIEN_VALUE_DEPTH_MAX);
    }
    mien_value *made = json_is_object(json)  ? mien_value_new_map()
                       : json_is_array(json) ? mien_value_new_list()
                                             : convert_scalar(json);
    mien_status status = made ? MIEN_OK : MIEN_ENOMEM;
    if (made && file) {
        made->file = file;
    } else if (made) {
        status = mien_value_name_file(made, r->name);
    }
    if (status == MIEN_OK && (json_is_object(json) || json_is_array(json))) {
        r->depth++;
        status = convert_items(r, (json_t *)json, made);
        r->depth--;
    }
    if (status != MIEN_OK) {
        mien_value_free(&made);
        return status;
    }
    *value = made;
    return MIEN_OK;
}

mien_status mien_value_parse_json(
    const char *name, const char *text, size_t length, mien_value **value) {
    MIEN_NEED(name, text, value);
    if (length > MIEN_VALUE_BYTES_MAX) {
        return mien_fail(
            MIEN_ELIMIT, "%s: larger than %zu bytes", name, MIEN_VALUE_BYTES_MAX);
    }
    mien_status status = mien_text_check(name, text, length);
    if (status != MIEN_OK) {
        return status;
    }
    size_t bom = mien_bom_length(text, length);
    json_error_t error;
    json_t *json = json_loadb(
        text + bom, length - bom, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);
    if (!json) {
        return mien_fail(MIEN_EFORMAT, "%s:%d: %s", name,
            error.line > 0 ? error.line : 1, error.text);
    }
    reading r = {.name = name};
    status = convert(&r, json, NULL, value);
    json_decref(json);
    return status;
}

/* ---- writing -------------------------------------------------------------------- */

static void add_break(mien_string *out, bool indent, int depth) {
    if (indent) {
        mien_string_addf(out, "\n%*s", 2 * depth, "");
    }
}

static void add_value(
    mien_string *out, const mien_value *value, bool indent, int depth) {
    bool map = value->kind == MIEN_VALUE_MAP;
    switch (value->kind) {
    case MIEN_VALUE_NULL:
        mien_string_add(out, "null");
        return;
    case MIEN_VALUE_BOOL:
        mien_string_add(out, value->b ? "true" : "false");
        return;
    case MIEN_VALUE_INT:
        mien_string_addf(out, "%lld", (long long)value->i);
        return;
    case MIEN_VALUE_NUMBER:
        mien_json_add_number(out, value->x);
        return;
    case MIEN_VALUE_TEXT:
        mien_json_add_text(out, value->text);
        return;
    case MIEN_VALUE_LIST:
    case MIEN_VALUE_MAP:
        break;
    }
    mien_string_add(out, map ? "{" : "[");
    for (int64_t i = 0; i < value->count; i++) {
        mien_string_add(out, i == 0 ? "" : indent ? "," : ", ");
        add_break(out, indent, depth + 1);
        if (map) {
            mien_json_add_text(out, value->keys[i]);
            mien_string_add(out, ": ");
        }
        add_value(out, value->items[i], indent, depth + 1);
    }
    if (value->count > 0) {
        add_break(out, indent, depth);
    }
    mien_string_add(out, map ? "}" : "]");
}

mien_status mien_value_write_json(
    const mien_value *value, bool indent, mien_string *out) {
    MIEN_NEED(value, out);
    add_value(out, value, indent, 0);
    if (indent) {
        mien_string_add(out, "\n");
    }
    return mien_string_status(out);
}
