/* SPDX-License-Identifier: MIT */
/* Imported networks as backbones. In comes the path of a model that `mien models
 * import` made, or of an ONNX or Keras file; out goes a row like those of models.def,
 * so that studies, extractors and benchmarks name a file as they name mobilenet_v2.
 * Rows are functions without a context: each file has a slot, and each slot functions
 * of its own. Called by mien_backbone_find(). */
#include "models/backbones/backbone_file.h"

#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "mien/graphs.h"
#include "models/contract/document.h"
#include "models/contract/file.h"
#include "models/contract/verified.h"
#include "models/network.h"
#include "models/parts/graph_entry.h"
#include "models/parts/parts.h"

enum { SLOTS = MIEN_BACKBONE_FILES_MAX, NAME = 48 };

typedef struct slot {
    char *path;
    char graph[NAME], prefix[96], sha256[65], *feature;
    mien_model *model;          /* what all below is lent from: one of the two */
    mien_import *import;        /* is NULL */
    mien_value *graphs;         /* a map from the graph's name to */
    const mien_value *document; /* the graph */
    mien_preprocess preprocess;
    int64_t item[MIEN_RANK_MAX]; /* [3 or 1, H, W], or channels last */
    mien_backbone row;
    mien_backbone_file file;
} slot;

static slot slots[SLOTS];
static int slots_count;
static _Atomic(mien_lock *) lock; /* one file is opened at a time */

static mien_status build_slot(
    const slot *s, mien_graph *graph, mien_node input, mien_node *last);

#define ROW(i)                                                                         \
    static mien_preprocess preprocess_##i(void) {                                      \
        return slots[i].preprocess;                                                    \
    }                                                                                  \
    static mien_status build_##i(                                                      \
        mien_graph *graph, mien_node input, mien_node *last) {                         \
        return build_slot(&slots[i], graph, input, last);                              \
    }
ROW(0)
ROW(1)
ROW(2)
ROW(3)
ROW(4)
ROW(5)
ROW(6)
ROW(7)
#undef ROW
static mien_preprocess (*const preprocesses[SLOTS])(void) = {preprocess_0, preprocess_1,
    preprocess_2, preprocess_3, preprocess_4, preprocess_5, preprocess_6, preprocess_7};
static mien_status (*const builds[SLOTS])(mien_graph *, mien_node, mien_node *) = {
    build_0, build_1, build_2, build_3, build_4, build_5, build_6, build_7};

/* ---- the graph --------------------------------------------------------------------
 */

static int64_t height_of(const slot *s) {
    return s->item[s->file.channels_last ? 0 : 1];
}

static int64_t width_of(const slot *s) {
    return s->item[s->file.channels_last ? 1 : 2];
}

static mien_status build_slot(
    const slot *s, mien_graph *graph, mien_node input, mien_node *last) {
    mien_node outputs[MIEN_DOCUMENT_PORTS_MAX], x = input;
    int64_t shape[MIEN_RANK_MAX];
    int rank = mien_graph_shape(graph, input, shape);
    if (rank != 4 || shape[1] != 3 || shape[2] != height_of(s) ||
        shape[3] != width_of(s)) {
        return mien_fail(MIEN_EINVAL,
            "%s reads pictures of %lld × %lld (height × width) and no others: its file "
            "was imported for that size",
            s->path, (long long)height_of(s), (long long)width_of(s));
    }
    mien_status status = mien_graph_entry(
        graph, x, s->file.grey, s->preprocess.bgr, s->file.channels_last, &x);
    if (status == MIEN_OK) {
        status = mien_document_build(s->document, graph, &x, outputs);
    }
    if (status == MIEN_OK) {
        *last = outputs[0];
    }
    return status;
}

static bool is(const mien_graph *graph, mien_node node, const char *operator) {
    return strcmp(mien_graph_operator(graph, node), operator) == 0;
}

/* The layer "pool": what the last linear layer reads, or, of a network that ends in
 * convolutions, its last map. */
static mien_node find_feature(const mien_graph *graph, mien_node last) {
    int64_t shape[MIEN_RANK_MAX];
    mien_node reads[2];
    for (mien_node node = last; node > 0; node--) {
        bool map = is(graph, node, "conv2d");
        if (is(graph, node, "linear") && mien_graph_reads(graph, node, reads, 2) > 0 &&
            mien_graph_shape(graph, reads[0], shape) == 2) {
            return reads[0];
        }
        if (map || node == 1) {
            break;
        }
    }
    for (mien_node node = last; node > 0; node--) {
        if (mien_graph_shape(graph, node, shape) == 4 && shape[2] * shape[3] > 1) {
            return node;
        }
    }
    return last;
}

static mien_status measure(slot *s) {
    const int64_t shape[4] = {MIEN_BATCH, 3, height_of(s), width_of(s)};
    int64_t out[MIEN_RANK_MAX];
    mien_graph *graph = NULL;
    mien_node input, last = 0;
    mien_status status = mien_graph_new(&graph);
    if (status == MIEN_OK) {
        status = mien_graph_input(graph, "input picture", 4, shape, &input);
    }
    if (status == MIEN_OK) {
        status = build_slot(s, graph, input, &last);
    }
    if (status == MIEN_OK) {
        s->feature = mien_strdup(mien_graph_name(graph, find_feature(graph, last)));
        status = s->feature ? MIEN_OK : MIEN_ENOMEM;
        int rank = mien_graph_shape(graph, last, out);
        s->row.classes = rank >= 2 ? out[1] : 1;
    }
    mien_graph_free(&graph);
    return status;
}

/* ---- files ------------------------------------------------------------------------
 */

/* Of one picture: sets what the document's only input tells. */
static mien_status take_shape(slot *s) {
    int rank = mien_document_inputs(s->document) == 1
                   ? mien_document_input_shape(s->document, 0, s->item)
                   : 0;
    bool first = rank == 3 && (s->item[0] == 1 || s->item[0] == 3);
    s->file.channels_last = rank == 3 && !first && (s->item[2] == 1 || s->item[2] == 3);
    s->file.grey = rank == 3 && s->item[s->file.channels_last ? 2 : 0] == 1;
    return first || s->file.channels_last
               ? MIEN_OK
               : mien_fail(MIEN_EUNSUPPORTED,
                     "%s: it does not read one picture of one or three colours",
                     s->path);
}

/* The graph and the weights of a model whose first stage is one. */
static mien_status open_model(slot *s, mien_value **document) {
    const mien_branch_kind *kind = NULL;
    mien_options *options = NULL;
    mien_status status = mien_model_open(s->path, &s->model);
    const mien_architecture *a =
        status == MIEN_OK ? &mien_model_network(s->model)->architecture : NULL;
    if (a && (a->inputs_count != 1 || !mien_input_is_picture(&a->inputs[0]) ||
                 strcmp(a->branches[0].stage[0].kind, "graph") != 0)) {
        return mien_fail(MIEN_EUNSUPPORTED,
            "%s: only an imported network of one picture can be a backbone; of another "
            "model name the backbone that it is made of, and its weights with "
            "train.load",
            s->path);
    }
    if (status == MIEN_OK) {
        status = mien_branch_kind_find("graph", &kind);
    }
    if (status == MIEN_OK) {
        status = mien_part_read(&a->branches[0].stage[0], kind->options, &options);
    }
    if (status == MIEN_OK) {
        status = mien_value_copy(
            mien_value_get(a->graphs, mien_options_text(options, "of")), document);
    }
    if (status == MIEN_OK) {
        status = mien_input_preprocess(&a->inputs[0], &s->preprocess);
        s->file.input = &a->inputs[0];
        s->file.parameters = mien_model_body(s->model)->parameters;
        size_t length = strlen(a->branches[0].prefix);
        bool numbers = length && a->branches[0].prefix[length - 1] == '.';
        snprintf(s->prefix, sizeof s->prefix, "%s%s", a->branches[0].prefix,
            numbers  ? "0."
            : length ? "."
                     : "");
    }
    mien_options_free(&options);
    return status;
}

/* An ONNX or Keras file says nothing of colours and means. */
static mien_status open_foreign(slot *s, mien_value **document) {
    mien_input input;
    mien_status status = mien_import_open(s->path, NULL, &s->import);
    if (status == MIEN_OK) {
        status = mien_import_document(s->import, document);
    }
    if (status == MIEN_OK) {
        status = mien_input_init(&input, "picture", "image");
    }
    if (status == MIEN_OK) {
        status = mien_input_preprocess(&input, &s->preprocess);
        s->file.parameters = mien_import_parameters(s->import);
    }
    return status;
}

static void name_graph(slot *s) {
    const char *base = mien_path_base(s->path);
    size_t length = strcspn(base, "."), n = 0;
    for (size_t i = 0; i < length && n < NAME - 8; i++) {
        bool plain = strchr("=;, \t", base[i]) == NULL;
        s->graph[n++] = plain ? base[i] : '_';
    }
    s->graph[n] = 0;
    if (n == 0 || mien_backbone_file_by_graph(s->graph)) {
        snprintf(s->graph + n, sizeof s->graph - n, "-%d", slots_count + 1);
    }
}

static mien_status open_graph(slot *s, bool ours) {
    mien_value *document = NULL;
    mien_status status = ours ? open_model(s, &document) : open_foreign(s, &document);
    if (status != MIEN_OK) {
        mien_value_free(&document);
        return status;
    }
    name_graph(s);
    s->graphs = mien_value_new_map();
    if (!s->graphs) {
        mien_value_free(&document);
        return MIEN_ENOMEM;
    }
    status = mien_value_set(s->graphs, s->graph, document);
    s->document = mien_value_get(s->graphs, s->graph);
    return status;
}

static void clear(slot *s) {
    mien_model_close(&s->model);
    mien_import_close(&s->import);
    mien_value_free(&s->graphs);
    mien_free(s->feature);
    mien_free(s->path);
    *s = (slot){0};
}

static mien_status fill(slot *s, int index, const char *path) {
    s->path = mien_strdup(path);
    if (!s->path) {
        return MIEN_ENOMEM;
    }
    bool ours = strcmp(mien_path_extension(path), "safetensors") == 0;
    mien_status status = open_graph(s, ours);
    status = status ? status : take_shape(s);
    if (status == MIEN_OK) {
        s->preprocess.crop_height = (int)height_of(s);
        s->preprocess.crop_width = (int)width_of(s);
        int shorter = s->preprocess.crop_height < s->preprocess.crop_width
                          ? s->preprocess.crop_height
                          : s->preprocess.crop_width;
        s->preprocess.size = !ours || s->preprocess.size < shorter ? shorter * 8 / 7
                                                                   : s->preprocess.size;
        status = measure(s);
    }
    if (status == MIEN_OK) {
        status = mien_verified_sha256(path, s->sha256);
    }
    s->row = (mien_backbone){.name = s->path,
        .summary = "a network of a file",
        .feature = s->feature,
        .classes = s->row.classes,
        .minimum_size = (int)(height_of(s) < width_of(s) ? height_of(s) : width_of(s)),
        .preprocess = preprocesses[index],
        .build = builds[index],
        .weights_file = s->path,
        .weights_sha256 = s->sha256,
        .weights_licence = "as the file's"};
    s->file.graph = s->graph;
    s->file.document = s->document;
    s->file.graphs = s->graphs;
    s->file.prefix = s->prefix;
    s->file.sha256 = s->sha256;
    return status;
}

/* ---- all --------------------------------------------------------------------------
 */

bool mien_backbone_is_file(const char *name) {
    static const char *const extensions[] = {"safetensors", "onnx", "h5", "hdf5"};
    for (size_t i = 0; i < sizeof extensions / sizeof *extensions; i++) {
        if (strcmp(mien_path_extension(name), extensions[i]) == 0) {
            return true;
        }
    }
    return strchr(name, '/') != NULL;
}

static mien_status take_lock(void) {
    mien_lock *expected = NULL, *made = NULL;
    if (!atomic_load(&lock)) {
        mien_status status = mien_lock_new(&made);
        if (status != MIEN_OK) {
            return status;
        }
        if (!atomic_compare_exchange_strong(&lock, &expected, made)) {
            mien_lock_free(&made);
        }
    }
    mien_lock_take(atomic_load(&lock));
    return MIEN_OK;
}

static mien_status open_slot(const char *path, const mien_backbone **backbone) {
    for (int i = 0; i < slots_count; i++) {
        if (strcmp(slots[i].path, path) == 0) {
            *backbone = &slots[i].row;
            return MIEN_OK;
        }
    }
    if (slots_count == SLOTS) {
        return mien_fail(
            MIEN_ELIMIT, "%s: more than %d files as backbones", path, (int)SLOTS);
    }
    slot *s = &slots[slots_count];
    mien_status status = fill(s, slots_count, path);
    if (status != MIEN_OK) {
        clear(s);
        return status;
    }
    slots_count++;
    *backbone = &s->row;
    return MIEN_OK;
}

mien_status mien_backbone_file_open(const char *path, const mien_backbone **backbone) {
    mien_status status = take_lock();
    if (status == MIEN_OK) {
        status = open_slot(path, backbone);
        mien_lock_give(atomic_load(&lock));
    }
    return status;
}

const mien_backbone_file *mien_backbone_file_of(const mien_backbone *backbone) {
    for (int i = 0; i < slots_count; i++) {
        if (backbone == &slots[i].row) {
            return &slots[i].file;
        }
    }
    return NULL;
}

const mien_backbone *mien_backbone_file_by_graph(const char *graph) {
    for (int i = 0; i < slots_count; i++) {
        if (strcmp(graph, slots[i].graph) == 0) {
            return &slots[i].row;
        }
    }
    return NULL;
}

mien_status mien_backbone_file_fill(const mien_backbone_file *file,
    mien_parameters *parameters, const char *scope,
    bool (*wanted)(void *context, const char *name), void *context) {
    mien_string stored;
    mien_status status = MIEN_OK;
    mien_string_init(&stored);
    for (int64_t i = 0; status == MIEN_OK && i < mien_parameters_count(parameters);
         i++) {
        const char *name = mien_parameters_name(parameters, i);
        if (strncmp(name, scope, strlen(scope)) != 0 ||
            (wanted && !wanted(context, name))) {
            continue;
        }
        mien_string_clear(&stored);
        mien_string_init(&stored);
        status = mien_string_addf(&stored, "%s%s", file->prefix, name + strlen(scope));
        int64_t at = status == MIEN_OK
                         ? mien_parameters_find(file->parameters, stored.text)
                         : -1;
        const mien_tensor *from =
            at >= 0 ? mien_parameters_at(file->parameters, at) : NULL;
        mien_tensor *to = mien_parameters_at(parameters, i);
        if (from && mien_tensor_bytes(from) == mien_tensor_bytes(to)) {
            memcpy(to->data, from->data, mien_tensor_bytes(to));
        } else if (status == MIEN_OK) {
            status = mien_fail(MIEN_EFORMAT, "the file of the graph %s lacks %s",
                file->graph, stored.text);
        }
    }
    mien_string_clear(&stored);
    return status;
}
