/* SPDX-License-Identifier: MIT */
/* Each kind of Keras' layers in ONNX's operators. In comes the layer at hand with its
 * settings, its weights and what it reads; out go nodes. Maps are [N, C, H, W], kernels
 * are turned, and what Flatten gives keeps Keras' order. Called by import_keras.c. */
#include "models/exchange/import_keras_layers.h"

#include <string.h>

/* ---- kinds of layers
 * ---------------------------------------------------------------------------- */

/* Adds the activation a layer names; gives the name of the result. */
static const char *activated(mien_keras_telling *t, const char *kind, const char *value,
    const char *output, bool map) {
    static const char *const plain[][2] = {{"relu", "Relu"}, {"sigmoid", "Sigmoid"},
        {"tanh", "Tanh"}, {"elu", "Elu"}, {"selu", "Selu"}, {"softplus", "Softplus"},
        {"softsign", "Softsign"}, {"exponential", "Exp"}, {"mish", "Mish"},
        {"swish", "Swish"}, {"silu", "Swish"}};
    for (int i = 0; i < 11; i++) {
        if (strcmp(kind, plain[i][0]) == 0) {
            mien_keras_simple(t, plain[i][1], output, value);
            return output;
        }
    }
    if (strcmp(kind, "softmax") == 0) {
        if (map) {
            mien_keras_fail(
                t, MIEN_EUNSUPPORTED, "a softmax over the channels of maps");
        }
        mien_keras_set_int(mien_keras_simple(t, "Softmax", output, value), "axis", 1);
    } else if (strcmp(kind, "hard_sigmoid") == 0) {
        mien_keras_set_number(mien_keras_simple(t, "HardSigmoid", output, value),
            "alpha", t->old ? 0.2 : 0.16666667163372040);
    } else if (strcmp(kind, "relu6") == 0) {
        mien_onnx_node *n = mien_keras_simple(t, "Clip", output, value);
        mien_keras_set_number(n, "min", 0);
        mien_keras_set_number(n, "max", 6);
    } else if (strcmp(kind, "gelu") == 0) {
        mien_keras_simple(t, "Gelu", output, value);
    } else if (strcmp(kind, "linear") == 0) {
        mien_keras_simple(t, "Identity", output, value);
    } else {
        mien_keras_fail(t, MIEN_EUNSUPPORTED, "activation \"%s\"", kind);
    }
    return output;
}

static void finish_with(mien_keras_telling *t, const char *value, bool map) {
    activated(t, mien_keras_word_of(t, "activation", "linear"), value, t->name, map);
}

static const char *padding_of(mien_keras_telling *t) {
    const char *padding = mien_keras_word_of(t, "padding", "valid");
    if (strcmp(padding, "same") != 0 && strcmp(padding, "valid") != 0) {
        mien_keras_fail(t, MIEN_EUNSUPPORTED, "padding \"%s\"", padding);
    }
    return strcmp(padding, "same") == 0 ? "SAME_UPPER" : "VALID";
}

static const char *convolution(mien_keras_telling *t, const char *input,
    const char *output, const char *what, const mien_tensor *kernel, bool depthwise,
    bool strided, mien_tensor *bias) {
    int64_t stride[2] = {1, 1}, dilation[2] = {1, 1};
    mien_tensor *made = mien_keras_turned_kernel(t, kernel, depthwise);
    int64_t groups = depthwise && kernel ? kernel->shape[2] : 1;
    const char *names[3] = {input, NULL, NULL};
    if (!made) {
        mien_tensor_free(&bias);
        return output;
    }
    names[1] = mien_keras_initializer(t, what, made);
    if (bias) {
        names[2] = mien_keras_initializer(t, "bias", bias);
    }
    mien_onnx_node *n = mien_keras_node(t, "Conv", output, names, bias ? 3 : 2);
    if (strided) {
        mien_keras_pair_of(t, "strides", 1, stride);
        mien_keras_pair_of(t, "dilation_rate", 1, dilation);
    }
    mien_keras_set_ints(t, n, "strides", 2, stride);
    mien_keras_set_ints(t, n, "dilations", 2, dilation);
    mien_keras_set_int(n, "group", groups);
    mien_keras_set_text(n, "auto_pad", strided ? padding_of(t) : "VALID");
    return output;
}

/* Its settings and its weights say the same width. */
static void check_width(
    mien_keras_telling *t, const char *key, int index, int dimension) {
    const mien_tensor *k = index < t->weights_count ? t->weights[index] : NULL;
    int64_t has = k && k->rank > dimension ? k->shape[dimension] : 0;
    int64_t said = mien_keras_int_of(t, key, has);
    if (has > 0 && said != has) {
        mien_keras_fail(t, MIEN_EFORMAT, "%s: %lld, but its weights have %lld", key,
            (long long)said, (long long)has);
    }
}

static void conv2d(mien_keras_telling *t, bool depthwise) {
    if (!depthwise) {
        check_width(t, "filters", 0, 3);
    }
    bool bias = mien_keras_flag_of(t, "use_bias", true);
    const char *value = mien_keras_text_of(t, "%s.conv", t->name);
    mien_tensor *b = bias ? mien_keras_taken(t, 1, 1) : NULL;
    convolution(t, t->reads[0]->value, value, "weight", mien_keras_weight(t, 0, 4),
        depthwise, true, b);
    finish_with(t, value, true);
}

static void separable(mien_keras_telling *t) {
    check_width(t, "filters", 1, 3);
    bool bias = mien_keras_flag_of(t, "use_bias", true);
    const char *value = mien_keras_text_of(t, "%s.conv", t->name);
    const char *between = mien_keras_text_of(t, "%s.depthwise", t->name);
    convolution(t, t->reads[0]->value, between, "depthwise.weight",
        mien_keras_weight(t, 0, 4), true, true, NULL);
    convolution(t, between, value, "weight", mien_keras_weight(t, 1, 4), false, false,
        bias ? mien_keras_taken(t, 2, 1) : NULL);
    finish_with(t, value, true);
}

static void dense(mien_keras_telling *t) {
    check_width(t, "units", 0, 1);
    const char *names[3] = {t->reads[0]->value, NULL, NULL};
    const char *value = mien_keras_text_of(t, "%s.dense", t->name);
    bool bias = mien_keras_flag_of(t, "use_bias", true);
    mien_tensor *k = mien_keras_taken(t, 0, 2),
                *b = bias ? mien_keras_taken(t, 1, 1) : NULL;
    if (t->reads[0]->map) {
        mien_keras_fail(t, MIEN_EUNSUPPORTED, "a dense layer over maps");
    }
    names[1] = k ? mien_keras_initializer(t, "weight", k) : "";
    names[2] = b ? mien_keras_initializer(t, "bias", b) : "";
    mien_keras_node(t, "Gemm", value, names, bias ? 3 : 2);
    finish_with(t, value, false);
}

/* gamma where it scales, beta where it shifts, then mean and variance. */
static void batch_norm(mien_keras_telling *t) {
    static const char *const whats[] = {
        "weight", "bias", "running_mean", "running_var"};
    bool there[] = {mien_keras_flag_of(t, "scale", true),
        mien_keras_flag_of(t, "center", true), true, true};
    const char *names[5] = {t->reads[0]->value, "", "", "", ""};
    int at = 0;
    int64_t channels = t->weights_count ? mien_tensor_count(t->weights[0]) : 0;
    for (int k = 0; k < 4 && t->status == MIEN_OK; k++) {
        mien_tensor *w = there[k] ? mien_keras_taken(t, at++, 1) : NULL;
        if (!there[k]) {
            t->status = mien_tensor_new(MIEN_F32, 1, &channels, &w);
            for (int64_t c = 0; w && k == 0 && c < channels; c++) {
                ((float *)w->data)[c] = 1;
            }
        }
        names[1 + k] = w ? mien_keras_initializer(t, whats[k], w) : "";
    }
    mien_onnx_node *n = mien_keras_node(t, "BatchNormalization", t->name, names, 5);
    mien_keras_set_number(n, "epsilon", mien_keras_number_of(t, "epsilon", 1e-3));
    mien_keras_set_number(n, "momentum", mien_keras_number_of(t, "momentum", 0.99));
}

static void pooling(mien_keras_telling *t, const char *op) {
    int64_t size[2], stride[2];
    mien_keras_pair_of(t, "pool_size", 2, size);
    mien_keras_pair_of(t, "strides", size[0], stride);
    if (!mien_value_count(mien_value_get(t->settings, "strides"))) {
        memcpy(stride, size, sizeof stride);
    }
    mien_onnx_node *n = mien_keras_simple(t, op, t->name, t->reads[0]->value);
    mien_keras_set_ints(t, n, "kernel_shape", 2, size);
    mien_keras_set_ints(t, n, "strides", 2, stride);
    mien_keras_set_text(n, "auto_pad", padding_of(t));
}

static void global_pool(mien_keras_telling *t, const char *op) {
    const char *value = mien_keras_text_of(t, "%s.pool", t->name);
    bool keep = mien_keras_flag_of(t, "keepdims", false);
    mien_keras_simple(t, op, keep ? t->name : value, t->reads[0]->value);
    if (!keep) {
        mien_keras_simple(t, "Flatten", t->name, value);
    }
}

static void flatten(mien_keras_telling *t) {
    const char *value = t->reads[0]->value;
    if (t->reads[0]->map) {
        const char *turned = mien_keras_text_of(t, "%s.turned", t->name);
        mien_keras_set_ints(t, mien_keras_simple(t, "Transpose", turned, value), "perm",
            4, (const int64_t[]){0, 2, 3, 1});
        value = turned;
    }
    mien_keras_simple(t, "Flatten", t->name, value);
}

static void zero_padding(mien_keras_telling *t) {
    int64_t pads[8] = {0};
    const mien_value *p = mien_value_get(t->settings, "padding");
    for (int d = 0; d < 2; d++) {
        const mien_value *side = mien_value_at(p, d);
        bool two = mien_value_count(side) == 2;
        int64_t both = mien_value_int(p ? (mien_value_count(p) ? side : p) : NULL, 1);
        pads[2 + d] = two ? mien_value_int(mien_value_at(side, 0), 0) : both;
        pads[6 + d] = two ? mien_value_int(mien_value_at(side, 1), 0) : both;
    }
    mien_keras_set_ints(
        t, mien_keras_simple(t, "Pad", t->name, t->reads[0]->value), "pads", 8, pads);
}

/* [H, W, C], or 1 where it is shared, as [C, H, W]. */
static void prelu(mien_keras_telling *t) {
    mien_tensor *alpha = mien_keras_weight(t, 0, 3), *made = NULL;
    const char *names[2] = {t->reads[0]->value, ""};
    if (!alpha || !t->reads[0]->map) {
        mien_keras_fail(t, MIEN_EUNSUPPORTED, "PReLU of rows");
        return;
    }
    int64_t h = alpha->shape[0], w = alpha->shape[1], c = alpha->shape[2];
    t->status = mien_tensor_new(MIEN_F32, 3, (int64_t[]){c, h, w}, &made);
    for (int64_t i = 0; made && i < h * w * c; i++) {
        ((float *)made->data)[i % c * h * w + i / c] = ((float *)alpha->data)[i];
    }
    names[1] = made ? mien_keras_initializer(t, "weight", made) : "";
    mien_keras_node(t, "PRelu", t->name, names, 2);
}

static void joined(mien_keras_telling *t, const char *op) {
    const char *names[MIEN_KERAS_READS_MAX];
    for (int i = 0; i < t->reads_count; i++) {
        names[i] = t->reads[i]->value;
        if (t->reads[i]->map != t->reads[0]->map) {
            mien_keras_fail(t, MIEN_EUNSUPPORTED, "it joins maps and rows");
        }
    }
    if (strcmp(op, "Mul") == 0 && t->reads_count != 2) {
        mien_keras_fail(t, MIEN_EUNSUPPORTED, "a product of %d values", t->reads_count);
    }
    mien_onnx_node *n = mien_keras_node(t, op, t->name, names, t->reads_count);
    if (strcmp(op, "Concat") == 0) {
        int64_t axis = mien_keras_int_of(t, "axis", -1);
        bool last = axis == -1 || axis == (t->reads[0]->map ? 3 : 1);
        mien_keras_set_int(n, "axis", last ? 1 : axis == 1 ? 2 : axis == 2 ? 3 : 0);
    }
}

static void relu(mien_keras_telling *t) {
    const mien_value *most = mien_value_get(t->settings, "max_value");
    bool limited = most && mien_value_kind_of(most) != MIEN_VALUE_NULL;
    if (mien_keras_number_of(t, "negative_slope", 0) != 0 ||
        mien_keras_number_of(t, "threshold", 0) != 0) {
        mien_keras_fail(t, MIEN_EUNSUPPORTED, "a slope below 0, or a threshold");
    }
    mien_onnx_node *n =
        mien_keras_simple(t, limited ? "Clip" : "Relu", t->name, t->reads[0]->value);
    if (limited) {
        mien_keras_set_number(n, "min", 0);
        mien_keras_set_number(n, "max", mien_value_number(most, 6));
    }
}

void mien_keras_input(mien_keras_telling *t) {
    const mien_value *shape = mien_value_get(t->settings, "batch_input_shape");
    shape = shape ? shape : mien_value_get(t->settings, "batch_shape");
    int rank = (int)mien_value_count(shape);
    if (!shape || (rank != 2 && rank != 4)) {
        mien_keras_fail(t, MIEN_EUNSUPPORTED, "an input of %d dimensions", rank);
        return;
    }
    mien_onnx_value *v = &t->m->inputs[t->m->inputs_count++];
    *v = (mien_onnx_value){
        .name = rank == 4 ? mien_keras_text_of(t, "%s.picture", t->name) : t->name,
        .dtype = MIEN_F32,
        .rank = rank};
    for (int d = 0; d < rank; d++) {
        v->shape[d] = d ? mien_value_int(mien_value_at(shape, d), -1) : -1;
    }
    if (rank == 4) {
        mien_keras_set_ints(t, mien_keras_simple(t, "Transpose", t->name, v->name),
            "perm", 4, (const int64_t[]){0, 3, 1, 2});
    }
}

/* ---- layers
 * ------------------------------------------------------------------------------------------
 */

static const char *const kinds[] = {"InputLayer", "Conv2D", "Convolution2D",
    "DepthwiseConv2D", "SeparableConv2D", "Dense", "BatchNormalization", "Activation",
    "ReLU", "LeakyReLU", "ELU", "PReLU", "Softmax", "MaxPooling2D", "AveragePooling2D",
    "GlobalAveragePooling2D", "GlobalMaxPooling2D", "Flatten", "Dropout",
    "SpatialDropout2D", "GaussianNoise", "Add", "Multiply", "Concatenate",
    "ZeroPadding2D", NULL};

bool mien_keras_is_known(const char *kind) {
    for (int i = 0; kinds[i]; i++) {
        if (strcmp(kinds[i], kind) == 0) {
            return true;
        }
    }
    return false;
}

static void tell_activation(mien_keras_telling *t, const char *kind) {
    const char *value = t->reads[0]->value;
    bool map = t->reads[0]->map;
    if (strcmp(kind, "Activation") == 0) {
        finish_with(t, value, map);
    } else if (strcmp(kind, "Softmax") == 0) {
        activated(t, "softmax", value, t->name, map);
    } else if (strcmp(kind, "ReLU") == 0) {
        relu(t);
    } else if (strcmp(kind, "LeakyReLU") == 0) {
        mien_keras_set_number(mien_keras_simple(t, "LeakyRelu", t->name, value),
            "alpha",
            mien_keras_number_of(
                t, "negative_slope", mien_keras_number_of(t, "alpha", 0.3)));
    } else if (strcmp(kind, "ELU") == 0) {
        mien_keras_set_number(mien_keras_simple(t, "Elu", t->name, value), "alpha",
            mien_keras_number_of(t, "alpha", 1));
    } else {
        prelu(t);
    }
}

/* Whether what the layer gives is a map. */
bool mien_keras_tell_layer(mien_keras_telling *t, const char *kind) {
    bool map = t->reads_count ? t->reads[0]->map : false;
    if (strcmp(mien_keras_word_of(t, "data_format", "channels_last"),
            "channels_first") == 0) {
        mien_keras_fail(t, MIEN_EUNSUPPORTED, "channels come first");
    }
    if (strcmp(kind, "InputLayer") == 0) {
        mien_keras_input(t);
        return t->status == MIEN_OK && t->m->inputs[t->m->inputs_count - 1].rank == 4;
    }
    if (t->reads_count == 0) {
        mien_keras_fail(t, MIEN_EFORMAT, "it reads nothing");
        return false;
    }
    if (strstr(kind, "Conv2D") || strcmp(kind, "Convolution2D") == 0) {
        if (*kind == 'S') { /* SeparableConv2D */
            separable(t);
        } else {
            conv2d(t, *kind == 'D'); /* DepthwiseConv2D */
        }
        return true;
    }
    if (strcmp(kind, "Dense") == 0) {
        dense(t);
    } else if (strcmp(kind, "BatchNormalization") == 0) {
        batch_norm(t);
    } else if (strncmp(kind, "Global", 6) == 0) {
        global_pool(t, kind[6] == 'A' ? "GlobalAveragePool" : "GlobalMaxPool");
        return mien_keras_flag_of(t, "keepdims", false);
    } else if (strstr(kind, "Pooling2D")) {
        pooling(t, *kind == 'M' ? "MaxPool" : "AveragePool");
    } else if (strcmp(kind, "Flatten") == 0) {
        flatten(t);
        return false;
    } else if (strstr(kind, "Dropout") || strcmp(kind, "GaussianNoise") == 0) {
        mien_keras_simple(t, "Identity", t->name, t->reads[0]->value);
    } else if (strcmp(kind, "ZeroPadding2D") == 0) {
        zero_padding(t);
    } else if (strcmp(kind, "Add") == 0) {
        joined(t, "Sum");
    } else if (strcmp(kind, "Multiply") == 0) {
        joined(t, "Mul");
    } else if (strcmp(kind, "Concatenate") == 0) {
        joined(t, "Concat");
    } else {
        tell_activation(t, kind);
    }
    return map;
}
