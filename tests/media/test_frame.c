/* SPDX-License-Identifier: MIT */
/* Frames of every pixel format and width to RGB: the same pixels whether there is room
 * behind the rows or not, and not a byte behind what was given. */
#include "support/support.h"

#include <stdlib.h>
#include <string.h>

#include "media/frame.h"

enum { WIDEST = 130, TALLEST = 3, GUARD = 4096, MARK = 0x5C };

static mien_ffmpeg ffmpeg;

/* A frame of noise; NULL where FFmpeg cannot convert the format at this size. */
static AVFrame *frame_of(enum AVPixelFormat format, int width, int height) {
    AVFrame *frame = av_frame_alloc();
    uint32_t random = 12345;
    frame->format = format;
    frame->width = width;
    frame->height = height;
    if (av_frame_get_buffer(frame, 0) < 0) {
        av_frame_free(&frame);
        return NULL;
    }
    for (int b = 0; b < AV_NUM_DATA_POINTERS && frame->buf[b]; b++) {
        for (size_t i = 0; i < (size_t)frame->buf[b]->size; i++) {
            random = random * 1664525u + 1013904223u;
            frame->buf[b]->data[i] = (uint8_t)(random >> 24);
        }
    }
    return frame;
}

/* The frame as [height, width, 3] out of rows `stride` bytes apart, whose end is
 * guarded.
 */
static bool convert(
    const AVFrame *frame, mien_frame_quality quality, int64_t stride, uint8_t *packed) {
    static const uint8_t background[3] = {10, 20, 30};
    mien_frame_converter converter = {0};
    size_t room = (size_t)(stride * frame->height), row = (size_t)frame->width * 3;
    uint8_t *rgb = malloc(room + GUARD);
    memset(rgb, MARK, room + GUARD);
    mien_status status = mien_frame_to_rgb(
        &ffmpeg, &converter, "noise", frame, quality, background, rgb, stride);
    if (status != MIEN_OK && status != MIEN_EUNSUPPORTED) {
        fail_msg("%s of %d × %d: %s", av_get_pix_fmt_name(frame->format), frame->width,
            frame->height, mien_error());
    }
    for (size_t i = room; i < room + GUARD; i++) {
        if (rgb[i] != MARK) {
            fail_msg("%s of %d × %d: written %zu bytes behind the end",
                av_get_pix_fmt_name(frame->format), frame->width, frame->height,
                i - room + 1);
        }
    }
    for (int y = 0; y < frame->height && status == MIEN_OK; y++) {
        memcpy(packed + (size_t)y * row, rgb + y * stride, row);
    }
    free(rgb);
    mien_frame_converter_clear(&ffmpeg, &converter);
    return status == MIEN_OK;
}

static void check_frame(const AVFrame *frame) {
    static uint8_t roomy[WIDEST * TALLEST * 3], close[sizeof roomy];
    for (int q = MIEN_FRAME_EXACT; q <= MIEN_FRAME_FAST; q++) {
        bool good = convert(frame, q, mien_frame_stride(frame->width, 3), roomy);
        assert_int_equal(convert(frame, q, 3 * (int64_t)frame->width, close), good);
        if (good &&
            memcmp(roomy, close, (size_t)(3 * frame->width * frame->height)) != 0) {
            fail_msg("%s of %d × %d: pixels depend on the room behind rows",
                av_get_pix_fmt_name(frame->format), frame->width, frame->height);
        }
    }
}

/* Formats that decoders give for films and pictures, at every width. */
static void common_formats_of_every_width_stay_within_their_memory(void **state) {
    (void)state;
    static const enum AVPixelFormat formats[] = {AV_PIX_FMT_YUV420P,
        AV_PIX_FMT_YUVJ420P, AV_PIX_FMT_YUV422P, AV_PIX_FMT_YUVJ422P,
        AV_PIX_FMT_YUV444P, AV_PIX_FMT_YUV411P, AV_PIX_FMT_YUV410P, AV_PIX_FMT_NV12,
        AV_PIX_FMT_YUYV422, AV_PIX_FMT_YUVA420P, AV_PIX_FMT_YUVA444P10LE,
        AV_PIX_FMT_YUV420P10LE, AV_PIX_FMT_YUV422P10LE, AV_PIX_FMT_GBRP,
        AV_PIX_FMT_RGB24, AV_PIX_FMT_BGRA, AV_PIX_FMT_PAL8, AV_PIX_FMT_GRAY8,
        AV_PIX_FMT_GRAY10LE, AV_PIX_FMT_MONOBLACK, AV_PIX_FMT_YA8, AV_PIX_FMT_RGB565LE,
        AV_PIX_FMT_RGB48BE};
    for (size_t f = 0; f < sizeof formats / sizeof *formats; f++) {
        for (int width = 1; width <= WIDEST; width++) {
            AVFrame *frame = frame_of(formats[f], width, 1 + width % TALLEST);
            assert_non_null(frame);
            check_frame(frame);
            av_frame_free(&frame);
        }
    }
}

static void every_format_stays_within_its_memory(void **state) {
    (void)state;
    static const int widths[] = {1, 2, 7, 8, 14, 15, 17, 26, 40, 63, 94, WIDEST};
    const AVPixFmtDescriptor *about = NULL;
    int formats = 0;
    while ((about = av_pix_fmt_desc_next(about)) != NULL) {
        enum AVPixelFormat format = av_pix_fmt_desc_get_id(about);
        if (about->flags & AV_PIX_FMT_FLAG_HWACCEL) {
            continue;
        }
        formats++;
        for (size_t w = 0; w < sizeof widths / sizeof *widths; w++) {
            AVFrame *frame = frame_of(format, widths[w], 1 + (int)w % TALLEST);
            if (frame) {
                check_frame(frame);
                av_frame_free(&frame);
            }
        }
    }
    assert_true(formats > 150);
}

static void a_stride_leaves_room_for_a_block_behind_each_row(void **state) {
    (void)state;
    for (int64_t width = 1; width <= 5000; width++) {
        int64_t stride = mien_frame_stride(width, 3);
        assert_true(stride >= (width + 64) * 3);
        assert_true(stride < (width + 128) * 3);
        assert_int_equal(stride % 64, 0);
        assert_int_equal(mien_frame_stride(width, 4) * 3, stride * 4);
    }
}

static int load(void **state) {
    (void)state;
    av_log_set_level(AV_LOG_QUIET);
    return mien_ffmpeg_load(&ffmpeg);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(common_formats_of_every_width_stay_within_their_memory),
        cmocka_unit_test(every_format_stays_within_its_memory),
        cmocka_unit_test(a_stride_leaves_room_for_a_block_behind_each_row),
    };
    return cmocka_run_group_tests(tests, load, NULL);
}
