/* SPDX-License-Identifier: MIT */
/* Golden vectors of a saved model: painted pictures, and what the model makes of them.
 */
#include "train/pictures.h"

#include "train/golden.h"
#include "train/network.h"

/* A model of one number on the first map of the backbone. */
static const char *save_model(void) {
    static char path[4096];
    mien_study *study = NULL;
    mien_net net;
    mien_network n = {.targets_count = 1};
    if (path[0]) {
        return path;
    }
    snprintf(path, sizeof path, "%s", support_temp_path("model.safetensors"));
    pictures_make();
    assert_good(pictures_study(
        PICTURES_SET("head.layer=features.1", "targets=valence"), &study));
    assert_good(pictures_net(&net, study, pictures_weights()));
    n.architecture = net.architecture;
    n.targets[0] = (mien_target){.minimum = 1, .maximum = 7};
    snprintf(n.targets[0].name, sizeof n.targets[0].name, "valence");
    snprintf(n.targets[0].construct, sizeof n.targets[0].construct, "evoked");
    snprintf(n.targets[0].perspective, sizeof n.targets[0].perspective, "normative");
    assert_good(mien_network_save(path, &n, net.parameters, NULL, 0));
    mien_net_clear(&net);
    mien_study_close(&study);
    return path;
}

static float predicted(const mien_tensor *picture) {
    mien_model *model = NULL;
    mien_runner *runner = NULL;
    mien_runner_options o = mien_runner_options_default();
    float image[3 * 32 * 32], output = NAN;
    assert_good(mien_model_open(save_model(), &model));
    assert_good(mien_runner_new(model, &o, &runner));
    assert_good(
        mien_preprocess_run(mien_model_preprocess(model), picture, false, image));
    assert_good(mien_runner_run_arrays(
        runner, (const float *const[]){image}, NULL, 1, &output, NULL));
    mien_runner_free(&runner);
    mien_model_close(&model);
    return output;
}

static void outputs_are_what_the_model_makes_of_the_pictures(void **state) {
    (void)state;
    mien_golden g;
    assert_good(mien_golden_make(&g, 3, save_model(), NULL, NULL, false, 1, NULL));
    assert_int_equal(g.count, 3);
    for (int i = 0; i < 3; i++) {
        float want = predicted(g.item[i][0]);
        assert_ptr_equal(g.input[i].item[0], g.item[i][0]);
        assert_close(g.input[i].output, &want, 1, 1e-6, 1e-6);
    }
    mien_golden_clear(&g);
}

static void pictures_are_the_same_each_time_and_differ_from_each_other(void **state) {
    (void)state;
    mien_golden a, b;
    assert_good(mien_golden_make(
        &a, MIEN_GOLDEN_MAX, save_model(), NULL, NULL, false, 1, NULL));
    assert_good(mien_golden_make(&b, 5, save_model(), NULL, NULL, false, 1, NULL));
    for (int i = 0; i < 5; i++) {
        assert_memory_equal(
            a.item[i][0]->data, b.item[i][0]->data, mien_tensor_bytes(a.item[i][0]));
    }
    for (int i = 0; i < MIEN_GOLDEN_MAX; i++) {
        for (int k = 0; k < i; k++) {
            assert_true(memcmp(a.item[i][0]->data, a.item[k][0]->data,
                            mien_tensor_bytes(a.item[i][0])) != 0);
        }
    }
    mien_golden_clear(&a);
    mien_golden_clear(&b);
}

static void a_model_that_is_not_there_is_told(void **state) {
    (void)state;
    mien_golden g;
    assert_fails(mien_golden_make(&g, 2, support_temp_path("none.safetensors"), NULL,
                     NULL, false, 1, NULL),
        MIEN_EIO, "none.safetensors");
    mien_golden_clear(&g);
}

static mien_status make_once(void *context) {
    mien_golden g;
    mien_status status = mien_golden_make(&g, 2, context, NULL, NULL, false, 1, NULL);
    mien_golden_clear(&g);
    return status;
}

static void every_failing_allocation_is_reported(void **state) {
    (void)state;
    char path[4096];
    snprintf(path, sizeof path, "%s", save_model());
    support_each_allocation_fails(make_once, path, 20000);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(outputs_are_what_the_model_makes_of_the_pictures),
        cmocka_unit_test(pictures_are_the_same_each_time_and_differ_from_each_other),
        cmocka_unit_test(a_model_that_is_not_there_is_told),
        cmocka_unit_test(every_failing_allocation_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
