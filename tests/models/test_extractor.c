/* SPDX-License-Identifier: MIT */
/* Features of named layers: pooling, several taps, batches, the mirrored view. */
#include "support/support.h"

#include <stdlib.h>

#include "models/drawn.h"

#define SIZE 64
#define PIXELS (3 * SIZE * SIZE)

static const mien_backbone *backbone;
static char weights[4096];

static int set_up(void **state) {
    (void)state;
    if (mien_backbone_find("mobilenet_v2", &backbone) != MIEN_OK) {
        return 1;
    }
    strcpy(weights, support_temp_path("drawn.safetensors"));
    return drawn_save(backbone, weights) != MIEN_OK;
}

static mien_extractor_options options_for(const char *layers) {
    mien_extractor_options o = mien_extractor_options_default();
    o.backbone = backbone;
    o.weights = weights;
    o.layers = layers;
    o.height = o.width = SIZE;
    o.batch = 1;
    o.threads = 1;
    return o;
}

/* features [n, width] of n pictures; the caller frees them. */
static float *features_of(
    const mien_extractor_options *o, const float *images, int64_t n, int64_t *width) {
    mien_extractor *e = NULL;
    assert_good(mien_extractor_open(o, &e));
    *width = mien_extractor_width(e);
    float *features = mien_alloc((size_t)(n * *width), sizeof *features);
    assert_non_null(features);
    assert_good(mien_extractor_run(e, images, n, features));
    mien_extractor_close(&e);
    return features;
}

static float *pictures(int64_t n) {
    float *images = mien_alloc((size_t)(n * PIXELS), sizeof *images);
    assert_non_null(images);
    drawn_picture(images, n * PIXELS);
    return images;
}

static void pools_are_those_of_the_map(void **state) {
    (void)state;
    int64_t width, map_width;
    float *image = pictures(1);
    mien_extractor_options o = options_for("features.13:map");
    float *map = features_of(&o, image, 1, &map_width);
    assert_int_equal(map_width, 96 * 4 * 4);
    o.layers = "features.13, features.13:average,features.13:max ,features.13:sd";
    float *pooled = features_of(&o, image, 1, &width);
    assert_int_equal(width, 4 * 96);
    for (int c = 0; c < 96; c++) {
        double mean = 0, largest = -INFINITY, squares = 0;
        for (int i = 0; i < 16; i++) {
            double v = (double)map[16 * c + i];
            mean += v / 16;
            largest = v > largest ? v : largest;
        }
        for (int i = 0; i < 16; i++) {
            squares += pow((double)map[16 * c + i] - mean, 2) / 16;
        }
        assert_near((double)pooled[c], mean, 1e-4);
        assert_near((double)pooled[96 + c], mean, 1e-4);
        assert_near((double)pooled[192 + c], largest, 1e-5);
        assert_near((double)pooled[288 + c], sqrt(squares), 1e-4);
    }
    mien_free(pooled);
    mien_free(map);
    mien_free(image);
}

static void a_grid_holds_means_of_the_map(void **state) {
    (void)state;
    int64_t width, map_width;
    float *image = pictures(1), want[96 * 8];
    mien_extractor_options o = options_for("features.13:map");
    float *map = features_of(&o, image, 1, &map_width);
    o.layers = "features.13:4x2";
    float *grid = features_of(&o, image, 1, &width);
    assert_int_equal(width, 96 * 8);
    for (int i = 0; i < 96 * 8; i++) { /* 4 × 4 to 4 × 2: pairs in a row */
        want[i] = 0.5f * (map[2 * i] + map[2 * i + 1]);
    }
    assert_close(grid, want, width, 1e-5, 1e-5);
    mien_free(grid);
    /* mirrored views are turned back before they are averaged */
    o.mirror = true;
    grid = features_of(&o, image, 1, &width);
    o.layers = "features.13:map";
    mien_free(map);
    map = features_of(&o, image, 1, &map_width);
    for (int i = 0; i < 96 * 8; i++) {
        want[i] = 0.5f * (map[2 * i] + map[2 * i + 1]);
    }
    assert_close(grid, want, width, 1e-5, 1e-5);
    mien_free(grid);
    mien_free(map);
    mien_free(image);
}

static void parts_are_named_as_they_were_asked_for(void **state) {
    (void)state;
    mien_extractor *e = NULL;
    mien_extractor_options o = options_for("features.3:max, pool,classifier.1");
    assert_good(mien_extractor_open(&o, &e));
    assert_int_equal(mien_extractor_parts(e), 3);
    assert_string_equal(mien_extractor_part_name(e, 0), "features.3:max");
    assert_string_equal(mien_extractor_part_name(e, 1), "pool");
    assert_string_equal(mien_extractor_part_name(e, 2), "classifier.1");
    assert_int_equal(mien_extractor_part_width(e, 0), 24);
    assert_int_equal(mien_extractor_part_width(e, 1), 1280);
    assert_int_equal(mien_extractor_part_width(e, 2), 1000);
    assert_int_equal(mien_extractor_width(e), 2304);
    assert_null(mien_extractor_part_name(e, 3));
    char hex[65];
    assert_good(mien_sha256_file(weights, hex));
    assert_string_equal(mien_extractor_hash(e), hex);
    mien_extractor_close(&e);
}

static void the_batch_does_not_change_the_features(void **state) {
    (void)state;
    int64_t width;
    float *images = pictures(5);
    mien_extractor_options o = options_for("features.7,pool");
    float *one = features_of(&o, images, 5, &width);
    o.batch = 3;
    float *three = features_of(&o, images, 5, &width);
    assert_close(three, one, 5 * width, 1e-4, 1e-4);
    assert_true(fabsf(one[0] - one[width]) > 1e-6f);
    mien_free(three);
    mien_free(one);
    mien_free(images);
}

static void the_mirrored_view_is_averaged(void **state) {
    (void)state;
    int64_t width;
    float *images = pictures(2), *flipped = images + PIXELS;
    for (int64_t row = 0; row < 3 * SIZE; row++) {
        for (int64_t x = 0; x < SIZE; x++) {
            flipped[row * SIZE + x] = images[row * SIZE + SIZE - 1 - x];
        }
    }
    mien_extractor_options o = options_for("features.4:map,pool");
    float *plain = features_of(&o, images, 2, &width);
    o.mirror = true;
    float *both = features_of(&o, images, 1, &width);
    float *want = mien_alloc((size_t)width, sizeof *want);
    assert_non_null(want);
    int64_t map = 32 * 8 * 8;
    for (int64_t i = 0; i < width; i++) {
        int64_t twin = i < map ? i - i % 8 + 7 - i % 8 : i;
        want[i] = 0.5f * (plain[i] + plain[width + twin]);
    }
    assert_close(both, want, width, 1e-5, 1e-5);
    mien_free(want);
    mien_free(both);
    mien_free(plain);
    mien_free(images);
}

/* Of ResNet-18's first block, 3 × 3 convolutions of 64 channels. */
static void exact_features_differ_in_the_last_digits(void **state) {
    (void)state;
    enum { SIDE = 128 };
    int64_t width;
    float *image = mien_alloc(3 * SIDE * SIDE, sizeof *image);
    mien_extractor_options o = mien_extractor_options_default();
    assert_non_null(image);
    drawn_picture(image, 3 * SIDE * SIDE);
    assert_good(mien_backbone_find("resnet18", &o.backbone));
    o.weights = "random";
    o.layers = "layer1:map";
    o.height = o.width = SIDE;
    o.batch = o.threads = 1;
    float *fast = features_of(&o, image, 1, &width);
    o.exact = true;
    float *exact = features_of(&o, image, 1, &width);
    assert_close(fast, exact, width, 1e-4, 1e-4);
    assert_true(memcmp(fast, exact, (size_t)width * sizeof *fast) != 0);
    mien_free(exact);
    mien_free(fast);
    mien_free(image);
}

static void running_allocates_nothing(void **state) {
    (void)state;
    mien_extractor *e = NULL;
    float *images = pictures(3);
    mien_extractor_options o = options_for("features.13:sd,pool");
    o.mirror = true;
    o.batch = 2;
    assert_good(mien_extractor_open(&o, &e));
    float *features =
        mien_alloc((size_t)(3 * mien_extractor_width(e)), sizeof *features);
    assert_good(mien_extractor_run(e, images, 3, features));
    uint64_t before = mien_alloc_count();
    assert_good(mien_extractor_run(e, images, 3, features));
    assert_int_equal(mien_alloc_count(), before);
    mien_extractor_close(&e);
    mien_free(features);
    mien_free(images);
}

static void random_weights_come_from_their_seed(void **state) {
    (void)state;
    int64_t width;
    float *image = pictures(1);
    mien_extractor_options o = options_for("features.2");
    o.weights = "random";
    o.random_seed = 1;
    float *a = features_of(&o, image, 1, &width),
          *b = features_of(&o, image, 1, &width);
    o.random_seed = 2;
    float *c = features_of(&o, image, 1, &width);
    assert_memory_equal(a, b, (size_t)width * sizeof *a);
    assert_memory_not_equal(a, c, (size_t)width * sizeof *a);
    mien_free(c);
    mien_free(b);
    mien_free(a);
    mien_free(image);
}

static void wrong_options_are_named(void **state) {
    (void)state;
    mien_extractor *e = NULL;
    mien_extractor_options o = options_for("features.99");
    assert_fails(
        mien_extractor_open(&o, &e), MIEN_ENOTFOUND, "no layer \"features.99\"");
    o.layers = "pool:median";
    assert_fails(mien_extractor_open(&o, &e), MIEN_EINVAL, "\"median\" is no pooling");
    o.layers = "features.13:7x";
    assert_fails(mien_extractor_open(&o, &e), MIEN_EINVAL, "\"7x\" is no pooling");
    o.layers = "features.13:0x7";
    assert_fails(mien_extractor_open(&o, &e), MIEN_EINVAL, "\"0x7\" is no pooling");
    o.layers = "classifier.1:2x2";
    assert_fails(mien_extractor_open(&o, &e), MIEN_EINVAL, "it has no grid");
    o.layers = "pool,,features.3";
    assert_fails(mien_extractor_open(&o, &e), MIEN_EINVAL, "part 2 is empty");
    o.layers = "";
    assert_fails(mien_extractor_open(&o, &e), MIEN_EINVAL, "part 1 is empty");
    o.layers = "classifier.1:sd";
    assert_fails(mien_extractor_open(&o, &e), MIEN_EINVAL, "no deviation");
    o = options_for("pool");
    o.height = 31;
    assert_fails(mien_extractor_open(&o, &e), MIEN_EINVAL, "32 × 32 and more");
    o = options_for("pool");
    o.batch = 0;
    assert_fails(mien_extractor_open(&o, &e), MIEN_EINVAL, "batch 0");
    o = options_for("pool");
    o.weights = support_temp_path("absent.pth");
    assert_fails(mien_extractor_open(&o, &e), MIEN_EIO, "absent.pth");
    o = options_for("pool");
    o.sha256 = "0000000000000000000000000000000000000000000000000000000000000000";
    assert_fails(mien_extractor_open(&o, &e), MIEN_EVERIFY, "other weights");
    o = options_for("pool");
    assert_good(mien_backbone_find("resnet18", &o.backbone));
    assert_fails(
        mien_extractor_open(&o, &e), MIEN_EFORMAT, "102 missing (conv1.weight, ");
    assert_null(e);
}

static void weights_not_fetched_name_the_command(void **state) {
    (void)state;
    mien_extractor *e = NULL;
    setenv("MIEN_CACHE", support_temp_path("empty cache"), 1);
    mien_extractor_options o = options_for("pool");
    o.weights = NULL;
    assert_fails(
        mien_extractor_open(&o, &e), MIEN_ENOTFOUND, "mien models pull mobilenet_v2");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pools_are_those_of_the_map),
        cmocka_unit_test(a_grid_holds_means_of_the_map),
        cmocka_unit_test(parts_are_named_as_they_were_asked_for),
        cmocka_unit_test(the_batch_does_not_change_the_features),
        cmocka_unit_test(the_mirrored_view_is_averaged),
        cmocka_unit_test(exact_features_differ_in_the_last_digits),
        cmocka_unit_test(running_allocates_nothing),
        cmocka_unit_test(random_weights_come_from_their_seed),
        cmocka_unit_test(wrong_options_are_named),
        cmocka_unit_test(weights_not_fetched_name_the_command),
    };
    return cmocka_run_group_tests(tests, set_up, NULL);
}
