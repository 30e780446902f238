/* SPDX-License-Identifier: MIT */
/* Whole models of Keras (.h5 with model_config), told in the operators of ONNX. In
 * comes an HDF5 file; out goes a document as a reader of ONNX would give it. Here
 * layers are put in order, by who reads whom; import_keras_layers.c tells each. Called
 * by mien_import_open(). */
#include "models/exchange/import_keras.h"

#include <stdio.h>
#include <string.h>

#include "io/index.h"
#include "models/exchange/import_keras_layers.h"

/* ---- who reads whom
 * -------------------------------------------------------------------------------------
 */

static void add_read(mien_keras_telling *t, const char *name) {
    for (int i = 0; name && i < t->count; i++) {
        if (strcmp(t->layers[i].name, name) == 0 &&
            t->reads_count < MIEN_KERAS_READS_MAX) {
            t->reads[t->reads_count++] = &t->layers[i];
            return;
        }
    }
    mien_keras_fail(t, MIEN_EFORMAT, "it reads \"%s\", which is no layer before it",
        name ? name : "");
}

/* [["conv", 0, 0, {}], …] of old files, or tensors with a keras_history of new ones. */
static void find_reads(mien_keras_telling *t, const mien_value *v, int depth) {
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

static void take_layer(mien_keras_telling *t, const mien_value *entry, bool chained) {
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
        mien_keras_fail(t, MIEN_EUNSUPPORTED, "it is used %lld times",
            (long long)mien_value_count(inbound));
    } else if (!chained && inbound) {
        find_reads(t, inbound, 0);
    }
    mien_keras_read_weights(t);
    bool map = t->status == MIEN_OK && mien_keras_tell_layer(t, mien_value_text(kind));
    for (int i = 0; i < MIEN_KERAS_WEIGHTS_MAX; i++) {
        mien_tensor_free(&t->weights[i]);
    }
    t->layers[t->count++] = (mien_keras_layer){t->name, t->name, map};
}

/* A chain without a layer for its input names the shape in its first layer. */
static void enter_chain(mien_keras_telling *t, const mien_value *first) {
    const mien_value *kind = mien_value_get(first, "class_name");
    if (kind && mien_value_text(kind) && strcmp(mien_value_text(kind), "InputLayer")) {
        t->settings = mien_value_get(first, "config");
        t->name = "input";
        mien_keras_input(t);
        bool map = t->status == MIEN_OK && t->m->inputs[0].rank == 4;
        t->layers[t->count++] = (mien_keras_layer){"input", "input", map};
    }
}

static mien_status check_kinds(const mien_value *layers) {
    mien_string text;
    int lacking = 0;
    mien_string_init(&text);
    for (int64_t i = 0; i < mien_value_count(layers); i++) {
        const mien_value *v = mien_value_get(mien_value_at(layers, i), "class_name");
        const char *kind = v ? mien_value_text(v) : NULL;
        if (kind && !mien_keras_is_known(kind)) {
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

static void add_output(mien_keras_telling *t, const char *name) {
    mien_onnx_value *v = &t->m->outputs[t->m->outputs_count++];
    *v = (mien_onnx_value){
        .name = mien_keras_text_of(t, "%s", name), .dtype = MIEN_F32, .rank = -1};
}

static void add_outputs(mien_keras_telling *t, const mien_value *list) {
    const mien_value *first = mien_value_at(list, 0);
    bool one = first && mien_value_kind_of(first) == MIEN_VALUE_TEXT;
    for (int64_t i = 0; i < (one ? 1 : mien_value_count(list)) && i < 64; i++) {
        const mien_value *name = one ? first : mien_value_at(mien_value_at(list, i), 0);
        if (name && mien_value_text(name)) {
            add_output(t, mien_value_text(name));
        }
    }
}

static mien_status tell_all(mien_keras_telling *t) {
    const mien_value *kind = mien_value_get(t->config, "class_name");
    const mien_value *inner = mien_value_get(t->config, "config");
    const mien_value *layers = mien_value_kind_of(inner) == MIEN_VALUE_LIST
                                   ? inner
                                   : mien_value_get(inner, "layers");
    int64_t count = layers ? mien_value_count(layers) : 0;
    if (!kind || !mien_value_text(kind) || count < 1 || count > MIEN_KERAS_LAYERS_MAX) {
        return mien_fail(MIEN_EFORMAT, "model_config: it has no list of layers");
    }
    bool chained = strcmp(mien_value_text(kind), "Sequential") == 0;
    mien_status status = check_kinds(layers);
    if (status != MIEN_OK) {
        return status;
    }
    size_t most = (size_t)count * MIEN_KERAS_NODES_EACH + 8;
    t->m->nodes = mien_keras_room(t, most, sizeof *t->m->nodes);
    t->m->initializers = mien_keras_room(t, most, sizeof *t->m->initializers);
    t->m->inputs = mien_keras_room(t, (size_t)count + 1, sizeof *t->m->inputs);
    t->m->outputs = mien_keras_room(t, 65, sizeof *t->m->outputs);
    t->layers = mien_keras_room(t, (size_t)count + 2, sizeof *t->layers);
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

static void read_version(mien_keras_telling *t) {
    char **texts = NULL;
    int64_t count = 0;
    t->old = true;
    if (mien_hdf5_texts(t->file, "", "keras_version", &texts, &count) == MIEN_OK &&
        count == 1) {
        t->old = texts[0][0] < '3';
        t->m->producer = mien_keras_text_of(t, "%s", "Keras");
        t->m->producer_version = mien_keras_text_of(t, "%.40s", texts[0]);
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
    mien_keras_telling t = {.file = file};
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
    for (int i = 0; i < MIEN_KERAS_WEIGHTS_MAX; i++) {
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
