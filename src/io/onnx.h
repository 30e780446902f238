/* SPDX-License-Identifier: MIT */
/* ONNX files as plain lists: what models/import reads and models/export writes. Nothing
 * here knows what an operator means. */
#ifndef MIEN_IO_ONNX_H
#define MIEN_IO_ONNX_H

#include "mien/io.h"

/** A named tensor. Its values are as the file has them: any type but texts. */
typedef struct mien_onnx_tensor {
    const char *name;
    mien_tensor *tensor;
} mien_onnx_tensor;

/** Kinds of attributes, by the format's numbers. */
typedef enum mien_onnx_kind {
    MIEN_ONNX_FLOAT = 1,
    MIEN_ONNX_INT = 2,
    MIEN_ONNX_TEXT = 3,
    MIEN_ONNX_TENSOR = 4,
    MIEN_ONNX_GRAPH = 5, /**< a subgraph was there; it is not read */
    MIEN_ONNX_FLOATS = 6,
    MIEN_ONNX_INTS = 7,
    MIEN_ONNX_TEXTS = 8
} mien_onnx_kind;

typedef struct mien_onnx_attribute {
    const char *name;
    mien_onnx_kind kind;
    float number;
    int64_t integer;
    const char *text;
    mien_tensor *tensor;
    int count;                /**< of the lists */
    const float *floats;      /**< [count] */
    const int64_t *ints;      /**< [count] */
    const char *const *texts; /**< [count] */
} mien_onnx_attribute;

typedef struct mien_onnx_node {
    const char *name, *op, *domain; /**< "" where they are absent */
    int inputs_count, outputs_count, attributes_count;
    const char **inputs; /**< "": left out */
    const char **outputs;
    mien_onnx_attribute *attributes;
} mien_onnx_node;

/** An input or output of the graph. */
typedef struct mien_onnx_value {
    const char *name;
    mien_dtype dtype;             /**< MIEN_DTYPES: texts, or nothing was said */
    int rank;                     /**< -1: not said */
    int64_t shape[MIEN_RANK_MAX]; /**< -1: by name, or not said */
    const char *dimension[MIEN_RANK_MAX]; /**< name of a dimension; NULL */
} mien_onnx_value;

typedef struct mien_onnx {
    mien_arena *arena; /**< of everything below but the tensors' values */
    int64_t ir, opset; /**< of ONNX's own operators */
    const char *producer, *producer_version, *name, *text; /**< "" where absent */
    int nodes_count, initializers_count, inputs_count, outputs_count, functions_count;
    mien_onnx_node *nodes;
    mien_onnx_tensor *initializers;
    mien_onnx_value *inputs, *outputs;
    int metadata_count;
    const char **metadata; /**< [2 metadata_count] key, value, key, … */
    mien_tensor **tensors; /**< every tensor, to be freed */
    int tensors_count, tensors_capacity;
} mien_onnx;

/** Limits of a file that is read. */
#define MIEN_ONNX_NODES_MAX 100000
#define MIEN_ONNX_BYTES_MAX ((int64_t)16 << 30)

/**
 * Reads a model. Values that stand in other files are read from there: only from plain
 * names below the model's own folder.
 *
 * @return MIEN_EFORMAT for bytes that are no ONNX file or contradict themselves;
 *         MIEN_EUNSUPPORTED for types that are not read; MIEN_ELIMIT; MIEN_EIO;
 * MIEN_ENOMEM
 */
mien_status mien_onnx_read(const char *path, mien_onnx **model);
/** The same of bytes; `folder` is where values in other files are, NULL: none may be.
 */
mien_status mien_onnx_parse(const char *name, const void *bytes, size_t count,
    const char *folder, mien_onnx **model);
void mien_onnx_free(mien_onnx **model);
/** One tensor alone in a file, as ONNX's test data has them (.pb). */
mien_status mien_onnx_read_tensor(const char *path, mien_tensor **tensor);

/** An empty model for writing (opset 17, IR 8), or to be filled by a reader of another
 * format. */
mien_status mien_onnx_new(mien_onnx **model);
/** Takes the tensor over (also when it fails). */
mien_status mien_onnx_keep(mien_onnx *model, mien_tensor *tensor);
/** Writes it, values inside, complete or not at all. The same model gives the same
 * bytes. MIEN_ELIMIT where it would pass 2 GiB. */
mien_status mien_onnx_write(const char *path, const mien_onnx *model);

/** The format's number of a type; 0 for one it does not have. */
int mien_onnx_type(mien_dtype dtype);
/** MIEN_DTYPES for a number that stands for no type mien has. */
mien_dtype mien_onnx_dtype(int type);

#endif
