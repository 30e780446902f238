/* SPDX-License-Identifier: MIT */
/* A read-out and its contract: checks, and the two ways between struct and JSON. */
#ifndef MIEN_MODELS_READOUT_H
#define MIEN_MODELS_READOUT_H

#include "mien/models.h"

/** What a list of targets may be, of either kind. MIEN_EINVAL names the first that is
 * wrong. */
mien_status mien_targets_check(const mien_target *targets, int count);

/** MIEN_EINVAL names the first field that cannot stand in a contract. Weights are not
 * looked at. */
mien_status mien_readout_check(const mien_readout *readout);

/** The contract, with the number of golden vectors, as a document; the caller frees. */
mien_status mien_contract_make(
    const mien_readout *readout, int64_t golden_count, mien_value **contract);

/** Fills everything but the tensors from a contract, and the number of golden vectors.
 * readout->training is lent from it. MIEN_EUNSUPPORTED for a newer version, another
 * architecture or a part this program does not compute; MIEN_EFORMAT names the key. */
mien_status mien_contract_parse(
    const mien_value *contract, mien_readout *readout, int64_t *golden_count);

/** True for a contract of the architecture "network", false for "readout";
 * MIEN_EUNSUPPORTED for another or for a newer version. */
mien_status mien_contract_is_network(const mien_value *contract, bool *network);
mien_status mien_contract_make_network(
    const mien_network *network, int64_t golden_count, mien_value **contract);
/** As mien_contract_parse(). Lists of classes are made in the arena, their texts lent
 * from the contract. */
mien_status mien_contract_parse_network(const mien_value *contract, mien_arena *arena,
    mien_network *network, int64_t *golden_count);

#endif
