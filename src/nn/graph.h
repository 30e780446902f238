/* SPDX-License-Identifier: MIT */
/* The inside of a graph, for the files of this room. */
#ifndef MIEN_NN_GRAPH_H
#define MIEN_NN_GRAPH_H

#include "mien/nn.h"

typedef struct mien_op mien_op;

#define MIEN_OP_PARAMETERS_MAX 16

/** The value of a fresh parameter before weights are loaded. */
typedef enum mien_initial { MIEN_INITIAL_ZERO, MIEN_INITIAL_ONE } mien_initial;

/** One tensor of weights or statistics that a node owns, called NODE.suffix. */
typedef struct mien_op_parameter {
    const char *suffix;
    int rank;
    int64_t shape[MIEN_RANK_MAX];
    bool trainable;
    mien_initial initial;
    int64_t fan_in; /**< > 0: randomize() draws from ±1 / sqrt(fan_in) */
} mien_op_parameter;

typedef struct mien_op_node {
    const char *name;
    const mien_op *op;   /**< NULL: an input */
    void *settings;      /**< the row's own struct */
    const char *options; /**< the text the settings were read from */
    mien_node *inputs;
    int inputs_count;
    int rank;
    /** −k where it is k times the batch (MIEN_BATCH: once) */
    int64_t shape[MIEN_RANK_MAX];
    int parameters_count;
    int64_t parameters_first; /**< index of the first one in mien_parameters */
    mien_op_parameter parameters[MIEN_OP_PARAMETERS_MAX];
} mien_op_node;

typedef struct mien_graph_alias_entry {
    const char *name;
    mien_node node;
} mien_graph_alias_entry;

struct mien_graph {
    mien_arena *arena;
    mien_op_node **nodes;
    int count, capacity;
    mien_graph_alias_entry *aliases;
    int aliases_count, aliases_capacity;
    int64_t parameters_count;
    char
        *scope; /**< prefixes of all open scopes, one after the other; NULL: none yet */
    int scope_capacity;
    int *scopes; /**< [scopes_count] length of scope before each was opened */
    int scopes_count, scopes_capacity;
};

/** Lends a node that is known to exist. */
const mien_op_node *mien_graph_at(const mien_graph *graph, mien_node node);

/** The prefix that the open scopes give to new names; "" outside of scopes. */
const char *mien_graph_prefix(const mien_graph *graph);
/** The prefix and a name, kept as long as the graph; NULL without memory. */
const char *mien_graph_full_name(mien_graph *graph, const char *name);
/** Room for one more element of a growing array. */
mien_status mien_graph_grow(void **array, int count, int *capacity, size_t size);

/** Adds a parameter to a node while its shape rule runs. */
void mien_op_node_own(mien_op_node *node, const char *suffix, bool trainable,
    mien_initial initial, int64_t fan_in, int rank, const int64_t *shape);

/** Node shape with the batch filled in. */
void mien_shape_of(
    const mien_op_node *node, int64_t batch, int64_t shape[MIEN_RANK_MAX]);

/** "[N, 3, 224, 224]" into buffer. Returns buffer. */
char *mien_node_shape_text(const mien_op_node *node, char *buffer, size_t size);

/**
 * Runs every node in plain C and double precision, one operator after the other: what
 * plans are compared with.
 *
 * @param inputs  one pointer per node of the graph; NULL where the node is no input
 * @param values  room for one pointer per node; each is given [batch, …] doubles that
 * the caller frees with mien_free()
 */
mien_status mien_graph_reference(const mien_graph *graph, mien_parameters *parameters,
    mien_mode mode, int64_t batch, const float *const *inputs, double **values);

#endif
