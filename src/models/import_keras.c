/* SPDX-License-Identifier: MIT */
/* Whole models of Keras, told in the operators of ONNX. */
#include "models/import_keras.h"

mien_status mien_keras_read(const char *path, mien_onnx **model) {
    (void)model;
    return mien_fail(MIEN_EUNSUPPORTED, "%s: not yet", path);
}
