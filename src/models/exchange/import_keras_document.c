/* SPDX-License-Identifier: MIT */
/* The document that a Keras model is told in, and what the layer at hand says: nodes
 * and attributes of ONNX are added, settings are read with their usual values, weights
 * are fetched and turned. Called by import_keras_layers.c and import_keras.c. */
#include "models/exchange/import_keras_layers.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "io/index.h"

void mien_keras_fail(
    mien_keras_telling *t, mien_status status, const char *format, ...) {
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

void *mien_keras_room(mien_keras_telling *t, size_t count, size_t size) {
    void *memory = mien_arena_alloc(t->m->arena, count, size);
    if (!memory && t->status == MIEN_OK) {
        t->status = MIEN_ENOMEM;
    }
    return memory;
}

const char *mien_keras_text_of(mien_keras_telling *t, const char *format, ...) {
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
mien_onnx_node *mien_keras_node(mien_keras_telling *t, const char *op,
    const char *output, const char *const *inputs, int count) {
    mien_onnx_node *n = &t->m->nodes[t->m->nodes_count];
    const char **in = mien_keras_room(t, (size_t)count + 1, sizeof *in);
    const char **out = mien_keras_room(t, 1, sizeof *out);
    mien_onnx_attribute *attributes = mien_keras_room(t, 8, sizeof *attributes);
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

mien_onnx_node *mien_keras_simple(
    mien_keras_telling *t, const char *op, const char *output, const char *input) {
    return mien_keras_node(t, op, output, &input, 1);
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

void mien_keras_set_int(mien_onnx_node *n, const char *name, int64_t value) {
    mien_onnx_attribute *a = attribute(n, name);
    a->kind = MIEN_ONNX_INT;
    a->integer = value;
}

void mien_keras_set_number(mien_onnx_node *n, const char *name, double value) {
    mien_onnx_attribute *a = attribute(n, name);
    a->kind = MIEN_ONNX_FLOAT;
    a->number = (float)value;
}

void mien_keras_set_text(mien_onnx_node *n, const char *name, const char *value) {
    mien_onnx_attribute *a = attribute(n, name);
    a->kind = MIEN_ONNX_TEXT;
    a->text = value;
}

void mien_keras_set_ints(mien_keras_telling *t, mien_onnx_node *n, const char *name,
    int count, const int64_t *values) {
    int64_t *own = mien_keras_room(t, (size_t)count, sizeof *own);
    mien_onnx_attribute *a = attribute(n, name);
    if (own) {
        memcpy(own, values, (size_t)count * sizeof *own);
        a->kind = MIEN_ONNX_INTS;
        a->count = count;
        a->ints = own;
    }
}

/* An initialiser LAYER.what; the tensor is taken over. */
const char *mien_keras_initializer(
    mien_keras_telling *t, const char *what, mien_tensor *tensor) {
    const char *name = mien_keras_text_of(t, "%s.%s", t->name, what);
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

int64_t mien_keras_int_of(const mien_keras_telling *t, const char *key, int64_t usual) {
    return mien_value_int(mien_value_get(t->settings, key), usual);
}

double mien_keras_number_of(
    const mien_keras_telling *t, const char *key, double usual) {
    return mien_value_number(mien_value_get(t->settings, key), usual);
}

bool mien_keras_flag_of(const mien_keras_telling *t, const char *key, bool usual) {
    return mien_value_bool(mien_value_get(t->settings, key), usual);
}

const char *mien_keras_word_of(
    const mien_keras_telling *t, const char *key, const char *usual) {
    const mien_value *v = mien_value_get(t->settings, key);
    const char *text = v ? mien_value_text(v) : NULL;
    return text ? text : usual;
}

/* [a, b], or one number for both. */
void mien_keras_pair_of(
    const mien_keras_telling *t, const char *key, int64_t usual, int64_t pair[2]) {
    const mien_value *v = mien_value_get(t->settings, key);
    pair[0] = pair[1] = mien_value_int(v, usual);
    if (mien_value_count(v) == 2) {
        pair[0] = mien_value_int(mien_value_at(v, 0), usual);
        pair[1] = mien_value_int(mien_value_at(v, 1), usual);
    }
}

/* ---- weights
 * -------------------------------------------------------------------------------- */

void mien_keras_read_weights(mien_keras_telling *t) {
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
    if (status == MIEN_OK && count > MIEN_KERAS_WEIGHTS_MAX) {
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

mien_tensor *mien_keras_weight(mien_keras_telling *t, int index, int rank) {
    if (t->status == MIEN_OK && (index >= t->weights_count || !t->weights[index] ||
                                    t->weights[index]->rank != rank)) {
        mien_keras_fail(t, MIEN_EFORMAT,
            "weight %d is missing, or has not %d dimensions", index, rank);
    }
    return t->status == MIEN_OK ? t->weights[index] : NULL;
}

/* A kernel [H, W, I, O] as [O, I, H, W]; depthwise [H, W, C, M] as [C M, 1, H, W]. */
mien_tensor *mien_keras_turned_kernel(
    mien_keras_telling *t, const mien_tensor *k, bool depthwise) {
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
mien_tensor *mien_keras_taken(mien_keras_telling *t, int index, int rank) {
    mien_tensor *w = mien_keras_weight(t, index, rank);
    if (w) {
        t->weights[index] = NULL;
    }
    return w;
}
