/* SPDX-License-Identifier: MIT */
/* Lists of augmentations as people write them. */
#include "support/support.h"

#include "mien/signal.h"

#include <string.h>

static void assert_written(const char *text, const char *want) {
    mien_augment *a = NULL, *again = NULL;
    mien_string out, second;
    mien_string_init(&out);
    mien_string_init(&second);
    assert_good(mien_augment_new(&a));
    assert_good(mien_augment_parse(a, NULL, text));
    assert_good(mien_augment_write(a, &out));
    assert_string_equal(out.text, want);
    assert_good(mien_augment_new(&again));
    assert_good(mien_augment_parse(again, NULL, out.text));
    assert_good(mien_augment_write(again, &second));
    assert_string_equal(second.text, want);
    mien_string_clear(&out);
    mien_string_clear(&second);
    mien_augment_free(&a);
    mien_augment_free(&again);
}

static void what_is_written_reads_back(void **state) {
    (void)state;
    assert_written("", "");
    assert_written(" ;\n; flip", "flip p=0.5");
    assert_written("rotate 15; brightness [0.8,1.2] p=0.3",
        "rotate p=1 degrees=15; brightness p=0.3 factor=0.8,1.2");
    assert_written("flip;zoom factor=0.7,1.3\tjoint=yes",
        "flip p=0.5; zoom p=1 factor=0.7,1.3 joint=yes step=false");
    assert_written("resample reflect\nshift 0.3 down=0",
        "resample kernel=bilinear fill=reflect colour=mean; shift p=1 across=0.3 "
        "down=0");
}

static void steps_are_added_as_a_study_names_them(void **state) {
    (void)state;
    mien_augment *a = NULL;
    const char *keys[] = {NULL, "p"}, *values[] = {"-10, 30", "0.25"};
    assert_good(mien_augment_new(&a));
    assert_good(mien_augment_add(a, "s.yaml:3", "flip", 0, NULL, NULL));
    assert_good(mien_augment_add(a, "s.yaml:4", "rotate", 2, keys, values));
    assert_int_equal(mien_augment_count(a), 2);
    assert_string_equal(mien_augment_step_kind(a, 1)->name, "rotate");
    assert_null(mien_augment_step_kind(a, 2));
    assert_near(mien_options_number(mien_augment_step_options(a, 1), "p"), 0.25, 0);
    assert_false(mien_augment_mixes(a));
    assert_good(mien_augment_add(a, NULL, "mixup", 0, NULL, NULL));
    assert_true(mien_augment_mixes(a));
    mien_augment_free(&a);
    assert_null(a);
    mien_augment_free(&a);
}

static void mistakes_are_told_with_place_and_remedy(void **state) {
    (void)state;
    static const char *const cases[][2] = {
        {"rotat 3", "did you mean \"rotate\""},
        {"wavelet", "known: flip, vflip"},
        {"rotate degree=3", "did you mean \"degrees\""},
        {"rotate fast", "\"fast\" is not a number or two"},
        {"rotate 1,2,3", "is not a number or two"},
        {"rotate nan", "not a number"},
        {"rotate 9,3", "9 to 3 goes down"},
        {"rotate 0,361", "not within -360 to 360"},
        {"brightness -1,1", "not within 0 to 10"},
        {"flip 1.5", "range (0 to 1)"},
        {"rotate90 0,1.5", "not whole numbers"},
        {"resample fill=wrap", "is none of"},
        {"resample colour=0.1,2,0", "colour"},
        {"resample colour=1,1", "colour"},
        {"mixup 0", "alpha"},
        {"erase aspect=0,1", "aspect"},
        {"shear 90", "degrees"},
    };
    char longer[70000];
    mien_augment *a = NULL;
    assert_good(mien_augment_new(&a));
    assert_good(mien_augment_parse(a, NULL, "flip"));
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_fails(
            mien_augment_parse(a, "s.yaml:7", cases[i][0]), MIEN_EINVAL, "s.yaml:7: ");
        assert_non_null(strstr(mien_error(), cases[i][1]));
        char text[128] = "vflip; rotate 3; ";
        strcat(text, cases[i][0]);
        assert_fails(mien_augment_parse(a, NULL, text), MIEN_EINVAL, cases[i][1]);
        assert_int_equal(mien_augment_count(a), 1); /* nothing of it is kept */
    }
    memset(longer, ' ', sizeof longer - 1);
    longer[sizeof longer - 1] = '\0';
    assert_fails(mien_augment_parse(a, NULL, longer), MIEN_ELIMIT, "65536");
    assert_fails(mien_augment_parse(a, NULL,
                     "flip;flip;flip;flip;flip;flip;flip;flip;flip;flip;flip;flip;flip;"
                     "flip;flip;flip"),
        MIEN_ELIMIT, "16");
    mien_augment_free(&a);
}

static void a_failed_list_keeps_the_resampling_before_it(void **state) {
    (void)state;
    mien_augment *a = NULL, *b = NULL;
    mien_augmenter *of_a = NULL, *of_b = NULL;
    mien_augment_draw draw;
    mien_stream stream;
    float in[48], out_a[48], out_b[48];
    mien_preprocess p = {.fit = MIEN_FIT_NONE,
        .crop_height = 4,
        .crop_width = 4,
        .scale = 1.0 / 255.0,
        .deviation = {1, 1, 1}};
    for (int i = 0; i < 48; i++) {
        in[i] = (float)i / 48.0f;
    }
    assert_good(mien_augment_new(&a));
    assert_good(mien_augment_new(&b));
    assert_good(mien_augment_parse(a, NULL, "shift 0.5,0.5; resample nearest"));
    assert_good(mien_augment_parse(b, NULL, "shift 0.5,0.5; resample nearest"));
    assert_int_equal(mien_augment_parse(a, NULL, "resample constant colour=1; nothing"),
        MIEN_EINVAL);
    mien_stream_init(&stream, 1, 2, 3);
    mien_augment_draw_make(a, 4, 4, &stream, &draw);
    assert_good(mien_augmenter_new(a, &p, &of_a));
    assert_good(mien_augmenter_new(b, &p, &of_b));
    assert_good(mien_augmenter_run(of_a, &draw, in, out_a));
    assert_good(mien_augmenter_run(of_b, &draw, in, out_b));
    assert_memory_equal(out_a, out_b, sizeof out_a);
    mien_augmenter_free(&of_a);
    mien_augmenter_free(&of_b);
    mien_augment_free(&a);
    mien_augment_free(&b);
}

static mien_status read_and_write(void *context) {
    mien_augment *a = NULL;
    mien_string text;
    mien_string_init(&text);
    mien_status status = mien_augment_new(&a);
    status = status ? status : mien_augment_parse(a, "here", context);
    status = status ? status : mien_augment_write(a, &text);
    mien_string_clear(&text);
    mien_augment_free(&a);
    return status;
}

static void each_failing_allocation_is_reported(void **state) {
    (void)state;
    char text[] = "flip; rotate 15; brightness 0.8,1.2; mixup; resample mirror";
    support_each_allocation_fails(read_and_write, text, 300);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_reads_back),
        cmocka_unit_test(steps_are_added_as_a_study_names_them),
        cmocka_unit_test(mistakes_are_told_with_place_and_remedy),
        cmocka_unit_test(a_failed_list_keeps_the_resampling_before_it),
        cmocka_unit_test(each_failing_allocation_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
