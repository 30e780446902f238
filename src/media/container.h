/* SPDX-License-Identifier: MIT */
/* The file of a film or sound opened by FFmpeg, and no other file with it. */
#ifndef MIEN_MEDIA_CONTAINER_H
#define MIEN_MEDIA_CONTAINER_H

#include "media/ffmpeg.h"

typedef struct mien_container {
    AVFormatContext *format;
    AVIOContext *bytes;
    int64_t asked;     /**< other files that the demuxer wanted to open */
    int64_t damaged;   /**< errors within what was read while opening */
    bool is_truncated; /**< its head tells of more bytes than there are (Matroska) */
} mien_container;

/**
 * Opens the regular file at path, with its streams' parameters found.
 *
 * Playlists and other files that make FFmpeg open files of their own choice are refused
 * by name, before they are read as such where the demuxer is known for it.
 *
 * @param what "a film": what a file of something else is not, in words.
 * @return MIEN_OK; MIEN_EIO; MIEN_EFORMAT (not what); MIEN_EUNSUPPORTED (a playlist);
 *         MIEN_ENOMEM; MIEN_EINTERRUPTED. All texts name the path. On failure the
 *         container still wants mien_container_close().
 */
mien_status mien_container_open(const mien_ffmpeg *ffmpeg, const char *path,
    const char *what, mien_container *container);
/** Takes one that was never opened (zeros), too. */
void mien_container_close(const mien_ffmpeg *ffmpeg, mien_container *container);

/** A time of a stream as microseconds of the container's clock; INT64_MIN for
 * AV_NOPTS_VALUE. */
int64_t mien_stream_us(
    const mien_ffmpeg *ff, const AVStream *stream, int64_t timestamp);

/** Zero of the film's clock on the container's: the earliest stream's start, as players
 * show it. Files whose clock starts at zero sometimes begin with a little sound before
 * it. `video` may be NULL. */
int64_t mien_container_origin_us(
    const mien_ffmpeg *ff, const AVFormatContext *container, const AVStream *video);

/** Whether a Matroska file's head says that its segment ends behind `size` bytes. */
bool mien_matroska_is_truncated(const uint8_t *head, size_t count, uint64_t size);

#endif
