/* SPDX-License-Identifier: MIT */
/* Loading weights says everything that does not fit. */
#include "support/support.h"

#include <stdio.h>

#include "models/drawn.h"
#include "models/weights/weights.h"

typedef struct net {
    mien_graph *graph;
    mien_parameters *parameters;
} net;

/* conv.weight [4, 3, 3, 3], conv.bias [4], bn.{weight, bias, running_mean, running_var}
 * [4] */
static void net_init(net *n) {
    const int64_t shape[] = {MIEN_BATCH, 3, 8, 8};
    mien_node x;
    mien_conv2d_options options = mien_conv2d_options_of(4, 3, 1, 1);
    assert_good(mien_graph_new(&n->graph));
    assert_good(mien_graph_input(n->graph, "input", 4, shape, &x));
    assert_good(mien_conv2d(n->graph, "conv", x, &options, &x));
    assert_good(mien_batch_norm(n->graph, "bn", x, 1e-5, 0.1, &x));
    assert_good(mien_parameters_new(n->graph, &n->parameters));
}

static void net_clear(net *n) {
    mien_parameters_free(&n->parameters);
    mien_graph_free(&n->graph);
}

#define MOST 16
typedef struct bundle {
    const char *names[MOST];
    mien_tensor *tensors[MOST];
    int count;
} bundle;

static mien_tensor *add(bundle *b, const char *name, mien_dtype dtype, int rank, ...) {
    int64_t shape[MIEN_RANK_MAX];
    va_list dimensions;
    va_start(dimensions, rank);
    for (int d = 0; d < rank; d++) {
        shape[d] = va_arg(dimensions, int);
    }
    va_end(dimensions);
    b->names[b->count] = name;
    assert_good(mien_tensor_new(dtype, rank, shape, &b->tensors[b->count]));
    return b->tensors[b->count++];
}

static void add_all(bundle *b) {
    add(b, "conv.weight", MIEN_F32, 4, 4, 3, 3, 3);
    add(b, "conv.bias", MIEN_F32, 1, 4);
    add(b, "bn.weight", MIEN_F32, 1, 4);
    add(b, "bn.bias", MIEN_F32, 1, 4);
    add(b, "bn.running_mean", MIEN_F32, 1, 4);
    add(b, "bn.running_var", MIEN_F32, 1, 4);
    for (int i = 0; i < b->count; i++) {
        drawn_parameter(b->names[i], b->tensors[i]);
    }
}

static mien_archive *stored(bundle *b) {
    static int number;
    char name[32];
    const char *const metadata[] = {NULL};
    mien_archive *archive = NULL;
    snprintf(name, sizeof name, "weights%d.safetensors", number++);
    const char *path = support_temp_path(name);
    assert_good(mien_safetensors_write(
        path, b->count, b->names, (const mien_tensor *const *)b->tensors, metadata));
    assert_good(mien_archive_open(path, &archive));
    for (int i = 0; i < b->count; i++) {
        mien_tensor_free(&b->tensors[i]);
    }
    return archive;
}

static float *values(net *n, const char *name) {
    int64_t at = mien_parameters_find(n->parameters, name);
    assert_true(at >= 0);
    return mien_parameters_at(n->parameters, at)->data;
}

static void every_parameter_gets_its_values(void **state) {
    (void)state;
    net n;
    bundle b = {0};
    net_init(&n);
    add_all(&b);
    *(int64_t *)add(&b, "bn.num_batches_tracked", MIEN_I64, 0)->data = 7;
    mien_archive *archive = stored(&b);
    assert_good(mien_weights_load(n.parameters, archive, NULL));
    uint64_t start = drawn_start("conv.weight");
    float want = (float)(drawn_value(start, 107) * sqrt(6.0 / 27));
    assert_true(values(&n, "conv.weight")[107] == want);
    assert_true(values(&n, "bn.running_var")[3] ==
                (float)(1 + drawn_value(drawn_start("bn.running_var"), 3) / 2));
    mien_archive_close(&archive);
    net_clear(&n);
}

static void all_that_does_not_fit_is_listed_at_once(void **state) {
    (void)state;
    net n;
    bundle b = {0};
    net_init(&n);
    add(&b, "conv.weight", MIEN_F32, 4, 4, 3, 5, 5);
    add(&b, "conv.bias", MIEN_I32, 1, 4);
    ((float *)add(&b, "bn.weight", MIEN_F32, 1, 4)->data)[2] = NAN;
    add(&b, "bn.bias", MIEN_F32, 1, 4);
    add(&b, "head.weight", MIEN_F32, 2, 2, 2);
    add(&b, "head.bias", MIEN_F32, 1, 2);
    mien_archive *archive = stored(&b);
    assert_fails(mien_weights_load(n.parameters, archive, NULL), MIEN_EFORMAT,
        "2 missing (bn.running_mean, bn.running_var)");
    assert_non_null(
        strstr(mien_error(), "2 not of this network (head.weight, head.bias)"));
    assert_non_null(
        strstr(mien_error(), "conv.weight is f32 [4, 3, 5, 5], not f32 [4, 3, 3, 3]"));
    assert_non_null(strstr(mien_error(), "conv.bias is i32 [4], not f32 [4]"));
    assert_non_null(strstr(mien_error(), "1 not finite (bn.weight)"));
    mien_archive_close(&archive);
    net_clear(&n);
}

static void half_precision_is_converted(void **state) {
    (void)state;
    net n;
    bundle b = {0};
    net_init(&n);
    add_all(&b);
    mien_tensor *half = NULL;
    ((float *)b.tensors[1]->data)[0] = 0.25f;
    assert_good(mien_tensor_convert(b.tensors[1], MIEN_F16, &half));
    mien_tensor_free(&b.tensors[1]);
    b.tensors[1] = half;
    mien_archive *archive = stored(&b);
    assert_good(mien_weights_load(n.parameters, archive, NULL));
    assert_true(values(&n, "conv.bias")[0] == 0.25f);
    mien_archive_close(&archive);
    net_clear(&n);
}

static void a_prefix_is_cut_off(void **state) {
    (void)state;
    net n;
    bundle b = {0};
    net_init(&n);
    add_all(&b);
    static const char *const names[] = {"module.conv.weight", "module.conv.bias",
        "module.bn.weight", "module.bn.bias", "module.bn.running_mean",
        "module.bn.running_var"};
    memcpy(b.names, names, sizeof names);
    mien_archive *archive = stored(&b);
    assert_fails(
        mien_weights_load(n.parameters, archive, NULL), MIEN_EFORMAT, "6 missing");
    mien_weights_options options = {.prefix = "module."};
    assert_good(mien_weights_load(n.parameters, archive, &options));
    mien_archive_close(&archive);
    net_clear(&n);
}

static void partial_loading_leaves_the_rest_alone(void **state) {
    (void)state;
    net n;
    bundle b = {0};
    net_init(&n);
    ((float *)add(&b, "conv.bias", MIEN_F32, 1, 4)->data)[1] = 3;
    add(&b, "other", MIEN_F32, 1, 4);
    mien_archive *archive = stored(&b);
    mien_weights_options options = {.partial = true};
    values(&n, "bn.bias")[0] = 5;
    assert_good(mien_weights_load(n.parameters, archive, &options));
    assert_true(values(&n, "conv.bias")[1] == 3);
    assert_true(values(&n, "bn.bias")[0] == 5);
    mien_archive_close(&archive);
    net_clear(&n);
}

static bool only_conv(void *context, const char *name) {
    (void)context;
    return strncmp(name, "conv.", 5) == 0;
}

static void what_stands_beside_is_not_extra(void **state) {
    (void)state;
    net n;
    bundle b = {0};
    net_init(&n);
    add_all(&b);
    add(&b, "golden.0.output", MIEN_F32, 1, 2);
    mien_archive *archive = stored(&b);
    mien_weights_options options = {.beside = "golden."};
    assert_good(mien_weights_load(n.parameters, archive, &options));
    options.beside = "silver.";
    assert_fails(mien_weights_load(n.parameters, archive, &options), MIEN_EFORMAT,
        "1 not of this network (golden.0.output)");
    mien_archive_close(&archive);
    net_clear(&n);
}

static void unwanted_values_are_not_read_but_their_shapes_are_checked(void **state) {
    (void)state;
    net n;
    bundle b = {0};
    net_init(&n);
    add_all(&b);
    ((float *)b.tensors[3]->data)[0] = INFINITY;
    mien_archive *archive = stored(&b);
    mien_weights_options options = {.wanted = only_conv};
    assert_good(mien_weights_load(n.parameters, archive, &options));
    assert_true(values(&n, "bn.bias")[0] == 0);
    assert_true(values(&n, "conv.bias")[0] != 0);
    mien_archive_close(&archive);
    net_clear(&n);
}

/* What lies in the file as floats is read there, what does not is copied; the values
 * are those that loading gives, and what is wrong is found all the same. */
static void lent_weights_are_those_that_loading_copies(void **state) {
    (void)state;
    net lent, loaded;
    bundle b = {0};
    net_init(&lent);
    net_init(&loaded);
    add_all(&b);
    mien_tensor *half = NULL;
    assert_good(mien_tensor_convert(b.tensors[2], MIEN_F16, &half));
    mien_tensor_free(&b.tensors[2]);
    b.tensors[2] = half;
    mien_archive *archive = stored(&b);
    const float *own = values(&lent, "conv.weight");
    assert_good(mien_weights_lend(lent.parameters, archive, NULL));
    assert_good(mien_weights_load(loaded.parameters, archive, NULL));
    assert_ptr_not_equal(own, values(&lent, "conv.weight"));
    for (int64_t i = 0; i < mien_parameters_count(lent.parameters); i++) {
        const mien_tensor *t = mien_parameters_at(lent.parameters, i);
        assert_memory_equal(t->data, mien_parameters_at(loaded.parameters, i)->data,
            mien_tensor_bytes(t));
    }
    net_clear(&lent);
    mien_archive_close(&archive);
    net_clear(&loaded);
}

static void lent_weights_are_checked(void **state) {
    (void)state;
    net n;
    bundle b = {0};
    net_init(&n);
    add_all(&b);
    ((float *)b.tensors[0]->data)[107] = INFINITY;
    mien_archive *archive = stored(&b);
    assert_fails(mien_weights_lend(n.parameters, archive, NULL), MIEN_EFORMAT,
        "not finite (conv.weight");
    net_clear(&n);
    mien_archive_close(&archive);
}

static mien_status load_again(void *context) {
    void **both = context;
    return mien_weights_load(both[0], both[1], NULL);
}

static void failing_allocations_are_reported(void **state) {
    (void)state;
    net n;
    bundle b = {0};
    net_init(&n);
    add_all(&b);
    mien_archive *archive = stored(&b);
    void *both[] = {n.parameters, archive};
    support_each_allocation_fails(load_again, both, 200);
    mien_archive_close(&archive);
    net_clear(&n);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_parameter_gets_its_values),
        cmocka_unit_test(all_that_does_not_fit_is_listed_at_once),
        cmocka_unit_test(half_precision_is_converted),
        cmocka_unit_test(a_prefix_is_cut_off),
        cmocka_unit_test(partial_loading_leaves_the_rest_alone),
        cmocka_unit_test(what_stands_beside_is_not_extra),
        cmocka_unit_test(unwanted_values_are_not_read_but_their_shapes_are_checked),
        cmocka_unit_test(lent_weights_are_those_that_loading_copies),
        cmocka_unit_test(lent_weights_are_checked),
        cmocka_unit_test(failing_allocations_are_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
