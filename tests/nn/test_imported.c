/* SPDX-License-Identifier: MIT */
/* Operators of imported graphs: the values that ONNX's own description gives, what
 * joins the operator before it, and what is refused. */
#include <string.h>

#include "nn/nets.h"

/* Runs one operator over x [1, 1, …] with a parameter filled with ones, if it has any.
 */
static void run(const char *op, const char *options, int rank, const int64_t *shape,
    const float *x, const float *want, int64_t count) {
    mien_graph *g = NULL;
    mien_node input, y;
    mien_parameters *p = NULL;
    mien_plan *plan = NULL;
    mien_plan_options o = mien_plan_options_default();
    assert_good(mien_graph_new(&g));
    assert_good(mien_graph_input(g, "x", rank, shape, &input));
    assert_good(mien_graph_add(g, op, "y", &input, 1, options, &y));
    assert_good(mien_parameters_new(g, &p));
    for (int64_t i = 0; i < mien_parameters_count(p); i++) {
        mien_tensor *t = mien_parameters_at(p, i);
        for (int64_t k = 0; k < mien_tensor_count(t); k++) {
            ((float *)t->data)[k] = 1;
        }
    }
    assert_good(mien_plan_new(g, p, &o, &plan));
    memcpy(mien_plan_input(plan, input), x,
        (size_t)nets_count(g, input, 1) * sizeof(float));
    assert_good(mien_plan_run(plan));
    assert_int_equal(nets_count(g, y, 1), count);
    assert_close(mien_plan_output(plan, 0)->data, want, (size_t)count, 1e-6, 1e-6);
    mien_plan_free(&plan);
    mien_parameters_free(&p);
    mien_graph_free(&g);
}

#define SHAPE(...) ((int64_t[]){MIEN_BATCH, __VA_ARGS__})

static void resizing_gives_what_onnx_describes(void **state) {
    (void)state;
    static const float four[] = {1, 2, 3, 4};
    static const float nearest[] = {
        1, 1, 1, 2, 2, 2, 1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4, 3, 3, 3, 4, 4, 4};
    run("resize", "size=1,4,6", 4, SHAPE(1, 2, 2), four, nearest, 24);
    static const float linear[] = {1, 1.25F, 1.75F, 2, 1.5F, 1.75F, 2.25F, 2.5F, 2.5F,
        2.75F, 3.25F, 3.5F, 3, 3.25F, 3.75F, 4};
    run("resize", "size=1,4,4 mode=linear", 4, SHAPE(1, 2, 2), four, linear, 16);
    static const float aligned[] = {1, 4.0F / 3, 5.0F / 3, 2, 5.0F / 3, 2, 7.0F / 3,
        8.0F / 3, 7.0F / 3, 8.0F / 3, 3, 10.0F / 3, 3, 10.0F / 3, 11.0F / 3, 4};
    run("resize", "size=1,4,4 mode=linear coordinates=align_corners", 4, SHAPE(1, 2, 2),
        four, aligned, 16);
    /* Its 4 × 4 example, 1 … 16, is a plane: what a row gives also tells the columns.
     */
    static const float along[] = {0.89453125F, 1.19140625F, 1.66796875F, 2.296875F,
        2.703125F, 3.33203125F, 3.80859375F, 4.10546875F};
    float plane[16], cubic[64];
    for (int i = 0; i < 64; i++) {
        plane[i % 16] = (float)(i % 16 + 1);
        cubic[i] = 4 * (along[i / 8] - 1) + along[i % 8];
    }
    assert_near((double)cubic[0], 0.47265625, 0);
    assert_near((double)cubic[63], 16.52734375, 0);
    run("resize", "size=1,8,8 mode=cubic", 4, SHAPE(1, 4, 4), plane, cubic, 64);
}

static void a_transposed_convolution_gives_what_onnx_describes(void **state) {
    (void)state;
    static const float x[] = {0, 1, 2, 3, 4, 5, 6, 7, 8};
    static const float y[] = {0, 1, 3, 3, 2, 3, 8, 15, 12, 7, 9, 21, 36, 27, 15, 9, 20,
        33, 24, 13, 6, 13, 21, 15, 8};
    run("conv_transpose", "out=1 kernel=3 bias=no", 4, SHAPE(1, 3, 3), x, y, 25);
    static const float line[] = {0, 1, 2}, long_line[] = {0, 1, 3, 3, 2};
    run("conv_transpose", "out=1 kernel=3 bias=no", 3, SHAPE(1, 3), line, long_line, 5);
    static const float inside[] = {1, 3, 3};
    run("conv_transpose", "out=1 kernel=3 padding=1 bias=no", 3, SHAPE(1, 3), line,
        inside, 3);
}

static void padding_gives_what_onnx_describes(void **state) {
    (void)state;
    static const float x[] = {1, 2, 3};
    static const float reflect[] = {3, 2, 1, 2, 3, 2}, edge[] = {1, 1, 1, 2, 3, 3},
                       wrap[] = {2, 3, 1, 2, 3, 1}, some[] = {9, 9, 1, 2, 3, 9};
    run("pad", "mode=reflect before=2 behind=1", 2, SHAPE(3), x, reflect, 6);
    run("pad", "mode=edge before=2 behind=1", 2, SHAPE(3), x, edge, 6);
    run("pad", "mode=wrap before=2 behind=1", 2, SHAPE(3), x, wrap, 6);
    run("pad", "value=9 before=2 behind=1", 2, SHAPE(3), x, some, 6);
    run("pad", "before=-1 behind=0", 2, SHAPE(3), x, x + 1, 2);
}

static void functions_give_what_onnx_describes(void **state) {
    (void)state;
    static const float x[] = {-1, 0.5F, 2.5F, -2.5F};
    static const float even[] = {-1, 0, 2, -2};
    run("unary", "function=round", 2, SHAPE(4), x, even, 4);
    static const float sign[] = {-1, 1, 1, -1};
    run("unary", "function=sign", 2, SHAPE(4), x, sign, 4);
    static const float sums[] = {-1, -0.5F, 2, -0.5F}, later[] = {0.5F, 0, -2.5F, 0};
    run("cumsum", "", 2, SHAPE(4), x, sums, 4);
    run("cumsum", "exclusive=yes reverse=yes", 2, SHAPE(4), x, later, 4);
    static const float where[] = {2}, least[] = {3};
    run("argmax", "", 2, SHAPE(4), x, where, 1);
    run("argmax", "least=yes", 2, SHAPE(4), x, least, 1);
}

/* ---- plans --------------------------------------------------------------------------
 */

static int64_t operators_of(const char *activation, mien_mode mode) {
    mien_graph *g = NULL;
    mien_node x, y;
    mien_parameters *p = NULL;
    mien_plan *plan = NULL;
    mien_plan_options o = mien_plan_options_default();
    mien_conv2d_options c = mien_conv2d_options_of(8, 3, 1, 1);
    o.mode = mode;
    assert_good(mien_graph_new(&g));
    assert_good(mien_graph_input(g, "x", 4, SHAPE(8, 9, 9), &x));
    assert_good(mien_conv2d(g, "conv", x, &c, &y));
    if (activation) {
        assert_good(mien_graph_add(g, "activation", "f", &y, 1, activation, &y));
    }
    assert_good(mien_parameters_new(g, &p));
    assert_good(mien_plan_new(g, p, &o, &plan));
    int64_t operators = mien_plan_describe(plan).operators;
    mien_plan_free(&plan);
    mien_parameters_free(&p);
    mien_graph_free(&g);
    return operators;
}

static void an_activation_joins_the_convolution_before_it_when_inferring(void **state) {
    (void)state;
    int64_t alone = operators_of(NULL, MIEN_INFER);
    assert_int_equal(operators_of("function=silu", MIEN_INFER), alone);
    assert_int_equal(operators_of("function=hardswish", MIEN_INFER), alone);
    assert_int_equal(operators_of("function=clip", MIEN_INFER), alone);
    assert_true(
        operators_of("function=silu", MIEN_TRAIN) > operators_of(NULL, MIEN_TRAIN));
}

/* A class token and a table of places, as in a transformer of pictures. */
static mien_graph *with_constants(void) {
    mien_graph *g = NULL;
    mien_node x, token, table, two[2], y;
    assert_good(mien_graph_new(&g));
    assert_good(mien_graph_input(g, "x", 3, SHAPE(4, 6), &x));
    assert_good(mien_graph_add(
        g, "constant", "token", NULL, 0, "shape=1,1,6 learns=yes", &token));
    assert_good(mien_graph_add(
        g, "constant", "table", NULL, 0, "shape=5,6 learns=yes", &table));
    assert_good(mien_slice(g, "first", x, 1, 0, 1, &y));
    two[0] = y;
    two[1] = token;
    assert_good(mien_graph_add(
        g, "binary", "zero", (mien_node[]){y, y}, 2, "function=sub", &y));
    two[0] = y;
    assert_good(mien_graph_add(g, "binary", "tokens", two, 2, "function=add", &two[0]));
    two[1] = x;
    assert_good(mien_concat(g, "all", two, 2, 1, &two[0]));
    two[1] = table;
    assert_good(mien_graph_add(g, "binary", "placed", two, 2, "function=add", &y));
    assert_good(mien_linear(g, "fc", y, 3, true, &y));
    return g;
}

static void a_graph_with_constants_is_cut_into_micro_batches(void **state) {
    (void)state;
    mien_graph *g = with_constants();
    mien_parameters *p = NULL;
    mien_plan *plan = NULL;
    mien_plan_options o = mien_plan_options_default();
    nets_check_all(g, 5, true, 2e-6);
    nets_check_gradients(g, 3, true, 24, 1e-3);
    assert_good(mien_parameters_new(g, &p));
    o.batch = 5;
    o.micro_batch = 2;
    assert_good(mien_plan_new(g, p, &o, &plan));
    assert_int_equal(mien_plan_describe(plan).micro_batch, 2);
    mien_plan_free(&plan);
    mien_parameters_free(&p);
    mien_graph_free(&g);
}

/* ---- refusals -----------------------------------------------------------------------
 */

static void wrong_options_and_shapes_are_refused_by_name(void **state) {
    (void)state;
    static const struct {
        const char *op, *options, *says;
        int inputs;
        mien_status status;
    } cases[] = {
        {"constant", "shape=0", "shape", 0, MIEN_EINVAL},
        {"constant", "shape=3", "takes none", 1, MIEN_EINVAL},
        {"unary", "function=exq", "exq", 1, MIEN_EINVAL},
        {"unary", "function=pow alpha=two", "alpha", 1, MIEN_EINVAL},
        {"activation", "function=clip alpha=2 beta=1", "nothing lies there", 1,
            MIEN_EINVAL},
        {"activation", "function=softplus alpha=0", "alpha 0", 1, MIEN_EINVAL},
        {"binary", "function=add", "compared from the last", 2, MIEN_ESHAPE},
        {"matmul", "", "[.., M, K]", 2, MIEN_ESHAPE},
        {"prelu", "slopes=5", "5 slopes", 1, MIEN_ESHAPE},
        {"argmax", "axis=0", "axis 0", 1, MIEN_ESHAPE},
        {"cumsum", "axis=0", "axis 0", 1, MIEN_ESHAPE},
        {"group_norm", "groups=2", "2 groups", 1, MIEN_ESHAPE},
        {"pad", "before=1 behind=1", "1 numbers for 2", 1, MIEN_ESHAPE},
        {"pad", "before=1 behind=1,2", "before and behind", 1, MIEN_EINVAL},
        {"pad", "mode=reflect before=0,4 behind=0,0", "not possible", 1, MIEN_ESHAPE},
        {"pad", "before=-2,0 behind=-1,0", "not possible", 1, MIEN_ESHAPE},
        {"resize", "size=2", "1 sizes", 1, MIEN_ESHAPE},
        {"resize", "size=2,-3", "size and scale", 1, MIEN_EINVAL},
        {"resize", "size=2,3 scale=1,x", "size and scale", 1, MIEN_EINVAL},
        {"conv_transpose", "out=2 groups=2", "2 groups", 1, MIEN_ESHAPE},
        {"conv_transpose", "out=2 kernel=0", "kernel", 1, MIEN_EINVAL},
        {"conv_transpose", "out=2 padding=9", "do not fit", 1, MIEN_ESHAPE},
        {"gru", "direction=up", "up", 1, MIEN_EINVAL},
    };
    mien_graph *g = NULL;
    mien_node inputs[2], y;
    assert_good(mien_graph_new(&g));
    assert_good(mien_graph_input(g, "x", 3, SHAPE(3, 4), &inputs[0]));
    assert_good(mien_graph_input(g, "z", 3, SHAPE(3, 5), &inputs[1]));
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_fails(mien_graph_add(g, cases[i].op, "y", inputs, cases[i].inputs,
                         cases[i].options, &y),
            cases[i].status, cases[i].says);
    }
    mien_graph_free(&g);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(resizing_gives_what_onnx_describes),
        cmocka_unit_test(a_transposed_convolution_gives_what_onnx_describes),
        cmocka_unit_test(padding_gives_what_onnx_describes),
        cmocka_unit_test(functions_give_what_onnx_describes),
        cmocka_unit_test(an_activation_joins_the_convolution_before_it_when_inferring),
        cmocka_unit_test(a_graph_with_constants_is_cut_into_micro_batches),
        cmocka_unit_test(wrong_options_and_shapes_are_refused_by_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
