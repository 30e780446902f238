/* SPDX-License-Identifier: MIT */
/* What a network is made of: inputs, branches, fusion and head, and presets of them.
 *
 *     mien_architecture a = mien_architecture_default();
 *     mien_network_nodes nodes;
 *     mien_graph *graph = NULL;
 *     mien_input mood; // rows of three values
 *     a.outputs = 2;
 *     mien_status status = mien_input_features("mood", 3, &mood);
 *     status = status ? status : mien_architecture_add(&a, &mood);
 *     status = status ? status : mien_architecture_preset(&a, "linear", NULL);
 *     status = status ? status : mien_architecture_check(&a);
 *     status = status ? status : mien_graph_new(&graph);
 *     status = status ? status : mien_architecture_build(&a, graph, &nodes);
 *     mien_graph_free(&graph);
 */
#ifndef MIEN_ARCHITECTURE_H
#define MIEN_ARCHITECTURE_H

#include "mien/backbones.h"
#include "mien/inputs.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- parts of a network --------------------------------------------------------- */

/** A row of one of the tables below with its options, as contracts and studies keep it.
 */
typedef struct mien_part_choice {
    char kind[32];       /**< name of the row; "": none */
    char settings[1024]; /**< "key=value; key=value": every key, in the order of the row
                          */
} mien_part_choice;
/** Sets a choice from parsed options of the row's table; NULL: its defaults.
 * MIEN_ELIMIT where they need more letters than there is room for. */
MIEN_API mien_status mien_part_choose(mien_part_choice *choice, const char *kind,
    const mien_option *table, const mien_options *given);

/** Stages that one branch may have. */
#define MIEN_STAGES_MAX 4
/** One input's way to the fusion: a short chain of rows of branches.def. */
typedef struct mien_branch {
    int stages; /**< 0: the items go into the fusion as they are */
    mien_part_choice stage[MIEN_STAGES_MAX];
    int entered; /**< stages before these that are computed elsewhere: names count on */
    char prefix[80]; /**< its parameters' names begin so: "face." and the number of
                          the stage, "face.0.features.0.0.weight"; without a dot at
                          the end it is the name of its only stage, "inputs.sound";
                          "": names as they are published */
    char weights_sha256[65]; /**< not "": its first stage is a published backbone,
                                frozen, whose weights have this hash and are not in the
                                model's file */
} mien_branch;

/** What a network is made of: inputs, a branch for each, a fusion of what they give, a
 * head. */
typedef struct mien_architecture {
    int inputs_count; /**< M ≥ 1 */
    mien_input inputs[MIEN_INPUTS_MAX];
    mien_branch branches[MIEN_INPUTS_MAX]; /**< branches[i] reads inputs[i] */
    mien_part_choice fusion, head;
    char head_prefix[80]; /**< names of the head's parameters begin so: "head." */
    int context_before,
        context_after; /**< items of the same group beside a row's own, for
                            fusions that are temporal: T = before + 1 + after */
    int64_t outputs;   /**< of the head: those of the targets, one after the other */
    const mien_value
        *graphs; /**< of stages `graph`: a map from their names to graphs written
                      down, as mien_import_document() gives them; lent; NULL: none */
    mien_part_choice preset; /**< the row of presets.def that made branches, fusion and
                                head; kind "": none did */
} mien_architecture;
/** No input yet; fusion single, head linear without hidden layers, called "head.". */
MIEN_API mien_architecture mien_architecture_default(void);
/** Adds an input with a branch that has no stage yet and is called as the input.
 * MIEN_ELIMIT beyond MIEN_INPUTS_MAX. */
MIEN_API mien_status mien_architecture_add(
    mien_architecture *architecture, const mien_input *input);
/** Adds a stage to the branch of input i: a row of branches.def with parsed options
 * (NULL: the defaults). */
MIEN_API mien_status mien_architecture_stage(mien_architecture *architecture, int input,
    const char *kind, const mien_options *given);
/** Sets fusion or head by their rows' names and parsed options (NULL: the defaults). */
MIEN_API mien_status mien_architecture_fuse(
    mien_architecture *architecture, const char *kind, const mien_options *given);
MIEN_API mien_status mien_architecture_head(
    mien_architecture *architecture, const char *kind, const mien_options *given);
/** Sets branches, fusion and head as a preset does for the inputs, context and outputs
 * that are there; call it again when one of those changes. */
MIEN_API mien_status mien_architecture_preset(
    mien_architecture *architecture, const char *name, const mien_options *given);
/** The same again with the preset and the settings it has: shapes or outputs have
 * changed. An architecture without a preset stays as it is. */
MIEN_API mien_status mien_architecture_renew(mien_architecture *architecture);
/** MIEN_EINVAL names the first part that cannot be, MIEN_ENOTFOUND the nearest row.
 * Whether a backbone has its layer is found when it is built. */
MIEN_API mien_status mien_architecture_check(const mien_architecture *architecture);
/** T; 1 without context. */
MIEN_API int64_t mien_architecture_steps(const mien_architecture *architecture);
/** Whether the network reads a mask: an input is optional, or there is context, which
 * ends where the group does. */
MIEN_API bool mien_architecture_masked(const mien_architecture *architecture);
/** The first input of a kind ("picture"); -1: none. */
MIEN_API int mien_architecture_input(
    const mien_architecture *architecture, const char *kind);
/** The first input that reads pictures, of whatever kind; -1: none. */
MIEN_API int mien_architecture_picture(const mien_architecture *architecture);
/** Replaces the first stages of input i's branch by an input of kind features with
 * rows of `width` values, which are computed elsewhere and enter behind those
 * stages. Names stay. */
MIEN_API mien_status mien_architecture_enter(
    mien_architecture *architecture, int input, int stages, int64_t width);

/** Where a built network is entered and left. */
typedef struct mien_network_nodes {
    mien_node inputs[MIEN_INPUTS_MAX]; /**< [N, item], or [N, T, item] where T > 1,
                                          oldest first; called as the input */
    mien_node mask; /**< "mask" [N, T, M]: 1 where an item is there, 0 where it is
                       missing and its values are zeros; 1 for inputs that are not
                       optional but where context ends; -1: nothing can be missing */
    mien_node
        seen[MIEN_INPUTS_MAX]; /**< "mask.NAME" [N, steps] (or [N, T, steps]) of inputs
                                    whose items have more than one step; else -1 */
    mien_node branch_first[MIEN_INPUTS_MAX]; /**< nodes [first, end) are the branch's */
    mien_node branch_end[MIEN_INPUTS_MAX];
    mien_node branch[MIEN_INPUTS_MAX]; /**< what it hands to the fusion */
    mien_node fused;                   /**< what the head reads */
    mien_node output;                  /**< [N, outputs] */
} mien_network_nodes;
/**
 * Adds the network to an empty graph.
 *
 * @return as mien_architecture_check(); MIEN_ENOTFOUND names the nearest layer;
 * MIEN_EUNSUPPORTED for parts that are no graph (a read-out's); MIEN_ESHAPE;
 * MIEN_ENOMEM
 *
 * Parameters of a backbone have the published names behind the branch's prefix; the
 * head's linear layers are 0, 1, … behind the head's. Those of the preset aan have the
 * published names of AttendAffectNet (encoder.layers.0.self_attn.linears.0.weight, …,
 * linear.weight), its projections inputs.NAME.weight. Attention weights [N, heads, T,
 * T] are nodes that end in ".weights".
 */
MIEN_API mien_status mien_architecture_build(const mien_architecture *architecture,
    mien_graph *graph, mien_network_nodes *nodes);
/** Draws first parameters: mien_parameters_randomize(), then what the fusion changes
 * (layers that begin as copies of one). */
MIEN_API mien_status mien_architecture_randomize(
    const mien_architecture *architecture, mien_parameters *parameters, uint64_t seed);
/** Refuses a graph that cannot be trained as it is frozen now: MIEN_EUNSUPPORTED
 * names a batch-norm that would learn in the branch of an optional input, where rows
 * without the input would count as zeros. */
MIEN_API mien_status mien_architecture_check_training(
    const mien_architecture *architecture, const mien_graph *graph,
    const mien_network_nodes *nodes, const mien_parameters *parameters);

/** What a part is being built with: in models/parts/parts.h, for the files of the rows.
 */
typedef struct mien_part_build mien_part_build;

/** A row of models/parts/branches.def: a stage from items to rows of values. */
typedef struct mien_branch_kind {
    const char *name, *summary; /**< "backbone" */
    const mien_option *options;
    /** MIEN_EINVAL for options that cannot be; shape: of what it reads where that is
     * the input's item, else NULL. NULL: all go together. */
    mien_status (*check)(const mien_options *options, const mien_item_shape *shape);
    /** x [N, item] or [N, T, item] to rows; failures are the builder's status. */
    mien_node (*build)(mien_part_build *part, mien_node x);
    bool single; /**< reads one item at a time: under context it gets [N × T, item] */
} mien_branch_kind;
MIEN_API int mien_branch_kind_count(void);
MIEN_API const mien_branch_kind *mien_branch_kind_at(int index);
/** MIEN_ENOTFOUND names the nearest. So do the three below. */
MIEN_API mien_status mien_branch_kind_find(
    const char *name, const mien_branch_kind **kind);

/** A row of models/parts/fusions.def: from what the branches give to one row of values.
 */
typedef struct mien_fusion_kind {
    const char *name, *summary; /**< "attention" */
    const mien_option *options;
    bool temporal; /**< looks at items beside a row's own */
    /** MIEN_EINVAL for options that do not go together; NULL: all do. */
    mien_status (*check)(
        const mien_architecture *architecture, const mien_options *options);
    void (*begin)(mien_part_build *part);           /**< before the branches; NULL */
    void (*take)(mien_part_build *part, int input); /**< behind each branch; NULL */
    mien_node (*build)(mien_part_build *part);      /**< [N, F] */
    /** Changes parameters that were just drawn; NULL: nothing to change. */
    void (*start)(const mien_options *options, mien_parameters *parameters);
} mien_fusion_kind;
MIEN_API int mien_fusion_kind_count(void);
MIEN_API const mien_fusion_kind *mien_fusion_kind_at(int index);
MIEN_API mien_status mien_fusion_kind_find(
    const char *name, const mien_fusion_kind **kind);

/** A row of models/parts/heads.def: from the fusion's row to the outputs. */
typedef struct mien_head_kind {
    const char *name, *summary; /**< "linear" */
    const mien_option *options;
    mien_status (*check)(
        const mien_architecture *architecture, const mien_options *options);
    /** [N, F] to [N, outputs]; NULL: it is no part of a graph, but run by the runner.
     */
    mien_node (*build)(mien_part_build *part, mien_node fused);
} mien_head_kind;
MIEN_API int mien_head_kind_count(void);
MIEN_API const mien_head_kind *mien_head_kind_at(int index);
MIEN_API mien_status mien_head_kind_find(const char *name, const mien_head_kind **kind);

/** A row of models/parts/presets.def: a name people know for branches, fusion and head
 * over rows of features. */
typedef struct mien_preset {
    const char *name, *summary; /**< "aan" */
    const mien_option *options;
    bool temporal; /**< its fusion is */
    /** MIEN_EINVAL for options that do not go together; NULL: all do. */
    mien_status (*check)(const mien_options *options);
    /** Fills branches, fusion and head. */
    mien_status (*apply)(const mien_options *options, mien_architecture *architecture);
} mien_preset;
MIEN_API int mien_preset_count(void);
MIEN_API const mien_preset *mien_preset_at(int index);
MIEN_API mien_status mien_preset_find(const char *name, const mien_preset **preset);

#ifdef __cplusplus
}
#endif

#endif
