/* SPDX-License-Identifier: MIT */
/* Writes small sounds with FFmpeg's encoders, alone or beside a film's picture, for
 * tests. */
#ifndef MIEN_TESTS_SOUND_MAKER_H
#define MIEN_TESTS_SOUND_MAKER_H

#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>

#include "support/support.h"

#include <math.h>

typedef struct sound_spec {
    const char *name;    /* file name; its ending chooses the container */
    const char *encoder; /* "pcm_s16le", "flac", "aac", … */
    enum AVSampleFormat format;
    int rate_hz, channels;
    double seconds;
    double first_s;         /* of the sound on the file's clock */
    bool picture;           /* a film of 25 frames a second from 0 on beside it */
    int lose_from, lose_to; /* packets of sound that are not written */
} sound_spec;

/* What every channel hears at time t: a tone, and a click at 0.5 s. */
static double sound_at(const sound_spec *spec, int channel, double t) {
    double click = fabs(t - 0.5) < 0.002 ? 0.4 * cos((t - 0.5) * 1570.8 / 2) : 0;
    (void)spec;
    return 0.3 * sin(6.283185307179586 * 440 * t) * (channel % 2 ? 0.5 : 1) + click;
}

static void sound_put(AVFrame *f, int channel, int i, double value) {
    const bool planar = av_sample_fmt_is_planar((enum AVSampleFormat)f->format);
    const int n = f->ch_layout.nb_channels, at = planar ? i : i * n + channel;
    uint8_t *to = f->extended_data[planar ? channel : 0];
    switch (av_get_packed_sample_fmt((enum AVSampleFormat)f->format)) {
    case AV_SAMPLE_FMT_U8:
        to[at] = (uint8_t)lrint(128 + value * 127);
        break;
    case AV_SAMPLE_FMT_S16:
        ((int16_t *)(void *)to)[at] = (int16_t)lrint(value * 32767);
        break;
    case AV_SAMPLE_FMT_S32:
        ((int32_t *)(void *)to)[at] = (int32_t)lrint(value * 2147483647);
        break;
    case AV_SAMPLE_FMT_FLT:
        ((float *)(void *)to)[at] = (float)value;
        break;
    default:
        ((double *)(void *)to)[at] = value;
    }
}

static void sound_drain(AVFormatContext *to, AVCodecContext *codec, int stream,
    const AVFrame *frame, const sound_spec *spec, int *number) {
    AVPacket *packet = av_packet_alloc();
    assert_true(avcodec_send_frame(codec, frame) >= 0);
    while (avcodec_receive_packet(codec, packet) >= 0) {
        av_packet_rescale_ts(packet, codec->time_base, to->streams[stream]->time_base);
        packet->stream_index = stream;
        bool lost = number && *number >= spec->lose_from && *number < spec->lose_to;
        if (number) {
            ++*number;
        }
        if (lost) {
            av_packet_unref(packet);
        } else {
            assert_true(av_interleaved_write_frame(to, packet) >= 0);
        }
    }
    av_packet_free(&packet);
}

static void sound_write_pictures(
    AVFormatContext *to, AVCodecContext *codec, int stream, const sound_spec *spec) {
    AVFrame *frame = av_frame_alloc();
    frame->width = codec->width;
    frame->height = codec->height;
    frame->format = codec->pix_fmt;
    assert_true(av_frame_get_buffer(frame, 0) >= 0);
    for (int i = 0; i < (int)((spec->seconds + spec->first_s) * 25); i++) {
        assert_true(av_frame_make_writable(frame) >= 0);
        for (int p = 0; p < 3; p++) {
            memset(
                frame->data[p], 60 + i, (size_t)(frame->linesize[p] * (p ? 16 : 32)));
        }
        frame->pts = i;
        sound_drain(to, codec, stream, frame, spec, NULL);
    }
    sound_drain(to, codec, stream, NULL, spec, NULL);
    av_frame_free(&frame);
}

static AVCodecContext *sound_picture_codec(AVFormatContext *to) {
    AVCodecContext *codec =
        avcodec_alloc_context3(avcodec_find_encoder(AV_CODEC_ID_MPEG4));
    AVStream *stream = avformat_new_stream(to, NULL);
    codec->width = 48;
    codec->height = 32;
    codec->pix_fmt = AV_PIX_FMT_YUV420P;
    codec->time_base = stream->time_base = (AVRational){1, 25};
    codec->thread_count = 1;
    codec->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
    assert_true(avcodec_open2(codec, codec->codec, NULL) >= 0);
    assert_true(avcodec_parameters_from_context(stream->codecpar, codec) >= 0);
    return codec;
}

static void sound_write_samples(
    AVFormatContext *to, AVCodecContext *codec, const sound_spec *spec) {
    const int64_t all = llround(spec->seconds * spec->rate_hz);
    int size = codec->frame_size > 0 ? codec->frame_size : 1024, number = 0;
    for (int64_t at = 0; at < all; at += size) {
        AVFrame *frame = av_frame_alloc();
        frame->nb_samples = (int)(all - at < size ? all - at : size);
        frame->format = codec->sample_fmt;
        frame->sample_rate = spec->rate_hz;
        assert_true(av_channel_layout_copy(&frame->ch_layout, &codec->ch_layout) >= 0);
        assert_true(av_frame_get_buffer(frame, 0) >= 0);
        for (int i = 0; i < frame->nb_samples; i++) {
            for (int c = 0; c < spec->channels; c++) {
                sound_put(
                    frame, c, i, sound_at(spec, c, (double)(at + i) / spec->rate_hz));
            }
        }
        frame->pts = at + llround(spec->first_s * spec->rate_hz);
        sound_drain(to, codec, 0, frame, spec, &number);
        av_frame_free(&frame);
    }
    sound_drain(to, codec, 0, NULL, spec, &number);
}

/* Path of the new file in the temporary folder, or NULL if this FFmpeg lacks the
 * encoder. */
static const char *sound_make(const sound_spec *spec) {
    const AVCodec *encoder = avcodec_find_encoder_by_name(spec->encoder);
    if (!encoder) {
        print_message("no encoder %s here\n", spec->encoder);
        return NULL;
    }
    const char *path = support_temp_path(spec->name);
    AVFormatContext *to = NULL;
    av_log_set_level(AV_LOG_ERROR);
    assert_true(avformat_alloc_output_context2(&to, NULL, NULL, path) >= 0);
    AVStream *stream = avformat_new_stream(to, NULL);
    AVCodecContext *codec = avcodec_alloc_context3(encoder);
    codec->sample_rate = spec->rate_hz;
    codec->sample_fmt = spec->format;
    codec->bit_rate = 128000;
    codec->time_base = stream->time_base = (AVRational){1, spec->rate_hz};
    av_channel_layout_default(&codec->ch_layout, spec->channels);
    if (to->oformat->flags & AVFMT_GLOBALHEADER) {
        codec->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
    }
    assert_true(avcodec_open2(codec, encoder, NULL) >= 0);
    assert_true(avcodec_parameters_from_context(stream->codecpar, codec) >= 0);
    AVCodecContext *picture = spec->picture ? sound_picture_codec(to) : NULL;
    assert_true(avio_open(&to->pb, path, AVIO_FLAG_WRITE) >= 0);
    assert_true(avformat_write_header(to, NULL) >= 0);
    if (picture) {
        sound_write_pictures(to, picture, 1, spec);
    }
    sound_write_samples(to, codec, spec);
    assert_true(av_write_trailer(to) >= 0);
    avio_closep(&to->pb);
    avcodec_free_context(&picture);
    avcodec_free_context(&codec);
    avformat_free_context(to);
    return path;
}

#endif
