/* SPDX-License-Identifier: MIT */
/* Writes a small film with sound, by FFmpeg's encoders.
 *
 * In: pictures in order and samples of one channel. Out: a file whose container its
 * name's ending chooses. One thread encodes and nothing of this machine or hour goes
 * in, so that the same pictures and sound give the same bytes with the same FFmpeg.
 * Called by what makes films with a planted signal (data/planted_films.c). */
#include "mien/media.h"

#include <stdio.h>
#include <string.h>

#include "base/need.h"
#include "media/ffmpeg.h"

enum { SIDE_MAX = 4096, SOUND_BUFFER = 1024, MPEG4_QUANTISER = 2 };

/* A stream that is being encoded. */
typedef struct track {
    AVCodecContext *codec;
    AVStream *stream;
    AVFrame *frame;
    int64_t next; /* time of the next frame, in the codec's time base */
} track;

struct mien_film_writer {
    mien_ffmpeg ffmpeg;
    char *path;
    mien_film_writer_options options;
    AVFormatContext *format;
    AVPacket *packet;
    struct SwsContext *colours;
    track picture, sound;
    int buffered; /* samples in sound.frame */
    bool begun;   /* the head is written */
    mien_status status;
};

mien_film_writer_options mien_film_writer_options_default(void) {
    return (mien_film_writer_options){.width = 128,
        .height = 96,
        .rate_hz = 25,
        .sound_rate_hz = 16000,
        .picture_encoder = "mpeg4",
        .sound_encoder = "aac"};
}

static mien_status fail(mien_film_writer *w, int error, const char *what) {
    return mien_ffmpeg_fail(&w->ffmpeg, MIEN_EIO, error, w->path, what);
}

static mien_status check(const char *path, const mien_film_writer_options *o) {
    const bool even = o->width % 2 == 0 && o->height % 2 == 0;
    if (!even || o->width < 16 || o->height < 16 || o->width > SIDE_MAX ||
        o->height > SIDE_MAX) {
        return mien_fail(MIEN_EINVAL,
            "%s: pictures of %d × %d; even sides of 16 to %d are written", path,
            o->width, o->height, SIDE_MAX);
    }
    if (o->rate_hz < 1 || o->rate_hz > 240 ||
        (o->sound_rate_hz != 0 &&
            (o->sound_rate_hz < 8000 || o->sound_rate_hz > 96000))) {
        return mien_fail(MIEN_EINVAL,
            "%s: %d pictures (1 to 240) and %d samples (0 for none, 8000 to 96000) a "
            "second",
            path, o->rate_hz, o->sound_rate_hz);
    }
    return MIEN_OK;
}

/* ---- opening ------------------------------------------------------------------ */

static mien_status find_encoder(
    mien_film_writer *w, const char *name, const AVCodec **encoder) {
    *encoder = w->ffmpeg.avcodec_find_encoder_by_name(name);
    return *encoder ? MIEN_OK
                    : mien_fail(MIEN_EUNSUPPORTED,
                          "%s: this FFmpeg has no encoder \"%s\"", w->path, name);
}

static mien_status add_track(mien_film_writer *w, const char *encoder_name, track *t) {
    const mien_ffmpeg *ff = &w->ffmpeg;
    const AVCodec *encoder = NULL;
    mien_status status = find_encoder(w, encoder_name, &encoder);
    if (status != MIEN_OK) {
        return status;
    }
    t->codec = ff->avcodec_alloc_context3(encoder);
    t->stream = ff->avformat_new_stream(w->format, NULL);
    t->frame = ff->av_frame_alloc();
    if (!t->codec || !t->stream || !t->frame) {
        return mien_fail(MIEN_ENOMEM, "%s: out of memory", w->path);
    }
    t->codec->thread_count = 1;
    t->codec->flags |= AV_CODEC_FLAG_BITEXACT;
    if (w->format->oformat->flags & AVFMT_GLOBALHEADER) {
        t->codec->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
    }
    return MIEN_OK;
}

static mien_status start_track(mien_film_writer *w, track *t) {
    const mien_ffmpeg *ff = &w->ffmpeg;
    int error = ff->avcodec_open2(t->codec, NULL, NULL);
    if (error >= 0) {
        error = ff->avcodec_parameters_from_context(t->stream->codecpar, t->codec);
    }
    t->stream->time_base = t->codec->time_base;
    if (error >= 0 && t->codec->codec_type == AVMEDIA_TYPE_AUDIO) {
        t->frame->nb_samples =
            t->codec->frame_size > 0 ? t->codec->frame_size : SOUND_BUFFER;
    }
    error = error >= 0 ? ff->av_frame_get_buffer(t->frame, 0) : error;
    return error < 0 ? fail(w, error, t->codec->codec->name) : MIEN_OK;
}

static mien_status open_picture(mien_film_writer *w) {
    const mien_film_writer_options *o = &w->options;
    track *t = &w->picture;
    mien_status status = add_track(w, o->picture_encoder, t);
    if (status != MIEN_OK) {
        return status;
    }
    t->codec->width = t->frame->width = o->width;
    t->codec->height = t->frame->height = o->height;
    t->codec->time_base = (AVRational){1, o->rate_hz};
    t->codec->framerate = (AVRational){o->rate_hz, 1};
    t->codec->pix_fmt = AV_PIX_FMT_YUV420P;
    t->frame->format = AV_PIX_FMT_YUV420P;
    t->codec->gop_size = o->rate_hz;
    t->codec->flags |= AV_CODEC_FLAG_QSCALE;
    t->codec->global_quality = MPEG4_QUANTISER * FF_QP2LAMBDA;
    t->stream->avg_frame_rate = t->codec->framerate;
    return start_track(w, t);
}

static mien_status open_sound(mien_film_writer *w) {
    const mien_film_writer_options *o = &w->options;
    track *t = &w->sound;
    if (o->sound_rate_hz == 0) {
        return MIEN_OK;
    }
    mien_status status = add_track(w, o->sound_encoder, t);
    if (status != MIEN_OK) {
        return status;
    }
    const enum AVSampleFormat *formats = t->codec->codec->sample_fmts;
    t->codec->sample_fmt = formats ? formats[0] : AV_SAMPLE_FMT_S16;
    if (t->codec->sample_fmt != AV_SAMPLE_FMT_FLTP &&
        t->codec->sample_fmt != AV_SAMPLE_FMT_S16) {
        return mien_fail(MIEN_EUNSUPPORTED, "%s: %s takes samples of another kind (%s)",
            w->path, o->sound_encoder,
            w->ffmpeg.av_get_sample_fmt_name(t->codec->sample_fmt));
    }
    t->codec->sample_rate = t->frame->sample_rate = o->sound_rate_hz;
    t->codec->time_base = (AVRational){1, o->sound_rate_hz};
    t->codec->bit_rate = 128000;
    t->codec->ch_layout = t->frame->ch_layout = (AVChannelLayout)AV_CHANNEL_LAYOUT_MONO;
    t->frame->format = t->codec->sample_fmt;
    return start_track(w, t);
}

static mien_status open_all(mien_film_writer *w) {
    mien_ffmpeg *ff = &w->ffmpeg;
    mien_status status = mien_ffmpeg_load(ff);
    if (status != MIEN_OK) {
        return status;
    }
    int error = ff->avformat_alloc_output_context2(&w->format, NULL, NULL, w->path);
    if (error < 0) {
        return fail(w, error, "choosing a container by the name's ending");
    }
    w->format->flags |= AVFMT_FLAG_BITEXACT;
    w->packet = ff->av_packet_alloc();
    status = w->packet ? open_picture(w) : MIEN_ENOMEM;
    status = status ? status : open_sound(w);
    if (status != MIEN_OK) {
        return status;
    }
    error = ff->avio_open2(&w->format->pb, w->path, AVIO_FLAG_WRITE, NULL, NULL);
    if (error >= 0) {
        error = ff->avformat_write_header(w->format, NULL);
        w->begun = error >= 0;
    }
    return error < 0 ? fail(w, error, "writing its head") : MIEN_OK;
}

static void clear(mien_film_writer *w) {
    const mien_ffmpeg *ff = &w->ffmpeg;
    track *tracks[] = {&w->picture, &w->sound};
    for (int i = 0; i < 2; i++) {
        if (tracks[i]->frame) {
            ff->av_frame_free(&tracks[i]->frame);
        }
        if (tracks[i]->codec) {
            ff->avcodec_free_context(&tracks[i]->codec);
        }
    }
    if (w->packet) {
        ff->av_packet_free(&w->packet);
    }
    if (w->colours) {
        ff->sws_freeContext(w->colours);
    }
    if (w->format) {
        if (w->format->pb) {
            ff->avio_closep(&w->format->pb);
        }
        ff->avformat_free_context(w->format);
    }
    mien_free(w->path);
    mien_free(w);
}

mien_status mien_film_writer_open(const char *path,
    const mien_film_writer_options *options, mien_film_writer **writer) {
    MIEN_NEED(path, writer);
    mien_film_writer_options initial = mien_film_writer_options_default();
    const mien_film_writer_options *o = options ? options : &initial;
    mien_status status = check(path, o);
    if (status != MIEN_OK) {
        return status;
    }
    mien_film_writer *w = mien_alloc(1, sizeof *w);
    if (!w) {
        return MIEN_ENOMEM;
    }
    w->options = *o;
    w->path = mien_strdup(path);
    status = w->path ? open_all(w) : MIEN_ENOMEM;
    if (status != MIEN_OK) {
        const bool made = w->format && w->format->pb;
        clear(w);
        if (made) {
            remove(path);
        }
        return status;
    }
    *writer = w;
    return MIEN_OK;
}

/* ---- frames ------------------------------------------------------------------- */

/* Sends a frame, or the end, and writes what the encoder has ready. */
static mien_status encode(mien_film_writer *w, track *t, const AVFrame *frame) {
    const mien_ffmpeg *ff = &w->ffmpeg;
    int error = ff->avcodec_send_frame(t->codec, frame);
    while (error >= 0) {
        error = ff->avcodec_receive_packet(t->codec, w->packet);
        if (error == AVERROR(EAGAIN) || error == AVERROR_EOF) {
            return MIEN_OK;
        }
        if (error >= 0) {
            ff->av_packet_rescale_ts(
                w->packet, t->codec->time_base, t->stream->time_base);
            w->packet->stream_index = t->stream->index;
            error = ff->av_interleaved_write_frame(w->format, w->packet);
        }
    }
    return fail(w, error, t->codec->codec->name);
}

/* A frame's memory may still be the encoder's: then it gets new. */
static mien_status own(mien_film_writer *w, track *t) {
    int error = w->ffmpeg.av_frame_make_writable(t->frame);
    return error < 0 ? fail(w, error, "a frame") : MIEN_OK;
}

mien_status mien_film_writer_picture(mien_film_writer *w, const mien_tensor *image) {
    MIEN_NEED(w, image);
    const mien_ffmpeg *ff = &w->ffmpeg;
    AVFrame *frame = w->picture.frame;
    if (w->status != MIEN_OK) {
        return w->status;
    }
    if (image->dtype != MIEN_U8 || image->rank != 3 || image->shape[2] != 3 ||
        image->shape[0] != w->options.height || image->shape[1] != w->options.width) {
        return mien_fail(MIEN_ESHAPE, "%s: the film's pictures are [%d, %d, 3] u8",
            w->path, w->options.height, w->options.width);
    }
    w->status = own(w, &w->picture);
    w->colours =
        ff->sws_getCachedContext(w->colours, w->options.width, w->options.height,
            AV_PIX_FMT_RGB24, w->options.width, w->options.height, AV_PIX_FMT_YUV420P,
            SWS_BICUBIC | SWS_ACCURATE_RND | SWS_BITEXACT, NULL, NULL, NULL);
    if (w->status == MIEN_OK && !w->colours) {
        w->status = mien_fail(MIEN_ENOMEM, "%s: out of memory", w->path);
    }
    if (w->status == MIEN_OK) {
        const uint8_t *const from[1] = {image->data};
        const int stride[1] = {3 * w->options.width};
        ff->sws_scale(w->colours, from, stride, 0, w->options.height, frame->data,
            frame->linesize);
        frame->pts = w->picture.next++;
        w->status = encode(w, &w->picture, frame);
    }
    return w->status;
}

static void put_sample(AVFrame *frame, int at, float value) {
    value = value > 1 ? 1 : value < -1 ? -1 : value;
    if (frame->format == AV_SAMPLE_FMT_FLTP) {
        ((float *)(void *)frame->data[0])[at] = value;
    } else {
        ((int16_t *)(void *)frame->data[0])[at] = (int16_t)(value * 32767);
    }
}

static mien_status flush_sound(mien_film_writer *w) {
    AVFrame *frame = w->sound.frame;
    frame->nb_samples = w->buffered;
    frame->pts = w->sound.next;
    w->sound.next += w->buffered;
    w->buffered = 0;
    return encode(w, &w->sound, frame);
}

mien_status mien_film_writer_sound(
    mien_film_writer *w, const float *samples, int64_t count) {
    MIEN_NEED(w, samples || count < 1);
    if (w->status == MIEN_OK && !w->sound.codec) {
        return mien_fail(MIEN_EINVAL, "%s: it was opened without sound", w->path);
    }
    const int size = !w->sound.codec                  ? 0
                     : w->sound.codec->frame_size > 0 ? w->sound.codec->frame_size
                                                      : SOUND_BUFFER;
    for (int64_t i = 0; w->status == MIEN_OK && i < count; i++) {
        if (w->buffered == 0) {
            w->status = own(w, &w->sound);
        }
        if (w->status == MIEN_OK) {
            put_sample(w->sound.frame, w->buffered++, samples[i]);
        }
        if (w->status == MIEN_OK && w->buffered == size) {
            w->status = flush_sound(w);
        }
    }
    return w->status;
}

/* ---- the end ------------------------------------------------------------------ */

static mien_status finish(mien_film_writer *w) {
    mien_status status = w->status;
    if (status == MIEN_OK && w->buffered > 0) {
        status = flush_sound(w);
    }
    status = status ? status : encode(w, &w->picture, NULL);
    if (status == MIEN_OK && w->sound.codec) {
        status = encode(w, &w->sound, NULL);
    }
    if (status == MIEN_OK) {
        int error = w->ffmpeg.av_write_trailer(w->format);
        error = error < 0 ? error : w->ffmpeg.avio_closep(&w->format->pb);
        status = error < 0 ? fail(w, error, "writing its end") : MIEN_OK;
    }
    return status;
}

mien_status mien_film_writer_close(mien_film_writer **writer) {
    MIEN_NEED(writer);
    mien_film_writer *w = *writer;
    if (!w) {
        return MIEN_OK;
    }
    mien_status status = finish(w);
    if (status != MIEN_OK) {
        remove(w->path);
    }
    clear(w);
    *writer = NULL;
    return status;
}
