/* SPDX-License-Identifier: MIT */
/* How many values of a model are learnt, and how many stay as they were. */
#ifndef MIEN_TRAIN_TALLY_H
#define MIEN_TRAIN_TALLY_H

#include "mien/train.h"
#include "train/network.h"

/** Counts a whole network by branch, fusion and head. `trained`: values of a head that
 * was fitted at once; -1: it is not fitted yet. */
void mien_tally_network(
    const mien_net *net, const mien_study *study, int64_t trained, mien_tally *tally);
/** Counts a read-out over frozen backbones, of which `weights` are the values. */
void mien_tally_readout(const mien_study *study, const mien_dataset *dataset,
    const mien_tally_part *backbones, int count, mien_tally *tally);
/** [{"part", "learnt", "frozen", "most"}], as results.json has it. */
mien_value *mien_tally_value(const mien_tally *tally, mien_status *status);

#endif
