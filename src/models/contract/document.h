/* SPDX-License-Identifier: MIT */
/* A graph written down as data: what a contract keeps of a network that no row of ours
 * builds.
 *
 *     {"inputs": [{"name": "input", "shape": [3, 224, 224]}],
 *      "nodes": [["conv1", "conv2d", "out=64 kernel=7,7 stride=2,2 padding=3",
 * "input"], …], "outputs": [["logits", "fc"], …]}
 *
 * A node is its name, its operator, its options and the names it reads. Shapes are of
 * one item, without the batch. */
#ifndef MIEN_MODELS_DOCUMENT_H
#define MIEN_MODELS_DOCUMENT_H

#include "mien/models.h"

#define MIEN_DOCUMENT_PORTS_MAX 64

/** An input or an output. */
typedef struct mien_document_port {
    const char *name; /**< lent */
    mien_node node;
} mien_document_port;

/** Writes down what the outputs need; inputs and outputs are of the graph. The caller
 * frees. */
mien_status mien_document_make(const mien_graph *graph,
    const mien_document_port *inputs, int inputs_count,
    const mien_document_port *outputs, int outputs_count, mien_value **document);

int mien_document_inputs(const mien_value *document);
const char *mien_document_input(const mien_value *document, int index);
/** Its shape behind the batch, at most MIEN_RANK_MAX - 1 sizes; the rank. */
int mien_document_input_shape(const mien_value *document, int index, int64_t *shape);
int mien_document_outputs(const mien_value *document);
const char *mien_document_output(const mien_value *document, int index);

/**
 * Adds the nodes to a graph, in the scope that is open.
 *
 * @param inputs   [mien_document_inputs()] nodes that stand for its inputs
 * @param outputs  [mien_document_outputs()] filled
 * @return MIEN_EFORMAT for what is no such document; what mien_graph_add() returns
 */
mien_status mien_document_build(const mien_value *document, mien_graph *graph,
    const mien_node *inputs, mien_node *outputs);

#endif
