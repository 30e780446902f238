/* SPDX-License-Identifier: MIT */
/* The inside of an open sound. sound_open.c fills it, sound.c plays it. */
#ifndef MIEN_MEDIA_SOUND_H
#define MIEN_MEDIA_SOUND_H

#include "media/container.h"
#include "media/ffmpeg.h"
#include "mien/media.h"

/** Samples decoded at once at most, of one channel. */
#define MIEN_SOUND_FRAME_MAX (1 << 24)

struct mien_sound {
    mien_ffmpeg ffmpeg;
    char *path;
    mien_sound_options options;
    mien_sound_info info;
    mien_container file;
    AVCodecContext *codec;
    AVStream *stream;
    AVPacket *packet;
    AVFrame *frame;
    int64_t origin_us; /**< the container's time at the start of the clock */
    int64_t end_us;    /**< by the head; INT64_MAX: unknown */

    int rate_hz;           /**< of what is decoded now */
    SwrContext *resampler; /**< NULL where it is the wanted rate */
    int64_t taken;         /**< samples of rate_hz since `since`, silence included */
    int64_t since;         /**< samples given when rate_hz began */
    int64_t given;         /**< samples at the wanted rate since the clock's zero */
    int64_t silence;       /**< still to be taken before the frame at hand */
    int64_t frame_at;      /**< samples of the frame at hand that were taken */
    bool have_frame, draining, drained, flushed, began;

    float *mono;  /**< a piece of a frame, mixed */
    float *ready; /**< [ready_room] resampled, not yet given */
    int64_t ready_room, ready_count, ready_at;
    int64_t damaged;
    bool damage_logged, cut;
};

/** The mean of the channels of frame samples [first, first + count), in [-1, 1] where
 * the format is of integers; what is no number becomes 0. False for a format there is
 * none for. */
bool mien_sound_mix(const mien_ffmpeg *ff, const AVFrame *frame, int64_t first,
    int64_t count, float *mono);

#endif
