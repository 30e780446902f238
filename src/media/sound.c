/* SPDX-License-Identifier: MIT */
/* Plays a sound: packets to frames, frames to one channel on the film's clock, at the
 * wanted rate, in pieces of bounded size.
 *
 * Time is counted in samples. Where a frame's time stamp says that it begins later than
 * the samples so far reach, silence fills the gap; where earlier, its beginning is left
 * out. Stamps are rounded in some containers and tremble in others, so after the first
 * frame only differences over SLACK_US count. */
#include "media/sound.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/need.h"
#include "media/container.h"

enum { PIECE = 4096, BROKEN_MAX = 64 };
#define SLACK_US 10000
/* A time stamp this far behind the end that the head tells is damage. */
#define BEYOND_US 10000000

static void note_damage(mien_sound *s) {
    s->damaged++;
    if (!s->damage_logged) {
        s->damage_logged = true;
        mien_log(MIEN_LOG_WARN, "media", "%s: damaged sound is left out", s->path);
    }
}

/* ---- packets to frames -------------------------------------------------------- */

/* One more packet of our stream to the decoder, or the end of them. */
static mien_status feed(mien_sound *s) {
    const mien_ffmpeg *ff = &s->ffmpeg;
    for (int broken = 0;;) {
        mien_ffmpeg_listen(s->file.format);
        int error = ff->av_read_frame(s->file.format, s->packet);
        int64_t errors = mien_ffmpeg_heard();
        if (error == AVERROR_EXIT || mien_interrupted()) {
            ff->av_packet_unref(s->packet);
            return mien_fail(MIEN_EINTERRUPTED, "%s: stopped", s->path);
        }
        if (error == AVERROR(ENOMEM)) {
            return mien_fail(MIEN_ENOMEM, "%s: out of memory", s->path);
        }
        if (error == AVERROR_INVALIDDATA && ++broken < BROKEN_MAX) {
            note_damage(s);
            continue;
        }
        if (error < 0) {
            s->cut = error != AVERROR_EOF || errors > 0;
            s->draining = true;
            ff->avcodec_send_packet(s->codec, NULL);
            return MIEN_OK;
        }
        for (; errors > 0; errors--) {
            note_damage(s);
        }
        if (s->packet->stream_index == s->stream->index) {
            if (ff->avcodec_send_packet(s->codec, s->packet) < 0) {
                note_damage(s);
            }
            ff->av_packet_unref(s->packet);
            return MIEN_OK;
        }
        ff->av_packet_unref(s->packet);
    }
}

/* The next frame, or none at the end. */
static mien_status next_frame(mien_sound *s) {
    const mien_ffmpeg *ff = &s->ffmpeg;
    ff->av_frame_unref(s->frame);
    for (;;) {
        int error = ff->avcodec_receive_frame(s->codec, s->frame);
        if (error >= 0) {
            if (s->frame->nb_samples > 0 && s->frame->sample_rate > 0) {
                s->have_frame = true;
                return MIEN_OK;
            }
        } else if (error == AVERROR_EOF) {
            s->drained = true;
            return MIEN_OK;
        } else if (error == AVERROR(ENOMEM)) {
            return mien_fail(MIEN_ENOMEM, "%s: out of memory", s->path);
        } else if (error == AVERROR(EAGAIN) && !s->draining) {
            mien_status status = feed(s);
            if (status != MIEN_OK) {
                return status;
            }
        } else if (error != AVERROR(EAGAIN)) {
            note_damage(s);
            if (s->draining) {
                s->drained = true;
                return MIEN_OK;
            }
        } else {
            s->drained = true;
            return MIEN_OK;
        }
    }
}

/* ---- the wanted rate ---------------------------------------------------------- */

static mien_status ready_room(mien_sound *s, int64_t more) {
    if (s->ready_at > 0) {
        memmove(s->ready, s->ready + s->ready_at,
            (size_t)(s->ready_count - s->ready_at) * sizeof *s->ready);
        s->ready_count -= s->ready_at;
        s->ready_at = 0;
    }
    const int64_t room = s->ready_count + more;
    if (room <= s->ready_room) {
        return MIEN_OK;
    }
    float *ready =
        mien_realloc(s->ready, (size_t)s->ready_room, (size_t)room, sizeof *ready);
    if (!ready) {
        return MIEN_ENOMEM;
    }
    s->ready = ready;
    s->ready_room = room;
    return MIEN_OK;
}

/* The number of samples at the wanted rate that `taken` samples make: sample i
 * stands for time i / rate. */
static int64_t scaled(const mien_sound *s) {
    return s->ffmpeg.av_rescale_q_rnd(s->taken, (AVRational){1, s->rate_hz},
        (AVRational){1, s->info.rate_hz}, AV_ROUND_UP);
}

/* Samples [count] at the rate of the file; NULL and 0 bring out what the resampler
 * holds. */
static mien_status push(mien_sound *s, const float *mono, int64_t count) {
    if (!s->resampler) {
        mien_status status = ready_room(s, count);
        if (status == MIEN_OK && count > 0) {
            memcpy(s->ready + s->ready_count, mono, (size_t)count * sizeof *mono);
            s->ready_count += count;
        }
        return status;
    }
    const int64_t most =
        (count + PIECE) * s->info.rate_hz / s->rate_hz + PIECE; /* and what it holds */
    mien_status status = ready_room(s, most);
    if (status != MIEN_OK) {
        return status;
    }
    uint8_t *to[] = {(uint8_t *)(s->ready + s->ready_count)};
    const uint8_t *from[] = {(const uint8_t *)mono};
    int made = s->ffmpeg.swr_convert(
        s->resampler, to, (int)most, mono ? from : NULL, (int)count);
    if (made < 0) {
        return mien_ffmpeg_fail(
            &s->ffmpeg, MIEN_EINTERNAL, made, s->path, "resampling");
    }
    s->ready_count += made;
    return MIEN_OK;
}

/* Ends what has been taken at one rate: exactly as many samples as its time has. */
static mien_status finish_rate(mien_sound *s) {
    if (s->rate_hz == 0) {
        return MIEN_OK;
    }
    mien_status status = s->resampler ? push(s, NULL, 0) : MIEN_OK;
    const int64_t there = s->given + s->ready_count - s->ready_at;
    const int64_t want = s->since + scaled(s);
    if (status == MIEN_OK && there > want) {
        const int64_t over = there - want, left = s->ready_count - s->ready_at;
        s->ready_count -= over < left ? over : left;
    } else if (status == MIEN_OK && there < want) {
        status = ready_room(s, want - there);
        if (status == MIEN_OK) {
            memset(s->ready + s->ready_count, 0,
                (size_t)(want - there) * sizeof *s->ready);
            s->ready_count += want - there;
        }
    }
    s->since = want;
    s->taken = 0;
    s->ffmpeg.swr_free(&s->resampler);
    return status;
}

static mien_status begin_rate(mien_sound *s, int rate_hz) {
    AVChannelLayout mono = AV_CHANNEL_LAYOUT_MONO;
    if (rate_hz == s->rate_hz) {
        return MIEN_OK;
    }
    mien_status status = finish_rate(s);
    if (status != MIEN_OK) {
        return status;
    }
    if (rate_hz < 1000 || rate_hz > 768000) {
        return mien_fail(MIEN_EUNSUPPORTED,
            "%s: %d samples a second are not in 1000 to 768000", s->path, rate_hz);
    }
    s->rate_hz = rate_hz;
    if (rate_hz == s->info.rate_hz) {
        return MIEN_OK;
    }
    int error = s->ffmpeg.swr_alloc_set_opts2(&s->resampler, &mono, AV_SAMPLE_FMT_FLTP,
        s->info.rate_hz, &mono, AV_SAMPLE_FMT_FLTP, rate_hz, 0, NULL);
    if (error >= 0) {
        error = s->ffmpeg.swr_init(s->resampler);
    }
    return error < 0 ? mien_ffmpeg_fail(
                           &s->ffmpeg, MIEN_EINTERNAL, error, s->path, "resampling")
                     : MIEN_OK;
}

/* ---- on the clock ------------------------------------------------------------- */

/* How many samples of silence stand before the frame at hand, and how many of its own
 * are left out. */
static void place_frame(mien_sound *s) {
    const AVFrame *f = s->frame;
    int64_t stamp = f->best_effort_timestamp;
    int64_t us = mien_stream_us(&s->ffmpeg, s->stream, stamp);
    s->silence = 0;
    s->frame_at = 0;
    if (us == INT64_MIN) {
        return;
    }
    us -= s->origin_us;
    const int64_t now_us = (int64_t)llround(
        (double)s->since * 1e6 / s->info.rate_hz + (double)s->taken * 1e6 / s->rate_hz);
    const int64_t apart_us = us - now_us;
    const bool wild = apart_us > 0 && us > s->end_us && us - s->end_us > BEYOND_US;
    if (s->began && (llabs(apart_us) <= SLACK_US || wild)) {
        if (wild) {
            note_damage(s);
        }
        return;
    }
    const int64_t apart = s->ffmpeg.av_rescale_q(
        apart_us, (AVRational){1, 1000000}, (AVRational){1, s->rate_hz});
    if (apart > 0 && !wild) {
        s->silence = apart;
    } else if (apart < 0) {
        s->frame_at = -apart < f->nb_samples ? -apart : f->nb_samples;
    }
}

static mien_status take_silence(mien_sound *s) {
    static const float nothing[PIECE];
    const int64_t n = s->silence < PIECE ? s->silence : PIECE;
    s->silence -= n;
    s->taken += n;
    return push(s, nothing, n);
}

static mien_status take_samples(mien_sound *s) {
    const int64_t left = s->frame->nb_samples - s->frame_at;
    const int64_t n = left < PIECE ? left : PIECE;
    mien_status status = MIEN_OK;
    if (n > 0) {
        if (!mien_sound_mix(&s->ffmpeg, s->frame, s->frame_at, n, s->mono)) {
            return mien_fail(MIEN_EUNSUPPORTED, "%s: samples of format %s", s->path,
                s->ffmpeg.av_get_sample_fmt_name(s->frame->format));
        }
        status = push(s, s->mono, n);
        s->taken += n;
        s->frame_at += n;
    }
    if (s->frame_at >= s->frame->nb_samples) {
        s->have_frame = false;
        s->began = true;
    }
    return status;
}

/* One step towards more samples that are ready. */
static mien_status work(mien_sound *s) {
    mien_status status = MIEN_OK;
    if (!s->have_frame) {
        status = next_frame(s);
        if (status == MIEN_OK && s->have_frame) {
            status = begin_rate(s, s->frame->sample_rate);
        }
        if (status == MIEN_OK && s->have_frame) {
            place_frame(s);
        }
        if (status == MIEN_OK && s->drained) {
            status = finish_rate(s);
            s->flushed = true;
        }
        return status;
    }
    return s->silence > 0 ? take_silence(s) : take_samples(s);
}

static mien_status end_of(const mien_sound *s) {
    if (!s->began) {
        return mien_fail(MIEN_EFORMAT, "%s: no sound in it can be decoded", s->path);
    }
    return s->cut ? mien_fail(
                        MIEN_EFORMAT, "%s: breaks off before its sound ends", s->path)
                  : MIEN_END;
}

mien_status mien_sound_read(
    mien_sound *s, float *samples, int64_t room, int64_t *count) {
    MIEN_NEED(s, samples || room < 1, count);
    if (!s->mono && !(s->mono = mien_alloc(PIECE, sizeof *s->mono))) {
        return mien_fail_in(MIEN_ENOMEM, "%s", s->path);
    }
    if (room < 1) {
        return mien_fail(
            MIEN_EINVAL, "%s: room for %lld samples", s->path, (long long)room);
    }
    while (s->ready_count == s->ready_at && !s->flushed) {
        mien_status status = work(s);
        if (status != MIEN_OK) {
            return status;
        }
    }
    const int64_t left = s->ready_count - s->ready_at, n = left < room ? left : room;
    if (left == 0) {
        return end_of(s);
    }
    memcpy(samples, s->ready + s->ready_at, (size_t)n * sizeof *samples);
    s->ready_at += n;
    s->given += n;
    *count = n;
    return MIEN_OK;
}
