/* SPDX-License-Identifier: MIT */
/* Options of a table's row as one text, "key=value; key=value": what studies and model
 * files keep of inputs, branches, fusions and heads. */
#include <stdio.h>
#include <string.h>

#include "base/need.h"
#include "mien/inputs.h"

/* ---- reading -------------------------------------------------------------------- */

static char *trimmed(char *text) {
    text += strspn(text, " ");
    size_t length = strlen(text);
    while (length > 0 && text[length - 1] == ' ') {
        text[--length] = '\0';
    }
    return text;
}

/* One "key=value". */
static mien_status set_one(mien_options *options, const char *of, char *item) {
    char *equals = strchr(item, '=');
    if (!equals) {
        return mien_fail(MIEN_EINVAL, "%s: \"%s\" is not key=value", of, item);
    }
    *equals = '\0';
    return mien_options_set(options, of, trimmed(item), trimmed(equals + 1));
}

static mien_status set_all(mien_options *options, const char *of, char *next) {
    mien_status status = MIEN_OK;
    while (status == MIEN_OK && next) {
        char *item = next, *end = strchr(next, ';');
        next = end ? end + 1 : NULL;
        if (end) {
            *end = '\0';
        }
        item = trimmed(item);
        status = *item ? set_one(options, of, item) : MIEN_OK;
    }
    return status;
}

mien_status mien_settings_read(const char *of, const mien_option *table,
    const char *text, mien_options **options) {
    MIEN_NEED(of, table, text, options);
    mien_options *made = NULL;
    char *copy = mien_strdup(text);
    mien_status status = copy ? mien_options_new(table, &made) : MIEN_ENOMEM;
    if (status == MIEN_OK) {
        status = set_all(made, of, copy);
    }
    mien_free(copy);
    if (status != MIEN_OK) {
        mien_options_free(&made);
        return status;
    }
    *options = made;
    return MIEN_OK;
}

/* ---- writing -------------------------------------------------------------------- */

/* Writes a value in the one form it has, whatever way it was given. */
static void add_value(
    mien_string *out, const mien_option *option, const mien_options *given) {
    char number[32];
    const char *text = mien_options_text(given, option->name);
    switch (option->type) {
    case MIEN_OPTION_FLAG:
        mien_string_add(out, mien_options_flag(given, option->name) ? "true" : "false");
        break;
    case MIEN_OPTION_INT:
        mien_string_addf(out, "%lld", (long long)mien_options_int(given, option->name));
        break;
    case MIEN_OPTION_NUMBER:
    case MIEN_OPTION_SECONDS:
        mien_string_add(
            out, mien_format_double(mien_options_number(given, option->name), number));
        break;
    case MIEN_OPTION_TEXT:
    case MIEN_OPTION_CHOICE:
    case MIEN_OPTION_LIST:
        mien_string_add(out, text ? text : "");
        break;
    }
}

mien_status mien_settings_write(const char *of, const mien_option *table,
    const mien_options *given, char *text, size_t size) {
    MIEN_NEED(of, table, given, text);
    mien_string out;
    mien_string_init(&out);
    for (int i = 0; table[i].name; i++) {
        mien_string_addf(&out, "%s%s=", i ? "; " : "", table[i].name);
        add_value(&out, &table[i], given);
    }
    mien_status status = mien_string_status(&out);
    if (status == MIEN_OK && out.length >= size) {
        status = mien_fail(
            MIEN_ELIMIT, "%s: its options need more than %zu letters", of, size - 1);
    }
    if (status == MIEN_OK) {
        snprintf(text, size, "%s", out.text ? out.text : "");
    }
    mien_string_clear(&out);
    return status;
}
