/* SPDX-License-Identifier: MIT */
/* Films of every width: FFmpeg converts colours in blocks of many pixels and finishes
 * the block at the end of a row, whoever owns what lies behind it. What a row of a
 * picture holds must not hang on that, nor may anything be written outside of our
 * memory. */
#include "support/support.h"

#include <stdio.h>
#include <string.h>

#include "media/film.h"
#include "media/film_maker.h"

enum { BLOCK = 64, WIDEST = 130 };

/* FFmpeg's own function. */
static __typeof__(sws_scale) *converts;
/* Of the film that is played. */
static int64_t film_width;
static int film_channels;

/* As FFmpeg converts, and as clumsy as it may be with any instruction set: from the
 * last row up, so that each block reaches into a row that is done, the block at the end
 * of each row is written out to 64 pixels. AddressSanitizer sees it, since it is in C.
 */
static int convert_in_blocks(struct SwsContext *scaler, const uint8_t *const from[],
    const int from_stride[], int first, int rows, uint8_t *const to[],
    const int to_stride[]) {
    int got = converts(scaler, from, from_stride, first, rows, to, to_stride);
    int64_t whole = (film_width + BLOCK - 1) / BLOCK * BLOCK;
    for (int64_t y = rows - 1; y >= 0; y--) {
        memset(to[0] + y * to_stride[0] + film_width * film_channels, 0xAA,
            (size_t)((whole - film_width) * film_channels));
    }
    return got;
}

/* The first frame of a film, with a function of FFmpeg's put in another's place. */
static mien_tensor *first_frame(const char *path, int short_side, bool in_blocks) {
    mien_film_options options = mien_film_options_default();
    mien_film *film = NULL;
    const mien_tensor *image = NULL;
    mien_tensor *copy = NULL;
    int64_t time_us, sample_us;
    options.short_side = short_side;
    assert_good(mien_film_open(path, &options, &film));
    converts = film->ffmpeg.sws_scale;
    if (in_blocks) {
        film->ffmpeg.sws_scale = convert_in_blocks;
    }
    assert_good(mien_film_next(film, &image, &time_us, &sample_us));
    assert_good(mien_tensor_copy(image, &copy));
    mien_film_close(&film);
    return copy;
}

static void check_size(const film_spec *spec, int short_side) {
    const char *path = film_make(spec);
    if (!path) {
        skip();
    }
    film_width = spec->width;
    film_channels = spec->alpha ? 4 : 3;
    mien_tensor *clean = first_frame(path, short_side, false);
    mien_tensor *clumsy = first_frame(path, short_side, true);
    assert_memory_equal(clean->shape, clumsy->shape, 3 * sizeof(int64_t));
    assert_memory_equal(clean->data, clumsy->data, mien_tensor_bytes(clean));
    mien_tensor_free(&clean);
    mien_tensor_free(&clumsy);
}

static void check_widths(film_spec spec) {
    for (int width = 1; width <= WIDEST; width++) {
        spec.width = width;
        spec.height = 1 + width % 7;
        check_size(&spec, 0);
        spec.height = 20 + width % 3;
        check_size(&spec, width % 2 ? 10 : 0); /* made smaller, of its own buffer */
    }
}

static void every_width_is_converted_within_its_memory(void **state) {
    (void)state;
    check_widths(
        (film_spec){.name = "width.avi", .encoder = "mjpeg", .frames = 1, .gop = 1});
}

static void every_width_with_alpha_too(void **state) {
    (void)state;
    check_widths((film_spec){
        .name = "alpha.mkv", .encoder = "ffv1", .frames = 1, .gop = 1, .alpha = true});
}

static void every_width_that_is_turned_too(void **state) {
    (void)state;
    check_widths((film_spec){.name = "turned.mov",
        .encoder = "mjpeg",
        .frames = 1,
        .gop = 1,
        .clockwise_deg = 90});
}

static void phones_sizes_too(void **state) {
    (void)state;
    static const int sizes[][2] = {{360, 640}, {426, 240}, {540, 960}, {184, 144},
        {24, 16}, {720, 1280}, {1080, 1920}, {480, 854}, {576, 1024}, {406, 720},
        {608, 1080}, {750, 1334}, {828, 1792}, {1170, 2532}, {1080, 2400}, {480, 848},
        {352, 288}, {176, 144}};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        film_spec spec = {
            .name = "phone.mp4", .encoder = "mpeg4", .frames = 2, .gop = 1};
        spec.width = sizes[i][0];
        spec.height = sizes[i][1];
        check_size(&spec, 0);
        spec.width = sizes[i][1];
        spec.height = sizes[i][0];
        check_size(&spec, i % 2 ? 100 : 0);
    }
}

/* The films of the fault report: their sizes ended the process. */
static void films_that_ended_the_process_play(void **state) {
    (void)state;
    static const struct {
        const char *name;
        int width, height;
    } films[] = {{"crash_426x240.mp4", 426, 240}, {"crash_426x240.avi", 426, 240},
        {"crash_360x640.mp4", 360, 640}, {"crash_184x144.mp4", 184, 144},
        {"crash_24x16.mp4", 24, 16}};
    for (size_t i = 0; i < sizeof films / sizeof *films; i++) {
        char name[64];
        snprintf(name, sizeof name, "cases/media/%s", films[i].name);
        const char *path = support_shared(name);
        film_width = films[i].width;
        film_channels = 3;
        mien_tensor *clean = first_frame(path, 0, false);
        mien_tensor *clumsy = first_frame(path, 0, true);
        assert_int_equal(clean->shape[0], films[i].height);
        assert_int_equal(clean->shape[1], films[i].width);
        assert_memory_equal(clean->data, clumsy->data, mien_tensor_bytes(clean));
        mien_tensor_free(&clean);
        mien_tensor_free(&clumsy);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_width_is_converted_within_its_memory),
        cmocka_unit_test(every_width_with_alpha_too),
        cmocka_unit_test(every_width_that_is_turned_too),
        cmocka_unit_test(phones_sizes_too),
        cmocka_unit_test(films_that_ended_the_process_play),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
