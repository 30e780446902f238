/* SPDX-License-Identifier: MIT */
/* The inside of an open film. film_open.c fills it, film.c plays it. */
#ifndef MIEN_MEDIA_FILM_H
#define MIEN_MEDIA_FILM_H

#include "media/container.h"
#include "media/frame.h"
#include "media/packets.h"
#include "mien/media.h"

/** A decoded frame and when it is shown. */
typedef struct mien_shown {
    AVFrame *frame;
    int64_t us;
    bool filled;
} mien_shown;

struct mien_film {
    mien_ffmpeg ffmpeg;
    char *path;
    mien_film_options options;
    mien_film_info info;
    mien_samples samples;
    mien_container file;
    AVCodecContext *codec;
    AVStream *stream;
    int64_t origin_us; /**< the container's time at the film's start */
    int orientation;   /**< EXIF number of the display matrix */
    bool picky;        /**< not every frame is wanted */
    bool skips_nonref; /**< decoder leaves out frames that no other frame needs */
    bool intra_only;   /**< no frame needs another */

    mien_packets packets;
    AVPacket *incoming;
    int64_t last_dts;         /**< of the last packet read, in the stream's time base */
    int64_t resume_us;        /**< after a failed seek: packets up to here were seen */
    int64_t key_us;           /**< of the key frame that a flush goes on with */
    int64_t ignore_before_us; /**< after a jump: frames that lack what they refer to */
    bool can_leap;            /**< seeking has not failed yet */
    bool sent_any, sent_since_flush, flushing, finished;
    bool cut; /**< the file ends before its film */

    mien_shown current, next;
    int64_t last_us;     /**< of the last frame decoded */
    int64_t duration_us; /**< of the last frame decoded */
    int64_t end_us;      /**< of the film, known when finished */
    int64_t over_us;     /**< where what was given ends, once all is */
    int64_t
        packets_end_us; /**< latest end of a packet read; INT64_MIN: none has a time */
    int64_t end_us_least; /**< a frame known to be shown then, though not decoded */
    int64_t sample;       /**< the next one to give */
    int64_t interlaced;   /**< images made of one field of a frame */
    int64_t damaged;
    bool damage_logged;

    mien_frame_converter converter;
    uint8_t *full, *small; /**< before shrinking, before turning */
    uint16_t *sums;
    size_t full_size, small_size, sums_size;
    mien_tensor *image;
    int64_t image_us; /**< which frame `image` holds; INT64_MIN: none */
};

/** Microseconds from the film's start; INT64_MIN for AV_NOPTS_VALUE. */
int64_t mien_film_us(const mien_film *film, int64_t timestamp);

#endif
