/* SPDX-License-Identifier: MIT */
/* Every operator's row against its plain-C reference, on awkward shapes. */
#include "nn/nets.h"
#include "nn/op.h"

/* Debian 13's oneDNN keeps 12 bytes of a primitive's description for itself: other
 * versions are still watched. */
MIEN_API const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void) {
    return "leak:libdnnl.so.3.6\n";
}

#define TOLERANCE 2e-6
#define WINOGRAD_TOLERANCE 1e-5

typedef struct one_case {
    const char *op, *options;
    int rank;
    int64_t shape[MIEN_RANK_MAX];
    int others; /* further inputs, of shape other */
    int64_t other[MIEN_RANK_MAX];
} one_case;

#define N MIEN_BATCH
static const one_case cases[] = {
    {"conv2d", "out=8 kernel=3", 4, {N, 3, 11, 13}, 0, {0}},
    {"conv2d", "out=16 kernel=3 padding=1", 4, {N, 16, 9, 7}, 0, {0}},
    {"conv2d", "out=5 kernel=1", 4, {N, 7, 5, 5}, 0, {0}},
    {"conv2d", "out=24 kernel=1 stride=2 bias=no", 4, {N, 16, 7, 7}, 0, {0}},
    {"conv2d", "out=32 kernel=7 stride=2 padding=3", 4, {N, 3, 33, 31}, 0, {0}},
    {"conv2d", "out=12 kernel=3,5 stride=2,1 padding=0,1,2,3", 4, {N, 4, 9, 11}, 0,
        {0}},
    {"conv2d", "out=8 kernel=3 dilation=2,3 padding=2", 4, {N, 8, 11, 12}, 0, {0}},
    {"conv2d", "out=12 kernel=3 groups=3", 4, {N, 6, 8, 8}, 0, {0}},
    {"conv2d", "out=32 kernel=3 groups=2 padding=1", 4, {N, 32, 8, 8}, 0, {0}},
    {"conv2d", "out=16 kernel=3 groups=16 padding=1", 4, {N, 16, 9, 9}, 0, {0}},
    {"conv2d", "out=13 kernel=3 groups=13 stride=2 padding=1", 4, {N, 13, 9, 8}, 0,
        {0}},
    {"conv2d", "out=22 kernel=3 groups=11 padding=1", 4, {N, 11, 6, 7}, 0, {0}},
    {"conv2d", "out=40 kernel=5 groups=40 stride=2 padding=2", 4, {N, 40, 15, 14}, 0,
        {0}},
    {"conv2d", "out=8 kernel=3 groups=8 dilation=2 padding=2", 4, {N, 8, 9, 9}, 0, {0}},
    {"conv2d", "out=1 kernel=1", 4, {N, 1, 1, 1}, 0, {0}},
    {"linear", "out=10", 2, {N, 37}, 0, {0}},
    {"linear", "out=1 bias=no", 2, {N, 3}, 0, {0}},
    {"linear", "out=129", 2, {N, 513}, 0, {0}},
    {"batch_norm", "", 4, {N, 6, 5, 4}, 0, {0}},
    {"batch_norm", "epsilon=0.01", 2, {N, 19}, 0, {0}},
    {"batch_norm", "", 3, {N, 4, 9}, 0, {0}},
    {"relu", "", 4, {N, 3, 5, 7}, 0, {0}},
    {"relu6", "", 2, {N, 33}, 0, {0}},
    {"leaky_relu", "alpha=0.3", 3, {N, 5, 6}, 0, {0}},
    {"leaky_relu", "", 2, {N, 6}, 0, {0}},
    {"elu", "", 4, {N, 3, 5, 7}, 0, {0}},
    {"elu", "alpha=0.5", 2, {N, 9}, 0, {0}},
    {"sigmoid", "", 4, {N, 3, 4, 5}, 0, {0}},
    {"tanh", "", 2, {N, 21}, 0, {0}},
    {"softmax", "", 2, {N, 10}, 0, {0}},
    {"softmax", "", 4, {N, 2, 3, 7}, 0, {0}},
    {"max_pool2d", "kernel=3 stride=2 padding=1", 4, {N, 8, 13, 12}, 0, {0}},
    {"max_pool2d", "kernel=2", 4, {N, 3, 7, 9}, 0, {0}},
    {"max_pool2d", "kernel=3 stride=2 ceil=yes", 4, {N, 5, 8, 10}, 0, {0}},
    {"max_pool2d", "kernel=3,2 stride=1,2 padding=1,0,0,1", 4, {N, 4, 6, 7}, 0, {0}},
    {"avg_pool2d", "kernel=3 stride=2 padding=1", 4, {N, 8, 9, 9}, 0, {0}},
    {"avg_pool2d", "kernel=3 stride=2 padding=1 count-padding=no", 4, {N, 8, 9, 9}, 0,
        {0}},
    {"avg_pool2d", "kernel=3 stride=2 padding=1 ceil=yes", 4, {N, 3, 8, 10}, 0, {0}},
    {"avg_pool2d", "kernel=2 ceil=yes count-padding=no", 4, {N, 3, 5, 7}, 0, {0}},
    {"adaptive_avg_pool2d", "size=1", 4, {N, 24, 7, 7}, 0, {0}},
    {"adaptive_avg_pool2d", "size=7", 4, {N, 6, 7, 7}, 0, {0}},
    {"adaptive_avg_pool2d", "size=3,4", 4, {N, 5, 8, 9}, 0, {0}},
    {"adaptive_avg_pool2d", "size=7", 4, {N, 2, 3, 5}, 0, {0}},
    {"adaptive_max_pool2d", "size=2", 4, {N, 8, 6, 6}, 0, {0}},
    {"adaptive_max_pool2d", "size=3,2", 4, {N, 3, 7, 5}, 0, {0}},
    {"add", "", 4, {N, 3, 5, 7}, 1, {N, 3, 5, 7}},
    {"add", "", 4, {N, 8, 5, 7}, 1, {N, 8, 1, 1}},
    {"add", "", 2, {N, 6}, 1, {1, 6}},
    {"multiply", "", 4, {N, 8, 5, 7}, 1, {N, 8, 1, 1}},
    {"multiply", "", 3, {N, 2, 7}, 1, {N, 2, 7}},
    {"multiply", "", 4, {N, 3, 5, 7}, 1, {1, 1, 5, 7}},
    {"concat", "", 4, {N, 8, 3, 5}, 2, {N, 3, 3, 5}},
    {"concat", "axis=-1", 2, {N, 4}, 1, {N, 9}},
    {"concat", "axis=2", 4, {N, 3, 2, 5}, 1, {N, 3, 4, 5}},
    {"flatten", "", 4, {N, 3, 4, 5}, 0, {0}},
    {"flatten", "", 2, {N, 8}, 0, {0}},
    {"dropout", "rate=0.2", 2, {N, 12}, 0, {0}},
    {"linear", "out=10", 3, {N, 5, 37}, 0, {0}},
    {"linear", "out=70 bias=no", 4, {N, 2, 3, 65}, 0, {0}},
    {"layer_norm", "", 2, {N, 19}, 0, {0}},
    {"layer_norm", "epsilon=1e-3", 3, {N, 5, 70}, 0, {0}},
    {"layer_norm", "dims=2", 3, {N, 4, 6}, 0, {0}},
    {"layer_norm", "form=deviation epsilon=1e-6", 3, {N, 5, 8}, 0, {0}},
    {"layer_norm", "form=deviation epsilon=0.1", 2, {N, 33}, 0, {0}},
    {"gelu", "", 3, {N, 5, 7}, 0, {0}},
    {"gelu", "approximate=tanh", 2, {N, 40}, 0, {0}},
    {"conv1d", "out=8 kernel=3", 3, {N, 5, 21}, 0, {0}},
    {"conv1d", "out=16 kernel=3 padding=1", 3, {N, 16, 30}, 0, {0}},
    {"conv1d", "out=6 kernel=4 stride=2 padding=1,2 groups=2 bias=no", 3, {N, 4, 17}, 0,
        {0}},
    {"conv1d", "out=8 kernel=3 groups=8 dilation=2 padding=2", 3, {N, 8, 19}, 0, {0}},
    {"conv3d", "out=6 kernel=3 padding=1", 5, {N, 3, 5, 6, 7}, 0, {0}},
    {"conv3d", "out=16 kernel=1,3,2 stride=1,2,1 padding=0,1,0", 5, {N, 16, 3, 6, 5}, 0,
        {0}},
    {"conv3d", "out=4 kernel=2 padding=1,0,0,0,1,1 groups=2", 5, {N, 4, 3, 4, 4}, 0,
        {0}},
    {"max_pool1d", "kernel=2", 3, {N, 4, 13}, 0, {0}},
    {"max_pool1d", "kernel=3 stride=2 padding=1 ceil=yes", 3, {N, 4, 12}, 0, {0}},
    {"avg_pool1d", "kernel=3 stride=2 padding=1", 3, {N, 5, 11}, 0, {0}},
    {"avg_pool1d", "kernel=3 stride=2 padding=0,1 count-padding=no ceil=yes", 3,
        {N, 5, 10}, 0, {0}},
    {"max_pool3d", "kernel=1,3,3 stride=1,2,2 padding=0,1,1", 5, {N, 3, 3, 7, 6}, 0,
        {0}},
    {"max_pool3d", "kernel=2", 5, {N, 2, 4, 5, 6}, 0, {0}},
    {"avg_pool3d", "kernel=2,3,3 stride=1 padding=1", 5, {N, 2, 4, 5, 6}, 0, {0}},
    {"attention_in", "", 3, {N, 5, 8}, 2, {N, 3, 8}},
    {"attention_in", "bias=no", 3, {N, 4, 6}, 2, {N, 4, 6}},
    {"attention_weights", "heads=2", 3, {N, 5, 8}, 1, {N, 3, 8}},
    {"attention_weights", "causal=yes", 3, {N, 6, 5}, 1, {N, 6, 5}},
    {"lstm", "hidden=5", 3, {N, 4, 3}, 0, {0}},
    {"lstm", "hidden=6 layers=2 bias=no", 3, {N, 3, 7}, 0, {0}},
    {"lstm", "hidden=4 direction=reverse", 3, {N, 5, 3}, 0, {0}},
    {"lstm", "hidden=3 layers=2 direction=both", 3, {N, 4, 5}, 0, {0}},
    {"lstm", "hidden=40", 3, {N, 6, 33}, 0, {0}},
    {"embedding", "rows=7 width=5", 2, {N, 6}, 0, {0}},
    {"embedding", "rows=3 width=2", 3, {N, 2, 4}, 0, {0}},
    {"slice", "axis=1 start=1 stop=-1", 3, {N, 5, 4}, 0, {0}},
    {"slice", "axis=-1 start=-1", 4, {N, 2, 3, 6}, 0, {0}},
    {"slice", "axis=2 start=1 step=3", 3, {N, 2, 9}, 0, {0}},
    {"gather", "axis=1 places=3,0,3,-1", 3, {N, 5, 4}, 0, {0}},
    {"gather", "axis=-1 places=2", 2, {N, 5}, 0, {0}},
    {"sum", "", 3, {N, 5, 4}, 0, {0}},
    {"sum", "dims=1 keep=yes", 3, {N, 5, 4}, 0, {0}},
    {"sum", "dims=1", 2, {N, 6}, 0, {0}},
    {"mean", "dims=1", 3, {N, 5, 4}, 0, {0}},
    {"mean", "dims=-1,1", 4, {N, 3, 4, 5}, 0, {0}},
    {"mean", "dims=2,3 keep=yes", 4, {N, 3, 4, 5}, 0, {0}},
    {"max", "dims=2", 4, {N, 3, 4, 5}, 0, {0}},
    {"max", "dims=1,2", 3, {N, 4, 5}, 0, {0}},
    {"position", "", 3, {N, 5, 4}, 0, {0}},
    {"position", "", 4, {N, 2, 3, 7}, 0, {0}},
    {"project", "out=3", 2, {N, 37}, 0, {0}},
    {"project", "out=8", 3, {N, 5, 70}, 0, {0}},
    {"project", "", 2, {N, 5}, 0, {0}},
    {"reshape", "shape=3,-1", 2, {N, 12}, 0, {0}},
    {"reshape", "shape=20", 4, {N, 2, 5, 2}, 0, {0}},
    {"permute", "order=0,2,1", 3, {N, 5, 4}, 0, {0}},
    {"permute", "order=0,3,1,2", 4, {N, 3, 4, 5}, 0, {0}},
    {"merge_steps", "", 3, {N, 4, 5}, 0, {0}},
    {"merge_steps", "", 5, {N, 2, 3, 4, 5}, 0, {0}},
    {"split_steps", "steps=1", 2, {N, 5}, 0, {0}},
    {"split_steps", "steps=3", 2, {6, 5}, 0, {0}},
    {"split_steps", "steps=3", 3, {6 * N, 2, 5}, 0, {0}},
    {"masked_softmax", "", 2, {N, 5}, 1, {N, 5}},
    {"masked_softmax", "", 3, {N, 2, 7}, 1, {N, 2, 7}},
    {"upsample2d", "scale=2", 4, {N, 3, 4, 5}, 0, {0}},
    {"upsample2d", "size=5,3", 4, {N, 2, 3, 4}, 0, {0}},
    {"upsample2d", "size=7,9 mode=bilinear", 4, {N, 2, 3, 4}, 0, {0}},
    {"upsample2d", "scale=2,3 mode=bilinear align-corners=yes", 4, {N, 2, 3, 4}, 0,
        {0}},
};

/* Rows whose further inputs have another rank than the first; the last one a shape of
 * its own, unless its rank is 0. */
typedef struct mixed_case {
    one_case first;
    int other_rank, last_rank;
    int64_t last[MIEN_RANK_MAX];
} mixed_case;

static const mixed_case mixed[] = {
    {{"attention_weights", "heads=3", 3, {N, 4, 6}, 1, {N, 5, 6}}, 3, 2, {4, 5}},
    {{"attention_weights", "heads=2 causal=yes", 3, {N, 4, 6}, 1, {N, 4, 6}}, 3, 2,
        {N, 4}},
    {{"attention_weights", "heads=2", 3, {N, 4, 6}, 1, {N, 5, 6}}, 3, 3, {N, 4, 5}},
    {{"attention_weights", "heads=2", 3, {N, 4, 6}, 1, {N, 5, 6}}, 3, 4, {N, 2, 4, 5}},
    {{"attention_weights", "heads=2", 3, {N, 4, 6}, 1, {N, 5, 6}}, 3, 4, {N, 1, 4, 5}},
    {{"attention_weights", "mask=keep", 3, {N, 4, 6}, 1, {N, 5, 6}}, 3, 2, {4, 5}},
    {{"attention_mix", "", 4, {N, 2, 5, 3}, 1, {N, 3, 8}}, 3, 0, {0}},
    {{"attention_mix", "", 4, {N, 1, 20, 24}, 1, {N, 24, 40}}, 3, 0, {0}},
    {{"attention_weights", "heads=2 mask=keep", 4, {N, 3, 4, 6}, 1, {N, 3, 5, 6}}, 4, 3,
        {N, 3, 5}},
    {{"attention_weights", "heads=3 causal=yes", 4, {N, 2, 4, 6}, 1, {N, 2, 4, 6}}, 4,
        0, {0}},
    {{"attention_mix", "", 5, {N, 3, 2, 5, 4}, 1, {N, 3, 4, 8}}, 4, 0, {0}},
    {{"masked_mean", "", 3, {N, 4, 6}, 1, {N, 4}}, 2, 0, {0}},
    {{"masked_mean", "", 4, {N, 2, 3, 5}, 1, {N, 2, 3}}, 3, 0, {0}},
    {{"masked_max", "", 3, {N, 4, 6}, 1, {N, 4}}, 2, 0, {0}},
    {{"masked_max", "", 4, {N, 2, 3, 5}, 1, {N, 2, 3}}, 3, 0, {0}},
    {{"masked_last", "", 3, {N, 4, 6}, 1, {N, 4}}, 2, 0, {0}},
    {{"masked_last", "", 4, {N, 2, 3, 5}, 1, {N, 2, 3}}, 3, 0, {0}},
    {{"masked", "", 2, {N, 5}, 1, {N}}, 1, 0, {0}},
    {{"masked", "", 3, {N, 4, 5}, 1, {N, 4}}, 2, 0, {0}},
    {{"masked", "", 4, {N, 2, 3, 3}, 1, {N}}, 1, 0, {0}},
    {{"gather_rows", "", 2, {5, 4}, 1, {N}}, 1, 0, {0}},
    {{"gather_rows", "", 2, {3, 6}, 1, {N, 4}}, 2, 0, {0}},
    {{"gather_rows", "", 4, {4, 2, 3, 3}, 1, {N, 2}}, 2, 0, {0}},
    {{"masked_batch_norm", "", 2, {N, 7}, 1, {N}}, 1, 0, {0}},
    {{"masked_batch_norm", "epsilon=0.01", 3, {N, 4, 5}, 1, {N, 5}}, 2, 0, {0}},
    {{"masked_batch_norm", "", 4, {4 * N, 3, 4, 5}, 1, {4 * N}}, 1, 0, {0}},
    {{"masked_batch_norm", "", 4, {N, 3, 4, 5}, 1, {N, 4, 5}}, 3, 0, {0}},
};
#undef N
#define PLAIN ((int)(sizeof cases / sizeof *cases))
#define CASES (PLAIN + (int)(sizeof mixed / sizeof *mixed))

static mixed_case case_at(int i) {
    mixed_case c = {.first = cases[i < PLAIN ? i : 0]};
    c.other_rank = c.first.rank;
    return i < PLAIN ? c : mixed[i - PLAIN];
}

static void build(int index, mien_graph *graph) {
    mixed_case m = case_at(index);
    const one_case *c = &m.first;
    mien_node inputs[8], y;
    char name[16];
    assert_good(mien_graph_input(graph, "x", c->rank, c->shape, &inputs[0]));
    for (int i = 1; i <= c->others; i++) {
        snprintf(name, sizeof name, "x%d", i);
        assert_good(mien_graph_input(graph, name, m.other_rank, c->other, &inputs[i]));
    }
    int count = 1 + c->others;
    if (m.last_rank) {
        assert_good(
            mien_graph_input(graph, "last", m.last_rank, m.last, &inputs[count++]));
    }
    assert_good(mien_graph_add(graph, c->op, "y", inputs, count, c->options, &y));
}

static void each_row_gives_what_its_plain_c_reference_gives(void **state) {
    (void)state;
    static const int64_t batches[] = {1, 3};
    for (int i = 0; i < CASES; i++) {
        mien_graph *graph = NULL;
        assert_good(mien_graph_new(&graph));
        build(i, graph);
        for (int k = 0; k < 2; k++) {
            nets_check_all(graph, batches[k], true, TOLERANCE);
            nets_check_all(graph, batches[k], false, WINOGRAD_TOLERANCE);
        }
        mien_graph_free(&graph);
    }
}

/* Kinks within the step of a difference, and the steps themselves, leave this much. */
#define SLOPE_TOLERANCE 1e-3

static void each_row_has_the_gradient_that_differences_give(void **state) {
    (void)state;
    for (int i = 0; i < CASES; i++) {
        if (!strcmp(case_at(i).first.op, "dropout")) {
            continue; /* random: tests/nn/test_training.c */
        }
        mien_graph *graph = NULL;
        assert_good(mien_graph_new(&graph));
        build(i, graph);
        nets_check_gradients(graph, 3, true, 24, SLOPE_TOLERANCE);
        nets_check_gradients(graph, 3, false, 24, SLOPE_TOLERANCE);
        mien_graph_free(&graph);
    }
}

static void each_row_has_a_case(void **state) {
    (void)state;
    for (int i = 0; i < mien_op_count(); i++) {
        int found = 0;
        for (int k = 0; k < CASES; k++) {
            found += !strcmp(case_at(k).first.op, mien_op_at(i)->name);
        }
        if (!found) {
            fail_msg("%s has no case here", mien_op_at(i)->name);
        }
    }
}

static void each_row_says_what_it_is(void **state) {
    (void)state;
    for (int i = 0; i < mien_op_count(); i++) {
        const mien_op *op = mien_op_at(i);
        assert_non_null(op->summary);
        assert_non_null(op->shape);
        assert_non_null(op->prepare);
        assert_non_null(op->reference);
        assert_true(!op->options == !op->parse);
        assert_ptr_equal(mien_op_find(op->name), op);
        for (int k = 0; k < i; k++) {
            assert_string_not_equal(mien_op_at(k)->name, op->name);
        }
    }
}

static void each_row_refuses_no_input(void **state) {
    (void)state;
    for (int i = 0; i < mien_op_count(); i++) {
        mien_graph *graph = NULL;
        mien_node y = 77, missing = 5;
        assert_good(mien_graph_new(&graph));
        assert_fails(mien_graph_add(graph, mien_op_at(i)->name, "y", NULL, 0, "", &y),
            MIEN_EINVAL, "0 inputs");
        int count = mien_op_at(i)->inputs_min;
        mien_node inputs[3] = {missing, missing, missing};
        assert_fails(
            mien_graph_add(graph, mien_op_at(i)->name, "y", inputs, count, "", &y),
            MIEN_EINVAL, "no node 5");
        assert_int_equal(y, 77);
        mien_graph_free(&graph);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_row_has_a_case),
        cmocka_unit_test(each_row_says_what_it_is),
        cmocka_unit_test(each_row_refuses_no_input),
        cmocka_unit_test(each_row_gives_what_its_plain_c_reference_gives),
        cmocka_unit_test(each_row_has_the_gradient_that_differences_give),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
