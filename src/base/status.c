/* SPDX-License-Identifier: MIT */
/* Status names and the calling thread's error text. */
#include "base/need.h"

#include <stdio.h>
#include <string.h>

#define TEXT_MAX 4096

static _Thread_local char error_text[TEXT_MAX];

const char *mien_status_name(mien_status status) {
    switch (status) {
    case MIEN_OK:
        return "ok";
    case MIEN_EINVAL:
        return "invalid argument";
    case MIEN_ENOMEM:
        return "out of memory";
    case MIEN_EIO:
        return "input/output error";
    case MIEN_EFORMAT:
        return "format error";
    case MIEN_ESHAPE:
        return "shape error";
    case MIEN_ENOTFOUND:
        return "not found";
    case MIEN_EUNSUPPORTED:
        return "unsupported";
    case MIEN_ELIMIT:
        return "over the limit";
    case MIEN_EINTERRUPTED:
        return "interrupted";
    case MIEN_EVERIFY:
        return "verification failed";
    case MIEN_ENETWORK:
        return "network error";
    case MIEN_EINTERNAL:
        return "internal error";
    case MIEN_END:
        return "end";
    case MIEN_ENUMBER:
        return "not a finite number";
    }
    return "unknown status";
}

/* Cuts an unfinished UTF-8 sequence that truncation left at the end. */
static void trim_utf8(char *text) {
    size_t length = strlen(text), start = length;
    while (start > 0 && ((unsigned char)text[start - 1] & 0xC0) == 0x80) {
        start--;
    }
    if (start == 0) {
        return;
    }
    unsigned char lead = (unsigned char)text[start - 1];
    size_t want = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC0 ? 2 : 1;
    if (lead >= 0xC0 && length - (start - 1) < want) {
        text[start - 1] = '\0';
    }
}

/* Arguments may point into the old text, so the new one is made beside it. */
static void put(const char *after, const char *format, va_list arguments) {
    char text[TEXT_MAX];
    int length = format ? vsnprintf(text, sizeof text, format, arguments) : -1;
    if (length < 0) {
        length = 0;
        text[0] = '\0';
    }
    if (after && (size_t)length < sizeof text) {
        snprintf(text + length, sizeof text - (size_t)length, ": %s", after);
    }
    if (strlen(text) == sizeof text - 1) {
        trim_utf8(text);
    }
    memcpy(error_text, text, strlen(text) + 1);
}

mien_status mien_fail(mien_status status, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    put(NULL, format, arguments);
    va_end(arguments);
    return status;
}

mien_status mien_fail_in(mien_status status, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    put(error_text, format, arguments);
    va_end(arguments);
    return status;
}

const char *mien_error(void) {
    return error_text;
}

mien_status mien_need_failed(const char *function, const char *names, int index) {
    while (index > 0) {
        index -= *names++ == ',';
    }
    names += *names == ' ';
    return mien_fail(
        MIEN_EINVAL, "%s(): %.*s is NULL", function, (int)strcspn(names, " ,"), names);
}
