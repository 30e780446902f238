/* SPDX-License-Identifier: MIT */
/* Trainings that compute what is frozen once: the same results as without. */
#include "train/pictures.h"

#include "mien/train.h"
#include "train/network.h"

static int set_up(void **state) {
    (void)state;
    pictures_make();
    pictures_weights();
    return 0;
}

static mien_status train(const char *run, const char *const *set, int count) {
    mien_study *study = NULL;
    mien_train_options o = mien_train_options_default();
    o.threads = 2;
    o.weights = pictures_weights();
    mien_status status = pictures_study(set, count, &study);
    if (status == MIEN_OK) {
        status = mien_train(study, run, &o);
    }
    mien_study_close(&study);
    return status;
}

static mien_table *predictions_of(const char *name) {
    mien_table *table = NULL;
    char *path = mien_path_join(support_temp_path(name), "predictions.csv");
    assert_good(mien_table_read(path, NULL, &table));
    mien_free(path);
    return table;
}

static double farthest(const char *one, const char *other) {
    mien_table *a = predictions_of(one), *b = predictions_of(other);
    int column = mien_table_column(a, "valence_prediction");
    double most = 0;
    for (int64_t i = 0; i < PICTURES_ROWS; i++) {
        double x = NAN, y = NAN;
        assert_good(mien_table_number(a, i, column, &x));
        assert_good(mien_table_number(b, i, column, &y));
        most = fmax(most, fabs(x - y));
    }
    mien_table_free(&a);
    mien_table_free(&b);
    return most;
}

#define BLOCK                                                                          \
    "train.what=features.18.0.*", "targets=valence", "epochs=3", "batch=8",            \
        "optimiser.name=sgd", "optimiser.rate=0.01"

/* As far as sums in another order go: features come from a plan of their own.
 * (Batch-norms that learn from eight pictures of one value each would magnify that.) */
static void a_last_block_learns_the_same_from_what_is_computed_once(void **state) {
    (void)state;
    assert_good(train(support_temp_path("once"), (const char *const[]){BLOCK}, 6));
    assert_good(train(support_temp_path("again"),
        (const char *const[]){BLOCK, "cache.features=false"}, 7));
    assert_true(farthest("once", "again") < 2e-3);
}

#define INSIDE                                                                         \
    "train.what=features.15.conv.1.0.*", "targets=valence", "epochs=3", "batch=8",     \
        "optimiser.name=sgd", "optimiser.rate=0.00001"

/* The block's input goes round the layer that learns: two nodes are computed once. */
static void a_layer_inside_a_block_learns_the_same_from_what_is_computed_once(
    void **state) {
    (void)state;
    mien_study *study = NULL;
    mien_net net = {0};
    assert_good(pictures_study((const char *const[]){INSIDE}, 6, &study));
    assert_good(pictures_net(&net, study, pictures_weights()));
    assert_int_equal(net.frozen.count, 2);
    mien_net_clear(&net);
    mien_study_close(&study);
    assert_good(train(support_temp_path("inside"), (const char *const[]){INSIDE}, 6));
    assert_good(train(support_temp_path("through"),
        (const char *const[]){INSIDE, "cache.features=false"}, 7));
    assert_true(farthest("inside", "through") < 2e-3);
    assert_good(train(support_temp_path("inside-file"),
        (const char *const[]){INSIDE, "cache.memory=0"}, 7));
    assert_true(farthest("inside", "inside-file") == 0);
}

static void a_file_gives_the_same_bits_as_memory(void **state) {
    (void)state;
    assert_good(train(support_temp_path("memory"), (const char *const[]){BLOCK}, 6));
    assert_good(train(
        support_temp_path("file"), (const char *const[]){BLOCK, "cache.memory=0"}, 7));
    assert_true(farthest("memory", "file") == 0);
}

static void a_cache_that_cannot_be_written_is_named(void **state) {
    (void)state;
    assert_fails(train(support_temp_path("nowhere"),
                     (const char *const[]){
                         BLOCK, "cache.memory=0", "cache.folder=no/such/folder"},
                     8),
        MIEN_EIO, "no/such/folder");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_last_block_learns_the_same_from_what_is_computed_once),
        cmocka_unit_test(
            a_layer_inside_a_block_learns_the_same_from_what_is_computed_once),
        cmocka_unit_test(a_file_gives_the_same_bits_as_memory),
        cmocka_unit_test(a_cache_that_cannot_be_written_is_named),
    };
    return cmocka_run_group_tests(tests, set_up, NULL);
}
