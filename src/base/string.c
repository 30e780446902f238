/* SPDX-License-Identifier: MIT */
/* Growing texts and copies of texts. */
#include "base/need.h"
#include "mien/base.h"

#include <stdio.h>
#include <string.h>

/* The text that an empty mien_string points at: never written, because capacity 0
 * says that it is not allocated. */
static char nothing[1] = "";

void mien_string_init(mien_string *s) {
    MIEN_NEED_OR(, s);
    *s = (mien_string){.text = nothing};
}

void mien_string_clear(mien_string *s) {
    MIEN_NEED_OR(, s);
    if (s->capacity > 0) {
        mien_free(s->text);
    }
    mien_string_init(s);
}

void mien_string_empty(mien_string *s) {
    MIEN_NEED_OR(, s);
    s->length = 0;
    s->failed = false;
    if (s->capacity > 0) {
        s->text[0] = '\0';
    }
}

/* Room for `more` bytes and the 0. */
static mien_status grow(mien_string *s, size_t more) {
    if (s->failed) {
        return MIEN_ENOMEM;
    }
    if (more >= SIZE_MAX / 4 - s->length) {
        s->failed = true;
        return mien_fail(MIEN_ENOMEM, "out of memory: a text of %zu bytes", more);
    }
    size_t need = s->length + more + 1;
    if (need <= s->capacity) {
        return MIEN_OK;
    }
    size_t capacity = s->capacity ? s->capacity * 2 : 64;
    capacity = capacity < need ? need : capacity;
    void *old = s->capacity ? s->text : NULL;
    char *text = mien_realloc(old, s->length, capacity, 1);
    if (!text) {
        s->failed = true;
        return MIEN_ENOMEM;
    }
    s->text = text;
    s->capacity = capacity;
    return MIEN_OK;
}

mien_status mien_string_add_n(mien_string *s, const char *bytes, size_t count) {
    MIEN_NEED(s, bytes);
    mien_status status = grow(s, count);
    if (status == MIEN_OK && count > 0) {
        memcpy(s->text + s->length, bytes, count);
    }
    if (status == MIEN_OK) {
        s->length += count;
        s->text[s->length] = '\0';
    }
    return status;
}

mien_status mien_string_add(mien_string *s, const char *text) {
    MIEN_NEED(s, text);
    return mien_string_add_n(s, text, strlen(text));
}

mien_status mien_string_addf(mien_string *s, const char *format, ...) {
    MIEN_NEED(s, format);
    char some[512];
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    int length = vsnprintf(some, sizeof some, format, arguments);
    va_end(arguments);
    mien_status status;
    if (length < 0) {
        s->failed = true;
        status = mien_fail(MIEN_ENOMEM, "cannot format \"%s\"", format);
    } else if ((size_t)length < sizeof some) {
        status = mien_string_add_n(s, some, (size_t)length);
    } else {
        status = grow(s, (size_t)length);
        if (status == MIEN_OK) {
            vsnprintf(s->text + s->length, (size_t)length + 1, format, again);
            s->length += (size_t)length;
        }
    }
    va_end(again);
    return status;
}

mien_status mien_string_status(const mien_string *s) {
    MIEN_NEED(s);
    return s->failed ? mien_fail(MIEN_ENOMEM, "out of memory while making a text")
                     : MIEN_OK;
}

char *mien_string_take(mien_string *s) {
    MIEN_NEED_OR(NULL, s);
    char *text = NULL;
    if (s->failed) {
        mien_string_status(s);
        mien_string_clear(s);
    } else if (s->capacity == 0) {
        text = mien_strdup("");
    } else {
        text = s->text;
        mien_string_init(s);
    }
    return text;
}

char *mien_strdup(const char *text) {
    MIEN_NEED_OR(NULL, text);
    return mien_strndup(text, strlen(text));
}

char *mien_strndup(const char *text, size_t count) {
    MIEN_NEED_OR(NULL, text);
    size_t length = strnlen(text, count);
    char *copy = mien_alloc(length + 1, 1);
    return copy ? memcpy(copy, text, length) : NULL;
}
