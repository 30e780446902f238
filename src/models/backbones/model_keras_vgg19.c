/* SPDX-License-Identifier: MIT */
/* VGG19 (Simonyan & Zisserman 2015) without its top, layer for layer as Keras builds
 * it. */
#include "models/exchange/keras.h"

static mien_status build(mien_graph *graph, mien_node input, mien_node *last) {
    static const int convolutions[5] = {2, 2, 4, 4, 4};
    return mien_keras_vgg_build(graph, input, convolutions, last);
}

const mien_backbone mien_model_keras_vgg19 = {
    .name = "keras_vgg19",
    .summary =
        "VGG19 of Keras, no top: 20.0 M parameters, 39.0 GFLOP a picture, 512 features",
    .feature = "block5_pool",
    .minimum_size = 32,
    .preprocess = mien_keras_preprocess_caffe,
    .build = build,
    .weights_file = "vgg19_weights_tf_dim_ordering_tf_kernels_notop.h5",
    .weights_url =
        MIEN_KERAS_URL "vgg19/vgg19_weights_tf_dim_ordering_tf_kernels_notop.h5",
    .weights_md5 = "253f8cb515780f3b799900260a226db6",
    .weights_licence = MIEN_KERAS_LICENCE,
};
