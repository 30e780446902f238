/* SPDX-License-Identifier: MIT */
/* A file named where a backbone is: an imported network as a row of the table. */
#ifndef MIEN_MODELS_BACKBONE_FILE_H
#define MIEN_MODELS_BACKBONE_FILE_H

#include "mien/models.h"

/** Files that one process may name as backbones. */
#define MIEN_BACKBONE_FILES_MAX 8

/** What such a row has beside. All is lent and stays as long as the process. */
typedef struct mien_backbone_file {
    const char *graph;           /**< what the contract of a model that is made of it
                                      calls its graph: the file's name */
    const mien_value *document;  /**< the graph written down */
    const mien_value *graphs;    /**< a map of that name to it */
    bool grey, channels_last;    /**< how it reads a picture */
    const mien_input *input;     /**< as its contract says; NULL: the file has none */
    mien_parameters *parameters; /**< its weights */
    const char *prefix;          /**< their names begin so */
    const char *sha256;          /**< of the file */
} mien_backbone_file;

/** Whether a name means a file: it has a folder, or ends in .safetensors, .onnx, .h5 or
 * .hdf5. */
bool mien_backbone_is_file(const char *name);

/**
 * A row for a file: a model that `mien models import` made, or an ONNX or Keras file
 * itself, whose pictures are then taken as torchvision's networks take them. The same
 * path gives the same row.
 *
 * @return MIEN_EUNSUPPORTED for a model that is no imported graph of one picture;
 * MIEN_ELIMIT beyond MIEN_BACKBONE_FILES_MAX; what mien_model_open() and
 * mien_import_open() return
 */
mien_status mien_backbone_file_open(const char *path, const mien_backbone **backbone);
/** NULL: it is a row of the table. */
const mien_backbone_file *mien_backbone_file_of(const mien_backbone *backbone);
/** The row whose graph is called so; NULL: none. */
const mien_backbone *mien_backbone_file_by_graph(const char *graph);

/** Copies the weights of parameters that begin with `scope` and of which `wanted` is
 * true (NULL: all). MIEN_EFORMAT names one that the file lacks. */
mien_status mien_backbone_file_fill(const mien_backbone_file *file,
    mien_parameters *parameters, const char *scope,
    bool (*wanted)(void *context, const char *name), void *context);

#endif
