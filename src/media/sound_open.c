/* SPDX-License-Identifier: MIT */
/* Opens the sound of a film or of a file of sound alone: container, its best stream of
 * sound, decoder, what the head tells. */
#include "media/sound.h"

#include <stdio.h>
#include <string.h>

#include "base/need.h"
#include "media/container.h"

mien_sound_options mien_sound_options_default(void) {
    return (mien_sound_options){.rate_hz = 0};
}

static mien_status open_container(mien_sound *s) {
    mien_status status =
        mien_container_open(&s->ffmpeg, s->path, "a film or sound", &s->file);
    s->damaged = s->file.damaged;
    return status;
}

static mien_status choose_stream(mien_sound *s) {
    const mien_ffmpeg *ff = &s->ffmpeg;
    AVFormatContext *c = s->file.format;
    int video = ff->av_find_best_stream(c, AVMEDIA_TYPE_VIDEO, -1, -1, NULL, 0);
    if (video >= 0 && (c->streams[video]->disposition & AV_DISPOSITION_ATTACHED_PIC)) {
        video = -1; /* the cover of a song */
    }
    int best = ff->av_find_best_stream(c, AVMEDIA_TYPE_AUDIO, -1, video, NULL, 0);
    for (unsigned i = 0; i < c->nb_streams; i++) {
        if ((int)i != best) {
            c->streams[i]->discard = AVDISCARD_ALL;
        }
    }
    if (best < 0) {
        return mien_fail(MIEN_ENOTFOUND, "%s: no sound in this file", s->path);
    }
    s->stream = c->streams[best];
    s->origin_us =
        mien_container_origin_us(ff, c, video >= 0 ? c->streams[video] : NULL);
    return MIEN_OK;
}

static mien_status open_codec(mien_sound *s) {
    const mien_ffmpeg *ff = &s->ffmpeg;
    const AVCodecParameters *p = s->stream->codecpar;
    const AVCodec *decoder = ff->avcodec_find_decoder(p->codec_id);
    if (!decoder) {
        return mien_fail(MIEN_EUNSUPPORTED, "%s: no decoder for %s", s->path,
            ff->avcodec_get_name(p->codec_id));
    }
    s->codec = ff->avcodec_alloc_context3(decoder);
    if (!s->codec) {
        return mien_fail(MIEN_ENOMEM, "%s: out of memory", s->path);
    }
    int error = ff->avcodec_parameters_to_context(s->codec, p);
    if (error >= 0) {
        s->codec->pkt_timebase = s->stream->time_base;
        s->codec->thread_count = 1;
        s->codec->max_samples = MIEN_SOUND_FRAME_MAX;
        error = ff->avcodec_open2(s->codec, decoder, NULL);
    }
    return error < 0 ? mien_ffmpeg_fail(ff, MIEN_EFORMAT, error, s->path, decoder->name)
                     : MIEN_OK;
}

static void fill_info(mien_sound *s) {
    const AVCodecParameters *p = s->stream->codecpar;
    const mien_ffmpeg *ff = &s->ffmpeg;
    mien_sound_info *info = &s->info;
    int64_t start = mien_stream_us(ff, s->stream, s->stream->start_time);
    int64_t length_us = 0;
    if (s->stream->duration != AV_NOPTS_VALUE && s->stream->duration > 0) {
        length_us = mien_stream_us(ff, s->stream, s->stream->duration);
    } else if (s->file.format->duration != AV_NOPTS_VALUE) {
        length_us = s->file.format->duration;
    }
    start = start == INT64_MIN ? 0 : start - s->origin_us;
    info->channels = p->ch_layout.nb_channels;
    info->file_rate_hz = p->sample_rate;
    info->rate_hz = s->options.rate_hz > 0 ? s->options.rate_hz : p->sample_rate;
    info->start_s = (double)start / 1e6;
    info->duration_s = length_us > 0 ? (double)length_us / 1e6 : 0;
    snprintf(
        info->container, sizeof info->container, "%s", s->file.format->iformat->name);
    snprintf(info->codec, sizeof info->codec, "%s", ff->avcodec_get_name(p->codec_id));
    s->end_us = INT64_MAX;
    if (length_us > 0) {
        s->end_us = start + length_us;
        if (s->file.format->duration > s->end_us) {
            s->end_us = s->file.format->duration;
        }
    }
}

static mien_status check_rate(const mien_sound *s) {
    const int64_t rate = s->info.rate_hz;
    return rate < 1000 || rate > 768000
               ? mien_fail(MIEN_EUNSUPPORTED,
                     "%s: %lld samples a second are not in 1000 to 768000", s->path,
                     (long long)rate)
               : MIEN_OK;
}

mien_status mien_sound_open(
    const char *path, const mien_sound_options *options, mien_sound **sound) {
    MIEN_NEED(path, sound);
    mien_sound_options initial = mien_sound_options_default();
    const mien_sound_options *o = options ? options : &initial;
    if (o->rate_hz != 0 && (o->rate_hz < 1000 || o->rate_hz > 768000)) {
        return mien_fail(MIEN_EINVAL,
            "%s: %d samples a second are wanted, not 1000 to 768000", path, o->rate_hz);
    }
    mien_sound *s = mien_alloc(1, sizeof *s);
    if (!s) {
        return mien_fail_in(MIEN_ENOMEM, "%s", path);
    }
    s->options = *o;
    s->path = mien_strdup(path);
    mien_status status = s->path ? mien_ffmpeg_load(&s->ffmpeg) : MIEN_ENOMEM;
    if (status != MIEN_OK) {
        mien_free(s->path);
        mien_free(s);
        return mien_fail_in(status, "%s", path);
    }
    if ((status = open_container(s)) == MIEN_OK &&
        (status = choose_stream(s)) == MIEN_OK && (status = open_codec(s)) == MIEN_OK) {
        fill_info(s);
        status = check_rate(s);
    }
    if (status == MIEN_OK) {
        s->packet = s->ffmpeg.av_packet_alloc();
        s->frame = s->ffmpeg.av_frame_alloc();
        if (!s->packet || !s->frame) {
            status = mien_fail(MIEN_ENOMEM, "%s: out of memory", path);
        }
    }
    if (status != MIEN_OK) {
        mien_sound_close(&s);
        return status;
    }
    *sound = s;
    return MIEN_OK;
}

void mien_sound_close(mien_sound **sound) {
    mien_sound *s = sound ? *sound : NULL;
    if (!s) {
        return;
    }
    const mien_ffmpeg *ff = &s->ffmpeg;
    mien_free(s->mono);
    mien_free(s->ready);
    ff->swr_free(&s->resampler);
    ff->av_frame_free(&s->frame);
    ff->av_packet_free(&s->packet);
    ff->avcodec_free_context(&s->codec);
    mien_container_close(ff, &s->file);
    mien_free(s->path);
    mien_free(s);
    *sound = NULL;
}

const mien_sound_info *mien_sound_info_of(const mien_sound *sound) {
    MIEN_NEED_OR(NULL, sound);
    return &sound->info;
}

int64_t mien_sound_damaged(const mien_sound *sound) {
    MIEN_NEED_OR(0, sound);
    return sound->damaged;
}
