/* SPDX-License-Identifier: MIT */
/* Opens a film: container, its best video stream, decoder, what the header tells. */
#include "media/film.h"
#include "base/need.h"

#include "media/container.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

mien_film_options mien_film_options_default(void) {
    return (mien_film_options){
        .end_s = INFINITY, .threads = 1, .pixels_max = 100000000};
}

int64_t mien_film_us(const mien_film *film, int64_t timestamp) {
    int64_t us = mien_stream_us(&film->ffmpeg, film->stream, timestamp);
    return us == INT64_MIN ? us : us - film->origin_us;
}

static mien_status check_options(const char *path, const mien_film_options *o) {
    if (!(o->every_s >= 0 && o->every_s < 1e9)) {
        return mien_fail(MIEN_EINVAL, "%s: every %g s", path, o->every_s);
    }
    if (o->every_s > 0 && o->every_s < 1e-5) {
        return mien_fail(
            MIEN_EINVAL, "%s: every %g s is under 10 µs", path, o->every_s);
    }
    if (!(o->start_s >= 0 && o->start_s < 1e9) || !(o->end_s > o->start_s)) {
        return mien_fail(
            MIEN_EINVAL, "%s: from %g s to %g s", path, o->start_s, o->end_s);
    }
    return MIEN_OK;
}

static mien_status open_container(mien_film *film) {
    mien_status status =
        mien_container_open(&film->ffmpeg, film->path, "a film", &film->file);
    film->damaged = film->file.damaged;
    return status;
}

/* The best stream of pictures; a cover picture in a song is none. */
static mien_status choose_stream(mien_film *film) {
    const mien_ffmpeg *ff = &film->ffmpeg;
    AVFormatContext *c = film->file.format;
    int best = ff->av_find_best_stream(c, AVMEDIA_TYPE_VIDEO, -1, -1, NULL, 0);
    if (best >= 0 && (c->streams[best]->disposition & AV_DISPOSITION_ATTACHED_PIC)) {
        best = -1;
    }
    for (unsigned i = 0; i < c->nb_streams; i++) {
        film->info.has_sound |=
            c->streams[i]->codecpar->codec_type == AVMEDIA_TYPE_AUDIO;
        if ((int)i != best) {
            c->streams[i]->discard = AVDISCARD_ALL;
        }
    }
    if (best < 0) {
        return mien_fail(MIEN_EFORMAT, "%s: no video in this file%s", film->path,
            film->info.has_sound ? ", only sound" : "");
    }
    film->stream = c->streams[best];
    return MIEN_OK;
}

static const int32_t *display_matrix(const mien_film *film) {
#if LIBAVCODEC_VERSION_INT >= AV_VERSION_INT(60, 30, 100)
    const AVCodecParameters *p = film->stream->codecpar;
    for (int i = 0; i < p->nb_coded_side_data; i++) {
        const AVPacketSideData *d = &p->coded_side_data[i];
#else
    for (int i = 0; i < film->stream->nb_side_data; i++) {
        const AVPacketSideData *d = &film->stream->side_data[i];
#endif
        if (d->type == AV_PKT_DATA_DISPLAYMATRIX && d->size >= 9 * sizeof(int32_t)) {
            return (const int32_t *)(const void *)d->data;
        }
    }
    return NULL;
}

/* A stored pixel (x, y) is shown at (a·x + c·y, b·x + d·y): the signs name one of the
 * eight orientations. */
static int orientation_of(const mien_film *film) {
    const int32_t *m = display_matrix(film);
    if (!m) {
        return 1;
    }
    int64_t a = m[0], b = m[1], c = m[3], d = m[4];
    bool straight = llabs(a) > 16 * llabs(b) && llabs(d) > 16 * llabs(c);
    bool swapped = llabs(b) > 16 * llabs(a) && llabs(c) > 16 * llabs(d);
    if (straight) {
        return a > 0 ? (d > 0 ? 1 : 4) : (d > 0 ? 2 : 3);
    }
    if (swapped) {
        return b > 0 ? (c > 0 ? 5 : 6) : (c > 0 ? 8 : 7);
    }
    mien_log(MIEN_LOG_WARN, "media", "%s: turned by no right angle, shown as stored",
        film->path);
    return 1;
}

/* Whether a codec says, in the stream itself, that no frame refers to this one, and
 * carries one shown frame in each packet. */
static bool skips_nonref(enum AVCodecID id) {
    switch (id) {
    case AV_CODEC_ID_H264:
    case AV_CODEC_ID_HEVC:
    case AV_CODEC_ID_MPEG1VIDEO:
    case AV_CODEC_ID_MPEG2VIDEO:
    case AV_CODEC_ID_MPEG4:
    case AV_CODEC_ID_VP9:
        return true;
    default:
        return false;
    }
}

static mien_status open_codec(mien_film *film) {
    const mien_ffmpeg *ff = &film->ffmpeg;
    const AVCodecParameters *p = film->stream->codecpar;
    const AVCodecDescriptor *about = ff->avcodec_descriptor_get(p->codec_id);
    const AVCodec *decoder = ff->avcodec_find_decoder(p->codec_id);
    if (!decoder) {
        return mien_fail(MIEN_EUNSUPPORTED, "%s: no decoder for %s", film->path,
            ff->avcodec_get_name(p->codec_id));
    }
    film->codec = ff->avcodec_alloc_context3(decoder);
    if (!film->codec) {
        return mien_fail(MIEN_ENOMEM, "%s: out of memory", film->path);
    }
    int error = ff->avcodec_parameters_to_context(film->codec, p);
    if (error >= 0) {
        film->codec->pkt_timebase = film->stream->time_base;
        film->codec->thread_count =
            film->options.threads > 0 ? film->options.threads : 1;
        film->codec->thread_type = FF_THREAD_FRAME | FF_THREAD_SLICE;
        film->codec->max_pixels = film->options.pixels_max;
        error = ff->avcodec_open2(film->codec, decoder, NULL);
    }
    if (error < 0) {
        return mien_ffmpeg_fail(ff, MIEN_EFORMAT, error, film->path, decoder->name);
    }
    film->intra_only = about && (about->props & AV_CODEC_PROP_INTRA_ONLY);
    film->skips_nonref = skips_nonref(p->codec_id);
    return MIEN_OK;
}

static double rate_of(const AVStream *stream) {
    AVRational r = stream->avg_frame_rate;
    if (r.num <= 0 || r.den <= 0) {
        r = stream->r_frame_rate;
    }
    return r.num > 0 && r.den > 0 ? av_q2d(r) : 0;
}

/* Where the picture ends on the film's clock, as the header has it. */
static double duration_of(const mien_film *film) {
    const AVStream *stream = film->stream;
    if (stream->duration != AV_NOPTS_VALUE && stream->duration > 0) {
        int64_t start = stream->start_time == AV_NOPTS_VALUE ? 0 : stream->start_time;
        return (double)mien_film_us(film, start + stream->duration) * 1e-6;
    }
    int64_t all = film->file.format->duration;
    return all != AV_NOPTS_VALUE && all > 0 ? (double)all * 1e-6 : 0;
}

static mien_status fill_info(mien_film *film) {
    static const int degrees[9] = {0, 0, 0, 180, 180, 90, 90, 270, 270};
    const AVCodecParameters *p = film->stream->codecpar;
    mien_film_info *info = &film->info;
    if (p->width > 0 && p->height > film->options.pixels_max / p->width) {
        return mien_fail(MIEN_ELIMIT,
            "%s: %d × %d pixels, more than the limit of %lld in all", film->path,
            p->width, p->height, (long long)film->options.pixels_max);
    }
    film->origin_us =
        mien_container_origin_us(&film->ffmpeg, film->file.format, film->stream);
    film->orientation = orientation_of(film);
    info->rotation_deg = degrees[film->orientation];
    AVRational aspect = film->ffmpeg.av_guess_sample_aspect_ratio(
        film->file.format, film->stream, NULL);
    bool odd_pixels = aspect.num > 0 && aspect.den > 0 && av_q2d(aspect) < 16 &&
                      av_q2d(aspect) > 1.0 / 16;
    int width = odd_pixels ? (int)lround(p->width * av_q2d(aspect)) : p->width;
    info->width = film->orientation >= 5 ? p->height : width;
    info->height = film->orientation >= 5 ? width : p->height;
    info->rate_hz = rate_of(film->stream);
    info->duration_s = duration_of(film);
    snprintf(info->container, sizeof(info->container), "%s",
        film->file.format->iformat->name);
    snprintf(info->codec, sizeof(info->codec), "%s",
        film->ffmpeg.avcodec_get_name(p->codec_id));
    return MIEN_OK;
}

static mien_status make_room(mien_film *film) {
    mien_status status = mien_packets_init(&film->packets);
    film->incoming = film->ffmpeg.av_packet_alloc();
    film->current.frame = film->ffmpeg.av_frame_alloc();
    film->next.frame = film->ffmpeg.av_frame_alloc();
    if (status == MIEN_OK && film->incoming && film->current.frame &&
        film->next.frame) {
        return MIEN_OK;
    }
    return mien_fail(MIEN_ENOMEM, "%s: out of memory", film->path);
}

static void set_samples(mien_film *film) {
    const mien_film_options *o = &film->options;
    film->samples = (mien_samples){.start_us = llround(o->start_s * 1e6),
        .end_us = o->end_s < 1e12 ? llround(o->end_s * 1e6) : INT64_MAX,
        .every_s = o->every_s};
    film->picky = o->every_s > 0 || o->start_s > 0;
    film->can_leap = true;
    film->last_dts = film->resume_us = film->ignore_before_us = INT64_MIN;
    film->last_us = film->image_us = INT64_MIN;
    film->over_us = film->packets_end_us = INT64_MIN;
}

mien_status mien_film_open(
    const char *path, const mien_film_options *options, mien_film **film) {
    MIEN_NEED(path, film);
    mien_film_options initial = mien_film_options_default();
    mien_film *f = NULL;
    mien_status status = check_options(path, options ? options : &initial);
    if (status != MIEN_OK) {
        return status;
    }
    f = mien_alloc(1, sizeof(*f));
    if (!f) {
        return mien_fail_in(MIEN_ENOMEM, "%s", path);
    }
    f->options = options ? *options : initial;
    f->path = mien_strdup(path);
    status = f->path ? mien_ffmpeg_load(&f->ffmpeg) : MIEN_ENOMEM;
    if (status != MIEN_OK) {
        mien_free(f->path);
        mien_free(f);
        return mien_fail_in(status, "%s", path);
    }
    set_samples(f);
    if ((status = open_container(f)) == MIEN_OK &&
        (status = choose_stream(f)) == MIEN_OK && (status = fill_info(f)) == MIEN_OK &&
        (status = open_codec(f)) == MIEN_OK && (status = make_room(f)) == MIEN_OK) {
        *film = f;
    } else {
        mien_film_close(&f);
    }
    return status;
}

void mien_film_close(mien_film **film) {
    mien_film *f = film ? *film : NULL;
    if (!f) {
        return;
    }
    const mien_ffmpeg *ff = &f->ffmpeg;
    mien_tensor_free(&f->image);
    mien_free(f->full);
    mien_free(f->small);
    mien_free(f->sums);
    mien_frame_converter_clear(ff, &f->converter);
    ff->av_frame_free(&f->next.frame);
    ff->av_frame_free(&f->current.frame);
    ff->av_packet_free(&f->incoming);
    mien_packets_clear(ff, &f->packets);
    ff->avcodec_free_context(&f->codec);
    mien_container_close(ff, &f->file);
    mien_free(f->path);
    mien_free(f);
    *film = NULL;
}

const mien_film_info *mien_film_info_of(const mien_film *film) {
    MIEN_NEED_OR(NULL, film);
    return &film->info;
}

int64_t mien_film_end_us(const mien_film *film) {
    MIEN_NEED_OR(0, film);
    return film->over_us;
}

int64_t mien_film_damaged(const mien_film *film) {
    MIEN_NEED_OR(0, film);
    return film->damaged;
}
