/* SPDX-License-Identifier: MIT */
/* Feature AAN in all its forms against PyTorch in double precision, and models of
 * networks over features in files: standardised, masked, refused where something does
 * not fit. */
#include "support/support.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "models/file.h"

/* Debian 13's oneDNN keeps 12 bytes of a primitive's description for itself: other
 * versions are still watched. */
MIEN_API const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void) {
    return "leak:libdnnl.so.3.6\n";
}

#define GOLDEN "tests/golden/aan/"
#define TENSORS_MAX 8

static const char *const cases[] = {
    "published", "tanh", "mixed", "one_head", "many_heads"};
#define CASES ((int)(sizeof cases / sizeof cases[0]))

static mien_archive *open_case(int index) {
    char path[128];
    mien_archive *archive = NULL;
    snprintf(path, sizeof path, GOLDEN "%s.safetensors", cases[index]);
    assert_good(mien_archive_open(support_source(path), &archive));
    return archive;
}

static mien_tensor *load(mien_archive *archive, const char *name) {
    mien_tensor *tensor = NULL;
    assert_good(mien_archive_load(archive, mien_archive_find(archive, name), &tensor));
    return tensor;
}

static mien_network network_of(mien_archive *archive) {
    mien_network n = {.segment_s = 2.5, .licence = "MIT"};
    mien_design *d = &n.design;
    char name[32];
    strcpy(d->kind, "aan");
    strcpy(d->settings, mien_archive_metadata(archive, "settings"));
    for (;; d->inputs_count++) {
        snprintf(name, sizeof name, "input.%d", d->inputs_count);
        int64_t at = mien_archive_find(archive, name);
        if (at < 0) {
            break;
        }
        snprintf(d->inputs[d->inputs_count].name, sizeof d->inputs[0].name, "m%d",
            d->inputs_count);
        d->inputs[d->inputs_count].width = mien_archive_info(archive, at)->shape[1];
    }
    d->outputs =
        mien_archive_info(archive, mien_archive_find(archive, "output"))->shape[1];
    assert_good(mien_design_settle(d));
    n.targets_count = (int)d->outputs;
    for (int t = 0; t < n.targets_count; t++) {
        n.targets[t] = (mien_target){.minimum = -1,
            .maximum = 1,
            .unit = "-1 to 1",
            .construct = "evoked",
            .perspective = "normative"};
        snprintf(n.targets[t].name, sizeof n.targets[t].name, "target%d", t);
    }
    return n;
}

/* A model of the case in memory. */
static mien_model *model_of(mien_archive *archive) {
    const mien_weights_options o = {.beside = "input. output attention"};
    mien_network n = network_of(archive);
    mien_network_body body = {0};
    mien_model *model = NULL;
    assert_good(mien_network_build(&n, &body));
    assert_good(mien_parameters_new(body.graph, &body.parameters));
    assert_good(mien_weights_load(body.parameters, archive, &o));
    assert_good(mien_model_adopt("golden", &n, &body, &model));
    return model;
}

static void every_form_gives_what_pytorch_gives(void **state) {
    (void)state;
    for (int c = 0; c < CASES; c++) {
        mien_archive *archive = open_case(c);
        mien_model *model = model_of(archive);
        mien_tensor *inputs[TENSORS_MAX], *want = load(archive, "output");
        mien_tensor *maps = load(archive, "attention");
        const float *rows[TENSORS_MAX];
        int count = mien_model_network(model)->design.inputs_count;
        for (int i = 0; i < count; i++) {
            char name[32];
            snprintf(name, sizeof name, "input.%d", i);
            inputs[i] = load(archive, name);
            rows[i] = inputs[i]->data;
        }
        mien_runner_options o = mien_runner_options_default();
        mien_runner *runner = NULL;
        int64_t shape[MIEN_RANK_MAX];
        float *values = mien_alloc((size_t)mien_tensor_count(want), sizeof(float));
        float *got = mien_alloc((size_t)mien_tensor_count(maps), sizeof(float));
        o.batch = 2;
        o.attention = true;
        assert_good(mien_runner_new(model, &o, &runner));
        assert_int_equal(mien_runner_attention_count(runner), 1);
        assert_string_equal(mien_runner_attention_name(runner, 0), "encoder");
        assert_int_equal(mien_runner_attention_shape(runner, 0, shape), 4);
        assert_memory_equal(shape, maps->shape + 1, 4 * sizeof *shape);
        assert_good(mien_runner_run_attention(
            runner, rows, NULL, want->shape[0], values, &got));
        assert_close(values, want->data, mien_tensor_count(want), 1e-6, 1e-6);
        assert_close(got, maps->data, mien_tensor_count(maps), 0, 1e-6);
        mien_free(got);
        mien_free(values);
        mien_runner_free(&runner);
        for (int i = 0; i < count; i++) {
            mien_tensor_free(&inputs[i]);
        }
        mien_tensor_free(&maps);
        mien_tensor_free(&want);
        mien_model_close(&model);
        mien_archive_close(&archive);
    }
}

/* ---- in files ----------------------------------------------------------------------
 */

static const float mean[5] = {1, 2, 3, 4, 5}, scale[5] = {2, 2, 0.5f, 1, 4};
static const float row[8] = {1, 2, 3, 4, 5, 9, 8, 7};

/* Two inputs, the first standardised, a mask; two segments before the row's own. */
static mien_network masked(void) {
    mien_network n = {.design = {.kind = "mixed_aan",
                          .settings = "layers=1; temporal-layers=1; width=4; pool=mean",
                          .inputs_count = 2,
                          .inputs = {{"sight", 5}, {"sound", 3}},
                          .context_before = 2,
                          .masks = true,
                          .outputs = 1},
        .targets_count = 1,
        .targets = {{.name = "valence",
            .minimum = 1,
            .maximum = 9,
            .unit = "1-9",
            .construct = "evoked",
            .perspective = "subjective"}},
        .segment_s = 1.5,
        .mean = {mean},
        .scale = {scale}};
    assert_good(mien_design_settle(&n.design));
    return n;
}

static mien_network_body drawn(const mien_network *n) {
    mien_network_body body;
    assert_good(mien_network_build(n, &body));
    assert_good(mien_parameters_new(body.graph, &body.parameters));
    assert_good(mien_design_randomize(&n->design, body.parameters, 9));
    return body;
}

static const char *saved(const mien_network *n, bool golden) {
    const char *path = support_temp_path("features.safetensors");
    float features[24], mask[6] = {0, 0, 1, 0, 1, 1}, output[1] = {5};
    const mien_golden_input vector = {
        .features = features, .mask = mask, .output = output};
    for (int i = 0; i < 24; i++) {
        features[i] = row[i % 8];
    }
    mien_network_body body = drawn(n);
    assert_good(mien_network_save(path, n, body.parameters, &vector, golden));
    mien_network_clear(&body);
    return path;
}

static float value_of(const mien_model *model, const float *sight, const float *sound,
    const float *mask) {
    const float *inputs[] = {sight, sound};
    mien_runner *runner = NULL;
    float value;
    assert_good(mien_runner_new(model, NULL, &runner));
    assert_good(mien_runner_run_features(runner, inputs, mask, 1, &value));
    mien_runner_free(&runner);
    return value;
}

static void a_file_gives_back_what_was_saved(void **state) {
    (void)state;
    mien_network n = masked();
    const float *features, *mask, *output;
    mien_model *model = NULL;
    assert_good(mien_model_open(saved(&n, true), &model));
    const mien_network *got = mien_model_network(model);
    assert_true(mien_model_reads_features(model));
    assert_string_equal(mien_model_backbone(model), "");
    assert_string_equal(got->design.settings, n.design.settings);
    assert_string_equal(got->design.inputs[1].name, "sound");
    assert_int_equal(got->design.context_before, 2);
    assert_true(got->design.masks && got->segment_s == 1.5);
    assert_memory_equal(got->mean[0], mean, sizeof mean);
    assert_memory_equal(got->scale[0], scale, sizeof scale);
    assert_null(got->mean[1]);
    assert_good(mien_model_golden_features(model, 0, &features, &mask, &output));
    assert_true(features[23] == row[7] && mask[4] == 1 && mask[3] == 0);
    assert_true(output[0] == 5);
    mien_tensor *image = NULL;
    assert_fails(
        mien_model_golden(model, 0, &image, &output), MIEN_EINVAL, "reads features");
    assert_fails(mien_model_golden_features(model, 1, &features, &mask, &output),
        MIEN_EINVAL, "golden vector 1 of 1");
    mien_model_close(&model);
}

static void inputs_are_standardised_and_missing_ones_are_nothing(void **state) {
    (void)state;
    mien_network n = masked(), plain = masked();
    mien_model *model = NULL, *other = NULL;
    float sight[15], sound[9], ready[15], none[15] = {0};
    const float all[6] = {1, 1, 1, 1, 1, 1}, last[6] = {0, 0, 0, 0, 1, 1};
    plain.mean[0] = plain.scale[0] = NULL;
    for (int i = 0; i < 15; i++) {
        sight[i] = sinf((float)i);
        ready[i] = (sight[i] - mean[i % 5]) * scale[i % 5];
        sound[i % 9] = cosf((float)i);
    }
    assert_good(mien_model_open(saved(&n, false), &model));
    char first[4096];
    strcpy(first, support_temp_path("first.safetensors"));
    assert_int_equal(rename(mien_model_path(model), first), 0);
    assert_good(mien_model_open(saved(&plain, false), &other));
    float value = value_of(model, sight, sound, all);
    assert_near(value, value_of(other, ready, sound, all), 1e-6);
    assert_near(value, value_of(model, sight, sound, NULL), 0);
    float alone = value_of(model, sight, sound, last);
    assert_true(fabsf(alone - value) > 1e-4f);
    memcpy(none + 10, sight + 10, 5 * sizeof *none); /* only the last segment counts */
    assert_near(alone, value_of(model, none, sound, last), 0);
    mien_model_close(&other);
    mien_model_close(&model);
}

static void pictures_and_features_are_not_mixed_up(void **state) {
    (void)state;
    mien_network n = masked();
    mien_model *model = NULL;
    mien_runner *runner = NULL;
    float value = 0;
    assert_good(mien_model_open(saved(&n, false), &model));
    assert_good(mien_runner_new(model, NULL, &runner));
    assert_fails(
        mien_runner_run(runner, &value, 1, &value), MIEN_EINVAL, "reads features");
    assert_int_equal(mien_runner_attention_count(runner), 0);
    mien_runner_free(&runner);
    mien_model_close(&model);
}

static void what_takes_no_mask_says_so(void **state) {
    (void)state;
    mien_archive *archive = open_case(1);
    mien_model *model = model_of(archive);
    mien_runner *runner = NULL;
    const float zeros[7] = {0}, mask[2] = {1, 0};
    const float *inputs[] = {zeros, zeros};
    float value;
    assert_good(mien_runner_new(model, NULL, &runner));
    assert_fails(mien_runner_run_features(runner, inputs, mask, 1, &value), MIEN_EINVAL,
        "m1 is missing");
    mien_runner_free(&runner);
    mien_model_close(&model);
    mien_archive_close(&archive);
}

static void what_does_not_fit_is_not_saved(void **state) {
    (void)state;
    const char *path = support_temp_path("never.safetensors");
    mien_network n = masked(), bad = masked();
    mien_network_body body = drawn(&n);
    float features[24] = {0}, output[1] = {0};
    mien_golden_input golden = {.features = features, .output = output};
    bad.scale[0] = NULL;
    assert_fails(mien_network_save(path, &bad, body.parameters, NULL, 0), MIEN_EINVAL,
        "a mean or a scale");
    bad = masked();
    bad.segment_s = -1;
    assert_fails(mien_network_save(path, &bad, body.parameters, NULL, 0), MIEN_EINVAL,
        "segment");
    bad = masked();
    bad.design.inputs[1].width = 4;
    assert_fails(mien_network_save(path, &bad, body.parameters, NULL, 0), MIEN_EINVAL,
        "inputs.sound.weight");
    assert_fails(mien_network_save(path, &n, body.parameters, &golden, 1), MIEN_EINVAL,
        "golden.0.mask is not given");
    features[3] = NAN;
    assert_fails(mien_network_save(path, &n, body.parameters, &golden, 1), MIEN_EINVAL,
        "golden.0.features: value 3");
    assert_false(mien_file_exists(path));
    mien_network_clear(&body);
}

static mien_status open_saved(void *path) {
    mien_model *model = NULL;
    mien_status status = mien_model_open(path, &model);
    mien_model_close(&model);
    return status;
}

static void every_allocation_may_fail(void **state) {
    (void)state;
    mien_network n = masked();
    support_each_allocation_fails(open_saved, (void *)saved(&n, true), 5000);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_form_gives_what_pytorch_gives),
        cmocka_unit_test(a_file_gives_back_what_was_saved),
        cmocka_unit_test(inputs_are_standardised_and_missing_ones_are_nothing),
        cmocka_unit_test(pictures_and_features_are_not_mixed_up),
        cmocka_unit_test(what_takes_no_mask_says_so),
        cmocka_unit_test(what_does_not_fit_is_not_saved),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
