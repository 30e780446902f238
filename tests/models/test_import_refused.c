/* SPDX-License-Identifier: MIT */
/* ONNX files that must not be taken over: values in files outside of the model's
 * folder, cut or not there, cycles, weights that are no numbers. */
#include "support/support.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "io/onnx.h"
#include "mien/graphs.h"

/* ---- a file by its bytes: the writer writes no values elsewhere -------------------
 */

typedef struct message {
    uint8_t bytes[2048];
    size_t count;
} message;

static void put_varint(message *m, uint64_t value) {
    for (; value >= 128; value >>= 7) {
        m->bytes[m->count++] = (uint8_t)(value | 128);
    }
    m->bytes[m->count++] = (uint8_t)value;
}

static void put_int(message *m, int field, uint64_t value) {
    put_varint(m, (uint64_t)field << 3);
    put_varint(m, value);
}

static void put_bytes(message *m, int field, const void *bytes, size_t count) {
    put_varint(m, (uint64_t)field << 3 | 2);
    put_varint(m, count);
    memcpy(m->bytes + m->count, bytes, count);
    m->count += count;
}

static void put_text(message *m, int field, const char *text) {
    put_bytes(m, field, text, strlen(text));
}

static void put_message(message *m, int field, const message *inner) {
    put_bytes(m, field, inner->bytes, inner->count);
}

static void put_entry(message *tensor, const char *key, const char *value) {
    message entry = {0};
    put_text(&entry, 1, key);
    put_text(&entry, 2, value);
    put_message(tensor, 13, &entry);
}

/* x or y: [n, width] of floats. */
static void put_value(message *graph, int field, const char *name, uint64_t width) {
    message value = {0}, type = {0}, tensor = {0}, shape = {0}, n = {0}, w = {0};
    put_text(&n, 2, "n");
    put_int(&w, 1, width);
    put_message(&shape, 1, &n);
    put_message(&shape, 1, &w);
    put_int(&tensor, 1, 1);
    put_message(&tensor, 2, &shape);
    put_message(&type, 1, &tensor);
    put_text(&value, 1, name);
    put_message(&value, 2, &type);
    put_message(graph, field, &value);
}

/* y = x W, W [3, 2] with its values in another file; offset, length: NULL: not said. */
static void write_elsewhere(
    const char *path, const char *location, const char *offset, const char *length) {
    message node = {0}, w = {0}, graph = {0}, version = {0}, model = {0};
    put_text(&node, 1, "x");
    put_text(&node, 1, "W");
    put_text(&node, 2, "y");
    put_text(&node, 4, "MatMul");
    put_int(&w, 1, 3);
    put_int(&w, 1, 2);
    put_int(&w, 2, 1);
    put_text(&w, 8, "W");
    put_entry(&w, "location", location);
    if (offset) {
        put_entry(&w, "offset", offset);
    }
    if (length) {
        put_entry(&w, "length", length);
    }
    put_int(&w, 14, 1);
    put_message(&graph, 1, &node);
    put_text(&graph, 2, "g");
    put_message(&graph, 5, &w);
    put_value(&graph, 11, "x", 3);
    put_value(&graph, 12, "y", 2);
    put_int(&version, 2, 17);
    put_int(&model, 1, 8);
    put_message(&model, 7, &graph);
    put_message(&model, 8, &version);
    support_write(path, model.bytes, model.count);
}

static void values_are_read_below_the_models_folder_only(void **state) {
    static const struct {
        const char *location, *offset, *length, *told;
    } cases[] = {
        {"../weights.bin", NULL, NULL, "only a plain name below the model's folder"},
        {"/etc/passwd", NULL, NULL, "only a plain name below the model's folder"},
        {"", NULL, NULL, "only a plain name below the model's folder"},
        {".", NULL, NULL, "outside the model's folder"},
        {"link.bin", NULL, NULL, "outside the model's folder"},
        {"gone.bin", NULL, NULL, "is not there"},
        {"w.bin", "-4", "24", "do not fit its shape"},
        {"w.bin", "18446744073709551615", "24", "do not fit its shape"},
        {"w.bin", "0", "20", "do not fit its shape"},
        {"w.bin", "4", "24", "ends before its values"},
    };
    static const float values[6] = {1, 2, 3, 4, 5, 6};
    const char *const file = "elsewhere/net.onnx";
    mien_import *import = NULL;
    (void)state;
    assert_good(mien_directory_make(support_temp_path("elsewhere")));
    support_write("elsewhere/w.bin", values, sizeof values);
    support_write("weights.bin", values, sizeof values);
    assert_int_equal(
        symlink("../weights.bin", support_temp_path("elsewhere/link.bin")), 0);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        write_elsewhere(file, cases[i].location, cases[i].offset, cases[i].length);
        assert_int_not_equal(
            mien_import_open(support_temp_path(file), NULL, &import), MIEN_OK);
        assert_null(import);
        if (!strstr(mien_error(), cases[i].told)) {
            fail_msg("%s: %s", cases[i].location, mien_error());
        }
    }
    write_elsewhere(file, "w.bin", "0", "24");
    assert_good(mien_import_open(support_temp_path(file), NULL, &import));
    mien_import_close(&import);
}

/* ---- graphs of nodes --------------------------------------------------------------
 */

static mien_onnx_node node_of(
    const char *op, const char **inputs, int count, const char **output) {
    return (mien_onnx_node){.name = "",
        .op = op,
        .domain = "",
        .inputs = inputs,
        .inputs_count = count,
        .outputs = output,
        .outputs_count = 1};
}

static void refuse_nodes(mien_onnx_node *nodes, int count, const char *told) {
    const char *file = support_temp_path("nodes.onnx");
    mien_onnx_value x = {.name = "x", .dtype = MIEN_F32, .rank = 2, .shape = {-1, 3}};
    mien_onnx_value y = x;
    mien_import *import = NULL;
    mien_onnx *m = NULL;
    y.name = "y";
    assert_good(mien_onnx_new(&m));
    m->nodes = nodes;
    m->nodes_count = count;
    m->inputs_count = m->outputs_count = 1;
    m->inputs = &x;
    m->outputs = &y;
    assert_good(mien_onnx_write(file, m));
    mien_onnx_free(&m);
    assert_int_not_equal(mien_import_open(file, NULL, &import), MIEN_OK);
    assert_null(import);
    if (!strstr(mien_error(), told)) {
        fail_msg("%s", mien_error());
    }
}

static void cycles_and_names_given_twice_are_refused(void **state) {
    const char *xb[] = {"x", "b"}, *a[] = {"a"}, *b[] = {"b"}, *x[] = {"x"};
    const char *xa[] = {"x", "a"}, *y[] = {"y"};
    mien_onnx_node cycle[] = {
        node_of("Add", xb, 2, a), node_of("Relu", a, 1, b), node_of("Relu", b, 1, y)};
    mien_onnx_node itself[] = {node_of("Add", xa, 2, a), node_of("Relu", a, 1, y)};
    mien_onnx_node twice[] = {
        node_of("Relu", x, 1, a), node_of("Tanh", x, 1, a), node_of("Relu", a, 1, y)};
    (void)state;
    refuse_nodes(cycle, 3, "it reads \"b\", which no node before it gives");
    refuse_nodes(itself, 2, "it reads \"a\", which no node before it gives");
    refuse_nodes(twice, 3, "\"a\" is given by two nodes");
    refuse_nodes(twice, 1, "no node gives its output \"y\"");
}

static void weights_that_are_no_numbers_make_no_model(void **state) {
    static const int64_t shape[2] = {3, 2};
    const char *file = support_temp_path("nan.onnx");
    const char *path = support_temp_path("nan.safetensors");
    const char *xw[] = {"x", "W"}, *y[] = {"y"};
    mien_onnx_node node = node_of("MatMul", xw, 2, y);
    mien_onnx_value in = {.name = "x", .dtype = MIEN_F32, .rank = 2, .shape = {-1, 3}};
    mien_onnx_value out = {.name = "y", .dtype = MIEN_F32, .rank = 2, .shape = {-1, 2}};
    mien_onnx_tensor w = {.name = "W"};
    mien_import_contract c = mien_import_contract_default();
    mien_onnx *m = NULL;
    (void)state;
    c.values = "a,b";
    assert_good(mien_onnx_new(&m));
    assert_good(mien_tensor_new(MIEN_F32, 2, shape, &w.tensor));
    assert_good(mien_onnx_keep(m, w.tensor));
    m->nodes = &node;
    m->initializers = &w;
    m->nodes_count = m->initializers_count = m->inputs_count = m->outputs_count = 1;
    m->inputs = &in;
    m->outputs = &out;
    for (int i = 0; i < 3; i++) {
        ((float *)w.tensor->data)[4] = (float[]){NAN, INFINITY, 1}[i];
        assert_good(mien_onnx_write(file, m));
        if (i < 2) {
            assert_fails(
                mien_import_model(file, NULL, &c, path), MIEN_EFORMAT, "is not finite");
            assert_false(mien_file_exists(path));
        } else {
            assert_good(mien_import_model(file, NULL, &c, path));
        }
    }
    mien_onnx_free(&m);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_are_read_below_the_models_folder_only),
        cmocka_unit_test(cycles_and_names_given_twice_are_refused),
        cmocka_unit_test(weights_that_are_no_numbers_make_no_model),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
