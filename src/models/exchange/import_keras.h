/* SPDX-License-Identifier: MIT */
/* Whole models of Keras, told in the operators of ONNX. */
#ifndef MIEN_MODELS_IMPORT_KERAS_H
#define MIEN_MODELS_IMPORT_KERAS_H

#include "io/onnx.h"

/** MIEN_EUNSUPPORTED counts and names layers that are not read. */
mien_status mien_keras_read(const char *path, mien_onnx **model);
/** The same of an open file and the text of its model_config. */
mien_status mien_keras_tell(
    mien_hdf5 *file, const char *config, size_t length, mien_onnx **model);

#endif
