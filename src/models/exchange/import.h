/* SPDX-License-Identifier: MIT */
/* A graph of another program's file being taken over, node by node, into one of mien's.
 *
 * The foreign graph is read for one item: where its first dimension counts items it
 * is 1. mien's own batch stands before that, so that no operator of the foreign graph,
 * whatever it does with its dimensions, touches it. A value of the foreign shape [d0,
 * d1, …] is one of two nodes, made when they are asked for:
 *
 *     whole  [N, d0, d1, …]
 *     rows   [N × d0, d1, …]   what convolutions, norms and pools read
 *
 * Changing one into the other computes nothing. */
#ifndef MIEN_MODELS_IMPORT_H
#define MIEN_MODELS_IMPORT_H

#include "io/index.h"
#include "io/onnx.h"
#include "mien/graphs.h"

/** Bytes of values that folding may make. */
#define MIEN_IMPORT_FOLDED_MAX ((int64_t)256 << 20)

typedef enum mien_import_type {
    MIEN_IMPORT_FLOAT,
    MIEN_IMPORT_INT,
    MIEN_IMPORT_BOOL
} mien_import_type;

typedef struct mien_import_value {
    const char *name;
    bool known;            /* it has been given */
    bool stored;           /* an initialiser of the file, or bound by the caller */
    mien_tensor *constant; /* f32, or i64 of whole numbers and truths; NULL: computed */
    mien_import_type type;
    int rank; /* of the foreign shape */
    int64_t shape[MIEN_RANK_MAX];
    mien_node whole, rows; /* -1: not made yet */
    int readers;           /* nodes that read it, and outputs */
    int maker;             /* node that gives it; -1: none */
} mien_import_value;

typedef struct mien_importing mien_importing;

/** One operator of the foreign format. */
typedef struct mien_import_row {
    const char *op;
    /** All inputs are constants: gives constants. NULL: it is computed like any. */
    void (*fold)(mien_importing *im);
    /** Adds operators; NULL: it has to fold. */
    void (*map)(mien_importing *im);
    const char *how; /* for rows that share a function */
} mien_import_row;

/** A node of the file with its values found. */
typedef struct mien_import_node {
    const mien_onnx_node *from;
    const mien_import_row *row;
    int *in, *out; /* numbers of values; -1: left out */
    bool gone;     /* a rewrite has put another in its place */
} mien_import_node;

/** Weights of a node, to be copied when parameters are made. */
typedef struct mien_import_fill {
    mien_node node;
    const char *suffix;
    mien_tensor *tensor; /* f32, kept by the model */
} mien_import_fill;

struct mien_importing {
    mien_status status; /* after a failure the rest do nothing */
    mien_onnx *m;
    const mien_import_options *options;
    mien_index index; /* of values by name */
    mien_import_value *values;
    int values_count;
    mien_import_node *nodes;
    const mien_import_node *at; /* that is being taken over */
    mien_graph *graph;
    mien_import_fill *fills;
    int fills_count, fills_capacity;
    int64_t folded; /* bytes */
    char name[512]; /* that the next node gets */
    int named;      /* nodes added while `at` is taken over */
};

/* ---- the node at hand: its attributes and inputs ------------------------------------
 */

const mien_onnx_attribute *mien_import_attribute(
    const mien_importing *im, const char *name);
int64_t mien_import_int(const mien_importing *im, const char *name, int64_t usual);
double mien_import_number(const mien_importing *im, const char *name, double usual);
const char *mien_import_text(
    const mien_importing *im, const char *name, const char *usual);
/** -1 where the attribute is absent; fails beyond `most`. */
int mien_import_ints(mien_importing *im, const char *name, int most, int64_t *ints);

int mien_import_count(const mien_importing *im); /**< inputs, with those left out */
/** NULL where it is left out. */
mien_import_value *mien_import_in(const mien_importing *im, int k);
/** The same as in(), but a missing or computed value is a failure that names what it
 * is for. */
mien_import_value *mien_import_constant(mien_importing *im, int k, const char *what);
/** Whole numbers of a constant input; -1 where it is left out. */
int mien_import_in_ints(mien_importing *im, int k, int most, int64_t *ints);
/** Values that old files have as an attribute and new ones as input k; -1: neither. */
int mien_import_either(
    mien_importing *im, const char *name, int k, int most, int64_t *ints);
/** Whether output k is read by anything. */
bool mien_import_wanted(const mien_importing *im, int k);
void mien_import_fail(mien_importing *im, mien_status status, const char *format, ...)
    MIEN_PRINTF(3, 4);
/** A dimension below 0 counts from the end; fails where there is none. */
int mien_import_axis(mien_importing *im, int64_t axis, int rank);

/* ---- values to nodes
 * ------------------------------------------------------------------ */

mien_node mien_import_whole(mien_importing *im, mien_import_value *v);
mien_node mien_import_rows(mien_importing *im, mien_import_value *v);
/** Whichever is there, and which it was. */
mien_node mien_import_any(mien_importing *im, mien_import_value *v, bool *rows);
/** Adds an operator; inputs are nodes. The last one of a foreign node bears its name.
 */
mien_node mien_import_add(mien_importing *im, const char *op, const mien_node *inputs,
    int count, const char *format, ...) MIEN_PRINTF(5, 6);
mien_node mien_import_one(mien_importing *im, const char *op, mien_node x,
    const char *format, ...) MIEN_PRINTF(4, 5);
/** Listed places of a dimension, "0,2,1": a list of any length. */
mien_node mien_import_gather(
    mien_importing *im, mien_node x, int axis, const char *places);
/** Under this shape behind the batch, [N, shape …]; rank 0: [N, 1]. */
mien_node mien_import_reshape(
    mien_importing *im, mien_node x, int rank, const int64_t *shape);
/** Dimensions of [N, …] in another order, of those behind the batch; where only
 * dimensions of 1 move nothing is computed. */
mien_node mien_import_permute(mien_importing *im, mien_node x, const int *order);
/** A constant as a node of this shape (its dimensions with ones before or without
 * them). */
mien_node mien_import_constant_node(mien_importing *im, const mien_import_value *v,
    int rank, const int64_t *shape, bool learns);
void mien_import_give_whole(mien_importing *im, int k, mien_node node, int rank);
void mien_import_give_rows(mien_importing *im, int k, mien_node node);
void mien_import_give(mien_importing *im, int k, mien_node node, bool rows, int rank);
/** Output k is a constant, which is taken over. */
void mien_import_give_constant(
    mien_importing *im, int k, mien_tensor *tensor, mien_import_type type);
/** Output k is the same as a value. */
void mien_import_give_same(mien_importing *im, int k, const mien_import_value *v);
/** The next node with parameters is called as the weights are, so that they keep their
 * names. */
void mien_import_call(mien_importing *im, const mien_import_value *weights);
/** A parameter of a node; the tensor is taken over. */
void mien_import_fill_with(
    mien_importing *im, mien_node node, const char *suffix, mien_tensor *tensor);
/** A new tensor of the parameter's shape, filled by the caller, as above. */
float *mien_import_fill_new(mien_importing *im, mien_node node, const char *suffix,
    int rank, const int64_t *shape);
/** A copy of a constant's floats; NULL after a failure. */
void mien_import_fill_copy(
    mien_importing *im, mien_node node, const char *suffix, const mien_import_value *v);
const float *mien_import_floats(const mien_import_value *v);
const int64_t *mien_import_whole_numbers(const mien_import_value *v);
int64_t mien_import_values(const mien_import_value *v);
/** Its only value, of either type. */
double mien_import_scalar(const mien_import_value *v);
/** The value is this constant: floats of any width become f32, all else i64. */
mien_status mien_import_set(
    mien_importing *im, mien_import_value *v, const mien_tensor *tensor);
/** A new constant, counted. */
mien_tensor *mien_import_tensor(
    mien_importing *im, mien_dtype dtype, int rank, const int64_t *shape);

/** "3,5" into buffer. */
const char *mien_import_list(
    int count, const int64_t *values, char *buffer, size_t size);

/* ---- the tables, one a family, each ended by a row without a name
 * -------------------- */

extern const mien_import_row mien_import_maths[], mien_import_places[],
    mien_import_windows[], mien_import_products[], mien_import_reductions[],
    mien_import_recurrent[], mien_import_shapes[], mien_import_parts[],
    mien_import_made[];
const mien_import_row *mien_import_find(const char *op);

/** Takes a model over that is read already. */
mien_status mien_import_take(
    mien_onnx *m, const mien_import_options *options, mien_import **import);

/** Writes a model in memory with golden vectors that are drawn here. */
mien_status mien_import_save(const mien_model *model, const char *output);
/** Makes of a file that mien exported the model it was; done: it is such a file. */
mien_status mien_import_restore(const char *path, const char *output, bool *done);

/** MIEN_EUNSUPPORTED for a network whose first output for an item depends on the others
 * of its batch. */
mien_status mien_import_check_items(
    const char *path, const mien_import_options *options, const mien_import *import);

/** Puts single nodes in the place of groups of them. */
void mien_import_rewrite(mien_importing *im);

#endif
