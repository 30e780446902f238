/* SPDX-License-Identifier: MIT */
/* Writes small films with FFmpeg's encoders, for tests. */
#ifndef MIEN_TESTS_FILM_MAKER_H
#define MIEN_TESTS_FILM_MAKER_H

#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/display.h>
#include <libavutil/opt.h>

#include "support/support.h"

typedef struct film_spec {
    const char *name;    /* file name; its ending chooses the container */
    const char *encoder; /* "mpeg4", "mjpeg", "libx264", … */
    int width, height, frames;
    int gop, b_frames;
    bool uneven;         /* variable frame rate */
    bool coarse;         /* the encoder wants its clock to count frames */
    bool live;           /* the container is written as if it could not go back */
    int64_t first;       /* time of the first frame, in 1/1000 s */
    bool alpha;          /* with a fourth plane: encoders that take yuva420p */
    bool every_second;   /* one frame a second instead of 25 */
    int clockwise_deg;   /* display matrix */
    const char *options; /* the encoder's private options, "a=b:c=d" */
    const char *muxer;   /* the container's options */
} film_spec;

/* Time of frame i in 1/1000 s. */
static int64_t film_time(const film_spec *spec, int i) {
    int64_t step = spec->every_second ? 1000 : 40;
    return spec->first + i * step + (spec->uneven ? (i * i * 7) % 33 : 0);
}

/* A moving pattern with a wandering bright square: every frame differs from every
 * other. */
static void film_paint(AVFrame *frame, int i) {
    for (int p = 0; p < 4 && frame->data[p]; p++) {
        bool half = p == 1 || p == 2;
        int w = half ? (frame->width + 1) / 2 : frame->width,
            h = half ? (frame->height + 1) / 2 : frame->height;
        for (int y = 0; y < h; y++) {
            for (int x = 0; x < w; x++) {
                int square =
                    p == 0 && (x - i * 3 % w) / 9 == 0 && (y - i * 2 % h) / 9 == 0;
                frame->data[p][y * frame->linesize[p] + x] =
                    (uint8_t)(square
                                  ? 235
                                  : 40 + p * 50 + (x * (p + 1) + y * 2 + i * 5) % 97);
            }
        }
    }
}

static void film_write(AVFormatContext *to, AVCodecContext *codec, AVFrame *frame) {
    AVPacket *packet = av_packet_alloc();
    assert_true(avcodec_send_frame(codec, frame) >= 0);
    while (avcodec_receive_packet(codec, packet) >= 0) {
        av_packet_rescale_ts(packet, codec->time_base, to->streams[0]->time_base);
        assert_true(av_interleaved_write_frame(to, packet) >= 0);
    }
    av_packet_free(&packet);
}

static void film_turn(AVStream *stream, int clockwise_deg) {
#if LIBAVCODEC_VERSION_INT >= AV_VERSION_INT(60, 30, 100)
    AVPacketSideData *side = av_packet_side_data_new(&stream->codecpar->coded_side_data,
        &stream->codecpar->nb_coded_side_data, AV_PKT_DATA_DISPLAYMATRIX, 36, 0);
    av_display_rotation_set((int32_t *)(void *)side->data, clockwise_deg);
#else
    uint8_t *side = av_stream_new_side_data(stream, AV_PKT_DATA_DISPLAYMATRIX, 36);
    av_display_rotation_set((int32_t *)(void *)side, clockwise_deg);
#endif
}

/* Path of the new film in the temporary folder, or NULL if this FFmpeg lacks the
 * encoder. */
static const char *film_make(const film_spec *spec) {
    const AVCodec *encoder = avcodec_find_encoder_by_name(spec->encoder);
    if (!encoder) {
        print_message("no encoder %s here\n", spec->encoder);
        return NULL;
    }
    const char *path = support_temp_path(spec->name);
    AVFormatContext *to = NULL;
    AVDictionary *options = NULL;
    av_log_set_level(AV_LOG_ERROR);
    assert_true(avformat_alloc_output_context2(&to, NULL, NULL, path) >= 0);
    AVStream *stream = avformat_new_stream(to, NULL);
    AVCodecContext *codec = avcodec_alloc_context3(encoder);
    codec->width = spec->width;
    codec->height = spec->height;
    codec->time_base = (AVRational){1, spec->coarse ? 25 : 1000};
    codec->framerate = (AVRational){spec->every_second ? 1 : 25, 1};
    codec->pix_fmt = encoder->id == AV_CODEC_ID_MJPEG ? AV_PIX_FMT_YUVJ420P
                     : spec->alpha                    ? AV_PIX_FMT_YUVA420P
                                                      : AV_PIX_FMT_YUV420P;
    codec->gop_size = spec->gop;
    codec->max_b_frames = spec->b_frames;
    codec->bit_rate = 800000;
    codec->thread_count = 1;
    if (to->oformat->flags & AVFMT_GLOBALHEADER) {
        codec->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
    }
    av_dict_parse_string(&options, spec->options ? spec->options : "", "=", ":", 0);
    assert_true(avcodec_open2(codec, encoder, &options) >= 0);
    av_dict_free(&options);
    assert_true(avcodec_parameters_from_context(stream->codecpar, codec) >= 0);
    stream->time_base = codec->time_base;
    stream->avg_frame_rate = codec->framerate;
    if (spec->clockwise_deg) {
        film_turn(stream, spec->clockwise_deg);
    }
    assert_true(avio_open(&to->pb, path, AVIO_FLAG_WRITE) >= 0);
    av_dict_parse_string(&options, spec->muxer ? spec->muxer : "", "=", ":", 0);
    to->pb->seekable = spec->live ? 0 : to->pb->seekable;
    assert_true(avformat_write_header(to, &options) >= 0);
    av_dict_free(&options);
    AVFrame *frame = av_frame_alloc();
    frame->width = spec->width;
    frame->height = spec->height;
    frame->format = codec->pix_fmt;
    assert_true(av_frame_get_buffer(frame, 0) >= 0);
    for (int i = 0; i < spec->frames; i++) {
        assert_true(av_frame_make_writable(frame) >= 0);
        film_paint(frame, i);
        frame->pts = spec->coarse ? i : film_time(spec, i);
        film_write(to, codec, frame);
    }
    film_write(to, codec, NULL);
    assert_true(av_write_trailer(to) >= 0);
    avio_closep(&to->pb);
    av_frame_free(&frame);
    avcodec_free_context(&codec);
    avformat_free_context(to);
    return path;
}

#endif
