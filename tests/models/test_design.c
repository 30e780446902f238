/* SPDX-License-Identifier: MIT */
/* A design gives the network it says: names, widths, the head alone, refusals. */
#include "support/support.h"

#include <string.h>

#include "models/drawn.h"

#define SIZE 64

static mien_design fixture(void) {
    mien_design d = mien_design_default();
    strcpy(d.backbone, "mobilenet_v2");
    strcpy(d.layer, "features.3");
    d.height = d.width = SIZE;
    d.dropout = 0.25;
    d.hidden_count = 2;
    d.hidden[0] = (mien_design_hidden){.width = 7, .activation = "elu", .dropout = 0.5};
    d.hidden[1] = (mien_design_hidden){.width = 5, .activation = "none"};
    d.outputs = 3;
    return d;
}

typedef struct built {
    mien_graph *graph;
    mien_node input, output, feature;
} built;

static mien_status build(const mien_design *d, built *b) {
    const int64_t shape[] = {MIEN_BATCH, 3, d->height, d->width};
    mien_status status = mien_graph_new(&b->graph);
    if (status == MIEN_OK) {
        status = mien_graph_input(b->graph, "input", 4, shape, &b->input);
    }
    return status == MIEN_OK
               ? mien_design_build(d, b->graph, b->input, &b->output, &b->feature)
               : status;
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
    mien_design d = fixture();
    built b = {0};
    mien_parameters *p = NULL;
    assert_good(build(&d, &b));
    assert_int_equal(width_of(b.graph, b.output), 3);
    assert_int_equal(width_of(b.graph, b.feature), 24);
    assert_int_equal(mien_graph_find(b.graph, "features.4"), -1);
    assert_true(mien_graph_find(b.graph, "head.dropout") > b.feature);
    assert_true(mien_graph_find(b.graph, "head.0.elu") > b.feature);
    assert_true(mien_graph_find(b.graph, "head.0.dropout") > b.feature);
    assert_int_equal(mien_graph_find(b.graph, "head.1.none"), -1);
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
    mien_design d = mien_design_default();
    strcpy(d.backbone, "vgg16");
    strcpy(d.layer, "features.29"); /* before the last pool: 14 × 14 */
    d.height = d.width = 224;
    d.grid = 7;
    d.outputs = 8;
    built b = {0};
    assert_good(build(&d, &b));
    assert_int_equal(width_of(b.graph, b.feature), 25088);
    assert_int_equal(mien_graph_weights(b.graph), 14714688 + 200712);
    mien_graph_free(&b.graph);
    d.grid = 0;
    assert_good(build(&d, &b));
    assert_int_equal(width_of(b.graph, b.feature), 512 * 14 * 14);
    mien_graph_free(&b.graph);
    d.grid = 1;
    assert_good(build(&d, &b));
    assert_int_equal(width_of(b.graph, b.feature), 512);
    mien_graph_free(&b.graph);
}

static void rows_are_read_as_they_are(void **state) {
    (void)state;
    mien_design d = fixture();
    strcpy(d.layer, "classifier.1");
    d.hidden_count = 0;
    built b = {0};
    assert_good(build(&d, &b));
    assert_int_equal(width_of(b.graph, b.feature), 1000);
    assert_string_equal(mien_graph_name(b.graph, b.feature), "classifier.1");
    assert_string_equal(mien_graph_name(b.graph, b.output), "head.0");
    mien_graph_free(&b.graph);
}

static mien_plan *plan_of(
    const mien_graph *graph, mien_parameters *p, const mien_node *outputs, int count) {
    mien_plan *plan = NULL;
    mien_plan_options o = mien_plan_options_default();
    o.threads = 1;
    o.outputs = outputs;
    o.outputs_count = count;
    assert_good(mien_plan_new(graph, p, &o, &plan));
    return plan;
}

static void a_head_alone_is_the_end_of_the_network(void **state) {
    (void)state;
    mien_design d = fixture();
    built b = {0};
    mien_graph *head = NULL;
    mien_parameters *whole_p = NULL, *head_p = NULL;
    mien_node feature, output;
    assert_good(build(&d, &b));
    assert_good(mien_parameters_new(b.graph, &whole_p));
    drawn_parameters(whole_p);
    const mien_node ends[] = {b.feature, b.output};
    mien_plan *whole = plan_of(b.graph, whole_p, ends, 2);
    drawn_picture(mien_plan_input(whole, b.input), 3 * SIZE * SIZE);
    assert_good(mien_plan_run(whole));

    const int64_t shape[] = {MIEN_BATCH, 24};
    assert_good(mien_graph_new(&head));
    assert_good(mien_graph_input(head, "features", 2, shape, &feature));
    assert_good(mien_design_build_head(&d, head, feature, &output));
    assert_good(mien_parameters_new(head, &head_p));
    assert_int_equal(mien_parameters_count(head_p), 6);
    drawn_parameters(head_p); /* by name: the same */
    mien_plan *part = plan_of(head, head_p, &output, 1);
    memcpy(mien_plan_input(part, feature), mien_plan_output(whole, 0)->data,
        24 * sizeof(float));
    assert_good(mien_plan_run(part));
    assert_close(mien_plan_output(part, 0)->data, mien_plan_output(whole, 1)->data, 3,
        1e-5, 1e-6);
    mien_plan_free(&part);
    mien_plan_free(&whole);
    mien_parameters_free(&head_p);
    mien_parameters_free(&whole_p);
    mien_graph_free(&head);
    mien_graph_free(&b.graph);
}

#define REFUSED(field, value, status, part)                                            \
    do {                                                                               \
        mien_design d_ = fixture();                                                    \
        d_.field = value;                                                              \
        assert_fails(mien_design_check(&d_), status, part);                            \
    } while (0)

static void what_cannot_be_is_named(void **state) {
    (void)state;
    REFUSED(backbone[0], 'n', MIEN_ENOTFOUND, "nearest is mobilenet_v2");
    REFUSED(layer[0], 0, MIEN_EINVAL, "no layer");
    REFUSED(grid, -1, MIEN_EINVAL, "grid -1");
    REFUSED(height, 16, MIEN_EINVAL, "64 × 16");
    REFUSED(width, 5000, MIEN_EINVAL, "5000 × 64");
    REFUSED(dropout, 1, MIEN_EINVAL, "dropout 1");
    REFUSED(hidden_count, 9, MIEN_EINVAL, "9 hidden layers");
    REFUSED(hidden[1].width, 0, MIEN_EINVAL, "hidden layer 1: width 0");
    REFUSED(hidden[0].dropout, -0.5, MIEN_EINVAL, "hidden layer 0: dropout -0.5");
    REFUSED(hidden[0].activation[0], 'a', MIEN_ENOTFOUND, "nearest is elu");
    REFUSED(outputs, 0, MIEN_EINVAL, "0 outputs");
}

static void layers_and_inputs_that_do_not_fit_are_named(void **state) {
    (void)state;
    mien_design d = fixture();
    built b = {0};
    strcpy(d.layer, "features.19");
    assert_fails(build(&d, &b), MIEN_ENOTFOUND, "no layer \"features.19\"");
    mien_graph_free(&b.graph);
    strcpy(d.layer, "input");
    assert_fails(build(&d, &b), MIEN_EINVAL, "not one of mobilenet_v2");
    mien_graph_free(&b.graph);
    const int64_t shape[] = {MIEN_BATCH, 3, SIZE, SIZE + 1};
    d = fixture();
    assert_good(mien_graph_new(&b.graph));
    assert_good(mien_graph_input(b.graph, "input", 4, shape, &b.input));
    assert_fails(mien_design_build(&d, b.graph, b.input, &b.output, &b.feature),
        MIEN_ESHAPE, "[N, 3, 64, 64]");
    mien_graph_free(&b.graph);
}

static mien_status build_once(void *context) {
    built b = {0};
    mien_status status = build(context, &b);
    mien_graph_free(&b.graph);
    return status;
}

static void failing_allocations_are_reported(void **state) {
    (void)state;
    mien_design d = fixture();
    support_each_allocation_fails(build_once, &d, 8000);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(heads_are_numbered_and_the_rest_is_the_backbone_s),
        cmocka_unit_test(a_grid_is_averaged_and_flattened),
        cmocka_unit_test(rows_are_read_as_they_are),
        cmocka_unit_test(a_head_alone_is_the_end_of_the_network),
        cmocka_unit_test(what_cannot_be_is_named),
        cmocka_unit_test(layers_and_inputs_that_do_not_fit_are_named),
        cmocka_unit_test(failing_allocations_are_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
