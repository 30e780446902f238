/* SPDX-License-Identifier: MIT */
/* A graph of mien's being written as an ONNX file, node by node. */
#ifndef MIEN_MODELS_EXPORT_H
#define MIEN_MODELS_EXPORT_H

#include "io/onnx.h"
#include "mien/graphs.h"

/** Metadata key of the contract. */
#define MIEN_EXPORT_KEY "mien"

/** The state of one call; after a failure the rest of its functions do nothing. */
typedef struct mien_exporting {
    mien_status status;
    mien_onnx *m;
    const mien_graph *graph;
    mien_parameters *parameters;
    const char **names; /* of the value each node gives */
    int nodes_room, initializers_room;
    mien_node at; /* that is being written */
    int made;     /* names made so far */
} mien_exporting;

/** Writes node `at`, whose inputs are written; false: its operator has no form there.
 */
bool mien_export_node(mien_exporting *e);

/** Adds a node that reads these values and gives `output` (NULL: a new name).
 * Attributes as "axis=1 mode=linear alpha=0.1f kernel=3,3": a number with a dot or an f
 * at its end is real, a list has a comma, at its end too where it has one number. */
const char *mien_export_add(mien_exporting *e, const char *op, const char *output,
    const char *const *inputs, int count, const char *attributes);
/** A list of whole numbers, or one real number, as an initialiser. */
const char *mien_export_ints(mien_exporting *e, int count, const int64_t *values);
const char *mien_export_number(mien_exporting *e, double value);
const char *mien_export_numbers(
    mien_exporting *e, int rank, const int64_t *shape, const float *values);
const char *mien_export_text(mien_exporting *e, const char *format, ...)
    MIEN_PRINTF(2, 3);

#endif
