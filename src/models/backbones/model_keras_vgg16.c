/* SPDX-License-Identifier: MIT */
/* VGG16 (Simonyan & Zisserman 2015) without its top, layer for layer as Keras builds
 * it. */
#include "models/exchange/keras.h"

static mien_status build(mien_graph *graph, mien_node input, mien_node *last) {
    static const int convolutions[5] = {2, 2, 3, 3, 3};
    return mien_keras_vgg_build(graph, input, convolutions, last);
}

const mien_backbone mien_model_keras_vgg16 = {
    .name = "keras_vgg16",
    .summary =
        "VGG16 of Keras, no top: 14.7 M parameters, 30.7 GFLOP a picture, 512 features",
    .feature = "block5_pool",
    .minimum_size = 32,
    .preprocess = mien_keras_preprocess_caffe,
    .build = build,
    .weights_file = "vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5",
    .weights_url =
        MIEN_KERAS_URL "vgg16/vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5",
    .weights_md5 = "6d6bbae143d832006294945121d1f1fc",
    .weights_licence = MIEN_KERAS_LICENCE,
};
