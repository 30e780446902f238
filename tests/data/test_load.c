/* SPDX-License-Identifier: MIT */
/* Pictures of trials as a batch: the same numbers as one by one, whatever the threads
 * do. */
#include "data/fixtures.h"

enum { SIDE = 16, VALUES = 3 * SIDE * SIDE };

static mien_preprocess small(void) {
    mien_preprocess p = mien_preprocess_imagenet();
    p.size = p.crop_height = p.crop_width = SIDE;
    return p;
}

/* Five rows: pictures, one of them missing, one no picture, one unnamed. */
static mien_trials *open_trials(void) {
    mien_trials *t = NULL;
    fixture_bmp("one.bmp", 40, 30, 1);
    fixture_bmp("two.bmp", 30, 40, 2);
    fixture_text("text.jpg", "this is no picture");
    fixture_text("load.json", "{\"version\":1,\"targets\":{}}");
    fixture_text("load.tsv",
        "trial\timage\n"
        "a\tone.bmp\nb\ttwo.bmp\nc\ttext.jpg\nd\tnone.bmp\ne\tn/a\n");
    assert_good(mien_trials_open(support_temp_path("load.tsv"), &t));
    return t;
}

static void a_batch_holds_what_each_picture_gives_alone(void **state) {
    (void)state;
    static float batch[3 * VALUES], alone[VALUES];
    mien_trials *t = open_trials();
    mien_preprocess p = small();
    mien_image_options options = mien_image_options_default();
    options.scale_short_min = mien_preprocess_short_side(&p);
    const int64_t rows[] = {1, 0, 1};
    static const char *const names[] = {"two.bmp", "one.bmp", "two.bmp"};
    for (int threads = 1; threads <= 3; threads++) {
        mien_pool *pool = NULL;
        assert_good(mien_pool_new(threads, &pool));
        memset(batch, 0, sizeof batch);
        assert_good(mien_trials_load_images(t, rows, 3, &p, pool, NULL, batch));
        for (int i = 0; i < 3; i++) {
            mien_tensor *image = NULL;
            assert_good(mien_image_read(support_temp_path(names[i]), &options, &image));
            assert_good(mien_preprocess_run(&p, image, false, alone));
            assert_memory_equal(batch + i * VALUES, alone, sizeof alone);
            mien_tensor_free(&image);
        }
        mien_pool_free(&pool);
    }
    assert_memory_not_equal(batch, batch + VALUES, VALUES * sizeof(float));
    mien_trials_close(&t);
}

static void the_first_bad_picture_ends_the_call(void **state) {
    (void)state;
    static float batch[5 * VALUES];
    mien_trials *t = open_trials();
    mien_preprocess p = small();
    const int64_t rows[] = {0, 1, 2, 3, 4};
    assert_fails(mien_trials_load_images(t, rows, 5, &p, NULL, NULL, batch),
        MIEN_EFORMAT, "text.jpg");
    assert_fails(mien_trials_load_images(t, rows + 3, 1, &p, NULL, NULL, batch),
        MIEN_EIO, "none.bmp");
    assert_fails(mien_trials_load_images(t, rows + 4, 1, &p, NULL, NULL, batch),
        MIEN_EFORMAT, "trial e names no image");
    mien_trials_close(&t);
}

static void count_warning(
    void *context, mien_log_level level, const char *room, const char *text) {
    (void)room;
    (void)text;
    *(int *)context += level == MIEN_LOG_WARN;
}

static void bad_pictures_are_marked_and_the_rest_goes_on(void **state) {
    (void)state;
    static float batch[5 * VALUES];
    bool failed[5] = {true, true, false, false, false};
    int warnings = 0;
    mien_trials *t = open_trials();
    mien_preprocess p = small();
    const int64_t rows[] = {0, 1, 2, 3, 4};
    for (int i = 0; i < 5 * VALUES; i++) {
        batch[i] = 7;
    }
    mien_log_set(count_warning, &warnings);
    assert_good(mien_trials_load_images(t, rows, 5, &p, NULL, failed, batch));
    mien_log_set(NULL, NULL);
    assert_int_equal(warnings, 3);
    for (int i = 0; i < 5; i++) {
        assert_int_equal(failed[i], i >= 2);
        for (int v = 0; v < VALUES; v++) {
            assert_true(
                i < 2 ? batch[i * VALUES + v] != 7 : batch[i * VALUES + v] == 0);
        }
    }
    mien_trials_close(&t);
}

static void an_interrupt_or_an_open_size_ends_the_call(void **state) {
    (void)state;
    static float batch[VALUES];
    bool failed;
    mien_trials *t = open_trials();
    mien_preprocess p = small();
    const int64_t rows[] = {0};
    mien_interrupt();
    assert_int_equal(
        mien_trials_load_images(t, rows, 1, &p, NULL, NULL, batch), MIEN_EINTERRUPTED);
    assert_int_equal(mien_trials_load_images(t, rows, 1, &p, NULL, &failed, batch),
        MIEN_EINTERRUPTED);
    mien_interrupt_clear();
    p.fit = MIEN_FIT_NONE;
    p.crop_height = p.crop_width = 0;
    assert_fails(mien_trials_load_images(t, rows, 1, &p, NULL, NULL, batch),
        MIEN_EINVAL, "one size");
    mien_trials_close(&t);
}

static mien_status load_again(void *context) {
    static float batch[2 * VALUES];
    bool failed[2];
    mien_preprocess p = small();
    const int64_t rows[] = {0, 1};
    return mien_trials_load_images(context, rows, 2, &p, NULL, failed, batch);
}

static void each_failing_allocation_is_reported(void **state) {
    (void)state;
    mien_trials *t = open_trials();
    support_each_allocation_fails(load_again, t, 200);
    mien_trials_close(&t);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_batch_holds_what_each_picture_gives_alone),
        cmocka_unit_test(the_first_bad_picture_ends_the_call),
        cmocka_unit_test(bad_pictures_are_marked_and_the_rest_goes_on),
        cmocka_unit_test(an_interrupt_or_an_open_size_ends_the_call),
        cmocka_unit_test(each_failing_allocation_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
