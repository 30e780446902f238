/* SPDX-License-Identifier: MIT */
/* A runner computes what its contract says, with the right backbone only. */
#include "support/support.h"

#include "models/drawn.h"

#define SIZE 64
#define PIXELS (3 * SIZE * SIZE)
#define WIDTH 120 /* features.3 has 24, features.13 has 96 */
#define TARGETS 2
#define VECTORS 5
#define PICTURES 3

static const mien_backbone *backbone;
static char weights[4096];
static float weight[TARGETS * WIDTH], zeros[WIDTH], ones[WIDTH], mean[96], scale[96],
    vectors[VECTORS * 96];
static float coefficient[TARGETS * VECTORS];
static const float bias[TARGETS] = {3, 4}, identity[TARGETS * TARGETS] = {1, 0, 0, 1};

static void draw(const char *name, float *values, int64_t count) {
    uint64_t start = drawn_start(name);
    for (int64_t i = 0; i < count; i++) {
        values[i] = (float)drawn_value(start, i);
    }
}

static int set_up(void **state) {
    (void)state;
    draw("weight", weight, TARGETS * WIDTH);
    draw("mean", mean, 96);
    draw("scale", scale, 96);
    draw("vectors", vectors, VECTORS * 96);
    draw("coefficient", coefficient, TARGETS * VECTORS);
    for (int i = 0; i < VECTORS * 96; i++) {
        vectors[i] = roundf(vectors[i] * 256) / 256; /* the same in half precision */
    }
    for (int i = 0; i < WIDTH; i++) {
        ones[i] = 1;
    }
    strcpy(weights, support_temp_path("drawn.safetensors"));
    return mien_backbone_find("mobilenet_v2", &backbone) != MIEN_OK ||
           drawn_save(backbone, weights) != MIEN_OK;
}

static mien_preprocess preprocess(void) {
    mien_preprocess p = mien_preprocess_imagenet();
    p.crop_height = p.crop_width = SIZE;
    return p;
}

static mien_network fixture_on(const char *name, const char *layers) {
    const mien_preprocess p = preprocess();
    char hash[65];
    mien_network r = {.targets_count = TARGETS,
        .targets = {{.name = "valence",
                        .minimum = 1,
                        .maximum = 7,
                        .construct = "evoked",
                        .perspective = "normative"},
            {.name = "arousal",
                .minimum = 1,
                .maximum = 7,
                .construct = "evoked",
                .perspective = "normative"}},
        .readout = {.features = WIDTH, .bias = bias, .blocks_count = 2}};
    assert_good(mien_sha256_file(weights, hash));
    assert_good(
        mien_architecture_readout(&r.architecture, &p, name, layers, true, hash));
    r.architecture.outputs = TARGETS;
    r.readout.blocks[0] = (mien_readout_block){.width = WIDTH,
        .vectors_count = TARGETS,
        .mean = zeros,
        .scale = ones,
        .vectors = weight,
        .coefficient = identity};
    r.readout.blocks[1] = (mien_readout_block){.first = 24,
        .width = 96,
        .unit = true,
        .gamma = 0.5,
        .vectors_count = VECTORS,
        .mean = mean,
        .scale = scale,
        .vectors = vectors,
        .coefficient = coefficient};
    return r;
}

#define LAYERS "features.3,features.13"
static mien_network fixture(void) {
    return fixture_on("mobilenet_v2", LAYERS);
}

static mien_model *saved(const mien_network *r) {
    mien_model *model = NULL;
    const char *path = support_temp_path("model.safetensors");
    assert_good(mien_network_save(path, r, NULL, NULL, 0));
    assert_good(mien_model_open(path, &model));
    return model;
}

/* The contract's formula, step by step. */
static void expect(const float *features, float *values) {
    double u[96], length = 0;
    for (int f = 0; f < 96; f++) {
        u[f] = ((double)features[24 + f] - (double)mean[f]) * (double)scale[f];
        length += u[f] * u[f];
    }
    for (int t = 0; t < TARGETS; t++) {
        double sum = (double)bias[t];
        for (int f = 0; f < WIDTH; f++) {
            sum += (double)weight[t * WIDTH + f] * (double)features[f];
        }
        for (int s = 0; s < VECTORS; s++) {
            double z = 0;
            for (int f = 0; f < 96; f++) {
                z += (double)vectors[s * 96 + f] * u[f] / sqrt(length);
            }
            sum += (double)coefficient[t * VECTORS + s] * exp(0.5 * z);
        }
        values[t] = (float)sum;
    }
}

static mien_status run(mien_runner *runner, const float *images, float *values) {
    return mien_runner_run_arrays(runner, &images, NULL, PICTURES, values, NULL);
}

static void values_follow_the_contract(void **state) {
    (void)state;
    mien_network r = fixture();
    mien_model *model = saved(&r);
    mien_runner *runner = NULL;
    mien_extractor *extractor = NULL;
    mien_runner_options options = mien_runner_options_default();
    options.weights = weights;
    options.threads = 1;
    options.batch = 2;
    mien_extractor_options e = mien_extractor_options_default();
    e.backbone = backbone;
    e.weights = weights;
    e.layers = LAYERS;
    e.height = e.width = SIZE;
    e.mirror = true;
    e.threads = 1;
    e.batch = 2;
    float *images = mien_alloc(PICTURES * PIXELS, sizeof *images);
    float features[PICTURES * WIDTH], got[PICTURES * TARGETS], want[PICTURES * TARGETS];
    assert_non_null(images);
    drawn_picture(images, (int64_t)PICTURES * PIXELS);
    assert_good(mien_runner_new(model, &options, &runner));
    assert_good(run(runner, images, got));
    uint64_t before = mien_alloc_count();
    assert_good(run(runner, images, got));
    assert_int_equal(mien_alloc_count(), before);
    assert_good(mien_extractor_open(&e, &extractor));
    assert_good(mien_extractor_run(extractor, images, PICTURES, features));
    for (int i = 0; i < PICTURES; i++) {
        expect(features + i * WIDTH, want + i * TARGETS);
    }
    assert_close(got, want, PICTURES * TARGETS, 1e-5, 1e-5);
    assert_true(fabsf(got[0] - got[1]) > 1e-3f);
    mien_extractor_close(&extractor);
    mien_runner_free(&runner);
    mien_model_close(&model);
    mien_free(images);
}

static void other_weights_of_the_backbone_are_refused(void **state) {
    (void)state;
    mien_network r = fixture();
    char *hash = r.architecture.branches[0].weights_sha256;
    hash[0] = hash[0] == '0' ? '1' : '0';
    mien_model *model = saved(&r);
    mien_runner *runner = NULL;
    mien_runner_options options = mien_runner_options_default();
    options.weights = weights;
    assert_fails(
        mien_runner_new(model, &options, &runner), MIEN_EVERIFY, "other weights than");
    mien_model_close(&model);
}

static void layers_of_another_width_are_refused(void **state) {
    (void)state;
    mien_network r = fixture_on("mobilenet_v2", "features.13,features.13,pool");
    mien_model *model = saved(&r);
    mien_runner *runner = NULL;
    mien_runner_options options = mien_runner_options_default();
    options.weights = weights;
    assert_fails(mien_runner_new(model, &options, &runner), MIEN_EVERIFY,
        "weights for 120 features");
    mien_model_close(&model);
}

static void an_unknown_backbone_is_named(void **state) {
    (void)state;
    mien_network r = fixture_on("mobilenet_v9", LAYERS);
    const char *path = support_temp_path("model.safetensors");
    assert_fails(
        mien_network_save(path, &r, NULL, NULL, 0), MIEN_EINVAL, "mobilenet_v9");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_follow_the_contract),
        cmocka_unit_test(other_weights_of_the_backbone_are_refused),
        cmocka_unit_test(layers_of_another_width_are_refused),
        cmocka_unit_test(an_unknown_backbone_is_named),
    };
    return cmocka_run_group_tests(tests, set_up, NULL);
}
