/* SPDX-License-Identifier: MIT */
/* Version 4 of the contract keeps all of any network, and names what it cannot be. */
#include "support/support.h"

#include <math.h>
#include <string.h>

#include "models/assembled.h"
#include "models/contract/contract.h"
#include "models/drawn.h"
#include "models/contract/file.h"

enum { SIZE = 32, PIXELS = 3 * SIZE * SIZE, SOUND = 3 };

static const float mean[SOUND] = {1, 2, 3}, scale[SOUND] = {2, 0.5f, 1},
                   fill[SOUND] = {1.5f, 2.5f, 3.5f};

static const mien_after_value by_voice[] = {
    {.value = "loud",
        .interval = {{.parts = 1, .level = 0.9, .low = {-2.5}, .high = {2.25}}}},
    {.value = "soft \"n\" low"}};

/* A picture and a row of features that may be missing. */
static mien_network mixed(void) {
    mien_network n = {.targets_count = 1,
        .targets = {{.name = "valence",
            .minimum = 1,
            .maximum = 7,
            .unit = "1-7",
            .construct = "evoked",
            .perspective = "normative"}},
        .segment_s = 2,
        .after = {.interval = {{.parts = 1, .level = 0.9, .low = {-1.5}, .high = {1}}},
            .interval_by = "voice",
            .values_count = 2,
            .values = by_voice,
            .smoothing = {{.rule = "butterworth", .order = 3, .value = 0.25}},
            .unclamped = true,
            .series = "film"},
        .licence = "MIT"};
    mien_architecture *a = &n.architecture;
    mien_preprocess p = mien_preprocess_imagenet();
    mien_input scene;
    p.fit = MIEN_FIT_SQUASH;
    p.crop_height = p.crop_width = SIZE;
    *a = mien_architecture_default();
    a->outputs = 1;
    assert_good(mien_input_picture("scene", &p, &scene));
    assert_good(mien_architecture_add(a, &scene));
    assert_good(assembled_features(a, "sound", SOUND, true));
    a->inputs[1].standardise = true;
    assert_good(assembled_stage(
        a, 0, "backbone", "name=mobilenet_v2; layer=features.1; grid=1"));
    assert_good(assembled_stage(a, 0, "hidden", "layers=4; activation=tanh"));
    assert_good(assembled_stage(a, 1, "hidden", "layers=4; dropout=0.1"));
    assert_good(assembled_fusion(a, "gated", "width=5"));
    assert_good(assembled_head(a, "linear", "layers=6; batch-norm=true"));
    n.standard[1] = (mien_standard){.width = SOUND,
        .mean = (float *)mean,
        .scale = (float *)scale,
        .fill = (float *)fill};
    return n;
}

static mien_status save(
    const char *path, const mien_network *n, const mien_golden_input *golden) {
    mien_network_body body = {0};
    mien_status status = mien_network_build(n, &body);
    if (status == MIEN_OK) {
        status = mien_parameters_new(body.graph, &body.parameters);
    }
    if (status == MIEN_OK) {
        drawn_parameters(body.parameters);
        status = mien_network_save(path, n, body.parameters, golden, golden ? 1 : 0);
    }
    mien_network_clear(&body);
    return status;
}

static void assert_same_choice(const mien_part_choice *a, const mien_part_choice *b) {
    assert_string_equal(a->kind, b->kind);
    assert_string_equal(a->settings, b->settings);
}

static void assert_same_architecture(
    const mien_architecture *a, const mien_architecture *b) {
    assert_int_equal(a->inputs_count, b->inputs_count);
    for (int i = 0; i < a->inputs_count; i++) {
        const mien_input *x = &a->inputs[i], *y = &b->inputs[i];
        assert_string_equal(x->name, y->name);
        assert_string_equal(x->kind, y->kind);
        assert_string_equal(x->column, y->column);
        assert_string_equal(x->settings, y->settings);
        assert_true(mien_item_same_shape(&x->shape, &y->shape));
        assert_true(x->optional == y->optional && x->standardise == y->standardise);
        assert_int_equal(a->branches[i].stages, b->branches[i].stages);
        assert_string_equal(a->branches[i].prefix, b->branches[i].prefix);
        for (int s = 0; s < a->branches[i].stages; s++) {
            assert_same_choice(&a->branches[i].stage[s], &b->branches[i].stage[s]);
        }
    }
    assert_same_choice(&a->fusion, &b->fusion);
    assert_same_choice(&a->head, &b->head);
    assert_same_choice(&a->preset, &b->preset);
    assert_string_equal(a->head_prefix, b->head_prefix);
    assert_int_equal(a->context_before, b->context_before);
    assert_int_equal(a->outputs, b->outputs);
}

static mien_value *made_by(void) {
    static const char text[] = "{\"input\": \"film\", \"weights\": \"abc\"}";
    mien_value *map = NULL;
    assert_good(mien_value_parse_json("made_by", text, sizeof text - 1, &map));
    return map;
}

static void a_mixed_network_comes_back_whole(void **state) {
    (void)state;
    const char *path = support_temp_path("mixed.safetensors");
    const int64_t picture[] = {5, 4, 3}, sound[] = {1, SOUND};
    mien_tensor *pixels = NULL, *row = NULL;
    mien_model *model = NULL;
    mien_golden_input golden;
    mien_value *made = made_by();
    mien_network n = mixed();
    const float mask[2] = {1, 0}, output[1] = {4.5f};
    n.made_by[1] = made;
    assert_good(mien_tensor_new(MIEN_U8, 3, picture, &pixels));
    assert_good(mien_tensor_new(MIEN_F32, 2, sound, &row));
    ((uint8_t *)pixels->data)[7] = 200;
    ((float *)row->data)[2] = -1.5f;
    const mien_golden_input given = {
        .item = {pixels, row}, .mask = mask, .output = output};
    assert_int_equal(mien_network_version(&n), 4);
    assert_good(save(path, &n, &given));
    assert_good(mien_model_open(path, &model));
    const mien_network *got = mien_model_network(model);
    assert_same_architecture(&got->architecture, &n.architecture);
    assert_memory_equal(got->standard[1].mean, mean, sizeof mean);
    assert_memory_equal(got->standard[1].scale, scale, sizeof scale);
    assert_memory_equal(got->standard[1].fill, fill, sizeof fill);
    assert_string_equal(got->after.smoothing[0].rule, "butterworth");
    assert_int_equal(got->after.smoothing[0].order, 3);
    assert_true(got->after.smoothing[0].value == 0.25 && got->after.unclamped);
    assert_string_equal(got->after.series, "film");
    assert_string_equal(got->after.interval_by, "voice");
    assert_int_equal(got->after.values_count, 2);
    const mien_after_value *loud = mien_after_find(&got->after, "loud");
    const mien_after_value *soft = mien_after_find(&got->after, by_voice[1].value);
    assert_true(loud && loud->interval[0].parts == 1 && loud->interval[0].level == 0.9);
    assert_true(loud->interval[0].low[0] == -2.5 && loud->interval[0].high[0] == 2.25);
    assert_true(soft && soft->interval[0].parts == 0);
    assert_null(mien_after_find(&got->after, "shrill"));
    assert_null(mien_after_find(&got->after, NULL));
    assert_null(got->made_by[0]);
    assert_string_equal(
        mien_value_text(mien_value_get(got->made_by[1], "weights")), "abc");
    assert_true(got->segment_s == 2);
    assert_string_equal(mien_model_backbone(model), "mobilenet_v2");
    assert_int_equal(mien_model_preprocess(model)->crop_width, SIZE);
    assert_good(mien_model_golden(model, 0, &golden));
    assert_int_equal(((const uint8_t *)golden.item[0]->data)[7], 200);
    assert_true(((const float *)golden.item[1]->data)[2] == -1.5f);
    assert_true(golden.mask[0] == 1 && golden.mask[1] == 0);
    assert_true(golden.output[0] == 4.5f);
    mien_model_close(&model);
    mien_tensor_free(&pixels);
    mien_tensor_free(&row);
    mien_value_free(&made);
}

static float value_of(
    mien_runner *runner, const float *scene, const float *sound, const float *mask) {
    const float *const inputs[] = {scene, sound};
    float value = NAN;
    assert_good(mien_runner_run_arrays(runner, inputs, mask, 1, &value, NULL));
    return value;
}

static void single_values_are_filled_and_missing_rows_have_no_say(void **state) {
    (void)state;
    const char *path = support_temp_path("run.safetensors");
    const float gap[SOUND] = {0.5f, NAN, 4}, filled[SOUND] = {0.5f, 2.5f, 4},
                other[SOUND] = {9, 9, 9}, there[2] = {1, 1}, missing[2] = {1, 0};
    float scene[PIXELS];
    mien_model *model = NULL;
    mien_runner_options o = mien_runner_options_default();
    mien_runner *runner = NULL;
    mien_network n = mixed();
    o.attention = true;
    drawn_picture(scene, PIXELS);
    assert_good(save(path, &n, NULL));
    assert_good(mien_model_open(path, &model));
    assert_good(mien_runner_new(model, &o, &runner));
    float value = value_of(runner, scene, filled, there);
    assert_true(value == value_of(runner, scene, gap, NULL));
    assert_true(value != value_of(runner, scene, other, NULL));
    float without = value_of(runner, scene, filled, missing);
    assert_true(without != value && without == value_of(runner, scene, other, missing));
    assert_true(without == value_of(runner, scene, gap, missing));
    /* the gate's weights are maps of attention */
    assert_int_equal(mien_runner_attention_count(runner), 1);
    assert_string_equal(mien_runner_attention_name(runner, 0), "gated");
    uint64_t before = mien_alloc_count();
    value_of(runner, scene, filled, there);
    assert_int_equal(mien_alloc_count(), before);
    mien_runner_free(&runner);
    mien_model_close(&model);
}

static void a_single_gap_without_a_median_is_named(void **state) {
    (void)state;
    const char *path = support_temp_path("gap.safetensors");
    const float gap[SOUND] = {0.5f, NAN, 4};
    float scene[PIXELS], value;
    const float *const inputs[] = {scene, gap};
    mien_model *model = NULL;
    mien_runner *runner = NULL;
    mien_network n = mixed();
    n.standard[1].fill = NULL;
    drawn_picture(scene, PIXELS);
    assert_good(save(path, &n, NULL));
    assert_good(mien_model_open(path, &model));
    assert_null(mien_model_network(model)->standard[1].fill);
    assert_good(mien_runner_new(model, NULL, &runner));
    assert_fails(mien_runner_run_arrays(runner, inputs, NULL, 1, &value, NULL),
        MIEN_ENUMBER, "input sound");
    mien_runner_free(&runner);
    mien_model_close(&model);
}

/* What versions 1 to 3 can say is still written as they say it. */
static void the_lowest_version_that_can_say_it_is_written(void **state) {
    (void)state;
    mien_network n = {.targets_count = 1,
        .targets = {{.name = "valence",
            .minimum = 1,
            .maximum = 7,
            .construct = "evoked",
            .perspective = "normative"}}};
    mien_architecture *a = &n.architecture;
    const mien_preprocess p = mien_preprocess_imagenet();
    assert_good(assembled_pictures(a, &p, "layer=features.1", "layers=4", 1));
    assert_int_equal(mien_network_version(&n), 2);
    assert_good(assembled_head(a, "linear", "layers=4; batch-norm=true"));
    assert_int_equal(mien_network_version(&n), 4);
    *a = mien_architecture_default();
    a->outputs = 1;
    assert_good(assembled_features(a, "sound", SOUND, false));
    assert_good(assembled_features(a, "sight", 4, false));
    assert_good(assembled_preset(a, "aan", ""));
    assert_int_equal(mien_network_version(&n), 3);
    a->inputs[0].optional = true; /* one of them alone */
    assert_int_equal(mien_network_version(&n), 4);
    a->inputs[1].optional = true;
    assert_int_equal(mien_network_version(&n), 3);
    strcpy(n.after.smoothing[0].rule, "mean");
    n.after.smoothing[0].value = 15;
    assert_int_equal(mien_network_version(&n), 4);
}

/* A preset that is smoothed keeps its name and the names of its parameters. */
static void a_preset_stays_one(void **state) {
    (void)state;
    const char *path = support_temp_path("preset.safetensors");
    mien_network n = mixed();
    mien_architecture *a = &n.architecture;
    mien_model *model = NULL;
    *a = mien_architecture_default();
    a->outputs = 1;
    a->context_before = 1;
    n.standard[1].width = 0;
    assert_good(assembled_features(a, "sound", SOUND, true));
    assert_good(assembled_features(a, "sight", 4, true));
    assert_good(assembled_preset(a, "mixed_aan", "width=4; layers=1"));
    assert_good(save(path, &n, NULL));
    assert_good(mien_model_open(path, &model));
    assert_same_architecture(&mien_model_network(model)->architecture, a);
    assert_true(mien_parameters_find(
                    mien_model_body(model)->parameters, "inputs.sound.weight") >= 0);
    mien_model_close(&model);
}

/* ---- documents ----------------------------------------------------------------------
 */

/* Reads the contract of the mixed network with one part of its text replaced. */
static mien_status parse_with(const char *old, const char *new) {
    mien_network n = mixed(), *read = mien_alloc(1, sizeof *read);
    mien_value *contract = NULL, *changed = NULL;
    mien_arena *arena = NULL;
    mien_string text, other;
    int64_t golden = 0;
    int version = 0;
    assert_non_null(read);
    mien_string_init(&text);
    mien_string_init(&other);
    assert_good(mien_contract_make(&n, 2, &contract));
    assert_good(mien_value_write_json(contract, false, &text));
    const char *at = strstr(text.text, old);
    if (!at) {
        fail_msg("%s is not in %s", old, text.text);
    }
    mien_string_add_n(&other, text.text, (size_t)(at - text.text));
    mien_string_add(&other, new);
    mien_string_add(&other, at + strlen(old));
    assert_good(mien_arena_new(4096, &arena));
    assert_good(mien_value_parse_json("contract", other.text, other.length, &changed));
    mien_status status = mien_contract_parse(changed, arena, read, &golden, &version);
    assert_int_equal(status == MIEN_OK ? version : 4, 4);
    mien_arena_free(&arena);
    mien_value_free(&changed);
    mien_value_free(&contract);
    mien_string_clear(&other);
    mien_string_clear(&text);
    mien_free(read);
    return status;
}

static void a_bad_contract_names_its_key(void **state) {
    (void)state;
    static const char *const cases[][3] = {
        {"\"kind\": \"gated\"", "\"kind\": \"gatde\"", "nearest is gated"},
        {"\"kind\": \"features\"", "\"kind\": \"feature\"", "nearest is features"},
        {"\"kind\": \"hidden\"", "\"kind\": \"hiden\"", "nearest is hidden"},
        {"\"width=5\"", "\"widht=5\"", "did you mean \"width\""},
        {"\"kind\": \"backbone\"", "\"kind\": \"project\"", "unknown key \"name\""},
        {"\"shape\": [3, 32, 32]", "\"shape\": [3, 32]", "pictures [3, H, W]"},
        {"\"shape\": [3, 32, 32]", "\"shape\": 3", "\"shape\""},
        {"\"shape\": [3]", "\"shape\": [0]", "input sound"},
        {"\"steps\": 1", "\"steps\": 0", "\"steps\""},
        {"\"optional\": true", "\"optional\": 1", "\"optional\""},
        {"\"branches\": [", "\"branches\": [{}, ", "a branch for each input"},
        {"\"name\": \"sound\"", "\"name\": \"scene\"", "scene is there twice"},
        {"\"before\": 0", "\"before\": 2", "looks at one segment"},
        {"\"outputs\": 1", "\"outputs\": 2", "need 1 outputs"},
        {"\"butterworth\"", "\"median\"", "none, mean or butterworth"},
        {"\"order\": 3", "\"order\": 40", "order 40"},
        {"\"value\": 0.25", "\"value\": -1", "by -1"},
        {"\"clamp\": false", "\"clamp\": 0", "\"clamp\""},
        {"\"smoothing\": {", "\"smoothing\": 3, \"x\": {", "\"smoothing\""},
        {"\"intervals\": {", "\"none\": {", "without one of all rows"},
        {"\"values\": {", "\"values\": 3, \"x\": {", "at most 1024 values"},
        {"\"column\": \"voice\"", "\"column\": 3", "\"column\""},
        {"\"column\": \"voice\"", "\"column\": \"\"", "of no column"},
        {"\"low\": [-2.5]", "\"low\": [3.5]", "intervals of valence that cannot be"},
        {"\"low\": [-2.5]", "\"low\": [-2.5, 1]", "\"low\""},
        {"\"preset\": {\"kind\": \"\"", "\"preset\": {\"kind\": \"aan\"",
            "are not those of"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_fails(parse_with(cases[i][0], cases[i][1]), MIEN_EFORMAT, cases[i][2]);
    }
    assert_fails(
        parse_with("\"version\": 4", "\"version\": 5"), MIEN_EUNSUPPORTED, "newer");
    assert_good(parse_with("\"version\": 4", "\"version\": 4"));
}

static mien_status open_once(void *path) {
    mien_model *model = NULL;
    mien_status status = mien_model_open(path, &model);
    mien_model_close(&model);
    return status;
}

static void every_allocation_may_fail(void **state) {
    (void)state;
    char path[4096];
    mien_network n = mixed();
    strcpy(path, support_temp_path("memory.safetensors"));
    assert_good(save(path, &n, NULL));
    support_each_allocation_fails(open_once, path, 20000);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_mixed_network_comes_back_whole),
        cmocka_unit_test(single_values_are_filled_and_missing_rows_have_no_say),
        cmocka_unit_test(a_single_gap_without_a_median_is_named),
        cmocka_unit_test(the_lowest_version_that_can_say_it_is_written),
        cmocka_unit_test(a_preset_stays_one),
        cmocka_unit_test(a_bad_contract_names_its_key),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
