/* SPDX-License-Identifier: MIT */
/* The contents of torch.save()'s pickles: storages, tensors on them, dictionaries of
 * both. Shared by its zip and its legacy format. */
#ifndef MIEN_IO_TORCH_H
#define MIEN_IO_TORCH_H

#include "io/archive.h"
#include "io/pickle.h"

typedef struct mien_torch_storage {
    const unsigned char *key; /* lent from the pickle */
    size_t key_length;
    mien_dtype dtype;
    int64_t count;              /* values */
    const unsigned char *bytes; /* of its values, once the format has found them */
    int64_t member;             /* where else it is (zip) */
    bool untyped;               /* bytes, until a tensor says what they are */
} mien_torch_storage;

typedef struct mien_torch {
    mien_pickle pickle;
    mien_torch_storage *storages;
    int64_t storage_count, storage_room;
    mien_index storage_index; /* by key */
    int64_t tensor_count;
} mien_torch;

/** A part of a storage, as a persistent id names it. */
typedef struct mien_torch_part {
    int64_t storage, offset, count; /* in values */
} mien_torch_part;

/** An OBJECT of such a pickle. */
typedef struct mien_torch_tensor {
    mien_torch_part on;
    mien_dtype dtype;
    int64_t offset;
    int rank;
    int64_t shape[MIEN_RANK_MAX], stride[MIEN_RANK_MAX];
} mien_torch_tensor;

/** Over a pickle stream that stays with its archive; cleared by mien_torch_clear(). */
void mien_torch_init(
    mien_torch *torch, mien_archive *archive, const unsigned char *bytes, size_t count);
void mien_torch_clear(mien_torch *torch);
/** Number of the storage with this key; -1 if no tensor named it. */
int64_t mien_torch_find(const mien_torch *torch, const mien_pickle_value *key);
/** Adds the tensors below `root` to the archive; each entry's storage and offset say
 * where its first value is. Which part of a checkpoint is meant: see torch_list.c.
 * Where that is a whole module, archive->module is set to it. */
mien_status mien_torch_list(
    mien_torch *torch, mien_archive *archive, const mien_pickle_value *root);

/** Is it an instance that has what a torch.nn.Module has? */
bool mien_torch_is_module(const mien_pickle_value *value);
/** An attribute of an instance; NULL if it has none of that name. */
const mien_pickle_value *mien_torch_attribute(
    const mien_pickle_value *instance, const char *name);
/** The part of what a file holds that its tensors come from. */
const mien_pickle_value *mien_torch_meant(const mien_pickle_value *root);

#endif
