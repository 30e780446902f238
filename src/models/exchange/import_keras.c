/* SPDX-License-Identifier: MIT */
/* Whole models of Keras (.h5 with model_config), told in the operators of ONNX: maps
 * become [N, C, H, W] behind the input, kernels are turned, and what Flatten gives
 * keeps Keras' order. */
#include "models/exchange/import_keras.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "io/index.h"

#define LAYERS_MAX 10000
#define WEIGHTS_MAX 6
#define READS_MAX 64
#define NODES_EACH 6

/* A layer that is there already. */
typedef struct layer {
    const char *name, *value; /* what others read */
    bool map;                 /* [N, C, H, W]; else [N, F] */
} layer;

typedef struct telling {
    mien_status status;
    mien_hdf5 *file;
    mien_value *config;
    mien_onnx *m;
    layer *layers;
    int count;
    bool old; /* before Keras 3 */
    /* the layer at hand */
    const char *name;
    const mien_value *settings;
    const layer *reads[READS_MAX];
    int reads_count;
    mien_tensor *weights[WEIGHTS_MAX];
    int weights_count, nodes_first;
} telling;

static void fail(telling *t, mien_status status, const char *format, ...)
    MIEN_PRINTF(3, 4);
static void fail(telling *t, mien_status status, const char *format, ...) {
    char text[512];
    va_list list;
    va_start(list, format);
    vsnprintf(text, sizeof text, format, list);
    va_end(list);
    if (t->status == MIEN_OK) {
        t->status = mien_fail(status, "layer %s: %s", t->name ? t->name : "", text);
    }
}

/* ---- the document under construction
 * -------------------------------------------------- */

static void *room(telling *t, size_t count, size_t size) {
    void *memory = mien_arena_alloc(t->m->arena, count, size);
    if (!memory && t->status == MIEN_OK) {
        t->status = MIEN_ENOMEM;
    }
    return memory;
}

static const char *text_of(telling *t, const char *format, ...) MIEN_PRINTF(2, 3);
static const char *text_of(telling *t, const char *format, ...) {
    char text[512];
    va_list list;
    va_start(list, format);
    vsnprintf(text, sizeof text, format, list);
    va_end(list);
    char *own = mien_arena_strdup(t->m->arena, text);
    if (!own && t->status == MIEN_OK) {
        t->status = MIEN_ENOMEM;
    }
    return own ? own : "";
}

/* A node that reads these names and gives `output`. */
static mien_onnx_node *node(telling *t, const char *op, const char *output,
    const char *const *inputs, int count) {
    mien_onnx_node *n = &t->m->nodes[t->m->nodes_count];
    const char **in = room(t, (size_t)count + 1, sizeof *in);
    const char **out = room(t, 1, sizeof *out);
    mien_onnx_attribute *attributes = room(t, 8, sizeof *attributes);
    static mien_onnx_node nowhere;
    if (!in || !out || !attributes || t->status != MIEN_OK) {
        nowhere = (mien_onnx_node){.attributes_count = 8};
        return &nowhere;
    }
    for (int i = 0; i < count; i++) {
        in[i] = inputs[i];
    }
    out[0] = output;
    *n = (mien_onnx_node){.name = t->name,
        .op = op,
        .domain = "",
        .inputs = in,
        .inputs_count = count,
        .outputs = out,
        .outputs_count = 1,
        .attributes = attributes};
    t->m->nodes_count++;
    return n;
}

static mien_onnx_node *simple(
    telling *t, const char *op, const char *output, const char *input) {
    return node(t, op, output, &input, 1);
}

static mien_onnx_attribute *attribute(mien_onnx_node *n, const char *name) {
    static mien_onnx_attribute nowhere;
    if (n->attributes_count >= 8) {
        nowhere = (mien_onnx_attribute){0};
        return &nowhere;
    }
    mien_onnx_attribute *a = &n->attributes[n->attributes_count++];
    a->name = name;
    return a;
}

static void set_int(mien_onnx_node *n, const char *name, int64_t value) {
    mien_onnx_attribute *a = attribute(n, name);
    a->kind = MIEN_ONNX_INT;
    a->integer = value;
}

static void set_number(mien_onnx_node *n, const char *name, double value) {
    mien_onnx_attribute *a = attribute(n, name);
    a->kind = MIEN_ONNX_FLOAT;
    a->number = (float)value;
}

static void set_text(mien_onnx_node *n, const char *name, const char *value) {
    mien_onnx_attribute *a = attribute(n, name);
    a->kind = MIEN_ONNX_TEXT;
    a->text = value;
}

static void set_ints(
    telling *t, mien_onnx_node *n, const char *name, int count, const int64_t *values) {
    int64_t *own = room(t, (size_t)count, sizeof *own);
    mien_onnx_attribute *a = attribute(n, name);
    if (own) {
        memcpy(own, values, (size_t)count * sizeof *own);
        a->kind = MIEN_ONNX_INTS;
        a->count = count;
        a->ints = own;
    }
}

/* An initialiser LAYER.what; the tensor is taken over. */
static const char *initializer(telling *t, const char *what, mien_tensor *tensor) {
    const char *name = text_of(t, "%s.%s", t->name, what);
    if (t->status == MIEN_OK) {
        t->status = mien_onnx_keep(t->m, tensor);
    } else {
        mien_tensor_free(&tensor);
    }
    if (t->status == MIEN_OK) {
        t->m->initializers[t->m->initializers_count++] =
            (mien_onnx_tensor){name, tensor};
    }
    return name;
}

/* ---- settings of a layer
 * ------------------------------------------------------------------ */

static int64_t int_of(const telling *t, const char *key, int64_t usual) {
    return mien_value_int(mien_value_get(t->settings, key), usual);
}

static double number_of(const telling *t, const char *key, double usual) {
    return mien_value_number(mien_value_get(t->settings, key), usual);
}

static bool flag_of(const telling *t, const char *key, bool usual) {
    return mien_value_bool(mien_value_get(t->settings, key), usual);
}

static const char *word_of(const telling *t, const char *key, const char *usual) {
    const mien_value *v = mien_value_get(t->settings, key);
    const char *text = v ? mien_value_text(v) : NULL;
    return text ? text : usual;
}

/* [a, b], or one number for both. */
static void pair_of(const telling *t, const char *key, int64_t usual, int64_t pair[2]) {
    const mien_value *v = mien_value_get(t->settings, key);
    pair[0] = pair[1] = mien_value_int(v, usual);
    if (mien_value_count(v) == 2) {
        pair[0] = mien_value_int(mien_value_at(v, 0), usual);
        pair[1] = mien_value_int(mien_value_at(v, 1), usual);
    }
}

/* ---- weights
 * -------------------------------------------------------------------------------- */

static void read_weights(telling *t) {
    char group[512], path[1024];
    char **names = NULL;
    int64_t count = 0;
    t->weights_count = 0;
    snprintf(group, sizeof group, "model_weights/%s", t->name);
    if (!mien_hdf5_has_group(t->file, group)) {
        return;
    }
    mien_status status =
        mien_hdf5_texts(t->file, group, "weight_names", &names, &count);
    if (status == MIEN_ENOTFOUND || status == MIEN_EUNSUPPORTED) {
        return; /* a layer without weights has no such list, or an empty one of numbers
                 */
    }
    if (status == MIEN_OK && count > WEIGHTS_MAX) {
        status = mien_fail(MIEN_EUNSUPPORTED, "%lld weights", (long long)count);
    }
    for (int64_t i = 0; status == MIEN_OK && i < count; i++) {
        int64_t at;
        mien_tensor *raw = NULL;
        snprintf(path, sizeof path, "%s/%s", group, names[i]);
        status = mien_hdf5_find(t->file, path, &at);
        if (status == MIEN_OK) {
            status = mien_hdf5_load(t->file, at, &raw);
        }
        if (status == MIEN_OK) {
            status = mien_tensor_convert(raw, MIEN_F32, &t->weights[i]);
        }
        mien_tensor_free(&raw);
        t->weights_count += status == MIEN_OK;
    }
    mien_names_free(&names, count);
    t->status = status;
}

static mien_tensor *weight(telling *t, int index, int rank) {
    if (t->status == MIEN_OK && (index >= t->weights_count || !t->weights[index] ||
                                    t->weights[index]->rank != rank)) {
        fail(t, MIEN_EFORMAT, "weight %d is missing, or has not %d dimensions", index,
            rank);
    }
    return t->status == MIEN_OK ? t->weights[index] : NULL;
}

/* A kernel [H, W, I, O] as [O, I, H, W]; depthwise [H, W, C, M] as [C M, 1, H, W]. */
static mien_tensor *turned_kernel(telling *t, const mien_tensor *k, bool depthwise) {
    mien_tensor *made = NULL;
    if (!k || t->status != MIEN_OK) {
        return NULL;
    }
    int64_t h = k->shape[0], w = k->shape[1], in = k->shape[2], out = k->shape[3];
    int64_t shape[4] = {depthwise ? in * out : out, depthwise ? 1 : in, h, w};
    t->status = mien_tensor_new(MIEN_F32, 4, shape, &made);
    const float *from = k->data;
    float *to = made ? made->data : NULL;
    for (int64_t p = 0; to && p < h * w; p++) {
        for (int64_t i = 0; i < in; i++) {
            for (int64_t o = 0; o < out; o++) {
                int64_t at =
                    depthwise ? (i * out + o) * h * w + p : (o * in + i) * h * w + p;
                to[at] = from[(p * in + i) * out + o];
            }
        }
    }
    return made;
}

/* The loaded weight itself, which is no longer the layer's. */
static mien_tensor *taken(telling *t, int index, int rank) {
    mien_tensor *w = weight(t, index, rank);
    if (w) {
        t->weights[index] = NULL;
    }
    return w;
}

/* ---- kinds of layers
 * ---------------------------------------------------------------------------- */

/* Adds the activation a layer names; gives the name of the result. */
static const char *activated(
    telling *t, const char *kind, const char *value, const char *output, bool map) {
    static const char *const plain[][2] = {{"relu", "Relu"}, {"sigmoid", "Sigmoid"},
        {"tanh", "Tanh"}, {"elu", "Elu"}, {"selu", "Selu"}, {"softplus", "Softplus"},
        {"softsign", "Softsign"}, {"exponential", "Exp"}, {"mish", "Mish"},
        {"swish", "Swish"}, {"silu", "Swish"}};
    for (int i = 0; i < 11; i++) {
        if (strcmp(kind, plain[i][0]) == 0) {
            simple(t, plain[i][1], output, value);
            return output;
        }
    }
    if (strcmp(kind, "softmax") == 0) {
        if (map) {
            fail(t, MIEN_EUNSUPPORTED, "a softmax over the channels of maps");
        }
        set_int(simple(t, "Softmax", output, value), "axis", 1);
    } else if (strcmp(kind, "hard_sigmoid") == 0) {
        set_number(simple(t, "HardSigmoid", output, value), "alpha",
            t->old ? 0.2 : 0.16666667163372040);
    } else if (strcmp(kind, "relu6") == 0) {
        mien_onnx_node *n = simple(t, "Clip", output, value);
        set_number(n, "min", 0);
        set_number(n, "max", 6);
    } else if (strcmp(kind, "gelu") == 0) {
        simple(t, "Gelu", output, value);
    } else if (strcmp(kind, "linear") == 0) {
        simple(t, "Identity", output, value);
    } else {
        fail(t, MIEN_EUNSUPPORTED, "activation \"%s\"", kind);
    }
    return output;
}

static void finish_with(telling *t, const char *value, bool map) {
    activated(t, word_of(t, "activation", "linear"), value, t->name, map);
}

static const char *padding_of(telling *t) {
    const char *padding = word_of(t, "padding", "valid");
    if (strcmp(padding, "same") != 0 && strcmp(padding, "valid") != 0) {
        fail(t, MIEN_EUNSUPPORTED, "padding \"%s\"", padding);
    }
    return strcmp(padding, "same") == 0 ? "SAME_UPPER" : "VALID";
}

static const char *convolution(telling *t, const char *input, const char *output,
    const char *what, const mien_tensor *kernel, bool depthwise, bool strided,
    mien_tensor *bias) {
    int64_t stride[2] = {1, 1}, dilation[2] = {1, 1};
    mien_tensor *made = turned_kernel(t, kernel, depthwise);
    int64_t groups = depthwise && kernel ? kernel->shape[2] : 1;
    const char *names[3] = {input, NULL, NULL};
    if (!made) {
        mien_tensor_free(&bias);
        return output;
    }
    names[1] = initializer(t, what, made);
    if (bias) {
        names[2] = initializer(t, "bias", bias);
    }
    mien_onnx_node *n = node(t, "Conv", output, names, bias ? 3 : 2);
    if (strided) {
        pair_of(t, "strides", 1, stride);
        pair_of(t, "dilation_rate", 1, dilation);
    }
    set_ints(t, n, "strides", 2, stride);
    set_ints(t, n, "dilations", 2, dilation);
    set_int(n, "group", groups);
    set_text(n, "auto_pad", strided ? padding_of(t) : "VALID");
    return output;
}

static void conv2d(telling *t, bool depthwise) {
    bool bias = flag_of(t, "use_bias", true);
    const char *value = text_of(t, "%s.conv", t->name);
    mien_tensor *b = bias ? taken(t, 1, 1) : NULL;
    convolution(
        t, t->reads[0]->value, value, "weight", weight(t, 0, 4), depthwise, true, b);
    finish_with(t, value, true);
}

static void separable(telling *t) {
    bool bias = flag_of(t, "use_bias", true);
    const char *value = text_of(t, "%s.conv", t->name);
    const char *between = text_of(t, "%s.depthwise", t->name);
    convolution(t, t->reads[0]->value, between, "depthwise.weight", weight(t, 0, 4),
        true, true, NULL);
    convolution(t, between, value, "weight", weight(t, 1, 4), false, false,
        bias ? taken(t, 2, 1) : NULL);
    finish_with(t, value, true);
}

static void dense(telling *t) {
    const char *names[3] = {t->reads[0]->value, NULL, NULL};
    const char *value = text_of(t, "%s.dense", t->name);
    bool bias = flag_of(t, "use_bias", true);
    mien_tensor *k = taken(t, 0, 2), *b = bias ? taken(t, 1, 1) : NULL;
    if (t->reads[0]->map) {
        fail(t, MIEN_EUNSUPPORTED, "a dense layer over maps");
    }
    names[1] = k ? initializer(t, "weight", k) : "";
    names[2] = b ? initializer(t, "bias", b) : "";
    node(t, "Gemm", value, names, bias ? 3 : 2);
    finish_with(t, value, false);
}

/* gamma where it scales, beta where it shifts, then mean and variance. */
static void batch_norm(telling *t) {
    static const char *const whats[] = {
        "weight", "bias", "running_mean", "running_var"};
    bool there[] = {flag_of(t, "scale", true), flag_of(t, "center", true), true, true};
    const char *names[5] = {t->reads[0]->value, "", "", "", ""};
    int at = 0;
    int64_t channels = t->weights_count ? mien_tensor_count(t->weights[0]) : 0;
    for (int k = 0; k < 4 && t->status == MIEN_OK; k++) {
        mien_tensor *w = there[k] ? taken(t, at++, 1) : NULL;
        if (!there[k]) {
            t->status = mien_tensor_new(MIEN_F32, 1, &channels, &w);
            for (int64_t c = 0; w && k == 0 && c < channels; c++) {
                ((float *)w->data)[c] = 1;
            }
        }
        names[1 + k] = w ? initializer(t, whats[k], w) : "";
    }
    mien_onnx_node *n = node(t, "BatchNormalization", t->name, names, 5);
    set_number(n, "epsilon", number_of(t, "epsilon", 1e-3));
    set_number(n, "momentum", number_of(t, "momentum", 0.99));
}

static void pooling(telling *t, const char *op) {
    int64_t size[2], stride[2];
    pair_of(t, "pool_size", 2, size);
    pair_of(t, "strides", size[0], stride);
    if (!mien_value_count(mien_value_get(t->settings, "strides"))) {
        memcpy(stride, size, sizeof stride);
    }
    mien_onnx_node *n = simple(t, op, t->name, t->reads[0]->value);
    set_ints(t, n, "kernel_shape", 2, size);
    set_ints(t, n, "strides", 2, stride);
    set_text(n, "auto_pad", padding_of(t));
}

static void global_pool(telling *t, const char *op) {
    const char *value = text_of(t, "%s.pool", t->name);
    bool keep = flag_of(t, "keepdims", false);
    simple(t, op, keep ? t->name : value, t->reads[0]->value);
    if (!keep) {
        simple(t, "Flatten", t->name, value);
    }
}

static void flatten(telling *t) {
    const char *value = t->reads[0]->value;
    if (t->reads[0]->map) {
        const char *turned = text_of(t, "%s.turned", t->name);
        set_ints(t, simple(t, "Transpose", turned, value), "perm", 4,
            (const int64_t[]){0, 2, 3, 1});
        value = turned;
    }
    simple(t, "Flatten", t->name, value);
}

static void zero_padding(telling *t) {
    int64_t pads[8] = {0};
    const mien_value *p = mien_value_get(t->settings, "padding");
    for (int d = 0; d < 2; d++) {
        const mien_value *side = mien_value_at(p, d);
        bool two = mien_value_count(side) == 2;
        int64_t both = mien_value_int(p ? (mien_value_count(p) ? side : p) : NULL, 1);
        pads[2 + d] = two ? mien_value_int(mien_value_at(side, 0), 0) : both;
        pads[6 + d] = two ? mien_value_int(mien_value_at(side, 1), 0) : both;
    }
    set_ints(t, simple(t, "Pad", t->name, t->reads[0]->value), "pads", 8, pads);
}

/* [H, W, C], or 1 where it is shared, as [C, H, W]. */
static void prelu(telling *t) {
    mien_tensor *alpha = weight(t, 0, 3), *made = NULL;
    const char *names[2] = {t->reads[0]->value, ""};
    if (!alpha || !t->reads[0]->map) {
        fail(t, MIEN_EUNSUPPORTED, "PReLU of rows");
        return;
    }
    int64_t h = alpha->shape[0], w = alpha->shape[1], c = alpha->shape[2];
    t->status = mien_tensor_new(MIEN_F32, 3, (int64_t[]){c, h, w}, &made);
    for (int64_t i = 0; made && i < h * w * c; i++) {
        ((float *)made->data)[i % c * h * w + i / c] = ((float *)alpha->data)[i];
    }
    names[1] = made ? initializer(t, "weight", made) : "";
    node(t, "PRelu", t->name, names, 2);
}

static void joined(telling *t, const char *op) {
    const char *names[READS_MAX];
    for (int i = 0; i < t->reads_count; i++) {
        names[i] = t->reads[i]->value;
        if (t->reads[i]->map != t->reads[0]->map) {
            fail(t, MIEN_EUNSUPPORTED, "it joins maps and rows");
        }
    }
    if (strcmp(op, "Mul") == 0 && t->reads_count != 2) {
        fail(t, MIEN_EUNSUPPORTED, "a product of %d values", t->reads_count);
    }
    mien_onnx_node *n = node(t, op, t->name, names, t->reads_count);
    if (strcmp(op, "Concat") == 0) {
        int64_t axis = int_of(t, "axis", -1);
        bool last = axis == -1 || axis == (t->reads[0]->map ? 3 : 1);
        set_int(n, "axis", last ? 1 : axis == 1 ? 2 : axis == 2 ? 3 : 0);
    }
}

static void relu(telling *t) {
    const mien_value *most = mien_value_get(t->settings, "max_value");
    bool limited = most && mien_value_kind_of(most) != MIEN_VALUE_NULL;
    if (number_of(t, "negative_slope", 0) != 0 || number_of(t, "threshold", 0) != 0) {
        fail(t, MIEN_EUNSUPPORTED, "a slope below 0, or a threshold");
    }
    mien_onnx_node *n =
        simple(t, limited ? "Clip" : "Relu", t->name, t->reads[0]->value);
    if (limited) {
        set_number(n, "min", 0);
        set_number(n, "max", mien_value_number(most, 6));
    }
}

static void input(telling *t) {
    const mien_value *shape = mien_value_get(t->settings, "batch_input_shape");
    shape = shape ? shape : mien_value_get(t->settings, "batch_shape");
    int rank = (int)mien_value_count(shape);
    if (!shape || (rank != 2 && rank != 4)) {
        fail(t, MIEN_EUNSUPPORTED, "an input of %d dimensions", rank);
        return;
    }
    mien_onnx_value *v = &t->m->inputs[t->m->inputs_count++];
    *v = (mien_onnx_value){
        .name = rank == 4 ? text_of(t, "%s.picture", t->name) : t->name,
        .dtype = MIEN_F32,
        .rank = rank};
    for (int d = 0; d < rank; d++) {
        v->shape[d] = d ? mien_value_int(mien_value_at(shape, d), -1) : -1;
    }
    if (rank == 4) {
        set_ints(t, simple(t, "Transpose", t->name, v->name), "perm", 4,
            (const int64_t[]){0, 3, 1, 2});
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

static bool is_known(const char *kind) {
    for (int i = 0; kinds[i]; i++) {
        if (strcmp(kinds[i], kind) == 0) {
            return true;
        }
    }
    return false;
}

static void tell_activation(telling *t, const char *kind) {
    const char *value = t->reads[0]->value;
    bool map = t->reads[0]->map;
    if (strcmp(kind, "Activation") == 0) {
        finish_with(t, value, map);
    } else if (strcmp(kind, "Softmax") == 0) {
        activated(t, "softmax", value, t->name, map);
    } else if (strcmp(kind, "ReLU") == 0) {
        relu(t);
    } else if (strcmp(kind, "LeakyReLU") == 0) {
        set_number(simple(t, "LeakyRelu", t->name, value), "alpha",
            number_of(t, "negative_slope", number_of(t, "alpha", 0.3)));
    } else if (strcmp(kind, "ELU") == 0) {
        set_number(simple(t, "Elu", t->name, value), "alpha", number_of(t, "alpha", 1));
    } else {
        prelu(t);
    }
}

/* Whether what the layer gives is a map. */
static bool tell(telling *t, const char *kind) {
    bool map = t->reads_count ? t->reads[0]->map : false;
    if (strcmp(word_of(t, "data_format", "channels_last"), "channels_first") == 0) {
        fail(t, MIEN_EUNSUPPORTED, "channels come first");
    }
    if (strcmp(kind, "InputLayer") == 0) {
        input(t);
        return t->status == MIEN_OK && t->m->inputs[t->m->inputs_count - 1].rank == 4;
    }
    if (t->reads_count == 0) {
        fail(t, MIEN_EFORMAT, "it reads nothing");
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
        return flag_of(t, "keepdims", false);
    } else if (strstr(kind, "Pooling2D")) {
        pooling(t, *kind == 'M' ? "MaxPool" : "AveragePool");
    } else if (strcmp(kind, "Flatten") == 0) {
        flatten(t);
        return false;
    } else if (strstr(kind, "Dropout") || strcmp(kind, "GaussianNoise") == 0) {
        simple(t, "Identity", t->name, t->reads[0]->value);
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

/* ---- who reads whom
 * -------------------------------------------------------------------------------------
 */

static void add_read(telling *t, const char *name) {
    for (int i = 0; name && i < t->count; i++) {
        if (strcmp(t->layers[i].name, name) == 0 && t->reads_count < READS_MAX) {
            t->reads[t->reads_count++] = &t->layers[i];
            return;
        }
    }
    fail(t, MIEN_EFORMAT, "it reads \"%s\", which is no layer before it",
        name ? name : "");
}

/* [["conv", 0, 0, {}], …] of old files, or tensors with a keras_history of new ones. */
static void find_reads(telling *t, const mien_value *v, int depth) {
    const mien_value *history = mien_value_get(v, "keras_history");
    const mien_value *first =
        mien_value_kind_of(v) == MIEN_VALUE_LIST ? mien_value_at(v, 0) : NULL;
    if (t->status != MIEN_OK || depth > 8) {
        return;
    }
    if (history) {
        add_read(t, mien_value_text(mien_value_at(history, 0)));
    } else if (first && mien_value_kind_of(first) == MIEN_VALUE_TEXT) {
        add_read(t, mien_value_text(first));
    } else if (mien_value_kind_of(v) == MIEN_VALUE_LIST) {
        for (int64_t i = 0; i < mien_value_count(v); i++) {
            find_reads(t, mien_value_at(v, i), depth + 1);
        }
    } else if (mien_value_kind_of(v) == MIEN_VALUE_MAP) {
        for (int64_t i = 0; i < mien_value_count(v); i++) {
            find_reads(t, mien_value_item(v, i), depth + 1);
        }
    }
}

static void take_layer(telling *t, const mien_value *entry, bool chained) {
    const mien_value *kind = mien_value_get(entry, "class_name");
    const mien_value *inbound = mien_value_get(entry, "inbound_nodes");
    t->settings = mien_value_get(entry, "config");
    const mien_value *own = mien_value_get(entry, "name");
    own = own ? own : mien_value_get(t->settings, "name");
    t->name = own ? mien_value_text(own) : NULL;
    t->reads_count = 0;
    if (!t->name || !t->settings || !kind || !mien_value_text(kind)) {
        t->status =
            mien_fail(MIEN_EFORMAT, "model_config: a layer without name or kind");
        return;
    }
    if (chained && t->count > 0) {
        t->reads[t->reads_count++] = &t->layers[t->count - 1];
    } else if (!chained && mien_value_count(inbound) > 1 &&
               mien_value_kind_of(inbound) == MIEN_VALUE_LIST) {
        fail(t, MIEN_EUNSUPPORTED, "it is used %lld times",
            (long long)mien_value_count(inbound));
    } else if (!chained && inbound) {
        find_reads(t, inbound, 0);
    }
    read_weights(t);
    bool map = t->status == MIEN_OK && tell(t, mien_value_text(kind));
    for (int i = 0; i < WEIGHTS_MAX; i++) {
        mien_tensor_free(&t->weights[i]);
    }
    t->layers[t->count++] = (layer){t->name, t->name, map};
}

/* A chain without a layer for its input names the shape in its first layer. */
static void enter_chain(telling *t, const mien_value *first) {
    const mien_value *kind = mien_value_get(first, "class_name");
    if (kind && mien_value_text(kind) && strcmp(mien_value_text(kind), "InputLayer")) {
        t->settings = mien_value_get(first, "config");
        t->name = "input";
        input(t);
        bool map = t->status == MIEN_OK && t->m->inputs[0].rank == 4;
        t->layers[t->count++] = (layer){"input", "input", map};
    }
}

static mien_status check_kinds(const mien_value *layers) {
    mien_string text;
    int lacking = 0;
    mien_string_init(&text);
    for (int64_t i = 0; i < mien_value_count(layers); i++) {
        const mien_value *v = mien_value_get(mien_value_at(layers, i), "class_name");
        const char *kind = v ? mien_value_text(v) : NULL;
        if (kind && !is_known(kind)) {
            mien_string_addf(&text, "%s%s", lacking++ ? ", " : "", kind);
        }
    }
    mien_status status = mien_string_status(&text);
    if (status == MIEN_OK && lacking) {
        status = mien_fail(MIEN_EUNSUPPORTED,
            "%d of its %lld layers are of kinds that are not read: %.600s", lacking,
            (long long)mien_value_count(layers), text.text);
    }
    mien_string_clear(&text);
    return status;
}

static void add_output(telling *t, const char *name) {
    mien_onnx_value *v = &t->m->outputs[t->m->outputs_count++];
    *v = (mien_onnx_value){
        .name = text_of(t, "%s", name), .dtype = MIEN_F32, .rank = -1};
}

static void add_outputs(telling *t, const mien_value *list) {
    const mien_value *first = mien_value_at(list, 0);
    bool one = first && mien_value_kind_of(first) == MIEN_VALUE_TEXT;
    for (int64_t i = 0; i < (one ? 1 : mien_value_count(list)) && i < 64; i++) {
        const mien_value *name = one ? first : mien_value_at(mien_value_at(list, i), 0);
        if (name && mien_value_text(name)) {
            add_output(t, mien_value_text(name));
        }
    }
}

static mien_status tell_all(telling *t) {
    const mien_value *kind = mien_value_get(t->config, "class_name");
    const mien_value *inner = mien_value_get(t->config, "config");
    const mien_value *layers = mien_value_kind_of(inner) == MIEN_VALUE_LIST
                                   ? inner
                                   : mien_value_get(inner, "layers");
    int64_t count = layers ? mien_value_count(layers) : 0;
    if (!kind || !mien_value_text(kind) || count < 1 || count > LAYERS_MAX) {
        return mien_fail(MIEN_EFORMAT, "model_config: it has no list of layers");
    }
    bool chained = strcmp(mien_value_text(kind), "Sequential") == 0;
    mien_status status = check_kinds(layers);
    if (status != MIEN_OK) {
        return status;
    }
    size_t most = (size_t)count * NODES_EACH + 8;
    t->m->nodes = room(t, most, sizeof *t->m->nodes);
    t->m->initializers = room(t, most, sizeof *t->m->initializers);
    t->m->inputs = room(t, (size_t)count + 1, sizeof *t->m->inputs);
    t->m->outputs = room(t, 65, sizeof *t->m->outputs);
    t->layers = room(t, (size_t)count + 2, sizeof *t->layers);
    if (t->status == MIEN_OK && chained) {
        enter_chain(t, mien_value_at(layers, 0));
    }
    for (int64_t i = 0; t->status == MIEN_OK && i < count; i++) {
        take_layer(t, mien_value_at(layers, i), chained);
    }
    if (t->status == MIEN_OK && chained) {
        add_output(t, t->layers[t->count - 1].name);
    } else if (t->status == MIEN_OK) {
        add_outputs(t, mien_value_get(inner, "output_layers"));
    }
    return t->status;
}

static void read_version(telling *t) {
    char **texts = NULL;
    int64_t count = 0;
    t->old = true;
    if (mien_hdf5_texts(t->file, "", "keras_version", &texts, &count) == MIEN_OK &&
        count == 1) {
        t->old = texts[0][0] < '3';
        t->m->producer = text_of(t, "%s", "Keras");
        t->m->producer_version = text_of(t, "%.40s", texts[0]);
    }
    mien_names_free(&texts, count);
}

/* Names are of the document that is read: the model outlives it. */
static mien_status keep_names(mien_onnx *m) {
    for (int i = 0; i < m->nodes_count; i++) {
        mien_onnx_node *n = &m->nodes[i];
        const char **all[] = {&n->name, &n->outputs[0]};
        for (int k = 0; k < 2 + n->inputs_count; k++) {
            const char **at = k < 2 ? all[k] : &n->inputs[k - 2];
            *at = mien_arena_strdup(m->arena, *at);
            if (!*at) {
                return MIEN_ENOMEM;
            }
        }
    }
    for (int i = 0; i < m->inputs_count; i++) {
        m->inputs[i].name = mien_arena_strdup(m->arena, m->inputs[i].name);
        if (!m->inputs[i].name) {
            return MIEN_ENOMEM;
        }
    }
    return MIEN_OK;
}

mien_status mien_keras_tell(
    mien_hdf5 *file, const char *config, size_t length, mien_onnx **model) {
    telling t = {.file = file};
    mien_status status =
        mien_value_parse_json("model_config", config, length, &t.config);
    if (status == MIEN_OK) {
        status = mien_onnx_new(&t.m);
    }
    if (status == MIEN_OK) {
        read_version(&t);
        t.m->opset = 10; /* limits of Clip and places of Pad as attributes */
        t.m->ir = 0;
        status = t.status == MIEN_OK ? tell_all(&t) : t.status;
    }
    if (status == MIEN_OK) {
        status = keep_names(t.m);
    }
    for (int i = 0; i < WEIGHTS_MAX; i++) {
        mien_tensor_free(&t.weights[i]);
    }
    mien_value_free(&t.config);
    if (status != MIEN_OK) {
        mien_onnx_free(&t.m);
        return status;
    }
    *model = t.m;
    return MIEN_OK;
}

mien_status mien_keras_read(const char *path, mien_onnx **model) {
    mien_hdf5 *file = NULL;
    char **texts = NULL;
    int64_t count = 0;
    mien_status status = mien_hdf5_open(path, &file);
    if (status != MIEN_OK) {
        return status;
    }
    status = mien_hdf5_texts(file, "", "model_config", &texts, &count);
    if (status == MIEN_ENOTFOUND || status == MIEN_EUNSUPPORTED ||
        (status == MIEN_OK && count != 1)) {
        status = mien_fail(MIEN_EUNSUPPORTED, "holds weights without model_config: how "
                                              "they are wired is not in the file");
    }
    if (status == MIEN_OK) {
        status = mien_keras_tell(file, texts[0], strlen(texts[0]), model);
    }
    mien_names_free(&texts, count);
    mien_hdf5_close(&file);
    return status == MIEN_OK || status == MIEN_ENOMEM
               ? status
               : mien_fail_in(status, "%s", path);
}
