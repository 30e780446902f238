/* SPDX-License-Identifier: MIT */
/* Plans: fused, folded, tapped, cut into micro-batches, always what the plain-C
 * reference gives; and free of allocations once they ran. */
#include "mien/nn.h"

#include <malloc.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "nn/nets.h"
#include "nn/small_nets.h"
#include "nn/plan/plan.h"

#define TOLERANCE 1e-5

static mien_graph *(*const nets[])(void) = {residual, inverted, tangle};
#define NETS 3

/* ---- same values
 * ------------------------------------------------------------------------ */

static void fused_networks_give_what_the_reference_gives(void **state) {
    (void)state;
    for (int i = 0; i < NETS; i++) {
        mien_graph *graph = nets[i]();
        nets_check_all(graph, 1, false, TOLERANCE);
        nets_check_all(graph, 3, false, TOLERANCE);
        mien_graph_free(&graph);
    }
}

static void every_single_tap_has_exactly_its_own_value(void **state) {
    (void)state;
    for (int i = 0; i < NETS; i++) {
        mien_graph *graph = nets[i]();
        mien_plan_options options = mien_plan_options_default();
        for (mien_node tap = 0; tap < mien_graph_nodes(graph); tap++) {
            mien_node outputs[2] = {tap, mien_graph_nodes(graph) - 1};
            options.outputs = outputs;
            options.outputs_count = 2;
            nets_check(graph, &options, TOLERANCE, NULL);
        }
        mien_graph_free(&graph);
    }
}

static void one_thread_gives_what_two_give(void **state) {
    (void)state;
    mien_graph *graph = residual();
    mien_plan_options options = mien_plan_options_default();
    options.threads = 1;
    nets_check(graph, &options, TOLERANCE, NULL);
    options.threads = 2;
    nets_check(graph, &options, TOLERANCE, NULL);
    mien_graph_free(&graph);
}

static void pictures_do_not_depend_on_the_micro_batch(void **state) {
    (void)state;
    for (int i = 0; i < NETS; i++) {
        mien_graph *graph = nets[i]();
        mien_plan_options options = mien_plan_options_default();
        options.batch = 5;
        for (options.micro_batch = 1; options.micro_batch <= 7; options.micro_batch++) {
            mien_plan_info info;
            nets_check(graph, &options, TOLERANCE, &info);
            assert_int_equal(
                info.micro_batch, options.micro_batch < 5 ? options.micro_batch : 5);
        }
        options.micro_batch = 0;
        options.measure = true;
        nets_check(graph, &options, TOLERANCE, NULL);
        mien_graph_free(&graph);
    }
}

/* ---- what was fused
 * ---------------------------------------------------------------------- */

static mien_plan_info info_of(
    const mien_graph *graph, const mien_node *outputs, int count) {
    mien_plan_info info;
    mien_plan_options options = mien_plan_options_default();
    options.outputs = outputs;
    options.outputs_count = count;
    nets_check(graph, &options, TOLERANCE, &info);
    return info;
}

static void a_residual_network_is_one_step_a_convolution(void **state) {
    (void)state;
    mien_graph *graph = residual();
    mien_plan_info info = info_of(graph, NULL, 0);
    /* 6 convolutions, 2 pools, 1 linear layer */
    assert_int_equal(info.operators - info.reorders, 9);
    assert_int_equal(info.weight_packs, 14);
    mien_graph_free(&graph);
}

static void a_tapped_convolution_keeps_its_batch_norm_apart(void **state) {
    (void)state;
    mien_graph *graph = residual();
    mien_node tap = mien_graph_find(graph, "a1.conv");
    mien_plan_info plain = info_of(graph, &tap, 1);
    mien_node both[2] = {tap, mien_graph_find(graph, "a1.act")};
    mien_plan_info info = info_of(graph, both, 2);
    assert_int_equal(plain.operators - plain.reorders, 3);
    assert_int_equal(
        info.operators - info.reorders, 5); /* the norm, and its activation */
    mien_graph_free(&graph);
}

static void what_no_output_needs_is_left_out(void **state) {
    (void)state;
    mien_graph *graph = residual();
    mien_node stem = mien_graph_find(graph, "stem.act");
    mien_plan_info info = info_of(graph, &stem, 1);
    assert_int_equal(info.operators - info.reorders, 1);
    assert_int_equal(info.weight_packs, 2);
    mien_graph_free(&graph);
}

static void values_share_memory(void **state) {
    (void)state;
    mien_node x;
    mien_graph *graph = graph_of(16, 16, &x);
    for (int i = 0; i < 12; i++) {
        char name[16];
        snprintf(name, sizeof name, "c%d", i);
        x = square(graph, name, x, 16, 3, 1, MIEN_RELU);
    }
    mien_plan_info info = info_of(graph, NULL, 0);
    size_t value = 16 * 16 * 16 * sizeof(float);
    assert_true(info.buffer_bytes <= 3 * value);
    mien_graph_free(&graph);
}

static void storages_that_live_together_do_not_overlap(void **state) {
    (void)state;
    mien_storage s[60];
    mien_stream random;
    mien_stream_init(&random, 3, 0, 0);
    for (int round = 0; round < 50; round++) {
        size_t bytes = 0, most = 0;
        for (int i = 0; i < 60; i++) {
            int first = (int)(mien_stream_uniform(&random) * 40);
            s[i] =
                (mien_storage){.bytes = (size_t)(mien_stream_uniform(&random) * 90000),
                    .first = first,
                    .last = first + (int)(mien_stream_uniform(&random) * 10)};
        }
        assert_good(mien_storage_layout(s, 60, &bytes));
        for (int i = 0; i < 60; i++) {
            most = s[i].offset + s[i].bytes > most ? s[i].offset + s[i].bytes : most;
            for (int k = 0; k < i; k++) {
                bool together = s[i].first <= s[k].last && s[k].first <= s[i].last;
                bool overlap = s[i].offset < s[k].offset + s[k].bytes &&
                               s[k].offset < s[i].offset + s[i].bytes;
                assert_false(together && overlap);
            }
        }
        assert_int_equal(bytes, most);
    }
}

/* ---- runs
 * -------------------------------------------------------------------------------- */

static void changed_weights_count_after_a_refresh(void **state) {
    (void)state;
    mien_graph *graph = residual();
    mien_parameters *parameters = nets_parameters(graph, 5);
    mien_plan_options options = mien_plan_options_default();
    mien_plan *plan = NULL;
    const float *inputs[NETS_NODES];
    double *values[NETS_NODES];
    mien_node last = mien_graph_nodes(graph) - 1;
    assert_good(mien_plan_new(graph, parameters, &options, &plan));
    nets_feed(graph, plan, 1, inputs);
    assert_good(mien_plan_run(plan));
    int64_t packs = mien_plan_describe(plan).weight_packs;
    int64_t index = mien_parameters_find(parameters, "a2.bn.running_var");
    ((float *)mien_parameters_at(parameters, index)->data)[3] = 9;
    index = mien_parameters_find(parameters, "stem.conv.weight");
    ((float *)mien_parameters_at(parameters, index)->data)[0] = 2;
    assert_good(mien_graph_reference(graph, parameters, MIEN_INFER, 1, inputs, values));
    assert_true(nets_error(mien_plan_output(plan, 0), values[last]) > TOLERANCE);
    assert_good(mien_plan_refresh(plan));
    assert_good(mien_plan_run(plan));
    assert_true(nets_error(mien_plan_output(plan, 0), values[last]) <= TOLERANCE);
    assert_int_equal(mien_plan_describe(plan).weight_packs, 2 * packs);
    for (int i = 0; i <= last; i++) {
        mien_free(values[i]);
    }
    mien_plan_free(&plan);
    mien_parameters_free(&parameters);
    mien_graph_free(&graph);
}

static void two_runs_of_the_same_input_have_the_same_bits(void **state) {
    (void)state;
    mien_graph *graph = inverted();
    mien_parameters *parameters = nets_parameters(graph, 5);
    mien_plan_options options = mien_plan_options_default();
    mien_plan *plan = NULL;
    const float *inputs[NETS_NODES];
    float first[7];
    assert_good(mien_plan_new(graph, parameters, &options, &plan));
    nets_feed(graph, plan, 1, inputs);
    assert_good(mien_plan_run(plan));
    memcpy(first, mien_plan_output(plan, 0)->data, sizeof first);
    for (int i = 0; i < 5; i++) {
        assert_good(mien_plan_run(plan));
        assert_memory_equal(first, mien_plan_output(plan, 0)->data, sizeof first);
    }
    mien_plan_free(&plan);
    mien_parameters_free(&parameters);
    mien_graph_free(&graph);
}

static void an_output_asked_twice_is_the_same_tensor(void **state) {
    (void)state;
    mien_graph *graph = residual();
    mien_parameters *parameters = nets_parameters(graph, 5);
    mien_node outputs[3] = {
        mien_graph_find(graph, "pool"), 0, mien_graph_find(graph, "pool")};
    mien_plan_options options = mien_plan_options_default();
    mien_plan *plan = NULL;
    options.outputs = outputs;
    options.outputs_count = 3;
    assert_good(mien_plan_new(graph, parameters, &options, &plan));
    assert_ptr_equal(mien_plan_output(plan, 0), mien_plan_output(plan, 2));
    assert_int_equal(mien_plan_output(plan, 0)->shape[1], 24);
    assert_null(mien_plan_output(plan, 3));
    assert_null(mien_plan_input(plan, 1));
    mien_plan_free(&plan);
    assert_null(plan);
    mien_parameters_free(&parameters);
    mien_graph_free(&graph);
}

/* ---- allocations
 * ------------------------------------------------------------------------- */

/* The C++ runtime under oneDNN makes a small table of the arguments for each call of a
 * primitive, which nothing in its interface can avoid. Everything else must be gone: no
 * block larger than that, nothing kept. */
#define TABLE_BYTES 512

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
static atomic_long blocks_live, blocks_large, blocks_all;

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *block, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);
extern void __libc_free(void *block);

static void *counted(void *block, size_t size) {
    atomic_fetch_add(&blocks_live, block != NULL);
    atomic_fetch_add(&blocks_all, 1);
    atomic_fetch_add(&blocks_large, size > TABLE_BYTES);
    return block;
}

void *malloc(size_t size) {
    return counted(__libc_malloc(size), size);
}

void *calloc(size_t count, size_t size) {
    return counted(__libc_calloc(count, size), count * size);
}

void *realloc(void *block, size_t size) {
    atomic_fetch_sub(&blocks_live, block != NULL);
    return counted(__libc_realloc(block, size), size);
}

void *memalign(size_t alignment, size_t size) {
    return counted(__libc_memalign(alignment, size), size);
}

void *aligned_alloc(size_t alignment, size_t size) {
    return memalign(alignment, size);
}

int posix_memalign(void **block, size_t alignment, size_t size) {
    *block = memalign(alignment, size);
    return *block ? 0 : 12;
}

void free(void *block) {
    atomic_fetch_sub(&blocks_live, block != NULL);
    __libc_free(block);
}
#define COUNTS 1
#else
static long blocks_live, blocks_large, blocks_all;
#define COUNTS 0
#endif

static void a_second_run_allocates_nothing_and_packs_no_weights(void **state) {
    (void)state;
    for (int i = 0; i < NETS; i++) {
        mien_graph *graph = nets[i]();
        mien_parameters *parameters = nets_parameters(graph, 5);
        mien_plan_options options = mien_plan_options_default();
        mien_plan *plan = NULL;
        options.batch = 3;
        options.micro_batch = 2;
        assert_good(mien_plan_new(graph, parameters, &options, &plan));
        assert_good(mien_plan_run(plan));
        long live = blocks_live, large = blocks_large, all = blocks_all;
        uint64_t own = mien_alloc_count();
        int64_t packs = mien_plan_describe(plan).weight_packs;
        for (int k = 0; k < 4; k++) {
            assert_good(mien_plan_run(plan));
        }
        assert_int_equal(blocks_live - live, 0);
        assert_int_equal(blocks_large - large, 0);
        assert_int_equal(mien_alloc_count() - own, 0);
        assert_int_equal(mien_plan_describe(plan).weight_packs, packs);
        if (COUNTS && i == 0) {
            print_message("%ld tables of arguments in 4 runs\n", blocks_all - all);
        }
        mien_plan_free(&plan);
        mien_parameters_free(&parameters);
        mien_graph_free(&graph);
    }
}

static mien_status build_plan(void *context) {
    mien_plan_options options = mien_plan_options_default();
    mien_graph *graph = context;
    mien_parameters *parameters = NULL;
    mien_plan *plan = NULL;
    options.batch = 2;
    options.micro_batch = 1;
    mien_status status = mien_parameters_new(graph, &parameters);
    if (status == MIEN_OK) {
        status = mien_plan_new(graph, parameters, &options, &plan);
    }
    mien_plan_free(&plan);
    mien_parameters_free(&parameters);
    return status;
}

static void a_plan_survives_each_failed_allocation(void **state) {
    (void)state;
    mien_graph *graph = tangle();
    support_each_allocation_fails(build_plan, graph, 2000);
    mien_graph_free(&graph);
}

/* ---- refusals
 * ---------------------------------------------------------------------------- */

static void plans_refuse_what_makes_no_sense(void **state) {
    (void)state;
    mien_node x, missing = 99;
    mien_graph *graph = graph_of(3, 8, &x), *empty = NULL;
    mien_parameters *parameters = nets_parameters(graph, 1);
    mien_plan *plan = NULL;
    mien_plan_options o = mien_plan_options_default();
    assert_good(mien_graph_new(&empty));
    assert_fails(mien_plan_new(empty, parameters, &o, &plan), MIEN_EINVAL, "empty");
    o.batch = 0;
    assert_fails(mien_plan_new(graph, parameters, &o, &plan), MIEN_EINVAL, "batch 0");
    o = mien_plan_options_default();
    o.threads = 0;
    assert_fails(mien_plan_new(graph, parameters, &o, &plan), MIEN_EINVAL, "threads 0");
    o = mien_plan_options_default();
    o.outputs = &missing;
    o.outputs_count = 1;
    assert_fails(
        mien_plan_new(graph, parameters, &o, &plan), MIEN_EINVAL, "no node 99");
    assert_null(plan);
    mien_parameters_free(&parameters);
    mien_graph_free(&empty);
    mien_graph_free(&graph);
}

static void a_graph_of_fixed_size_is_run_whole(void **state) {
    (void)state;
    mien_graph *graph = NULL;
    mien_node x, y;
    int64_t shape[2] = {3, 4};
    mien_plan_options options = mien_plan_options_default();
    mien_plan_info info;
    assert_good(mien_graph_new(&graph));
    assert_good(mien_graph_input(graph, "x", 2, shape, &x));
    assert_good(mien_linear(graph, "y", x, 5, true, &y));
    options.batch = 8;
    options.micro_batch = 2;
    nets_check(graph, &options, TOLERANCE, &info);
    assert_int_equal(info.micro_batch, 8);
    mien_graph_free(&graph);
}

/* Whether the peak's kernel is one of ours (others have what the compiler makes of it),
 * compiled as the release's is: not for a sanitizer, nor without optimisation. */
#if defined(__x86_64__) && defined(__OPTIMIZE__) && !defined(__SANITIZE_ADDRESS__) &&  \
    !defined(__SANITIZE_THREAD__)
#define FULL_SPEED 1
#else
#define FULL_SPEED 0
#endif

/* GFLOP/s of a convolution's fastest run on one thread. */
static double fastest_run(mien_plan *plan, const mien_graph *graph) {
    double best = 1e30;
    for (int i = 0; i < 5; i++) {
        double began = mien_clock_s();
        assert_good(mien_plan_run(plan));
        best = fmin(best, mien_clock_s() - began);
    }
    return mien_graph_flops(graph, 1) / best * 1e-9;
}

static void no_plan_is_faster_than_the_peak(void **state) {
    (void)state;
    mien_node x;
    mien_graph *graph = graph_of(128, 56, &x);
    mien_conv2d_options o = mien_conv2d_options_of(128, 3, 1, 1);
    assert_good(mien_conv2d(graph, "conv", x, &o, &x));
    mien_parameters *parameters = nets_parameters(graph, 5);
    mien_plan_options options = mien_plan_options_default();
    mien_plan *plan = NULL;
    options.threads = 1;
    options.exact = true; /* Winograd's counts multiplications that it does not do */
    assert_good(mien_plan_new(graph, parameters, &options, &plan));
    double peak = 0, reached = 0;
    /* in turns, so that both meet the same disturbances */
    for (int i = 0; i < 5; i++) {
        reached = fmax(reached, fastest_run(plan, graph));
        peak = fmax(peak, mien_peak_gflops(1));
    }
    print_message("%.1f GFLOP/s on one thread, a convolution %.1f\n", peak, reached);
    assert_true(peak > 0.05 && peak < 2000);
    assert_true(!FULL_SPEED || reached < 1.1 * peak);
    assert_true(mien_peak_gflops(0) > 0);
    mien_plan_free(&plan);
    mien_parameters_free(&parameters);
    mien_graph_free(&graph);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fused_networks_give_what_the_reference_gives),
        cmocka_unit_test(every_single_tap_has_exactly_its_own_value),
        cmocka_unit_test(one_thread_gives_what_two_give),
        cmocka_unit_test(pictures_do_not_depend_on_the_micro_batch),
        cmocka_unit_test(a_residual_network_is_one_step_a_convolution),
        cmocka_unit_test(a_tapped_convolution_keeps_its_batch_norm_apart),
        cmocka_unit_test(what_no_output_needs_is_left_out),
        cmocka_unit_test(values_share_memory),
        cmocka_unit_test(storages_that_live_together_do_not_overlap),
        cmocka_unit_test(changed_weights_count_after_a_refresh),
        cmocka_unit_test(two_runs_of_the_same_input_have_the_same_bits),
        cmocka_unit_test(an_output_asked_twice_is_the_same_tensor),
        cmocka_unit_test(a_second_run_allocates_nothing_and_packs_no_weights),
        cmocka_unit_test(a_plan_survives_each_failed_allocation),
        cmocka_unit_test(plans_refuse_what_makes_no_sense),
        cmocka_unit_test(a_graph_of_fixed_size_is_run_whole),
        cmocka_unit_test(no_plan_is_faster_than_the_peak),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
