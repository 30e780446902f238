/* SPDX-License-Identifier: MIT */
/* A graph of mien's being written as an ONNX file, node by node. */
#ifndef MIEN_MODELS_EXPORT_H
#define MIEN_MODELS_EXPORT_H

#include "io/onnx.h"
#include "mien/graphs.h"
#include "models/contract/file.h"
#include "models/extractor.h"

/** Metadata key of the contract. */
#define MIEN_EXPORT_KEY "mien"

/** The state of one call; after a failure the rest of its functions do nothing. */
typedef struct mien_exporting {
    mien_status status;
    mien_onnx *m;
    const mien_graph *graph;
    mien_parameters *parameters;
    const char *output;  /* the file to be */
    const char **names;  /* of the value each node gives */
    const char *prefix;  /* of names of nodes: a graph may be written twice */
    const char *weights; /* of names of parameters */
    int nodes_room, initializers_room;
    mien_node at; /* that is being written */
    int made;     /* names made so far */
} mien_exporting;

/** Turns to a graph, whose nodes have no names yet. */
mien_status mien_export_graph(mien_exporting *e, const mien_graph *graph,
    mien_parameters *parameters, const char *prefix, const char *weights);
/** Writes all nodes that these outputs need but inputs, which have names already;
 * lacking operators are the failure. */
void mien_export_nodes(mien_exporting *e, const mien_node *outputs, int count);
/** Writes the parameters of those nodes, which have to live until the file is written.
 */
void mien_export_parameters(mien_exporting *e, const mien_node *outputs, int count);

/** Adds all inputs of a network that is one graph. */
void mien_export_inputs(
    mien_exporting *e, const mien_network *n, const mien_network_nodes *nodes);
/** Adds an input of bytes [n, H, W, 3], red first; what the network reads of it, [n, 3,
 * H, W]. */
const char *mien_export_pixels(mien_exporting *e, const mien_input *input);
/** Adds every target, read from the value `all` [n, outputs]. */
void mien_export_targets(mien_exporting *e, const mien_network *n, const char *all);
/** Adds one output [n, 1] or [n, width]. */
void mien_export_output(mien_exporting *e, const char *name, int64_t width);
/** A picture through the extractor's backbones and the read-out's sums. */
void mien_export_readout(
    mien_exporting *e, const mien_network *n, const mien_extractor *extractor);

/** Writes node `at`, whose inputs are written; false: its operator has no form there.
 */
bool mien_export_node(mien_exporting *e);
/** Operators over sequences and masks. */
bool mien_export_sequence(mien_exporting *e);

/* What node `at` says, and how others are made of it: for both files of operators. */
/** An option's text as it was given; `usual` where it was not. */
const char *mien_export_option(const mien_exporting *e, const char *key,
    const char *usual, char *buffer, size_t size);
/** The name of the value it reads, and its shape; "" and 0: there is none. */
const char *mien_export_in(const mien_exporting *e, int k);
int mien_export_shape_in(const mien_exporting *e, int k, int64_t *shape);
/** The name of a parameter, which is the initialiser's. */
const char *mien_export_parameter(mien_exporting *e, const char *suffix);
/** Adds the node that gives its value. */
const char *mien_export_give(mien_exporting *e, const char *op,
    const char *const *inputs, int count, const char *attributes);
/** A node of one or of two values. */
const char *mien_export_one(
    mien_exporting *e, const char *op, const char *x, const char *attributes);
const char *mien_export_two(
    mien_exporting *e, const char *op, const char *a, const char *b);

/** Adds a node that reads these values and gives `output` (NULL: a new name).
 * Attributes as "axis=1 mode=linear alpha=0.1f kernel=3,3": a number with a dot or an f
 * at its end is real, a list has a comma, at its end too where it has one number. */
const char *mien_export_add(mien_exporting *e, const char *op, const char *output,
    const char *const *inputs, int count, const char *attributes);
/** A list of whole numbers, or one real number, as an initialiser. */
const char *mien_export_ints(mien_exporting *e, int count, const int64_t *values);
const char *mien_export_number(mien_exporting *e, double value);
const char *mien_export_double(mien_exporting *e, double value);
const char *mien_export_numbers(
    mien_exporting *e, int rank, const int64_t *shape, const float *values);
void mien_export_lend(mien_exporting *e, const char *name, int rank,
    const int64_t *shape, const float *values);
void mien_export_initializer(mien_exporting *e, const char *name, mien_tensor *tensor);
void *mien_export_room(mien_exporting *e, size_t count, size_t size);
const char *mien_export_text(mien_exporting *e, const char *format, ...)
    MIEN_PRINTF(2, 3);

#endif
