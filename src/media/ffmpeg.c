/* SPDX-License-Identifier: MIT */
/* FFmpeg, loaded when the first film or odd picture asks for it. */
#include "media/ffmpeg.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include <libavutil/log.h>

#include "base/library.h"

#define TEXT_OF_(x) #x
#define TEXT_OF(x) TEXT_OF_(x)
#define SONAME(name, major) "lib" name ".so." TEXT_OF(major)

enum { avutil, swresample, avcodec, avformat, swscale, LIBRARIES };

static const char *const sonames[LIBRARIES] = {
    [avutil] = SONAME("avutil", LIBAVUTIL_VERSION_MAJOR),
    [swresample] = SONAME("swresample", LIBSWRESAMPLE_VERSION_MAJOR),
    [avcodec] = SONAME("avcodec", LIBAVCODEC_VERSION_MAJOR),
    [avformat] = SONAME("avformat", LIBAVFORMAT_VERSION_MAJOR),
    [swscale] = SONAME("swscale", LIBSWSCALE_VERSION_MAJOR),
};

static const struct entry {
    int library;
    mien_symbol symbol;
} entries[] = {
#define X(library, function) {library, {#function, offsetof(mien_ffmpeg, function)}},
#include "media/ffmpeg.def"
#undef X
};

static const char needed_for[] = "films and this picture format need FFmpeg";

static _Thread_local struct {
    const void *about;
    int64_t errors;
} listening;

/* Receives FFmpeg's messages; they go through mien_fail and mien_log. */
static void hear(void *about, int level, const char *format, va_list values) {
    (void)format;
    (void)values;
    if (about && about == listening.about && level <= AV_LOG_ERROR) {
        listening.errors++;
    }
}

void mien_ffmpeg_listen(const void *about) {
    listening.about = about;
    listening.errors = 0;
}

int64_t mien_ffmpeg_heard(void) {
    listening.about = NULL;
    return listening.errors;
}

/* Loads the functions of one library that are called. */
static mien_status load(int library, mien_ffmpeg *found) {
    mien_symbol symbols[sizeof entries / sizeof entries[0]];
    size_t count = 0;
    for (size_t i = 0; i < sizeof entries / sizeof entries[0]; i++) {
        if (entries[i].library == library) {
            symbols[count++] = entries[i].symbol;
        }
    }
    return mien_library_load(sonames[library], needed_for, symbols, count, found);
}

mien_status mien_ffmpeg_load(mien_ffmpeg *ffmpeg) {
    mien_ffmpeg found;
    mien_status status = MIEN_OK;
    /* from the top: libavformat brings the others, of matching versions, with it */
    for (int l = LIBRARIES - 1; l >= 0 && status == MIEN_OK; l--) {
        status = load(l, &found);
    }
    if (status == MIEN_OK) {
        found.av_log_set_level(AV_LOG_QUIET);
        found.av_log_set_callback(hear);
        *ffmpeg = found;
    }
    return status;
}

mien_status mien_ffmpeg_fail(const mien_ffmpeg *ffmpeg, mien_status status, int error,
    const char *name, const char *what) {
    char text[AV_ERROR_MAX_STRING_SIZE];
    if (error == AVERROR(ENOMEM)) {
        status = MIEN_ENOMEM;
    }
    ffmpeg->av_strerror(error, text, sizeof(text));
    return mien_fail(status, "%s: %s: %s", name, what, text);
}
