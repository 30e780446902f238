/* SPDX-License-Identifier: MIT */
/* Pairs of convolutions that run as one step, and first convolutions, against the
 * plain-C reference: whatever their sizes, what follows them, and the processor's
 * vectors. */
#include "nn/kernels/conv2d_pair.h"

#include "nn/nets.h"

#define TOLERANCE 2e-6 /* of the largest value */

/* By name, or as the row "activation" has it. */
static void activate(
    mien_graph *graph, const char *activation, const char *name, mien_node *x) {
    char options[32];
    if (!activation) {
        return;
    }
    const bool row = !strcmp(activation, "silu") || !strcmp(activation, "hardswish");
    snprintf(
        options, sizeof options, row ? "function=%s" : "%s", row ? activation : "");
    assert_good(
        mien_graph_add(graph, row ? "activation" : activation, name, x, 1, options, x));
}

/* input [N, in, h, w] → 1 × 1 → activation → filter of one a channel → activation →
 * halving; activations may be NULL */
static mien_graph *pair_of(int64_t in, int64_t out, int64_t height, int64_t width,
    int kernel, int stride, const char *between, const char *activation, bool halves) {
    mien_graph *graph = NULL;
    mien_node x;
    const int64_t shape[4] = {MIEN_BATCH, in, height, width};
    mien_conv2d_options point = mien_conv2d_options_of(out, 1, 1, 0);
    mien_conv2d_options filter =
        mien_conv2d_options_of(out, kernel, stride, kernel / 2);
    point.bias = in % 2;
    filter.groups = out;
    assert_good(mien_graph_new(&graph));
    assert_good(mien_graph_input(graph, "x", 4, shape, &x));
    assert_good(mien_conv2d(graph, "point", x, &point, &x));
    activate(graph, between, "between", &x);
    assert_good(mien_conv2d(graph, "filter", x, &filter, &x));
    activate(graph, activation, "active", &x);
    if (halves) {
        assert_good(mien_graph_add(
            graph, "max_pool2d", "half", &x, 1, "kernel=2,2 stride=2,2", &x));
    }
    return graph;
}

static mien_graph *pair(int64_t in, int64_t out, int64_t height, int64_t width,
    const char *activation, bool halves) {
    return pair_of(in, out, height, width, 3, 1, NULL, activation, halves);
}

static mien_plan_options options_of(int64_t batch, int threads) {
    mien_plan_options o = mien_plan_options_default();
    o.batch = batch;
    o.threads = threads;
    o.measure = false;
    return o;
}

static void pairs_are_one_step_and_right(void **state) {
    (void)state;
    static const struct {
        int64_t in, out, height, width;
        const char *activation;
        bool halves;
    } cases[] = {{3, 16, 5, 7, "relu", false}, {16, 48, 1, 1, NULL, false},
        {7, 80, 2, 33, "relu6", false}, {64, 64, 9, 6, "relu", false},
        {16, 16, 6, 34, "relu", true}, {5, 32, 4, 2, NULL, true},
        {64, 64, 8, 10, "relu6", true}, {4, 16, 3, 17, "sigmoid", false}};
    if (!mien_conv2d_pair_best()) {
        skip();
    }
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        for (int64_t batch = 1; batch <= 3; batch += 2) {
            mien_graph *graph = pair(cases[i].in, cases[i].out, cases[i].height,
                cases[i].width, cases[i].activation, cases[i].halves);
            mien_plan_info info;
            mien_plan_options o = options_of(batch, 1 + (int)batch / 2);
            nets_check(graph, &o, TOLERANCE, &info);
            bool own = cases[i].activation && !strcmp(cases[i].activation, "sigmoid");
            assert_true(info.operators - info.reorders <= 1 + own);
            mien_graph_free(&graph);
        }
    }
}

/* Blocks of networks for telephones: larger filters, steps of 2, activations between
 * the two. */
static void pairs_of_any_filter_and_activation_are_right(void **state) {
    (void)state;
    static const struct {
        int64_t in, out, height, width;
        int kernel, stride;
        const char *between, *activation;
    } cases[] = {{8, 80, 9, 13, 5, 1, "silu", "silu"},
        {8, 32, 7, 7, 5, 2, "silu", "silu"}, {4, 96, 12, 10, 3, 2, "relu6", "relu6"},
        {16, 144, 5, 9, 3, 1, "silu", "silu"}, {12, 48, 1, 2, 5, 2, "hardswish", NULL},
        {3, 16, 2, 1, 5, 1, "relu", "hardswish"},
        {24, 128, 6, 5, 3, 2, "silu", "sigmoid"}, {6, 64, 3, 18, 5, 1, NULL, "silu"}};
    if (!mien_conv2d_pair_best()) {
        skip();
    }
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        for (int64_t batch = 1; batch <= 3; batch++) {
            mien_graph *graph = pair_of(cases[i].in, cases[i].out, cases[i].height,
                cases[i].width, cases[i].kernel, cases[i].stride, cases[i].between,
                cases[i].activation, false);
            mien_plan_info info;
            mien_plan_options o = options_of(batch, (int)batch);
            nets_check(graph, &o, TOLERANCE, &info);
            bool own = cases[i].activation && !strcmp(cases[i].activation, "sigmoid");
            assert_true(info.operators - info.reorders <= 1 + own);
            mien_graph_free(&graph);
        }
    }
}

/* What others read, or what is trained, is computed by itself. */
static void a_value_between_is_kept_where_it_is_needed(void **state) {
    (void)state;
    mien_graph *graph = pair(8, 16, 6, 6, "relu", false);
    mien_plan_options o = options_of(2, 1);
    mien_plan_info info;
    const mien_node outputs[] = {
        mien_graph_find(graph, "point"), mien_graph_find(graph, "active")};
    o.outputs = outputs;
    o.outputs_count = 2;
    nets_check(graph, &o, TOLERANCE, &info);
    nets_check_gradients(graph, 2, true, 10, 5e-3);
    mien_graph_free(&graph);
}

static void what_only_looks_like_a_pair_is_right_too(void **state) {
    (void)state;
    static const char *const filters[] = {"out=16 kernel=3,3 groups=16",
        "out=16 kernel=3,3 padding=1 stride=2,1 groups=16",
        "out=16 kernel=7,7 padding=3 groups=16",
        "out=16 kernel=3,3 padding=2 dilation=2,2 groups=16",
        "out=16 kernel=3,3 padding=1 groups=8", "out=32 kernel=3,3 padding=1 groups=16",
        "out=16 kernel=3,3 padding=1,1,1,0 groups=16"};
    for (size_t i = 0; i < sizeof filters / sizeof *filters; i++) {
        mien_graph *graph = NULL;
        mien_node x;
        const int64_t shape[4] = {MIEN_BATCH, 8, 7, 9};
        mien_plan_options o = options_of(2, 1);
        assert_good(mien_graph_new(&graph));
        assert_good(mien_graph_input(graph, "x", 4, shape, &x));
        assert_good(
            mien_graph_add(graph, "conv2d", "point", &x, 1, "out=16 kernel=1,1", &x));
        assert_good(mien_graph_add(graph, "conv2d", "filter", &x, 1, filters[i], &x));
        nets_check(graph, &o, TOLERANCE, NULL);
        mien_graph_free(&graph);
    }
}

static void first_convolutions_are_right(void **state) {
    (void)state;
    static const int64_t sizes[][3] = {
        {3, 8, 10}, {1, 7, 7}, {4, 1, 1}, {3, 2, 70}, {2, 33, 35}, {3, 5, 2}};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        for (int more = 0; more < 2; more++) {
            mien_graph *graph = NULL;
            mien_node x;
            const int64_t shape[4] = {
                MIEN_BATCH, sizes[i][0], sizes[i][1], sizes[i][2]};
            mien_conv2d_options first = mien_conv2d_options_of(16 << more, 3, 2, 1);
            mien_plan_options o = options_of(2, 2);
            assert_good(mien_graph_new(&graph));
            assert_good(mien_graph_input(graph, "x", 4, shape, &x));
            assert_good(mien_conv2d(graph, "first", x, &first, &x));
            assert_good(mien_graph_add(graph, "batch_norm", "norm", &x, 1, "", &x));
            activate(graph, more ? "silu" : "relu", "active", &x);
            nets_check(graph, &o, 5e-6, NULL);
            mien_graph_free(&graph);
        }
    }
}

/* ---- kernels -----------------------------------------------------------------------
 */

enum { IN = 24, OUT = 80, WIDE = 128, HEIGHT = 6, WIDTH = 22, PICTURES = 2 };

static void run(
    const mien_conv2d_pair_kernels *kernels, bool halves, int threads, float *y) {
    static float x[PICTURES * HEIGHT * WIDTH * IN], point[IN * WIDE], filter[9 * WIDE],
        biases[2 * OUT];
    mien_conv2d_pair p = {.pictures = PICTURES,
        .height = HEIGHT,
        .width = WIDTH,
        .in = IN,
        .out = OUT,
        .kernel = 3,
        .stride = 1,
        .between = {.form = MIEN_CONV2D_PAIR_CLAMP, .least = -5, .most = INFINITY},
        .after = {.form = MIEN_CONV2D_PAIR_CLAMP, .least = -3, .most = INFINITY},
        .halves = halves,
        .threads = threads};
    float *scratch = mien_alloc((size_t)mien_conv2d_pair_scratch(&p), sizeof *scratch);
    assert_non_null(scratch);
    nets_fill(x, PICTURES * HEIGHT * WIDTH * IN, 1);
    nets_fill(point, IN * WIDE, 2);
    nets_fill(filter, 9 * WIDE, 3);
    nets_fill(biases, 2 * OUT, 4);
    mien_conv2d_pair_run(kernels, &p,
        &(mien_conv2d_pair_data){x, point, biases, filter, biases + OUT, scratch, y});
    mien_free(scratch);
}

static void all_vectors_and_any_threads_give_the_same_bits(void **state) {
    (void)state;
#if defined(__x86_64__)
    enum { COUNT = PICTURES * HEIGHT * WIDTH * OUT };
    static float one[COUNT], other[COUNT];
    const mien_conv2d_pair_kernels *best = mien_conv2d_pair_best();
    if (!best) {
        skip();
    }
    for (int halves = 0; halves < 2; halves++) {
        int64_t count = halves ? COUNT / 4 : COUNT;
        run(&mien_conv2d_pair_avx2, halves, 1, one);
        run(best, halves, 1, other);
        assert_close(one, other, count, 0, 0);
        for (int threads = 2; threads <= 30; threads += 7) {
            memset(other, 0, sizeof other);
            run(best, halves, threads, other);
            assert_memory_equal(one, other, (size_t)count * sizeof *one);
        }
    }
#else
    skip();
#endif
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pairs_are_one_step_and_right),
        cmocka_unit_test(pairs_of_any_filter_and_activation_are_right),
        cmocka_unit_test(a_value_between_is_kept_where_it_is_needed),
        cmocka_unit_test(what_only_looks_like_a_pair_is_right_too),
        cmocka_unit_test(first_convolutions_are_right),
        cmocka_unit_test(all_vectors_and_any_threads_give_the_same_bits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
