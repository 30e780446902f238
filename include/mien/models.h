/* SPDX-License-Identifier: MIT */
/* Model files and their contract: what goes in, what comes out, and running them.
 *
 *     mien_model *model = NULL;
 *     mien_status status = mien_model_open("image-va", &model); // or a file
 *     int targets = mien_model_targets_count(model);
 *     for (int i = 0; status == MIEN_OK && i < targets; i++) {
 *         const mien_target *target = &mien_model_targets(model)[i];
 *         printf("%s from %g to %g\n", target->name, target->minimum, target->maximum);
 *     }
 *     mien_model_close(&model); // mien_predictor_open() runs one over files
 */
#ifndef MIEN_MODELS_H
#define MIEN_MODELS_H

#include "mien/architecture.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- model files and their contract ------------------------------------------- */

/** The meaning of a network's outputs for a target. */
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

/** The values that the head `readout` has learnt: a sum of blocks over the features
 * of a frozen branch. */
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
#define MIEN_INTERVAL_VALUES_MAX 1024
/** Prediction intervals of the rows that have one value of a column. */
typedef struct mien_after_value {
    const char *value;                              /**< the column's cell; lent */
    mien_after_interval interval[MIEN_TARGETS_MAX]; /**< parts 0: that of all rows
                                                       holds */
} mien_after_value;
/** The steps that follow the network's predictions, as they were when the model was
 * judged. */
typedef struct mien_after {
    mien_after_interval interval[MIEN_TARGETS_MAX]; /**< of targets of numbers */
    char interval_by[64]; /**< column of the trial table by whose values intervals
                             differ; "": one for all rows */
    int values_count;
    const mien_after_value *values; /**< [values_count], different ones; lent */
    mien_after_smoothing
        smoothing[MIEN_TARGETS_MAX];    /**< of each target; rule "": none */
    double set_level[MIEN_TARGETS_MAX]; /**< of targets of classes: how often the truth
                                           is in the conformal set; 0: there are none */
    double set_from[MIEN_TARGETS_MAX];  /**< the set is the answer and every class from
                                           this probability on */
    double temperature[MIEN_TARGETS_MAX]; /**< of targets of classes: logits are divided
                                             by it before probabilities are read; 0 or
                                             1: as they are */
    bool unclamped;                       /**< values may leave the target's range */
    char series[64]; /**< column of the trial table whose equal cells are one series;
                        "": a file is one */
} mien_after;

/** The intervals of rows with such a cell of the column interval_by; NULL: there are
 * none, and those of all rows hold. value NULL: the cell is missing. */
MIEN_API const mien_after_value *mien_after_find(
    const mien_after *after, const char *value);

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
/** The preprocessing of the first input that is a picture; NULL where none is. */
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
