/* SPDX-License-Identifier: MIT */
/* How a graph becomes steps: groups of fused operators, values in storage, steps. */
#ifndef MIEN_NN_PLAN_H
#define MIEN_NN_PLAN_H

#include "nn/dnnl.h"
#include "nn/ops/op.h"

/* ---- groups: which operators run as one ---------------------------------------- */

#define MIEN_POSTS_MAX 8

/** An activation or a sum that a group's main operator does to its result. */
typedef struct mien_post {
    mien_node node;  /**< the activation or sum */
    mien_node other; /**< the sum's other operand; -1: an activation */
} mien_post;

struct mien_group {
    mien_node main;
    mien_node norm; /**< batch-norm folded into main's weights; -1: none */
    /** Operators that main's computes along with itself, see joins(); 0: none. */
    mien_node second, third;
    int between; /**< so many posts belong between main and second */
    int posts_count;
    mien_post posts[MIEN_POSTS_MAX];
    mien_node last; /**< whose value the group gives */
};

typedef struct mien_groups {
    mien_group *groups; /**< in an order in which they can run */
    int count;
    int *last_use; /**< per node: last group that reads its memory; count: an output */
    bool *kept;    /**< per node: its gradients need its memory after that */
} mien_groups;

/** Chooses what runs, and together. A node of outputs keeps its own exact value.
 * learns: per node, whether a gradient goes through it; NULL: nowhere. */
mien_status mien_groups_new(const mien_graph *graph, const mien_node *outputs,
    int outputs_count, mien_mode mode, bool batch_statistics, const bool *learns,
    mien_groups *groups);
void mien_groups_clear(mien_groups *groups);

/* ---- storage and steps ------------------------------------------------------------
 */

typedef enum mien_place {
    MIEN_PLACE_BUFFER,
    MIEN_PLACE_INPUT,
    MIEN_PLACE_OUTPUT,
    MIEN_PLACE_INPUT_GRADIENT,
    MIEN_PLACE_OUTPUT_GRADIENT
} mien_place;

/** A region that values lie in, one after the other. */
typedef struct mien_storage {
    mien_place place;
    int index; /**< of the plan's input or output */
    size_t bytes;
    size_t offset;   /**< in the buffer */
    int first, last; /**< steps between which it must stay */
} mien_storage;

/** A value: a layout over a storage. The layout lives as long as the program. */
typedef struct mien_value_ref {
    int storage;
    const_dnnl_memory_desc_t md;
} mien_value_ref;

#define MIEN_STEP_ARGS 16

typedef struct mien_step mien_step;
/** A kernel of our own; finds its memories with mien_step_data(). */
typedef void mien_step_run(const mien_step *step);

struct mien_step {
    const char *name; /**< of the node, for profiles */
    dnnl_primitive_t primitive;
    mien_step_run *run;   /**< used where primitive is NULL */
    const void *settings; /**< the kernel's */
    int args_count;
    dnnl_exec_arg_t *args;
    void **data; /**< of a kernel of our own: where its arguments are now */
    int threads;
    bool reorder;
};

/** The kernel that computes a step, for profiles. */
const char *mien_step_kernel(const mien_step *step);
/** Memory of an argument at run time; NULL if the step has none of that number. */
void *mien_step_data(const mien_step *step, int arg);

/** A memory object whose address is known only once storage is laid out or a chunk
 * begins. */
#define MIEN_STORAGE_SCRATCH (-1)
#define MIEN_STORAGE_FIXED (-2) /**< an address that never changes */
typedef struct mien_binding {
    dnnl_memory_t memory;
    int storage; /**< or one of the two above */
} mien_binding;

/** A graph compiled for one micro-batch. */
typedef struct mien_program {
    int64_t batch;
    mien_arena *arena;
    mien_step *steps;
    int steps_count, steps_capacity;
    int forward_count; /**< steps before the gradients' */
    mien_storage *storages;
    int storages_count, storages_capacity;
    mien_binding *bindings;
    int bindings_count, bindings_capacity;
    dnnl_memory_desc_t *mds;
    int mds_count, mds_capacity;
    size_t buffer_bytes, scratch_bytes;
    int64_t reorders;
} mien_program;

/* ---- packed weights, shared by the programs of a plan ------------------------------
 */

typedef enum mien_packed_kind {
    MIEN_PACKED_WEIGHT,        /**< NODE.weight, times the folded batch-norm's scale */
    MIEN_PACKED_WINOGRAD_BACK, /**< as the gradient of the input takes it */
    MIEN_PACKED_WINOGRAD,      /**< the same, as Winograd's convolutions take it */
    MIEN_PACKED_THIN,          /**< the same, as convolutions of few channels take it */
    MIEN_PACKED_BIAS,  /**< NODE.bias, batch-norm folded; zeros where there is none */
    MIEN_PACKED_VECTOR /**< any other parameter, as it is */
} mien_packed_kind;

typedef struct mien_packed {
    const mien_op_node *node;
    const mien_op_node *norm;
    mien_packed_kind kind;
    const char *suffix;
    dnnl_memory_desc_t md;
    dnnl_memory_t memory;
    void *data;
    size_t bytes;
} mien_packed;

/** Where the gradient of a parameter is read. */
typedef struct mien_gradient {
    mien_tensor *tensor;  /**< as the parameter; NULL: not trained, or not reached */
    dnnl_memory_t memory; /**< over it */
} mien_gradient;

struct mien_plan {
    const mien_graph *graph;
    mien_parameters *parameters;
    dnnl_engine_t engine;
    dnnl_stream_t stream;
    mien_mode mode;
    mien_mode passing; /**< what operators are asked by whether values pass through */
    bool *learns;      /**< per node, when training */
    mien_gradient *gradients; /**< per parameter, when training */
    uint64_t seed, run;       /**< of what is random in training */
    int64_t batch;
    int threads;
    mien_arena *weights; /**< where packed weights lie, together on large pages */
    mien_packed *packed;
    int packed_count, packed_capacity;
    int64_t weight_packs;
    bool exact;            /**< no Winograd */
    bool batch_statistics; /**< of batch-norms, though nothing is trained */
    bool reads_parameters; /**< a step reads parameters themselves, not packed copies */
    bool channels_last;    /**< what convolutions like best on this processor */
    mien_program *programs[2]; /**< for the micro-batch, and for the rest */
    int64_t micro_batch;
    void *buffer;
    mien_node *inputs;
    float **inputs_data;
    mien_tensor **inputs_gradient; /**< NULL where it is not wanted */
    size_t *inputs_stride; /**< bytes of one item of the batch; 0: same for all */
    int inputs_count;
    mien_node *outputs; /**< each node once */
    int *outputs_of;    /**< asked output → index in outputs */
    int outputs_asked;
    mien_tensor **outputs_data;
    mien_tensor **outputs_gradient; /**< NULL where nothing is trained */
    size_t *outputs_stride;
    int outputs_count;
};

/** Fills a packed weight from the parameters as they are now. */
mien_status mien_pack(mien_plan *plan, mien_packed *packed);
void mien_packed_free(mien_plan *plan);

/** Asks the library which layout an ordinary convolution takes on this processor. */
mien_status mien_plan_probe(mien_plan *plan);

/** Compiles the plan's graph for one micro-batch; packs weights that are not packed
 * yet. */
mien_status mien_program_new(mien_plan *plan, int64_t batch, mien_program **program);
void mien_program_free(mien_program **program);
/** Points every memory at buffer (buffer_bytes, then scratch_bytes). */
mien_status mien_program_place(mien_program *program, char *buffer);
/** Points inputs and outputs at the item `first` of the plan's batch. */
mien_status mien_program_move(
    const mien_plan *plan, mien_program *program, int64_t first);
/** Notes where the memories of our own kernels are: after they were placed or moved. */
void mien_program_locate(mien_program *program);
/** Runs steps [first, last). */
mien_status mien_program_run(
    const mien_plan *plan, const mien_program *program, int first, int last);

/** Lets values live as long as any step has their memory as an argument. */
void mien_program_settle(mien_program *program);
/** Lays storages out so that none overlaps another that lives at the same step. */
mien_status mien_storage_layout(mien_storage *storages, int count, size_t *bytes);

/* ---- the parts of a plan
 * ------------------------------------------------------------- */

/** OpenMP takes its number of threads from the calling thread: sets it and returns what
 * it was, which leave puts back. */
int mien_threads_enter(int threads);
void mien_threads_leave(int before, int threads);

/** Compiles the plan's graph, measuring micro-batches where the options want it. */
mien_status mien_plan_compile(mien_plan *plan, const mien_plan_options *options);
void mien_plan_programs_clear(mien_plan *plan);
/** The forward steps of a program. */
mien_status mien_plan_run_program(const mien_plan *plan, const mien_program *program);

/** Finds out what learns; before inputs and outputs are added. */
mien_status mien_plan_training_init(mien_plan *plan, const mien_plan_options *options);
void mien_plan_training_clear(mien_plan *plan);

/* ---- what a row's prepare() is given ------------------------------------------------
 */

struct mien_builder {
    mien_plan *plan;
    mien_program *program;
    const mien_groups *groups;
    int group;
    mien_value_ref *values; /**< per node; storage -1: not computed */
    mien_value_ref *copies; /**< per node: its value once more, in another layout */
    /* in training, per node: */
    mien_value_ref *gradients;  /**< of its value, so far; storage -1: none */
    mien_value_ref *workspaces; /**< left by forward for backward; storage -1: none */
    mien_value_ref *statistics; /**< two each: a batch-norm's mean and variance */
};

const mien_op_node *mien_builder_node(const mien_builder *b, mien_node node);
/** Node shape with the micro-batch filled in. */
void mien_builder_shape(
    const mien_builder *b, mien_node node, int64_t shape[MIEN_RANK_MAX]);
mien_value_ref mien_builder_value(const mien_builder *b, mien_node node);
/** The node's value in this layout, through a reorder if it has another. */
mien_status mien_builder_as(mien_builder *b, mien_node node,
    const_dnnl_memory_desc_t md, mien_value_ref *value);
mien_status mien_builder_plain(mien_builder *b, mien_node node, mien_value_ref *value);
/** True if the running group is the last to read the node's value, which may then be
 * overwritten. */
bool mien_builder_dies(const mien_builder *b, mien_node node);
/** Keeps a copy of a layout for the program's life. */
mien_status mien_builder_md(
    mien_builder *b, const_dnnl_memory_desc_t md, const_dnnl_memory_desc_t *kept);
/** New room for node's value; straight in the plan's output if it is one and md is
 * plain. */
mien_status mien_builder_new(mien_builder *b, mien_node node,
    const_dnnl_memory_desc_t md, mien_value_ref *value);
/** Says where node's value now is. */
void mien_builder_set(mien_builder *b, mien_node node, mien_value_ref value);
/** The row-major view of the same bytes under node's shape: values pass through. */
mien_status mien_builder_view(
    mien_builder *b, mien_node node, mien_value_ref from, mien_value_ref *view);

/** Makes the input's value the group's, without a step where the layout allows it: the
 * prepare() of operators whose values pass through. */
mien_status mien_builder_pass(mien_builder *b, const mien_group *group);
/** passes() and reference() of those whose values always do. */
bool mien_op_passes(
    const mien_op_node *node, const mien_op_node *const *inputs, mien_mode mode);
void mien_op_pass_reference(const mien_reference *r);

/** Packed weights of a node as layout md, batch-norm `norm` (or NULL) folded in. */
mien_status mien_builder_packed(mien_builder *b, const mien_op_node *node,
    const mien_op_node *norm, mien_packed_kind kind, const char *suffix,
    const_dnnl_memory_desc_t md, dnnl_memory_t *memory);

/** Packed bias [count], batch-norm `norm` (or NULL) folded in. */
mien_status mien_builder_bias(mien_builder *b, const mien_op_node *node,
    const mien_op_node *norm, int64_t count, dnnl_memory_t *memory);

/** Starts a step; arguments follow. NULL when out of memory. */
mien_step *mien_builder_step(mien_builder *b, mien_node node);
mien_step *mien_builder_step_of(mien_builder *b, const mien_op_node *node);
mien_status mien_step_value(
    mien_builder *b, mien_step *step, int arg, mien_value_ref value);
void mien_step_memory(mien_step *step, int arg, dnnl_memory_t memory);
/** Gives a step of our own `count` floats of scratch memory, as DNNL_ARG_SCRATCHPAD. */
mien_status mien_step_scratch(mien_builder *b, mien_step *step, int64_t count);
/** Makes the step's primitive and its scratchpad; pd is destroyed. */
mien_status mien_step_primitive(
    mien_builder *b, mien_step *step, dnnl_primitive_desc_t pd);

/** Attributes with the group's first `count` posts and a user's scratchpad.
 * sum_in_place: for the first sum, whether it is done in the destination. */
mien_status mien_builder_attr(mien_builder *b, const mien_group *group, int count,
    bool in_place, dnnl_primitive_attr_t *attr);
/** How many of the group's posts can be fused, and whether its first sum can be done in
 * the memory of its other operand: at most one sum is. */
int mien_builder_fusable(
    const mien_builder *b, const mien_group *group, bool *in_place);
/** The value that the group's main operator writes to: new room, or its sum's operand.
 */
mien_status mien_builder_target(mien_builder *b, const mien_group *group, int count,
    bool in_place, const_dnnl_memory_desc_t md, mien_value_ref *value);
/** Adds the second operands of fused sums that are not in place to a step. */
mien_status mien_step_posts(mien_builder *b, mien_step *step, const mien_group *group,
    int count, bool in_place);
/** A step that applies an activation; from and to may be the same value. */
mien_status mien_builder_eltwise(mien_builder *b, mien_node node, mien_eltwise eltwise,
    mien_value_ref from, mien_value_ref to);
/** A step that adds (or multiplies) two values, then does all activations of group
 * (or NULL); `to` may be the first of the two values.
 * MIEN_EUNSUPPORTED where the layouts do not go together. */
mien_status mien_builder_binary(mien_builder *b, mien_node node,
    dnnl_alg_kind_t algorithm, mien_value_ref a, mien_value_ref c, mien_value_ref to,
    const mien_group *group);
/** Puts an output where the caller reads it, unless it was computed there. */
mien_status mien_builder_deliver(mien_builder *b, mien_node node);
/** A row-major value of node's shape that lies outside the buffer: item `index` of what
 * the plan has of that kind. */
mien_status mien_builder_outside(mien_builder *b, mien_node node, mien_place place,
    int index, mien_value_ref *value);
/** A step that copies between layouts of node's shape, or of any other. */
mien_status mien_builder_reorder(
    mien_builder *b, mien_node node, mien_value_ref from, mien_value_ref to);
/** The same to a memory that is no value. */
mien_status mien_builder_reorder_to(mien_builder *b, const mien_op_node *node,
    mien_value_ref from, const_dnnl_memory_desc_t md, dnnl_memory_t to);
/** A memory over data that stays where it is; lives as long as the program. */
mien_status mien_builder_fixed(
    mien_builder *b, const_dnnl_memory_desc_t md, void *data, dnnl_memory_t *memory);
/** Does the posts from `first` on as steps of their own, and sets the group's value. */
mien_status mien_builder_finish(
    mien_builder *b, const mien_group *group, int first, mien_value_ref value);
/** Name of the chosen implementation, as "jit_1x1:avx2". */
const char *mien_pd_name(const_dnnl_primitive_desc_t pd);
/** True if the chosen implementation is the library's slow reference code. */
bool mien_pd_is_reference(const_dnnl_primitive_desc_t pd);
const_dnnl_memory_desc_t mien_pd_md(const_dnnl_primitive_desc_t pd, dnnl_query_t what);

#endif
