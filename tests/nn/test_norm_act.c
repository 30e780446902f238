/* SPDX-License-Identifier: MIT */
/* Batch-norms joined with the sum and the clipping behind them: the loops of each
 * instruction set against double precision, whatever lies where; and networks against
 * the same networks with nothing joined. */
#include "nn/kernels/norm_act.h"

#include "nn/small_nets.h"

#define LOOPS_TOLERANCE 3e-6    /* of the largest value */
#define UNJOINED_TOLERANCE 1e-5 /* likewise */
#define EPSILON 1e-3
enum { CHANNELS = 21, PICTURES = 3, POINTS = 37, MOST = 32 * PICTURES * POINTS };

typedef enum layout { LAST, BLOCKS, PLAIN } layout;
static const struct {
    bool clips, adds, fixed;
} cases[] = {{false, false, false}, {true, false, false}, {false, true, false},
    {true, true, false}, {true, true, true}, {true, false, true}};

typedef struct values {
    float x[MOST], added[MOST], y[MOST], dy[MOST], dx[MOST], dadded[MOST];
    float weight[CHANNELS], bias[CHANNELS], mean[CHANNELS], variance[CHANNELS];
    float dweight[CHANNELS], dbias[CHANNELS];
} values;

static mien_norm_act norm_of(layout how, int i, int threads) {
    mien_norm_act n = {.outer = PICTURES,
        .blocks = how == PLAIN ? CHANNELS : 2,
        .rows = POINTS,
        .width = how == PLAIN ? 1 : 16,
        .channels = CHANNELS,
        .clips = cases[i].clips,
        .least = -0.5F,
        .most = 1.5F,
        .epsilon = EPSILON,
        .fixed = cases[i].fixed,
        .threads = threads};
    if (how == LAST) {
        n.outer = n.blocks = 1;
        n.rows = PICTURES * POINTS;
        n.width = CHANNELS;
    }
    return n;
}

static int64_t place_of(const mien_norm_act *n, int64_t channel, int64_t point) {
    int64_t outer = point / n->rows, row = point % n->rows;
    int64_t block = channel / n->width;
    return ((outer * n->blocks + block) * n->rows + row) * n->width +
           channel % n->width;
}

static void fill(const mien_norm_act *n, values *v) {
    memset(v, 0, sizeof *v);
    for (int64_t c = 0; c < CHANNELS; c++) {
        float x[PICTURES * POINTS], added[PICTURES * POINTS], dy[PICTURES * POINTS];
        nets_fill(x, PICTURES * POINTS, (uint64_t)c + 1);
        nets_fill(added, PICTURES * POINTS, (uint64_t)c + 100);
        nets_fill(dy, PICTURES * POINTS, (uint64_t)c + 200);
        for (int64_t p = 0; p < PICTURES * POINTS; p++) {
            int64_t at = place_of(n, c, p);
            v->x[at] = x[p] * 0.3F + 5 * (float)c; /* means far from 0 */
            v->added[at] = added[p] * 0.2F;
            v->dy[at] = dy[p];
        }
    }
    nets_fill(v->weight, CHANNELS, 300);
    nets_fill(v->bias, CHANNELS, 301);
    for (int c = 0; c < CHANNELS; c++) {
        v->mean[c] = 5 * (float)c + 0.1F;
        v->variance[c] = 0.5F + (float)c;
    }
}

static mien_norm_act_data data_of(values *v, int i, float *scratch) {
    mien_norm_act_data d = {.x = v->x,
        .weight = v->weight,
        .bias = v->bias,
        .added = cases[i].adds ? v->added : NULL,
        .y = v->y,
        .mean = v->mean,
        .variance = v->variance,
        .scratch = scratch,
        .dy = v->dy,
        .clipped = cases[i].adds && cases[i].clips ? v->y : NULL,
        .dx = v->dx,
        .dadded = cases[i].adds && cases[i].clips ? v->dadded : NULL,
        .dweight = v->dweight,
        .dbias = v->dbias};
    return d;
}

/* A channel by the book. */
static void check_channel(
    const mien_norm_act *n, const values *v, int i, int64_t c, const char *name) {
    int64_t count = PICTURES * POINTS;
    double mean = 0, variance = 0, sum = 0, product = 0, dz[PICTURES * POINTS];
    for (int64_t p = 0; p < count; p++) {
        mean += (double)v->x[place_of(n, c, p)] / (double)count;
    }
    for (int64_t p = 0; p < count; p++) {
        double t = (double)v->x[place_of(n, c, p)] - mean;
        variance += t * t / (double)count;
    }
    mean = n->fixed ? (double)v->mean[c] : mean;
    variance = n->fixed ? (double)v->variance[c] : variance;
    double inverse = 1 / sqrt(variance + EPSILON);
    double weight = (double)v->weight[c];
    for (int64_t p = 0; p < count; p++) {
        int64_t at = place_of(n, c, p);
        double hat = ((double)v->x[at] - mean) * inverse;
        double z = hat * weight + (double)v->bias[c];
        z += cases[i].adds ? (double)v->added[at] : 0;
        bool left = !n->clips || (z > (double)n->least && z < (double)n->most);
        double y = left ? z : z > 0 ? (double)n->most : (double)n->least;
        assert_near((double)v->y[at], y, LOOPS_TOLERANCE * 40);
        dz[p] = left ? (double)v->dy[at] : 0;
        sum += dz[p];
        product += dz[p] * hat;
        if (cases[i].adds && n->clips) {
            assert_near((double)v->dadded[at], dz[p], 0);
        }
    }
    double scale = weight * inverse, share = n->fixed ? 0 : 1 / (double)count;
    for (int64_t p = 0; p < count; p++) {
        int64_t at = place_of(n, c, p);
        double hat = ((double)v->x[at] - mean) * inverse;
        double dx = scale * (dz[p] - share * (sum + hat * product));
        if (fabs((double)v->dx[at] - dx) > LOOPS_TOLERANCE * 40) {
            fail_msg("%s: case %d, dx of channel %d", name, i, (int)c);
        }
    }
    if (!n->fixed) {
        assert_near((double)v->dbias[c], sum, LOOPS_TOLERANCE * 200);
        assert_near((double)v->dweight[c], product, LOOPS_TOLERANCE * 200);
        assert_near((double)v->mean[c], mean, LOOPS_TOLERANCE * fabs(mean) + 1e-6);
        assert_near((double)v->variance[c], variance, LOOPS_TOLERANCE * variance);
    }
}

static void run(const mien_norm_kernels *k, const mien_norm_act *n, values *v, int i) {
    float *scratch = mien_alloc((size_t)mien_norm_act_scratch(n), sizeof *scratch);
    assert_non_null(scratch);
    mien_norm_act_data d = data_of(v, i, scratch);
    fill(n, v);
    if (!n->fixed) {
        mien_norm_act_statistics(k, n, &d);
    }
    mien_norm_act_apply(k, n, &d);
    mien_norm_act_backward(k, n, &d);
    mien_free(scratch);
}

static void check_loops(const mien_norm_kernels *k) {
    static values one, two;
    for (int i = 0; i < (int)(sizeof cases / sizeof *cases); i++) {
        for (layout how = LAST; how <= PLAIN; how++) {
            mien_norm_act n = norm_of(how, i, 1);
            run(k, &n, &one, i);
            for (int64_t c = 0; c < CHANNELS; c++) {
                check_channel(&n, &one, i, c, k->name);
            }
            n.threads = 2;
            run(k, &n, &two, i);
            assert_memory_equal(&one, &two, sizeof one);
        }
    }
}

static void loops_are_right_wherever_values_lie(void **state) {
    (void)state;
    check_loops(&mien_norm_plain);
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
        check_loops(&mien_norm_avx2);
    }
    if (__builtin_cpu_supports("avx512f")) {
        check_loops(&mien_norm_avx512);
    }
#endif
}

/* The scratch that a piece's sums need, and values around the caches. */
static void large_values_are_cut_and_give_the_same_bits_on_two_threads(void **state) {
    (void)state;
    enum { ROWS = 45000, WIDTH = 96 };
    const int64_t count = (int64_t)ROWS * WIDTH;
    mien_norm_act n = {1, 1, ROWS, WIDTH, WIDTH, true, 0, 6, 1e-5, false, 1};
    float *y[2], *x = mien_alloc((size_t)count, sizeof *x), vectors[2][WIDTH] = {{0}};
    float mean[WIDTH], variance[WIDTH];
    assert_non_null(x);
    for (int64_t i = 0; i < count; i++) {
        x[i] = (float)(i * 7919 % 10007) / 2500 - 2;
    }
    for (int c = 0; c < WIDTH; c++) {
        vectors[0][c] = 1;
    }
    for (int t = 0; t < 2; t++) {
        n.threads = t + 1;
        float *scratch = mien_alloc((size_t)mien_norm_act_scratch(&n), sizeof *scratch);
        y[t] = mien_alloc((size_t)count, sizeof *y[t]);
        assert_true(scratch && y[t]);
        mien_norm_act_data d = {.x = x,
            .weight = vectors[0],
            .bias = vectors[1],
            .y = y[t],
            .mean = mean,
            .variance = variance,
            .scratch = scratch};
        mien_norm_act_statistics(mien_norm_best(), &n, &d);
        mien_norm_act_apply(mien_norm_best(), &n, &d);
        mien_free(scratch);
    }
    double sum = 0, square = 0;
    for (int64_t r = 0; r < ROWS; r++) {
        sum += (double)x[r * WIDTH + 5];
        square += (double)x[r * WIDTH + 5] * (double)x[r * WIDTH + 5];
    }
    assert_near((double)mean[5], sum / ROWS, 1e-6);
    assert_near((double)variance[5], square / ROWS - sum / ROWS * sum / ROWS, 1e-5);
    assert_memory_equal(y[0], y[1], (size_t)count * sizeof **y);
    mien_free(y[0]);
    mien_free(y[1]);
    mien_free(x);
}

/* The gradients of all parameters; where every node is an output nothing joins. */
static mien_plan *stepped(
    const mien_graph *graph, mien_parameters *parameters, bool joins) {
    mien_plan_options o = mien_plan_options_default();
    mien_node all[NETS_NODES];
    const float *inputs[NETS_NODES];
    mien_plan *plan = NULL;
    int last = mien_graph_nodes(graph) - 1;
    for (int i = 0; i <= last; i++) {
        all[i] = last - i;
    }
    o.mode = MIEN_TRAIN;
    o.batch = 4;
    o.threads = 2;
    o.no_dropout = true;
    o.outputs = all;
    o.outputs_count = joins ? 1 : last + 1;
    assert_good(mien_plan_new(graph, parameters, &o, &plan));
    nets_feed(graph, plan, 4, inputs);
    assert_good(mien_plan_run(plan));
    nets_fill(mien_plan_output_gradient(plan, 0), nets_count(graph, last, 4), 77);
    for (int i = 1; !joins && i <= last; i++) {
        float *none = mien_plan_output_gradient(plan, i);
        if (none) {
            memset(none, 0, (size_t)nets_count(graph, last - i, 4) * sizeof *none);
        }
    }
    assert_good(mien_plan_backward(plan));
    return plan;
}

static double largest_of(const mien_tensor *t) {
    double largest = 0;
    for (int64_t v = 0; t && v < mien_tensor_count(t); v++) {
        largest = fmax(largest, fabs((double)((const float *)t->data)[v]));
    }
    return largest;
}

/* A bias before another batch-norm has no gradient but what rounding leaves: it is held
 * against a hundredth of the network's largest. */
static void compare(mien_plan *joined, mien_plan *apart, mien_parameters *parameters) {
    int64_t count = mien_parameters_count(parameters);
    double floor = 0;
    for (int64_t i = 0; i < count; i++) {
        floor = fmax(floor, largest_of(mien_plan_gradient(apart, i)) / 100);
    }
    for (int64_t i = 0; i < count; i++) {
        const mien_tensor *one = mien_plan_gradient(joined, i);
        const mien_tensor *two = mien_plan_gradient(apart, i);
        double bound = UNJOINED_TOLERANCE * fmax(floor, largest_of(two));
        assert_true(!one == !two);
        for (int64_t v = 0; one && v < mien_tensor_count(one); v++) {
            double a = (double)((const float *)one->data)[v];
            double b = (double)((const float *)two->data)[v];
            if (!(fabs(a - b) <= bound)) {
                fail_msg("gradient of %s: %g, not %g",
                    mien_parameters_name(parameters, i), a, b);
            }
        }
    }
}

/* Inverted residuals whose filters move in steps of 2 over an even number of pixels,
 * behind each kind of activation. */
static mien_graph *steps_of_two(void) {
    mien_node x;
    mien_graph *graph = graph_of(3, 8, &x);
    const int activations[] = {MIEN_RELU6, MIEN_RELU, -1};
    mien_conv2d_options depthwise = mien_conv2d_options_of(16, 3, 1, 1);
    depthwise.groups = 16;
    for (int i = 0; i < 3; i++) {
        char name[2][16];
        snprintf(name[0], sizeof name[0], "wide%d", i);
        snprintf(name[1], sizeof name[1], "deep%d", i);
        depthwise.stride[0] = depthwise.stride[1] = i < 2 ? 2 : 1;
        x = square(graph, name[0], x, 16, 1, 1, activations[i]);
        x = block(graph, name[1], x, &depthwise, MIEN_RELU6);
    }
    head(graph, x, 5);
    return graph;
}

static void joined_networks_learn_as_unjoined_ones(void **state) {
    (void)state;
    mien_graph *(*nets[])(void) = {residual, inverted, tangle, steps_of_two};
    for (int k = 0; k < 4; k++) {
        mien_graph *graph = nets[k]();
        mien_parameters *a = nets_parameters(graph, 8), *b = nets_parameters(graph, 8);
        mien_plan *joined = stepped(graph, a, true);
        mien_plan *apart = stepped(graph, b, false);
        assert_true(
            mien_plan_describe(joined).operators < mien_plan_describe(apart).operators);
        compare(joined, apart, a);
        mien_plan_free(&joined);
        mien_plan_free(&apart);
        mien_parameters_free(&a);
        mien_parameters_free(&b);
        mien_graph_free(&graph);
    }
}

static void filters_of_two_steps_have_the_gradients_that_differences_give(
    void **state) {
    (void)state;
    small_nets_dropout = 0; /* the reference draws nothing */
    mien_graph *graph = steps_of_two();
    nets_check_gradients(graph, 2, false, 3, 5e-3);
    small_nets_dropout = 0.2;
    mien_graph_free(&graph);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(loops_are_right_wherever_values_lie),
        cmocka_unit_test(large_values_are_cut_and_give_the_same_bits_on_two_threads),
        cmocka_unit_test(joined_networks_learn_as_unjoined_ones),
        cmocka_unit_test(filters_of_two_steps_have_the_gradients_that_differences_give),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
