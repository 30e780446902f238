/* SPDX-License-Identifier: MIT */
/* FFmpeg, loaded when the first film or odd picture asks for it: its hundred libraries
 * cost 50 ms and 27 MB, which a process that reads one JPEG should not pay. */
#ifndef MIEN_MEDIA_FFMPEG_H
#define MIEN_MEDIA_FFMPEG_H

#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/pixdesc.h>
#include <libswresample/swresample.h>
#include <libswscale/swscale.h>

#include "mien/base.h"

/** One pointer a function, named and typed like it. */
typedef struct mien_ffmpeg {
#define X(library, function) __typeof__(function) *function;
#include "media/ffmpeg.def"
#undef X
} mien_ffmpeg;

/** Fills the table from the libraries of the major versions compiled against (they stay
 * loaded; asking again is cheap). MIEN_EUNSUPPORTED names what is missing. Any thread.
 */
mien_status mien_ffmpeg_load(mien_ffmpeg *ffmpeg);

/** Counts what `about`, an FFmpeg context, logs as errors on this thread from now on:
 * some demuxers step over damage and speak of it nowhere else. */
void mien_ffmpeg_listen(const void *about);
/** Stops counting; the number of errors. */
int64_t mien_ffmpeg_heard(void);

/** mien_fail() with FFmpeg's words for its error; AVERROR(ENOMEM) is MIEN_ENOMEM. */
mien_status mien_ffmpeg_fail(const mien_ffmpeg *ffmpeg, mien_status status, int error,
    const char *name, const char *what);

#endif
