/* SPDX-License-Identifier: MIT */
/* Recognises the published files of AttendAffectNet's Feature AAN by their tensors. */
#include <stdio.h>
#include <string.h>

#include "models/exchange/convert.h"

/* The two families of files: how their projections are called, and what their code does
 * that no tensor tells. */
static const struct {
    const char *prefix;
    const char *settings;
} families[] = {
    {"linear", "feed-forward=relu-after; pooled=plain"},
    {"reduced_", "feed-forward=tanh-before; pooled=tanh"},
};
#define FAMILIES 2

/* Number 1 to 5 of a projection in either family. */
static const char *const modalities[] = {
    "resnet50", "flownet", "i3d", "vggish", "emobase2010"};
#define MODALITIES 5

static const mien_tensor *info_of(mien_archive *archive, const char *name) {
    int64_t index = mien_archive_find(archive, name);
    return index < 0 ? NULL : mien_archive_info(archive, index);
}

/* Fills the inputs of one family: none where the file is of another. */
static mien_status take_inputs(mien_archive *archive, int family, mien_found *f) {
    mien_status status = MIEN_OK;
    f->architecture = mien_architecture_default();
    for (int i = 0; status == MIEN_OK && i < MODALITIES; i++) {
        int n = f->architecture.inputs_count;
        char name[32];
        mien_input input;
        snprintf(f->projection[n], sizeof f->projection[n], "%s%d",
            families[family].prefix, i + 1);
        snprintf(name, sizeof name, "%s.weight", f->projection[n]);
        const mien_tensor *weight = info_of(archive, name);
        if (weight && weight->rank == 2) {
            status = mien_input_features(modalities[i], weight->shape[1], &input);
            if (status == MIEN_OK) {
                status = mien_architecture_add(&f->architecture, &input);
            }
        }
    }
    return status;
}

static int64_t count_layers(mien_archive *archive) {
    int64_t layers = 0;
    char name[96];
    do {
        snprintf(name, sizeof name, "encoder.layers.%lld.self_attn.linears.0.weight",
            (long long)layers);
    } while (info_of(archive, name) && ++layers < 1000);
    return layers;
}

/* tree.modules.NAME…; NULL where there is none. */
static const mien_value *module_at(const mien_value *tree, const char *const *path) {
    for (; tree && *path; path++) {
        tree = mien_value_get(mien_value_get(tree, "modules"), *path);
    }
    return tree;
}

static const mien_value *attribute_at(
    const mien_value *tree, const char *const *path, const char *name) {
    return mien_value_get(mien_value_get(module_at(tree, path), "attributes"), name);
}

/* Adds the module's plain attributes as settings. */
static void add_attributes(mien_string *settings, const mien_value *tree) {
    static const char *const attention[] = {
        "encoder", "layers", "0", "self_attn", NULL};
    static const char *const dropout[] = {
        "encoder", "layers", "0", "self_attn", "dropout", NULL};
    static const char *const norm[] = {"encoder", "norm", NULL};
    const mien_value *heads = attribute_at(tree, attention, "h");
    const mien_value *rate = attribute_at(tree, dropout, "p");
    const mien_value *epsilon = attribute_at(tree, norm, "eps");
    char number[32];
    if (heads) {
        mien_string_addf(settings, "; heads=%lld", (long long)mien_value_int(heads, 0));
    }
    if (rate) {
        mien_string_addf(settings, "; dropout=%s",
            mien_format_double(mien_value_number(rate, 0), number));
    }
    if (epsilon) {
        mien_string_addf(settings, "; epsilon=%s",
            mien_format_double(mien_value_number(epsilon, 0), number));
    }
}

static mien_status settle(mien_archive *archive, int family, const mien_value *tree,
    const char *given, mien_found *f) {
    const mien_tensor *head = info_of(archive, "linear.weight");
    int64_t layers = count_layers(archive);
    mien_string text;
    if (!head || head->rank != 2 || layers == 0) {
        return mien_fail(MIEN_EFORMAT,
            "weights that begin as AttendAffectNet's, without %s",
            layers == 0 ? "encoder.layers.0.self_attn.linears.0.weight"
                        : "linear.weight");
    }
    if (!tree && !(given && strstr(given, "heads"))) {
        return mien_fail(MIEN_EINVAL,
            "the number of heads is not in a file of tensors alone: say it, as "
            "heads=2 in its settings");
    }
    mien_string_init(&text);
    mien_string_addf(&text, "width=%lld; layers=%lld; %s", (long long)head->shape[1],
        (long long)layers, families[family].settings);
    add_attributes(&text, tree);
    if (given) {
        mien_string_addf(&text, "; %s", given);
    }
    mien_status status = mien_string_status(&text);
    mien_part_choice *preset = &f->architecture.preset;
    if (status == MIEN_OK && text.length >= sizeof preset->settings) {
        status = mien_fail(MIEN_ELIMIT, "settings of more than %zu letters",
            sizeof preset->settings - 1);
    }
    if (status == MIEN_OK) {
        strcpy(preset->kind, "aan");
        strcpy(preset->settings, text.text);
        f->architecture.outputs = head->shape[0];
        status = mien_architecture_renew(&f->architecture);
    }
    mien_string_clear(&text);
    return status;
}

/* The publication's own classes. */
static bool is_published(const char *class_name) {
    static const char *const modules[] = {"model_1_only_audio_Pooling.",
        "model_1_only_video_Pooling.", "model_1_correct_5_words_pooling."};
    for (int i = 0; i < 3; i++) {
        if (strncmp(class_name, modules[i], strlen(modules[i])) == 0) {
            return true;
        }
    }
    return false;
}

static void name_class(const mien_value *tree, mien_found *f) {
    const char *name = mien_value_text(mien_value_get(tree, "class"));
    snprintf(f->class_name, sizeof f->class_name, "%s", name ? name : "");
    if (is_published(f->class_name)) {
        f->licence = "MIT";
    }
    f->citation = "Thao, Balamurali, Roig, Herremans: AttendAffectNet, Sensors 21(24), "
                  "8356 (2021); ICPR 2020";
}

mien_status mien_convert_aan(
    mien_archive *archive, const char *settings, mien_found *found) {
    mien_found f = {.segment_s = 5, .unused = "src_embed."};
    mien_value *tree = NULL;
    int family = -1;
    mien_status status = MIEN_OK;
    while (
        status == MIEN_OK && f.architecture.inputs_count == 0 && ++family < FAMILIES) {
        status = take_inputs(archive, family, &f);
    }
    if (status != MIEN_OK) {
        return status;
    }
    if (family == FAMILIES) {
        return mien_fail(MIEN_EFORMAT,
            "these are weights of a network, no model: how to use them is not known. "
            "Of "
            "published weights those of AttendAffectNet are taken over as they are "
            "(here is neither linear1.weight nor reduced_1.weight). Weights of a "
            "backbone go after --weights, or into a study (backbone.weights); a whole "
            "network becomes a model from ONNX or Keras by `mien models import`; `mien "
            "models show` lists what the file holds");
    }
    status = mien_archive_module(archive, &tree);
    if (status == MIEN_ENOTFOUND) {
        status = MIEN_OK;
    }
    if (status == MIEN_OK) {
        name_class(tree, &f);
        status = settle(archive, family, tree, settings, &f);
    }
    mien_value_free(&tree);
    if (status == MIEN_OK) {
        *found = f;
    }
    return status;
}
