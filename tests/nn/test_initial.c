/* SPDX-License-Identifier: MIT */
/* Rules of first weights: their spread, and that they depend on names and seed alone.
 */
#include <math.h>
#include <string.h>

#include "mien/nn.h"
#include "support/support.h"

enum { IN = 60, OUT = 200 };

/* Parameters lend their graph's names. */
static mien_graph *graph;

static int tear_down(void **state) {
    (void)state;
    mien_graph_free(&graph);
    return 0;
}

static mien_parameters *layers(void) {
    mien_node x;
    const int64_t shape[] = {MIEN_BATCH, IN};
    mien_parameters *p = NULL;
    if (!graph) {
        assert_good(mien_graph_new(&graph));
        assert_good(mien_graph_input(graph, "x", 2, shape, &x));
        assert_good(mien_linear(graph, "a", x, OUT, true, &x));
        assert_good(mien_linear(graph, "b", x, OUT, true, &x));
    }
    assert_good(mien_parameters_new(graph, &p));
    mien_parameters_randomize(p, 1);
    return p;
}

static void spread_of(mien_parameters *p, const char *name, double *sd, double *most) {
    const mien_tensor *t = mien_parameters_at(p, mien_parameters_find(p, name));
    const float *x = t->data;
    int64_t n = mien_tensor_count(t);
    double sum = 0;
    *most = 0;
    for (int64_t i = 0; i < n; i++) {
        sum += (double)x[i] * (double)x[i];
        *most = fmax(*most, fabs((double)x[i]));
    }
    *sd = sqrt(sum / (double)n);
}

static void every_rule_has_its_spread(void **state) {
    (void)state;
    const double in = IN, out = OUT;
    const struct {
        const char *rule;
        double sd, most; /* most 0: without bound */
    } cases[] = {{"zero", 0, 0}, {"normal", 0.02, 0},
        {"xavier_uniform", sqrt(2 / (in + out)), sqrt(6 / (in + out))},
        {"xavier_normal", sqrt(2 / (in + out)), 0},
        {"he_uniform", sqrt(2 / in), sqrt(6 / in)}, {"he_normal", sqrt(2 / in), 0}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        mien_parameters *p = layers();
        int64_t count = 0;
        double sd, most;
        assert_good(mien_parameters_initialise(p, "a.*", cases[i].rule, 7, &count));
        assert_int_equal(count, 2);
        spread_of(p, "a.weight", &sd, &most);
        assert_near(sd, cases[i].sd, 0.03 * cases[i].sd);
        if (cases[i].most > 0) {
            assert_true(most <= cases[i].most && most > 0.99 * cases[i].most);
        }
        spread_of(p, "a.bias", &sd, &most);
        assert_near(sd, i == 1 ? 0.02 : 0, i == 1 ? 0.004 : 0);
        mien_parameters_free(&p);
    }
}

static void draws_depend_on_name_and_seed(void **state) {
    (void)state;
    mien_parameters *p = layers(), *q = layers();
    int64_t count = 0;
    size_t bytes = (size_t)IN * OUT * sizeof(float);
    assert_good(mien_parameters_initialise(p, "*", "he_normal", 7, &count));
    assert_int_equal(count, 4);
    assert_good(mien_parameters_initialise(q, "a.weight", "he_normal", 7, &count));
    assert_int_equal(count, 1);
    const void *first = mien_parameters_at(p, 0)->data;
    assert_memory_equal(first, mien_parameters_at(q, 0)->data, bytes);
    assert_good(mien_parameters_initialise(q, "a.weight", "he_normal", 8, &count));
    assert_true(memcmp(first, mien_parameters_at(q, 0)->data, bytes) != 0);
    assert_true(memcmp(first, mien_parameters_at(p, 2)->data, bytes) != 0);
    mien_parameters_free(&q);
    mien_parameters_free(&p);
}

static void an_unknown_rule_lists_those_there_are(void **state) {
    (void)state;
    assert_fails(mien_initial_check("orthogonal"), MIEN_ENOTFOUND, "xavier_uniform");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_rule_has_its_spread),
        cmocka_unit_test(draws_depend_on_name_and_seed),
        cmocka_unit_test(an_unknown_rule_lists_those_there_are),
    };
    return cmocka_run_group_tests(tests, NULL, tear_down);
}
