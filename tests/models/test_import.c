/* SPDX-License-Identifier: MIT */
/* Networks of other programs taken over give what those programs give. Golden values
 * are ONNX Runtime's without its optimisations (shared/golden/faces/maker). */
#include "support/support.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/onnx.h"
#include "mien/graphs.h"

#define GOLDEN "golden/faces/onnx/"
#define OWN "tests/golden/onnx/" /* python/golden/onnx_small.py */

/* ---- running ----------------------------------------------------------------------
 */

static mien_array *open_array(const char *npz, const char *name) {
    char path[512];
    mien_array *array = NULL;
    snprintf(path, sizeof path, "%s#%s", npz, name);
    assert_good(mien_array_open(path, &array));
    return array;
}

static void read_input(mien_plan *plan, const mien_import *import, const char *npz) {
    for (int i = 0; i < mien_import_inputs(import); i++) {
        mien_array *array = open_array(npz, mien_import_input_name(import, i));
        float *to = mien_plan_input(plan, mien_import_input(import, i));
        assert_non_null(to);
        assert_good(mien_array_read(array, 0, mien_array_shape(array)[0], to));
        mien_array_close(&array);
    }
}

/* |got − want| ≤ relative of the largest + absolute. */
static void compare(const mien_tensor *got, const char *npz, const char *name,
    double relative, double absolute) {
    mien_array *array = open_array(npz, name);
    int64_t rows = mien_array_shape(array)[0], n = rows * mien_array_width(array);
    float *want = mien_alloc((size_t)n, sizeof *want);
    double largest = 0, worst = 0;
    assert_int_equal(mien_tensor_count(got), n);
    assert_good(mien_array_read(array, 0, rows, want));
    for (int64_t i = 0; i < n; i++) {
        double d = fabs((double)((const float *)got->data)[i] - (double)want[i]);
        largest = fmax(largest, fabs((double)want[i]));
        worst = d > worst || isnan(d) ? d : worst;
    }
    if (!(worst <= relative * largest + absolute)) {
        print_error("%s %s: off by %g of %g\n", npz, name, worst, largest);
        fail();
    }
    mien_free(want);
    mien_array_close(&array);
}

static void check_golden(const char *onnx, const char *npz,
    const mien_import_options *options, double relative, double absolute) {
    mien_import *import = NULL;
    mien_plan *plan = NULL;
    mien_node outputs[16];
    mien_plan_options o = mien_plan_options_default();
    assert_good(mien_import_open(onnx, options, &import));
    mien_array *first = open_array(npz, mien_import_input_name(import, 0));
    o.batch = mien_array_shape(first)[0];
    mien_array_close(&first);
    o.threads = 1;
    o.outputs = outputs;
    o.outputs_count = mien_import_outputs(import);
    assert_true(o.outputs_count <= 16);
    for (int i = 0; i < o.outputs_count; i++) {
        outputs[i] = mien_import_output(import, i);
    }
    assert_good(mien_plan_new(
        mien_import_graph(import), mien_import_parameters(import), &o, &plan));
    read_input(plan, import, npz);
    assert_good(mien_plan_run(plan));
    for (int i = 0; i < o.outputs_count; i++) {
        compare(mien_plan_output(plan, i), npz, mien_import_output_name(import, i),
            relative, absolute);
    }
    mien_plan_free(&plan);
    mien_import_close(&import);
}

static void check_named(const char *name) {
    char onnx[128], npz[128];
    snprintf(onnx, sizeof onnx, GOLDEN "%s.onnx", name);
    snprintf(npz, sizeof npz, GOLDEN "%s.npz", name);
    check_golden(support_shared(onnx), support_shared(npz), NULL, 1e-5, 1e-6);
}

/* ---- facts --------------------------------------------------------------------------
 */

static void graphs_of_three_exporters_give_what_onnx_runtime_gives(void **state) {
    static const char *const names[] = {"mbconv_silu_11", "mbconv_silu_17",
        "mbconv_silu_new20", "mbconv_hswish_11", "mbconv_hswish_17",
        "mbconv_hswish_new20", "convnext_11", "convnext_17", "convnext_new20", "vit_14",
        "vit_17", "vit_new20", "prelu_17", "resize_11", "resize_17", "conv_lstm_17",
        "two_heads_13", "mini_xception_13"};
    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        check_named(names[i]);
    }
}

static void small_graphs_give_what_onnx_runtime_gives(void **state) {
    static const char *const names[] = {"lstm_constant", "lstm_both_given",
        "lstm_h_alone", "lstm_c_alone", "gru_constant", "gru_both_given",
        "lstm_picture", "gru_picture", "antialias_linear", "antialias_cubic",
        "antialias_cubic_inside", "antialias_linear_inside", "antialias_scales",
        "antialias_corner", "antialias_asymmetric", "mish_apart", "length_2",
        "lstm_cell", "lstm_cell_back", "swish"};
    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char onnx[128], npz[128];
        snprintf(onnx, sizeof onnx, OWN "%s.onnx", names[i]);
        snprintf(npz, sizeof npz, OWN "%s.npz", names[i]);
        check_golden(support_source(onnx), support_source(npz), NULL, 1e-5, 1e-6);
    }
}

static void mish_in_three_nodes_becomes_one(void **state) {
    mien_import *import = NULL;
    (void)state;
    assert_good(mien_import_open(support_source(OWN "mish_apart.onnx"), NULL, &import));
    const mien_graph *graph = mien_import_graph(import);
    int made = 0;
    for (int i = 0; i < mien_graph_nodes(graph); i++) {
        made += strcmp(mien_graph_operator(graph, i), "activation") == 0;
        assert_string_not_equal(mien_graph_operator(graph, i), "tanh");
    }
    assert_int_equal(made, 1);
    mien_import_close(&import);
}

static void a_face_detector_runs_at_another_size_than_its_file_says(void **state) {
    const mien_import_size size = {.rank = 4, .shape = {0, 0, 64, 96}};
    const mien_import_options options = {.sizes = &size, .sizes_count = 1};
    (void)state;
    check_golden(support_shared("data/yunet/yunet_n_320_320.onnx"),
        support_shared("golden/faces/yunet_net.npz"), &options, 1e-4, 1e-6);
}

static void damaged_and_nested_files_are_refused(void **state) {
    mien_import *import = NULL;
    (void)state;
    assert_fails(
        mien_import_open(
            support_shared("golden/faces/onnx_bad/cut_yunet.onnx"), NULL, &import),
        MIEN_EFORMAT, "is cut short");
    assert_fails(
        mien_import_open(
            support_shared("golden/faces/onnx_bad/nested_10000.onnx"), NULL, &import),
        MIEN_EFORMAT, "which version of the operators");
    assert_null(import);
}

/* Networks that python/golden/onnx_networks.py exported. */
static void torchvision_networks_give_what_pytorch_gives(void **state) {
    static const char *const names[] = {"resnet18", "mobilenet_v2",
        "mobilenet_v3_large", "efficientnet_b0", "convnext_tiny", "vit_b_16"};
    const char *folder = getenv("MIEN_ONNX_NETWORKS");
    int there = 0;
    (void)state;
    for (size_t i = 0; folder && i < sizeof names / sizeof names[0]; i++) {
        char onnx[512], npz[512];
        snprintf(onnx, sizeof onnx, "%s/%s.onnx", folder, names[i]);
        snprintf(npz, sizeof npz, "%s/%s.npz", folder, names[i]);
        if (mien_file_exists(npz)) {
            print_message("%s\n", names[i]);
            check_golden(onnx, npz, NULL, 1e-5, 1e-6);
            there++;
        }
    }
    if (there == 0) {
        print_message("MIEN_ONNX_NETWORKS names no folder that "
                      "python/golden/onnx_networks.py filled\n");
        skip();
    }
}

/* ---- models
 * --------------------------------------------------------------------------- */

static void a_network_becomes_a_model_with_a_contract_and_golden_vectors(void **state) {
    mien_import_contract c = mien_import_contract_default();
    const char *path = support_temp_path("fer.safetensors");
    mien_model *model = NULL;
    mien_runner *runner = NULL;
    mien_golden_input golden;
    (void)state;
    c.like = "mini-xception";
    assert_good(mien_import_model(
        support_shared(GOLDEN "mini_xception_13.onnx"), NULL, &c, path));
    assert_good(mien_model_open(path, &model));
    assert_int_equal(mien_model_targets_count(model), 1);
    assert_int_equal(mien_model_targets(model)[0].classes_count, 7);
    assert_string_equal(mien_model_targets(model)[0].classes[3], "happiness");
    assert_int_equal(mien_model_golden_count(model), 3);
    assert_good(mien_runner_new(model, NULL, &runner));
    for (int64_t g = 0; g < 3; g++) {
        float values[3 * 64 * 64], probabilities[7];
        const float *in = values;
        assert_good(mien_model_golden(model, g, &golden));
        assert_good(mien_preprocess_run(
            mien_model_preprocess(model), golden.item[0], false, values));
        assert_good(mien_runner_run_arrays(runner, &in, NULL, 1, probabilities, NULL));
        assert_close(probabilities, golden.output, 7, 0, 1e-6);
    }
    mien_runner_free(&runner);
    mien_model_close(&model);
}

/* Probabilities of Keras for 12 faces: 64 × 64 grey by Pillow's bilinear. */
static void a_whole_model_of_keras_gives_what_keras_gives(void **state) {
    mien_import_contract c = mien_import_contract_default();
    const char *path = support_temp_path("keras.safetensors");
    mien_table *table = NULL;
    mien_model *model = NULL;
    mien_runner *runner = NULL;
    (void)state;
    c.like = "mini-xception";
    assert_good(mien_import_model(
        support_shared("data/mini_xception/fer2013_mini_XCEPTION.102-0.66.hdf5"), NULL,
        &c, path));
    assert_good(mien_model_open(path, &model));
    assert_good(mien_runner_new(model, NULL, &runner));
    assert_good(mien_table_read(
        support_shared("golden/faces/mini_xception.csv"), NULL, &table));
    assert_int_equal(mien_table_rows(table), 12);
    for (int64_t r = 0; r < 12; r++) {
        float values[3 * 64 * 64], got[7], want[7];
        const float *in = values;
        char file[256];
        mien_tensor *image = NULL;
        snprintf(file, sizeof file, "data/%s", mien_table_cell(table, r, 0));
        assert_good(mien_image_read(support_shared(file), NULL, &image));
        assert_good(
            mien_preprocess_run(mien_model_preprocess(model), image, false, values));
        assert_good(mien_runner_run_arrays(runner, &in, NULL, 1, got, NULL));
        for (int k = 0; k < 7; k++) {
            double x;
            assert_good(mien_table_number(table, r, 1 + k, &x));
            want[k] = (float)x;
        }
        assert_close(got, want, 7, 0, 1e-5);
        mien_tensor_free(&image);
    }
    mien_table_free(&table);
    mien_runner_free(&runner);
    mien_model_close(&model);
}

static void same_bytes(const char *a, const char *b) {
    char *x = NULL, *y = NULL;
    size_t n, m;
    assert_good(mien_file_read(a, 1 << 30, &x, &n));
    assert_good(mien_file_read(b, 1 << 30, &y, &m));
    assert_int_equal(n, m);
    assert_memory_equal(x, y, n);
    mien_free(x);
    mien_free(y);
}

static void an_export_that_is_imported_has_the_same_bytes_when_exported(void **state) {
    mien_import_contract c = mien_import_contract_default();
    (void)state;
    c.classes = "a,b,c,d,e,f,g,h";
    c.picture = "order=bgr";
    for (int i = 0; i < 3; i++) {
        const char *file = i == 0   ? support_source(OWN "lstm_picture.onnx")
                           : i == 1 ? support_source(OWN "gru_picture.onnx")
                                    : support_shared(GOLDEN "vit_17.onnx");
        const char *first = support_temp_path("first.safetensors");
        const char *second = support_temp_path("second.safetensors");
        const char *one = support_temp_path("one.onnx"),
                   *two = support_temp_path("two.onnx");
        mien_model *model = NULL;
        assert_good(mien_import_model(file, NULL, &c, first));
        assert_good(mien_model_open(first, &model));
        assert_good(mien_export_model(model, one));
        mien_model_close(&model);
        assert_good(mien_import_model(one, NULL, NULL, second));
        same_bytes(first, second);
        assert_good(mien_model_open(second, &model));
        assert_good(mien_export_model(model, two));
        mien_model_close(&model);
        same_bytes(one, two);
    }
}

/* Exported and taken over as if another program had written it: bytes in, probabilities
 * out. */
static void an_exported_graph_gives_what_the_model_gives(void **state) {
    mien_import_contract c = mien_import_contract_default();
    const char *names[] = {GOLDEN "mbconv_silu_17.onnx", GOLDEN "convnext_17.onnx",
        GOLDEN "vit_17.onnx", GOLDEN "mbconv_hswish_17.onnx", OWN "lstm_picture.onnx",
        OWN "gru_picture.onnx"};
    (void)state;
    c.classes = "a,b,c,d,e,f,g,h";
    c.picture = "order=bgr";
    for (int i = 0; i < 6; i++) {
        const char *file = i < 4 ? support_shared(names[i]) : support_source(names[i]);
        const char *path = support_temp_path("model.safetensors");
        const char *onnx = support_temp_path("model.onnx");
        mien_model *model = NULL;
        mien_import *import = NULL;
        mien_runner *runner = NULL;
        mien_plan *plan = NULL;
        mien_plan_options o = mien_plan_options_default();
        static float values[3 * 32 * 32], want[8];
        const float *in = values;
        uint8_t bytes[32 * 32 * 3];
        mien_tensor *image = NULL;
        assert_good(mien_import_model(file, NULL, &c, path));
        assert_good(mien_model_open(path, &model));
        assert_good(mien_export_model(model, onnx));
        for (int k = 0; k < 32 * 32 * 3; k++) {
            bytes[k] = (uint8_t)(k * 37 % 251);
        }
        assert_good(
            mien_tensor_over(MIEN_U8, 3, (const int64_t[]){32, 32, 3}, bytes, &image));
        mien_preprocess p = *mien_model_preprocess(model);
        p.fit = MIEN_FIT_NONE;
        assert_good(mien_preprocess_run(&p, image, false, values));
        assert_good(mien_runner_new(model, NULL, &runner));
        assert_good(mien_runner_run_arrays(runner, &in, NULL, 1, want, NULL));
        assert_good(mien_import_open(onnx, NULL, &import));
        mien_node output =
            mien_import_output(import, mien_import_output_find(import, "emotion"));
        o.outputs = &output;
        o.outputs_count = 1;
        assert_good(mien_plan_new(
            mien_import_graph(import), mien_import_parameters(import), &o, &plan));
        float *to = mien_plan_input(plan, mien_import_input(import, 0));
        for (int k = 0; k < 32 * 32 * 3; k++) {
            to[k] = (float)bytes[k];
        }
        assert_good(mien_plan_run(plan));
        assert_close(mien_plan_output(plan, 0)->data, want, 8, 1e-5, 1e-6);
        mien_plan_free(&plan);
        mien_import_close(&import);
        mien_runner_free(&runner);
        mien_tensor_free(&image);
        mien_model_close(&model);
    }
}

/* Gradients of all that is trained against differences, through a file's convolutions,
 * norms and squeeze-and-excite gates. */
static void an_imported_graph_has_the_gradient_that_differences_give(void **state) {
    mien_import *import = NULL;
    mien_plan *plan = NULL;
    mien_plan_options o = mien_plan_options_default();
    mien_node output;
    int checked = 0;
    (void)state;
    assert_good(mien_import_open(support_shared(GOLDEN "vit_17.onnx"), NULL, &import));
    mien_parameters *p = mien_import_parameters(import);
    output = mien_import_output(import, 0);
    o.mode = MIEN_TRAIN;
    o.threads = 1;
    o.outputs = &output;
    o.outputs_count = 1;
    assert_good(mien_plan_new(mien_import_graph(import), p, &o, &plan));
    float *in = mien_plan_input(plan, mien_import_input(import, 0));
    for (int i = 0; i < 3 * 32 * 32; i++) {
        in[i] = (float)(i * 29 % 101) / 50 - 1;
    }
    assert_good(mien_plan_run(plan));
    for (int k = 0; k < 8; k++) {
        mien_plan_output_gradient(plan, 0)[k] = k == 2 ? 1 : 0;
    }
    assert_good(mien_plan_backward(plan));
    for (int64_t i = 0; i < mien_parameters_count(p); i++) {
        const mien_tensor *gradient = mien_plan_gradient(plan, i);
        mien_tensor *values = mien_parameters_at(p, i);
        if (!gradient || !mien_parameters_trained(p, i)) {
            continue;
        }
        int64_t at = mien_tensor_count(values) / 2;
        float *x = (float *)values->data + at, keep = *x, side[2];
        double got = (double)((const float *)gradient->data)[at];
        for (int s = 0; s < 2; s++) {
            *x = keep + (s ? 4e-3f : -4e-3f);
            assert_good(mien_plan_refresh(plan));
            assert_good(mien_plan_run(plan));
            side[s] = ((const float *)mien_plan_output(plan, 0)->data)[2];
        }
        *x = keep;
        assert_near((double)(side[1] - side[0]) / 8e-3, got, 2e-2 * fabs(got) + 2e-3);
        checked++;
    }
    assert_true(checked >= 16);
    mien_plan_free(&plan);
    mien_import_close(&import);
}

/* A softmax over the first dimension: each item's values depend on who is with it. */
static void a_network_that_mixes_items_is_refused(void **state) {
    mien_import_contract c = mien_import_contract_default();
    const char *file = support_temp_path("mixes.onnx");
    const char *path = support_temp_path("mixes.safetensors");
    mien_onnx_attribute axis = {.name = "axis", .kind = MIEN_ONNX_INT, .integer = 0};
    const char *in[] = {"x"}, *out[] = {"y"};
    mien_onnx_node node = {.name = "",
        .op = "Softmax",
        .domain = "",
        .inputs = in,
        .inputs_count = 1,
        .outputs = out,
        .outputs_count = 1,
        .attributes = &axis,
        .attributes_count = 1};
    mien_onnx_value x = {.name = "x", .dtype = MIEN_F32, .rank = 2, .shape = {-1, 3}};
    mien_onnx_value y = x;
    mien_onnx *m = NULL;
    (void)state;
    y.name = "y";
    assert_good(mien_onnx_new(&m));
    m->nodes = &node;
    m->nodes_count = m->inputs_count = m->outputs_count = 1;
    m->inputs = &x;
    m->outputs = &y;
    assert_good(mien_onnx_write(file, m));
    c.values = "a,b,c";
    assert_fails(mien_import_model(file, NULL, &c, path), MIEN_EUNSUPPORTED,
        "it mixes the items of a batch");
    axis.integer = 1;
    assert_good(mien_onnx_write(file, m));
    assert_good(mien_import_model(file, NULL, &c, path));
    mien_onnx_free(&m);
}

/* Operators that are lacking are all named, each with how often it is there. */
static void lacking_operators_are_counted_and_named(void **state) {
    const char *file = support_temp_path("lacks.onnx");
    const char *in[] = {"x"}, *names[][1] = {{"a"}, {"b"}, {"c"}};
    const char *ops[] = {"GridSample", "STFT", "GridSample"};
    mien_onnx_node nodes[3];
    mien_onnx_value x = {.name = "x", .dtype = MIEN_F32, .rank = 2, .shape = {-1, 3}};
    mien_onnx_value y = x;
    mien_import *import = NULL;
    mien_onnx *m = NULL;
    (void)state;
    for (int i = 0; i < 3; i++) {
        nodes[i] = (mien_onnx_node){.name = "",
            .op = ops[i],
            .domain = "",
            .inputs = in,
            .inputs_count = 1,
            .outputs = names[i],
            .outputs_count = 1};
    }
    y.name = "c";
    assert_good(mien_onnx_new(&m));
    m->nodes = nodes;
    m->nodes_count = 3;
    m->inputs_count = m->outputs_count = 1;
    m->inputs = &x;
    m->outputs = &y;
    assert_good(mien_onnx_write(file, m));
    mien_onnx_free(&m);
    assert_fails(mien_import_open(file, NULL, &import), MIEN_EUNSUPPORTED,
        "3 of its 3 nodes are of operators that mien does not have: GridSample × 2, "
        "STFT × 1");
}

static mien_status import_one(void *context) {
    mien_import *import = NULL;
    mien_status status = mien_import_open(context, NULL, &import);
    mien_import_close(&import);
    return status;
}

static void every_allocation_of_an_import_may_fail(void **state) {
    static const char *const names[] = {"attention", "conv", "resize", "shapes"};
    (void)state;
    for (int i = 0; i < 4; i++) {
        char path[64];
        snprintf(path, sizeof path, "tests/fuzz/seeds/onnx/%s.onnx", names[i]);
        support_each_allocation_fails(import_one, (void *)support_source(path), 20000);
    }
}

static mien_status export_one(void *context) {
    return mien_export_model(context, support_temp_path("failing.onnx"));
}

static void every_allocation_of_an_export_may_fail(void **state) {
    mien_import_contract c = mien_import_contract_default();
    const char *path = support_temp_path("exported.safetensors");
    mien_model *model = NULL;
    (void)state;
    c.values = "a,b,c";
    assert_good(mien_import_model(
        support_source("tests/fuzz/seeds/onnx/conv.onnx"), NULL, &c, path));
    assert_good(mien_model_open(path, &model));
    support_each_allocation_fails(export_one, model, 20000);
    mien_model_close(&model);
}

static void a_model_without_a_contract_is_not_made(void **state) {
    mien_import_contract c = mien_import_contract_default();
    const char *file = support_shared(GOLDEN "mini_xception_13.onnx");
    const char *path = support_temp_path("none.safetensors");
    (void)state;
    assert_fails(mien_import_model(file, NULL, NULL, path), MIEN_EINVAL,
        "nothing runs without a contract");
    c.classes = "anger,joy";
    assert_fails(mien_import_model(file, NULL, &c, path), MIEN_EINVAL,
        "2 classes and 0 values are named; it has 7 outputs");
    c.like = "mini-exception";
    assert_fails(mien_import_model(file, NULL, &c, path), MIEN_ENOTFOUND,
        "the nearest is mini-xception");
    assert_false(mien_file_exists(path));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(graphs_of_three_exporters_give_what_onnx_runtime_gives),
        cmocka_unit_test(small_graphs_give_what_onnx_runtime_gives),
        cmocka_unit_test(mish_in_three_nodes_becomes_one),
        cmocka_unit_test(a_face_detector_runs_at_another_size_than_its_file_says),
        cmocka_unit_test(damaged_and_nested_files_are_refused),
        cmocka_unit_test(torchvision_networks_give_what_pytorch_gives),
        cmocka_unit_test(a_network_becomes_a_model_with_a_contract_and_golden_vectors),
        cmocka_unit_test(a_whole_model_of_keras_gives_what_keras_gives),
        cmocka_unit_test(an_export_that_is_imported_has_the_same_bytes_when_exported),
        cmocka_unit_test(an_exported_graph_gives_what_the_model_gives),
        cmocka_unit_test(an_imported_graph_has_the_gradient_that_differences_give),
        cmocka_unit_test(a_network_that_mixes_items_is_refused),
        cmocka_unit_test(lacking_operators_are_counted_and_named),
        cmocka_unit_test(every_allocation_of_an_import_may_fail),
        cmocka_unit_test(every_allocation_of_an_export_may_fail),
        cmocka_unit_test(a_model_without_a_contract_is_not_made),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
