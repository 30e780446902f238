/* SPDX-License-Identifier: MIT */
/* What Keras' networks share: preprocessing and TensorFlow's padding. */
#include "support/support.h"

#include "models/exchange/keras.h"

#define PLANE (224 * 224)

/* Runs a picture of one colour and a corner of another. */
static float *prepared(const mien_preprocess *p) {
    static const int64_t shape[] = {448, 112, 3};
    mien_tensor *image = NULL;
    float *out = mien_alloc(3 * PLANE, sizeof *out);
    assert_non_null(out);
    assert_good(mien_tensor_new(MIEN_U8, 3, shape, &image));
    uint8_t *pixels = image->data;
    for (int i = 0; i < 448 * 112; i++) {
        pixels[3 * i] = 255;
        pixels[3 * i + 1] = 51;
        pixels[3 * i + 2] = 0;
    }
    pixels[3 * (112 + 0) + 1] = 204; /* row 1, column 0: the nearest of place 0, 0 */
    assert_good(mien_preprocess_run(p, image, false, out));
    mien_tensor_free(&image);
    return out;
}

static void tf_is_rgb_from_minus_one_to_one(void **state) {
    (void)state;
    mien_preprocess p = mien_keras_preprocess_tf();
    float *out = prepared(&p);
    assert_near((double)out[5], 1, 1e-7);
    assert_near((double)out[PLANE + 5], 51 / 127.5 - 1, 1e-7);
    assert_near((double)out[2 * PLANE + 5], -1, 1e-7);
    /* nearest, aspect ignored: row 1 of 448 and column 0 of 112 fill 1 × 2 places */
    assert_near((double)out[PLANE], 204 / 127.5 - 1, 1e-7);
    assert_near((double)out[PLANE + 1], 204 / 127.5 - 1, 1e-7);
    assert_near((double)out[PLANE + 2], 51 / 127.5 - 1, 1e-7);
    assert_near((double)out[PLANE + 224], 51 / 127.5 - 1, 1e-7);
    mien_free(out);
}

static void caffe_is_bgr_minus_the_means(void **state) {
    (void)state;
    mien_preprocess p = mien_keras_preprocess_caffe();
    float *out = prepared(&p);
    assert_near((double)out[5], 0 - 103.939, 1e-5);
    assert_near((double)out[PLANE + 5], 51 - 116.779, 1e-5);
    assert_near((double)out[2 * PLANE + 5], 255 - 123.68, 1e-5);
    mien_free(out);
}

/* Ones over a picture of ones: each value counts the places of the window inside. */
static void same_pads_the_odd_zero_after(void **state) {
    (void)state;
    static const struct {
        int side, stride, out;
        float first, last;
    } cases[] = {{8, 2, 4, 9, 4}, {7, 2, 4, 4, 4}, {6, 1, 6, 4, 4}, {9, 3, 3, 9, 9},
        {5, 4, 2, 4, 4}};
    for (size_t k = 0; k < sizeof cases / sizeof cases[0]; k++) {
        const int64_t shape[] = {MIEN_BATCH, 1, cases[k].side, cases[k].side};
        mien_builder b = {0};
        mien_parameters *parameters = NULL;
        mien_plan *plan = NULL;
        mien_node x, y;
        int64_t got[MIEN_RANK_MAX];
        const mien_keras_conv conv = {
            1, 3, 3, cases[k].stride, MIEN_KERAS_SAME, false, false};
        assert_good(mien_graph_new(&b.graph));
        assert_good(mien_graph_input(b.graph, "input", 4, shape, &x));
        y = mien_keras_build_conv(&b, x, &conv, "conv");
        assert_good(b.status);
        mien_graph_shape(b.graph, y, got);
        assert_int_equal(got[2], cases[k].out);
        assert_good(mien_parameters_new(b.graph, &parameters));
        for (int i = 0; i < 9; i++) {
            ((float *)mien_parameters_at(parameters, 0)->data)[i] = 1;
        }
        assert_good(mien_plan_new(b.graph, parameters, NULL, &plan));
        float *in = mien_plan_input(plan, x);
        for (int i = 0; i < cases[k].side * cases[k].side; i++) {
            in[i] = 1;
        }
        assert_good(mien_plan_run(plan));
        const float *out = mien_plan_output(plan, 0)->data;
        assert_near((double)out[0], (double)cases[k].first, 0);
        assert_near(
            (double)out[cases[k].out * cases[k].out - 1], (double)cases[k].last, 0);
        mien_plan_free(&plan);
        mien_parameters_free(&parameters);
        mien_graph_free(&b.graph);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tf_is_rgb_from_minus_one_to_one),
        cmocka_unit_test(caffe_is_bgr_minus_the_means),
        cmocka_unit_test(same_pads_the_odd_zero_after),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
