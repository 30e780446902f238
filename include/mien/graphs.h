/* SPDX-License-Identifier: MIT */
/* Networks that other programs have written down: ONNX files and whole models of Keras
 * taken over into graphs, and models of mien written as ONNX files.
 *
 *     mien_import *import = NULL;
 *     mien_plan *plan = NULL;
 *     mien_status status = mien_import_open("network.onnx", NULL, &import);
 *     if (status == MIEN_OK) {
 *         status = mien_plan_new(
 *             mien_import_graph(import), mien_import_parameters(import), NULL, &plan);
 *     }
 *     if (status == MIEN_OK) {
 *         float *values = mien_plan_input(plan, mien_import_input(import, 0));
 *         values[0] = 1; // and the others
 *         status = mien_plan_run(plan);
 *     }
 *     mien_plan_free(&plan);
 *     mien_import_close(&import);
 */
#ifndef MIEN_GRAPHS_H
#define MIEN_GRAPHS_H

#include "mien/models.h"

#ifdef __cplusplus
extern "C" {
#endif

/** A size that a file leaves open, or fixes for one size only. */
typedef struct mien_import_size {
    const char *input;            /**< its name; NULL: the only input */
    int rank;                     /**< 0: as the file says */
    int64_t shape[MIEN_RANK_MAX]; /**< all dimensions; 0: as the file says */
} mien_import_size;
/** An input that is not read but stays the same for ever. */
typedef struct mien_import_bound {
    const char *input;
    const mien_tensor *tensor; /**< lent during the call */
} mien_import_bound;
typedef struct mien_import_options {
    const mien_import_size *sizes;
    int sizes_count;
    const mien_import_bound *bound;
    int bound_count;
    bool whole; /**< the first dimension of inputs is no batch: all of a run is one
                   item. Default false: the first dimension counts items, whatever
                   number the file has there */
} mien_import_options;
MIEN_API mien_import_options mien_import_options_default(void);

/** A foreign network as a graph of mien's with its weights. */
typedef struct mien_import mien_import;
/**
 * Reads an ONNX file (.onnx, opset 7 to 21) or a whole model of Keras (.h5, .hdf5 with
 * model_config) and takes it over.
 *
 * Weights keep their names where these end in ".weight" or ".bias" of one module.
 * Shapes that the file computes are computed here, once, for the sizes at hand: another
 * size is another import.
 *
 * @return MIEN_EUNSUPPORTED counts and names every operator that mien lacks, or says
 * which node asks for what is not done; MIEN_EFORMAT for a damaged or contradictory
 * file; MIEN_ESHAPE where the sizes do not fit; MIEN_EINVAL for a size of no input;
 *         MIEN_ELIMIT; MIEN_EIO; MIEN_ENOMEM
 */
MIEN_API mien_status mien_import_open(
    const char *path, const mien_import_options *options, mien_import **import);
MIEN_API void mien_import_close(mien_import **import);
/** Lent, as all below. The graph has its inputs under their names. */
MIEN_API const mien_graph *mien_import_graph(const mien_import *import);
MIEN_API mien_parameters *mien_import_parameters(const mien_import *import);
MIEN_API int mien_import_inputs(const mien_import *import);
MIEN_API mien_node mien_import_input(const mien_import *import, int index);
MIEN_API const char *mien_import_input_name(const mien_import *import, int index);
MIEN_API int mien_import_outputs(const mien_import *import);
/** Node [N, …] of an output: with one item's dimensions behind the batch. */
MIEN_API mien_node mien_import_output(const mien_import *import, int index);
MIEN_API const char *mien_import_output_name(const mien_import *import, int index);
/** −1 if there is none of that name. */
MIEN_API int mien_import_output_find(const mien_import *import, const char *name);
/** The format and who wrote the file: "ONNX 11 by pytorch 1.7". */
MIEN_API const char *mien_import_source(const mien_import *import);
/** The graph written down, to be kept in a contract: a map of inputs, nodes and
 * outputs, without weights; the caller frees. */
MIEN_API mien_status mien_import_document(
    const mien_import *import, mien_value **document);

/** The facts that a contract needs and a network's file does not hold. */
typedef struct mien_import_contract {
    const char
        *like; /**< a row of mien_import_likes(), which fills what is NULL; or NULL */
    const char
        *picture; /**< settings of an input of kind picture, "height=112; order=bgr; …":
                       those that are not the usual ones; its size is the graph's */
    const char *faces;   /**< not NULL: it reads faces, which are cut out as these
                            settings of an   input of kind face say, "crop=aligned;
                            template=arcface" ("": as   those of `like`, else the usual
                            ones); colours and size as of   `picture` */
    const char *classes; /**< labels of its logits or probabilities in their order,
                            divided by commas; NULL: none */
    const char *target;  /**< what they are of; NULL: "emotion" */
    const char
        *values; /**< names of the outputs behind them, divided by commas; NULL: none */
    double minimum, maximum;        /**< what −1 and 1 of such a value stand for */
    const char *output;             /**< which of its outputs; NULL: the first */
    const char *licence, *citation; /**< NULL: "unknown", "" */
} mien_import_contract;
MIEN_API mien_import_contract mien_import_contract_default(void);

/** How a network that people share wants to be fed: what its authors' code does. */
typedef struct mien_import_like {
    const char *name, *summary;
    const char *picture, *classes, *values;
    const char *licence;
    const char *faces; /**< how its authors cut faces out */
} mien_import_like;
MIEN_API int mien_import_likes(void);
MIEN_API const mien_import_like *mien_import_like_at(int index);
/** MIEN_ENOTFOUND names the nearest. */
MIEN_API mien_status mien_import_like_find(
    const char *name, const mien_import_like **like);

/**
 * Writes a model as an ONNX file (operators of version 17, IR 8), complete or not at
 * all. A picture enters as bytes [n, H, W, 3], red first, of the size the network
 * reads: scale, means and colour order are in the graph. Other inputs enter [n, item]
 * (or [n, T, item]) as they are measured; where something may be missing "mask" [n, T,
 * M] and "mask.NAME" are inputs too. Each target goes out by its name, probabilities or
 * a value in its own scale, not clamped; of unordered classes NAME_logits too. A
 * read-out is written with its backbone, whose weights are the cache's. Weights keep
 * their names. The metadata holds the contract ("mien"), licence and citation:
 * mien_import_model() makes the same model of it again, whose export has the same
 * bytes. Pictures of another size have to be resized by the caller.
 *
 * @return MIEN_EUNSUPPORTED names operators that have no form there, or an input whose
 * pictures may be missing; MIEN_ENOTFOUND where a backbone's weights are not there;
 * MIEN_ELIMIT beyond 2 GiB; MIEN_EIO
 */
MIEN_API mien_status mien_export_model(const mien_model *model, const char *output);

/**
 * Makes a model of mien's of a foreign network that reads pictures (or rows of values)
 * and gives logits, probabilities or values: its graph stands in the contract, golden
 * vectors are taken here. Where its output is a softmax, that is left to the contract.
 * With rows of values the input is one of features, called as in the file. A file that
 * mien_export_model() wrote becomes the model it was, whatever the contract here says.
 *
 * @return as mien_import_open(); MIEN_EINVAL where the contract does not say what its
 * outputs are, or says another number of them than there are
 */
MIEN_API mien_status mien_import_model(const char *path,
    const mien_import_options *options, const mien_import_contract *contract,
    const char *output);

#ifdef __cplusplus
}
#endif

#endif
