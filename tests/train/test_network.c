/* SPDX-License-Identifier: MIT */
/* A study's network: its first weights, and which of them are trained. */
#include "train/pictures.h"

#include "train/network.h"

static int set_up(void **state) {
    (void)state;
    pictures_make();
    pictures_weights();
    return 0;
}

static mien_status open_net(
    mien_net *net, const char *const *set, int count, const char *weights) {
    mien_study *study = NULL;
    *net = (mien_net){0};
    assert_good(pictures_study(set, count, &study));
    mien_status status = pictures_net(net, study, weights);
    mien_study_close(&study);
    return status;
}

static bool is_trained(const mien_net *net, const char *name) {
    int64_t at = mien_parameters_find(net->parameters, name);
    assert_true(at >= 0);
    return mien_parameters_trained(net->parameters, at);
}

static void only_the_head_is_trained_unasked(void **state) {
    (void)state;
    mien_net net;
    assert_good(open_net(&net, PICTURES_SET("head.layers=6"), pictures_weights()));
    int64_t trained = 0;
    for (int64_t i = 0; i < mien_parameters_count(net.parameters); i++) {
        trained += mien_parameters_trained(net.parameters, i);
    }
    assert_int_equal(trained, 4);
    assert_true(is_trained(&net, "head.0.weight"));
    assert_true(is_trained(&net, "head.1.bias"));
    mien_net_clear(&net);
}

/* The last block of MobileNetV2 is features.18, whose running statistics are nobody's
 * to train. */
static void what_is_trained_follows_train_what(void **state) {
    (void)state;
    static const struct {
        const char *set, *in, *out;
    } cases[] = {{"train.what=last-block", "features.18.0.weight",
                     "features.17.conv.1.0.weight"},
        {"train.what=features.17.*", "features.17.conv.1.0.weight",
            "features.18.0.weight"},
        {"train.what=all", "features.0.0.weight", "features.0.1.running_mean"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        mien_net net;
        assert_good(open_net(&net, PICTURES_SET(cases[i].set), pictures_weights()));
        assert_true(is_trained(&net, cases[i].in));
        assert_true(is_trained(&net, "head.0.weight"));
        assert_false(is_trained(&net, cases[i].out));
        mien_net_clear(&net);
    }
}

static void weights_are_the_files_and_the_head_is_drawn(void **state) {
    (void)state;
    mien_net net, other;
    assert_good(open_net(&net, PICTURES_SET("seed=1"), pictures_weights()));
    assert_good(open_net(&other, PICTURES_SET("seed=2"), pictures_weights()));
    for (int64_t i = 0; i < mien_parameters_count(net.parameters); i++) {
        const char *name = mien_parameters_name(net.parameters, i);
        mien_tensor *t = mien_parameters_at(net.parameters, i), *want = NULL;
        if (strncmp(name, "head.", 5) == 0) {
            continue;
        }
        assert_good(mien_tensor_new(MIEN_F32, t->rank, t->shape, &want));
        drawn_parameter(name, want);
        assert_memory_equal(t->data, want->data, mien_tensor_bytes(t));
        mien_tensor_free(&want);
    }
    int64_t head = mien_parameters_find(net.parameters, "head.0.weight");
    assert_true(memcmp(mien_parameters_at(net.parameters, head)->data,
                    mien_parameters_at(other.parameters, head)->data,
                    mien_tensor_bytes(mien_parameters_at(net.parameters, head))) != 0);
    mien_net_clear(&net);
    mien_net_clear(&other);
}

static void a_head_alone_begins_as_the_networks_own(void **state) {
    (void)state;
    mien_net net, head;
    mien_study *study = NULL;
    assert_good(pictures_study(PICTURES_SET("head.layers=6", "seed=3"), &study));
    assert_good(pictures_net(&net, study, pictures_weights()));
    assert_good(mien_net_open_tail(&head, study, &net, 1));
    assert_int_equal(mien_parameters_count(head.parameters), 4);
    for (int64_t i = 0; i < 4; i++) {
        const mien_tensor *a = mien_parameters_at(head.parameters, i);
        int64_t at = mien_parameters_find(
            net.parameters, mien_parameters_name(head.parameters, i));
        assert_true(at >= 0);
        assert_memory_equal(a->data, mien_parameters_at(net.parameters, at)->data,
            mien_tensor_bytes(a));
    }
    mien_net_clear(&net);
    mien_net_clear(&head);
    mien_study_close(&study);
}

static void copying_takes_what_both_have(void **state) {
    (void)state;
    mien_net net, head;
    mien_study *study = NULL;
    assert_good(pictures_study(NULL, 0, &study));
    assert_good(pictures_net(&net, study, pictures_weights()));
    assert_good(mien_net_open_tail(&head, study, &net, 1));
    float *values = mien_parameters_at(head.parameters, 0)->data;
    values[5] = 123;
    mien_net_copy(&net, &head);
    int64_t at =
        mien_parameters_find(net.parameters, mien_parameters_name(head.parameters, 0));
    assert_near(
        (double)((float *)mien_parameters_at(net.parameters, at)->data)[5], 123, 0);
    mien_net_clear(&net);
    mien_net_clear(&head);
    mien_study_close(&study);
}

static void the_last_factor_that_matches_holds(void **state) {
    (void)state;
    mien_study *study = NULL;
    double rate = 0, decay = 0;
    assert_good(pictures_study(
        PICTURES_SET("train.what=all", "train.rates=* = 0.5;features.1* = 0.1",
            "train.decays=*.bias = 0"),
        &study));
    mien_net_factors(study, "features.18.0.weight", &rate, &decay);
    assert_near(rate, 0.1, 0);
    assert_near(decay, 1, 0);
    mien_net_factors(study, "head.0.bias", &rate, &decay);
    assert_near(rate, 0.5, 0);
    assert_near(decay, 0, 0);
    mien_study_close(&study);
}

static void pictures_that_are_never_the_same_have_nothing_frozen(void **state) {
    (void)state;
    static const struct {
        const char *set;
        int ends;
    } cases[] = {{"seed=1", 1}, {"train.what=last-block", 1}, {"augment=flip", 0}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        mien_study *study = NULL;
        mien_net net;
        assert_good(pictures_study(PICTURES_SET(cases[i].set), &study));
        assert_good(pictures_net(&net, study, "random"));
        assert_int_equal(net.frozen.count, cases[i].ends);
        mien_net_clear(&net);
        mien_study_close(&study);
    }
}

static void what_cannot_be_trained_is_told_with_its_key(void **state) {
    (void)state;
    static const struct {
        const char *set, *part;
    } cases[] = {{"train.what=layer9.*", "train.what: no parameter"},
        {"train.rates=layer9.* = 2", "train.rates: no parameter that is trained"},
        {"train.decays=features.* = 2", "train.decays: no parameter that is trained"},
        {"train.rates=* = 0", "leave nothing to train"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        mien_net net;
        assert_fails(open_net(&net, PICTURES_SET(cases[i].set), pictures_weights()),
            MIEN_EFORMAT, cases[i].part);
        mien_net_clear(&net);
    }
}

static void a_file_without_the_backbones_weights_is_told(void **state) {
    (void)state;
    mien_net net;
    const char *path = support_temp_path("empty.safetensors");
    assert_good(mien_safetensors_write(path, 0, NULL, NULL, NULL));
    assert_fails(open_net(&net, NULL, 0, path), MIEN_EFORMAT,
        "empty.safetensors: it lacks features.0.0.weight");
    mien_net_clear(&net);
    assert_fails(open_net(&net, NULL, 0, support_temp_path("none.safetensors")),
        MIEN_EIO, "none.safetensors");
    mien_net_clear(&net);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_the_head_is_trained_unasked),
        cmocka_unit_test(what_is_trained_follows_train_what),
        cmocka_unit_test(weights_are_the_files_and_the_head_is_drawn),
        cmocka_unit_test(a_head_alone_begins_as_the_networks_own),
        cmocka_unit_test(copying_takes_what_both_have),
        cmocka_unit_test(the_last_factor_that_matches_holds),
        cmocka_unit_test(pictures_that_are_never_the_same_have_nothing_frozen),
        cmocka_unit_test(what_cannot_be_trained_is_told_with_its_key),
        cmocka_unit_test(a_file_without_the_backbones_weights_is_told),
    };
    return cmocka_run_group_tests(tests, set_up, NULL);
}
