/* SPDX-License-Identifier: MIT */
/* The one place the library's messages pass through. */
#include "mien/base.h"

#include <stdio.h>

static void to_stderr(
    void *context, mien_log_level level, const char *room, const char *text) {
    (void)context;
    if (level <= MIEN_LOG_WARN) {
        fprintf(stderr, "mien: %s: %s: %s\n",
            level == MIEN_LOG_ERROR ? "error" : "warning", room, text);
    }
}

static mien_log_sink *log_sink = to_stderr;
static void *log_context;

void mien_log_set(mien_log_sink *sink, void *context) {
    log_sink = sink;
    log_context = context;
}

void mien_log(mien_log_level level, const char *room, const char *format, ...) {
    if (!log_sink || !format) {
        return;
    }
    char small[4096], *large = NULL;
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(small, sizeof small, format, arguments);
    va_end(arguments);
    if (length < 0) {
        small[0] = '\0';
    } else if ((size_t)length >= sizeof small) {
        large = mien_alloc((size_t)length + 1, 1); /* else the beginning has to do */
    }
    if (large) {
        va_start(arguments, format);
        vsnprintf(large, (size_t)length + 1, format, arguments);
        va_end(arguments);
    }
    log_sink(log_context, level, room ? room : "", large ? large : small);
    mien_free(large);
}
