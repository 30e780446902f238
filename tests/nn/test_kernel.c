/* SPDX-License-Identifier: MIT */
/* Products and sums that kernels of our own are made of, and plans of such kernels:
 * same bits, no allocation, refusals. */
#include "nn/kernel.h"

#include <stdio.h>

#include "nn/nets.h"

#define SIDE_MAX 96

/* op(a) op(b) + beta c in double precision. */
static double want(bool ta, bool tb, int64_t k, const float *a, int64_t lda,
    const float *b, int64_t ldb, float beta, float c, int64_t i, int64_t j) {
    double sum = (double)beta * (double)c;
    for (int64_t l = 0; l < k; l++) {
        sum += (double)a[ta ? l * lda + i : i * lda + l] *
               (double)b[tb ? j * ldb + l : l * ldb + j];
    }
    return sum;
}

static void check_product(
    bool ta, bool tb, int64_t m, int64_t n, int64_t k, float beta) {
    static float a[SIDE_MAX * SIDE_MAX], b[SIDE_MAX * SIDE_MAX];
    static float before[SIDE_MAX * SIDE_MAX], c[SIDE_MAX * SIDE_MAX];
    int64_t lda = (ta ? m : k) + 3, ldb = (tb ? k : n) + 1, ldc = n + 2;
    nets_fill(a, SIDE_MAX * SIDE_MAX, 1);
    nets_fill(b, SIDE_MAX * SIDE_MAX, 2);
    nets_fill(before, SIDE_MAX * SIDE_MAX, 3);
    memcpy(c, before, sizeof c);
    mien_product(ta, tb, m, n, k, a, lda, b, ldb, beta, c, ldc);
    for (int64_t i = 0; i < m; i++) {
        for (int64_t j = 0; j < ldc; j++) {
            float was = before[i * ldc + j];
            double w =
                j < n ? want(ta, tb, k, a, lda, b, ldb, beta, was, i, j) : (double)was;
            assert_near((double)c[i * ldc + j], w, 1e-5 * (double)(16 * k + 4));
        }
    }
}

static void products_are_right_on_both_sides_of_the_threshold(void **state) {
    (void)state;
    static const int64_t sizes[][3] = {{1, 1, 1}, {5, 3, 4}, {8, 8, 8}, {9, 8, 9},
        {30, 8, 8}, {1, 70, 60}, {64, 1, 33}, {90, 70, 80}};
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
        for (int way = 0; way < 8; way++) {
            check_product(way & 1, way >> 1 & 1, sizes[s][0], sizes[s][1], sizes[s][2],
                (float)(way >> 2));
        }
    }
}

static void sums_of_columns_are_the_same_on_any_threads(void **state) {
    (void)state;
    static float x[37 * 150], one[150], three[150];
    nets_fill(x, 37 * 150, 5);
    mien_column_sums(x, 37, 150, 1, one);
    mien_column_sums(x, 37, 150, 3, three);
    assert_memory_equal(one, three, sizeof one);
    for (int j = 0; j < 150; j++) {
        double sum = 0;
        for (int i = 0; i < 37; i++) {
            sum += (double)x[i * 150 + j];
        }
        assert_near((double)one[j], sum, 1e-5);
    }
}

/* ---- plans of such kernels
 * ----------------------------------------------------------- */

/* Words to an embedding, an LSTM, attention, a norm, a mean: everything of a sequence.
 */
static mien_graph *sequence(double dropout) {
    mien_graph *graph = NULL;
    int64_t shape[2] = {MIEN_BATCH, 6}, halves[2] = {3, 16};
    const int over = 1, order[3] = {0, 2, 1}, places[3] = {7, 0, 7};
    mien_attention_options o = mien_attention_options_of(2);
    mien_node x, y;
    o.dropout = dropout;
    o.causal = true;
    assert_good(mien_graph_new(&graph));
    assert_good(mien_graph_input(graph, "words", 2, shape, &x));
    assert_good(mien_embedding(graph, "table", x, 9, 5, &x));
    assert_good(mien_lstm(graph, "lstm", x, 4, 2, MIEN_LSTM_BOTH, &x));
    assert_good(mien_attention(graph, "attention", x, x, x, &o, &y, NULL));
    assert_good(mien_add(graph, "sum", x, y, &x));
    assert_good(mien_layer_norm(graph, "norm", x, 1e-6, MIEN_LAYER_NORM_DEVIATION, &x));
    assert_good(mien_linear(graph, "wide", x, 8, true, &x));
    assert_good(mien_activate(graph, "relu", x, MIEN_RELU, 0, &x));
    assert_good(mien_permute(graph, "turned", x, order, 3, &x));
    assert_good(mien_conv1d(graph, "conv", x, 8, 3, 1, 1, &x));
    assert_good(mien_pool1d(graph, "pool", x, MIEN_POOL_AVERAGE, 1, 1, 0, &x));
    assert_good(mien_reshape(graph, "halves", x, halves, 2, &x));
    assert_good(mien_gather(graph, "picked", x, -1, places, 3, &x));
    assert_good(mien_gelu(graph, "gelu", x, &x));
    assert_good(mien_reduce(graph, "most", x, MIEN_REDUCE_MAX, &over, 1, false, &x));
    assert_good(mien_linear(graph, "fc", x, 2, true, &x));
    return graph;
}

static void a_sequence_gives_what_the_reference_gives(void **state) {
    (void)state;
    mien_graph *graph = sequence(0);
    nets_check_all(graph, 1, true, 5e-6);
    nets_check_all(graph, 5, false, 5e-6);
    nets_check_gradients(graph, 3, true, 12, 5e-3);
    mien_graph_free(&graph);
}

/* When inferring, sums and activations join a linear layer where they can. */
static void what_follows_a_wide_linear_layer_over_time_is_right(void **state) {
    (void)state;
    mien_graph *graph = NULL;
    mien_node x, y;
    int64_t shape[3] = {MIEN_BATCH, 4, 70};
    assert_good(mien_graph_new(&graph));
    assert_good(mien_graph_input(graph, "x", 3, shape, &x));
    assert_good(mien_linear(graph, "up", x, 90, true, &y));
    assert_good(mien_activate(graph, "relu", y, MIEN_RELU, 0, &y));
    assert_good(mien_linear(graph, "down", y, 70, false, &y));
    assert_good(mien_add(graph, "sum", y, x, &x));
    assert_good(mien_activate(graph, "tanh", x, MIEN_TANH, 0, &x));
    assert_good(mien_linear(graph, "again", x, 4, true, &y));
    assert_good(mien_batch_norm(graph, "norm", y, 1e-5, 0.1, &y)); /* of dimension 1 */
    assert_good(mien_linear(graph, "last", x, 4, true, &x));
    assert_good(mien_add(graph, "all", x, y, &x));
    nets_check_all(graph, 3, true, 5e-6);
    nets_check_gradients(graph, 3, true, 12, 5e-3);
    mien_graph_free(&graph);
}

/* An operator whose values pass through joins the one before it, in training too. */
static void what_passes_through_after_a_kernel_leads_back_to_it(void **state) {
    (void)state;
    mien_graph *graph = NULL;
    mien_node x;
    int64_t shape[3] = {MIEN_BATCH, 3, 8}, same[2] = {3, 4};
    assert_good(mien_graph_new(&graph));
    assert_good(mien_graph_input(graph, "x", 3, shape, &x));
    assert_good(mien_pool1d(graph, "pool", x, MIEN_POOL_MAX, 2, 2, 0, &x));
    assert_good(mien_reshape(graph, "same", x, same, 2, &x));
    assert_good(mien_lstm(graph, "lstm", x, 4, 1, MIEN_LSTM_FORWARD, &x));
    assert_good(mien_reshape(graph, "again", x, same, 2, &x));
    assert_good(mien_softmax(graph, "soft", x, &x));
    assert_good(mien_reshape(graph, "third", x, same, 2, &x));
    assert_good(mien_activate(graph, "tanh", x, MIEN_TANH, 0, &x));
    assert_good(mien_reshape(graph, "fourth", x, same, 2, &x));
    nets_check_all(graph, 3, true, 5e-6);
    nets_check_gradients(graph, 3, true, 12, 5e-3);
    mien_graph_free(&graph);
}

static mien_plan *training(
    const mien_graph *graph, mien_parameters *parameters, int threads) {
    mien_plan_options options = mien_plan_options_default();
    mien_plan *plan = NULL;
    options.mode = MIEN_TRAIN;
    options.batch = 5;
    options.threads = threads;
    assert_good(mien_plan_new(graph, parameters, &options, &plan));
    return plan;
}

static void step(const mien_graph *graph, mien_plan *plan) {
    const float *inputs[NETS_NODES];
    nets_feed(graph, plan, 5, inputs);
    mien_plan_seed(plan, 4, 2);
    assert_good(mien_plan_run(plan));
    nets_fill(mien_plan_output_gradient(plan, 0), 10, 7);
    assert_good(mien_plan_backward(plan));
}

static void sequences_allocate_nothing_and_give_the_same_bits(void **state) {
    (void)state;
    mien_graph *graph = sequence(0.2);
    mien_parameters *parameters = nets_parameters(graph, 3);
    mien_plan *plan = training(graph, parameters, 2);
    int64_t index = mien_parameters_find(parameters, "lstm.weight_hh_l0");
    float first[64];
    step(graph, plan);
    const mien_tensor *g = mien_plan_gradient(plan, index);
    assert_int_equal(mien_tensor_count(g), 64);
    memcpy(first, g->data, sizeof first);
    uint64_t before = mien_alloc_count();
    step(graph, plan);
    assert_int_equal(mien_alloc_count(), before);
    assert_memory_equal(first, g->data, sizeof first);
    mien_plan_free(&plan);
    mien_parameters_free(&parameters);
    mien_graph_free(&graph);
}

static void a_step_against_the_gradient_of_a_sequence_lowers_its_sum(void **state) {
    (void)state;
    mien_graph *graph = sequence(0.2);
    mien_parameters *parameters = nets_parameters(graph, 3);
    mien_plan *plan = training(graph, parameters, 2);
    double sums[2];
    for (int round = 0; round < 2; round++) {
        double squares = 0;
        step(graph, plan);
        const float *c = mien_plan_output_gradient(plan, 0);
        const float *y = mien_plan_output(plan, 0)->data;
        sums[round] = 0;
        for (int i = 0; i < 10; i++) {
            sums[round] += (double)c[i] * (double)y[i];
        }
        for (int pass = 0; pass < 2; pass++) {
            for (int64_t p = 0; p < mien_parameters_count(parameters); p++) {
                const mien_tensor *g = mien_plan_gradient(plan, p);
                float *w = mien_parameters_at(parameters, p)->data;
                for (int64_t i = 0; i < mien_tensor_count(g); i++) {
                    double d = (double)((const float *)g->data)[i];
                    squares += pass ? 0 : d * d;
                    w[i] -= pass ? (float)(0.01 / squares * d) : 0;
                }
            }
        }
        assert_good(mien_plan_refresh(plan));
    }
    /* a step of 0.01 g / |g|² lowers the sum by 0.01, but for curvature */
    assert_in_range((sums[0] - sums[1]) * 1e4, 80, 120);
    mien_plan_free(&plan);
    mien_parameters_free(&parameters);
    mien_graph_free(&graph);
}

static void a_frozen_part_of_a_sequence_has_no_gradient(void **state) {
    (void)state;
    mien_graph *graph = sequence(0.2);
    mien_parameters *parameters = nets_parameters(graph, 3);
    assert_int_equal(mien_parameters_freeze(parameters, "table.*", true), 1);
    assert_int_equal(mien_parameters_freeze(parameters, "lstm.*_l0*", true), 8);
    assert_int_equal(mien_parameters_freeze(parameters, "*.in_proj_bias", true), 1);
    mien_plan *plan = training(graph, parameters, 1);
    step(graph, plan);
    for (int64_t i = 0; i < mien_parameters_count(parameters); i++) {
        assert_int_equal(mien_plan_gradient(plan, i) != NULL,
            mien_parameters_trained(parameters, i));
    }
    mien_plan_free(&plan);
    mien_parameters_free(&parameters);
    mien_graph_free(&graph);
}

typedef struct making {
    const mien_graph *graph;
    mien_parameters *parameters;
} making;

static mien_status make(void *context) {
    const making *m = context;
    mien_plan_options options = mien_plan_options_default();
    mien_plan *plan = NULL;
    options.mode = MIEN_TRAIN;
    options.batch = 2;
    mien_status status = mien_plan_new(m->graph, m->parameters, &options, &plan);
    mien_plan_free(&plan);
    return status;
}

static void a_plan_of_a_sequence_survives_each_failed_allocation(void **state) {
    (void)state;
    mien_graph *graph = sequence(0.2);
    making m = {graph, nets_parameters(graph, 1)};
    support_each_allocation_fails(make, &m, 4000);
    mien_parameters_free(&m.parameters);
    mien_graph_free(&graph);
}

/* ---- refusals
 * ------------------------------------------------------------------------ */

static void rows_say_what_they_do_not_take(void **state) {
    (void)state;
    static const struct {
        const char *op, *options;
        mien_status status;
        const char *says;
    } cases[] = {
        {"layer_norm", "dims=3", MIEN_ESHAPE, "3 last dimensions"},
        {"conv1d", "out=3", MIEN_EINVAL, "kernel must be given"},
        {"conv1d", "out=3 kernel=2,2", MIEN_EINVAL, "kernel: \"2,2\""},
        {"conv1d", "out=3 kernel=9", MIEN_ESHAPE, "reaches over 9 does not fit 6"},
        {"conv1d", "out=3 kernel=2 groups=3", MIEN_ESHAPE, "3 groups do not divide"},
        {"conv3d", "out=3 kernel=1", MIEN_ESHAPE, "[N, C, D, H, W]"},
        {"max_pool1d", "kernel=2 padding=2", MIEN_EINVAL, "more than half the kernel"},
        {"avg_pool1d", "kernel=7", MIEN_ESHAPE, "a window of 7 does not fit 6"},
        {"avg_pool3d", "kernel=1,2", MIEN_EINVAL, "kernel: \"1,2\""},
        {"lstm", "", MIEN_EINVAL, "hidden must be given"},
        {"lstm", "hidden=2 layers=3 direction=both", MIEN_EINVAL, "at most 2"},
        {"lstm", "hidden=2 layers=2 cells=yes", MIEN_EINVAL, "of one layer alone"},
        {"embedding", "rows=3", MIEN_EINVAL, "rows and width"},
        {"embedding", "rows=3 width=1 padding=3", MIEN_EINVAL, "no row 3 of 3"},
        {"slice", "axis=0", MIEN_ESHAPE, "axis 0 is no dimension"},
        {"slice", "axis=2 start=4 stop=4", MIEN_ESHAPE, "nothing from 4 to 4 of 6"},
        {"gather", "axis=3 places=0", MIEN_ESHAPE, "axis 3 is no dimension"},
        {"gather", "places=1,4", MIEN_ESHAPE, "place 4 is outside a dimension of 4"},
        {"gather", "places=1,", MIEN_EINVAL, "places: \"1,\""},
        {"sum", "dims=0", MIEN_ESHAPE, "0 is no dimension to reduce"},
        {"mean", "dims=1,-2", MIEN_ESHAPE, "-2 is no dimension to reduce, or twice"},
        {"max", "dims=a", MIEN_EINVAL, "dims: \"a\""},
        {"reshape", "shape=5,-1", MIEN_ESHAPE, "24 values an item do not fill"},
        {"reshape", "shape=25", MIEN_ESHAPE, "24 values an item do not fill"},
        {"reshape", "shape=-1,-1", MIEN_EINVAL, "shape: \"-1,-1\""},
        {"permute", "order=1,0,2", MIEN_EINVAL, "order: \"1,0,2\""},
        {"permute", "order=0,1,1", MIEN_EINVAL, "order: \"0,1,1\""},
        {"permute", "order=0,1", MIEN_ESHAPE, "2 dimensions for 3"},
        {"upsample2d", "scale=2", MIEN_ESHAPE, "[N, C, H, W]"},
        {"upsample2d", "", MIEN_EINVAL, "either size or scale"},
        {"upsample2d", "scale=2 align-corners=yes", MIEN_EINVAL, "mode=bilinear"},
    };
    mien_graph *graph = NULL;
    mien_node x, y = 77;
    int64_t shape[3] = {MIEN_BATCH, 4, 6};
    assert_good(mien_graph_new(&graph));
    assert_good(mien_graph_input(graph, "x", 3, shape, &x));
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_fails(
            mien_graph_add(graph, cases[i].op, "y", &x, 1, cases[i].options, &y),
            cases[i].status, cases[i].says);
    }
    assert_int_equal(y, 77);
    mien_graph_free(&graph);
}

static void a_word_outside_the_table_gives_nan(void **state) {
    (void)state;
    mien_graph *graph = NULL;
    mien_parameters *parameters = NULL;
    mien_plan *plan = NULL;
    mien_node x;
    int64_t shape[2] = {MIEN_BATCH, 3};
    assert_good(mien_graph_new(&graph));
    assert_good(mien_graph_input(graph, "x", 2, shape, &x));
    assert_good(mien_embedding(graph, "table", x, 2, 1, &x));
    assert_good(mien_parameters_new(graph, &parameters));
    assert_good(mien_plan_new(graph, parameters, NULL, &plan));
    float *words = mien_plan_input(plan, 0);
    words[0] = -1;
    words[1] = 1;
    words[2] = 2;
    assert_good(mien_plan_run(plan));
    const float *y = mien_plan_output(plan, 0)->data;
    assert_true(y[0] != y[0] && y[1] == 0 && y[2] != y[2]);
    mien_plan_free(&plan);
    mien_parameters_free(&parameters);
    mien_graph_free(&graph);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(products_are_right_on_both_sides_of_the_threshold),
        cmocka_unit_test(sums_of_columns_are_the_same_on_any_threads),
        cmocka_unit_test(a_sequence_gives_what_the_reference_gives),
        cmocka_unit_test(what_follows_a_wide_linear_layer_over_time_is_right),
        cmocka_unit_test(what_passes_through_after_a_kernel_leads_back_to_it),
        cmocka_unit_test(sequences_allocate_nothing_and_give_the_same_bits),
        cmocka_unit_test(a_step_against_the_gradient_of_a_sequence_lowers_its_sum),
        cmocka_unit_test(a_frozen_part_of_a_sequence_has_no_gradient),
        cmocka_unit_test(a_plan_of_a_sequence_survives_each_failed_allocation),
        cmocka_unit_test(rows_say_what_they_do_not_take),
        cmocka_unit_test(a_word_outside_the_table_gives_nan),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
