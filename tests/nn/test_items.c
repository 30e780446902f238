/* SPDX-License-Identifier: MIT */
/* Lists of items in a network: distinct items computed once and taken by rows, steps
 * made rows of the batch, and masks of what is missing. */
#include <math.h>
#include <string.h>

#include "nn/nets.h"

#define ROWS 3
#define STEPS 4
#define ITEMS 5
#define PIXELS (3 * 6 * 6)

static mien_node conv_of(mien_graph *g, mien_node x) {
    mien_conv2d_options o = mien_conv2d_options_of(4, 3, 1, 1);
    mien_node y;
    o.bias = false; /* before a batch-norm its gradient would be 0 */
    assert_good(mien_conv2d(g, "conv", x, &o, &y));
    assert_good(mien_batch_norm(g, "bn", y, 1e-5, 0.1, &y));
    assert_good(mien_activate(g, "relu", y, MIEN_RELU, 0, &y));
    assert_good(mien_flatten(g, "flat", y, &y));
    assert_good(mien_linear(g, "fc", y, 6, true, &y));
    return y;
}

/* Pictures of steps, each step through one network. */
static mien_graph *over_steps(mien_node *x, mien_node *y) {
    mien_graph *g = NULL;
    const int64_t shape[] = {MIEN_BATCH, STEPS, 3, 6, 6};
    assert_good(mien_graph_new(&g));
    assert_good(mien_graph_input(g, "x", 5, shape, x));
    assert_good(mien_merge_steps(g, "rows", *x, y));
    *y = conv_of(g, *y);
    assert_good(mien_split_steps(g, "steps", *y, STEPS, y));
    return g;
}

static void steps_are_read_as_rows_of_the_batch(void **state) {
    (void)state;
    mien_node x, y, one;
    int64_t shape[MIEN_RANK_MAX];
    char text[64];
    mien_graph *steps = over_steps(&x, &y), *single = NULL;
    assert_int_equal(mien_graph_shape(steps, y, shape), 3);
    assert_int_equal(shape[0], MIEN_BATCH);
    assert_int_equal(shape[1], STEPS);
    mien_node_shape_text(
        mien_graph_at(steps, mien_graph_find(steps, "conv")), text, 64);
    assert_string_equal(text, "[4N, 4, 6, 6]");
    nets_check_all(steps, 5, true, 2e-6); /* in micro-batches of two as well */
    nets_check_gradients(steps, ROWS, true, 24, 1e-3);

    assert_good(mien_graph_new(&single));
    assert_good(
        mien_graph_input(single, "x", 4, (int64_t[]){MIEN_BATCH, 3, 6, 6}, &one));
    conv_of(single, one);
    mien_parameters *p = nets_parameters(steps, 3), *q = nets_parameters(single, 3);
    mien_plan_options o = mien_plan_options_default();
    mien_plan *many = NULL, *each = NULL;
    o.measure = false;
    o.batch = ROWS;
    assert_good(mien_plan_new(steps, p, &o, &many));
    o.batch = ROWS * STEPS;
    assert_good(mien_plan_new(single, q, &o, &each));
    nets_fill(mien_plan_input(many, x), ROWS * STEPS * PIXELS, 1);
    nets_fill(mien_plan_input(each, one), ROWS * STEPS * PIXELS, 1);
    assert_good(mien_plan_run(many));
    assert_good(mien_plan_run(each));
    assert_memory_equal(mien_plan_output(many, 0)->data,
        mien_plan_output(each, 0)->data, ROWS * STEPS * 6 * sizeof(float));
    mien_plan_free(&each);
    mien_plan_free(&many);
    mien_parameters_free(&q);
    mien_parameters_free(&p);
    mien_graph_free(&single);
    mien_graph_free(&steps);
}

static void what_is_no_multiple_of_steps_is_refused(void **state) {
    (void)state;
    mien_graph *g = NULL;
    mien_node x, y;
    assert_good(mien_graph_new(&g));
    assert_good(mien_graph_input(g, "x", 3, (int64_t[]){MIEN_BATCH, 6, 2}, &x));
    assert_fails(mien_split_steps(g, "a", x, 3, &y), MIEN_ESHAPE, "no multiple of 3");
    assert_good(mien_merge_steps(g, "rows", x, &y));
    assert_fails(mien_split_steps(g, "b", y, 4, &y), MIEN_ESHAPE, "no multiple of 4");
    assert_good(mien_split_steps(g, "c", y, 2, &y));
    assert_good(mien_merge_steps(g, "d", y, &y));
    mien_graph_free(&g);
}

/* Pictures [U, …] through a network once each, then the lists of each row, pooled. */
static mien_graph *of_items(mien_node *items, mien_node *index, mien_node *mask) {
    mien_graph *g = NULL;
    mien_node y, parts[3];
    assert_good(mien_graph_new(&g));
    assert_good(mien_graph_input(g, "items", 4, (int64_t[]){ITEMS, 3, 6, 6}, items));
    assert_good(mien_graph_input(g, "index", 2, (int64_t[]){MIEN_BATCH, STEPS}, index));
    assert_good(mien_graph_input(g, "mask", 2, (int64_t[]){MIEN_BATCH, STEPS}, mask));
    y = conv_of(g, *items);
    assert_good(mien_gather_rows(g, "list", y, *index, &y));
    assert_good(mien_masked_mean(g, "mean", y, *mask, &parts[0]));
    assert_good(mien_masked_max(g, "max", y, *mask, &parts[1]));
    /* a pool by attention: scores of each item, softmax among those there, their mix */
    mien_node scores;
    assert_good(mien_linear(g, "score", y, 1, true, &scores));
    assert_good(mien_reshape(g, "scores", scores, (int64_t[]){STEPS}, 1, &scores));
    assert_good(mien_masked_softmax(g, "weights", scores, *mask, &scores));
    assert_good(mien_reshape(g, "heads", scores, (int64_t[]){1, 1, STEPS}, 3, &scores));
    assert_good(mien_attention_mix(g, "mix", scores, y, &parts[2]));
    assert_good(mien_flatten(g, "mixed", parts[2], &parts[2]));
    assert_good(mien_concat(g, "all", parts, 3, 1, &y));
    return g;
}

static void items_are_computed_once_and_pooled_by_lists(void **state) {
    (void)state;
    mien_node items, index, mask;
    mien_graph *g = of_items(&items, &index, &mask);
    nets_check_all(g, ROWS, true, 5e-6);
    nets_check_gradients(g, ROWS, true, 24, 1e-3);
    mien_graph_free(&g);
}

static void a_missing_item_is_zeros_and_a_wrong_number_is_seen(void **state) {
    (void)state;
    mien_graph *g = NULL;
    mien_node items, index, y;
    mien_parameters *p = NULL;
    mien_plan *plan = NULL;
    mien_plan_options o = mien_plan_options_default();
    assert_good(mien_graph_new(&g));
    assert_good(mien_graph_input(g, "items", 2, (int64_t[]){2, 3}, &items));
    assert_good(mien_graph_input(g, "index", 1, (int64_t[]){MIEN_BATCH}, &index));
    assert_good(mien_gather_rows(g, "y", items, index, &y));
    assert_fails(mien_gather_rows(g, "z", index, items, &y), MIEN_ESHAPE, "U fixed");
    assert_good(mien_parameters_new(g, &p));
    o.batch = 4;
    assert_good(mien_plan_new(g, p, &o, &plan));
    memcpy(
        mien_plan_input(plan, items), (float[]){1, 2, 3, 4, 5, 6}, 6 * sizeof(float));
    memcpy(mien_plan_input(plan, index), (float[]){1, -1, 2, 0}, 4 * sizeof(float));
    assert_good(mien_plan_run(plan));
    const float *got = mien_plan_output(plan, 0)->data;
    assert_memory_equal(got, ((float[]){4, 5, 6, 0, 0, 0}), 6 * sizeof(float));
    assert_true(isnan(got[6]) && isnan(got[8]));
    assert_memory_equal(got + 9, ((float[]){1, 2, 3}), 3 * sizeof(float));
    mien_plan_free(&plan);
    mien_parameters_free(&p);
    mien_graph_free(&g);
}

static void what_is_masked_gives_nothing_even_if_it_is_no_number(void **state) {
    (void)state;
    mien_graph *g = NULL;
    mien_node x, mask, y, outputs[4];
    mien_parameters *p = NULL;
    mien_plan *plan = NULL;
    mien_plan_options o = mien_plan_options_default();
    assert_good(mien_graph_new(&g));
    assert_good(mien_graph_input(g, "x", 3, (int64_t[]){MIEN_BATCH, 2, 2}, &x));
    assert_good(mien_graph_input(g, "mask", 2, (int64_t[]){MIEN_BATCH, 2}, &mask));
    assert_good(mien_masked(g, "masked", x, mask, &outputs[0]));
    assert_good(mien_masked_max(g, "max", x, mask, &outputs[1]));
    assert_good(mien_masked_last(g, "last", x, mask, &outputs[2]));
    assert_good(mien_slice(g, "first", x, 2, 0, 1, &y));
    assert_good(mien_reshape(g, "scores", y, (int64_t[]){2}, 1, &y));
    assert_good(mien_masked_softmax(g, "softmax", y, mask, &outputs[3]));
    assert_good(mien_parameters_new(g, &p));
    o.batch = 2;
    o.mode = MIEN_TRAIN;
    o.input_gradients = true;
    o.outputs = outputs;
    o.outputs_count = 4;
    assert_good(mien_plan_new(g, p, &o, &plan));
    memcpy(mien_plan_input(plan, x),
        (float[]){-3, -4, NAN, INFINITY, NAN, NAN, NAN, NAN}, 8 * sizeof(float));
    memcpy(mien_plan_input(plan, mask), (float[]){1, 0, 0, 0}, 4 * sizeof(float));
    assert_good(mien_plan_run(plan));
    const float want[4][8] = {{-3, -4}, {-3, -4}, {-3, -4}, {1}};
    const size_t counts[4] = {8, 4, 4, 4};
    for (int i = 0; i < 4; i++) {
        assert_memory_equal(
            mien_plan_output(plan, i)->data, want[i], counts[i] * sizeof(float));
        float *dy = mien_plan_output_gradient(plan, i);
        for (size_t k = 0; k < counts[i]; k++) {
            dy[k] = i < 3 ? 1 : 0;
        }
    }
    assert_good(mien_plan_backward(plan));
    assert_memory_equal(mien_plan_input_gradient(plan, x)->data,
        ((float[]){3, 3, 0, 0, 0, 0, 0, 0}), 8 * sizeof(float));
    mien_plan_free(&plan);
    mien_parameters_free(&p);
    mien_graph_free(&g);
}

/* ---- batch-norm -------------------------------------------------------------------
 */

typedef struct normed {
    mien_graph *graph;
    mien_parameters *p;
    mien_plan *plan;
    mien_node x, mask;
} normed;

static normed norm_by(bool masks, mien_mode mode, bool by_batch, int64_t batch) {
    normed n = {.mask = -1};
    mien_node y;
    mien_conv2d_options c = mien_conv2d_options_of(5, 3, 1, 1);
    mien_plan_options o = mien_plan_options_default();
    assert_good(mien_graph_new(&n.graph));
    assert_good(
        mien_graph_input(n.graph, "x", 4, (int64_t[]){MIEN_BATCH, 3, 4, 4}, &n.x));
    if (masks) {
        assert_good(
            mien_graph_input(n.graph, "mask", 1, (int64_t[]){MIEN_BATCH}, &n.mask));
    }
    assert_good(mien_conv2d(n.graph, "conv", n.x, &c, &y));
    assert_good(masks ? mien_masked_batch_norm(n.graph, "bn", y, n.mask, 1e-5, 0.1, &y)
                      : mien_batch_norm(n.graph, "bn", y, 1e-5, 0.1, &y));
    n.p = nets_parameters(n.graph, 4);
    o.mode = mode;
    o.batch = batch;
    o.exact = true;
    o.measure = false;
    o.batch_statistics = by_batch;
    assert_good(mien_plan_new(n.graph, n.p, &o, &n.plan));
    nets_fill(mien_plan_input(n.plan, n.x), batch * 3 * 16, 9);
    return n;
}

static normed norm_of(bool masks, mien_mode mode, int64_t batch) {
    return norm_by(masks, mode, false, batch);
}

static void norm_clear(normed *n) {
    mien_plan_free(&n->plan);
    mien_parameters_free(&n->p);
    mien_graph_free(&n->graph);
}

static const float *values_of(const normed *n, const char *name) {
    int64_t i = mien_parameters_find(n->p, name);
    assert_true(i >= 0);
    return mien_parameters_at(n->p, i)->data;
}

/* Three of five rows are there: they come out as in a batch of three, and move the
 * running statistics as that batch does. */
static void rows_that_are_missing_have_no_say_in_the_statistics(void **state) {
    (void)state;
    normed five = norm_of(true, MIEN_TRAIN, 5), three = norm_of(false, MIEN_TRAIN, 3);
    memcpy(mien_plan_input(five.plan, five.mask), (float[]){1, 1, 1, 0, 0},
        5 * sizeof(float));
    for (int i = 3 * 48; i < 5 * 48; i++) {
        mien_plan_input(five.plan, five.x)[i] *= 100;
    }
    assert_good(mien_plan_run(five.plan));
    assert_good(mien_plan_run(three.plan));
    assert_close(mien_plan_output(five.plan, 0)->data,
        mien_plan_output(three.plan, 0)->data, 3 * 5 * 16, 1e-5, 1e-5);
    assert_close(values_of(&five, "bn.running_mean"),
        values_of(&three, "bn.running_mean"), 5, 1e-6, 1e-6);
    assert_close(values_of(&five, "bn.running_var"),
        values_of(&three, "bn.running_var"), 5, 1e-6, 1e-5);
    norm_clear(&five);
    norm_clear(&three);
}

static void where_nothing_is_there_the_running_statistics_are_used_and_stay(
    void **state) {
    (void)state;
    normed n = norm_of(true, MIEN_TRAIN, 4), still = norm_of(false, MIEN_INFER, 4);
    float before[5];
    memcpy(before, values_of(&n, "bn.running_var"), sizeof before);
    memset(mien_plan_input(n.plan, n.mask), 0, 4 * sizeof(float));
    assert_good(mien_plan_run(n.plan));
    assert_good(mien_plan_run(still.plan));
    assert_close(mien_plan_output(n.plan, 0)->data,
        mien_plan_output(still.plan, 0)->data, 4 * 5 * 16, 1e-5, 1e-5);
    assert_memory_equal(values_of(&n, "bn.running_var"), before, sizeof before);
    norm_clear(&still);
    norm_clear(&n);
}

/* As in training, but the running statistics stay. */
static void inference_may_use_the_statistics_of_the_batch(void **state) {
    (void)state;
    normed train = norm_of(false, MIEN_TRAIN, 6),
           infer = norm_by(false, MIEN_INFER, true, 6),
           usual = norm_of(false, MIEN_INFER, 6);
    float before[5], away = 0;
    memcpy(before, values_of(&infer, "bn.running_var"), sizeof before);
    assert_good(mien_plan_run(train.plan));
    assert_good(mien_plan_run(usual.plan));
    for (int turn = 0; turn < 2; turn++) {
        nets_fill(mien_plan_input(infer.plan, infer.x), 6 * 3 * 16, 9);
        assert_good(mien_plan_run(infer.plan));
        assert_close(mien_plan_output(infer.plan, 0)->data,
            mien_plan_output(train.plan, 0)->data, 6 * 5 * 16, 1e-5, 1e-5);
    }
    const float *a = mien_plan_output(infer.plan, 0)->data,
                *b = mien_plan_output(usual.plan, 0)->data;
    for (int i = 0; i < 6 * 5 * 16; i++) {
        away = fmaxf(away, fabsf(a[i] - b[i]));
    }
    assert_true(away > 0.01F);
    assert_memory_equal(values_of(&infer, "bn.running_var"), before, sizeof before);
    norm_clear(&usual);
    norm_clear(&infer);
    norm_clear(&train);
}

/* It costs nothing when inferring: it folds into the convolution as one without a mask.
 */
static void a_masked_batch_norm_folds_when_inferring(void **state) {
    (void)state;
    normed with = norm_of(true, MIEN_INFER, 3), without = norm_of(false, MIEN_INFER, 3);
    assert_int_equal(mien_plan_describe(with.plan).operators,
        mien_plan_describe(without.plan).operators);
    assert_good(mien_plan_run(with.plan));
    assert_good(mien_plan_run(without.plan));
    assert_memory_equal(mien_plan_output(with.plan, 0)->data,
        mien_plan_output(without.plan, 0)->data, 3 * 5 * 16 * sizeof(float));
    norm_clear(&with);
    norm_clear(&without);
}

/* A mask that a network computes is no place for the norm to fold into. */
static void a_mask_that_is_computed_stays_a_mask(void **state) {
    (void)state;
    mien_graph *g = NULL;
    mien_node x, y, mask;
    assert_good(mien_graph_new(&g));
    assert_good(mien_graph_input(g, "x", 2, (int64_t[]){MIEN_BATCH, 4}, &x));
    assert_good(mien_graph_input(g, "m", 3, (int64_t[]){MIEN_BATCH, 4, 4}, &y));
    assert_good(mien_linear(g, "fc", x, 4, true, &mask));
    assert_good(mien_masked_batch_norm(g, "bn", y, mask, 1e-5, 0.1, &y));
    nets_check_all(g, 3, true, 2e-6);
    mien_graph_free(&g);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(steps_are_read_as_rows_of_the_batch),
        cmocka_unit_test(what_is_no_multiple_of_steps_is_refused),
        cmocka_unit_test(items_are_computed_once_and_pooled_by_lists),
        cmocka_unit_test(a_missing_item_is_zeros_and_a_wrong_number_is_seen),
        cmocka_unit_test(what_is_masked_gives_nothing_even_if_it_is_no_number),
        cmocka_unit_test(rows_that_are_missing_have_no_say_in_the_statistics),
        cmocka_unit_test(
            where_nothing_is_there_the_running_statistics_are_used_and_stay),
        cmocka_unit_test(inference_may_use_the_statistics_of_the_batch),
        cmocka_unit_test(a_masked_batch_norm_folds_when_inferring),
        cmocka_unit_test(a_mask_that_is_computed_stays_a_mask),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
