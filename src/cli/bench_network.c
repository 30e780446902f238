/* SPDX-License-Identifier: MIT */
/* Small networks that mien bench times beside the backbones: their parameters have the
 * names of the PyTorch modules that bench/peers/small.py makes. */
#include "cli/bench_network.h"

#include <stdarg.h>
#include <stdio.h>

/* A node's name put together; lives until the next call on this thread. */
static const char *named(const char *format, ...) __attribute__((format(printf, 1, 2)));

static const char *named(const char *format, ...) {
    static _Thread_local char text[96];
    va_list list;
    va_start(list, format);
    vsnprintf(text, sizeof text, format, list);
    va_end(list);
    return text;
}

/* ---- AttendAffectNet: five features of a film's segment as tokens -------------------
 */

#define TOKENS 5
#define LAYERS 6
#define HEADS 2
#define DROPOUT 0.1

static mien_status tokens(mien_graph *g, int64_t width, mien_node *x) {
    static const int64_t features[TOKENS] = {2048, 1024, 1024, 128, 1582};
    const int64_t token[2] = {1, width};
    mien_node parts[TOKENS];
    mien_status status = MIEN_OK;
    for (int i = 0; status == MIEN_OK && i < TOKENS; i++) {
        const int64_t shape[2] = {MIEN_BATCH, features[i]};
        status = mien_graph_input(g, named("feature%d", i + 1), 2, shape, &parts[i]);
        if (status == MIEN_OK) {
            status = mien_linear(
                g, named("linear%d", i + 1), parts[i], width, true, &parts[i]);
        }
        if (status == MIEN_OK) {
            status =
                mien_reshape(g, named("token%d", i + 1), parts[i], token, 2, &parts[i]);
        }
    }
    return status == MIEN_OK ? mien_concat(g, "tokens", parts, TOKENS, 1, x) : status;
}

/* Adds the output of a sublayer, after dropout, to the sublayer's input. */
static mien_status add_residual(
    mien_graph *g, int layer, int sublayer, mien_node y, mien_node *x) {
    mien_status status =
        mien_dropout(g, named("layer%d.drop%d", layer, sublayer), y, DROPOUT, &y);
    return status == MIEN_OK
               ? mien_add(g, named("layer%d.sum%d", layer, sublayer), *x, y, x)
               : status;
}

static mien_status norm(
    mien_graph *g, int layer, int sublayer, mien_node x, mien_node *y) {
    return mien_layer_norm(g,
        named("encoder.layers.%d.sublayer.%d.norm", layer, sublayer), x, 1e-6,
        MIEN_LAYER_NORM_DEVIATION, y);
}

static mien_status attend(mien_graph *g, int layer, int64_t width, mien_node *x) {
    mien_node y, qkv[3], shares, inputs[2];
    mien_status status = norm(g, layer, 0, *x, &y);
    for (int i = 0; status == MIEN_OK && i < 3; i++) {
        status =
            mien_linear(g, named("encoder.layers.%d.self_attn.linears.%d", layer, i), y,
                width, true, &qkv[i]);
    }
    if (status == MIEN_OK) {
        char heads[32];
        snprintf(heads, sizeof heads, "heads=%d", HEADS);
        status = mien_graph_add(g, "attention_weights",
            named("layer%d.attention", layer), qkv, 2, heads, &shares);
    }
    if (status == MIEN_OK) {
        status = mien_dropout(
            g, named("layer%d.attention.drop", layer), shares, DROPOUT, &inputs[0]);
    }
    if (status == MIEN_OK) {
        inputs[1] = qkv[2];
        status = mien_graph_add(
            g, "attention_mix", named("layer%d.heads", layer), inputs, 2, "", &y);
    }
    if (status == MIEN_OK) {
        status = mien_linear(g, named("encoder.layers.%d.self_attn.linears.3", layer),
            y, width, true, &y);
    }
    return status == MIEN_OK ? add_residual(g, layer, 0, y, x) : status;
}

static mien_status feed_forward(mien_graph *g, int layer, int64_t width, mien_node *x) {
    mien_node y;
    mien_status status = norm(g, layer, 1, *x, &y);
    if (status == MIEN_OK) {
        status = mien_linear(
            g, named("encoder.layers.%d.feed_forward.w", layer), y, width, true, &y);
    }
    if (status == MIEN_OK) {
        status = mien_activate(g, named("layer%d.relu", layer), y, MIEN_RELU, 0, &y);
    }
    if (status == MIEN_OK) {
        status = mien_dropout(g, named("layer%d.drop", layer), y, DROPOUT, &y);
    }
    return status == MIEN_OK ? add_residual(g, layer, 1, y, x) : status;
}

static mien_status attend_affect_net(mien_graph *g, int64_t width, mien_node *output) {
    const int time = 1;
    mien_node x;
    mien_status status = tokens(g, width, &x);
    for (int i = 0; status == MIEN_OK && i < LAYERS; i++) {
        status = attend(g, i, width, &x);
        if (status == MIEN_OK) {
            status = feed_forward(g, i, width, &x);
        }
    }
    if (status == MIEN_OK) {
        status =
            mien_layer_norm(g, "encoder.norm", x, 1e-6, MIEN_LAYER_NORM_DEVIATION, &x);
    }
    if (status == MIEN_OK) {
        status = mien_reduce(g, "pooled", x, MIEN_REDUCE_MEAN, &time, 1, false, &x);
    }
    if (status == MIEN_OK) {
        status = mien_dropout(g, "drop", x, DROPOUT, &x);
    }
    return status == MIEN_OK ? mien_linear(g, "linear", x, 1, true, output) : status;
}

static mien_status aan(mien_graph *g, mien_node *output) {
    return attend_affect_net(g, 8, output);
}

static mien_status aan_512(mien_graph *g, mien_node *output) {
    return attend_affect_net(g, 512, output);
}

/* ---- EmoEye's CNN-LSTM: 5 series of 301 samples; the 64 channels are its time
 * ------------ */

static mien_status convolve(mien_graph *g, const char *name, mien_node *x) {
    mien_status status = mien_conv1d(g, name, *x, 64, 3, 1, 0, x);
    return status == MIEN_OK
               ? mien_activate(g, named("%s.relu", name), *x, MIEN_RELU, 0, x)
               : status;
}

static mien_status recur(mien_graph *g, mien_node *x) {
    const int64_t flat = 64;
    mien_status status = mien_lstm(g, "lstm", *x, 64, 1, MIEN_LSTM_FORWARD, x);
    if (status == MIEN_OK) {
        status = mien_slice(g, "last", *x, 1, -1, INT64_MAX, x);
    }
    if (status == MIEN_OK) {
        status = mien_reshape(g, "state", *x, &flat, 1, x);
    }
    return status == MIEN_OK ? mien_dropout(g, "drop2", *x, DROPOUT, x) : status;
}

/* From the series to 20 values. */
static mien_status read_series(mien_graph *g, mien_node *x) {
    const int64_t shape[3] = {MIEN_BATCH, 5, 301};
    mien_status status = mien_graph_input(g, "series", 3, shape, x);
    if (status == MIEN_OK) {
        status = convolve(g, "conv1", x);
    }
    if (status == MIEN_OK) {
        status = convolve(g, "conv2", x);
    }
    if (status == MIEN_OK) {
        status = mien_dropout(g, "drop1", *x, DROPOUT, x);
    }
    if (status == MIEN_OK) {
        status = mien_pool1d(g, "pool", *x, MIEN_POOL_MAX, 2, 2, 0, x);
    }
    if (status == MIEN_OK) {
        status = recur(g, x);
    }
    if (status == MIEN_OK) {
        status = mien_linear(g, "fc", *x, 20, true, x);
    }
    if (status == MIEN_OK) {
        status = mien_activate(g, "relu", *x, MIEN_RELU, 0, x);
    }
    return status == MIEN_OK ? mien_batch_norm(g, "bn", *x, 1e-5, 0.1, x) : status;
}

static mien_status cnn_lstm(mien_graph *g, mien_node *output) {
    mien_node x;
    mien_status status = read_series(g, &x);
    return status == MIEN_OK ? mien_linear(g, "head", x, 7, true, output) : status;
}

/* ---- EmoEye whole, behind a frozen VGG16 whose 512 features come in ----------------
 */

static mien_status block(mien_graph *g, int number, int64_t channels, mien_node *x) {
    mien_conv2d_options o = mien_conv2d_options_of(channels, 5, 1, 0);
    mien_pool2d_options pool = mien_pool2d_options_of(MIEN_POOL_MAX, 2, 2, 0);
    mien_status status = mien_conv2d(g, named("path%d", number), *x, &o, x);
    if (status == MIEN_OK) {
        status = mien_activate(g, named("path%d.relu", number), *x, MIEN_RELU, 0, x);
    }
    if (status == MIEN_OK) {
        status = mien_pool2d(g, named("path%d.pool", number), *x, &pool, x);
    }
    if (status == MIEN_OK && number == 3) {
        status = mien_batch_norm(g, "path_bn", *x, 1e-5, 0.1, x);
    }
    return status == MIEN_OK && number > 1
               ? mien_dropout(g, named("path%d.drop", number), *x, DROPOUT, x)
               : status;
}

/* From the scanpath to 128 values. */
static mien_status read_path(mien_graph *g, mien_node *x) {
    static const int64_t channels[] = {32, 64, 128, 256}, flat = 256 * 7 * 7;
    const int64_t shape[4] = {MIEN_BATCH, 1, 180, 180};
    mien_status status = mien_graph_input(g, "path", 4, shape, x);
    for (int i = 0; status == MIEN_OK && i < 4; i++) {
        status = block(g, i + 1, channels[i], x);
    }
    if (status == MIEN_OK) {
        status = mien_reshape(g, "path_flat", *x, &flat, 1, x);
    }
    if (status == MIEN_OK) {
        status = mien_linear(g, "path_fc", *x, 128, true, x);
    }
    if (status == MIEN_OK) {
        status = mien_activate(g, "path_fc.relu", *x, MIEN_RELU, 0, x);
    }
    if (status == MIEN_OK) {
        status = mien_batch_norm(g, "path_fc_bn", *x, 1e-5, 0.1, x);
    }
    return status == MIEN_OK ? mien_dropout(g, "path_fc.drop", *x, DROPOUT, x) : status;
}

/* From VGG16's features to 64 values. */
static mien_status read_scene(mien_graph *g, mien_node *x) {
    const int64_t shape[2] = {MIEN_BATCH, 512};
    mien_status status = mien_graph_input(g, "scene", 2, shape, x);
    if (status == MIEN_OK) {
        status = mien_dropout(g, "scene.drop1", *x, 0.5, x);
    }
    if (status == MIEN_OK) {
        status = mien_linear(g, "scene1", *x, 512, true, x);
    }
    if (status == MIEN_OK) {
        status = mien_dropout(g, "scene.drop2", *x, 0.5, x);
    }
    if (status == MIEN_OK) {
        status = mien_linear(g, "scene2", *x, 64, true, x);
    }
    return status == MIEN_OK ? mien_batch_norm(g, "scene_bn", *x, 1e-5, 0.1, x)
                             : status;
}

static mien_status emoeye(mien_graph *g, mien_node *output) {
    mien_node part[3], x;
    mien_status status = read_path(g, &part[0]);
    if (status == MIEN_OK) {
        status = read_series(g, &part[1]);
    }
    if (status == MIEN_OK) {
        status = read_scene(g, &part[2]);
    }
    if (status == MIEN_OK) {
        status = mien_concat(g, "all", part, 3, 1, &x);
    }
    if (status == MIEN_OK) {
        status = mien_linear(g, "all1", x, 64, true, &x);
    }
    if (status == MIEN_OK) {
        status = mien_activate(g, "all1.relu", x, MIEN_RELU, 0, &x);
    }
    if (status == MIEN_OK) {
        status = mien_dropout(g, "all1.drop", x, 0.3, &x);
    }
    if (status == MIEN_OK) {
        status = mien_linear(g, "all2", x, 16, true, &x);
    }
    if (status == MIEN_OK) {
        status = mien_activate(g, "all2.relu", x, MIEN_RELU, 0, &x);
    }
    return status == MIEN_OK ? mien_linear(g, "head", x, 14, true, output) : status;
}

/* ---- one block of a transformer as torch.nn.TransformerEncoderLayer
 * ---------------------- */

static mien_status add_and_norm(mien_graph *g, int index, mien_node y, mien_node *x) {
    mien_status status = mien_dropout(g, named("dropout%d", index), y, DROPOUT, &y);
    if (status == MIEN_OK) {
        status = mien_add(g, named("sum%d", index), *x, y, x);
    }
    return status == MIEN_OK ? mien_layer_norm(g, named("norm%d", index), *x, 1e-5,
                                   MIEN_LAYER_NORM_ROOT, x)
                             : status;
}

static mien_status transformer(mien_graph *g, mien_node *output) {
    const int64_t shape[3] = {MIEN_BATCH, 16, 64};
    const int time = 1;
    mien_attention_options o = mien_attention_options_of(4);
    mien_node x, y;
    o.dropout = DROPOUT;
    mien_status status = mien_graph_input(g, "words", 3, shape, &x);
    if (status == MIEN_OK) {
        status = mien_attention(g, "self_attn", x, x, x, &o, &y, NULL);
    }
    if (status == MIEN_OK) {
        status = add_and_norm(g, 1, y, &x);
    }
    if (status == MIEN_OK) {
        status = mien_linear(g, "linear1", x, 128, true, &y);
    }
    if (status == MIEN_OK) {
        status = mien_activate(g, "relu", y, MIEN_RELU, 0, &y);
    }
    if (status == MIEN_OK) {
        status = mien_dropout(g, "dropout", y, DROPOUT, &y);
    }
    if (status == MIEN_OK) {
        status = mien_linear(g, "linear2", y, 64, true, &y);
    }
    if (status == MIEN_OK) {
        status = add_and_norm(g, 2, y, &x);
    }
    if (status == MIEN_OK) {
        status = mien_reduce(g, "pooled", x, MIEN_REDUCE_MEAN, &time, 1, false, &x);
    }
    return status == MIEN_OK ? mien_linear(g, "head", x, 10, true, output) : status;
}

/* ---- by name ------------------------------------------------------------------------
 */

static const cli_bench_network networks[] = {
    {"aan", "mse", aan},
    {"aan_512", "mse", aan_512},
    {"cnn_lstm", "cross_entropy", cnn_lstm},
    {"emoeye", "cross_entropy", emoeye},
    {"transformer", "cross_entropy", transformer},
};

const cli_bench_network *cli_bench_network_find(const char *name) {
    size_t count = sizeof networks / sizeof *networks, nearest = 0;
    for (size_t i = 0; i < count; i++) {
        int apart = mien_edit_distance(name, networks[i].name);
        if (apart == 0) {
            return &networks[i];
        }
        if (apart < mien_edit_distance(name, networks[nearest].name)) {
            nearest = i;
        }
    }
    mien_fail(MIEN_ENOTFOUND, "no network \"%s\"; the nearest is %s", name,
        networks[nearest].name);
    return NULL;
}
