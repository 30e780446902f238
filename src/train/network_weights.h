/* SPDX-License-Identifier: MIT */
/* The first weights of a study's network. */
#ifndef MIEN_TRAIN_NETWORK_WEIGHTS_H
#define MIEN_TRAIN_NETWORK_WEIGHTS_H

#include "train/network.h"

/** Fills the parameters whose names begin with scope from a backbone's weights; NULL:
 * the cache's. */
mien_status mien_net_load_backbone(mien_net *net, const mien_backbone *backbone,
    const char *scope, const char *weights);
/** Does as train.initials and train.load say. whole: patterns must match something. */
mien_status mien_net_choose_weights(mien_net *net, const mien_study *study, bool whole);

#endif
