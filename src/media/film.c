/* SPDX-License-Identifier: MIT */
/* Plays a film: frames in the order they are shown, the right one for each sample time.
 */
#include "media/film.h"

#include "base/need.h"
#include "media/deinterlace.h"
#include "media/film_feed.h"
#include "media/film_notes.h"
#include "media/orientation.h"
#include "media/shrink.h"

#include <errno.h>

/* How long a frame is shown of which nothing tells: FFmpeg's guess for raw streams. */
#define SHOWN_US 40000

static void log_damage(mien_film *film) {
    if (!film->damage_logged) {
        film->damage_logged = true;
        mien_log(MIEN_LOG_WARN, "media", "%s: damaged near %.3f s, going on after it",
            film->path, film->last_us == INT64_MIN ? 0 : (double)film->last_us / 1e6);
    }
}

static void count_damage(mien_film *film) {
    film->damaged++;
    log_damage(film);
}

/* How long a frame is shown: as it says, else as frames are shown on average, else as
 * long as the one before it, else up to the end that the header tells. */
static int64_t frame_duration_us(
    const mien_film *film, const AVFrame *frame, int64_t us) {
#if LIBAVUTIL_VERSION_INT >= AV_VERSION_INT(57, 30, 100)
    int64_t duration = frame->duration;
#else
    int64_t duration = frame->pkt_duration;
#endif
    if (duration > 0) {
        return film->ffmpeg.av_rescale_q(
            duration, film->stream->time_base, (AVRational){1, 1000000});
    }
    if (film->info.rate_hz > 0) {
        return (int64_t)(1e6 / film->info.rate_hz + 0.5);
    }
    if (film->duration_us > 0) {
        return film->duration_us;
    }
    int64_t left_us = (int64_t)(film->info.duration_s * 1e6) - us;
    return left_us > 0 ? left_us : SHOWN_US;
}

/* Sets the time of a decoded frame. False if it is not to be shown: damaged, out of
 * order, or left without the frames it refers to by a jump. */
static bool accept_frame(mien_film *film, mien_shown *out) {
    const AVFrame *frame = out->frame;
    int64_t us = mien_film_us(film, frame->best_effort_timestamp);
    if (us == INT64_MIN) {
        us = film->last_us == INT64_MIN ? 0 : film->last_us + film->duration_us;
    }
    if (us < film->ignore_before_us) {
        return false;
    }
    if (frame->decode_error_flags || (frame->flags & AV_FRAME_FLAG_CORRUPT) ||
        us < film->last_us) {
        count_damage(film);
        return false;
    }
    film->duration_us = frame_duration_us(film, frame, us);
    film->last_us = us;
    film->end_us = us + film->duration_us;
    out->us = us;
    out->filled = true;
    return true;
}

/* The next frame in the order of showing; MIEN_END after the last. */
static mien_status fetch(mien_film *film, mien_shown *out) {
    const mien_ffmpeg *ff = &film->ffmpeg;
    for (;;) {
        if (mien_interrupted()) {
            return mien_fail(MIEN_EINTERRUPTED, "%s: stopped", film->path);
        }
        int error = ff->avcodec_receive_frame(film->codec, out->frame);
        if (error >= 0) {
            if (accept_frame(film, out)) {
                return MIEN_OK;
            }
            ff->av_frame_unref(out->frame);
        } else if (error == AVERROR_EOF && film->flushing) {
            ff->avcodec_flush_buffers(film->codec);
            film->flushing = film->sent_since_flush = false;
            film->ignore_before_us = film->key_us;
        } else if (error == AVERROR_EOF) {
            return MIEN_END;
        } else if (error == AVERROR(ENOMEM)) {
            return mien_fail(MIEN_ENOMEM, "%s: out of memory", film->path);
        } else if (error != AVERROR(EAGAIN)) {
            count_damage(film);
        } else if (!film->finished) {
            mien_status status = mien_film_feed(film);
            if (status != MIEN_OK) {
                return status;
            }
            if (film->damaged >
                0) { /* found by the feed, or when the film was opened */
                log_damage(film);
            }
        } else {
            return MIEN_END; /* a decoder that wants more after its end */
        }
    }
}

static mien_status grow(void **memory, size_t *have, size_t want) {
    if (*have < want) {
        mien_free(*memory);
        *have = 0;
        *memory = mien_alloc(want, 1);
        if (!*memory) {
            return MIEN_ENOMEM;
        }
        *have = want;
    }
    return MIEN_OK;
}

/* film->image of this size: kept while frames stay alike. */
static mien_status image_of(mien_film *film, int64_t width, int64_t height) {
    if (film->image && film->image->shape[0] == height &&
        film->image->shape[1] == width) {
        return MIEN_OK;
    }
    mien_tensor_free(&film->image);
    return mien_tensor_new(
        MIEN_U8, 3, (const int64_t[]){height, width, 3}, &film->image);
}

/* Decoded frame → RGB → smaller → upright, each step only if there is something to do.
 */
static mien_status make_image(mien_film *film, const mien_shown *shown) {
    static const uint8_t background[3] = {0, 0, 0};
    const AVFrame *frame = shown->frame;
    int64_t width = frame->width, height = frame->height;
    int factor = mien_shrink_factor(width, height, film->options.short_side);
    int64_t small_w = (width + factor - 1) / factor,
            small_h = (height + factor - 1) / factor;
    bool turned = film->orientation != 1;
    bool swaps = mien_orientation_swaps(film->orientation);
    mien_status status =
        image_of(film, swaps ? small_h : small_w, swaps ? small_w : small_h);
    bool aside = factor > 1 || turned;
    int64_t stride = aside ? mien_frame_stride(width, 3) : width * 3;
    if (status == MIEN_OK && aside) {
        status =
            grow((void **)&film->full, &film->full_size, (size_t)(stride * height));
    }
    if (status == MIEN_OK && factor > 1) {
        status = grow((void **)&film->sums, &film->sums_size,
            (size_t)width * 3 * sizeof(uint16_t));
    }
    if (status == MIEN_OK && factor > 1 && turned) {
        status = grow(
            (void **)&film->small, &film->small_size, (size_t)(small_w * small_h) * 3);
    }
    if (status != MIEN_OK) {
        return mien_fail_in(status, "%s", film->path);
    }
    uint8_t *out = film->image->data;
    uint8_t *full = aside ? film->full : out;
    uint8_t *small = factor == 1 ? full : turned ? film->small : out;
    film->image_us = INT64_MIN;
    if (mien_frame_is_interlaced(frame)) {
        film->interlaced++;
        status = mien_frame_deinterlace(&film->ffmpeg, shown->frame);
        if (status != MIEN_OK) {
            return mien_fail_in(status, "%s", film->path);
        }
    }
    status = mien_frame_to_rgb(&film->ffmpeg, &film->converter, film->path, frame,
        MIEN_FRAME_FAST, background, full, stride);
    if (status != MIEN_OK) {
        return status;
    }
    if (factor > 1) {
        mien_shrink(full, stride, width, height, factor, film->sums, small);
        stride = small_w * 3;
    }
    if (turned) {
        mien_orientation_apply(film->orientation, small, stride, small_w, small_h, out);
    }
    film->image_us = shown->us;
    return MIEN_OK;
}

static mien_status at_the_end(mien_film *film) {
    film->over_us = film->last_us == INT64_MIN ? INT64_MIN : film->end_us;
    if (film->cut) {
        return mien_fail(MIEN_EFORMAT, "%s: the film breaks off at %.3f s", film->path,
            (double)film->end_us / 1e6);
    }
    if (film->last_us == INT64_MIN) {
        return mien_fail(MIEN_EFORMAT, "%s: no %sframe could be decoded", film->path,
            film->options.keyframes ? "key " : "");
    }
    return MIEN_END;
}

static mien_status next_frame(mien_film *film) {
    film->ffmpeg.av_frame_unref(film->current.frame);
    for (;;) {
        mien_status status = fetch(film, &film->current);
        if (status != MIEN_OK) {
            return status == MIEN_END ? at_the_end(film) : status;
        }
        if (film->current.us >= film->samples.end_us) {
            film->over_us = film->samples.end_us;
            return MIEN_END;
        }
        if (film->current.us >= film->samples.start_us) {
            film->image_us = INT64_MIN; /* two frames may carry the same time */
            return make_image(film, &film->current);
        }
        film->ffmpeg.av_frame_unref(film->current.frame);
    }
}

/* `next` becomes `current`. */
static void advance(mien_film *film) {
    mien_shown old = film->current;
    film->current = film->next;
    film->next = old;
    film->ffmpeg.av_frame_unref(film->next.frame);
    film->next.filled = false;
    film->image_us = INT64_MIN;
}

/* Moves on until `current` is the frame shown at time us: the one after it is later. */
static mien_status find_shown(mien_film *film, int64_t us) {
    for (;;) {
        if (film->next.filled && film->current.filled && film->next.us > us) {
            return MIEN_OK;
        }
        if (film->next.filled) {
            advance(film);
        }
        mien_status status = fetch(film, &film->next);
        if (status == MIEN_END) {
            return film->current.filled &&
                           (us < film->end_us || us < film->end_us_least)
                       ? MIEN_OK
                       : at_the_end(film);
        }
        if (status != MIEN_OK) {
            return status;
        }
    }
}

/* The times asked for are over before the film: how long is the last picture shown? */
static mien_status end_of_samples(mien_film *film) {
    int64_t end_us = film->samples.end_us;
    mien_status status = MIEN_OK;
    if (film->over_us == INT64_MIN && film->end_us < end_us) {
        status = mien_film_look_on(film, end_us);
    }
    int64_t known_us = FFMAX(film->packets_end_us, film->end_us);
    film->over_us = known_us < end_us ? known_us : end_us;
    return status == MIEN_OK ? MIEN_END : status;
}

/* The next of the key frames that are wanted. */
static mien_status next_key(mien_film *film) {
    film->ffmpeg.av_frame_unref(film->current.frame);
    mien_status status = fetch(film, &film->current);
    if (status == MIEN_OK) {
        film->image_us = INT64_MIN;
        return make_image(film, &film->current);
    }
    if (status != MIEN_END) {
        return status;
    }
    film->end_us = FFMAX(film->end_us, film->packets_end_us);
    if (film->cut || (film->last_us == INT64_MIN && film->samples.start_us == 0)) {
        return at_the_end(film);
    }
    film->over_us = INT64_MIN;
    return end_of_samples(film);
}

mien_status mien_film_next(
    mien_film *film, const mien_tensor **image, int64_t *time_us, int64_t *sample_us) {
    MIEN_NEED(film, image, time_us, sample_us);
    mien_status status;
    int64_t us = 0;
    if (film->options.keyframes) {
        status = next_key(film);
        us = film->current.us;
    } else if (film->samples.every_s == 0) {
        status = next_frame(film);
        us = film->current.us;
    } else {
        us = mien_sample_at(&film->samples, film->sample);
        status = us == INT64_MAX ? end_of_samples(film) : find_shown(film, us);
        if (status == MIEN_OK && film->image_us != film->current.us) {
            status = make_image(film, &film->current);
        }
        film->sample += status == MIEN_OK;
    }
    if (status == MIEN_OK) {
        *image = film->image;
        *time_us = film->current.us;
        *sample_us = us;
    }
    return status;
}

int64_t mien_film_interlaced(const mien_film *film) {
    return film ? film->interlaced : 0;
}
