/* SPDX-License-Identifier: MIT */
/* First weights that a study names for groups of parameters. */
#include "train/network_weights.h"

#include "train/pictures.h"

static int set_up(void **state) {
    (void)state;
    pictures_make();
    pictures_weights();
    return 0;
}

static mien_status open_net(
    mien_net *net, const char *const *set, int count, mien_study **study) {
    mien_status status = pictures_study(set, count, study);
    return status == MIEN_OK ? pictures_net(net, *study, pictures_weights()) : status;
}

static const float *values_of(const mien_net *net, const char *name, int64_t *count) {
    int64_t at = mien_parameters_find(net->parameters, name);
    assert_true(at >= 0);
    const mien_tensor *t = mien_parameters_at(net->parameters, at);
    *count = mien_tensor_count(t);
    return t->data;
}

static void a_rule_draws_what_matches_alone(void **state) {
    (void)state;
    mien_study *study = NULL, *plain = NULL;
    mien_net net = {0}, other = {0};
    int64_t n = 0;
    assert_good(open_net(
        &net, (const char *const[]){"train.initials=head.* = zero"}, 1, &study));
    assert_good(open_net(&other, NULL, 0, &plain));
    const float *w = values_of(&net, "head.0.weight", &n);
    for (int64_t i = 0; i < n; i++) {
        assert_true(w[i] == 0);
    }
    const float *a = values_of(&net, "features.0.0.weight", &n),
                *b = values_of(&other, "features.0.0.weight", &n);
    assert_memory_equal(a, b, (size_t)n * sizeof *a);
    mien_net_clear(&other);
    mien_net_clear(&net);
    mien_study_close(&plain);
    mien_study_close(&study);
}

static void a_file_fills_what_matches(void **state) {
    (void)state;
    mien_study *study = NULL;
    mien_net net = {0};
    int64_t n = 0;
    float bias[4] = {0.25f, -3, 1, 2};
    mien_tensor t = {.dtype = MIEN_F32, .rank = 1, .shape = {4}, .data = bias};
    const mien_tensor *tensors[] = {&t};
    const char *names[] = {"head.0.bias"};
    assert_good(mien_safetensors_write(
        support_temp_path("bias.safetensors"), 1, names, tensors, NULL));
    assert_good(open_net(&net,
        (const char *const[]){"train.load=head.0.bias = bias.safetensors"}, 1, &study));
    assert_memory_equal(values_of(&net, "head.0.bias", &n), bias, sizeof bias);
    mien_net_clear(&net);
    mien_study_close(&study);

    assert_fails(
        open_net(&net, (const char *const[]){"train.load=head.* = bias.safetensors"}, 1,
            &study),
        MIEN_EFORMAT, "head.0.weight");
    mien_net_clear(&net);
    mien_study_close(&study);
}

static void what_cannot_be_names_the_key(void **state) {
    (void)state;
    static const struct {
        const char *set, *says;
    } cases[] = {{"train.initials=head.* = orthogonal", "train.initials"},
        {"train.initials=nothing.* = zero", "no parameter is called \"nothing.*\""},
        {"train.initials=zero", "PATTERN = RULE"},
        {"train.load=head.*", "PATTERN = FILE"},
        {"train.load=head.* = none.safetensors", "none.safetensors"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        mien_study *study = NULL;
        mien_net net = {0};
        mien_status status = open_net(&net, &cases[i].set, 1, &study);
        assert_true(status != MIEN_OK);
        if (!strstr(mien_error(), cases[i].says)) {
            fail_msg("%s: %s", cases[i].set, mien_error());
        }
        mien_net_clear(&net);
        mien_study_close(&study);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_rule_draws_what_matches_alone),
        cmocka_unit_test(a_file_fills_what_matches),
        cmocka_unit_test(what_cannot_be_names_the_key),
    };
    return cmocka_run_group_tests(tests, set_up, NULL);
}
