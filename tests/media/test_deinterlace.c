/* SPDX-License-Identifier: MIT */
/* Frames of two fields: the one shown first stays, the other is filled in. */
#include "support/support.h"

#include "media/deinterlace.h"

enum { WIDTH = 6, HEIGHT = 7 };

static void set_fields(AVFrame *frame, bool interlaced, bool top_first) {
#ifdef AV_FRAME_FLAG_INTERLACED
    frame->flags |= (interlaced ? AV_FRAME_FLAG_INTERLACED : 0) |
                    (top_first ? AV_FRAME_FLAG_TOP_FIELD_FIRST : 0);
#else
    frame->interlaced_frame = interlaced;
    frame->top_field_first = top_first;
#endif
}

static int at(const AVFrame *frame, int plane, int64_t y, int64_t x, bool wide) {
    const uint8_t *row = frame->data[plane] + y * frame->linesize[plane];
    return wide ? ((const uint16_t *)(const void *)row)[x] : row[x];
}

/* Rows of luma: 10 y in even rows, 200 in odd ones; of chroma likewise. */
static AVFrame *woven(
    const mien_ffmpeg *ffmpeg, enum AVPixelFormat format, bool wide, bool top_first) {
    AVFrame *frame = ffmpeg->av_frame_alloc();
    assert_non_null(frame);
    frame->format = format;
    frame->width = WIDTH;
    frame->height = HEIGHT;
    assert_true(ffmpeg->av_frame_get_buffer(frame, 0) >= 0);
    for (int plane = 0; plane < 3; plane++) {
        const int64_t rows = plane ? (HEIGHT + 1) / 2 : HEIGHT,
                      columns = plane ? WIDTH / 2 : WIDTH;
        for (int64_t i = 0; i < rows * columns; i++) {
            const int64_t y = i / columns, x = i % columns;
            const int value = y % 2 ? 200 : (int)(10 * y);
            uint8_t *row = frame->data[plane] + y * frame->linesize[plane];
            if (wide) {
                ((uint16_t *)(void *)row)[x] = (uint16_t)(4 * value);
            } else {
                row[x] = (uint8_t)value;
            }
        }
    }
    set_fields(frame, true, top_first);
    return frame;
}

static void the_field_that_is_shown_first_stays(void **state) {
    (void)state;
    mien_ffmpeg ffmpeg;
    assert_good(mien_ffmpeg_load(&ffmpeg));
    for (int wide = 0; wide < 2; wide++) {
        AVFrame *frame = woven(
            &ffmpeg, wide ? AV_PIX_FMT_YUV420P10LE : AV_PIX_FMT_YUV420P, wide, true);
        for (int turn = 0; turn < 2; turn++) { /* a second time changes nothing */
            assert_good(mien_frame_deinterlace(&ffmpeg, frame));
            for (int64_t y = 0; y < HEIGHT; y++) { /* a ramp without combs */
                assert_int_equal(
                    at(frame, 0, y, WIDTH - 1, wide), (wide ? 4 : 1) * 10 * y);
            }
            assert_int_equal(at(frame, 1, 1, 0, wide), (wide ? 4 : 1) * 10);
            /* the last row of chroma has none below it */
            assert_int_equal(at(frame, 2, 3, 2, wide), (wide ? 4 : 1) * 20);
        }
        ffmpeg.av_frame_free(&frame);
        frame = woven(
            &ffmpeg, wide ? AV_PIX_FMT_YUV420P10LE : AV_PIX_FMT_YUV420P, wide, false);
        assert_good(mien_frame_deinterlace(&ffmpeg, frame));
        for (int64_t y = 0; y < HEIGHT; y++) {
            assert_int_equal(at(frame, 0, y, 0, wide), wide ? 800 : 200);
        }
        ffmpeg.av_frame_free(&frame);
    }
}

static void frames_of_one_moment_and_palettes_stay_as_they_are(void **state) {
    (void)state;
    mien_ffmpeg ffmpeg;
    assert_good(mien_ffmpeg_load(&ffmpeg));
    AVFrame *frame = woven(&ffmpeg, AV_PIX_FMT_YUV420P, false, true);
    frame->format = AV_PIX_FMT_PAL8;
    assert_good(mien_frame_deinterlace(&ffmpeg, frame));
    assert_int_equal(at(frame, 0, 1, 0, false), 200);
    frame->format = AV_PIX_FMT_YUV420P;
#ifdef AV_FRAME_FLAG_INTERLACED
    frame->flags &= ~AV_FRAME_FLAG_INTERLACED;
#endif
    set_fields(frame, false, true);
    assert_false(mien_frame_is_interlaced(frame));
    assert_good(mien_frame_deinterlace(&ffmpeg, frame));
    assert_int_equal(at(frame, 0, 1, 0, false), 200);
    ffmpeg.av_frame_free(&frame);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_field_that_is_shown_first_stays),
        cmocka_unit_test(frames_of_one_moment_and_palettes_stay_as_they_are),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
