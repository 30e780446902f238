/* SPDX-License-Identifier: MIT */
/* The tensors of a model file beside its network's parameters, as one list for writing,
 * reading and counting. */
#ifndef MIEN_MODELS_FILE_H
#define MIEN_MODELS_FILE_H

#include "models/network.h"

#define MIEN_CONTRACT_KEY "mien"
#define MIEN_GOLDEN_SIDE_MAX 1024
/** standardise.NAME.mean and .scale of an input. */
#define MIEN_STANDARD "standardise."

/** One tensor of a file, and where its values are (writing) or are put (reading). */
typedef struct mien_file_tensor {
    char name[96];
    mien_dtype dtype;
    int rank;
    int64_t shape[MIEN_RANK_MAX]; /* -1: any small size */
    bool half;                    /* written as f16 if no value is too large */
    bool optional;                /* may be absent: its pointer is NULL then */
    const float **values;         /* f32; or: */
    const mien_tensor **tensor;   /* of any type */
} mien_file_tensor;

typedef struct mien_file_list {
    mien_file_tensor *items;
    int64_t count, capacity;
    bool failed;              /* memory */
    mien_file_tensor nowhere; /* takes what there is no memory for */
} mien_file_list;

/** Every tensor of a network and its golden vectors but the parameters, in the order of
 * the file. golden [count]: read, or filled. `packed` [count] is where the features of
 * versions up to 3 are, all inputs of a vector in one tensor. */
mien_status mien_file_list_make(mien_network *network, int version,
    mien_golden_input *golden, const float **packed, int64_t golden_count,
    mien_file_list *list);
void mien_file_list_clear(mien_file_list *list);

/** MIEN_EINVAL for NULL and for a value that is not finite; `what` starts the text. */
mien_status mien_values_check(const char *what, const float *values, int64_t count);

/** A model that is in no file of ours: takes the body's graph and parameters over (and
 * empties it) and copies all else. `path` is what messages call it. */
mien_status mien_model_adopt(const char *path, const mien_network *network,
    mien_network_body *body, mien_model **model);

#endif
