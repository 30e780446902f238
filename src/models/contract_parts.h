/* SPDX-License-Identifier: MIT */
/* What contracts of all kinds of models share: version, preprocessing, targets. */
#ifndef MIEN_MODELS_CONTRACT_PARTS_H
#define MIEN_MODELS_CONTRACT_PARTS_H

#include "models/keys.h"
#include "models/readout.h"

/** The architectures; each contract is written with the lowest version that knows it.
 */
#define MIEN_ARCHITECTURE_READOUT "readout"
#define MIEN_ARCHITECTURE_NETWORK "network"

/** A version and an architecture that this program knows. */
mien_status mien_contract_check_kind(const mien_value *contract);
mien_value *mien_contract_make_preprocess(const mien_preprocess *p);
void mien_contract_read_preprocess(
    mien_keys *r, const mien_value *map, mien_preprocess *p);
/** A target that is a value. */
mien_value *mien_contract_make_target(const mien_target *t);
void mien_contract_read_target(mien_keys *r, const mien_value *map, mien_target *t);
/** A copy; an empty map for NULL. */
mien_value *mien_contract_make_training(const mien_value *training);

#endif
