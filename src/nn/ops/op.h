/* SPDX-License-Identifier: MIT */
/* The row of an operator: its options, shape rule, parameters, plan and plain-C
 * reference. */
#ifndef MIEN_NN_OP_H
#define MIEN_NN_OP_H

#include "nn/graph.h"

typedef struct mien_builder mien_builder;
typedef struct mien_group mien_group;

/** The maths library's form of an activation: its algorithm number and two constants.
 */
typedef struct mien_eltwise {
    int algorithm;
    float alpha, beta;
    int backward; /**< algorithm of its gradient, from the result */
} mien_eltwise;

/** The arguments of an operator's plain-C reference. Shapes have the batch filled in.
 */
typedef struct mien_reference {
    const mien_op_node *node;
    int count; /**< of inputs */
    const double *const *x;
    const int64_t (*x_shape)[MIEN_RANK_MAX];
    const int *x_rank;
    const int64_t *x_count;         /**< values of each input */
    const float *const *parameters; /**< in the order of node->parameters */
    double *y;
    int64_t y_shape[MIEN_RANK_MAX];
    int64_t y_count;
    mien_mode
        mode; /**< training: batch-norms use the batch, dropout is still left out */
} mien_reference;

/** How an operator may join its neighbours when a plan is compiled. */
typedef enum mien_op_part {
    MIEN_PART_FOLDS = 1,       /**< takes a following batch-norm into its weights */
    MIEN_PART_ACTIVATES = 2,   /**< takes following activations */
    MIEN_PART_SUMS = 4,        /**< takes a following sum with an equal shape */
    MIEN_PART_SCALE = 8,       /**< is a batch-norm */
    MIEN_PART_SUM = 16,        /**< is a sum */
    MIEN_PART_NEEDS_X = 32,    /**< its gradient needs its inputs' values */
    MIEN_PART_NEEDS_Y = 64,    /**< its gradient needs its own value */
    MIEN_PART_RECTIFIES = 128, /**< takes a following sum and ReLU in training */
    MIEN_PART_DRAWS = 256      /**< training draws random numbers */
} mien_op_part;

struct mien_op {
    const char *name;
    const char *summary;
    const mien_option *options; /**< NULL: none */
    int inputs_min, inputs_max; /**< inputs_max 0: any number */
    unsigned parts;             /**< of mien_op_part */
    size_t settings_size;
    /** Fills the zeroed settings from checked options. NULL: there are none. */
    mien_status (*parse)(const mien_options *given, void *settings);
    /** Checks the inputs, sets rank and shape of node and adds its parameters. */
    mien_status (*shape)(mien_op_node *node, const mien_op_node *const *inputs);
    /** Multiply-adds × 2; NULL: not counted. */
    double (*flops)(
        const mien_op_node *node, const mien_op_node *const *inputs, int64_t batch);
    /** True if the values pass through unchanged (in another shape perhaps). NULL:
     * never. */
    bool (*passes)(
        const mien_op_node *node, const mien_op_node *const *inputs, mien_mode mode);
    /** Set for activations only. */
    mien_eltwise (*eltwise)(const mien_op_node *node);
    /** True if prepare() computes `next`, which alone reads the group's last value,
     * along with it when nothing is trained: as the group's `second`, or as its `third`
     * where it has a second. NULL: never. */
    bool (*joins)(
        const mien_graph *graph, const mien_group *group, const mien_op_node *next);
    /** Adds the steps that compute the group's last value to a plan. */
    mien_status (*prepare)(mien_builder *builder, const mien_group *group);
    /** Computes y in plain C. */
    void (*reference)(const mien_reference *r);
    /** Adds the steps of the gradients to a plan in training mode, see
     * nn/ops/gradient.h. NULL: it has none yet. */
    mien_status (*backward)(mien_builder *builder, const mien_group *group);
};

int mien_op_count(void);
const mien_op *mien_op_at(int index);
/** NULL with error text that names the nearest. */
const mien_op *mien_op_find(const char *name);

/** Reads 1 … most integers divided by commas; -1 if the text is anything else. */
int mien_op_ints(const char *text, int most, int *values);
/** "3" or "3,5" into two numbers, each in [minimum, 65536]; the failure names the key.
 */
mien_status mien_op_pair(
    const mien_options *given, const char *key, int minimum, int pair[2]);
/** "1", "1,2" (rows, columns) or "top,left,bottom,right". */
mien_status mien_op_padding(const mien_options *given, const char *key, int padding[4]);

/** Same shape as the first input: the shape rule of element-wise operators. */
mien_status mien_op_same_shape(mien_op_node *node, const mien_op_node *const *inputs);

#endif
