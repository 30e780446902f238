/* SPDX-License-Identifier: MIT */
/* Augmented pictures against torchvision's, scipy's and a plain reference, and what
 * never changes a bit. */
#include "support/support.h"

#include "mien/signal.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The formula of python/golden/augment.py, as bytes. */
static mien_tensor *picture(int64_t height, int64_t width) {
    int64_t shape[3] = {height, width, 3};
    mien_tensor *image = NULL;
    assert_good(mien_tensor_new(MIEN_U8, 3, shape, &image));
    for (uint64_t i = 0; i < (uint64_t)(height * width * 3); i++) {
        uint8_t raw = (uint8_t)((uint32_t)(i * UINT64_C(2654435761) + 12345) >> 13);
        uint64_t y = i / 3 / (uint64_t)width, x = i / 3 % (uint64_t)width;
        ((uint8_t *)image->data)[i] = (uint8_t)(raw / 4 + (y * 2 + x * 3) % 192);
    }
    return image;
}

/* Pictures as they are, [0, 1]. */
static mien_preprocess plain(int height, int width) {
    return (mien_preprocess){.fit = MIEN_FIT_NONE,
        .crop_height = height,
        .crop_width = width,
        .scale = 1.0 / 255.0,
        .deviation = {1, 1, 1}};
}

/* As networks get them; bgr and other units on wish. */
static mien_preprocess usual(int height, int width, bool bgr) {
    mien_preprocess p = mien_preprocess_imagenet();
    p.fit = MIEN_FIT_NONE;
    p.crop_height = height;
    p.crop_width = width;
    if (bgr) {
        p = plain(height, width);
        p.bgr = true;
        p.scale = 1.0;
        p.mean[0] = 103.939;
        p.mean[1] = 116.779;
        p.mean[2] = 123.68;
    }
    return p;
}

static mien_augment *parsed(const char *text) {
    mien_augment *a = NULL;
    assert_good(mien_augment_new(&a));
    assert_good(mien_augment_parse(a, NULL, text));
    return a;
}

typedef struct job {
    mien_preprocess preprocess;
    size_t values;
    float *in, *out;
} job;

static job start(const mien_preprocess *p) {
    job j = {.preprocess = *p};
    mien_tensor *image = picture(p->crop_height, p->crop_width);
    j.values = 3 * (size_t)p->crop_height * (size_t)p->crop_width;
    j.in = mien_alloc(j.values, sizeof(float));
    j.out = mien_alloc(j.values, sizeof(float));
    assert_good(mien_preprocess_run(p, image, false, j.in));
    mien_tensor_free(&image);
    return j;
}

static void end(job *j) {
    mien_free(j->in);
    mien_free(j->out);
}

static void run(job *j, const char *text, uint64_t seed) {
    mien_augment *a = parsed(text);
    mien_augmenter *augmenter = NULL;
    mien_augment_draw draw;
    mien_stream stream;
    mien_stream_init(&stream, seed, 2, 3);
    mien_augment_draw_make(
        a, j->preprocess.crop_height, j->preprocess.crop_width, &stream, &draw);
    assert_good(mien_augmenter_new(a, &j->preprocess, &augmenter));
    assert_good(mien_augmenter_run(augmenter, &draw, j->in, j->out));
    mien_augmenter_free(&augmenter);
    mien_augment_free(&a);
}

/* One line of the golden file, in the units of [0, 1] and in a network's. The largest
 * difference is of places computed in float by torch. */
static void check_line(char *line, int units) {
    char *bar = strchr(line, '|'), *at = NULL;
    assert_non_null(bar);
    *bar = '\0';
    int height = (int)strtol(bar + 1, &at, 10), width = (int)strtol(at + 1, &at, 10);
    mien_preprocess p =
        units == 0 ? plain(height, width) : usual(height, width, units == 2);
    job j = start(&p);
    run(&j, line, 1);
    char *text = at + 1;
    for (size_t k = 0; *text > ' '; k++) {
        double want = strtod(text, &at);
        size_t index = k * 7919 % j.values, plane = index / (j.values / 3);
        if (p.bgr) {
            index = (2 - plane) * (j.values / 3) + index % (j.values / 3);
            plane = 2 - plane;
        }
        double got = ((double)j.out[index] * p.deviation[plane] + p.mean[plane]) /
                     (p.scale * 255);
        if (!(fabs(got - want) <= 2e-6)) {
            fail_msg("%s: sample %d: got %.7g, want %.7g", line, (int)k, got, want);
        }
        text = *at == ' ' ? at + 1 : at;
    }
    end(&j);
}

static void results_equal_those_of_torchvision_and_scipy(void **state) {
    (void)state;
    char line[2048];
    for (int units = 0; units < 3; units++) {
        int lines = 0;
        FILE *file = fopen(support_source("tests/golden/augment.txt"), "r");
        assert_non_null(file);
        while (fgets(line, sizeof line, file)) {
            if (line[0] != '#') {
                check_line(line, units);
                lines++;
            }
        }
        fclose(file);
        assert_int_equal(lines, 31);
    }
}

static void what_changes_nothing_changes_no_bit(void **state) {
    (void)state;
    static const char *const texts[] = {"", "flip 0; vflip 0",
        "rotate 0; rotate 360,360", "rotate90 0,0", "zoom 1,1", "shear 0", "shift 0",
        "brightness 0", "contrast 0", "saturation 1,1", "hue 0", "noise 0", "erase 0",
        "mixup", "resample mirror", "flip 1; flip 1", "vflip 1; flip 1; rotate90 2,2",
        "rotate90 1,1; rotate90 1,1; rotate90 1,1; rotate90 1,1",
        "rotate 90,90; rotate90 3,3; brightness p=0"};
    for (int bgr = 0; bgr < 2; bgr++) {
        mien_preprocess p = usual(24, 24, bgr);
        job j = start(&p);
        for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
            memset(j.out, 0, j.values * sizeof(float));
            run(&j, texts[i], i);
            if (memcmp(j.in, j.out, j.values * sizeof(float)) != 0) {
                fail_msg("\"%s\" changes something", texts[i]);
            }
        }
        end(&j);
    }
}

static void done_again_it_is_undone_to_the_bit(void **state) {
    (void)state;
    static const struct {
        const char *text;
        int times;
    } cases[] = {{"flip 1", 2}, {"vflip 1; resample reflect", 2}, {"rotate90 1,1", 4},
        {"rotate90 3,3", 4}, {"rotate 180,180", 2}, {"rotate 90,90", 4}};
    mien_preprocess p = usual(31, 31, false);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        job j = start(&p);
        float *first = mien_alloc(j.values, sizeof(float));
        memcpy(first, j.in, j.values * sizeof(float));
        for (int t = 0; t < cases[i].times; t++) {
            run(&j, cases[i].text, 1);
            assert_memory_not_equal(j.in, j.out, j.values * sizeof(float));
            memcpy(j.in, j.out, j.values * sizeof(float));
        }
        assert_memory_equal(j.in, first, j.values * sizeof(float));
        mien_free(first);
        end(&j);
    }
}

static void a_flip_is_the_mirror_of_the_preprocessing(void **state) {
    (void)state;
    mien_preprocess p = usual(19, 28, true);
    job j = start(&p);
    float *mirrored = mien_alloc(j.values, sizeof(float));
    mien_tensor *image = picture(19, 28);
    assert_good(mien_preprocess_run(&p, image, true, mirrored));
    run(&j, "flip 1", 1);
    assert_memory_equal(j.out, mirrored, j.values * sizeof(float));
    mien_tensor_free(&image);
    mien_free(mirrored);
    end(&j);
}

/* ---- resampling as a reader would write it --------------------------------------- */

static int plain_index(int fill, int i, int n) {
    while (fill != MIEN_FILL_CONSTANT && (i < 0 || i >= n)) {
        if (fill == MIEN_FILL_NEAREST) {
            i = i < 0 ? 0 : n - 1;
        } else if (fill == MIEN_FILL_REFLECT) {
            i = i < 0 ? -i - 1 : 2 * n - 1 - i;
        } else {
            i = n == 1 ? 0 : i < 0 ? -i : 2 * n - 2 - i;
        }
    }
    return i >= 0 && i < n ? i : -1;
}

static double plain_tap(
    const job *j, int fill, double colour, int plane, int y, int x) {
    int h = j->preprocess.crop_height, w = j->preprocess.crop_width;
    int row = plain_index(fill, y, h), column = plain_index(fill, x, w);
    return row < 0 || column < 0 ? colour
                                 : (double)j->in[(plane * h + row) * w + column];
}

static void random_maps_equal_the_plain_reference(void **state) {
    (void)state;
    static const char *const fills[] = {"constant", "nearest", "reflect", "mirror"};
    const int sizes[][2] = {{17, 29}, {1, 9}, {9, 1}, {40, 3}};
    char text[256];
    for (int trial = 0; trial < 160; trial++) {
        int fill = trial % 4, nearest = trial / 4 % 2;
        int h = sizes[trial / 8 % 4][0], w = sizes[trial / 8 % 4][1];
        mien_preprocess p = plain(h, w);
        job j = start(&p);
        snprintf(text, sizeof text,
            "flip; rotate 180; zoom 0.3,4; shear 50; shift 1; resample %s kernel=%s "
            "colour=0.75",
            fills[fill], nearest ? "nearest" : "bilinear");
        run(&j, text, (uint64_t)trial);
        mien_augment *a = parsed(text);
        mien_augment_draw draw;
        mien_stream stream;
        mien_affine back;
        mien_stream_init(&stream, (uint64_t)trial, 2, 3);
        mien_augment_draw_make(a, h, w, &stream, &draw);
        assert_good(mien_affine_inverse(&draw.map, &back));
        for (int i = 0; i < 3 * h * w; i++) {
            int plane = i / (h * w), y = i / w % h, x = i % w;
            double sx = back.xx * (x + 0.5) + back.xy * (y + 0.5) + back.x0 - 0.5;
            double sy = back.yx * (x + 0.5) + back.yy * (y + 0.5) + back.y0 - 0.5;
            double want, fx = sx - floor(sx), fy = sy - floor(sy);
            int left = (int)floor(sx), top = (int)floor(sy);
            if (nearest) {
                if (fabs(fx - 0.5) < 1e-9 || fabs(fy - 0.5) < 1e-9) {
                    continue; /* between two pixels: either is right */
                }
                want = plain_tap(
                    &j, fill, 0.75, plane, top + (fy > 0.5), left + (fx > 0.5));
            } else {
                want =
                    (1 - fy) *
                        ((1 - fx) * plain_tap(&j, fill, 0.75, plane, top, left) +
                            fx * plain_tap(&j, fill, 0.75, plane, top, left + 1)) +
                    fy * ((1 - fx) * plain_tap(&j, fill, 0.75, plane, top + 1, left) +
                             fx * plain_tap(&j, fill, 0.75, plane, top + 1, left + 1));
            }
            assert_near((double)j.out[i], want, 1e-6);
        }
        mien_augment_free(&a);
        end(&j);
    }
}

static void colours_stay_in_range_and_follow_their_formula(void **state) {
    (void)state;
    mien_preprocess p = plain(16, 20);
    job j = start(&p);
    run(&j, "brightness 1.75,1.75", 1);
    for (size_t i = 0; i < j.values; i++) {
        assert_near((double)j.out[i], fmin(1.0, 1.75 * (double)j.in[i]), 1e-6);
    }
    run(&j, "saturation 0,0", 1);
    size_t plane = j.values / 3;
    for (size_t i = 0; i < plane; i++) {
        double grey = 0.2989 * (double)j.in[i] + 0.587 * (double)j.in[plane + i] +
                      0.114 * (double)j.in[2 * plane + i];
        for (size_t c = 0; c < 3; c++) {
            assert_near((double)j.out[c * plane + i], grey, 1e-6);
        }
    }
    run(&j, "contrast 0,0", 1);
    for (size_t i = 1; i < j.values; i++) {
        assert_near((double)j.out[i], (double)j.out[0], 0.0);
    }
    run(&j, "brightness 5; contrast 5; saturation 5; hue 0.5; noise 1,1", 1);
    for (size_t i = 0; i < j.values; i++) {
        assert_true(j.out[i] >= 0.0f && j.out[i] <= 1.0f);
    }
    end(&j);
}

static void noise_is_normal_and_never_the_same(void **state) {
    (void)state;
    mien_preprocess p = plain(128, 127);
    job j = start(&p);
    for (size_t i = 0; i < j.values; i++) {
        j.in[i] = 0.5f;
    }
    float *other = mien_alloc(j.values, sizeof(float));
    run(&j, "noise 0.05,0.05", 1);
    memcpy(other, j.out, j.values * sizeof(float));
    double sum = 0, squares = 0, product = 0;
    run(&j, "noise 0.05,0.05", 2);
    for (size_t i = 0; i < j.values; i++) {
        double a = (double)j.out[i] - 0.5, b = (double)other[i] - 0.5;
        sum += a;
        squares += a * a;
        product += a * b;
    }
    double n = (double)j.values;
    assert_near(sum / n, 0.0, 5 * 0.05 / sqrt(n));
    assert_near(sqrt(squares / n), 0.05, 5 * 0.05 / sqrt(2 * n));
    assert_near(product / n, 0.0, 5 * 0.0025 / sqrt(n));
    mien_free(other);
    end(&j);
}

static void erasing_paints_one_rectangle_with_the_mean(void **state) {
    (void)state;
    mien_preprocess p = usual(40, 60, true);
    job j = start(&p);
    int erased = 0;
    run(&j, "erase p=1 area=0.1,0.2", 5);
    for (int i = 0; i < 40 * 60; i++) {
        bool gone =
            j.out[i] == 0.0f && j.out[2400 + i] == 0.0f && j.out[4800 + i] == 0.0f;
        erased += gone;
        assert_true(gone || fabsf(j.out[i] - j.in[i]) < 1e-4f);
    }
    assert_true(erased > 0.08 * 2400 && erased < 0.22 * 2400);
    end(&j);
}

static void a_picture_may_be_changed_in_place(void **state) {
    (void)state;
    static const char *const texts[] = {
        "", "rotate 10,10; contrast 0.5,0.5", "hue 0.1,0.1"};
    mien_preprocess p = usual(20, 30, false);
    for (size_t i = 0; i < 3; i++) {
        job j = start(&p);
        run(&j, texts[i], 1);
        float *want = j.out;
        j.out = j.in;
        run(&j, texts[i], 1);
        assert_memory_equal(j.in, want, j.values * sizeof(float));
        mien_free(want);
        mien_free(j.in);
    }
}

static void wrong_sizes_are_refused(void **state) {
    (void)state;
    mien_augment *a = parsed("flip");
    mien_augmenter *augmenter = NULL;
    mien_preprocess p = plain(4, 5);
    mien_augment_draw draw;
    mien_stream stream;
    float pixels[60] = {0};
    mien_stream_init(&stream, 1, 2, 3);
    mien_augment_draw_make(a, 5, 4, &stream, &draw);
    assert_good(mien_augmenter_new(a, &p, &augmenter));
    assert_fails(
        mien_augmenter_run(augmenter, &draw, pixels, pixels), MIEN_ESHAPE, "5 x 4");
    mien_augmenter_free(&augmenter);
    p.crop_height = p.crop_width = 0;
    assert_fails(mien_augmenter_new(a, &p, &augmenter), MIEN_EINVAL, "one size");
    mien_augment_free(&a);
}

static mien_status make_one(void *context) {
    mien_augmenter *augmenter = NULL;
    mien_preprocess p = plain(4, 5);
    mien_status status = mien_augmenter_new(context, &p, &augmenter);
    mien_augmenter_free(&augmenter);
    return status;
}

static void each_failing_allocation_is_reported(void **state) {
    (void)state;
    mien_augment *a = parsed("flip");
    support_each_allocation_fails(make_one, a, 10);
    mien_augment_free(&a);
}

/* Not a test of speed, which a busy machine could fail: it prints what it took. */
static void nothing_is_allocated_while_it_works(void **state) {
    (void)state;
    enum { TIMES = 20 };
    mien_preprocess p = usual(224, 224, false);
    job j = start(&p);
    mien_augment *a = parsed(
        "flip 1; rotate 15,15; zoom 1.1,1.1; brightness 1.2,1.2; resample reflect");
    mien_augmenter *augmenter = NULL;
    mien_augment_draw draw;
    mien_stream stream;
    mien_stream_init(&stream, 1, 2, 3);
    mien_augment_draw_make(a, 224, 224, &stream, &draw);
    assert_good(mien_augmenter_new(a, &p, &augmenter));
    uint64_t before = mien_alloc_count();
    double best = 1e9;
    for (int i = 0; i < TIMES; i++) {
        double start_s = mien_clock_s();
        assert_good(mien_augmenter_run(augmenter, &draw, j.in, j.out));
        double took_s = mien_clock_s() - start_s;
        best = took_s < best ? took_s : best;
    }
    assert_int_equal(mien_alloc_count(), before);
    print_message("flip, rotate, zoom, brightness of 224 x 224: %.3f ms\n", best * 1e3);
    mien_augmenter_free(&augmenter);
    mien_augment_free(&a);
    end(&j);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(results_equal_those_of_torchvision_and_scipy),
        cmocka_unit_test(what_changes_nothing_changes_no_bit),
        cmocka_unit_test(done_again_it_is_undone_to_the_bit),
        cmocka_unit_test(a_flip_is_the_mirror_of_the_preprocessing),
        cmocka_unit_test(random_maps_equal_the_plain_reference),
        cmocka_unit_test(colours_stay_in_range_and_follow_their_formula),
        cmocka_unit_test(noise_is_normal_and_never_the_same),
        cmocka_unit_test(erasing_paints_one_rectangle_with_the_mean),
        cmocka_unit_test(a_picture_may_be_changed_in_place),
        cmocka_unit_test(wrong_sizes_are_refused),
        cmocka_unit_test(each_failing_allocation_is_reported),
        cmocka_unit_test(nothing_is_allocated_while_it_works),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
