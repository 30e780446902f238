/* SPDX-License-Identifier: MIT */
/* An architecture gives the network it says: names, widths, masks, refusals. */
#include "support/support.h"

#include <stdio.h>
#include <string.h>

#include "models/assembled.h"
#include "models/drawn.h"

#define SIZE 64
#define STAGE "name=mobilenet_v2; layer=features.3"
#define HEAD "layers=7 5; activation=elu none; dropout=0.5 0; read-dropout=0.25"

static mien_architecture fixture_with(
    const char *stage, const char *head, int height, int width) {
    mien_architecture a;
    mien_preprocess p = mien_preprocess_imagenet();
    p.fit = MIEN_FIT_SQUASH;
    p.crop_height = height;
    p.crop_width = width;
    assert_good(assembled_pictures(&a, &p, stage, head, 3));
    return a;
}

static mien_architecture fixture(void) {
    return fixture_with(STAGE, HEAD, SIZE, SIZE);
}

typedef struct built {
    mien_graph *graph;
    mien_network_nodes nodes;
} built;

static mien_status build(const mien_architecture *a, built *b) {
    mien_status status = mien_graph_new(&b->graph);
    return status == MIEN_OK ? mien_architecture_build(a, b->graph, &b->nodes) : status;
}

static int64_t width_of(const mien_graph *graph, mien_node node) {
    int64_t shape[MIEN_RANK_MAX];
    assert_int_equal(mien_graph_shape(graph, node, shape), 2);
    assert_int_equal(shape[0], MIEN_BATCH);
    return shape[1];
}

static void heads_are_numbered_and_the_rest_is_the_backbone_s(void **state) {
    (void)state;
    static const char *const tail[] = {"head.0.weight", "head.0.bias", "head.1.weight",
        "head.1.bias", "head.2.weight", "head.2.bias"};
    mien_architecture a = fixture();
    built b = {0};
    mien_parameters *p = NULL;
    assert_good(build(&a, &b));
    mien_node fused = b.nodes.fused;
    assert_int_equal(width_of(b.graph, b.nodes.output), 3);
    assert_int_equal(width_of(b.graph, fused), 24);
    assert_int_equal(b.nodes.branch[0], fused);
    assert_int_equal(b.nodes.mask, -1);
    assert_int_equal(mien_graph_find(b.graph, "features.4"), -1);
    assert_true(mien_graph_find(b.graph, "head.dropout") > fused);
    assert_true(mien_graph_find(b.graph, "head.0.elu") > fused);
    assert_true(mien_graph_find(b.graph, "head.0.dropout") > fused);
    assert_int_equal(mien_graph_find(b.graph, "head.1.none"), -1);
    assert_int_equal(mien_graph_find(b.graph, "head.1.dropout"), -1);
    assert_good(mien_parameters_new(b.graph, &p));
    int64_t count = mien_parameters_count(p);
    assert_string_equal(mien_parameters_name(p, 0), "features.0.0.weight");
    for (int i = 0; i < 6; i++) {
        assert_string_equal(mien_parameters_name(p, count - 6 + i), tail[i]);
    }
    const mien_tensor *first = mien_parameters_at(p, count - 6);
    assert_true(first->shape[0] == 7 && first->shape[1] == 24);
    mien_parameters_free(&p);
    mien_graph_free(&b.graph);
}

/* Weights of VGG16's convolutions and of a linear layer on 512 × 7 × 7 values. */
static void a_grid_is_averaged_and_flattened(void **state) {
    (void)state;
    static const int64_t widths[] = {512 * 14 * 14, 512, 25088};
    static const int grids[] = {0, 1, 7};
    for (int i = 0; i < 3; i++) {
        char stage[64]; /* before the last pool: 14 × 14 */
        built b = {0};
        snprintf(
            stage, sizeof stage, "name=vgg16; layer=features.29; grid=%d", grids[i]);
        mien_architecture a = fixture_with(stage, "", 224, 224);
        a.outputs = 8;
        assert_good(build(&a, &b));
        assert_int_equal(width_of(b.graph, b.nodes.fused), widths[i]);
        assert_int_equal(mien_graph_weights(b.graph), 14714688 + 8 * (widths[i] + 1));
        mien_graph_free(&b.graph);
    }
}

static void rows_are_read_as_they_are(void **state) {
    (void)state;
    mien_architecture a =
        fixture_with("name=mobilenet_v2; layer=classifier.1", "", SIZE, SIZE);
    built b = {0};
    assert_good(build(&a, &b));
    assert_int_equal(width_of(b.graph, b.nodes.fused), 1000);
    assert_string_equal(mien_graph_name(b.graph, b.nodes.fused), "classifier.1");
    assert_string_equal(mien_graph_name(b.graph, b.nodes.output), "head.0");
    mien_graph_free(&b.graph);
}

/* Batch-norm stands before the activation, whose names follow the layer's. */
static void hidden_layers_take_lists(void **state) {
    (void)state;
    mien_architecture a = fixture_with(STAGE,
        "layers=6,4; activation=relu none; batch-norm=true false; dropout=0.5", SIZE,
        SIZE);
    built b = {0};
    assert_good(build(&a, &b));
    mien_node norm = mien_graph_find(b.graph, "head.0.norm");
    assert_true(norm > mien_graph_find(b.graph, "head.0"));
    assert_true(mien_graph_find(b.graph, "head.0.relu") > norm);
    assert_int_equal(mien_graph_find(b.graph, "head.1.norm"), -1);
    assert_true(mien_graph_find(b.graph, "head.1.dropout") > 0);
    mien_graph_free(&b.graph);
}

/* ---- several inputs ----------------------------------------------------------------
 */

/* Two backbones and a row of features, side by side. */
static mien_architecture mixed(const char *fusion) {
    mien_architecture a = mien_architecture_default();
    mien_preprocess p = mien_preprocess_imagenet();
    mien_input scene, face;
    p.fit = MIEN_FIT_SQUASH;
    p.crop_height = p.crop_width = SIZE;
    a.outputs = 3;
    assert_good(mien_input_picture("scene", &p, &scene));
    p.crop_height = p.crop_width = 32;
    assert_good(mien_input_picture("face", &p, &face));
    face.optional = true;
    assert_good(mien_architecture_add(&a, &scene));
    assert_good(mien_architecture_add(&a, &face));
    assert_good(assembled_features(&a, "sound", 5, true));
    assert_good(assembled_stage(&a, 0, "backbone", STAGE));
    assert_good(assembled_stage(&a, 1, "backbone", STAGE));
    assert_good(assembled_stage(&a, 1, "hidden", "layers=6"));
    assert_good(assembled_stage(&a, 2, "project", "width=4"));
    assert_good(assembled_fusion(&a, fusion, ""));
    return a;
}

static void two_backbones_are_told_apart_by_their_names(void **state) {
    (void)state;
    mien_architecture a = mixed("concat");
    built b = {0};
    mien_parameters *p = NULL;
    assert_good(build(&a, &b));
    assert_good(mien_parameters_new(b.graph, &p));
    assert_true(mien_parameters_find(p, "scene.0.features.0.0.weight") >= 0);
    assert_true(mien_parameters_find(p, "face.0.features.0.0.weight") >= 0);
    assert_true(mien_parameters_find(p, "face.1.0.weight") >= 0);
    assert_true(mien_parameters_find(p, "sound.0.weight") >= 0);
    assert_true(mien_parameters_find(p, "head.0.weight") >= 0);
    assert_int_equal(width_of(b.graph, b.nodes.branch[0]), 24);
    assert_int_equal(width_of(b.graph, b.nodes.branch[1]), 6);
    assert_int_equal(width_of(b.graph, b.nodes.fused), 24 + 6 + 4);
    assert_true(b.nodes.branch_first[1] >= b.nodes.branch_end[0]);
    mien_parameters_free(&p);
    mien_graph_free(&b.graph);
}

/* Runs two rows; the second lacks the face, of which `shade` is all that differs. */
static void run_mixed(const mien_architecture *a, float shade, float out[6]) {
    built b = {0};
    mien_parameters *p = NULL;
    mien_plan *plan = NULL;
    mien_plan_options o = mien_plan_options_default();
    assert_good(build(a, &b));
    assert_good(mien_parameters_new(b.graph, &p));
    drawn_parameters(p);
    o.batch = 2;
    o.threads = 1;
    o.measure = false;
    o.outputs = &b.nodes.output;
    o.outputs_count = 1;
    assert_good(mien_plan_new(b.graph, p, &o, &plan));
    drawn_picture(mien_plan_input(plan, b.nodes.inputs[0]), 2 * 3 * SIZE * SIZE);
    float *face = mien_plan_input(plan, b.nodes.inputs[1]);
    float *sound = mien_plan_input(plan, b.nodes.inputs[2]);
    float *mask = mien_plan_input(plan, b.nodes.mask);
    for (int i = 0; i < 2 * 3 * 32 * 32; i++) {
        face[i] = shade * (float)(i % 7);
    }
    for (int i = 0; i < 10; i++) {
        sound[i] = 0.1f * (float)i;
    }
    for (int i = 0; i < 6; i++) {
        mask[i] = i != 4;
    }
    assert_good(mien_plan_run(plan));
    memcpy(out, mien_plan_output(plan, 0)->data, 6 * sizeof *out);
    mien_plan_free(&plan);
    mien_parameters_free(&p);
    mien_graph_free(&b.graph);
}

static void what_is_missing_has_no_say(void **state) {
    (void)state;
    static const char *const fusions[] = {"concat", "gated"};
    for (int f = 0; f < 2; f++) {
        mien_architecture a = mixed(fusions[f]);
        float one[6], two[6];
        run_mixed(&a, 0.1f, one);
        run_mixed(&a, 0.2f, two);
        for (int t = 0; t < 3; t++) {
            assert_true(one[t] != two[t]);
            assert_true(one[3 + t] == two[3 + t]);
        }
    }
}

static void a_norm_that_learns_does_not_count_missing_rows(void **state) {
    (void)state;
    mien_architecture a = mixed("concat");
    built b = {0};
    mien_parameters *p = NULL;
    assert_good(build(&a, &b));
    assert_good(mien_parameters_new(b.graph, &p));
    assert_fails(mien_architecture_check_training(&a, b.graph, &b.nodes, p),
        MIEN_EUNSUPPORTED, "face.0.features.0.1");
    mien_parameters_freeze(p, "face.0.*", true);
    assert_good(mien_architecture_check_training(&a, b.graph, &b.nodes, p));
    mien_parameters_free(&p);
    mien_graph_free(&b.graph);
}

/* What a branch's first stages give is entered as features; the names stay. */
static void stages_that_are_computed_elsewhere_are_left_out(void **state) {
    (void)state;
    mien_architecture a = mixed("concat");
    built b = {0};
    mien_parameters *p = NULL;
    assert_good(mien_architecture_enter(&a, 1, 1, 24));
    assert_good(mien_architecture_enter(&a, 0, 1, 24));
    assert_good(build(&a, &b));
    assert_good(mien_parameters_new(b.graph, &p));
    assert_true(mien_parameters_find(p, "face.1.0.weight") >= 0);
    assert_int_equal(mien_parameters_find(p, "scene.0.features.0.0.weight"), -1);
    assert_int_equal(width_of(b.graph, b.nodes.inputs[0]), 24);
    assert_int_equal(width_of(b.graph, b.nodes.fused), 24 + 6 + 4);
    assert_fails(mien_architecture_enter(&a, 2, 2, 1), MIEN_EINVAL, "2 stages of 1");
    mien_parameters_free(&p);
    mien_graph_free(&b.graph);
}

/* ---- refusals
 * ------------------------------------------------------------------------ */

#define REFUSED(stage, head, height, width, status, part)                              \
    do {                                                                               \
        mien_architecture a_ = fixture_with(stage, head, height, width);               \
        assert_fails(mien_architecture_check(&a_), status, part);                      \
    } while (0)

static void what_cannot_be_is_named(void **state) {
    (void)state;
    REFUSED("name=mobilenet_v3", "", 64, 64, MIEN_ENOTFOUND, "nearest is mobilenet_v2");
    REFUSED("layer=", "", 64, 64, MIEN_EINVAL, "no layer");
    REFUSED(STAGE, "", 16, 64, MIEN_EINVAL, "64 × 16");
    REFUSED(STAGE, "read-dropout=1", 64, 64, MIEN_EINVAL, "dropout 1");
    REFUSED(STAGE, "layers=1 2 3 4 5 6 7 8 9 1 2 3 4 5 6 7 8", 64, 64, MIEN_EINVAL,
        "at most 16");
    REFUSED(STAGE, "layers=2 0", 64, 64, MIEN_EINVAL, "hidden layer 1: width 0");
    REFUSED(STAGE, "layers=2; dropout=-0.5", 64, 64, MIEN_EINVAL,
        "hidden layer 0: dropout -0.5");
    REFUSED(STAGE, "layers=2 2 2; dropout=0.5 0", 64, 64, MIEN_EINVAL,
        "dropout: 2 items for 3 hidden layers");
    REFUSED(
        STAGE, "layers=2; activation=alu", 64, 64, MIEN_ENOTFOUND, "nearest is elu");
    REFUSED(
        STAGE, "layers=2; batch-norm=1", 64, 64, MIEN_EINVAL, "neither true nor false");
    mien_architecture a = fixture();
    a.inputs[0].shape.size[2] = 5000;
    assert_fails(mien_architecture_check(&a), MIEN_EINVAL, "5000 × 64");
    a = fixture();
    a.outputs = 0;
    assert_fails(mien_architecture_check(&a), MIEN_EINVAL, "0 outputs");
    assert_fails(assembled_stage(&a, 0, "backbone", "grid=-1"), MIEN_EINVAL, "grid");
    assert_fails(assembled_head(&a, "linaer", ""), MIEN_ENOTFOUND, "nearest is linear");
    a = mixed("gated");
    a.context_before = 1;
    assert_fails(mien_architecture_check(&a), MIEN_EINVAL, "looks at one segment");
    a = mixed("single");
    assert_fails(mien_architecture_check(&a), MIEN_EINVAL, "3 inputs need another");
    a = mixed("concat");
    a.branches[1].stages = 0;
    assert_fails(mien_architecture_check(&a), MIEN_EINVAL, "input face: its items");
    a = mixed("concat");
    a.branches[2].stages = 0;
    assert_good(assembled_stage(&a, 2, "backbone", STAGE));
    assert_fails(mien_architecture_check(&a), MIEN_EINVAL, "input sound: mobilenet_v2");
    a = mixed("attention"); /* of 24, 6 and 4 values */
    built b = {0};
    assert_fails(build(&a, &b), MIEN_ESHAPE, "scene has 24 values and face 6");
    mien_graph_free(&b.graph);
}

static void layers_that_do_not_fit_are_named(void **state) {
    (void)state;
    built b = {0};
    mien_architecture a =
        fixture_with("name=mobilenet_v2; layer=features.19", "", SIZE, SIZE);
    assert_fails(build(&a, &b), MIEN_ENOTFOUND, "no layer \"features.19\"");
    mien_graph_free(&b.graph);
    a = fixture_with("name=mobilenet_v2; layer=image", "", SIZE, SIZE);
    assert_fails(build(&a, &b), MIEN_EINVAL, "not one of mobilenet_v2");
    mien_graph_free(&b.graph);
    a = fixture_with("layers=pool,features.3", "", SIZE, SIZE);
    assert_fails(build(&a, &b), MIEN_EUNSUPPORTED, "several layers");
    mien_graph_free(&b.graph);
    a = fixture();
    assert_good(build(&a, &b));
    assert_fails(
        mien_architecture_build(&a, b.graph, &b.nodes), MIEN_EINVAL, "empty graph");
    mien_graph_free(&b.graph);
}

static void a_text_cannot_say_other_settings(void **state) {
    (void)state;
    const mien_branch_kind *kind = NULL;
    mien_options *options = NULL;
    mien_architecture a = fixture();
    assert_good(mien_branch_kind_find("backbone", &kind));
    assert_good(mien_options_new(kind->options, &options));
    assert_good(mien_options_set(options, NULL, "layer", "pool; name=vgg16"));
    assert_fails(
        mien_architecture_stage(&a, 0, "backbone", options), MIEN_EINVAL, "has a ;");
    mien_options_free(&options);
}

static mien_status build_once(void *context) {
    built b = {0};
    mien_status status = build(context, &b);
    mien_graph_free(&b.graph);
    return status;
}

static void failing_allocations_are_reported(void **state) {
    (void)state;
    mien_architecture a = fixture();
    support_each_allocation_fails(build_once, &a, 8000);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(heads_are_numbered_and_the_rest_is_the_backbone_s),
        cmocka_unit_test(a_grid_is_averaged_and_flattened),
        cmocka_unit_test(rows_are_read_as_they_are),
        cmocka_unit_test(hidden_layers_take_lists),
        cmocka_unit_test(two_backbones_are_told_apart_by_their_names),
        cmocka_unit_test(what_is_missing_has_no_say),
        cmocka_unit_test(a_norm_that_learns_does_not_count_missing_rows),
        cmocka_unit_test(stages_that_are_computed_elsewhere_are_left_out),
        cmocka_unit_test(what_cannot_be_is_named),
        cmocka_unit_test(layers_that_do_not_fit_are_named),
        cmocka_unit_test(a_text_cannot_say_other_settings),
        cmocka_unit_test(failing_allocations_are_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
