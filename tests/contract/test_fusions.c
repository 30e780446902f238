/* SPDX-License-Identifier: MIT */
/* Every row of fusions.def: its texts, what is missing, that it learns. */
#include "support/support.h"

#include <math.h>
#include <string.h>

#include "models/assembled.h"
#include "models/drawn.h"

enum { ROWS = 4, WIDTH = 6, OUTPUTS = 2, INPUTS_MAX = 2 };

/* As many inputs as the row takes, up to two that may be missing, each projected to
 * WIDTH values; a head of one layer. */
static int assemble(const mien_fusion_kind *kind, mien_architecture *a) {
    for (int inputs = INPUTS_MAX; inputs > 0; inputs--) {
        *a = mien_architecture_default();
        a->outputs = OUTPUTS;
        a->context_before = kind->temporal ? 1 : 0;
        for (int i = 0; i < inputs; i++) {
            assert_good(assembled_features(a, i ? "b" : "a", 3 + i, true));
            assert_good(assembled_stage(a, i, "project", "width=6"));
        }
        assert_good(assembled_fusion(a, kind->name, ""));
        if (mien_architecture_check(a) == MIEN_OK) {
            return inputs;
        }
    }
    fail_msg("%s takes neither one nor two inputs: %s", kind->name, mien_error());
    return 0;
}

typedef struct net {
    mien_architecture a;
    mien_graph *graph;
    mien_parameters *p;
    mien_plan *plan;
    mien_network_nodes nodes;
    int64_t steps;
    int inputs;
} net;

static void net_init(net *n, const mien_fusion_kind *kind, mien_mode mode) {
    *n = (net){0};
    mien_plan_options o = mien_plan_options_default();
    n->inputs = assemble(kind, &n->a);
    n->steps = mien_architecture_steps(&n->a);
    assert_good(mien_graph_new(&n->graph));
    assert_good(mien_architecture_build(&n->a, n->graph, &n->nodes));
    assert_good(mien_parameters_new(n->graph, &n->p));
    drawn_parameters(n->p);
    o.mode = mode;
    o.batch = ROWS;
    o.threads = 1;
    o.measure = false;
    o.no_dropout = true;
    o.outputs = &n->nodes.output;
    o.outputs_count = 1;
    assert_good(mien_plan_new(n->graph, n->p, &o, &n->plan));
}

static void net_clear(net *n) {
    mien_plan_free(&n->plan);
    mien_parameters_free(&n->p);
    mien_graph_free(&n->graph);
}

/* Row 0 lacks the last input, whose values are zeros then. */
static void fill(net *n, bool missing) {
    float *mask = mien_plan_input(n->plan, n->nodes.mask);
    for (int i = 0; i < n->inputs; i++) {
        float *x = mien_plan_input(n->plan, n->nodes.inputs[i]);
        int64_t each = n->steps * n->a.inputs[i].shape.size[0];
        for (int64_t k = 0; k < ROWS * each; k++) {
            bool zero = missing && i == n->inputs - 1 && k < each;
            x[k] = zero ? 0 : sinf(1.7f * (float)(k * k) + (float)i);
        }
    }
    for (int64_t k = 0; k < ROWS * n->steps * n->inputs; k++) {
        bool first = k < n->steps * n->inputs;
        mask[k] = missing && first && k % n->inputs == n->inputs - 1 ? 0 : 1;
    }
}

static const float *run(net *n) {
    assert_good(mien_plan_run(n->plan));
    return mien_plan_output(n->plan, 0)->data;
}

static void each_row_says_what_it_is(void **state) {
    (void)state;
    for (int i = 0; i < mien_fusion_kind_count(); i++) {
        const mien_fusion_kind *kind = mien_fusion_kind_at(i), *found = NULL;
        assert_true(kind->name && kind->summary && kind->options && kind->build);
        assert_good(mien_fusion_kind_find(kind->name, &found));
        assert_ptr_equal(found, kind);
        for (int k = 0; kind->options[k].name; k++) {
            assert_true(kind->options[k].help && kind->options[k].initial);
        }
    }
}

static void a_missing_input_is_seen_in_its_row_alone(void **state) {
    (void)state;
    for (int i = 0; i < mien_fusion_kind_count(); i++) {
        float whole[ROWS * OUTPUTS];
        net n;
        net_init(&n, mien_fusion_kind_at(i), MIEN_INFER);
        fill(&n, false);
        memcpy(whole, run(&n), sizeof whole);
        fill(&n, true);
        const float *y = run(&n);
        for (int k = 0; k < OUTPUTS; k++) {
            if (!(fabsf(y[k] - whole[k]) > 1e-5f) || !isfinite(y[k])) {
                fail_msg("%s: %g of a row that lacks an input, %g with it",
                    mien_fusion_kind_at(i)->name, (double)y[k], (double)whole[k]);
            }
        }
        assert_close(y + OUTPUTS, whole + OUTPUTS, (ROWS - 1) * OUTPUTS, 1e-6, 1e-6);
        net_clear(&n);
    }
}

/* The gradient of an input's projection (its bias: zeros hide what reaches the
 * weights), of a loss on row 0 alone. */
static double gradient_of(net *n, int input) {
    char name[32];
    double sum = 0;
    snprintf(name, sizeof name, "%s.0.bias", n->a.inputs[input].name);
    const mien_tensor *g =
        mien_plan_gradient(n->plan, mien_parameters_find(n->p, name));
    for (int64_t k = 0; g && k < mien_tensor_count(g); k++) {
        sum += fabs((double)((const float *)g->data)[k]);
    }
    return sum;
}

static void no_gradient_comes_to_what_is_missing(void **state) {
    (void)state;
    for (int i = 0; i < mien_fusion_kind_count(); i++) {
        net n;
        net_init(&n, mien_fusion_kind_at(i), MIEN_TRAIN);
        for (int missing = 0; missing < 2; missing++) {
            fill(&n, missing);
            run(&n);
            float *dy = mien_plan_output_gradient(n.plan, 0);
            for (int k = 0; k < ROWS * OUTPUTS; k++) {
                dy[k] = k < OUTPUTS ? 1 : 0;
            }
            assert_good(mien_plan_backward(n.plan));
            double sum = gradient_of(&n, n.inputs - 1);
            if (missing ? sum != 0 : !(sum > 1e-6)) {
                fail_msg("%s: a gradient of %g where the input is %s",
                    mien_fusion_kind_at(i)->name, sum, missing ? "missing" : "there");
            }
        }
        net_clear(&n);
    }
}

static double loss_of(net *n) {
    const float *y = run(n);
    float *dy = mien_plan_output_gradient(n->plan, 0);
    double sum = 0;
    for (int k = 0; k < ROWS * OUTPUTS; k++) {
        float d = y[k] - (k % 3 ? 0.3f : -0.4f);
        sum += (double)(d * d);
        dy[k] = 2 * d / (ROWS * OUTPUTS);
    }
    return sum / (ROWS * OUTPUTS);
}

static void each_row_goes_downhill(void **state) {
    (void)state;
    for (int i = 0; i < mien_fusion_kind_count(); i++) {
        net n;
        net_init(&n, mien_fusion_kind_at(i), MIEN_TRAIN);
        fill(&n, true);
        double first = loss_of(&n);
        for (int step = 0; step < 200; step++) {
            loss_of(&n);
            assert_good(mien_plan_backward(n.plan));
            for (int64_t p = 0; p < mien_parameters_count(n.p); p++) {
                const mien_tensor *g = mien_plan_gradient(n.plan, p);
                float *x = mien_parameters_at(n.p, p)->data;
                for (int64_t k = 0; g && k < mien_tensor_count(g); k++) {
                    x[k] -= 0.02f * ((const float *)g->data)[k];
                }
            }
            assert_good(mien_plan_refresh(n.plan));
        }
        double last = loss_of(&n);
        if (!(last < 0.5 * first)) {
            fail_msg("%s: loss %g, then %g", mien_fusion_kind_at(i)->name, first, last);
        }
        net_clear(&n);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_row_says_what_it_is),
        cmocka_unit_test(a_missing_input_is_seen_in_its_row_alone),
        cmocka_unit_test(no_gradient_comes_to_what_is_missing),
        cmocka_unit_test(each_row_goes_downhill),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
