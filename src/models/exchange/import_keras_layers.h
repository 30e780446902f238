/* SPDX-License-Identifier: MIT */
/* Shared by the files that tell a Keras model in ONNX's operators: the document under
 * construction, and the layer at hand with its settings and weights. */
#ifndef MIEN_MODELS_KERAS_LAYERS_H
#define MIEN_MODELS_KERAS_LAYERS_H

#include "models/exchange/import_keras.h"

#define MIEN_KERAS_LAYERS_MAX 10000
#define MIEN_KERAS_WEIGHTS_MAX 6
#define MIEN_KERAS_READS_MAX 64
#define MIEN_KERAS_NODES_EACH 6

/** A layer that is there already. */
typedef struct mien_keras_layer {
    const char *name, *value; /* what others read */
    bool map;                 /* [N, C, H, W]; else [N, F] */
} mien_keras_layer;

/** The state of one file's telling; after a failure the rest does nothing. */
typedef struct mien_keras_telling {
    mien_status status;
    mien_hdf5 *file;
    mien_value *config;
    mien_onnx *m;
    mien_keras_layer *layers;
    int count;
    bool old; /* before Keras 3 */
    /* the layer at hand */
    const char *name;
    const mien_value *settings;
    const mien_keras_layer *reads[MIEN_KERAS_READS_MAX];
    int reads_count;
    mien_tensor *weights[MIEN_KERAS_WEIGHTS_MAX];
    int weights_count, nodes_first;
} mien_keras_telling;

/** The first failure counts, with the layer's name before it. */
void mien_keras_fail(mien_keras_telling *t, mien_status status, const char *format, ...)
    MIEN_PRINTF(3, 4);
/** Of the document's memory; NULL where there is none, which is the failure. */
void *mien_keras_room(mien_keras_telling *t, size_t count, size_t size);
const char *mien_keras_text_of(mien_keras_telling *t, const char *format, ...)
    MIEN_PRINTF(2, 3);
/** Adds a node. */
mien_onnx_node *mien_keras_node(mien_keras_telling *t, const char *op,
    const char *output, const char *const *inputs, int count);
/** Adds a node of one value. */
mien_onnx_node *mien_keras_simple(
    mien_keras_telling *t, const char *op, const char *output, const char *input);
void mien_keras_set_int(mien_onnx_node *n, const char *name, int64_t value);
void mien_keras_set_number(mien_onnx_node *n, const char *name, double value);
void mien_keras_set_text(mien_onnx_node *n, const char *name, const char *value);
void mien_keras_set_ints(mien_keras_telling *t, mien_onnx_node *n, const char *name,
    int count, const int64_t *values);
/** Keeps a tensor under the layer's name. */
const char *mien_keras_initializer(
    mien_keras_telling *t, const char *what, mien_tensor *tensor);
/** Settings of the layer at hand, with what they are where they are not said. */
int64_t mien_keras_int_of(const mien_keras_telling *t, const char *key, int64_t usual);
double mien_keras_number_of(const mien_keras_telling *t, const char *key, double usual);
bool mien_keras_flag_of(const mien_keras_telling *t, const char *key, bool usual);
const char *mien_keras_word_of(
    const mien_keras_telling *t, const char *key, const char *usual);
/** One number for both, or a list of two. */
void mien_keras_pair_of(
    const mien_keras_telling *t, const char *key, int64_t usual, int64_t pair[2]);
/** Reads the weights of the layer at hand, in Keras' order. */
void mien_keras_read_weights(mien_keras_telling *t);
/** The layer's weight by its place, of this rank; NULL is a failure. */
mien_tensor *mien_keras_weight(mien_keras_telling *t, int index, int rank);
/** [H, W, in, out] to [out, in, H, W]. */
mien_tensor *mien_keras_turned_kernel(
    mien_keras_telling *t, const mien_tensor *k, bool depthwise);
/** A weight as it is. */
mien_tensor *mien_keras_taken(mien_keras_telling *t, int index, int rank);
/** Whether a kind of layer is read. */
bool mien_keras_is_known(const char *kind);
/** Adds the nodes of the layer at hand; whether what it gives is a map. */
bool mien_keras_tell_layer(mien_keras_telling *t, const char *kind);
/** Adds an input of the document. */
void mien_keras_input(mien_keras_telling *t);

#endif
