/* SPDX-License-Identifier: MIT */
/* ResNets in larger graphs: two of them side by side, and what of them is computed once
 * when they are frozen beside a branch that learns. */
#include "models/backbones/resnet.h"
#include "mien/models.h"

#include <stdio.h>
#include <string.h>

#include "support/support.h"

static const mien_resnet design = {
    .blocks = {2, 2, 2, 2}, .widths = MIEN_RESNET_WIDTHS, .classes = 1000};

static mien_node resnet18(mien_graph *graph, const char *name) {
    const int64_t picture[4] = {MIEN_BATCH, 3, 64, 64};
    mien_node x, y;
    assert_good(mien_graph_input(graph, name, 4, picture, &x));
    char prefix[32];
    snprintf(prefix, sizeof prefix, "%s.", name);
    assert_good(mien_graph_scope(graph, prefix));
    assert_good(mien_resnet_build(graph, x, &design, &y));
    y = mien_graph_find(graph, "flatten");
    assert_good(mien_graph_cut(graph, y)); /* without its own classes */
    mien_graph_scope_end(graph);
    return y;
}

static void two_of_them_stand_in_one_graph(void **state) {
    (void)state;
    mien_graph *graph = NULL;
    mien_node both[2], y;
    mien_parameters *p = NULL;
    assert_good(mien_graph_new(&graph));
    both[0] = resnet18(graph, "scene");
    both[1] = resnet18(graph, "face");
    assert_good(mien_concat(graph, "both", both, 2, 1, &y));
    assert_good(mien_linear(graph, "head", y, 2, true, &y));
    assert_good(mien_parameters_new(graph, &p));
    int64_t one = mien_parameters_find(p, "scene.conv1.weight"),
            other = mien_parameters_find(p, "face.conv1.weight");
    assert_true(one >= 0 && other >= 0);
    assert_true(mien_graph_find(graph, "face.layer4") >= 0);

    /* With equal weights and pictures both give the same. */
    mien_parameters_randomize(p, 1);
    for (int64_t i = 0; i < mien_parameters_count(p); i++) {
        const char *name = mien_parameters_name(p, i);
        char twin[128];
        if (strncmp(name, "scene.", 6) == 0) {
            snprintf(twin, sizeof twin, "face.%s", name + 6);
            int64_t to = mien_parameters_find(p, twin);
            assert_true(to >= 0);
            memcpy(mien_parameters_at(p, to)->data, mien_parameters_at(p, i)->data,
                mien_tensor_bytes(mien_parameters_at(p, i)));
        }
    }
    mien_plan *plan = NULL;
    mien_plan_options o = mien_plan_options_default();
    o.outputs = both;
    o.outputs_count = 2;
    o.measure = false;
    assert_good(mien_plan_new(graph, p, &o, &plan));
    float *to[2] = {mien_plan_input(plan, mien_graph_find(graph, "scene")),
        mien_plan_input(plan, mien_graph_find(graph, "face"))};
    for (int i = 0; i < 3 * 64 * 64; i++) {
        to[0][i] = to[1][i] = (float)((i * 7) % 13) / 13;
    }
    assert_good(mien_plan_run(plan));
    assert_memory_equal(mien_plan_output(plan, 0)->data,
        mien_plan_output(plan, 1)->data, 512 * sizeof(float));
    to[1][7] += 1;
    assert_good(mien_plan_run(plan));
    assert_true(memcmp(mien_plan_output(plan, 0)->data, mien_plan_output(plan, 1)->data,
                    512 * sizeof(float)) != 0);
    mien_plan_free(&plan);
    mien_parameters_free(&p);
    mien_graph_free(&graph);
}

/* A picture through ResNet-18 beside a series through an LSTM whose steps are averaged.
 */
static mien_graph *scene_and_gaze(mien_frontier_input inputs[2]) {
    const int64_t series[3] = {MIEN_BATCH, 20, 5};
    const int time = 1;
    mien_graph *graph = NULL;
    mien_node both[2], y;
    assert_good(mien_graph_new(&graph));
    both[0] = resnet18(graph, "scene");
    assert_good(mien_graph_input(graph, "gaze", 3, series, &y));
    inputs[0] =
        (mien_frontier_input){.node = mien_graph_find(graph, "scene"), .item = 0};
    inputs[1] = (mien_frontier_input){.node = y, .item = 1};
    assert_good(mien_graph_scope(graph, "gaze."));
    assert_good(mien_lstm(graph, "lstm", y, 8, 1, MIEN_LSTM_FORWARD, &y));
    assert_good(
        mien_reduce(graph, "mean", y, MIEN_REDUCE_MEAN, &time, 1, false, &both[1]));
    mien_graph_scope_end(graph);
    assert_good(mien_concat(graph, "both", both, 2, 1, &y));
    assert_good(mien_linear(graph, "head", y, 2, true, &y));
    return graph;
}

static void what_is_frozen_ends_input_by_input(void **state) {
    (void)state;
    static const struct {
        const char *learns[3];
        bool fresh;
        const char *node[2];
        int item[2], count;
    } cases[] = {
        {{"gaze.*", "head.*"}, false, {"scene.flatten"}, {0}, 1},
        {{"scene.layer4.*", "gaze.*", "head.*"}, false, {"scene.layer3"}, {0}, 1},
        {{"head.*"}, false, {"scene.flatten", "gaze.mean"}, {0, 1}, 2},
        {{"head.*"}, true, {"gaze.mean"}, {1}, 1},
        {{"*"}, false, {0}, {0}, 0},
    };
    mien_frontier_input in[2];
    mien_graph *graph = scene_and_gaze(in);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        mien_parameters *p = NULL;
        mien_frontier f = {0};
        assert_good(mien_parameters_new(graph, &p));
        mien_parameters_freeze(p, "*", true);
        for (int k = 0; k < 3 && cases[i].learns[k]; k++) {
            assert_true(mien_parameters_freeze(p, cases[i].learns[k], false) > 0);
        }
        in[0].fresh = cases[i].fresh;
        assert_good(mien_graph_frontier(graph, p, in, 2, NULL, 0, &f));
        assert_int_equal(f.count, cases[i].count);
        for (int k = 0; k < f.count; k++) {
            assert_int_equal(f.node[k], mien_graph_find(graph, cases[i].node[k]));
            assert_int_equal(f.item[k], cases[i].item[k]);
        }
        mien_frontier_clear(&f);
        mien_parameters_free(&p);
    }
    mien_graph_free(&graph);
}

/* Layer 4 and the LSTM learn: the picture as far as layer 3 is computed before, the
 * series passes whole, and the result is that of the whole network. */
static void the_graph_behind_gives_what_the_whole_gives(void **state) {
    (void)state;
    mien_frontier_input in[2];
    mien_graph *graph = scene_and_gaze(in), *tail = NULL;
    mien_node cut = mien_graph_find(graph, "scene.layer3"), map[128];
    assert_true(mien_graph_nodes(graph) <= 128);
    mien_parameters *p = NULL, *q = NULL;
    mien_plan *whole = NULL, *rest = NULL;
    assert_good(mien_graph_behind(graph, &cut, 1, &tail, map));
    assert_good(mien_parameters_new(graph, &p));
    assert_good(mien_parameters_new(tail, &q));
    assert_int_equal(mien_parameters_find(q, "scene.conv1.weight"), -1);
    assert_true(mien_parameters_find(q, "scene.layer4.0.conv1.weight") >= 0);
    assert_true(mien_parameters_find(q, "gaze.lstm.weight_ih_l0") >= 0);
    mien_parameters_randomize(p, 3);
    mien_parameters_randomize(q, 3);
    const mien_node wanted[] = {cut, mien_graph_find(graph, "head")};
    mien_plan_options o = mien_plan_options_default();
    o.batch = 2;
    o.measure = false;
    o.outputs = wanted;
    o.outputs_count = 2;
    assert_good(mien_plan_new(graph, p, &o, &whole));
    float *picture = mien_plan_input(whole, in[0].node),
          *series = mien_plan_input(whole, in[1].node);
    for (int i = 0; i < 2 * 3 * 64 * 64; i++) {
        picture[i] = (float)((i * 7) % 13) / 13;
    }
    for (int i = 0; i < 2 * 20 * 5; i++) {
        series[i] = (float)((i * 5) % 11) / 11;
    }
    assert_good(mien_plan_run(whole));
    o.outputs = &map[wanted[1]];
    o.outputs_count = 1;
    assert_good(mien_plan_new(tail, q, &o, &rest));
    memcpy(mien_plan_input(rest, map[cut]), mien_plan_output(whole, 0)->data,
        mien_tensor_bytes(mien_plan_output(whole, 0)));
    memcpy(mien_plan_input(rest, map[in[1].node]), series, sizeof(float) * 2 * 20 * 5);
    assert_good(mien_plan_run(rest));
    assert_close(mien_plan_output(rest, 0)->data, mien_plan_output(whole, 1)->data, 4,
        1e-6, 1e-5);
    mien_plan_free(&rest);
    mien_plan_free(&whole);
    mien_parameters_free(&q);
    mien_parameters_free(&p);
    mien_graph_free(&tail);
    mien_graph_free(&graph);
}

static mien_parameters *parameters_of(const char *name, mien_graph **graph) {
    const int64_t picture[4] = {MIEN_BATCH, 3, 64, 64};
    const mien_backbone *backbone = NULL;
    mien_parameters *p = NULL;
    mien_node x, y;
    assert_good(mien_backbone_find(name, &backbone));
    assert_good(mien_graph_new(graph));
    assert_good(mien_graph_input(*graph, "input", 4, picture, &x));
    assert_good(backbone->build(*graph, x, &y));
    assert_good(mien_parameters_new(*graph, &p));
    return p;
}

static void the_small_one_is_named_as_resnet18_and_has_no_classes(void **state) {
    (void)state;
    mien_graph *graphs[2];
    mien_parameters *small = parameters_of("resnet_small", &graphs[0]);
    mien_parameters *large = parameters_of("resnet18", &graphs[1]);
    int64_t values = 0;
    assert_int_equal(mien_parameters_count(large), mien_parameters_count(small) + 2);
    for (int64_t i = 0; i < mien_parameters_count(small); i++) {
        assert_true(mien_parameters_find(large, mien_parameters_name(small, i)) >= 0);
        values += mien_tensor_count(mien_parameters_at(small, i));
    }
    assert_true(mien_parameters_find(small, "fc.weight") < 0);
    assert_true(values > 1900000 && values < 1950000);
    mien_parameters_free(&small);
    mien_parameters_free(&large);
    mien_graph_free(&graphs[0]);
    mien_graph_free(&graphs[1]);
}

static void nobody_publishes_weights_of_the_small_one(void **state) {
    (void)state;
    const mien_backbone *backbone = NULL;
    char *path = NULL;
    assert_good(mien_backbone_find("resnet_small", &backbone));
    assert_fails(mien_backbone_weights(backbone, &path), MIEN_ENOTFOUND, "random ones");
    assert_fails(
        mien_backbone_pull(backbone, NULL, &path), MIEN_ENOTFOUND, "random ones");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_small_one_is_named_as_resnet18_and_has_no_classes),
        cmocka_unit_test(nobody_publishes_weights_of_the_small_one),
        cmocka_unit_test(two_of_them_stand_in_one_graph),
        cmocka_unit_test(what_is_frozen_ends_input_by_input),
        cmocka_unit_test(the_graph_behind_gives_what_the_whole_gives),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
