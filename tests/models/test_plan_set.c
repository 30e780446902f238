/* SPDX-License-Identifier: MIT */
/* Every picture is done once, by one lane at a time, however they are shared out. */
#include "support/support.h"

#include <string.h>

#include "mien/models.h"
#include "models/plan_set.h"

enum { MOST = 40, FEATURES = 3 };

typedef struct net {
    mien_graph *graph;
    mien_parameters *parameters;
    mien_node input, output;
} net;

static mien_status net_init(net *n) {
    const int64_t shape[] = {MIEN_BATCH, FEATURES};
    *n = (net){0};
    mien_status status = mien_graph_new(&n->graph);
    if (status == MIEN_OK) {
        status = mien_graph_input(n->graph, "x", 2, shape, &n->input);
    }
    if (status == MIEN_OK) {
        status = mien_linear(n->graph, "fc", n->input, 1, true, &n->output);
    }
    if (status == MIEN_OK) {
        status = mien_parameters_new(n->graph, &n->parameters);
    }
    return status;
}

static void net_clear(net *n) {
    mien_parameters_free(&n->parameters);
    mien_graph_free(&n->graph);
}

static mien_plan_set_options options_of(const net *n, int64_t batch, int threads) {
    return (mien_plan_set_options){
        .batch = batch, .threads = threads, .outputs = &n->output, .outputs_count = 1};
}

typedef struct seen {
    const mien_plan_set *plans;
    int times[MOST]; /* each written by one call only */
    int64_t fails_at;
} seen;

static mien_status mark(void *context, int lane, int64_t first, int64_t count) {
    seen *s = context;
    if (lane < 0 || lane >= s->plans->count || count < 1 || count > s->plans->batch) {
        return mien_fail(MIEN_EINVAL, "lane %d, %lld pictures", lane, (long long)count);
    }
    for (int64_t i = first; i < first + count; i++) {
        s->times[i]++;
        if (i == s->fails_at) {
            return mien_fail(MIEN_ENUMBER, "picture %lld", (long long)i);
        }
    }
    return MIEN_OK;
}

static void every_picture_is_done_once(void **state) {
    (void)state;
    net n;
    assert_good(net_init(&n));
    for (int64_t batch = 1; batch <= 7; batch++) {
        for (int threads = 1; threads <= 3; threads++) {
            mien_plan_set plans = {0};
            mien_plan_set_options o = options_of(&n, batch, threads);
            assert_good(mien_plan_set_init(&plans, n.graph, n.parameters, &o));
            assert_true(plans.count <= threads && plans.count <= batch);
            assert_true(plans.count * plans.batch >= batch);
            for (int64_t count = 0; count <= MOST; count += 8) {
                seen s = {.plans = &plans, .fails_at = -1};
                assert_good(mien_plan_set_run(&plans, count, mark, &s));
                for (int64_t i = 0; i < MOST; i++) {
                    assert_int_equal(s.times[i], i < count);
                }
            }
            mien_plan_set_clear(&plans);
        }
    }
    net_clear(&n);
}

static void a_failure_is_handed_on(void **state) {
    (void)state;
    net n;
    mien_plan_set plans = {0};
    assert_good(net_init(&n));
    mien_plan_set_options o = options_of(&n, 4, 2);
    assert_good(mien_plan_set_init(&plans, n.graph, n.parameters, &o));
    seen s = {.plans = &plans, .fails_at = 5};
    assert_fails(mien_plan_set_run(&plans, 12, mark, &s), MIEN_ENUMBER, "picture 5");
    mien_plan_set_clear(&plans);
    mien_plan_set_clear(&plans); /* nothing is left to clear */
    net_clear(&n);
}

static mien_status make_once(void *context) {
    const net *n = context;
    mien_plan_set plans = {0};
    mien_plan_set_options o = options_of(n, 4, 2);
    mien_status status = mien_plan_set_init(&plans, n->graph, n->parameters, &o);
    mien_plan_set_clear(&plans);
    return status;
}

static void failing_allocations_are_reported(void **state) {
    (void)state;
    net n;
    assert_good(net_init(&n));
    support_each_allocation_fails(make_once, &n, 1000);
    net_clear(&n);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_picture_is_done_once),
        cmocka_unit_test(a_failure_is_handed_on),
        cmocka_unit_test(failing_allocations_are_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
