/* SPDX-License-Identifier: MIT */
/* A picture's settings are its preprocessing, and its two halves are the whole of it.
 */
#include "support/support.h"

#include "mien/inputs.h"

#include <string.h>

enum { HEIGHT = 40, WIDTH = 52 };

static mien_tensor *paint(void) {
    const int64_t shape[] = {HEIGHT, WIDTH, 3};
    mien_tensor *image = NULL;
    assert_good(mien_tensor_new(MIEN_U8, 3, shape, &image));
    for (int i = 0; i < HEIGHT * WIDTH * 3; i++) {
        ((uint8_t *)image->data)[i] = (uint8_t)(i * 31 % 251);
    }
    return image;
}

static mien_preprocess small(mien_picture_fit fit) {
    mien_preprocess p = mien_preprocess_imagenet();
    p.fit = fit;
    p.size = 36;
    p.crop_height = 24;
    p.crop_width = 32;
    p.bgr = true;
    return p;
}

static void settings_give_the_preprocessing_back(void **state) {
    (void)state;
    mien_preprocess p = small(MIEN_FIT_PAD), back;
    mien_input input;
    p.scale = 1.0 / 127.5;
    p.mean[1] = 1.0 / 3;
    assert_good(mien_input_picture("scene", &p, &input));
    assert_string_equal(input.column, "image");
    assert_int_equal(input.shape.rank, 3);
    assert_int_equal(input.shape.size[1], 24);
    assert_good(mien_input_preprocess(&input, &back));
    assert_int_equal(back.fit, p.fit);
    assert_int_equal(back.size, p.size);
    assert_int_equal(back.resize, p.resize);
    assert_true(back.bgr);
    assert_memory_equal(&back.scale, &p.scale, sizeof p.scale);
    assert_memory_equal(back.mean, p.mean, sizeof p.mean);
    assert_memory_equal(back.deviation, p.deviation, sizeof p.deviation);
}

/* kept as bytes (short) or as floats (pad), it is what one call would have made */
static void both_halves_are_the_whole(void **state) {
    (void)state;
    static const mien_picture_fit fits[] = {MIEN_FIT_SHORT, MIEN_FIT_PAD};
    mien_tensor *image = paint();
    for (int f = 0; f < 2; f++) {
        mien_preprocess p = small(fits[f]);
        mien_input input;
        mien_reader *reader = NULL;
        float want[3 * 24 * 32], got[3 * 24 * 32], seen = 0;
        static unsigned char kept[3 * 24 * 32 * sizeof(float)];
        assert_good(mien_input_picture("scene", &p, &input));
        assert_good(mien_reader_open(&input, NULL, &reader));
        assert_int_equal(mien_reader_bytes(reader), 3 * 24 * 32 * (f ? 4 : 1));
        assert_good(mien_reader_load_image(reader, image, kept));
        assert_good(mien_reader_make(reader, kept, NULL, got, &seen));
        assert_good(mien_preprocess_run(&p, image, false, want));
        assert_memory_equal(got, want, sizeof want);
        assert_true(seen == 1);
        mien_reader_close(&reader);
    }
    mien_tensor_free(&image);
}

static void a_draw_changes_what_is_made_and_not_what_is_kept(void **state) {
    (void)state;
    mien_preprocess p = small(MIEN_FIT_SHORT);
    mien_input input;
    mien_reader *reader = NULL;
    mien_augment *augment = NULL;
    mien_tensor *image = paint();
    mien_stream stream;
    mien_augment_draw draw;
    float plain[3 * 24 * 32], flipped[3 * 24 * 32];
    unsigned char kept[3 * 24 * 32];
    assert_good(mien_augment_new(&augment));
    assert_good(mien_augment_parse(augment, NULL, "flip p=1"));
    assert_good(mien_input_picture("scene", &p, &input));
    assert_good(mien_reader_open(&input, augment, &reader));
    assert_good(mien_reader_load_image(reader, image, kept));
    mien_stream_init(&stream, 1, 2, 3);
    mien_augment_draw_make(augment, 24, 32, &stream, &draw);
    assert_good(mien_reader_make(reader, kept, &draw, flipped, NULL));
    assert_good(mien_reader_make(reader, kept, NULL, plain, NULL));
    assert_memory_equal(&flipped[31], &plain[0], sizeof(float));
    assert_memory_equal(&flipped[0], &plain[31], sizeof(float));
    mien_reader_close(&reader);
    mien_augment_free(&augment);
    mien_tensor_free(&image);
}

static void what_cannot_be_is_refused_by_name(void **state) {
    (void)state;
    mien_preprocess p = small(MIEN_FIT_SHORT), back;
    mien_input input, features;
    mien_reader *reader = NULL;
    unsigned char kept[3 * 24 * 32];
    mien_place nothing = mien_place_of(NULL),
               none = mien_place_of(support_temp_path("none.jpg"));
    assert_fails(mien_input_picture("a b", &p, &input), MIEN_EINVAL, "\"a b\"");
    assert_good(mien_input_picture("scene", &p, &input));
    assert_good(mien_reader_open(&input, NULL, &reader));
    assert_int_equal(mien_reader_load(reader, &nothing, kept), MIEN_END);
    mien_status status = mien_reader_load(reader, &none, kept);
    assert_int_not_equal(status, MIEN_OK);
    assert_non_null(strstr(mien_error(), "none.jpg"));
    mien_reader_close(&reader);
    strcpy(input.settings, "order=grb");
    assert_fails(mien_input_preprocess(&input, &back), MIEN_EINVAL, "order");
    strcpy(input.settings, "mean=1,2");
    assert_fails(mien_input_preprocess(&input, &back), MIEN_EINVAL, "three numbers");
    assert_good(mien_input_features("x", 3, &features));
    assert_fails(mien_input_preprocess(&features, &back), MIEN_EINVAL, "features");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(settings_give_the_preprocessing_back),
        cmocka_unit_test(both_halves_are_the_whole),
        cmocka_unit_test(a_draw_changes_what_is_made_and_not_what_is_kept),
        cmocka_unit_test(what_cannot_be_is_refused_by_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
