/* SPDX-License-Identifier: MIT */
/* A model file keeps all of its contract and refuses whatever is not what was saved. */
#include "support/support.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "mien/models.h"
#include "models/contract/checksum.h"

#define FEATURES 6
#define TARGETS 2
#define VECTORS 3
#define SIDE 2
#define HASH "b03531047ffacf1e2488318dcd2aba1126cde36e3bfe1aa5cb07700aeeee9889"

static const float weight[TARGETS * FEATURES] = {
    1, 2, 3, 4, 5, 6, -1, -2, -3, -4, -5, -6};
static const float zeros[FEATURES], ones[FEATURES] = {1, 1, 1, 1, 1, 1};
static const float identity[TARGETS * TARGETS] = {1, 0, 0, 1};
static const float bias[TARGETS] = {4.5f, 3.25f};
static const float mean[4] = {0.5f, 0, 0, 1}, scale[4] = {1, 2, 0, 1};
static const float vectors[VECTORS * 4] = {0.5f, 0.25f, 0, 0, 1, 0, 0, 0, 0, 0, 0, -1};
static const float coefficient[TARGETS * VECTORS] = {1, -1, 0.5f, 100000, 2, -2};
static uint8_t pixels[SIDE * SIDE * 3] = {0, 50, 100, 150, 200, 255, 1, 2, 3, 4, 5, 6};
static const float output[TARGETS] = {5, 2.5f};

static mien_network on(const mien_preprocess *preprocess, const char *hash) {
    mien_network n = {0};
    assert_good(mien_architecture_readout(&n.architecture, preprocess, "mobilenet_v2",
        "features.13:sd,pool", true, hash));
    n.architecture.outputs = TARGETS;
    return n;
}

static void prepare(mien_network *n, const mien_preprocess *preprocess) {
    n->architecture =
        on(preprocess, n->architecture.branches[0].weights_sha256).architecture;
}

/* A linear read-out. */
static mien_network fixture(void) {
    const mien_preprocess preprocess = mien_preprocess_imagenet();
    mien_network r = {.targets_count = TARGETS,
        .targets = {{.name = "valence",
                        .minimum = 1,
                        .maximum = 7,
                        .unit = "1-7 rating",
                        .construct = "evoked",
                        .perspective = "normative",
                        .interval_low = -1.5,
                        .interval_high = 1.25},
            {.name = "arousal",
                .minimum = 1,
                .maximum = 7,
                .unit = "1-7 \"rating\"",
                .construct = "evoked",
                .perspective = "normative",
                .interval_low = -1,
                .interval_high = 1.0 / 3}},
        .readout = {.features = FEATURES,
            .bias = bias,
            .blocks_count = 1,
            .blocks = {{.width = FEATURES,
                .vectors_count = TARGETS,
                .mean = zeros,
                .scale = ones,
                .vectors = weight,
                .coefficient = identity}}},
        .licence = "CC BY 4.0",
        .citation = "Who, when"};
    r.architecture = on(&preprocess, HASH).architecture;
    return r;
}

static mien_network fixture_with_block(void) {
    mien_network r = fixture();
    r.readout.blocks_count = 2;
    r.readout.blocks[1] = (mien_readout_block){.first = 2,
        .width = 4,
        .unit = true,
        .gamma = 0.75,
        .vectors_count = VECTORS,
        .mean = mean,
        .scale = scale,
        .vectors = vectors,
        .coefficient = coefficient};
    return r;
}

static mien_value *training(void) {
    mien_value *map = NULL;
    const char *text = "{\"data\": \"oasis\", \"r\": 0.66, \"folds\": [1, 2]}";
    assert_good(mien_value_parse_json("training", text, strlen(text), &map));
    return map;
}

static void save(const char *path, const mien_network *r) {
    const int64_t shape[] = {SIDE, SIDE, 3};
    mien_tensor *image = NULL;
    assert_good(mien_tensor_over(MIEN_U8, 3, shape, pixels, &image));
    const mien_golden_input golden = {.item = {image}, .output = output};
    assert_good(mien_network_save(path, r, NULL, &golden, 1));
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
}

static void assert_same_preprocess(const mien_preprocess *a, const mien_preprocess *b) {
    assert_int_equal(a->fit, b->fit);
    assert_int_equal(a->size, b->size);
    assert_int_equal(a->crop_height, b->crop_height);
    assert_int_equal(a->crop_width, b->crop_width);
    assert_int_equal(a->resize, b->resize);
    assert_int_equal(a->bgr, b->bgr);
    assert_true(a->scale == b->scale);
    assert_memory_equal(a->mean, b->mean, sizeof a->mean);
    assert_memory_equal(a->deviation, b->deviation, sizeof a->deviation);
}

static void what_is_saved_is_opened(void **state) {
    (void)state;
    const char *path = support_temp_path("round.safetensors");
    mien_model *model = NULL;
    mien_network r = fixture_with_block();
    mien_value *map = training();
    r.training = map;
    mien_preprocess p = mien_preprocess_imagenet();
    p.fit = MIEN_FIT_SQUASH;
    p.resize = MIEN_RESIZE_BICUBIC_TORCH;
    p.bgr = true;
    prepare(&r, &p);
    save(path, &r);
    assert_good(mien_model_open(path, &model));
    const mien_network *got = mien_model_network(model);
    const mien_branch *branch = &got->architecture.branches[0];
    assert_string_equal(mien_model_backbone(model), "mobilenet_v2");
    assert_string_equal(
        branch->weights_sha256, r.architecture.branches[0].weights_sha256);
    assert_non_null(
        strstr(branch->stage[0].settings, "layers=features.13:sd,pool; mirror=true"));
    assert_string_equal(got->licence, r.licence);
    assert_string_equal(got->citation, r.citation);
    assert_int_equal(got->readout.features, FEATURES);
    assert_int_equal(got->targets_count, TARGETS);
    for (int t = 0; t < TARGETS; t++) {
        assert_same_target(&got->targets[t], &r.targets[t]);
    }
    assert_same_preprocess(mien_model_preprocess(model), &p);
    assert_memory_equal(got->readout.blocks[0].vectors, weight, sizeof weight);
    assert_memory_equal(got->readout.bias, bias, sizeof bias);
    assert_string_equal(
        mien_value_text(mien_value_get(got->training, "data")), "oasis");
    assert_string_equal(mien_model_path(model), path);
    assert_int_equal(
        mien_value_int(mien_value_get(mien_model_contract(model), "version"), 0), 1);
    mien_model_close(&model);
    mien_value_free(&map);
}

static void blocks_are_kept(void **state) {
    (void)state;
    const char *path = support_temp_path("block.safetensors");
    mien_model *model = NULL;
    mien_archive *archive = NULL;
    mien_network r = fixture_with_block();
    save(path, &r);
    assert_good(mien_model_open(path, &model));
    const mien_readout *got = &mien_model_network(model)->readout;
    const mien_readout_block *b = &got->blocks[1];
    assert_int_equal(got->blocks_count, 2);
    assert_int_equal(got->blocks[0].vectors_count, TARGETS);
    assert_int_equal(b->first, 2);
    assert_int_equal(b->width, 4);
    assert_int_equal(b->vectors_count, VECTORS);
    assert_true(b->unit);
    assert_true(b->gamma == 0.75);
    assert_memory_equal(b->mean, mean, sizeof mean);
    assert_memory_equal(b->scale, scale, sizeof scale);
    assert_memory_equal(b->vectors, vectors, sizeof vectors);
    assert_memory_equal(b->coefficient, coefficient, sizeof coefficient);
    mien_model_close(&model);
    assert_good(mien_archive_open(path, &archive));
    int64_t few = mien_archive_find(archive, "block.0.vectors");
    int64_t many = mien_archive_find(archive, "block.1.vectors");
    assert_true(few >= 0 && many >= 0);
    assert_int_equal(mien_archive_info(archive, few)->dtype, MIEN_F32);
    assert_int_equal(mien_archive_info(archive, many)->dtype, MIEN_F16);
    mien_archive_close(&archive);
}

static void golden_vectors_are_kept(void **state) {
    (void)state;
    const char *path = support_temp_path("golden.safetensors");
    mien_model *model = NULL;
    mien_golden_input golden;
    mien_network r = fixture();
    save(path, &r);
    assert_good(mien_model_open(path, &model));
    assert_int_equal(mien_model_golden_count(model), 1);
    assert_good(mien_model_golden(model, 0, &golden));
    assert_int_equal(golden.item[0]->shape[0], SIDE);
    assert_memory_equal(golden.item[0]->data, pixels, sizeof pixels);
    assert_memory_equal(golden.output, output, sizeof output);
    assert_fails(mien_model_golden(model, 1, &golden), MIEN_EINVAL, "1 of 1");
    mien_model_close(&model);
}

static void the_same_readout_gives_the_same_bytes(void **state) {
    (void)state;
    char a[65], b[65];
    mien_network r = fixture_with_block();
    save(support_temp_path("a.safetensors"), &r);
    save(support_temp_path("b.safetensors"), &r);
    assert_good(mien_sha256_file(support_temp_path("a.safetensors"), a));
    assert_good(mien_sha256_file(support_temp_path("b.safetensors"), b));
    assert_string_equal(a, b);
}

static void one_changed_byte_anywhere_is_found(void **state) {
    (void)state;
    char *bytes = NULL;
    size_t count = 0;
    mien_model *model = NULL;
    mien_network r = fixture();
    const char *path = support_temp_path("sealed.safetensors");
    save(path, &r);
    assert_good(mien_file_read(path, 1 << 20, &bytes, &count));
    for (size_t i = 0; i < count; i++) {
        bytes[i] ^= 1;
        const char *changed = support_write("changed.safetensors", bytes, count);
        mien_status status = mien_model_open(changed, &model);
        if (status == MIEN_OK || !mien_error()[0]) {
            fail_msg("byte %zu of %zu: the change was not found", i, count);
        }
        bytes[i] ^= 1;
    }
    bytes[count - 1] ^= 1;
    assert_fails(
        mien_model_open(support_write("last.safetensors", bytes, count), &model),
        MIEN_EVERIFY, "was changed after it was made");
    mien_free(bytes);
}

static void every_truncation_is_refused(void **state) {
    (void)state;
    char *bytes = NULL;
    size_t count = 0;
    mien_model *model = NULL;
    mien_network r = fixture();
    const char *path = support_temp_path("whole.safetensors");
    save(path, &r);
    assert_good(mien_file_read(path, 1 << 20, &bytes, &count));
    for (size_t n = 0; n < count; n += n < 16 ? 1 : 37) {
        if (mien_model_open(support_write("cut.safetensors", bytes, n), &model) ==
            MIEN_OK) {
            fail_msg("%zu of %zu bytes were taken for a model", n, count);
        }
    }
    mien_free(bytes);
}

/* A file with this contract text (NULL: none) and the fixture's tensors, the last of
 * them left out if asked, sealed if asked. */
static const char *forge(const char *contract, bool sealed, bool whole) {
    enum { COUNT = 5 };
    static const char *const names[COUNT] = {"readout.bias", "block.0.mean",
        "block.0.scale", "block.0.vectors", "block.0.coefficient"};
    const int64_t targets[] = {TARGETS, TARGETS}, features[] = {FEATURES};
    const int64_t both[] = {TARGETS, FEATURES};
    const int64_t *const shapes[COUNT] = {targets, features, features, both, targets};
    const float *const values[COUNT] = {bias, zeros, ones, weight, identity};
    static const int ranks[COUNT] = {1, 1, 1, 2, 2};
    mien_tensor *tensors[COUNT] = {0};
    const char *path = support_temp_path("forged.safetensors");
    const char *metadata[] = {NULL, NULL, NULL, NULL, NULL};
    if (contract) {
        metadata[0] = "mien";
        metadata[1] = contract;
    }
    if (sealed) {
        metadata[contract ? 2 : 0] = MIEN_SEAL_KEY;
        metadata[contract ? 3 : 1] = MIEN_SEAL_BLANK;
    }
    for (int i = 0; i < COUNT; i++) {
        assert_good(mien_tensor_over(
            MIEN_F32, ranks[i], shapes[i], (void *)values[i], &tensors[i]));
    }
    assert_good(mien_safetensors_write(path, whole ? COUNT : COUNT - 1, names,
        (const mien_tensor *const *)tensors, metadata));
    if (sealed) {
        assert_good(mien_checksum_write(path));
    }
    for (int i = 0; i < COUNT; i++) {
        mien_tensor_free(&tensors[i]);
    }
    return path;
}

/* The fixture's contract as text, with one part of it replaced. */
static char *contract_with(const char *old, const char *new) {
    mien_model *model = NULL;
    mien_string text, changed;
    const char *path = support_temp_path("contract.safetensors");
    mien_network r = fixture();
    assert_good(mien_network_save(path, &r, NULL, NULL, 0));
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

static void assert_refused(
    const char *old, const char *new, mien_status status, const char *part) {
    mien_model *model = NULL;
    char *contract = contract_with(old, new);
    assert_fails(mien_model_open(forge(contract, true, true), &model), status, part);
    mien_free(contract);
}

static void without_contract_or_seal_nothing_is_opened(void **state) {
    (void)state;
    mien_model *model = NULL;
    assert_fails(mien_model_open(forge(NULL, false, true), &model), MIEN_EVERIFY,
        "has no contract");
    assert_fails(mien_model_open(forge(NULL, true, true), &model), MIEN_EVERIFY,
        "has no contract");
    char *contract = contract_with("mobilenet_v2", "mobilenet_v2");
    assert_fails(mien_model_open(forge(contract, false, true), &model), MIEN_EVERIFY,
        "has no seal");
    assert_good(mien_model_open(forge(contract, true, true), &model));
    mien_model_close(&model);
    assert_fails(mien_model_open(forge(contract, true, false), &model), MIEN_EVERIFY,
        "incomplete: no tensor block.0.coefficient");
    mien_free(contract);
}

static void a_bad_contract_names_its_key(void **state) {
    (void)state;
    assert_refused("\"version\": 1", "\"version\": 5", MIEN_EUNSUPPORTED, "newer");
    assert_refused("\"version\": 1", "\"edition\": 1", MIEN_EFORMAT, "\"version\"");
    assert_refused("\"readout\"", "\"forest\"", MIEN_EUNSUPPORTED, "\"forest\"");
    assert_refused("\"short\"", "\"stretch\"", MIEN_EFORMAT, "\"fit\"");
    assert_refused("\"rgb\"", "\"grb\"", MIEN_EFORMAT, "\"order\"");
    assert_refused("\"mirror\": true", "\"mirror\": 1", MIEN_EFORMAT, "\"mirror\"");
    assert_refused(
        "\"features\": 6", "\"features\": 6.5", MIEN_EFORMAT, "\"features\"");
    assert_refused("\"range\": [1", "\"range\": [9", MIEN_EFORMAT, "no range");
    assert_refused("\"evoked\"", "\"felt\"", MIEN_EFORMAT, "felt");
    assert_refused("\"gamma\": 0", "\"gamma\": -1", MIEN_EFORMAT, "gamma");
    assert_refused(
        "\"blocks\": [", "\"blocks\": [], \"more\": [", MIEN_EFORMAT, "1 to 16 blocks");
    assert_refused("\"golden\": 0", "\"golden\": 3", MIEN_EVERIFY, "golden.0.image");
    assert_refused("\"features\": 6", "\"features\": 5", MIEN_EFORMAT, "not within 5");
    assert_refused("\"width\": 6", "\"width\": 5", MIEN_EVERIFY, "rules out");
    assert_refused("{\"version\"", "[\"version\"", MIEN_EFORMAT, "contract");
}

static void assert_opened(const char *old, const char *new) {
    mien_model *model = NULL;
    char *contract = contract_with(old, new);
    assert_good(mien_model_open(forge(contract, true, true), &model));
    mien_model_close(&model);
    mien_free(contract);
}

/* Version 1 has keys for a second way to say a linear read-out. */
static void only_blocks_are_computed(void **state) {
    (void)state;
    assert_opened("\"transform\": \"none\", ", "");
    assert_opened("\"linear\": false, ", "");
    assert_refused("\"transform\": \"none\"", "\"transform\": \"sqrt\"",
        MIEN_EUNSUPPORTED, "\"transform\" is not none");
    assert_refused("\"transform\": \"none\"", "\"transform\": 1", MIEN_EUNSUPPORTED,
        "\"transform\" is not none");
    assert_refused("\"linear\": false", "\"linear\": true", MIEN_EUNSUPPORTED,
        "\"linear\" is not false");
}

static void a_bad_readout_is_not_saved(void **state) {
    (void)state;
    const char *path = support_temp_path("never.safetensors");
    mien_network r = fixture();
    strcpy(r.architecture.branches[0].weights_sha256, "abc");
    assert_fails(
        mien_network_save(path, &r, NULL, NULL, 0), MIEN_EINVAL, "64 hex digits");
    r = fixture();
    r.targets[1] = r.targets[0];
    assert_fails(
        mien_network_save(path, &r, NULL, NULL, 0), MIEN_EINVAL, "two targets");
    r = fixture();
    r.readout.blocks_count = 0;
    assert_fails(mien_network_save(path, &r, NULL, NULL, 0), MIEN_EINVAL, "0 blocks");
    r = fixture();
    const float bad[TARGETS] = {1, NAN};
    r.readout.bias = bad;
    assert_fails(mien_network_save(path, &r, NULL, NULL, 0), MIEN_EINVAL, "not finite");
    mien_preprocess p = mien_preprocess_imagenet();
    p.deviation[1] = 0;
    mien_architecture a;
    assert_fails(mien_architecture_readout(&a, &p, "mobilenet_v2", "pool", false, HASH),
        MIEN_EINVAL, "preprocess");
    r = fixture_with_block();
    r.readout.blocks[1].first = 3;
    assert_fails(
        mien_network_save(path, &r, NULL, NULL, 0), MIEN_EINVAL, "not within 6");
    assert_false(mien_file_exists(path));
    r = fixture();
    path = support_temp_path("no folder/model.safetensors");
    assert_fails(mien_network_save(path, &r, NULL, NULL, 0), MIEN_EIO, "no folder");
}

static void a_failed_save_leaves_the_old_model(void **state) {
    (void)state;
    mien_model *model = NULL;
    const char *path = support_temp_path("kept.safetensors");
    mien_network r = fixture();
    save(path, &r);
    r.targets_count = 0;
    assert_fails(mien_network_save(path, &r, NULL, NULL, 0), MIEN_EINVAL, "0 targets");
    assert_good(mien_model_open(path, &model));
    mien_model_close(&model);
}

static void models_are_found_by_name(void **state) {
    (void)state;
    char **names = NULL;
    int64_t count = 0;
    mien_model *model = NULL;
    mien_network r = fixture();
    char folder[4096];
    setenv("MIEN_CACHE", support_temp_path("cache"), 1);
    snprintf(folder, sizeof folder, "%s", support_temp_path("cache/models"));
    assert_good(mien_directory_make(folder));
    save(support_temp_path("cache/models/va-10.safetensors"), &r);
    save(support_temp_path("cache/models/va-9.safetensors"), &r);
    assert_good(mien_model_open("va-9", &model));
    assert_string_equal(
        mien_model_path(model), support_temp_path("cache/models/va-9.safetensors"));
    mien_model_close(&model);
    assert_good(mien_model_names(&names, &count));
    int64_t nine = -1, ten = -1;
    for (int64_t i = 0; i < count; i++) {
        nine = strcmp(names[i], "va-9") == 0 ? i : nine;
        ten = strcmp(names[i], "va-10") == 0 ? i : ten;
    }
    assert_true(nine >= 0 && ten > nine);
    mien_names_free(&names, count);
    assert_fails(mien_model_open("va-11", &model), MIEN_ENOTFOUND, folder);
    assert_fails(mien_model_open("no/such.safetensors", &model), MIEN_EIO, "no/such");
}

static void scales_map_both_ways(void **state) {
    (void)state;
    mien_network r = fixture();
    assert_near(mien_target_normal(&r.targets[0], 1), -1, 0);
    assert_near(mien_target_normal(&r.targets[0], 4), 0, 0);
    assert_near(mien_target_normal(&r.targets[0], 7), 1, 0);
    assert_near(mien_target_own(&r.targets[0], -1), 1, 0);
    assert_near(mien_target_own(&r.targets[0], 0.5), 5.5, 1e-15);
}

static mien_status open_once(void *context) {
    mien_model *model = NULL;
    mien_status status = mien_model_open(context, &model);
    mien_model_close(&model);
    return status;
}

static void failing_allocations_are_reported(void **state) {
    (void)state;
    char path[4096];
    mien_network r = fixture_with_block();
    strcpy(path, support_temp_path("memory.safetensors"));
    save(path, &r);
    support_each_allocation_fails(open_once, path, 2000);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_saved_is_opened),
        cmocka_unit_test(blocks_are_kept),
        cmocka_unit_test(golden_vectors_are_kept),
        cmocka_unit_test(the_same_readout_gives_the_same_bytes),
        cmocka_unit_test(one_changed_byte_anywhere_is_found),
        cmocka_unit_test(every_truncation_is_refused),
        cmocka_unit_test(without_contract_or_seal_nothing_is_opened),
        cmocka_unit_test(a_bad_contract_names_its_key),
        cmocka_unit_test(only_blocks_are_computed),
        cmocka_unit_test(a_bad_readout_is_not_saved),
        cmocka_unit_test(a_failed_save_leaves_the_old_model),
        cmocka_unit_test(models_are_found_by_name),
        cmocka_unit_test(scales_map_both_ways),
        cmocka_unit_test(failing_allocations_are_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
