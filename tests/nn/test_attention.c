/* SPDX-License-Identifier: MIT */
/* Attention put together from its rows: names, what masks hide, dropout, refusals. */
#include "nn/nets.h"

#define LENGTH 3
#define WIDTH 4

typedef struct scene {
    mien_graph *graph;
    mien_node x, mask, y, weights;
    mien_parameters *parameters;
} scene;

static scene scene_of(mien_attention_options o, int mask_rank, const int64_t *mask) {
    scene s = {.mask = -1};
    int64_t shape[3] = {MIEN_BATCH, LENGTH, WIDTH};
    assert_good(mien_graph_new(&s.graph));
    assert_good(mien_graph_input(s.graph, "x", 3, shape, &s.x));
    if (mask_rank) {
        assert_good(mien_graph_input(s.graph, "mask", mask_rank, mask, &s.mask));
        o.mask = s.mask;
    }
    assert_good(mien_attention(s.graph, "a", s.x, s.x, s.x, &o, &s.y, &s.weights));
    s.parameters = nets_parameters(s.graph, 2);
    return s;
}

static mien_plan *plan_of(const scene *s, mien_mode mode) {
    mien_plan_options options = mien_plan_options_default();
    mien_node outputs[2] = {s->y, s->weights};
    mien_plan *plan = NULL;
    options.mode = mode;
    options.batch = 2;
    options.outputs = outputs;
    options.outputs_count = 2;
    options.measure = false;
    options.input_gradients = mode == MIEN_TRAIN;
    assert_good(mien_plan_new(s->graph, s->parameters, &options, &plan));
    nets_fill(mien_plan_input(plan, s->x), 2 * LENGTH * WIDTH, 3);
    return plan;
}

static void scene_clear(scene *s, mien_plan **plan) {
    mien_plan_free(plan);
    mien_parameters_free(&s->parameters);
    mien_graph_free(&s->graph);
}

static void its_parameters_have_the_names_of_pytorch(void **state) {
    (void)state;
    static const char *const names[] = {
        "a.in_proj_weight", "a.in_proj_bias", "a.out_proj.weight", "a.out_proj.bias"};
    scene s = scene_of(mien_attention_options_of(2), 0, NULL);
    mien_plan *none = NULL;
    assert_int_equal(mien_parameters_count(s.parameters), 4);
    for (int i = 0; i < 4; i++) {
        assert_int_equal(mien_parameters_find(s.parameters, names[i]), i);
    }
    assert_int_equal(mien_graph_find(s.graph, "a.weights"), s.weights);
    scene_clear(&s, &none);
}

static void causal_queries_see_nothing_of_what_follows(void **state) {
    (void)state;
    mien_attention_options o = mien_attention_options_of(2);
    o.causal = true;
    scene s = scene_of(o, 0, NULL);
    mien_plan *plan = plan_of(&s, MIEN_INFER);
    assert_good(mien_plan_run(plan));
    const float *w = mien_plan_output(plan, 1)->data;
    for (int row = 0; row < 2 * 2 * LENGTH; row++) {
        double sum = 0;
        for (int k = 0; k < LENGTH; k++) {
            assert_true((w[row * LENGTH + k] == 0) == (k > row % LENGTH));
            sum += (double)w[row * LENGTH + k];
        }
        assert_near(sum, 1, 1e-6);
    }
    scene_clear(&s, &plan);
}

/* Rules keep and hide, of keys: each is the other's opposite. An item that sees nothing
 * looks at nothing, and nothing comes back from it. */
static void what_a_mask_hides_is_not_seen(void **state) {
    (void)state;
    static const float seen[2][LENGTH] = {{1, 0, 1}, {0, 0, 0}};
    int64_t shape[2] = {MIEN_BATCH, LENGTH};
    for (int hide = 0; hide < 2; hide++) {
        mien_attention_options o = mien_attention_options_of(2);
        o.mask_rule = hide ? MIEN_MASK_HIDE : MIEN_MASK_KEEP;
        scene s = scene_of(o, 2, shape);
        mien_plan *plan = plan_of(&s, MIEN_TRAIN);
        float *mask = mien_plan_input(plan, s.mask);
        for (int i = 0; i < 2 * LENGTH; i++) {
            mask[i] =
                hide ? 1 - seen[i / LENGTH][i % LENGTH] : seen[i / LENGTH][i % LENGTH];
        }
        assert_good(mien_plan_run(plan));
        const float *w = mien_plan_output(plan, 1)->data;
        for (int i = 0; i < 2 * 2 * LENGTH * LENGTH; i++) {
            int n = i / (2 * LENGTH * LENGTH);
            assert_true((w[i] > 0) == (seen[n][i % LENGTH] != 0));
        }
        nets_fill(mien_plan_output_gradient(plan, 0), 2 * LENGTH * WIDTH, 4);
        nets_fill(mien_plan_output_gradient(plan, 1), 4 * LENGTH * LENGTH, 5);
        assert_good(mien_plan_backward(plan));
        const float *dx = mien_plan_input_gradient(plan, s.x)->data;
        for (int i = 0; i < LENGTH * WIDTH; i++) {
            assert_true(dx[i] != 0 && dx[LENGTH * WIDTH + i] == 0);
        }
        scene_clear(&s, &plan);
    }
}

static void dropout_of_weights_is_seen_in_training_only(void **state) {
    (void)state;
    mien_attention_options o = mien_attention_options_of(2);
    o.dropout = 0.5;
    scene s = scene_of(o, 0, NULL);
    for (int train = 0; train < 2; train++) {
        mien_plan *plan = plan_of(&s, train ? MIEN_TRAIN : MIEN_INFER);
        int zeros = 0;
        assert_good(mien_plan_run(plan));
        const float *w = mien_plan_output(plan, 1)->data;
        for (int i = 0; i < 4 * LENGTH * LENGTH; i++) {
            zeros += w[i] == 0;
        }
        assert_in_range(
            zeros, train ? 8 : 0, train ? 28 : 0); /* of 36: 3.3 deviations */
        mien_plan_free(&plan);
    }
    mien_parameters_free(&s.parameters);
    mien_graph_free(&s.graph);
}

static void masks_and_heads_that_do_not_fit_are_refused(void **state) {
    (void)state;
    int64_t shape[3] = {MIEN_BATCH, LENGTH, WIDTH}, other[3] = {MIEN_BATCH, 5, 6};
    mien_attention_options o = mien_attention_options_of(3);
    mien_graph *graph = NULL;
    mien_node x, z, y = 77;
    assert_good(mien_graph_new(&graph));
    assert_good(mien_graph_input(graph, "x", 3, shape, &x));
    assert_good(mien_graph_input(graph, "z", 3, other, &z));
    assert_fails(mien_attention(graph, "a", x, x, x, &o, &y, NULL), MIEN_ESHAPE,
        "3 heads do not divide 4 features");
    o.heads = 2;
    assert_fails(mien_attention(graph, "b", x, z, z, &o, &y, NULL), MIEN_ESHAPE,
        "query [N, T, D]");
    o.mask = z;
    assert_fails(mien_attention(graph, "c", x, x, x, &o, &y, NULL), MIEN_ESHAPE,
        "a mask [N, 5, 6] is none of");
    o.mask_rule = (mien_mask_rule)7;
    assert_fails(mien_attention(graph, "d", x, x, x, &o, &y, NULL), MIEN_EINVAL,
        "no mask rule 7");
    assert_int_equal(y, 77);
    mien_graph_free(&graph);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(its_parameters_have_the_names_of_pytorch),
        cmocka_unit_test(causal_queries_see_nothing_of_what_follows),
        cmocka_unit_test(what_a_mask_hides_is_not_seen),
        cmocka_unit_test(dropout_of_weights_is_seen_in_training_only),
        cmocka_unit_test(masks_and_heads_that_do_not_fit_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
