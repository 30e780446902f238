/* SPDX-License-Identifier: MIT */
/* Operators, graphs, parameters and compiled plans. A graph says what is computed, for
 * any batch; parameters hold its weights by name; a plan is a graph compiled once for
 * one batch size, mode and set of outputs, and then run without allocating.
 *
 *     mien_graph *graph = NULL;
 *     mien_parameters *parameters = NULL;
 *     mien_plan *plan = NULL;
 *     mien_node x = 0, y = 0;
 *     int64_t shape[] = {MIEN_BATCH, 8};
 *     mien_status status = mien_graph_new(&graph);
 *     status = status ? status : mien_graph_input(graph, "x", 2, shape, &x);
 *     status = status ? status : mien_linear(graph, "head", x, 2, true, &y);
 *     status = status ? status : mien_parameters_new(graph, &parameters);
 *     status = status ? status : mien_plan_new(graph, parameters, NULL, &plan);
 *     if (status == MIEN_OK) {
 *         mien_parameters_randomize(parameters, 1); // or mien_weights_load()
 *         status = mien_plan_refresh(plan);
 *         mien_plan_input(plan, x)[0] = 1;
 *         status = status ? status : mien_plan_run(plan);
 *     }
 *     if (status == MIEN_OK) {
 *         mien_tensor_print(mien_plan_output(plan, 0), stdout); // [1, 2]
 *     }
 *     mien_plan_free(&plan);
 *     mien_parameters_free(&parameters);
 *     mien_graph_free(&graph);
 */
#ifndef MIEN_NN_H
#define MIEN_NN_H

#include "mien/tensor.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- graph -------------------------------------------------------------------- */

typedef struct mien_graph mien_graph;
/** A value in a graph: the output of an operator, or an input. */
typedef int32_t mien_node;

/** Stands for the batch size as the first dimension of an input. A first dimension of
 * -k is k times the batch: of rows that mien_merge_steps() made of k steps each. */
#define MIEN_BATCH (-1)
#define MIEN_STEPS_MAX 65536

MIEN_API mien_status mien_graph_new(mien_graph **graph);
MIEN_API void mien_graph_free(mien_graph **graph);
/** shape[0] may be MIEN_BATCH, or MIEN_BATCH * k. Values enter in plain row-major
 * order. */
MIEN_API mien_status mien_graph_input(mien_graph *graph, const char *name, int rank,
    const int64_t *shape, mien_node *node);
MIEN_API int mien_graph_nodes(const mien_graph *graph);
/** −1 if there is no node of that name. */
MIEN_API mien_node mien_graph_find(const mien_graph *graph, const char *name);
/** The name, of a node or an alias, that the fewest slips lead to; "" in an empty
 * graph. */
MIEN_API const char *mien_graph_nearest(const mien_graph *graph, const char *name);
MIEN_API const char *mien_graph_name(const mien_graph *graph, mien_node node);
/** Operator row's name ("conv2d"); "input" for inputs. */
MIEN_API const char *mien_graph_operator(const mien_graph *graph, mien_node node);
/** The options its settings were read from, as mien_graph_add() takes them; "" for
 * inputs. */
MIEN_API const char *mien_graph_options(const mien_graph *graph, mien_node node);
/** The nodes it reads, as many as there is room for. Returns how many there are. */
MIEN_API int mien_graph_reads(
    const mien_graph *graph, mien_node node, mien_node *reads, int room);
/** Shape of a node, MIEN_BATCH where it is the batch, -k where it is k times the batch.
 * Returns the rank. */
MIEN_API int mien_graph_shape(
    const mien_graph *graph, mien_node node, int64_t shape[MIEN_RANK_MAX]);
/** Names a node by a second name (a module path that ends in it, as torchvision's
 * "layer4"). */
MIEN_API mien_status mien_graph_alias(
    mien_graph *graph, const char *name, mien_node node);
/** Takes every node added after this one out again, with their names and parameters: a
 * network that was built whole ends where its values are read. Before parameters are
 * made of it. MIEN_EINVAL for a node that is not there. */
MIEN_API mien_status mien_graph_cut(mien_graph *graph, mien_node node);
/** A graph of its own of what lies behind these nodes, which become its inputs: it
 * holds the cuts, everything that reads them, however far behind, and everything that
 * this reads (another branch's nodes from its input on); with no cuts, everything.
 * Nodes keep their names, their second names and their order. MIEN_EINVAL for a node
 * that is not there.
 *
 * @param cuts  [count] nodes of graph; one may lie behind another
 * @param tail  to be freed by the caller; independent of graph
 * @param map   [nodes of graph] each node's number in the tail; -1: it is not in it
 */
MIEN_API mien_status mien_graph_behind(const mien_graph *graph, const mien_node *cuts,
    int count, mien_graph **tail, mien_node *map);

#define MIEN_SCOPE_MAX 256
/** Names of nodes (and so of parameters) and second names that are added from here on
 * begin with this prefix, "scene." for example; scopes nest, the outer prefix first.
 * Inside a scope mien_graph_find() and mien_graph_nearest() look only there, and names
 * are said without the prefix. The prefix may be "". MIEN_EINVAL if it has
 * MIEN_SCOPE_MAX bytes or more. */
MIEN_API mien_status mien_graph_scope(mien_graph *graph, const char *prefix);
/** Ends the scope that was opened last; does nothing if none is open. */
MIEN_API void mien_graph_scope_end(mien_graph *graph);
/** Values of all its parameters together. */
MIEN_API int64_t mien_graph_weights(const mien_graph *graph);
/** Multiply-adds × 2 of one run with this batch: convolutions and linear layers. */
MIEN_API double mien_graph_flops(const mien_graph *graph, int64_t batch);

/** Adds any operator by its row's name with its options given as text ("kernel=3
 * stride=2"): for readers of foreign graphs. The typed functions below are the usual
 * way; rows that only such graphs need have none: constant (NODE.value, learns=yes: it
 * can be trained), unary, activation and binary (function=…; binary and where broadcast
 * either side), matmul, prelu, argmax, cumsum, group_norm (groups=0: instance norm),
 * lrn, pad, resize, conv_transpose, gru, trees. src/nn/op_NAME.c lists the options. */
MIEN_API mien_status mien_graph_add(mien_graph *graph, const char *op, const char *name,
    const mien_node *inputs, int count, const char *options, mien_node *node);

/* Every operator names its node; parameters are called NODE.weight, NODE.bias, … as in
 * PyTorch. Shapes are checked when the operator is added: MIEN_ESHAPE says which and
 * why. */

typedef struct mien_conv2d_options {
    int64_t out_channels;
    int kernel[2];   /**< height, width */
    int stride[2];   /**< default 1 */
    int padding[4];  /**< top, left, bottom, right; default 0 */
    int dilation[2]; /**< default 1 */
    int64_t groups;  /**< default 1 */
    bool bias;       /**< default true */
} mien_conv2d_options;
/** Square kernel, equal stride, padding kernel-independent; the rest default. */
MIEN_API mien_conv2d_options mien_conv2d_options_of(
    int64_t out_channels, int kernel, int stride, int padding);
/** x [N, C, H, W] → [N, out, H', W']. weight [out, C / groups, kh, kw], bias [out]. */
MIEN_API mien_status mien_conv2d(mien_graph *graph, const char *name, mien_node x,
    const mien_conv2d_options *options, mien_node *y);
/** x [N, …, F] → [N, …, out]: over the last dimension. weight [out, F], bias [out] if
 * wanted. */
MIEN_API mien_status mien_linear(mien_graph *graph, const char *name, mien_node x,
    int64_t out_features, bool bias, mien_node *y);
/** The same, with bias, summed in double: for many features of very different size,
 * such as measured ones, and few results. */
MIEN_API mien_status mien_project(mien_graph *graph, const char *name, mien_node x,
    int64_t out_features, mien_node *y);
/** x [N, C, …]. weight, bias, running_mean, running_var [C]; running statistics. */
MIEN_API mien_status mien_batch_norm(mien_graph *graph, const char *name, mien_node x,
    double epsilon, double momentum, mien_node *y);

/** The same, but where the mask ([N], [N, 1], or [N, …] without the channels) is 0 a
 * value does not count in the batch's statistics, which are those of the rest; if
 * nothing counts, the running ones are used and stay. All values are normalised alike:
 * mien_masked() makes zeros of those that are missing. When inferring, the mask has no
 * say. */
MIEN_API mien_status mien_masked_batch_norm(mien_graph *graph, const char *name,
    mien_node x, mien_node mask, double epsilon, double momentum, mien_node *y);

typedef enum mien_activation {
    MIEN_RELU,
    MIEN_RELU6,
    MIEN_LEAKY_RELU, /**< alpha: slope below 0 (0.01) */
    MIEN_ELU,        /**< alpha (1) */
    MIEN_SIGMOID,
    MIEN_TANH
} mien_activation;
/** Element-wise; alpha 0 means the function's usual value. */
MIEN_API mien_status mien_activate(mien_graph *graph, const char *name, mien_node x,
    mien_activation activation, double alpha, mien_node *y);
/** By the name of its operator's row ("relu"); MIEN_ENOTFOUND names the nearest. */
MIEN_API mien_status mien_activation_find(
    const char *name, mien_activation *activation);
/** Over the last dimension. */
MIEN_API mien_status mien_softmax(
    mien_graph *graph, const char *name, mien_node x, mien_node *y);

typedef enum mien_pool_kind { MIEN_POOL_MAX, MIEN_POOL_AVERAGE } mien_pool_kind;
typedef struct mien_pool2d_options {
    mien_pool_kind kind;
    int kernel[2], stride[2];
    int padding[4];     /**< top, left, bottom, right */
    bool count_padding; /**< average: PyTorch's count_include_pad, default true */
    bool ceil;          /**< PyTorch's ceil_mode, default false */
} mien_pool2d_options;
MIEN_API mien_pool2d_options mien_pool2d_options_of(
    mien_pool_kind kind, int kernel, int stride, int padding);
MIEN_API mien_status mien_pool2d(mien_graph *graph, const char *name, mien_node x,
    const mien_pool2d_options *options, mien_node *y);
/** PyTorch's adaptive pools: bins floor(i·H/h) … ceil((i+1)·H/h). */
MIEN_API mien_status mien_adaptive_pool2d(mien_graph *graph, const char *name,
    mien_node x, mien_pool_kind kind, int height, int width, mien_node *y);

/** a + b, a × b: equal shapes, or b broadcast along dimensions where it is 1. */
MIEN_API mien_status mien_add(
    mien_graph *graph, const char *name, mien_node a, mien_node b, mien_node *y);
MIEN_API mien_status mien_multiply(
    mien_graph *graph, const char *name, mien_node a, mien_node b, mien_node *y);
MIEN_API mien_status mien_concat(mien_graph *graph, const char *name,
    const mien_node *inputs, int count, int axis, mien_node *y);
/** [N, …] → [N, product of the rest]. */
MIEN_API mien_status mien_flatten(
    mien_graph *graph, const char *name, mien_node x, mien_node *y);
/** Identity when inferring. */
MIEN_API mien_status mien_dropout(
    mien_graph *graph, const char *name, mien_node x, double rate, mien_node *y);

/** [N, C, L]: weight [out, C, k], bias [out]. */
MIEN_API mien_status mien_conv1d(mien_graph *graph, const char *name, mien_node x,
    int64_t out_channels, int kernel, int stride, int padding, mien_node *y);
/** [N, C, D, H, W]: weight [out, C, kd, kh, kw], bias [out]. Groups, dilations and
 * padding of each side: by mien_graph_add(), as for mien_conv1d(). */
MIEN_API mien_status mien_conv3d(mien_graph *graph, const char *name, mien_node x,
    int64_t out_channels, const int kernel[3], const int stride[3],
    const int padding[3], mien_node *y);
/** Padding counts in means, as in PyTorch. */
MIEN_API mien_status mien_pool1d(mien_graph *graph, const char *name, mien_node x,
    mien_pool_kind kind, int kernel_size, int stride, int padding, mien_node *y);
MIEN_API mien_status mien_pool3d(mien_graph *graph, const char *name, mien_node x,
    mien_pool_kind kind, const int kernel_size[3], const int stride[3],
    const int padding[3], mien_node *y);

typedef enum mien_layer_norm_form {
    MIEN_LAYER_NORM_ROOT, /**< PyTorch's: / sqrt(biased variance + epsilon); parameters
                               weight and bias */
    MIEN_LAYER_NORM_DEVIATION /**< / (unbiased standard deviation + epsilon), as the
                                   Annotated Transformer; parameters a_2 and b_2 */
} mien_layer_norm_form;
/** Over the last dimension (more of them: by mien_graph_add(), dims=…). */
MIEN_API mien_status mien_layer_norm(mien_graph *graph, const char *name, mien_node x,
    double epsilon, mien_layer_norm_form form, mien_node *y);
/** x Φ(x). */
MIEN_API mien_status mien_gelu(
    mien_graph *graph, const char *name, mien_node x, mien_node *y);

typedef enum mien_mask_rule {
    MIEN_MASK_ADD,  /**< is added to the scores */
    MIEN_MASK_KEEP, /**< keys where it is not 0 are seen */
    MIEN_MASK_HIDE  /**< keys where it is 0 are seen: a boolean mask of PyTorch's
                         MultiheadAttention */
} mien_mask_rule;
typedef struct mien_attention_options {
    int heads;
    double dropout; /**< of the weights, in training; default 0 */
    bool bias;      /**< default true */
    bool causal;    /**< query t sees keys 0 … t only; default false */
    mien_node mask; /**< [T, S] for all, [N, S] of keys, [N, T, S] or [N, heads or 1, T,
                       S]; default -1: none */
    mien_mask_rule mask_rule; /**< default MIEN_MASK_ADD */
} mien_attention_options;
MIEN_API mien_attention_options mien_attention_options_of(int heads);
/** How much each query looks at each key, softmax(q kᵀ / sqrt(D / heads)) a head: query
 * [N, T, D], key [N, S, D] → [N, heads, T, S]; or [N, G, T, D], [N, G, S, D] →
 * [N, G, heads, T, S], each of G groups for itself, whose mask can only be [N, G, S] of
 * keys. Of the options heads, causal, mask and mask_rule count. */
MIEN_API mien_status mien_attention_weights(mien_graph *graph, const char *name,
    mien_node query, mien_node key, const mien_attention_options *options,
    mien_node *y);
/** Values [N, S, D] (or [N, G, S, D]) mixed by such weights → [N, T, D] (or [N, G, T,
 * D]), the heads side by side. */
MIEN_API mien_status mien_attention_mix(mien_graph *graph, const char *name,
    mien_node weights, mien_node value, mien_node *y);
/**
 * Multi-head scaled dot-product attention with the parameters of PyTorch's
 * MultiheadAttention: NAME.in_proj_weight [3 D, D], NAME.in_proj_bias,
 * NAME.out_proj.weight, NAME.out_proj.bias. Its parts are nodes of their own: NAME,
 * NAME.q, .k, .v, .weights, .dropout (if any), .heads, .out_proj.
 *
 * @param query    [N, T, D]; key and value [N, S, D]; all three may be one node
 * @param weights  how much each query looks at each key [N, heads, T, S], which may be
 * an output and has a gradient; NULL: not asked for. A query that sees no key looks at
 * nothing: zeros (PyTorch gives NaN)
 */
MIEN_API mien_status mien_attention(mien_graph *graph, const char *name,
    mien_node query, mien_node key, mien_node value,
    const mien_attention_options *options, mien_node *y, mien_node *weights);

typedef enum mien_lstm_direction {
    MIEN_LSTM_FORWARD,
    MIEN_LSTM_REVERSE, /**< from the end to the begin, under the forward names */
    MIEN_LSTM_BOTH     /**< side by side in the result; PyTorch's bidirectional */
} mien_lstm_direction;
/** x [N, T, F] → [N, T, hidden × directions], first state zero. PyTorch's weight_ih_l0
 * [4 hidden, F], weight_hh_l0, bias_ih_l0, bias_hh_l0, …, gates i, f, g, o; at most 4
 * layers × directions. The last state is a slice. */
MIEN_API mien_status mien_lstm(mien_graph *graph, const char *name, mien_node x,
    int64_t hidden, int layers, mien_lstm_direction direction, mien_node *y);
/** x […] of whole numbers in [0, rows) → […, width]: rows of weight [rows, width]. A
 * number outside gives NaN. Drawn from ±1 (PyTorch draws from a normal distribution).
 */
MIEN_API mien_status mien_embedding(mien_graph *graph, const char *name, mien_node x,
    int64_t rows, int64_t width, mien_node *y);

/** Places start … stop - 1 along a dimension that is not the batch; below 0: from the
 * end; stop INT64_MAX: to the end. */
MIEN_API mien_status mien_slice(mien_graph *graph, const char *name, mien_node x,
    int axis, int64_t start, int64_t stop, mien_node *y);
/** Listed places, in that order, each as often as it is listed. */
MIEN_API mien_status mien_gather(mien_graph *graph, const char *name, mien_node x,
    int axis, const int *places, int count, mien_node *y);
typedef enum mien_reduction {
    MIEN_REDUCE_SUM,
    MIEN_REDUCE_MEAN,
    MIEN_REDUCE_MAX /**< equal largest values share the gradient (PyTorch's amax) */
} mien_reduction;
/** Over dimensions that are not the batch. keep: they stay as dimensions of 1. */
MIEN_API mien_status mien_reduce(mien_graph *graph, const char *name, mien_node x,
    mien_reduction reduction, const int *dims, int count, bool keep, mien_node *y);
/** x [N, …, S, D], mask [N, …, S] → [N, …, D]: the mean of those rows where the mask is
 * not 0, zeros where it is 0 for all. No gradient of the mask. */
MIEN_API mien_status mien_masked_mean(
    mien_graph *graph, const char *name, mien_node x, mien_node mask, mien_node *y);
/** Likewise the largest of those rows (equal ones share the gradient), and the last of
 * them. */
MIEN_API mien_status mien_masked_max(
    mien_graph *graph, const char *name, mien_node x, mien_node mask, mien_node *y);
MIEN_API mien_status mien_masked_last(
    mien_graph *graph, const char *name, mien_node x, mien_node mask, mien_node *y);
/** Softmax over the last dimension of x [N, …, K] among the places where mask [N, …, K]
 * is not 0; zeros elsewhere, and where it is 0 for all. No gradient of the mask. */
MIEN_API mien_status mien_masked_softmax(
    mien_graph *graph, const char *name, mien_node x, mien_node mask, mien_node *y);
/** x [N, …] where the mask is not 0, zeros elsewhere, whatever stood there; no gradient
 * goes there. The mask has the first dimensions of x: [N], [N, T], … */
MIEN_API mien_status mien_masked(
    mien_graph *graph, const char *name, mien_node x, mien_node mask, mien_node *y);
/** Items [U, …], U fixed, and numbers index [N, …] → [N, …, …]: items[index], zeros for
 * -1 (a missing item), NaN for any other number outside. What is computed of the items
 * before is computed once an item, whatever the number of rows that take it. No
 * gradient of the index. */
MIEN_API mien_status mien_gather_rows(mien_graph *graph, const char *name,
    mien_node items, mien_node index, mien_node *y);
/** [N, T, …] → [N × T, …]: each step becomes a row of the batch, so that operators for
 * one item read each step by itself. Nothing is computed. */
MIEN_API mien_status mien_merge_steps(
    mien_graph *graph, const char *name, mien_node x, mien_node *y);
/** [N × steps, …] → [N, steps, …]: the way back. */
MIEN_API mien_status mien_split_steps(
    mien_graph *graph, const char *name, mien_node x, int64_t steps, mien_node *y);
/** x [N, …, T, D] + weight [T, D]: a learned row for each place. */
MIEN_API mien_status mien_position(
    mien_graph *graph, const char *name, mien_node x, mien_node *y);
/** [N, …] → [N, shape_rest …]; one of these may be -1. */
MIEN_API mien_status mien_reshape(mien_graph *graph, const char *name, mien_node x,
    const int64_t *shape_rest, int count, mien_node *y);
/** Dimension i of y is dimension order[i] of x; order[0] is 0. */
MIEN_API mien_status mien_permute(mien_graph *graph, const char *name, mien_node x,
    const int *order, int rank, mien_node *y);
typedef enum mien_upsample_mode {
    MIEN_UPSAMPLE_NEAREST,
    MIEN_UPSAMPLE_BILINEAR,
    MIEN_UPSAMPLE_BILINEAR_ALIGNED /**< PyTorch's align_corners */
} mien_upsample_mode;
/** [N, C, H, W] → [N, C, height, width]. */
MIEN_API mien_status mien_upsample2d(mien_graph *graph, const char *name, mien_node x,
    int height, int width, mien_upsample_mode mode, mien_node *y);

/* ---- parameters --------------------------------------------------------------- */

/** The named weights and running statistics of a graph, shared by its plans. */
typedef struct mien_parameters mien_parameters;
/** All zero (running_var and batch-norm weights 1). The graph must outlive them. */
MIEN_API mien_status mien_parameters_new(
    const mien_graph *graph, mien_parameters **parameters);
MIEN_API void mien_parameters_free(mien_parameters **parameters);
MIEN_API int64_t mien_parameters_count(const mien_parameters *parameters);
MIEN_API const char *mien_parameters_name(
    const mien_parameters *parameters, int64_t index);
/** −1 if absent. */
MIEN_API int64_t mien_parameters_find(
    const mien_parameters *parameters, const char *name);
/** f32; write its data before plans are made. Plans made earlier keep packed copies
 * until mien_plan_refresh(). */
MIEN_API mien_tensor *mien_parameters_at(mien_parameters *parameters, int64_t index);
/** True for weights and biases, false for running statistics. */
MIEN_API bool mien_parameters_trainable(
    const mien_parameters *parameters, int64_t index);
/** Takes every parameter whose name matches the pattern (* and ? as in file names) out
 * of training, or puts it back; plans made before do not change. Returns how many
 * match. */
MIEN_API int64_t mien_parameters_freeze(
    mien_parameters *parameters, const char *pattern, bool frozen);
/** True for those that are trainable and not frozen. */
MIEN_API bool mien_parameters_trained(const mien_parameters *parameters, int64_t index);
/** An input as a training gives it. */
typedef struct mien_frontier_input {
    mien_node node; /**< an input of the graph */
    int item; /**< from 0; inputs with one number come from one item (values and their
                   mask): what reads both can be computed once an item */
    bool
        fresh; /**< its values are drawn anew (augmented): nothing behind it is fixed */
} mien_frontier_input;
/** Where what cannot change in a training ends, input by input. */
typedef struct mien_frontier {
    int count;
    mien_node *node; /**< [count] rising numbers */
    int *item;       /**< [count] the only item that it depends on */
} mien_frontier;
/**
 * Finds every node that can be computed once for each different item, before training
 * begins. A node is fixed if it draws no random numbers, has no parameter that is
 * trained, depends on one item only, which is not fresh, and reads only fixed nodes.
 * The frontier is every fixed node that a node which is not fixed reads, and every
 * fixed node asked for; inputs themselves and what depends on no item are not in it.
 * One walk over the graph.
 *
 * @param inputs    [count] inputs that are not listed count as fresh
 * @param asked     [asked_count] nodes whose values are wanted (the layers of a
 * read-out)
 * @param frontier  filled; to be cleared by the caller
 * @return MIEN_EINVAL for a node that is no input or is not there, MIEN_ENOMEM
 */
MIEN_API mien_status mien_graph_frontier(const mien_graph *graph,
    const mien_parameters *parameters, const mien_frontier_input *inputs, int count,
    const mien_node *asked, int asked_count, mien_frontier *frontier);
MIEN_API void mien_frontier_clear(mien_frontier *frontier);
/** PyTorch's default initialisers, drawn from seed by name: order does not matter. */
MIEN_API void mien_parameters_randomize(mien_parameters *parameters, uint64_t seed);
/** The same values for those parameters that `wanted` (NULL: all) answers true for; the
 * others are left alone, and use no memory where they were never written. */
MIEN_API void mien_parameters_randomize_some(mien_parameters *parameters, uint64_t seed,
    bool (*wanted)(void *context, const char *name), void *context);
/** MIEN_ENOTFOUND lists the rules of first weights: zero, normal (SD 0.02),
 * xavier_uniform, xavier_normal (Glorot & Bengio 2010), he_uniform, he_normal (He et
 * al. 2015). */
MIEN_API mien_status mien_initial_check(const char *rule);
/** Draws every parameter that can be trained and whose name matches by such a rule,
 * from seed by name; rules that ask how many values a weight reads and gives make
 * vectors (biases) zero. count: how many match. */
MIEN_API mien_status mien_parameters_initialise(mien_parameters *parameters,
    const char *pattern, const char *rule, uint64_t seed, int64_t *count);

/* ---- plan --------------------------------------------------------------------- */

typedef struct mien_plan mien_plan;

typedef enum mien_mode { MIEN_INFER, MIEN_TRAIN } mien_mode;

typedef struct mien_plan_options {
    mien_mode mode;           /**< default MIEN_INFER */
    int64_t batch;            /**< default 1 */
    int threads;              /**< default mien_cpu_count() */
    const mien_node *outputs; /**< lent during the call; NULL: the last node */
    int outputs_count;
    bool measure;         /**< choose the micro-batch by timing (default true) */
    int64_t micro_batch;  /**< > 0 forces it. A picture's result is the same to 1e-6 of
                             the  largest value whatever the micro-batch, and the same
                             bits  where the library's direct kernels run (all backbones
                             on  AVX2, as measured); force it where bits must not depend
                             on  timing */
    bool input_gradients; /**< training: give the gradients of inputs too */
    bool no_dropout; /**< training: dropout passes everything, as when gradients are
                          compared */
    bool exact;      /**< convolutions as they are written: without it, 3×3 ones of
                          stride 1 with many channels run by Winograd's algorithm,
                          two to three times as fast, to about 5e-6 of the largest
                          value and with four times the memory for their weights */
    bool batch_statistics; /**< inference: batch-norms use the mean and variance of the
                                batch at hand in place of the trained ones, as networks
                                do that are left in training mode; nothing folds, and
                                the micro-batch is the batch */
} mien_plan_options;
MIEN_API mien_plan_options mien_plan_options_default(void);

/** Compiles. Batch-norms fold into the convolution before them, activations, biases and
 * sums fuse, weights are packed once, values share one buffer by lifetimes, operators
 * that no output needs are left out. graph and parameters must outlive the plan. */
MIEN_API mien_status mien_plan_new(const mien_graph *graph, mien_parameters *parameters,
    const mien_plan_options *options, mien_plan **plan);
MIEN_API void mien_plan_free(mien_plan **plan);
/** Plain row-major memory to fill before a run, [batch, …]; NULL if the node is no
 * input of this plan. */
MIEN_API float *mien_plan_input(mien_plan *plan, mien_node input);
/** Its shape with the batch filled in. Returns the rank; -1 if it is no input of the
 * plan. */
MIEN_API int mien_plan_input_shape(
    const mien_plan *plan, mien_node input, int64_t shape[MIEN_RANK_MAX]);
/** After the first run: no allocation of ours, no reorder of weights, and nothing kept;
 * the maths library makes and frees a table of a few hundred bytes for each primitive's
 * arguments, which its interface cannot avoid. Threads of OpenMP are those of the plan;
 * the caller's setting is put back. */
MIEN_API mien_status mien_plan_run(mien_plan *plan);
/** Plain row-major values of outputs[index], lent until the next run. */
MIEN_API const mien_tensor *mien_plan_output(const mien_plan *plan, int index);
/** Packs the parameters anew after they changed; a plan that trains leaves out those
 * that are frozen. */
MIEN_API mien_status mien_plan_refresh(mien_plan *plan);

/* Training: run, fill the gradient of each output, go backward, change the parameters
 * by their gradients, refresh. Batch-norms whose weight and bias are frozen use their
 * running statistics, the others those of the batch and move the running ones
 * (momentum, unbiased variance, as PyTorch). A frozen part that nothing trained
 * precedes runs as when inferring. */

/** Row-major, as outputs[index], to be filled before mien_plan_backward(); NULL where
 * nothing that is trained leads to it. */
MIEN_API float *mien_plan_output_gradient(mien_plan *plan, int index);
/** Gradients of everything trained, of the sum of outputs weighted by their gradients.
 * MIEN_EINVAL for a plan that infers or has not run. Allocates nothing. */
MIEN_API mien_status mien_plan_backward(mien_plan *plan);
/** The gradient of a parameter, in its shape, after mien_plan_backward(); NULL if it
 * is not trained or does not reach an output. */
MIEN_API const mien_tensor *mien_plan_gradient(
    const mien_plan *plan, int64_t parameter);
/** NULL unless options.input_gradients. */
MIEN_API const mien_tensor *mien_plan_input_gradient(
    const mien_plan *plan, mien_node input);
/** Sets what dropout draws in the next run: a function of seed, the number of the run
 * (counted on with each), the operator and the place of the value, of nothing else.
 * Default 0, 0. */
MIEN_API void mien_plan_seed(mien_plan *plan, uint64_t seed, uint64_t run);

typedef struct mien_plan_info {
    int64_t operators;    /**< primitives run for one micro-batch */
    int64_t reorders;     /**< of those, layout changes of activations */
    int64_t weight_packs; /**< weight reorders since the plan was made */
    int64_t micro_batch;
    bool reads_parameters; /**< false: all parameters are packed, and may be freed
                              before the plan is, if it is never refreshed */
    size_t buffer_bytes;   /**< shared activations */
    size_t weight_bytes;   /**< packed weights */
    size_t scratch_bytes;
} mien_plan_info;
MIEN_API mien_plan_info mien_plan_describe(const mien_plan *plan);
/** One step of a plan, as it took. */
typedef struct mien_plan_step {
    const char *node; /**< the operator it belongs to */
    const char
        *kernel; /**< what computes it: "winograd", "reorder", "jit:avx512_core", … */
    bool backward;
    double seconds;
} mien_plan_step;
/** Runs the first micro-batch once more (and goes back, in training), each step by
 * itself, and hands out what each took: where the time goes. */
MIEN_API mien_status mien_plan_profile(mien_plan *plan,
    void (*take)(void *context, const mien_plan_step *step), void *context);
/** Float32 FMA peak of `threads` threads in GFLOP/s, measured (about 50 ms). */
MIEN_API double mien_peak_gflops(int threads);

#ifdef __cplusplus
}
#endif

#endif
