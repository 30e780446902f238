/* SPDX-License-Identifier: MIT */
/* Feature AAN in all its forms against PyTorch in double precision, and models of
 * networks over features in files: standardised, masked, refused where something does
 * not fit. */
#include "support/support.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "models/assembled.h"
#include "models/contract/file.h"

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
    mien_architecture *a = &n.architecture;
    char name[32], input[32];
    *a = mien_architecture_default();
    for (int i = 0;; i++) {
        snprintf(name, sizeof name, "input.%d", i);
        snprintf(input, sizeof input, "m%d", i);
        int64_t at = mien_archive_find(archive, name);
        if (at < 0) {
            break;
        }
        assert_good(assembled_features(
            a, input, mien_archive_info(archive, at)->shape[1], false));
    }
    a->outputs =
        mien_archive_info(archive, mien_archive_find(archive, "output"))->shape[1];
    assert_good(assembled_preset(a, "aan", mien_archive_metadata(archive, "settings")));
    n.targets_count = (int)a->outputs;
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
        int count = mien_model_network(model)->architecture.inputs_count;
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
        assert_good(
            mien_runner_run_arrays(runner, rows, NULL, want->shape[0], values, &got));
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
static mien_network masked_of(int64_t sound, bool standardise) {
    mien_network n = {.targets_count = 1,
        .targets = {{.name = "valence",
            .minimum = 1,
            .maximum = 9,
            .unit = "1-9",
            .construct = "evoked",
            .perspective = "subjective"}},
        .segment_s = 1.5};
    mien_architecture *a = &n.architecture;
    *a = mien_architecture_default();
    a->context_before = 2;
    a->outputs = 1;
    assert_good(assembled_features(a, "sight", 5, true));
    assert_good(assembled_features(a, "sound", sound, true));
    assert_good(assembled_preset(
        a, "mixed_aan", "layers=1; temporal-layers=1; width=4; pool=mean"));
    a->inputs[0].standardise = standardise;
    n.standard[0] =
        (mien_standard){.width = 5, .mean = (float *)mean, .scale = (float *)scale};
    return n;
}

static mien_network masked(void) {
    return masked_of(3, true);
}

static mien_network_body drawn(const mien_network *n) {
    mien_network_body body;
    assert_good(mien_network_build(n, &body));
    assert_good(mien_parameters_new(body.graph, &body.parameters));
    assert_good(mien_architecture_randomize(&n->architecture, body.parameters, 9));
    return body;
}

/* Three segments of both inputs: 1 2 3 4 5, and 9 8 7. */
typedef struct vector {
    mien_tensor *sight, *sound;
} vector;

static vector vector_of(void) {
    vector v;
    const int64_t sight[] = {3, 5}, sound[] = {3, 3};
    assert_good(mien_tensor_new(MIEN_F32, 2, sight, &v.sight));
    assert_good(mien_tensor_new(MIEN_F32, 2, sound, &v.sound));
    for (int i = 0; i < 15; i++) {
        ((float *)v.sight->data)[i] = row[i % 5];
    }
    for (int i = 0; i < 9; i++) {
        ((float *)v.sound->data)[i] = row[5 + i % 3];
    }
    return v;
}

static void vector_clear(vector *v) {
    mien_tensor_free(&v->sight);
    mien_tensor_free(&v->sound);
}

static const char *saved(const mien_network *n, bool golden) {
    const char *path = support_temp_path("features.safetensors");
    float mask[6] = {0, 0, 1, 0, 1, 1}, output[1] = {5};
    vector v = vector_of();
    const mien_golden_input given = {
        .item = {v.sight, v.sound}, .mask = mask, .output = output};
    mien_network_body body = drawn(n);
    assert_good(mien_network_save(path, n, body.parameters, &given, golden));
    mien_network_clear(&body);
    vector_clear(&v);
    return path;
}

static float value_of(const mien_model *model, const float *sight, const float *sound,
    const float *mask) {
    const float *inputs[] = {sight, sound};
    mien_runner *runner = NULL;
    float value;
    assert_good(mien_runner_new(model, NULL, &runner));
    assert_good(mien_runner_run_arrays(runner, inputs, mask, 1, &value, NULL));
    mien_runner_free(&runner);
    return value;
}

static void a_file_gives_back_what_was_saved(void **state) {
    (void)state;
    mien_network n = masked();
    mien_golden_input golden;
    mien_model *model = NULL;
    assert_good(mien_model_open(saved(&n, true), &model));
    const mien_network *got = mien_model_network(model);
    const mien_architecture *a = &got->architecture;
    assert_null(mien_model_preprocess(model));
    assert_string_equal(mien_model_backbone(model), "");
    assert_string_equal(a->preset.kind, "mixed_aan");
    assert_string_equal(a->preset.settings, n.architecture.preset.settings);
    assert_string_equal(a->fusion.settings, n.architecture.fusion.settings);
    assert_string_equal(a->inputs[1].name, "sound");
    assert_int_equal(a->context_before, 2);
    assert_true(mien_architecture_masked(a) && got->segment_s == 1.5);
    assert_true(a->inputs[0].standardise && !a->inputs[1].standardise);
    assert_memory_equal(got->standard[0].mean, mean, sizeof mean);
    assert_memory_equal(got->standard[0].scale, scale, sizeof scale);
    assert_null(got->standard[1].mean);
    assert_good(mien_model_golden(model, 0, &golden));
    assert_true(((const float *)golden.item[1]->data)[8] == row[7]);
    assert_true(golden.mask[4] == 1 && golden.mask[3] == 0 && golden.output[0] == 5);
    assert_fails(
        mien_model_golden(model, 1, &golden), MIEN_EINVAL, "golden vector 1 of 1");
    mien_model_close(&model);
}

static void inputs_are_standardised_and_missing_ones_are_nothing(void **state) {
    (void)state;
    mien_network n = masked(), plain = masked_of(3, false);
    mien_model *model = NULL, *other = NULL;
    float sight[15], sound[9], ready[15], none[15] = {0};
    const float all[6] = {1, 1, 1, 1, 1, 1}, last[6] = {0, 0, 0, 0, 1, 1};
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

static void what_takes_no_mask_says_so(void **state) {
    (void)state;
    mien_archive *archive = open_case(1);
    mien_model *model = model_of(archive);
    mien_runner *runner = NULL;
    const float zeros[7] = {0}, mask[2] = {1, 0};
    const float *inputs[] = {zeros, zeros};
    float value;
    assert_good(mien_runner_new(model, NULL, &runner));
    assert_fails(mien_runner_run_arrays(runner, inputs, mask, 1, &value, NULL),
        MIEN_EINVAL, "m1 is missing");
    mien_runner_free(&runner);
    mien_model_close(&model);
    mien_archive_close(&archive);
}

static void what_does_not_fit_is_not_saved(void **state) {
    (void)state;
    const char *path = support_temp_path("never.safetensors");
    mien_network n = masked(), bad = masked();
    mien_network_body body = drawn(&n);
    float output[1] = {0}, mask[6] = {1, 1, 1, 1, 1, 1};
    vector v = vector_of();
    mien_golden_input golden = {.item = {v.sight, v.sound}, .output = output};
    bad.standard[0].scale = NULL;
    assert_fails(mien_network_save(path, &bad, body.parameters, NULL, 0), MIEN_EINVAL,
        "standardise.sight.scale is not given");
    bad = masked();
    bad.segment_s = -1;
    assert_fails(mien_network_save(path, &bad, body.parameters, NULL, 0), MIEN_EINVAL,
        "segment");
    bad = masked_of(4, true);
    assert_fails(mien_network_save(path, &bad, body.parameters, NULL, 0), MIEN_EINVAL,
        "inputs.sound.weight");
    assert_fails(mien_network_save(path, &n, body.parameters, &golden, 1), MIEN_EINVAL,
        "golden.0.mask is not given");
    golden.mask = mask;
    ((float *)v.sight->data)[3] = NAN;
    assert_fails(mien_network_save(path, &n, body.parameters, &golden, 1), MIEN_EINVAL,
        "golden.0.features: value 3");
    golden.item[1] = NULL;
    assert_fails(mien_network_save(path, &n, body.parameters, &golden, 1), MIEN_EINVAL,
        "golden.0.features is not given");
    assert_false(mien_file_exists(path));
    mien_network_clear(&body);
    vector_clear(&v);
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
        cmocka_unit_test(what_takes_no_mask_says_so),
        cmocka_unit_test(what_does_not_fit_is_not_saved),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
