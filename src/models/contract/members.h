/* SPDX-License-Identifier: MIT */
/* Layers of several backbones in one list: "pool,efficientnet_lite0/pool". */
#ifndef MIEN_MODELS_MEMBERS_H
#define MIEN_MODELS_MEMBERS_H

#include "mien/models.h"

enum { MIEN_MEMBERS_MAX = 4, MIEN_MEMBER_LAYERS_MAX = 1024 };

/** One backbone of a list, with its layers as an extractor takes them. */
typedef struct mien_member {
    const mien_backbone *backbone;
    char layers[MIEN_MEMBER_LAYERS_MAX];
} mien_member;

/**
 * Cuts a list of layers by the backbones they are of: "NAME/" before a layer, or none
 * for the first. All run on the same picture, each with its own normalisation.
 *
 * @return MIEN_ENOTFOUND names a backbone that is not; MIEN_EINVAL where layers of one
 *         backbone do not stand together, the first has none, or the digest of another
 *         one's weights is not known (a model could not name them); MIEN_ELIMIT
 */
mien_status mien_members_of(const mien_backbone *first, const char *layers,
    mien_member members[MIEN_MEMBERS_MAX], int *count);
/** Whether the published weights of all of them are in the cache: MIEN_ENOTFOUND tells
 * the one command that fetches those that are not. */
mien_status mien_members_weights(const mien_member *members, int count);

#endif
