/* SPDX-License-Identifier: MIT */
/* A file with a whole network keeps it, runs it, and refuses what is not it. */
#include "support/support.h"

#include <math.h>
#include <stdio.h>

#include "models/network_files.h"
#include "models/contract/checksum.h"

#define PICTURES 5
#define SIDE 2

static uint8_t pixels[SIDE * SIDE * 3] = {0, 50, 100, 150, 200, 255, 1, 2, 3, 4, 5, 6};
static const float output[NETWORK_WIDTH] = {5, 0.5f, 0.25f, 0.25f, 1, 0, 0};

static void save(const char *path, const mien_network *n) {
    const int64_t shape[] = {SIDE, SIDE, 3};
    mien_tensor *image = NULL;
    assert_good(mien_tensor_over(MIEN_U8, 3, shape, pixels, &image));
    const mien_golden_input golden = {.item = {image}, .output = output};
    assert_good(network_save_drawn(path, n, &golden, 1));
    mien_tensor_free(&image);
}

static void assert_same_target(const mien_target *a, const mien_target *b) {
    assert_string_equal(a->name, b->name);
    assert_string_equal(a->unit, b->unit);
    assert_string_equal(a->construct, b->construct);
    assert_string_equal(a->perspective, b->perspective);
    assert_true(a->minimum == b->minimum && a->maximum == b->maximum);
    assert_true(a->interval_low == b->interval_low);
    assert_true(a->interval_high == b->interval_high);
    assert_int_equal(a->link, b->link);
    assert_int_equal(a->classes_count, b->classes_count);
    for (int c = 0; c < a->classes_count; c++) {
        assert_string_equal(a->classes[c], b->classes[c]);
    }
}

static void assert_same_architecture(
    const mien_architecture *a, const mien_architecture *b) {
    assert_int_equal(a->inputs_count, b->inputs_count);
    assert_string_equal(a->inputs[0].settings, b->inputs[0].settings);
    assert_string_equal(
        a->branches[0].stage[0].settings, b->branches[0].stage[0].settings);
    assert_string_equal(a->fusion.kind, b->fusion.kind);
    assert_string_equal(a->head.kind, b->head.kind);
    assert_string_equal(a->head.settings, b->head.settings);
    assert_string_equal(a->head_prefix, b->head_prefix);
    assert_int_equal(a->outputs, b->outputs);
}

static void what_is_saved_is_opened(void **state) {
    (void)state;
    const char *path = support_temp_path("round.safetensors");
    mien_model *model = NULL;
    mien_value *map = NULL;
    const char *text = "{\"data\": \"ferplus\"}";
    assert_good(mien_value_parse_json("training", text, strlen(text), &map));
    mien_network n = network_fixture();
    n.training = map;
    save(path, &n);
    assert_good(mien_model_open(path, &model));
    const mien_network *got = mien_model_network(model);
    const mien_preprocess want = network_preprocess(NETWORK_SIZE);
    assert_same_architecture(&got->architecture, &n.architecture);
    assert_int_equal(mien_model_preprocess(model)->crop_height, NETWORK_SIZE);
    assert_memory_equal(
        mien_model_preprocess(model)->mean, want.mean, sizeof want.mean);
    assert_int_equal(mien_model_targets_count(model), 3);
    for (int t = 0; t < 3; t++) {
        assert_same_target(&mien_model_targets(model)[t], &n.targets[t]);
    }
    assert_string_equal(
        mien_value_text(mien_value_get(got->training, "data")), "ferplus");
    assert_string_equal(got->licence, n.licence);
    assert_string_equal(mien_model_citation(model), n.citation);
    assert_string_equal(mien_model_backbone(model), "mobilenet_v2");
    assert_int_equal(mien_model_width(model), NETWORK_WIDTH);
    const mien_value *contract = mien_model_contract(model);
    assert_int_equal(mien_value_int(mien_value_get(contract, "version"), 0), 2);
    mien_model_close(&model);
    mien_value_free(&map);
}

static void golden_vectors_hold_probabilities(void **state) {
    (void)state;
    const char *path = support_temp_path("golden.safetensors");
    mien_model *model = NULL;
    mien_golden_input golden;
    mien_network n = network_fixture();
    save(path, &n);
    assert_good(mien_model_open(path, &model));
    assert_int_equal(mien_model_golden_count(model), 1);
    assert_good(mien_model_golden(model, 0, &golden));
    assert_memory_equal(golden.item[0]->data, pixels, sizeof pixels);
    assert_memory_equal(golden.output, output, sizeof output);
    assert_null(golden.mask);
    mien_model_close(&model);
}

static mien_status run(
    mien_runner *runner, const float *images, int64_t n, float *values) {
    return mien_runner_run_arrays(runner, &images, NULL, n, values, NULL);
}

/* The graph run plainly, its outputs read by hand. */
static void expect(
    const mien_network *n, const float *images, int64_t count, float *values) {
    network_built b = {0};
    mien_plan *plan = NULL;
    mien_plan_options o = mien_plan_options_default();
    o.batch = count;
    o.threads = 1;
    o.outputs = &b.output;
    o.outputs_count = 1;
    o.exact = true;
    assert_good(network_draw(&n->architecture, &b));
    assert_good(mien_plan_new(b.graph, b.parameters, &o, &plan));
    memcpy(mien_plan_input(plan, b.input), images,
        (size_t)(count * NETWORK_PIXELS) * sizeof *images);
    assert_good(mien_plan_run(plan));
    for (int64_t i = 0; i < count; i++) {
        const float *z =
            (const float *)mien_plan_output(plan, 0)->data + i * NETWORK_OUTPUTS;
        float *v = values + i * NETWORK_WIDTH, sum = 0;
        v[0] = 4 + 3 * z[0];
        for (int c = 0; c < 3; c++) {
            sum += expf(z[1 + c]);
        }
        for (int c = 0; c < 3; c++) {
            v[1 + c] = expf(z[1 + c]) / sum;
        }
        float over = 1 / (1 + expf(-z[4])), top = 1 / (1 + expf(-z[5]));
        v[4] = 1 - over;
        v[5] = over * (1 - top);
        v[6] = over * top;
    }
    mien_plan_free(&plan);
    network_built_clear(&b);
}

static void values_follow_the_design(void **state) {
    (void)state;
    const char *path = support_temp_path("run.safetensors");
    mien_network n = network_fixture();
    mien_model *model = NULL;
    float *images = mien_alloc(PICTURES * NETWORK_PIXELS, sizeof *images);
    float want[PICTURES * NETWORK_WIDTH], got[PICTURES * NETWORK_WIDTH];
    assert_non_null(images);
    drawn_picture(images, (int64_t)PICTURES * NETWORK_PIXELS);
    expect(&n, images, PICTURES, want);
    assert_true(fabsf(want[0] - want[NETWORK_WIDTH]) > 1e-3f);
    assert_true(fabsf(want[1] - want[2]) > 1e-3f);
    save(path, &n);
    assert_good(mien_model_open(path, &model));
    for (int threads = 1; threads <= 2; threads++) {
        mien_runner *runner = NULL;
        mien_runner_options o = mien_runner_options_default();
        o.batch = 2 * threads;
        o.threads = threads;
        o.exact = threads == 2;
        assert_good(mien_runner_new(model, &o, &runner));
        assert_good(run(runner, images, PICTURES, got));
        assert_close(got, want, PICTURES * NETWORK_WIDTH, 1e-4, 1e-5);
        uint64_t before = mien_alloc_count();
        assert_good(run(runner, images, PICTURES, got));
        assert_int_equal(mien_alloc_count(), before);
        mien_runner_free(&runner);
    }
    mien_model_close(&model);
    mien_free(images);
}

static void exact_values_differ_in_the_last_digits(void **state) {
    (void)state;
    enum { SIZE = 128, PIXELS = 3 * SIZE * SIZE };
    const char *path = support_temp_path("exact.safetensors");
    mien_network n =
        network_fixture_with("name=resnet18; layer=layer1; grid=2", NETWORK_HEAD, SIZE);
    mien_model *model = NULL;
    float *image = mien_alloc(PIXELS, sizeof *image);
    float values[2][NETWORK_WIDTH];
    assert_non_null(image);
    drawn_picture(image, PIXELS);
    assert_good(network_save_drawn(path, &n, NULL, 0));
    assert_good(mien_model_open(path, &model));
    for (int exact = 0; exact < 2; exact++) {
        mien_runner *runner = NULL;
        mien_runner_options o = mien_runner_options_default();
        o.threads = 1;
        o.exact = exact;
        assert_good(mien_runner_new(model, &o, &runner));
        assert_good(run(runner, image, 1, values[exact]));
        mien_runner_free(&runner);
    }
    assert_close(values[0], values[1], NETWORK_WIDTH, 1e-3, 1e-4);
    assert_true(memcmp(values[0], values[1], sizeof values[0]) != 0);
    mien_model_close(&model);
    mien_free(image);
}

static void other_weights_and_empty_batches_are_refused(void **state) {
    (void)state;
    const char *path = support_temp_path("weights.safetensors");
    mien_network n = network_fixture();
    mien_model *model = NULL;
    mien_runner *runner = NULL;
    mien_runner_options o = mien_runner_options_default();
    save(path, &n);
    assert_good(mien_model_open(path, &model));
    o.weights = path;
    assert_fails(mien_runner_new(model, &o, &runner), MIEN_EINVAL, "whole network");
    o.weights = NULL;
    o.batch = 0;
    assert_fails(mien_runner_new(model, &o, &runner), MIEN_EINVAL, "batch 0");
    mien_model_close(&model);
}

static void the_same_network_gives_the_same_bytes(void **state) {
    (void)state;
    char a[65], b[65];
    mien_network n = network_fixture();
    save(support_temp_path("a.safetensors"), &n);
    save(support_temp_path("b.safetensors"), &n);
    assert_good(mien_sha256_file(support_temp_path("a.safetensors"), a));
    assert_good(mien_sha256_file(support_temp_path("b.safetensors"), b));
    assert_string_equal(a, b);
}

static void changed_bytes_and_truncations_are_found(void **state) {
    (void)state;
    char *bytes = NULL;
    size_t count = 0;
    mien_model *model = NULL;
    mien_network n = network_fixture();
    const char *path = support_temp_path("sealed.safetensors");
    save(path, &n);
    assert_good(mien_file_read(path, 1 << 20, &bytes, &count));
    for (size_t i = 0; i < count; i += i < 16 ? 1 : 53) {
        bytes[i] ^= 1;
        if (mien_model_open(support_write("changed.safetensors", bytes, count),
                &model) == MIEN_OK) {
            fail_msg("byte %zu of %zu: the change was not found", i, count);
        }
        bytes[i] ^= 1;
        if (mien_model_open(support_write("cut.safetensors", bytes, i), &model) ==
            MIEN_OK) {
            fail_msg("%zu of %zu bytes were taken for a model", i, count);
        }
    }
    mien_free(bytes);
}

/* ---- files that are not what their contract tells ---- */

/* The fixture's contract as text, with one part of it replaced. */
static char *contract_with(const char *old, const char *new) {
    mien_model *model = NULL;
    mien_string text, changed;
    const char *path = support_temp_path("contract.safetensors");
    mien_network n = network_fixture();
    assert_good(network_save_drawn(path, &n, NULL, 0));
    assert_good(mien_model_open(path, &model));
    mien_string_init(&text);
    mien_string_init(&changed);
    assert_good(mien_value_write_json(mien_model_contract(model), false, &text));
    mien_model_close(&model);
    const char *at = strstr(text.text, old);
    if (!at) {
        fail_msg("%s is not in %s", old, text.text);
    }
    mien_string_add_n(&changed, text.text, (size_t)(at - text.text));
    mien_string_add(&changed, new);
    mien_string_add(&changed, at + strlen(old));
    mien_string_clear(&text);
    return mien_string_take(&changed);
}

typedef enum damage { WHOLE, LACKING, BEYOND, BENT, NOT_A_NUMBER } damage;

/* The fixture's weights, damaged, under a contract; sealed. */
static const char *forge(const char *contract, damage how) {
    enum { MOST = 64 };
    const char *names[MOST];
    const mien_tensor *tensors[MOST];
    const char *path = support_temp_path("forged.safetensors");
    const char *const metadata[] = {
        "mien", contract, MIEN_SEAL_KEY, MIEN_SEAL_BLANK, NULL};
    mien_network n = network_fixture();
    network_built b = {0};
    mien_tensor *bent = NULL;
    const int64_t shape[] = {5, 3};
    assert_good(network_draw(&n.architecture, &b));
    assert_good(mien_tensor_new(MIEN_F32, 2, shape, &bent));
    int64_t count = mien_parameters_count(b.parameters);
    for (int64_t i = 0; i < count; i++) {
        names[i] = mien_parameters_name(b.parameters, i);
        tensors[i] = mien_parameters_at(b.parameters, i);
    }
    mien_tensor *last = mien_parameters_at(b.parameters, count - 1);
    if (how == NOT_A_NUMBER) {
        ((float *)last->data)[1] = NAN;
    } else if (how == BENT) {
        tensors[count - 1] = bent;
    } else if (how == BEYOND) {
        names[count] = "head.7.weight";
        tensors[count++] = bent;
    }
    count -= how == LACKING;
    assert_good(mien_safetensors_write(path, count, names, tensors, metadata));
    assert_good(mien_checksum_write(path));
    mien_tensor_free(&bent);
    network_built_clear(&b);
    return path;
}

static void weights_that_do_not_fit_are_listed(void **state) {
    (void)state;
    mien_model *model = NULL;
    char *contract = contract_with("mobilenet_v2", "mobilenet_v2");
    assert_good(mien_model_open(forge(contract, WHOLE), &model));
    mien_model_close(&model);
    assert_fails(mien_model_open(forge(contract, LACKING), &model), MIEN_EVERIFY,
        "1 missing (head.1.bias)");
    assert_fails(mien_model_open(forge(contract, BEYOND), &model), MIEN_EVERIFY,
        "1 not of this network (head.7.weight)");
    assert_fails(mien_model_open(forge(contract, BENT), &model), MIEN_EVERIFY,
        "head.1.bias is f32 [5, 3], not f32 [6]");
    assert_fails(mien_model_open(forge(contract, NOT_A_NUMBER), &model), MIEN_EVERIFY,
        "1 not finite (head.1.bias)");
    mien_free(contract);
}

static void assert_refused(
    const char *old, const char *new, mien_status status, const char *part) {
    mien_model *model = NULL;
    char *contract = contract_with(old, new);
    assert_fails(mien_model_open(forge(contract, WHOLE), &model), status, part);
    mien_free(contract);
}

static void a_bad_contract_names_its_key(void **state) {
    (void)state;
    assert_refused("\"version\": 2", "\"version\": 5", MIEN_EUNSUPPORTED, "newer");
    assert_refused("\"network\"", "\"forest\"", MIEN_EUNSUPPORTED, "\"forest\"");
    assert_refused(
        "\"mobilenet_v2\"", "\"mobilenet_v9\"", MIEN_EFORMAT, "mobilenet_v9");
    assert_refused("\"features.1\"", "\"features.99\"", MIEN_EFORMAT, "features.99");
    assert_refused("\"grid\": 2", "\"grid\": 2.5", MIEN_EFORMAT, "\"grid\"");
    assert_refused("\"height\": 32", "\"height\": 64", MIEN_EFORMAT, "32 × 64");
    assert_refused("\"tanh\"", "\"tank\"", MIEN_EFORMAT, "nearest is tanh");
    assert_refused("\"hidden\": [", "\"hidden\": [1,", MIEN_EFORMAT, "\"width\"");
    assert_refused("\"outputs\": 6", "\"outputs\": 7", MIEN_EFORMAT, "need 6 outputs");
    assert_refused("\"softmax\"", "\"sparsemax\"", MIEN_EFORMAT, "\"link\"");
    assert_refused(
        "\"kind\": \"classes\"", "\"kind\": \"x\"", MIEN_EFORMAT, "\"kind\"");
    assert_refused("\"happy\"", "\"neutral\"", MIEN_EFORMAT, "two classes");
    assert_refused("\"happy\"", "\"a\\nb\"", MIEN_EFORMAT, "control character");
    assert_refused("\"happy\"", "7", MIEN_EFORMAT, "label of class 0");
    assert_refused("\"corn\"", "\"softmax\"", MIEN_EFORMAT, "need 7 outputs");
    assert_refused("\"evoked\"", "\"felt\"", MIEN_EFORMAT, "felt");
    assert_refused("\"golden\": 0", "\"golden\": 3", MIEN_EVERIFY, "golden.0.image");
    /* an enormous layer is not even made room for */
    assert_refused("\"width\": 5,", "\"width\": 1048576,", MIEN_EVERIFY, "incomplete");
}

static void what_does_not_fit_is_not_saved(void **state) {
    (void)state;
    const char *path = support_temp_path("never.safetensors");
    mien_network n = network_fixture(), wider = network_fixture();
    network_built b = {0};
    assert_good(network_draw(&n.architecture, &b));
    wider = network_fixture_with(NETWORK_STAGE, "layers=6", NETWORK_SIZE);
    assert_fails(mien_network_save(path, &wider, b.parameters, NULL, 0), MIEN_EINVAL,
        "head.0.weight is f32 [5, 64], not f32 [6, 64]");
    wider = network_fixture_with(NETWORK_STAGE, "layers=5 5", NETWORK_SIZE);
    assert_fails(mien_network_save(path, &wider, b.parameters, NULL, 0), MIEN_EINVAL,
        "2 missing (head.2.weight, head.2.bias)");
    wider = network_fixture();
    wider.targets_count = 2;
    assert_fails(mien_network_save(path, &wider, b.parameters, NULL, 0), MIEN_EINVAL,
        "need 4 outputs, the design has 6");
    wider = network_fixture();
    wider.targets[1].classes_count = 1;
    assert_fails(mien_network_save(path, &wider, b.parameters, NULL, 0), MIEN_EINVAL,
        "emotion: 1 classes");
    wider = network_fixture();
    wider.architecture.inputs[0].shape.size[2] = 16;
    assert_fails(
        mien_network_save(path, &wider, b.parameters, NULL, 0), MIEN_EINVAL, "16 × 32");
    ((float *)mien_parameters_at(b.parameters, 0)->data)[3] = INFINITY;
    assert_fails(mien_network_save(path, &n, b.parameters, NULL, 0), MIEN_EINVAL,
        "1 not finite (features.0.0.weight)");
    assert_false(mien_file_exists(path));
    network_built_clear(&b);
}

static mien_status open_once(void *context) {
    mien_model *model = NULL;
    mien_status status = mien_model_open(context, &model);
    mien_model_close(&model);
    return status;
}

static mien_network saving;

static mien_status save_once(void *context) {
    return network_save_drawn(context, &saving, NULL, 0);
}

static mien_status run_once(void *context) {
    mien_runner *runner = NULL;
    mien_runner_options o = {.batch = 2, .threads = 2};
    mien_status status = mien_runner_new(context, &o, &runner);
    mien_runner_free(&runner);
    return status;
}

static void failing_allocations_are_reported(void **state) {
    (void)state;
    char path[4096];
    mien_model *model = NULL;
    strcpy(path, support_temp_path("memory.safetensors"));
    saving = network_fixture();
    support_each_allocation_fails(save_once, path, 20000);
    support_each_allocation_fails(open_once, path, 20000);
    assert_good(mien_model_open(path, &model));
    support_each_allocation_fails(run_once, model, 20000);
    mien_model_close(&model);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_saved_is_opened),
        cmocka_unit_test(golden_vectors_hold_probabilities),
        cmocka_unit_test(values_follow_the_design),
        cmocka_unit_test(exact_values_differ_in_the_last_digits),
        cmocka_unit_test(other_weights_and_empty_batches_are_refused),
        cmocka_unit_test(the_same_network_gives_the_same_bytes),
        cmocka_unit_test(changed_bytes_and_truncations_are_found),
        cmocka_unit_test(weights_that_do_not_fit_are_listed),
        cmocka_unit_test(a_bad_contract_names_its_key),
        cmocka_unit_test(what_does_not_fit_is_not_saved),
        cmocka_unit_test(failing_allocations_are_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
