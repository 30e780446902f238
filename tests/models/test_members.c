/* SPDX-License-Identifier: MIT */
/* Several backbones on the same pictures: as each alone, one after the other. */
#include "support/support.h"

#include <string.h>

#include "models/contract/members.h"

enum { SIDE = 64, PIXELS = 3 * SIDE * SIDE, PICTURES = 3 };

static const mien_backbone *backbone_of(const char *name) {
    const mien_backbone *b = NULL;
    assert_good(mien_backbone_find(name, &b));
    return b;
}

static float *features_of(const char *backbone, const char *layers, bool mirror,
    const float *images, int64_t *width) {
    mien_extractor *e = NULL;
    mien_extractor_options o = mien_extractor_options_default();
    o.backbone = backbone_of(backbone);
    o.layers = layers;
    o.weights = "random";
    o.random_seed = 3;
    o.height = o.width = SIDE;
    o.batch = 2;
    o.threads = 2;
    o.mirror = mirror;
    assert_good(mien_extractor_open(&o, &e));
    *width = mien_extractor_width(e);
    float *features = mien_alloc((size_t)(PICTURES * *width), sizeof *features);
    assert_non_null(features);
    assert_good(mien_extractor_run(e, images, PICTURES, features));
    mien_extractor_close(&e);
    return features;
}

/* Shares of 0 to 255 in the channels of pixels, normalised for a backbone. */
static float *pictures_for(const char *backbone) {
    const mien_preprocess p = backbone_of(backbone)->preprocess();
    float *images = mien_alloc((size_t)PICTURES * PIXELS, sizeof *images);
    assert_non_null(images);
    for (int i = 0; i < PICTURES * PIXELS; i++) {
        int channel = i / (SIDE * SIDE) % 3, rgb = p.bgr ? 2 - channel : channel;
        double level = (i * 37 + rgb * 91) % 256;
        images[i] = (float)((level * p.scale - p.mean[channel]) / p.deviation[channel]);
    }
    return images;
}

static void check(bool mirror) {
    int64_t all, one, two;
    float *first = pictures_for("mobilenet_v2"),
          *other = pictures_for("efficientnet_lite0");
    float *got = features_of("mobilenet_v2",
        "pool, features.3,efficientnet_lite0/pool,efficientnet_lite0/_blocks.3:max",
        mirror, first, &all);
    float *a = features_of("mobilenet_v2", "pool,features.3", mirror, first, &one);
    float *b =
        features_of("efficientnet_lite0", "pool,_blocks.3:max", mirror, other, &two);
    assert_int_equal(all, one + two);
    for (int i = 0; i < PICTURES; i++) {
        assert_close(got + i * all, a + i * one, one, 0, 0);
        assert_close(got + i * all + one, b + i * two, two, 1e-4, 1e-4);
    }
    mien_free(first);
    mien_free(other);
    mien_free(got);
    mien_free(a);
    mien_free(b);
}

static void features_are_those_of_each_alone(void **state) {
    (void)state;
    check(false);
}

static void mirrored_ones_too(void **state) {
    (void)state;
    check(true);
}

static void lists_that_cannot_be_are_refused(void **state) {
    (void)state;
    static mien_member members[MIEN_MEMBERS_MAX];
    int count;
    const mien_backbone *first = backbone_of("mobilenet_v2");
    assert_good(
        mien_members_of(first, "pool,resnet18/pool,resnet18/layer3", members, &count));
    assert_int_equal(count, 2);
    assert_string_equal(members[1].layers, "pool,layer3");
    assert_fails(
        mien_members_of(first, "pool,resnet18/pool,classifier.1", members, &count),
        MIEN_EINVAL, "mobilenet_v2 do not stand together");
    assert_fails(mien_members_of(first, "resnet18/pool", members, &count), MIEN_EINVAL,
        "the first layer is of resnet18");
    assert_fails(mien_members_of(first, "pool,resnet81/pool", members, &count),
        MIEN_ENOTFOUND, "resnet18");
    assert_fails(mien_members_of(first, "pool,keras_vgg16/pool", members, &count),
        MIEN_EINVAL, "SHA-256");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(features_are_those_of_each_alone),
        cmocka_unit_test(mirrored_ones_too),
        cmocka_unit_test(lists_that_cannot_be_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
