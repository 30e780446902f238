/* SPDX-License-Identifier: MIT */
/* YuNet (Wu, Peng & Yu 2023), which finds faces and five points in each: its picture is
 * B, G, R, 0 to 255, of any size in multiples of 32.
 *
 * The heads give, for each stride 8, 16 and 32, maps called "cls_8" and "obj_8" (1
 * channel, through a sigmoid), "bbox_8" (4) and "kps_8" (10); predict/finder_yunet.c
 * reads them. Parameters have the names of the published training code; the first two
 * stages of a unit are its conv1 (1 x 1) and conv2 (3 x 3, one filter a channel). */
#include "models/backbones/yunet.h"

#include <stdio.h>
#include <string.h>

#include "models/backbones/backbone.h"
#include "models/builder.h"

enum { LEVELS = 3, WIDTH = 64 };

/* One of the heads' kinds: its name, in the file and of its maps; channels. */
typedef struct head {
    const char *name;
    int channels;
    bool sigmoid;
} head;

static mien_node convolve(mien_builder *b, mien_node x, int64_t out, int kernel,
    int stride, int64_t groups, const char *path) {
    mien_conv2d_options o = mien_conv2d_options_of(out, kernel, stride, kernel / 2);
    o.groups = groups;
    return mien_build_conv(b, x, &o, "%s", path);
}

/* A convolution of 1 x 1, then one filter a channel, then, inside of the network, ReLU.
 */
static mien_node unit(
    mien_builder *b, mien_node x, int64_t out, bool relu, const char *path) {
    char name[96];
    snprintf(name, sizeof name, "%s.conv1", path);
    x = convolve(b, x, out, 1, 1, 1, name);
    snprintf(name, sizeof name, "%s.conv2", path);
    x = convolve(b, x, out, 3, 1, out, name);
    return relu ? mien_build_activation(b, x, MIEN_RELU, "%s.relu", path) : x;
}

static mien_node stage(
    mien_builder *b, mien_node x, int number, int64_t middle, int64_t out) {
    char path[64];
    snprintf(path, sizeof path, "backbone.model%d.conv1", number);
    x = unit(b, x, middle, true, path);
    snprintf(path, sizeof path, "backbone.model%d.conv2", number);
    return unit(b, x, out, true, path);
}

static mien_node halve(mien_builder *b, mien_node x, int number) {
    return mien_build_max_pool(b, x, 2, 2, 0, "backbone.pool%d", number);
}

/* Maps of strides 8, 16 and 32. */
static void build_levels(mien_builder *b, mien_node x, mien_node level[LEVELS]) {
    x = convolve(b, x, 16, 3, 2, 1, "backbone.model0.conv1");
    x = mien_build_activation(b, x, MIEN_RELU, "backbone.model0.relu1");
    x = unit(b, x, 16, true, "backbone.model0.conv2");
    x = stage(b, halve(b, x, 0), 1, 16, WIDTH);
    x = stage(b, x, 2, WIDTH, WIDTH);
    for (int l = 0; l < LEVELS; l++) {
        x = stage(b, halve(b, x, l + 1), l + 3, WIDTH, WIDTH);
        level[l] = x;
    }
}

/* From coarse to fine: a level's map is added to what is twice as fine. */
static void build_neck(mien_builder *b, mien_node level[LEVELS]) {
    char name[64];
    for (int l = LEVELS - 1; l >= 0; l--) {
        snprintf(name, sizeof name, "neck.lateral_convs.%d", l);
        level[l] = unit(b, level[l], WIDTH, true, name);
        mien_node up = level[l];
        if (l == 0 || b->status != MIEN_OK) {
            continue;
        }
        int64_t shape[MIEN_RANK_MAX];
        mien_graph_shape(b->graph, level[l], shape);
        snprintf(name, sizeof name, "neck.up%d", l);
        b->status = mien_upsample2d(b->graph, name, level[l], (int)(2 * shape[2]),
            (int)(2 * shape[3]), MIEN_UPSAMPLE_NEAREST, &up);
        level[l - 1] = mien_build_add(b, level[l - 1], up, "neck.add%d", l);
    }
}

static const head heads[] = {
    {"cls", 1, true}, {"obj", 1, true}, {"bbox", 4, false}, {"kps", 10, false}};
#define HEADS (sizeof heads / sizeof *heads)

static mien_node share(mien_builder *b, mien_node level, int l) {
    char path[96];
    snprintf(path, sizeof path, "bbox_head.multi_level_share_convs.%d.0", l);
    return unit(b, level, WIDTH, true, path);
}

static void build_heads(mien_builder *b, const mien_node level[LEVELS]) {
    for (int l = 0; l < LEVELS; l++) {
        char path[96];
        mien_node shared = share(b, level[l], l);
        for (size_t h = 0; h < HEADS; h++) {
            snprintf(
                path, sizeof path, "bbox_head.multi_level_%s.%d", heads[h].name, l);
            mien_node x = unit(b, shared, heads[h].channels, false, path);
            if (heads[h].sigmoid) {
                x = mien_build_activation(b, x, MIEN_SIGMOID, "%s.sigmoid", path);
            }
            mien_build_alias(b, x, "%s_%d", heads[h].name, 8 << l);
        }
    }
}

static mien_status build(mien_graph *graph, mien_node input, mien_node *last) {
    mien_builder b = {.graph = graph};
    mien_node level[LEVELS] = {0};
    build_levels(&b, input, level);
    build_neck(&b, level);
    build_heads(&b, level);
    mien_node x = mien_build_average(&b, level[LEVELS - 1], 1, "avgpool");
    x = mien_build_flatten(&b, x, "flatten");
    if (b.status == MIEN_OK) {
        *last = x;
    }
    return b.status;
}

mien_status mien_yunet_build(
    mien_graph *graph, mien_node input, mien_node maps[MIEN_YUNET_LEVELS]) {
    mien_builder b = {.graph = graph};
    mien_node level[LEVELS] = {0};
    build_levels(&b, input, level);
    build_neck(&b, level);
    for (int l = 0; l < LEVELS; l++) {
        char path[96];
        snprintf(path, sizeof path, "bbox_head.multi_level_all.%d", l);
        maps[l] = unit(&b, share(&b, level[l], l), MIEN_YUNET_CHANNELS, false, path);
    }
    return b.status;
}

/* Copies the heads' parameters one behind the other: "…multi_level_all.L.REST" is what
 * they call "…multi_level_KIND.L.REST". */
static void join(mien_parameters *from, const char *rest, mien_tensor *to) {
    float *at = to->data;
    for (size_t h = 0; h < HEADS; h++) {
        char name[128];
        snprintf(name, sizeof name, "bbox_head.multi_level_%s.%s", heads[h].name, rest);
        const mien_tensor *part =
            mien_parameters_at(from, mien_parameters_find(from, name));
        memcpy(at, part->data, mien_tensor_bytes(part));
        at += mien_tensor_count(part);
    }
}

void mien_yunet_copy(mien_parameters *from, mien_parameters *to) {
    static const char all[] = "bbox_head.multi_level_all.";
    for (int64_t i = 0; i < mien_parameters_count(to); i++) {
        const char *name = mien_parameters_name(to, i);
        mien_tensor *tensor = mien_parameters_at(to, i);
        if (strncmp(name, all, sizeof all - 1) == 0) {
            join(from, name + sizeof all - 1, tensor);
        } else {
            memcpy(tensor->data,
                mien_parameters_at(from, mien_parameters_find(from, name))->data,
                mien_tensor_bytes(tensor));
        }
    }
}

static mien_preprocess preprocess(void) {
    return (mien_preprocess){.fit = MIEN_FIT_PAD,
        .crop_height = 320,
        .crop_width = 320,
        .resize = MIEN_RESIZE_BILINEAR,
        .bgr = true,
        .scale = 1,
        .deviation = {1, 1, 1}};
}

const mien_backbone mien_model_yunet = {
    .name = "yunet",
    .summary = "YuNet, finds faces (as `--faces` does): 0.07 M parameters, 0.3 GFLOP a "
               "picture",
    .feature = "neck.lateral_convs.2.relu",
    .minimum_size = 32,
    .preprocess = preprocess,
    .build = build,
    .weights_file = "yunet_n.safetensors",
    .weights_sha256 =
        "31fc93590f7d6c78946b70d9b2d21ba27573c14308f44134518f35864ee94f1a",
    .weights_licence = "Apache-2.0 (ShiqiYu/libfacedetection.train)",
};
