/* SPDX-License-Identifier: MIT */
/* Any text as the model_config of a file with a few weights: an error with a text, or a
 * graph. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "models/exchange/import.h"
#include "models/exchange/import_keras.h"

/* Weights of a convolution, a norm, a depthwise and a dense layer of this name. */
static mien_hdf5 *open_weights(void) {
    static const char *const names[] = {"model_weights/c/c/kernel:0",
        "model_weights/c/c/bias:0", "model_weights/n/n/gamma:0",
        "model_weights/n/n/beta:0", "model_weights/n/n/mean:0",
        "model_weights/n/n/var:0", "model_weights/d/d/kernel:0",
        "model_weights/d/d/bias:0"};
    static const int64_t shapes[][4] = {
        {3, 3, 1, 2}, {2}, {2}, {2}, {2}, {2}, {2, 3}, {3}};
    static const int ranks[] = {4, 1, 1, 1, 1, 1, 2, 1};
    static const char *const conv[] = {"c/kernel:0", "c/bias:0"};
    static const char *const norm[] = {"n/gamma:0", "n/beta:0", "n/mean:0", "n/var:0"};
    static const char *const dense[] = {"d/kernel:0", "d/bias:0"};
    const mien_hdf5_attribute lists[] = {
        {"model_weights/c", "weight_names", conv, 2, true, 0},
        {"model_weights/n", "weight_names", norm, 4, true, 0},
        {"model_weights/d", "weight_names", dense, 2, true, 0}};
    mien_tensor *tensors[8];
    mien_hdf5 *file = NULL;
    char path[64];
    snprintf(path, sizeof path, "/tmp/fuzz_keras.%d.h5", (int)getpid());
    for (int i = 0; i < 8; i++) {
        if (mien_tensor_new(MIEN_F32, ranks[i], shapes[i], &tensors[i]) != MIEN_OK) {
            abort();
        }
    }
    if (mien_hdf5_write_with(
            path, 8, names, (const mien_tensor *const *)tensors, 3, lists) != MIEN_OK ||
        mien_hdf5_open(path, &file) != MIEN_OK) {
        fprintf(stderr, "%s\n", mien_error());
        abort();
    }
    for (int i = 0; i < 8; i++) {
        mien_tensor_free(&tensors[i]);
    }
    return file; /* open, and so mapped, until the end */
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static mien_hdf5 *weights;
    mien_onnx *m = NULL;
    mien_import *import = NULL;
    weights = weights ? weights : open_weights();
    if (mien_keras_tell(weights, (const char *)data, size, &m) == MIEN_OK) {
        if (mien_import_take(m, NULL, &import) != MIEN_OK && !mien_error()[0]) {
            abort();
        }
    } else if (!mien_error()[0]) {
        abort();
    }
    mien_import_close(&import);
    mien_onnx_free(&m);
    return 0;
}
